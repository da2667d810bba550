/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.h - one life of a daemon and a module, with its clients, servers and accidents, from a seed
 *
 * There are three kinds.  Clean ones and those with faults in the module's
 * behaviour: every byte counts (P1).  Those with noise on the line: a byte may be
 * wrong, but never another session's (P3), and P4 to P9 hold.
 */
#ifndef SIMULATION_LIFE_H
#define SIMULATION_LIFE_H

#include "channel/channel-priv.h"
#include "simulation/world.h"

#define DIALS_MAX 400
#define GUESTS_MAX 44
#define SAID_MAX 40000

enum kind { CLEAN, FAULTY, NOISY };

/* A client, and how far it is judged. */
struct guest {
	struct client *c;
	int number;	     /* none of the dials' */
	int channel;
	enum session_phase phase;
	uint64_t since_ms;   /* in this phase; FLUSHING: since it last read */
	size_t read;
	size_t down_judged;
	bool over;	     /* its end is judged */
	bool killed;	     /* with the daemon: the kernel ended it, and nobody can say how */
	bool foreign;	     /* what comes from foreign_from on may be the text of a module that left data mode where nothing tells */
	size_t foreign_from;
};

/* One connection as the server sees it. */
struct dial {
	struct guest *owner; /* whose session it was made for; NULL: nobody's any more */
	uint8_t *said;	     /* by the server */
	size_t said_len;
	bool closed;	     /* by the server, in order */
	bool ended;	     /* by the server, in any way */
	bool cut;	     /* something has happened that loses bytes and may look like an end in order */
	bool settled;	     /* nothing of it can change any more, and it is judged */
	bool deaf;	     /* the module was mute meanwhile, or its CONNECT may not have come */
	size_t up_judged, up_at; /* bytes that the server has, and how many of the app's those are */
	unsigned escapes, escapes_before; /* among them; that the daemon had written before */
};

struct life {
	struct world w; /* first: a callback of the world is given this */
	struct world_conf conf;
	char modem_conf[200], channel_conf[200], two_conf[200];
	uint32_t random;
	enum kind kind;
	bool cinterion;	    /* a module with several sockets */
	bool server_verify; /* channel "one" asks for it */
	bool no_sim, mute, swallows; /* swallows: answers do not come, CONNECT among them */
	bool stuck; /* connections could not be closed for a while */
	unsigned asked, answered; /* commands of an admin's */
	enum modem_state state;
	uint64_t state_since_ms;
	struct dial dials[DIALS_MAX + 1];
	struct guest guests[GUESTS_MAX];
	int n_guests, n_dials, judged; /* judged: dials before the noise ended */
};

/* life.c */
void live(uint32_t seed);
void life_run(struct life *, uint64_t ms);
uint32_t life_pick(struct life *, uint32_t limit);
int life_dial(struct life *); /* the number of one whose server is still there; 0: there is none */
bool life_dial_lives(const struct life *, int number); /* bytes of it may be on their way, or its end */

/* life-speech.c */
struct text {
	uint8_t bytes[8192];
	size_t len;
};
void life_speak(struct life *, struct text *, size_t most, char side, int number);

/* accidents.c */
void life_strike(struct life *); /* faults from now on */
void life_accident(struct life *);
void life_daemon_dies(struct life *); /* and starts anew */
void life_troubles_end(struct life *);
void life_module_event(struct world *, const char *what);

/* promises.c */
void promises_hold(struct life *);		   /* at any moment */
void promises_of_dial(struct life *, int number);  /* P1, P3: all that server and app have */
void promises_at_dial(struct life *, int number);  /* P5: it begins */
void promises_of_quiet(struct life *, struct guest *); /* P2, of a session that nothing disturbed */

#endif
