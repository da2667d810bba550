/* SPDX-License-Identifier: Apache-2.0 */
#include "transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static struct piece *
last_visible(struct tline *l)
{
	if (!l->n_pieces || !l->pieces[l->n_pieces - 1].bytes) {
		l->pieces[l->n_pieces].bytes = xcalloc(1, strlen(l->text) + 1);
		l->n_pieces++;
	}
	return &l->pieces[l->n_pieces - 1];
}

/* One byte in the form of a trace; returns what follows it, NULL: not understood. */
static const char *
one_byte(const char *p, uint8_t *ret)
{
	char hex[3] = "";

	if (*p != '\\') {
		*ret = (uint8_t)*p;
		return p + 1;
	}
	switch (p[1]) {
	case 'r':
		*ret = '\r';
		return p + 2;
	case 'n':
		*ret = '\n';
		return p + 2;
	case '\\':
		*ret = '\\';
		return p + 2;
	case 'x':
		strncpy(hex, p + 2, 2);
		*ret = (uint8_t)strtoul(hex, NULL, 16);
		return strlen(hex) == 2 ? p + 4 : NULL;
	default:
		return NULL;
	}
}

static bool
read_pieces(struct tline *l)
{
	const char *p = l->text + 2;
	struct piece *piece;
	int used;

	while (*p) {
		if (l->n_pieces == MAX_PIECES)
			return false;
		if (*p == '{') {
			used = 0;
			if (sscanf(p, "{%zu bytes}%n", &l->pieces[l->n_pieces].len, &used) != 1 || !used)
				return false;
			l->n_pieces++;
			p += used;
			continue;
		}
		piece = last_visible(l);
		p = one_byte(p, &piece->bytes[piece->len++]);
		if (!p)
			return false;
	}
	return true;
}

static bool
read_words(struct tline *l)
{
	char *p = xstrdup(l->text + 1), *in = p, *out;
	bool quoted;

	for (;;) {
		in += strspn(in, " ");
		if (!*in)
			break;
		if (l->n_words == MAX_WORDS) {
			free(p);
			return false;
		}
		l->words[l->n_words] = out = xcalloc(1, strlen(in) + 1);
		for (quoted = false; *in && (quoted || *in != ' '); in++) {
			if (*in == '"')
				quoted = !quoted;
			else
				*out++ = *in;
		}
		l->n_words++;
	}
	free(p);
	return l->n_words > 0;
}

static bool
read_line(struct transcript *t, char *text, unsigned number)
{
	struct tline *l;

	text[strcspn(text, "\n")] = '\0';
	t->no_trace |= !strncmp(text, "# Trace not replayed", 20);
	if (!text[0] || text[0] == '#')
		return true;
	t->lines = xrealloc(t->lines, t->n + 1, sizeof(*t->lines));
	l = &t->lines[t->n++];
	*l = (struct tline){ .number = number, .kind = text[0], .text = xstrdup(text) };
	if (strchr("@=", text[0]))
		return read_words(l);
	return strchr("<>", text[0]) && text[1] == ' ' && read_pieces(l);
}

bool
transcript_read(const char *path, struct transcript *ret)
{
	FILE *f = fopen(path, "r");
	unsigned number = 0;
	char *text = NULL;
	size_t size = 0;
	bool ok = f;

	*ret = (struct transcript){ .path = xstrdup(path) };
	while (ok && getline(&text, &size, f) > 0)
		ok = read_line(ret, text, ++number);
	if (!ok)
		fprintf(stderr, "%s:%u: %s\n", path, number, f ? "not a line of a transcript" : "cannot be opened");
	free(text);
	if (f)
		fclose(f);
	return ok;
}

void
transcript_free(struct transcript *t)
{
	size_t i;
	unsigned k;

	for (i = 0; i < t->n; i++) {
		for (k = 0; k < t->lines[i].n_pieces; k++)
			free(t->lines[i].pieces[k].bytes);
		for (k = 0; k < t->lines[i].n_words; k++)
			free(t->lines[i].words[k]);
		free(t->lines[i].text);
	}
	free(t->lines);
	free(t->path);
}

const char *
tline_value(const struct tline *l, const char *key)
{
	size_t len = strlen(key);
	unsigned i;

	for (i = 0; i < l->n_words; i++)
		if (strncmp(l->words[i], key, len) == 0 && l->words[i][len] == '=')
			return l->words[i] + len + 1;
	return NULL;
}

long
tline_number(const struct tline *l, const char *key, long preset)
{
	const char *value = tline_value(l, key);

	return value ? strtol(value, NULL, 10) : preset;
}
