/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h - what happened last in a life, for the reader of a failure
 *
 * Always on: the latest events stand in a ring and are printed when a promise
 * breaks.  The log of the daemon's core is told too: this file is its log_line().
 */
#ifndef SIMULATION_STORY_H
#define SIMULATION_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A new life: what was told is forgotten; *now_ms is its clock, which must stay until the next call. */
void story_begin(const uint64_t *now_ms);

/* who did it ("client", "server", "module" ...), and what. */
void story_tell(const char *who, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A driver's operation begins or ends, as modem_host.note() has it; what repeats is one event. */
void story_operation(const char *note);

/* No line of the log may hold any of these (P6); they must stay.  NULL: none. */
#define STORY_SECRETS 4
void story_secret(const char *secret);
bool story_has_secret(const void *bytes, size_t len);

/* At most a page. */
void story_print(FILE *to);

/* Lines of the log up to this level go to standard error as well; 0: none. */
extern int story_log_shown;

/* How this life is lived again, on a command line; "" when it cannot. */
extern char story_replay[200];

#endif
