/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-left.c - what a daemon that was killed has left in a Cinterion module, mostly on a line without DTR
 *
 * A module that waits for the rest of a payload hears nobody.  What fills it may reach the server of the
 * dead session, which is closed then.
 */
#include "simulation/scene.h"

#include <stdlib.h>

#define FRAME_MS 30000 /* the module gives up a frame by itself */

static const struct way cinterion = { "cinterion", "command" };

/* The dialect as found out, and as configured. */
static const char *const modems[] = { "", "dialect = \"cinterion\";" };

static struct world_conf
conf(const char *modem)
{
	return (struct world_conf){ .alone = true, .tls = "verify = \"none\"; ciphers = ( \"any\" );", .channel = "mode = \"command\";", .modem = modem };
}

static void
begin(struct world *w, struct world_conf wc)
{
	void *state = (void *)&cinterion;

	wc.channel = NULL;
	scene_up(w, &state, wc);
	side_next_peer(w->side, SIDE_ECHO, 0);
	scene_session(w);
	world_run(w, 1000);
}

static void
ready_again(struct world *w, uint64_t since, unsigned limit_ms)
{
	if (!world_run_until(w, world_ready, 300000))
		fail_msg("not ready: %s", modem_error(w->modem));
	if (getenv("RESTART_TIMES"))
		print_message("ready after %u ms\n", (unsigned)(w->clock.now_ms - since));
	if (w->clock.now_ms - since > limit_ms)
		fail_msg("ready after %u ms", (unsigned)(w->clock.now_ms - since));
}

/* The module lives on; what was open is closed, and a new session is like any. */
static void
killed(struct world *w, struct world_conf wc, unsigned limit_ms)
{
	int dials = side_dials(w->side);
	struct client *c;

	world_restart(w, &wc);
	ready_again(w, w->clock.now_ms, limit_ms);
	assert_false(side_dial(w->side, dials).open);
	c = scene_session(w);
	client_says(c, "hello");
	world_run(w, 2000);
	assert_read(c, "hello");
	assert_int_equal(side_counter(w->side, "reboots"), 0);
}

static void
types(struct world *w, const char *command, const char *bytes)
{
	side_type(w->side, command);
	world_run(w, 200);
	side_type(w->side, bytes);
}

static void
half_a_block(void **state)
{
	static const unsigned given[] = { 0, 1, 700, 1499 };
	struct world w;
	unsigned i;

	(void)state;
	for (i = 0; i < 2 * sizeof(given) / sizeof(given[0]); i++) {
		char text[1500] = "";

		memset(text, 'x', given[i / 2]);
		begin(&w, conf(modems[i % 2]));
		types(&w, "AT^SISW=0,1500\r", text);
		killed(&w, conf(modems[i % 2]), 10000);
		world_stop(&w);
	}
}

/* Where DTR goes through, and the dialect is configured, nothing is filled up: no byte of a stranger reaches the server. */
static void
half_a_block_on_a_line_with_dtr(void **state)
{
	struct world_conf wc = conf(modems[1]);
	struct world w;

	(void)state;
	wc.side.dtr = true;
	begin(&w, wc);
	types(&w, "AT^SISW=0,1500\r", "abc");
	killed(&w, wc, 10000);
	assert_received(&w, 1, "");
	world_stop(&w);
}

/* Nothing of it, half its length, and lengths that some, one or no filling reaches. */
static void
half_a_frame(void **state)
{
	static const char *const heads[] = { "", "\x01", "\x03\x2b", "\x10\x01", "\x1f\xff" };
	struct world w;
	unsigned i;

	(void)state;
	for (i = 0; i < 2 * sizeof(heads) / sizeof(heads[0]); i++) {
		begin(&w, conf(modems[i % 2]));
		types(&w, "AT^SBNW=is_cert,1\r", heads[i / 2]);
		killed(&w, conf(modems[i % 2]), FRAME_MS + 10000);
		world_stop(&w);
	}
}

/* The same without a death: the word that lets the bytes go is lost. */
static void
a_lost_word(void **state)
{
	static char text[1500];
	struct world w;
	struct client *c;
	uint64_t since;

	(void)state;
	begin(&w, conf(NULL));
	c = w.clients;
	memset(text, 'x', sizeof(text));
	side_fault(w.side, "no-prompt=1");
	client_write(c, text, sizeof(text));
	since = w.clock.now_ms;
	scene_wait_end(&w, c, CLIENT_RESET);
	side_fault(w.side, "none");
	while (world_ready(&w) && w.clock.now_ms < since + 60000)
		world_run(&w, 100);
	assert_false(world_ready(&w));
	ready_again(&w, since, 90000);
	scene_session(&w);
	world_stop(&w);
}

/* The bearer is still up, and its profile cannot be changed: the module is not started anew for that. */
static void
a_profile_with_a_password(void **state)
{
	struct world_conf wc = conf(NULL);
	struct world w;

	(void)state;
	wc.pdp = "user = \"joe\";";
	wc.pdp_password = "s3cret";
	wc.side.pdp_user = "joe";
	wc.side.pdp_password = "s3cret";
	begin(&w, wc);
	killed(&w, wc, 10000);
	assert_int_equal(side_counter(w.side, "early_commands"), 0); /* a tenth of a second behind each result, all the time */
	world_stop(&w);
}

/* A session that the module does not close is the server's too: the way back goes as far as it must. */
static void
a_service_that_is_not_closed(void **state)
{
	struct world w;
	unsigned i;

	(void)state;
	begin(&w, conf(NULL));
	side_fault(w.side, "stuck-open=refuse");
	client_leave(w.clients);
	for (i = 0; i < 40 && side_dial(w.side, 1).open; i++) {
		world_client(&w, 0);
		world_run(&w, 30000);
	}
	assert_false(side_dial(w.side, 1).open);
	assert_in_range(i, 1, 20);
	side_fault(w.side, "none");
	world_run_until(&w, world_ready, 300000);
	scene_session(&w);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_a_block),
		cmocka_unit_test(half_a_block_on_a_line_with_dtr),
		cmocka_unit_test(half_a_frame),
		cmocka_unit_test(a_lost_word),
		cmocka_unit_test(a_profile_with_a_password),
		cmocka_unit_test(a_service_that_is_not_closed),
	};

	return cmocka_run_group_tests_name("left", tests, NULL, NULL);
}
