/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockfile.h - the file of a Unix socket: made, put in its place, taken away
 */
#ifndef CELLTLS_CHANNEL_SOCKFILE_H
#define CELLTLS_CHANNEL_SOCKFILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A listening stream socket at path, non-blocking and closed on exec; with
 * its owner, group and mode before anybody can connect.  -errno as
 * listener_new() says, with why[size].  ret_dev and ret_ino name the file.
 */
int sockfile_listen(const char *path, uid_t uid, gid_t gid, mode_t mode, dev_t *ret_dev, ino_t *ret_ino, char *why,
		    size_t size);

/*
 * Gives that file, which stands there already, another owner, group and mode; who is connected or in the queue
 * stays.  0 or -errno with why[size].
 */
int sockfile_change(const char *path, dev_t dev, ino_t ino, uid_t uid, gid_t gid, mode_t mode, char *why, size_t size);

/* Removes path if it is still that file. */
void sockfile_remove(const char *path, dev_t dev, ino_t ino);

#endif
