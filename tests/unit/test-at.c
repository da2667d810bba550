/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command mode: what is written when, which line belongs to whom, and how a step ends.
 */
#include "at-world.h"

#include <stdio.h>

#include "base/str.h"

/* ---- parsers and steps of these tests; op is no struct of a driver's, so they write here ---- */

static struct {
	long number;
	unsigned answers, others, refusals;
	char text[512];
} got;

static int
take_number(struct at_line *l, void *op)
{
	(void)op;
	got.answers++;
	got.number = at_line_int(l);
	return at_line_check(l);
}

static int
take_pair(struct at_line *l, void *op)
{
	if (at_line_fields(l) < 2)
		return AT_NOT_MINE;
	at_line_int(l);
	return take_number(l, op);
}

static int
take_done(struct at_line *l, void *op)
{
	int r = take_number(l, op);

	return r < 0 ? r : AT_DONE;
}

static int
take_line(struct at_line *l, void *op)
{
	(void)op;
	got.others++;
	str_add(got.text, sizeof(got.text), "%s|", l->text);
	return AT_OK;
}

static void
sink(void *op, const void *bytes, size_t len)
{
	(void)op;
	str_add(got.text, sizeof(got.text), "%.*s", (int)len, (const char *)bytes);
}

static int
take_counted(struct at_line *l, void *op)
{
	(void)op;
	got.answers++;
	at_line_payload(l, at_line_int(l));
	return at_line_check(l);
}

static int
take_counted_done(struct at_line *l, void *op)
{
	int r = take_counted(l, op);

	return r < 0 ? r : AT_DONE;
}

static int
take_until(struct at_line *l, void *op)
{
	(void)op;
	got.answers++;
	at_line_until(l, "\r\nEOF\r\n");
	return AT_OK;
}

static int
forgive(const struct at_error *e, void *op)
{
	(void)op;
	got.refusals++;
	got.number = e->code;
	str_add(got.text, sizeof(got.text), "%d:%s|", (int)e->kind, e->text);
	return 0;
}

static int
own_errno(const struct at_error *e, void *op)
{
	(void)e;
	(void)op;
	return -EPERM;
}

static void
nothing(struct at_cmd *c, const void *op)
{
	(void)c;
	(void)op;
}

static void
injecting(struct at_cmd *c, const void *op)
{
	(void)op;
	at_cmd_text(c, "AT=");
	at_cmd_str(c, "a\rATD112\r");
}

static void
too_long(struct at_cmd *c, const void *op)
{
	(void)op;
	at_cmd_text(c, "AT=");
	at_cmd_str(c, "eighty bytes are the limit of this module, and with the AT and the quotes this is more");
}

static const struct at_step plain[] = { { .cmd = "AT+A" }, { 0 } };
static const struct at_step two[] = { { .cmd = "AT+A" }, { .cmd = "AT+B" }, { 0 } };
static const struct at_step ask[] = { { .cmd = "AT+CSQ", .answer = "+CSQ:", .parse = take_number }, { 0 } };
static const struct at_step same[] = { { .cmd = "AT+CREG?", .answer = "+CREG:", .parse = take_pair }, { 0 } };
static const struct at_step bare[] = { { .cmd = "AT+CGMM", .other = take_line }, { 0 } };
static const struct at_step later[] = { { .cmd = "AT+OPEN", .answer = "+OPEN:", .parse = take_number, .flags = AT_LATER }, { 0 } };
static const struct at_step counted[] = {
	{ .cmd = "AT+RX", .answer = "+RX:", .parse = take_counted, .sink = sink }, { .cmd = "AT+NEXT" }, { 0 }
};

static int
fresh(void **state)
{
	memset(&got, 0, sizeof(got));
	return world_setup(state);
}

static int
fresh_bytewise(void **state)
{
	memset(&got, 0, sizeof(got));
	return world_setup_bytewise(state);
}

/* ---- jobs ---- */

