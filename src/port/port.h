/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port.h - a tty as the core's wire
 *
 * The owner hears of what was read, of room after there was none, and of the
 * loss of the tty; always from the loop, never from inside a call on the port
 * or its wire.  Each callback may use, close and free the port.
 *
 * Room and pace: port/pace.h.  Nothing is buffered here: what write() takes is
 * the kernel's.
 */
#ifndef CELLTLS_PORT_PORT_H
#define CELLTLS_PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>

#include "at/wire.h"
#include "loop/loop.h"

struct port_conf {
	const char *path;
	unsigned baud; /* bit/s; 0: leave the speed alone, no pacing */
	bool rtscts;   /* hardware flow control */
};

struct port_owner {
	/* At most 64 KiB, valid during the call. */
	void (*input)(const void *bytes, size_t len, void *arg);

	/* There is room again after write() took less than all or room() was 0 or used up. */
	void (*writable)(void *arg);

	/* The tty is gone and closed; error is an errno (EIO, ENODEV).  port_open() tries again. */
	void (*lost)(int error, void *arg);
};

struct port;

/* Closed at first; its wire exists already and swallows nothing: room() 0. */
struct port *port_new(struct loop *loop, const struct port_owner *owner, void *arg);
void port_free(struct port *p); /* closes too; NULL is fine */
AUTO_DEFINE(struct port *, port_free)

/* 0, or -errno with why[size] for people, see tty_open().  Closes first what was open. */
int port_open(struct port *p, const struct port_conf *conf, char *why, size_t size);
void port_close(struct port *p); /* lost() is not called for this */
bool port_is_open(const struct port *p);

/* The same for the life of the port, through any number of opens. */
struct wire *port_wire(struct port *p);

#endif
