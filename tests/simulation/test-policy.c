/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-policy.c - promise P5: which suites are offered, what is verified, when a session is resumed
 */
#include "simulation/scene.h"

#define CA "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"

enum { RC4_MD5 = 0x0004, RC4_SHA = 0x0005, NULL_SHA = 0x0002, AES_128 = 0x002f, AES_256 = 0x0035 };

static unsigned
aes(void **state)
{
	return scene_is_ge(state) ? AES_256 : AES_128;
}

static void
assert_offers(struct world *w, int dial, unsigned suite)
{
	assert_int_equal(side_dial(w->side, dial).n_offered, 1);
	assert_int_equal(side_dial(w->side, dial).offered[0], suite);
}

static void
aes_alone_unless_others_are_named(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	scene_session(&w);
	assert_offers(&w, 1, aes(state));
	world_stop(&w);
}

static void
aes_first_rc4_when_it_is_named_and_aes_fails(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true,
	    .tls = "verify = \"none\"; ciphers = ( \"TLS_RSA_WITH_RC4_128_SHA\", \"TLS_RSA_WITH_AES_128_CBC_SHA\", "
		   "\"TLS_RSA_WITH_AES_256_CBC_SHA\" );" });
	side_next_peers(w.side, "rc");
	scene_session(&w);
	assert_offers(&w, 1, aes(state));
	assert_offers(&w, 2, RC4_SHA);
	world_run(&w, 100);
	assert_true(channel_weaknesses(w.channel[0]) & WEAK_RC4);
	world_stop(&w);
}

static void
null_only_when_it_is_named(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"none\"; ciphers = ( \"TLS_RSA_WITH_NULL_SHA\" );" });
	world_run(&w, 100);
	if (scene_is_ge(state)) {
		c = world_client(&w, 0);
		assert_int_not_equal(c->end, CLIENT_OPEN);
		assert_error(&w, 0, "none of the channel's ciphers is one of the module's");
	} else {
		scene_session(&w);
		assert_offers(&w, 1, NULL_SHA);
		assert_true(channel_weaknesses(w.channel[0]) & WEAK_NULL);
		assert_false(channel_enforces(w.channel[0]) & ENFORCES_ENCRYPTION);
	}
	world_stop(&w);
}

/* Everything is offered at once: the app's bytes wait until the suite is known. */
static void
any_is_dialled_in_two_steps(void **state)
{
	struct world w;
	struct client *c;
	size_t i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"none\"; ciphers = ( \"any\" );" });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_int_equal(side_dial(w.side, 1).n_offered, 3);
	for (i = 0; i < 3; i++)
		assert_int_not_equal(side_dial(w.side, 1).offered[i], NULL_SHA);
	assert_int_equal(world_said(&w, "AT#SSLO=1"), scene_online(state) ? 1 : 0);
	assert_int_equal(world_said(&w, "AT#SSLS=1"), 2); /* at the way up, and now */
	client_says(c, "x");
	world_run(&w, 5000);
	assert_read(c, "x");
	world_stop(&w);
}

static void
the_module_is_told_to_verify(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { CA } });
	scene_session(&w);
	assert_int_equal(side_dial(w.side, 1).verify, 1);
	assert_int_equal(side_dial(w.side, 1).ca_len, strlen(CA));
	assert_string_equal(channel_security(w.channel[0]), "server");
	assert_true(channel_enforces(w.channel[0]) & ENFORCES_CHAIN);
	world_stop(&w);
}

/* verify = "server" without any CA: the module refuses, and no byte goes. */
static void
no_ca_no_session(void **state)
{
	struct world w;
	struct client *c;

	scene_start(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";" });
	c = world_client(&w, 0);
	client_says(c, "secret");
	scene_wait_end(&w, c, CLIENT_RESET);
	if (side_dials(w.side))
		assert_received(&w, 1, "");
	world_stop(&w);
}

static void
strict_wants_every_weakness_accepted(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"none\"; strict = true; accept = ( \"tls1.0\" );" });
	world_run(&w, 100);
	c = world_client(&w, 0);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "is not in accept");
	world_stop(&w);
	scene_up(&w, state, (struct world_conf){ .alone = true,
	    .tls = "verify = \"none\"; strict = true; accept = ( \"tls1.0\", \"unverified\", \"name-unchecked\", \"sha1\", "
		   "\"inflight-commands\" );" });
	scene_session(&w);
	world_stop(&w);
}

