/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holder.h - who has a busy tty, as far as an ordinary user can find out
 *
 * Two places tell: lock files, which minicom, pppd, mgetty and others write (the
 * pid in ASCII, the form called HDB UUCP, or as a bare int), and the kernel's
 * list of file locks (flock(), which celltlsd and newer programs take).  Whoever
 * says only TIOCEXCL shows in neither.
 */
#ifndef CELLTLS_PORT_HOLDER_H
#define CELLTLS_PORT_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct holder {
	int pid;
	char name[64]; /* of its program, fit for people; "" not known */
};

/* Where to look; another in tests. */
struct holder_places {
	const char *lock_dirs[4]; /* up to the first NULL */
	const char *proc;
};

extern const struct holder_places holder_places; /* of this system */

/*
 * Who has the device at path.  false: cannot be told.  A lock file whose process
 * is no more says nothing.
 */
bool holder_find(const struct holder_places *, const char *path, struct holder *ret);

/* The pid in a lock file's content; 0: there is none. */
int holder_lock_pid(const void *bytes, size_t len);

/* The name of a device's lock file: "LCK..ttyUSB0" for /dev/ttyUSB0.  false: too long. */
bool holder_lock_name(const char *device, char *name, size_t size);

/* The pid in a line of /proc/locks that holds a flock() on that file; 0: not this line. */
int holder_locks_pid(const char *line, dev_t dev, ino_t ino);

#endif
