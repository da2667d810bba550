/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-up.c - the way up: SIM, network, context, TLS, from whatever an earlier life left behind
 */
#include "simulation/scene.h"

static void
the_pin_is_tried_once(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .pin = "1234", .side.sim_pin = "1234" });
	assert_int_equal(w.pins_tried, 1);
	assert_string_equal(w.pin_record, "");
	side_accident(w.side, SIDE_RESET); /* asked for again: a PIN that was accepted may be given again */
	world_run(&w, 120000);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(w.pins_tried, 2);
	world_stop(&w);
}

static void
a_refused_pin_is_never_tried_twice(void **state)
{
	struct world_conf wc = { .alone = true, .pin = "9999", .side.sim_pin = "1234" };
	struct world w;
	int i;

	scene_start(&w, state, wc);
	world_run(&w, 300000);
	assert_int_equal(w.pins_tried, 1);
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_non_null(strstr(modem_error(w.modem), "pin_file"));
	for (i = 0; i < 5; i++) {
		world_restart(&w, &wc);
		world_run(&w, 100000);
		assert_int_equal(w.pins_tried, 1);
		assert_string_equal(modem_state_word(w.modem), "failed");
		side_accident(w.side, SIDE_RESET);
		world_run(&w, 100000);
		world_line_down(&w);
		world_line_up(&w);
		world_run(&w, 100000);
		assert_int_equal(w.pins_tried, 1);
	}
	wc.pin = "1234"; /* the admin corrects it */
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(w.pins_tried, 2);
	world_stop(&w);
}

static void
give_a_pin_without_an_answer(struct world *w, void **state)
{
	scene_start(w, state, (struct world_conf){ .alone = true, .pin = "9999", .side.sim_pin = "1234" });
	while (!w->pins_tried)
		world_run(w, 1);
	side_mute(w->side, true);
	world_run(w, 60000);
	side_mute(w->side, false);
	world_run(w, 300000);
	assert_string_equal(modem_state_word(w->modem), "failed");
}

/* Its end is not known: it counts as refused. */
static void
a_pin_without_an_answer_is_not_tried_again(void **state)
{
	struct world w;

	give_a_pin_without_an_answer(&w, state);
	assert_int_equal(w.pins_tried, 1);
	world_stop(&w);
}

/* The SIM has taken it: that is seen when it is asked how it is, and no reset must come between. */
static void
a_pin_whose_answer_was_lost_was_accepted(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .pin = "1234", .side.sim_pin = "1234" });
	while (!w.pins_tried)
		world_run(&w, 1);
	side_fault(w.side, "no-final=1");
	world_run(&w, 1000);
	side_fault(w.side, "none");
	assert_true(world_run_until(&w, world_ready, 120000));
	assert_string_equal(w.pin_record, "");
	assert_int_equal(side_counter(w.side, "resets"), 0);
	side_accident(w.side, SIDE_RESET);
	world_run(&w, 100000);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(w.pins_tried, 2);
	world_stop(&w);
}

/* The tty goes while the SIM is at it: the same, or the right PIN would count as refused for ever. */
static void
a_pin_whose_answer_went_with_the_tty_was_accepted(void **state)
{
	struct world_conf wc = { .alone = true, .pin = "1234", .side = { .sim_pin = "1234", .latency_ms = 200 } };
	struct world w;

	scene_start(&w, state, wc);
	while (!w.pins_tried)
		world_run(&w, 1);
	world_run(&w, 150); /* it is on the wire, behind the gap */
	assert_string_equal(w.pin_record, "1234");
	world_line_down(&w);
	world_run(&w, 5000);
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 120000));
	assert_string_equal(w.pin_record, "");
	world_stop(&w);
}

/* The SIM asked for it once more: it was not accepted, whatever the next SIM says. */
static void
a_pin_without_an_answer_is_not_accepted_by_another_sim(void **state)
{
	struct world w;

	give_a_pin_without_an_answer(&w, state);
	side_swap_sim(w.side, NULL);
	assert_true(world_run_until(&w, world_ready, 200000));
	assert_string_equal(w.pin_record, "9999");
	world_stop(&w);
}

static void
no_pin_to_give(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .side.sim_pin = "1234" });
	world_run(&w, 60000);
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_non_null(strstr(modem_error(w.modem), "pin_file"));
	world_stop(&w);
}

