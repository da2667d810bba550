/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-waiting.c - who waits while the modem is away: in order, and no longer than the limits say
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* ---- ways to be away ---- */

static void
absent(struct world *w)
{
	world_line_down(w);
}

static void
mute(struct world *w)
{
	world_line_down(w);
	side_mute(w->side, true);
	world_line_up(w);
}

static void
not_registered(struct world *w)
{
	world_line_down(w);
	side_accident(w->side, SIDE_DENY);
	world_line_up(w);
	world_run(w, 5000);
}

static void
without_sim(struct world *w)
{
	world_line_down(w);
	side_accident(w->side, SIDE_REMOVE_SIM);
	world_line_up(w);
	world_run(w, 5000);
}

static void
starting_anew(struct world *w)
{
	world_line_down(w);
	side_accident(w->side, SIDE_RESET);
	side_mute(w->side, true); /* it takes its time */
	world_line_up(w);
}

static void
come_back(struct world *w)
{
	world_line_down(w);
	side_mute(w->side, false);
	side_accident(w->side, SIDE_REGISTER);
	side_accident(w->side, SIDE_INSERT_SIM);
	world_line_up(w);
	assert_true(world_run_until(w, world_ready, 200000));
}

static const struct away {
	void (*begin)(struct world *);
	const char *state; /* NULL: it goes from one to the other */
} aways[] = {
	{ absent, "absent" }, { mute, NULL }, { not_registered, "registering" }, { without_sim, "failed" }, { starting_anew, NULL },
};

#define N_AWAYS (sizeof(aways) / sizeof(aways[0]))

/* ---- tests ---- */

static void
wait_timeout_holds_in_every_state_of_the_modem(void **state)
{
	struct world w;
	struct client *c;
	unsigned i;

	for (i = 0; i < N_AWAYS; i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "wait_timeout = 7;" });
		aways[i].begin(&w);
		c = world_client(&w, 0);
		client_says(c, "x");
		world_run(&w, 6950);
		assert_int_equal(c->end, CLIENT_OPEN);
		assert_string_equal(channel_state_word(w.channel[0]), "unavailable");
		world_run(&w, 100);
		assert_int_equal(c->end, CLIENT_RESET);
		assert_error(&w, 0, "wait_timeout");
		if (aways[i].state)
			assert_error(&w, 0, aways[i].state);
		assert_figures(&w, 0, 0, 1);
		come_back(&w);
		c = scene_session(&w);
		client_leave(c);
		world_stop(&w);
	}
}

static void
a_client_may_leave_in_every_state_of_the_modem(void **state)
{
	struct world w;
	struct client *silent, *spoke;
	unsigned i;

	for (i = 0; i < N_AWAYS; i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "wait_timeout = 7;" });
		aways[i].begin(&w);
		silent = world_client(&w, 0);
		spoke = world_client(&w, 0);
		client_says(spoke, "last words");
		world_run(&w, 1000);
		client_leave(silent);
		client_leave(spoke);
		world_run(&w, 10);
		assert_int_equal(silent->end, CLIENT_EOF);
		assert_int_equal(spoke->end, CLIENT_OPEN);
		world_run(&w, 6100);
		assert_int_equal(spoke->end, CLIENT_RESET);
		assert_int_equal(channel_figures(w.channel[0])->waiting, 0);
		come_back(&w);
		world_run(&w, 5000);
		assert_int_equal(side_dials(w.side), 0);
		world_stop(&w);
	}
}

