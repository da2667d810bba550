/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/modem-tty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/tally.h"
#include "base/xalloc.h"
#include "port/devwatch.h"
#include "port/holder.h"
#include "port/port.h"

#define SETTLE_MS 100	     /* from the first event on: udev makes the node, then its group, mode and links */
#define RETRY_MS 1000	     /* what no event tells; doubled each time ... */
#define RETRY_MAX_MS 15000   /* ... up to this */
#define UNWATCHED_MS 5000    /* between two looks where the path cannot be watched */
#define BRIEF_MS 5000	     /* what was lost so soon after it was opened may go on like that */
#define MODEMMANAGER "org.freedesktop.ModemManager1" /* its name on the bus */

struct modem_tty {
	const struct modem_conf *conf;
	struct loop *loop;
	struct bus *bus; /* NULL: nobody can be asked */
	struct modem *modem;
	struct port *port;
	struct devwatch *watch;
	struct timer try;
	struct timer reopen;
	unsigned retry_ms;    /* the next wait */
	uint64_t opened_ms;
	bool unwatched;	      /* that was told */
	struct bus_question *question; /* may it be ModemManager that has it? */
	bool asked;	      /* once per trouble */
	int modemmanager;     /* its pid; 0: not it, or not known */
	char busy[256];	      /* the trouble without who it is; "" not this one */
	void (*answered)(void *arg);
	void *arg;
	struct tally tally;
	char error[512];      /* the last one told, so that it is told once */
};

static const char *
name_of(const struct modem_tty *t)
{
	return t->conf->name;
}

/* ---- who has it ---- */

static void
tell(struct modem_tty *t, const char *why)
{
	if (strcmp(why, t->error) == 0)
		return;
	str_copy(t->error, sizeof(t->error), why);
	modem_line_down(t->modem, why);
}

/* What can be found out about who has it, and what to do; false: only that it is in use. */
static bool
tell_holder(struct modem_tty *t)
{
	const char *device = t->conf->device;
	char why[sizeof(t->error)] = "";
	struct holder h;
	bool known = holder_find(&holder_places, device, &h);

	str_add(why, sizeof(why), "%s", t->busy);
	if (known) {
		str_add(why, sizeof(why), ": PID %d", h.pid);
		if (*h.name)
			str_add(why, sizeof(why), " (%s)", h.name);
		str_add(why, sizeof(why), "; stop it, or give this modem another device; tried again now and then");
	} else if (t->modemmanager) {
		str_add(why, sizeof(why), ", most likely ModemManager (PID %d): let it leave this device alone by a udev rule with "
		    "ENV{ID_MM_PORT_IGNORE}=\"1\", or by mmcli --inhibit-device", t->modemmanager);
	} else {
		str_add(why, sizeof(why), "; \"fuser -v %s\" as root shows which", device);
	}
	tell(t, why);
	return known || t->modemmanager;
}

static void
on_modemmanager(void *arg, int pid)
{
	struct modem_tty *t = arg;

	t->question = NULL;
	t->modemmanager = pid;
	if (pid)
		tell_holder(t);
	t->answered(t->arg);
}

static void
is_busy(struct modem_tty *t, const char *why)
{
	str_copy(t->busy, sizeof(t->busy), why);
	if (tell_holder(t) || t->asked || !t->bus)
		return;
	t->asked = true;
	t->question = bus_pid_of(t->bus, MODEMMANAGER, on_modemmanager, t);
}

/* That trouble is over: another time it may be another. */
static void
not_busy(struct modem_tty *t)
{
	bus_question_free(gift(&t->question));
	t->asked = false;
	t->modemmanager = 0;
	t->busy[0] = '\0';
}

/* ---- trying ---- */

/* Can only time tell when this is over?  Else an event will. */
static bool
needs_time(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
	case -ELOOP:
	case -EACCES:
	case -EPERM:
	case -ENOTTY:
	case -EINVAL:
		return false;
	default:
		return true; /* EBUSY, EIO, ENXIO ... */
	}
}

static void
tell_unwatched(struct modem_tty *t, int error)
{
	const char *hint = "";

	if (t->unwatched)
		return;
	t->unwatched = true;
	if (error == -EMFILE)
		hint = "; raise sysctl fs.inotify.max_user_instances";
	else if (error == -ENOSPC)
		hint = "; raise sysctl fs.inotify.max_user_watches";
	else if (error == -EACCES)
		hint = "; let the daemon's user read the directories on the way";
	tally_log(&t->tally, loop_clock(t->loop)->now_ms, LOG_WARNING, "modem", name_of(t),
	    "%s cannot be watched (%s), so it is looked at every %d s%s", t->conf->device, strerror(-error), UNWATCHED_MS / 1000, hint);
}

/* Waits longer each time. */
static void
retry(struct modem_tty *t)
{
	timer_in(loop_clock(t->loop), &t->try, t->retry_ms);
	t->retry_ms = t->retry_ms * 2 < RETRY_MAX_MS ? t->retry_ms * 2 : RETRY_MAX_MS;
}

/* A tty was not to be had; watched says what devwatch_on() did. */
static void
try_later(struct modem_tty *t, int error, int watched)
{
	if (needs_time(error)) {
		retry(t);
		return;
	}
	t->retry_ms = RETRY_MS;
	if (watched < 0) {
		tell_unwatched(t, watched);
		timer_in(loop_clock(t->loop), &t->try, UNWATCHED_MS);
	}
}

