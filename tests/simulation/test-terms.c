/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-terms.c - what is published of a channel is true: of the session that is open, of what may be dialled, or not known
 */
#include "simulation/scene.h"

#define ANY "verify = \"none\"; ciphers = ( \"any\" ); resume = false;"
#define SIMULATED "#SSLS: 1,2,1" /* the server in memory takes the first that is offered */
#define BY_SUITE (WEAK_RC4 | WEAK_NULL | WEAK_MD5 | WEAK_SHA1)

static unsigned
by_suite(const struct world *w)
{
	return channel_weaknesses(w->channel[0]) & BY_SUITE;
}

static void
an_open_session_has_the_words_of_its_suite(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = ANY });
	world_run(&w, 100);
	assert_int_equal(by_suite(&w), WEAK_RC4 | WEAK_MD5 | WEAK_SHA1);
	assert_string_equal(channel_cipher(w.channel[0]), "");
	assert_string_equal(channel_tls_version(w.channel[0]), "");
	c = scene_session(&w);
	assert_int_equal(by_suite(&w), WEAK_RC4 | WEAK_MD5);
	assert_string_equal(channel_cipher(w.channel[0]), "TLS_RSA_WITH_RC4_128_MD5");
	assert_string_equal(channel_tls_version(w.channel[0]), "1.0");
	client_leave(c);
	world_run(&w, 8000);
	assert_string_equal(channel_state_word(w.channel[0]), "idle");
	assert_int_equal(by_suite(&w), WEAK_RC4 | WEAK_MD5 | WEAK_SHA1);
	assert_string_equal(channel_cipher(w.channel[0]), "TLS_RSA_WITH_RC4_128_MD5");
	w.says = SIMULATED;
	w.instead = "#SSLS: 1,2,3";
	scene_session(&w);
	assert_int_equal(by_suite(&w), WEAK_SHA1);
	assert_string_equal(channel_cipher(w.channel[0]), scene_is_ge(state) ? "TLS_RSA_WITH_AES_256_CBC_SHA" : "TLS_RSA_WITH_AES_128_CBC_SHA");
	world_stop(&w);
}

/* NULL may be dialled, and is not: this session is encrypted. */
static void
encryption_is_enforced_where_the_suite_has_it(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true,
	    .tls = "verify = \"none\"; ciphers = ( \"TLS_RSA_WITH_AES_128_CBC_SHA\", \"TLS_RSA_WITH_AES_256_CBC_SHA\", "
		   "\"TLS_RSA_WITH_NULL_SHA\" );" });
	world_run(&w, 100);
	assert_int_equal(!(channel_enforces(w.channel[0]) & ENFORCES_ENCRYPTION), !scene_is_ge(state));
	scene_session(&w);
	assert_true(channel_enforces(w.channel[0]) & ENFORCES_ENCRYPTION);
	assert_int_equal(by_suite(&w), WEAK_SHA1);
	world_stop(&w);
}

/* Whatever the module was told: NULL, or what nobody has heard of, ends the dial. */
static void
a_suite_that_is_not_allowed_gets_no_byte(void **state)
{
	static const char *const says[] = { "#SSLS: 1,2,4", "#SSLS: 1,2,0", "#SSLS: 1,2,9" };
	struct world w;
	struct client *c;
	size_t i;

	for (i = 0; i < 3; i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .tls = ANY });
		w.says = SIMULATED;
		w.instead = says[i];
		side_next_peer(w.side, SIDE_FLOOD, 100);
		c = world_client(&w, 0);
		client_says(c, "secret");
		scene_wait_end(&w, c, CLIENT_RESET);
		assert_received(&w, 1, "");
		assert_int_equal(c->down_len, 0);
		assert_error(&w, 0, "which the channel's ciphers do not allow");
		assert_figures(&w, 0, 1, 1);
		assert_int_equal(channel_figures(w.channel[0])->dial_failures[DIAL_HANDSHAKE], 1);
		assert_int_equal(channel_figures(w.channel[0])->handshakes, 0);
		assert_string_equal(channel_cipher(w.channel[0]), "");
		world_run(&w, 10000);
		assert_false(side_peer_open(w.side));
		assert_true(world_ready(&w));
		world_stop(&w);
	}
}

/* One suite is dialled, and when the module is looked at it names another. */
static void
a_suite_that_turns_out_not_to_be_allowed_ends_the_session(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	c = scene_session(&w);
	w.says = "#SSLS: 1,2,3";
	w.instead = "#SSLS: 1,2,2";
	if (!scene_online(state))
		side_urc(w.side, "NO CARRIER"); /* it is asked */
	scene_wait_end(&w, c, CLIENT_EOF); /* nothing unread: the kernel can only show that */
	assert_false(c->in_order);
	assert_figures(&w, 0, 1, 1);
	assert_error(&w, 0, "TLS_RSA_WITH_RC4_128_SHA (2), which the channel's ciphers do not allow");
	world_run(&w, 10000);
	assert_false(side_peer_open(w.side));
	world_stop(&w);
}

