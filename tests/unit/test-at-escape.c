/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data mode that is left by DLE etx or DTR: neither needs a silence, and the peer sees neither.
 */
#include "at-world.h"

#include "base/str.h"

#define GUARD 1000
#define MARGIN 200 /* a fifth */
#define ETX "\x10\x03"
#define LEAVE 300 /* behind the escape */
#define ANSWER 1000 /* and for its OK */

static const struct at_step escape[] = { { .flags = AT_ESCAPE }, { 0 } };
static const struct at_step try_escape[] = { { .flags = AT_ESCAPE | AT_OPTIONAL }, { .cmd = "AT+A" }, { 0 } };
static const struct at_step wake[] = { { .flags = AT_ESCAPE | AT_OPTIONAL }, { .flags = AT_SYNC }, { 0 } };

static void
use_rules(struct world *w)
{
	static const char *const ends[] = { "\x10\x04NO CARRIER\r\n", "\x10\x04\r\nNO CARRIER\r\n", NULL };

	w->rules.data_end = ends;
	w->rules.etx = 3;
	w->rules.dtr = true;
	at_set_rules(w->at, &w->rules);
}

static void
online(struct world *w)
{
	use_rules(w);
	at_assume_command(w->at);
	w->done[WORLD_JOBS - 1] = 0;
	go_online(w);
}

/* ---- the escape ---- */

static void
no_silence_before_it(void **state)
{
	struct world *w = *state;

	online(w);
	app_writes(w, "up");
	submit(w, 0, escape);
	assert_wire(w, "up" ETX);
	modem_says(w, "down\r\nOK\r\n");
	pass(w, LEAVE - 1);
	assert_pending(w, 0);
	pass(w, 1);
	assert_done(w, 0, 0);
	assert_true(at_escape_heard(w->at));
	assert_data(w, "down");
	assert_int_equal(w->dtr_drops, 0);
}

/* It may be read as a command then, and those keep their distance from a final result. */
static void
behind_what_may_be_the_end_a_gap_is_before_it(void **state)
{
	struct world *w = *state;

	w->rules.gap_ms = 100;
	online(w);
	modem_says(w, "down\x10\x04NO CARRIER\r\n");
	assert_int_equal(w->suspects, 1);
	submit(w, 0, escape);
	pass(w, 99);
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, ETX);
}

/* The last one before silence is the module's; what stood before it is the server's, whatever it looks like. */
static void
an_ok_with_data_behind_it_is_payload(void **state)
{
	struct world *w = *state;

	online(w);
	submit(w, 0, escape);
	modem_says(w, "\r\nOK\r\n");
	pass(w, LEAVE - 10);
	modem_says(w, "more");
	pass(w, 400);
	assert_pending(w, 0);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 110);
	assert_pending(w, 0); /* silence of 120 ms */
	pass(w, 20);
	assert_done(w, 0, 0);
	assert_data(w, "\r\nOK\r\nmore");
}

static void
urcs_behind_the_ok_are_the_modules(void **state)
{
	struct world *w = *state;

	online(w);
	submit(w, 0, escape);
	modem_says(w, "\r\nOK\r\n\r\n+CREG: 1\r\n");
	pass(w, LEAVE);
	assert_done(w, 0, 0);
	assert_events(w, "registration -1 0 1\n");
	assert_data(w, "");
}

static void
an_ok_before_it_has_left_is_payload(void **state)
{
	struct world *w = *state;

	online(w);
	w->room = 1;
	submit(w, 0, escape);
	assert_wire(w, "\x10");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 500);
	assert_pending(w, 0);
	w->room = 100;
	at_writable(w->at);
	assert_wire(w, "\x03");
	pass(w, 500);
	assert_pending(w, 0);
	modem_says(w, "\r\nOK\r\n");
	pass(w, LEAVE + 200);
	assert_done(w, 0, 0);
	assert_data(w, "\r\nOK\r\n");
}

