/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-several.c - a module with a socket for each of several sessions: they share a line and nothing else
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "channel/channel-priv.h"

#define TWO_SESSIONS "max_sessions = 2;"
#define SIX_SESSIONS "max_sessions = 6; wait_timeout = 1000;"

static bool
is_open(const struct client *c)
{
	return c->session && c->session->phase == SESSION_OPEN;
}

/* Another client of this channel, with its session open; the latest dial is its. */
static struct client *
opened(struct world *w, int channel)
{
	struct client *c = world_client(w, channel);
	unsigned i;

	for (i = 0; i < 600 && c->end == CLIENT_OPEN && !is_open(c); i++)
		world_run(w, 100);
	if (!is_open(c))
		fail_msg("no session: %s", channel_error(w->channel[channel]));
	return c;
}

/* ---- bytes ---- */

static uint8_t *
pattern(size_t len, unsigned of)
{
	uint8_t *bytes = xcalloc(1, len);
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = side_pattern(i + of * 7919u);
	return bytes;
}

static void
assert_peer_has(struct world *w, int dial, const uint8_t *bytes, size_t len)
{
	size_t n;
	const uint8_t *got = side_peer_bytes(w->side, dial, &n);

	if (n != len || memcmp(got, bytes, n) != 0)
		fail_msg("server %d has %zu bytes, and not the app's %zu", dial, n, len);
}

static void
assert_app_has(const struct client *c, const uint8_t *bytes, size_t len)
{
	if (c->down_len != len || memcmp(c->down, bytes, len) != 0)
		fail_msg("the app has %zu bytes, and not the server's %zu", c->down_len, len);
}

static void
each_has_its_own_bytes(void **state)
{
	enum { SESSIONS = 2, LEN = 200000 };
	uint8_t *up[SESSIONS], *down[SESSIONS];
	struct client *c[SESSIONS];
	struct world w;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = TWO_SESSIONS });
	for (i = 0; i < SESSIONS; i++) {
		c[i] = opened(&w, 0);
		up[i] = pattern(LEN, i);
		down[i] = pattern(LEN, 10 + i);
	}
	for (i = 0; i < SESSIONS; i++) {
		client_write(c[i], up[i], LEN);
		side_send(w.side, (int)i + 1, down[i], LEN);
	}
	world_run(&w, 400000);
	for (i = 0; i < SESSIONS; i++) {
		assert_peer_has(&w, (int)i + 1, up[i], LEN);
		assert_app_has(c[i], down[i], LEN);
		side_close(w.side, (int)i + 1);
		scene_wait_end(&w, c[i], CLIENT_EOF);
		free(up[i]);
		free(down[i]);
	}
	assert_figures(&w, 0, 2, 0);
	world_stop(&w);
}

/* Neither an app that does not read nor a server that does not take costs the other session anything (P9). */
static void
one_that_is_held_up_holds_up_no_other(void **state)
{
	enum { LEN = 50000, MUCH = 300000 };
	uint8_t *text = pattern(LEN, 1), *much = pattern(MUCH, 2);
	struct client *stuck, *other;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = TWO_SESSIONS });
	stuck = opened(&w, 0);
	other = opened(&w, 0);
	client_reads(stuck, 10);
	side_takes(w.side, 1, 100);
	side_send(w.side, 1, much, MUCH);
	client_write(stuck, much, MUCH);
	world_run(&w, 60000);
	client_write(other, text, LEN);
	side_send(w.side, 2, text, LEN);
	world_run(&w, 60000);
	assert_peer_has(&w, 2, text, LEN);
	assert_app_has(other, text, LEN);
	assert_int_equal(stuck->down_len, 10);
	assert_in_range(stuck->session->down.len, 1, SESSION_DOWN_MAX + SESSION_SLACK);
	assert_int_equal(side_peer_received(w.side, 1), 100);
	side_takes(w.side, 1, SIZE_MAX);
	client_reads(stuck, SIZE_MAX);
	world_run(&w, 400000);
	assert_peer_has(&w, 1, much, MUCH);
	assert_app_has(stuck, much, MUCH);
	world_stop(&w);
	free(text);
	free(much);
}

