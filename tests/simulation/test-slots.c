/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-slots.c - promise P7: the certificate store is written when it differs, and a key is never read
 */
#include "simulation/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"

#define PEM(kind, body) "-----BEGIN " kind "-----\n" body "\n-----END " kind "-----\n"
#define CA PEM("CERTIFICATE", "Q0EgQ0EgQ0E=")
#define OTHER_CA PEM("CERTIFICATE", "b3RoZXIgQ0E=")
#define CERT PEM("CERTIFICATE", "Y2xpZW50")
#define KEY PEM("RSA PRIVATE KEY", "c2VjcmV0IGtleQ==")
#define OTHER_KEY PEM("RSA PRIVATE KEY", "YW5vdGhlcg==")
#define MUTUAL "verify = \"mutual\";"

static uint64_t
writes(struct world *w)
{
	return side_counter(w->side, "slot_writes");
}

static void
written_when_empty_and_used(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = MUTUAL, .certs = { CA, CERT, KEY } });
	assert_int_equal(writes(&w), 3);
	scene_session(&w);
	assert_int_equal(side_dial(w.side, 1).verify, 2);
	assert_int_equal(side_dial(w.side, 1).ca_len, strlen(CA));
	assert_int_equal(side_dial(w.side, 1).cert_len, strlen(CERT));
	assert_int_equal(side_dial(w.side, 1).key_len, strlen(KEY));
	assert_int_equal(side_counter(w.side, "key_reads"), 0);
	assert_null(strstr(w.said, "KEY"));
	world_stop(&w);
}

static void
not_written_when_equal(void **state)
{
	struct world_conf wc = { .alone = true, .tls = MUTUAL, .certs = { CA, CERT, KEY } };
	struct world w;
	uint64_t flash;
	int i;

	scene_up(&w, state, wc);
	flash = side_counter(w.side, "flash_writes");
	for (i = 0; i < 5; i++) {
		world_restart(&w, &wc);
		assert_true(world_run_until(&w, world_ready, 60000));
		side_accident(w.side, SIDE_RESET);
		world_run(&w, 100000);
		assert_true(world_run_until(&w, world_ready, 60000));
		client_leave(scene_session(&w));
		world_run(&w, 5000);
	}
	assert_int_equal(writes(&w), 3);
	assert_int_equal(side_counter(w.side, "key_reads"), 0);
	/* settings that the module saves are not written for every dial either */
	if (side_counter(w.side, "flash_writes") - flash > 4)
		fail_msg("%u flash writes", (unsigned)(side_counter(w.side, "flash_writes") - flash));
	world_stop(&w);
}

static void
written_when_different(void **state)
{
	struct world_conf wc = { .alone = true, .tls = MUTUAL, .certs = { CA, CERT, KEY } };
	struct world w;

	scene_up(&w, state, wc);
	wc.certs[0] = OTHER_CA;
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(writes(&w), 5); /* deleted and written */
	wc.certs[2] = OTHER_KEY;
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(writes(&w), 7);
	scene_session(&w);
	assert_int_equal(side_dial(w.side, 1).ca_len, strlen(OTHER_CA));
	assert_int_equal(side_dial(w.side, 1).key_len, strlen(OTHER_KEY));
	assert_int_equal(side_counter(w.side, "key_reads"), 0);
	world_stop(&w);
}

/* The host's record is gone, as after a new installation: the key is written once more, not read. */
static void
a_key_without_a_record_is_written(void **state)
{
	struct world_conf wc = { .alone = true, .tls = MUTUAL, .certs = { CA, CERT, KEY } };
	struct world w;

	scene_up(&w, state, wc);
	world_forget_slots(&w);
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(writes(&w), 5);
	assert_int_equal(side_counter(w.side, "key_reads"), 0);
	world_stop(&w);
}

static void
too_big_blocks_the_channel_that_needs_it(void **state)
{
	char *big = xcalloc(1, 2100);
	struct world w;
	struct client *c;

	memset(big, 'x', 2048);
	memcpy(big, "-----BEGIN CERTIFICATE-----\n", 28);
	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { big } });
	world_run(&w, 100);
	assert_int_equal(writes(&w), 0);
	assert_string_equal(channel_state_word(w.channel[0]), "blocked");
	c = world_client(&w, 0);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "slot ca");
	assert_error(&w, 0, "2047");
	world_stop(&w);
	free(big);
}

