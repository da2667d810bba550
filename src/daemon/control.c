/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c - what is asked for over the bus, and when it is answered
 *
 * What to know first: a call that cannot be answered at once is a struct wait.
 * It is kept by the name of its modem, not by a pointer, since a reload may put
 * another unit in its place; whenever a modem changes, or a reload ends, the waits
 * are looked at, and those for which the time has come are answered.
 */
#include "daemon/daemon-priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define WAITS_MAX 16	    /* per modem, and for reloads */
#define RESET_MS 300000	    /* until a modem that was reset is given up, by whoever waits for it */
#define COMMAND_MS 10000    /* where the caller names no time */
#define COMMAND_MAX_MS 300000

enum wait_for {
	/* for the answer alone */
	WAIT_RELOADED, /* one that has begun */
	WAIT_RELOAD,   /* the one that follows it */
	WAIT_READY,
	WAIT_HOLDER,   /* who has its tty may be known soon */

	/* for something to be done, too */
	WAIT_RELEASED,
	WAIT_ACQUIRED, /* it is being released */
	WAIT_COMMAND,  /* its answer comes in any case */
};

struct wait {
	TAILQ_ENTRY(wait) link;
	struct daemon *daemon;
	enum wait_for what;
	char *modem;	       /* "" none */
	struct bus_call *call; /* NULL: answered, but the command is not over */
	struct timer limit;
};

/* ---- waits ---- */

static void
wait_free(struct wait *w)
{
	TAILQ_REMOVE(&w->daemon->waits, w, link);
	timer_stop(loop_clock(w->daemon->loop), &w->limit);
	free(w->modem);
	free(w);
}

/* Takes the call out of it, for the answer. */
static struct bus_call *
wait_over(struct wait *w)
{
	struct bus_call *call = w->call;

	wait_free(w);
	return call;
}

static void
reset_takes_long(void *arg)
{
	struct wait *w = arg;
	struct modem_unit *u = daemon_post(w->daemon, w->modem)->unit; /* else nobody would wait for it */
	const struct modem *m = modem_unit_modem(u);

	bus_refuse(wait_over(w), BUS_TIMEOUT, "modem %s is not ready %d minutes after the reset, but %s%s%s; it goes on trying",
	    modem_unit_name(u), RESET_MS / 60000, modem_state_word(m), *modem_error(m) ? ": " : "", modem_error(m));
}

static size_t
waits_of(const struct daemon *d, const char *modem)
{
	const struct wait *w;
	size_t n = 0;

	TAILQ_FOREACH(w, &d->waits, link)
		n += !strcmp(w->modem, modem);
	return n;
}

/* NULL: too many wait, and the call is answered. */
static struct wait *
wait_new(struct daemon *d, enum wait_for what, const char *modem, struct bus_call *call)
{
	struct wait *w;

	if (waits_of(d, modem) >= WAITS_MAX) {
		bus_refuse(call, BUS_BUSY, "%d calls wait already; try again later", WAITS_MAX);
		return NULL;
	}
	w = xcalloc(1, sizeof(*w));
	w->daemon = d;
	w->what = what;
	w->modem = xstrdup(modem);
	w->call = call;
	timer_init(&w->limit, reset_takes_long, w);
	TAILQ_INSERT_TAIL(&d->waits, w, link);
	return w;
}

static bool
anybody_waits(const struct daemon *d, enum wait_for what, const char *modem)
{
	const struct wait *w;

	TAILQ_FOREACH(w, &d->waits, link)
		if (w->what == what && !strcmp(w->modem, modem))
			return true;
	return false;
}

/* ---- what there is ---- */

static bool
nth_modem(void *arg, size_t i, struct bus_modem *ret)
{
	const struct daemon *d = arg;
	struct modem_unit *u;

	if (i >= d->n_posts)
		return false;
	u = d->posts[i].unit ? d->posts[i].unit : d->posts[i].next;
	*ret = (struct bus_modem){ .conf = modem_unit_conf(u), .modem = modem_unit_modem(u), .expires_next_s = modem_unit_expires(u) };
	return true;
}

static bool
nth_channel(void *arg, size_t i, struct bus_channel *ret)
{
	const struct daemon *d = arg;
	struct channel_unit *u;

	if (i >= d->n_channels)
		return false;
	u = d->channels[i];
	*ret = (struct bus_channel){
		.conf = channel_unit_conf(u),
		.channel = channel_unit_channel(u),
		.socket = channel_unit_socket(u),
	};
	return true;
}

