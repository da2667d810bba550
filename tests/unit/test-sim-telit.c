/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Telit modules say what the notes on the dialect say, byte for byte: the command line, SIM and network. */
#include "sim-world.h"

static void
families_differ(void **state)
{
	struct world *w = world_up(&he);

	(void)state;
	ask(w, "AT#SSLFASTD=1,0", "\r\nERROR\r\n");
	ask(w, "AT#SSLFASTD=?", "\r\nERROR\r\n");
	ask(w, "AT#SSLD=1,443,\"h\",1,0", "\r\nERROR\r\n");
	ask(w, "AT#CPUMODE=2", "\r\nERROR\r\n");
	ask(w, "AT+CGMM", "\r\nHE910\r\n" OK);
	world_free(w);

	w = world_up(&ge);
	ask(w, "AT#SSLSECCFG=1,0,0,1", "\r\nERROR\r\n");
	ask(w, "AT#SSLSECCFG=1,4,0", "\r\n+CME ERROR: operation not supported\r\n");
	ask(w, "AT#CPUMODE=2", OK);
	ask(w, "AT+CGMM", "\r\nGE910-QUAD\r\n" OK);
	ask(w, "AT#SSLI=1", "\r\nERROR\r\n");
	world_free(w);
}

static void
the_command_line(void **state)
{
	struct world *w = world_new(&ge);
	char line[128];

	(void)state;
	ask(w, "", "\r"); /* an empty line is nothing */
	say(w, "AT+CMEE?\r\n"); /* a line feed is echoed before the answer */
	heard(w, "AT+CMEE?\r\n\r\n+CMEE: 0\r\n" OK);
	pass(w, 20);
	ask(w, "ATE0V1Q0&K3", "ATE0V1Q0&K3\r" OK);
	memset(line, ' ', sizeof(line));
	memcpy(line, "AT+CMEE=1", 9);
	line[80] = '\0';
	ask(w, line, OK);
	line[80] = ' ';
	line[81] = '\0';
	ask(w, line, "\r\nERROR\r\n");
	ask(w, "+++", "\r\nERROR\r\n");
	ask(w, "AT+NOSUCH=1", "\r\nERROR\r\n");
	ask(w, "AT#SSLEN=1,1", "\r\nERROR\r\n"); /* interface 2 comes first */
	ask(w, "AT#SELINT=2", OK);
	ask(w, "AT#SSLCFG=1,1,1500,0,100,1", "\r\n+CME ERROR: 836\r\n");
	ask(w, "AT#SSLEN=1,1", OK);
	ask(w, "AT#SSLEN=1,1", "\r\n+CME ERROR: 835\r\n");
	ask(w, "ATV0", "0\r");
	ask(w, "AT+CMEE?", "+CMEE: 1\r\n0\r");
	assert_int_equal(module_counters(w->m)->early_commands, 0);
	say(w, "AT\r");
	say(w, "AT\r");
	assert_int_equal(module_counters(w->m)->early_commands, 1);
	world_free(w);
}

static void
pin_and_puk(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.sim_pin = "1234";
	w = world_new(&o);
	ask(w, "ATE0+CMEE=2", "ATE0+CMEE=2\r" OK);
	ask(w, "AT+CPIN?", "\r\n+CPIN: SIM PIN\r\n" OK);
	ask(w, "AT+CREG?", "\r\n+CREG: 0,0\r\n" OK);
	ask(w, "AT#QSS?", "\r\n#QSS: 0,1\r\n" OK);
	for (int i = 0; i < 3; i++)
		ask(w, "AT+CPIN=1111", "\r\n+CME ERROR: incorrect password\r\n");
	ask(w, "AT+CPIN?", "\r\n+CPIN: SIM PUK\r\n" OK);
	ask(w, "AT+CPIN=12345678,4321", OK);
	ask(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	ask(w, "AT+CREG?", "\r\n+CREG: 0,1\r\n" OK);
	module_event(w->m, SIM_REMOVE_CARD);
	ask(w, "AT+CPIN?", "\r\n+CME ERROR: SIM not inserted\r\n");
	world_free(w);
}

static void
the_context_goes(void **state)
{
	struct world *w = world_online(&ge);

	(void)state;
	module_event(w->m, SIM_DROP_CONTEXT);
	heard(w, "\r\nNO CARRIER\r\n");
	ask(w, "AT#SGACT?", "\r\n#SGACT: 1,0\r\n" OK);
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,1\r\n" OK);
	ask(w, "AT#SSLD=1,443,\"h\",0,0", "\r\n+CME ERROR: context not opened\r\n");
	ask(w, "AT+CGEREP=2;+CREG=1", OK);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask(w, "AT#SGACT=1,1", "\r\n+CME ERROR: context already activated\r\n");
	ask(w, "AT#SSLD=1,443,\"h\",0,1", OK);
	ask(w, "AT#SGACT=1,0", "\r\n+CME ERROR: operation not allowed\r\n");
	module_event(w->m, SIM_DROP_CONTEXT);
	heard(w, "\r\n+CGEV: NW DEACT \"IP\",\"212.195.45.65\",1\r\n\r\nNO CARRIER\r\n");
	module_event(w->m, SIM_DEREGISTER);
	heard(w, "\r\n+CREG: 2\r\n\r\n+CGEV: NW DETACH\r\n");
	module_event(w->m, SIM_REGISTER);
	heard(w, "\r\n+CREG: 1\r\n");
	world_free(w);
}

static void
plain_sockets(void **state)
{
	struct world *w = world_up(&ge);
	struct peer *p;

	(void)state;
	ask(w, "AT#SD=1,0,80,\"ocsp.example\",0,0,1", OK);
	p = far_memory_peer(w->net);
	assert_false(p->tls);
	ask(w, "AT#SRECV=1,100", "\r\n+CME ERROR: operation not allowed\r\n");
	say(w, "AT#SSENDEXT=1,3\r");
	say(w, "abc");
	heard(w, "\r\n> " OK);
	arrived(w, "abc");
	pass(w, 20);
	peer_sends(p, "answer");
	pass(w, 1);
	heard(w, "\r\nSRING: 1\r\n");
	ask(w, "AT#SS=1", "\r\n#SS: 1,3,212.195.45.65,40001,192.0.2.1,80\r\n" OK);
	ask(w, "AT#SI=1", "\r\n#SI: 1,3,6,6,0\r\n" OK);
	peer_close(p);
	pass(w, 1);
	ask(w, "AT#SRECV=1,100", "\r\n#SRECV: 1,6\r\nanswer\r\n" OK "\r\nNO CARRIER\r\n");
	ask(w, "AT#SS=1", "\r\n#SS: 1,0\r\n" OK);
	ask(w, "AT#SLASTCLOSURE=1", "\r\n#SLASTCLOSURE: 1,1\r\n" OK);
	ask(w, "AT#SD=2,0,80,\"h\"", "\r\nCONNECT\r\n");
	escape(w);
	ask(w, "AT#SO=2", "\r\nCONNECT\r\n");
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_differ),
		cmocka_unit_test(the_command_line),
		cmocka_unit_test(pin_and_puk),
		cmocka_unit_test(the_context_goes),
		cmocka_unit_test(plain_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
