/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.h - log lines that come again and again: told when they are new, then ever less often, with a count
 *
 * A line that was told is told again when it comes an hour later or more, then
 * a day, a week, and then every four weeks; after four weeks without it, it is
 * new.  One that used to come and go is also told when it has been coming for a
 * day: the last word must not be that all is well again.  Of all lines together, new or not, some may come at once and then one
 * in two hours.  What is not told is written at level debug.
 */
#ifndef CELLTLS_BASE_TALLY_H
#define CELLTLS_BASE_TALLY_H

#include "base/log.h"

#include <stdint.h>

#define TALLY_LINES 16

struct tally {
	struct tally_line {
		uint64_t key; /* a hash of the line; 0: free */
		uint64_t seen_ms, next_ms;
		uint64_t since_ms; /* it has been coming all the time */
		bool untold;	   /* and none of that was told */
		unsigned step, missed;
	} lines[TALLY_LINES];
	uint64_t counted_ms; /* up to when `used` is right */
	uint32_t used;	     /* of what may come at once */
};

/* All bits 0 is an empty tally.  true: it was told. */
bool tally_log(struct tally *, uint64_t now_ms, enum log_level level, const char *tag, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

#endif
