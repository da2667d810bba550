/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-sock.c - sockets of a module that opens them by event: dials, what is checked before anybody is told, ends
 */
#include "sock-world.h"

#include <stdio.h>

#include "channel/session.h"
#include "modem/sock.h"

#define SERVER "tls = { verify = \"server\"; ca = \"1\"; ciphers = ( \"any\" ); };"
#define PINNED(p) "tls = { verify = \"server\"; ca = \"1\"; ciphers = ( \"any\" ); pin = \"" p "\"; };"
#define NONE "tls = { verify = \"none\"; ciphers = ( \"any\" ); };"
#define THUMBPRINT "sha1:6360ce34138d1f80818f25e58b55bf2fa486e7b9"
#define OTHER "sha1:0000ce34138d1f80818f25e58b55bf2fa486e7b9"

static struct sock_world w;

static void
start(const char *one)
{
	w = (struct sock_world){ .fits = "one.example" };
	sock_world_start(&w, "", one, NONE);
	assert_string_equal(modem_state_word(w.modem), "ready");
	assert_string_equal(channel_state_word(w.channel[0]), "idle");
}

static int
teardown(void **state)
{
	(void)state;
	sock_world_stop(&w);
	return 0;
}

static struct app_side *
session(void)
{
	struct app_side *c = client(&w, 0);

	comes_up(&w, 0);
	assert_string_equal(channel_state_word(w.channel[0]), "open");
	return c;
}

/* ---- dials ---- */

static void
a_dial_waits_for_its_event(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = client(&w, 0);
	says(c, "hello");
	run(&w, 1500);
	assert_string_equal(channel_state_word(w.channel[0]), "dialing");
	assert_int_equal(said(&w, "AT+OPEN=0,\"one.example\",1,11"), 1);
	assert_int_equal(w.service[0].tx_len, 0);
	server_sends(&w, 0, "welcome");
	comes_up(&w, 0);
	run(&w, 2000);
	assert_string_equal(w.service[0].tx, "hello");
	assert_string_equal(c->down, "welcome");
	assert_string_equal(channel_peer(w.channel[0])->subject, "/C=DE/CN=one.example");
	assert_string_equal(channel_cipher(w.channel[0]), "");
	assert_string_equal(channel_security(w.channel[0]), "server");
	assert_int_equal(channel_enforces(w.channel[0]), ENFORCES_CHAIN | ENFORCES_HOST_NAME);
}

static void
a_certificate_that_was_not_told_ends_the_dial(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = client(&w, 0);
	says(c, "secret");
	w.service[0].state = SOCK_OPEN;
	module_says(&w, "+UP: 0");
	assert_false(c->closed); /* first the module's side is closed */
	run(&w, 100);
	assert_true(c->closed);
	assert_false(is_eof(c));
	assert_int_equal(w.service[0].state, SOCK_CLOSED);
	assert_int_equal(w.service[0].tx_len, 0);
	assert_non_null(strstr(error(&w, 0), "without telling the server's certificate"));
	assert_int_equal(channel_figures(w.channel[0])->dial_failures[DIAL_CERTIFICATE], 1);
}

static void
words_that_tell_no_certificate_are_none(void **state)
{
	(void)state;
	start(SERVER);
	client(&w, 0);
	w.service[0].state = SOCK_OPEN;
	module_says(&w, "+PEER: 0,nonsense");
	module_says(&w, "+UP: 0");
	run(&w, 100);
	assert_non_null(strstr(error(&w, 0), "without telling the server's certificate"));
}

static void
the_first_reason_counts(void **state)
{
	(void)state;
	start(SERVER);
	client(&w, 0);
	module_says(&w, "+PEER: 0," CERTIFICATE);
	module_says(&w, "+END: 0,66,Peer certificate is not confirmed");
	module_says(&w, "+END: 0,14,aborted");
	run(&w, 100);
	assert_non_null(strstr(error(&w, 0), "certificates not usable: the module ended it with 66: Peer certificate is not confirmed (look at"));
	assert_null(strstr(error(&w, 0), "14"));
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
	assert_string_equal(channel_peer(w.channel[0])->thumbprint, THUMBPRINT);
}

