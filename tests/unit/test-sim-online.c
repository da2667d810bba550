/* SPDX-License-Identifier: Apache-2.0 */
/* Data mode of the simulated Telit modules, and the way out of it. */
#include "sim-world.h"

static void
online_escape_resume_close(void **state)
{
	struct world *w = world_online(&ge);

	(void)state;
	say(w, "GET / HTTP/1.0\r\n\r\n");
	pass(w, 100);
	arrived(w, "GET / HTTP/1.0\r\n\r\n");
	assert_int_equal(far_memory_peer(w->net)->n_offered, 3);
	escape(w);
	arrived(w, "");
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,2,1\r\n" OK);
	peer_sends(far_memory_peer(w->net), "meanwhile");
	pass(w, 10);
	ask(w, "AT#SSLO=1", "\r\nCONNECT\r\nmeanwhile");
	pass(w, 1000);
	escape(w);
	ask(w, "AT#SSLH=1", OK);
	assert_true(far_memory_peer(w->net)->module_closed);
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,1\r\n" OK);
	ask(w, "AT#SSLEN=1,0", OK);
	world_free(w);
}

/* Whatever word data mode begins with, URCs do not stand behind it: they wait for its end. */
static void
what_is_new_during_a_resume_waits(void **state)
{
	static const struct {
		const char *fault, *begins;
	} ways[] = { { "none", "\r\nCONNECT\r\n" }, { "resume-ok", OK } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct world *w = world_online(&ge);

		fault(w, ways[i].fault);
		pass(w, 1000);
		escape(w);
		say(w, "AT#SSLO=1"); /* begun: news wait for its result */
		module_urc(w->m, "+CREG: 1");
		pass(w, 100);
		heard(w, "");
		say(w, "\r");
		pass(w, 0);
		heard(w, ways[i].begins);
		pass(w, 1000);
		say(w, "+++");
		pass(w, 2000);
		heard(w, OK "\r\n+CREG: 1\r\n");
		world_free(w);
	}
}

static void
remote_close_online(void **state)
{
	struct world *w = world_online(&ge);

	(void)state;
	peer_sends(far_memory_peer(w->net), "HTTP/1.0 200 OK\r\n\r\nlast");
	peer_close(far_memory_peer(w->net));
	pass(w, 10);
	heard(w, "HTTP/1.0 200 OK\r\n\r\nlast\r\nNO CARRIER\r\n");
	ask(w, "AT", OK);
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,1\r\n" OK);
	world_free(w);
}

static void
bytes_behind_a_remote_close_are_commands(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.line_rate = 9600;
	o.latency_ms = 0;
	w = world_new(&o);
	say(w, "ATE0\r");
	pass(w, 100);
	say(w, "AT#SELINT=2;+CGDCONT=1,\"IP\",\"a\"\r");
	pass(w, 100);
	say(w, "AT#SGACT=1,1\r");
	pass(w, 100);
	say(w, "AT#SSLEN=1,1\r");
	pass(w, 100);
	say(w, "AT#SSLD=1,443,\"h\",0,0\r");
	pass(w, 100);
	fifo_clear(&w->heard);
	say(w, "AT#SSLSECDATA=1,0,1\r"); /* 20 bytes, 21 ms */
	peer_close(far_memory_peer(w->net));
	pass(w, 100);
	heard(w, "\r\nNO CARRIER\r\n" OK);
	world_free(w);
}

static void
escape_needs_silence(void **state)
{
	struct world *w = world_online(&ge);

	(void)state;
	/* none before */
	say(w, "a");
	pass(w, 999);
	say(w, "+++");
	pass(w, 2000);
	heard(w, "");
	arrived(w, "a+++");
	/* none after */
	say(w, "+++");
	pass(w, 999);
	say(w, "b");
	pass(w, 2000);
	heard(w, "");
	arrived(w, "+++b");
	/* four */
	say(w, "++++");
	pass(w, 2000);
	arrived(w, "++++");
	/* too much between; the third may begin another, and did not */
	say(w, "++");
	pass(w, 1001);
	say(w, "+");
	pass(w, 2000);
	heard(w, "");
	arrived(w, "+++");
	/* slowly, but in time */
	say(w, "+");
	pass(w, 900);
	say(w, "+");
	pass(w, 1000);
	say(w, "+");
	pass(w, 999);
	heard(w, "");
	pass(w, 1);
	heard(w, OK);
	arrived(w, "");
	world_free(w);
}

