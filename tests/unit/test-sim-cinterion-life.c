/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Cinterion modules: the bearer, losses, resets and faults. */
#include "sim-cinterion.h"

#define NOT_NOW "\r\n+CME ERROR: operation temporary not allowed\r\n"
#define READY "\r\n^SISW: 1, 1\r\n"
#define SECURE "\r\n+CIEV: is_cert,1," LEVEL3 "\r\n" READY

static void
the_bearer_comes_and_goes_with_the_services(void **state)
{
	struct module_opts o = bgs2;
	struct world *w;

	(void)state;
	o.activate_ms = 3000;
	w = cinterion_up(&o);
	service(w, 1, "level3.example.de", "-1");
	service(w, 2, "level3.example.de", "");
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,0,0,\"0.0.0.0\"\r\n" OK);
	cmd(w, "AT^SISO=1", OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,3,0,0,0,0\r\n" OK);
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,1,1,\"0.0.0.0\"\r\n" OK);
	cmd(w, "AT^SISO=2", OK);
	pass(w, 3000);
	heard(w, SECURE "\r\n^SISW: 2, 1\r\n");
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,2,2,\"10.64.13.7\"\r\n" OK);
	cmd(w, "AT^SISO?",
	    "\r\n^SISO: 0,\"\"\r\n^SISO: 1,\"Socket\",4,2,0,0,\"10.64.13.7:40001\",\"192.0.2.1:443\"\r\n"
	    "^SISO: 2,\"Socket\",4,2,0,0,\"10.64.13.7:40002\",\"192.0.2.1:443\"\r\n^SISO: 3,\"\"\r\n^SISO: 4,\"\"\r\n"
	    "^SISO: 5,\"\"\r\n^SISO: 6,\"\"\r\n^SISO: 7,\"\"\r\n^SISO: 8,\"\"\r\n^SISO: 9,\"\"\r\n" OK);
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISC=2", OK);
	pass(w, 19000);
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,2,0,\"10.64.13.7\"\r\n" OK);
	pass(w, 1000);
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,0,0,\"0.0.0.0\"\r\n" OK);
	world_free(w);
}

static void
the_network_does_not_take_it(void **state)
{
	struct module_opts o = bgs2;
	struct world *w;

	(void)state;
	o.apn = "another";
	w = cinterion_up(&o);
	service(w, 1, "h", "");
	cmd(w, "AT^SISO=1", OK "\r\n^SIS: 1, 0, 98, \"network is not up\"\r\n");
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SICS=0,apn,another", OK);
	cmd(w, "AT^SISO=1", OK READY);
	world_free(w);
}

static void
the_context_is_dropped(void **state)
{
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	module_event(w->m, SIM_DROP_CONTEXT);
	heard(w, "\r\n^SIS: 1, 0, 13, \"The network is unavailable\"\r\n");
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,0,0,\"0.0.0.0\"\r\n" OK);
	cmd(w, "AT^SISR=1,10", "\r\n+CME ERROR: operation failed\r\n");
	cmd(w, "AT^SISO=1", NOT_NOW);
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISO=1", OK SECURE);
	world_free(w);
}

static void
the_network_is_lost_and_tcp_hopes_for_a_while(void **state)
{
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	cmd(w, "AT+CREG=1", OK);
	module_event(w->m, SIM_DEREGISTER);
	heard(w, "\r\n+CREG: 2\r\n");
	say(w, "AT^SISW=1,5\r");
	heard(w, "\r\n^SISW: 1, 5, 5\r\n");
	say(w, "hello");
	heard(w, OK);
	pass(w, 100);
	heard(w, READY);
	arrived(w, "");
	pass(w, 50000);
	module_event(w->m, SIM_REGISTER);
	heard(w, "\r\n+CREG: 1\r\n");
	arrived(w, "hello");
	module_event(w->m, SIM_DEREGISTER);
	heard(w, "\r\n+CREG: 2\r\n");
	pass(w, 59000);
	heard(w, "");
	pass(w, 1000);
	heard(w, "\r\n^SIS: 1, 0, 20, \"Connection timed out\"\r\n");
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISO=1", NOT_NOW);
	module_event(w->m, SIM_DENY);
	heard(w, "\r\n+CREG: 3\r\n");
	module_event(w->m, SIM_ROAM);
	heard(w, "\r\n+CREG: 5\r\n");
	cmd(w, "AT^SISO=1", OK SECURE);
	module_event(w->m, SIM_REMOVE_CARD);
	heard(w, "\r\n+CREG: 0\r\n\r\n^SIS: 1, 0, 13, \"The network is unavailable\"\r\n");
	cmd(w, "AT+CPIN?", "\r\n+CME ERROR: SIM not inserted\r\n");
	module_event(w->m, SIM_INSERT_CARD);
	heard(w, "\r\n+CREG: 5\r\n");
	world_free(w);
}