static void
a_lost_event_is_asked_for(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = client(&w, 0);
	run(&w, 1800);
	assert_int_equal(said(&w, "AT+STATE=0"), 0);
	run(&w, 200);
	assert_int_equal(said(&w, "AT+STATE=0"), 1);
	run(&w, 3800);
	assert_int_equal(said(&w, "AT+STATE=0"), 1);
	run(&w, 200);
	assert_int_equal(said(&w, "AT+STATE=0"), 2);
	module_says(&w, "+PEER: 0," CERTIFICATE);
	w.service[0].state = SOCK_OPEN;
	run(&w, 8100);
	assert_string_equal(channel_state_word(w.channel[0]), "open");
	assert_false(c->closed);
}

static void
a_dial_that_was_lost_without_a_word_fails(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = client(&w, 0);
	w.service[0].state = SOCK_DOWN;
	run(&w, 2500);
	assert_false(c->closed); /* the word may be on its way */
	run(&w, 1000);
	assert_true(c->closed);
	assert_non_null(strstr(error(&w, 0), "did not say why"));
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

static void
a_dial_takes_no_longer_than_its_limit(void **state)
{
	struct app_side *c;

	(void)state;
	start("dial_timeout = 10; " SERVER);
	c = client(&w, 0);
	run(&w, 8500); /* a part of it is for closing it */
	assert_false(c->closed);
	run(&w, 2000);
	assert_true(c->closed);
	assert_int_equal(channel_figures(w.channel[0])->dial_failures[DIAL_TIMEOUT], 1);
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
	assert_int_equal(modem_free_sockets(w.modem), 2);
}

/* Promise P3: whatever is late is another dial's. */
static void
events_of_an_earlier_dial_are_not_believed(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = client(&w, 0);
	leaves(c);
	run(&w, 40000); /* the daemon waits for the dial; then it gives it up */
	channel_close(w.channel[0]);
	module_says(&w, "+PEER: 0," CERTIFICATE);
	module_says(&w, "+UP: 0");
	run(&w, 5000);
	assert_int_equal(w.service[0].state, SOCK_CLOSED);
	module_says(&w, "+PEER: 0," CERTIFICATE);
	c = client(&w, 0);
	assert_int_equal(w.service[0].state, SOCK_DIALLING);
	module_says(&w, "+UP: 0");
	run(&w, 100);
	assert_true(c->closed); /* the certificate was an earlier dial's */
	assert_int_equal(w.service[0].tx_len, 0);
}

static void
events_before_the_dial_is_taken_are_not_believed(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	w.open_is_mute = true;
	c = client(&w, 0);
	assert_int_equal(w.service[0].state, SOCK_DIALLING);
	module_says(&w, "+PEER: 0," CERTIFICATE);
	module_says(&w, "+UP: 0");
	module_says(&w, "+END: 0,66,Peer certificate is not confirmed");
	module_says(&w, "OK");
	run(&w, 4000);
	assert_string_equal(channel_state_word(w.channel[0]), "dialing");
	module_says(&w, "+UP: 0");
	run(&w, 100);
	assert_true(c->closed);
	assert_non_null(strstr(error(&w, 0), "without telling"));
}

static void
a_name_that_does_not_fit_ends_the_dial(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	w.fits = "another.example";
	c = client(&w, 0);
	says(c, "secret");
	comes_up(&w, 0);
	assert_true(c->closed);
	assert_int_equal(w.service[0].tx_len, 0);
	assert_non_null(strstr(error(&w, 0), "the server's certificate is of /C=DE/CN=one.example"));
	assert_non_null(strstr(error(&w, 0), "pin"));
	assert_non_null(strstr(error(&w, 0), "check_name"));
	assert_int_equal(channel_figures(w.channel[0])->dial_failures[DIAL_CERTIFICATE], 1);
}

static void
a_pin_decides_alone(void **state)
{
	struct app_side *c;

	(void)state;
	start(PINNED(THUMBPRINT));
	w.fits = NULL;
	c = session();
	assert_false(c->closed);
	assert_int_equal(channel_enforces(w.channel[0]), ENFORCES_CHAIN | ENFORCES_HOST_PIN);
}

static void
another_certificate_than_the_pinned_ends_the_dial(void **state)
{
	struct app_side *c;

	(void)state;
	start(PINNED(OTHER));
	c = client(&w, 0);
	says(c, "secret");
	comes_up(&w, 0);
	assert_true(c->closed);
	assert_int_equal(w.service[0].tx_len, 0);
	assert_non_null(strstr(error(&w, 0), "is " THUMBPRINT ", not the configured pin"));
}

static void
data_mode_begins_behind_the_checks(void **state)
{
	struct app_side *c;

	(void)state;
	start("mode = \"online\"; " SERVER);
	w.fits = "another.example";
	c = client(&w, 0);
	comes_up(&w, 0);
	assert_true(c->closed);
	assert_int_equal(said(&w, "AT+GO"), 0);
	run(&w, 5000);
	w.fits = "one.example";
	c = client(&w, 0);
	says(c, "hello");
	run(&w, 100);
	comes_up(&w, 0);
	run(&w, 2000);
	assert_int_equal(said(&w, "AT+GO=0"), 1);
	assert_memory_equal(w.service[0].tx, "hello", 5);
	modem_input(w.modem, "world", 5);
	run(&w, 200);
	assert_string_equal(c->down, "world");
}

static struct app_side *
online_session(const char *more)
{
	static char text[300];
	struct app_side *c;

	snprintf(text, sizeof(text), "mode = \"online\"; %s", NONE);
	w = (struct sock_world){ .fits = NULL };
	sock_world_start(&w, more, text, NONE);
	c = client(&w, 0);
	comes_up(&w, 0);
	run(&w, 1000);
	assert_int_equal(w.online, 0);
	return c;
}

static void
an_online_end_is_closed_and_says_what_the_module_says(void **state)
{
	static const struct {
		const char *end;
		unsigned failures;
	} rows[] = { { "+END: 0,48,", 0 }, { "+END: 0,15,reset", 1 } };
	struct app_side *c;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i)
			sock_world_stop(&w);
		c = online_session("");
		modem_input(w.modem, "bye\r\nNO CARRIER\r\n", 17);
		w.online = -1;
		w.service[0].state = SOCK_DOWN;
		module_says(&w, "%s", rows[i].end);
		run(&w, 10000);
		assert_string_equal(c->down, "bye");
		assert_true(c->closed);
		assert_int_equal(channel_figures(w.channel[0])->failures, rows[i].failures);
		assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
		assert_int_equal(modem_free_sockets(w.modem), 2);
	}
}