static void
a_puk_is_left_to_people(void **state)
{
	struct world_conf wc = { .alone = true, .side.sim_pin = "1234" };
	static const char *const pins[] = { "0001", "0002", "0003", "1234" };
	struct world w;
	int i;

	wc.pin = pins[0];
	scene_start(&w, state, wc);
	for (i = 0; i < 4; i++) {
		wc.pin = pins[i];
		world_restart(&w, &wc);
		world_run(&w, 60000);
		assert_string_equal(modem_state_word(w.modem), "failed");
	}
	assert_non_null(strstr(modem_error(w.modem), "PUK"));
	world_stop(&w);
}

static void
a_sim_that_is_put_in_is_found(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .side.no_sim = true });
	world_run(&w, 60000);
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_non_null(strstr(modem_error(w.modem), "no SIM"));
	side_accident(w.side, SIDE_INSERT_SIM);
	assert_true(world_run_until(&w, world_ready, 120000));
	world_stop(&w);
}

/* One command a minute, not a way up: a gateway may stand in a store for a year. */
static void
a_missing_sim_is_looked_for_by_one_command(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .side.no_sim = true });
	world_run(&w, 60000);
	world_forget_said(&w);
	world_run(&w, 3600000);
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_in_range(world_said(&w, "AT+CPIN?"), 58, 61);
	assert_int_equal(world_said(&w, "AT"), world_said(&w, "AT+CPIN?"));
	side_mute(w.side, true); /* a module that is gone for a while has not another SIM for that */
	world_run(&w, 600000);
	side_mute(w.side, false);
	world_run(&w, 200000);
	assert_string_equal(modem_state_word(w.modem), "failed");
	side_accident(w.side, SIDE_INSERT_SIM);
	assert_true(world_run_until(&w, world_ready, 120000));
	world_stop(&w);
}

/* Another SIM may have another PIN, or none; but the refused one is not tried again on any. */
static void
a_sim_that_refused_its_pin_is_taken_out(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true, .pin = "9999", .side.sim_pin = "1234" });
	world_run(&w, 60000);
	assert_non_null(strstr(modem_error(w.modem), "pin_file"));
	world_forget_said(&w);
	world_run(&w, 600000);
	assert_in_range(world_said(&w, "AT+CPIN?"), 9, 10);
	assert_int_equal(world_said(&w, "AT"), world_said(&w, "AT+CPIN?"));
	side_accident(w.side, SIDE_REMOVE_SIM);
	world_run(&w, 70000);
	assert_non_null(strstr(modem_error(w.modem), "no SIM"));
	side_accident(w.side, SIDE_INSERT_SIM);
	world_run(&w, 90000);
	assert_non_null(strstr(modem_error(w.modem), "refused this PIN before"));
	assert_int_equal(w.pins_tried, 1);
	world_stop(&w);
}

/* Quicker than anybody looks: the session ends, and all begins anew with the other one. */
static void
a_sim_that_is_swapped_ends_the_session(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	c = scene_session(&w);
	client_says(c, "x");
	side_accident(w.side, SIDE_REMOVE_SIM);
	world_run(&w, 200);
	side_accident(w.side, SIDE_INSERT_SIM);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_true(world_run_until(&w, world_ready, 120000));
	scene_session(&w);
	world_stop(&w);
}

static void
a_sim_that_is_taken_out_ends_the_session(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 30;" });
	c = scene_session(&w);
	client_says(c, "x");
	side_accident(w.side, SIDE_REMOVE_SIM);
	scene_wait_end(&w, c, CLIENT_RESET);
	world_run(&w, 60000);
	assert_false(world_ready(&w));
	world_run(&w, 5000);
	side_accident(w.side, SIDE_INSERT_SIM);
	assert_true(world_run_until(&w, world_ready, scene_is_cinterion(state) ? 70000 : 20000)); /* where the module tells nobody waits for the next look */
	world_stop(&w);
}

/* In that moment the modem waited for the network, and no URC told. */
static void
a_sim_that_wants_its_pin_again_gets_it(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .pin = "1234", .side.sim_pin = "1234" });
	side_accident(w.side, SIDE_DROP_CONTEXT);
	side_accident(w.side, SIDE_DEREGISTER);
	world_run(&w, 3000);
	side_accident(w.side, SIDE_REMOVE_SIM);
	side_accident(w.side, SIDE_INSERT_SIM);
	side_accident(w.side, SIDE_REGISTER);
	assert_true(world_run_until(&w, world_ready, 120000));
	world_stop(&w);
}

