/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.h - a channel's Unix socket: where it stands and who may come in
 */
#ifndef CELLTLS_CHANNEL_LISTENER_H
#define CELLTLS_CHANNEL_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "loop/loop.h"

/* The default group: where it does not exist, the daemon's own is taken, with a warning. */
#define LISTENER_GROUP "celltls"

struct listener_conf {
	const char *name;                /* the channel's; FileDescriptorName= of a socket handed over */
	const char *path;                /* at most 107 bytes; not used for a socket handed over */
	mode_t mode;                     /* 0660 */
	const char *owner;               /* name or number; NULL or "": the daemon's user */
	const char *group;               /* name or number; NULL or "": the daemon's group */
	const char *const *allow_users;  /* names or numbers, NULL at the end; NULL: nobody is named */
	const char *const *allow_groups; /* the same */
};

struct listener_owner {
	/* A client that may come in; fd is the callee's, non-blocking and closed on exec. */
	void (*accepted)(int fd, uid_t uid, void *arg);

	/* One that may not; it was closed before a byte was read. */
	void (*refused)(uid_t uid, void *arg);
};

struct listener;

/*
 * The socket that the service manager handed over as conf->name, or else a new
 * one at conf->path, which appears there listening, with its mode and owner.  A
 * stale socket in its place is replaced; a live one, or a file of another kind,
 * is not.
 *
 * On failure -errno, and why[size] names the key and says what to do:
 *   -EINVAL        unknown user or group; the socket handed over is no listening stream socket
 *   -ENAMETOOLONG  the path
 *   -EPERM         the owner or group cannot be given to it
 *   -EADDRINUSE    another process listens there
 *   -EEXIST        something that is no socket is there
 *   others         as bind(2), rename(2) say
 */
int listener_new(struct loop *loop, const struct listener_conf *conf, const struct listener_owner *owner, void *arg,
		 struct listener **ret_listener, char *why, size_t size);

/*
 * Another mode, owner, group and other lists for a socket of the same path, for those who come from now on.
 * As listener_new() where it fails; what could not be changed is then as it was, or closed to all.
 */
int listener_change(struct listener *l, const struct listener_conf *conf, char *why, size_t size);

/*
 * Whether somebody with this user and these groups, all of them, could connect and would be let in: by the way to
 * the socket, its owner, group and mode (reach.h), and by the lists.  Where that cannot be told, as of a name that
 * is no path and that exists in some network namespaces only (unix(7), abstract): no.
 */
bool listener_admits(const struct listener *l, uid_t uid, const gid_t *gids, size_t n);

/* Where clients find it; "" for a socket handed over that has no name in the file system. */
const char *listener_path(const struct listener *l);

/*
 * Stops listening, and removes the socket's file if it is still the one that
 * was made here.  A socket handed over stays open, for the next listener of its
 * name and for its manager.  Not from inside a callback of its own.
 */
void listener_free(struct listener *l);
AUTO_DEFINE(struct listener *, listener_free)

#endif
