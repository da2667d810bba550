/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-command.c - one command of an admin's, between everything else, and what it may not be
 */
#include "simulation/scene.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/xalloc.h"

struct asked {
	unsigned answers;
	int result;
	char text[32768];
};

static void
answered(void *arg, int result, const char *text)
{
	struct asked *a = arg;

	a->answers++;
	a->result = result;
	str_copy(a->text, sizeof(a->text), text);
}

static int
ask(struct world *w, const char *text, uint32_t timeout_ms, struct asked *a)
{
	a->answers = 0;
	a->text[0] = '\0';
	return modem_command(w->modem, text, timeout_ms, answered, a);
}

/* Its result; the text is in a. */
static int
asked(struct world *w, const char *text, uint32_t timeout_ms, struct asked *a)
{
	unsigned i;

	assert_int_equal(ask(w, text, timeout_ms, a), 0);
	assert_int_equal(a->answers, 0); /* never from inside */
	for (i = 0; i < 40000 && !a->answers; i++)
		world_run(w, 10);
	assert_int_equal(a->answers, 1);
	return a->result;
}

static void
run_until_said(struct world *w, const char *command)
{
	unsigned i;

	for (i = 0; i < 20000 && !world_said(w, command); i++)
		world_run(w, 1);
	assert_int_not_equal(world_said(w, command), 0);
}

/* Asks what nobody else does, of a module that has this fault for it alone, and waits until it is on the line. */
static void
ask_faulty(struct world *w, const char *fault, uint32_t timeout_ms, struct asked *a)
{
	bool online = strcmp(channel_state_word(w->channel[0]), "idle") && w->conf->channels[0].mode == CONF_MODE_AUTO;

	world_forget_said(w);
	assert_int_equal(ask(w, "AT+CGMI", timeout_ms, a), 0);
	if (online) {
		run_until_said(w, "AT#SGACT?"); /* the last word of the suspension */
		world_run(w, 8);
	}
	side_fault(w->side, fault);
	run_until_said(w, "AT+CGMI");
	world_run(w, 100);
	side_fault(w->side, "none");
}

/* A line that no module of the simulator says, whatever it is doing. */
static void
host_hears(struct world *w, const char *line)
{
	AUTO(free) char *text = xasprintf("\r\n%s\r\n", line);

	modem_input(w->modem, text, strlen(text));
}

static void
assert_answer(struct world *w, const char *command, const char *start)
{
	struct asked a;

	if (asked(w, command, 5000, &a) != 0 || !str_starts(a.text, start))
		fail_msg("%s: %d \"%s\"", command, a.result, a.text);
}

static void
the_answer_is_all_but_the_final_line(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	assert_answer(&w, "AT+CSQ", "+CSQ: ");
	assert_answer(&w, "at+cgmi", "Telit");
	assert_answer(&w, "AT+CCLK=\"26/01/01,00:00:00+00\"", "");
	assert_answer(&w, "AT#SSLS=1", "#SSLS: 1,1");
	assert_true(world_ready(&w));
	world_stop(&w);
}

/* What else is a URC, of this very name: "+CREG: 1,1" is not the news that there is no network. */
static void
an_answer_that_looks_like_news_is_an_answer(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	assert_answer(&w, "AT+CREG?", "+CREG: 1,1");
	assert_int_equal(modem_module(w.modem)->reg, REG_HOME);
	world_stop(&w);
}

static void
a_refusal_has_the_modules_words(void **state)
{
	struct world w;
	struct asked a;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	assert_int_equal(asked(&w, "AT+NOSUCH", 5000, &a), -EREMOTEIO);
	assert_string_equal(a.text, "ERROR");
	assert_int_equal(asked(&w, "AT#SSLI=7", 5000, &a), -EREMOTEIO);
	assert_true(world_ready(&w));
	world_stop(&w);
}

static void
news_in_the_middle_are_news(void **state)
{
	struct world w;
	struct asked a;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	ask_faulty(&w, "late=1,late-ms=2000", 9000, &a);
	side_accident(w.side, SIDE_ROAM);
	world_run(&w, 5000);
	assert_int_equal(a.answers, 1);
	assert_int_equal(modem_module(w.modem)->reg, REG_ROAMING);
	world_stop(&w);
}

