/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-endings.c - promise P2: in order is an end-of-file after all bytes, everything else a reset with its reason
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/xalloc.h"

static char *
filled(size_t len)
{
	char *text = xcalloc(1, len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		text[i] = (char)('a' + i % 26);
	return text;
}

static void
recovers(struct world *w)
{
	struct client *c;
	int dials;

	assert_true(world_run_until(w, world_ready, 120000));
	side_next_peer(w->side, SIDE_ECHO, 0);
	c = scene_session(w);
	dials = side_dials(w->side);
	client_says(c, "still there?");
	world_run(w, 5000);
	assert_read(c, "still there?");
	assert_received(w, dials, "still there?");
	client_leave(c);
	world_run(w, 10000);
	assert_false(side_peer_open(w->side));
}

static void
in_order_is_eof_after_all_bytes(void **state)
{
	char *text = filled(30000);
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "all handed over");
	world_run(&w, 3000);
	scene_server_says(&w, text);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_read(c, text);
	assert_received(&w, 1, "all handed over");
	assert_figures(&w, 0, 1, 0);
	assert_string_equal(channel_error(w.channel[0]), "");
	recovers(&w);
	world_stop(&w);
	free(text);
}

static void
in_order_is_eof_for_an_app_that_reads_late(void **state)
{
	char *text = filled(3000);
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_reads(c, 10);
	client_says(c, "x");
	world_run(&w, 3000);
	scene_server_says(&w, text);
	side_peer_close(w.side);
	world_run(&w, 20000);
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_int_equal(c->down_len, 10);
	client_reads(c, SIZE_MAX);
	assert_int_equal(c->end, CLIENT_EOF);
	assert_read(c, text);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
	free(text);
}

/* The server has closed, the app has not read all yet, and writes on: nobody gets that. */
/* What is on its way to the command line then is the daemon's own: all of the app's had left before the silence. */
static void
an_end_at_the_very_moment_of_an_escape_is_in_order(void **state)
{
	struct world w;
	struct client *c;
	unsigned ms;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	c = scene_session(&w);
	client_says(c, "hello");
	world_forget_said(&w);
	for (ms = 0; ms < 60000 && !world_said(&w, "+++"); ms++)
		world_run(&w, 1);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_figures(&w, 0, 1, 0);
	assert_received(&w, 1, "hello");
	world_stop(&w);
}

static void
bytes_behind_the_end_are_a_reset_with_its_reason(void **state)
{
	char *text = filled(3000);
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_reads(c, 10);
	scene_server_says(&w, text);
	side_peer_close(w.side);
	world_run(&w, 20000);
	client_says(c, "too late");
	client_reads(c, SIZE_MAX);
	assert_int_equal(c->end, CLIENT_RESET);
	assert_read(c, text);
	assert_error(&w, 0, "before all bytes of the app were handed over");
	assert_figures(&w, 0, 1, 1);
	world_stop(&w);
	free(text);
}

static void
an_app_that_never_reads_the_rest_is_one_failure(void **state)
{
	char *text = filled(3000);
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_reads(c, 10);
	scene_server_says(&w, text);
	world_run(&w, 3000);
	world_line_down(&w);
	world_run(&w, 70000);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_figures(&w, 0, 1, 1);
	world_stop(&w);
	free(text);
}

/* The server closes in order, but the app has bytes that nobody took. */
static void
bytes_not_handed_over_are_a_reset(void **state)
{
	char *text = filled(100000);
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, text);
	world_run(&w, 1000);
	scene_server_says(&w, "last");
	world_run(&w, 200);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_read(c, "last");
	assert_figures(&w, 0, 1, 1);
	assert_true(channel_error(w.channel[0])[0] != 0);
	recovers(&w);
	world_stop(&w);
	free(text);
}

/* One word for close and abort: believed to have closed in order. */
static void
an_abort_that_the_module_does_not_name_is_believed(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 3000);
	side_peer_abort(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	recovers(&w);
	world_stop(&w);
}

static void
an_abort_that_the_module_names_is_a_failure(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	scene_server_says(&w, "read before the end");
	client_says(c, "x");
	world_run(&w, 3000);
	side_peer_abort(w.side);
	world_run(&w, 10000);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_read(c, "read before the end");
	assert_error(&w, 0, "15: Remote host has reset the connection");
	assert_figures(&w, 0, 1, 1);
	recovers(&w);
	world_stop(&w);
}

static void
context_loss_is_a_reset(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "unsettled");
	world_run(&w, scene_online(state) ? 1000 : 0);
	side_accident(w.side, SIDE_DROP_CONTEXT);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_error(&w, 0, scene_is_cinterion(state) ? "network" : "context");
	assert_figures(&w, 0, 1, 1);
	recovers(&w);
	world_stop(&w);
}

