/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - a connected Unix stream socket as the core's app
 *
 * Peek, then take: see channel/app.h.  The kernel keeps the place of the next
 * peek (SO_PEEK_OFF), so that bytes which are looked at one after the other are
 * copied once, however many lie before them.
 */
#ifndef CELLTLS_CHANNEL_CLIENT_H
#define CELLTLS_CHANNEL_CLIENT_H

#include "channel/app.h"
#include "loop/loop.h"

struct client_owner {
	/*
	 * New bytes, or another end: peek until 0 and ask end().  Told of once per
	 * change, also while earlier bytes are not taken; of bytes that merely lie
	 * there nothing is said again.
	 */
	void (*readable)(void *arg);

	/* put() took less than all, and there is room again. */
	void (*writable)(void *arg);
};

/*
 * fd is the client's from now on, also on failure.  NULL with errno when it
 * cannot be peeked: it is no stream socket of this host.
 */
struct app *client_new(struct loop *loop, int fd);

/* From now on the owner hears of news, first of what is there already; NULL ends it. */
void client_watch(struct app *app, const struct client_owner *owner, void *arg);

#endif