static void
some_are_never_sent(void **state)
{
	static const char *const never[] = {
		"AT#SSLSECDATA?", "AT#SSLSECDATA=1,2,2", "at#sslsecdata=1,2,0", "AT # SSL SECDATA = 1,2,2", "AT#SSLSECCFG=1,0,0",
		"AT+CPIN?", "AT+CPIN=\"1234\"", "AT+CPIN2?", "AT+CLCK=\"SC\",2", "AT+CPWD=\"SC\",\"1\",\"2\"", "AT+CSIM=10,\"0020000108\"",
		"ATE1", "AT E1", "ATV0", "ATX4E1", "AT&F", "ATX1&F", "AT&K0", "AT&C1&K0", "ATQ1", "ATZ", "ATS12=0", "ATI3S2=44", "AT\\Q1",
		"ATD*99#", "ATO", "AT&V0D5", "AT+IPR=9600", "ATX4+CPIN?", "AT#SSLO=1", "AT#SSLH=1", "AT#SSLEN=1,0", "AT#REBOOT", "AT+CFUN=1,1",
		"AT#SKIPESC=0", "AT+CGLA=1,14,\"0020000108\"", "AT#SYSHALT=0,0,0", "AT#FASTSHDN", "AT#PORTCFG=8", "AT#USBCFG=3",
	};
	static const char *const fine[] = { "AT+CSQ", "AT+CIND?", "AT&V", "ATI3", "AT#SSLS=1", "AT#SSLEN?", "AT+IPR?", "AT+COPS?", "AT#MONI" };
	struct world w;
	struct asked a;
	size_t i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	world_forget_said(&w);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (ask(&w, never[i], 5000, &a) != -EPERM)
			fail_msg("%s would be sent", never[i]);
	world_run(&w, 5000);
	assert_string_equal(w.said, "");
	for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		asked(&w, fine[i], 5000, &a);
	world_stop(&w);
}

static void
what_is_not_one_command_is_none(void **state)
{
	static const char *const wrong[] = { "", "A", "AT", "+CSQ", "A/", "AT+CSQ;+CPIN?", "AT+CSQ\rAT+CPIN?", "AT+CSQ\n", "AT\x1b", "AT+X=\"a",
		"AT+X=\"a\";E1", "\tAT+CSQ", "AT+COPS=\"\xc3\xa9\"",
		"AT+LONG=\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"" };
	struct world w;
	struct asked a;
	size_t i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (ask(&w, wrong[i], 5000, &a) != -EINVAL)
			fail_msg("\"%s\" is taken", wrong[i]);
	assert_int_equal(asked(&w, "AT+X=\"a;b\"", 5000, &a), -EREMOTEIO);
	world_stop(&w);
}

static void
one_at_a_time_and_when_it_is_ready(void **state)
{
	struct world w;
	struct asked a, b;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	assert_int_equal(ask(&w, "AT+CSQ", 5000, &a), -EAGAIN);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(ask(&w, "AT+CSQ", 5000, &a), 0);
	assert_int_equal(ask(&w, "AT+CSQ", 5000, &b), -EBUSY);
	world_run(&w, 5000);
	assert_int_equal(a.answers, 1);
	assert_int_equal(asked(&w, "AT+CSQ", 5000, &b), 0);
	world_stop(&w);
}

static void
a_session_that_is_to_be_online_keeps_the_line(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	assert_int_equal(ask(&w, "AT+CSQ", 5000, &a), -EBUSY);
	client_leave(c);
	world_run(&w, 8000);
	assert_answer(&w, "AT+CSQ", "+CSQ: ");
	world_stop(&w);
}

/* Promises P1 and P2 over ten of them, with bytes on their way both ways all the time. */
static void
a_running_transfer_loses_no_byte(void **state)
{
	char *text = xcalloc(1, 150001);
	struct world w;
	struct client *c;
	size_t i;

	for (i = 0; i < 150000; i++)
		text[i] = (char)('a' + i * 7 % 26);
	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_FLOOD, 150000);
	c = scene_session(&w);
	client_says(c, text);
	world_run(&w, 1000);
	for (i = 0; i < 10; i++) {
		if (i < 2)
			assert_in_range(c->down_len, 1, 149999); /* else it was over before */
		assert_answer(&w, "AT+CSQ", "+CSQ: ");
		world_run(&w, 100 + i * 37);
	}
	world_run(&w, 120000);
	assert_received(&w, 1, text);
	assert_int_equal(c->down_len, 150000);
	for (i = 0; i < 150000; i++)
		assert_int_equal(c->down[i], side_pattern(i));
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
	free(text);
}

/* The server closes while the line is lent. */
static void
an_end_in_the_middle_is_found(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	ask_faulty(&w, "late=1,late-ms=3000", 9000, &a);
	scene_server_says(&w, "bye");
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_read(c, "bye");
	world_run(&w, 5000);
	assert_int_equal(a.answers, 1);
	assert_int_equal(a.result, 0);
	world_stop(&w);
}

static void
its_client_leaves_in_the_middle(void **state)
{
	struct world w;
	struct asked a;
	unsigned ms;

	for (ms = 10; ms < 5000; ms += 173) {
		scene_up(&w, state, (struct world_conf){ .alone = true });
		scene_session(&w);
		assert_int_equal(ask(&w, "AT+CSQ", 9000, &a), 0);
		world_run(&w, ms);
		client_leave(w.clients);
		world_run(&w, 10000);
		assert_int_equal(a.answers, 1);
		assert_int_equal(a.result, 0);
		assert_false(side_peer_open(w.side));
		assert_true(world_ready(&w));
		assert_int_equal(modem_free_sockets(w.modem), 1);
		world_stop(&w);
	}
}