static void
module_reset_is_a_reset(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 20;" });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, scene_online(state) ? 3000 : 0);
	side_accident(w.side, SIDE_RESET);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_figures(&w, 0, 1, 1);
	recovers(&w);
	world_stop(&w);
}

static void
tty_lost_is_a_reset(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "x");
	scene_server_says(&w, "read before the end");
	world_run(&w, scene_online(state) ? 500 : 0);
	world_line_down(&w);
	scene_wait_end(&w, c, CLIENT_RESET);
	if (scene_online(state))
		assert_read(c, "read before the end");
	assert_error(&w, 0, "/dev/ttyX is gone");
	assert_string_equal(modem_state_word(w.modem), "absent");
	world_run(&w, 5000);
	world_line_up(&w);
	recovers(&w);
	world_stop(&w);
}

/* A module that does not hear the escape: the session ends when it should, and the modem finds its way. */
static void
escape_failing_is_no_dead_end(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 1000);
	side_fault(w.side, "no-escape");
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_true(channel_error(w.channel[0])[0] != 0);
	side_fault(w.side, "no-escape=off");
	recovers(&w);
	world_stop(&w);
}

static void
an_end_told_by_a_read_is_eof(void **state)
{
	char *text = filled(5000);
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.faults = "disconnected" });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 3000);
	scene_server_says(&w, text);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_read(c, text);
	assert_figures(&w, 0, 1, 0);
	recovers(&w);
	world_stop(&w);
	free(text);
}

static void
an_empty_read_is_no_end(void **state)
{
	static const char *const variants[] = { "recv=timeout", "recv=bare" };
	struct world w;
	struct client *c;
	int i;

	for (i = 0; i < 2; i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .side.faults = variants[i] });
		c = scene_session(&w);
		world_run(&w, 40000); /* polls find nothing */
		assert_int_equal(c->end, CLIENT_OPEN);
		scene_server_says(&w, "at last");
		world_run(&w, 40000);
		assert_read(c, "at last");
		side_peer_close(w.side);
		scene_wait_end(&w, c, CLIENT_EOF);
		world_stop(&w);
	}
}

static void
a_record_too_long_is_a_reset_with_advice(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	scene_server_says(&w, "good bytes");
	world_run(&w, 4000);
	side_peer_break(w.side);
	scene_wait_end(&w, c, CLIENT_EOF); /* nothing unread: the kernel can only show that */
	assert_read(c, "good bytes");
	assert_figures(&w, 0, 1, 1);
	assert_error(&w, 0, scene_is_cinterion(state) ? "with 14" : "SSL error enc/dec data");
	if (!scene_is_cinterion(state))
		assert_error(&w, 0, "15800");
	recovers(&w);
	world_stop(&w);
}

static void
close_of_the_daemon_is_a_reset(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 1);
	channel_close(w.channel[0]);
	assert_int_equal(c->end, CLIENT_RESET);
	recovers(&w);
	world_stop(&w);
}

/* Sessions, then the socket, then the context. */
static void
stop_is_in_order(void **state)
{
	struct world w;
	struct client *c;
	const char *ssl, *context;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 2000);
	world_forget_said(&w);
	channel_close(w.channel[0]);
	modem_stop(w.modem);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	world_run(&w, 10000);
	assert_true(modem_stopped(w.modem));
	assert_false(side_peer_open(w.side));
	ssl = strstr(w.said, scene_word(state, TO_CLOSE));
	context = strstr(w.said, "AT#SGACT=1,0");
	assert_non_null(ssl);
	if (!scene_is_cinterion(state)) /* whose context goes by itself */
		assert_true(context && ssl < context);
	assert_int_equal(scene_said(&w, state, TO_DIAL), 0);
	world_stop(&w);
}

static void
stop_without_a_session(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	modem_stop(w.modem);
	world_client(&w, 0); /* too late */
	world_run(&w, 5000);
	assert_true(modem_stopped(w.modem));
	assert_int_equal(side_dials(w.side), 0);
	if (!scene_is_cinterion(state)) /* whose context goes by itself */
		assert_int_equal(world_said(&w, "AT#SGACT=1,0"), 1);
	world_stop(&w);
}

static void
stop_in_the_middle_of_a_dial(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_dial_takes(w.side, 3000);
	world_client(&w, 0);
	world_run(&w, 1000);
	channel_close(w.channel[0]);
	modem_stop(w.modem);
	world_run(&w, 15000);
	assert_true(modem_stopped(w.modem));
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

/* No carrier line, no boot words: the module takes the app's bytes for commands, and says so. */
static void
a_module_that_starts_anew_without_a_word_is_found_out(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "hello\r");
	world_run(&w, 1000);
	side_accident(w.side, SIDE_RESET);
	for (i = 0; i < 12 && c->end == CLIENT_OPEN; i++) {
		client_says(c, "and so on\r\n");
		world_run(&w, 1000);
	}
	assert_int_equal(c->end, CLIENT_RESET);
	assert_error(&w, 0, "started anew");
	recovers(&w);
	world_stop(&w);
}

