/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-modes.c - online and command mode: which one when, what it costs, and supervision in both
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* Dialled in command mode, and then resumed. */
#define ANY_SUITE "verify = \"none\"; resume = false; ciphers = ( \"any\" );"

#define ALL_BYTES 512 /* each value twice */

static const uint8_t *
all_bytes(void)
{
	static uint8_t bytes[ALL_BYTES];
	size_t i;

	for (i = 0; i < ALL_BYTES; i++)
		bytes[i] = (uint8_t)i;
	return bytes;
}

static void
assert_echo_of_all_bytes(struct world *w, struct client *c)
{
	client_write(c, all_bytes(), ALL_BYTES);
	world_run(w, 30000);
	assert_int_equal(c->down_len, ALL_BYTES);
	assert_memory_equal(c->down, all_bytes(), ALL_BYTES);
}

static void
the_mode_that_was_asked_for(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_echo_of_all_bytes(&w, c);
	if (scene_online(state)) {
		assert_int_equal(scene_said(&w, state, TO_SEND), 0);
		assert_int_equal(scene_said(&w, state, TO_RECEIVE), 0);
	} else {
		assert_int_not_equal(scene_said(&w, state, TO_SEND), 0);
		assert_int_equal(scene_said(&w, state, TO_RESUME), 0);
	}
	world_stop(&w);
}

static void
auto_goes_online_when_alone(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	assert_echo_of_all_bytes(&w, scene_session(&w));
	assert_int_equal(world_said(&w, "AT#SSLRECV"), 0);
	world_stop(&w);
}

/* Firmware without #SSLSENDEXT: text by #SSLSEND; bytes that it would act on go by data mode. */
static void
without_counted_sends(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.without_sendext = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	client_says(c, "text only");
	world_run(&w, 5000);
	assert_read(c, "text only");
	assert_int_equal(world_said(&w, "AT#SSLSEND=1"), 1);
	assert_int_equal(world_said(&w, "AT#SSLO=1"), 0);
	client_says(c, "\x1a\x1b\b");
	world_run(&w, 10000);
	assert_read(c, "text only\x1a\x1b\b");
	assert_int_equal(world_said(&w, "AT#SSLO=1"), 1);
	client_says(c, "and back");
	world_run(&w, 5000);
	assert_read(c, "text only\x1a\x1b\band back");
	assert_int_equal(world_said(&w, "AT#SSLSEND=1"), 2);
	assert_int_equal(world_said(&w, "AT#SSLO=1"), 1);
	assert_true(channel_weaknesses(w.channel[0]) & WEAK_INFLIGHT_COMMANDS);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_stop(&w);
}

static void
without_ring(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.without_ring = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_echo_of_all_bytes(&w, c);
	scene_server_says(&w, "unasked");
	world_run(&w, 3000);
	assert_int_equal(c->down_len, ALL_BYTES + 7);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	world_stop(&w);
}

static void
without_either(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.without_ring = true, .side.without_sendext = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_echo_of_all_bytes(&w, c);
	world_stop(&w);
}

/* Sends and receives have their turns. */
static void
both_ways_at_once(void **state)
{
	char *text = xcalloc(1, 50001);
	struct world w;
	struct client *c;

	memset(text, 'u', 50000);
	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_FLOOD, 50000);
	c = scene_session(&w);
	client_says(c, text);
	world_run(&w, scene_is_cinterion(state) ? 9000 : 6500); /* with a pause behind each block */
	assert_true(c->down_len > 20000);
	assert_true(side_peer_received(w.side, 1) > 20000);
	world_run(&w, 20000);
	assert_int_equal(c->down_len, 50000);
	assert_received(&w, 1, text);
	world_stop(&w);
	free(text);
}

