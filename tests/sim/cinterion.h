/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion.h - inside the simulated Cinterion modules, WM01 and WM02
 *
 *   cinterion.c         answers and URCs
 *   cinterion-line.c    the command line: echo, parsing, payloads
 *   cinterion-power.c   the models, power, resets, work that takes a while
 *   cinterion-set.c     settings, identity, indicators, clock
 *   cinterion-net.c     SIM, registration, connection profiles and their bearers
 *   cinterion-serv.c    service profiles: settings, open, close, states
 *   cinterion-conn.c    what Socket and Transparent share: the far side, the end
 *   cinterion-sock.c    ^SISR and ^SISW
 *   cinterion-online.c  the Transparent service's data mode and the way out of it
 *   cinterion-store.c   ^SBNR and ^SBNW
 *
 * The dialect notes' assumptions are named where they are, by their number A-nn.
 */
#ifndef SIM_CINTERION_H
#define SIM_CINTERION_H

#include "at.h"
#include "card.h"
#include "module.h"

#define CINTERION_SERVICES 10
#define CINTERION_BEARERS 6
#define CINTERION_OPEN_MAX 6 /* Socket and Transparent services that are open at once */
#define CINTERION_SLOTS 11   /* 0 is the client's */
#define CINTERION_BLOCK 1500 /* of ^SISR and ^SISW */
#define CINTERION_LINE_MAX 512
#define CINTERION_IMEI "004401080551530"

struct cinterion_traits {
	const char *manufacturer, *model, *revision;
	bool wm01; /* else WM02 */
};

/* What a handler says of its command.  Above 0: that +CME ERROR. */
enum {
	C_OK = 0,
	C_ERROR = -1,  /* the plain word, whatever +CMEE says */
	C_LATER = -2,  /* cinterion_finish() follows */
	C_SILENT = -3, /* it has been answered */
};

enum {
	CME_NOT_SUPPORTED = 4,
	CME_INDEX = 21,
	CME_NO_NETWORK = 30,
	CME_PARAMETERS = 50,
	CME_NOT_NOW = 256,
	CME_FAILED = 767,
	CME_SERVICE_LIMIT = 10000, /* has a text and no number of its own */
};

/* Codes of ^SIS. */
enum {
	SIS_UNAVAILABLE = 13,
	SIS_ABORTED = 14,
	SIS_RESET = 15,
	SIS_TIMEOUT = 20,
	SIS_REJECTED = 21,
	SIS_HOST = 24,
	SIS_CLOSED = 48,
	SIS_ENTITY = 52,
	SIS_SYNTAX = 56,
	SIS_CERT_FORMAT = 63,
	SIS_CERT = 66,
	SIS_TLS_MEMORY = 71,
	SIS_TLS_PROTOCOL = 74,
	SIS_NO_BEARER_PROFILE = 80,
	SIS_NOT_UP = 98,
};

struct cinterion;

enum serv_type { SERV_NONE, SERV_SOCKET, SERV_TRANSPARENT };

/* As the module counts them. */
enum serv_state { SERV_ALLOCATED = 2, SERV_CONNECTING, SERV_UP, SERV_CLOSING, SERV_DOWN };

/* A service profile and, while it is open, its connection. */
struct serv {
	struct cinterion *c;
	int id; /* 0 .. 9 */

	/* settings */
	enum serv_type type;
	int con_id; /* -1: not told */
	int alphabet, tcp_mr, tcp_ot;
	char address[256];  /* as it was told */
	char sec_opt[40];   /* likewise; "" without TLS */
	bool slots[CINTERION_SLOTS]; /* of secOpt; none with -1 */

	/* the address, from the open on */
	char host[256];
	unsigned port;
	unsigned gather_ms; /* Transparent: how long a segment that is not full waits */
	int etx;	    /* -1: none */

	enum serv_state state;
	int error;	    /* the last code of ^SIS; 0: none */
	int refusal;	    /* what the opening will come to; 0: that is to be seen */
	struct far_conn *conn;
	struct fifo tx, rx; /* from the host; to it */
	bool full;	    /* the peer takes nothing more for now */
	bool ring_armed;    /* the next data that is there is announced */
	bool ready_armed;   /* likewise the next room */
	bool send_ended, send_done; /* eod was said; and the peer knows */
	bool ended;	    /* the connection, from the other side */
	enum far_end how;
	bool end_told;
	uint64_t sent, received;
	unsigned local_port;
	char remote_ip[48];
	struct far_params params;
	struct timer dial_timer, start_timer, ready_timer;
};

