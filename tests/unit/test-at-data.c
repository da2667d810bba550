/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data mode: what is the session's, what is the module's, and the guarded escape.
 */
#include "at-world.h"

#include "base/str.h"

#define GUARD 1000
#define MARGIN 200 /* a fifth */

static const struct at_step escape[] = { { .flags = AT_ESCAPE }, { 0 } };
static const struct at_step try_escape[] = { { .flags = AT_ESCAPE | AT_OPTIONAL }, { 0 } };
static const struct at_step plain[] = { { .cmd = "AT+A" }, { 0 } };
static const struct at_word connect[] = { { "CONNECT", AT_CONNECT, false }, { "NO CARRIER", -ENOTCONN, false }, { 0 } };
static const struct at_step resume[] = { { .cmd = "AT+O", .words = connect }, { 0 } };

/* The engine has written its escape; the line has been silent for the guard behind it. */
static void
escape_sent(struct world *w, unsigned job)
{
	submit(w, job, escape);
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+++");
	pass(w, GUARD);
}

/* ---- data ---- */

static void
bytes_are_the_sessions(void **state)
{
	static const char bytes[] = "HTTP/1.0 200 OK\r\n\r\nOK\r\n\r\n+CME ERROR: 840\r\n> \0\x11\x13\x1a\r\nSSLSRING: 1,5\r\n+CREG: 1\r\nx";
	struct world *w = *state;

	go_online(w);
	modem_says_bytes(w, bytes, sizeof(bytes) - 1);
	assert_int_equal(w->data.len, sizeof(bytes) - 1);
	assert_memory_equal(buf_bytes(&w->data), bytes, sizeof(bytes) - 1);
	assert_events(w, "");
	assert_noise(w, "");
	assert_int_equal(app_writes(w, "\x1a\x1b\b to the server"), 0);
	assert_wire(w, "\x1a\x1b\b to the server");
}

static void
data_right_behind_the_entry_word(void **state)
{
	struct world *w = *state;

	submit(w, 0, resume);
	modem_says(w, "\r\nCONNECT\r\nhello\r\nOK\r\n.");
	assert_done(w, 0, 0);
	assert_data(w, "hello\r\nOK\r\n.");
}

static void
a_mere_beginning_is_held_and_given_back(void **state)
{
	struct world *w = *state;

	go_online(w);
	modem_says(w, "abc\r\nNO CARR");
	assert_data(w, "abc");
	assert_int_equal(app_writes(w, "up"), 2); /* nothing is written into what may be command mode */
	pass(w, 29);
	assert_data(w, "");
	pass(w, 1);
	assert_data(w, "\r\nNO CARR");
	assert_wire(w, "up");
	assert_int_equal(w->suspects, 0);
}

static void
a_beginning_that_goes_on_otherwise(void **state)
{
	struct world *w = *state;

	go_online(w);
	modem_says(w, "\r\nNO CARR");
	modem_says(w, "OT\r\n\r\nNO C");
	assert_data(w, "\r\nNO CARROT\r\n");
	modem_says(w, "\r\n\r\nNO");
	assert_data(w, "\r\nNO C\r\n");
	pass(w, 30);
	assert_data(w, "\r\nNO");
}

static void
the_suspicious_line_is_held_with_all_behind_it(void **state)
{
	struct world *w = *state;

	go_online(w);
	modem_says(w, "last\r\nNO CARRIER\r\nmore");
	assert_data(w, "last");
	assert_int_equal(w->suspects, 1);
	assert_int_equal(app_writes(w, "up"), 2);
	pass(w, 500);
	assert_data(w, "");
	assert_wire(w, "");
	modem_says(w, "\r\nNO CARRIER\r\n");
	assert_int_equal(w->suspects, 1); /* told once */
	assert_false(at_data_verdict(w->at, true));
	assert_data(w, "\r\nNO CARRIER\r\nmore\r\nNO CARRIER\r\n");
}

