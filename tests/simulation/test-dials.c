/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-dials.c - dials that fail: by which cause, in which words; and what nobody waits longer for than its limit
 */
#include "simulation/scene.h"

static void
assert_cause(struct world *w, enum dial_cause cause, const char *start)
{
	const struct channel_figures *f = channel_figures(w->channel[0]);
	unsigned i;

	if (strncmp(channel_error(w->channel[0]), start, strlen(start)) != 0)
		fail_msg("LastError is \"%s\", and does not begin with \"%s\"", channel_error(w->channel[0]), start);
	for (i = 0; i < DIAL_CAUSES; i++)
		if (f->dial_failures[i] != (i == cause))
			fail_msg("%u dials failed by cause %u: %s", (unsigned)f->dial_failures[i], i, channel_error(w->channel[0]));
}

/* One dial, by a client that has written something. */
static void
dial_in_vain(struct world *w)
{
	struct client *c = world_client(w, 0);

	client_says(c, "x");
	scene_wait_end(w, c, CLIENT_RESET);
	assert_figures(w, 0, 1, 1);
}

static void
dial_with_fault(void **state, const char *fault, enum dial_cause cause, const char *start, const char *advice)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_fault(w.side, fault);
	dial_in_vain(&w);
	assert_cause(&w, cause, start);
	assert_error(&w, 0, scene_is_cinterion(state) ? "the module ended it with" : "AT#SSLD=1,443,");
	assert_error(&w, 0, advice);
	assert_true(world_ready(&w));
	world_stop(&w);
}

static void
each_cause_has_its_word(void **state)
{
	dial_with_fault(state, "dial-fail=1,dial=dns", DIAL_NAME, "one.example:443: name not known: ", "check the host name");
	dial_with_fault(state, "dial-fail=1,dial=refused", DIAL_REFUSED, "one.example:443: refused: ", "nothing listens");
	dial_with_fault(state, "dial-fail=1,dial=timeout", DIAL_TIMEOUT, "one.example:443: timed out: ", "did not answer");
	dial_with_fault(state, "dial-fail=1,dial=handshake", DIAL_HANDSHAKE, "one.example:443: handshake failed: ", "TLS 1.0");
	dial_with_fault(state, "dial-fail=1,dial=cert", DIAL_CERTIFICATE, "one.example:443: certificates not usable: ", "ca names");
}

/* This module has one word for the three. */
static void
an_unknown_name_is_not_reached(void **state)
{
	dial_with_fault(state, "dial-fail=1,dial=dns", DIAL_UNREACHED, "one.example:443: not reached: ", "check remote");
}

static void
a_closed_port_is_not_reached(void **state)
{
	dial_with_fault(state, "dial-fail=1,dial=refused", DIAL_UNREACHED, "one.example:443: not reached: ", "check remote");
}

static void
a_server_that_does_not_answer_is_not_reached(void **state)
{
	dial_with_fault(state, "dial-fail=1,dial=timeout", DIAL_UNREACHED, "one.example:443: not reached: ", "check remote");
}

static void
a_handshake_that_fails(void **state)
{
	dial_with_fault(state, "dial-fail=1,dial=handshake", DIAL_HANDSHAKE, "one.example:443: handshake failed: ",
	    "check that the server speaks TLS 1.0");
}

static void
a_chain_to_another_root_is_a_handshake_that_fails(void **state)
{
	dial_with_fault(state, "dial-fail=1,dial=cert", DIAL_HANDSHAKE, "one.example:443: handshake failed: ",
	    "that ca is the root of its chain");
}

static void
a_slot_that_is_empty(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";" });
	dial_in_vain(&w);
	assert_cause(&w, DIAL_CERTIFICATE, "one.example:443: certificates not usable: ");
	assert_error(&w, 0, "SSL certs and keys wrong or not stored");
	world_stop(&w);
}

