/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-asked.c - what an admin asks of a modem: to start anew, to give its tty up and to take it back
 */
#include "simulation/scene.h"

static uint64_t
rung(const struct world *w, enum modem_rung r)
{
	return modem_figures(w->modem)->rungs[r];
}

static void
assert_reset_once(struct world *w, enum modem_rung r)
{
	modem_reset(w->modem, "asked for");
	world_run(w, 1000);
	assert_false(world_ready(w));
	assert_true(world_run_until(w, world_ready, 60000));
	assert_int_equal(side_counter(w->side, "resets"), 1);
	assert_int_equal(rung(w, r), 1);
	world_run(w, 600000);
	assert_int_equal(side_counter(w->side, "resets"), 1);
	assert_true(world_ready(w));
	assert_string_equal(modem_error(w->modem), "");
}

static void
a_reset_ends_the_session_with_its_reason(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_FLOOD, 1000000);
	c = scene_session(&w);
	client_says(c, "hello");
	world_run(&w, 300);
	modem_reset(w.modem, "asked for");
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "asked for");
	assert_figures(&w, 0, 1, 1);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(side_counter(w.side, "resets"), 1);
	assert_int_equal(rung(&w, RUNG_SOFT_RESET), 1);
	assert_int_equal(scene_said(&w, state, TO_START_ANEW), 1);
	side_next_peer(w.side, SIDE_COLLECT, 0);
	scene_session(&w);
	world_stop(&w);
}

/* In the middle of anything: also where a payload is cut off. */
static void
a_reset_at_any_moment_of_the_way_up(void **state)
{
	struct world w;
	unsigned ms;

	for (ms = 1; ms < 12000; ms += 389) {
		scene_start(&w, state, (struct world_conf){ .alone = true, .side.sim_pin = "1234", .pin = "1234", .modem = "pin_file = \"/dev/null\";",
		    .tls = "verify = \"server\";", .certs = { "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n" } });
		world_run(&w, ms);
		modem_reset(w.modem, "asked for");
		assert_true(world_run_until(&w, world_ready, 200000));
		assert_int_not_equal(side_counter(w.side, "resets"), 0);
		world_stop(&w);
	}
}

/* Firmware of the older units. */
static void
a_hard_reset_where_there_is_no_soft_one(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.without_reboot = true });
	assert_reset_once(&w, RUNG_HARD_RESET);
	world_stop(&w);
}

static void
twice_at_once_is_once(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	modem_reset(w.modem, "asked for");
	world_run(&w, 300);
	modem_reset(w.modem, "asked for again");
	while (modem_state(w.modem) != MODEM_BOOTING)
		world_run(&w, 10);
	assert_reset_once(&w, RUNG_SOFT_RESET);
	world_stop(&w);
}

/* Nothing is said to it before it listens; the ladder goes on meanwhile. */
static void
a_mute_module_is_reset_when_it_listens(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	modem_reset(w.modem, "asked for");
	world_run(&w, 600000);
	assert_int_equal(side_counter(w.side, "resets"), 0);
	assert_int_not_equal(rung(&w, RUNG_ESCAPE), 0);
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 200000));
	assert_int_equal(side_counter(w.side, "resets"), 1);
	world_stop(&w);
}

static void
a_modem_that_failed_tries_again(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .side.no_sim = true });
	world_run(&w, 30000);
	assert_string_equal(modem_state_word(w.modem), "failed");
	modem_reset(w.modem, "asked for");
	assert_string_equal(modem_state_word(w.modem), "opening");
	world_run(&w, 30000);
	assert_int_equal(side_counter(w.side, "resets"), 1);
	assert_string_equal(modem_state_word(w.modem), "failed");
	side_accident(w.side, SIDE_INSERT_SIM);
	modem_reset(w.modem, "asked for");
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

static void
a_refused_pin_is_not_tried_again_by_a_reset(void **state)
{
	struct world w;
	int i;

	scene_start(&w, state, (struct world_conf){ .alone = true, .side.sim_pin = "1234", .pin = "9999", .modem = "pin_file = \"/dev/null\";" });
	world_run(&w, 30000);
	for (i = 0; i < 3; i++) {
		assert_string_equal(modem_state_word(w.modem), "failed");
		modem_reset(w.modem, "asked for");
		world_run(&w, 40000);
	}
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_int_equal(w.pins_tried, 1);
	world_stop(&w);
}

/* It rests between two tries, for up to a minute: not when somebody asks. */
static void
a_reset_does_not_wait_for_the_end_of_a_rest(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	world_run(&w, 600000);
	while (modem_state(w.modem) != MODEM_RESTING)
		world_run(&w, 10);
	side_mute(w.side, false);
	modem_reset(w.modem, "asked for");
	assert_int_equal(modem_state(w.modem), MODEM_WAKING);
	assert_true(world_run_until(&w, world_ready, 30000));
	assert_int_equal(side_counter(w.side, "resets"), 1);
	world_stop(&w);
}

static void
no_tty_no_reset(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	world_line_down(&w);
	modem_reset(w.modem, "asked for");
	assert_string_equal(modem_state_word(w.modem), "absent");
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(side_counter(w.side, "resets"), 0);
	world_stop(&w);
}

/* Unplugged meanwhile: another module, perhaps, and who plugs it in has reset it. */
static void
a_reset_that_was_due_goes_with_the_tty(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	modem_reset(w.modem, "asked for");
	world_run(&w, 5000);
	world_line_down(&w);
	side_mute(w.side, false);
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(side_counter(w.side, "resets"), 0);
	world_stop(&w);
}