static void
every_split_of_the_suspicious_line(void **state)
{
	static const char text[] = "x\r\nNO CARRIER\r\ny";
	struct world *w = *state;
	size_t cut;

	for (cut = 0; cut <= sizeof(text) - 1; cut++) {
		go_online(w);
		w->suspects = 0;
		modem_says_bytes(w, text, cut);
		modem_says(w, text + cut);
		assert_data(w, "x");
		assert_int_equal(w->suspects, 1);
		at_data_verdict(w->at, true);
		assert_data(w, "\r\nNO CARRIER\r\ny");
		at_assume_command(w->at);
		w->done[WORLD_JOBS - 1] = 0;
	}
}

static void
after_the_end_comes_command_text(void **state)
{
	struct world *w = *state;

	go_online(w);
	modem_says(w, "last\r\nNO CARRIER\r\n\r\n+CREG: 2\r\n");
	at_assume_command(w->at);
	assert_false(at_data_verdict(w->at, false));
	assert_data(w, "last");
	assert_events(w, "registration -1 0 2\n");

	w->done[WORLD_JOBS - 1] = 0;
	go_online(w);
	modem_says(w, "\r\nNO CARRIER\r\n\r\nERROR\r\n"); /* something of the app's was a command line */
	at_assume_command(w->at);
	assert_true(at_data_verdict(w->at, false));
	assert_data(w, "");
}

static void
a_fallen_carrier_proves_the_end(void **state)
{
	struct world *w = *state;

	go_online(w);
	w->carrier = 0;
	modem_says(w, "last\r\nNO CARRIER\r\n");
	assert_int_equal(w->suspects, 1);
	submit(w, 0, escape); /* without one */
	pass(w, 249);
	assert_pending(w, 0);
	pass(w, 1);
	assert_done(w, 0, 0);
	assert_false(at_online(w->at));
	assert_false(at_data_verdict(w->at, false));
	assert_data(w, "last");
	assert_wire(w, "");
}

static void
more_than_a_module_ever_says_was_payload(void **state)
{
	struct world *w = *state;
	char block[1000];
	size_t i;

	go_online(w);
	memset(block, 'x', sizeof(block));
	modem_says(w, "\r\nNO CARRIER\r\n");
	for (i = 0; i < 40; i++)
		modem_says_bytes(w, block, sizeof(block));
	modem_says(w, ".");
	at_data_verdict(w->at, true);
	assert_int_equal(w->data.len, 14 + 40000 + 1);
	assert_memory_equal(buf_bytes(&w->data), "\r\nNO CARRIER\r\nxxx", 17);
}

/* ---- the escape ---- */

static void
silence_before_and_behind(void **state)
{
	struct world *w = *state;

	go_online(w);
	clock_at(w, 10000);
	w->drained_ms = w->clock.now_ms + 300; /* bytes of the app are still leaving */
	submit(w, 0, escape);
	assert_int_equal(app_writes(w, "up"), 2);
	pass(w, 300 + GUARD + MARGIN - 1);
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, "+++");
	pass(w, GUARD);
	modem_says(w, "\r\nOK\r\n");
	pass(w, MARGIN - 1); /* the module's timer may be as slow as ours is careful */
	assert_pending(w, 0);
	pass(w, 1);
	assert_done(w, 0, 0);
	assert_false(at_online(w->at));
	assert_data(w, "");
}

static void
the_guard_counts_from_connect(void **state)
{
	struct world *w = *state;

	clock_at(w, 10000);
	go_online(w);
	submit(w, 0, escape);
	pass(w, GUARD + MARGIN - 1);
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, "+++");
}

static void
an_ok_too_early_is_payload(void **state)
{
	struct world *w = *state;

	go_online(w);
	submit(w, 0, escape);
	pass(w, GUARD + MARGIN + 500);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 1700 + MARGIN);
	assert_done(w, 0, -ETIMEDOUT);
	assert_data(w, "\r\nOK\r\n");
	assert_true(at_online(w->at)); /* it did not listen */
}

static void
an_ok_within_payload_is_payload(void **state)
{
	struct world *w = *state;

	go_online(w);
	escape_sent(w, 0);
	modem_says(w, "a\r\nOK\r\nb");
	assert_data(w, "a\r\nOK\r\nb");
	modem_says(w, "c\r\nOK\r\n");
	pass(w, 60);
	modem_says(w, "\r\nOK\r\n"); /* the last one is the module's */
	assert_pending(w, 0);
	pass(w, MARGIN);
	assert_done(w, 0, 0);
	assert_data(w, "c\r\nOK\r\n");
}

