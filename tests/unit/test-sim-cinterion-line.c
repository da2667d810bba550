/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Cinterion modules: the command line, settings and profiles, and what is refused. */
#include "sim-cinterion.h"

#define CME(text) "\r\n+CME ERROR: " text "\r\n"
#define NOT_NOW CME("operation temporary not allowed")
#define PARAMETERS CME("incorrect parameters")

static void
the_command_line(void **state)
{
	struct world *w = world_new(&bgs2);
	char line[600];

	(void)state;
	ask(w, "", "\r"); /* an empty line is nothing */
	cmd(w, "AT", "AT\r" OK);
	cmd(w, "ate0V1\\q3&d2&C1", "ate0V1\\q3&d2&C1\r" OK);
	cmd(w, "AT+NOSUCH=1", "\r\nERROR\r\n");
	cmd(w, "AT^SISX=\"Ping\"", "\r\nERROR\r\n"); /* of newer modules */
	cmd(w, "AT+CMEE=1", OK);
	cmd(w, "AT+NOSUCH=1", "\r\nERROR\r\n"); /* it does not know it: the bare word all the same */
	cmd(w, "AT^SISO=1", CME("3"));
	cmd(w, "AT^SISO=10", CME("21"));
	cmd(w, "AT+CMEE=2", OK);
	cmd(w, "AT^SISO=1", CME("operation not allowed"));
	cmd(w, "AT^SISO=10", CME("invalid index"));
	cmd(w, "AT+CMEE=1;+CREG=1", PARAMETERS); /* one command in a line */
	memset(line, ' ', sizeof(line));
	memcpy(line, "AT+CMEE=1", 9);
	line[513] = '\0';
	cmd(w, line, "\r\nERROR\r\n");
	cmd(w, "AT+CMEE?", "\r\n+CMEE: 2\r\n" OK);
	cmd(w, "ATV0", "0\r");
	cmd(w, "AT+NOSUCH", "4\r");
	assert_int_equal(module_counters(w->m)->early_commands, 0);
	world_free(w);
}

static void
a_tenth_of_a_second_after_a_result(void **state)
{
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	assert_int_equal(module_counters(w->m)->early_commands, 0);
	say(w, "AT\r");
	heard(w, OK);
	pass(w, 99);
	say(w, "AT\r");
	heard(w, OK);
	assert_int_equal(module_counters(w->m)->early_commands, 1);
	fault(w, "refuse-early");
	pass(w, 99);
	say(w, "AT\r");
	heard(w, "\r\nERROR\r\n");
	pass(w, 100);
	say(w, "AT\r");
	heard(w, OK);
	assert_int_equal(module_counters(w->m)->early_commands, 2);
	world_free(w);
}

static void
who_it_is(void **state)
{
	struct module_opts o = bgs2;
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	cmd(w, "AT+CGMI", "\r\nCinterion\r\n" OK);
	cmd(w, "AT+CGMM", "\r\nBGS2-W\r\n" OK);
	cmd(w, "AT+CGMR", "\r\nREVISION 02.000\r\n" OK);
	cmd(w, "AT+CGSN", "\r\n004401080551530\r\n" OK);
	cmd(w, "AT^SQPORT?", "\r\n^SQPORT: 1\r\n" OK);
	cmd(w, "AT+CSQ", "\r\n+CSQ: 18,0\r\n" OK);
	cmd(w, "AT+COPS?", "\r\n+COPS: 0,0,\"Simulated\"\r\n" OK);
	cmd(w, "AT+CGREG?", "\r\n+CGREG: 0,1\r\n" OK);
	cmd(w, "AT^SICO=0", "\r\nERROR\r\n"); /* WM02 */
	cmd(w, "AT+CCLK=\"26/11/21,10:00:00+04\"", OK);
	pass(w, 1);
	cmd(w, "AT+CCLK?", "\r\n+CCLK: \"26/11/21,10:00:00+04\"\r\n" OK);
	world_free(w);

	w = cinterion_up(&mc75i);
	cmd(w, "AT+CGMI", "\r\nSIEMENS\r\n" OK);
	cmd(w, "AT+CGMM", "\r\nMC75i\r\n" OK);
	cmd(w, "AT^SICO=0", OK);
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,2,0,\"10.64.13.7\"\r\n" OK);
	cmd(w, "AT^SICC=0", OK);
	cmd(w, "AT^SICI?", "\r\n^SICI: 0,0,0,\"0.0.0.0\"\r\n" OK);
	world_free(w);

	o.model = "EHS6";
	{
		struct clock clock;
		struct far_memory *net;

		clock_init(&clock, 1000, 1);
		net = far_memory_new(&clock);
		assert_null(module_new(&clock, &o, &net->far));
		far_memory_free(net);
	}
}