static void
after_a_start_nothing_is_as_it_was(void **state)
{
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	cmd(w, "AT+CFUN=1,1", OK);
	pass(w, 900);
	heard(w, "");
	pass(w, 100);
	heard(w, "\r\n^SYSSTART\r\n");
	cmd(w, "AT^SISI=1", "AT^SISI=1\r\r\nERROR\r\n"); /* echo, and no +CMEE */
	cmd(w, "ATE0", "ATE0\r" OK);
	cmd(w, "AT+CMER?", "\r\n+CMER: 0,0,0,0\r\n" OK);
	cmd(w, "AT^SIND?", "\r\n^SIND: is_cert,0\r\n" OK);
	cmd(w, "AT^SICI?", OK);
	assert_true(far_memory_peer(w->net)->module_closed);
	assert_int_equal(module_counters(w->m)->reboots, 1);

	cmd(w, "AT^SMSO", OK);
	heard(w, "\r\n^SMSO: MS OFF\r\n");
	pass(w, 5000);
	say(w, "AT\r");
	heard(w, "");
	module_event(w->m, SIM_POWER);
	pass(w, 1000);
	heard(w, "\r\n^SYSSTART\r\n");
	world_free(w);
}

static void
dials_that_fail(void **state)
{
	static const struct {
		enum far_fail why;
		const char *words;
	} rows[] = {
		{ FAR_DNS, "24, \"Host not found\"" },
		{ FAR_REFUSED, "21, \"Remote host has rejected the connection\"" },
		{ FAR_TIMEOUT, "20, \"Connection timed out\"" },
		{ FAR_HANDSHAKE, "74, \"TLS/SSL protocol error\"" },
	};
	struct world *w = cinterion_up(&bgs2);
	char answer[200];

	(void)state;
	service(w, 1, "level3.example.de", "-1");
	w->net->mode = PEER_REFUSE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->net->why = rows[i].why;
		snprintf(answer, sizeof(answer), OK "\r\n^SIS: 1, 0, %s\r\n", rows[i].words);
		cmd(w, "AT^SISO=1", answer);
		cmd(w, "AT^SISI=1", "\r\n^SISI: 1,6,0,0,0,0\r\n" OK);
		cmd(w, "AT^SISC=1", OK);
	}
	w->net->mode = PEER_SILENT;
	cmd(w, "AT^SISO=1", OK);
	pass(w, 59000);
	heard(w, "");
	pass(w, 1000);
	heard(w, "\r\n^SIS: 1, 0, 20, \"Connection timed out\"\r\n");
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISO=1", OK);
	cmd(w, "AT^SISC=1", OK); /* not to be waited for */
	assert_true(far_memory_peer(w->net)->module_closed);
	pass(w, 100000);
	heard(w, "");
	w->net->mode = PEER_COLLECT;
	fault(w, "dial-fail=1,dial=refused");
	cmd(w, "AT^SISO=1", OK "\r\n^SIS: 1, 0, 21, \"Remote host has rejected the connection\"\r\n");
	world_free(w);
}

