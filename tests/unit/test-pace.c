/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "port/pace.h"

/* A line as the kernel shows it: what it carries per ms, and whether TIOCOUTQ tells. */
struct line {
	unsigned baud;
	int tells;
	uint64_t now_ms;
	uint64_t queued; /* byte x 10000 */
	uint64_t carried;
	unsigned idle_ms, wakes;
	size_t worst; /* most bytes ever on their way */
};

static size_t
line_queue(const struct line *l)
{
	return (size_t)((l->queued + 9999) / 10000);
}

static size_t
line_outq(const struct line *l)
{
	return l->tells ? line_queue(l) : 0;
}

static void
line_tick(struct line *l)
{
	uint64_t most = l->baud, n = l->queued < most ? l->queued : most;

	l->now_ms++;
	l->queued -= n;
	l->carried += n;
	l->idle_ms += n < most;
}

/* Writes all that there is room for each time the pace says so, late_ms too late. */
static void
stream(struct line *l, unsigned for_ms, unsigned late_ms)
{
	uint64_t end = l->now_ms + for_ms, wake = l->now_ms;
	struct pace p;
	size_t room;

	pace_init(&p, l->baud);
	while (l->now_ms < end) {
		if (l->now_ms >= wake) {
			l->wakes++;
			pace_saw(&p, line_outq(l));
			room = pace_room(&p, line_outq(l), l->now_ms);
			l->queued += (uint64_t)room * 10000;
			pace_wrote(&p, room, l->now_ms);
			pace_saw(&p, line_outq(l));
			if (line_queue(l) > l->worst)
				l->worst = line_queue(l);
			wake = pace_when(&p, line_outq(l), l->now_ms) + late_ms;
		}
		line_tick(l);
	}
}

static void
a_paced_stream_fills_the_line(void **state)
{
	static const unsigned bauds[] = { 2400, 9600, 115200, 460800, 921600, 3000000 };
	size_t i, tells;

	(void)state;
	for (i = 0; i < sizeof(bauds) / sizeof(bauds[0]); i++)
		for (tells = 0; tells < 2; tells++) {
			struct line l = { .baud = bauds[i], .tells = (int)tells, .now_ms = 5000 };

			stream(&l, 10000, 2);
			assert_true(l.carried >= (uint64_t)bauds[i] * 10000 / 100 * 99);
			assert_true(l.wakes <= 1600);
		}
}

static void
the_bound_of_an_untold_queue_is_4_kib(void **state)
{
	struct line l = { .baud = 115200, .now_ms = 1 };

	(void)state;
	stream(&l, 20000, 0);
	assert_in_range(l.worst, 2048, 4096);
	assert_true(l.wakes < 130); /* half of 4 KiB each time */
}

static void
the_bound_of_a_told_queue_is_20_ms(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 115200);
	assert_int_equal(pace_room(&p, 0, 100), 4096);
	pace_saw(&p, 1);
	assert_int_equal(pace_room(&p, 0, 100), 230);
	assert_int_equal(pace_room(&p, 200, 100), 30);
	assert_int_equal(pace_room(&p, 500, 100), 0);
	pace_init(&p, 2400);
	pace_saw(&p, 1);
	assert_int_equal(pace_room(&p, 0, 100), 64);
}

static void
a_queue_that_tells_now_and_then_keeps_the_other_bound(void **state)
{
	struct pace p;
	int i;

	(void)state;
	pace_init(&p, 115200);
	pace_saw(&p, 10);
	for (i = 0; i < 100; i++)
		pace_wrote(&p, pace_room(&p, 0, 100), 100);
	assert_int_equal(pace_room(&p, 0, 100), 0);
	assert_int_equal(pace_drained(&p, 0, 100), 100 + 356); /* 4096 bytes */
}

static void
no_rate_is_no_bound(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0);
	assert_false(pace_wants_outq(&p));
	pace_wrote(&p, 1 << 20, 100);
	assert_true(pace_room(&p, 0, 100) == PACE_NO_BOUND);
	assert_int_equal(pace_when(&p, 0, 100), 100);
	assert_int_equal(pace_drained(&p, 0, 110), 100);
	assert_int_equal(pace_drained(&p, 5, 110), 111);
}

static void
the_end_of_what_was_written_is_known(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 115200);
	assert_int_equal(pace_drained(&p, 0, 1000), 0);
	pace_wrote(&p, 1152, 1000); /* 100 ms */
	assert_int_equal(pace_drained(&p, 0, 1000), 1100);
	assert_int_equal(pace_drained(&p, 0, 5000), 1100);    /* in the past, and not moved on */
	assert_int_equal(pace_drained(&p, 1152, 1050), 1150); /* the line stood still meanwhile */
}

static void
what_was_flushed_never_takes_time(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 115200);
	pace_wrote(&p, 2304, 1000);
	pace_flushed(&p, 1152, 1000);
	assert_int_equal(pace_drained(&p, 0, 1000), 1100);
	pace_flushed(&p, 100000, 1010);
	assert_int_equal(pace_drained(&p, 0, 1010), 1010);
	assert_int_equal(pace_room(&p, 0, 1010), 4096);
}

static void
a_line_that_was_just_opened_may_still_carry_what_another_wrote(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 115200);
	pace_opened(&p, 1000);
	assert_int_equal(pace_drained(&p, 0, 1000), 1000 + 356); /* 4096 bytes */
	assert_int_equal(pace_room(&p, 0, 1000), 4096);
	pace_wrote(&p, 1152, 2000);
	assert_int_equal(pace_drained(&p, 0, 2000), 2100);
	pace_saw(&p, 1);
	pace_opened(&p, 3000);
	assert_int_equal(pace_drained(&p, 0, 3000), 2100); /* the kernel tells, and it is nothing */
	pace_init(&p, 0);
	pace_opened(&p, 1000);
	assert_int_equal(pace_drained(&p, 0, 1000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_paced_stream_fills_the_line),
		cmocka_unit_test(a_line_that_was_just_opened_may_still_carry_what_another_wrote),
		cmocka_unit_test(the_bound_of_an_untold_queue_is_4_kib),
		cmocka_unit_test(the_bound_of_a_told_queue_is_20_ms),
		cmocka_unit_test(a_queue_that_tells_now_and_then_keeps_the_other_bound),
		cmocka_unit_test(no_rate_is_no_bound),
		cmocka_unit_test(the_end_of_what_was_written_is_known),
		cmocka_unit_test(what_was_flushed_never_takes_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