static void
the_end_comes_while_escaping(void **state)
{
	struct world *w = *state;

	online(w);
	submit(w, 0, escape);
	modem_says(w, "bye\x10\x04NO CARRIER\r\n");
	assert_int_equal(w->suspects, 1);
	assert_data(w, "bye");
	pass(w, LEAVE + ANSWER + 10);
	assert_done(w, 0, -EAGAIN);
	assert_false(at_escape_heard(w->at));
	assert_false(at_data_verdict(w->at, false));
	assert_data(w, "");
}

/* ---- not answered ---- */

static void
then_dtr_is_dropped(void **state)
{
	struct world *w = *state;

	online(w);
	w->has_dtr = true;
	submit(w, 0, escape);
	pass(w, LEAVE + ANSWER - 1);
	assert_true(w->dtr);
	pass(w, 61);
	assert_false(w->dtr);
	modem_says(w, "\r\nOK\r\n");
	pass(w, LEAVE - 70);
	assert_false(w->dtr);
	assert_pending(w, 0);
	pass(w, 80);
	assert_done(w, 0, 0);
	assert_true(w->dtr);
	assert_in_range(w->dtr_low_ms, LEAVE, LEAVE + 10);
	assert_wire(w, ETX);
	assert_data(w, "");
}

/* The three characters would go to the peer, and so would a command. */
static void
never_the_guarded_one_while_the_session_lives(void **state)
{
	struct world *w = *state;

	online(w);
	w->has_dtr = true;
	submit(w, 0, escape);
	pass(w, 20000);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, ETX);
	assert_int_equal(w->dtr_drops, 1);
	assert_true(w->dtr);
}

/* The module may listen to commands by now: what the app says would be one. */
static void
nothing_of_the_app_behind_an_escape_without_answer(void **state)
{
	struct world *w = *state;

	online(w);
	submit(w, 0, escape);
	pass(w, 20000);
	assert_done(w, 0, -ETIMEDOUT);
	assert_true(app_writes(w, "ATD112;\r") > 0);
	assert_wire(w, ETX);
	submit(w, 1, escape);
	assert_wire(w, ETX);
	modem_says(w, "\r\nOK\r\n");
	pass(w, LEAVE);
	assert_done(w, 1, 0);
}

static void
no_answer_where_it_may_be_missing(void **state)
{
	struct world *w = *state;

	online(w);
	w->has_dtr = true;
	submit(w, 0, try_escape);
	pass(w, 2 * (LEAVE + ANSWER) + 200);
	assert_wire(w, ETX "AT+A\r");
	assert_false(at_escape_heard(w->at));
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
a_reset_raises_dtr(void **state)
{
	struct world *w = *state;

	online(w);
	w->has_dtr = true;
	submit(w, 0, escape);
	pass(w, LEAVE + ANSWER + 60);
	assert_false(w->dtr);
	at_reset(w->at);
	assert_true(w->dtr);
	pass(w, 1000);
	assert_done(w, 0, -ECANCELED);
}

/* A tty may be faster than the pace that stands in for the count of what has left it. */
static void
an_ok_may_be_earlier_than_the_pace(void **state)
{
	struct world *w = *state;

	online(w);
	app_writes(w, "up");
	w->drained_ms = w->clock.now_ms + 1200;
	submit(w, 0, escape);
	assert_wire(w, "up" ETX);
	pass(w, 50);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 1150 + LEAVE + LEAVE);
	assert_done(w, 0, 0);
	assert_true(at_escape_heard(w->at));
	assert_data(w, "");
	assert_int_equal(w->dtr_drops, 0);
}

static void
dtr_alone(void **state)
{
	struct world *w = *state;

	w->has_dtr = true;
	online(w);
	w->rules.etx = 0;
	at_set_rules(w->at, &w->rules);
	assert_int_equal(app_writes(w, "a\x10"), 0);
	w->drained_ms = w->clock.now_ms + 500;
	submit(w, 0, escape);
	pass(w, 499);
	assert_true(w->dtr); /* what was written goes first */
	pass(w, 1);
	assert_false(w->dtr);
	modem_says(w, "\r\nOK\r\n");
	pass(w, LEAVE);
	assert_done(w, 0, 0);
	assert_wire(w, "a\x10");
}

