/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel-unit.h - a channel with its Unix socket and its clients' sockets
 */
#ifndef CELLTLS_DAEMON_CHANNEL_UNIT_H
#define CELLTLS_DAEMON_CHANNEL_UNIT_H

#include "channel/channel.h"
#include "loop/loop.h"

struct channel_unit;

/* NULL, with the reason in the log. */
struct channel_unit *channel_unit_new(struct loop *, struct modem *, const struct channel_conf *);
void channel_unit_free(struct channel_unit *); /* NULL is fine */

void channel_unit_stop(struct channel_unit *); /* no more clients; those that are there are reset */
struct channel *channel_unit_channel(struct channel_unit *);

#endif
