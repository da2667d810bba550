/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-turns.c - whose turn it is: who waits, who is turned away, who dials where and when
 */
#include "simulation/scene.h"
#include "simulation/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"

static void
one_session_at_a_time_by_default(void **state)
{
	struct world w;
	struct client *first, *second;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	first = scene_session(&w);
	second = world_client(&w, 0);
	world_run(&w, 5000);
	assert_int_equal(side_dials(w.side), 1);
	assert_int_equal(channel_figures(w.channel[0])->sessions, 1);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 1);
	client_leave(first);
	world_run(&w, 10000);
	assert_int_equal(side_dials(w.side), 2);
	assert_true(side_peer_open(w.side));
	assert_int_equal(second->end, CLIENT_OPEN);
	assert_figures(&w, 0, 2, 0);
	world_stop(&w);
}

static void
a_second_session_waits_for_the_only_socket(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "max_sessions = 4;" });
	scene_session(&w);
	world_client(&w, 0);
	world_run(&w, 5000);
	assert_int_equal(side_dials(w.side), 1);
	world_stop(&w);
}

static void
served_in_order_of_arrival_across_channels(void **state)
{
	static const int order[] = { 0, 1, 0, 1, 1 };
	static const char *const hosts[] = { "one.example", "two.example" };
	struct world w;
	struct client *c[5];
	int i;

	scene_up(&w, state, (struct world_conf){ 0 });
	for (i = 0; i < 5; i++)
		c[i] = world_client(&w, order[i]);
	for (i = 0; i < 5; i++) {
		world_run(&w, 8000);
		assert_int_equal(side_dials(w.side), i + 1);
		assert_string_equal(side_dial(w.side, i + 1).host, hosts[order[i]]);
		client_leave(c[i]);
	}
	world_stop(&w);
}

static void
max_waiting_clients_wait_the_next_is_closed_at_once(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "max_waiting = 2; wait_timeout = 1000;" });
	scene_session(&w);
	for (i = 0; i < 2; i++) {
		c = world_client(&w, 0);
		assert_int_equal(c->end, CLIENT_OPEN);
	}
	c = world_client(&w, 0);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "max_waiting");
	assert_figures(&w, 0, 1, 1);
	world_stop(&w);
}

static void
max_waiting_0_turns_nobody_away_who_need_not_wait(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "max_waiting = 0;" });
	scene_session(&w);
	c = world_client(&w, 0);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

static void
wait_timeout_ends_the_waiting(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "wait_timeout = 7;" });
	scene_session(&w);
	c = world_client(&w, 0);
	client_says(c, "hello");
	world_run(&w, 6900);
	assert_int_equal(c->end, CLIENT_OPEN);
	world_run(&w, 200);
	assert_int_equal(c->end, CLIENT_RESET);
	assert_error(&w, 0, "wait_timeout");
	assert_figures(&w, 0, 1, 1);
	world_stop(&w);
}

static void
a_client_of_an_unavailable_channel_waits(void **state)
{
	struct world w;
	struct client *c;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	c = world_client(&w, 0);
	client_says(c, "early");
	assert_string_equal(channel_state_word(w.channel[0]), "unavailable");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_run(&w, 30000);
	assert_received(&w, 1, "early");
	world_stop(&w);
}

static void
a_client_of_an_unavailable_channel_waits_no_longer_than_wait_timeout(void **state)
{
	struct world w;
	struct client *c;

	scene_start(&w, state, (struct world_conf){ .alone = true, .channel = "wait_timeout = 9;", .side.no_sim = true });
	c = world_client(&w, 0);
	client_says(c, "early");
	world_run(&w, 9100);
	assert_int_equal(c->end, CLIENT_RESET);
	assert_error(&w, 0, "no SIM");
	world_stop(&w);
}

static const char *
blocked_words(void **state)
{
	return scene_is_cinterion(state) ? "two of the module's four cipher suites do not encrypt" : "none of the channel's ciphers";
}

