/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Cinterion modules say what the notes on the dialect say, byte for byte: Socket services. */
#include "sim-cinterion.h"

#define NOT_NOW "\r\n+CME ERROR: operation temporary not allowed\r\n"

static void
send_receive_close(void **state)
{
	struct world *w = cinterion_opened(&bgs2);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	assert_true(p->tls);
	assert_int_equal(p->verify, 1);
	say(w, "AT^SISW=1,5\r");
	heard(w, "\r\n^SISW: 1, 5, 5\r\n");
	say(w, "hello");
	heard(w, OK);
	arrived(w, "hello");
	pass(w, 100);
	heard(w, "\r\n^SISW: 1, 1\r\n");
	peer_sends(p, "hello, world");
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 1\r\n");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 12\r\nhello, world\r\n" OK);
	cmd(w, "AT^SISW=1,0", "\r\n^SISW: 1, 0, 0\r\n" OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,4,12,5,5,0\r\n" OK);
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,2,12,5,5,0\r\n" OK);
	assert_true(p->module_closed);
	assert_false(p->module_aborted);
	assert_int_equal(module_counters(w->m)->early_commands, 0);
	world_free(w);
}

/* A block of 1500, and what is said of it. */
static void
block(struct world *w, const char *head)
{
	char data[1501];

	memset(data, 'x', 1500);
	data[1500] = '\0';
	say(w, "AT^SISW=1,1500\r");
	heard(w, head);
	say(w, data);
	heard(w, OK);
	pass(w, 100);
}

static void
no_room_is_told_and_room_again(void **state)
{
	struct world *w = cinterion_opened(&bgs2);
	struct peer *p = far_memory_peer(w->net);
	static const char *const heads[] = { "1500, 1500", "1500, 3000", "1500, 4500", "1500, 6000", "1500, 7500" };
	char text[64];

	(void)state;
	peer_takes(p, 0);
	for (int i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "\r\n^SISW: 1, %s\r\n", heads[i]);
		block(w, text);
		heard(w, "\r\n^SISW: 1, 1\r\n");
	}
	say(w, "AT^SISW=1,1500\r");
	heard(w, "\r\n^SISW: 1, 1260, 8760\r\n"); /* less than was offered */
	memset(text, 'y', 63);
	text[63] = '\0';
	for (int i = 0; i < 20; i++)
		say(w, text);
	heard(w, OK);
	pass(w, 1000);
	heard(w, ""); /* nothing, while there is no room */
	cmd(w, "AT^SISW=1,1500", "\r\n^SISW: 1, 0, 8760\r\n" OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,4,0,8760,0,8760\r\n" OK);
	peer_takes(p, SIZE_MAX);
	pass(w, 1);
	heard(w, "\r\n^SISW: 1, 1\r\n");
	cmd(w, "AT^SISW=1,0", "\r\n^SISW: 1, 0, 0\r\n" OK);
	assert_int_equal(p->received_len, 8760);
	world_free(w);
}

static void
a_full_read_is_followed_by_no_word(void **state)
{
	struct world *w = cinterion_opened(&bgs2);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	peer_sends(p, "0123456789");
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 1\r\n");
	peer_sends(p, "ab");
	pass(w, 1);
	heard(w, ""); /* once */
	cmd(w, "AT^SISR=1,0", "\r\n^SISR: 1, 12\r\n" OK); /* a look, nothing taken */
	cmd(w, "AT^SISR=1,6", "\r\n^SISR: 1, 6\r\n012345\r\n" OK);
	pass(w, 1000);
	heard(w, "");
	cmd(w, "AT^SISR=1,6", "\r\n^SISR: 1, 6\r\n6789ab\r\n" OK); /* all there is, and yet a full read */
	peer_sends(p, "cd");
	pass(w, 1000);
	heard(w, "");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 2\r\ncd\r\n" OK);
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 0\r\n" OK);
	peer_sends(p, "ef");
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 1\r\n");
	cmd(w, "AT^SISR=1,1501", "\r\n+CME ERROR: incorrect parameters\r\n");
	world_free(w);
}

