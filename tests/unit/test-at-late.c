/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts and what goes behind them; time limits; getting back in step; secrets.
 */
#include "at-world.h"

#include "base/str.h"

/* ---- steps of these tests ---- */

static struct at_payload app_payload;

static void
give_payload(struct at_payload *p, void *op)
{
	(void)op;
	*p = app_payload;
}

static int
grant(struct at_line *l, void *op)
{
	(void)op;
	at_line_int(l);
	return at_line_int(l) > 0 ? AT_PAYLOAD : AT_OK;
}

static const struct at_word connect_prompt[] = { { "CONNECT", AT_PAYLOAD, false }, { "DOWNLOAD", AT_PAYLOAD, false }, { 0 } };
static const struct at_word send_ok[] = { { "SEND OK", AT_OK, false }, { 0 } };
static const struct at_word connect_data[] = { { "CONNECT", AT_CONNECT, false }, { 0 } };

static const struct at_step send_usual[] = { { .cmd = "AT+S", .payload = give_payload }, { .cmd = "AT+NEXT" }, { 0 } };
static const struct at_step send_tight[] = { { .cmd = "AT+S", .prompt = ">", .payload = give_payload, .words = send_ok }, { 0 } };
static const struct at_step send_at[] = { { .cmd = "AT+S", .prompt = "@", .payload = give_payload }, { 0 } };
static const struct at_step send_line[] = { { .cmd = "AT+S", .words = connect_prompt, .payload = give_payload }, { 0 } };
static const struct at_step send_grant[] = {
	{ .cmd = "AT^SISW", .answer = "^SISW:", .parse = grant, .payload = give_payload }, { 0 }
};
static const struct at_step send_none[] = { { .cmd = "AT+S", .prompt = "", .payload = give_payload }, { 0 } };
static const struct at_step send_secret[] = { { .cmd = "AT+KEY=1", .payload = give_payload, .flags = AT_SECRET }, { 0 } };

static const struct at_step first[] = { { .cmd = "AT+FIRST", .timeout_ms = 1000 }, { 0 } };
static const struct at_step second[] = { { .cmd = "AT+SECOND", .timeout_ms = 1000 }, { 0 } };
static const struct at_step patient[] = { { .cmd = "AT+SLOW", .timeout_ms = 1000, .flags = AT_PATIENT }, { 0 } };
static const struct at_step dial[] = { { .cmd = "ATD", .words = connect_data, .timeout_ms = 1000, .flags = AT_PATIENT }, { 0 } };

static const struct at_step foreign[] = {
	{ .cmd = "AT+ANY", .words = connect_data, .timeout_ms = 1000, .flags = AT_FOREIGN | AT_MAYBE | AT_PATIENT },
	{ .flags = AT_ESCAPE | AT_OPTIONAL },
	{ 0 }
};

static void
pin(struct at_cmd *c, const void *op)
{
	(void)op;
	at_cmd_text(c, "AT+CPIN=");
	at_cmd_str(c, "4711");
}

static const struct at_step unlock[] = { { .build = pin, .flags = AT_SECRET }, { 0 } };

static void
app(const char *text)
{
	app_payload = (struct at_payload){ .bytes = text, .len = strlen(text) };
}

static struct {
	char text[200];
	size_t len;
} sunk;

static void
sink(void *op, const void *bytes, size_t len)
{
	(void)op;
	assert_true(sunk.len + len < sizeof(sunk.text));
	memcpy(sunk.text + sunk.len, bytes, len);
	sunk.len += len;
}

static int
take_counted(struct at_line *l, void *op)
{
	long n = at_line_int(l);

	(void)op;
	if (n > 100)
		return -EBADMSG;
	at_line_payload(l, n);
	return at_line_check(l);
}

static const struct at_step receive[] = {
	{ .cmd = "AT+RX", .answer = "+RX:", .parse = take_counted, .sink = sink, .timeout_ms = 1000 }, { 0 }
};

/* ---- prompts ---- */

