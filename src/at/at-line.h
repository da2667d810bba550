/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-line.h - reads the parameters of one line from the module
 *
 * A cursor: each call takes the next parameter, up to the next comma outside
 * quotes.  The first mistake is kept; at_line_check() tells it at the end.
 * Everything in a line is from outside: numbers are bounded, strings are cut.
 */
#ifndef CELLTLS_AT_AT_LINE_H
#define CELLTLS_AT_AT_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct at_line {
	const char *text; /* the whole line, without line end, NUL-terminated */
	const char *at;	  /* what follows the prefix and was not yet taken */
	int err;	  /* 0 or -EBADMSG */

	/* What the engine is asked to do with the bytes behind this line; see at_line_payload(). */
	size_t payload;
	const char *pattern;
};

void at_line_init(struct at_line *l, const char *text, size_t prefix);

/* A number, -9 digits .. 9 digits; a missing or other parameter is a mistake and gives -1. */
long at_line_int(struct at_line *l);

/* The same, but preset when the line has ended or the parameter is empty. */
long at_line_int_or(struct at_line *l, long preset);

/* A quoted or bare string into dst, cut to size; "" where there is none. */
void at_line_str(struct at_line *l, char *dst, size_t size);

bool at_line_more(const struct at_line *l); /* is there another parameter? */
const char *at_line_rest(struct at_line *l); /* all that is left, leading blanks gone */
int at_line_fields(const struct at_line *l); /* parameters from here to the end */

/*
 * The bytes behind this line are payload: so many of them, or all up to the
 * pattern, which is not part of them.  They go to the step's sink, never to the tokenizer.
 */
void at_line_payload(struct at_line *l, long len);
void at_line_until(struct at_line *l, const char *pattern);

int at_line_check(const struct at_line *l); /* 0, or -EBADMSG */

#endif
