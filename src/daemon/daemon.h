/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon.h - everything built from one configuration, run, changed with it, and taken down in order
 */
#ifndef CELLTLS_DAEMON_DAEMON_H
#define CELLTLS_DAEMON_DAEMON_H

#include "bus/bus.h"
#include "conf/conf.h"
#include "port/trace.h"

/*
 * Reads what the configuration names as the start would: certificates, and the keys that belong to them.  false:
 * the log says what cannot be used.  Of credentials nothing is said where the service manager handed none over.
 */
bool daemon_check(const struct conf *);

/*
 * Runs until SIGTERM or SIGINT; SIGHUP reads the file at path anew and applies what has changed.  The service
 * manager is told READY when the sockets listen.  0, or -errno when something could not be set up; the log
 * says what.  The configuration, read from that file, is the daemon's from now on; trace may be NULL.
 * Status and control are on that bus, whenever it is there; the address is for BUS_ADDRESS.
 */
int daemon_run(const char *path, struct conf *, struct trace *, enum bus_which, const char *address);

#endif
