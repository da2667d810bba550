/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-rates.c - a module that speaks another baud rate than the configured one
 */
#include "simulation/scene.h"

static uint64_t
rung(const struct world *w, enum modem_rung r)
{
	return modem_figures(w->modem)->rungs[r];
}

/* From the first byte: three tries at the configured rate, and a whole round; doc/architecture.md names it. */
#define FOUND_MS 130000

static void
another_rate_is_found_and_the_module_given_the_configured_one(void **state)
{
	static const unsigned rates[] = { 4800, 9600, 19200, 38400, 57600, 230400, 460800, 921600 };
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		scene_start(&w, state, (struct world_conf){ .alone = true, .side.module_rate = rates[i] });
		if (!world_run_until(&w, world_ready, FOUND_MS))
			fail_msg("%u bit/s: not ready: %s", rates[i], modem_error(w.modem));
		assert_int_equal(side_rate(w.side), 115200);
		assert_int_equal(world_said(&w, "AT+IPR=115200"), 1);
		assert_int_equal(rung(&w, RUNG_RATE), 1);
		scene_session(&w);
		world_restart(&w, &(struct world_conf){ .alone = true }); /* it stays */
		assert_true(world_run_until(&w, world_ready, 30000));
		assert_int_equal(rung(&w, RUNG_RATE), 0);
		world_stop(&w);
	}
}

/* Fixed at the rate that it heard: what it says before it hears anything would be noise. */
static void
a_module_that_finds_the_rate_by_itself_is_given_it(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .side.module_rate = SIDE_AUTOBAUD });
	assert_true(world_run_until(&w, world_ready, 30000));
	assert_int_equal(world_said(&w, "AT+IPR=115200"), 1);
	world_forget_said(&w);
	world_restart(&w, &(struct world_conf){ .alone = true });
	assert_true(world_run_until(&w, world_ready, 30000));
	assert_int_equal(world_said(&w, "AT+IPR?"), 1);
	assert_int_equal(world_said(&w, "AT+IPR="), 0);
	world_stop(&w);
}

/* The session of a life before is open there, and its peer must not get "AT". */
static void
data_mode_at_another_rate_is_left_by_the_escape(void **state)
{
	struct world_conf slow = { .alone = true, .modem = "baud = 9600;", .side = { .module_rate = 9600, .line_rate = 9600 } };
	struct world w;

	scene_up(&w, state, slow);
	client_says(scene_session(&w), "x");
	world_run(&w, 3000);
	world_restart(&w, &(struct world_conf){ .alone = true });
	assert_true(world_run_until(&w, world_ready, FOUND_MS));
	assert_int_equal(side_rate(w.side), 115200);
	assert_false(side_dial(w.side, 1).open);
	world_stop(&w);
}

/* A rate that it does not have: it keeps its own, the host follows, and that stays so. */
static void
a_module_that_cannot_change_keeps_its_own(void **state)
{
	struct world_conf wc = { .alone = true, .modem = "baud = 250000;", .side = { .module_rate = 57600, .line_rate = 250000 } };
	struct world w;
	int i;

	scene_start(&w, state, wc);
	assert_true(world_run_until(&w, world_ready, FOUND_MS));
	assert_int_equal(side_rate(w.side), 57600);
	scene_session(&w);
	for (i = 0; i < 3; i++) {
		side_accident(w.side, SIDE_RESET);
		world_run(&w, 100000);
		assert_true(world_run_until(&w, world_ready, 60000));
	}
	assert_int_equal(rung(&w, RUNG_RATE), 1);
	assert_int_equal(world_said(&w, "AT+IPR="), 1);
	world_line_down(&w);
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 30000));
	assert_int_equal(rung(&w, RUNG_RATE), 1);
	assert_int_equal(world_said(&w, "AT+IPR="), 2); /* it might have been another module */
	world_stop(&w);
}

static bool
speaks_as_configured(struct world *w)
{
	return world_ready(w) && side_rate(w->side) == 115200;
}

/* It forgets the rate with each power cut, say: it is given it each time, not only the first few. */
static void
a_module_that_forgets_its_rate_is_given_it_again_each_time(void **state)
{
	struct world w;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.module_rate = 115200 });
	for (i = 0; i < 5; i++) {
		world_run(&w, 600000);
		side_type(w.side, "AT+IPR=9600\r");
		if (!world_run_until(&w, speaks_as_configured, 1200000))
			fail_msg("time %d: %u bit/s: %s", i, side_rate(w.side), modem_error(w.modem));
	}
	world_stop(&w);
}

/* Nobody is there: the rounds are among the rungs, and the configured rate is what stands in the end. */
static void
a_mute_module_is_searched_for_now_and_then(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.module_rate = 115200 });
	side_mute(w.side, true);
	world_run(&w, 3600000);
	assert_in_range(rung(&w, RUNG_RATE), 3, 15);
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 150000));
	assert_int_equal(side_rate(w.side), 115200);
	world_stop(&w);
}

/* A line without a rate of its own has no other. */
static void
no_rate_is_no_rung(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "baud = 0;" });
	side_mute(w.side, true);
	world_run(&w, 3600000);
	assert_int_equal(rung(&w, RUNG_RATE), 0);
	assert_int_equal(world_said(&w, "AT+IPR"), 0);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* the notes of cinterion have no AT+IPR */
		TELIT_FAMILIES(another_rate_is_found_and_the_module_given_the_configured_one),
		TELIT_FAMILIES(a_module_that_finds_the_rate_by_itself_is_given_it),
		TELIT_ONLINE(data_mode_at_another_rate_is_left_by_the_escape),
		TELIT_FAMILIES(a_module_that_cannot_change_keeps_its_own),
		TELIT_FAMILIES(a_module_that_forgets_its_rate_is_given_it_again_each_time),
		ON_FAMILIES(a_mute_module_is_searched_for_now_and_then),
		ON_FAMILIES(no_rate_is_no_rung),
	};

	return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}