static void
urcs_behind_the_ok(void **state)
{
	struct world *w = *state;

	go_online(w);
	escape_sent(w, 0);
	modem_says(w, "tail\r\nOK\r\n\r\n+CREG: 2\r\n\r\nNO CARRIER\r\n");
	pass(w, MARGIN);
	assert_done(w, 0, 0);
	assert_data(w, "tail");
	assert_events(w, "registration -1 0 2\nclosed -1 0 0\n");
	submit(w, 1, plain);
	assert_wire(w, "AT+A\r");
}

static void
no_ok_when_it_may_be_missing(void **state)
{
	struct world *w = *state;

	at_reset(w->at);
	submit(w, 0, try_escape);
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+++");
	modem_says(w, "\r\nERROR\r\n"); /* of nobody */
	pass(w, GUARD + MARGIN + 1000);
	assert_done(w, 0, 0);
	assert_data(w, "");
	submit(w, 1, plain);
	assert_wire(w, "AT+A\r");
}

static void
the_end_comes_while_escaping(void **state)
{
	struct world *w = *state;

	go_online(w);
	escape_sent(w, 0);
	modem_says(w, "last\r\nNO CARRIER\r\n");
	assert_int_equal(w->suspects, 1);
	assert_data(w, "last");
	pass(w, 3000);
	assert_done(w, 0, -EAGAIN);
	assert_wire(w, "");
	submit(w, 1, try_escape);
	pass(w, 4000);
	assert_done(w, 1, 0);
	assert_false(at_data_verdict(w->at, false));
	assert_data(w, "");
}

/* The server's text, then the module's OK: in one piece or in many, the doubt is the same. */
static void
the_servers_no_carrier_while_escaping(void **state)
{
	struct world *w = *state;

	go_online(w);
	escape_sent(w, 0);
	modem_says(w, "a\r\nNO CARRIER\r\nb\r\nOK\r\n");
	pass(w, MARGIN);
	assert_done(w, 0, 0);
	assert_int_equal(w->suspects, 1);
	assert_data(w, "a");
	assert_false(at_data_verdict(w->at, true));
	assert_data(w, "\r\nNO CARRIER\r\nb");
}

static void
the_doubt_is_settled_by_escape_and_status(void **state)
{
	struct world *w = *state;

	go_online(w);
	modem_says(w, "a\r\nNO CARRIER\r\nb");
	submit(w, 0, try_escape);
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+++");
	modem_says(w, "c");
	pass(w, GUARD);
	modem_says(w, "\r\nOK\r\n\r\n+CREG: 1\r\n");
	pass(w, MARGIN);
	assert_done(w, 0, 0);
	assert_data(w, "a");
	assert_false(at_data_verdict(w->at, true));
	assert_data(w, "\r\nNO CARRIER\r\nbc");
	assert_events(w, "registration -1 0 1\n");
	submit(w, 1, resume);
	modem_says(w, "\r\nCONNECT\r\nd");
	assert_data(w, "d");
	assert_true(at_online(w->at));
}

/* An event may make the owner give everything up, in the middle of what the engine does. */
static void
reset_now(struct world *w)
{
	at_reset(w->at);
}

static void
a_reset_from_an_event_behind_the_escape(void **state)
{
	struct world *w = *state;

	go_online(w);
	escape_sent(w, 0);
	w->on_event = reset_now;
	modem_says(w, "\r\nOK\r\n\r\n#QSS: 0\r\n\r\n+CREG: 1\r\n");
	pass(w, MARGIN);
	assert_done(w, 0, -ECANCELED);
	assert_false(at_online(w->at));
	submit(w, 1, plain);
	assert_done(w, 1, -EAGAIN); /* nothing is assumed of the line any more */
}

static void
a_reset_from_an_event_behind_the_end(void **state)
{
	struct world *w = *state;

	go_online(w);
	w->on_event = reset_now;
	modem_says(w, "\r\nNO CARRIER\r\n\r\n#QSS: 0\r\n\r\n+CREG: 1\r\n\r\n#QSS: 0\r\n");
	at_assume_command(w->at);
	at_data_verdict(w->at, false);
	assert_data(w, "");
}

