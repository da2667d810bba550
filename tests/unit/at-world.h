/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-world.h - the engine between a clock that is a number, a wire that writes
 * down what it is given, and an owner that writes down what it is told
 */
#ifndef CELLTLS_TESTS_AT_WORLD_H
#define CELLTLS_TESTS_AT_WORLD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "at/at.h"
#include "base/buf.h"
#include "base/clock.h"

#define WORLD_JOBS 6
#define PENDING 1000 /* no done() yet; no errno */

struct world {
	struct clock clock;
	struct wire wire;
	struct at *at;
	struct at_rules rules;
	bool bytewise; /* what the module says comes in single bytes */

	/* the wire */
	struct buf out;	     /* written and not looked at yet */
	size_t room;	     /* what it takes before the next writable() */
	uint64_t drained_ms;
	int carrier;
	bool has_dtr, dtr;    /* the line, and how it is */
	uint64_t dtr_low_ms;  /* so long it was down when it was down last */
	unsigned dtr_drops;
	size_t flushed;
	struct {
		uint64_t ms;
		char byte;
	} log[4096]; /* of every byte, from the beginning */
	size_t logged;

	/* what the owner was told */
	char events[512], noise[1024], trace[8192];
	struct buf data;
	unsigned suspects, rooms, silent;
	void (*on_event)(struct world *);
	struct buf app; /* the app's bytes that data_room() writes on */

	/* jobs; their index is their op */
	int op[WORLD_JOBS];
	int result[WORLD_JOBS];
	unsigned done[WORLD_JOBS];
	char sunk[4096]; /* payload and lines that parsers of the tests keep */
	const char *say; /* parameter of the tests' builders */
};

extern const struct at_urc world_urcs[]; /* +CREG:, SSLSRING:, NO CARRIER, #QSS:, +LONG: (two more lines), +SAME: */

int world_setup(void **state);
int world_setup_bytewise(void **state);
int world_teardown(void **state);

void submit(struct world *, unsigned job, const struct at_step *);
void modem_says(struct world *, const char *text);
void modem_says_bytes(struct world *, const void *bytes, size_t len);
void clock_at(struct world *, uint64_t ms); /* since the world began; timers on the way run in their order */
void pass(struct world *, uint64_t ms);

const char *wire(struct world *); /* what was written since the last call, as text */
const char *data(struct world *); /* the same of what the session was given */
const char *events(struct world *);
const char *noise(struct world *);

void go_online(struct world *); /* by a dial that is answered with CONNECT */
size_t app_writes(struct world *, const char *text);

#define assert_wire(w, text) assert_string_equal(wire(w), text)
#define assert_data(w, text) assert_string_equal(data(w), text)
#define assert_events(w, text) assert_string_equal(events(w), text)
#define assert_noise(w, text) assert_string_equal(noise(w), text)
#define assert_done(w, job, r)                            \
	do {                                              \
		assert_int_equal((w)->result[job], r);    \
		assert_int_equal((w)->done[job], 1);      \
	} while (0)
#define assert_pending(w, job) assert_int_equal((w)->result[job], PENDING)

/* Each test in both ways of hearing the module. */
#define BOTH(f)                                                                       \
	{ #f, f, world_setup, world_teardown, NULL },                                 \
	{                                                                             \
		#f ", byte by byte", f, world_setup_bytewise, world_teardown, NULL    \
	}

#endif
