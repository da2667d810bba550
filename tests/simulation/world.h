/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - the daemon's core and a simulated module in one process, under a virtual clock
 *
 * Everything happens in world_run(): time jumps from deadline to deadline.
 * What happens is told to the story (story.h).
 */
#ifndef SIMULATION_WORLD_H
#define SIMULATION_WORLD_H

#include "base/clock.h"
#include "channel/channel.h"
#include "channel/session.h"
#include "conf/conf.h"
#include "modem/modem.h"
#include "simulation/module-side.h"

/* How a client has ended, as its socket would show it. */
enum client_end { CLIENT_OPEN, CLIENT_EOF, CLIENT_RESET };

struct client {
	struct app app;
	struct world *world;
	struct session *session; /* NULL: turned away, or over */
	struct client *next;
	int dial;		 /* number of the dial that serves it, 0 not yet */

	uint8_t *up;		 /* all that it will ever write */
	size_t up_len, written, taken;
	enum app_end how;
	uint8_t *down;		 /* all that it was given */
	size_t down_len, down_size;
	size_t room;		 /* bytes that it takes before it must read again; SIZE_MAX: any */
	enum client_end end;
	int channel;
	bool in_order;		 /* the daemon says that the server closed, and all is delivered */
	bool explained;		 /* LastError was set since the client came */
	uint64_t failures;	 /* of the channel, when it came */
};

/* What is published of a channel, as it was last told to who watches it. */
struct watch {
	struct world *world;
	struct shown {
		const char *state, *security, *cipher, *version;
		unsigned enforces, weak;
		char error[600];
		struct channel_figures figures;
	} shown;
	bool told, told_figures; /* since the last check */
	uint64_t untold_ms;	 /* since when something else is published; 0: nothing is */
	unsigned n_states;	 /* how often it was told of more than figures */
};

#define WORLD_WANTS 5
#define WORLD_FILES (2 * WORLD_WANTS + 2)

struct world {
	struct clock clock;
	struct side *side;
	struct conf *conf;
	struct modem *modem;
	struct channel *channel[2];
	struct watch watch[2];
	struct client *clients;
	struct timer reopen;
	unsigned reopened;   /* how often the modem asked for that */
	bool line_up;	     /* else nothing goes either way */
	struct { uint8_t *bytes; size_t len; } slots[WORLD_WANTS]; /* what the host remembers to have written; bytes NULL: nothing */
	unsigned pins_tried;
	const char *pin;
	char pin_record[20]; /* the PIN that was tried and not accepted */
	struct modem_want wants[WORLD_WANTS];
	void *files[WORLD_FILES];    /* what they and the secrets point at: freed when others are in their place, as by the daemon */
	size_t n_wants;
	unsigned slot_writes, needless_writes; /* needless: it held just that, by the host's record */
	unsigned escapes;    /* that the daemon wrote */
	uint64_t failures[2]; /* of the channels, at the end of the last turn */
	uint64_t wall_at_s;  /* up to when the wall clock has gone on */
	void (*on_module)(struct world *, const char *what); /* a line of the simulator's log */
	bool noisy;	     /* prints the conversation */
	const char *says, *instead; /* the module's words are altered so, one length; says NULL: not */
	size_t said_so_far;
	bool byte_by_byte;   /* the line brings one byte at a time */
	int dialling;	     /* the socket that the module dials for, where it has several and says so; -1: it has said nothing */
	bool cinterion;	     /* the module's family */
	const char *leaf;    /* thumbprint of a certificate that the host holds, for the name in it; NULL: none */
	char said[1 << 16];  /* commands to the module, one a line; the latest are kept */
	size_t said_len;
};

struct world_conf {
	struct side_conf side;
	const char *channel; /* more of the channel's group, "mode = \"command\";" say; NULL: nothing */
	const char *tls;     /* of channel "one"; NULL: verify = "none"; */
	const char *remote;  /* of channel "one"; NULL: "one.example:443" */
	const char *two;     /* all of channel "two" but name and modem; NULL: command mode, two remotes, unverified */
	const char *modem;   /* more of the modem's group */
	const char *clock;   /* which one is believed; NULL: host */
	const char *pdp;     /* more of its pdp group */
	const char *pdp_password;
	bool alone;	     /* without channel "two" */
	const char *pin;
	const char *certs[3]; /* ca, cert, key; NULL: none; cinterion: world_ca() of the first, in slot 1 */
	unsigned cas;	     /* cinterion: so many in the slots behind the client's certificate, which signs */
	bool key_too;	     /* cinterion: and the client's key goes with it */
};

/* What stands for this text in a store that wants real certificates. */
struct store_item;
const struct store_item *world_ca(const char *text);

void world_start(struct world *w, const struct world_conf *conf);
void world_stop(struct world *w);
void world_restart(struct world *w, const struct world_conf *conf); /* the daemon dies and starts anew; the module lives on */
/* The daemon takes another configuration and lives on; anew: the modem has to go down and start anew for it. */
void world_change(struct world *w, const struct world_conf *conf, bool anew);
void world_forget_slots(struct world *w); /* the host's record is lost */
void world_end_in_order(struct world *w); /* begins what SIGTERM does; modem_stopped() when that is done */
void world_line_down(struct world *w);
void world_line_up(struct world *w);
void world_run(struct world *w, uint64_t ms);
bool world_run_until(struct world *w, bool (*done)(struct world *), uint64_t limit_ms);
bool world_ready(struct world *w);

struct client *world_client(struct world *w, int channel);
struct client *world_dialler(struct world *w, int number); /* whose session this dial, which begins now, is made for; NULL: nobody's */
void client_write(struct client *c, const void *bytes, size_t len);
void client_shut(struct client *c);
void client_leave(struct client *c);
void client_reads(struct client *c, size_t room);

/* Commands that the module was given, and how many of them begin with this. */
void world_forget_said(struct world *w);
unsigned world_said(const struct world *w, const char *start);

/* world-watch.c: nothing that is published of a channel changes without a word; the test fails where it does. */
void watch_begin(struct world *w, int channel);
void watch_check(struct world *w, int channel);

/* For the story, and a line among the conversation's when that is shown. */
void world_say(struct world *w, const char *who, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Fails the test with a message that names the seed, and the story. */
extern uint32_t world_seed;
void world_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