static void
supervision_finds_a_silent_death(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 30;" });
	c = scene_session(&w);
	world_run(&w, 1000);
	side_mute(w.side, true);
	since = w.clock.now_ms;
	while (c->end == CLIENT_OPEN && w.clock.now_ms < since + 400000)
		world_run(&w, 100);
	if (c->end == CLIENT_OPEN || w.clock.now_ms - since > 60000)
		fail_msg("found after %u ms", (unsigned)(w.clock.now_ms - since));
	assert_figures(&w, 0, 1, 1);
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 150000));
	world_stop(&w);
}

/* The app writes on and on, and nothing comes back: a module that says connected and moves no byte is not alive. */
static void
supervision_finds_it_under_an_app_that_writes(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 20;" });
	c = scene_session(&w);
	side_mute(w.side, true);
	since = w.clock.now_ms;
	while (c->end == CLIENT_OPEN && w.clock.now_ms < since + 1000000) {
		client_says(c, "are you there?\n");
		world_run(&w, 1000);
	}
	if (c->end == CLIENT_OPEN || w.clock.now_ms - since > 200000)
		fail_msg("found after %u ms", (unsigned)(w.clock.now_ms - since));
	world_stop(&w);
}

static void
supervision_leaves_a_live_session_alone(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	for (i = 0; i < 20; i++) {
		world_run(&w, i * 700);
		client_says(c, "0123456789");
	}
	world_run(&w, 20000);
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_int_equal(c->down_len, 200);
	if (scene_online(state))
		assert_int_not_equal(scene_said(&w, state, TO_RESUME), 0);
	world_stop(&w);
}

/* The server takes nothing for minutes: neither an end nor a restart. */
static void
supervision_waits_for_a_server_that_takes_nothing(void **state)
{
	char *text = xcalloc(1, 60001);
	unsigned i, n = scene_online(state) ? 1 : 4;
	struct world w;
	struct client *c;

	memset(text, 'w', 60000);
	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 60;" });
	c = scene_session(&w);
	side_peer_takes(w.side, 1000);
	client_says(c, text);
	for (i = 0; i < n; i++) { /* in command mode a send has a time limit of a minute */
		world_run(&w, scene_online(state) ? 150000 : 50000);
		assert_int_equal(c->end, CLIENT_OPEN);
		side_peer_takes(w.side, i == n - 1 ? SIZE_MAX : 5000);
	}
	world_run(&w, 60000);
	assert_received(&w, 1, text);
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
	free(text);
}

/* And no longer: the line is deaf meanwhile, and others may wait for it. */
static void
a_server_that_takes_nothing_for_too_long_ends_the_session_only(void **state)
{
	char *text = xcalloc(1, 60001);
	struct world w;
	struct client *c;
	uint64_t since;

	memset(text, 'w', 60000);
	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	side_peer_takes(w.side, 0);
	client_says(c, text);
	since = w.clock.now_ms;
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_in_range(w.clock.now_ms - since, 60000, 66000);
	assert_error(&w, 0, "AT#SSLSENDEXT=1,");
	world_run(&w, 2000);
	assert_true(world_ready(&w));
	assert_false(side_peer_open(w.side));
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	world_stop(&w);
	free(text);
}

/* A module that gives no prompt is found out long before. */
static void
a_send_without_a_prompt_does_not_wait_so_long(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	world_run(&w, 5000);
	side_mute(w.side, true);
	client_says(c, "x");
	since = w.clock.now_ms;
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_true(w.clock.now_ms - since < 17000);
	world_stop(&w);
}

/* Of what a line of 115,200 bit/s carries in an hour, both ways: less than a thousandth. */
static void
supervision_costs_the_line_little(void **state)
{
	const uint64_t hour = 3600, line = 2 * 11520 * hour;
	uint64_t idle, open, began;
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 60;" });
	began = side_counter(w.side, "bytes_in") + side_counter(w.side, "bytes_out");
	world_run(&w, hour * 1000);
	idle = side_counter(w.side, "bytes_in") + side_counter(w.side, "bytes_out") - began;
	c = scene_session(&w);
	began = side_counter(w.side, "bytes_in") + side_counter(w.side, "bytes_out");
	world_run(&w, hour * 1000);
	open = side_counter(w.side, "bytes_in") + side_counter(w.side, "bytes_out") - began;
	print_message("bytes in an hour: %u without a session, %u with an idle one, of %u\n", (unsigned)idle, (unsigned)open,
	    (unsigned)line);
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_int_not_equal(idle, 0);
	assert_in_range(idle, 1, line / 1000);
	assert_in_range(open, 1, line / 1000);
	world_stop(&w);
}

