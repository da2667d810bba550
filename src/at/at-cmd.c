/* SPDX-License-Identifier: Apache-2.0 */
#include "at/at-cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void
at_cmd_init(struct at_cmd *c, size_t max)
{
	*c = (struct at_cmd){ .max = max && max < AT_CMD_MAX ? max : AT_CMD_MAX };
}

void
at_cmd_text(struct at_cmd *c, const char *text)
{
	size_t len = strlen(text);

	if (c->err)
		return;
	if (c->len + len > c->max) {
		c->err = -EMSGSIZE;
		c->what = c->what ? c->what : text;
		return;
	}
	memcpy(c->text + c->len, text, len + 1);
	c->len += len;
}

static void
separate(struct at_cmd *c)
{
	if (c->len && c->text[c->len - 1] != '=')
		at_cmd_text(c, ",");
}

void
at_cmd_int(struct at_cmd *c, long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%ld", value);
	separate(c);
	at_cmd_text(c, digits);
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
add_checked(struct at_cmd *c, const char *s, bool (*safe)(unsigned char))
{
	const char *p;

	if (c->err)
		return;
	c->what = s;
	for (p = s; *p; p++) {
		if (!safe((unsigned char)*p)) {
			c->err = -EINVAL;
			return;
		}
	}
	at_cmd_text(c, s);
	if (!c->err)
		c->what = NULL;
}

void
at_cmd_str(struct at_cmd *c, const char *s)
{
	separate(c);
	at_cmd_text(c, "\"");
	add_checked(c, s, safe_quoted);
	at_cmd_text(c, "\"");
}

void
at_cmd_word(struct at_cmd *c, const char *s)
{
	separate(c);
	add_checked(c, s, safe_bare);
}