static void
denied_registration_is_waited_for(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	side_accident(w.side, SIDE_DENY);
	world_run(&w, 400000);
	assert_false(world_ready(&w));
	assert_int_equal(world_said(&w, "AT#SGACT=1,1"), 0);
	assert_non_null(strstr(modem_error(w.modem), "denies"));
	side_accident(w.side, SIDE_REGISTER);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

static void
no_roaming_unless_allowed(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	side_accident(w.side, SIDE_ROAM);
	world_run(&w, 400000);
	assert_false(world_ready(&w));
	assert_int_equal(world_said(&w, "AT#SGACT=1,1"), 0);
	assert_non_null(strstr(modem_error(w.modem), "roaming"));
	world_stop(&w);
	scene_start(&w, state, (struct world_conf){ .alone = true, .modem = "roaming = true;" });
	side_accident(w.side, SIDE_ROAM);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

/* The train crosses the border. */
static void
roaming_that_begins_later_ends_it(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_accident(w.side, SIDE_ROAM);
	world_run(&w, 15000);
	assert_false(world_ready(&w));
	world_client(&w, 0);
	world_run(&w, 30000);
	assert_int_equal(side_dials(w.side), 0);
	side_accident(w.side, SIDE_REGISTER);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_run(&w, 10000);
	assert_int_equal(side_dials(w.side), 1);
	world_stop(&w);
}

static void
lost_registration_comes_back(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 30;" });
	side_accident(w.side, SIDE_DEREGISTER);
	side_accident(w.side, SIDE_DROP_CONTEXT);
	world_run(&w, 60000);
	assert_false(world_ready(&w));
	side_accident(w.side, SIDE_REGISTER);
	assert_true(world_run_until(&w, world_ready, 120000));
	scene_session(&w);
	world_stop(&w);
}

static void
context_with_user_and_password(void **state)
{
	struct world_conf wc = { .alone = true, .pdp = "user = \"joe\"; auth = \"chap\";", .pdp_password = "s3cret",
		.side.pdp_user = "joe", .side.pdp_password = "s3cret" };
	struct world w;

	scene_up(&w, state, wc);
	assert_int_equal(world_said(&w, scene_is_cinterion(state) ? "AT^SICS=0,user,\"joe\"" : "AT#SGACTAUTH=2"), 1);
	assert_null(strstr(w.said, "s3cret"));
	world_stop(&w);
	if (scene_is_cinterion(state)) /* a context is tried by the first dial */
		return;
	wc.pdp_password = "wrong";
	scene_start(&w, state, wc);
	world_run(&w, 100000);
	assert_false(world_ready(&w));
	assert_null(strstr(modem_error(w.modem), "wrong"));
	assert_null(strstr(modem_error(w.modem), "joe"));
	world_stop(&w);
}

/* An escape that the peer does not see is one dialect's own, and known of no other module. */
static const char *
names_dialect(void **state)
{
	return scene_is_cinterion(state) ? "dialect = \"cinterion\";" : "";
}

/* The daemon died with a session in data mode.  Context up (553), #SSLEN on (835), the socket open. */
static void
an_earlier_life_left_data_mode(void **state)
{
	struct world_conf wc = { .alone = true, .modem = names_dialect(state) };
	struct world w;

	scene_up(&w, state, wc);
	scene_session(&w);
	world_run(&w, 2000);
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_false(side_peer_open(w.side));
	assert_received(&w, 1, ""); /* no AT, no +++ */
	scene_session(&w);
	world_stop(&w);
}

/* The same, with an app's bytes before it and the peer's flood coming in. */
static void
an_earlier_life_left_data_mode_with_a_flood(void **state)
{
	struct world_conf wc = { .alone = true, .modem = names_dialect(state) };
	struct world w;
	size_t n;

	scene_up(&w, state, wc);
	side_next_peer(w.side, SIDE_FLOOD, 100000);
	client_says(scene_session(&w), "up");
	world_run(&w, 1000);
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 120000));
	assert_false(side_dial(w.side, 1).open);
	side_peer_bytes(w.side, 1, &n);
	assert_int_equal(n, 2);
	world_stop(&w);
}