static void
what_goes_wrong_on_demand(void **state)
{
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	fault(w, "stuck-open=refuse");
	cmd(w, "AT^SISC=1", NOT_NOW);
	fault(w, "stuck-open=hang");
	say(w, "AT^SISC=1\r");
	pass(w, 59000);
	heard(w, "");
	pass(w, 1100);
	heard(w, "\r\nERROR\r\n");
	fault(w, "none,no-final=1");
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,4,0,0,0,0\r\n");
	fault(w, "none,no-answer=1");
	cmd(w, "AT^SISI=1", "");
	fault(w, "none,no-prompt=1");
	cmd(w, "AT^SISW=1,3", "");
	fault(w, "none");
	say(w, "AT\r"); /* it takes this for the payload */
	heard(w, OK);
	arrived(w, "AT\r");
	pass(w, 100);
	heard(w, READY);
	fault(w, "disconnected");
	peer_close(far_memory_peer(w->net));
	pass(w, 1000);
	heard(w, "");
	cmd(w, "AT^SISR=1,10", "\r\n^SISR: 1, -2\r\n" OK);
	cmd(w, "AT^SISC=1", OK);
	fault(w, "none,reset=1");
	cmd(w, "AT", "");
	fault(w, "none");
	pass(w, 1000);
	heard(w, "\r\n^SYSSTART\r\n");
	fault(w, "stuck-echo");
	cmd(w, "ATE0", "ATE0\r" OK);
	cmd(w, "AT", "AT\r" OK);
	world_free(w);
}

static void
no_byte_moves_over_a_dead_context(void **state)
{
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	service(w, 2, "h", "");
	fault(w, "dead-context=context");
	peer_sends(far_memory_peer(w->net), "hello");
	pass(w, 1000);
	heard(w, "");
	cmd(w, "AT^SISO=2", OK);
	pass(w, 60000);
	heard(w, "\r\n^SIS: 2, 0, 20, \"Connection timed out\"\r\n");
	cmd(w, "AT^SISC=2", OK);
	cmd(w, "AT^SISC=1", OK);
	pass(w, 20000); /* the bearer goes, and comes again as good as new */
	cmd(w, "AT^SISO=2", OK "\r\n^SISW: 2, 1\r\n");
	world_free(w);
}

static void
a_character_may_end_the_opening(void **state)
{
	struct module_opts o = bgs2;
	struct world *w;

	(void)state;
	o.activate_ms = 3000;
	w = cinterion_up(&o);
	service(w, 1, "h", "");
	fault(w, "abort-on-input");
	cmd(w, "AT^SISO=1", OK);
	say(w, "A");
	heard(w, "\r\n^SIS: 1, 0, 14, \"An established connection was aborted (transmission time-out or protocol error)\"\r\n");
	cmd(w, "T^SISC=1", OK);
	cmd(w, "AT^SISO=1", OK);
	pass(w, 3000);
	heard(w, READY);
	world_free(w);
}

static void
a_payload_ends_with_its_connection(void **state)
{
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	say(w, "AT^SISW=1,5\r");
	heard(w, "\r\n^SISW: 1, 5, 5\r\n");
	peer_abort(far_memory_peer(w->net));
	pass(w, 100);
	heard(w, "");
	say(w, "hello");
	heard(w, "\r\n+CME ERROR: operation failed\r\n\r\n^SIS: 1, 0, 15, \"Remote host has reset the connection\"\r\n");
	world_free(w);
}

/* As a host brings it up, if it listens. */
static void
bring_up(struct world *w)
{
	static const char *const lines[] = {
		"ATE0\r", "AT^SIND=is_cert,1\r", "AT+CMER=3,0,0,2\r", "AT^SICS=0,conType,GPRS0\r", "AT^SISS=1,srvType,Socket\r",
		"AT^SISS=1,conId,0\r", "AT^SISS=1,address,\"socktcp://h:1\"\r", "AT^SISS=1,secOpt,-1\r", "AT^SISS=2,srvType,Transparent\r",
		"AT^SISS=2,conId,0\r", "AT^SISS=2,address,\"h:1;etx=3\"\r",
	};

	module_event(w->m, SIM_INSERT_CARD);
	module_event(w->m, SIM_REGISTER);
	module_event(w->m, SIM_POWER);
	module_event(w->m, SIM_DTR_RAISE);
	module_event(w->m, SIM_DTR_DROP);
	pass(w, 2000);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		say(w, lines[i]);
		pass(w, 100);
	}
}