static void
pin(void **state)
{
	struct module_opts o = bgs2;
	struct world *w;

	(void)state;
	o.sim_pin = "1234";
	w = world_new(&o);
	cmd(w, "ATE0", "ATE0\r" OK);
	cmd(w, "AT+CMEE=2", OK);
	cmd(w, "AT+CPIN?", "\r\n+CPIN: SIM PIN\r\n" OK);
	cmd(w, "AT+CREG?", "\r\n+CREG: 0,0\r\n" OK);
	cmd(w, "AT+CPIN=1111", CME("incorrect password"));
	cmd(w, "AT+CREG=1", OK);
	cmd(w, "AT+CPIN=1234", OK "\r\n+CREG: 1\r\n");
	cmd(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	world_free(w);
}

static void
connection_profiles(void **state)
{
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	cmd(w, "AT^SICS=6,conType,GPRS0", CME("invalid index"));
	cmd(w, "AT^SICS=1,apn,x", CME("operation not allowed")); /* conType comes first */
	cmd(w, "AT^SICS=0,inactTO,65536", PARAMETERS);
	cmd(w, "AT^SICS=0,inactTO,\"60\"", OK);
	cmd(w, "AT^SICS=0,passwd,\"secret\"", OK);
	cmd(w, "AT^SICS=0,dns1,\"1.2.3\"", PARAMETERS);
	cmd(w, "AT^SICS=0,dns1,\"1.2.3.4\"", OK);
	cmd(w, "AT^SICS=0,nosuch,1", CME("operation not supported"));
	cmd(w, "AT^SICS?",
	    "\r\n^SICS: 0,\"conType\",\"GPRS0\"\r\n^SICS: 0,\"inactTO\",\"60\"\r\n^SICS: 0,\"user\",\"\"\r\n"
	    "^SICS: 0,\"passwd\",\"*****\"\r\n^SICS: 0,\"apn\",\"internet.example\"\r\n^SICS: 0,\"dns1\",\"1.2.3.4\"\r\n"
	    "^SICS: 0,\"dns2\",\"0.0.0.0\"\r\n^SICS: 0,\"alphabet\",\"0\"\r\n^SICS: 1,\"conType\",\"\"\r\n"
	    "^SICS: 2,\"conType\",\"\"\r\n^SICS: 3,\"conType\",\"\"\r\n^SICS: 4,\"conType\",\"\"\r\n^SICS: 5,\"conType\",\"\"\r\n" OK);
	cmd(w, "AT^SICS=0,contype,\"gprs0\"", OK); /* the others are gone then */
	service(w, 1, "h", "");
	cmd(w, "AT^SISO=1", OK "\r\n^SISW: 1, 1\r\n");
	cmd(w, "AT^SICS=0,apn,x", NOT_NOW);
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SICS=0,apn,x", NOT_NOW); /* the bearer stands for another 20 s */
	pass(w, 20000);
	cmd(w, "AT^SICS=0,apn,x", OK);
	world_free(w);
}

static void
service_profiles(void **state)
{
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	cmd(w, "AT^SISS=1,conId,0", CME("operation not allowed")); /* srvType comes first */
	cmd(w, "AT^SISS=10,srvType,Socket", CME("invalid index"));
	cmd(w, "AT^SISS=1,srvType,\"Nosuch\"", PARAMETERS);
	cmd(w, "AT^SISS=1,srvtype,socket", OK);
	cmd(w, "AT^SISO=1", CME("operation not allowed")); /* neither conId nor address */
	cmd(w, "AT^SISS=1,conId,6", PARAMETERS);
	cmd(w, "AT^SISS=1,conId,\"0\"", OK);
	cmd(w, "AT^SISS=1,hcMethod,0", CME("operation not supported"));
	cmd(w, "AT^SISS=1,tcpMR,31", PARAMETERS);
	cmd(w, "AT^SISS=1,tcpMR,4", OK);
	cmd(w, "AT^SISS=1,tcpOT,60", OK);
	cmd(w, "AT^SISS=1,address,\"socktcp://a:1\"", OK);
	cmd(w, "AT^SISS=1,secOpt,0", PARAMETERS);
	cmd(w, "AT^SISS=1,secOpt,1,11", PARAMETERS);
	cmd(w, "AT^SISS=1,secOpt,-1,1", PARAMETERS);
	cmd(w, "AT^SISS=1,secOpt,1,2,3,4,5,6,7,8,9,10", OK);
	cmd(w, "AT^SISS=1,secOpt,\"1,2\"", OK);
	cmd(w, "AT^SISS=2,srvType,\"Transparent\"", OK);
	cmd(w, "AT^SISS?",
	    "\r\n^SISS: 0,\"srvType\",\"\"\r\n^SISS: 1,\"srvType\",\"Socket\"\r\n^SISS: 1,\"conId\",\"0\"\r\n"
	    "^SISS: 1,\"alphabet\",\"0\"\r\n^SISS: 1,\"address\",\"socktcp://a:1\"\r\n^SISS: 1,\"tcpMR\",\"4\"\r\n"
	    "^SISS: 1,\"tcpOT\",\"60\"\r\n^SISS: 1,\"secOpt\",\"1,2\"\r\n^SISS: 2,\"srvType\",\"Transparent\"\r\n"
	    "^SISS: 2,\"conId\",\"\"\r\n^SISS: 2,\"alphabet\",\"0\"\r\n^SISS: 2,\"address\",\"\"\r\n^SISS: 2,\"tcpMR\",\"30\"\r\n"
	    "^SISS: 2,\"tcpOT\",\"6000\"\r\n^SISS: 2,\"secOpt\",\"\"\r\n^SISS: 3,\"srvType\",\"\"\r\n^SISS: 4,\"srvType\",\"\"\r\n"
	    "^SISS: 5,\"srvType\",\"\"\r\n^SISS: 6,\"srvType\",\"\"\r\n^SISS: 7,\"srvType\",\"\"\r\n^SISS: 8,\"srvType\",\"\"\r\n"
	    "^SISS: 9,\"srvType\",\"\"\r\n" OK);
	cmd(w, "AT^SISS=1,secOpt,\"\"", OK);
	cmd(w, "AT^SISO=1", OK "\r\n^SISW: 1, 1\r\n");
	assert_false(far_memory_peer(w->net)->tls);
	cmd(w, "AT^SISS=1,secOpt,1", NOT_NOW);
	cmd(w, "AT^SISS=1,srvType,none", NOT_NOW);
	cmd(w, "AT^SISR=2,1", CME("operation not allowed")); /* another kind of service */
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISR=1,1", NOT_NOW);
	cmd(w, "AT^SISW=1,1", NOT_NOW);
	cmd(w, "AT^SISS=1,srvType,none", OK);
	cmd(w, "AT^SISI=1", CME("operation not allowed"));
	world_free(w);
}

/* What an address comes to. */
static void
address(struct world *w, const char *text, int code, const char *words)
{
	char line[400], answer[200];

	snprintf(line, sizeof(line), "AT^SISS=1,address,\"%s\"", text);
	cmd(w, line, OK);
	if (code)
		snprintf(answer, sizeof(answer), OK "\r\n^SIS: 1, 0, %d, \"%s\"\r\n", code, words);
	else
		snprintf(answer, sizeof(answer), OK "\r\n^SISW: 1, 1\r\n");
	cmd(w, "AT^SISO=1", answer);
	cmd(w, "AT^SISC=1", OK);
}

static void
addresses(void **state)
{
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	service(w, 1, "h", "");
	address(w, "socktcp://host.example:65535", 0, NULL);
	assert_string_equal(far_memory_peer(w->net)->host, "host.example");
	assert_int_equal(far_memory_peer(w->net)->port, 65535);
	address(w, "socktcp://host_1:1", 0, NULL); /* another character of the GSM alphabet */
	assert_string_equal(far_memory_peer(w->net)->host, "host?1");
	address(w, "socktcp://host\\111:1", 0, NULL);
	assert_string_equal(far_memory_peer(w->net)->host, "host_1");
	cmd(w, "AT^SISS=1,alphabet,1", OK);
	address(w, "socktcp://host_1:1", 0, NULL);
	assert_string_equal(far_memory_peer(w->net)->host, "host_1");
	address(w, "socktcps://h:1", 56, "Syntax error in URL");
	address(w, "h:1", 56, "Syntax error in URL");
	address(w, "socktcp://h", 56, "Syntax error in URL");
	address(w, "socktcp://h:0", 56, "Syntax error in URL");
	address(w, "socktcp://h:1;etx=3", 56, "Syntax error in URL");
	address(w, "socktcp://listener:1", 52, "entity not supported");
	address(w, "sockudp://h:1", 52, "entity not supported");

	cmd(w, "AT^SISS=1,srvType,Transparent", OK);
	cmd(w, "AT^SISS=1,conId,0", OK);
	address(w, "192.168.1.60:443;timer=200;etx=3", 0, NULL);
	address(w, "192.168.1.60:443:timer=200", 0, NULL);
	address(w, "192.168.1.60:443;etx=16", 56, "Syntax error in URL");
	address(w, "192.168.1.60:443;timer=30", 56, "Syntax error in URL");
	address(w, "socktcp://h:1", 56, "Syntax error in URL");
	cmd(w, "AT^SISS=1,conId,5", OK);
	address(w, "h:1", 80, "connection profile not defined");
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_line),
		cmocka_unit_test(a_tenth_of_a_second_after_a_result),
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(pin),
		cmocka_unit_test(connection_profiles),
		cmocka_unit_test(service_profiles),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
