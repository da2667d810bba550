/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to know first: peeked bytes leave the socket readable for ever, so it is
 * watched by edges.  Interest in writing is not kept for long: with it each
 * read() of the app is a wake-up.
 */
#include "channel/client.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"

struct client {
	struct app app;
	struct loop *loop;
	int fd;
	struct watch *watch;
	const struct client_owner *owner;
	void *arg;
	size_t place;     /* where the kernel's next peek begins, behind the first byte not taken */
	enum app_end end; /* as last seen */
	bool stale;       /* something happened since */
	bool full;        /* put() took less than all: wait for LOOP_WRITE */
};

/* Where taken bytes go; they were all seen before. */
static uint8_t bin[32768];

static struct client *
client_of(struct app *a)
{
	return (struct client *)((char *)a - offsetof(struct client, app));
}

static bool
set_place(struct client *c, size_t place)
{
	int off = (int)place;

	if (setsockopt(c->fd, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)) < 0)
		return false;
	c->place = place;
	return true;
}

static size_t
client_peek(struct app *a, size_t offset, void *bytes, size_t len)
{
	struct client *c = client_of(a);
	ssize_t n;

	if (offset != c->place && !set_place(c, offset))
		return 0;
	n = recv(c->fd, bytes, len, MSG_PEEK | MSG_DONTWAIT);
	if (n <= 0)
		return 0;
	c->place += (size_t)n;
	return (size_t)n;
}

static void
client_take(struct app *a, size_t len)
{
	struct client *c = client_of(a);
	ssize_t n;

	while (len) {
		n = recv(c->fd, bin, len < sizeof(bin) ? len : sizeof(bin), MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* they were all there when they were peeked */
		len -= (size_t)n;
		/* the kernel moves its place by as much */
		c->place -= (size_t)n < c->place ? (size_t)n : c->place;
	}
}

static size_t
client_waiting(struct app *a)
{
	struct client *c = client_of(a);
	int n;

	return ioctl(c->fd, SIOCINQ, &n) == 0 && n > 0 ? (size_t)n : 0;
}

static enum app_end
client_end(struct app *a)
{
	struct client *c = client_of(a);
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };

	if (c->end == APP_GONE || (c->watch && !c->stale))
		return c->end;
	c->stale = false;
	if (poll(&p, 1, 0) < 0)
		return c->end;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		c->end = APP_GONE;
	else if (p.revents & POLLRDHUP)
		c->end = APP_SHUT;
	return c->end;
}

static void
client_want(struct client *c)
{
	if (c->watch)
		watch_want(c->watch, LOOP_READ | (c->full ? LOOP_WRITE : 0));
}

static size_t
client_put(struct app *a, const void *bytes, size_t len)
{
	struct client *c = client_of(a);
	ssize_t n;

	if (!len || c->end == APP_GONE)
		return 0;
	n = send(c->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		c->end = APP_GONE;
	else if (n < (ssize_t)len && !c->full) {
		c->full = true;
		client_want(c);
	}
	return n > 0 ? (size_t)n : 0;
}

static void
client_close(struct app *a)
{
	struct client *c = client_of(a);

	watch_free(c->watch);
	close(c->fd);
	free(c);
}

static void
client_event(unsigned event, void *arg)
{
	struct client *c = arg;

	c->stale = true;
	if (event == LOOP_READ) {
		c->owner->readable(c->arg);
	} else if (c->full) {
		/* Mostly it is full again at once: stop watching only when it is not. */
		c->full = false;
		c->owner->writable(c->arg);
	} else {
		client_want(c);
	}
}

void
client_watch(struct app *a, const struct client_owner *owner, void *arg)
{
	struct client *c = client_of(a);

	c->owner = owner;
	c->arg = arg;
	c->stale = true;
	if (owner && c->watch)
		return;
	watch_free(gift(&c->watch));
	if (owner) {
		c->watch = watch_new(c->loop, c->fd, LOOP_READ | LOOP_EDGE, client_event, c);
		client_want(c);
	}
}

static const struct app_ops client_ops = {
	.peek = client_peek,
	.take = client_take,
	.waiting = client_waiting,
	.end = client_end,
	.put = client_put,
	.close = client_close,
};

struct app *
client_new(struct loop *loop, int fd)
{
	struct client *c = xcalloc(1, sizeof(*c));

	*c = (struct client){ .app.ops = &client_ops, .loop = loop, .fd = fd, .stale = true };
	if (!set_place(c, 0)) {
		int error = errno;

		client_close(&c->app);
		errno = error;
		return NULL;
	}
	return &c->app;
}
