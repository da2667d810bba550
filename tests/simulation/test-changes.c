/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-changes.c - another configuration while the daemon lives, and its end in order, at any moment
 */
#include "simulation/scene.h"

#include <stdio.h>

#define PEM(body) "-----BEGIN CERTIFICATE-----\n" body "\n-----END CERTIFICATE-----\n"
#define CA PEM("Q0EgQ0EgQ0E=")
#define OTHER_CA PEM("b3RoZXIgQ0E=")

static bool
is_down(struct world *w)
{
	return modem_stopped(w->modem);
}

/* What SIGTERM does comes to its end in time, and the context that was brought up is down. */
static void
ends_in_order(struct world *w, unsigned when_ms)
{
	bool up = world_said(w, "AT#SGACT=1,1");

	world_forget_said(w);
	world_end_in_order(w);
	if (!world_run_until(w, is_down, 9000))
		fail_msg("stopped at %u ms, still %s after 9 s", when_ms, modem_state_word(w->modem));
	if (up && !world_said(w, "AT#SGACT=1,0"))
		fail_msg("stopped at %u ms, and the context stays up", when_ms);
}

static void
ends_at_any_moment_of_the_way_up(void **state)
{
	struct world_conf wc = { .certs = { CA }, .side.latency_ms = 20 };
	unsigned ms;
	struct world w;

	for (ms = 0; ms < 9000; ms += 61) {
		scene_start(&w, state, wc);
		world_run(&w, ms);
		ends_in_order(&w, ms);
		world_restart(&w, &wc);
		if (!world_run_until(&w, world_ready, 60000))
			fail_msg("stopped at %u ms: not ready again: %s", ms, modem_error(w.modem));
		world_stop(&w);
	}
}

static void
ends_at_any_moment_of_a_session(void **state)
{
	static const uint8_t bytes[20000];
	unsigned ms;
	struct world w;

	for (ms = 0; ms < 4000; ms += 37) {
		struct client *c, *waits;

		scene_up(&w, state, (struct world_conf){ .side.latency_ms = 20 });
		c = world_client(&w, 0);
		client_write(c, bytes, sizeof(bytes));
		waits = world_client(&w, 1);
		world_run(&w, ms);
		assert_int_equal(c->end, CLIENT_OPEN);
		ends_in_order(&w, ms);
		assert_int_not_equal(c->end, CLIENT_OPEN);
		assert_int_not_equal(waits->end, CLIENT_OPEN);
		world_stop(&w);
	}
}

/* Its end may have let app bytes reach the command line; that is for the next life to repair. */
static void
ends_when_the_server_has_just_ended(void **state)
{
	static const uint8_t bytes[20000];
	unsigned ms;
	struct world w;

	for (ms = 1; ms < 3000; ms += 43) {
		scene_up(&w, state, (struct world_conf){ .alone = true });
		client_write(scene_session(&w), bytes, sizeof(bytes));
		side_peer_close(w.side);
		world_run(&w, ms);
		ends_in_order(&w, ms);
		assert_int_equal(world_said(&w, "AT+CPIN?"), 0);
		world_stop(&w);
	}
}

static void
slots_are_written_when_the_session_is_over(void **state)
{
	struct world_conf wc = { .alone = true, .tls = "verify = \"server\";", .certs = { CA } };
	struct world w;
	struct client *c;
	uint64_t writes;

	scene_up(&w, state, wc);
	c = scene_session(&w);
	writes = side_counter(w.side, "slot_writes");
	wc.certs[0] = OTHER_CA;
	world_change(&w, &wc, false);
	world_run(&w, 120000);
	assert_int_equal(side_counter(w.side, "slot_writes"), writes);
	client_says(c, "still here");
	world_run(&w, 2000);
	assert_received(&w, 1, "still here");
	client_leave(c);
	world_client(&w, 0); /* waits for the slots to be written */
	world_run(&w, 20000);
	assert_true(side_counter(w.side, "slot_writes") > writes);
	assert_int_equal(side_dials(w.side), 2);
	assert_int_equal(side_dial(w.side, 2).ca_len, scene_ca_len(state, OTHER_CA));
	assert_int_equal(world_said(&w, "AT#SGACT=1,0"), 0);
	world_stop(&w);
}