static void
last_words_of_a_client_that_left_are_kept_for_the_modem(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	absent(&w);
	c = world_client(&w, 0);
	client_says(c, "last words");
	client_leave(c);
	world_run(&w, 10000);
	come_back(&w);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_run(&w, 5000);
	assert_received(&w, 1, "last words");
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

static void
served_in_order_when_the_modem_is_back(void **state)
{
	static const int order[] = { 1, 0, 0, 1, 0 };
	static const char *const hosts[] = { "one.example", "two.example" };
	struct world w;
	struct client *c[5];
	unsigned i, k;

	for (k = 0; k < N_AWAYS; k++) {
		scene_up(&w, state, (struct world_conf){ .channel = "wait_timeout = 1000;",
		    .two = "remote = \"two.example:443\"; mode = \"command\"; wait_timeout = 1000; tls = { verify = \"none\"; };" });
		aways[k].begin(&w);
		for (i = 0; i < 5; i++) {
			c[i] = world_client(&w, order[i]);
			world_run(&w, 100);
		}
		come_back(&w);
		for (i = 0; i < 5; i++) {
			world_run(&w, 8000);
			assert_int_equal(side_dials(w.side), i + 1);
			assert_string_equal(side_dial(w.side, (int)i + 1).host, hosts[order[i]]);
			client_leave(c[i]);
		}
		world_stop(&w);
	}
}

/* The client whose session the accident ended comes again: behind those that waited. */
static void
who_comes_again_stands_behind_those_who_waited(void **state)
{
	struct world w;
	struct client *first, *waiting, *again;

	scene_up(&w, state, (struct world_conf){ 0 });
	first = scene_session(&w);
	waiting = world_client(&w, 1);
	client_says(first, "x");
	world_run(&w, 10);
	side_accident(w.side, SIDE_DROP_CONTEXT);
	while (first->end == CLIENT_OPEN)
		world_run(&w, 10);
	again = world_client(&w, 0);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_run(&w, 5000);
	assert_string_equal(side_dial(w.side, side_dials(w.side)).host, "two.example");
	client_leave(waiting);
	world_run(&w, 10000);
	assert_string_equal(side_dial(w.side, side_dials(w.side)).host, "one.example");
	assert_int_equal(again->end, CLIENT_OPEN);
	world_stop(&w);
}

static void
a_channel_in_back_off_holds_nobody_up(void **state)
{
	struct world w;
	struct client *other;

	scene_up(&w, state, (struct world_conf){ .tls = "verify = \"none\"; resume = false;" });
	side_next_peers(w.side, "rrrc");
	while (side_dials(w.side) < 3) { /* the next is to wait 4 s */
		world_client(&w, 0);
		world_run(&w, 1000);
	}
	world_client(&w, 0);
	other = world_client(&w, 1);
	world_run(&w, 2000); /* a look at the module, then the dial */
	assert_int_equal(side_dials(w.side), 4);
	assert_string_equal(side_dial(w.side, 4).host, "two.example");
	world_run(&w, 5000);
	client_leave(other);
	world_run(&w, 5000);
	assert_int_equal(side_dials(w.side), 5);
	assert_string_equal(side_dial(w.side, 5).host, "one.example");
	world_stop(&w);
}

/* The module falls silent: the limits of the session hold all the same. */
static void
ends_within(void **state, const char *channel, const char *why, void (*begin)(struct client *), unsigned ms)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 600;", .channel = channel });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 3000); /* handed over */
	side_mute(w.side, true);
	since = w.clock.now_ms;
	begin(c);
	while (c->end == CLIENT_OPEN && w.clock.now_ms < since + 100000)
		world_run(&w, 10);
	if (c->end == CLIENT_OPEN || w.clock.now_ms > since + ms)
		fail_msg("%s: it took %u ms", why, (unsigned)(w.clock.now_ms - since));
	if (scene_online(state)) /* in command mode the silence itself may be found before */
		assert_error(&w, 0, why);
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 200000));
	world_run(&w, 90000);
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

static void
nothing(struct client *c)
{
	(void)c;
}

static void
leaves_with_much_to_say(struct client *c)
{
	char *text = xcalloc(1, 200001);

	memset(text, 'w', 200000);
	client_says(c, text);
	client_leave(c);
	free(text);
}

static void
idle_timeout_holds_with_a_silent_module(void **state)
{
	ends_within(state, "idle_timeout = 5;", "idle_timeout", nothing, 5050);
}

static void
max_session_time_holds_with_a_silent_module(void **state)
{
	ends_within(state, "max_session_time = 9;", "max_session_time", nothing, 9050);
}

static void
linger_holds_with_a_silent_module(void **state)
{
	ends_within(state, "linger = 6;", "linger", leaves_with_much_to_say, 6050);
}

static void
last_words_before_the_dial_is_through(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_dial_takes(w.side, 5000);
	c = world_client(&w, 0);
	client_says(c, "last words");
	world_run(&w, 2000);
	assert_string_equal(channel_state_word(w.channel[0]), "dialing");
	client_leave(c);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_run(&w, 5000);
	assert_received(&w, 1, "last words");
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FAMILIES(wait_timeout_holds_in_every_state_of_the_modem),
		ON_FAMILIES(a_client_may_leave_in_every_state_of_the_modem),
		ON_WAYS(last_words_of_a_client_that_left_are_kept_for_the_modem),
		/* with one socket for all */
		TELIT_FAMILIES(served_in_order_when_the_modem_is_back),
		TELIT_COMMAND(served_in_order_when_the_modem_is_back),
		ON_TELIT(who_comes_again_stands_behind_those_who_waited),
		ON_FAMILIES(a_channel_in_back_off_holds_nobody_up),
		ON_WAYS(idle_timeout_holds_with_a_silent_module),
		ON_WAYS(max_session_time_holds_with_a_silent_module),
		ON_WAYS(linger_holds_with_a_silent_module),
		ON_WAYS(last_words_before_the_dial_is_through),
	};

	return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
