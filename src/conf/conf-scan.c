/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-scan.c - a look at the text before libconfig sees it
 *
 * What to know first: libconfig 1.5 cuts large numbers down, joins strings that
 * stand side by side (so a forgotten comma makes one entry of two), ends a
 * string at \x00, reads other files at @include, and gives an entry of a list
 * the line of whatever follows it.  So this walks over the tokens once, in the
 * manner of libconfig's own scanner, says where those mistakes are, and notes
 * the line of each setting: in order, a name, or an entry of a list.
 */
#include "conf/conf-priv.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"

#define DEPTH_MAX 16   /* of brackets; the keys need 5 */
#define DIGITS_MAX 9   /* what fits in an int whatever the digits */
#define HEX_MAX 7

/* More keys than any group has; a hostile file may cost no more than this. */
#define NAMES_MAX 512

struct name {
	const char *at;
	size_t len;
	unsigned line, depth;
};

struct scan {
	struct conf_load *l;
	const char *at, *end;
	unsigned line;
	unsigned depth;
	char open[DEPTH_MAX + 1]; /* the brackets, outermost first */
	bool value;	 /* behind = or :, so the next token is no setting of its own */
	bool entry;	 /* behind ( or [ or a comma, so the next token is an entry of a list */
	bool after_string;
	bool ok;
	struct name last; /* word seen; a name if = or : follows */
	struct name names[NAMES_MAX]; /* of the groups that are open */
	size_t n_names;
};

static void
setting(struct scan *s, unsigned line)
{
	struct conf_load *l = s->l;

	if (!s->value) {
		if ((l->n_lines & (l->n_lines - 1)) == 0)
			l->lines = xrealloc(l->lines, l->n_lines ? l->n_lines * 2 : 1, sizeof(*l->lines));
		l->lines[l->n_lines++] = line;
	}
	s->value = s->entry = false;
}

/* Ends the run: what follows cannot be told apart any more. */
static void
stop(struct scan *s, unsigned line, const char *why)
{
	conf_mistake(s->l, line, NULL, "%s", why);
	s->ok = false;
	s->at = s->end;
}

static bool
ahead(const struct scan *s, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(s->end - s->at) >= len && memcmp(s->at, text, len) == 0;
}

static void
skip_line(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n')
		s->at++;
}

static void
block_comment(struct scan *s)
{
	unsigned start = s->line;

	for (s->at += 2; s->at < s->end; s->at++) {
		if (ahead(s, "*/")) {
			s->at += 2;
			return;
		}
		s->line += *s->at == '\n';
	}
	stop(s, start, "this comment does not end (*/ is missing)");
}

/* A string may be here: behind = or in a list.  Elsewhere libconfig 1.5 fails, and loses the memory. */
static bool
string_fits(const struct scan *s)
{
	return s->value || s->after_string || (s->entry && s->depth && s->open[s->depth - 1] != '{');
}

static void
string(struct scan *s)
{
	unsigned start = s->line;

	if (!string_fits(s)) {
		stop(s, start, "syntax error (key = value;)");
		return;
	}
	if (s->after_string)
		conf_mistake(s->l, start, NULL, "two strings without a comma between them (write \"a\", \"b\")");
	else
		setting(s, start);
	for (s->at++; s->at < s->end && *s->at != '"'; s->at++) {
		if (ahead(s, "\\x00"))
			conf_mistake(s->l, s->line, NULL, "\\x00 in a string (any other character is allowed)");
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
		s->line += *s->at == '\n';
	}
	if (s->at >= s->end) {
		stop(s, start, "this string does not end (\" is missing)");
		return;
	}
	s->at++;
	s->after_string = true;
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || strchr("_-*.+", c);
}

/* The digits of a decimal or hexadecimal integer are too many to be taken as they stand. */
static bool
too_long(const char *at, const char *end)
{
	size_t digits = 0;
	bool hex;

	if (at < end && strchr("+-", *at))
		at++;
	hex = end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
	if (hex)
		for (at += 2; at < end && *at == '0'; at++)
			;
	for (; at < end && (hex ? isxdigit((unsigned char)*at) : isdigit((unsigned char)*at)); at++)
		digits++;
	if (at < end && *at != 'L')
		return false;	/* a float, or no number at all */
	return digits > (hex ? HEX_MAX : DIGITS_MAX);
}

static void
word(struct scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at && is_word(*s->at))
		s->at++;
	s->last = (struct name){ start, (size_t)(s->at - start), s->line, s->depth };
	setting(s, s->line);
	if (too_long(start, s->at))
		conf_mistake(s->l, s->line, NULL, "the number %.*s is too long (at most nine digits)",
			     (int)(s->at - start > 40 ? 40 : s->at - start), start);
}

/* The last word turned out to be a key. */
static void
key(struct scan *s)
{
	struct name *n = &s->last;
	size_t i;

	for (i = 0; n->len && i < s->n_names; i++) {
		if (s->names[i].depth != n->depth || s->names[i].len != n->len || memcmp(s->names[i].at, n->at, n->len) != 0)
			continue;
		conf_mistake(s->l, n->line, NULL, "%.*s: given twice (it is in line %u already)", (int)(n->len > 60 ? 60 : n->len),
			     n->at, s->names[i].line);
		s->l->duplicate = true;
		return;
	}
	if (n->len && s->n_names < NAMES_MAX)
		s->names[s->n_names++] = *n;
}

static void
bracket(struct scan *s, char c)
{
	if (strchr("({[", c)) {
		setting(s, s->line);
		s->open[s->depth] = c;
		if (++s->depth > DEPTH_MAX)
			stop(s, s->line, "brackets within brackets, too many of them (at most 16)");
	} else if (s->depth) {
		while (s->n_names && s->names[s->n_names - 1].depth == s->depth)
			s->n_names--;
		s->depth--;
	}
}

/* One token, or what stands between tokens. */
static void
token(struct scan *s)
{
	char c = *s->at;

	if (c == '#' || ahead(s, "//")) {
		skip_line(s);
	} else if (ahead(s, "/*")) {
		block_comment(s);
	} else if (c == '"') {
		string(s);
	} else if (c == '@') {
		stop(s, s->line, "@include is not allowed (the configuration is one file)");
	} else if (!c) {
		stop(s, s->line, "a NUL byte (the configuration is a text file)");
	} else if (isspace((unsigned char)c)) {
		s->line += c == '\n';
		s->at++;
	} else if (is_word(c)) {
		s->after_string = false;
		word(s);
	} else {
		s->after_string = false;
		if (strchr("(){}[]", c))
			bracket(s, c);
		s->value = c == '=' || c == ':';
		s->entry = c == '(' || c == '[' || c == ',';
		if (s->value)
			key(s);
		s->last.len = 0;
		if (s->at < s->end)
			s->at++;
	}
}

bool
conf_scan(struct conf_load *l, const char *text, size_t len)
{
	struct scan s = { .l = l, .at = text, .end = text + len, .line = 1, .ok = true };

	while (s.at < s.end)
		token(&s);
	return s.ok;
}
