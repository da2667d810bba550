/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-sockets.c - several sockets of one module: turns, limits, what ends one and what ends all
 */
#include "sock-world.h"

#include <errno.h>

#include "base/str.h"
#include "modem/sock.h"

#define NONE "tls = { verify = \"none\"; ciphers = ( \"any\" ); };"
#define SEVERAL "max_sessions = 6; max_waiting = 6; " NONE

static struct sock_world w;
static struct app_side *c[8];

static void
start(const char *modem, const char *one, const char *two)
{
	w = (struct sock_world){ .fits = NULL };
	sock_world_start(&w, modem, one, two);
	assert_string_equal(modem_state_word(w.modem), "ready");
}

static int
teardown(void **state)
{
	(void)state;
	sock_world_stop(&w);
	return 0;
}

/* n sessions of channel "one", on the services 0 and on. */
static void
sessions(int n)
{
	int i;

	for (i = 0; i < n; i++)
		c[i] = client(&w, 0);
	for (i = 0; i < n; i++)
		comes_up(&w, i);
	assert_int_equal(channel_figures(w.channel[0])->sessions, n);
}

/* Where the dialect was not known two names of one slot may stand side by side; read back, a list has each once. */
static void
a_slot_of_two_names_is_given_once(void **state)
{
	(void)state;
	start("", "tls = { verify = \"server\"; ciphers = ( \"any\" ); ca = ( \"1\", \"ca\", \"2\" ); };", NONE);
	c[0] = client(&w, 0);
	run(&w, 500);
	assert_int_equal(said(&w, "AT+OPEN=0,\"one.example\",2,12"), 1);
}

static void
each_session_has_its_own_bytes(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	says(c[0], "to zero");
	says(c[1], "to one");
	server_sends(&w, 0, "of zero");
	server_sends(&w, 1, "of one");
	module_says(&w, "+DATA: 1");
	module_says(&w, "+DATA: 0");
	run(&w, 500);
	assert_string_equal(w.service[0].tx, "to zero");
	assert_string_equal(w.service[1].tx, "to one");
	assert_string_equal(c[0]->down, "of zero");
	assert_string_equal(c[1]->down, "of one");
}

/* The commands of one are never more than one behind the other's. */
static void
sessions_take_turns_on_the_line(void **state)
{
	static char text[3001];
	const char *line;
	int lead = 0, i;

	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	memset(text, 'x', 3000);
	w.said[0] = '\0';
	for (i = 0; i < 2; i++) {
		server_sends(&w, i, text);
		says(c[i], text);
		module_says(&w, "+DATA: %d", i);
	}
	run(&w, 20000);
	for (i = 0; i < 2; i++) {
		assert_int_equal(w.service[i].tx_len, 3000);
		assert_int_equal(c[i]->down_len, 3000);
	}
	for (line = w.said, i = 0; i < 100 && line; line = strchr(line, '\n'), i++) {
		line += *line == '\n';
		lead += strncmp(line + strcspn(line, "="), "=0", 2) ? -1 : 1;
		assert_in_range(lead + 2, 0, 4);
	}
}

static void
one_that_does_not_read_does_not_stop_the_other(void **state)
{
	static char text[3001];

	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	c[0]->room = 0;
	memset(text, 'x', 3000);
	server_sends(&w, 0, text);
	module_says(&w, "+DATA: 0");
	run(&w, 1000);
	server_sends(&w, 1, "news");
	module_says(&w, "+DATA: 1");
	run(&w, 1000);
	assert_string_equal(c[1]->down, "news");
}

static void
a_third_waits_for_its_turn(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	assert_int_equal(modem_sockets(w.modem), 2);
	sessions(2);
	c[2] = client(&w, 0);
	run(&w, 5000);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 1);
	assert_int_equal(said(&w, "AT+OPEN=2"), 0);
	leaves(c[0]);
	run(&w, 500);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 0);
	assert_int_equal(said(&w, "AT+OPEN=0"), 2);
	comes_up(&w, 0);
	assert_int_equal(channel_figures(w.channel[0])->sessions, 2);
}

static void
as_many_as_are_configured(void **state)
{
	(void)state;
	start("secure_sockets = 5;", SEVERAL, NONE);
	assert_int_equal(modem_free_sockets(w.modem), 5);
	sessions(5);
	assert_int_equal(modem_free_sockets(w.modem), 0);
}

static void
no_more_than_the_module_can_have(void **state)
{
	(void)state;
	start("secure_sockets = 8;", SEVERAL, NONE);
	assert_int_equal(modem_sockets(w.modem), 5);
}

