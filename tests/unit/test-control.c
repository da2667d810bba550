/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that wait: how long, how many, and across a reload.  The units, the modem and the bus's answers are what this
 * file says that they are, and the time is a number.
 */
#include "unit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/daemon-priv.h"

struct modem {
	enum modem_state state;
	const char *error;
	unsigned resets;
};

struct modem_unit {
	struct modem_conf conf;
	struct modem modem;
	bool releasing, released, asks;
	unsigned acquired;
	int tty; /* what opening it comes to */
};

struct bus_call {
	bool answered;
	int error; /* -1 none */
	char text[300];
};

static struct {
	struct clock clock;
	struct daemon d;
	struct post posts[1];
	struct modem_unit unit, next;
	struct bus_call calls[20];
	unsigned reloads;
	modem_command_fn *done;
	void *done_arg;
} w;

/* ---- the bus ---- */

void
bus_answer(struct bus_call *call)
{
	assert_false(call->answered);
	call->answered = true;
}

void
bus_answer_text(struct bus_call *call, const char *text)
{
	snprintf(call->text, sizeof(call->text), "%s", text);
	bus_answer(call);
}

void
bus_answer_fd(struct bus_call *call, int fd)
{
	(void)fd;
	bus_answer(call);
}

void
bus_refuse(struct bus_call *call, enum bus_error error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(call->text, sizeof(call->text), fmt, ap);
	va_end(ap);
	call->error = (int)error;
	bus_answer(call);
}

/* ---- the daemon and its units ---- */

struct clock *
loop_clock(struct loop *loop)
{
	(void)loop;
	return &w.clock;
}

struct post *
daemon_post(const struct daemon *d, const char *modem)
{
	return d->n_posts && !strcmp(modem, "gw0") ? d->posts : NULL;
}

struct channel_unit *
daemon_channel(const struct daemon *d, const char *channel)
{
	(void)d, (void)channel;
	return NULL;
}

void
reload_again(struct daemon *d)
{
	if (!d->again) {
		w.reloads++;
		control_reload_begins(d);
		d->again = true; /* until reload_ends() */
	}
}

const struct modem_conf *
modem_unit_conf(const struct modem_unit *u)
{
	return &u->conf;
}

const char *
modem_unit_name(const struct modem_unit *u)
{
	return u->conf.name;
}

struct modem *
modem_unit_modem(struct modem_unit *u)
{
	return &u->modem;
}

int64_t
modem_unit_expires(const struct modem_unit *u)
{
	(void)u;
	return 0;
}

bool
modem_unit_releasing(const struct modem_unit *u)
{
	return u->releasing;
}

bool
modem_unit_released(const struct modem_unit *u)
{
	return u->released;
}

void
modem_unit_release(struct modem_unit *u)
{
	u->releasing = true;
}

int
modem_unit_acquire(struct modem_unit *u)
{
	u->acquired++;
	u->released = false;
	return u->tty;
}

const char *
modem_unit_tty_error(const struct modem_unit *u)
{
	return u->asks ? "busy" : "busy, most likely ModemManager";
}

bool
modem_unit_tty_asks(const struct modem_unit *u)
{
	return u->asks;
}

enum modem_state
modem_state(const struct modem *m)
{
	return m->state;
}

const char *
modem_state_word(const struct modem *m)
{
	return m->state == MODEM_READY ? "ready" : "registering";
}

const char *
modem_error(const struct modem *m)
{
	return m->error;
}

void
modem_reset(struct modem *m, const char *why)
{
	(void)why;
	m->resets++;
	m->state = MODEM_WAKING;
}

int
modem_command(struct modem *m, const char *text, unsigned timeout_ms, modem_command_fn *done, void *arg)
{
	(void)m, (void)text, (void)timeout_ms;
	w.done = done;
	w.done_arg = arg;
	return 0;
}

bool
conf_command_allowed(const struct modem_conf *mc, const char *text)
{
	(void)mc, (void)text;
	return true;
}

const struct channel_conf *
channel_unit_conf(const struct channel_unit *u)
{
	(void)u;
	return NULL;
}

struct channel *
channel_unit_channel(struct channel_unit *u)
{
	(void)u;
	return NULL;
}

