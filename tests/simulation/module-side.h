/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module-side.h - the simulated module and its network, for a test that also includes the daemon's headers
 *
 * Daemon and simulator each have a struct module; only module-side.c sees the simulator's.
 */
#ifndef SIMULATION_MODULE_SIDE_H
#define SIMULATION_MODULE_SIDE_H

#include "at/wire.h"
#include "base/clock.h"

struct side;

enum side_peer { SIDE_COLLECT, SIDE_ECHO, SIDE_FLOOD, SIDE_REFUSE, SIDE_SILENT, SIDE_UNTRUSTED };

#define SIDE_AUTOBAUD 1 /* the module's rate: that of the first "AT" */

struct side_conf {
	const char *family;
	unsigned line_rate;  /* bit/s, 0: no pace */
	unsigned module_rate; /* bit/s that the module's UART begins with, SIDE_AUTOBAUD; 0: any is understood */
	unsigned latency_ms;
	uint32_t seed;
	bool without_sendext, without_ring, without_reboot, without_enhrst;
	unsigned boot_ms, register_ms, attach_ms, activate_ms; /* how long they take; boot: 0 is a second */
	const char *sim_pin; /* NULL: none */
	bool no_sim;
	const char *pdp_user, *pdp_password; /* NULL: any */
	bool clock_unset;      /* the module's clock starts in 2004 */
	int64_t network_time;  /* at the start, seconds since 1970; 0: the world's, -1: the network tells none */
	int time_zone;	       /* of the network, quarters of an hour */
	const char *faults;  /* NULL: none */
	bool outq_hidden;    /* the line does not tell what it has not sent yet, as a pty */
	bool carrier;	     /* the line has a carrier signal that means something */
	unsigned tls_sockets; /* cinterion: that the module has; 0: two */
	bool no_spaces;	     /* cinterion: none behind the commas of its words */
	bool dtr;	     /* and DTR goes through */
};

struct side *side_new(struct clock *, const struct side_conf *);
void side_free(struct side *);

struct wire *side_wire(struct side *); /* for the daemon's core */

unsigned side_rate(const struct side *); /* that the host's side of the line has now; line_rate to begin with */

/* What the module has for the host; dropped by the call after it was used.  NULL: nothing, or reading is stopped. */
const void *side_output(struct side *, size_t *ret_len);
void side_output_drop(struct side *, size_t len);
bool side_has_room(struct side *); /* the wire refused something before and has room now; said once */

/* What a dial was like, and what became of it. */
struct side_dial {
	const char *host;
	unsigned port, verify;
	size_t ca_len, cert_len, key_len, n_offered;
	unsigned offered[8]; /* IANA numbers */
	int64_t now_s;	     /* the module's clock */
	bool tls, resumed, open, module_closed;
	bool finished; /* by the module's side: it has no more to say, and reads on */
};

/* Dials and their peers by number, 1 ..., and what the next ones do by themselves. */
void side_next_peer(struct side *, enum side_peer mode, size_t flood);
void side_next_peers(struct side *, const char *letters); /* of the next dials: c e f r s u as above; then as side_next_peer() said */

/* What the servers of the next dials show; NULL: as ever, one whose CN is the host's name.  An empty subject: the module does not tell. */
struct side_leaf {
	const char *subject, *issuer;
};
void side_next_leaf(struct side *, struct side_leaf);
void side_on_dial(struct side *, void (*fn)(void *arg, int number), void *arg); /* called for each, before anything else */
void side_dial_takes(struct side *, uint64_t ms);
void side_refuse_resumption(struct side *, bool on);
int side_dials(const struct side *);
struct side_dial side_dial(const struct side *, int number); /* 1 ...; it must have been */
bool side_open(const struct side *, int number);
void side_send(struct side *, int number, const void *bytes, size_t len);
void side_close(struct side *, int number);
void side_abort(struct side *, int number);
void side_break(struct side *, int number); /* a record that the module cannot take */
void side_takes(struct side *, int number, size_t room); /* so many bytes more; SIZE_MAX: any */
int side_open_dials(const struct side *); /* how many are open */
uint64_t side_peer_received(const struct side *, int number); /* bytes in all, of dial `number` (1 ...) */
const uint8_t *side_peer_bytes(const struct side *, int number, size_t *ret_len); /* all of them */
uint64_t side_peer_sent(const struct side *, int number); /* bytes that the module took */
uint8_t side_pattern(uint64_t i); /* byte number i of a flood */

/* The same of the latest dial. */
bool side_peer_open(const struct side *);
void side_peer_send(struct side *, const void *bytes, size_t len);
void side_peer_close(struct side *);
void side_peer_abort(struct side *);
void side_peer_break(struct side *);
void side_peer_takes(struct side *, size_t room);

/* Accidents. */
enum side_accident { SIDE_RESET, SIDE_DROP_CONTEXT, SIDE_REMOVE_SIM, SIDE_INSERT_SIM, SIDE_PEER_CLOSE, SIDE_PEER_ABORT,
	SIDE_DEREGISTER, SIDE_REGISTER, SIDE_ROAM, SIDE_DENY, SIDE_POWER };
void side_accident(struct side *, enum side_accident);
void side_swap_sim(struct side *, const char *pin); /* another card, NULL: that asks for no PIN */
void side_network_time(struct side *, int64_t seconds); /* the network tells it now; 0: its own time */
void side_garbage(struct side *, size_t len);
void side_mute(struct side *, bool on);
void side_host_mute(struct side *, bool on); /* nothing that the host writes leaves it: it is dead */
void side_on_event(struct side *, void (*fn)(void *arg, const char *what), void *arg); /* what the module logs but commands and answers */
void side_fault(struct side *, const char *spec); /* "none" takes all back */
void side_urc(struct side *, const char *text);
void side_type(struct side *, const char *text); /* bytes on the module's input, as if the host had written them */

uint64_t side_counter(const struct side *, const char *name); /* of the simulator's counters */

#endif