static void
the_context_is_lost_in_mid_dial(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_dial_takes(w.side, 5000);
	c = world_client(&w, 0);
	client_says(c, "x");
	world_run(&w, 2000);
	side_accident(w.side, SIDE_DROP_CONTEXT);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_cause(&w, DIAL_CONTEXT, "one.example:443: no network: ");
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

/* The module says "socket error", and has said before that it is not registered any more. */
static void
the_network_is_lost_in_mid_dial(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_dial_takes(w.side, 5000);
	side_next_peers(w.side, "r");
	c = world_client(&w, 0);
	client_says(c, "x");
	world_run(&w, 2000);
	side_accident(w.side, SIDE_DEREGISTER);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_cause(&w, DIAL_CONTEXT, "one.example:443: no network: ");
	world_stop(&w);
}

static void
the_module_falls_silent_before_the_dial(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	dial_in_vain(&w);
	assert_cause(&w, DIAL_CONTEXT, "one.example:443: no network: ");
	world_stop(&w);
}

static void
the_module_never_ends_the_dial(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_timeout = 20;" });
	side_dial_takes(w.side, 5000);
	c = world_client(&w, 0);
	client_says(c, "x");
	since = w.clock.now_ms;
	while (!side_dials(w.side))
		world_run(&w, 10);
	side_mute(w.side, true);
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_in_range(w.clock.now_ms - since, 19900, 20200);
	assert_cause(&w, DIAL_TIMEOUT, "one.example:443: timed out: ");
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 150000));
	world_run(&w, 60000);
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

/*
 * One suite after the other is tried, and each may take its time: all of them together have the limit of one. The
 * module is told what is left of it, so that it ends the dial itself, in time to say why, and is free for the next.
 */
static void
all_suites_together_have_one_limit(void **state)
{
	struct world w;
	struct client *c;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_timeout = 20;",
	    .tls = "verify = \"none\"; ciphers = ( \"TLS_RSA_WITH_RC4_128_SHA\", \"TLS_RSA_WITH_RC4_128_MD5\" );" });
	side_dial_takes(w.side, 15000);
	side_next_peers(w.side, "rrrr");
	c = world_client(&w, 0);
	client_says(c, "x");
	since = w.clock.now_ms;
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_in_range(w.clock.now_ms - since, 17000, 20000);
	assert_int_equal(side_dials(w.side), 2);
	assert_error(&w, 0, "SSL socket error");
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	world_run(&w, 40000);
	assert_int_equal(side_dials(w.side), 2);
	assert_int_equal(modem_free_sockets(w.modem), modem_sockets(w.modem));
	world_stop(&w);
}

/* A socket that nobody here knows of, a stray command's: one dial fails, and the next finds it closed. */
static void
a_socket_that_was_open_already_is_closed(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_type(w.side, "AT#SSLD=1,443,\"stray.example\",0,1\r");
	world_run(&w, 3000);
	assert_int_equal(side_dials(w.side), 1);
	assert_true(side_peer_open(w.side));
	c = world_client(&w, 0);
	client_says(c, "x");
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_error(&w, 0, "SSL already connected");
	world_run(&w, 3000);
	assert_false(side_peer_open(w.side));
	c = scene_session(&w);
	client_says(c, "x");
	world_run(&w, 3000);
	assert_received(&w, 2, "x");
	assert_figures(&w, 0, 2, 1);
	world_stop(&w);
}

static void
an_address_is_told_as_it_is_configured(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .remote = "\"[2001:db8::1]:8883\"" });
	side_fault(w.side, "dial-fail=1,dial=refused");
	dial_in_vain(&w);
	assert_cause(&w, DIAL_UNREACHED, "[2001:db8::1]:8883: not reached: ");
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CINTERION(each_cause_has_its_word),
		/* one word for several causes, several suites to try: Telit's */
		ON_TELIT(an_unknown_name_is_not_reached),
		ON_TELIT(a_closed_port_is_not_reached),
		ON_TELIT(a_server_that_does_not_answer_is_not_reached),
		ON_TELIT(a_handshake_that_fails),
		ON_TELIT(a_chain_to_another_root_is_a_handshake_that_fails),
		ON_TELIT(a_slot_that_is_empty),
		ON_WAYS(the_context_is_lost_in_mid_dial),
		ON_WAYS(the_network_is_lost_in_mid_dial),
		ON_WAYS(the_module_falls_silent_before_the_dial),
		ON_TELIT(the_module_never_ends_the_dial),
		TELIT_FAMILIES(all_suites_together_have_one_limit),
		ON_TELIT(a_socket_that_was_open_already_is_closed),
		TELIT_FAMILIES(an_address_is_told_as_it_is_configured),
	};

	return cmocka_run_group_tests_name("dials", tests, NULL, NULL);
}