/* As long as bytes come the module is alive: nobody escapes to ask it. */
static void
supervision_never_breaks_into_a_busy_session(void **state)
{
	struct world w;
	struct client *c;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	for (i = 0; i < 200; i++) {
		client_says(c, "0123456789");
		world_run(&w, 3000);
	}
	assert_int_equal(c->down_len, 2000);
	assert_int_equal(side_counter(w.side, "escapes"), 0);
	world_stop(&w);
}

/* A byte that comes in the middle of a look in online mode waits for its end, and no longer. */
static void
a_look_in_online_mode_is_bounded(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	while (!world_said(&w, "+++"))
		world_run(&w, 10);
	since = w.clock.now_ms;
	client_says(c, "x");
	while (!c->down_len && w.clock.now_ms < since + 10000)
		world_run(&w, 10);
	assert_read(c, "x");
	assert_true(w.clock.now_ms < since + 2500);
	world_stop(&w);
}

static void
supervision_without_a_session(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 20;" });
	side_accident(w.side, SIDE_RESET);
	world_run(&w, 25000);
	assert_true(world_run_until(&w, world_ready, 60000));
	side_mute(w.side, true);
	world_run(&w, 60000);
	assert_false(world_ready(&w));
	world_stop(&w);
}

/* A firmware that answers OK to #SSLO, and is online: found out once, believed from then on. */
static void
ok_in_place_of_connect(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;", .tls = ANY_SUITE,
	    .side.faults = "resume-ok" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_echo_of_all_bytes(&w, c);
	for (i = 0; i < 4; i++) { /* looked after in between */
		world_run(&w, 20000);
		client_says(c, "again");
	}
	world_run(&w, 20000);
	assert_int_equal(c->down_len, ALL_BYTES + 20);
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_true(modem_module(w.modem)->ok_connects);
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_true(world_ready(&w));
	world_forget_said(&w);
	c = scene_session(&w);
	assert_int_equal(world_said(&w, "AT#SSLO=1"), 1);
	assert_echo_of_all_bytes(&w, c);
	assert_figures(&w, 0, 2, 0);
	world_stop(&w);
}

/* What the server says while that is found out is the app's, and none of it is taken for the module's. */
static void
a_server_that_speaks_first_after_ok(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = ANY_SUITE, .side.faults = "resume-ok" });
	c = world_client(&w, 0);
	while (!side_dials(w.side) || !side_peer_open(w.side))
		world_run(&w, 10);
	scene_server_says(&w, "220 hello\r\nSSLSRING: 1,5\r\n\r\nOK\r\n");
	world_run(&w, 200);
	scene_server_says(&w, "\r\nNO CARRIER\r\nmore");
	world_run(&w, 10000);
	assert_read(c, "220 hello\r\nSSLSRING: 1,5\r\n\r\nOK\r\n\r\nNO CARRIER\r\nmore");
	client_says(c, "x");
	world_run(&w, 1000);
	assert_received(&w, 1, "x");
	assert_true(world_ready(&w));
	world_stop(&w);
}

static void
a_server_that_closes_before_ok_is_understood(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = ANY_SUITE, .side.faults = "resume-ok" });
	c = world_client(&w, 0);
	client_says(c, "x");
	while (!world_said(&w, "AT#SSLO=1"))
		world_run(&w, 10);
	world_run(&w, 200);
	scene_server_says(&w, "bye");
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_error(&w, 0, "before it was known whether the module was online");
	assert_received(&w, 1, "");
	assert_true(world_ready(&w));
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	world_stop(&w);
}

