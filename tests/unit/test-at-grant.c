/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload that the module lets go by the byte, refusals among the answers, results
 * that may follow the end, and binary payload in place of a line.
 */
#include "at-world.h"

#include "base/str.h"

/* ---- steps of these tests ---- */

static struct {
	long granted;
	unsigned parsed;
	char refusal[100];
	int kind;
	char sunk[AT_BINARY_MAX + 1];
	size_t len;
} got;

static const char *app_payload;

static void
payload(struct at_payload *p, void *op)
{
	(void)op;
	*p = (struct at_payload){ .bytes = app_payload, .len = strlen(app_payload) };
}

static int
grant(struct at_line *l, size_t *ret_n)
{
	long n;

	if (at_line_fields(l) != 3)
		return AT_NOT_MINE;
	at_line_int(l);
	n = at_line_int(l);
	if (n < 0)
		return -EBADMSG;
	*ret_n = (size_t)n;
	return AT_OK;
}

static int
note(struct at_line *l, void *op)
{
	(void)op;
	at_line_int(l);
	got.granted = at_line_int(l);
	got.parsed++;
	return AT_OK;
}

static int
results(struct at_line *l, void *op)
{
	(void)op;
	if (!strcmp(l->text, "END OK"))
		return AT_DONE;
	return str_starts(l->text, "REFUSED") ? AT_REFUSED : AT_NOT_MINE;
}

static int
keep_refusal(const struct at_error *e, void *op)
{
	(void)op;
	got.kind = (int)e->kind;
	strcpy(got.refusal, e->text);
	return -EPERM;
}

static int
frame(const uint8_t *head, size_t len, size_t *ret_len)
{
	if (head[0] == '\r' || head[0] >= ' ')
		return AT_NOT_MINE;
	if (head[0] > 8)
		return -EBADMSG;
	if (len > 1)
		*ret_len = (size_t)(head[0] << 8 | head[1]);
	return AT_OK;
}

static int
no_length(const uint8_t *head, size_t len, size_t *ret_len)
{
	(void)len;
	(void)ret_len;
	return head[0] == '\r' ? AT_NOT_MINE : AT_OK;
}

static int
longer_than_any(const uint8_t *head, size_t len, size_t *ret_len)
{
	(void)len;
	*ret_len = AT_BINARY_MAX + 1;
	return head[0] == '\r' ? AT_NOT_MINE : AT_OK;
}

static void
sink(void *op, const void *bytes, size_t len)
{
	(void)op;
	assert_true(got.len + len <= sizeof(got.sunk));
	memcpy(got.sunk + got.len, bytes, len);
	got.len += len;
}

static const struct at_word frames[] = { { "CONNECT", AT_IGNORE, false }, { "READY:", AT_PAYLOAD, false }, { 0 } };

#define SEND .cmd = "AT^W=1,5", .answer = "^W:", .grant = grant, .parse = note, .payload = payload, .timeout_ms = 2000
#define STORE .cmd = "AT^B", .words = frames, .payload = payload, .other = results, .flags = AT_TRAILED

static const struct at_step send[] = { { SEND }, { .cmd = "AT+NEXT" }, { 0 } };
static const struct at_step plain[] = { { .cmd = "AT+A", .timeout_ms = 1000 }, { 0 } };
static const struct at_step store[] = { { STORE }, { .cmd = "AT+NEXT" }, { 0 } };
static const struct at_step store_told[] = { { STORE, .refused = keep_refusal }, { 0 } };
static const struct at_step store_read[] = { { STORE, .binary = frame, .sink = sink }, { 0 } };
static const struct at_step untrailed[] = { { .cmd = "AT+U", .other = results }, { .cmd = "AT+NEXT" }, { 0 } };
static const struct at_step optional[] = { { .cmd = "AT+U", .other = results, .flags = AT_OPTIONAL }, { .cmd = "AT+NEXT" }, { 0 } };
static const struct at_step bare_frame[] = { { .cmd = "AT+F", .binary = frame, .sink = sink }, { 0 } };
static const struct at_step endless_head[] = { { .cmd = "AT+F", .binary = no_length, .sink = sink }, { 0 } };

static const struct at_step too_long[] = { { .cmd = "AT+F", .binary = longer_than_any, .sink = sink }, { 0 } };

static void
begin(struct world *w, const struct at_step *script, const char *bytes)
{
	memset(&got, 0, sizeof(got));
	app_payload = bytes;
	w->done[0] = 0;
	w->result[0] = PENDING;
	submit(w, 0, script);
}

/* "AT" is answered: the engine is in step again. */
static void
in_step_again(struct world *w)
{
	assert_wire(w, "AT\r");
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
}

