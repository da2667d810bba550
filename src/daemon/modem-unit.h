/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-unit.h - a modem with all that touches the world for it: tty, files, host's memory
 */
#ifndef CELLTLS_DAEMON_MODEM_UNIT_H
#define CELLTLS_DAEMON_MODEM_UNIT_H

#include "bus/bus.h"
#include "conf/conf.h"
#include "daemon/modem-files.h"
#include "loop/loop.h"
#include "modem/modem.h"
#include "port/trace.h"

#define STOP_MS 9000 /* for sessions, sockets and contexts to end in order */

struct modem_unit;

/*
 * Touches neither the tty nor the state directory before modem_unit_start().  The files are the unit's from now
 * on, what they held is empty; the configuration must stay until modem_unit_free(), or until another is set.
 * `changed` runs whenever the modem's state or identity is another.  trace may be NULL.
 */
struct modem_unit *modem_unit_new(struct loop *, struct bus *, const struct conf *, const struct modem_conf *, struct modem_files *,
    struct trace *, void (*changed)(struct modem_unit *, void *arg), void *arg);
void modem_unit_free(struct modem_unit *); /* NULL is fine */

/* Opens the tty, and again whenever it is lost.  released: it leaves it alone until modem_unit_acquire(). */
void modem_unit_start(struct modem_unit *, const struct conf *, bool released);

/* For good, in order; the owner has the time limit. */
void modem_unit_stop(struct modem_unit *);
bool modem_unit_stopped(const struct modem_unit *);

/*
 * Gives the tty up: the modem goes down in order, in STOP_MS at most, then the tty is closed and modem_unit_released()
 * is true; `changed` tells.  Its channels' sessions are the owner's to reset, before.
 */
void modem_unit_release(struct modem_unit *);
bool modem_unit_releasing(const struct modem_unit *);
bool modem_unit_released(const struct modem_unit *);

/* Takes it back: as modem_tty_start() says, modem_unit_tty_error() has the reason.  0 where it was not released. */
int modem_unit_acquire(struct modem_unit *);
const char *modem_unit_tty_error(const struct modem_unit *);
bool modem_unit_tty_asks(const struct modem_unit *); /* the reason may say more soon; then `changed` runs */

/* What it takes to apply another configuration and other files: CONF_APPLY_*, with the keys; 0: nothing differs. */
void modem_unit_diff(const struct modem_unit *, const struct modem_conf *, const struct modem_files *, struct conf_diff *);

/* Takes them as modem_unit_new() does, while the modem goes on; what takes CONF_APPLY_ANEW is unchanged. */
void modem_unit_set(struct modem_unit *, const struct conf *, const struct modem_conf *, struct modem_files *);

const char *modem_unit_name(const struct modem_unit *);
const struct modem_conf *modem_unit_conf(const struct modem_unit *);
int64_t modem_unit_expires(const struct modem_unit *); /* the earliest end of a certificate that its slots must hold, UTC; 0: none */
struct modem *modem_unit_modem(struct modem_unit *);

#endif
