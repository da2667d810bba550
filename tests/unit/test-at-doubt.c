/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A word that may have begun data mode, or not: nothing is written, and nothing is anybody's, until it is known.
 */
#include "at-world.h"

#define GUARD 1000
#define MARGIN 200

static const struct at_word may_connect[] = { { "CONNECT", AT_CONNECT, false }, { "OK", AT_MAY_CONNECT, false }, { 0 } };
static const struct at_step resume[] = { { .cmd = "AT+O", .words = may_connect, .timeout_ms = 5000 }, { 0 } };
static const struct at_step check[] = { { .flags = AT_ESCAPE | AT_OPTIONAL }, { .flags = AT_SYNC }, { .cmd = "AT+S" }, { 0 } };
static const struct at_step plain[] = { { .cmd = "AT+A" }, { 0 } };

static void
go_in_doubt(struct world *w)
{
	at_assume_command(w->at);
	submit(w, 0, resume);
	assert_wire(w, "AT+O\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_true(at_online(w->at));
	assert_true(at_data_in_doubt(w->at));
}

static void
nothing_is_written_or_given_in_doubt(void **state)
{
	struct world *w = *state;

	go_in_doubt(w);
	modem_says(w, "hello");
	assert_int_equal(at_data_room(w->at), 0);
	assert_data(w, "");
	assert_events(w, "");
	assert_int_equal(w->suspects, 0);
	at_data_verdict(w->at, true);
	assert_data(w, "hello");
	assert_false(at_data_in_doubt(w->at));
	assert_int_not_equal(at_data_room(w->at), 0);
}

static void
it_was_data_mode(void **state)
{
	struct world *w = *state;

	go_in_doubt(w);
	modem_says(w, "hello\r\nSSLSRING: 1,5\r\n");
	submit(w, 1, check);
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+++");
	pass(w, GUARD);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 400);
	assert_true(at_escape_heard(w->at));
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+S\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
	at_data_verdict(w->at, true);
	assert_data(w, "hello\r\nSSLSRING: 1,5\r\n");
	assert_events(w, "");
}

/* Not even what stands before a NO CARRIER is the server's then. */
static void
it_was_not(void **state)
{
	struct world *w = *state;

	go_in_doubt(w);
	modem_says(w, "\r\nSSLSRING: 1,5\r\n\r\nNO CARRIER\r\n");
	submit(w, 1, check);
	pass(w, GUARD + MARGIN);
	assert_wire(w, "+++");
	pass(w, GUARD + MARGIN + 1100);
	assert_false(at_escape_heard(w->at));
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+S\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
	at_data_verdict(w->at, false);
	assert_data(w, "");
	assert_int_not_equal(strlen(events(w)), 0);
	submit(w, 2, plain);
	pass(w, 100);
	assert_wire(w, "AT+A\r");
}

static void
a_late_one_leaves_the_mode_unknown(void **state)
{
	struct world *w = *state;

	at_assume_command(w->at);
	submit(w, 0, resume);
	pass(w, 5100);
	assert_done(w, 0, -ETIMEDOUT);
	wire(w);
	modem_says(w, "\r\nOK\r\n");
	submit(w, 1, plain);
	pass(w, 100);
	assert_done(w, 1, -EAGAIN);
	assert_wire(w, "");
}

/* CONNECT was lost, and what comes is a server's: so may be its OK.  What was taken for noise is missing in the stream. */
static void
an_ok_behind_strange_lines_is_not_believed(void **state)
{
	struct world *w = *state;

	at_assume_command(w->at);
	submit(w, 0, resume);
	assert_wire(w, "AT+O\r");
	modem_says(w, "news of the day\r\n\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG);
	submit(w, 1, plain);
	pass(w, 2000);
	assert_done(w, 1, -EAGAIN);
	assert_wire(w, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(nothing_is_written_or_given_in_doubt),
		BOTH(it_was_data_mode),
		BOTH(it_was_not),
		BOTH(a_late_one_leaves_the_mode_unknown),
		BOTH(an_ok_behind_strange_lines_is_not_believed),
	};

	return cmocka_run_group_tests_name("at-doubt", tests, NULL, NULL);
}