static void
a_module_without_room_lets_the_client_wait_on(void **state)
{
	(void)state;
	start("secure_sockets = 5;", "wait_timeout = 60; " SEVERAL, NONE);
	w.room_for = 2;
	sessions(2);
	c[2] = client(&w, 0);
	run(&w, 1000);
	assert_int_equal(said(&w, "AT+OPEN=2"), 1);
	assert_int_equal(said(&w, "AT+CLOSE=2"), 1);
	assert_int_equal(modem_sockets(w.modem), 2);
	assert_int_equal(channel_figures(w.channel[0])->waiting, 1);
	assert_int_equal(channel_figures(w.channel[0])->failures, 0);
	run(&w, 40000);
	assert_false(c[2]->closed);
	assert_int_equal(said(&w, "AT+OPEN=2"), 1); /* not tried again and again */
	leaves(c[1]);
	run(&w, 500);
	comes_up(&w, 1);
	assert_int_equal(channel_figures(w.channel[0])->sessions, 2);
	assert_false(c[2]->closed);
}

static void
waiting_on_has_the_limit_of_waiting(void **state)
{
	(void)state;
	start("secure_sockets = 5;", "wait_timeout = 60; " SEVERAL, NONE);
	w.room_for = 2;
	sessions(2);
	c[2] = client(&w, 0);
	run(&w, 58000);
	assert_false(c[2]->closed);
	run(&w, 3000);
	assert_true(c[2]->closed);
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
}

static void
what_was_learnt_of_room_is_forgotten_with_a_new_life(void **state)
{
	(void)state;
	start("secure_sockets = 5;", SEVERAL, NONE);
	w.room_for = 2;
	sessions(2);
	c[2] = client(&w, 0);
	run(&w, 1000);
	assert_int_equal(modem_sockets(w.modem), 2);
	modem_line_down(w.modem, "gone");
	modem_line_up(w.modem);
	run(&w, 20000);
	assert_int_equal(modem_sockets(w.modem), 5);
}

static void
the_only_one_that_is_refused_has_failed(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	c[0] = client(&w, 0);
	module_says(&w, "+END: 0,71,No memory");
	run(&w, 100);
	assert_true(c[0]->closed);
	assert_int_equal(modem_sockets(w.modem), 2);
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
}

static void
an_online_session_waits_until_it_is_alone(void **state)
{
	(void)state;
	start("", SEVERAL, "mode = \"online\"; " NONE);
	sessions(1);
	c[1] = client(&w, 1);
	c[2] = client(&w, 0);
	run(&w, 1000);
	assert_int_equal(said(&w, "AT+OPEN"), 1); /* and nobody passes it */
	leaves(c[0]);
	run(&w, 1000);
	assert_int_equal(said(&w, "AT+OPEN=0,\"two.example\""), 1);
	assert_int_equal(said(&w, "AT+OPEN"), 2);
	assert_int_equal(modem_free_sockets(w.modem), 0);
	comes_up(&w, 0);
	run(&w, 5000);
	assert_int_equal(said(&w, "AT+GO=0"), 1);
	assert_int_equal(said(&w, "AT+OPEN"), 2);
	assert_string_equal(channel_state_word(w.channel[1]), "open");
}

/* It could not dial now anyway: those behind it need not wait for it. */
static void
an_online_session_in_back_off_holds_nobody_up(void **state)
{
	(void)state;
	start("", SEVERAL, "mode = \"online\"; dial_backoff = 60; " NONE);
	c[0] = client(&w, 1);
	module_says(&w, "+END: 0,21,rejected");
	run(&w, 100);
	assert_true(c[0]->closed);
	c[1] = client(&w, 0);
	comes_up(&w, 0);
	c[3] = client(&w, 1); /* in the first second of the back-off */
	c[4] = client(&w, 0);
	run(&w, 100);
	assert_int_equal(said(&w, "AT+OPEN=1,\"one.example\""), 1);
}

static void
news_without_a_number_are_of_no_socket(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	module_says(&w, "+END: -1,15,reset");
	run(&w, 1000);
	assert_false(c[0]->closed);
	assert_false(c[1]->closed);
}

static void
a_failed_dial_has_the_module_looked_at(void **state)
{
	(void)state;
	start("supervision = 3600;", SEVERAL, NONE);
	c[0] = client(&w, 0);
	module_says(&w, "+END: 0,22,unreachable");
	run(&w, 1000);
	assert_true(c[0]->closed);
	assert_int_equal(said(&w, "AT+LOOK"), 1);
}