static void
remote_close(void **state)
{
	struct world *w = cinterion_opened(&bgs2);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	peer_sends(p, "hello, world");
	peer_close(p);
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 1\r\n");
	pass(w, 500);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,5,12,0,0,0\r\n" OK);
	cmd(w, "AT^SISW=1,5", NOT_NOW);
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 12\r\nhello, world\r\n" OK "\r\n^SISR: 1, 2\r\n\r\n^SIS: 1, 0, 48\r\n");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, -2\r\n" OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,6,12,0,0,0\r\n" OK);
	cmd(w, "AT^SISE=1", "\r\n^SISE: 1,48,\"Remote peer has closed the connection\"\r\n" OK);
	cmd(w, "AT^SISO=1", NOT_NOW); /* not before it is closed here too */
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISO=1", OK "\r\n+CIEV: is_cert,1," LEVEL3 "\r\n\r\n^SISW: 1, 1\r\n");
	cmd(w, "AT^SISE=1", "\r\n^SISE: 1,0\r\n" OK);
	peer_abort(far_memory_peer(w->net));
	pass(w, 1);
	heard(w, "\r\n^SIS: 1, 0, 15, \"Remote host has reset the connection\"\r\n");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, -2\r\n" OK);
	world_free(w);
}

static void
eod_ends_the_sending_alone(void **state)
{
	struct world *w = cinterion_opened(&bgs2);
	struct peer *p = far_memory_peer(w->net);

	(void)state;
	say(w, "AT^SISW=1,3,1\r");
	heard(w, "\r\n^SISW: 1, 3, 3\r\n");
	say(w, "bye");
	heard(w, OK "\r\n^SISW: 1, 2\r\n");
	arrived(w, "bye");
	assert_true(p->finished);
	assert_false(p->module_closed);
	pass(w, 100);
	heard(w, "");
	cmd(w, "AT^SISW=1,1", NOT_NOW);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,5,0,3,3,0\r\n" OK);
	peer_sends(p, "yes?");
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 1\r\n");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 4\r\nyes?\r\n" OK);
	peer_close(p);
	pass(w, 1);
	heard(w, "\r\n^SISR: 1, 2\r\n\r\n^SIS: 1, 0, 48\r\n");
	cmd(w, "AT^SISC=1", OK);

	cmd(w, "AT^SISO=1", OK "\r\n+CIEV: is_cert,1," LEVEL3 "\r\n\r\n^SISW: 1, 1\r\n");
	cmd(w, "AT^SISW=1,0,1", "\r\n^SISW: 1, 0, 0\r\n" OK "\r\n^SISW: 1, 2\r\n");
	assert_true(far_memory_peer(w->net)->finished);
	world_free(w);
}

/* 10.4 and 10.5, with Socket services. */
static void
the_certificate_is_told_whatever_comes_of_it(void **state)
{
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	service(w, 3, "www.google.com", "1");
	w->net->mode = PEER_REFUSE;
	w->net->why = FAR_CERT;
	cmd(w, "AT^SISO=3",
	    OK "\r\n+CIEV: is_cert,3," GOOGLE "\r\n"
	       "\r\n^SIS: 3, 0, 66, \"Peer certificate is not confirmed\"\r\n"
	       "\r\n^SIS: 3, 0, 14, \"An established connection was aborted (transmission time-out or protocol error)\"\r\n");
	cmd(w, "AT^SISE=3",
	    "\r\n^SISE: 3,14,\"An established connection was aborted (transmission time-out or protocol error)\"\r\n" OK);
	cmd(w, "AT^SISC=3", OK);
	service(w, 1, "www.google.com", "-1");
	w->net->mode = PEER_COLLECT;
	cmd(w, "AT^SISO=1", OK "\r\n+CIEV: is_cert,1," GOOGLE "\r\n\r\n^SISW: 1, 1\r\n");
	assert_int_equal(far_memory_peer(w->net)->verify, 0);
	cmd(w, "AT^SIND=is_cert,2", "\r\n^SIND: is_cert,1,1," GOOGLE "\r\n" OK);

	/* without the indicator, or its report: no word of it */
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SIND=is_cert,0", "\r\n^SIND: is_cert,0\r\n" OK);
	cmd(w, "AT^SISO=1", OK "\r\n^SISW: 1, 1\r\n");
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SIND=is_cert,1", "\r\n^SIND: is_cert,1,1," GOOGLE "\r\n" OK);
	cmd(w, "AT+CMER=0", OK);
	cmd(w, "AT^SISO=1", OK "\r\n^SISW: 1, 1\r\n");
	world_free(w);
}

