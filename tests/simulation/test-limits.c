/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-limits.c - ends by time limits, half-close and full close, slow and flooding sides
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/xalloc.h"

static void
half_close_ends_when_the_server_closes(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "question");
	client_shut(c);
	world_run(&w, 10000);
	assert_received(&w, 1, "question");
	assert_int_equal(c->end, CLIENT_OPEN);
	scene_server_says(&w, "answer");
	world_run(&w, 2000);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_read(c, "answer");
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

static void
half_close_ends_when_the_server_is_silent_for_linger(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "linger = 10;" });
	c = scene_session(&w);
	client_says(c, "question");
	client_shut(c);
	for (i = 0; i < 4; i++) { /* as long as it speaks it goes on */
		world_run(&w, 7000);
		assert_int_equal(c->end, CLIENT_OPEN);
		scene_server_says(&w, "x");
	}
	world_run(&w, 14000);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_read(c, "xxxx");
	assert_error(&w, 0, "linger");
	assert_figures(&w, 0, 1, 0);
	world_run(&w, 5000);
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

static void
full_close_hands_over_and_closes_at_once(void **state)
{
	struct world w;
	struct client *c;
	char *text = xcalloc(1, 20001);
	uint64_t left;

	memset(text, 'w', 20000);
	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, text);
	client_leave(c);
	left = w.clock.now_ms;
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_true(w.clock.now_ms - left < 10000);
	world_run(&w, 5000);
	assert_received(&w, 1, text);
	assert_false(side_peer_open(w.side));
	assert_string_equal(channel_error(w.channel[0]), "");
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
	free(text);
}

static void
full_close_waits_at_most_linger(void **state)
{
	struct world w;
	struct client *c;
	char *text = xcalloc(1, 200001);
	uint64_t left;
	size_t n;

	memset(text, 'w', 200000);
	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "linger = 5;" });
	c = scene_session(&w);
	side_peer_takes(w.side, 100);
	client_says(c, text);
	client_leave(c);
	left = w.clock.now_ms;
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_in_range(w.clock.now_ms - left, 4900, 5200);
	assert_error(&w, 0, "linger");
	world_run(&w, 100000); /* the module holds the line up: nothing can be asked of it */
	assert_int_equal(side_peer_received(w.side, 1), 100);
	side_peer_takes(w.side, SIZE_MAX);
	world_run(&w, 70000);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_false(side_peer_open(w.side));
	for (left = 0; left < side_peer_received(w.side, 1); left++)
		assert_int_equal(side_peer_bytes(w.side, 1, &n)[left], 'w');
	world_stop(&w);
	free(text);
}

static void
idle_timeout_ends_in_silence_and_is_no_failure(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "idle_timeout = 8;" });
	c = scene_session(&w);
	for (i = 0; i < 3; i++) {
		world_run(&w, 6000);
		client_says(c, "u");
		world_run(&w, 6000);
		scene_server_says(&w, "d");
	}
	world_run(&w, 6000);
	assert_int_equal(c->end, CLIENT_OPEN);
	world_run(&w, 5000);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "idle_timeout");
	assert_figures(&w, 0, 1, 0);
	world_run(&w, 5000);
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

static void
max_session_time_ends_and_is_no_failure(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "max_session_time = 15;" });
	c = scene_session(&w);
	since = w.clock.now_ms;
	while (c->end == CLIENT_OPEN) {
		client_says(c, "u");
		world_run(&w, 500);
	}
	assert_in_range(w.clock.now_ms - since, 14000, 16000);
	assert_error(&w, 0, "max_session_time");
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