/* ---- grants ---- */

static void
what_is_granted_goes(void **state)
{
	static const struct {
		const char *grant, *written;
		long n;
	} cases[] = { { "\r\n^W: 1, 5, 9\r\n", "hello", 5 }, { "\r\n^W: 1,3,9\r\n", "hel", 3 }, { "\r\n^W: 1,1,0\r\n", "h", 1 } };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(w, send, "hello");
		assert_wire(w, "AT^W=1,5\r");
		modem_says(w, cases[i].grant);
		assert_wire(w, cases[i].written);
		assert_int_equal(got.granted, cases[i].n);
		modem_says(w, "\r\nOK\r\n");
		assert_wire(w, "AT+NEXT\r");
		modem_says(w, "\r\nOK\r\n");
		assert_done(w, 0, 0);
	}
}

/* The command has its echo, the payload has none, and looks like the result that follows. */
static void
a_granted_payload_has_no_echo(void **state)
{
	struct world *w = *state;

	begin(w, send, "\r\nOK\r\n");
	modem_says(w, "AT^W=1,5\r\r\n^W: 1,6,6\r\n");
	assert_wire(w, "AT^W=1,5\r\r\nOK\r\n");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	modem_says(w, "AT+NEXT\r\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
a_grant_of_nothing_ends_well(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	modem_says(w, "\r\n^W: 1,0,8760\r\n");
	assert_wire(w, "AT^W=1,5\r");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	assert_int_equal(got.granted, 0);
	assert_int_equal(got.parsed, 1);
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
a_grant_of_more_than_there_is(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	modem_says(w, "\r\n^W: 1,6,6\r\n");
	assert_done(w, 0, -EBADMSG);
	assert_wire(w, "AT^W=1,5\r");
	pass(w, 1001);
	in_step_again(w);
}

static void
a_grant_that_is_none(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	wire(w);
	modem_says(w, "\r\n> ");
	assert_wire(w, ""); /* no prompt of this step */
	modem_says(w, "\r\n^W: 1,1\r\n");
	assert_wire(w, ""); /* not its answer */
	modem_says(w, "\r\n^W: 1,x,1\r\n");
	assert_done(w, 0, -EBADMSG);
	assert_wire(w, "");
}

static void
no_grant_at_all(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, -EBADMSG);
	begin(w, send, "hello");
	modem_says(w, "\r\nERROR\r\n");
	assert_done(w, 0, -EREMOTEIO);
	assert_int_equal(got.parsed, 0);
}

/* What has its name and comes behind it is a URC. */
static void
a_grant_is_taken_once(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	modem_says(w, "\r\n^W: 1,2,2\r\n\r\n^W: 1,3,5\r\n");
	assert_wire(w, "AT^W=1,5\rhe");
	assert_int_equal(got.parsed, 1);
	assert_noise(w, "^W: 1,3,5\n");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

/* The bytes that it was for, and as many as it says; the next command is no payload. */
static void
a_late_grant_gets_its_bytes(void **state)
{
	static const struct {
		const char *grant, *written;
	} cases[] = { { "\r\n^W: 1,5,5\r\n", "hello" }, { "\r\n^W: 1,2,2\r\n", "he" }, { "\r\n^W: 1,0,2\r\n", "" } };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(w, send, "hello");
		w->done[1] = 0;
		w->result[1] = PENDING;
		submit(w, 1, plain);
		pass(w, 2001);
		assert_done(w, 0, -ETIMEDOUT);
		app_payload = "other"; /* the op may be gone */
		pass(w, 9000);
		assert_wire(w, "AT^W=1,5\r");
		modem_says(w, "\r\n^W: 1,1\r\n");
		assert_wire(w, "");
		modem_says(w, cases[i].grant);
		assert_wire(w, cases[i].written);
		modem_says(w, cases[i].grant);
		assert_wire(w, "");
		pass(w, 5000);
		assert_wire(w, ""); /* its result is waited for */
		modem_says(w, "\r\nOK\r\n");
		pass(w, 2);
		in_step_again(w);
		assert_wire(w, "AT+A\r");
		modem_says(w, "\r\nOK\r\n");
		assert_done(w, 1, 0);
		assert_int_equal(got.parsed, 0);
		noise(w);
	}
}

static void
a_late_grant_of_more_than_there_is(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	pass(w, 2001);
	wire(w);
	modem_says(w, "\r\n^W: 1,99,5\r\n");
	modem_says(w, "\r\n^W: 1,5,5\r\n");
	assert_wire(w, "");
}

static void
a_wire_that_takes_a_part_of_the_grant(void **state)
{
	struct world *w = *state;

	begin(w, send, "hello");
	wire(w);
	w->room = 2;
	modem_says(w, "\r\n^W: 1,4,4\r\n");
	assert_wire(w, "he");
	w->room = 100;
	at_writable(w->at);
	assert_wire(w, "ll");
}

/* ---- refusals, and what may follow the end ---- */

static void
a_refusal_among_the_answers(void **state)
{
	struct world *w = *state;

	begin(w, untrailed, "");
	modem_says(w, "\r\nREFUSED: no\r\n");
	assert_done(w, 0, -EREMOTEIO);
	assert_int_equal(at_error(w->at)->kind, AT_ERROR_WORD);
	assert_string_equal(at_error(w->at)->text, "REFUSED: no");
	assert_non_null(strstr(at_problem(w->at), "REFUSED: no"));
	begin(w, optional, "");
	wire(w);
	modem_says(w, "\r\nREFUSED: no\r\n");
	assert_wire(w, "AT+NEXT\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
a_frame_behind_its_words(void **state)
{
	struct world *w = *state;

	begin(w, store, "\x01\x02OK");
	assert_wire(w, "AT^B\r");
	modem_says(w, "\r\nCONNECT\r\n");
	assert_wire(w, "");
	assert_false(at_online(w->at));
	modem_says(w, "\r\nREADY: SEND ...\r\n");
	assert_wire(w, "\x01\x02OK");
	modem_says(w, "\r\nEND OK\r\n");
	pass(w, 500);
	assert_wire(w, "");
	modem_says(w, "\r\nOK\r\n");
	assert_wire(w, "AT+NEXT\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_noise(w, "");
}

static void
no_result_behind_the_end(void **state)
{
	struct world *w = *state;

	begin(w, store, "frame");
	modem_says(w, "\r\nCONNECT\r\n\r\nREADY: ...\r\n\r\nEND OK\r\n");
	wire(w);
	pass(w, AT_TRAIL_MS - 1);
	assert_wire(w, "");
	pass(w, 2);
	assert_wire(w, "AT+NEXT\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, 0);
}

static void
the_bad_one_of_two_results_counts(void **state)
{
	static const struct {
		const char *says, *words;
		int result, kind;
	} cases[] = {
		{ "\r\nREFUSED: no\r\n\r\nOK\r\n", "REFUSED: no", -EPERM, AT_ERROR_WORD },
		{ "\r\nREFUSED: no\r\n\r\nERROR\r\n", "REFUSED: no", -EPERM, AT_ERROR_WORD },
		{ "\r\nREFUSED: no\r\n", "REFUSED: no", -EPERM, AT_ERROR_WORD },
		{ "\r\nREFUSED: no\r\n\r\nEND OK\r\n\r\nOK\r\n", "REFUSED: no", -EPERM, AT_ERROR_WORD },
		{ "\r\nEND OK\r\n\r\nREFUSED: late\r\n\r\nOK\r\n", "REFUSED: late", -EPERM, AT_ERROR_WORD },
		{ "\r\nEND OK\r\n\r\n+CME ERROR: 100\r\n", "100", -EPERM, AT_ERROR_CME },
		{ "\r\nEND OK\r\n\r\n+CREG: 1\r\n\r\nOK\r\n", "", 0, 0 },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(w, store_told, "frame");
		modem_says(w, "\r\nCONNECT\r\n\r\nREADY: ...\r\n");
		modem_says(w, cases[i].says);
		pass(w, AT_TRAIL_MS + 1);
		assert_done(w, 0, cases[i].result);
		assert_string_equal(got.refusal, cases[i].words);
		assert_int_equal(got.kind, cases[i].kind);
	}
}

static void
a_refusal_before_the_prompt(void **state)
{
	struct world *w = *state;

	begin(w, store_told, "frame");
	modem_says(w, "\r\nCONNECT\r\n\r\nREFUSED: no\r\n\r\nREADY: ...\r\n");
	assert_wire(w, "AT^B\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 0, -EPERM);
}

/* A CONNECT that means nothing means nothing when it is late, either. */
static void
a_late_word_of_no_meaning_is_no_data_mode(void **state)
{
	static const struct at_step words_only[] = { { .cmd = "AT^B", .words = frames, .timeout_ms = 1000 }, { 0 } };
	struct world *w = *state;

	begin(w, words_only, "");
	pass(w, 1010);
	assert_done(w, 0, -ETIMEDOUT);
	assert_wire(w, "AT^B\rAT\r");
	modem_says(w, "\r\nCONNECT\r\n\r\nOK\r\n");
	submit(w, 1, plain);
	pass(w, 300);
	assert_wire(w, "AT+A\r");
	modem_says(w, "\r\nOK\r\n");
	assert_done(w, 1, 0);
}

/* ---- binary payload in place of a line ---- */

static void
a_frame_in_place_of_a_line(void **state)
{
	static const char bytes[] = "\x00\x10\r\nOK\r\n\0\n\r\n> \x10";
	struct world *w = *state;

	begin(w, store_read, "ask");
	modem_says(w, "\r\nCONNECT\r\n\r\nREADY: ...\r\n");
	modem_says_bytes(w, bytes, 16);
	assert_pending(w, 0);
	assert_int_equal(got.len, 16);
	assert_memory_equal(got.sunk, bytes, 16);
	modem_says(w, "\r\nEND OK\r\n\r\nOK\r\n");
	assert_done(w, 0, 0);
	assert_int_equal(got.len, 16);
	assert_noise(w, "");
}

static void
a_line_in_place_of_a_frame(void **state)
{
	struct world *w = *state;

	begin(w, store_read, "ask");
	modem_says(w, "\r\nCONNECT\r\n\r\nREADY: ...\r\n\r\nREFUSED: empty\r\n\r\nOK\r\n");
	assert_done(w, 0, -EREMOTEIO);
	assert_int_equal(got.len, 0);
}

static void
a_frame_comes_once_and_only_where_a_line_begins(void **state)
{
	struct world *w = *state;

	begin(w, bare_frame, "");
	modem_says_bytes(w, "\r\na\x00\x02\r\n", 7);
	assert_int_equal(got.len, 0);
	noise(w);
	modem_says_bytes(w, "\x00\x03x\x00\x03y\r\n\r\nOK\r\n", 14);
	assert_done(w, 0, 0);
	assert_int_equal(got.len, 3);
}

static void
lengths_that_are_none(void **state)
{
	static const struct {
		const char *head;
		size_t len;
	} heads[] = { { "\x00\x01", 2 }, { "\x10", 1 } };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		begin(w, bare_frame, "");
		modem_says_bytes(w, heads[i].head, heads[i].len);
		assert_done(w, 0, -EBADMSG);
		assert_int_equal(got.len, 0);
		pass(w, 1001);
		assert_wire(w, "AT+F\rAT\r");
		modem_says(w, "\r\nOK\r\n");
		pass(w, 300);
	}
	begin(w, too_long, "");
	modem_says(w, "1");
	assert_done(w, 0, -EBADMSG);
	pass(w, 1001);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 300);
	begin(w, endless_head, "");
	modem_says(w, "1234567");
	assert_pending(w, 0);
	modem_says(w, "8");
	assert_done(w, 0, -EBADMSG);
}

/* What comes when nobody waits any more is swallowed whole: an OK in it is no late result. */
static void
a_late_frame_is_no_text(void **state)
{
	struct world *w = *state;

	begin(w, store_read, "ask");
	modem_says(w, "\r\nCONNECT\r\n\r\nREADY: ...\r\n");
	wire(w);
	pass(w, 3001);
	assert_done(w, 0, -ETIMEDOUT);
	modem_says_bytes(w, "\x00\x08\r\nOK\r\n", 8);
	pass(w, 1000);
	assert_wire(w, "");
	assert_int_equal(got.len, 0);
	modem_says(w, "\r\nOK\r\n");
	pass(w, 2);
	in_step_again(w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(what_is_granted_goes),
		BOTH(a_granted_payload_has_no_echo),
		BOTH(a_grant_of_nothing_ends_well),
		BOTH(a_grant_of_more_than_there_is),
		BOTH(a_grant_that_is_none),
		BOTH(no_grant_at_all),
		BOTH(a_grant_is_taken_once),
		BOTH(a_late_grant_gets_its_bytes),
		BOTH(a_late_grant_of_more_than_there_is),
		BOTH(a_wire_that_takes_a_part_of_the_grant),
		BOTH(a_refusal_among_the_answers),
		BOTH(a_frame_behind_its_words),
		BOTH(no_result_behind_the_end),
		BOTH(the_bad_one_of_two_results_counts),
		BOTH(a_refusal_before_the_prompt),
		BOTH(a_late_word_of_no_meaning_is_no_data_mode),
		BOTH(a_frame_in_place_of_a_line),
		BOTH(a_line_in_place_of_a_frame),
		BOTH(a_frame_comes_once_and_only_where_a_line_begins),
		BOTH(lengths_that_are_none),
		BOTH(a_late_frame_is_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