/* Of a line that was just opened nothing is known: a silence, then what a peer would not see, then what it would. */
static void
the_wake_tries_all_ways(void **state)
{
	struct world *w = *state;

	use_rules(w);
	w->has_dtr = true;
	clock_at(w, 10000);
	at_reset(w->at);
	submit(w, 0, wake);
	pass(w, GUARD + MARGIN - 1);
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, ETX);
	pass(w, LEAVE + ANSWER - 1);
	assert_int_equal(w->dtr_drops, 0);
	pass(w, 2);
	assert_int_equal(w->dtr_drops, 1);
	pass(w, LEAVE + ANSWER + 10);
	assert_true(w->dtr);
	assert_wire(w, "+++"); /* the silence behind DLE etx was one before them, too */
	pass(w, GUARD + MARGIN + ANSWER + 10);
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_done(w, 0, 0);
}

static void
the_wake_of_a_line_in_data_mode(void **state)
{
	struct world *w = *state;

	use_rules(w);
	at_reset(w->at);
	submit(w, 0, wake);
	modem_says(w, "of an earlier life");
	pass(w, GUARD + MARGIN);
	assert_wire(w, ETX);
	modem_says(w, "its rest\r\nOK\r\n");
	pass(w, LEAVE);
	assert_wire(w, "AT\r");
	assert_data(w, "");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_done(w, 0, 0);
}

/* ---- the app's bytes ---- */

/* What a module takes from its line: payload into text; returns where an escape stood, SIZE_MAX none. */
static size_t
module_hears(const struct world *w, size_t from, char *text, size_t *ret_len)
{
	size_t i, n = 0;

	for (i = from; i < w->logged; i++) {
		if (w->log[i].byte != 0x10) {
			text[n++] = w->log[i].byte;
			continue;
		}
		if (i + 1 == w->logged)
			break;
		i++;
		if (w->log[i].byte == 3) {
			*ret_len = n;
			assert_int_equal(i + 1, w->logged); /* nothing behind it */
			return i - 1;
		}
		assert_int_equal(w->log[i].byte, 0x10);
		text[n++] = 0x10;
	}
	*ret_len = n;
	return SIZE_MAX;
}

/* The wire takes `piece` bytes at a time, and after so many of them the escape is due. */
static void
try_pieces(struct world *w, const char *app, size_t piece, unsigned pieces)
{
	size_t len = strlen(app), taken = 0, from, heard;
	char text[64];
	unsigned i;

	online(w);
	from = w->logged;
	w->room = 0;
	for (i = 0; i < pieces; i++) {
		w->room = piece;
		at_writable(w->at);
		taken += at_data_write(w->at, app + taken, len - taken);
		assert_int_equal(module_hears(w, from, text, &heard), SIZE_MAX);
		assert_true(heard <= taken && taken <= heard + 1);
	}
	w->done[0] = 0;
	w->result[0] = PENDING;
	submit(w, 0, escape);
	for (i = 0; i < 4; i++) {
		w->room = 1;
		at_writable(w->at);
		assert_int_equal(at_data_write(w->at, "x", 1), 0);
	}
	assert_int_not_equal(module_hears(w, from, text, &heard), SIZE_MAX);
	assert_int_equal(heard, taken);
	assert_memory_equal(text, app, taken);
	w->room = 1000;
	modem_says(w, "\r\nOK\r\n");
	pass(w, LEAVE + 100);
	assert_done(w, 0, 0);
	w->logged = 0;
	wire(w);
}