static void
a_slow_reader_holds_the_server_up(void **state)
{
	struct world w;
	struct client *c;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.line_rate = 921600, .modem = "baud = 921600;" });
	side_next_peer(w.side, SIDE_FLOOD, 2000000);
	c = scene_session(&w);
	client_reads(c, 0);
	world_run(&w, 60000);
	assert_true(side_peer_sent(w.side, 1) - c->down_len < 256 * 1024);
	for (i = 0; i < 400 && c->down_len < 2000000; i++) {
		client_reads(c, 10000);
		world_run(&w, 1000);
	}
	client_reads(c, SIZE_MAX);
	world_run(&w, 60000);
	assert_int_equal(c->down_len, 2000000);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_stop(&w);
}

static void
a_flood_of_the_server_is_read_whole(void **state)
{
	struct world w;
	struct client *c;
	size_t i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.line_rate = 921600, .modem = "baud = 921600;" });
	side_next_peer(w.side, SIDE_FLOOD, 1000000);
	c = scene_session(&w);
	client_says(c, "and meanwhile up");
	world_run(&w, scene_is_cinterion(state) && !scene_online(state) ? 120000 : 60000); /* with a pause behind each block */
	assert_int_equal(c->down_len, 1000000);
	for (i = 0; i < c->down_len; i++)
		if (c->down[i] != side_pattern(i))
			fail_msg("byte %zu is another", i);
	assert_received(&w, 1, "and meanwhile up");
	world_stop(&w);
}

/* 1 GB would take the virtual line hours and the real processor minutes; the bound is reached long before. */
static void
a_server_that_takes_nothing_holds_the_app_up(void **state)
{
	struct world w;
	struct client *c;
	char *text = xcalloc(1, 4000001);

	memset(text, 'w', 4000000);
	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	side_peer_takes(w.side, 1000);
	client_says(c, text);
	world_run(&w, 10000);
	assert_int_equal(side_peer_received(w.side, 1), 1000);
	assert_true(c->taken < 128 * 1024);
	world_stop(&w);
	free(text);
}

static void
a_silent_server_ends_the_dial_by_dial_timeout(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_timeout = 20;" });
	side_next_peers(w.side, "s");
	since = w.clock.now_ms;
	c = world_client(&w, 0);
	client_says(c, "hello");
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_true(w.clock.now_ms - since < 21000);
	assert_figures(&w, 0, 1, 1);
	assert_error(&w, 0, "one.example:443: ");
	world_run_until(&w, world_ready, 120000);
	c = scene_session(&w);
	client_says(c, "again");
	world_run(&w, 3000);
	assert_received(&w, 2, "again");
	world_stop(&w);
}

/* The module's own limit is deaf here: packets of the handshake keep coming, slowly. */
static void
a_late_success_after_the_dial_timeout_is_closed(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_timeout = 20;" });
	side_fault(w.side, "late=1,late-ms=25000");
	c = world_client(&w, 0);
	world_run(&w, 1000);
	side_fault(w.side, "late=0");
	client_says(c, "must not arrive");
	scene_wait_end(&w, c, CLIENT_RESET);
	world_run_until(&w, world_ready, 120000);
	world_run(&w, 60000);
	if (side_dials(w.side)) {
		assert_received(&w, 1, "");
		assert_false(side_peer_open(w.side));
	}
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	client_says(c, "again");
	world_run(&w, 5000);
	assert_read(c, "again");
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAYS(half_close_ends_when_the_server_closes),
		ON_WAYS(half_close_ends_when_the_server_is_silent_for_linger),
		ON_WAYS(full_close_hands_over_and_closes_at_once),
		ON_WAYS(full_close_waits_at_most_linger),
		ON_WAYS(idle_timeout_ends_in_silence_and_is_no_failure),
		ON_WAYS(max_session_time_ends_and_is_no_failure),
		ON_WAYS(a_slow_reader_holds_the_server_up),
		ON_WAYS(a_flood_of_the_server_is_read_whole),
		ON_WAYS(a_server_that_takes_nothing_holds_the_app_up),
		ON_WAYS(a_silent_server_ends_the_dial_by_dial_timeout),
		ON_WAYS(a_late_success_after_the_dial_timeout_is_closed),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
