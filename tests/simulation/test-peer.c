/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-peer.c - promise P5 where the module reveals the server's certificate: the host compares it before a byte is sent
 */
#include "simulation/scene.h"

#include "channel/channel-priv.h"

#define PRINT "sha1:0123456789abcdef0123456789abcdef01234567" /* of the server's certificate, as it is by default */
#define OTHER "sha1:0123456789abcdef0123456789abcdef01234568"
#define VERIFIED .alone = true, .certs = { "a CA" }

/* A dial that must fail, with a client that has something to say. */
static void
is_refused(struct world *w, const char *why)
{
	struct client *c = world_client(w, 0);

	client_says(c, "a secret");
	scene_wait_end(w, c, CLIENT_RESET);
	assert_int_equal(c->down_len, 0);
	assert_error(w, 0, why);
	assert_figures(w, 0, 1, 1);
	world_run(w, 10000);
	assert_int_equal(side_dials(w->side), 1);
	assert_int_equal(side_peer_received(w->side, 1), 0);
	assert_false(side_peer_open(w->side));
	assert_int_equal(world_said(w, "AT^SISW="), 0);
	assert_int_equal(world_said(w, "AT^SIST="), 0);
}

static void
a_name_that_fits(void **state)
{
	const struct tls_peer *peer;
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\";" });
	c = scene_session(&w);
	client_says(c, "hello");
	world_run(&w, 3000);
	assert_received(&w, 1, "hello");
	peer = channel_peer(w.channel[0]);
	assert_string_equal(peer->subject, "/C=DE/O=Test/CN=one.example");
	assert_string_equal(peer->issuer, "/C=DE/O=Test/CN=Test CA");
	assert_string_equal(peer->serial, "01F4");
	assert_string_equal(peer->thumbprint, PRINT);
	assert_true(channel_enforces(w.channel[0]) & ENFORCES_CHAIN);
	assert_true(channel_enforces(w.channel[0]) & ENFORCES_HOST_NAME);
	assert_false(channel_enforces(w.channel[0]) & ENFORCES_ENCRYPTION);
	assert_false(channel_weaknesses(w.channel[0]) & WEAK_NAME_UNCHECKED);
	world_stop(&w);
}

static void
a_name_that_does_not_fit(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\";" });
	side_next_leaf(w.side, (struct side_leaf){ .subject = "/O=Mallory, Inc/CN=one.example.net" });
	is_refused(&w, "one.example.net");
	assert_error(&w, 0, "pin");
	assert_error(&w, 0, "check_name");
	assert_string_equal(channel_peer(w.channel[0])->subject, "/O=Mallory, Inc/CN=one.example.net");
	world_stop(&w);
}

/* Text that the server's owner may choose is nobody else's name. */
static void
a_name_inside_another_field_does_not_fit(void **state)
{
	static const char *const subjects[] = {
		"/O=x/CN=one.example/CN=mallory.example",
		"/CN=mallory.example,01,/CN=y",
		"/O=one.example",
	};
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\";" });
		side_next_leaf(w.side, (struct side_leaf){ .subject = subjects[i] });
		is_refused(&w, "certificate");
		world_stop(&w);
	}
}

static void
a_leaf_that_the_host_holds_decides(void **state)
{
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\";" });
	w.leaf = PRINT;
	side_next_leaf(w.side, (struct side_leaf){ .subject = "/CN=a long story" });
	c = scene_session(&w);
	client_says(c, "hello");
	world_run(&w, 3000);
	assert_received(&w, 1, "hello");
	world_stop(&w);
}

static void
with_check_name_off_no_name_is_compared(void **state)
{
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\"; check_name = \"off\";" });
	side_next_leaf(w.side, (struct side_leaf){ .subject = "/CN=mallory.example" });
	c = scene_session(&w);
	client_says(c, "hello");
	world_run(&w, 3000);
	assert_received(&w, 1, "hello");
	assert_true(channel_weaknesses(w.channel[0]) & WEAK_NAME_UNCHECKED);
	assert_string_equal(channel_peer(w.channel[0])->subject, "/CN=mallory.example");
	world_stop(&w);
}

