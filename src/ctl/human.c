/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/human.h"

#include <inttypes.h>
#include <stddef.h>
#include <time.h>

#include "base/xalloc.h"

char *
human_bytes(uint64_t bytes)
{
	static const char units[] = "kMGTPE";
	uint64_t unit = 1000, tenths;
	const char *u = units;

	if (bytes < unit)
		return xasprintf("%" PRIu64 " B", bytes);
	for (; u[1] && bytes / unit >= 1000; u++)
		unit *= 1000;
	tenths = bytes / (unit / 10);
	if (tenths >= 1000)
		return xasprintf("%" PRIu64 " %cB", tenths / 10, *u);
	return xasprintf("%" PRIu64 ".%" PRIu64 " %cB", tenths / 10, tenths % 10, *u);
}

char *
human_away(int64_t when_s, int64_t now_s)
{
	static const struct {
		uint64_t s;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	uint64_t away = when_s > now_s ? (uint64_t)when_s - (uint64_t)now_s : (uint64_t)now_s - (uint64_t)when_s, n;
	size_t i = 0;

	if (!away)
		return xstrdup("now");
	while (away < units[i].s)
		i++;
	n = away / units[i].s;
	return xasprintf("%s%" PRIu64 " %s%s%s", when_s > now_s ? "in " : "", n, units[i].name, n == 1 ? "" : "s",
	    when_s > now_s ? "" : " ago");
}

char *
human_time(int64_t when_s)
{
	time_t t = (time_t)when_s;
	struct tm tm;
	char s[64];

	if (!localtime_r(&t, &tm) || !strftime(s, sizeof(s), "%Y-%m-%d %H:%M:%S", &tm))
		return xasprintf("%" PRId64 " s since 1970", when_s);
	return xstrdup(s);
}
