/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-unit.h - a modem with all that touches the world for it: tty, files, host's memory
 */
#ifndef CELLTLS_DAEMON_MODEM_UNIT_H
#define CELLTLS_DAEMON_MODEM_UNIT_H

#include "conf/conf.h"
#include "loop/loop.h"
#include "modem/modem.h"
#include "port/trace.h"

struct modem_unit;

/*
 * Reads the certificates, the PIN and the password that the configuration names.
 * NULL, with a line in the log for each that cannot be used.  `changed` runs
 * whenever the modem's state or identity is another.  trace may be NULL.
 */
struct modem_unit *modem_unit_new(struct loop *, const struct conf *, const struct modem_conf *, struct trace *,
    void (*changed)(struct modem_unit *, void *arg), void *arg);
void modem_unit_free(struct modem_unit *); /* NULL is fine */

void modem_unit_start(struct modem_unit *); /* opens the tty, and again whenever it is lost */
struct modem *modem_unit_modem(struct modem_unit *);

#endif
