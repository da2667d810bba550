/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to know first: sd-bus handles one message per call of sd_bus_process(),
 * and we call it once per turn of the loop, and so often in a window of time, so
 * that whoever floods us waits for the line, and not the line for him: neither for
 * its turn nor for the processor.  Messages that sd-bus has read already show
 * on no descriptor: then the bus's own is watched for LOOP_WRITE, which is ready
 * at once and still lets all others have their turn.  While our own output waits
 * to be taken nothing is read, so who never reads makes us hold nothing.
 */
#include "bus/bus-priv.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/tally.h"
#include "base/xalloc.h"

#define SYSTEM_ADDRESS "unix:path=/run/dbus/system_bus_socket"
#define BACKOFF_MS 250
#define BACKOFF_MOST_MS 30000
#define STEADY_MS 30000	 /* a connection that held for so long was a good one */
#define OVERDUE_MS 5000	 /* no bus after so long: the log is told */

static void connect_again(void *arg);
static void on_timeout(void *arg);

/* ---- which one ---- */

/* To be freed; NULL: nobody says where it is. */
static char *
bus_where(const struct bus *b)
{
	const char *env;

	switch (b->which) {
	case BUS_SYSTEM:
		env = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
		return xstrdup(env ? env : SYSTEM_ADDRESS);
	case BUS_SESSION:
		env = secure_getenv("DBUS_SESSION_BUS_ADDRESS");
		if (env)
			return xstrdup(env);
		env = secure_getenv("XDG_RUNTIME_DIR");
		return env ? xasprintf("unix:path=%s/bus", env) : NULL;
	case BUS_ADDRESS:
		break;
	}
	return xstrdup(b->address);
}

static const char *
bus_word(const struct bus *b)
{
	static const char *const words[] = {
		[BUS_SYSTEM] = "the system bus", [BUS_SESSION] = "the session bus", [BUS_ADDRESS] = "the bus of --bus-address",
	};

	return words[b->which];
}

/* A bus that comes and goes is told ever less often. */
#define bus_log(b, level, ...) tally_log(&(b)->tally, loop_clock((b)->loop)->now_ms, (level), "bus", NULL, __VA_ARGS__)

/* Once per absence, however often it is looked for. */
static void
tell_absent(struct bus *b, const char *why)
{
	if (b->told)
		return;
	b->told = true;
	b->alarmed |= bus_log(b, LOG_NOTICE, "%s is not there (%s): the channels work without it, celltlsctl and busctl do not", bus_word(b), why);
}

/* ---- the connection on our loop ---- */

static void
drop_watch(struct bus *b)
{
	watch_free(gift(&b->watch));
}

static void
stop_timers(struct bus *b)
{
	timer_stop(loop_clock(b->loop), &b->timeout);
	timer_stop(loop_clock(b->loop), &b->rest);
	timer_stop(loop_clock(b->loop), &b->again);
	timer_stop(loop_clock(b->loop), &b->news);
}

static void
close_bus(struct bus *b)
{
	drop_watch(b);
	stop_timers(b);
	bus_calls_drop(b);
	bus_questions_drop(b);
	bus_news_forget(b);
	b->ready = false;
	if (b->sd)
		sd_bus_close(b->sd); /* which sends nothing: flushing would wait */
	sd_bus_unref(gift(&b->sd));
}

static void
look_later(struct bus *b)
{
	timer_in(loop_clock(b->loop), &b->again, b->backoff_ms);
	b->backoff_ms = b->backoff_ms * 2 < BACKOFF_MOST_MS ? b->backoff_ms * 2 : BACKOFF_MOST_MS;
}

static void
lost(struct bus *b, int result)
{
	if (b->ready) {
		b->alarmed |= bus_log(b, LOG_NOTICE, "%s is gone: the channels work without it, and it is looked for", bus_word(b));
		b->told = true;
		if (loop_clock(b->loop)->now_ms - b->since_ms >= STEADY_MS)
			b->backoff_ms = BACKOFF_MS;
	} else {
		tell_absent(b, strerror(result < 0 ? -result : ECONNRESET));
	}
	close_bus(b);
	look_later(b);
}

/* The name is ours: told when the log knows of trouble that this ends. */
static void
owned(struct bus *b)
{
	log_at(b->alarmed ? LOG_NOTICE : LOG_DEBUG, "bus", NULL, "on %s as %s", bus_word(b), BUS_NAME);
	b->told = b->told_name = b->alarmed = false;
}

