/* SPDX-License-Identifier: Apache-2.0 */
#include "at/at-cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void
at_cmd_init(struct at_cmd *c, size_t max)
{
	*c = (struct at_cmd){ .max = max && max < AT_CMD_MAX ? max : AT_CMD_MAX };
}

/* `what` is named when it does not fit; it outlives the call. */
static void
add(struct at_cmd *c, const char *text, const char *what)
{
	size_t len = strlen(text);

	if (c->err)
		return;
	if (c->len + len > c->max) {
		c->err = -EMSGSIZE;
		c->what = what;
		return;
	}
	memcpy(c->text + c->len, text, len + 1);
	c->len += len;
}

void
at_cmd_text(struct at_cmd *c, const char *text)
{
	add(c, text, text);
}

void
at_cmd_refuse(struct at_cmd *c, int err, const char *why)
{
	if (c->err)
		return;
	c->err = err;
	c->what = why;
	c->refused = true;
}

static void
separate(struct at_cmd *c, const char *what)
{
	if (c->len && c->text[c->len - 1] != '=')
		add(c, ",", what);
}

void
at_cmd_int(struct at_cmd *c, long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%ld", value);
	separate(c, "a number");
	add(c, digits, "a number");
}

/* What may stand in quotes.  A backslash is an escape character on some modules. */
static bool
safe_quoted(unsigned char ch)
{
	return ch >= 0x20 && ch < 0x7f && ch != '"' && ch != '\\';
}

static bool
safe_bare(unsigned char ch)
{
	return isalnum(ch) || strchr(".+-_", ch);
}

static void
add_checked(struct at_cmd *c, const char *s, const char *what, bool (*safe)(unsigned char))
{
	const char *p;

	for (p = s; *p && !c->err; p++) {
		if (!safe((unsigned char)*p)) {
			c->err = -EINVAL;
			c->what = what;
		}
	}
	add(c, s, what);
}

static void
add_str(struct at_cmd *c, const char *s, const char *what)
{
	separate(c, what);
	add(c, "\"", what);
	add_checked(c, s, what, safe_quoted);
	add(c, "\"", what);
}

void
at_cmd_str(struct at_cmd *c, const char *s)
{
	add_str(c, s, s);
}

void
at_cmd_strf(struct at_cmd *c, const char *what, const char *fmt, ...)
{
	char text[AT_CMD_MAX + 1]; /* cut, it is still longer than any max */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_str(c, text, what);
}

void
at_cmd_word(struct at_cmd *c, const char *s)
{
	separate(c, s);
	add_checked(c, s, s, safe_bare);
}