const char *
channel_unit_socket(const struct channel_unit *u)
{
	(void)u;
	return "";
}

int
channel_unit_open(struct channel_unit *u, uid_t uid, const gid_t *gids, size_t n, int *ret_fd)
{
	(void)u, (void)uid, (void)gids, (void)n, (void)ret_fd;
	return -ECANCELED;
}

const char *
channel_state_word(const struct channel *c)
{
	(void)c;
	return "";
}

const char *
channel_error(const struct channel *c)
{
	(void)c;
	return "";
}

void
channel_close(struct channel *c)
{
	(void)c;
}

void
channel_reset(struct channel *c, const char *why)
{
	(void)c, (void)why;
}

/* ---- what a test says ---- */

static int
setup(void **state)
{
	size_t i;

	(void)state;
	memset(&w, 0, sizeof(w));
	clock_init(&w.clock, 1000, 1);
	TAILQ_INIT(&w.d.waits);
	w.unit.conf.name = w.next.conf.name = (char *)"gw0";
	w.unit.modem = w.next.modem = (struct modem){ .state = MODEM_READY, .error = "" };
	w.posts[0] = (struct post){ .unit = &w.unit, .started = true };
	w.d.posts = w.posts;
	w.d.n_posts = 1;
	for (i = 0; i < 20; i++)
		w.calls[i].error = -1;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_true(TAILQ_EMPTY(&w.d.waits));
	return 0;
}

static void
reset(unsigned i)
{
	control_owner.reset(&w.d, "gw0", &w.calls[i]);
}

static void
becomes(struct modem_unit *u, enum modem_state state)
{
	u->modem.state = state;
	control_modem_changed(&w.d, u);
}

static void
expect_answer(unsigned i, int error, const char *text)
{
	assert_true(w.calls[i].answered);
	assert_int_equal(w.calls[i].error, error);
	assert_non_null(strstr(w.calls[i].text, text));
}

/* ---- Reset ---- */

static void
a_reset_is_given_up_after_five_minutes(void **state)
{
	(void)state;
	reset(0);
	clock_run(&w.clock, w.clock.now_ms + 60000);
	reset(1); /* joins, with five minutes of its own */
	assert_int_equal(w.unit.modem.resets, 1);
	w.unit.modem.error = "no network";
	clock_run(&w.clock, 1000 + 299999);
	assert_false(w.calls[0].answered);
	clock_run(&w.clock, 1000 + 300000);
	expect_answer(0, BUS_TIMEOUT, "modem gw0 is not ready 5 minutes after the reset, but registering: no network");
	assert_false(w.calls[1].answered);
	becomes(&w.unit, MODEM_READY);
	expect_answer(1, -1, "");
	assert_true(clock_deadline(&w.clock) == CLOCK_NEVER);
}

static void
a_module_that_gives_up_is_the_answer(void **state)
{
	(void)state;
	reset(0);
	w.unit.modem.error = "the SIM wants its PUK";
	becomes(&w.unit, MODEM_FAILED);
	expect_answer(0, BUS_MODULE_ERROR, "the SIM wants its PUK");
}

static void
sixteen_wait_and_no_more(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 17; i++)
		reset(i);
	expect_answer(16, BUS_BUSY, "16 calls wait already");
	assert_int_equal(w.unit.modem.resets, 1);
	control_owner.left(&w.d, &w.calls[3]); /* and its place is free */
	reset(17);
	assert_false(w.calls[17].answered);
	for (i = 18; i < 20; i++)
		control_owner.reload(&w.d, &w.calls[i]); /* they have places of their own */
	assert_false(w.calls[19].answered);
	becomes(&w.unit, MODEM_READY);
	for (i = 0; i < 18; i++)
		assert_true(w.calls[i].answered);
	expect_answer(17, -1, "");
	control_reload_done(&w.d, "x.conf:1: no");
	expect_answer(18, BUS_BAD_CONFIGURATION, "x.conf:1: no");
	assert_false(w.calls[19].answered);
	control_reload_begins(&w.d);
	control_reload_done(&w.d, NULL);
	expect_answer(19, -1, "");
}

/* ---- a reload meanwhile ---- */

