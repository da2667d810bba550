/* SPDX-License-Identifier: Apache-2.0 */
#include "at/at-line.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

void
at_line_init(struct at_line *l, const char *text, size_t prefix)
{
	*l = (struct at_line){ .text = text, .at = text + prefix };
}

static void
skip_blanks(struct at_line *l)
{
	while (*l->at == ' ')
		l->at++;
}

/* Steps over the comma behind a parameter, or stays at the end. */
static void
next_parameter(struct at_line *l)
{
	skip_blanks(l);
	if (*l->at == ',')
		l->at++;
	else if (*l->at)
		l->err = -EBADMSG;
}

long
at_line_int(struct at_line *l)
{
	bool negative = false;
	long value = 0;
	int digits = 0;

	skip_blanks(l);
	if (*l->at == '-') {
		negative = true;
		l->at++;
	}
	for (; isdigit((unsigned char)*l->at) && digits < 10; digits++, l->at++)
		value = value * 10 + (*l->at - '0');
	if (!digits || digits > 9)
		l->err = -EBADMSG;
	next_parameter(l);
	return l->err ? -1 : negative ? -value : value;
}

long
at_line_int_or(struct at_line *l, long preset)
{
	skip_blanks(l);
	if (!*l->at)
		return preset;
	if (*l->at == ',') {
		l->at++;
		return preset;
	}
	return at_line_int(l);
}

void
at_line_str(struct at_line *l, char *dst, size_t size)
{
	char end = ',';
	size_t len = 0;

	skip_blanks(l);
	if (*l->at == '"') {
		end = '"';
		l->at++;
	}
	for (; *l->at && *l->at != end; l->at++)
		if (len + 1 < size)
			dst[len++] = *l->at;
	if (size)
		dst[len] = '\0';
	if (end == '"' && *l->at++ != '"') {
		l->at--;
		l->err = -EBADMSG;
	}
	next_parameter(l);
}

bool
at_line_more(const struct at_line *l)
{
	return !l->err && l->at[strspn(l->at, " ")] != '\0';
}

const char *
at_line_rest(struct at_line *l)
{
	const char *rest;

	skip_blanks(l);
	rest = l->at;
	l->at += strlen(l->at);
	return rest;
}

int
at_line_fields(const struct at_line *l)
{
	bool quoted = false;
	const char *p;
	int n = at_line_more(l) ? 1 : 0;

	for (p = l->at; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ',' && !quoted)
			n++;
	}
	return n;
}

void
at_line_payload(struct at_line *l, long len)
{
	if (len < 0)
		l->err = -EBADMSG;
	else
		l->payload = (size_t)len;
}

void
at_line_until(struct at_line *l, const char *pattern)
{
	l->pattern = pattern;
}

int
at_line_check(const struct at_line *l)
{
	return l->err;
}