/* The unit that may be steered now; NULL: the call is answered. */
static struct modem_unit *
unit_for(struct daemon *d, const char *modem, struct bus_call *call)
{
	struct post *p = daemon_post(d, modem);

	if (d->stopping)
		bus_refuse(call, BUS_CANCELLED, "the daemon ends");
	else if (!p)
		bus_refuse(call, BUS_CANCELLED, "modem %s is no longer there", modem);
	else if (!p->started || p->leaves)
		bus_refuse(call, BUS_BUSY, "a reload gives modem %s another configuration; try again in some seconds", modem);
	else
		return p->unit;
	return NULL;
}

/* ---- Reset, Release, Acquire ---- */

static void
reset(void *arg, const char *modem, struct bus_call *call)
{
	struct daemon *d = arg;
	struct modem_unit *u = unit_for(d, modem, call);
	bool joins = anybody_waits(d, WAIT_READY, modem);
	struct wait *w;

	if (!u)
		return;
	if (modem_unit_releasing(u) || modem_unit_released(u)) {
		bus_refuse(call, BUS_NOT_READY, "modem %s is released; Acquire() it first", modem);
		return;
	}
	if (modem_state(modem_unit_modem(u)) == MODEM_ABSENT && !joins) {
		bus_refuse(call, BUS_NOT_READY, "modem %s has no tty: %s", modem, modem_error(modem_unit_modem(u)));
		return;
	}
	w = wait_new(d, WAIT_READY, modem, call);
	if (!w)
		return;
	timer_in(loop_clock(d->loop), &w->limit, RESET_MS);
	if (!joins)
		modem_reset(modem_unit_modem(u), "reset by Reset()");
}

static void
reset_sessions(struct daemon *d, const char *modem, const char *why)
{
	size_t i;

	for (i = 0; i < d->n_channels; i++)
		if (!strcmp(channel_unit_conf(d->channels[i])->modem, modem))
			channel_reset(channel_unit_channel(d->channels[i]), why);
}

/* Its channels' clients that wait go on waiting. */
static void
give_up(struct daemon *d, struct modem_unit *u)
{
	char why[100] = "";

	str_add(why, sizeof(why), "modem %s was released by Release()", modem_unit_name(u));
	reset_sessions(d, modem_unit_name(u), why);
	modem_unit_release(u);
}

static void
release(void *arg, const char *modem, struct bus_call *call)
{
	struct daemon *d = arg;
	struct modem_unit *u = unit_for(d, modem, call);

	if (u && wait_new(d, WAIT_RELEASED, modem, call))
		control_modem_changed(d, u);
}

static void
refuse_busy(const struct modem_unit *u, struct bus_call *call)
{
	bus_refuse(call, BUS_BUSY, "%s", modem_unit_tty_error(u));
}

/* Takes it back, and says how that went. */
static void
take_back(struct daemon *d, struct modem_unit *u, struct bus_call *call)
{
	int r = modem_unit_acquire(u);

	switch (r) {
	case 0:
	case -ENOENT: /* it is taken when it comes */
	case -ENOTDIR:
	case -ENXIO:
	case -ENODEV:
		bus_answer(call);
		break;
	case -EBUSY:
		if (modem_unit_tty_asks(u))
			wait_new(d, WAIT_HOLDER, modem_unit_name(u), call);
		else
			refuse_busy(u, call);
		break;
	default:
		bus_refuse(call, BUS_NOT_READY, "%s", modem_unit_tty_error(u));
		break;
	}
}

static void
acquire(void *arg, const char *modem, struct bus_call *call)
{
	struct daemon *d = arg;
	struct modem_unit *u = unit_for(d, modem, call);

	if (!u)
		return;
	if (modem_unit_releasing(u))
		wait_new(d, WAIT_ACQUIRED, modem, call);
	else
		take_back(d, u, call);
}

/* ---- Command ---- */

