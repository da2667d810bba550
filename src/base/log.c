/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum log_level log_level = LOG_INFO;
bool log_prefix = true;
log_sink_fn *log_sink;

void
log_line(enum log_level level, const char *tag, const char *name, const char *fmt, ...)
{
	char line[1024];
	int saved = errno;
	size_t start, end;
	va_list ap;

	start = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	end = start + (size_t)snprintf(line + start, sizeof(line) - start, "%s%s%s: ", tag, name ? " " : "", name ? name : "");
	va_start(ap, fmt);
	vsnprintf(line + end, sizeof(line) - end - 1, fmt, ap);
	va_end(ap);
	if (!log_sink || !log_sink(level, tag, name, line + start)) {
		/* One write per line, so that lines of two processes never mix. */
		end = strlen(line);
		line[end] = '\n';
		start = log_prefix ? 0 : start;
		fwrite(line + start, 1, end + 1 - start, stderr);
	}
	errno = saved;
}
