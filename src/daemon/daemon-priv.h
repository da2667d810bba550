/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon-priv.h - shared by daemon.c, reload.c and notify.c only
 */
#ifndef CELLTLS_DAEMON_DAEMON_PRIV_H
#define CELLTLS_DAEMON_DAEMON_PRIV_H

#include "conf/conf.h"
#include "daemon/channel-unit.h"
#include "daemon/modem-unit.h"
#include "daemon/notify.h"

#define STOP_MS 9000 /* for sessions, sockets and contexts to end in order */

/* Of one modem, by its name: the unit at work, and the one that takes its place when it is down. */
struct post {
	struct modem_unit *unit; /* NULL: a new modem, before the reload is done */
	struct modem_unit *next; /* NULL: the unit stays, or goes for good */
	bool leaves;		 /* the unit goes down */
	bool started;		 /* the unit is */
};

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
};

/* daemon.c */
void daemon_modem_changed(struct modem_unit *, void *daemon); /* the units tell of their modems with it */
bool daemon_waits(const struct daemon *);			 /* a modem still goes down, for the end or a reload */

/*
 * reload.c
 * Takes a configuration, at the start and later; it is the daemon's from now on, also on failure.  0, or
 * -errno when something of it cannot be set up: the log says what, and all is as it was.
 */
int reload_take(struct daemon *, struct conf *);

void reload_again(struct daemon *);  /* SIGHUP: the file is read anew */
void reload_finish(struct daemon *); /* nothing does any more, or its time is over */

#endif