/* For the admin's eyes; why it was refused at once. */
static void
refuse_command(struct bus_call *call, const struct modem_unit *u, const struct modem *m, int r)
{
	const char *name = modem_unit_name(u);

	switch (r) {
	case -EPERM:
		bus_refuse(call, BUS_NOT_SUPPORTED, "this command is never sent: it touches keys, PINs or slots, or takes the conversation away");
		break;
	case -EINVAL:
		bus_refuse(call, BUS_INVALID_ARGUMENT, "this is not a single command: one that begins with AT, without \";\" and control characters");
		break;
	case -EAGAIN:
		bus_refuse(call, BUS_NOT_READY, "modem %s is %s%s%s", name, modem_state_word(m), *modem_error(m) ? ": " : "", modem_error(m));
		break;
	default:
		bus_refuse(call, BUS_BUSY, "modem %s has no time for it: another command is under way, or a session has the line", name);
		break;
	}
}

static void
command_done(void *arg, int result, const char *text)
{
	struct bus_call *call = wait_over(arg);

	if (!call)
		return;
	switch (result) {
	case 0:
		bus_answer_text(call, text);
		break;
	case -ETIMEDOUT:
		bus_refuse(call, BUS_TIMEOUT, "%s", text);
		break;
	case -ECANCELED:
		bus_refuse(call, BUS_CANCELLED, "%s", text);
		break;
	default:
		bus_refuse(call, BUS_MODULE_ERROR, "%s", text);
		break;
	}
}

static void
command(void *arg, const char *modem, const char *text, uint32_t timeout_ms, struct bus_call *call)
{
	struct daemon *d = arg;
	struct modem_unit *u = unit_for(d, modem, call);
	struct wait *w;
	int r;

	if (!u)
		return;
	if (timeout_ms > COMMAND_MAX_MS) {
		bus_refuse(call, BUS_INVALID_ARGUMENT, "timeout_ms is at most %d", COMMAND_MAX_MS);
		return;
	}
	if (!conf_command_allowed(modem_unit_conf(u), text)) {
		bus_refuse(call, BUS_NOT_SUPPORTED, "allow_command of modem %s does not list this command; add it there and reload", modem);
		return;
	}
	w = wait_new(d, WAIT_COMMAND, modem, call);
	if (!w)
		return;
	r = modem_command(modem_unit_modem(u), text, timeout_ms ? timeout_ms : COMMAND_MS, command_done, w);
	if (r < 0)
		refuse_command(wait_over(w), u, modem_unit_modem(u), r);
}

/* ---- channels ---- */

static void
close_sessions(void *arg, const char *channel, struct bus_call *call)
{
	struct channel_unit *u = daemon_channel(arg, channel);

	if (u)
		channel_close(channel_unit_channel(u));
	bus_answer(call);
}

static void
open_session(void *arg, const char *channel, uid_t uid, const gid_t *gids, size_t n_gids, struct bus_call *call)
{
	struct daemon *d = arg;
	struct channel_unit *u = daemon_channel(d, channel);
	const struct channel *c = u ? channel_unit_channel(u) : NULL;
	AUTO_FD int fd = -1;
	int r = u && !d->stopping ? channel_unit_open(u, uid, gids, n_gids, &fd) : -ECANCELED;

	switch (r) {
	case 0:
		bus_answer_fd(call, fd);
		break;
	case -ECANCELED:
		bus_refuse(call, BUS_CANCELLED, "%s", d->stopping ? "the daemon ends" : "the channel is no longer there");
		break;
	case -EPERM:
		bus_refuse(call, BUS_NOT_AUTHORIZED,
		    "user %u may not connect to %s: owner, group and mode of the socket and its directories, or allow_users and "
		    "allow_groups, do not let it in",
		    (unsigned)uid, channel_unit_socket(u));
		break;
	case -EACCES:
		bus_refuse(call, !strcmp(channel_state_word(c), "blocked") ? BUS_BLOCKED : BUS_BUSY, "%s", channel_error(c));
		break;
	case -ENOTCONN:
		bus_refuse(call, BUS_NOT_READY, "channel %s has no socket; the log says why", channel);
		break;
	default:
		bus_refuse(call, BUS_BUSY, "no socket to be had: %s; try again later", strerror(-r));
		break;
	}
}

/* ---- Reload ---- */

static void
reload(void *arg, struct bus_call *call)
{
	struct daemon *d = arg;

	if (d->stopping)
		bus_refuse(call, BUS_CANCELLED, "the daemon ends");
	else if (wait_new(d, WAIT_RELOAD, "", call))
		reload_again(d);
}

