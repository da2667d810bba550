/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel-unit.h - a channel with its Unix socket and its clients' sockets
 */
#ifndef CELLTLS_DAEMON_CHANNEL_UNIT_H
#define CELLTLS_DAEMON_CHANNEL_UNIT_H

#include "cert/cert.h"
#include "channel/channel.h"
#include "daemon/mistakes.h"
#include "loop/loop.h"

struct channel_unit;

/*
 * Without a socket so far; the configuration must stay until channel_unit_free(), or until another is set.
 * `changed` runs as channel_watch() says, also from inside calls on the unit.
 */
struct channel_unit *channel_unit_new(struct loop *, struct modem *, const struct channel_conf *,
    void (*changed)(struct channel_unit *, bool figures_only, void *arg), void *arg);
void channel_unit_free(struct channel_unit *); /* NULL is fine */

/*
 * The socket that this configuration names, which is or becomes the unit's: it listens, and takes the place of
 * the one before it by channel_unit_set().  false, with the reason among the mistakes.
 */
bool channel_unit_listen(struct channel_unit *, const struct channel_conf *, struct mistakes *);
void channel_unit_unlisten(struct channel_unit *); /* takes that back */

/*
 * Another configuration, in three steps over all units, since one may get the path that another leaves:
 * the socket goes where it stands elsewhere from now on; the rest is taken over, sessions and clients that wait
 * too; a socket appears where there is none, or becomes as it is to be now.  The reason of a failure is in the log.
 */
void channel_unit_leave_socket(struct channel_unit *, const struct channel_conf *);
void channel_unit_set(struct channel_unit *, struct modem *, const struct channel_conf *);
void channel_unit_settle_socket(struct channel_unit *, bool changed);

/*
 * A client that need not come by the socket: *ret_fd is its end, and it is admitted, counted and queued as one that
 * does.  -ENOTCONN: there is no socket now; -EPERM: it could not connect to it; -EACCES: the channel turned it away, as
 * channel_error() says; -errno: no descriptors.
 */
int channel_unit_open(struct channel_unit *, uid_t uid, const gid_t *gids, size_t n, int *ret_fd);

/*
 * The server's certificate that a configuration names, whose names count where a module reveals its thumbprint
 * (ocsp.certificate); *ret_leaf is the caller's, NULL where none is named.  false, with the reason among the mistakes.
 */
bool channel_unit_read_leaf(const struct channel_conf *, struct cert_item **ret_leaf, struct mistakes *);
void channel_unit_take_leaf(struct channel_unit *, struct cert_item *leaf); /* in place of the one before; the unit's from now on */

const char *channel_unit_socket(const struct channel_unit *); /* its path; "" none */
const struct channel_conf *channel_unit_conf(const struct channel_unit *);
void channel_unit_stop(struct channel_unit *); /* no more clients; those that are there are reset */
struct channel *channel_unit_channel(struct channel_unit *);

#endif
