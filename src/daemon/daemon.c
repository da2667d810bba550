/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/channel-unit.h"
#include "daemon/modem-unit.h"

#define STOP_MS 9000 /* for sessions, sockets and contexts to end in order */

struct daemon {
	const struct conf *conf;
	struct loop *loop;
	struct modem_unit **modems;
	struct channel_unit **channels;
	bool stopping;
	struct timer give_up;
};

static bool
all_stopped(const struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->conf->n_modems; i++)
		if (!modem_stopped(modem_unit_modem(d->modems[i])))
			return false;
	return true;
}

static struct modem_unit *
modem_of(const struct daemon *d, size_t channel)
{
	return d->modems[d->conf->channels[channel].modem_conf - d->conf->modems];
}

/* A modem is another than it was: its channels, and no others, look at it anew. */
static void
modem_changed(struct modem_unit *modem, void *arg)
{
	struct daemon *d = arg;
	size_t i;

	for (i = 0; i < d->conf->n_channels; i++)
		if (d->channels[i] && modem_of(d, i) == modem)
			channel_modem_changed(channel_unit_channel(d->channels[i]));
	if (d->stopping && all_stopped(d))
		loop_quit(d->loop);
}

static void
give_up(void *arg)
{
	struct daemon *d = arg;

	log_warning("daemon", NULL, "a modem did not close down within %d s", STOP_MS / 1000);
	loop_quit(d->loop);
}

static void
stop(int signo, void *arg)
{
	struct daemon *d = arg;
	size_t i;

	if (d->stopping)
		return;
	d->stopping = true;
	log_info("daemon", NULL, "%s: closing down", strsignal(signo));
	sd_notify(0, "STOPPING=1");
	for (i = 0; i < d->conf->n_channels; i++)
		channel_unit_stop(d->channels[i]);
	for (i = 0; i < d->conf->n_modems; i++)
		modem_stop(modem_unit_modem(d->modems[i]));
	if (all_stopped(d))
		loop_quit(d->loop);
	else
		timer_in(loop_clock(d->loop), &d->give_up, STOP_MS);
}

static void
hangup(int signo, void *arg)
{
	(void)signo;
	(void)arg;
	log_warning("daemon", NULL, "SIGHUP: this version reads its configuration only at start; restart it");
}

static int
build(struct daemon *d, struct trace *trace)
{
	const struct conf *c = d->conf;
	size_t i;
	int r = 0;

	for (i = 0; i < c->n_modems; i++) {
		d->modems[i] = modem_unit_new(d->loop, c, &c->modems[i], trace, modem_changed, d);
		if (!d->modems[i])
			r = -EINVAL;
	}
	for (i = 0; i < c->n_channels && r == 0; i++) {
		d->channels[i] = channel_unit_new(d->loop, modem_unit_modem(modem_of(d, i)), &c->channels[i]);
		if (!d->channels[i])
			r = -EADDRNOTAVAIL;
	}
	return r;
}

static void
take_down(struct daemon *d)
{
	size_t i;

	timer_stop(loop_clock(d->loop), &d->give_up);
	for (i = 0; i < d->conf->n_channels; i++)
		channel_unit_free(d->channels[i]);
	for (i = 0; i < d->conf->n_modems; i++)
		modem_unit_free(d->modems[i]);
	free(d->channels);
	free(d->modems);
	loop_free(d->loop);
}

int
daemon_run(const struct conf *conf, struct trace *trace)
{
	struct daemon d = {
		.conf = conf,
		.loop = loop_new(),
		.modems = xcalloc(conf->n_modems, sizeof(*d.modems)),
		.channels = xcalloc(conf->n_channels, sizeof(*d.channels)),
	};
	size_t i;
	int r;

	if (!d.loop) {
		log_error("daemon", NULL, "no event loop: %s", strerror(errno));
		return -errno;
	}
	timer_init(&d.give_up, give_up, &d);
	signal(SIGPIPE, SIG_IGN);
	loop_signal(d.loop, SIGTERM, stop, &d);
	loop_signal(d.loop, SIGINT, stop, &d);
	loop_signal(d.loop, SIGHUP, hangup, &d);
	r = build(&d, trace);
	if (r == 0) {
		log_info("daemon", NULL, "%zu modems, %zu channels", conf->n_modems, conf->n_channels);
		sd_notify(0, "READY=1");
		for (i = 0; i < conf->n_modems; i++)
			modem_unit_start(d.modems[i]);
		r = loop_run(d.loop);
	}
	take_down(&d);
	return r;
}