void
control_reload_begins(struct daemon *d)
{
	struct wait *w;

	TAILQ_FOREACH(w, &d->waits, link)
		if (w->what == WAIT_RELOAD)
			w->what = WAIT_RELOADED;
}

/* ---- what happens ---- */

/* They are looked at in the order in which they came, and each may change the unit. */
static void
look_at(struct wait *w, struct modem_unit *u)
{
	struct daemon *d = w->daemon;
	const struct modem *m = modem_unit_modem(u);
	bool releasing = modem_unit_releasing(u), released = modem_unit_released(u);

	switch (w->what) {
	case WAIT_READY:
		if (releasing || released)
			bus_refuse(wait_over(w), BUS_CANCELLED, "modem %s was released meanwhile", modem_unit_name(u));
		else if (modem_state(m) == MODEM_READY)
			bus_answer(wait_over(w));
		else if (modem_state(m) == MODEM_FAILED)
			bus_refuse(wait_over(w), BUS_MODULE_ERROR, "%s", modem_error(m));
		break;
	case WAIT_RELEASED:
		if (released)
			bus_answer(wait_over(w));
		else if (!releasing)
			give_up(d, u);
		break;
	case WAIT_ACQUIRED:
		if (!releasing)
			take_back(d, u, wait_over(w));
		break;
	case WAIT_HOLDER:
		if (modem_unit_tty_asks(u))
			break;
		if (released || modem_state(m) == MODEM_ABSENT)
			refuse_busy(u, wait_over(w));
		else
			bus_answer(wait_over(w));
		break;
	case WAIT_COMMAND:
	case WAIT_RELOAD:
	case WAIT_RELOADED:
		break;
	}
}

static void
look_at_all(struct daemon *d, struct modem_unit *u)
{
	struct wait *w, *next;

	for (w = TAILQ_FIRST(&d->waits); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (!strcmp(w->modem, modem_unit_name(u)))
			look_at(w, u);
	}
}

void
control_modem_changed(struct daemon *d, struct modem_unit *u)
{
	const struct post *p = daemon_post(d, modem_unit_name(u));

	/* what a unit that leaves comes to is nobody's business: whoever waits, waits for the next one */
	if (p && p->unit == u && p->started && !p->leaves && !d->stopping)
		look_at_all(d, u);
}

static void
cancel(struct wait *w, const char *why)
{
	if (w->call)
		bus_refuse(gift(&w->call), BUS_CANCELLED, "%s", why);
	if (w->what != WAIT_COMMAND)
		wait_free(w);
}

static void
forget_gone(struct daemon *d)
{
	struct wait *w, *next;

	for (w = TAILQ_FIRST(&d->waits); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (*w->modem && !daemon_post(d, w->modem))
			cancel(w, "the configuration has no such modem any more");
	}
}

void
control_reload_done(struct daemon *d, const char *mistakes)
{
	struct wait *w, *next;
	size_t i;

	for (w = TAILQ_FIRST(&d->waits); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->what != WAIT_RELOADED)
			continue;
		if (mistakes)
			bus_refuse(wait_over(w), BUS_BAD_CONFIGURATION, "%s", mistakes);
		else
			bus_answer(wait_over(w));
	}
	if (mistakes)
		return;
	forget_gone(d);
	for (i = 0; i < d->n_posts; i++)
		control_modem_changed(d, d->posts[i].unit);
}

void
control_stop(struct daemon *d)
{
	struct wait *w, *next;

	for (w = TAILQ_FIRST(&d->waits); w; w = next) {
		next = TAILQ_NEXT(w, link);
		cancel(w, "the daemon ends");
	}
}

void
control_deinit(struct daemon *d)
{
	struct wait *w;

	while ((w = TAILQ_FIRST(&d->waits)))
		wait_free(w);
}

/* What it asked for goes on; only a place among the waits is free again, if it was for the answer alone. */
static void
caller_left(void *arg, struct bus_call *call)
{
	struct daemon *d = arg;
	struct wait *w;

	TAILQ_FOREACH(w, &d->waits, link)
		if (w->call == call && w->what <= WAIT_HOLDER) {
			bus_answer(wait_over(w));
			return;
		}
}

const struct bus_owner control_owner = {
	.modem = nth_modem,
	.channel = nth_channel,
	.reload = reload,
	.reset = reset,
	.release = release,
	.acquire = acquire,
	.command = command,
	.close = close_sessions,
	.open = open_session,
	.left = caller_left,
};
