/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-unit.h - a modem with all that touches the world for it: tty, files, host's memory
 */
#ifndef CELLTLS_DAEMON_MODEM_UNIT_H
#define CELLTLS_DAEMON_MODEM_UNIT_H

#include "conf/conf.h"
#include "daemon/modem-files.h"
#include "loop/loop.h"
#include "modem/modem.h"
#include "port/trace.h"

struct modem_unit;

/*
 * Touches neither the tty nor the state directory before modem_unit_start().  The files are the unit's from now
 * on, what they held is empty; the configuration must stay until modem_unit_free(), or until another is set.
 * `changed` runs whenever the modem's state or identity is another.  trace may be NULL.
 */
struct modem_unit *modem_unit_new(struct loop *, const struct conf *, const struct modem_conf *, struct modem_files *, struct trace *,
    void (*changed)(struct modem_unit *, void *arg), void *arg);
void modem_unit_free(struct modem_unit *); /* NULL is fine */

void modem_unit_start(struct modem_unit *, const struct conf *); /* opens the tty, and again whenever it is lost */

/* What it takes to apply another configuration and other files: CONF_APPLY_*, with the keys; 0: nothing differs. */
void modem_unit_diff(const struct modem_unit *, const struct modem_conf *, const struct modem_files *, struct conf_diff *);

/* Takes them as modem_unit_new() does, while the modem goes on; what takes CONF_APPLY_ANEW is unchanged. */
void modem_unit_set(struct modem_unit *, const struct conf *, const struct modem_conf *, struct modem_files *);

const char *modem_unit_name(const struct modem_unit *);
struct modem *modem_unit_modem(struct modem_unit *);

#endif
