/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon-priv.h - shared by daemon.c, reload.c, control.c and notify.c only
 */
#ifndef CELLTLS_DAEMON_DAEMON_PRIV_H
#define CELLTLS_DAEMON_DAEMON_PRIV_H

#include <sys/queue.h>

#include "bus/bus.h"
#include "conf/conf.h"
#include "daemon/channel-unit.h"
#include "daemon/mistakes.h"
#include "daemon/modem-unit.h"
#include "daemon/notify.h"

/* Of one modem, by its name: the unit at work, and the one that takes its place when it is down. */
struct post {
	struct modem_unit *unit; /* NULL: a new modem, before the reload is done */
	struct modem_unit *next; /* NULL: the unit stays, or goes for good */
	bool leaves;		 /* the unit goes down */
	bool started;		 /* the unit is */
	bool released;		 /* it is to start without its tty */
};

struct wait; /* control.c */

struct daemon {
	const char *path; /* of the configuration's file */
	struct trace *trace;
	struct loop *loop;
	struct notify *notify;
	struct conf *conf; /* in force */
	struct conf *was;  /* of the units that leave; NULL: no reload is under way */
	struct post *posts;
	size_t n_posts;
	struct channel_unit **channels; /* as in conf */
	size_t n_channels;
	bool stopping;
	bool again;		/* SIGHUP came while a reload was under way */
	struct timer limit;	/* of STOP_MS */
	struct timer finish;	/* all that leave are down */
	struct bus *bus;
	TAILQ_HEAD(waits, wait) waits; /* calls that came by the bus and are not answered */
};

/* daemon.c */
void daemon_modem_changed(struct modem_unit *, void *daemon); /* the units tell of their modems with it */
void daemon_channel_changed(struct channel_unit *, bool figures_only, void *daemon);
bool daemon_waits(const struct daemon *);		       /* a modem still goes down, for the end or a reload */
struct post *daemon_post(const struct daemon *, const char *modem); /* NULL: none of this name */
struct channel_unit *daemon_channel(const struct daemon *, const char *channel);

/*
 * reload.c
 * Takes a configuration, at the start and later; it is the daemon's from now on, also on failure.  0, or
 * -errno when something of it cannot be set up: the mistakes say what, and all is as it was.
 */
int reload_take(struct daemon *, struct conf *, struct mistakes *);

void reload_again(struct daemon *);  /* SIGHUP, Reload(): the file is read anew */
void reload_finish(struct daemon *); /* nothing does any more, or its time is over */

/*
 * control.c
 * What is asked for over the bus; calls that wait are answered by what happens to the units.
 */
extern const struct bus_owner control_owner; /* its arg is the daemon */

void control_modem_changed(struct daemon *, struct modem_unit *);
void control_reload_begins(struct daemon *);
void control_reload_done(struct daemon *, const char *mistakes); /* NULL: it is in force */
void control_stop(struct daemon *);				  /* the daemon ends: nobody waits any longer */
void control_deinit(struct daemon *);				  /* after all modems are freed */

#endif