enum bearer_state { BEARER_DOWN, BEARER_CONNECTING, BEARER_UP };

/* A connection profile and its bearer. */
struct bearer {
	struct cinterion *c;
	int id;
	bool defined;
	char con_type[8], apn[100], user[64], password[64], dns[2][16];
	int inact_to, alphabet;
	enum bearer_state state;
	struct timer timer; /* it is up; it has been idle for long enough */
};

enum cinterion_mode {
	C_OFF,	   /* no power, or booting */
	C_COMMAND, /* reading a command line */
	C_BUSY,	   /* a command runs */
	C_PAYLOAD, /* bytes go to c->payload, no URC comes */
	C_ONLINE,  /* the same for c->online */
};

struct cinterion {
	struct module *m;
	const struct cinterion_traits *traits;
	char model[32], revision[32], identity[80];

	/* the command line */
	enum cinterion_mode mode;
	char line[CINTERION_LINE_MAX + 2];
	size_t len;
	bool overlong, ready, after_cr;
	int infos; /* lines that the running command has printed */
	bool no_answer, no_final;
	bool rate_asked; /* AT+IPR's rate begins behind the answer */
	uint64_t final_ms;
	bool final_seen;
	struct timer work_timer;
	void (*work)(struct cinterion *);
	size_t (*payload)(struct cinterion *, const uint8_t *bytes, size_t len); /* as family_ops.input; it ends the phase itself */
	struct serv *target; /* of the running command */
	bool reading;	     /* the running command is ^SISR for it */
	struct fifo block;   /* its payload, as far as it has come */
	size_t wanted;	     /* bytes of it in all */
	bool eod;	     /* it is the last one */
	struct fifo urcs;    /* held back for now */

	/* settings, all forgotten at a reset */
	struct {
		int echo, verbose, quiet, cmee, c, d, q, creg, cgreg, cmer[4], sind;
		long ipr;
		bool no_urcs; /* Tcp/WithURCs off */
	} p;
	char last_cert[2400]; /* the end of the last +CIEV: is_cert, from the id on */
	int64_t clock_offset; /* RTC minus host */
	int clock_zone;
	bool dtr;

	/* SIM and network */
	struct card card;
	int registered;	  /* as +CREG says */
	int network_says; /* what it would answer: 1, 5, 3, 2 */
	struct timer reg_timer, lost_timer;

	struct bearer bearers[CINTERION_BEARERS];
	struct serv serv[CINTERION_SERVICES];
	struct serv *online;
	struct bearer *raising; /* by ^SICO */
	struct store *store; /* cinterion-store.c */

	/* the escape */
	struct {
		int plus; /* of +++, so far */
		uint64_t first_ms, last_ms; /* of its first byte; of the last byte of any kind */
		bool dle; /* the last byte was one, and etx is set */
		struct timer timer;
	} esc;
};

struct cinterion_cmd {
	const char *name;
	int (*set)(struct cinterion *c, const struct at_args *a);
	int (*read)(struct cinterion *c);
	int (*act)(struct cinterion *c);
	unsigned flags;
};

enum { ONLY_WM01 = 1 << 0 };

extern const struct cinterion_cmd cinterion_set_cmds[], cinterion_net_cmds[], cinterion_serv_cmds[], cinterion_sock_cmds[],
	cinterion_online_cmds[], cinterion_store_cmds[];

