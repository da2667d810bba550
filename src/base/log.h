/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one line per event, to standard error, with the journal's level prefix
 *
 *   error    somebody must act          notice   a change that an admin wants to see
 *   warning  we coped                   info     a state change
 *                                       debug    a decision; AT traffic without payload and secrets
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