static void
a_look_at_an_online_session_finds_its_end(void **state)
{
	struct app_side *c;

	(void)state;
	c = online_session("supervision = 10;");
	run(&w, 25000);
	assert_true(said(&w, "AT+STATE=0") > 0);
	assert_int_equal(w.online, 0); /* gone on with */
	assert_false(c->closed);
	w.service[0].state = SOCK_DOWN;
	run(&w, 25000);
	assert_true(c->closed);
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

/* As it came up, so it went: data mode never began. */
static void
a_server_that_closed_before_data_mode_is_an_end(void **state)
{
	struct app_side *c;

	(void)state;
	w = (struct sock_world){ .fits = NULL };
	sock_world_start(&w, "", "mode = \"online\"; " NONE, NONE);
	c = client(&w, 0);
	module_says(&w, "+PEER: 0," CERTIFICATE);
	module_says(&w, "+UP: 0");
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,48,");
	run(&w, 1000);
	assert_int_equal(w.online, -1);
	assert_true(is_eof(c));
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
	assert_int_equal(said(&w, "AT+RECV"), 0); /* another service */
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

static void
a_module_that_does_not_go_online_ends_the_session(void **state)
{
	struct app_side *c;

	(void)state;
	w = (struct sock_world){ .refuse_go = true };
	sock_world_start(&w, "", "mode = \"online\"; " NONE, NONE);
	c = client(&w, 0);
	says(c, "hello");
	comes_up(&w, 0);
	run(&w, 1000);
	assert_true(c->closed);
	assert_false(is_eof(c));
	assert_non_null(strstr(error(&w, 0), "does not go online"));
	assert_int_equal(said(&w, "AT+SEND"), 0);
	assert_int_equal(said(&w, "AT+RECV"), 0);
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

static void
all_slots_of_a_list_are_asked_for(void **state)
{
	(void)state;
	start("tls = { verify = \"server\"; ca = ( \"1\", \"2\" ); ciphers = ( \"any\" ); };");
	client(&w, 0);
	assert_int_equal(said(&w, "AT+OPEN=0,\"one.example\",2,12"), 1);
}

static void
nothing_promises_encryption_without_a_word_of_it(void **state)
{
	(void)state;
	start(NONE);
	assert_string_equal(channel_security(w.channel[0]), "none");
}

/* ---- the stream and its end ---- */

static void
what_came_before_the_end_is_read(void **state)
{
	struct app_side *c;
	char text[301];

	(void)state;
	start(SERVER);
	c = session();
	memset(text, 'x', 300);
	text[300] = '\0';
	server_sends(&w, 0, text);
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,48,");
	run(&w, 1000);
	assert_string_equal(c->down, text);
	assert_true(is_eof(c));
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
	assert_int_equal(modem_free_sockets(w.modem), 2);
}

static void
a_reset_is_one_behind_what_came_before(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = session();
	says(c, "x");
	run(&w, 100);
	server_sends(&w, 0, "last words");
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,15,Remote host has reset the connection");
	module_says(&w, "+END: 0,48,");
	run(&w, 1000);
	assert_string_equal(c->down, "last words");
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
	assert_non_null(strstr(error(&w, 0), "15: Remote host has reset the connection"));
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

static void
an_end_that_the_state_contradicts_is_none_in_order(void **state)
{
	(void)state;
	start(SERVER);
	session();
	module_says(&w, "+END: 0,48,");
	run(&w, 1000);
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
	assert_int_equal(w.service[0].state, SOCK_CLOSED);
}

static void
nothing_is_sent_behind_an_end(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = session();
	run(&w, 2000);
	server_sends(&w, 0, "last words");
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,48,");
	says(c, "too late");
	run(&w, 1000);
	assert_int_equal(said(&w, "AT+SEND"), 0);
	assert_true(c->closed);
	assert_false(is_eof(c));
}

static void
bytes_that_were_refused_stay_unsent(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = session();
	w.refuse_send = true;
	w.service[0].rx_end = true;
	server_sends(&w, 0, "last words");
	says(c, "too late");
	run(&w, 1000);
	assert_string_equal(c->down, "last words");
	assert_true(c->closed);
	assert_false(is_eof(c));
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
}

/* The end is on its way when the send is refused as one to a socket that is not connected. */
static void
what_came_before_a_refused_send_is_read(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	w.refuse_as_gone = true;
	c = session();
	run(&w, 2000);
	server_sends(&w, 0, "last words");
	w.service[0].rx_end = true;
	w.service[0].state = SOCK_DOWN;
	says(c, "too late");
	module_says(&w, "+END: 0,48,");
	run(&w, 1000);
	assert_int_equal(said(&w, "AT+SEND=0"), 1);
	assert_string_equal(c->down, "last words");
	assert_true(c->closed);
	assert_false(is_eof(c));
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

/* Of two results that contradict each other the bad one wins. */
static void
an_open_socket_that_gives_nothing_is_not_asked_for_ever(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = session();
	w.refuse_as_gone = w.refuse_receive = true;
	module_says(&w, "+DATA: 0");
	run(&w, 60000);
	assert_true(c->closed);
	assert_in_range(said(&w, "AT+RECV=0"), 1, 5);
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
	assert_int_equal(said(&w, "AT+CLOSE=0"), 1);
}

static void
an_end_without_a_word_is_found(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = session();
	run(&w, 120000);
	assert_true(said(&w, "AT+STATE=0") > 0);
	assert_false(c->closed);
	w.service[0].state = SOCK_DOWN;
	run(&w, 70000);
	assert_true(c->closed);
	assert_non_null(strstr(error(&w, 0), "did not say why"));
}

/* The server has sent more than a session holds, and the app has read nothing. */
static struct app_side *
full_session(void)
{
	struct app_side *c = session();
	static char text[2001];
	unsigned i;

	c->room = 0;
	memset(text, 'x', 2000);
	for (i = 0; i < 40; i++) {
		if (w.service[0].rx_len < 2000)
			server_sends(&w, 0, text);
		module_says(&w, "+DATA: 0");
		run(&w, 2000);
	}
	return c;
}

static void
an_app_that_does_not_read_the_end_is_let_go(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = full_session();
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,48,");
	run(&w, 50000);
	assert_int_equal(modem_free_sockets(w.modem), 1);
	run(&w, 100000);
	assert_true(c->closed);
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
	assert_int_equal(modem_free_sockets(w.modem), 2);
}

static void
an_app_that_reads_slowly_is_not_let_go(void **state)
{
	struct app_side *c;
	unsigned i;

	(void)state;
	start(SERVER);
	c = full_session();
	w.service[0].rx_end = true;
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,48,");
	for (i = 0; i < 10; i++) {
		run(&w, 20000);
		c->down_len = 0; /* it counts nothing here */
		c->room = 10;
		session_writable(c->session);
	}
	assert_int_equal(modem_free_sockets(w.modem), 1);
	assert_false(c->closed);
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
}

/* However it stood when the end was found: the time for reading begins then. */
static void
a_send_that_was_not_taken_shortens_no_drain(void **state)
{
	struct app_side *c;
	unsigned i;

	(void)state;
	start(SERVER);
	c = full_session();
	w.grant = 0;
	says(c, "x");
	w.service[0].state = SOCK_DOWN; /* without a word */
	w.said[0] = '\0';
	for (i = 0; i < 1000 && !said(&w, "AT+STATE=0"); i++)
		run(&w, 100);
	assert_true(said(&w, "AT+STATE=0") > 0);
	run(&w, 50000);
	assert_null(strstr(error(&w, 0), "did not read"));
	assert_int_equal(modem_free_sockets(w.modem), 1);
}

/* Promise P4: a server that does not read before it is read from, and a word of its data that was lost. */
static void
what_a_server_sent_is_found_though_it_takes_nothing(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	c = session();
	w.grant = 0;
	says(c, "x");
	run(&w, 60000);
	server_sends(&w, 0, "read me first");
	run(&w, 35000);
	assert_string_equal(c->down, "read me first");
}

static void
what_a_server_sent_is_found_though_the_app_goes_on(void **state)
{
	struct app_side *c;
	unsigned i;

	(void)state;
	start(SERVER);
	c = session();
	server_sends(&w, 0, "without a word");
	for (i = 0; i < 35; i++) {
		says(c, "x");
		run(&w, 1000);
	}
	assert_string_equal(c->down, "without a word");
}

static void
bytes_that_were_not_taken_are_offered_again(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	w.grant = 3;
	c = session();
	says(c, "0123456789");
	run(&w, 1000);
	assert_string_equal(w.service[0].tx, "0123456789");
	assert_int_equal(c->taken, 10);
	w.grant = 0;
	says(c, "ab");
	run(&w, 1500);
	assert_int_equal(said(&w, "AT+SEND=0,2\n"), 1);
	assert_int_equal(c->taken, 10);
	w.grant = 10;
	run(&w, 1000); /* without an event */
	assert_string_equal(w.service[0].tx, "0123456789ab");
	w.grant = 0;
	says(c, "cd");
	run(&w, 100);
	w.grant = 10;
	module_says(&w, "+UP: 0");
	run(&w, 100);
	assert_string_equal(w.service[0].tx, "0123456789abcd");
	assert_int_equal(c->taken, 14);
}

static void
a_half_close_is_passed_on_once_behind_all_bytes(void **state)
{
	struct app_side *c;

	(void)state;
	start(SERVER);
	w.grant = 3;
	c = session();
	says(c, "0123456789");
	shuts(c);
	run(&w, 1000);
	assert_string_equal(w.service[0].tx, "0123456789");
	assert_int_equal(said(&w, "AT+EOD=0"), 1);
	assert_ptr_equal(strstr(where_said(&w, "AT+SEND"), "AT+EOD"), where_said(&w, "AT+EOD"));
	w.service[0].state = SOCK_DOWN; /* as these modules show it */
	server_sends(&w, 0, "answer");
	module_says(&w, "+DATA: 0");
	run(&w, 20000);
	assert_string_equal(c->down, "answer");
	assert_false(c->closed);
	assert_int_equal(said(&w, "AT+EOD=0"), 1);
	w.service[0].rx_end = true;
	module_says(&w, "+DATA: 0");
	run(&w, 1000);
	assert_true(is_eof(c));
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
}

static void
a_module_of_no_use_is_given_up_at_once(void **state)
{
	(void)state;
	w = (struct sock_world){ .model = "Newer 5" };
	sock_world_start(&w, "", SERVER, NONE);
	assert_string_equal(modem_state_word(w.modem), "failed");
	assert_string_equal(modem_error(w.modem), "one Newer 5: too new: use an older one");
	assert_int_equal(said(&w, "AT+CGMM"), 2);
	assert_int_equal(said(&w, "AT+SETUP"), 0);
}

/* Its escape is one that no peer sees; the other one may follow. */
static void
the_first_wake_knows_a_dialect_that_is_named(void **state)
{
	(void)state;
	w = (struct sock_world){ 0 };
	sock_world_start(&w, "", SERVER, NONE);
	assert_null(strchr(w.first, '\x10'));
	sock_world_stop(&w);
	w = (struct sock_world){ .named = true };
	sock_world_start(&w, "", SERVER, NONE);
	assert_int_equal(w.first[0], '\x10');
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dial_waits_for_its_event),
		TEST(a_certificate_that_was_not_told_ends_the_dial),
		TEST(words_that_tell_no_certificate_are_none),
		TEST(the_first_reason_counts),
		TEST(a_lost_event_is_asked_for),
		TEST(a_dial_that_was_lost_without_a_word_fails),
		TEST(a_dial_takes_no_longer_than_its_limit),
		TEST(events_of_an_earlier_dial_are_not_believed),
		TEST(events_before_the_dial_is_taken_are_not_believed),
		TEST(a_name_that_does_not_fit_ends_the_dial),
		TEST(a_pin_decides_alone),
		TEST(another_certificate_than_the_pinned_ends_the_dial),
		TEST(data_mode_begins_behind_the_checks),
		TEST(an_online_end_is_closed_and_says_what_the_module_says),
		TEST(a_look_at_an_online_session_finds_its_end),
		TEST(a_server_that_closed_before_data_mode_is_an_end),
		TEST(a_module_that_does_not_go_online_ends_the_session),
		TEST(all_slots_of_a_list_are_asked_for),
		TEST(nothing_promises_encryption_without_a_word_of_it),
		TEST(what_came_before_the_end_is_read),
		TEST(a_reset_is_one_behind_what_came_before),
		TEST(an_end_that_the_state_contradicts_is_none_in_order),
		TEST(nothing_is_sent_behind_an_end),
		TEST(bytes_that_were_refused_stay_unsent),
		TEST(what_came_before_a_refused_send_is_read),
		TEST(an_open_socket_that_gives_nothing_is_not_asked_for_ever),
		TEST(an_end_without_a_word_is_found),
		TEST(an_app_that_does_not_read_the_end_is_let_go),
		TEST(an_app_that_reads_slowly_is_not_let_go),
		TEST(a_send_that_was_not_taken_shortens_no_drain),
		TEST(what_a_server_sent_is_found_though_it_takes_nothing),
		TEST(what_a_server_sent_is_found_though_the_app_goes_on),
		TEST(bytes_that_were_not_taken_are_offered_again),
		TEST(a_half_close_is_passed_on_once_behind_all_bytes),
		TEST(a_module_of_no_use_is_given_up_at_once),
		TEST(the_first_wake_knows_a_dialect_that_is_named),
	};

	return cmocka_run_group_tests_name("sock", tests, NULL, NULL);
}
