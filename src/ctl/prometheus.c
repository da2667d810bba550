/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/prometheus.h"

#include <string.h>

#include "base/utf8.h"

void
prometheus_family(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Labels are UTF-8; backslash, quote and newline are written with a backslash. */
static void
write_label(FILE *f, const char *s)
{
	size_t len = strlen(s), n;
	uint32_t c;

	for (; len; s += n, len -= n) {
		n = utf8_next(s, len, &c);
		if (!c)
			fputs("\xef\xbf\xbd", f); /* U+FFFD */
		else if (c == '\n')
			fputs("\\n", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", (int)c);
		else
			fwrite(s, 1, n, f);
	}
}

void
prometheus_sample(FILE *f, const char *name, const char *const *labels)
{
	const char *between = "{";

	fputs(name, f);
	for (; labels[0]; labels += 2) {
		fprintf(f, "%s%s=\"", between, labels[0]);
		write_label(f, labels[1]);
		putc('"', f);
		between = ",";
	}
	putc('}', f);
}