/* Wherever the reset strikes: the longest that a send may take, a little, and the way up. */
static void
a_reset_in_mid_send_costs_little_more_than_the_send(void **state)
{
	char *text = filled(30000);
	unsigned at;

	for (at = 100; at < 240; at += 13) {
		struct world w;
		struct client *c;
		uint64_t then;

		scene_up(&w, state, (struct world_conf){ .alone = true });
		c = scene_session(&w);
		client_says(c, text);
		world_run(&w, at);
		then = w.clock.now_ms;
		side_accident(w.side, SIDE_RESET);
		while (c->end == CLIENT_OPEN && w.clock.now_ms < then + 120000)
			world_run(&w, 100);
		assert_int_equal(c->end, CLIENT_RESET);
		while (modem_free_sockets(w.modem) == 0 && w.clock.now_ms < then + 200000)
			world_run(&w, 100);
		assert_in_range(w.clock.now_ms - then, scene_is_cinterion(state) ? 1000 : 10000, 90000);
		world_stop(&w);
	}
	free(text);
}

/* A server may say the same: the module is asked, once, and nothing is lost. */
static void
a_server_that_says_error_is_heard(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	client_says(c, "what?\r\n");
	world_run(&w, 1000);
	world_forget_said(&w);
	scene_server_says(&w, "a\r\nERROR\r\nb");
	world_run(&w, 300);
	client_says(c, "go on");
	world_run(&w, 6000);
	assert_int_equal(world_said(&w, "AT#SSLO=1"), 1);
	scene_server_says(&w, "c\r\nERROR\r\nd");
	world_run(&w, 6000);
	assert_int_equal(world_said(&w, "AT#SSLO=1"), 1);
	assert_read(c, "a\r\nERROR\r\nbc\r\nERROR\r\nd");
	assert_received(&w, 1, "what?\r\ngo on");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

/* The line that tells it does not come: the module is asked. */
static void
a_reason_that_got_lost_is_asked_for(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	w.says = "^SIS: 0, 0";
	w.instead = "^SIS: 0, 9"; /* of no interest */
	side_next_peers(w.side, "r");
	c = world_client(&w, 0);
	client_says(c, "unread");
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_error(&w, 0, "handshake failed: the module ended it with 74: TLS/SSL protocol error");
	world_run(&w, 5000);
	c = scene_session(&w);
	scene_server_says(&w, "last words");
	world_run(&w, 1000);
	side_peer_abort(w.side);
	scene_wait_end(&w, c, CLIENT_EOF); /* nothing is unread, so the kernel shows no more than that */
	assert_error(&w, 0, "the module ended it with 15: Remote host has reset the connection");
	assert_figures(&w, 0, 2, 2);
	assert_read(c, "last words");
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAYS(in_order_is_eof_after_all_bytes),
		ON_WAYS(in_order_is_eof_for_an_app_that_reads_late),
		ON_WAYS(bytes_behind_the_end_are_a_reset_with_its_reason),
		ONLINE(an_end_at_the_very_moment_of_an_escape_is_in_order),
		ON_WAYS(an_app_that_never_reads_the_rest_is_one_failure),
		ON_WAYS(bytes_not_handed_over_are_a_reset),
		ON_TELIT(an_abort_that_the_module_does_not_name_is_believed),
		ON_CINTERION(an_abort_that_the_module_names_is_a_failure),
		ON_WAYS(context_loss_is_a_reset),
		ON_WAYS(module_reset_is_a_reset),
		ON_WAYS(tty_lost_is_a_reset),
		TELIT_ONLINE(escape_failing_is_no_dead_end), /* the other has an escape of its own, not the fault's */
		ON_WAYS(an_end_told_by_a_read_is_eof),
		IN_COMMAND_MODE(an_empty_read_is_no_end),
		IN_COMMAND_MODE(a_record_too_long_is_a_reset_with_advice),
		ON_WAYS(close_of_the_daemon_is_a_reset),
		ON_WAYS(stop_is_in_order),
		ON_FAMILIES(stop_without_a_session),
		ON_WAYS(stop_in_the_middle_of_a_dial),
		ONLINE(a_module_that_starts_anew_without_a_word_is_found_out),
		IN_COMMAND_MODE(a_reset_in_mid_send_costs_little_more_than_the_send),
		TELIT_ONLINE(a_server_that_says_error_is_heard), /* a command line that has lost its session says that; dialect.data_doubt */
		ON_CINTERION(a_reason_that_got_lost_is_asked_for),
	};

	return cmocka_run_group_tests_name("endings", tests, NULL, NULL);
}
