/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to simulated Telit modules: resets, the packet network, its time, other SIMs. */
#include "sim-world.h"

static void
resets_come_behind_their_answer(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.line_rate = 9600; /* the answer takes a while */
	w = world_new(&o);
	ask_in(w, "ATE0", 100, "ATE0\r" OK);
	ask_in(w, "AT#REBOOT", 100, OK);
	say(w, "AT\r"); /* it is off */
	pass(w, 900);
	heard(w, "");
	pass(w, 200);
	ask_in(w, "ATE0", 100, "ATE0\r" OK);
	ask_in(w, "AT#ENHRST=1,0", 100, OK);
	pass(w, 1100);
	ask_in(w, "ATE0", 100, "ATE0\r" OK);
	assert_int_equal(module_counters(w->m)->reboots, 1);
	assert_int_equal(module_counters(w->m)->hard_resets, 1);
	assert_int_equal(module_counters(w->m)->resets, 2);
	world_free(w);
}

static void
a_firmware_may_lack_the_ways_to_reset(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.lacks = SIM_REBOOT | SIM_ENHRST;
	w = world_new(&o);
	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT#REBOOT", "\r\nERROR\r\n");
	ask(w, "AT#ENHRST=1,0", "\r\nERROR\r\n");
	assert_int_equal(module_counters(w->m)->resets, 0);
	world_free(w);
}

static void
a_reset_cuts_an_answer(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.line_rate = 9600;
	w = world_new(&o);
	say(w, "AT+CGMI\r");
	pass(w, 15);
	module_event(w->m, SIM_RESET);
	pass(w, 5000);
	assert_in_range(w->heard.len, 9, 20); /* of 8 + 9 + 6 bytes, and those that were in the host's UART */
	not_heard(w, "OK");
	world_free(w);
}

static void
detach_takes_everything_down(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.attach_ms = 3000;
	w = world_up(&o);
	ask(w, "AT+CGEREP=2", OK);
	ask(w, "AT#SSLD=1,443,\"h\",0,1", OK);
	ask(w, "AT#SD=1,0,80,\"h\",0,0,1", OK);
	ask(w, "AT+CGATT=0", OK "\r\n+CGEV: ME DETACH\r\n\r\nNO CARRIER\r\n\r\nNO CARRIER\r\n");
	ask(w, "AT+CGATT?", "\r\n+CGATT: 0\r\n" OK);
	ask(w, "AT#SGACT?", "\r\n#SGACT: 1,0\r\n" OK);
	ask(w, "AT#SGACT=1,1", "\r\n+CME ERROR: activation failed\r\n");
	ask_in(w, "AT+CGATT=1", 2999, "");
	pass(w, 1);
	heard(w, OK);
	pass(w, 20);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	assert_int_equal(module_counters(w->m)->detaches, 1);
	assert_int_equal(module_counters(w->m)->attaches, 1);
	module_event(w->m, SIM_DEREGISTER);
	heard(w, "\r\n+CGEV: NW DETACH\r\n");
	ask(w, "AT+CGATT=1", "\r\n+CME ERROR: no network service\r\n");
	world_free(w);
}

/* What the network is does not depend on whether the module hears of it. */
static void
a_network_comes_back_while_the_module_boots(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	w = world_new(&o);
	module_event(w->m, SIM_DENY);
	module_event(w->m, SIM_RESET);
	pass(w, 100);
	module_event(w->m, SIM_REGISTER);
	pass(w, 10000);
	say(w, "ATE0\r");
	pass(w, 100);
	heard(w, "ATE0\r" OK);
	ask(w, "AT+CREG?", "\r\n+CREG: 0,1\r\n" OK);
	world_free(w);
}

static void
the_network_tells_the_time(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.clock_unset = true;
	o.network_time = 1800000000; /* 15 January 2027, 08:00 UTC */
	o.time_zone = -8;
	o.register_ms = 5000;
	w = world_new(&o);
	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"04/01/01,00:00:00+00\"\r\n" OK);
	ask(w, "AT#NITZ=7,1", OK);
	pass(w, 5000);
	heard(w, "\r\n#NITZ: 27/01/15,06:00:05-08,0\r\n");
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"27/01/15,06:00:05-08\"\r\n" OK); /* the clock of the test's host stands still */
	ask(w, "AT#NITZ=1,1", OK);
	module_network_time(w->m, 1800003600);
	heard(w, "\r\n#NITZ: 27/01/15,07:00:00\r\n");
	ask(w, "AT#NITZ=1,0", OK);
	module_network_time(w->m, 1800007200);
	heard(w, "");
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"27/01/15,08:00:00-08\"\r\n" OK);
	ask(w, "AT#NITZ=0", OK);
	module_network_time(w->m, 1900000000);
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"27/01/15,08:00:00-08\"\r\n" OK);
	assert_int_equal(module_counters(w->m)->network_times, 3);
	fault(w, "clock-jump=-3600");
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"27/01/15,07:00:00-08\"\r\n" OK);
	world_free(w);
}