/* The module says OK and stays where it is: the session goes on in command mode. */
static void
ok_and_not_online(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = ANY_SUITE, .side.faults = "resume-stays" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	scene_server_says(&w, "220 hello");
	world_run(&w, 5000);
	assert_read(c, "220 hello");
	client_says(c, " and back");
	world_run(&w, 5000);
	assert_read(c, "220 hello and back");
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

/* Nor can it carry bytes that only data mode could: that session is over, the modem is not. */
static void
ok_and_not_online_without_counted_sends(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = ANY_SUITE, .side.without_sendext = true,
	    .side.faults = "resume-stays" });
	c = scene_session(&w);
	client_says(c, "x\x1a");
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_error(&w, 0, "does not go online");
	assert_true(world_ready(&w));
	world_run(&w, 5000);
	assert_false(side_peer_open(w.side));
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	world_stop(&w);
}

/* An excursion for bytes that text cannot carry. */
static void
ok_in_place_of_connect_without_counted_sends(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .side.without_sendext = true, .side.faults = "resume-ok" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_echo_of_all_bytes(&w, c);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

/* The status says that the socket is open, and that its context is down: the worse of the two is believed. */
static void
a_socket_that_is_open_without_a_context_is_lost(void **state)
{
	struct world w;
	struct client *c;

	/* so fast that a line comes in one piece */
	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "baud = 0; supervision = 10;", .side.line_rate = 10000000 });
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 1000);
	w.says = "#SGACT: 1,1";
	w.instead = "#SGACT: 1,0";
	if (!scene_online(state))
		side_urc(w.side, "NO CARRIER");
	scene_wait_end(&w, c, scene_online(state) ? CLIENT_RESET : CLIENT_EOF); /* EOF: nothing of its bytes is left to be unread */
	assert_false(c->in_order);
	w.says = NULL;
	assert_error(&w, 0, "the PDP context was lost");
	assert_true(world_run_until(&w, world_ready, 60000));
	scene_session(&w);
	assert_false(side_dial(w.side, 1).open);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAYS(the_mode_that_was_asked_for),
		ON_FAMILIES(auto_goes_online_when_alone),
		TELIT_COMMAND(without_counted_sends),
		ON_WAYS(without_ring),
		ON_WAYS(without_either),
		ON_WAYS(both_ways_at_once),
		ON_WAYS(supervision_finds_a_silent_death),
		ON_WAYS(supervision_finds_it_under_an_app_that_writes),
		ON_WAYS(supervision_leaves_a_live_session_alone),
		ON_WAYS(supervision_waits_for_a_server_that_takes_nothing),
		TELIT_COMMAND(a_server_that_takes_nothing_for_too_long_ends_the_session_only), /* cinterion grants no bytes then, and waits */
		IN_COMMAND_MODE(a_send_without_a_prompt_does_not_wait_so_long),
		ON_WAYS(supervision_costs_the_line_little),
		ONLINE(supervision_never_breaks_into_a_busy_session),
		ONLINE(a_look_in_online_mode_is_bounded),
		ON_FAMILIES(supervision_without_a_session),
		/* only #SSLO says OK in place of CONNECT */
		TELIT_ONLINE(ok_in_place_of_connect),
		TELIT_ONLINE(a_server_that_speaks_first_after_ok),
		TELIT_ONLINE(ok_and_not_online),
		ON_TELIT(ok_and_not_online_without_counted_sends),
		TELIT_ONLINE(a_server_that_closes_before_ok_is_understood),
		ON_TELIT(a_socket_that_is_open_without_a_context_is_lost),
		TELIT_COMMAND(ok_in_place_of_connect_without_counted_sends),
	};

	return cmocka_run_group_tests_name("modes", tests, NULL, NULL);
}