/* Sockets that are free are no more than places for sessions, of which the channel may have one. */
static void
clients_of_one_turn_wait_no_more_than_may(void **state)
{
	struct app_side *more = w.apps;
	int i;

	(void)state;
	start("", "max_sessions = 1; max_waiting = 0; " NONE, NONE);
	for (i = 0; i < 2; i++)
		arrives(&w, 0);
	assert_false(more[0].closed);
	assert_true(more[1].closed);
}

static void
answered(void *arg, int result, const char *text)
{
	(void)arg;
	(void)text;
	assert_int_equal(result, 0);
}

static void
a_look_and_an_admins_command_disturb_nobody(void **state)
{
	(void)state;
	start("supervision = 10;", SEVERAL, NONE);
	sessions(2);
	run(&w, 30000);
	assert_true(said(&w, "AT+LOOK") > 1);
	says(c[0], "up");
	server_sends(&w, 1, "down");
	assert_int_equal(modem_command(w.modem, "AT+XCSQ", 5000, answered, NULL), 0);
	module_says(&w, "+DATA: 1");
	run(&w, 1000);
	assert_int_equal(said(&w, "AT+XCSQ"), 1);
	assert_string_equal(w.service[0].tx, "up");
	assert_string_equal(c[1]->down, "down");
	assert_int_equal(channel_figures(w.channel[0])->sessions, 2);
}

static void
one_that_ends_leaves_the_other_alone(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	w.service[0].state = SOCK_DOWN;
	module_says(&w, "+END: 0,20,Connection timed out");
	run(&w, 1000);
	assert_true(c[0]->closed);
	says(c[1], "still here");
	run(&w, 500);
	assert_string_equal(w.service[1].tx, "still here");
	assert_int_equal(said(&w, "AT+CLOSE=1"), 0);
}

static void
one_that_cannot_be_closed_takes_all_with_it(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	w.refuse_close = true;
	leaves(c[0]);
	run(&w, 500);
	assert_true(c[1]->closed);
	assert_int_equal(channel_figures(w.channel[0])->failures, 1);
	w.refuse_close = false;
	run(&w, 30000);
	assert_string_equal(modem_state_word(w.modem), "ready");
	assert_int_equal(modem_free_sockets(w.modem), 2);
}

static void
a_reset_of_the_module_resets_all(void **state)
{
	(void)state;
	start("", SEVERAL, NONE);
	sessions(2);
	modem_reset(w.modem, "asked for");
	run(&w, 1000);
	assert_true(c[0]->closed);
	assert_true(c[1]->closed);
	assert_int_equal(channel_figures(w.channel[0])->failures, 2);
	run(&w, 30000);
	assert_int_equal(said(&w, "AT+RESET"), 1);
	assert_string_equal(modem_state_word(w.modem), "ready");
}

/* A third is still dialling: that is closed too. */
static void
a_stop_closes_all(void **state)
{
	(void)state;
	start("secure_sockets = 3;", SEVERAL, NONE);
	sessions(2);
	c[2] = client(&w, 0);
	modem_stop(w.modem);
	run(&w, 1000);
	assert_true(modem_stopped(w.modem));
	assert_int_equal(w.service[0].state, SOCK_CLOSED);
	assert_int_equal(w.service[1].state, SOCK_CLOSED);
	assert_int_equal(w.service[2].state, SOCK_CLOSED);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slot_of_two_names_is_given_once),
		TEST(each_session_has_its_own_bytes),
		TEST(sessions_take_turns_on_the_line),
		TEST(one_that_does_not_read_does_not_stop_the_other),
		TEST(a_third_waits_for_its_turn),
		TEST(as_many_as_are_configured),
		TEST(no_more_than_the_module_can_have),
		TEST(a_module_without_room_lets_the_client_wait_on),
		TEST(waiting_on_has_the_limit_of_waiting),
		TEST(what_was_learnt_of_room_is_forgotten_with_a_new_life),
		TEST(the_only_one_that_is_refused_has_failed),
		TEST(an_online_session_waits_until_it_is_alone),
		TEST(an_online_session_in_back_off_holds_nobody_up),
		TEST(news_without_a_number_are_of_no_socket),
		TEST(a_failed_dial_has_the_module_looked_at),
		TEST(clients_of_one_turn_wait_no_more_than_may),
		TEST(a_look_and_an_admins_command_disturb_nobody),
		TEST(one_that_ends_leaves_the_other_alone),
		TEST(one_that_cannot_be_closed_takes_all_with_it),
		TEST(a_reset_of_the_module_resets_all),
		TEST(a_stop_closes_all),
	};

	return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
