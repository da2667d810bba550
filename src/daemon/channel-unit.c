/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/channel-unit.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "channel/client.h"
#include "channel/listener.h"
#include "channel/session.h"

struct channel_unit {
	const struct channel_conf *conf;
	struct loop *loop;
	struct channel *channel;
	struct listener *listener;
};

static void
readable(void *arg)
{
	session_readable(arg);
}

static void
writable(void *arg)
{
	session_writable(arg);
}

static const struct client_owner client_owner = { .readable = readable, .writable = writable };

static void
accepted(int fd, uid_t uid, void *arg)
{
	struct channel_unit *u = arg;
	struct app *app = client_new(u->loop, fd);
	struct session *s;

	if (!app) {
		log_warning("channel", u->conf->name, "client of uid %u: %s", (unsigned)uid, strerror(errno));
		return;
	}
	log_debug("channel", u->conf->name, "client of uid %u", (unsigned)uid);
	s = channel_client(u->channel, app);
	if (s)
		client_watch(app, &client_owner, s);
}

static void
refused(uid_t uid, void *arg)
{
	struct channel_unit *u = arg;

	log_debug("channel", u->conf->name, "client of uid %u refused", (unsigned)uid);
	channel_refused(u->channel);
}

static const struct listener_owner listener_owner = { .accepted = accepted, .refused = refused };

/* A list that ends with NULL; NULL for an empty one. */
static const char **
terminated(const struct conf_strings *list)
{
	const char **v;

	if (!list->n)
		return NULL;
	v = xcalloc(list->n + 1, sizeof(*v));
	memcpy(v, list->v, list->n * sizeof(*v));
	return v;
}

struct channel_unit *
channel_unit_new(struct loop *loop, struct modem *modem, const struct channel_conf *conf)
{
	struct channel_unit *u = xcalloc(1, sizeof(*u));
	AUTO(free) const char **users = terminated(&conf->socket.allow_users);
	AUTO(free) const char **groups = terminated(&conf->socket.allow_groups);
	struct listener_conf lc = {
		.name = conf->name,
		.path = conf->socket.path,
		.mode = conf->socket.mode,
		.owner = conf->socket.owner,
		.group = conf->socket.group,
		.allow_users = users,
		.allow_groups = groups,
	};
	char why[400];

	u->conf = conf;
	u->loop = loop;
	u->channel = channel_new(loop_clock(loop), modem, conf);
	if (listener_new(loop, &lc, &listener_owner, u, &u->listener, why, sizeof(why)) < 0) {
		log_error("channel", conf->name, "%s", why);
		channel_unit_free(u);
		return NULL;
	}
	return u;
}

void
channel_unit_stop(struct channel_unit *u)
{
	listener_free(u->listener);
	u->listener = NULL;
	channel_close(u->channel);
}

struct channel *
channel_unit_channel(struct channel_unit *u)
{
	return u->channel;
}

void
channel_unit_free(struct channel_unit *u)
{
	if (!u)
		return;
	if (u->listener)
		listener_free(u->listener);
	channel_free(u->channel);
	free(u);
}
