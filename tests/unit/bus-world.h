/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus-world.h - a dbus-daemon of our own, the bus under test on a real loop, and clients; all in one thread
 *
 * Modems and channels are what is in struct world: the functions of modem.h and
 * channel.h that the bus asks are defined in bus-world.c, over these fields.
 */
#ifndef CELLTLS_TESTS_UNIT_BUS_WORLD_H
#define CELLTLS_TESTS_UNIT_BUS_WORLD_H

#include "unit.h"

#include <systemd/sd-bus.h>

#include "bus/bus.h"

#define NAME "org.celltls1"
#define GW0 "/org/celltls1/modem/gw0"
#define CLOUD "/org/celltls1/channel/cloud"
#define MANY 16

struct modem {
	const char *state, *error;
	struct module mod;
	struct modem_figures figures;
	int64_t network_time;
};

struct channel {
	const char *state, *error, *cipher;
	struct channel_figures figures;
	struct tls_peer peer;
	unsigned enforces, weak;
};

struct world {
	char dir[64], address[128];
	pid_t daemon; /* 0: it does not run */
	struct loop *loop;
	struct bus *bus;
	sd_bus *peers[32]; /* pumped together with the loop */
	size_t n_peers;

	struct modem_conf modem_conf[MANY];
	struct channel_conf channel_conf[MANY];
	struct modem modems[MANY];
	struct channel channels[MANY];
	size_t n_modems, n_channels;
	unsigned asked; /* how often a channel's state was */

	bool interactive;	     /* calls allow that a person is asked */
	bool hold;		     /* calls are kept in held, not answered */
	struct bus_call *held[64];
	size_t n_held;
	struct bus_call *left; /* the one of these whose caller left last */
	bool ends;		     /* Reset() frees the bus, from inside its call */
	char called[256];	     /* what the owner was asked last, in words */
	unsigned calls;
};

extern struct world w;

int world_setup(void **state);	  /* a daemon, and one modem gw0 with one channel cloud; skips where there is no dbus-daemon */
int world_teardown(void **state);
void world_config(bool names); /* whether anybody may own one; for the next start or SIGHUP */
void world_start_daemon(void);
void world_stop_daemon(void);
void world_begin(enum bus_which which); /* the bus under test */
void world_await_name(void);		/* until somebody has it */
void world_start(enum bus_which which); /* both */

sd_bus *world_peer(void);		   /* a connection as we are */
sd_bus *world_peer_as(uid_t uid, gid_t gid); /* as somebody else, for which we must be root */
void world_leave(sd_bus *peer);		   /* it disconnects */

void world_pump(void); /* one turn of everything */

/* Until it is true, or the test has failed. */
#define WAIT_FOR(condition) \
	do { \
		uint64_t end_ = world_ms() + 10000; \
		while (!(condition) && world_ms() < end_) \
			world_pump(); \
		assert_true(condition); \
	} while (0)

uint64_t world_ms(void);
void world_pass(unsigned ms);

/* A call and its answer; the types and values of its arguments follow.  reply->m is NULL until it is there. */
struct reply {
	sd_bus_message *m;
	sd_bus_slot *slot;
};

void world_ask(sd_bus *peer, struct reply *, const char *path, const char *interface, const char *member, const char *types, ...);
sd_bus_message *world_answer(struct reply *); /* waits for it; good until reply_done() */
const char *world_error(struct reply *);      /* the same; its name without what all have, "" when it is none */
void reply_done(struct reply *);

#endif