/* While one moves much, what another says is not behind all of it. */
static void
they_take_turns_on_the_line(void **state)
{
	enum { MUCH = 300000 };
	uint8_t *much = pattern(MUCH, 2);
	struct client *busy, *other;
	struct world w;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = TWO_SESSIONS });
	busy = opened(&w, 0);
	side_next_peer(w.side, SIDE_ECHO, 0);
	other = opened(&w, 0);
	client_write(busy, much, MUCH);
	side_send(w.side, 1, much, MUCH);
	world_run(&w, 5000);
	for (i = 1; i <= 5; i++) {
		client_says(other, "ping ");
		world_run(&w, 3000);
		assert_int_equal(other->down_len, 5 * i);
	}
	world_stop(&w);
	free(much);
}

/* ---- how many ---- */

static void
a_third_waits_its_turn(void **state)
{
	struct client *first, *second, *third;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .channel = SIX_SESSIONS });
	first = opened(&w, 0);
	second = opened(&w, 1);
	third = world_client(&w, 0);
	world_run(&w, 20000);
	assert_int_equal(side_dials(w.side), 2);
	assert_int_equal(third->end, CLIENT_OPEN);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 1);
	client_says(third, "was patient");
	client_leave(second);
	world_run(&w, 5000);
	assert_true(is_open(third));
	assert_received(&w, 3, "was patient");
	assert_true(is_open(first));
	assert_figures(&w, 0, 2, 0);
	world_stop(&w);
}

static void
as_many_as_setting_and_module_have(void **state)
{
	struct client *c[6];
	char text[30];
	struct world w;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = SIX_SESSIONS, .modem = "secure_sockets = 5;",
	    .side.tls_sockets = 5 });
	for (i = 0; i < 5; i++)
		c[i] = opened(&w, 0);
	c[5] = world_client(&w, 0);
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "of client %d", i);
		client_says(c[i], text);
	}
	world_run(&w, 10000);
	assert_int_equal(side_dials(w.side), 5);
	assert_int_equal(side_open_dials(w.side), 5);
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "of client %d", i);
		assert_received(&w, i + 1, text);
		client_leave(c[i]);
	}
	world_run(&w, 10000);
	assert_true(is_open(c[5]));
	assert_int_equal(side_open_dials(w.side), 1);
	world_stop(&w);
}

/* The setting says five, the module has two, and says so when a third is dialled: nobody's failure. */
static void
a_module_with_fewer_is_learnt_of(void **state)
{
	struct client *c[4];
	struct world w;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = SIX_SESSIONS, .modem = "secure_sockets = 5;",
	    .side.tls_sockets = 2 });
	c[0] = opened(&w, 0);
	c[1] = opened(&w, 0);
	c[2] = world_client(&w, 0);
	world_run(&w, 10);
	c[3] = world_client(&w, 0);
	world_run(&w, 20000);
	assert_int_equal(scene_said(&w, state, TO_DIAL) + world_said(&w, "AT^SISO=1") + world_said(&w, "AT^SISO=2"), 3);
	assert_int_equal(modem_sockets(w.modem), 2);
	assert_int_equal(c[2]->end, CLIENT_OPEN);
	assert_int_equal(c[3]->end, CLIENT_OPEN);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 2);
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
	world_forget_said(&w);
	world_run(&w, 60000);
	assert_int_equal(world_said(&w, "AT^SISO="), 0); /* not again and again */
	for (i = 0; i < 2; i++) {
		client_leave(c[i]);
		world_run(&w, 10000);
		assert_true(is_open(c[i + 2])); /* in the order in which they came */
	}
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
	side_accident(w.side, SIDE_RESET);
	world_run(&w, 5000);
	assert_true(world_run_until(&w, world_ready, 120000));
	assert_int_equal(modem_sockets(w.modem), 5); /* another one, for all that is known */
	world_stop(&w);
}

/* What a refusal has shown may have been so for a moment only. */
static void
a_learnt_limit_is_tried_again(void **state)
{
	struct client *c;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = SIX_SESSIONS, .modem = "secure_sockets = 5;",
	    .side.tls_sockets = 2 });
	opened(&w, 0);
	opened(&w, 0);
	c = world_client(&w, 0);
	world_run(&w, 20000);
	assert_int_equal(modem_sockets(w.modem), 2);
	world_forget_said(&w);
	world_run(&w, 700000);
	assert_int_equal(world_said(&w, "AT^SISO="), 1);
	assert_int_equal(modem_sockets(w.modem), 2);
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

/* ---- slots ---- */

