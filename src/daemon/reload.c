/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload.c - from the configuration in force to another one; the first is taken the same way
 *
 * What to know first: a plan is made of the whole new configuration, with all
 * files read, all new modems made and all new sockets listening, and nothing of
 * what runs is touched.  Only a plan without a mistake is carried out, in one
 * turn.  Modems that start anew then go down in order, which takes a while; when
 * the last one is down, or its time is over, all of them start.
 */
#include "daemon/daemon-priv.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "daemon/journal.h"

struct modem_step {
	const struct modem_conf *conf;
	struct post *post; /* of the same name today; NULL: none */
	struct modem_files files;
	struct conf_diff diff;
	struct modem_unit *fresh; /* NULL: the one that is there goes on */
};

struct channel_step {
	const struct channel_conf *conf;
	const struct modem_step *modem;
	struct channel_unit *unit;
	bool fresh; /* the unit was made for this plan */
	struct cert_item *leaf;
	struct conf_diff diff;
};

struct plan {
	struct conf *conf;
	struct conf_diff diff; /* of what is in no modem and no channel */
	struct modem_step *modems;
	struct channel_step *channels;
};

/* ---- the plan ---- */

/*
 * Besides what takes it by itself: a modem that gave up, which a reload is to wake, and one whose slots change
 * while it is on its way up: it may be at work with the files that go.
 */
static bool
starts_anew(const struct modem_step *s)
{
	enum modem_state state = modem_state(modem_unit_modem(s->post->unit));

	return s->diff.apply & CONF_APPLY_ANEW || state == MODEM_FAILED ||
	    (s->diff.apply & CONF_APPLY_SLOTS && state != MODEM_READY);
}

static bool
plan_modem(struct daemon *d, struct plan *p, struct modem_step *s, struct mistakes *mistakes)
{
	s->post = daemon_post(d, s->conf->name);
	if (!modem_files_load(&s->files, s->conf, p->conf->clock == CONF_CLOCK_HOST ? clock_host_time(loop_clock(d->loop)) : 0, mistakes))
		return false;
	if (s->post) {
		modem_unit_diff(s->post->unit, s->conf, &s->files, &s->diff);
		s->diff.apply |= p->diff.apply & CONF_APPLY_ANEW;
	}
	if (!s->post || starts_anew(s))
		s->fresh = modem_unit_new(d->loop, d->bus, p->conf, s->conf, &s->files, d->trace, daemon_modem_changed, d);
	return true;
}

/* The one that carries the channel until the reload is done. */
static struct modem *
modem_until_then(const struct modem_step *s)
{
	return modem_unit_modem(s->post ? s->post->unit : s->fresh);
}

static bool
path_in_use(const struct daemon *d, const char *path)
{
	size_t i;

	for (i = 0; i < d->n_channels; i++)
		if (!strcmp(channel_unit_conf(d->channels[i])->socket.path, path))
			return true;
	return false;
}

static bool
plan_channel(struct daemon *d, struct channel_step *s, struct mistakes *mistakes)
{
	bool fine = channel_unit_read_leaf(s->conf, &s->leaf, mistakes);

	s->unit = daemon_channel(d, s->conf->name);
	s->fresh = !s->unit;
	if (s->fresh)
		s->unit = channel_unit_new(d->loop, modem_until_then(s->modem), s->conf, daemon_channel_changed, d);
	else
		conf_channel_diff(channel_unit_conf(s->unit), s->conf, &s->diff);
	/* a path that a channel of today leaves is free only when that is done */
	return (path_in_use(d, s->conf->socket.path) || channel_unit_listen(s->unit, s->conf, mistakes)) && fine;
}

static struct plan
plan_new(const struct daemon *d, struct conf *conf)
{
	struct plan p = {
		.conf = conf,
		.modems = xcalloc(conf->n_modems, sizeof(*p.modems)),
		.channels = xcalloc(conf->n_channels, sizeof(*p.channels)),
	};
	size_t i;

	for (i = 0; i < conf->n_modems; i++)
		p.modems[i].conf = &conf->modems[i];
	for (i = 0; i < conf->n_channels; i++) {
		p.channels[i].conf = &conf->channels[i];
		p.channels[i].modem = &p.modems[conf->channels[i].modem_conf - conf->modems];
	}
	if (d->conf)
		conf_diff(d->conf, conf, &p.diff);
	return p;
}