static void
the_usual_prompt_is_no_line(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_usual);
	modem_says(w, "\r\n>");
	assert_wire(w, "AT+S\r");
	modem_says(w, " ");
	assert_wire(w, "hello");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	assert_noise(w, "");
}

static void
prompts_of_other_forms(void **state)
{
	static const struct {
		const struct at_step *script;
		const char *prompt;
	} forms[] = {
		{ send_tight, "\r\n>" }, { send_at, "\r\n@" }, { send_line, "\r\nCONNECT\r\n" }, { send_line, "\r\nDOWNLOAD\r\n" },
		{ send_grant, "\r\n^SISW: 1,5,0\r\n" },
	};
	struct world *w = *state;
	size_t i;

	app("hello");
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		w->done[0] = 0;
		w->result[0] = PENDING;
		submit(w, 0, forms[i].script);
		wire(w);
		modem_says(w, "\r\n+CREG: 1\r\n");
		modem_says(w, forms[i].prompt);
		assert_wire(w, "hello");
		assert_pending(w, 0);
		modem_says(w, forms[i].script == send_tight ? "\r\nSEND OK\r\n" : "\r\nOK\r\n");
		assert_done(w, 0, 0);
	}
	assert_noise(w, "");
}

static void
a_grant_of_nothing_is_no_prompt(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_grant);
	modem_says(w, "\r\n^SISW: 1,0,0\r\n\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG); /* "no prompt" */
	assert_wire(w, "AT^SISW\r");
}

static void
payload_without_a_prompt(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_none);
	assert_wire(w, "AT+S\rhello");
	modem_says(w, "AT+S\rhello\r\nOK\r\n"); /* echo is on */
	assert_done(w, 0, 0);
	assert_noise(w, "");
}

static void
a_terminator_stands_behind_the_payload(void **state)
{
	struct world *w = *state;

	app_payload = (struct at_payload){ .bytes = "a\0b", .len = 3, .end = "\x1a" };
	submit(w, 0, send_usual);
	modem_says(w, "\r\n> ");
	assert_int_equal(w->out.len, 9);
	assert_memory_equal(buf_bytes(&w->out), "AT+S\ra\0b\x1a", 9);
}

static void
the_payload_waits_its_gap(void **state)
{
	struct world *w = *state;

	w->rules.prompt_gap_ms = 30;
	at_set_rules(w->at, &w->rules);
	app("hello");
	submit(w, 0, send_usual);
	modem_says(w, "\r\n> ");
	pass(w, 29);
	assert_wire(w, "AT+S\r");
	pass(w, 1);
	assert_wire(w, "hello");
}

static void
a_payload_is_given_once(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_usual);
	modem_says(w, "\r\n> ");
	modem_says(w, "\r\n> ");
	assert_wire(w, "AT+S\rhello");
	submit(w, 1, send_line);
	pass(w, 40000); /* AT+S gives up, then AT is asked for */
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	wire(w);
	modem_says(w, "\r\nCONNECT\r\n\r\nCONNECT\r\n");
	assert_wire(w, "hello");
}

static void
ok_or_error_in_place_of_the_prompt(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_usual);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG);
	submit(w, 1, send_usual);
	modem_says(w, "\r\n+CME ERROR: 833\r\n");
	assert_done(w, 1, -EREMOTEIO);
	assert_wire(w, "AT+S\rAT+S\r");
}

/* ---- echo of the payload ---- */

static void
the_echo_of_a_payload_is_not_an_answer(void **state)
{
	struct world *w = *state;

	app("x\r\nOK\r\n\r\nNO CARRIER\r\n> y");
	submit(w, 0, send_usual);
	modem_says(w, "AT+S\r\r\n> ");
	assert_wire(w, "AT+S\rx\r\nOK\r\n\r\nNO CARRIER\r\n> y");
	modem_says(w, "x\r\nOK\r\n\r\nNO CARRIER\r\n> y");
	assert_pending(w, 0);
	assert_wire(w, "");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	assert_events(w, "");
}

