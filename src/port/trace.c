/* SPDX-License-Identifier: Apache-2.0 */
#include "port/trace.h"
#include <stdio.h>
#include "base/str.h"
struct trace { FILE *f; bool payload; };
static struct trace one;
struct trace *trace_open(const char *path, bool payload)
{
	one.f = fopen(path, "w"); one.payload = payload;
	return one.f ? &one : NULL;
}
void trace_close(struct trace *t) { if (t) fclose(t->f); }
void trace_bytes(struct trace *t, enum at_trace kind, const void *bytes, size_t len)
{
	char text[300];
	bool out = kind == AT_TRACE_OUT || kind == AT_TRACE_OUT_PAYLOAD || kind == AT_TRACE_OUT_SECRET;
	if (kind == AT_TRACE_OUT || kind == AT_TRACE_IN)
		fprintf(t->f, "%c %s\n", out ? '>' : '<', str_escape(text, sizeof(text), bytes, len));
	else
		fprintf(t->f, "%c {%zu bytes}\n", out ? '>' : '<', len);
	fflush(t->f);
}
void trace_note(struct trace *t, const char *text) { fprintf(t->f, "%s\n", text); fflush(t->f); }