static void
one_job_at_a_time_in_order(void **state)
{
	struct world *w = *state;

	submit(w, 0, two);
	submit(w, 1, plain);
	submit(w, 2, plain);
	at_cancel(w->at, &w->op[1]);
	assert_wire(w, "AT+A\r");
	assert_false(at_idle(w->at));
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+B\r");
	assert_pending(w, 0);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_done(w, 1, -ECANCELED);
	assert_wire(w, "AT+A\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 2, 0);
	assert_true(at_idle(w->at));
	assert_noise(w, "");
}

static void
an_empty_builder_skips_and_scripts_nest(void **state)
{
	static const struct at_step inner[] = { { .cmd = "AT+I" }, { .build = nothing }, { 0 } };
	static const struct at_step outer[] = {
		{ .build = nothing }, { .script = inner }, { .cmd = "AT+O" }, { .script = inner }, { 0 }
	};
	static const struct at_step none[] = { { .build = nothing }, { 0 } };
	struct world *w = *state;

	submit(w, 0, outer);
	assert_wire(w, "AT+I\r");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+O\r");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+I\r");
	assert_pending(w, 0);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
	submit(w, 1, none);
	assert_done(w, 1, 0);
	assert_wire(w, "");
}

static void
done_may_come_from_cancel_reset_and_free_only_once(void **state)
{
	struct world *w = *state;

	submit(w, 0, plain);
	submit(w, 1, plain);
	at_cancel(w->at, &w->op[0]);
	at_cancel(w->at, &w->op[0]);
	pass(w, 0);
	assert_pending(w, 0); /* its command is on the wire: the answer must not meet the next one */
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, -ECANCELED);
	submit(w, 2, plain);
	at_reset(w->at);
	at_cancel(w->at, &w->op[1]);
	at_assume_command(w->at);
	assert_pending(w, 1);
	submit(w, 3, plain);
	assert_done(w, 1, -ECANCELED);
	assert_done(w, 2, -ECANCELED);
	assert_wire(w, "AT+A\rAT+A\rAT+A\r");
	submit(w, 4, plain); /* teardown frees: 3 and 4 end there, once */
}

static void
a_cancelled_job_does_not_begin_its_command(void **state)
{
	struct world *w = *state;

	w->rules.gap_ms = 50;
	at_set_rules(w->at, &w->rules);
	submit(w, 0, two);
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+A\r");
	at_cancel(w->at, &w->op[0]);
	pass(w, 1000);
	assert_done(w, 0, -ECANCELED);
	assert_wire(w, "");
}

static void
silence_between_commands(void **state)
{
	struct world *w = *state;

	w->rules.gap_ms = 20;
	at_set_rules(w->at, &w->rules);
	submit(w, 0, two);
	submit(w, 1, plain);
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+A\r");
	pass(w, 20); /* the clock shows whole milliseconds: 20 may be 19 and a bit */
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, "AT+B\r");
	modem_says(w, "\r\nERROR\r\n");
	assert_done(w, 0, -EREMOTEIO);
	pass(w, 20); /* the clock shows whole milliseconds: 20 may be 19 and a bit */
	assert_wire(w, "");
	pass(w, 1);
	assert_wire(w, "AT+A\r");
}

static void
what_a_command_may_not_carry_is_not_sent(void **state)
{
	static const struct at_step inject[] = { { .build = injecting }, { 0 } };
	static const struct at_step secret[] = { { .build = injecting, .flags = AT_SECRET }, { 0 } };
	static const struct at_step full[] = { { .build = too_long }, { 0 } };
	struct world *w = *state;

	submit(w, 0, inject);
	assert_done(w, 0, -EINVAL);
	assert_non_null(strstr(at_problem(w->at), "ATD112"));
	submit(w, 1, secret);
	assert_done(w, 1, -EINVAL);
	assert_null(strstr(at_problem(w->at), "ATD112"));
	submit(w, 2, full);
	assert_done(w, 2, -EMSGSIZE);
	assert_non_null(strstr(at_problem(w->at), "eighty bytes"));
	assert_wire(w, "");
}

