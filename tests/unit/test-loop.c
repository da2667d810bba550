/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loop/loop.h"

struct world {
	struct loop *loop;
	struct clock *clock;
	int a, b; /* a socket pair */
	struct watch *watch;
	unsigned calls, events, timed, signo;
	struct timer timer;
	uint64_t fired_ms;
};

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
timed(void *arg)
{
	struct world *w = arg;

	w->timed++;
	w->fired_ms = now_ms();
}

static int
setup(void **state)
{
	static struct world w;
	int fd[2];

	memset(&w, 0, sizeof(w));
	w.loop = loop_new();
	w.clock = loop_clock(w.loop);
	timer_init(&w.timer, timed, &w);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) < 0)
		return -1;
	w.a = fd[0];
	w.b = fd[1];
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	timer_stop(w->clock, &w->timer);
	watch_free(w->watch);
	loop_free(w->loop);
	close(w->a);
	close(w->b);
	return 0;
}

static void
seen(unsigned events, void *arg)
{
	struct world *w = arg;

	w->calls++;
	w->events |= events;
}

static void
a_level_is_told_until_it_is_gone(void **state)
{
	struct world *w = *state;
	char c;

	w->watch = watch_new(w->loop, w->a, LOOP_READ, seen, w);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 0);
	assert_int_equal(write(w->b, "x", 1), 1);
	loop_turn(w->loop, true);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 2);
	assert_int_equal(w->events, LOOP_READ);
	assert_int_equal(read(w->a, &c, 1), 1);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 2);
}

static void
an_edge_is_told_once_and_again_when_more_comes(void **state)
{
	struct world *w = *state;

	w->watch = watch_new(w->loop, w->a, LOOP_READ | LOOP_EDGE, seen, w);
	assert_int_equal(write(w->b, "x", 1), 1);
	loop_turn(w->loop, true);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 1);
	assert_int_equal(write(w->b, "y", 1), 1);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 2);
}

static void
interest_in_writing_comes_and_goes(void **state)
{
	struct world *w = *state;

	w->watch = watch_new(w->loop, w->a, LOOP_READ, seen, w);
	watch_want(w->watch, LOOP_READ | LOOP_WRITE);
	loop_turn(w->loop, true);
	assert_int_equal(w->events, LOOP_WRITE);
	watch_want(w->watch, LOOP_READ);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 1);
}

static void
free_own_watch(unsigned events, void *arg)
{
	struct world *w = arg;

	(void)events;
	w->calls++;
	watch_free(gift(&w->watch));
	timer_in(w->clock, &w->timer, 0);
}

static void
a_watcher_may_free_itself_and_put_work_off(void **state)
{
	struct world *w = *state;

	w->watch = watch_new(w->loop, w->a, LOOP_READ | LOOP_WRITE, free_own_watch, w);
	assert_int_equal(write(w->b, "x", 1), 1);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 1);
	assert_int_equal(w->timed, 1); /* in the same turn */
}

static void
a_timer_is_never_early_and_wakes_once(void **state)
{
	struct world *w = *state;
	uint64_t before, due;

	loop_turn(w->loop, false);
	timer_in(w->clock, &w->timer, 30);
	due = w->timer.at_ms;
	before = loop_turns(w->loop);
	loop_turn(w->loop, true);
	assert_int_equal(w->timed, 1);
	assert_int_equal(loop_turns(w->loop) - before, 1);
	assert_true(w->fired_ms >= due);
}

static void
an_earlier_timer_is_not_missed(void **state)
{
	struct world *w = *state;
	struct timer late;

	timer_init(&late, timed, w);
	timer_in(w->clock, &late, 60000);
	loop_turn(w->loop, false);
	timer_in(w->clock, &w->timer, 10);
	loop_turn(w->loop, true);
	assert_int_equal(w->timed, 1);
	timer_stop(w->clock, &late);
}

/* A timer that is put off by little, again and again, costs one vain wake-up in the end. */
static void
a_later_timer_fires_at_its_time(void **state)
{
	struct world *w = *state;
	uint64_t due;

	timer_in(w->clock, &w->timer, 10);
	loop_turn(w->loop, false);
	timer_in(w->clock, &w->timer, 40);
	due = w->timer.at_ms;
	loop_turn(w->loop, true);
	assert_int_equal(w->timed, 0);
	loop_turn(w->loop, true);
	assert_int_equal(w->timed, 1);
	assert_true(w->fired_ms >= due);
}

/* The limit of a command that was answered, and the next look at the module a minute later. */
static void
a_timer_that_is_put_off_for_long_does_not_wake_in_vain(void **state)
{
	struct world *w = *state;

	timer_in(w->clock, &w->timer, 10);
	loop_turn(w->loop, false);
	timer_in(w->clock, &w->timer, 600);
	loop_turn(w->loop, true);
	assert_int_equal(w->timed, 1);
}

static void
again(void *arg)
{
	struct world *w = arg;

	w->timed++;
	timer_in(w->clock, &w->timer, 0);
}

static void
timers_that_never_rest_do_not_starve_descriptors(void **state)
{
	struct world *w = *state;

	timer_init(&w->timer, again, w);
	timer_in(w->clock, &w->timer, 0);
	w->watch = watch_new(w->loop, w->a, LOOP_READ, seen, w);
	assert_int_equal(write(w->b, "x", 1), 1);
	loop_turn(w->loop, true);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 2);
	assert_true(w->timed >= 2);
}

static void
signalled(int signo, void *arg)
{
	struct world *w = arg;

	w->signo = (unsigned)signo;
	loop_quit(w->loop);
}

static void
a_signal_ends_the_run(void **state)
{
	struct world *w = *state;

	assert_int_equal(loop_signal(w->loop, SIGUSR1, signalled, w), 0);
	kill(getpid(), SIGUSR1);
	assert_int_equal(loop_run(w->loop), 0);
	assert_int_equal(w->signo, SIGUSR1);
}

static void
the_wall_clock_is_kept(void **state)
{
	struct world *w = *state;

	loop_turn(w->loop, false);
	assert_in_range(w->clock->wall_s, time(NULL) - 2, time(NULL));
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(a_level_is_told_until_it_is_gone),
		WITH_WORLD(an_edge_is_told_once_and_again_when_more_comes),
		WITH_WORLD(interest_in_writing_comes_and_goes),
		WITH_WORLD(a_watcher_may_free_itself_and_put_work_off),
		WITH_WORLD(a_timer_is_never_early_and_wakes_once),
		WITH_WORLD(an_earlier_timer_is_not_missed),
		WITH_WORLD(a_later_timer_fires_at_its_time),
		WITH_WORLD(a_timer_that_is_put_off_for_long_does_not_wake_in_vain),
		WITH_WORLD(timers_that_never_rest_do_not_starve_descriptors),
		WITH_WORLD(a_signal_ends_the_run),
		WITH_WORLD(the_wall_clock_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
