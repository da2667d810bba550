/* SPDX-License-Identifier: Apache-2.0 */
/* TLS sockets of the simulated Telit modules in command mode, and what they store. */
#include "sim-world.h"

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
	say(w, "\x1a"); /* a driver that ends it all the same; more than once would be part of the line */
	ask(w, "\x1a" "AT", "\r\nERROR\r\n");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_mode),
		cmocka_unit_test(a_read_waits_for_data),
		cmocka_unit_test(unread_data_outlives_the_peer),
		cmocka_unit_test(other_words_for_the_end_and_for_nothing),
		cmocka_unit_test(sslsring),
		cmocka_unit_test(upload_pem),
		cmocka_unit_test(upload_der),
		cmocka_unit_test(failed_handshake_in_all_words),
		cmocka_unit_test(fastd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
