/* SPDX-License-Identifier: Apache-2.0 */
/* The Transparent service of the simulated Cinterion modules: data mode, the ways out, the end. */
#include "base/str.h"
#include "sim-world.h"

#define NO_CARRIER "\x10\x04NO CARRIER\r\n"

static const struct module_opts bgs2 = { .family = "cinterion", .address = "10.64.13.7" };

static void
cmd(struct world *w, const char *command, const char *answer)
{
	ask(w, command, answer);
	pass(w, 80);
}

static void
notes_server(struct peer *p, void *arg)
{
	struct far_leaf *l = &p->leaf;

	(void)arg;
	str_copy(l->issuer, sizeof(l->issuer), "/C=DE/ST=Berlin/O=demo/OU=demo/CN=level2CA");
	str_copy(l->subject, sizeof(l->subject), "/C=DE/ST=Berlin/O=demo/OU=demo/CN=level3.example.de");
	str_copy(l->serial, sizeof(l->serial), "00F1F4565330802E0D");
	str_copy(l->thumbprint, sizeof(l->thumbprint), "6360CE34138D1F80818F25E58B55BF2FA486E7B9");
}

/* The notes' 10.1, up to the open service. */
static struct world *
opened(const struct module_opts *opts, const char *options)
{
	struct world *w = world_new(opts);
	char text[128];

	w->net->on_dial = notes_server;
	cmd(w, "ATE0", "ATE0\r" OK);
	cmd(w, "AT+CMEE=2", OK);
	cmd(w, "AT\\Q3", OK);
	cmd(w, "AT&D2", OK);
	cmd(w, "AT+GSN", "\r\n004401080551530\r\n" OK);
	cmd(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	cmd(w, "AT+CREG?", "\r\n+CREG: 0,1\r\n" OK);
	cmd(w, "AT^SCFG=\"Tcp/WithURCs\",\"on\"", "\r\n^SCFG: \"Tcp/WithURCs\",\"on\"\r\n" OK);
	cmd(w, "AT^SIND=is_cert,1", "\r\n^SIND: is_cert,1\r\n" OK);
	cmd(w, "AT+CMER=3,0,0,2", OK);
	cmd(w, "AT^SICS=0,conType,\"GPRS0\"", OK);
	cmd(w, "AT^SICS=0,apn,\"internet.example\"", OK);
	cmd(w, "AT^SISS=2,srvType,\"Transparent\"", OK);
	cmd(w, "AT^SISS=2,conId,0", OK);
	snprintf(text, sizeof(text), "AT^SISS=2,address,\"192.168.1.60:443%s\"", options);
	cmd(w, text, OK);
	cmd(w, "AT^SISS=2,secOpt,1", OK);
	say(w, "AT^SISO=2\r");
	heard(w, OK);
	pass(w, 100);
	heard(w, "\r\n+CIEV: is_cert,2,/C=DE/ST=Berlin/O=demo/OU=demo/CN=level2CA,00F1F4565330802E0D,/C=DE/ST=Berlin/O=demo/OU=demo/"
		 "CN=level3.example.de,sha1RSA,sha1,6360CE34138D1F80818F25E58B55BF2FA486E7B9\r\n"
		 "\r\n^SISW: 2, 1\r\n");
	return w;
}

static struct world *
online(const struct module_opts *opts, const char *options)
{
	struct world *w = opened(opts, options);

	ask(w, "AT^SIST=2", "\r\nCONNECT\r\n");
	return w;
}

static void
hear(struct world *w, const char *text)
{
	pass(w, 1);
	heard(w, text);
}

static void
bring_up_to_a_secure_transparent_client(void **state)
{
	struct world *w = online(&bgs2, ";timer=200");

	(void)state;
	say(w, "hello");
	pass(w, 1);
	arrived(w, "hello");
	peer_sends(far_memory_peer(w->net), "hello, world");
	hear(w, "hello, world");
	escape(w);
	arrived(w, "+++");
	pass(w, 80);
	cmd(w, "AT^SISI=2", "\r\n^SISI: 2,4,12,8,8,0\r\n" OK);
	cmd(w, "AT^SISC=2", OK);
	assert_true(far_memory_peer(w->net)->module_closed);
	world_free(w);
}

static void
remote_close_in_data_mode(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	say(w, "01234");
	peer_sends(far_memory_peer(w->net), "bye");
	pass(w, 1);
	peer_close(far_memory_peer(w->net));
	pass(w, 1);
	heard(w, "bye" NO_CARRIER);
	pass(w, 100);
	cmd(w, "AT^SISI=2", "\r\n^SISI: 2,6,3,5,5,0\r\n" OK);
	cmd(w, "AT^SIST=2", "\r\nNO CARRIER\r\n");
	cmd(w, "AT^SISC=2", OK);
	cmd(w, "AT^SIST=2", "\r\n+CME ERROR: operation temporary not allowed\r\n");
	world_free(w);
}

static void
the_words_of_the_end_may_have_a_line_of_their_own(void **state)
{
	struct module_opts opts = bgs2;
	struct world *w;

	(void)state;
	opts.has = SIM_BREAKS_NO_CARRIER;
	w = online(&opts, "");
	peer_close(far_memory_peer(w->net));
	hear(w, "\x10\x04\r\nNO CARRIER\r\n");
	world_free(w);
}

/* The hole: what the host had on its way is read as commands. */
static void
bytes_behind_the_end_reach_the_command_line(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	peer_close(far_memory_peer(w->net));
	hear(w, NO_CARRIER);
	say(w, "secret\rAT^SISC=2\r");
	pass(w, 1);
	not_heard(w, "secret");
	assert_int_equal(module_counters(w->m)->early_commands, 1);
	assert_int_equal(module_counters(w->m)->errors, 1);
	arrived(w, "");
	world_free(w);
}

static void
an_escape_needs_silence_on_both_sides(void **state)
{
	static const struct {
		uint64_t before, first, second, after;
		bool leaves;
	} rows[] = {
		{ 1000, 0, 0, 1000, true },  { 999, 0, 0, 1000, false },  { 1000, 0, 0, 999, false },
		{ 1000, 500, 500, 1000, true }, { 1000, 500, 501, 1000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = online(&bgs2, "");

		pass(w, 2000);
		say(w, "x");
		pass(w, rows[i].before);
		say(w, "+");
		pass(w, rows[i].first);
		say(w, "+");
		pass(w, rows[i].second);
		say(w, "+");
		pass(w, rows[i].after);
		if (rows[i].after < 1000)
			say(w, "y");
		pass(w, 2000);
		heard(w, rows[i].leaves ? OK : "");
		arrived(w, rows[i].after < 1000 ? "x+++y" : "x+++");
		assert_int_equal(module_counters(w->m)->escapes, rows[i].leaves);
		world_free(w);
	}
}

static void
payload_that_is_more_than_plus_is_no_escape(void **state)
{
	static const char *const rows[] = { "++++", "+++\r", "a+++", "++" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = online(&bgs2, "");

		pass(w, 1000);
		say(w, rows[i]);
		pass(w, 3000);
		heard(w, "");
		arrived(w, rows[i]);
		world_free(w);
	}
}

static void
etx_leaves_and_doubled_dle_is_payload(void **state)
{
	struct world *w = online(&bgs2, ";etx=3");

	(void)state;
	say(w, "a\x10\x10" "b\x10");
	say(w, "\x10");
	pass(w, 1);
	arrived(w, "a\x10" "b\x10");
	assert_int_equal(module_counters(w->m)->violations, 0);
	say(w, "last\x10\x03");
	heard(w, OK);
	arrived(w, "last");
	pass(w, 100);
	cmd(w, "AT^SISI=2", "\r\n^SISI: 2,4,0,8,8,0\r\n" OK);
	ask(w, "AT^SIST=2", "\r\nCONNECT\r\n");
	say(w, "\x10x"); /* that should have been doubled */
	pass(w, 1);
	arrived(w, "\x10x");
	assert_int_equal(module_counters(w->m)->violations, 1);
	/* towards the host nothing is doubled */
	peer_sends(far_memory_peer(w->net), "\x10\x04NO CARRIER\r\n");
	hear(w, "\x10\x04NO CARRIER\r\n");
	say(w, "y");
	pass(w, 1);
	arrived(w, "y");
	world_free(w);
}

static void
without_etx_a_dle_is_a_byte(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	say(w, "\x10\x10\x10\x03");
	pass(w, 1);
	arrived(w, "\x10\x10\x10\x03");
	world_free(w);
}

static void
dtr_leaves_unless_d0(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	module_event(w->m, SIM_DTR_DROP);
	heard(w, OK);
	pass(w, 100);
	module_event(w->m, SIM_DTR_RAISE);
	heard(w, "");
	arrived(w, "");
	cmd(w, "AT&D0", OK);
	ask(w, "AT^SIST=2", "\r\nCONNECT\r\n");
	module_event(w->m, SIM_DTR_DROP);
	say(w, "AT\r");
	pass(w, 1);
	heard(w, "");
	arrived(w, "AT\r");
	world_free(w);
}

/* A host that has died in the middle of one leaves it so. */
static void
dtr_ends_a_payload_that_nobody_completes(void **state)
{
	struct world *w = opened(&bgs2, "");

	(void)state;
	say(w, "AT^SBNW=is_cert,1\r");
	pass(w, 100);
	say(w, "\r\r\rAT\r");
	fifo_clear(&w->heard);
	module_event(w->m, SIM_DTR_DROP);
	heard(w, "\r\nERROR\r\n");
	pass(w, 40000);
	heard(w, "");
	cmd(w, "AT", OK);
	world_free(w);
}

static void
urcs_wait_for_the_end_of_data_mode(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	module_urc(w->m, "+CREG: 2");
	pass(w, 2000);
	heard(w, "");
	say(w, "+++");
	pass(w, 1000);
	heard(w, OK "\r\n+CREG: 2\r\n");
	world_free(w);

	w = online(&bgs2, "");
	peer_abort(far_memory_peer(w->net));
	hear(w, NO_CARRIER "\r\n^SIS: 2, 0, 15, \"Remote host has reset the connection\"\r\n");
	world_free(w);
}

static void
data_that_comes_in_command_mode_is_announced_once(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	escape(w);
	peer_sends(far_memory_peer(w->net), "one");
	hear(w, "\r\n^SISR: 2, 1\r\n");
	peer_sends(far_memory_peer(w->net), "two");
	hear(w, "");
	pass(w, 100);
	ask(w, "AT^SIST=2", "\r\nCONNECT\r\nonetwo");
	peer_sends(far_memory_peer(w->net), "three");
	hear(w, "three");
	escape(w);
	pass(w, 80);
	peer_sends(far_memory_peer(w->net), "four");
	hear(w, "\r\n^SISR: 2, 1\r\n");
	world_free(w);
}

static void
remote_close_in_command_mode(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	escape(w);
	peer_sends(far_memory_peer(w->net), "the rest");
	pass(w, 1);
	peer_close(far_memory_peer(w->net));
	hear(w, "\r\n^SISR: 2, 1\r\n\r\n^SIS: 2, 0, 48\r\n");
	pass(w, 100);
	cmd(w, "AT^SISI=2", "\r\n^SISI: 2,5,8,3,3,0\r\n" OK);
	ask(w, "AT^SIST=2", "\r\nCONNECT\r\nthe rest" NO_CARRIER);
	pass(w, 100);
	cmd(w, "AT^SISI=2", "\r\n^SISI: 2,6,8,3,3,0\r\n" OK);
	cmd(w, "AT^SIST=2", "\r\nNO CARRIER\r\n");
	cmd(w, "AT^SISC=2", OK);
	world_free(w);

	/* with nothing left it is Down at once */
	w = online(&bgs2, "");
	escape(w);
	peer_close(far_memory_peer(w->net));
	hear(w, "\r\n^SIS: 2, 0, 48\r\n");
	pass(w, 100);
	cmd(w, "AT^SISI=2", "\r\n^SISI: 2,6,0,3,3,0\r\n" OK);
	world_free(w);
}

static void
only_a_transparent_service_that_is_up_has_a_data_mode(void **state)
{
	struct world *w = opened(&bgs2, "");

	(void)state;
	cmd(w, "AT^SIST=3", "\r\n+CME ERROR: operation not allowed\r\n");
	cmd(w, "AT^SIST=10", "\r\n+CME ERROR: invalid index\r\n");
	cmd(w, "AT^SISS=3,srvType,\"Socket\"", OK);
	cmd(w, "AT^SIST=3", "\r\n+CME ERROR: operation not allowed\r\n");
	cmd(w, "AT^SISR=2,100", "\r\n+CME ERROR: operation not allowed\r\n");
	cmd(w, "AT^SISC=2", OK);
	cmd(w, "AT^SIST=2", "\r\n+CME ERROR: operation temporary not allowed\r\n");
	world_free(w);
}

static void
more_than_a_slow_peer_takes_waits_in_the_line(void **state)
{
	struct world *w = online(&bgs2, "");
	struct peer *p = far_memory_peer(w->net);
	char block[4096];

	(void)state;
	memset(block, 'x', sizeof(block));
	peer_takes(p, 100);
	for (int i = 0; i < 5; i++)
		assert_int_equal(module_host_bytes(w->m, block, sizeof(block)), sizeof(block));
	pass(w, 5000);
	assert_int_equal(p->received_len, 100);
	assert_true(module_host_pending(w->m) > 0);
	peer_takes(p, SIZE_MAX);
	pass(w, 1000);
	assert_int_equal(p->received_len, sizeof(block) * 5);
	assert_int_equal(module_host_pending(w->m), 0);
	world_free(w);
}

static void
a_reset_ends_it_without_a_word(void **state)
{
	struct world *w = online(&bgs2, "");

	(void)state;
	module_event(w->m, SIM_RESET);
	pass(w, 2000);
	heard(w, "\r\n^SYSSTART\r\n");
	assert_true(far_memory_peer(w->net)->module_closed);
	ask(w, "AT", "AT\r" OK);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bring_up_to_a_secure_transparent_client),
		cmocka_unit_test(remote_close_in_data_mode),
		cmocka_unit_test(the_words_of_the_end_may_have_a_line_of_their_own),
		cmocka_unit_test(bytes_behind_the_end_reach_the_command_line),
		cmocka_unit_test(an_escape_needs_silence_on_both_sides),
		cmocka_unit_test(payload_that_is_more_than_plus_is_no_escape),
		cmocka_unit_test(etx_leaves_and_doubled_dle_is_payload),
		cmocka_unit_test(without_etx_a_dle_is_a_byte),
		cmocka_unit_test(dtr_leaves_unless_d0),
		cmocka_unit_test(dtr_ends_a_payload_that_nobody_completes),
		cmocka_unit_test(urcs_wait_for_the_end_of_data_mode),
		cmocka_unit_test(data_that_comes_in_command_mode_is_announced_once),
		cmocka_unit_test(remote_close_in_command_mode),
		cmocka_unit_test(only_a_transparent_service_that_is_up_has_a_data_mode),
		cmocka_unit_test(more_than_a_slow_peer_takes_waits_in_the_line),
		cmocka_unit_test(a_reset_ends_it_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