/* Once until it is ours. */
static void
tell_not_owned(struct bus *b, const sd_bus_error *e)
{
	if (b->told_name)
		return;
	b->told_name = true;
	if (e)
		b->alarmed |= bus_log(b, LOG_ERROR,
		    "%s does not let us have the name %s (%s): install dbus/org.celltls1.conf as its policy, and run as celltls",
		    bus_word(b), BUS_NAME, e->name);
	else
		b->alarmed |= bus_log(b, LOG_ERROR,
		    "another process has the name %s on %s: stop it (busctl status %s shows which); it is ours then",
		    BUS_NAME, bus_word(b), BUS_NAME);
}

static int
on_name(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct bus *b = arg;
	uint32_t result = 0;

	(void)error;
	if (sd_bus_message_is_method_error(m, NULL)) {
		tell_not_owned(b, sd_bus_message_get_error(m));
		look_later(b); /* nothing tells that the policy is another */
	} else if (sd_bus_message_read(m, "u", &result) >= 0 && result == 2 /* in the queue */) {
		tell_not_owned(b, NULL);
	}
	return 0;
}

static void
ask_for_name(struct bus *b)
{
	sd_bus_request_name_async(b->sd, NULL, BUS_NAME, SD_BUS_NAME_QUEUE, on_name, b);
	bus_arm(b);
}

/*
 * A question about what there is, and no answer wanted.  The bus bounds the calls of one caller that wait for an answer,
 * but lets it have a hundred thousand of these wait in front of everybody else's: they must cost next to nothing.
 */
static bool
is_in_vain(sd_bus_message *m)
{
	const char *interface = sd_bus_message_get_interface(m);

	return sd_bus_message_is_method_call(m, NULL, NULL) > 0 && !sd_bus_message_get_expect_reply(m) &&
	    ((interface && str_starts(interface, "org.freedesktop.DBus.")) || sd_bus_message_is_method_call(m, NULL, "Statistics") > 0);
}

/* The bus tells so when a name becomes ours, at once or after having been in the queue. */
static int
on_message(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *sender = sd_bus_message_get_sender(m), *name;
	struct bus *b = arg;

	(void)error;
	b->in_vain = is_in_vain(m);
	if (b->in_vain)
		return 1;
	if (sd_bus_message_is_signal(m, "org.freedesktop.DBus", "NameAcquired") > 0 && sender &&
	    !strcmp(sender, "org.freedesktop.DBus") && sd_bus_message_read(m, "s", &name) >= 0 && !strcmp(name, BUS_NAME))
		owned(b);
	return 0;
}

static void
came(struct bus *b)
{
	b->ready = true;
	b->since_ms = loop_clock(b->loop)->now_ms;
	timer_stop(loop_clock(b->loop), &b->again);
	bus_news_begin(b);
	bus_questions_send(b);
	ask_for_name(b);
}

/* Rests until the window is over when that was the last message in it. */
static void
count(struct bus *b)
{
	uint64_t now_ms = loop_clock(b->loop)->now_ms;

	if (now_ms - b->window_ms >= BUS_WINDOW_MS) {
		b->window_ms = now_ms;
		b->taken = 0;
	}
	if (++b->taken == BUS_WINDOW_MESSAGES)
		timer_at(loop_clock(b->loop), &b->rest, b->window_ms + BUS_WINDOW_MS);
}

static void
rested(void *arg)
{
	bus_arm(arg);
}

/* One message, one step of the greeting, or one time limit. */
static void
turn(struct bus *b)
{
	int r;

	if (!b->ready)
		drop_watch(b); /* the descriptor may become another of the same number */
	b->processing = true;
	b->in_vain = false;
	r = sd_bus_is_open(b->sd) > 0 ? sd_bus_process(b->sd, NULL) : -ECONNRESET;
	b->processing = false;
	if (b->doomed) {
		sd_bus_unref(b->sd);
		free(b);
		return;
	}
	if (r < 0 || sd_bus_is_open(b->sd) <= 0) {
		lost(b, r);
		return;
	}
	if (!b->ready && sd_bus_is_ready(b->sd) > 0)
		came(b);
	if (r > 0 && !b->in_vain)
		count(b);
	bus_arm(b);
	if (b->news_wait && !bus_is_choked(b))
		bus_news_tell(b);
}

