/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h - log lines as entries of the journal, with fields to search by
 *
 *   MESSAGE=            "modem gw0: ...", as on standard error
 *   PRIORITY=           the level
 *   SYSLOG_IDENTIFIER=  celltlsd
 *   CELLTLS_MODEM=      which modem it is about, also of a line about one of its channels
 *   CELLTLS_CHANNEL=    which channel
 */
#ifndef CELLTLS_DAEMON_JOURNAL_H
#define CELLTLS_DAEMON_JOURNAL_H

#include <stdbool.h>

#include "conf/conf.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/*
 * When standard error leads to the journal and its socket is there, lines go to that socket from now on.  An
 * entry that the journal does not take goes to standard error.  false: all stays as it was.
 */
bool journal_begin(const char *socket);

/* Which channel is of which modem; it must stay until another is told.  NULL: not known. */
void journal_conf(const struct conf *);

#endif