/* The daemon died in the middle of a certificate. */
static void
an_earlier_life_left_a_prompt(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_type(w.side, "AT#SSLSECDATA=1,1,1,1000\r");
	world_run(&w, 100);
	side_type(w.side, "-----BEGIN CERT");
	world_restart(&w, &(struct world_conf){ .alone = true });
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

/* Or of a counted send: the rest of its payload is all that the module listens to. */
static void
an_earlier_life_left_a_counted_payload(void **state)
{
	struct world w;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	scene_session(&w);
	world_run(&w, 1000);
	side_fault(w.side, "alter-out=1"); /* the prompt is not understood */
	client_says(w.clients, "some text");
	world_run(&w, 3000);
	side_fault(w.side, "none");
	since = w.clock.now_ms;
	scene_wait_end(&w, w.clients, CLIENT_RESET);
	assert_true(world_run_until(&w, world_ready, 200000));
	while (!side_peer_open(w.side) && w.clock.now_ms - since < 120000) { /* one dial may go with what is found out */
		world_client(&w, 0);
		world_run(&w, 5000);
	}
	assert_true(w.clock.now_ms - since < 120000);
	world_stop(&w);
}

static void
an_echo_that_will_not_go_off(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.faults = "stuck-echo" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	client_says(c, "AT\r\r\nOK\r\n");
	world_run(&w, 10000);
	assert_read(c, "AT\r\r\nOK\r\n");
	world_stop(&w);
}

static void
the_modules_clock_is_set(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	scene_session(&w);
	assert_in_range(side_dial(w.side, 1).now_s, w.clock.wall_s - 100, w.clock.wall_s + 100);
	world_stop(&w);
}

static void
boot_noise_and_a_slow_boot(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.faults = "boot-garbage=300" });
	side_accident(w.side, SIDE_RESET);
	world_run(&w, 100000);
	assert_true(world_run_until(&w, world_ready, 60000));
	scene_session(&w);
	world_stop(&w);
}

static void
a_mute_module_costs_time_only(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	world_run(&w, 3600000);
	assert_false(world_ready(&w));
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 150000));
	side_mute(w.side, true);
	world_run(&w, 200000);
	assert_false(world_ready(&w));
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 150000));
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FAMILIES(the_pin_is_tried_once),
		ON_FAMILIES(a_refused_pin_is_never_tried_twice),
		ON_FAMILIES(a_pin_without_an_answer_is_not_tried_again),
		ON_FAMILIES(a_pin_whose_answer_was_lost_was_accepted),
		ON_FAMILIES(a_pin_whose_answer_went_with_the_tty_was_accepted),
		ON_FAMILIES(a_pin_without_an_answer_is_not_accepted_by_another_sim),
		ON_FAMILIES(no_pin_to_give),
		ON_FAMILIES(a_puk_is_left_to_people),
		ON_FAMILIES(a_sim_that_is_put_in_is_found),
		ON_FAMILIES(a_missing_sim_is_looked_for_by_one_command),
		ON_FAMILIES(a_sim_that_refused_its_pin_is_taken_out),
		ON_WAYS(a_sim_that_is_swapped_ends_the_session),
		ON_WAYS(a_sim_that_is_taken_out_ends_the_session),
		ON_FAMILIES(a_sim_that_wants_its_pin_again_gets_it),
		ON_FAMILIES(denied_registration_is_waited_for),
		ON_FAMILIES(no_roaming_unless_allowed),
		ON_FAMILIES(roaming_that_begins_later_ends_it),
		ON_FAMILIES(lost_registration_comes_back),
		ON_FAMILIES(context_with_user_and_password),
		ON_WAYS(an_earlier_life_left_data_mode),
		ON_WAYS(an_earlier_life_left_data_mode_with_a_flood),
		ON_FAMILIES(an_earlier_life_left_a_prompt),
		IN_COMMAND_MODE(an_earlier_life_left_a_counted_payload),
		ON_WAYS(an_echo_that_will_not_go_off),
		ON_WAYS(the_modules_clock_is_set),
		ON_FAMILIES(boot_noise_and_a_slow_boot),
		ON_FAMILIES(a_mute_module_costs_time_only),
	};

	return cmocka_run_group_tests_name("up", tests, NULL, NULL);
}
