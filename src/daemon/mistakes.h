/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mistakes.h - why a configuration cannot be taken: for the log, and for who asked for it
 */
#ifndef CELLTLS_DAEMON_MISTAKES_H
#define CELLTLS_DAEMON_MISTAKES_H

#include "conf/conf.h"

struct mistakes {
	char text[1024]; /* the first ones, a line each; "" none */
	unsigned left_out;
};

/* An error of the thing that tag and name are, as in log.h; mistakes NULL: for the log alone. */
void mistakes_add(struct mistakes *, const char *tag, const char *name, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* All of the report, with its warnings, to the log, and its errors to the mistakes. */
void mistakes_report(struct mistakes *, const struct conf_report *);

/* In the end: says how many there are that had no room. */
void mistakes_close(struct mistakes *);

#endif
