/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

/* Without controls, also those of C1, and without DEL: some people do print it to a terminal. */
static void
write_string(FILE *f, const char *s)
{
	size_t len = strlen(s), n;
	uint32_t c;

	putc('"', f);
	for (; len; s += n, len -= n) {
		n = utf8_next(s, len, &c);
		if (!c)
			fputs("\\ufffd", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", (int)c);
		else if (c == '\n')
			fputs("\\n", f);
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			fprintf(f, "\\u%04x", (unsigned)c);
		else
			fwrite(s, 1, n, f);
	}
	putc('"', f);
}

static void write_value(FILE *f, const struct value *v, int indent);

static void
new_line(FILE *f, int indent)
{
	if (indent >= 0)
		fprintf(f, "\n%*s", indent, "");
}

/* indent < 0: all in one line */
static void
write_items(FILE *f, const struct value *v, int indent)
{
	bool map = v->kind == VALUE_MAP;
	int deeper = indent < 0 ? indent : indent + 2;
	size_t i;

	putc(map ? '{' : '[', f);
	for (i = 0; i < v->many.n; i++) {
		if (i)
			fputs(indent < 0 ? ", " : ",", f);
		new_line(f, deeper);
		if (map) {
			write_string(f, v->many.items[i].key);
			fputs(": ", f);
		}
		write_value(f, &v->many.items[i].value, deeper);
	}
	if (v->many.n)
		new_line(f, indent);
	putc(map ? '}' : ']', f);
}

static void
write_value(FILE *f, const struct value *v, int indent)
{
	switch (v->kind) {
	case VALUE_STRING:
		write_string(f, v->string);
		break;
	case VALUE_INT:
		fprintf(f, "%" PRId64, v->i);
		break;
	case VALUE_UINT:
		fprintf(f, "%" PRIu64, v->u);
		break;
	case VALUE_BOOL:
		fputs(v->b ? "true" : "false", f);
		break;
	case VALUE_DOUBLE:
		if (isfinite(v->d))
			fprintf(f, "%.17g", v->d);
		else
			fputs("null", f);
		break;
	case VALUE_LIST:
	case VALUE_MAP:
		write_items(f, v, indent);
		break;
	}
}

void
json_write(FILE *f, const struct value *v, bool in_lines)
{
	write_value(f, v, in_lines ? 0 : -1);
	putc('\n', f);
}