static void
slots_are_written_at_once_when_nobody_is_there(void **state)
{
	struct world_conf wc = { .alone = true, .tls = "verify = \"server\";", .certs = { CA } };
	struct world w;
	uint64_t writes;

	scene_up(&w, state, wc);
	writes = side_counter(w.side, "slot_writes");
	world_change(&w, &wc, false);
	world_run(&w, 5000);
	assert_int_equal(side_counter(w.side, "slot_writes"), writes); /* P7: the same content */
	wc.certs[0] = OTHER_CA;
	world_change(&w, &wc, false);
	world_run(&w, 5000);
	assert_true(side_counter(w.side, "slot_writes") > writes);
	world_stop(&w);
}

/* What is at work with the PIN, the password or a slot goes on with the files that are read now. */
static void
the_same_is_read_again_at_any_moment_of_the_way_up(void **state)
{
	struct world_conf wc = { .alone = true, .pin = "1234", .pdp = "user = \"me\";", .pdp_password = "secret", .certs = { CA } };
	unsigned ms;
	struct world w;

	wc.side.sim_pin = wc.pin;
	wc.side.latency_ms = 20;
	for (ms = 0; ms < 9000; ms += 7) {
		scene_start(&w, state, wc);
		world_run(&w, ms);
		world_change(&w, &wc, false);
		if (!world_run_until(&w, world_ready, 20000))
			fail_msg("changed at %u ms: not ready: %s", ms, modem_error(w.modem));
		assert_int_equal(side_counter(w.side, "slot_writes"), w.n_wants);
		assert_int_equal(w.pins_tried, 1);
		world_stop(&w);
	}
}

static void
limits_change_for_sessions_that_are_there(void **state)
{
	struct world_conf wc = { .alone = true, .channel = "" };
	char channel[200];
	struct world w;
	struct client *c;

	snprintf(channel, sizeof(channel), "mode = \"%s\"; idle_timeout = 300;", scene_online(state) ? "online" : "command");
	scene_up(&w, state, wc);
	c = scene_session(&w);
	world_run(&w, 10000);
	wc.channel = channel;
	world_change(&w, &wc, false);
	world_run(&w, 250000);
	assert_int_equal(c->end, CLIENT_OPEN);
	wc.channel = "";
	world_change(&w, &wc, false);
	world_run(&w, 100000);
	assert_int_equal(c->end, CLIENT_OPEN);
	wc.channel = channel;
	world_change(&w, &wc, false); /* it has been idle for longer */
	world_run(&w, 1000);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "idle_timeout");
	world_stop(&w);
}

static void
roaming_that_is_no_longer_allowed_ends_the_context(void **state)
{
	struct world_conf wc = { .modem = "roaming = true;" };
	struct world w;
	struct client *c;

	scene_up(&w, state, wc);
	side_accident(w.side, SIDE_ROAM);
	c = scene_session(&w);
	wc.modem = "";
	world_change(&w, &wc, false);
	scene_wait_end(&w, c, CLIENT_EOF); /* of nothing unread the kernel can show no more */
	assert_error(&w, 0, "roaming = false");
	world_stop(&w);
}

static void
clients_that_wait_keep_their_order_at_the_next_modem(void **state)
{
	struct world_conf wc = { .two = "remote = \"two.example:443\"; mode = \"command\"; tls = { verify = \"none\"; };" };
	struct world w;
	struct client *first;
	int i;

	scene_up(&w, state, wc);
	first = scene_session(&w);
	for (i = 0; i < 4; i++) {
		world_client(&w, i % 2 == 0);
		world_run(&w, 500);
	}
	wc.modem = "flow_control = \"none\";";
	world_change(&w, &wc, true);
	assert_int_not_equal(first->end, CLIENT_OPEN);
	for (i = 0; i < 200; i++) {
		if (side_peer_open(w.side))
			side_peer_close(w.side);
		world_run(&w, 500);
	}
	assert_true(side_dials(w.side) >= 5);
	for (i = 0; i < 4; i++)
		assert_string_equal(side_dial(w.side, 2 + i).host, i % 2 == 0 ? "two.example" : "one.example");
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FAMILIES(ends_at_any_moment_of_the_way_up),
		ON_WAYS(ends_at_any_moment_of_a_session),
		ONLINE(ends_when_the_server_has_just_ended),
		/* with several sockets: test-several.c */
		ON_TELIT(slots_are_written_when_the_session_is_over),
		CINTERION_ONLINE(slots_are_written_when_the_session_is_over),
		ON_FAMILIES(slots_are_written_at_once_when_nobody_is_there),
		ON_FAMILIES(the_same_is_read_again_at_any_moment_of_the_way_up),
		ON_WAYS(limits_change_for_sessions_that_are_there),
		ON_FAMILIES(roaming_that_is_no_longer_allowed_ends_the_context),
		ON_FAMILIES(clients_that_wait_keep_their_order_at_the_next_modem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