static void
nothing_stale_is_published(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	world_run(&w, 100);
	assert_int_not_equal(channel_weaknesses(w.channel[0]), 0);
	scene_session(&w);
	world_line_down(&w);
	assert_int_equal(channel_weaknesses(w.channel[0]), 0);
	assert_int_equal(channel_enforces(w.channel[0]), 0);
	assert_string_equal(channel_security(w.channel[0]), "");
	assert_string_equal(channel_state_word(w.channel[0]), "unavailable");
	world_line_up(&w);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_run(&w, 100);
	assert_int_not_equal(channel_weaknesses(w.channel[0]), 0);
	scene_session(&w);
	channel_reset(w.channel[0], "another configuration"); /* what is negotiated now may be another */
	assert_string_equal(channel_cipher(w.channel[0]), "");
	assert_string_equal(channel_tls_version(w.channel[0]), "");
	world_stop(&w);
	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"none\"; strict = true;" });
	world_run(&w, 100);
	assert_string_equal(channel_state_word(w.channel[0]), "blocked");
	assert_int_equal(channel_weaknesses(w.channel[0]), 0);
	assert_int_equal(channel_enforces(w.channel[0]), 0);
	world_stop(&w);
}

static void
handshakes_and_resumptions_are_counted(void **state)
{
	const struct channel_figures *f;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	client_leave(scene_session(&w));
	world_run(&w, 8000);
	client_leave(scene_session(&w));
	world_run(&w, 8000);
	f = channel_figures(w.channel[0]);
	assert_int_equal(f->handshakes, scene_is_ge(state) ? 1 : 2);
	assert_int_equal(f->resumptions, scene_is_ge(state) ? 1 : 0);
	world_stop(&w);
}

/* Clients that wait, too. */
static void
close_ends_and_counts_every_client(void **state)
{
	struct world w;
	struct client *c, *waits;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	waits = world_client(&w, 0);
	world_run(&w, 100);
	channel_close(w.channel[0]);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_int_not_equal(waits->end, CLIENT_OPEN);
	assert_string_equal(channel_error(w.channel[0]), "closed by Close()");
	assert_figures(&w, 0, 1, 2);
	world_run(&w, 10000);
	assert_false(side_peer_open(w.side));
	scene_session(&w);
	world_stop(&w);
}

/* Told when bytes move, and not at all when nothing does. */
static void
a_quiet_channel_is_not_told_of(void **state)
{
	struct world w;
	struct client *c;
	unsigned n;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	n = w.watch[0].n_states;
	client_says(c, "hello");
	world_run(&w, 3000);
	assert_read(c, "hello");
	assert_int_equal(w.watch[0].shown.figures.bytes_sent, 5);
	assert_int_equal(w.watch[0].shown.figures.bytes_received, 5);
	assert_int_equal(w.watch[0].n_states, n);
	world_stop(&w);
}

/* As the simulator counts them at the other end of the line. */
static void
the_lines_bytes_are_counted(void **state)
{
	const struct modem_figures *f;
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	client_says(c, "0123456789");
	world_run(&w, 5000);
	f = modem_figures(w.modem);
	assert_int_equal(f->payload_sent, 10);
	assert_int_equal(f->payload_received, 10);
	assert_int_equal(f->line_sent, side_counter(w.side, "bytes_in"));
	assert_int_equal(f->line_received, side_counter(w.side, "bytes_out"));
	assert_in_range(f->commands, side_counter(w.side, "commands"), side_counter(w.side, "commands") + 3); /* those to a line in doubt */
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* cinterion does not tell its suite */
		ON_TELIT(an_open_session_has_the_words_of_its_suite),
		ON_TELIT(encryption_is_enforced_where_the_suite_has_it),
		ON_TELIT(a_suite_that_is_not_allowed_gets_no_byte),
		ON_TELIT(a_suite_that_turns_out_not_to_be_allowed_ends_the_session),
		ON_WAYS(nothing_stale_is_published),
		ON_FAMILIES(handshakes_and_resumptions_are_counted),
		ON_WAYS(close_ends_and_counts_every_client),
		ON_WAYS(a_quiet_channel_is_not_told_of),
		ON_WAYS(the_lines_bytes_are_counted),
	};

	return cmocka_run_group_tests_name("terms", tests, NULL, NULL);
}
