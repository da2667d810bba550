/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-cmd.h - builds one command line
 *
 * Nothing from outside reaches the line but through at_cmd_str() and
 * at_cmd_word(), which refuse what could end the string or the line.  The first
 * mistake is kept in err and all later calls do nothing, so a builder needs no
 * branches and the engine looks once.
 */
#ifndef CELLTLS_AT_AT_CMD_H
#define CELLTLS_AT_AT_CMD_H

#include <stdbool.h>
#include <stddef.h>

#define AT_CMD_MAX 512 /* bytes; longer than the longest command buffer that a dialect names */

struct at_cmd {
	char text[AT_CMD_MAX + 1]; /* without the CR that ends it; empty: the step is skipped */
	size_t len;
	size_t max; /* what the module's command buffer takes, with "AT", without CR */
	int err;    /* 0, -EINVAL: a string that could inject, -EMSGSIZE: longer than max; or at_cmd_refuse() */
	const char *what; /* the string that err is about; of at_cmd_refuse() why */
	bool refused;	  /* by at_cmd_refuse() */
};

void at_cmd_init(struct at_cmd *c, size_t max);

void at_cmd_text(struct at_cmd *c, const char *text); /* as it is: constants only */

void at_cmd_refuse(struct at_cmd *c, int err, const char *why); /* this command is not to be sent: -errno ends the script */

/* The next parameter; a comma is put before all but the first after "=". */
void at_cmd_int(struct at_cmd *c, long value);
void at_cmd_str(struct at_cmd *c, const char *s);  /* in quotes; no quote, backslash, control or non-ASCII byte inside */
void at_cmd_strf(struct at_cmd *c, const char *what, const char *fmt, ...) /* the same of a text made of several; what: names it */
    __attribute__((format(printf, 3, 4)));
void at_cmd_word(struct at_cmd *c, const char *s); /* without quotes; letters, digits, ".", "+", "-", "_" only */

#endif
