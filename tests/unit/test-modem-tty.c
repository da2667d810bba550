/* SPDX-License-Identifier: Apache-2.0 */
/* A modem's tty that comes and goes: a link to a pty whose master is the (mute) module. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/modem-tty.h"

struct world {
	struct loop *loop;
	struct modem_tty *tty;
	struct modem *modem;
	struct modem_conf conf;
	char dir[64], device[96], pts[32];
	int master;
};

/* ---- a bus that is asked who has a name ---- */

static struct bus_question {
	unsigned asked;
	bool waits;
	void (*done)(void *arg, int pid);
	void *arg;
	unsigned answered; /* how often the tty's owner heard of it */
} question;

struct bus_question *
bus_pid_of(struct bus *b, const char *name, void (*done)(void *arg, int pid), void *arg)
{
	(void)b;
	assert_string_equal(name, "org.freedesktop.ModemManager1");
	question = (struct bus_question){ question.asked + 1, true, done, arg, question.answered };
	return &question;
}

void
bus_question_free(struct bus_question *q)
{
	if (q)
		q->waits = false;
}

static void
bus_says(int pid)
{
	assert_true(question.waits);
	question.waits = false;
	question.done(question.arg, pid);
}

static void
answered(void *arg)
{
	(void)arg;
	question.answered++;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static const struct modem_host host = { .changed = nothing };

static void
plug_in(struct world *w)
{
	w->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(w->master >= 0);
	assert_int_equal(grantpt(w->master), 0);
	assert_int_equal(unlockpt(w->master), 0);
	assert_int_equal(ptsname_r(w->master, w->pts, sizeof(w->pts)), 0);
	unlink(w->device);
	assert_int_equal(symlink(w->pts, w->device), 0);
}

static int
setup(void **state)
{
	static struct world w;
	struct modem_params params = { .conf = &w.conf, .host = &host };

	memset(&w, 0, sizeof(w));
	memset(&question, 0, sizeof(question));
	log_level = LOG_ERROR;
	strcpy(w.dir, "/tmp/test-modem-tty-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	snprintf(w.device, sizeof(w.device), "%s/modem", w.dir);
	w.conf = (struct modem_conf){ .name = (char *)"gw0", .device = w.device, .baud = 115200, .dialect = CONF_DIALECT_TELIT };
	w.loop = loop_new();
	w.tty = modem_tty_new(w.loop, &w.conf, (struct bus *)&question, answered, NULL);
	w.modem = modem_new(loop_clock(w.loop), modem_tty_wire(w.tty), &params);
	w.master = -1;
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	modem_free(w->modem);
	modem_tty_free(w->tty);
	loop_free(w->loop);
	if (w->master >= 0)
		close(w->master);
	unlink(w->device);
	return rmdir(w->dir);
}

static bool
is_up(const struct world *w)
{
	return modem_state(w->modem) != MODEM_ABSENT;
}

/* Until the modem is up, or down; at most so long. */
static bool
becomes(struct world *w, bool up, uint64_t limit_ms)
{
	uint64_t end = loop_clock(w->loop)->now_ms + limit_ms;

	while (is_up(w) != up && loop_clock(w->loop)->now_ms < end) {
		usleep(5000);
		loop_turn(w->loop, false);
	}
	return is_up(w) == up;
}

static void
pass(struct world *w, uint64_t ms)
{
	uint64_t end = loop_clock(w->loop)->now_ms + ms;

	while (loop_clock(w->loop)->now_ms < end) {
		usleep(5000);
		loop_turn(w->loop, false);
	}
}

/* To the next time-out, when all that is due was done. */
static uint64_t
sleeps_ms(struct world *w)
{
	loop_turn(w->loop, false);
	return clock_deadline(loop_clock(w->loop)) - loop_clock(w->loop)->now_ms;
}

static void
it_is_opened_when_it_comes(void **state)
{
	struct world *w = *state;

	modem_tty_start(w->tty, w->modem);
	assert_false(is_up(w));
	assert_non_null(strstr(modem_error(w->modem), "no such device"));
	pass(w, 50);
	plug_in(w);
	assert_true(becomes(w, true, 500));
}

/* A daemon that ends, or a reload, still waits for another modem. */
static void
it_is_left_alone_when_its_modem_is_told_to_end(void **state)
{
	struct world *w = *state;

	modem_tty_start(w->tty, w->modem);
	modem_stop(w->modem);
	assert_true(modem_stopped(w->modem));
	plug_in(w);
	assert_false(becomes(w, true, 500));
}

static void
while_it_is_away_nothing_is_due(void **state)
{
	struct world *w = *state;

	modem_tty_start(w->tty, w->modem);
	pass(w, 50);
	assert_true(clock_deadline(loop_clock(w->loop)) == CLOCK_NEVER);
}

static void
its_loss_is_told_with_the_reason(void **state)
{
	struct world *w = *state;

	plug_in(w);
	modem_tty_start(w->tty, w->modem);
	assert_true(is_up(w));
	close(w->master);
	assert_true(becomes(w, false, 500));
	assert_non_null(strstr(modem_error(w->modem), "is gone"));
	plug_in(w);
	assert_true(becomes(w, true, 500));
}

static void
a_mode_that_comes_later_is_waited_for(void **state)
{
	struct world *w = *state;

	if (geteuid() == 0)
		skip(); /* whom no mode keeps out */
	plug_in(w);
	assert_int_equal(chmod(w->pts, 0), 0);
	modem_tty_start(w->tty, w->modem);
	assert_false(is_up(w));
	assert_non_null(strstr(modem_error(w->modem), "permission denied"));
	pass(w, 50);
	assert_int_equal(chmod(w->pts, 0600), 0);
	assert_true(becomes(w, true, 500));
}

static void
a_link_that_leads_elsewhere_does_not_end_what_works(void **state)
{
	struct world *w = *state;
	int old;

	plug_in(w);
	modem_tty_start(w->tty, w->modem);
	old = w->master;
	plug_in(w);
	pass(w, 300);
	assert_true(is_up(w));
	close(old);
	assert_true(becomes(w, false, 500));
	assert_in_range(sleeps_ms(w), 500, 1000); /* it did not live long: no hurry, or a broken one would keep us busy */
	assert_true(becomes(w, true, 2500));
}

static void
a_busy_one_is_tried_again(void **state)
{
	struct world *w = *state;
	int fd;

	plug_in(w);
	fd = open(w->pts, O_RDWR | O_NOCTTY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	modem_tty_start(w->tty, w->modem);
	assert_false(is_up(w));
	assert_non_null(strstr(modem_error(w->modem), "in use by another process"));
	assert_true(strstr(modem_error(w->modem), "PID") || strstr(modem_error(w->modem), "fuser -v"));
	assert_in_range(sleeps_ms(w), 500, 1000);
	pass(w, 1200); /* the second try; the third is 2 s later */
	assert_in_range(sleeps_ms(w), 1000, 2000);
	close(fd);
	assert_true(becomes(w, true, 2500));
}

/* Whoever says only TIOCEXCL, as ModemManager does, shows nowhere. */
static void
modemmanager_is_named_when_the_bus_knows_it(void **state)
{
	struct world *w = *state;
	int fd;

	if (geteuid() == 0)
		skip(); /* whom TIOCEXCL does not keep out */
	plug_in(w);
	fd = open(w->pts, O_RDWR | O_NOCTTY);
	assert_int_equal(ioctl(fd, TIOCEXCL), 0);
	assert_int_equal(modem_tty_start(w->tty, w->modem), -EBUSY);
	assert_non_null(strstr(modem_tty_error(w->tty), "fuser -v"));
	assert_true(modem_tty_asks(w->tty));
	bus_says(4711);
	assert_false(modem_tty_asks(w->tty));
	assert_int_equal(question.answered, 1);
	assert_non_null(strstr(modem_tty_error(w->tty), "most likely ModemManager (PID 4711)"));
	assert_string_equal(modem_error(w->modem), modem_tty_error(w->tty));
	pass(w, 1200); /* the second try asks nobody again, and says the same */
	assert_int_equal(question.asked, 1);
	assert_non_null(strstr(modem_tty_error(w->tty), "PID 4711"));

	modem_tty_stop(w->tty);
	assert_int_equal(modem_tty_start(w->tty, w->modem), -EBUSY); /* it may be somebody else by now */
	assert_non_null(strstr(modem_tty_error(w->tty), "fuser -v"));
	bus_says(0);
	assert_int_equal(question.answered, 2);
	assert_non_null(strstr(modem_tty_error(w->tty), "fuser -v"));
	modem_tty_stop(w->tty);
	assert_int_equal(modem_tty_start(w->tty, w->modem), -EBUSY);
	assert_true(question.waits);
	assert_int_equal(ioctl(fd, TIOCNXCL), 0);
	close(fd);
	assert_true(becomes(w, true, 2500));
	assert_false(question.waits); /* it does not matter any more */
}

static void
reopening_is_a_loss_and_a_return(void **state)
{
	struct world *w = *state;
	struct termios t;

	plug_in(w);
	modem_tty_reopen(w->tty); /* not open: nothing */
	pass(w, 50);
	modem_tty_start(w->tty, w->modem);
	assert_true(is_up(w));
	assert_true(modem_tty_wire(w->tty)->ops->rate(modem_tty_wire(w->tty), 9600));
	modem_tty_reopen(w->tty);
	assert_true(is_up(w)); /* not inside the call */
	loop_turn(w->loop, false);
	assert_true(becomes(w, true, 500));
	assert_non_null(strstr(modem_error(w->modem), "opened again"));
	assert_int_equal(tcgetattr(w->master, &t), 0);
	assert_int_equal(cfgetospeed(&t), B115200);
}

static void
one_that_is_stopped_is_left_alone_until_it_is_started_again(void **state)
{
	struct world *w = *state;
	int fd;

	plug_in(w);
	assert_int_equal(modem_tty_start(w->tty, w->modem), 0);
	modem_tty_reopen(w->tty);
	modem_tty_stop(w->tty);
	modem_released(w->modem);
	fd = open(w->pts, O_RDWR | O_NOCTTY);
	assert_true(fd >= 0); /* no TIOCEXCL is left */
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	pass(w, 300);
	assert_int_equal(modem_state(w->modem), MODEM_RELEASED);
	assert_true(clock_deadline(loop_clock(w->loop)) == CLOCK_NEVER);

	assert_int_equal(modem_tty_start(w->tty, w->modem), -EBUSY);
	assert_non_null(strstr(modem_tty_error(w->tty), "in use by another process"));
	assert_int_equal(modem_state(w->modem), MODEM_ABSENT);
	modem_tty_stop(w->tty);
	modem_released(w->modem);
	close(fd);
	pass(w, 1500); /* it is not tried again either */
	assert_int_equal(modem_state(w->modem), MODEM_RELEASED);
	assert_int_equal(modem_tty_start(w->tty, w->modem), 0);
	assert_int_equal(modem_state(w->modem), MODEM_WAKING);
	unlink(w->device);
	modem_tty_stop(w->tty);
	assert_int_equal(modem_tty_start(w->tty, w->modem), -ENOENT);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(it_is_opened_when_it_comes),
		WITH_WORLD(it_is_left_alone_when_its_modem_is_told_to_end),
		WITH_WORLD(while_it_is_away_nothing_is_due),
		WITH_WORLD(its_loss_is_told_with_the_reason),
		WITH_WORLD(a_mode_that_comes_later_is_waited_for),
		WITH_WORLD(a_link_that_leads_elsewhere_does_not_end_what_works),
		WITH_WORLD(a_busy_one_is_tried_again),
		WITH_WORLD(modemmanager_is_named_when_the_bus_knows_it),
		WITH_WORLD(reopening_is_a_loss_and_a_return),
		WITH_WORLD(one_that_is_stopped_is_left_alone_until_it_is_started_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
