/* SPDX-License-Identifier: Apache-2.0 */
#include "rtc.h"

#include <stdio.h>
#include <time.h>

bool
rtc_parse(const char *text, bool with_dst, int64_t *ret_seconds, int *ret_zone)
{
	int y, mo, d, h, mi, s, zone, dst, used = 0, more = 0;
	struct tm tm = { 0 };
	time_t when;
	char sign;

	if (sscanf(text, "%2d/%2d/%2d,%2d:%2d:%2d%c%2d%n", &y, &mo, &d, &h, &mi, &s, &sign, &zone, &used) != 8)
		return false;
	if (with_dst && sscanf(text + used, ",%1d%n", &dst, &more) == 1)
		used += more;
	if (text[used] || (sign != '+' && sign != '-'))
		return false;
	if (sign == '-')
		zone = -zone;
	if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 59 || zone < -47 || zone > 48)
		return false;
	tm.tm_year = 100 + y;
	tm.tm_mon = mo - 1;
	tm.tm_mday = d;
	tm.tm_hour = h;
	tm.tm_min = mi;
	tm.tm_sec = s;
	when = timegm(&tm);
	if (tm.tm_mday != d) /* that month has no such day */
		return false;
	*ret_seconds = (int64_t)when - zone * 900;
	*ret_zone = zone;
	return true;
}

void
rtc_text(char *dst, size_t size, int64_t seconds, int zone)
{
	time_t when = (time_t)(seconds + zone * 900);
	int quarters = zone < 0 ? -zone : zone;
	struct tm tm;

	gmtime_r(&when, &tm);
	snprintf(dst, size, "%02d/%02d/%02d,%02d:%02d:%02d%c%02d", tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec, zone < 0 ? '-' : '+', quarters);
}
