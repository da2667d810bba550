/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated Telit modules say what the notes on the dialect say, byte for
 * byte, under a clock that stands still unless a test moves it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/far-memory.h"
#include "sim/module.h"

struct world {
	struct clock clock;
	struct far_memory *net;
	struct module *m;
	struct fifo heard;
};

static struct world *
world_new(const struct module_opts *opts)
{
	struct world *w = xcalloc(1, sizeof(*w));

	clock_init(&w->clock, 1000, 1);
	w->clock.wall_s = 1400000000;
	w->net = far_memory_new(&w->clock);
	w->m = module_new(&w->clock, opts, &w->net->far);
	assert_non_null(w->m);
	return w;
}

static void
world_free(struct world *w)
{
	module_free(w->m);
	far_memory_free(w->net);
	fifo_deinit(&w->heard);
	free(w);
}

static void
listen_to(struct world *w)
{
	size_t len;
	const void *bytes;

	while ((bytes = module_output(w->m, &len)) && len) {
		fifo_put(&w->heard, bytes, len);
		module_output_drop(w->m, len);
	}
}

/* Lets ms pass; what is due happens when it is due. */
static void
pass(struct world *w, uint64_t ms)
{
	uint64_t end = w->clock.now_ms + ms;

	for (;;) {
		uint64_t next = clock_deadline(&w->clock);

		if (next > end)
			break;
		clock_run(&w->clock, next);
		listen_to(w);
	}
	clock_run(&w->clock, end);
	listen_to(w);
}

static void
say(struct world *w, const char *text)
{
	assert_int_equal(module_host_bytes(w->m, text, strlen(text)), strlen(text));
	listen_to(w);
}

/* What was heard is this, all of it. */
static void
heard(struct world *w, const char *text)
{
	size_t len = strlen(text);

	listen_to(w);
	if (w->heard.len != len || memcmp(fifo_bytes(&w->heard), text, len)) {
		fifo_put(&w->heard, "", 1);
		print_error("wanted:\n%s\nheard:\n%s\n", text, (const char *)fifo_bytes(&w->heard));
		fail();
	}
	fifo_clear(&w->heard);
}

/* A command, the time that it may take, its answer. */
static void
ask_in(struct world *w, const char *command, uint64_t ms, const char *answer)
{
	say(w, command);
	say(w, "\r");
	pass(w, ms);
	heard(w, answer);
	pass(w, 20);
}

static void
ask(struct world *w, const char *command, const char *answer)
{
	ask_in(w, command, 0, answer);
}

#define OK "\r\nOK\r\n"