static void
as_big_as_it_may_be(void **state)
{
	char *big = xcalloc(1, 2100);
	struct world w;
	size_t i;

	for (i = 0; i < 2046; i++)
		big[i] = i % 65 == 64 ? '\n' : 'x';
	big[2046] = '\n';
	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { big } });
	scene_session(&w);
	assert_int_equal(side_dial(w.side, 1).ca_len, 2047);
	world_stop(&w);
	free(big);
}

/* One slot cannot be written: the channel that needs it is blocked, the other one works. */
static void
a_refused_write_blocks_only_who_needs_it(void **state)
{
	struct world_conf wc = { .tls = "verify = \"server\";", .two = "remote = \"two.example:1\"; tls = { verify = \"none\"; };",
		.certs = { CA }, .side.faults = "full-flash" };
	struct world w;
	struct client *c;

	scene_up(&w, state, wc);
	world_run(&w, 100);
	assert_string_equal(channel_state_word(w.channel[0]), "blocked");
	c = world_client(&w, 0);
	assert_int_not_equal(c->end, CLIENT_OPEN);
	assert_error(&w, 0, "slot ca");
	assert_string_equal(channel_state_word(w.channel[1]), "idle");
	world_client(&w, 1);
	world_run(&w, 5000);
	assert_int_equal(side_dials(w.side), 1);
	assert_true(side_peer_open(w.side));
	side_fault(w.side, "full-flash=off");
	world_restart(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_run(&w, 100);
	assert_string_equal(channel_state_word(w.channel[0]), "idle");
	world_stop(&w);
}

/* Flash that is full now need not be for ever; and one that is must not be worn out. */
static void
a_refused_write_is_tried_again(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .tls = "verify = \"server\";", .certs = { CA },
	    .side.faults = "full-flash" });
	world_run(&w, 86400000);
	assert_true(world_ready(&w));
	assert_in_range(world_said(&w, "AT#SSLSECDATA=1,1,1"), 1, 16);
	side_fault(w.side, "full-flash=off");
	world_run(&w, 25000000);
	assert_string_equal(channel_state_word(w.channel[0]), "idle");
	scene_session(&w);
	world_stop(&w);
}

/* The power goes in the middle of a write: what is there is not believed. */
static void
a_reset_in_mid_write_is_made_good(void **state)
{
	struct world_conf wc = { .alone = true, .modem = "supervision = 10;", .tls = MUTUAL, .certs = { CA, CERT, KEY } };
	struct world w;
	unsigned ms;

	for (ms = 0; ms < 60; ms += 3) {
		scene_start(&w, state, wc);
		while (modem_state(w.modem) != MODEM_SLOTS)
			world_run(&w, 1);
		world_run(&w, ms * 10);
		side_accident(w.side, SIDE_RESET);
		world_run(&w, 60000);
		assert_true(world_run_until(&w, world_ready, 120000));
		scene_session(&w);
		assert_int_equal(side_dial(w.side, 1).ca_len, strlen(CA));
		assert_int_equal(side_dial(w.side, 1).cert_len, strlen(CERT));
		assert_int_equal(side_dial(w.side, 1).key_len, strlen(KEY));
		assert_int_equal(side_counter(w.side, "key_reads"), 0);
		world_stop(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* a store of PEM, read back and written by plain commands; what takes signed ones is compared otherwise */
		TELIT_FAMILIES(written_when_empty_and_used),
		TELIT_FAMILIES(not_written_when_equal),
		TELIT_FAMILIES(written_when_different),
		TELIT_FAMILIES(a_key_without_a_record_is_written),
		TELIT_FAMILIES(too_big_blocks_the_channel_that_needs_it),
		TELIT_FAMILIES(as_big_as_it_may_be),
		TELIT_FAMILIES(a_refused_write_blocks_only_who_needs_it),
		TELIT_FAMILIES(a_refused_write_is_tried_again),
		TELIT_FAMILIES(a_reset_in_mid_write_is_made_good),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
