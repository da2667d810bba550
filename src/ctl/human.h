/* SPDX-License-Identifier: Apache-2.0 */
/*
 * human.h - numbers and times as people read them; the results are freed by the caller
 */
#ifndef CELLTLS_CTL_HUMAN_H
#define CELLTLS_CTL_HUMAN_H

#include <stdint.h>

/* "0 B", "999 B", "1.2 kB" ...: three digits, powers of 1000. */
char *human_bytes(uint64_t bytes);

/* How far a moment is away: "in 3 days", "2 hours ago", "now". */
char *human_away(int64_t when_s, int64_t now_s);

char *human_time(int64_t when_s); /* "2026-11-24 18:05:09", local time */

#endif