static void
the_apps_dle_is_never_an_escape(void **state)
{
	static const char *const texts[] = { "\x10", "\x10\x03", "a\x10\x03", "\x10\x10\x03", "\x10\x10\x10\x03", "\x03\x10", "a\x10z\x10\x03q\x10" };
	struct world *w = *state;
	unsigned pieces;
	size_t t, piece;

	for (t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
		for (piece = 1; piece < 6; piece++)
			for (pieces = 0; pieces < 16; pieces++)
				try_pieces(w, texts[t], piece, pieces);
}

static void
room_is_the_wires_and_the_count_is_the_apps(void **state)
{
	static char many[5000];
	struct world *w = *state;

	online(w);
	w->room = 7;
	assert_int_equal(at_data_write(w->at, "a\x10" "b\x10" "c\x10" "d", 7), 5);
	assert_wire(w, "a\x10\x10" "b\x10\x10" "c");
	w->room = 2;
	assert_int_equal(at_data_write(w->at, "x\x10y", 3), 2);
	assert_int_equal(at_data_room(w->at), 0);
	assert_int_equal(at_data_write(w->at, "y", 1), 0);
	w->room = 2;
	at_writable(w->at);
	assert_wire(w, "x\x10\x10");
	assert_int_equal(at_data_write(w->at, "y", 1), 1);
	wire(w);
	memset(many, 0x10, sizeof(many));
	w->room = 7000;
	assert_int_equal(at_data_write(w->at, many, sizeof(many)), 3500);
	assert_int_equal(w->out.len, 7000);
}

/* What did not leave in time leaves as a whole or not at all; then the app goes on where nothing of it had left. */
static void
an_escape_that_does_not_leave(void **state)
{
	static const struct {
		const char *app;
		size_t room;
		const char *left, *later;
	} cases[] = {
		{ "", 0, "", "up" },
		{ "\x10", 1, "\x10", "\x10up" },
		{ "\x10", 2, "\x10\x10", "up" },
		{ "", 1, "\x10", "\x03" },     /* once begun it is finished, and nothing follows it */
		{ "\x10", 3, "\x10\x10\x10", "\x03" },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		online(w);
		w->room = cases[i].room;
		assert_int_equal(app_writes(w, cases[i].app), 0);
		w->done[0] = 0;
		w->result[0] = PENDING;
		submit(w, 0, escape);
		pass(w, 60000);
		assert_done(w, 0, -EBUSY);
		assert_wire(w, cases[i].left);
		w->room = 100;
		at_writable(w->at);
		app_writes(w, "up");
		assert_wire(w, cases[i].later);
		buf_deinit(&w->app);
	}
}

/* Promise P1: no AT text ever reaches an app.  Whose it is the owner finds out, as of any end of data mode. */
static void
the_answer_to_an_escape_that_left_late_is_in_doubt(void **state)
{
	struct world *w = *state;
	size_t room;
	int ms;

	for (room = 1; room <= 2; room++) {
		online(w);
		w->suspects = 0;
		w->done[0] = 0;
		w->result[0] = PENDING;
		w->room = room;
		submit(w, 0, escape);
		for (ms = 0; ms < 60000; ms += 100) {
			w->drained_ms = w->clock.now_ms + 200; /* it stands still */
			pass(w, 100);
		}
		assert_done(w, 0, -EBUSY);
		w->drained_ms = 0;
		w->room = 100;
		at_writable(w->at);
		assert_wire(w, ETX);
		modem_says(w, "last\r\nOK\r\n");
		pass(w, 100);
		assert_data(w, "last");
		assert_int_equal(w->suspects, 1);
		at_data_verdict(w->at, false);
		assert_data(w, "");
	}
}

static void
the_apps_own_guarded_escape_is_pulled_apart(void **state)
{
	struct world *w = *state;

	online(w);
	pass(w, 5000);
	assert_int_equal(app_writes(w, "+++"), 1);
	assert_wire(w, "++");
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+");
}

/* ---- what ends data mode ---- */

static void
every_split_of_the_end(void **state)
{
	static const char *const ends[] = { "bye\x10\x04NO CARRIER\r\n\r\n+CREG: 1\r\n", "bye\x10\x04\r\nNO CARRIER\r\n\r\n+CREG: 1\r\n" };
	struct world *w = *state;
	size_t e, cut;

	for (e = 0; e < 2; e++)
		for (cut = 1; cut < strlen(ends[e]); cut++) {
			online(w);
			w->suspects = 0;
			modem_says_bytes(w, ends[e], cut);
			pass(w, 10);
			modem_says(w, ends[e] + cut);
			pass(w, 1000);
			assert_int_equal(w->suspects, 1);
			assert_data(w, "bye");
			assert_int_equal(at_data_room(w->at), 0);
			assert_false(at_data_verdict(w->at, false));
			assert_events(w, "registration -1 0 1\n");
			assert_data(w, "");
		}
}

static void
look_alikes_are_payload(void **state)
{
	static const char *const texts[] = {
		"\x10", "\x10\x04", "\x10\x04NO CARRIE", "\x10\x04NO CARRIER\n", "\x10\x10\x04NO CARRIER", "\r\nNO CARRIER\r\n", "\x10\x04\r\nNO\r\n",
		"\x04NO CARRIER\r\n", "\x10\x03\r\nOK\r\n", "\x10\x04\n\nNO CARRIER\r\n", "\x10\x04\x10",
	};
	struct world *w = *state;
	size_t i;

	online(w);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		modem_says(w, texts[i]);
		pass(w, 100);
		assert_data(w, texts[i]);
		assert_int_equal(w->suspects, 0);
	}
}

