/* SPDX-License-Identifier: Apache-2.0 */
/*
 * devwatch.h - tells when it is worth looking at a device path again; sleeps in between
 *
 * Watches, by inotify, each directory that the kernel walks to find the device:
 * those of the path itself and those of every symbolic link's target on the way
 * (/dev/serial/by-id/x is found by /, /dev, /dev/serial, /dev/serial/by-id, and
 * then /dev once more for ../../ttyUSB3).  In each only the one name counts that
 * the walk looks up there: that it comes, goes, or gets another owner or mode.
 *
 * What no event tells: a device that is busy becomes free, and one that fails
 * stops failing.  For these the owner needs a timer.  The same goes for a file
 * system that is mounted over one of the directories.
 */
#ifndef CELLTLS_PORT_DEVWATCH_H
#define CELLTLS_PORT_DEVWATCH_H

#include "loop/loop.h"

#define DEVWATCH_MAX 48	 /* names looked up on the way */
#define DEVWATCH_LINKS 16 /* symbolic links followed on the way */

struct devwatch;

/* changed() is called from the loop, once for many events; it may call anything here. */
struct devwatch *devwatch_new(struct loop *, void (*changed)(void *arg), void *arg);
void devwatch_free(struct devwatch *); /* NULL is fine */

/*
 * Watches the way to path as it is now; call it before each look at the device,
 * so that nothing falls in between.  0, or -errno where something on the way
 * cannot be watched; changed() may then never be called:
 *   -EMFILE, -ENOSPC  the kernel's bounds, fs.inotify.max_user_instances and max_user_watches
 *   -EACCES           a directory that may not be read
 *   -ELOOP            more links or names than the bounds above
 */
int devwatch_on(struct devwatch *, const char *path);

/* No more events, and no wake-ups. */
void devwatch_off(struct devwatch *);

#endif