static void
a_client_of_a_blocked_channel_is_closed_at_once(void **state)
{
	struct world w;
	struct client *early, *c;

	scene_start(&w, state, (struct world_conf){ .alone = true,
	    .tls = "verify = \"none\"; ciphers = ( \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\" );" });
	early = world_client(&w, 0);
	world_run_until(&w, world_ready, 60000);
	world_run(&w, 100);
	assert_string_equal(channel_state_word(w.channel[0]), "blocked");
	assert_int_not_equal(early->end, CLIENT_OPEN);
	c = world_client(&w, 0);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, blocked_words(state));
	assert_figures(&w, 0, 0, 2);
	world_stop(&w);
}

/* What goes to standard error meanwhile; the caller frees it. */
static char *
logged_until_ready(struct world *w)
{
	FILE *log = tmpfile();
	int err = dup(STDERR_FILENO);
	char *text = xcalloc(1, 4096);

	assert_non_null(log);
	dup2(fileno(log), STDERR_FILENO);
	story_log_shown = LOG_ERROR;
	world_run_until(w, world_ready, 60000);
	world_run(w, 100);
	story_log_shown = 0;
	dup2(err, STDERR_FILENO);
	close(err);
	rewind(log);
	text[fread(text, 1, 4095, log)] = '\0';
	fclose(log);
	return text;
}

static void
why_a_channel_is_blocked_is_logged_once_whoever_waits(void **state)
{
	struct world w;
	char *text, *found;
	int clients;

	for (clients = 0; clients < 2; clients++) {
		scene_start(&w, state, (struct world_conf){ .alone = true,
		    .tls = "verify = \"none\"; ciphers = ( \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\" );" });
		if (clients)
			world_client(&w, 0);
		text = logged_until_ready(&w);
		found = strstr(text, "blocked: ");
		assert_non_null(found);
		assert_non_null(strstr(found, blocked_words(state)));
		assert_null(strstr(found + 1, "blocked: "));
		free(text);
		world_stop(&w);
	}
}

static void
a_failed_dial_closes_the_client_and_counts(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peers(w.side, "r");
	c = world_client(&w, 0);
	client_says(c, "x");
	world_run(&w, 5000);
	assert_int_equal(c->end, CLIENT_RESET);
	assert_error(&w, 0, "one.example:443");
	assert_error(&w, 0, scene_is_cinterion(state) ? "TLS/SSL protocol error" : "SSL error during handshake");
	assert_error(&w, 0, scene_is_cinterion(state) ? "must take TLS 1.0" : "check that the server speaks TLS 1.0");
	assert_figures(&w, 0, 1, 1);
	assert_true(world_ready(&w));
	world_stop(&w);
}

#define AFRESH "verify = \"none\"; resume = false;"
#define TWO "( \"a.example:1\", \"b.example:2\", \"c.example:3\" )"

static void
remotes_are_tried_in_order_and_the_working_one_is_kept(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .remote = TWO, .tls = AFRESH });
	side_next_peers(w.side, "rcrrc");
	c = scene_session(&w);
	assert_figures(&w, 0, 2, 1);
	assert_string_equal(side_dial(w.side, 1).host, "a.example");
	assert_string_equal(side_dial(w.side, 2).host, "b.example");
	assert_int_equal(side_dial(w.side, 2).port, 2);
	client_leave(c);
	world_run(&w, 5000);
	c = scene_session(&w);
	assert_string_equal(side_dial(w.side, 3).host, "b.example");
	assert_string_equal(side_dial(w.side, 4).host, "c.example");
	assert_string_equal(side_dial(w.side, 5).host, "a.example");
	assert_figures(&w, 0, 5, 3);
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

static void
all_remotes_failed(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .remote = TWO, .tls = AFRESH });
	side_next_peers(w.side, "rrr");
	c = world_client(&w, 0);
	world_run(&w, 8000);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_figures(&w, 0, 3, 3);
	world_stop(&w);
}

static void
a_silent_remote_does_not_hide_the_others(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .remote = TWO, .channel = "dial_timeout = 10;" });
	side_next_peers(w.side, "sc");
	c = scene_session(&w);
	assert_string_equal(side_dial(w.side, 2).host, "b.example");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

