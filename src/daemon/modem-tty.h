/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-tty.h - a modem's tty, for as long as the daemon lives: it comes and goes
 *
 * While the tty is not open its path is watched (port/devwatch.h), and nothing
 * wakes the process until something on the way to it changes.  What no event tells
 * (busy, or failing) is tried again after 1, 2, 4, 8 and then every 15 s.
 */
#ifndef CELLTLS_DAEMON_MODEM_TTY_H
#define CELLTLS_DAEMON_MODEM_TTY_H

#include "at/wire.h"
#include "bus/bus.h"
#include "conf/conf.h"
#include "loop/loop.h"
#include "modem/modem.h"

struct modem_tty;

/*
 * Closed at first.  The configuration must stay.  The bus (NULL: none) is asked about ModemManager when nobody else is
 * known who has the tty; answered() runs when that is known, or will not be.
 */
struct modem_tty *modem_tty_new(struct loop *, const struct modem_conf *, struct bus *, void (*answered)(void *arg), void *arg);
void modem_tty_free(struct modem_tty *); /* NULL is fine */

/* Another configuration in its place, which says the same of the tty. */
void modem_tty_set(struct modem_tty *, const struct modem_conf *);

/* What the modem speaks over: the same one for any number of opens. */
struct wire *modem_tty_wire(struct modem_tty *);

/*
 * Opens the tty now and whenever it is there again; the modem hears of it by modem_line_up() and modem_line_down().
 * 0, or the -errno that tty_open() gave; modem_tty_error() then says why, in words for people.
 */
int modem_tty_start(struct modem_tty *, struct modem *);
const char *modem_tty_error(const struct modem_tty *);
bool modem_tty_asks(const struct modem_tty *); /* it may say more soon */

/* Closes it, and leaves it alone until the next start; the modem does not hear of it. */
void modem_tty_stop(struct modem_tty *);

/* Closes it and opens it again, on a turn of its own; nothing when it is not open. */
void modem_tty_reopen(struct modem_tty *);

#endif