/* The first command turned the echo off; the payload has the very bytes of the answer. */
static void
an_answer_is_not_taken_for_an_echo_that_is_off(void **state)
{
	struct world *w = *state;

	app("\r\nOK\r\n");
	submit(w, 0, first);
	modem_says(w, "AT+FIRST\r\r\nOK\r\n");
	assert_done(w, 0, 0);
	submit(w, 1, send_usual);
	modem_says(w, "\r\n> ");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+FIRST\rAT+S\r\r\nOK\r\nAT+NEXT\r");
}

/* ---- time limits ---- */

static void
late_answer_is_not_given_to_the_next_command(void **state)
{
	struct world *w = *state;

	submit(w, 0, first);
	submit(w, 1, second);
	assert_wire(w, "AT+FIRST\r");
	clock_at(w, 999);
	assert_pending(w, 0);
	clock_at(w, 1001);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "AT\r"); /* asks for silence */
	modem_says(w, "\r\n+FIRST: 1\r\n\r\nOK\r\n"); /* FIRST, at last */
	clock_at(w, 1200);
	modem_says(w, "\r\nOK\r\n"); /* AT */
	clock_at(w, 1449);
	assert_wire(w, "");
	clock_at(w, 1500); /* quiet: in step again */
	assert_wire(w, "AT+SECOND\r");
	assert_pending(w, 1);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
}

/* ---- payload whose count is late, lost or wrong ---- */

#define SERVERS_OWN "\r\nSSLSRING: 3,1\r\n^SYSSTART\r\n+CREG: 1\r\n"

/* Promise P1: no server byte is ever taken as an answer, or as news, of another socket perhaps. */
static void
late_payload_holds_no_news(void **state)
{
	struct world *w = *state;

	submit(w, 0, receive);
	submit(w, 1, second);
	clock_at(w, 1001);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "AT+RX\rAT\r");
	modem_says(w, "\r\n+RX: 40\r\n" SERVERS_OWN "\r\nOK\r\n");
	clock_at(w, 1100);
	modem_says(w, SERVERS_OWN "\r\nOK\r\n");
	assert_events(w, "");
	pass(w, 300);
	assert_wire(w, "AT+SECOND\r");
	modem_says(w, "\r\n+CREG: 5\r\n\r\nOK\r\n");
	assert_done(w, 1, 0);
	assert_string_not_equal(events(w), "");
}

