/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tally.h"

#include <stdarg.h>
#include <stdio.h>

#define HOUR_MS 3600000ull
#define AT_ONCE 40		/* lines */
#define REFILL_MS (2 * HOUR_MS) /* for one more */
#define FORGET_MS (28 * 24 * HOUR_MS)
#define APART_MS (12 * HOUR_MS) /* two lines so far apart are of two troubles, such as one each night */
#define LASTS_MS (24 * HOUR_MS) /* a trouble that goes on for so long is told, however often there was one before */

static const uint64_t gaps_ms[] = { HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, FORGET_MS };
#define GAPS (sizeof(gaps_ms) / sizeof(gaps_ms[0]))

/* FNV-1a, by Fowler, Noll and Vo: spreads well enough that two lines are never taken for one. */
static uint64_t
hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h ? h : 1;
}

/* The line of this text, or one in place of the one not seen for longest. */
static struct tally_line *
find(struct tally *t, uint64_t key, uint64_t now_ms)
{
	struct tally_line *l, *end = t->lines + TALLY_LINES, *oldest = t->lines;

	for (l = t->lines; l < end && l->key != key; l++)
		if (l->seen_ms < oldest->seen_ms)
			oldest = l;
	if (l < end && now_ms < l->seen_ms + FORGET_MS)
		return l;
	if (l == end)
		l = oldest;
	*l = (struct tally_line){ .key = key, .since_ms = now_ms, .untold = true };
	return l;
}

/* How many more lines of any kind. */
static unsigned
left(struct tally *t, uint64_t now_ms)
{
	uint64_t back = (now_ms - t->counted_ms) / REFILL_MS;

	t->counted_ms += back * REFILL_MS;
	t->used = back < t->used ? t->used - (uint32_t)back : 0;
	if (!t->used)
		t->counted_ms = now_ms;
	return AT_ONCE - t->used;
}

static bool
due(struct tally *t, struct tally_line *l, uint64_t now_ms)
{
	if (now_ms >= l->seen_ms + APART_MS) {
		l->since_ms = now_ms;
		l->untold = true;
	}
	l->seen_ms = now_ms;
	if ((now_ms >= l->next_ms || (l->untold && now_ms >= l->since_ms + LASTS_MS)) && left(t, now_ms))
		return true;
	l->missed++;
	return false;
}

static void
told(struct tally *t, struct tally_line *l, uint64_t now_ms)
{
	l->next_ms = now_ms + gaps_ms[l->step];
	if (l->step < GAPS - 1)
		l->step++;
	l->missed = 0;
	l->untold = false;
	t->used++;
}

bool
tally_log(struct tally *t, uint64_t now_ms, enum log_level level, const char *tag, const char *name, const char *fmt, ...)
{
	struct tally_line *l;
	char text[1000], more[80] = "";
	va_list ap;

	if (level > log_level)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l = find(t, hash(text), now_ms);
	if (!due(t, l, now_ms)) {
		log_debug(tag, name, "%s", text);
		return false;
	}
	if (l->missed)
		snprintf(more, sizeof(more), " (and %u times more since it was last told)", l->missed);
	else if (left(t, now_ms) == 1)
		snprintf(more, sizeof(more), " (more lines of its kind are written at level debug for now)");
	told(t, l, now_ms);
	log_at(level, tag, name, "%s%s", text, more);
	return true;
}
