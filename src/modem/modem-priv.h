/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-priv.h - shared by the files of this folder only
 */
#ifndef CELLTLS_MODEM_MODEM_PRIV_H
#define CELLTLS_MODEM_MODEM_PRIV_H

#include "base/buf.h"
#include "base/log.h"
#include "base/tally.h"
#include "modem/modem.h"
#include "modem/sock.h"

#define SOCKS_MAX 8
#define SOCK_TX_MAX 1500 /* most of any family's send_max */
#define SOCK_CHUNK 65536 /* pulled at once online */
#define SOCK_POLL_FIRST_MS 1000 /* after the last byte, where a URC tells of the next */
#define SOCK_ESCAPES_MAX 2	/* that fail in a row */

enum sock_phase {
	SOCK_PHASE_FREE,
	SOCK_PHASE_OPENING,
	SOCK_PHASE_ONLINE,
	SOCK_PHASE_COMMAND,
	SOCK_PHASE_CHECKING,   /* was that NO CARRIER the module's? */
	SOCK_PHASE_SUSPENDING, /* online to command */
	SOCK_PHASE_LENT,       /* suspended, while an admin's command has the line */
	SOCK_PHASE_RESUMING,   /* command to online */
	SOCK_PHASE_CLOSING,
};

struct sock {
	struct modem *modem;
	int index;
	enum sock_phase phase;
	const struct sock_user *user; /* NULL: left; the sock is closed when it can be */
	void *arg;
	struct sock_op op;
	char host[256];
	struct tls_plan plan;
	unsigned suite_at;     /* which of the plan's suites is dialled with */
	int dial_result;       /* below 0: the dial failed, and the user is told when all is closed */
	enum dial_cause cause; /* of the last dial that failed */
	uint64_t until_ms;     /* the limit of the dial, whatever suites it goes through */
	enum conf_mode mode;
	bool excursion;	       /* online for bytes that command mode cannot carry */
	bool busy;	       /* a command-mode job runs */
	bool sent_last;	       /* it was a send: a receive is due next */
	bool readable;	       /* the module said so, or did not say no */
	bool ended;	       /* it said that the stream is over */

	/* dialect.opens_by_event */
	bool awaiting;	       /* open is done: what comes of it is to come by event, or by asking */
	bool up;	       /* it is open */
	bool told;	       /* of the server's certificate: peer holds it */
	bool seen;	       /* status has said what no event has: that gets a moment more */
	struct tls_peer peer;
	bool (*name_fits)(void *arg, const char *host, const struct tls_peer *);
	void *name_arg;
	char pin[80];

	/* dialect.drains, and the words of the end where the line was the socket */
	enum { OVER_NO, OVER_UNTOLD, OVER_IN_ORDER, OVER_RESET } over; /* untold: by a refusal, or by status */
	bool drained;	       /* what came before the end is read */
	bool blocked;	       /* it takes no bytes for now */
	bool end_sent;	       /* the server knows that no more will come */
	struct timer again;    /* bytes may be offered again; or the end has waited long enough for an app that does not read */

	bool asked_again;      /* how it stands, after an answer that was another command's */
	bool read_out;	       /* a read said so: all that the server sent was read */
	bool reading_stopped;  /* online, for back-pressure */
	bool wrote;	       /* bytes of the app left since data mode began */
	uint64_t left_ms;      /* when the last byte left that was sent before the suspicious line */
	uint32_t poll_ms;      /* to the next poll without a URC */
	struct timer poll;
	struct timer quiet;    /* ends an excursion */
	unsigned escapes;      /* that failed in a row */
	enum { DOUBT_NONE, DOUBT_DUE, DOUBT_ASKED } doubt; /* whether the session still is, for the sake of dialect.data_doubt, */
	size_t doubt_at;       /* of which so much has come in a row */
	bool looking;	       /* suspended only to see whether it is alive */
	uint64_t moved_ms, heard_ms; /* online: last byte either way, last byte down */
	uint8_t tx[SOCK_TX_MAX];
	int suite_used;
	bool resumed;
	bool lost;	       /* with the modem, which says so itself */
	char problem[400];
};

