/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world-client.c - the app's side: a socket with the kernel's rules
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "channel/channel-priv.h"
#include "modem/modem-priv.h"
#include "simulation/world.h"

static struct client *
of(struct app *a)
{
	return (struct client *)a;
}

static size_t
app_peek(struct app *a, size_t offset, void *bytes, size_t len)
{
	struct client *c = of(a);
	size_t at = c->taken + offset, n;

	if (at >= c->written)
		return 0;
	n = c->written - at < len ? c->written - at : len;
	if (n)
		memcpy(bytes, c->up + at, n);
	return n;
}

static void
app_take(struct app *a, size_t len)
{
	struct client *c = of(a);

	if (c->taken + len > c->written)
		world_fail("more taken than written");
	c->taken += len;
}

static size_t
app_waiting(struct app *a)
{
	return of(a)->written - of(a)->taken;
}

static enum app_end
app_end(struct app *a)
{
	return of(a)->how;
}

static size_t
app_put(struct app *a, const void *bytes, size_t len)
{
	struct client *c = of(a);
	size_t n = len < c->room ? len : c->room;

	if (c->how == APP_GONE)
		return 0;
	if (c->down_len + n > c->down_size) {
		c->down_size = (c->down_len + n) * 2;
		c->down = xrealloc(c->down, c->down_size, 1);
	}
	if (n)
		memcpy(c->down + c->down_len, bytes, n);
	c->down_len += n;
	if (c->room != SIZE_MAX)
		c->room -= n;
	return n;
}

static void
app_close(struct app *a)
{
	struct client *c = of(a);
	const struct channel *channel = c->world->channel[c->channel];
	const struct session *s = c->session;
	bool failed = channel->figures.failures != c->world->failures[c->channel];

	/* As session.c ends: behind what the app had to read first, or at once; else the sock is still there. */
	c->in_order = s && (s->phase == SESSION_FLUSHING ? s->flush_in_order && !failed : s->phase == SESSION_OPEN && !s->sock && !failed);
	c->in_order &= c->taken >= c->written;
	c->explained = channel->figures.failures != c->failures || str_starts(channel->error, "ended: ");
	c->session = NULL;
	c->end = c->taken < c->written ? CLIENT_RESET : CLIENT_EOF;
}

static const struct app_ops app_ops = {
	.peek = app_peek,
	.take = app_take,
	.waiting = app_waiting,
	.end = app_end,
	.put = app_put,
	.close = app_close,
};

struct client *
world_client(struct world *w, int channel)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->app.ops = &app_ops;
	c->world = w;
	c->room = SIZE_MAX;
	c->how = APP_OPEN;
	c->channel = channel;
	c->failures = channel_figures(w->channel[channel])->failures;
	c->next = w->clients;
	w->clients = c;
	c->session = channel_client(w->channel[channel], &c->app);
	return c;
}

static bool
dials(const struct client *c)
{
	return c->session && c->session->phase == SESSION_DIALING && c->session->sock;
}

static bool
dials_there(const struct client *c, const struct side_dial *d)
{
	const struct remote_conf *remote = &c->session->channel->conf->remote.v[c->session->remote];

	return !strcmp(remote->host, d->host) && remote->port == d->port;
}

/* Of a module with several sockets by what it says itself; of another there is only one that dials. */
struct client *
world_dialler(struct world *w, int number)
{
	struct side_dial d = side_dial(w->side, number);
	struct client *c;

	for (c = w->clients; c; c = c->next)
		if (dials(c) && dials_there(c, &d) && (w->dialling < 0 || c->session->sock->index == w->dialling))
			return c;
	return NULL;
}

void
client_write(struct client *c, const void *bytes, size_t len)
{
	if (c->end != CLIENT_OPEN || c->how != APP_OPEN)
		return; /* EPIPE */
	c->up = xrealloc(c->up, c->written + len, 1);
	memcpy(c->up + c->written, bytes, len);
	c->written += len;
	if (c->session)
		session_readable(c->session);
}

void
client_shut(struct client *c)
{
	if (c->how == APP_OPEN)
		c->how = APP_SHUT;
	if (c->session)
		session_readable(c->session);
}

void
client_leave(struct client *c)
{
	c->how = APP_GONE;
	if (c->session)
		session_readable(c->session);
}

void
client_reads(struct client *c, size_t room)
{
	c->room = room;
	if (c->session && room)
		session_writable(c->session);
}
