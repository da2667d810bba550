/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote.h - celltlsd as seen over D-Bus: its objects, and what can be asked of it
 *
 * What returns an int gives an exit status (enum ctl_exit) and has said on
 * standard error what went wrong.
 */
#ifndef CELLTLS_CTL_REMOTE_H
#define CELLTLS_CTL_REMOTE_H

#include <systemd/sd-bus.h>

#include "base/auto.h"
#include "ctl/ctl.h"
#include "ctl/value.h"

#define REMOTE_NAME "org.celltls1"
#define REMOTE_ROOT "/org/celltls1"
#define REMOTE_MANAGER "org.celltls1.Manager"
#define REMOTE_MODEM "org.celltls1.Modem"
#define REMOTE_CHANNEL "org.celltls1.Channel"
#define REMOTE_PROPERTIES "org.freedesktop.DBus.Properties"
#define REMOTE_OBJECTS "org.freedesktop.DBus.ObjectManager"

AUTO_DEFINE(sd_bus_message *, sd_bus_message_unref)

int remote_open(struct ctl *);
void remote_close(struct ctl *); /* may run twice */

/* What a message holds, from where it is read on; of a whole message one argument.  < 0: -errno */
int remote_read(sd_bus_message *, struct value *ret);

/* One property, whatever it is. */
int remote_property(struct ctl *, const char *path, const char *interface, const char *name, struct value *ret);

/* Everything that the ObjectManager has: path -> interface -> property. */
int remote_objects(struct ctl *, struct value *ret);

struct object {
	const char *path, *name;
	const struct value *properties;
};

/* Those of an interface, by name; they point into all.  The array is freed by the caller. */
struct object *remote_list(const struct value *all, const char *interface, size_t *ret_n);

/* The one of that name; else says which there are. */
int remote_find(const struct value *all, const char *interface, const char *name, struct object *ret);

/* The name of the modem at that path; what ends the path if there is none. */
const char *remote_modem_name(const struct value *all, const char *path);

/* A call with what is appended to *ret before it is sent. */
int remote_message(struct ctl *, const char *path, const char *interface, const char *member, sd_bus_message **ret);

/* Sends it; what says for messages what was asked: "reset gw0".  ret may be NULL. */
int remote_ask(struct ctl *, sd_bus_message *, const char *what, sd_bus_message **ret);

/* The same for what may take minutes; on a terminal shows the states of the object meanwhile. */
int remote_wait(struct ctl *, sd_bus_message *, const char *what, sd_bus_message **ret);

/* The daemon's Version; freed by the caller. */
int remote_version(struct ctl *, char **ret);

/* Statistics() of a modem, a map. */
int remote_statistics(struct ctl *, const struct object *modem, struct value *ret);

#endif
