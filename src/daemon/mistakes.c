/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/mistakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define CLOSING 40 /* room for "\nand 1000 more; the log has all of them" */

/* Whole lines only, but for the first one. */
static void
add_line(struct mistakes *m, const char *line)
{
	size_t has = strlen(m->text), room = sizeof(m->text) - CLOSING;

	if (m->left_out || (has && has + 1 + strlen(line) >= room))
		m->left_out++;
	else
		str_add(m->text, room, "%s%s", has ? "\n" : "", line);
}

void
mistakes_add(struct mistakes *m, const char *tag, const char *name, const char *fmt, ...)
{
	char text[600], line[700] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_error(tag, name, "%s", text);
	if (!m)
		return;
	str_add(line, sizeof(line), "%s%s%s: %s", tag, name ? " " : "", name ? name : "", text);
	add_line(m, line);
}

void
mistakes_report(struct mistakes *m, const struct conf_report *report)
{
	size_t i;

	conf_report_log(report);
	for (i = 0; i < report->n; i++)
		if (!report->v[i].warning)
			add_line(m, report->v[i].text);
}

void
mistakes_close(struct mistakes *m)
{
	if (m->left_out)
		str_add(m->text, sizeof(m->text), "\nand %u more; the log has all of them", m->left_out);
}
