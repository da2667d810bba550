/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - what the service manager is told: readiness, a status for people, and that the loop turns
 *
 * Without $NOTIFY_SOCKET nothing is done at all, and without a watchdog nothing
 * wakes the daemon.
 */
#ifndef CELLTLS_DAEMON_NOTIFY_H
#define CELLTLS_DAEMON_NOTIFY_H

struct daemon;
struct notify;

struct notify *notify_new(struct daemon *); /* begins to feed the watchdog, if one is asked for */
void notify_free(struct notify *);

void notify_reloading(struct notify *);
void notify_ready(struct notify *); /* the configuration in force is another; at the start too */
void notify_refused(struct notify *); /* the file has mistakes, all is as it was; the status says so until notify_ready() */
void notify_stopping(struct notify *);

/* A modem or a channel may be another than it was: the status is told anew, at most once a second. */
void notify_changed(struct notify *);

#endif