/* It would be asked for once more, and the PIN may be wrong: a third time blocks the SIM. */
static void
no_reset_while_it_is_not_known_whether_the_pin_was_right(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .pin = "1234", .side.sim_pin = "1234" });
	while (!w.pins_tried)
		world_run(&w, 1);
	side_fault(w.side, "no-final=1");
	world_run(&w, 1000);
	side_fault(w.side, "none");
	modem_reset(w.modem, "asked for");
	assert_true(world_run_until(&w, world_ready, 120000));
	assert_int_equal(side_counter(w.side, "resets"), 0);
	assert_int_equal(w.pins_tried, 1);
	world_stop(&w);
}

/* ---- the tty is somebody else's ---- */

static bool
stopped(struct world *w)
{
	return modem_stopped(w->modem);
}

static void
release(struct world *w)
{
	size_t i;

	for (i = 0; i < w->conf->n_channels; i++)
		channel_reset(w->channel[i], "released");
	modem_stop(w->modem);
	if (!world_run_until(w, stopped, 9000))
		fail_msg("did not go down");
	w->line_up = false;
	modem_released(w->modem);
}

static void
a_released_modem_keeps_clients_waiting_and_serves_them_when_it_is_back(void **state)
{
	struct world w;
	struct client *c, *waits;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	world_forget_said(&w);
	release(&w);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "released");
	assert_string_equal(modem_state_word(w.modem), "released");
	assert_int_equal(scene_said(&w, state, TO_CLOSE), 1);
	if (!scene_is_cinterion(state)) /* whose context goes by itself */
		assert_int_equal(world_said(&w, "AT#SGACT=1,0"), 1);
	waits = world_client(&w, 0);
	world_forget_said(&w);
	world_run(&w, 50000);
	assert_string_equal(w.said, "");
	assert_string_equal(modem_state_word(w.modem), "released");
	assert_string_equal(channel_state_word(w.channel[0]), "unavailable");
	assert_int_equal(waits->end, CLIENT_OPEN);
	modem_reset(w.modem, "asked for"); /* has nothing to reset */
	assert_string_equal(modem_state_word(w.modem), "released");
	world_line_up(&w);
	world_run(&w, 9000);
	client_says(waits, "hello");
	world_run(&w, 9000);
	assert_received(&w, side_dials(w.side), "hello");
	assert_string_equal(modem_error(w.modem), "");
	world_stop(&w);
}

static void
a_modem_is_released_whatever_it_does(void **state)
{
	struct world w;
	unsigned ms;

	for (ms = 1; ms < 9000; ms += 411) {
		scene_start(&w, state, (struct world_conf){ .alone = true });
		world_run(&w, ms);
		release(&w);
		world_run(&w, 100000);
		assert_string_equal(modem_state_word(w.modem), "released");
		world_line_up(&w);
		assert_true(world_run_until(&w, world_ready, 60000));
		release(&w); /* once more, and the device is unplugged */
		modem_line_down(w.modem, "unplugged");
		assert_string_equal(modem_state_word(w.modem), "absent");
		world_line_up(&w);
		assert_true(world_run_until(&w, world_ready, 60000));
		world_stop(&w);
	}
}

/* The owner does not wait for ever; what then ends late is of the life before. */
static void
a_modem_that_does_not_go_down_in_time_is_released_all_the_same(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	modem_stop(w.modem);
	world_run(&w, 1000);
	assert_false(modem_stopped(w.modem));
	w.line_up = false;
	modem_released(w.modem);
	world_run(&w, 100);
	assert_false(modem_stopped(w.modem));
	side_mute(w.side, false);
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_false(modem_stopped(w.modem));
	scene_session(&w);
	world_stop(&w);
}

/* A reset that was still due is not due any more. */
static void
a_released_modem_forgets_that_it_was_to_be_reset(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	modem_reset(w.modem, "asked for");
	world_run(&w, 5000);
	release(&w);
	side_mute(w.side, false);
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(side_counter(w.side, "resets"), 0);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAYS(a_reset_ends_the_session_with_its_reason),
		/* with a pause of 100 ms before the PIN a reset there leaves it recorded as tried, for people to see to */
		ON_FAMILIES(a_reset_at_any_moment_of_the_way_up),
		TELIT_FAMILIES(a_hard_reset_where_there_is_no_soft_one),
		ON_FAMILIES(twice_at_once_is_once),
		ON_FAMILIES(a_mute_module_is_reset_when_it_listens),
		ON_FAMILIES(a_modem_that_failed_tries_again),
		ON_FAMILIES(a_refused_pin_is_not_tried_again_by_a_reset),
		ON_FAMILIES(a_reset_does_not_wait_for_the_end_of_a_rest),
		ON_FAMILIES(no_tty_no_reset),
		ON_FAMILIES(a_reset_that_was_due_goes_with_the_tty),
		ON_FAMILIES(no_reset_while_it_is_not_known_whether_the_pin_was_right),
		ON_WAYS(a_released_modem_keeps_clients_waiting_and_serves_them_when_it_is_back),
		ON_FAMILIES(a_modem_is_released_whatever_it_does),
		TELIT_FAMILIES(a_modem_that_does_not_go_down_in_time_is_released_all_the_same),
		ON_FAMILIES(a_released_modem_forgets_that_it_was_to_be_reset),
	};

	return cmocka_run_group_tests_name("asked", tests, NULL, NULL);
}
