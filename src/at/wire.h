/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h - what the core is handed in place of a tty
 *
 * port/port.c is one, over a real tty; the virtual-clock tests have another.
 * The owner of the wire brings what it reads to at_input() and says
 * at_writable() when room() has grown after a write() that took less than all.
 */
#ifndef CELLTLS_AT_WIRE_H
#define CELLTLS_AT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire;

struct wire_ops {
	/*
	 * Bytes that write() would take now without running further ahead of the
	 * line than allowed (doc/architecture.md, "The hole of online mode").
	 */
	size_t (*room)(struct wire *);

	/* Takes bytes, at most room(); returns how many, 0 .. len.  Never fails: a lost tty is reported by its owner. */
	size_t (*write)(struct wire *, const void *bytes, size_t len);

	/* Throws away what was taken and has not left yet; returns how many bytes, as far as can be told. */
	size_t (*flush)(struct wire *);

	/* When the last byte taken has left or will have left, in clock time; in the past when all is out. */
	uint64_t (*drained_ms)(struct wire *);

	/* The carrier line: 1, 0, or -1 where there is none or it means nothing. */
	int (*carrier)(struct wire *);

	/*
	 * Raises or drops the DTR line, at once: what was taken may still be on its way.  false: there is none here.
	 * It is up when the wire is opened; who drops it raises it again.  NULL: no wire of this kind has one.
	 */
	bool (*dtr)(struct wire *, bool on);

	/* The host's rate from now on, what was taken has left before: bit/s.  false: this line has no such rate. */
	bool (*rate)(struct wire *, unsigned baud);

	/* false: stop reading from the line, true: go on; for back-pressure. */
	void (*reading)(struct wire *, bool on);
};

struct wire {
	const struct wire_ops *ops;
};

#endif
