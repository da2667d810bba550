/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.c - the service manager is told
 *
 * What to know first: a newline ends a variable of that protocol, so the status
 * is one line, with an entry for each modem.  One that is not UTF-8 is passed over.
 */
#include "daemon/notify.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/str.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "daemon/daemon-priv.h"

#define STATUS_GAP_MS 1000 /* between two of them */
#define STATUS_MAX 2500
#define REASON_ALONE 160   /* characters of why a modem is not ready, when it is the only one, */
#define REASON_OF_MANY 64  /* and when there are more */

enum phase { STARTING, RUNNING, RELOADING, STOPPING };

struct notify {
	struct daemon *daemon;
	enum phase phase;
	bool wanted;	 /* somebody listens */
	bool refused;	 /* the file as it is now has mistakes */
	uint64_t told_ms;
	char told[STATUS_MAX];
	struct timer status;
	struct timer watchdog;
	uint32_t feed_ms;
};

/* ---- the status ---- */

static void
add_channels(const struct daemon *d, const char *modem, char *text, size_t size)
{
	unsigned n = 0, open = 0, blocked = 0;
	size_t i;

	for (i = 0; i < d->n_channels; i++) {
		const char *word = channel_state_word(channel_unit_channel(d->channels[i]));

		if (strcmp(channel_unit_conf(d->channels[i])->modem, modem))
			continue;
		n++;
		open += !strcmp(word, "open");
		blocked += !strcmp(word, "blocked");
	}
	str_add(text, size, ", %u of %u channel%s open", open, n, n == 1 ? "" : "s");
	if (blocked)
		str_add(text, size, ", %u blocked", blocked);
}

/* "gw0: ready, home, -71 dBm, 1 of 3 channels open" */
static void
add_modem(const struct daemon *d, const struct post *post, char *text, size_t size)
{
	const struct modem *m = modem_unit_modem(post->unit);
	const struct module *mod = modem_module(m);
	const char *name = modem_unit_name(post->unit), *why = modem_error(m);

	str_add(text, size, "%s%s: %s", *text ? "; " : "", name, modem_state_word(m));
	if (modem_state(m) != MODEM_READY) {
		if (*why)
			str_add(text, size, " (%.*s)", d->n_posts > 1 ? REASON_OF_MANY : REASON_ALONE, why);
		return;
	}
	str_add(text, size, ", %s", mod->reg == REG_ROAMING ? "roaming" : "home");
	if (mod->signal_dbm)
		str_add(text, size, ", %d dBm", mod->signal_dbm);
	add_channels(d, name, text, size);
}

static void
make_status(const struct notify *n, char text[STATUS_MAX])
{
	const struct daemon *d = n->daemon;
	size_t i;

	text[0] = '\0';
	if (n->refused)
		str_add(text, STATUS_MAX, "%s has mistakes, the configuration as it was stays in force", d->path);
	for (i = 0; i < d->n_posts; i++)
		if (d->posts[i].unit)
			add_modem(d, &d->posts[i], text, STATUS_MAX);
	utf8_mend(text); /* what was too long may be cut in the middle of a character */
	for (; *text; text++) /* an error may quote what came from outside */
		if (iscntrl((unsigned char)*text))
			*text = ' ';
}

static void
tell_status(struct notify *n, const char *before)
{
	char text[STATUS_MAX];

	make_status(n, text);
	if (!*before && !strcmp(text, n->told))
		return;
	str_copy(n->told, sizeof(n->told), text);
	n->told_ms = loop_clock(n->daemon->loop)->now_ms;
	sd_notifyf(0, "%sSTATUS=%s", before, text);
}

static void
status_due(void *arg)
{
	struct notify *n = arg;

	if (n->phase == RUNNING)
		tell_status(n, "");
}

void
notify_changed(struct notify *n)
{
	struct clock *clock = loop_clock(n->daemon->loop);
	uint64_t due = n->told_ms + STATUS_GAP_MS;

	if (n->wanted && n->phase == RUNNING && n->status.state == TIMER_OFF)
		timer_at(clock, &n->status, due > clock->now_ms ? due : clock->now_ms);
}

/* ---- the life of the service ---- */

void
notify_reloading(struct notify *n)
{
	struct timespec t;

	/* The manager counts from the moment of the reload, by this clock. */
	clock_gettime(CLOCK_MONOTONIC, &t);
	n->phase = RELOADING;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reading the configuration",
	    (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000);
}

static void
in_force(struct notify *n, bool refused)
{
	n->phase = RUNNING;
	n->refused = refused;
	if (n->wanted)
		tell_status(n, "READY=1\n");
}

void
notify_ready(struct notify *n)
{
	in_force(n, false);
}

void
notify_refused(struct notify *n)
{
	in_force(n, true);
}

void
notify_stopping(struct notify *n)
{
	n->phase = STOPPING;
	sd_notify(0, "STOPPING=1\nSTATUS=Closing down");
}

/* ---- the watchdog ---- */

/* A timer of the loop: one that hangs feeds nothing. */
static void
feed(void *arg)
{
	struct notify *n = arg;

	sd_notify(0, "WATCHDOG=1");
	timer_in(loop_clock(n->daemon->loop), &n->watchdog, n->feed_ms);
}

struct notify *
notify_new(struct daemon *d)
{
	struct notify *n = xcalloc(1, sizeof(*n));
	const char *socket = getenv("NOTIFY_SOCKET");
	uint64_t limit_us = 0;

	n->daemon = d;
	n->wanted = socket && *socket;
	timer_init(&n->status, status_due, n);
	timer_init(&n->watchdog, feed, n);
	if (sd_watchdog_enabled(0, &limit_us) > 0 && n->wanted) {
		n->feed_ms = limit_us < 2000 ? 1 : limit_us / 2000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(limit_us / 2000);
		timer_in(loop_clock(d->loop), &n->watchdog, 0);
	}
	return n;
}

void
notify_free(struct notify *n)
{
	timer_stop(loop_clock(n->daemon->loop), &n->status);
	timer_stop(loop_clock(n->daemon->loop), &n->watchdog);
	free(n);
}
