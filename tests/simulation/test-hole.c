/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-hole.c - the hole of online mode: app bytes on their way when the server closes
 *
 * They reach the module's command line.  Held here: how few they are, that
 * nothing is written once the end is seen, and that what they changed is as it
 * was before the next dial.
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/xalloc.h"

#define PEM "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"

/* The server closes; the app's command was written in the moment before the module noticed. */
static void
server_closes_under(struct world *w, struct client *c, const char *command)
{
	world_run(w, 3000);
	side_peer_close(w->side);
	client_says(c, command);
	scene_wait_end(w, c, CLIENT_RESET);
	assert_figures(w, 0, 1, 1);
}

static void
next_session_works(struct world *w)
{
	struct client *c;
	int dials = side_dials(w->side) + 1;

	assert_true(world_run_until(w, world_ready, 60000));
	side_next_peer(w->side, SIDE_ECHO, 0);
	c = scene_session(w);
	client_says(c, "as before\n");
	world_run(w, 5000);
	assert_read(c, "as before\n");
	assert_received(w, dials, "as before\n");
	client_leave(c);
	world_run(w, 10000);
	assert_false(side_peer_open(w->side));
}

static void
settings_are_made_anew(void **state)
{
	static const char *const commands[] = {
		"AT&K0\r", "ATE1\r", "AT+CMEE=0\r", "AT#SSLSECCFG=1,0,0\r", "AT#SKIPESC=0\r", "ATS12=255\r", "ATS2=65\r",
		"AT#SSLCFG=1,1,300,90,100,50\r", "AT#SSLEN=1,0\r", "AT+CGEREP=0\r", "ATV0\r", "AT&F\r", "ATQ1\r", "AT#SGACT=1,0\r",
		"AT+CGDCONT=1,\"IP\",\"evil\"\r", "ATZ\r",
	};
	struct world w;
	struct client *c;
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { PEM } });
		c = scene_session(&w);
		server_closes_under(&w, c, commands[i]);
		next_session_works(&w);
		assert_int_equal(side_dial(w.side, side_dials(w.side)).verify, 1);
		assert_int_equal(side_dial(w.side, side_dials(w.side)).ca_len, strlen(PEM));
		assert_int_equal(side_counter(w.side, "slot_writes"), 1);
		world_stop(&w);
	}
}

static void
a_deleted_slot_is_written_again(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { PEM } });
	c = scene_session(&w);
	server_closes_under(&w, c, "AT#SSLSECDATA=1,0,1\r");
	next_session_works(&w);
	assert_int_equal(side_dial(w.side, side_dials(w.side)).ca_len, strlen(PEM));
	assert_int_equal(side_counter(w.side, "slot_writes"), 3); /* ours, the app's, ours */
	world_stop(&w);
}

/* A payload that is asked for and would swallow the next commands. */
static void
an_open_prompt_is_left(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { PEM } });
	c = scene_session(&w);
	server_closes_under(&w, c, "AT#SSLSECDATA=1,1,1,2000\rwhatever");
	next_session_works(&w);
	assert_int_equal(side_dial(w.side, side_dials(w.side)).ca_len, strlen(PEM));
	world_stop(&w);
}

/* The module dials for the app, to where nobody has been verified: the kept TLS session is not used for anything. */
static void
a_dial_of_the_app_is_closed_and_forgotten(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { PEM } });
	c = scene_session(&w);
	server_closes_under(&w, c, scene_is_ge(state) ? "AT#SSLD=1,443,\"evil.example\",1,1\r" : "AT#SSLD=1,443,\"evil.example\",0,1\r");
	next_session_works(&w);
	if (side_dials(w.side) == 3) {
		assert_string_equal(side_dial(w.side, 2).host, "evil.example");
		assert_false(side_dial(w.side, 2).open);
		assert_int_equal(side_peer_received(w.side, 2), 0);
	}
	assert_string_equal(side_dial(w.side, side_dials(w.side)).host, "one.example");
	assert_false(side_dial(w.side, side_dials(w.side)).resumed);
	world_stop(&w);
}

/* The whole of what an app keeps writing when the server closes: how much of it reaches the command line. */
static void
few_bytes_are_on_their_way(void **state)
{
	char *text = xcalloc(1, 100001);
	struct world w;
	struct client *c;
	uint64_t before, got;
	struct world_conf wc = { .alone = true };

	memset(text, 'w', 100000);
	scene_up(&w, state, wc);
	c = scene_session(&w);
	world_run(&w, 3000);
	client_says(c, text);
	world_run(&w, 2000);
	before = side_counter(w.side, "bytes_in");
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_RESET);
	got = side_counter(w.side, "bytes_in") - before;
	/* 20 ms of 115,200 bit/s in the queue, as much until NO CARRIER is heard, and the commands that ask */
	if (got > 230 + 3 * 230 + 300)
		fail_msg("%u bytes reached the module", (unsigned)got);
	next_session_works(&w);
	world_stop(&w);
	free(text);
}

static void
nothing_to_repair_after_a_clean_end(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 3000);
	world_forget_said(&w);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_run(&w, 5000);
	assert_int_equal(world_said(&w, "ATE0"), 0);
	world_stop(&w);
}

static void
weaknesses_tell_of_it(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	world_run(&w, 100);
	assert_int_equal(!!(channel_weaknesses(w.channel[0]) & WEAK_INFLIGHT_COMMANDS), scene_online(state));
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* what an app of Telit's can say there */
		TELIT_ONLINE(settings_are_made_anew),
		TELIT_ONLINE(a_deleted_slot_is_written_again),
		TELIT_ONLINE(an_open_prompt_is_left),
		TELIT_ONLINE(a_dial_of_the_app_is_closed_and_forgotten),
		ONLINE(few_bytes_are_on_their_way),
		ONLINE(nothing_to_repair_after_a_clean_end),
		ON_WAYS(weaknesses_tell_of_it),
	};

	return cmocka_run_group_tests_name("hole", tests, NULL, NULL);
}