/* false: it cannot be carried out; all reasons are among the mistakes. */
static bool
plan_all(struct daemon *d, struct plan *p, struct mistakes *mistakes)
{
	bool fine = true;
	size_t i;

	for (i = 0; i < p->conf->n_modems; i++)
		fine &= plan_modem(d, p, &p->modems[i], mistakes);
	for (i = 0; i < p->conf->n_channels && fine; i++)
		fine &= plan_channel(d, &p->channels[i], mistakes);
	return fine;
}

static void
plan_drop(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->conf->n_channels; i++) {
		if (p->channels[i].fresh)
			channel_unit_free(p->channels[i].unit);
		else if (p->channels[i].unit)
			channel_unit_unlisten(p->channels[i].unit);
		cert_item_free(p->channels[i].leaf);
	}
	for (i = 0; i < p->conf->n_modems; i++)
		modem_unit_free(p->modems[i].fresh);
	conf_free(p->conf);
}

static void
plan_deinit(struct plan *p, size_t n_modems)
{
	size_t i;

	for (i = 0; i < n_modems; i++)
		modem_files_deinit(&p->modems[i].files);
	free(p->modems);
	free(p->channels);
}

/* ---- what it does, for the log ---- */

static void
tell_modem(const struct modem_step *s)
{
	if (!s->post)
		log_info("modem", s->conf->name, "is new");
	else if (s->fresh)
		log_notice("modem", s->conf->name, "starts anew: %s%s",
		    s->diff.keys[0] ? s->diff.keys : s->diff.apply ? "state_directory or clock" : "it had failed",
		    s->diff.apply ? " changed" : "");
	else if (s->diff.apply)
		log_notice("modem", s->conf->name, "%s changed", s->diff.keys);
}

static void
tell(const struct daemon *d, const struct plan *p)
{
	size_t i;

	if (p->diff.apply)
		log_notice("daemon", NULL, "%s changed", p->diff.keys);
	for (i = 0; i < d->n_posts; i++)
		if (!conf_modem(p->conf, modem_unit_name(d->posts[i].unit)))
			log_notice("modem", modem_unit_name(d->posts[i].unit), "is no longer there");
	for (i = 0; i < p->conf->n_modems; i++)
		tell_modem(&p->modems[i]);
	for (i = 0; i < d->n_channels; i++)
		if (!conf_channel(p->conf, channel_unit_conf(d->channels[i])->name))
			log_notice("channel", channel_unit_conf(d->channels[i])->name, "is no longer there");
	for (i = 0; i < p->conf->n_channels; i++)
		if (p->channels[i].fresh)
			log_info("channel", p->channels[i].conf->name, "is new");
		else if (p->channels[i].diff.apply)
			log_notice("channel", p->channels[i].conf->name, "%s changed", p->channels[i].diff.keys);
}

/* ---- carried out ---- */

static void
drop_channels(struct daemon *d, const struct plan *p)
{
	size_t i;

	for (i = 0; i < d->n_channels; i++)
		if (!conf_channel(p->conf, channel_unit_conf(d->channels[i])->name))
			channel_unit_free(d->channels[i]);
}

static void
reset_sessions(const struct channel_step *s)
{
	char why[500] = "";

	if (s->diff.apply & CONF_APPLY_RESET)
		str_add(why, sizeof(why), "the configuration of the channel was changed: %s", s->diff.keys);
	else if (s->modem->fresh)
		str_add(why, sizeof(why), "modem %s starts anew with another configuration", s->conf->modem);
	else
		return;
	channel_reset(channel_unit_channel(s->unit), why);
}

static void
change_channels(struct daemon *d, struct plan *p)
{
	struct channel_step *s, *end = p->channels + p->conf->n_channels;

	drop_channels(d, p);
	d->n_channels = p->conf->n_channels;
	d->channels = xrealloc(d->channels, d->n_channels + 1, sizeof(*d->channels));
	for (s = p->channels; s < end; s++) {
		d->channels[s - p->channels] = s->unit;
		channel_unit_take_leaf(s->unit, gift(&s->leaf));
		if (s->fresh)
			continue;
		channel_unit_leave_socket(s->unit, s->conf);
		reset_sessions(s);
		channel_unit_set(s->unit, modem_until_then(s->modem), s->conf);
	}
	for (s = p->channels; s < end; s++)
		channel_unit_settle_socket(s->unit, s->diff.apply & CONF_APPLY_SOCKET);
}

static void
leave(struct post *post)
{
	post->leaves = true;
	modem_unit_stop(post->unit);
}

