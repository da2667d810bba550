/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-restart.c - the daemon was killed in the middle of something: ready again within 10 s
 *
 * The network still has the module and the context is up, as after any kill -9;
 * what the module needs for its own answers is little here (no latency).
 */
#include "simulation/scene.h"

#include <stdlib.h>

#define LIMIT_MS 10000

static const char ca[] = "-----BEGIN CERTIFICATE-----\n"
			 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n"
			 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n"
			 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n"
			 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n"
			 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n"
			 "-----END CERTIFICATE-----\n";

static const struct world_conf conf = { .alone = true, .certs = { ca } };

static void
killed_and_ready_again(struct world *w)
{
	uint64_t since = w->clock.now_ms;

	world_restart(w, &conf);
	if (!world_run_until(w, world_ready, 120000))
		fail_msg("not ready: %s", modem_error(w->modem));
	if (w->clock.now_ms - since > LIMIT_MS)
		fail_msg("ready after %u ms", (unsigned)(w->clock.now_ms - since));
	if (getenv("RESTART_TIMES"))
		print_message("ready after %u ms\n", (unsigned)(w->clock.now_ms - since));
	side_next_peer(w->side, SIDE_ECHO, 0);
	if (side_dials(w->side))
		assert_false(side_dial(w->side, side_dials(w->side)).open); /* what was open was closed */
	scene_session(w);
}

static void
until_said(struct world *w, const char *start)
{
	unsigned i;

	for (i = 0; i < 60000 && !world_said(w, start); i++)
		world_run(w, 1);
	assert_int_not_equal(world_said(w, start), 0);
}

static void
in_idle_data_mode(void **state)
{
	struct world w;

	scene_up(&w, state, conf);
	scene_session(&w);
	world_run(&w, 5000);
	killed_and_ready_again(&w);
	world_stop(&w);
}

static void
in_a_flood_from_the_server(void **state)
{
	struct world w;

	scene_up(&w, state, conf);
	side_next_peer(w.side, SIDE_FLOOD, 1000000);
	scene_session(&w);
	world_run(&w, 3000);
	killed_and_ready_again(&w);
	world_stop(&w);
}

static void
while_an_app_writes(void **state)
{
	static char text[20000];
	struct world w;

	memset(text, 'x', sizeof(text));
	scene_up(&w, state, conf);
	client_write(scene_session(&w), text, sizeof(text));
	world_run(&w, 300);
	killed_and_ready_again(&w);
	world_stop(&w);
}

/* The prompt is open, and none, some or all but one of the bytes that it waits for were given. */
static void
inside_a_counted_payload(void **state)
{
	static const unsigned after_ms[] = { 1, 10, 40, 80 };
	static char text[20000];
	struct world w;
	size_t i;

	memset(text, 'x', sizeof(text));
	for (i = 0; i < sizeof(after_ms) / sizeof(after_ms[0]); i++) {
		scene_up(&w, state, conf);
		client_write(scene_session(&w), text, sizeof(text));
		until_said(&w, scene_word(state, TO_SEND));
		world_run(&w, after_ms[i]);
		killed_and_ready_again(&w);
		world_stop(&w);
	}
}

static void
at_a_prompt_that_nothing_was_given(void **state)
{
	struct world w;

	scene_up(&w, state, conf);
	scene_session(&w);
	world_run(&w, 100);
	side_type(w.side, scene_is_cinterion(state) ? "AT^SISW=0,1000\r" : "AT#SSLSENDEXT=1,1000\r");
	world_run(&w, 500);
	killed_and_ready_again(&w);
	world_stop(&w);
}

static void
inside_a_certificate(void **state)
{
	static const unsigned after_ms[] = { 1, 10, 30 };
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(after_ms) / sizeof(after_ms[0]); i++) {
		scene_start(&w, state, conf);
		until_said(&w, scene_is_cinterion(state) ? "AT^SBNW=" : "AT#SSLSECDATA=1,1");
		world_run(&w, after_ms[i]);
		killed_and_ready_again(&w);
		world_stop(&w);
	}
}

static void
in_the_middle_of_a_receive(void **state)
{
	static const unsigned after_ms[] = { 1, 30, 500 };
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(after_ms) / sizeof(after_ms[0]); i++) {
		scene_up(&w, state, conf);
		side_next_peer(w.side, SIDE_FLOOD, i < 2 ? 100000 : 0);
		scene_session(&w);
		world_forget_said(&w);
		until_said(&w, scene_word(state, TO_RECEIVE));
		world_run(&w, after_ms[i]);
		killed_and_ready_again(&w);
		world_stop(&w);
	}
}

static void
in_the_middle_of_a_dial(void **state)
{
	struct world w;

	scene_up(&w, state, conf);
	side_dial_takes(w.side, 3000);
	world_client(&w, 0);
	until_said(&w, scene_word(state, TO_DIAL));
	world_run(&w, 500);
	killed_and_ready_again(&w);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ONLINE(in_idle_data_mode),
		ON_WAYS(in_a_flood_from_the_server),
		ON_WAYS(while_an_app_writes),
		IN_COMMAND_MODE(inside_a_counted_payload),
		IN_COMMAND_MODE(at_a_prompt_that_nothing_was_given),
		ON_FAMILIES(inside_a_certificate),
		IN_COMMAND_MODE(in_the_middle_of_a_receive),
		ON_WAYS(in_the_middle_of_a_dial),
	};

	return cmocka_run_group_tests_name("restart", tests, NULL, NULL);
}