/* 14.1 up to the dial. */
static struct world *
world_up(const struct module_opts *opts)
{
	struct world *w = world_new(opts);

	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT+CMEE=2", OK);
	ask(w, "AT#SELINT=2", OK);
	ask(w, "AT&K3&C1&D0", OK);
	ask(w, "AT#SKIPESC=1", OK);
	ask(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	ask(w, "AT+CGREG?", "\r\n+CGREG: 0,1\r\n" OK);
	ask(w, "AT+CGDCONT=1,\"IP\",\"ibox.tim.it\"", OK);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask(w, "AT#SSLEN=1,1", OK);
	ask(w, "AT#SSLSECCFG=1,0,0", OK);
	return w;
}

static struct world *
world_online(const struct module_opts *opts)
{
	struct world *w = world_up(opts);

	ask(w, "AT#SSLCFG=1,1,1500,0,100,1", OK);
	ask(w, "AT#SSLD=1,443,\"123.124.125.126\",0,0", "\r\nCONNECT\r\n");
	return w;
}

static struct world *
world_command(const struct module_opts *opts)
{
	struct world *w = world_up(opts);

	ask(w, "AT#SSLD=1,443,\"123.124.125.126\",0,1", OK);
	return w;
}

static const struct module_opts ge = { .family = "telit-ge", .address = "212.195.45.65" };
static const struct module_opts he = { .family = "telit-he", .address = "212.195.45.65" };

/* The peer has got this, and it is forgotten. */
static void
arrived(struct world *w, const char *text)
{
	struct peer *p = far_memory_peer(w->net);

	assert_int_equal(p->received.len, strlen(text));
	if (*text)
		assert_memory_equal(fifo_bytes(&p->received), text, strlen(text));
	fifo_clear(&p->received);
}

static void
escape(struct world *w)
{
	pass(w, 1000);
	say(w, "+++");
	pass(w, 1000);
	heard(w, OK);
	pass(w, 20);
}

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
command_mode(void **state)
{
	struct world *w = world_command(&ge);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	say(w, "AT#SSLSEND=1\r");
	heard(w, "\r\n> ");
	say(w, "Send this string to the SSL server!!\b\x1a");
	heard(w, OK);
	arrived(w, "Send this string to the SSL server!");
	pass(w, 20);

	ask_in(w, "AT#SSLRECV=1,15", 9999, "");
	pass(w, 1);
	heard(w, "\r\n#SSLRECV: 0\r\nTIMEOUT\r\n" OK);
	pass(w, 20);
	peer_sends(p, "Response of the server!");
	pass(w, 1);
	ask(w, "AT#SSLRECV=1,15", "\r\n#SSLRECV: 15\r\nResponse of the\r\n" OK);
	ask(w, "AT#SSLRECV=1,15", "\r\n#SSLRECV: 8\r\n server!\r\n" OK);

	say(w, "AT#SSLSENDEXT=1,4\r");
	heard(w, "\r\n> ");
	assert_int_equal(module_host_bytes(w->m, "\x1a\x1b\b\0", 4), 4);
	heard(w, OK);
	assert_int_equal(p->received.len, 4);
	assert_memory_equal(fifo_bytes(&p->received), "\x1a\x1b\b\0", 4);
	pass(w, 20);
	say(w, "\x1a"); /* a driver that ends it all the same */
	ask(w, "AT#SSLH=1", OK);
	ask(w, "AT#SSLH=1", "\r\n+CME ERROR: SSL not connected\r\n");
	world_free(w);
}

static void
a_read_waits_for_data(void **state)
{
	struct world *w = world_command(&ge);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	say(w, "AT#SSLRECV=1,1000,30\r");
	pass(w, 1500);
	heard(w, "");
	say(w, "AT\r"); /* not now */
	assert_int_equal(module_counters(w->m)->violations, 1);
	peer_sends(p, "x");
	pass(w, 1);
	heard(w, "\r\n#SSLRECV: 1\r\nx\r\n" OK);
	pass(w, 20);
	ask(w, "AT#SSLRECV=1,1001", "\r\n+CME ERROR: operation not supported\r\n");

	/* the end, while a read waits, is its answer */
	say(w, "AT#SSLRECV=1,1000\r");
	peer_close(p);
	pass(w, 1);
	heard(w, "\r\nNO CARRIER\r\n");
	pass(w, 20);
	ask(w, "AT#SSLRECV=1,1000", "\r\n+CME ERROR: SSL not connected\r\n");
	world_free(w);
}

static void
unread_data_outlives_the_peer(void **state)
{
	struct world *w = world_command(&ge);

	(void)state;
	peer_sends(far_memory_peer(w->net), "last data");
	peer_close(far_memory_peer(w->net));
	pass(w, 10);
	heard(w, "");
	ask(w, "AT#SSLRECV=1,1000", "\r\n#SSLRECV: 9\r\nlast data\r\n" OK "\r\nNO CARRIER\r\n");
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,1\r\n" OK);
	world_free(w);
}

static void
other_words_for_the_end_and_for_nothing(void **state)
{
	struct world *w = world_command(&ge);
	char err[64];

	(void)state;
	assert_true(module_fault(w->m, "recv=bare,disconnected", err, sizeof(err)));
	ask_in(w, "AT#SSLRECV=1,15,10", 1000, "\r\n#SSLRECV: 0\r\n" OK);
	peer_close(far_memory_peer(w->net));
	pass(w, 10);
	ask(w, "AT#SSLRECV=1,1000", "\r\n#SSLRECV: 0\r\nDISCONNECTED\r\n" OK);
	ask(w, "AT#SSLH=1", OK);
	assert_false(module_fault(w->m, "recv=perhaps", err, sizeof(err)));
	world_free(w);
}

static void
sslsring(void **state)
{
	struct world *w = world_up(&ge);

	(void)state;
	ask(w, "AT#SSLCFG=1,1,300,90,100,50,1", OK);
	ask(w, "AT#SSLD=1,443,\"h\",0,1", OK);
	peer_sends(far_memory_peer(w->net), "twenty-three bytes here");
	pass(w, 1);
	heard(w, "\r\nSSLSRING: 1,23\r\n");
	ask(w, "AT#SSLRECV=1,20", "\r\n#SSLRECV: 20\r\ntwenty-three bytes h\r\n" OK "\r\nSSLSRING: 1,3\r\n");
	ask(w, "AT#SSLRECV=1,20", "\r\n#SSLRECV: 3\r\nere\r\n" OK);
	ask(w, "AT#SSLCFG=1,1,300,90,100,50,2", OK);
	peer_sends(far_memory_peer(w->net), "inside");
	pass(w, 1);
	heard(w, "\r\nSSLSRING: 1,6,inside\r\n");
	world_free(w);
}

static void
upload_pem(void **state)
{
	struct world *w = world_up(&ge);

	(void)state;
	ask(w, "AT#SSLSECCFG=1,1,1", OK);
	ask(w, "AT#SSLSECDATA=1,0,1", OK);
	ask(w, "AT#SSLD=1,443,\"h\",0,1", "\r\n+CME ERROR: SSL certs and keys wrong or not stored\r\n");
	ask(w, "AT#SSLSECDATA=1,1,1,2048", "\r\n+CME ERROR: operation not supported\r\n");
	say(w, "AT#SSLSECDATA=1,1,1,9\r");
	heard(w, "\r\n> ");
	say(w, "-----\nCxx\b\bA\n\x1a");
	heard(w, OK);
	pass(w, 20);
	ask(w, "AT#SSLSECDATA?", "\r\n#SSLSECDATA: 1,0,1,0\r\n" OK);
	ask(w, "AT#SSLSECDATA=1,2,1", "\r\n#SSLSECDATA: 1,1\r\n-----\nCA\n\r\n" OK);
	ask(w, "AT#SSLSECDATA=1,2,0", "\r\n#SSLSECDATA: 1,0\r\nNo data stored\r\n" OK);
	assert_int_equal(module_counters(w->m)->slot_writes, 1);

	/* one byte more than announced */
	say(w, "AT#SSLSECDATA=1,1,1,3\r");
	say(w, "abcd\x1a");
	heard(w, "\r\n> \r\n+CME ERROR: operation not supported\r\n");
	pass(w, 20);
	ask(w, "AT#SSLSECDATA=1,2,1", "\r\n#SSLSECDATA: 1,1\r\n-----\nCA\n\r\n" OK);

	ask(w, "AT#SSLD=1,443,\"h\",0,1", OK);
	assert_int_equal(far_memory_peer(w->net)->verify, 1);
	assert_int_equal(far_memory_peer(w->net)->ca_len, 9);
	assert_int_equal(far_memory_peer(w->net)->offered[0], 0x0004);
	ask(w, "AT#SSLSECDATA=1,0,1", "\r\n+CME ERROR: SSL already connected\r\n");

	/* it outlives a reset; #SSLEN does not */
	module_event(w->m, SIM_RESET);
	pass(w, 1000);
	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT#SELINT=2", OK);
	ask(w, "AT#SSLEN?", "\r\n#SSLEN: 1,0\r\n" OK);
	ask(w, "AT#SSLSECDATA?", "\r\n#SSLSECDATA: 1,0,1,0\r\n" OK);
	world_free(w);
}

static void
upload_der(void **state)
{
	struct world *w = world_up(&he);

	(void)state;
	ask(w, "AT#SSLSECCFG?", "\r\n#SSLSECCFG: 1,0,0\r\n" OK);
	ask(w, "AT#SSLSECCFG=1,4,1,0", OK);
	ask(w, "AT#SSLSECCFG?", "\r\n#SSLSECCFG: 1,4,1,0\r\n" OK);
	say(w, "AT#SSLSECDATA=1,1,1,5\r");
	heard(w, "\r\n> ");
	say(w, "0\x1a\x1b\b");
	heard(w, "");
	say(w, "\x1a");
	heard(w, OK);
	world_free(w);
}

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
failed_handshake_in_all_words(void **state)
{
	struct world *w = world_up(&ge);

	(void)state;
	w->net->mode = PEER_REFUSE;
	w->net->why = FAR_HANDSHAKE;
	ask(w, "AT#SSLD=1,443,\"host.example\",0,0", "\r\n+CME ERROR: SSL error during handshake\r\n");
	ask(w, "AT+CMEE=1", OK);
	ask(w, "AT#SSLD=1,443,\"host.example\",0,0", "\r\n+CME ERROR: 839\r\n");
	ask(w, "AT+CMEE=0", OK);
	ask(w, "AT#SSLD=1,443,\"host.example\",0,0", "\r\nERROR\r\n");
	ask(w, "AT#SSLS=1", "\r\n#SSLS: 1,1\r\n" OK);
	ask(w, "AT+CMEE=1", OK);
	w->net->why = FAR_DNS;
	ask(w, "AT#SSLD=1,443,\"host.example\",0,0", "\r\n+CME ERROR: 832\r\n");
	w->net->mode = PEER_SILENT;
	ask_in(w, "AT#SSLD=1,443,\"host.example\",0,0,20", 2000, "\r\n+CME ERROR: 832\r\n");
	world_free(w);
}

static void
fastd(void **state)
{
	struct world *w = world_up(&ge);

	(void)state;
	ask(w, "AT#SSLD=1,443,\"123.124.125.126\",1,0", "\r\nCONNECT\r\n");
	escape(w);
	ask(w, "AT#SSLH=1", OK);
	ask(w, "AT#SSLFASTD=1,0", "\r\nCONNECT\r\n");
	assert_true(far_memory_peer(w->net)->resumed);
	assert_string_equal(far_memory_peer(w->net)->host, "123.124.125.126");
	escape(w);
	ask(w, "AT#SSLH=1,0", OK);
	ask(w, "AT#SSLFASTD=1,0", "\r\n+CME ERROR: SSL generic error\r\n");
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
		cmocka_unit_test(online_escape_resume_close),
		cmocka_unit_test(remote_close_online),
		cmocka_unit_test(bytes_behind_a_remote_close_are_commands),
		cmocka_unit_test(command_mode),
		cmocka_unit_test(a_read_waits_for_data),
		cmocka_unit_test(unread_data_outlives_the_peer),
		cmocka_unit_test(other_words_for_the_end_and_for_nothing),
		cmocka_unit_test(sslsring),
		cmocka_unit_test(upload_pem),
		cmocka_unit_test(upload_der),
		cmocka_unit_test(families_differ),
		cmocka_unit_test(failed_handshake_in_all_words),
		cmocka_unit_test(fastd),
		cmocka_unit_test(escape_needs_silence),
		cmocka_unit_test(escape_settings),
		cmocka_unit_test(online_gathering_and_idleness),
		cmocka_unit_test(a_slow_peer_holds_the_host_up),
		cmocka_unit_test(a_slow_host_holds_the_peer_up),
		cmocka_unit_test(the_line_has_a_pace),
		cmocka_unit_test(the_context_goes),
		cmocka_unit_test(pin_and_puk),
		cmocka_unit_test(the_command_line),
		cmocka_unit_test(plain_sockets),
		cmocka_unit_test(faults_replay_from_a_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