/* modem-time.c */
struct modem_time {
	int64_t network_s;  /* the latest reading that was taken, UTC; 0: none */
	uint64_t at_ms;	    /* when that was */
	uint64_t asked_ms;  /* when the module's clock was last read, in this life of the module; 0: not yet */
	bool asking;
	bool told;	    /* the network has set the clock and it was not read since */
	bool set;	    /* the host has set the clock, or tried, in this life of the module */
	bool setting;	    /* it is about to */
	bool by_host;	    /* what the clock shows is the host's, as far as is known */
};

/* What is wrong, and so where the way back begins. */
enum trouble {
	TROUBLE_LINE,	  /* no answer, or none that is one */
	TROUBLE_MODULE,	  /* it answers, but does not do what it must */
	TROUBLE_NETWORK,  /* registration, attach, context */
	TROUBLE_COVERAGE, /* no network in reach */
	TROUBLE_DIALS,	  /* all is well, says the module, and no dial gets through */
	TROUBLE_ASKED,	  /* none: somebody wants it to start anew */
	TROUBLES,
};

/* modem-ladder.c */
struct ladder {
	enum trouble trouble;	   /* the latest */
	enum modem_rung rung;	   /* that the way up begins with */
	int row;		   /* of the trouble's column, while it is still to be taken; else -1 */
	unsigned place[TROUBLES];  /* in the column */
	unsigned falls;		   /* failures in a row */
	unsigned losses;	   /* of the context, in a row */
	unsigned dials;		   /* that nobody answered, in a row */
	uint64_t used_ms[MODEM_RUNGS]; /* when last; 0: never */
	uint64_t ready_ms;	   /* since when it is ready; 0: it is not */
	bool expected;		   /* the tty may vanish and come back: that is no new beginning */
	bool asked;		   /* for a reset, which is told to it when it listens */
	char why[256];		   /* of this fall */
};

/* modem-rate.c */
struct rate_search {
	unsigned now;	 /* the host's, bit/s */
	unsigned number; /* in the round */
	unsigned tries;	 /* to give the module the configured one */
	bool searching, left; /* left: the module keeps its own */
};

/* modem-command.c */
struct modem_asked {
	char text[AT_CMD_MAX + 1], prefix[AT_CMD_MAX + 2];
	struct at_step steps[5];
	uint32_t timeout_ms;
	modem_command_fn *done; /* NULL: nobody waits */
	void *arg;
	bool queued;	     /* its job is with the engine */
	bool written;	     /* and on the line */
	bool connected;	     /* it began data mode */
	bool ended;	     /* result and why are known, and told on the next turn */
	int result;
	char why[300];
	struct buf answer;
	bool too_long;
	struct sock *of;     /* whose line it was lent; NULL: nobody's */
	struct timer turn;   /* its turn may have come */
	struct timer limit;  /* for that */
	struct timer tell;
};

struct modem {
	struct modem_params p;
	struct clock *clock;
	struct wire *wire;
	struct at *at;
	struct module mod;
	const struct dialect *dialect;
	struct modem_op op;
	enum modem_state state;
	struct timer timer;   /* limit of the state, next try, next look */
	struct timer news;    /* host->changed on the next turn */
	struct timer serve;
	struct modem_figures figures;
	struct modem_time time;
	struct ladder ladder;
	struct rate_search rate;
	struct modem_asked asked;
	enum sim_state sim_seen; /* in MODEM_FAILED */
	bool pin_unsure;      /* it was given, and no answer came */
	uint64_t pin_after;   /* figures.commands before it was to be given */
	unsigned strange;     /* names of no known module, in a row and alike */
	unsigned polls;	      /* of the registration */
	uint64_t uncovered_ms; /* since when there is no network; 0: there is one */
	bool looking;	      /* a supervision job runs */
	unsigned room;	      /* for so many sockets, as a refusal has shown; 0: it has not */
	uint64_t room_until_ms; /* and so long it is believed */
	bool stopping, turning_back, going_down, stopped; /* turning_back: before it was ready */
	char error[256];
	struct tally tally;   /* of its lines in the log */
	bool alarmed;	      /* the log has trouble in it, and not yet its end */

	struct sock socks[SOCKS_MAX];
	TAILQ_HEAD(modem_claims, modem_claim) claims;

	/* the TLS session that the module keeps, for which dial; "" none */
	char kept[384];