static void
a_reset_from_an_event_in_command_mode(void **state)
{
	struct world *w = *state;

	w->on_event = reset_now;
	submit(w, 0, plain);
	submit(w, 1, plain);
	modem_says(w, "\r\n^SYSSTART\r\n\r\nOK\r\n");
	assert_done(w, 0, -ECANCELED);
	assert_done(w, 1, -ECANCELED);
	assert_events(w, "rebooted -1 0 0\n");
}

/* Who wrote before, and when, is not known of a line that was just opened. */
static void
the_guard_counts_from_the_opening(void **state)
{
	struct world *w = *state;

	clock_at(w, 10000);
	at_reset(w->at);
	submit(w, 0, try_escape);
	pass(w, GUARD + MARGIN - 1);
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, "+++");
}

/* An earlier life's session goes on, the escape was not heard: it is written again, and no "AT" before. */
static void
an_unheard_escape_in_a_flood_is_repeated(void **state)
{
	static const struct at_step wake[] = { { .flags = AT_ESCAPE | AT_OPTIONAL }, { .flags = AT_SYNC }, { 0 } };
	struct world *w = *state;
	unsigned i;

	at_reset(w->at);
	submit(w, 0, wake);
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+++");
	for (i = 0; i < 14; i++) {
		modem_says(w, "bytes of the server\r\n");
		pass(w, 500);
	}
	assert_wire(w, "+++");
	modem_says(w, "the last\r\nOK\r\n");
	pass(w, 600);
	assert_wire(w, "AT\r");
}

/* The module holds the line up: the silence behind the escape is what comes when it has left. */
static void
an_escape_that_leaves_late(void **state)
{
	struct world *w = *state;

	go_online(w);
	pass(w, GUARD + MARGIN);
	submit(w, 0, escape);
	pass(w, 0);
	assert_wire(w, "+++");
	w->drained_ms = UINT64_MAX;
	pass(w, 2000);
	w->drained_ms = w->clock.now_ms;
	pass(w, GUARD + MARGIN);
	assert_pending(w, 0);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 1000);
	assert_done(w, 0, 0);
	assert_data(w, "");
}

/* The wire stands still: what could not leave as an escape must not leave as data. */
static void
an_escape_that_did_not_leave(void **state)
{
	struct world *w = *state;

	go_online(w);
	w->room = 1;
	submit(w, 0, escape);
	pass(w, 10000);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "+");
	w->room = 100;
	at_writable(w->at);
	assert_wire(w, "");
	assert_int_equal(app_writes(w, "up"), 0);
	assert_wire(w, "up");
}

static void
a_dialect_without_an_escape(void **state)
{
	struct world *w = *state;

	go_online(w);
	w->rules.guard_ms = 0;
	at_set_rules(w->at, &w->rules);
	submit(w, 0, escape);
	assert_done(w, 0, -ETIMEDOUT);
	assert_true(at_online(w->at));
	assert_int_equal(app_writes(w, "+++"), 0);
	assert_wire(w, "+++"); /* means nothing to it */
}

/* ---- the app's own +++ ---- */

/* What a module does with the bytes on its line, by their times (V.250; the notes, 6.2). */
static bool
module_escapes(const struct world *w, size_t from, uint64_t online_ms)
{
	uint64_t before = online_ms;
	size_t i, run;

	for (i = from; i < w->logged; i += run ? run : 1) {
		for (run = 0; i + run < w->logged && w->log[i + run].byte == '+'; run++)
			if (run && w->log[i + run].ms - w->log[i + run - 1].ms > GUARD)
				break;
		if (run == 3 && w->log[i].ms - before >= GUARD &&
		    (i + 3 == w->logged || w->log[i + 3].ms - w->log[i + 2].ms >= GUARD))
			return true;
		before = w->log[run ? i + run - 1 : i].ms;
	}
	return false;
}