static void
change_modems(struct daemon *d, struct plan *p)
{
	struct post *posts = xcalloc(d->n_posts + p->conf->n_modems, sizeof(*posts));
	size_t i, n = 0;

	for (i = 0; i < d->n_posts; i++)
		if (!conf_modem(p->conf, modem_unit_name(d->posts[i].unit))) {
			posts[n] = d->posts[i];
			leave(&posts[n++]);
		}
	for (i = 0; i < p->conf->n_modems; i++) {
		struct modem_step *s = &p->modems[i];

		if (s->post)
			posts[n] = *s->post;
		posts[n].next = gift(&s->fresh);
		if (s->post && posts[n].next)
			leave(&posts[n]);
		else if (s->post)
			modem_unit_set(posts[n].unit, p->conf, s->conf, &s->files);
		n++;
	}
	free(d->posts);
	d->posts = posts;
	d->n_posts = n;
}

int
reload_take(struct daemon *d, struct conf *conf, struct mistakes *mistakes)
{
	struct plan p = plan_new(d, conf);
	size_t n_modems = conf->n_modems;
	bool fine = plan_all(d, &p, mistakes);

	if (!fine) {
		plan_drop(&p);
		plan_deinit(&p, n_modems);
		return -EINVAL;
	}
	log_level = conf_log_level(conf);
	if (d->conf)
		tell(d, &p);
	change_channels(d, &p);
	change_modems(d, &p);
	plan_deinit(&p, n_modems);
	d->was = d->conf;
	d->conf = conf;
	journal_conf(conf);
	bus_objects_changed(d->bus);
	if (daemon_waits(d))
		timer_in(loop_clock(d->loop), &d->limit, STOP_MS);
	else
		reload_finish(d);
	return 0;
}

/* ---- the end of it ---- */

static void
replace(struct daemon *d, struct post *post)
{
	struct modem_unit *left = post->unit;
	size_t i;

	for (i = 0; post->next && i < d->n_channels; i++)
		if (!strcmp(channel_unit_conf(d->channels[i])->modem, modem_unit_name(post->next)))
			channel_unit_set(d->channels[i], modem_unit_modem(post->next), channel_unit_conf(d->channels[i]));
	*post = (struct post){
		.unit = post->next,
		.released = post->unit && (modem_unit_releasing(post->unit) || modem_unit_released(post->unit)),
	};
	modem_unit_free(left);
}

void
reload_finish(struct daemon *d)
{
	size_t i, n = 0;

	timer_stop(loop_clock(d->loop), &d->limit);
	timer_stop(loop_clock(d->loop), &d->finish);
	for (i = 0; i < d->n_posts; i++) {
		if (d->posts[i].leaves || d->posts[i].next)
			replace(d, &d->posts[i]);
		if (d->posts[i].unit)
			d->posts[n++] = d->posts[i];
	}
	d->n_posts = n;
	conf_free(gift(&d->was));
	log_info("daemon", NULL, "%zu modems, %zu channels", d->conf->n_modems, d->conf->n_channels);
	notify_ready(d->notify);
	/* only now, since one may have the tty that another had */
	for (i = 0; i < n; i++)
		if (!d->posts[i].started) {
			d->posts[i].started = true;
			modem_unit_start(d->posts[i].unit, d->conf, d->posts[i].released);
		}
	bus_objects_changed(d->bus);
	control_reload_done(d, NULL);
	if (d->again)
		reload_again(d);
}

static int
read_and_take(struct daemon *d, struct mistakes *mistakes)
{
	struct conf_report report = CONF_REPORT_INIT;
	struct conf *conf;
	int r = conf_load(d->path, &conf, &report);

	mistakes_report(mistakes, &report);
	conf_report_deinit(&report);
	return r < 0 ? r : reload_take(d, conf, mistakes);
}

void
reload_again(struct daemon *d)
{
	struct mistakes mistakes = { 0 };

	d->again = d->was != NULL;
	if (d->again) {
		log_info("daemon", NULL, "the configuration is read again when the reload that is under way is done");
		return;
	}
	log_info("daemon", NULL, "reading %s", d->path);
	notify_reloading(d->notify);
	control_reload_begins(d);
	if (read_and_take(d, &mistakes) == 0)
		return;
	log_error("daemon", NULL, "%s cannot be applied; the configuration as it was stays in force", d->path);
	notify_refused(d->notify);
	mistakes_close(&mistakes);
	control_reload_done(d, mistakes.text);
}