static struct client *
another(struct world *w, struct client *c)
{
	client_leave(c);
	world_run(w, 8000);
	return scene_session(w);
}

static void
a_session_is_resumed_where_the_module_can(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	assert_false(side_dial(w.side, 1).resumed);
	c = another(&w, c);
	assert_int_equal(side_dial(w.side, 2).resumed, scene_is_ge(state));
	client_says(c, "x");
	world_run(&w, 5000);
	assert_read(c, "x");
	side_refuse_resumption(w.side, true); /* a full handshake instead */
	c = another(&w, c);
	assert_false(side_dial(w.side, side_dials(w.side)).resumed);
	side_refuse_resumption(w.side, false);
	if (scene_is_ge(state))
		side_next_peers(w.side, "re"); /* it fails: a full dial */
	c = another(&w, c);
	client_says(c, "y");
	world_run(&w, 5000);
	assert_read(c, "y");
	assert_int_equal(world_said(&w, "AT#SSLFASTD=1"), scene_is_ge(state) ? 3 : 0);
	assert_figures(&w, 0, 4, 0);
	world_stop(&w);
}

static void
not_resumed_when_the_channel_says_so(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"none\"; resume = false;" });
	another(&w, scene_session(&w));
	assert_false(side_dial(w.side, 2).resumed);
	assert_int_equal(world_said(&w, "AT#SSLFASTD=1"), 0);
	world_stop(&w);
}

static void
not_resumed_across_remotes_or_policies(void **state)
{
	static const char *const twos[] = {
		"remote = \"two.example:443\"; tls = { verify = \"none\"; };",
		"remote = \"one.example:444\"; tls = { verify = \"none\"; };",
		"remote = \"one.example:443\"; tls = { verify = \"server\"; };",
		"remote = \"one.example:443\"; tls = { verify = \"none\"; ciphers = ( \"TLS_RSA_WITH_RC4_128_SHA\" ); };",
	};
	struct world w;
	struct client *c;
	size_t i;

	for (i = 0; i < 4; i++) {
		scene_up(&w, state, (struct world_conf){ .two = twos[i], .certs = { CA } });
		c = scene_session(&w);
		client_leave(c);
		world_run(&w, 8000);
		c = world_client(&w, 1);
		world_run(&w, 8000);
		assert_int_equal(side_dials(w.side), 2);
		assert_false(side_dial(w.side, 2).resumed);
		client_leave(c);
		world_run(&w, 8000);
		scene_session(&w); /* and not back either */
		assert_false(side_dial(w.side, 3).resumed);
		assert_int_equal(world_said(&w, "AT#SSLFASTD=1"), 0);
		world_stop(&w);
	}
}

/* A new CA: what the old one had verified is not taken over. */
static void
not_resumed_after_another_ca(void **state)
{
	struct world_conf wc = { .alone = true, .tls = "verify = \"server\";", .certs = { CA } };
	struct world w;

	scene_up(&w, state, wc);
	client_leave(scene_session(&w));
	world_run(&w, 8000);
	wc.certs[0] = "-----BEGIN CERTIFICATE-----\nWFla\n-----END CERTIFICATE-----\n";
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	scene_session(&w);
	assert_false(side_dial(w.side, 2).resumed);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* suites are no matter of choice with cinterion: test-peer.c has what its modules verify */
		ON_TELIT(aes_alone_unless_others_are_named),
		ON_TELIT(aes_first_rc4_when_it_is_named_and_aes_fails),
		ON_TELIT(null_only_when_it_is_named),
		ON_TELIT(any_is_dialled_in_two_steps),
		ON_TELIT(the_module_is_told_to_verify),
		ON_TELIT(no_ca_no_session),
		ON_TELIT(strict_wants_every_weakness_accepted),
		ON_WAYS(a_session_is_resumed_where_the_module_can),
		ON_WAYS(not_resumed_when_the_channel_says_so),
		TELIT_FAMILIES(not_resumed_across_remotes_or_policies),
		ON_FAMILIES(not_resumed_after_another_ca),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
