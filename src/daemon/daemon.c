/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon-priv.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"

struct post *
daemon_post(const struct daemon *d, const char *modem)
{
	size_t i;

	for (i = 0; i < d->n_posts; i++)
		if (!strcmp(modem_unit_name(d->posts[i].unit ? d->posts[i].unit : d->posts[i].next), modem))
			return &d->posts[i];
	return NULL;
}

struct channel_unit *
daemon_channel(const struct daemon *d, const char *channel)
{
	size_t i;

	for (i = 0; i < d->n_channels; i++)
		if (!strcmp(channel_unit_conf(d->channels[i])->name, channel))
			return d->channels[i];
	return NULL;
}

/* Is it to go down, and has not done so? */
static bool
goes_down(const struct daemon *d, const struct post *post)
{
	return (d->stopping ? post->started : post->leaves) && !modem_unit_stopped(post->unit);
}

bool
daemon_waits(const struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->n_posts; i++)
		if (goes_down(d, &d->posts[i]))
			return true;
	return false;
}

/* A modem is another than it was: its channels look at it anew. */
void
daemon_modem_changed(struct modem_unit *unit, void *arg)
{
	struct daemon *d = arg;
	size_t i;

	for (i = 0; i < d->n_channels; i++)
		if (!strcmp(channel_unit_conf(d->channels[i])->modem, modem_unit_name(unit)))
			channel_modem_changed(channel_unit_channel(d->channels[i]));
	notify_changed(d->notify);
	bus_modem_changed(d->bus, modem_unit_name(unit));
	control_modem_changed(d, unit);
	if ((d->stopping || d->was) && !daemon_waits(d))
		timer_in(loop_clock(d->loop), &d->finish, 0);
}

void
daemon_channel_changed(struct channel_unit *unit, bool figures_only, void *arg)
{
	struct daemon *d = arg;

	if (!figures_only)
		notify_changed(d->notify);
	bus_channel_changed(d->bus, channel_unit_conf(unit)->name, figures_only);
}

/* Time is up for what goes down. */
static void
limit(void *arg)
{
	struct daemon *d = arg;
	size_t i;

	for (i = 0; i < d->n_posts; i++)
		if (goes_down(d, &d->posts[i]))
			log_warning("modem", modem_unit_name(d->posts[i].unit), "did not close down within %d s: it is left as it is",
			    STOP_MS / 1000);
	if (d->stopping)
		loop_quit(d->loop);
	else
		reload_finish(d);
}

static void
finish(void *arg)
{
	struct daemon *d = arg;

	if (d->stopping)
		loop_quit(d->loop);
	else
		reload_finish(d);
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
	notify_stopping(d->notify);
	for (i = 0; i < d->n_channels; i++)
		channel_unit_stop(d->channels[i]);
	for (i = 0; i < d->n_posts; i++)
		if (d->posts[i].started)
			modem_unit_stop(d->posts[i].unit);
	control_stop(d);
	timer_in(loop_clock(d->loop), &d->limit, STOP_MS);
	if (!daemon_waits(d))
		timer_in(loop_clock(d->loop), &d->finish, 0);
}

static void
hangup(int signo, void *arg)
{
	struct daemon *d = arg;

	(void)signo;
	if (!d->stopping)
		reload_again(d);
}

static void
take_down(struct daemon *d)
{
	size_t i;

	timer_stop(loop_clock(d->loop), &d->limit);
	timer_stop(loop_clock(d->loop), &d->finish);
	control_stop(d);
	for (i = 0; i < d->n_channels; i++)
		channel_unit_free(d->channels[i]);
	for (i = 0; i < d->n_posts; i++) {
		modem_unit_free(d->posts[i].unit);
		modem_unit_free(d->posts[i].next);
	}
	control_deinit(d);
	bus_free(d->bus); /* it hears of the changes until here */
	free(d->channels);
	free(d->posts);
	notify_free(d->notify);
	journal_conf(NULL);
	conf_free(d->conf);
	conf_free(d->was);
	loop_free(d->loop);
}

/* conf_load() has warned of them. */
static bool
lacks_credentials(const struct modem_conf *m)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	bool wants = str_starts(m->pin_file, "credential:") || str_starts(m->pdp.password_file, "credential:");
	size_t i;

	for (i = 0; i < m->n_certificates; i++)
		wants |= str_starts(m->certificates[i].file, "credential:") || str_starts(m->certificates[i].key_file, "credential:");
	return wants && !(dir && *dir);
}

bool
daemon_check(const struct conf *conf)
{
	bool fine = true;
	size_t i;

	for (i = 0; i < conf->n_modems; i++) {
		struct modem_files files = { 0 };

		fine &= lacks_credentials(&conf->modems[i]) || modem_files_load(&files, &conf->modems[i], 0, NULL);
		modem_files_deinit(&files);
	}
	for (i = 0; i < conf->n_channels; i++) {
		AUTO(cert_item_free) struct cert_item *leaf = NULL;

		if (!str_starts(conf->channels[i].ocsp.certificate, "credential:"))
			fine &= channel_unit_read_leaf(&conf->channels[i], &leaf, NULL);
	}
	return fine;
}

int
daemon_run(const char *path, struct conf *conf, struct trace *trace, enum bus_which bus, const char *address)
{
	struct daemon d = { .path = path, .trace = trace, .loop = loop_new() };
	struct mistakes mistakes = { 0 };
	int r;

	if (!d.loop) {
		r = -errno;
		log_error("daemon", NULL, "no event loop: %s", strerror(errno));
		conf_free(conf);
		return r;
	}
	TAILQ_INIT(&d.waits);
	d.notify = notify_new(&d);
	timer_init(&d.limit, limit, &d);
	timer_init(&d.finish, finish, &d);
	signal(SIGPIPE, SIG_IGN);
	loop_signal(d.loop, SIGTERM, stop, &d);
	loop_signal(d.loop, SIGINT, stop, &d);
	loop_signal(d.loop, SIGHUP, hangup, &d);
	d.bus = bus_new(d.loop, bus, address, &control_owner, &d);
	r = reload_take(&d, conf, &mistakes);
	if (r == 0)
		r = loop_run(d.loop);
	take_down(&d);
	return r;
}