static void
payload_behind_a_count_that_cannot_be_holds_no_news(void **state)
{
	struct world *w = *state;

	submit(w, 0, receive);
	submit(w, 1, second);
	modem_says(w, "\r\n+RX: 101\r\n" SERVERS_OWN "\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG);
	assert_events(w, "");
}

static void
payload_without_its_count_holds_no_news_and_no_result(void **state)
{
	static const char *const results[] = { "OK", "ERROR" };
	struct world *w = *state;
	unsigned i;

	for (i = 0; i < 2; i++) {
		submit(w, i, receive);
		assert_wire(w, "AT+RX\r");
		modem_says(w, "\r\n+R\x7f: 55\r\n" SERVERS_OWN "\r\n");
		modem_says(w, results[i]);
		modem_says(w, "\r\n" SERVERS_OWN);
		assert_done(w, i, -EBADMSG);
		assert_events(w, "");
		pass(w, 1000);
		assert_wire(w, "AT\r"); /* asks for silence */
		modem_says(w, "\r\nOK\r\n");
		pass(w, 300);
	}
}

static void
payload_longer_than_its_count_ends_the_step(void **state)
{
	struct world *w = *state;

	sunk.len = 0;
	submit(w, 0, receive);
	modem_says(w, "\r\n+RX: 5\r\n0123456789" SERVERS_OWN "\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG);
	assert_int_equal(sunk.len, 5);
	assert_events(w, "");
}

/* What nobody knows may be news all the same. */
static void
a_strange_line_before_the_count_costs_nothing(void **state)
{
	struct world *w = *state;

	sunk.len = 0;
	submit(w, 0, receive);
	modem_says(w, "\r\n+CUSD: 0\r\n\r\n+RX: 5\r\n01234\r\n+CREG: 5\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_int_equal(sunk.len, 5);
	assert_string_not_equal(events(w), "");
	submit(w, 1, receive);
	modem_says(w, "\r\n+CUSD: 0\r\n\r\n+RX: 0\r\n\r\nOK\r\n");
	assert_done(w, 1, 0);
}

static void
each_step_has_its_own_limit(void **state)
{
	static const struct at_step steps[] = { { .cmd = "AT+A", .timeout_ms = 1000 }, { .cmd = "AT+B" }, { 0 } };
	struct world *w = *state;

	submit(w, 0, steps);
	clock_at(w, 900);
	modem_says(w, "\r\nOK\r\n");
	clock_at(w, 3899);
	assert_pending(w, 0);
	clock_at(w, 3900);
	assert_done(w, 0, -ETIMEDOUT);
	assert_string_equal(at_problem(w->at), "AT+B: no answer");
}

static void
a_module_that_never_answers_is_counted(void **state)
{
	struct world *w = *state;

	submit(w, 0, first);
	submit(w, 1, second);
	clock_at(w, 1000);
	assert_int_equal(w->silent, 1);
	clock_at(w, 2001);
	assert_int_equal(w->silent, 2);
	clock_at(w, 3001);
	assert_int_equal(w->silent, 3);
	assert_wire(w, "AT+FIRST\rAT\rAT\rAT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+SECOND\r");
	pass(w, 1000);
	assert_int_equal(w->silent, 1); /* it was heard meanwhile */
}

static void
the_patient_wait_before_they_write(void **state)
{
	struct world *w = *state;

	submit(w, 0, patient);
	submit(w, 1, second);
	clock_at(w, 1000);
	assert_done(w, 0, -ETIMEDOUT);
	clock_at(w, 20000);
	assert_wire(w, "AT+SLOW\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 10);
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+SECOND\r");
}

static void
a_late_prompt_still_gets_its_payload(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_usual);
	submit(w, 1, second);
	clock_at(w, 3000);
	assert_done(w, 0, -ETIMEDOUT);
	app("other"); /* the op may be gone: what was to be sent then is sent */
	clock_at(w, 9000);
	assert_wire(w, "AT+S\r");
	modem_says(w, "\r\n> ");
	assert_wire(w, "hello");
	modem_says(w, "\r\n> ");
	assert_wire(w, "");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 2);
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+SECOND\r");
}

/* The limit runs out between the prompt and the payload: the module waits for bytes, and then it has its own time. */
static void
a_prompt_at_the_last_moment_gets_its_payload(void **state)
{
	struct world *w = *state;

	w->rules.prompt_gap_ms = 50;
	at_set_rules(w->at, &w->rules);
	app("hello");
	submit(w, 0, send_usual);
	clock_at(w, 2980);
	modem_says(w, "\r\n> ");
	clock_at(w, 3100);
	assert_wire(w, "AT+S\rhello");
	clock_at(w, 6020);
	assert_pending(w, 0);
	clock_at(w, 6050);
	assert_done(w, 0, -ETIMEDOUT);
}

/* A payload may take its time; that there is no prompt is known sooner. */
static void
a_prompt_has_a_limit_of_its_own(void **state)
{
	static const struct at_step send_slowly[] = { { .cmd = "AT+S", .payload = give_payload, .timeout_ms = 60000 }, { 0 } };
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_slowly);
	clock_at(w, AT_PROMPT_MS - 10);
	assert_pending(w, 0);
	clock_at(w, AT_PROMPT_MS + 10);
	assert_done(w, 0, -ETIMEDOUT);
}

static void
an_unfinished_payload_is_finished_before_anything_else(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_usual);
	submit(w, 1, second);
	w->room = 2;
	modem_says(w, "\r\n> ");
	assert_wire(w, "AT+S\rhe");
	pass(w, 60000);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "");
	w->room = 1000;
	at_writable(w->at);
	assert_wire(w, "llo");
	pass(w, 1000);
	assert_wire(w, "AT\r");
}