static void
back_off_doubles_up_to_dial_backoff(void **state)
{
	static const unsigned due[] = { 1, 2, 4, 5, 5 };
	const unsigned dialling = scene_is_cinterion(state) ? 1000 : 0; /* a service profile is filled before */
	struct world w;
	uint64_t failed = 0;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = AFRESH, .channel = "dial_backoff = 5;" });
	side_next_peers(w.side, "rrrrrrcr");
	for (i = 0; i < 7; i++) {
		struct client *c = world_client(&w, 0);

		client_says(c, "stays");
		while (side_dials(w.side) == i)
			world_run(&w, 10);
		if (i && i < 6)
			assert_in_range(w.clock.now_ms - failed, due[i - 1] * 1000 - 20, due[i - 1] * 1000 + 400 + dialling);
		while (c->end == CLIENT_OPEN && i < 6)
			world_run(&w, 10);
		failed = w.clock.now_ms;
		if (i == 6) { /* the bytes stayed in the socket */
			world_run(&w, 3000);
			assert_received(&w, 7, "stays");
			client_leave(c);
			world_run(&w, 5000);
		}
	}
	/* A dial that worked begins it anew. */
	world_client(&w, 0);
	while (side_dials(w.side) == 7)
		world_run(&w, 10);
	world_run(&w, 500);
	failed = w.clock.now_ms;
	world_client(&w, 0);
	while (side_dials(w.side) == 8)
		world_run(&w, 10);
	assert_in_range(w.clock.now_ms - failed, 400, 1400 + dialling);
	world_stop(&w);
}

static void
a_client_leaves_while_it_waits(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	scene_session(&w);
	c = world_client(&w, 0);
	world_run(&w, 500);
	client_leave(c);
	world_run(&w, 500);
	assert_int_equal(c->end, CLIENT_EOF);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 0);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

static void
a_client_that_wrote_and_left_while_it_waited_is_still_served(void **state)
{
	struct world w;
	struct client *first, *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	first = scene_session(&w);
	c = world_client(&w, 0);
	client_says(c, "last words");
	client_leave(c);
	world_run(&w, 500);
	client_leave(first);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_run(&w, 5000);
	assert_received(&w, 2, "last words");
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

static void
a_client_leaves_in_mid_dial(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_dial_takes(w.side, 5000);
	c = world_client(&w, 0);
	world_run(&w, 2000);
	assert_string_equal(channel_state_word(w.channel[0]), "dialing");
	client_leave(c);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_run(&w, 5000);
	assert_int_equal(side_dials(w.side), 1);
	assert_false(side_peer_open(w.side));
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAYS(one_session_at_a_time_by_default),
		/* cinterion has a socket for each: test-several.c */
		TELIT_FAMILIES(a_second_session_waits_for_the_only_socket),
		TELIT_FAMILIES(served_in_order_of_arrival_across_channels),
		TELIT_COMMAND(served_in_order_of_arrival_across_channels),
		ON_FAMILIES(max_waiting_clients_wait_the_next_is_closed_at_once),
		ON_FAMILIES(max_waiting_0_turns_nobody_away_who_need_not_wait),
		ON_FAMILIES(wait_timeout_ends_the_waiting),
		ON_FAMILIES(a_client_of_an_unavailable_channel_waits),
		ON_FAMILIES(a_client_of_an_unavailable_channel_waits_no_longer_than_wait_timeout),
		ON_FAMILIES(a_client_of_a_blocked_channel_is_closed_at_once),
		ON_FAMILIES(why_a_channel_is_blocked_is_logged_once_whoever_waits),
		ON_WAYS(a_failed_dial_closes_the_client_and_counts),
		ON_WAYS(remotes_are_tried_in_order_and_the_working_one_is_kept),
		ON_FAMILIES(all_remotes_failed),
		ON_WAYS(a_silent_remote_does_not_hide_the_others),
		ON_WAYS(back_off_doubles_up_to_dial_backoff),
		ON_WAYS(a_client_leaves_while_it_waits),
		ON_WAYS(a_client_that_wrote_and_left_while_it_waited_is_still_served),
		ON_WAYS(a_client_leaves_in_mid_dial),
	};

	return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