static void
the_silence_counts_from_the_last_byte_of_connect(void **state)
{
	struct module_opts o = ge;
	struct world *w;

	(void)state;
	o.line_rate = 9600; /* CONNECT and its line ends last 11 ms */
	w = world_new(&o);
	ask_in(w, "ATE0", 100, "ATE0\r" OK);
	ask_in(w, "AT#SELINT=2;+CGDCONT=1,\"IP\",\"a\"", 100, OK);
	ask_in(w, "AT#SGACT=1,1", 100, "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask_in(w, "AT#SSLEN=1,1", 100, OK);
	ask_in(w, "AT#SSLCFG=1,1,1500,0,100,1", 100, OK);
	say(w, "AT#SSLD=1,443,\"h\",0,0\r"); /* 22 bytes, 23 ms */
	pass(w, 23 + 1003);
	say(w, "+++");
	pass(w, 3000);
	heard(w, "\r\nCONNECT\r\n");
	arrived(w, "+++");
	world_free(w);
}

static void
escape_settings(void **state)
{
	struct world *w = world_up(&ge);

	(void)state;
	ask(w, "ATS12?", "\r\n050\r\n" OK);
	ask(w, "ATS12=19", "\r\nERROR\r\n");
	ask(w, "ATS12=20", OK);
	ask(w, "AT#SKIPESC=0", OK);
	ask(w, "AT#SSLCFG=1,1,1500,0,100,1", OK);
	ask(w, "AT#SSLD=1,443,\"h\",0,0", "\r\nCONNECT\r\n");
	pass(w, 400);
	say(w, "+++");
	pass(w, 400);
	heard(w, OK);
	arrived(w, "+++"); /* the peer sees it */
	pass(w, 20);
	ask(w, "AT#E2ESC=3", OK);
	ask(w, "AT#SSLO=1", "\r\nCONNECT\r\n");
	pass(w, 2970);
	say(w, "+++");
	pass(w, 5000);
	heard(w, "");
	say(w, "+++");
	pass(w, 2999);
	heard(w, "");
	pass(w, 1);
	heard(w, OK);
	world_free(w);
}

static void
online_gathering_and_idleness(void **state)
{
	struct world *w = world_up(&ge);
	char packet[300];

	(void)state;
	memset(packet, 'x', sizeof(packet));
	ask(w, "AT#SSLCFG?", "\r\n#SSLCFG: 1,1,300,90,100,50,0,0,0,0\r\n" OK);
	ask(w, "AT#SSLD=1,443,\"h\",0,0", "\r\nCONNECT\r\n");
	module_host_bytes(w->m, packet, 299);
	pass(w, 4999);
	arrived(w, "");
	module_host_bytes(w->m, packet, 1);
	assert_int_equal(far_memory_peer(w->net)->received.len, 300);
	fifo_clear(&far_memory_peer(w->net)->received);
	say(w, "abc");
	pass(w, 4999);
	arrived(w, "");
	pass(w, 1);
	arrived(w, "abc");
	pass(w, 84999);
	heard(w, "");
	pass(w, 1);
	heard(w, "\r\nNO CARRIER\r\n");
	world_free(w);
}

static void
a_slow_peer_holds_the_host_up(void **state)
{
	struct module_opts o = ge;
	struct world *w;
	static char bytes[100000];
	size_t took, more;

	(void)state;
	o.buffer = 4096;
	o.line_queue = 1024;
	w = world_online(&o);
	peer_takes(far_memory_peer(w->net), 0);
	for (took = 0; (more = module_host_bytes(w->m, bytes, sizeof(bytes) - took)); took += more)
		;
	assert_in_range(took, 4096, 4096 + 1024);
	peer_takes(far_memory_peer(w->net), SIZE_MAX);
	pass(w, 200);
	assert_int_equal(far_memory_peer(w->net)->received.len, took);
	assert_int_equal(module_host_room(w->m), 1024);
	world_free(w);
}

static void
a_slow_host_holds_the_peer_up(void **state)
{
	struct world *w = world_online(&ge);
	struct peer *p = far_memory_peer(w->net);
	size_t len;

	(void)state;
	p->flood_left = 1000000;
	peer_sends(p, "");
	clock_run(&w->clock, w->clock.now_ms);
	clock_run(&w->clock, w->clock.now_ms);
	module_output(w->m, &len);
	assert_in_range(len, 1, 65536);
	assert_true(p->flood_left > 900000);
	pass(w, 10);
	assert_int_equal(w->heard.len, 1000000);
	for (size_t i = 0; i < 1000000; i++)
		assert_int_equal(fifo_bytes(&w->heard)[i], peer_pattern(i));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(online_escape_resume_close),
		cmocka_unit_test(what_is_new_during_a_resume_waits),
		cmocka_unit_test(remote_close_online),
		cmocka_unit_test(bytes_behind_a_remote_close_are_commands),
		cmocka_unit_test(escape_needs_silence),
		cmocka_unit_test(the_silence_counts_from_the_last_byte_of_connect),
		cmocka_unit_test(escape_settings),
		cmocka_unit_test(online_gathering_and_idleness),
		cmocka_unit_test(a_slow_peer_holds_the_host_up),
		cmocka_unit_test(a_slow_host_holds_the_peer_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
