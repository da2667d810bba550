/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum log_level log_level = LOG_INFO;
bool log_prefix = true;

void
log_line(enum log_level level, const char *tag, const char *name, const char *fmt, ...)
{
	char line[1024] = "";
	int saved = errno;
	size_t at = 0;
	va_list ap;

	/* One write per line, so that lines of two processes never mix. */
	if (log_prefix)
		at = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%s%s: ", tag, name ? " " : "", name ? name : "");
	va_start(ap, fmt);
	vsnprintf(line + at, sizeof(line) - at - 1, fmt, ap);
	va_end(ap);
	at = strlen(line);
	line[at] = '\n';
	fwrite(line, 1, at + 1, stderr);
	errno = saved;
}