/* The server's own: it goes to the app as it is, once that is known. */
static void
the_end_that_was_the_servers(void **state)
{
	struct world *w = *state;

	online(w);
	modem_says(w, "a\x10\x04NO CARRIER\r\nb");
	assert_int_equal(w->suspects, 1);
	assert_data(w, "a");
	at_data_verdict(w->at, true);
	assert_data(w, "\x10\x04NO CARRIER\r\nb");
}

/* A stream full of DLEs must not keep the app from writing. */
static void
held_dles_do_not_starve_the_app(void **state)
{
	struct world *w = *state;

	online(w);
	modem_says(w, "\x10");
	assert_int_equal(app_writes(w, "up"), 0);
	modem_says(w, "\x10\x04");
	assert_int_equal(app_writes(w, "up"), 0);
	modem_says(w, "N");
	assert_int_equal(app_writes(w, "up"), 2);
	pass(w, 100);
	assert_wire(w, "upupup");
	assert_data(w, "\x10\x10\x04N");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(no_silence_before_it),
		BOTH(behind_what_may_be_the_end_a_gap_is_before_it),
		BOTH(an_ok_with_data_behind_it_is_payload),
		BOTH(urcs_behind_the_ok_are_the_modules),
		BOTH(an_ok_before_it_has_left_is_payload),
		BOTH(the_end_comes_while_escaping),
		BOTH(then_dtr_is_dropped),
		BOTH(never_the_guarded_one_while_the_session_lives),
		BOTH(nothing_of_the_app_behind_an_escape_without_answer),
		BOTH(no_answer_where_it_may_be_missing),
		BOTH(a_reset_raises_dtr),
		BOTH(an_ok_may_be_earlier_than_the_pace),
		BOTH(dtr_alone),
		BOTH(the_wake_tries_all_ways),
		BOTH(the_wake_of_a_line_in_data_mode),
		cmocka_unit_test_setup_teardown(the_apps_dle_is_never_an_escape, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(room_is_the_wires_and_the_count_is_the_apps, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(an_escape_that_does_not_leave, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_answer_to_an_escape_that_left_late_is_in_doubt, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(the_apps_own_guarded_escape_is_pulled_apart, world_setup, world_teardown),
		BOTH(every_split_of_the_end),
		BOTH(look_alikes_are_payload),
		BOTH(the_end_that_was_the_servers),
		BOTH(held_dles_do_not_starve_the_app),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