static void
a_cancelled_send_still_gives_its_payload(void **state)
{
	struct world *w = *state;

	app("hello");
	submit(w, 0, send_usual);
	at_cancel(w->at, &w->op[0]);
	modem_says(w, "\r\n> ");
	assert_wire(w, "AT+S\rhello");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, -ECANCELED);
}

/* A dial that was given up may have opened data mode: "AT" would reach the peer. */
static void
a_late_connect_is_no_place_for_at(void **state)
{
	struct world *w = *state;

	submit(w, 0, dial);
	submit(w, 1, second);
	clock_at(w, 1000);
	assert_done(w, 0, -ETIMEDOUT);
	clock_at(w, 5000);
	modem_says(w, "\r\nCONNECT\r\nHTTP/1.0");
	clock_at(w, 100000);
	assert_wire(w, "ATD\r");
	assert_data(w, "");
	assert_false(at_online(w->at));
	assert_done(w, 1, -EAGAIN); /* and no command without an escape before it */
}

static void
a_dial_without_any_result_may_have_opened_data_mode(void **state)
{
	static const struct at_step escaping[] = { { .flags = AT_ESCAPE }, { .cmd = "AT+SECOND" }, { 0 } };
	struct world *w = *state;

	submit(w, 0, dial);
	submit(w, 1, escaping);
	clock_at(w, 30999);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "ATD\r");
	clock_at(w, 32199); /* data mode may have begun this moment, and the guard time with it */
	assert_wire(w, "");
	clock_at(w, 32200);
	assert_wire(w, "+++");
}

/* Nothing was known of it, so "AT" was asked in the end: what it then begins is still data mode, and no answer to that. */
static void
a_connect_behind_the_question_is_data_mode(void **state)
{
	struct world *w = *state;

	submit(w, 0, foreign);
	submit(w, 1, second);
	clock_at(w, 31100);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "AT+ANY\rAT\r");
	modem_says(w, "\r\nCONNECT\r\n");
	pass(w, 60000);
	assert_wire(w, "");
	assert_done(w, 1, -EAGAIN);
}

/* Once for each prompt, also for one that is late. */
static void
a_prompt_of_a_foreign_command_is_declined(void **state)
{
	struct world *w = *state;

	submit(w, 0, foreign);
	submit(w, 1, second);
	modem_says(w, "\r\n> ");
	assert_wire(w, "AT+ANY\r\x1b");
	assert_done(w, 0, -EBADMSG);
	modem_says(w, "\r\n> ");
	assert_wire(w, "\x1b");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 100);
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 1000);
	assert_wire(w, "AT+SECOND\r");
}

/* Garbage, or a line that flow control has stopped: what is left of the command would be the server's. */
static void
a_connect_before_the_command_was_out(void **state)
{
	struct world *w = *state;

	w->room = 2;
	submit(w, 0, dial);
	modem_says(w, "\r\nCONNECT\r\n");
	assert_done(w, 0, -EBADMSG);
	assert_false(at_online(w->at));
}

