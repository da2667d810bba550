/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"

static struct clock clock_;
static struct timer timers[4]; /* a b c d */
static char order[32];

/* What timer a does besides. */
static void (*extra)(void);

static void
note(void *arg)
{
	char name[2] = { *(const char *)arg, '\0' };

	strcat(order, name);
	if (name[0] == 'a' && extra)
		extra();
}

static int
setup(void **state)
{
	static const char names[] = "abcd";
	int i;

	(void)state;
	clock_init(&clock_, 1000, 7);
	for (i = 0; i < 4; i++)
		timer_init(&timers[i], note, (void *)&names[i]);
	order[0] = '\0';
	extra = NULL;
	return 0;
}

static void
timers_run_in_order_of_time(void **state)
{
	(void)state;
	timer_in(&clock_, &timers[2], 30);
	timer_in(&clock_, &timers[0], 10);
	timer_in(&clock_, &timers[1], 20);
	assert_int_equal(clock_deadline(&clock_), 1010);
	clock_run(&clock_, 1009);
	assert_string_equal(order, "");
	clock_run(&clock_, 1020);
	assert_string_equal(order, "ab");
	clock_run(&clock_, 5000);
	assert_string_equal(order, "abc");
	assert_true(clock_deadline(&clock_) == CLOCK_NEVER);
}

static void
timers_of_one_time_run_as_they_were_set(void **state)
{
	(void)state;
	timer_in(&clock_, &timers[3], 10);
	timer_in(&clock_, &timers[1], 10);
	timer_in(&clock_, &timers[0], 10);
	clock_run(&clock_, 1010);
	assert_string_equal(order, "dba");
}

static void
a_new_setting_replaces_the_old(void **state)
{
	(void)state;
	timer_in(&clock_, &timers[0], 10);
	timer_in(&clock_, &timers[0], 50);
	clock_run(&clock_, 1049);
	assert_string_equal(order, "");
	clock_run(&clock_, 1050);
	assert_string_equal(order, "a");
}

static void
a_stopped_timer_is_silent(void **state)
{
	(void)state;
	timer_stop(&clock_, &timers[0]);
	timer_in(&clock_, &timers[0], 10);
	timer_stop(&clock_, &timers[0]);
	timer_stop(&clock_, &timers[0]);
	clock_run(&clock_, 2000);
	assert_string_equal(order, "");
}

static void
stop_b(void)
{
	timer_stop(&clock_, &timers[1]);
}

static void
a_due_timer_can_be_stopped_by_one_before_it(void **state)
{
	(void)state;
	extra = stop_b;
	timer_in(&clock_, &timers[0], 10);
	timer_in(&clock_, &timers[1], 10);
	timer_in(&clock_, &timers[2], 10);
	clock_run(&clock_, 1010);
	assert_string_equal(order, "ac");
	assert_int_equal(timers[1].state, TIMER_OFF);
	timer_in(&clock_, &timers[1], 0);
	clock_run(&clock_, 1010);
	assert_string_equal(order, "acb");
}

static void
postpone_b(void)
{
	timer_in(&clock_, &timers[1], 100);
}

static void
a_due_timer_can_be_put_off_by_one_before_it(void **state)
{
	(void)state;
	extra = postpone_b;
	timer_in(&clock_, &timers[0], 10);
	timer_in(&clock_, &timers[1], 10);
	clock_run(&clock_, 1010);
	assert_string_equal(order, "a");
	assert_int_equal(clock_deadline(&clock_), 1110);
	clock_run(&clock_, 1110);
	assert_string_equal(order, "ab");
}

static void
a_again_now(void)
{
	timer_in(&clock_, &timers[0], 0);
}

static void
what_is_set_for_now_runs_on_the_next_turn(void **state)
{
	(void)state;
	extra = a_again_now;
	timer_in(&clock_, &timers[0], 0);
	clock_run(&clock_, 1000);
	assert_string_equal(order, "a");
	assert_int_equal(clock_deadline(&clock_), 1000);
	clock_run(&clock_, 1000);
	assert_string_equal(order, "aa");
}

static void
time_never_goes_back(void **state)
{
	(void)state;
	clock_run(&clock_, 2000);
	clock_run(&clock_, 1500);
	assert_int_equal(clock_.now_ms, 2000);
}

static void
random_numbers_repeat_from_a_seed_and_stay_below_the_limit(void **state)
{
	struct clock other;
	int i;

	(void)state;
	clock_init(&other, 5, 7);
	for (i = 0; i < 1000; i++) {
		uint32_t n = clock_random(&clock_, 10);

		assert_true(n < 10);
		assert_int_equal(n, clock_random(&other, 10));
	}
	assert_int_equal(clock_random(&clock_, 0), 0);
}

static void
a_hosts_time_is_believed_when_it_is_synchronised_and_can_be(void **state)
{
	(void)state;
	clock_.wall_s = CLOCK_OLDEST_S;
	assert_int_equal(clock_host_time(&clock_), 0);
	clock_.wall_trusted = true;
	assert_int_equal(clock_host_time(&clock_), CLOCK_OLDEST_S);
	clock_.wall_s = CLOCK_OLDEST_S - 1;
	assert_int_equal(clock_host_time(&clock_), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(timers_run_in_order_of_time, setup),
		cmocka_unit_test_setup(timers_of_one_time_run_as_they_were_set, setup),
		cmocka_unit_test_setup(a_new_setting_replaces_the_old, setup),
		cmocka_unit_test_setup(a_stopped_timer_is_silent, setup),
		cmocka_unit_test_setup(a_due_timer_can_be_stopped_by_one_before_it, setup),
		cmocka_unit_test_setup(a_due_timer_can_be_put_off_by_one_before_it, setup),
		cmocka_unit_test_setup(what_is_set_for_now_runs_on_the_next_turn, setup),
		cmocka_unit_test_setup(time_never_goes_back, setup),
		cmocka_unit_test_setup(random_numbers_repeat_from_a_seed_and_stay_below_the_limit, setup),
		cmocka_unit_test_setup(a_hosts_time_is_believed_when_it_is_synchronised_and_can_be, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
