/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one line per event, to standard error, with the journal's level prefix
 *
 *   error    somebody must act, or nothing gets better
 *   warning  something went wrong, and we coped
 *   notice   a change that an admin wants to see a year later
 *   info     what explains one of these
 *   debug    the daily round: sessions, states on the way up; AT traffic without payload and secrets
 *
 * doc/architecture.md says how much of each there may be.
 *
 * tag is what kind of thing speaks ("modem", "channel"), name which one, or NULL.
 * Text from outside goes through str_escape() first.
 */
#ifndef CELLTLS_BASE_LOG_H
#define CELLTLS_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR = 3, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

/* The one mutable global: lines above this level are not written. */
extern enum log_level log_level;

/* false leaves out the "<6>" that the journal reads; for terminals and tests. */
extern bool log_prefix;

/* Takes a line, "modem gw0: ..." as text, in place of standard error; false: it could not, and standard error gets it. */
typedef bool log_sink_fn(enum log_level level, const char *tag, const char *name, const char *text);
extern log_sink_fn *log_sink; /* NULL: none */

void log_line(enum log_level level, const char *tag, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define log_at(level, ...) \
	do { \
		if ((level) <= log_level) \
			log_line((level), __VA_ARGS__); \
	} while (0)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) log_at(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

#endif