	/* slots.c */
	size_t want;	      /* the one at work */
	struct slot_op slot_op;
	struct buf slot_text; /* what the module gave back */
	int slot_sign_error;  /* of the signature that the latest write needs; 0 */
	char slot_errors[DIALECT_SLOTS][400]; /* by want */
	bool slots_spoiled;   /* one of them may be well when it is tried again */
	unsigned slots_wait_s; /* until then; grows, for the sake of the flash */
	uint64_t slots_again_ms;
	uint64_t slots_hold_ms; /* nobody is served until then, so that all sockets come free; 0: served */
	bool slots_writing;    /* what became of the latest write is not known yet */
	unsigned slots_lost;   /* writes in a row that were never known: the module was gone before */
};

/* Every line that may come again: what goes on for long, or comes back each day, is told ever less often. */
#define modem_log(m, level, ...) tally_log(&(m)->tally, (m)->clock->now_ms, (level), "modem", (m)->p.conf->name, __VA_ARGS__)

/* modem.c */
void modem_changed(struct modem *);
void modem_enter(struct modem *, enum modem_state);
void modem_trouble(struct modem *, enum trouble, const char *why); /* whatever runs is over; rest, then the way back */
void modem_end_socks(struct modem *, const char *why);
void modem_fail(struct modem *, const char *why); /* the module is in trouble */
void modem_give_up(struct modem *, const char *why); /* nothing helps but an admin */
void modem_repair(struct modem *);		  /* app bytes may have reached the command line: all settings anew */
void modem_context_lost(struct modem *, const char *why);
void modem_begin_anew(struct modem *, const char *why); /* from the setup: the context is gone, and nobody is to blame */
void modem_set_rules(struct modem *);
unsigned modem_silent_max(const struct modem *); /* unanswered commands in a row that condemn the line now; 0: none does */
void modem_note(struct modem *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* modem-up.c: what the scripts of the way up have found out */
void modem_identified(struct modem *);
void modem_sim_known(struct modem *);
void modem_pin_given_up(struct modem *); /* MODEM_UNLOCKING is left without a result */
void modem_sim_watch(struct modem *); /* in MODEM_FAILED: another SIM may be put in; sets m->timer for the next look */
void modem_sim_changed(struct modem *); /* says the module, while it is watched */
void modem_sim_look(struct modem *);
void modem_registration_known(struct modem *);

/* modem-ladder.c */
void ladder_new_line(struct modem *);
void ladder_ready(struct modem *);
void ladder_ask(struct modem *, const char *why); /* for a reset, as soon as the module listens */
void ladder_forget(struct modem *); /* the line is given up */
bool ladder_lost_again(struct modem *); /* the context was lost; true: not for the first time */
uint32_t ladder_fall(struct modem *, enum trouble); /* m->error says why: chooses the rung; returns the rest before it, in ms */
void ladder_rested(struct modem *);
bool ladder_awake(struct modem *); /* the module listens, or is known; true: the rung is taken in MODEM_MENDING */
const struct at_step *ladder_script(const struct modem *); /* what it says there */
const char *ladder_note(const struct modem *); /* and how a transcript calls it */
void ladder_mended(struct modem *, int result);
bool ladder_due(const struct modem *, enum trouble); /* there is a rung for it, and not used too lately */
bool ladder_dials_dead(struct modem *); /* so many dials failed that a rung is due; said once */
void modem_dial_over(struct modem *, enum dial_cause, bool ok); /* of every dial, however it ended */

/* modem-rate.c */
unsigned modem_rates(const struct modem *); /* of a round; 0: the line has no rate */
void modem_rate_new_line(struct modem *);
void modem_rate_first(struct modem *); /* the host's rate becomes the first of a round */
bool modem_rate_next(struct modem *);  /* the next; false: there is no round, or it is over */
void modem_rate_heard(struct modem *); /* the module answers here */
bool modem_rate_wrong(const struct modem *); /* and is to be given the configured one */
void modem_rate_set(struct modem *, int result); /* of the driver's set_rate */

/* modem-look.c */
void modem_look(struct modem *);
void modem_look_in(struct modem *, uint32_t ms);
void modem_look_soon(struct modem *); /* a dial failed: was it the context, or the module? */
struct sock *modem_line_owner(struct modem *); /* the one whose bytes are on the line; NULL: none */
void modem_leave_foreign_network(struct modem *);

/* modem-command.c */
void modem_command_init(struct modem *);
void modem_command_due(struct modem *);	 /* the line may be free, or may be lent */
bool modem_command_lent(struct modem *, struct sock *); /* false: none waits; else sock_take_back() comes */
void modem_command_lost(struct modem *); /* the modem is not, or not for long, ready: what is not written yet ends */
void modem_command_free(struct modem *);

/* modem-time.c */
void modem_time_forget(struct modem *);	     /* another module, or the same one after a reset */
void modem_time_told(struct modem *);	     /* the network has set the module's clock */
void modem_time_before_tls(struct modem *);  /* the last chance to read it before the host sets it; prepares op for that */
void modem_time_was_set(struct modem *);     /* the script that sets it is done, or given up */
void modem_time_look(struct modem *);	     /* reads or sets it when that is due and the line is free */

/* modem-turns.c */
unsigned modem_sockets_used(const struct modem *);
void modem_serve_now(void *modem); /* what modem_serve() has done on the next turn */
void modem_turn_back(struct modem *); /* to be stopped, and not ready */

/* modem-events.c */
extern const struct at_owner modem_at_owner;

/* sock.c */
void sock_init(struct sock *, struct modem *, int index);
void sock_fail(struct sock *, const char *why); /* nothing of it is alive any more */
void sock_event(struct sock *, const struct dialect_event *);
void sock_data(struct sock *, const void *bytes, size_t len);
void sock_room(struct sock *);
void sock_suspect(struct sock *);
void sock_look(struct sock *); /* time to look after it, when the line is its own */
bool sock_has_line(const struct sock *); /* the line is, or becomes, its own */

/* sock.c, for the files that dial and that move its bytes */
struct sock *sock_of(void *op);
bool sock_stands(const struct sock *); /* by the status that was just asked for */
void sock_submit(struct sock *, enum sock_phase, const char *what, const struct at_step *, at_done_fn *);
bool sock_job_over(struct sock *, int result); /* false: it was cancelled with everything else, sock_fail() has done the rest */
void sock_set_problem(struct sock *, const char *why, const char *advice);
void sock_module_problem(struct sock *, int result); /* the module's own words, and what can be done */
void sock_read_on(struct sock *);
void sock_end_of_stream(struct sock *, const char *lost); /* the module says that it is closed, or down; lost: why not in order, or NULL */
void sock_event_error(const struct dialect_event *, struct at_error *ret); /* of an EVENT_SOCK_ENDED */
void sock_event_problem(struct sock *, const struct at_error *);
bool sock_learn_end(struct sock *, struct at_error *ret); /* what the status says of it, into over and problem; false: nothing new */
void sock_let_go(struct sock *, bool in_order);	    /* the stream is over; what is left of it in the module is closed */
void sock_begin_close(struct sock *);
void sock_closed_for_good(struct sock *); /* nothing of it is left on the module; a user that waits for its dial hears now that it failed */

/* sock-dial.c */
const struct dialect_suite *sock_suite_used(const struct sock *); /* the negotiated one; NULL: not known */
void sock_go_live(struct sock *);
void sock_dial_event(struct sock *, const struct dialect_event *);
void sock_dial_poll(struct sock *); /* time to ask what came of it */

/* sock-online.c */
void sock_push(struct sock *);
void sock_forget_ahead(const struct sock *); /* what was pulled and the line did not take */
void sock_begin_resume(struct sock *);
void sock_begin_probe(struct sock *); /* is it online, or not? */
void sock_lend(struct sock *); /* suspends it for an admin's command, where that may be */
void sock_take_back(struct sock *);
void sock_quiet(void *sock); /* timer: the end of an excursion */

/* sock-command.c */
void sock_run(struct sock *); /* whatever there is to do in this phase */
void sock_poll_due(void *sock);
void sock_again(void *sock); /* timer */

/* slots.c: runs in MODEM_SLOTS and enters MODEM_READY */
void slots_start(struct modem *);
bool slots_due(const struct modem *); /* time to try again what failed, or to compare with other wants */
bool slots_hold(struct modem *); /* due, and some sockets are in use: whether clients are to wait for that, which is bounded */
void slots_changed(struct modem *);
const struct dialect_slot *slots_find(const struct modem *, const char *name); /* or alias; NULL: none, or no dialect yet */
void slots_moved(struct modem *); /* the same wants are elsewhere in memory now */

#endif