static void
try_split(struct world *w, const char *text, unsigned cuts, unsigned pause_ms)
{
	size_t from = w->logged, len = strlen(text), i;
	uint64_t online;

	at_assume_command(w->at);
	w->done[WORLD_JOBS - 1] = 0;
	go_online(w);
	from = w->logged;
	online = w->clock.now_ms;
	pass(w, 5 * GUARD);
	for (i = 0; i < len; i++) {
		char one[2] = { text[i], '\0' };

		app_writes(w, one);
		if (cuts & 1u << i)
			pass(w, pause_ms);
	}
	pass(w, 10 * GUARD);
	assert_wire(w, text);
	if (module_escapes(w, from, online))
		for (i = from; i < w->logged; i++)
			print_error("%5u ms: %c\n", (unsigned)(w->log[i].ms - online), w->log[i].byte);
	assert_false(module_escapes(w, from, online));
	w->logged = 0;
}

static void
the_apps_escape_never_leaves_as_one(void **state)
{
	static const char *const texts[] = { "+++", "++++", "+++++", "++++++", "a+++", "+++b", "a+++b", "++", "+", "+++\r", "++a+++" };
	static const unsigned pauses[] = { 10, 400, 499, 501, 999, 1000, 1001, 1199, 1201, 3000 };
	struct world *w = *state;
	unsigned cuts;
	size_t t, p;

	for (t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
		for (p = 0; p < sizeof(pauses) / sizeof(pauses[0]); p++)
			for (cuts = 0; cuts < 1u << strlen(texts[t]); cuts++)
				try_split(w, texts[t], cuts, pauses[p]);
}

static void
three_in_one_write_are_split(void **state)
{
	struct world *w = *state;

	go_online(w);
	pass(w, 5000);
	assert_int_equal(app_writes(w, "+++"), 1);
	assert_wire(w, "++");
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+");
	pass(w, 5000);
	assert_int_equal(app_writes(w, "+++b"), 0);
	assert_wire(w, "+++b");
}

static void
room_is_the_wires(void **state)
{
	struct world *w = *state;

	go_online(w);
	w->room = 3;
	assert_int_equal(at_data_room(w->at), 3);
	assert_int_equal(app_writes(w, "abcdef"), 3);
	assert_wire(w, "abc");
	w->room = 100;
	at_writable(w->at);
	assert_wire(w, "def");
	assert_int_equal(at_data_write(w->at, "x", 0), 0);
	at_assume_command(w->at);
	assert_int_equal(at_data_write(w->at, "x", 1), 0);
}

/* A stream full of line ends must not keep the app from writing. */
static void
held_line_ends_do_not_starve_the_app(void **state)
{
	struct world *w = *state;
	unsigned i;

	go_online(w);
	modem_says(w, "\r");
	app_writes(w, "up");
	for (i = 0; i < 20 && w->app.len; i++) {
		pass(w, 20);
		modem_says(w, "\r");
	}
	assert_wire(w, "up");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(bytes_are_the_sessions),
		BOTH(data_right_behind_the_entry_word),
		BOTH(a_mere_beginning_is_held_and_given_back),
		BOTH(a_beginning_that_goes_on_otherwise),
		BOTH(the_suspicious_line_is_held_with_all_behind_it),
		BOTH(every_split_of_the_suspicious_line),
		BOTH(after_the_end_comes_command_text),
		BOTH(a_fallen_carrier_proves_the_end),
		BOTH(more_than_a_module_ever_says_was_payload),
		BOTH(silence_before_and_behind),
		BOTH(the_guard_counts_from_connect),
		BOTH(an_ok_too_early_is_payload),
		BOTH(an_ok_within_payload_is_payload),
		BOTH(urcs_behind_the_ok),
		BOTH(no_ok_when_it_may_be_missing),
		BOTH(the_end_comes_while_escaping),
		BOTH(the_servers_no_carrier_while_escaping),
		BOTH(the_doubt_is_settled_by_escape_and_status),
		BOTH(a_reset_from_an_event_behind_the_escape),
		BOTH(a_reset_from_an_event_behind_the_end),
		BOTH(a_reset_from_an_event_in_command_mode),
		BOTH(the_guard_counts_from_the_opening),
		BOTH(an_escape_that_leaves_late),
		BOTH(an_unheard_escape_in_a_flood_is_repeated),
		BOTH(an_escape_that_did_not_leave),
		BOTH(a_dialect_without_an_escape),
		cmocka_unit_test_setup_teardown(the_apps_escape_never_leaves_as_one, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(three_in_one_write_are_split, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(room_is_the_wires, world_setup, world_teardown),
		BOTH(held_line_ends_do_not_starve_the_app),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