static void
opened(struct modem_tty *t)
{
	/*
	 * Not watched any more: if the path leads to another node while this one
	 * still works, a session runs over this one.  Its loss is told by its
	 * descriptor, and the path is looked up anew then.
	 */
	devwatch_off(t->watch);
	t->error[0] = '\0';
	t->opened_ms = loop_clock(t->loop)->now_ms;
	t->unwatched = false;
	not_busy(t);
	tally_log(&t->tally, t->opened_ms, LOG_INFO, "modem", name_of(t), "%s is open", t->conf->device);
	modem_line_up(t->modem);
}

/* 0 or -errno. */
static int
open_now(struct modem_tty *t)
{
	struct port_conf conf = {
		.path = t->conf->device,
		.baud = t->conf->baud,
		.rtscts = t->conf->flow_control == CONF_FLOW_RTSCTS,
	};
	char why[sizeof(t->error)];
	int watched, r;

	if (modem_stopped(t->modem)) { /* nobody would speak over it, or end that in order */
		devwatch_off(t->watch);
		return -ECANCELED;
	}
	watched = devwatch_on(t->watch, conf.path); /* first, so that what happens from here on is told */
	r = port_open(t->port, &conf, why, sizeof(why));
	if (r == 0) {
		opened(t);
		return 0;
	}
	if (r == -EBUSY) {
		is_busy(t, why);
	} else {
		not_busy(t);
		tell(t, why);
	}
	try_later(t, r, watched);
	return r;
}

static void
try_open(void *arg)
{
	open_now(arg);
}

static void
path_changed(void *arg)
{
	struct modem_tty *t = arg;
	struct clock *clock = loop_clock(t->loop);

	if (t->try.state == TIMER_OFF || t->try.at_ms > clock->now_ms + SETTLE_MS)
		timer_in(clock, &t->try, SETTLE_MS);
}

/* ---- the open port ---- */

static void
port_input(const void *bytes, size_t len, void *arg)
{
	modem_input(((struct modem_tty *)arg)->modem, bytes, len);
}

static void
port_writable(void *arg)
{
	modem_writable(((struct modem_tty *)arg)->modem);
}

static void
port_lost(int error, void *arg)
{
	struct modem_tty *t = arg;
	char why[256] = "";

	str_add(why, sizeof(why), "%s is gone: %s", t->conf->device, strerror(error));
	modem_line_down(t->modem, why);
	if (loop_clock(t->loop)->now_ms - t->opened_ms < BRIEF_MS) {
		devwatch_on(t->watch, t->conf->device);
		retry(t);
	} else {
		t->retry_ms = RETRY_MS;
		timer_in(loop_clock(t->loop), &t->try, 0);
	}
}

static const struct port_owner port_owner = { .input = port_input, .writable = port_writable, .lost = port_lost };

static void
reopen(void *arg)
{
	struct modem_tty *t = arg;
	char why[256] = "";

	if (!port_is_open(t->port))
		return;
	str_add(why, sizeof(why), "%s is closed and opened again", t->conf->device);
	port_close(t->port);
	modem_line_down(t->modem, why);
	timer_in(loop_clock(t->loop), &t->try, 0);
}

void
modem_tty_reopen(struct modem_tty *t)
{
	timer_in(loop_clock(t->loop), &t->reopen, 0);
}

/* ---- life ---- */

struct modem_tty *
modem_tty_new(struct loop *loop, const struct modem_conf *conf, struct bus *bus, void (*answered)(void *arg), void *arg)
{
	struct modem_tty *t = xcalloc(1, sizeof(*t));

	t->conf = conf;
	t->loop = loop;
	t->bus = bus;
	t->answered = answered;
	t->arg = arg;
	t->retry_ms = RETRY_MS;
	timer_init(&t->try, try_open, t);
	timer_init(&t->reopen, reopen, t);
	t->port = port_new(loop, &port_owner, t);
	t->watch = devwatch_new(loop, path_changed, t);
	return t;
}

void
modem_tty_set(struct modem_tty *t, const struct modem_conf *conf)
{
	t->conf = conf;
}

struct wire *
modem_tty_wire(struct modem_tty *t)
{
	return port_wire(t->port);
}

int
modem_tty_start(struct modem_tty *t, struct modem *modem)
{
	t->modem = modem;
	t->error[0] = '\0';
	t->retry_ms = RETRY_MS;
	return open_now(t);
}

const char *
modem_tty_error(const struct modem_tty *t)
{
	return t->error;
}

bool
modem_tty_asks(const struct modem_tty *t)
{
	return t->question;
}

void
modem_tty_stop(struct modem_tty *t)
{
	timer_stop(loop_clock(t->loop), &t->try);
	timer_stop(loop_clock(t->loop), &t->reopen);
	not_busy(t);
	devwatch_off(t->watch);
	port_close(t->port);
}

void
modem_tty_free(struct modem_tty *t)
{
	if (!t)
		return;
	timer_stop(loop_clock(t->loop), &t->try);
	timer_stop(loop_clock(t->loop), &t->reopen);
	not_busy(t);
	devwatch_free(t->watch);
	port_free(t->port);
	free(t);
}