static void
two_tls_services_and_six_in_all(void **state)
{
	struct module_opts three = bgs2;
	struct world *w = cinterion_opened(&bgs2);

	(void)state;
	for (int id = 2; id <= 6; id++)
		service(w, id, "level3.example.de", id < 4 ? "-1" : "");
	cmd(w, "AT^SISO=2", OK "\r\n+CIEV: is_cert,2," LEVEL3 "\r\n\r\n^SISW: 2, 1\r\n");
	cmd(w, "AT^SISO=3", OK "\r\n^SIS: 3, 0, 71, \"No memory available for TLS\"\r\n");
	cmd(w, "AT^SISO=4", OK "\r\n^SISW: 4, 1\r\n");
	cmd(w, "AT^SISO=5", OK "\r\n^SISW: 5, 1\r\n");
	cmd(w, "AT^SISO=6", OK "\r\n^SISW: 6, 1\r\n");
	cmd(w, "AT^SICI=0", "\r\n^SICI: 0,2,5,\"10.64.13.7\"\r\n" OK);
	service(w, 7, "h", "");
	service(w, 8, "h", "");
	cmd(w, "AT^SISO=7", OK "\r\n^SISW: 7, 1\r\n");
	cmd(w, "AT^SISO=8", "\r\n+CME ERROR: operation of service temporary not allowed\r\n");
	cmd(w, "AT^SISC=3", OK);
	cmd(w, "AT^SISC=1", OK);
	cmd(w, "AT^SISO=3", OK "\r\n+CIEV: is_cert,3," LEVEL3 "\r\n\r\n^SISW: 3, 1\r\n");
	world_free(w);

	three.tls_sockets = 3;
	w = cinterion_opened(&three);
	service(w, 2, "level3.example.de", "-1");
	service(w, 3, "level3.example.de", "-1");
	cmd(w, "AT^SISO=2", OK "\r\n+CIEV: is_cert,2," LEVEL3 "\r\n\r\n^SISW: 2, 1\r\n");
	cmd(w, "AT^SISO=3", OK "\r\n+CIEV: is_cert,3," LEVEL3 "\r\n\r\n^SISW: 3, 1\r\n");
	world_free(w);
}

static void
two_services_do_not_mix(void **state)
{
	struct world *w = cinterion_opened(&bgs2);
	struct peer *first = far_memory_peer(w->net), *second;

	(void)state;
	service(w, 2, "level3.example.de", "-1");
	cmd(w, "AT^SISO=2", OK "\r\n+CIEV: is_cert,2," LEVEL3 "\r\n\r\n^SISW: 2, 1\r\n");
	second = far_memory_peer(w->net);
	say(w, "AT^SISW=2,3\r");
	heard(w, "\r\n^SISW: 2, 3, 3\r\n");
	peer_sends(first, "for one"); /* no word of it inside a payload */
	pass(w, 50);
	heard(w, "");
	say(w, "two");
	heard(w, OK "\r\n^SISR: 1, 1\r\n");
	pass(w, 100);
	heard(w, "\r\n^SISW: 2, 1\r\n");
	assert_int_equal(first->received_len, 0);
	assert_int_equal(second->received_len, 3);
	peer_close(second);
	pass(w, 1);
	heard(w, "\r\n^SISR: 2, 2\r\n\r\n^SIS: 2, 0, 48\r\n");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 7\r\nfor one\r\n" OK);
	world_free(w);
}

