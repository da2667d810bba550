/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app.h - what the core is handed in place of a client's socket
 *
 * channel/client.c is one, over a Unix socket; the virtual-clock tests have
 * another.  The app's bytes are looked at with peek() and leave the socket only
 * with take(), after they were handed to the module: what is not taken when
 * the socket is closed makes the kernel tell the app ECONNRESET (unix(7), MSG_PEEK).
 *
 * The owner of the app calls session_readable() when there may be new bytes or an
 * end, and session_writable() when put() took less than all and there is room again.
 */
#ifndef CELLTLS_CHANNEL_APP_H
#define CELLTLS_CHANNEL_APP_H

#include <stddef.h>
#include <sys/types.h>

struct app;

enum app_end {
	APP_OPEN,      /* may write more */
	APP_SHUT,      /* shutdown(SHUT_WR): no more bytes, still reads */
	APP_GONE,      /* closed altogether: reads no more */
};

struct app_ops {
	/*
	 * Copies up to len bytes that stand `offset` bytes behind the first one not
	 * taken; returns how many, 0 when there is nothing (yet).
	 */
	size_t (*peek)(struct app *, size_t offset, void *bytes, size_t len);

	/* Removes the first len bytes, all of them seen by peek() before. */
	void (*take)(struct app *, size_t len);

	/* How many bytes are there behind the first one not taken, as far as can be told. */
	size_t (*waiting)(struct app *);

	/* How the app stands now; bytes may still be waiting when it is not APP_OPEN. */
	enum app_end (*end)(struct app *);

	/* Gives bytes to the app; returns how many it took, 0 .. len. */
	size_t (*put)(struct app *, const void *bytes, size_t len);

	/*
	 * Closes the socket and frees the app, which is not used again.  Bytes not
	 * taken make it a reset; the session has taken them all where it is to be an
	 * end-of-file.
	 */
	void (*close)(struct app *);
};

struct app {
	const struct app_ops *ops;
};

#endif
