/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.c - one line of the file is one direction, up to a line end
 *
 * What to know first: bytes come in whatever pieces the line gave them, so a
 * run of one kind is put together, and written when the line ends, the
 * direction turns, or a note comes.
 */
#include "port/trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TRACE_LINE_MAX 4096 /* bytes of one line of the file; a longer one is ended, not cut */

struct trace {
	FILE *file;
	bool payload;
	char way;	     /* '>' or '<' of the line in hand, 0: none */
	char line[TRACE_LINE_MAX];
	size_t len;
	size_t hidden;	     /* bytes of the {n bytes} that is growing */
};

struct trace *
trace_open(const char *path, bool payload)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct trace *t;

	if (fd < 0)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->file = fdopen(fd, "a");
	t->payload = payload;
	return t;
}

static void
end_hidden(struct trace *t)
{
	if (t->hidden)
		t->len += (size_t)snprintf(t->line + t->len, sizeof(t->line) - t->len, "{%zu bytes}", t->hidden);
	t->hidden = 0;
}

static void
end_line(struct trace *t)
{
	end_hidden(t);
	if (t->len)
		fprintf(t->file, "%c %.*s\n", t->way, (int)t->len, t->line);
	fflush(t->file);
	wipe(t->line, t->len);
	t->len = 0;
}

static void
begin(struct trace *t, char way)
{
	if (t->way != way || t->len + 64 > sizeof(t->line))
		end_line(t);
	t->way = way;
}

/* One byte, as the transcripts write it: visible, and never the beginning of {n bytes}. */
static void
add_byte(struct trace *t, unsigned char c)
{
	char text[8];

	end_hidden(t);
	if (c == '{' || (c == ' ' && !t->len))
		snprintf(text, sizeof(text), "\\x%02x", c);
	else if (c == '\t')
		strcpy(text, "\\x09");
	else
		str_escape(text, sizeof(text), &c, 1);
	memcpy(t->line + t->len, text, strlen(text));
	t->len += strlen(text);
}

static void
add_visible(struct trace *t, char way, const unsigned char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		begin(t, way);
		add_byte(t, bytes[i]);
		/* "\r\n" before a line's text stands with it: only what follows text ends a line */
		if ((bytes[i] == '\n' && t->len > strlen("\\r\\n")) || (bytes[i] == '\r' && way == '>'))
			end_line(t);
	}
}

void
trace_bytes(struct trace *t, enum at_trace kind, const void *bytes, size_t len)
{
	char way = kind == AT_TRACE_IN || kind == AT_TRACE_IN_PAYLOAD || kind == AT_TRACE_IN_SECRET ? '<' : '>';
	bool payload = kind == AT_TRACE_IN_PAYLOAD || kind == AT_TRACE_OUT_PAYLOAD;
	bool secret = kind == AT_TRACE_IN_SECRET || kind == AT_TRACE_OUT_SECRET;

	if (!t || !len)
		return;
	if (secret || !bytes || (payload && !t->payload)) {
		begin(t, way);
		t->hidden += len;
	} else {
		add_visible(t, way, bytes, len);
	}
}

/* The text is ours but may quote a name from outside. */
void
trace_note(struct trace *t, const char *text)
{
	char line[1024];

	if (!t)
		return;
	end_line(t);
	fprintf(t->file, "%s\n", str_escape(line, sizeof(line), text, strlen(text)));
	fflush(t->file);
}

void
trace_close(struct trace *t)
{
	if (!t)
		return;
	end_line(t);
	fclose(t->file);
	free(t);
}