static void
no_word_of_data_between_read_and_answer(void **state)
{
	struct module_opts slow = bgs2;
	struct world *w;
	struct peer *first;

	(void)state;
	slow.latency_ms = 0;
	w = cinterion_opened(&slow);
	first = far_memory_peer(w->net);
	service(w, 2, "level3.example.de", "-1");
	cmd(w, "AT^SISO=2", OK "\r\n+CIEV: is_cert,2," LEVEL3 "\r\n\r\n^SISW: 2, 1\r\n");
	fault(w, "late=1,late-ms=500");
	say(w, "AT^SISR=1,1500\r");
	peer_sends(first, "one");
	peer_sends(far_memory_peer(w->net), "two");
	pass(w, 400);
	heard(w, "\r\n^SISR: 2, 1\r\n"); /* of the other one, yes */
	pass(w, 200);
	heard(w, "\r\n^SISR: 1, 3\r\none\r\n" OK);
	world_free(w);
}

static void
spaces_are_an_option(void **state)
{
	struct module_opts o = bgs2;
	struct world *w;

	(void)state;
	o.no_spaces = true;
	w = cinterion_up(&o);
	service(w, 1, "level3.example.de", "-1");
	cmd(w, "AT^SISO=1", OK "\r\n+CIEV: is_cert,1," LEVEL3 "\r\n\r\n^SISW: 1,1\r\n");
	cmd(w, "AT^SISW=1,0", "\r\n^SISW: 1,0,0\r\n" OK);
	peer_sends(far_memory_peer(w->net), "x");
	peer_close(far_memory_peer(w->net));
	pass(w, 1);
	heard(w, "\r\n^SISR: 1,1\r\n");
	pass(w, 100);
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1,1\r\nx\r\n" OK "\r\n^SISR: 1,2\r\n\r\n^SIS: 1,0,48\r\n");
	world_free(w);
}

static void
without_urcs_it_keeps_them_to_itself(void **state)
{
	struct world *w = cinterion_up(&bgs2);

	(void)state;
	cmd(w, "AT^SCFG=\"Tcp/WithURCs\",\"off\"", "\r\n^SCFG: \"Tcp/WithURCs\",\"off\"\r\n" OK);
	service(w, 1, "level3.example.de", "");
	cmd(w, "AT^SISO=1", OK);
	cmd(w, "AT^SISI=1", "\r\n^SISI: 1,4,0,0,0,0\r\n" OK);
	peer_sends(far_memory_peer(w->net), "x");
	peer_close(far_memory_peer(w->net));
	pass(w, 100);
	heard(w, "");
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, 1\r\nx\r\n" OK);
	cmd(w, "AT^SISR=1,1500", "\r\n^SISR: 1, -2\r\n" OK);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(send_receive_close),
		cmocka_unit_test(no_room_is_told_and_room_again),
		cmocka_unit_test(a_full_read_is_followed_by_no_word),
		cmocka_unit_test(remote_close),
		cmocka_unit_test(eod_ends_the_sending_alone),
		cmocka_unit_test(the_certificate_is_told_whatever_comes_of_it),
		cmocka_unit_test(two_tls_services_and_six_in_all),
		cmocka_unit_test(two_services_do_not_mix),
		cmocka_unit_test(no_word_of_data_between_read_and_answer),
		cmocka_unit_test(spaces_are_an_option),
		cmocka_unit_test(without_urcs_it_keeps_them_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
