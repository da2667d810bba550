/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated line, and what goes wrong on it. */
#include "sim-world.h"

static void
the_line_has_a_pace(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.line_rate = 9600;
	w = world_new(&o);
	say(w, "AT\r"); /* 3.1 ms in; the answer is 3 bytes of echo and 6 */
	pass(w, 3);
	assert_int_equal(w->heard.len, 0);
	pass(w, 1);
	assert_int_equal(w->heard.len, 1); /* the echo of A is there, that of T on its way */
	pass(w, 6);
	assert_in_range(w->heard.len, 5, 8);
	pass(w, 3);
	heard(w, "AT\r" OK);
	world_free(w);
}

static void
faults_replay_from_a_seed(void **state)
{
	char err[64], said[2][4000];

	(void)state;
	for (int run = 0; run < 2; run++) {
		struct module_opts o = ge;
		struct world *w;

		o.seed = 7;
		w = world_new(&o);
		assert_true(module_fault(w->m, "lose-out=0.01,alter-in=0.01,urc=0.2,late=0.1,late-ms=50,no-final=0.1,reset=0.02,chaos=5", err,
					 sizeof(err)));
		for (int i = 0; i < 60; i++) {
			say(w, "AT+CREG?\r");
			pass(w, 400);
		}
		assert_true(module_counters(w->m)->faults > 10);
		assert_true(w->heard.len < sizeof(said[0]));
		memset(said[run], 0, sizeof(said[run]));
		memcpy(said[run], fifo_bytes(&w->heard), w->heard.len);
		world_free(w);
	}
	assert_memory_equal(said[0], said[1], sizeof(said[0]));
}

/* What the module got is not what was said, and what it says back is not heard. */
static void
nothing_is_understood(struct world *w, const char *command)
{
	uint64_t commands = module_counters(w->m)->commands;

	say(w, command);
	pass(w, 100);
	not_heard(w, "OK");
	assert_int_equal(module_counters(w->m)->commands, commands);
}

static void
another_rate_is_not_understood(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.module_rate = 115200;
	for (o.seed = 1; o.seed < 50; o.seed++) {
		w = world_new(&o);
		module_host_rate(w->m, 9600);
		nothing_is_understood(w, "AT\r");
		module_garbage(w->m, 1);
		module_urc(w->m, "+CREG: 1");
		not_heard(w, "CREG");
		module_host_rate(w->m, 115000); /* near enough */
		say(w, "\r"); /* ends what the noise began */
		pass(w, 20);
		fifo_clear(&w->heard);
		ask(w, "ATE0", "ATE0\r" OK);
		module_host_rate(w->m, 0); /* no rate that could mismatch */
		ask(w, "AT", OK);
		world_free(w);
	}
}

static void
a_rate_begins_behind_its_answer(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.module_rate = 115200;
	w = world_new(&o);
	module_host_rate(w->m, 115200);
	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT+IPR?", "\r\n+IPR: 115200\r\n" OK);
	ask(w, "AT+IPR=9601", "\r\nERROR\r\n");
	ask(w, "AT+IPR=9600", OK);
	nothing_is_understood(w, "AT\r");
	module_host_rate(w->m, 9600);
	say(w, "\r");
	pass(w, 20);
	fifo_clear(&w->heard);
	ask(w, "AT+IPR?", "\r\n+IPR: 9600\r\n" OK);

	/* it is lost with the power, unless the profile holds it */
	module_event(w->m, SIM_RESET);
	pass(w, 1000);
	module_host_rate(w->m, 115200);
	ask(w, "ATE0;+IPR=9600;&W", "ATE0;+IPR=9600;&W\r" OK);
	module_event(w->m, SIM_RESET);
	pass(w, 1000);
	module_host_rate(w->m, 9600);
	ask(w, "AT+IPR?", "\r\n+IPR: 9600\r\n" OK);
	world_free(w);
}

static void
autobaud_is_trained_by_at(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.module_rate = SIM_AUTOBAUD;
	w = world_new(&o);
	module_host_rate(w->m, 9600);
	module_urc(w->m, "+CREG: 1"); /* nobody has told it a rate */
	not_heard(w, "CREG");
	nothing_is_understood(w, "+CREG?\rAt\r");
	ask(w, "AT+IPR?", "AT+IPR?\r\r\n+IPR: 0\r\n" OK);
	module_host_rate(w->m, 115200);
	nothing_is_understood(w, "+++");
	ask(w, "at", "at\r" OK);

	/* in data mode it trains no more */
	ask(w, "AT#SELINT=2;+CGDCONT=1,\"IP\",\"a\"", "AT#SELINT=2;+CGDCONT=1,\"IP\",\"a\"\r" OK);
	ask(w, "AT#SGACT=1,1", "AT#SGACT=1,1\r\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask(w, "AT#SD=1,0,80,\"h\"", "AT#SD=1,0,80,\"h\"\r\r\nCONNECT\r\n");
	module_host_rate(w->m, 9600);
	say(w, "ATATATATATAT");
	pass(w, 5000);
	assert_in_range(far_memory_peer(w->net)->received.len, 1, 12);
	assert_null(memmem(fifo_bytes(&far_memory_peer(w->net)->received), far_memory_peer(w->net)->received.len, "AT", 2));

	/* and a reset makes it forget */
	module_event(w->m, SIM_RESET);
	pass(w, 1000);
	module_urc(w->m, "+CREG: 1");
	not_heard(w, "CREG");
	world_free(w);
}

static void
what_is_on_its_way_meets_the_new_rate(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.module_rate = o.line_rate = 9600;
	w = world_new(&o);
	module_host_rate(w->m, 9600);
	module_urc(w->m, "+CREG: 1");
	pass(w, 5);
	module_host_rate(w->m, 115200);
	pass(w, 100);
	assert_int_equal(w->heard.len, 12);
	assert_memory_equal(fifo_bytes(&w->heard), "\r\n+C", 4);
	assert_null(memmem(fifo_bytes(&w->heard), 12, "REG: 1", 6));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_has_a_pace),
		cmocka_unit_test(another_rate_is_not_understood),
		cmocka_unit_test(a_rate_begins_behind_its_answer),
		cmocka_unit_test(autobaud_is_trained_by_at),
		cmocka_unit_test(what_is_on_its_way_meets_the_new_rate),
		cmocka_unit_test(faults_replay_from_a_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