static void
a_modem_that_a_reload_removes_is_waited_for_no_longer(void **state)
{
	(void)state;
	reset(0);
	w.posts[0].leaves = true;
	reset(1);
	expect_answer(1, BUS_BUSY, "a reload");
	becomes(&w.unit, MODEM_READY); /* it is nobody's business any more */
	assert_false(w.calls[0].answered);
	w.d.n_posts = 0;
	control_reload_done(&w.d, NULL);
	expect_answer(0, BUS_CANCELLED, "no such modem any more");
	reset(2);
	expect_answer(2, BUS_CANCELLED, "no longer there");
	assert_true(clock_deadline(&w.clock) == CLOCK_NEVER);
}

static void
a_modem_that_a_reload_replaces_is_waited_for(void **state)
{
	(void)state;
	reset(0);
	w.posts[0].leaves = true;
	w.next.modem.state = MODEM_WAKING;
	w.posts[0] = (struct post){ .unit = &w.next, .started = true };
	control_reload_done(&w.d, NULL);
	assert_false(w.calls[0].answered);
	becomes(&w.next, MODEM_READY);
	expect_answer(0, -1, "");
}

static void
a_command_outlives_its_modem(void **state)
{
	(void)state;
	control_owner.command(&w.d, "gw0", "AT+CSQ", 0, &w.calls[0]);
	control_owner.left(&w.d, &w.calls[0]); /* its answer still comes, and frees it */
	control_owner.command(&w.d, "gw0", "AT+CSQ", 0, &w.calls[1]);
	w.d.n_posts = 0;
	w.done(TAILQ_FIRST(&w.d.waits), 0, "+CSQ: 17,0");
	expect_answer(0, -1, "+CSQ: 17,0");
	control_reload_done(&w.d, NULL);
	expect_answer(1, BUS_CANCELLED, "no such modem");
	w.done(w.done_arg, -ECANCELED, "the modem is gone");
	assert_true(w.calls[1].answered);
}

/* ---- Release and Acquire ---- */

static void
released_and_taken_back_in_the_order_of_the_calls(void **state)
{
	(void)state;
	control_owner.release(&w.d, "gw0", &w.calls[0]);
	control_owner.acquire(&w.d, "gw0", &w.calls[1]);
	control_owner.left(&w.d, &w.calls[1]); /* it wants the modem back all the same */
	control_owner.release(&w.d, "gw0", &w.calls[2]);
	assert_false(w.calls[0].answered);
	w.unit.releasing = false;
	w.unit.released = true;
	control_modem_changed(&w.d, &w.unit);
	expect_answer(0, -1, "");
	expect_answer(1, -1, "");
	assert_int_equal(w.unit.acquired, 1);
	assert_false(w.calls[2].answered);
	assert_true(w.unit.releasing);
	control_stop(&w.d);
	expect_answer(2, BUS_CANCELLED, "the daemon ends");
}

static void
a_refusal_waits_until_it_is_known_who_has_the_tty(void **state)
{
	(void)state;
	w.unit.tty = -EBUSY;
	w.unit.modem.state = MODEM_ABSENT;
	w.unit.asks = w.unit.released = true;
	control_owner.acquire(&w.d, "gw0", &w.calls[0]);
	control_modem_changed(&w.d, &w.unit); /* something else of it */
	assert_false(w.calls[0].answered);
	w.unit.asks = false;
	control_modem_changed(&w.d, &w.unit);
	expect_answer(0, BUS_BUSY, "most likely ModemManager");
	w.unit.released = true;
	control_owner.acquire(&w.d, "gw0", &w.calls[1]);
	expect_answer(1, BUS_BUSY, "most likely ModemManager");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reset_is_given_up_after_five_minutes),
		TEST(a_module_that_gives_up_is_the_answer),
		TEST(sixteen_wait_and_no_more),
		TEST(a_modem_that_a_reload_removes_is_waited_for_no_longer),
		TEST(a_modem_that_a_reload_replaces_is_waited_for),
		TEST(a_command_outlives_its_modem),
		TEST(released_and_taken_back_in_the_order_of_the_calls),
		TEST(a_refusal_waits_until_it_is_known_who_has_the_tty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
