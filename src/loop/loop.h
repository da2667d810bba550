/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - descriptors, signals and the clock, on libevent; nobody else knows libevent
 *
 * A turn is one wake-up: the clock is brought up to date, the callbacks of what
 * is ready run, and after each of them whatever timers are due, so that work put
 * off with timer_in(.., 0) is done before the process sleeps again.  Without a
 * timer and without news the process sleeps for ever.
 *
 * Callbacks may make, change and free any watcher, their own too, and loop_quit().
 */
#ifndef CELLTLS_LOOP_LOOP_H
#define CELLTLS_LOOP_LOOP_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/clock.h"

struct loop;
struct watch;

enum {
	LOOP_READ = 1,  /* readable, at its end, or broken */
	LOOP_WRITE = 2, /* writable, or broken */
	LOOP_EDGE = 4,  /* only for watch_new(): tell of changes, not of states */
};

typedef void watch_fn(unsigned event, void *arg); /* LOOP_READ or LOOP_WRITE; one call for each */
typedef void signal_fn(int signo, void *arg);

/* NULL with errno where the kernel refuses (descriptors, epoll). */
struct loop *loop_new(void);
void loop_free(struct loop *); /* after all its watchers */

/* The clock that this loop drives; it lives as long as the loop. */
struct clock *loop_clock(struct loop *);

/* Runs until loop_quit().  0, or -errno when waiting itself fails. */
int loop_run(struct loop *);
void loop_quit(struct loop *);

/* One turn; waits for news only when `wait`.  0, or -errno. */
int loop_turn(struct loop *, bool wait);

/* How many turns there were; for the idle and wake-up figures. */
uint64_t loop_turns(const struct loop *);

/*
 * Watches fd for `events` until watch_free(), without a system call per event.
 * The descriptor stays the caller's, who frees the watcher before closing it.
 * With LOOP_EDGE the callback runs once per change: bytes that come while
 * earlier ones lie unread are told of, bytes that merely lie there are not.
 */
struct watch *watch_new(struct loop *, int fd, unsigned events, watch_fn *fn, void *arg);
void watch_want(struct watch *, unsigned events); /* LOOP_READ, LOOP_WRITE, both or 0; free when unchanged */
void watch_free(struct watch *);                  /* NULL is fine */
AUTO_DEFINE(struct watch *, watch_free)

/* Calls fn in a turn of its own after signo came; for the life of the loop.  0, or -errno. */
int loop_signal(struct loop *, int signo, signal_fn *fn, void *arg);

#endif
