/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of the simulated modules: each does what celltls-sim(1) says, and off it does nothing. */
#include "sim-world.h"

static void
a_deaf_module_is_back_after_a_while(void **state)
{
	struct world *w = world_new(&ge);

	(void)state;
	ask(w, "ATE0", "ATE0\r" OK);
	fault(w, "deaf=1,deaf-ms=3000");
	say(w, "AT\r");
	fault(w, "deaf=0");
	pass(w, 2999);
	say(w, "AT\r");
	heard(w, "");
	pass(w, 1);
	ask(w, "AT", OK);
	world_free(w);
}

static void
babble_comes_at_any_time(void **state)
{
	struct world *w = world_new(&ge);
	size_t first;

	(void)state;
	fault(w, "babble=10");
	pass(w, 60000);
	first = w->heard.len;
	assert_in_range(first, 1, 40 * 30);
	pass(w, 60000);
	assert_true(w->heard.len > first);
	fifo_clear(&w->heard);
	fault(w, "none");
	pass(w, 600000);
	heard(w, "");
	world_free(w);
}

static void
an_interval_of_years_is_one(void **state)
{
	struct world *w = world_new(&ge);

	(void)state;
	fault(w, "babble=268435456");
	pass(w, 60000);
	heard(w, "");
	world_free(w);
}

static void
nothing_but_an_echo(void **state)
{
	struct world *w = world_new(&ge);

	(void)state;
	ask(w, "ATE0", "ATE0\r" OK);
	fault(w, "only-echo");
	ask_in(w, "AT#REBOOT", 5000, "AT#REBOOT\r");
	fault(w, "only-echo=off");
	ask(w, "AT", OK);
	world_free(w);
}

static void
a_prompt_that_never_comes_takes_a_payload(void **state)
{
	struct world *w = world_command(&ge);

	(void)state;
	fault(w, "no-prompt=1");
	say(w, "AT#SSLSENDEXT=1,3\r");
	pass(w, 60000);
	heard(w, "");
	say(w, "AT\r"); /* these are the three */
	heard(w, OK);
	arrived(w, "AT\r");
	world_free(w);
}

static void
a_close_can_be_refused_or_hang(void **state)
{
	struct world *w = world_command(&ge);

	(void)state;
	fault(w, "stuck-open=refuse");
	ask(w, "AT#SSLH=1", "\r\n+CME ERROR: SSL generic error\r\n");
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,2,1\r\n" OK);
	fault(w, "stuck-open=hang");
	ask_in(w, "AT#SSLH=1", 59999, "");
	pass(w, 1);
	heard(w, "\r\nERROR\r\n");
	pass(w, 20);
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,2,1\r\n" OK);
	fault(w, "none");
	ask(w, "AT#SSLH=1", OK);
	world_free(w);
}

static void
over_a_dead_context_no_byte_moves(void **state)
{
	struct world *w = world_command(&ge);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	fault(w, "dead-context=never");
	peer_sends(p, "answer");
	say(w, "AT#SSLSENDEXT=1,3\r");
	say(w, "abc");
	pass(w, 100);
	heard(w, "\r\n> " OK); /* it has a buffer */
	ask_in(w, "AT#SSLRECV=1,15,10", 1000, "\r\n#SSLRECV: 0\r\nTIMEOUT\r\n" OK);
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,2,1\r\n" OK);
	ask(w, "AT#SGACT?", "\r\n#SGACT: 1,1\r\n" OK);
	arrived(w, "");
	ask_in(w, "AT#SD=1,0,80,\"h\"", 60000, "\r\n+CME ERROR: time-out in opening socket\r\n");

	/* what was held up goes on */
	fault(w, "dead-context=none");
	arrived(w, "abc");
	ask(w, "AT#SSLRECV=1,15,10", "\r\n#SSLRECV: 6\r\nanswer\r\n" OK);
	world_free(w);
}

static void
a_rung_mends_a_dead_context(void **state)
{
	struct world *w = world_up(&ge);

	(void)state;
	fault(w, "dead-context=context");
	ask_in(w, "AT#SD=1,0,80,\"h\",0,0,1", 60000, "\r\n+CME ERROR: time-out in opening socket\r\n");
	ask(w, "AT#SGACT=1,0", OK);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask(w, "AT#SD=1,0,80,\"h\",0,0,1", OK);
	ask(w, "AT#SH=1", OK);

	fault(w, "dead-context=attach");
	ask(w, "AT#SGACT=1,0", OK);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask_in(w, "AT#SD=1,0,80,\"h\",0,0,1", 60000, "\r\n+CME ERROR: time-out in opening socket\r\n");
	ask(w, "AT+CGATT=0", OK);
	ask(w, "AT+CGATT=1", OK);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask(w, "AT#SD=1,0,80,\"h\",0,0,1", OK);
	world_free(w);
}

static void
a_dial_fails_by_each_cause(void **state)
{
	static const struct {
		const char *cause, *code;
	} rows[] = { { "dns", "832" }, { "refused", "832" }, { "timeout", "832" }, { "handshake", "839" }, { "cert", "839" }, { "items", "837" } };
	struct world *w = world_up(&ge);
	char text[64];

	(void)state;
	ask(w, "AT+CMEE=1", OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "dial-fail=1,dial=%s", rows[i].cause);
		fault(w, text);
		snprintf(text, sizeof(text), "\r\n+CME ERROR: %s\r\n", rows[i].code);
		ask(w, "AT#SSLD=1,443,\"h\",0,0", text);
	}
	world_free(w);
}

/* In an answer, in a payload, in data mode: wherever the byte is. */
static void
resets_fall_anywhere_on_the_line(void **state)
{
	struct module_opts o = ge;
	unsigned cut = 0;
	struct world *w;

	(void)state;
	o.boot_ms = 100;
	o.seed = 3;
	w = world_new(&o);
	fault(w, "reset-bytes=30");
	for (int i = 0; i < 200; i++) {
		say(w, "AT+CGMI\r");
		pass(w, 200);
		cut += w->heard.len > 8 && memcmp(fifo_bytes(&w->heard) + w->heard.len - 6, OK, 6) != 0;
		fifo_clear(&w->heard);
	}
	assert_in_range(module_counters(w->m)->resets, 50, 300);
	assert_in_range(cut, 20, 200);
	fault(w, "reset-bytes=0");
	pass(w, 200);
	ask(w, "ATE0", "ATE0\r" OK);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deaf_module_is_back_after_a_while),
		cmocka_unit_test(babble_comes_at_any_time),
		cmocka_unit_test(an_interval_of_years_is_one),
		cmocka_unit_test(nothing_but_an_echo),
		cmocka_unit_test(a_prompt_that_never_comes_takes_a_payload),
		cmocka_unit_test(a_close_can_be_refused_or_hang),
		cmocka_unit_test(over_a_dead_context_no_byte_moves),
		cmocka_unit_test(a_rung_mends_a_dead_context),
		cmocka_unit_test(a_dial_fails_by_each_cause),
		cmocka_unit_test(resets_fall_anywhere_on_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