static void
a_date_must_be_one(void **state)
{
	struct world *w = world_new(&ge);

	(void)state;
	ask(w, "ATE0+CMEE=1", "ATE0+CMEE=1\r" OK);
	ask(w, "AT+CCLK=\"27/02/29,10:00:00+00\"", "\r\n+CME ERROR: 4\r\n");
	ask(w, "AT+CCLK=\"27/02/28,10:00:00+49\"", "\r\n+CME ERROR: 4\r\n");
	ask(w, "AT+CCLK=\"28/02/29,10:00:00+48\"", OK);
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"28/02/29,10:00:00+48\"\r\n" OK);
	ask(w, "AT+CGDCONT=1,\"IP\",\"a\",\"\",0,0,0", "\r\n+CME ERROR: 4\r\n");
	world_free(w);
}

static void
a_network_may_tell_no_time(void **state)
{
	struct module_opts o = he;
	struct world *w;

	(void)state;
	o.clock_unset = true;
	o.network_time = -1;
	w = world_new(&o);
	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT+CCLK?", "\r\n+CCLK: \"04/01/01,00:00:00+00\"\r\n" OK);
	world_free(w);
}

static void
another_card_has_a_pin_of_its_own(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.sim_pin = "1234";
	w = world_new(&o);
	ask(w, "ATE0+CMEE=2", "ATE0+CMEE=2\r" OK);
	ask(w, "AT#QSS=2;+CREG=1", OK);
	ask(w, "AT+CPIN=1111", "\r\n+CME ERROR: incorrect password\r\n");
	ask(w, "AT+CPIN=1234", OK "\r\n#QSS: 2\r\n\r\n+CREG: 1\r\n\r\n#QSS: 3\r\n");
	module_swap_card(w->m, "9999");
	heard(w, "\r\n+CREG: 0\r\n\r\n#QSS: 0\r\n\r\n#QSS: 1\r\n");
	ask(w, "AT+CPIN=1234", "\r\n+CME ERROR: incorrect password\r\n");
	ask(w, "AT+CPIN=1234", "\r\n+CME ERROR: incorrect password\r\n");

	/* taken out and put in, it has forgotten no try */
	module_event(w->m, SIM_REMOVE_CARD);
	module_event(w->m, SIM_INSERT_CARD);
	heard(w, "\r\n#QSS: 0\r\n\r\n#QSS: 1\r\n");
	ask(w, "AT+CPIN=1234", "\r\n+CME ERROR: incorrect password\r\n");
	ask(w, "AT+CPIN?", "\r\n+CPIN: SIM PUK\r\n" OK);
	for (int i = 0; i < 10; i++)
		ask(w, "AT+CPIN=1,2222", "\r\n+CME ERROR: incorrect password\r\n");
	ask(w, "AT+CPIN?", "\r\n+CME ERROR: SIM failure\r\n");
	ask(w, "AT+CPIN=12345678,2222", "\r\n+CME ERROR: SIM failure\r\n");
	module_swap_card(w->m, NULL);
	heard(w, "\r\n#QSS: 0\r\n\r\n#QSS: 2\r\n\r\n+CREG: 1\r\n\r\n#QSS: 3\r\n");
	ask(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resets_come_behind_their_answer),
		cmocka_unit_test(a_firmware_may_lack_the_ways_to_reset),
		cmocka_unit_test(a_reset_cuts_an_answer),
		cmocka_unit_test(detach_takes_everything_down),
		cmocka_unit_test(a_network_comes_back_while_the_module_boots),
		cmocka_unit_test(the_network_tells_the_time),
		cmocka_unit_test(a_date_must_be_one),
		cmocka_unit_test(a_network_may_tell_no_time),
		cmocka_unit_test(another_card_has_a_pin_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