static void
the_pin_alone_decides(void **state)
{
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\"; pin = \"" PRINT "\";" });
	side_next_leaf(w.side, (struct side_leaf){ .subject = "/CN=whatever" });
	c = scene_session(&w);
	client_says(c, "hello");
	world_run(&w, 3000);
	assert_received(&w, 1, "hello");
	assert_true(channel_enforces(w.channel[0]) & ENFORCES_HOST_PIN);
	assert_false(channel_weaknesses(w.channel[0]) & WEAK_NAME_UNCHECKED);
	world_stop(&w);
}

static void
another_pin_is_refused_whatever_the_name(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\"; pin = \"" OTHER "\";" });
	is_refused(&w, "pin");
	world_stop(&w);
}

/* A service that is up and told no certificate may be in clear text. */
static void
without_a_certificate_it_fails_closed(void **state)
{
	static const char *const tls[] = { "verify = \"server\";", "verify = \"none\";", "verify = \"server\"; check_name = \"off\";" };
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(tls) / sizeof(tls[0]); i++) {
		scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = tls[i] });
		side_next_leaf(w.side, (struct side_leaf){ .subject = "" });
		is_refused(&w, "without telling the server's certificate");
		assert_string_equal(channel_peer(w.channel[0])->subject, "");
		world_stop(&w);
	}
}

/* That of an earlier dial is not this one's. */
static void
a_certificate_of_an_earlier_dial_counts_for_nothing(void **state)
{
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\";" });
	c = scene_session(&w);
	client_leave(c);
	world_run(&w, 10000);
	side_next_leaf(w.side, (struct side_leaf){ .subject = "" });
	c = world_client(&w, 0);
	client_says(c, "a secret");
	scene_wait_end(&w, c, CLIENT_RESET);
	assert_error(&w, 0, "without telling the server's certificate");
	assert_int_equal(side_dials(w.side), 2);
	assert_int_equal(side_peer_received(w.side, 2), 0);
	world_stop(&w);
}

/* 66 comes before 14, and it is what is wrong. */
static void
a_chain_that_the_module_does_not_confirm(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ VERIFIED, .tls = "verify = \"server\";" });
	side_next_peer(w.side, SIDE_UNTRUSTED, 0);
	is_refused(&w, "66");
	assert_string_equal(channel_peer(w.channel[0])->subject, "/C=DE/O=Test/CN=one.example");
	world_stop(&w);
}

/* Two channels at once: each has its own server's. */
static void
each_channel_has_its_own(void **state)
{
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ 0 });
	c = scene_session(&w);
	world_client(&w, 1);
	world_run(&w, 5000);
	assert_int_equal(side_open_dials(w.side), 2);
	assert_string_equal(channel_peer(w.channel[0])->subject, "/C=DE/O=Test/CN=one.example");
	assert_string_equal(channel_peer(w.channel[1])->subject, "/C=DE/O=Test/CN=two.example");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CINTERION(a_name_that_fits),
		ON_CINTERION(a_name_that_does_not_fit),
		CINTERION_COMMAND(a_name_inside_another_field_does_not_fit),
		ON_CINTERION(a_leaf_that_the_host_holds_decides),
		ON_CINTERION(with_check_name_off_no_name_is_compared),
		ON_CINTERION(the_pin_alone_decides),
		ON_CINTERION(another_pin_is_refused_whatever_the_name),
		ON_CINTERION(without_a_certificate_it_fails_closed),
		ON_CINTERION(a_certificate_of_an_earlier_dial_counts_for_nothing),
		ON_CINTERION(a_chain_that_the_module_does_not_confirm),
		CINTERION_COMMAND(each_channel_has_its_own),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