/* Whatever a host, a network and bad luck may do, one after the other. */
static void
one_thing(struct world *w, uint32_t *random)
{
	static const char *const lines[] = {
		"AT^SISO=1\r", "AT^SISO=2\r", "AT^SISW=1,5\r", "AT^SISW=1,1500\r", "AT^SISW=1,0,1\r", "AT^SISR=1,7\r", "AT^SISR=1,1500\r",
		"AT^SISR=1,0\r", "AT^SIST=2\r", "AT^SIST=2\r", "AT^SISC=1\r", "AT^SISC=2\r", "AT^SISI?\r", "AT^SISO?\r", "AT^SBNW=is_cert,1\r",
		"AT^SBNR=is_cert\r", "+++", "\020\003", "\r", "AT", "hello", "0123456789012345678901234567890123456789",
	};
	static const char *const faults[] = { "late=0.3", "no-answer=0.1", "no-prompt=0.1", "urc=0.2", "reset=0.01", "dial-fail=0.2",
					      "dead-context=context", "abort-on-input", "stuck-open=hang", "none", "none", "none" };
	struct peer *p = far_memory_peer(w->net);

	switch (sim_random(random, 30)) {
	case 0:
		module_event(w->m, (enum sim_event)sim_random(random, SIM_DTR_RAISE + 1));
		break;
	case 1:
		bring_up(w);
		break;
	case 2:
		fault(w, faults[sim_random(random, sizeof(faults) / sizeof(faults[0]))]);
		break;
	case 3:
	case 4:
		if (p && sim_random(random, 4))
			peer_sends(p, "some words from the peer");
		else if (p)
			peer_close(p);
		break;
	case 5:
		if (p)
			peer_takes(p, sim_random(random, 2) ? SIZE_MAX : sim_random(random, 3000));
		break;
	case 6:
		pass(w, sim_random(random, 100000));
		break;
	default:
		say(w, lines[sim_random(random, sizeof(lines) / sizeof(lines[0]))]);
		pass(w, sim_random(random, 300));
	}
	fifo_clear(&w->heard);
}

static void
whatever_comes_it_can_be_started_again(void **state)
{
	struct world *w;
	uint32_t random;

	(void)state;
	for (uint32_t seed = 1; seed <= 30; seed++) {
		random = seed;
		w = world_new(&bgs2);
		w->net->mode = seed % 2 ? PEER_ECHO : PEER_COLLECT;
		for (int i = 0; i < 1500; i++)
			one_thing(w, &random);
		fault(w, "none");
		module_event(w->m, SIM_INSERT_CARD);
		module_event(w->m, SIM_REGISTER);
		pass(w, 100);
		fifo_clear(&w->heard);
		module_event(w->m, SIM_RESET);
		pass(w, 1000);
		heard(w, "\r\n^SYSSTART\r\n");
		cmd(w, "ATE0", "ATE0\r" OK);
		cmd(w, "AT^SICS=0,conType,GPRS0", OK);
		service(w, 1, "h", "");
		cmd(w, "AT^SISO=1", OK READY);
		world_free(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bearer_comes_and_goes_with_the_services),
		cmocka_unit_test(the_network_does_not_take_it),
		cmocka_unit_test(the_context_is_dropped),
		cmocka_unit_test(the_network_is_lost_and_tcp_hopes_for_a_while),
		cmocka_unit_test(after_a_start_nothing_is_as_it_was),
		cmocka_unit_test(dials_that_fail),
		cmocka_unit_test(what_goes_wrong_on_demand),
		cmocka_unit_test(no_byte_moves_over_a_dead_context),
		cmocka_unit_test(a_character_may_end_the_opening),
		cmocka_unit_test(a_payload_ends_with_its_connection),
		cmocka_unit_test(whatever_comes_it_can_be_started_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