static void
a_wire_that_takes_little_at_a_time(void **state)
{
	struct world *w = *state;

	w->room = 3;
	submit(w, 0, plain);
	assert_wire(w, "AT+");
	w->room = 100;
	at_writable(w->at);
	assert_wire(w, "A\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

/* ---- results ---- */

static void
an_answer_by_its_named_prefix(void **state)
{
	struct world *w = *state;

	submit(w, 0, ask);
	modem_says(w, "\r\n+CSQ: 21,99\r\n");
	assert_int_equal(got.number, 21);
	assert_pending(w, 0);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
ok_without_the_answer_is_none(void **state)
{
	static const struct at_step maybe[] = { { .cmd = "AT+X", .answer = "+X:", .flags = AT_MAYBE }, { 0 } };
	struct world *w = *state;

	submit(w, 0, ask);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG);
	submit(w, 1, maybe);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
}

static void
a_wrong_answer_ends_the_script_and_its_rest_is_lost(void **state)
{
	struct world *w = *state;

	submit(w, 0, ask);
	submit(w, 1, plain);
	assert_wire(w, "AT+CSQ\r");
	modem_says(w, "\r\n+CSQ: x\r\n");
	assert_done(w, 0, -EBADMSG);
	assert_non_null(strstr(at_problem(w->at), "+CSQ: x"));
	modem_says(w, "\r\nOK\r\n"); /* of the one given up */
	pass(w, 500);
	assert_pending(w, 1);
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+A\r");
}

static void
errors_in_all_their_forms(void **state)
{
	static const struct at_step fine[] = { { .cmd = "AT+E", .refused = forgive }, { 0 } };
	static const struct {
		const char *line, *text;
		long code;
	} forms[] = {
		{ "ERROR", "0:ERROR|", -1 },
		{ "+CME ERROR: 839", "1:839|", 839 },
		{ "+CME ERROR:839", "1:839|", 839 },
		{ "+CME ERROR: SSL error during handshake", "1:SSL error during handshake|", -1 },
		{ "+CMS ERROR: 500", "2:500|", 500 },
		{ "+CME ERROR: 8390000000", "1:8390000000|", -1 },
		{ "+CME ERROR:", "1:|", -1 },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char text[100];

		memset(&got, 0, sizeof(got));
		w->done[0] = 0;
		submit(w, 0, fine);
		snprintf(text, sizeof(text), "\r\n%s\r\n", forms[i].line);
		modem_says(w, text);
		assert_done(w, 0, 0);
		assert_string_equal(got.text, forms[i].text);
		assert_int_equal(got.number, forms[i].code);
	}
}

static void
a_refusal_optional_or_of_its_own_errno(void **state)
{
	static const struct at_step steps[] = { { .cmd = "AT+O", .flags = AT_OPTIONAL }, { .cmd = "AT+E", .refused = own_errno }, { 0 } };
	struct world *w = *state;

	submit(w, 0, steps);
	modem_says(w, "\r\nERROR\r\n");
	modem_says(w, "\r\n+CME ERROR: 3\r\n");
	assert_done(w, 0, -EPERM);
	submit(w, 1, plain);
	modem_says(w, "\r\n+CME ERROR: no\x1b[31m\r\n");
	assert_done(w, 1, -EREMOTEIO);
	assert_string_equal(at_error(w->at)->text, "no\\x1b[31m"); /* fit for a log */
	assert_string_equal(at_problem(w->at), "AT+A: no\\x1b[31m");
}

static void
words_of_one_command(void **state)
{
	static const struct at_word words[] = {
		{ "SHUT OK", AT_OK, false }, { "CONNECT FAIL", -ECONNREFUSED, false }, { "DATA ACCEPT:", AT_OK, false },
		{ "OK", AT_IGNORE, false }, { 0 }
	};
	static const struct at_step steps[] = { { .cmd = "AT+CIP", .words = words }, { 0 } };
	struct world *w = *state;

	submit(w, 0, steps);
	modem_says(w, "\r\nOK\r\n\r\nSHUT OKAY\r\n");
	assert_pending(w, 0);
	modem_says(w, "\r\nSHUT OK\r\n");
	assert_done(w, 0, 0);
	submit(w, 1, steps);
	modem_says(w, "\r\nDATA ACCEPT:1,5\r\n");
	assert_done(w, 1, 0);
	submit(w, 2, steps);
	modem_says(w, "\r\nCONNECT FAIL\r\n");
	assert_done(w, 2, -ECONNREFUSED);
	assert_string_equal(at_error(w->at)->text, "CONNECT FAIL");
	submit(w, 3, plain); /* not this command's words */
	modem_says(w, "\r\nSHUT OK\r\n");
	assert_pending(w, 3);
	assert_noise(w, "SHUT OKAY\nSHUT OK\n");
}

static void
a_word_that_is_final_only_without_the_answer(void **state)
{
	static const struct at_word words[] = { { "NO CARRIER", -ENOTCONN, true }, { 0 } };
	static const struct at_step steps[] = { { .cmd = "AT+RX", .answer = "+RX:", .parse = take_number, .words = words }, { 0 } };
	struct world *w = *state;

	submit(w, 0, steps);
	modem_says(w, "\r\nNO CARRIER\r\n");
	assert_done(w, 0, -ENOTCONN);
	assert_events(w, "");
	submit(w, 1, steps);
	modem_says(w, "\r\n+RX: 9\r\n\r\nNO CARRIER\r\n");
	assert_pending(w, 1);
	assert_events(w, "closed -1 0 0\n");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
}

static void
the_answer_may_follow_the_result_or_come_first(void **state)
{
	struct world *w = *state;

	submit(w, 0, later);
	modem_says(w, "\r\nOK\r\n");
	assert_pending(w, 0);
	modem_says(w, "\r\n+OPEN: 1\r\n");
	assert_done(w, 0, 0);
	submit(w, 1, later);
	modem_says(w, "\r\n+OPEN: 2\r\n");
	assert_pending(w, 1);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
	submit(w, 2, later);
	modem_says(w, "\r\nOK\r\n\r\nERROR\r\n");
	assert_done(w, 2, -EREMOTEIO);
	submit(w, 3, later);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 3000);
	assert_done(w, 3, -ETIMEDOUT);
	assert_string_equal(at_problem(w->at), "AT+OPEN: no answer after OK");
}

static void
commands_without_a_final_result(void **state)
{
	static const struct at_step steps[] = {
		{ .cmd = "AT+D", .answer = "+D:", .parse = take_done }, { .cmd = "AT+N", .flags = AT_NO_FINAL }, { .cmd = "AT+Z" }, { 0 }
	};
	struct world *w = *state;

	submit(w, 0, steps);
	modem_says(w, "\r\n+D: 5\r\n");
	assert_int_equal(got.number, 5);
	assert_wire(w, "AT+D\rAT+N\rAT+Z\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
bare_answers_and_bodies(void **state)
{
	struct world *w = *state;

	submit(w, 0, bare);
	modem_says(w, "\r\nGE910\r\nsecond\r\n\r\n+CREG: 1\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_string_equal(got.text, "GE910|second|");
	assert_events(w, "registration -1 0 1\n");
	assert_noise(w, "");
}

/* ---- payload of the module ---- */

static void
payload_by_count_is_not_looked_into(void **state)
{
	struct world *w = *state;

	submit(w, 0, counted);
	modem_says(w, "\r\n+RX: 32\r\n\r\nOK\r\n\r\nNO CARRIER\r\n+CME ERROR");
	assert_pending(w, 0);
	assert_wire(w, "AT+RX\r");
	assert_string_equal(got.text, "\r\nOK\r\n\r\nNO CARRIER\r\n+CME ERROR");
	modem_says(w, "\r\n\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	assert_events(w, "");
	assert_noise(w, "");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
payload_of_nothing(void **state)
{
	struct world *w = *state;

	submit(w, 0, counted);
	modem_says(w, "\r\n+RX: 0\r\n\r\nOK\r\n");
	assert_wire(w, "AT+RX\rAT+NEXT\r");
	assert_string_equal(got.text, "");
}

static void
payload_up_to_a_pattern(void **state)
{
	static const struct at_step steps[] = { { .cmd = "AT+RD", .answer = "CONNECT", .parse = take_until, .sink = sink }, { 0 } };
	struct world *w = *state;

	submit(w, 0, steps);
	modem_says(w, "\r\nCONNECT\r\nline\r\nOK\r\n\r\nEO\r\r\nEOF\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_string_equal(got.text, "line\r\nOK\r\n\r\nEO\r");
	assert_noise(w, "");
}

/* The blocks of a module that says OK first, and of one that says no OK at all. */
static void
a_step_ends_behind_its_payload(void **state)
{
	static const struct at_step ok_first[] = {
		{ .cmd = "AT+RX", .answer = "+RX:", .parse = take_counted, .sink = sink, .flags = AT_LATER }, { .cmd = "AT+NEXT" }, { 0 }
	};
	static const struct at_step no_ok[] = {
		{ .cmd = "AT+RX", .answer = "+RX:", .parse = take_counted_done, .sink = sink }, { .cmd = "AT+NEXT" }, { 0 }
	};
	struct world *w = *state;

	submit(w, 0, ok_first);
	modem_says(w, "\r\nOK\r\n\r\n+RX: 5\r\nab");
	assert_wire(w, "AT+RX\r");
	modem_says(w, "cde");
	assert_string_equal(got.text, "abcde");
	assert_wire(w, "AT+NEXT\r");
	modem_says(w, "\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	submit(w, 1, no_ok);
	modem_says(w, "\r\n+RX: 2\r\nx");
	assert_wire(w, "AT+RX\r");
	modem_says(w, "y\r\n");
	assert_string_equal(got.text, "abcdexy");
	assert_wire(w, "AT+NEXT\r");
}

/* ---- unsolicited lines, noise ---- */

static void
urcs_between_a_command_and_its_answer(void **state)
{
	struct world *w = *state;

	modem_says(w, "\r\nSSLSRING: 1,23\r\n");
	submit(w, 0, ask);
	modem_says(w, "\r\nSSLSRING: 1,99\r\n\r\n+CSQ: 5\r\n\r\n+CREG: 2\r\n\r\nOK\r\n\r\nNO CARRIER\r\n");
	assert_done(w, 0, 0);
	assert_int_equal(got.number, 5);
	assert_events(w, "readable 1 23 0\nreadable 1 99 0\nregistration -1 0 2\nclosed -1 0 0\n");
}

static void
a_urc_with_the_prefix_of_the_answer(void **state)
{
	struct world *w = *state;

	submit(w, 0, same);
	modem_says(w, "\r\n+CREG: 2\r\n\r\n+CREG: 0,5\r\n\r\n+CREG: 1\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_int_equal(got.number, 5);
	assert_int_equal(got.answers, 1);
	assert_events(w, "registration -1 0 2\nregistration -1 0 1\n");
}

static void
a_urc_with_lines_of_its_own(void **state)
{
	struct world *w = *state;

	submit(w, 0, ask);
	modem_says(w, "\r\n+LONG: head\r\nOK\r\n+CSQ: 1\r\n\r\n+CSQ: 7\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_int_equal(got.number, 7);
	assert_events(w, "pdp-lost -1 4 0\npdp-lost -1 2 0\npdp-lost -1 7 0\n");
}

static void
stray_answers_complete_nothing(void **state)
{
	struct world *w = *state;

	modem_says(w, "\r\nOK\r\n\r\n+CSQ: 3\r\n\r\nERROR\r\n");
	submit(w, 0, ask);
	modem_says(w, "\r\n+COPS: 1\r\n\r\n+CSQ\r\n\r\nO\r\n\r\nOKAY\r\n\r\n ERROR\r\n");
	assert_pending(w, 0);
	assert_int_equal(got.answers, 0);
	assert_noise(w, "+CSQ: 3\n+COPS: 1\n+CSQ\nO\nOKAY\n ERROR\n");
}

static void
garbage_and_endless_lines(void **state)
{
	static const char garbage[] = "\xff\xfe\0\x80\x01\r\r\n\0\0O\0K\r\n";
	struct world *w = *state;
	char row[100];
	int i;

	submit(w, 0, plain);
	memset(row, 'x', sizeof(row));
	for (i = 0; i < 50; i++)
		modem_says_bytes(w, row, sizeof(row));
	modem_says(w, "OK\r\n");
	assert_pending(w, 0);
	assert_noise(w, "(a line longer than any command gives)\n");
	modem_says_bytes(w, garbage, sizeof(garbage) - 1); /* a break is no byte of a line */
	assert_done(w, 0, 0);
}

/* ---- echo ---- */

static void
echo_on_off_and_stuck(void **state)
{
	struct world *w = *state;

	submit(w, 1, two); /* stuck */
	modem_says(w, "AT+A\r\r\n+CREG: 1\r\n\r\nOK\r\nAT+B\r\r\nOK\r\n");
	assert_done(w, 1, 0);
	assert_noise(w, "");
	assert_events(w, "registration -1 0 1\n");
	submit(w, 0, two); /* goes off */
	modem_says(w, "AT+A\r\r\nOK\r\n");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_events(w, "");
}

static void
an_echo_that_comes_back_tells_of_a_new_start(void **state)
{
	struct world *w = *state;

	submit(w, 0, two);
	modem_says(w, "\r\nOK\r\n");
	modem_says(w, "AT+B\r");
	assert_events(w, "rebooted -1 0 0\n");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
an_echo_is_taken_once(void **state)
{
	struct world *w = *state;

	submit(w, 0, bare);
	modem_says(w, "AT+CGMM\r\r\nAT+CGMM\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_string_equal(got.text, "AT+CGMM|");
}

#define BOTH_FRESH(f)                                                             \
	{ #f, f, fresh, world_teardown, NULL },                                   \
	{                                                                         \
		#f ", byte by byte", f, fresh_bytewise, world_teardown, NULL      \
	}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH_FRESH(one_job_at_a_time_in_order),
		BOTH_FRESH(an_empty_builder_skips_and_scripts_nest),
		BOTH_FRESH(done_may_come_from_cancel_reset_and_free_only_once),
		BOTH_FRESH(a_cancelled_job_does_not_begin_its_command),
		BOTH_FRESH(silence_between_commands),
		BOTH_FRESH(what_a_command_may_not_carry_is_not_sent),
		BOTH_FRESH(a_wire_that_takes_little_at_a_time),
		BOTH_FRESH(an_answer_by_its_named_prefix),
		BOTH_FRESH(ok_without_the_answer_is_none),
		BOTH_FRESH(a_wrong_answer_ends_the_script_and_its_rest_is_lost),
		BOTH_FRESH(errors_in_all_their_forms),
		BOTH_FRESH(a_refusal_optional_or_of_its_own_errno),
		BOTH_FRESH(words_of_one_command),
		BOTH_FRESH(a_word_that_is_final_only_without_the_answer),
		BOTH_FRESH(the_answer_may_follow_the_result_or_come_first),
		BOTH_FRESH(commands_without_a_final_result),
		BOTH_FRESH(bare_answers_and_bodies),
		BOTH_FRESH(payload_by_count_is_not_looked_into),
		BOTH_FRESH(payload_of_nothing),
		BOTH_FRESH(payload_up_to_a_pattern),
		BOTH_FRESH(a_step_ends_behind_its_payload),
		BOTH_FRESH(urcs_between_a_command_and_its_answer),
		BOTH_FRESH(a_urc_with_the_prefix_of_the_answer),
		BOTH_FRESH(a_urc_with_lines_of_its_own),
		BOTH_FRESH(stray_answers_complete_nothing),
		BOTH_FRESH(garbage_and_endless_lines),
		BOTH_FRESH(echo_on_off_and_stuck),
		BOTH_FRESH(an_echo_is_taken_once),
		BOTH_FRESH(an_echo_that_comes_back_tells_of_a_new_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