static void
on_event(unsigned event, void *arg)
{
	(void)event;
	turn(arg);
}

static void
on_timeout(void *arg)
{
	turn(arg);
}

bool
bus_is_choked(const struct bus *b)
{
	uint64_t n = 0;

	return sd_bus_get_n_queued_write(b->sd, &n) < 0 || n > 0;
}

void
bus_arm(struct bus *b)
{
	struct clock *c = loop_clock(b->loop);
	uint64_t queued = 0, limit_us = 0;
	int fd, events;
	unsigned want;

	if (!b->sd || b->processing)
		return;
	fd = sd_bus_get_fd(b->sd);
	events = sd_bus_get_events(b->sd);
	if (fd < 0 || events < 0) { /* it broke while something was sent */
		drop_watch(b);
		timer_in(c, &b->timeout, 0);
		return;
	}
	sd_bus_get_n_queued_read(b->sd, &queued);
	if (b->rest.state != TIMER_OFF)
		want = 0;
	else
		want = events & POLLOUT || queued ? LOOP_WRITE : LOOP_READ;
	if (b->watch && b->fd == fd) {
		watch_want(b->watch, want);
	} else {
		drop_watch(b);
		b->watch = watch_new(b->loop, fd, want, on_event, b);
		b->fd = fd;
	}
	if (sd_bus_get_timeout(b->sd, &limit_us) > 0 && limit_us && limit_us != UINT64_MAX)
		timer_at(c, &b->timeout, limit_us / 1000 + 1);
	else
		timer_stop(c, &b->timeout);
}

/* ---- life ---- */

static int
open_bus(struct bus *b, const char *where, sd_bus **ret_sd)
{
	AUTO(sd_bus_unref) sd_bus *sd = NULL;
	int r = sd_bus_new(&sd);

	if (r >= 0)
		r = sd_bus_set_address(sd, where);
	if (r >= 0)
		r = sd_bus_set_bus_client(sd, true);
	if (r >= 0)
		r = sd_bus_negotiate_fds(sd, true);
	if (r >= 0)
		r = sd_bus_set_watch_bind(sd, true);
	if (r >= 0)
		r = bus_objects_register(b, sd);
	if (r >= 0)
		r = sd_bus_add_filter(sd, NULL, on_message, b);
	if (r >= 0)
		r = sd_bus_start(sd);
	if (r >= 0)
		*ret_sd = gift(&sd);
	return r;
}

static void
connect_again(void *arg)
{
	struct bus *b = arg;
	AUTO(free) char *where = NULL;
	int r;

	if (b->ready) {
		ask_for_name(b);
		return;
	}
	if (b->sd) { /* it waits for its socket to appear, or for a greeting */
		tell_absent(b, "nobody answers there");
		return;
	}
	where = bus_where(b);
	r = where ? open_bus(b, where, &b->sd) : -ENOENT;
	if (r < 0) {
		tell_absent(b, strerror(-r));
		look_later(b);
		return;
	}
	timer_in(loop_clock(b->loop), &b->again, OVERDUE_MS);
	bus_arm(b);
}

struct bus *
bus_new(struct loop *loop, enum bus_which which, const char *address, const struct bus_owner *owner, void *arg)
{
	struct bus *b = xcalloc(1, sizeof(*b));

	b->loop = loop;
	b->which = which;
	b->address = address;
	b->owner = owner;
	b->arg = arg;
	b->backoff_ms = BACKOFF_MS;
	b->alarmed = true; /* until it is there for the first time */
	TAILQ_INIT(&b->calls);
	TAILQ_INIT(&b->questions);
	TAILQ_INIT(&b->objects);
	timer_init(&b->timeout, on_timeout, b);
	timer_init(&b->rest, rested, b);
	timer_init(&b->again, connect_again, b);
	timer_init(&b->news, bus_news_tell, b);
	timer_in(loop_clock(loop), &b->again, 0);
	return b;
}

void
bus_free(struct bus *b)
{
	if (!b)
		return;
	bus_calls_cancel(b);
	bus_clean_again(b);
	if (b->processing) { /* turn() does the rest */
		sd_bus *sd = sd_bus_ref(b->sd);

		close_bus(b);
		b->sd = sd;
		b->doomed = true;
		return;
	}
	close_bus(b);
	free(b);
}