#define CA "-----BEGIN CERTIFICATE-----\nQ0EgQ0EgQ0E=\n-----END CERTIFICATE-----\n"
#define OTHER_CA "-----BEGIN CERTIFICATE-----\nb3RoZXIgQ0E=\n-----END CERTIFICATE-----\n"

/* Two sessions are open, and a reload wants the slots to hold something else. */
static void
two_open_and_slots_due(struct world *w, void **state, struct client **first, struct client **second)
{
	struct world_conf wc = { .alone = true, .tls = "verify = \"server\";", .certs = { CA }, .channel = TWO_SESSIONS };

	scene_up(w, state, wc);
	*first = opened(w, 0);
	*second = opened(w, 0);
	wc.certs[0] = OTHER_CA;
	world_change(w, &wc, false);
	world_run(w, 5000);
}

/* Clients that come one upon the other leave no moment without a session: so they wait for one. */
static void
changed_slots_get_their_turn(void **state)
{
	struct client *first, *second, *third;
	struct world w;
	uint64_t writes;

	two_open_and_slots_due(&w, state, &first, &second);
	writes = side_counter(w.side, "slot_writes");
	third = world_client(&w, 0);
	client_leave(first);
	world_run(&w, 10000);
	assert_false(is_open(third));
	client_leave(second);
	world_run(&w, 20000);
	assert_true(side_counter(w.side, "slot_writes") > writes);
	assert_true(is_open(third));
	world_stop(&w);
}

/* A session that stays does not keep the others out for the sake of the slots. */
static void
clients_do_not_wait_long_for_changed_slots(void **state)
{
	struct client *first, *second, *third;
	struct world w;
	uint64_t writes;

	two_open_and_slots_due(&w, state, &first, &second);
	writes = side_counter(w.side, "slot_writes");
	third = world_client(&w, 0);
	client_leave(first);
	world_run(&w, 50000);
	assert_true(is_open(third));
	assert_int_equal(side_counter(w.side, "slot_writes"), writes);
	client_leave(second);
	client_leave(third);
	world_run(&w, 700000);
	assert_true(side_counter(w.side, "slot_writes") > writes);
	world_stop(&w);
}

/* ---- ends ---- */

static void
the_end_of_one_is_not_the_others(void **state)
{
	static const enum { BY_SERVER, BY_ABORT, BY_CLIENT, BY_TLS } ways_to_end[] = { BY_SERVER, BY_ABORT, BY_CLIENT, BY_TLS };
	struct client *first, *second;
	struct world w;
	unsigned i, other;

	for (i = 0; i < 8; i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .channel = TWO_SESSIONS });
		side_next_peer(w.side, SIDE_ECHO, 0);
		first = opened(&w, 0);
		second = opened(&w, 0);
		other = i % 2 + 1; /* which goes on */
		client_says(first, "one");
		client_says(second, "two");
		world_run(&w, 3000);
		switch (ways_to_end[i / 2]) {
		case BY_SERVER:
			side_close(w.side, 3 - (int)other);
			break;
		case BY_ABORT:
			side_abort(w.side, 3 - (int)other);
			break;
		case BY_CLIENT:
			client_leave(other == 1 ? second : first);
			break;
		case BY_TLS:
			side_break(w.side, 3 - (int)other);
			break;
		}
		world_run(&w, 5000);
		assert_int_not_equal((other == 1 ? second : first)->end, CLIENT_OPEN);
		client_says(other == 1 ? first : second, " and more");
		world_run(&w, 5000);
		assert_received(&w, (int)other, other == 1 ? "one and more" : "two and more");
		assert_read(other == 1 ? first : second, other == 1 ? "one and more" : "two and more");
		opened(&w, 0); /* and its place is free */
		world_stop(&w);
	}
}

static void
both_end_with_the_module(void **state)
{
	static const enum side_accident accidents[] = { SIDE_RESET, SIDE_DROP_CONTEXT };
	struct client *first, *second;
	struct world w;
	unsigned i;

	for (i = 0; i < 2; i++) {
		scene_up(&w, state, (struct world_conf){ .channel = TWO_SESSIONS });
		first = opened(&w, 0);
		second = opened(&w, 1);
		client_says(first, "x");
		client_says(second, "y");
		side_accident(w.side, accidents[i]);
		scene_wait_end(&w, first, CLIENT_RESET);
		scene_wait_end(&w, second, CLIENT_RESET);
		assert_figures(&w, 0, 1, 1);
		assert_figures(&w, 1, 1, 1);
		assert_true(world_run_until(&w, world_ready, 120000));
		opened(&w, 0);
		opened(&w, 1);
		world_stop(&w);
	}
}

