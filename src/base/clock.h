/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the time, and what shall happen when it comes; no I/O
 *
 * The core never asks what time it is and never sleeps: it reads clock->now_ms
 * and sets timers.  Under libevent one event drives the clock; in the tests
 * the time is a number that jumps from deadline to deadline.
 */
#ifndef CELLTLS_BASE_CLOCK_H
#define CELLTLS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct timer {
	TAILQ_ENTRY(timer) link;
	uint64_t at_ms;
	enum { TIMER_OFF, TIMER_SET, TIMER_DUE } state;
	void (*fn)(void *arg);
	void *arg;
};

struct clock {
	uint64_t now_ms;    /* monotonic; starts above 0 */
	int64_t wall_s;	    /* seconds since 1970 UTC now, 0: not known */
	bool wall_trusted;  /* the host's clock is synchronised */
	uint32_t random;    /* state of clock_random(); the driver of the clock seeds it */
	TAILQ_HEAD(timer_list, timer) timers; /* by at_ms, the earliest first */
	struct timer_list due; /* those that clock_run() is about to call */
};

#define CLOCK_NEVER UINT64_MAX

/* 1 January 2026: this program is younger, so a clock that shows less is wrong. */
#define CLOCK_OLDEST_S INT64_C(1767225600)

void clock_init(struct clock *c, uint64_t now_ms, uint32_t seed);

/* When clock_run() has something to do; CLOCK_NEVER without timers. */
uint64_t clock_deadline(const struct clock *c);

/*
 * Sets the time and calls what is due, the earliest first.  Whatever those
 * calls set for now runs in the next clock_run(), so a turn always ends.
 */
void clock_run(struct clock *c, uint64_t now_ms);

/* The host's time for dates, seconds since 1970 UTC; 0: nobody vouches for its clock, or it is wrong. */
int64_t clock_host_time(const struct clock *c);

/* A number that differs from call to call, below limit; for jitter, not for keys. */
uint32_t clock_random(struct clock *c, uint32_t limit);

void timer_init(struct timer *t, void (*fn)(void *arg), void *arg);
void timer_at(struct clock *c, struct timer *t, uint64_t at_ms); /* replaces an earlier setting */
void timer_in(struct clock *c, struct timer *t, uint64_t in_ms); /* 0: on the next turn */
void timer_stop(struct clock *c, struct timer *t);		 /* fine when not set */

#endif
