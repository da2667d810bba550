/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines that come again are told, and when. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/tally.h"

#define HOUR UINT64_C(3600000)
#define DAY (24 * HOUR)
#define START (17 * DAY)

static char last[1200];

static bool
sink(enum log_level level, const char *tag, const char *name, const char *text)
{
	(void)tag;
	(void)name;
	if (level < LOG_DEBUG)
		strncpy(last, text, sizeof(last) - 1);
	return true;
}

static int
setup(void **state)
{
	(void)state;
	log_sink = sink;
	log_level = LOG_INFO;
	last[0] = '\0';
	return 0;
}

static bool
tell(struct tally *t, uint64_t now_ms, const char *text)
{
	return tally_log(t, now_ms, LOG_WARNING, "modem", "gw0", "%s", text);
}

static void
what_comes_again_is_told_ever_less_often_with_a_count(void **state)
{
	struct tally t = { 0 };

	(void)state;
	assert_true(tell(&t, START, "gone"));
	assert_string_equal(last, "modem gw0: gone");
	assert_false(tell(&t, START + 1, "gone"));
	assert_false(tell(&t, START + HOUR - 1, "gone"));
	assert_true(tell(&t, START + HOUR, "gone"));
	assert_string_equal(last, "modem gw0: gone (and 2 times more since it was last told)");
	assert_false(tell(&t, START + DAY, "gone"));
	assert_true(tell(&t, START + DAY + HOUR, "gone"));
	assert_false(tell(&t, START + 8 * DAY, "gone"));
	assert_true(tell(&t, START + 8 * DAY + HOUR, "gone"));
	assert_false(tell(&t, START + 36 * DAY, "gone"));
	assert_true(tell(&t, START + 36 * DAY + HOUR, "gone"));
}

static void
once_a_second_for_a_year_is_told_a_few_times(void **state)
{
	struct tally t = { 0 };
	unsigned n = 0;
	uint64_t at;

	(void)state;
	for (at = START; at < START + 365 * DAY; at += 10000) /* or less often, for the sake of the test */
		n += tell(&t, at, "refused");
	assert_in_range(n, 5, 20);
}

static void
each_line_is_counted_by_itself(void **state)
{
	struct tally t = { 0 };

	(void)state;
	assert_true(tell(&t, START, "one"));
	assert_true(tell(&t, START, "two"));
	assert_false(tell(&t, START, "one"));
	assert_false(tell(&t, START, "two"));
}

static void
what_was_not_seen_for_four_weeks_is_new(void **state)
{
	struct tally t = { 0 };

	(void)state;
	assert_true(tell(&t, START, "gone"));
	assert_true(tell(&t, START + 2 * HOUR, "gone"));
	assert_true(tell(&t, START + 30 * DAY + 2 * HOUR, "gone"));
	assert_string_equal(last, "modem gw0: gone");
	assert_true(tell(&t, START + 30 * DAY + 3 * HOUR, "gone"));
}

/* Each night for two months, and then it is there to stay: what was told last must not be that all is well. */
static void
what_comes_and_goes_and_then_stays_is_told_within_a_day(void **state)
{
	struct tally t = { 0 };
	uint64_t at = START, stays;
	unsigned n = 0;

	(void)state;
	for (; at < START + 60 * DAY; at += DAY)
		n += tell(&t, at, "gone");
	assert_in_range(n, 4, 7);
	for (stays = at; at < stays + DAY; at += HOUR)
		assert_false(tell(&t, at, "gone"));
	assert_true(tell(&t, at, "gone"));
	for (at += HOUR; at < stays + 8 * DAY; at += HOUR)
		assert_false(tell(&t, at, "gone"));
}

/* Whoever can choose the words chooses ever new ones. */
static void
ever_new_lines_are_bounded_together(void **state)
{
	struct tally t = { 0 };
	char text[30];
	unsigned i, n = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "error %u", i);
		n += tell(&t, START + i, text);
	}
	assert_int_equal(n, 40);
	assert_string_equal(last, "modem gw0: error 39 (more lines of its kind are written at level debug for now)");
	for (; i < 365 * 24 * 6; i++) {
		snprintf(text, sizeof(text), "error %u", i);
		n += tell(&t, START + i * HOUR / 6, text);
	}
	assert_in_range(n, 4000, 4500);
}

static void
after_a_while_many_may_come_again(void **state)
{
	struct tally t = { 0 };
	char text[30];
	unsigned i, n = 0;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "error %u", i);
		tell(&t, START, text);
	}
	assert_false(tell(&t, START + 2 * HOUR - 1, "again"));
	assert_true(tell(&t, START + 2 * HOUR, "again and again"));
	assert_false(tell(&t, START + 2 * HOUR, "and again"));
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "trouble %u", i);
		n += tell(&t, START + 10 * DAY, text);
	}
	assert_int_equal(n, 40);
}

/* What the level hides was told to nobody, and does not stand for anything later. */
static void
what_is_above_the_level_does_not_count(void **state)
{
	struct tally t = { 0 };

	(void)state;
	log_level = LOG_ERROR;
	assert_false(tell(&t, START, "gone"));
	log_level = LOG_INFO;
	assert_true(tell(&t, START, "gone"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_comes_again_is_told_ever_less_often_with_a_count, setup),
		cmocka_unit_test_setup(once_a_second_for_a_year_is_told_a_few_times, setup),
		cmocka_unit_test_setup(each_line_is_counted_by_itself, setup),
		cmocka_unit_test_setup(what_was_not_seen_for_four_weeks_is_new, setup),
		cmocka_unit_test_setup(what_comes_and_goes_and_then_stays_is_told_within_a_day, setup),
		cmocka_unit_test_setup(ever_new_lines_are_bounded_together, setup),
		cmocka_unit_test_setup(after_a_while_many_may_come_again, setup),
		cmocka_unit_test_setup(what_is_above_the_level_does_not_count, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
