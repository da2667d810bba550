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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_has_a_pace),
		cmocka_unit_test(faults_replay_from_a_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
