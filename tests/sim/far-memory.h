/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-memory.h - a network of peers in memory, scripted by a test
 *
 * Each dial makes a peer.  What it does by itself is set beforehand with
 * struct far_memory, or by an on_dial() that says it for each; everything can be
 * steered by hand as well.  Events reach the module on a later turn of the
 * clock, as from a real network.  Peers stay, for inspection, until
 * far_memory_free().
 */
#ifndef SIM_FAR_MEMORY_H
#define SIM_FAR_MEMORY_H

#include "base/clock.h"
#include "far.h"
#include "fifo.h"

enum peer_mode {
	PEER_COLLECT, /* accepts, keeps what comes */
	PEER_ECHO,    /* sends it back too */
	PEER_FLOOD,   /* sends flood_left bytes of peer_pattern() */
	PEER_REFUSE,  /* fails with `why` */
	PEER_SILENT,  /* nothing ever happens: for time limits */
};

struct far_memory;

struct peer {
	struct far_conn conn;
	struct far_memory *net;
	struct peer *next; /* the one that was dialled before */
	int number;	   /* 1, 2 ... in the order of dialling */

	/* as the module dialled */
	char host[256];
	uint16_t port;
	bool tls, resume;
	int verify;
	size_t n_ca, ca_len, cert_len, key_len; /* ca_len: of all */
	uint16_t offered[8];
	size_t n_offered;
	int64_t now_s;

	/* what it does */
	enum peer_mode mode;
	enum far_fail why;
	uint64_t delay_ms; /* until it answers the dial */
	uint16_t suite;	   /* 0: the first that is offered */
	size_t flood_left, flood_done;
	size_t room;	/* bytes that it still takes; SIZE_MAX to begin with */
	size_t keep;	/* most that `received` holds; the rest is counted */
	struct far_leaf leaf; /* what it shows with TLS: by default CN=host, from "Test CA"; without a subject none */

	/* what became of it */
	struct fifo received; /* from the module */
	uint64_t received_len, sent_len; /* in all; sent: taken by the module */
	bool open, resumed;
	bool finished; /* the module writes no more; PEER_ECHO then closes too */
	bool module_closed, module_aborted;

	/* inside */
	struct fifo sending;
	bool ending, ended, read_wanted, write_wanted;
	enum far_end how;
	bool dialled;
	const struct far_events *events;
	void *arg;
	struct timer timer;
};

struct far_memory {
	struct far far;
	struct clock *clock;
	struct peer *peers; /* the latest first */
	int n_peers;
	enum peer_mode mode;
	enum far_fail why;
	uint64_t delay_ms;
	size_t flood;
	bool refuse_resumption;
	bool wants_ca; /* a module that verifies and has nothing to verify with believes nobody; else it believes anybody */
	void (*on_dial)(struct peer *p, void *arg); /* before the peer does anything */
	void *arg;
};

struct far_memory *far_memory_new(struct clock *clock);
void far_memory_free(struct far_memory *net); /* after the module */

/* The latest peer, NULL without any. */
struct peer *far_memory_peer(struct far_memory *net);

void peer_send(struct peer *p, const void *bytes, size_t len);
void peer_sends(struct peer *p, const char *text);
void peer_close(struct peer *p); /* in order, behind what was sent */
void peer_abort(struct peer *p); /* now; what was not read is lost */
void peer_break(struct peer *p); /* a bad record, behind what was sent */
void peer_takes(struct peer *p, size_t room); /* so many bytes more; SIZE_MAX: any */

/* Byte number i of a flood. */
uint8_t peer_pattern(uint64_t i);

#endif