/* What came before the server's end is read, however slowly the app does it; the place is free before. */
static void
what_came_before_the_end_is_read(void **state)
{
	enum { LEN = 30000 };
	uint8_t *text = pattern(LEN, 3);
	struct client *slow, *other;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = TWO_SESSIONS });
	slow = opened(&w, 0);
	other = opened(&w, 0);
	client_reads(slow, 10);
	side_send(w.side, 1, text, LEN);
	side_close(w.side, 1);
	side_send(w.side, 2, "meanwhile", 9);
	world_run(&w, 30000);
	assert_int_equal(slow->end, CLIENT_OPEN);
	assert_read(other, "meanwhile");
	client_reads(slow, SIZE_MAX);
	scene_wait_end(&w, slow, CLIENT_EOF);
	assert_app_has(slow, text, LEN);
	assert_figures(&w, 0, 2, 0);
	world_stop(&w);
	free(text);
}

/* The app has no more to say: the server hears that, and is heard on. */
static void
a_half_close_is_passed_on(void **state)
{
	struct client *c, *other;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = TWO_SESSIONS });
	c = opened(&w, 0);
	other = opened(&w, 0);
	client_says(c, "a question");
	client_shut(c);
	world_run(&w, 5000);
	assert_received(&w, 1, "a question");
	assert_true(side_dial(w.side, 1).finished);
	assert_false(side_dial(w.side, 2).finished);
	assert_int_equal(c->end, CLIENT_OPEN);
	side_send(w.side, 1, "the answer", 10);
	world_run(&w, 5000);
	assert_read(c, "the answer");
	side_send(w.side, 1, ", and its end", 13);
	side_close(w.side, 1);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_read(c, "the answer, and its end");
	assert_int_equal(other->end, CLIENT_OPEN);
	assert_figures(&w, 0, 2, 0);
	world_stop(&w);
}

/* ---- one that needs the line for itself ---- */

static void
one_that_goes_online_waits_until_it_is_alone(void **state)
{
	struct client *a, *b, *online, *behind;
	struct world w;

	scene_up(&w, state, (struct world_conf){ .channel = SIX_SESSIONS,
	    .two = "remote = \"two.example:443\"; mode = \"online\"; wait_timeout = 1000; tls = { verify = \"none\"; };" });
	a = opened(&w, 0);
	online = world_client(&w, 1);
	world_run(&w, 5000);
	behind = world_client(&w, 0);
	world_run(&w, 20000);
	assert_int_equal(side_dials(w.side), 1); /* else it would wait for ever */
	assert_int_equal(online->end, CLIENT_OPEN);
	client_leave(a);
	world_run(&w, 10000);
	assert_true(is_open(online));
	assert_int_equal(side_open_dials(w.side), 1);
	client_says(online, "mine alone");
	world_run(&w, 20000);
	assert_received(&w, 2, "mine alone");
	assert_false(is_open(behind));
	assert_int_equal(behind->end, CLIENT_OPEN);
	client_leave(online);
	world_run(&w, 20000);
	assert_true(is_open(behind));
	b = opened(&w, 0);
	assert_int_equal(side_open_dials(w.side), 2);
	assert_true(is_open(b));
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CINTERION_COMMAND(each_has_its_own_bytes),
		CINTERION_COMMAND(one_that_is_held_up_holds_up_no_other),
		CINTERION_COMMAND(they_take_turns_on_the_line),
		CINTERION_COMMAND(a_third_waits_its_turn),
		CINTERION_COMMAND(as_many_as_setting_and_module_have),
		CINTERION_COMMAND(a_module_with_fewer_is_learnt_of),
		CINTERION_COMMAND(a_learnt_limit_is_tried_again),
		CINTERION_COMMAND(changed_slots_get_their_turn),
		CINTERION_COMMAND(clients_do_not_wait_long_for_changed_slots),
		CINTERION_COMMAND(the_end_of_one_is_not_the_others),
		CINTERION_COMMAND(both_end_with_the_module),
		CINTERION_COMMAND(what_came_before_the_end_is_read),
		CINTERION_COMMAND(a_half_close_is_passed_on),
		CINTERION_COMMAND(one_that_goes_online_waits_until_it_is_alone),
	};

	return cmocka_run_group_tests_name("several", tests, NULL, NULL);
}
