/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/conf-priv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"

/* A hostile file must not turn into a report of any size. */
#define MISTAKES_MAX 1000

static void
report_add(struct conf_report *r, unsigned line, bool warning, char *text)
{
	r->v = xrealloc(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct conf_mistake){ .line = line, .warning = warning, .text = text };
	r->errors += !warning;
}

/* Keys and values come from outside: nothing in them may end or colour a line. */
static char *
printable(const char *s)
{
	size_t size = strlen(s) * 4 + 1;
	char *out = xcalloc(size, 1), *o = out;

	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			o += sprintf(o, "\\x%02x", (unsigned char)*s);
		else
			*o++ = *s;
	}
	return out;
}

__attribute__((format(printf, 5, 0))) static void
mistake(struct conf_load *l, unsigned line, const char *key, bool warning, const char *fmt, va_list ap)
{
	AUTO(free) char *raw = NULL, *text = NULL;
	char where[16] = "";
	struct conf_report *r = l->report;

	if (r->n > MISTAKES_MAX) {
		r->errors += !warning;
		return;
	}
	if (r->n == MISTAKES_MAX) {
		report_add(r, UINT32_MAX, false, xasprintf("%s: too many mistakes, the others are not shown", l->file));
		return;
	}
	if (vasprintf(&raw, fmt, ap) < 0)
		abort(); /* out of memory, as in xalloc.c */
	text = printable(raw);
	if (line)
		snprintf(where, sizeof(where), ":%u", line);
	report_add(r, line, warning,
		   xasprintf("%s%s: %s%s%s%s", l->file, where, key ? key : "", key ? ": " : "", warning ? "warning: " : "",
			     text));
}

void
conf_mistake(struct conf_load *l, unsigned line, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mistake(l, line, key, false, fmt, ap);
	va_end(ap);
}

static const struct conf_where *
where(const struct conf_load *l, const void *field)
{
	static const struct conf_where nowhere;
	size_t i;

	for (i = 0; i < l->n_where; i++)
		if (l->where[i].field == field)
			return &l->where[i];
	return &nowhere;
}

void
conf_mistake_at(struct conf_load *l, const void *field, const char *fmt, ...)
{
	const struct conf_where *w = where(l, field);
	va_list ap;

	va_start(ap, fmt);
	mistake(l, w->line, w->path, false, fmt, ap);
	va_end(ap);
}

void
conf_warning_at(struct conf_load *l, const void *field, const char *fmt, ...)
{
	const struct conf_where *w = where(l, field);
	va_list ap;

	va_start(ap, fmt);
	mistake(l, w->line, w->path, true, fmt, ap);
	va_end(ap);
}

void
conf_missing_at(struct conf_load *l, const void *field, const char *fmt, ...)
{
	const struct conf_where *w = where(l, field);
	va_list ap;

	if (w->wrong)
		return;
	va_start(ap, fmt);
	mistake(l, w->line, w->path, false, fmt, ap);
	va_end(ap);
}

/* By line, and within a line in the order in which they were found: few, and mostly sorted. */
void
conf_report_sort(struct conf_report *r)
{
	size_t i, j;

	for (i = 1; i < r->n; i++) {
		struct conf_mistake m = r->v[i];

		for (j = i; j > 0 && r->v[j - 1].line > m.line; j--)
			r->v[j] = r->v[j - 1];
		r->v[j] = m;
	}
}

void
conf_report_print(const struct conf_report *r, FILE *to)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		fprintf(to, "%s\n", r->v[i].text);
}

void
conf_report_log(const struct conf_report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		log_at(r->v[i].warning ? LOG_WARNING : LOG_ERROR, "daemon", NULL, "%s", r->v[i].text);
}

void
conf_report_deinit(struct conf_report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->v[i].text);
	free(r->v);
	*r = CONF_REPORT_INIT;
}