/* cinterion.c */
void cinterion_info(struct cinterion *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cinterion_info_bytes(struct cinterion *c, const char *head, const void *bytes, size_t len); /* head, line end, bytes, line end */
void cinterion_line_out(struct cinterion *c, const char *text); /* <CR><LF>text<CR><LF>, at once; part of the answer */
void cinterion_finish(struct cinterion *c, int result);
void cinterion_urc(struct cinterion *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool cinterion_may_speak(const struct cinterion *c); /* of its own accord, now */
void cinterion_flush_urcs(struct cinterion *c);
void cinterion_command_mode(struct cinterion *c);
const char *cinterion_gap(const struct cinterion *c); /* behind a comma, where A-28 has a blank */

/* cinterion-line.c */
size_t cinterion_input(void *state, const uint8_t *bytes, size_t len);
bool cinterion_train(void *state);
unsigned cinterion_delay(struct cinterion *c); /* of an answer */
/* All that comes goes to take(), which ends this by cinterion_finish() or another mode; DTR ends it with C_ERROR. */
void cinterion_payload(struct cinterion *c, size_t (*take)(struct cinterion *, const uint8_t *, size_t));

/* cinterion-power.c */
void cinterion_reset(struct cinterion *c, bool stay_off);
void cinterion_later(struct cinterion *c, void (*work)(struct cinterion *), unsigned in_ms);
int cinterion_power_cycle(struct cinterion *c, void (*then)(struct cinterion *)); /* OK first; C_LATER */

/* cinterion-set.c */
void cinterion_settings_factory(struct cinterion *c);
int cinterion_basic(struct cinterion *c, char prefix, char letter, long number); /* ATE0, AT&D2, AT\Q3 */
int64_t cinterion_clock(const struct cinterion *c);
void cinterion_clock_jump(void *state, int seconds);
bool cinterion_word(const char *value, const char *word); /* case does not count */
bool cinterion_number(const char *value, long min, long max, long *ret); /* in quotes or not */
/* What the module makes of text that was sent to it, by +CSCS "GSM" or as ASCII. */
void cinterion_decode(char *dst, size_t size, const char *text, bool ascii);

/* cinterion-net.c */
void cinterion_net_make(struct cinterion *c); /* once */
void cinterion_net_init(struct cinterion *c); /* at boot */
void cinterion_net_reset(struct cinterion *c);
void cinterion_net_event(struct cinterion *c, enum sim_event event);
void cinterion_swap_card(void *state, const char *pin);
bool cinterion_registered(const struct cinterion *c);
void bearer_raise(struct bearer *b); /* serv_bearer_up() or serv_bearer_failed() follows, not from inside */
void bearer_check_idle(struct bearer *b);
void bearer_drop(struct bearer *b);
int bearer_services(const struct bearer *b); /* that hold it */

/* cinterion-serv.c */
void serv_init(struct cinterion *c, struct serv *s, int id);
void serv_deinit(struct serv *s);
void serv_forget(struct serv *s); /* as at a reset */
int serv_find(struct cinterion *c, const struct at_args *a, struct serv **ret); /* by the first argument; 0, or what is wrong */
const char *serv_type_name(enum serv_type type);
bool serv_secure(const struct serv *s);
bool serv_live(const struct serv *s); /* Connecting, Up or Closing */
void serv_fail(struct serv *s, int code); /* it goes Down, and ^SIS says so */
void serv_say(struct serv *s, int code);  /* ^SIS alone */
void serv_bearer_up(struct bearer *b);
void serv_bearer_failed(struct bearer *b, int code);
void serv_bearer_lost(struct bearer *b, int code);

/* cinterion-conn.c */
void conn_make(struct serv *s);
void conn_dial(struct serv *s); /* the bearer is up, or it comes to s->refusal; not from inside */
void conn_shut(struct serv *s, bool abort); /* keeps what can still be read */
size_t conn_room(const struct serv *s);	/* for bytes from the host */
void conn_send(struct serv *s, const void *bytes, size_t len); /* there is room */
void conn_end_sending(struct serv *s);
void conn_pull(struct serv *s); /* takes what the peer sent and there is room for */
void conn_ring(struct serv *s); /* tells of data that is there, if that is due */
void conn_check_end(struct serv *s);
void conn_want_room(struct serv *s, unsigned in_ms); /* ^SISW tells of room, not before so long */
bool cinterion_dead(const struct cinterion *c); /* no byte moves */
void cinterion_mend(struct cinterion *c, enum fault_dead by); /* of a dead context, when that is what mends it */
void cinterion_wake(struct cinterion *c); /* bytes may move again */
void cinterion_faults(void *state);
const char *sis_text(int code);

/* cinterion-online.c */
void cinterion_online_init(struct cinterion *c);
void cinterion_online_leave(struct cinterion *c); /* without a word, as at a reset */
size_t cinterion_online_input(struct cinterion *c, const uint8_t *bytes, size_t len);
void cinterion_online_pull(struct cinterion *c); /* there is data, or room in the line */
void cinterion_online_end(struct cinterion *c); /* what was online has ended: NO CARRIER, and command mode */
void cinterion_dtr(struct cinterion *c, bool raised);

/* cinterion-store.c */
void cinterion_store_init(struct cinterion *c);
void cinterion_store_reset(struct cinterion *c); /* a frame that was being read is forgotten */
void cinterion_store_deinit(struct cinterion *c);
void cinterion_store_trust(struct cinterion *c, const struct serv *s, struct far_params *p); /* verify and whom to trust */

#endif