/* Longer than its time, and answered late: the caller is told, and the session goes on. */
static void
a_late_result_costs_no_session(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	ask_faulty(&w, "late=1,late-ms=12000", 5000, &a);
	client_says(c, "hello");
	world_run(&w, 5500);
	assert_int_equal(a.answers, 1);
	assert_int_equal(a.result, -ETIMEDOUT);
	assert_string_equal(a.text, "AT+CGMI: no answer");
	world_run(&w, 12000);
	assert_read(c, "hello");
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_answer(&w, "AT+CSQ", "+CSQ: ");
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

/* And never: half a minute later the module is asked whether it is there. */
static void
a_lost_result_costs_no_session(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	ask_faulty(&w, "no-final=1", 5000, &a);
	client_says(c, "hello");
	world_run(&w, 45000);
	assert_int_equal(a.result, -ETIMEDOUT);
	assert_read(c, "hello");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

/* It opens a plain socket in data mode, whose server talks at once: nobody gets that, and the session has its line back. */
static void
a_command_that_goes_online_is_brought_back(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	client_says(c, "before ");
	world_run(&w, 5000);
	side_next_peer(w.side, SIDE_FLOOD, 300);
	assert_int_equal(asked(&w, "AT#SD=2,0,80,\"three.example\"", 20000, &a), -EPROTO);
	client_says(c, "after");
	world_run(&w, 9000);
	assert_read(c, "before after");
	assert_received(&w, 1, "before after");
	assert_received(&w, 2, "");
	assert_int_equal(c->end, CLIENT_OPEN);
	assert_figures(&w, 0, 1, 0);
	assert_answer(&w, "AT+CSQ", "+CSQ: ");
	world_stop(&w);
}

static void
a_prompt_is_declined(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	client_says(c, "before ");
	world_run(&w, 5000);
	assert_int_equal(asked(&w, "AT#SD=2,0,80,\"three.example\",0,0,1", 20000, &a), 0);
	assert_int_equal(asked(&w, "AT#SSEND=2", 20000, &a), -EBADMSG);
	client_says(c, "after");
	world_run(&w, 9000);
	assert_read(c, "before after");
	assert_received(&w, 2, "");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

/* The word alone: the module is in command mode all the time. */
static void
a_connect_that_is_none(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = scene_session(&w);
	ask_faulty(&w, "late=1,late-ms=2000", 9000, &a);
	world_run(&w, 500);
	host_hears(&w, "CONNECT");
	world_run(&w, 8000);
	assert_int_equal(a.answers, 1);
	assert_int_equal(a.result, -EPROTO);
	client_says(c, "hello");
	world_run(&w, 9000);
	assert_read(c, "hello");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

static void
it_waits_for_the_end_of_a_dial(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_ECHO, 0);
	side_dial_takes(w.side, 6000);
	c = world_client(&w, 0);
	client_says(c, "hello");
	world_run(&w, 2000);
	assert_int_equal(asked(&w, "AT+CSQ", 20000, &a), 0);
	world_run(&w, 5000);
	assert_read(c, "hello");
	client_leave(c);
	world_run(&w, 8000);
	side_dial_takes(w.side, 30000);
	world_client(&w, 0);
	world_run(&w, 2000);
	assert_int_equal(asked(&w, "AT+CGMI", 5000, &a), -ETIMEDOUT); /* and no longer */
	assert_string_equal(a.text, "the line was not free in time");
	world_forget_said(&w);
	world_run(&w, 60000);
	assert_int_equal(world_said(&w, "AT+CGMI"), 0);
	world_stop(&w);
}

/* What it brings meanwhile could not be kept for an app that does not read. */
static void
an_app_that_does_not_read_keeps_the_line(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;
	size_t i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_next_peer(w.side, SIDE_FLOOD, 300000);
	c = world_client(&w, 0);
	client_reads(c, 1000);
	world_run(&w, 30000);
	assert_int_equal(asked(&w, "AT+CSQ", 3000, &a), -ETIMEDOUT);
	assert_int_equal(ask(&w, "AT+CSQ", 9000, &a), 0);
	client_reads(c, SIZE_MAX);
	world_run(&w, 100000);
	assert_int_equal(a.result, 0);
	assert_int_equal(c->down_len, 300000);
	for (i = 0; i < 300000; i++)
		assert_int_equal(c->down[i], side_pattern(i));
	world_stop(&w);
}

static void
it_ends_with_the_modem(void **state)
{
	struct world w;
	struct asked a;
	int way;

	for (way = 0; way < 5; way++) {
		scene_up(&w, state, (struct world_conf){ .alone = true });
		scene_session(&w);
		if (way > 1) {
			ask_faulty(&w, "late=1,late-ms=9000", 20000, &a);
		} else {
			assert_int_equal(ask(&w, "AT+CSQ", 20000, &a), 0);
			world_run(&w, 100); /* it waits for the line */
		}
		if (way == 0 || way == 2)
			world_line_down(&w);
		else if (way == 1 || way == 3)
			modem_reset(w.modem, "asked for");
		if (way < 4)
			world_run(&w, 100);
		else
			world_stop(&w);
		assert_int_equal(a.answers, 1);
		assert_int_equal(a.result, -ECANCELED);
		if (way < 4)
			world_stop(&w);
		assert_int_equal(a.answers, 1);
	}
}

/* The session that it waits for goes down in order; it is not sent in between. */
static void
it_ends_when_the_modem_is_to_go_down(void **state)
{
	struct world w;
	struct asked a;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_dial_takes(w.side, 3000);
	c = world_client(&w, 0);
	world_run(&w, 1000);
	assert_int_equal(ask(&w, "AT+CGMI", 20000, &a), 0);
	world_forget_said(&w);
	modem_stop(w.modem);
	assert_int_equal(ask(&w, "AT+CSQ", 5000, &a), -EAGAIN);
	world_run(&w, 1);
	assert_int_equal(a.answers, 1);
	assert_int_equal(a.result, -ECANCELED);
	world_run(&w, 20000);
	assert_true(modem_stopped(w.modem));
	assert_int_equal(world_said(&w, "AT+CGMI"), 0);
	client_leave(c);
	world_stop(&w);
}

static void
an_answer_without_end_is_cut_off(void **state)
{
	struct world w;
	struct asked a;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	ask_faulty(&w, "late=1,late-ms=9000", 20000, &a);
	host_hears(&w, "odd \x01\xff\\ line");
	for (i = 0; i < 100; i++) {
		host_hears(&w, "0123456789012345678901234567890123456789");
		world_run(&w, 10);
	}
	world_run(&w, 15000);
	assert_int_equal(a.result, 0);
	assert_true(str_starts(a.text, "odd \\x01\\xff\\ line\n0123456789"));
	ask_faulty(&w, "late=1,late-ms=9000", 20000, &a);
	for (i = 0; i < 500; i++) {
		host_hears(&w, "0123456789012345678901234567890123456789");
		world_run(&w, 10);
	}
	world_run(&w, 15000);
	assert_int_equal(a.result, -EMSGSIZE);
	assert_answer(&w, "AT+CGMI", "Telit");
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* Telit's commands, or its line that one session has to itself */
		TELIT_FAMILIES(the_answer_is_all_but_the_final_line),
		ON_FAMILIES(an_answer_that_looks_like_news_is_an_answer),
		ON_FAMILIES(a_refusal_has_the_modules_words),
		ON_FAMILIES(news_in_the_middle_are_news),
		TELIT_FAMILIES(some_are_never_sent),
		TELIT_FAMILIES(what_is_not_one_command_is_none),
		ON_FAMILIES(one_at_a_time_and_when_it_is_ready),
		ONLINE(a_session_that_is_to_be_online_keeps_the_line),
		ON_FAMILIES(a_running_transfer_loses_no_byte),
		IN_COMMAND_MODE(a_running_transfer_loses_no_byte),
		ON_FAMILIES(an_end_in_the_middle_is_found),
		IN_COMMAND_MODE(an_end_in_the_middle_is_found),
		TELIT_FAMILIES(its_client_leaves_in_the_middle),
		TELIT_COMMAND(its_client_leaves_in_the_middle),
		ON_FAMILIES(a_late_result_costs_no_session),
		IN_COMMAND_MODE(a_late_result_costs_no_session),
		ON_FAMILIES(a_lost_result_costs_no_session),
		IN_COMMAND_MODE(a_lost_result_costs_no_session),
		TELIT_FAMILIES(a_command_that_goes_online_is_brought_back),
		TELIT_COMMAND(a_command_that_goes_online_is_brought_back),
		TELIT_FAMILIES(a_prompt_is_declined),
		TELIT_COMMAND(a_prompt_is_declined),
		ON_FAMILIES(a_connect_that_is_none),
		IN_COMMAND_MODE(a_connect_that_is_none),
		TELIT_FAMILIES(it_waits_for_the_end_of_a_dial),
		TELIT_FAMILIES(an_app_that_does_not_read_keeps_the_line),
		TELIT_FAMILIES(it_ends_with_the_modem),
		ON_FAMILIES(it_ends_when_the_modem_is_to_go_down),
		TELIT_FAMILIES(an_answer_without_end_is_cut_off),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
