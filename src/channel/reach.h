/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach.h - who may connect to a Unix socket's file, as the kernel decides it
 *
 * For somebody who is not the one that asks: each directory on the way must be
 * searchable, also behind symbolic links, and the socket writable, by owner,
 * groups, mode and POSIX ACL (path_resolution(7), unix(7), acl(5)).
 */
#ifndef CELLTLS_CHANNEL_REACH_H
#define CELLTLS_CHANNEL_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct who {
	uid_t uid;
	const gid_t *gids; /* all of them */
	size_t n_gids;
};

/*
 * true: a connect() by this one to path, which is absolute, would find a socket there; ret_dev and ret_ino name
 * it.  false also where it cannot be found out.  Root may do all, as long as there is a socket.
 */
bool reach_socket(const char *path, const struct who *who, dev_t *ret_dev, ino_t *ret_ino);

/* What an ACL, in the form of the extended attribute, says of these permissions (4 read, 2 write, 1 search): -1 it is damaged. */
int reach_acl(const void *acl, size_t len, const struct who *who, uid_t owner, gid_t group, unsigned want);

#endif