static void
a_refused_dial_that_is_late_leaves_command_mode(void **state)
{
	struct world *w = *state;

	submit(w, 0, dial);
	submit(w, 1, second);
	clock_at(w, 5000);
	modem_says(w, "\r\nNO CARRIER\r\n\r\n+CME ERROR: 839\r\n");
	pass(w, 10);
	assert_wire(w, "ATD\rAT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	assert_wire(w, "AT+SECOND\r");
}

static void
no_command_where_the_mode_is_not_known(void **state)
{
	struct world *w = *state;

	at_reset(w->at);
	submit(w, 0, first);
	assert_done(w, 0, -EAGAIN);
	go_online((at_assume_command(w->at), w));
	submit(w, 1, first);
	assert_done(w, 1, -EAGAIN);
	assert_wire(w, "");
}

/* ---- secrets ---- */

static void
secrets_are_lengths_in_traces_and_problems(void **state)
{
	struct world *w = *state;

	submit(w, 0, unlock);
	modem_says(w, "AT+CPIN=\"4711\"\r\r\n+CME ERROR: incorrect password\r\n");
	assert_done(w, 0, -EREMOTEIO);
	assert_string_equal(at_problem(w->at), "AT+CPIN=...: incorrect password");
	assert_null(strstr(w->trace, "4711"));
	assert_non_null(strstr(w->trace, "{14}\\r"));
	submit(w, 1, unlock);
	pass(w, 3000);
	assert_done(w, 1, -ETIMEDOUT);
	assert_string_equal(at_problem(w->at), "AT+CPIN=...: no answer");
}

static void
a_secret_payload_and_its_echo_are_lengths(void **state)
{
	struct world *w = *state;

	app("-----BEGIN RSA\nMIIC\n");
	submit(w, 0, send_secret);
	modem_says(w, "AT+KEY=1\r\r\n> ");
	modem_says(w, "-----BEGIN RSA\nMIIC\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_null(strstr(w->trace, "BEGIN"));
	assert_null(strstr(w->trace, "MIIC"));
}

/* A module that echoes with other line ends, or too late: lines that fit nothing are still secret. */
static void
noise_of_a_secret_is_not_shown(void **state)
{
	struct world *w = *state;

	app("-----BEGIN RSA\nMIIC\n");
	submit(w, 0, send_secret);
	modem_says(w, "\r\n> -----BEGIN RSA\r\nMIIC\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	submit(w, 1, unlock);
	modem_says(w, "AT+CPIN=\"47\r\n+CREG: 1\r\n11\"\r\r\n");
	pass(w, 3000);
	assert_done(w, 1, -ETIMEDOUT);
	modem_says(w, "AT+CPIN=\"4711\"\r\r\nOK\r\n");
	assert_null(strstr(w->noise, "MIIC"));
	assert_null(strstr(w->noise, "BEGIN"));
	assert_null(strstr(w->noise, "47"));
	assert_null(strstr(w->noise, "11"));
	assert_null(strstr(w->trace, "MIIC"));
	assert_null(strstr(w->trace, "4711"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(the_usual_prompt_is_no_line),
		BOTH(prompts_of_other_forms),
		BOTH(a_grant_of_nothing_is_no_prompt),
		BOTH(payload_without_a_prompt),
		BOTH(a_terminator_stands_behind_the_payload),
		BOTH(the_payload_waits_its_gap),
		BOTH(a_payload_is_given_once),
		BOTH(ok_or_error_in_place_of_the_prompt),
		BOTH(the_echo_of_a_payload_is_not_an_answer),
		BOTH(an_answer_is_not_taken_for_an_echo_that_is_off),
		BOTH(late_answer_is_not_given_to_the_next_command),
		BOTH(late_payload_holds_no_news),
		BOTH(payload_behind_a_count_that_cannot_be_holds_no_news),
		BOTH(payload_without_its_count_holds_no_news_and_no_result),
		BOTH(payload_longer_than_its_count_ends_the_step),
		BOTH(a_strange_line_before_the_count_costs_nothing),
		BOTH(each_step_has_its_own_limit),
		BOTH(a_module_that_never_answers_is_counted),
		BOTH(the_patient_wait_before_they_write),
		BOTH(a_late_prompt_still_gets_its_payload),
		BOTH(a_prompt_at_the_last_moment_gets_its_payload),
		BOTH(a_prompt_has_a_limit_of_its_own),
		BOTH(an_unfinished_payload_is_finished_before_anything_else),
		BOTH(a_cancelled_send_still_gives_its_payload),
		BOTH(a_late_connect_is_no_place_for_at),
		BOTH(a_dial_without_any_result_may_have_opened_data_mode),
		BOTH(a_connect_behind_the_question_is_data_mode),
		BOTH(a_prompt_of_a_foreign_command_is_declined),
		BOTH(a_connect_before_the_command_was_out),
		BOTH(a_refused_dial_that_is_late_leaves_command_mode),
		BOTH(no_command_where_the_mode_is_not_known),
		BOTH(secrets_are_lengths_in_traces_and_problems),
		BOTH(a_secret_payload_and_its_echo_are_lengths),
		BOTH(noise_of_a_secret_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
