/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Cinterion modules say what the notes on the dialect say, byte for byte: Socket services. */
#include "sim-world.h"

static const struct module_opts bgs2 = { .family = "cinterion", .address = "10.64.13.7" };

/* As ask(), with the pause that this family wants. */
static void
cmd(struct world *w, const char *command, const char *answer)
{
	ask(w, command, answer);
	pass(w, 80);
}

static struct world *
up(const struct module_opts *opts)
{
	struct world *w = world_new(opts);

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
	return w;
}

static struct world *
profile(const struct module_opts *opts)
{
	struct world *w = up(opts);

	cmd(w, "AT^SISS=1,srvType,\"Socket\"", OK);
	cmd(w, "AT^SISS=1,conId,0", OK);
	cmd(w, "AT^SISS=1,address,\"socktcp://level3.example.de:443\"", OK);
	cmd(w, "AT^SISS=1,secOpt,1,2", OK);
	return w;
}

static struct world *
opened(const struct module_opts *opts)
{
	struct world *w = profile(opts);

	say(w, "AT^SISO=1\r");
	heard(w, OK);
	pass(w, 100);
	heard(w, "\r\n^SISW: 1, 1\r\n");
	return w;
}

static void
data_both_ways(void **state)
{
	struct world *w = opened(&bgs2);

	(void)state;
	say(w, "AT^SISW=1,5\r");
	heard(w, "\r\n^SISW: 1, 5, 5\r\n");
	say(w, "hello");
	heard(w, OK);
	arrived(w, "hello");
	pass(w, 100);
	heard(w, "\r\n^SISW: 1, 1\r\n");
	peer_sends(far_memory_peer(w->net), "hello, world");
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 1\r\n");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 12\r\nhello, world\r\n" OK);
	cmd(w, "AT^SISW=1,0", "\r\n^SISW: 1, 0, 0\r\n" OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,4,12,5,5,0\r\n" OK);
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,2,12,5,5,0\r\n" OK);
	assert_int_equal(module_counters(w->m)->early_commands, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
