/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/channel-unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/tally.h"
#include "base/xalloc.h"
#include "channel/client.h"
#include "channel/listener.h"
#include "channel/session.h"
#include "conf/secret.h"

struct channel_unit {
	const struct channel_conf *conf;
	struct loop *loop;
	struct channel *channel;
	struct listener *listener;
	struct listener *next; /* that takes its place */
	struct cert_item *leaf; /* the server's certificate, where the configuration names it; NULL: none */
	struct tally tally;
	void (*changed)(struct channel_unit *, bool figures_only, void *arg);
	void *arg;
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

/* 0; -EACCES: the channel turned it away, and LastError says why; -errno: it cannot be peeked, the log says so. */
static int
take_client(struct channel_unit *u, int fd, uid_t uid)
{
	struct app *app = client_new(u->loop, fd);
	struct session *s;

	if (!app) {
		int error = errno;

		tally_log(&u->tally, loop_clock(u->loop)->now_ms, LOG_WARNING, "channel", u->conf->name, "client of uid %u: %s",
		    (unsigned)uid, strerror(error));
		return -error;
	}
	log_debug("channel", u->conf->name, "client of uid %u", (unsigned)uid);
	s = channel_client(u->channel, app);
	if (!s)
		return -EACCES;
	client_watch(app, &client_owner, s);
	return 0;
}

static void
accepted(int fd, uid_t uid, void *arg)
{
	take_client(arg, fd, uid);
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

/* What the socket is to be; free what is in users and groups. */
struct socket_wish {
	struct listener_conf conf;
	const char **users, **groups;
};

static struct socket_wish
wish(const struct channel_conf *conf)
{
	struct socket_wish w = { .users = terminated(&conf->socket.allow_users), .groups = terminated(&conf->socket.allow_groups) };

	w.conf = (struct listener_conf){
		.name = conf->name,
		.path = conf->socket.path,
		.mode = conf->socket.mode,
		.owner = conf->socket.owner,
		.group = conf->socket.group,
		.allow_users = w.users,
		.allow_groups = w.groups,
	};
	return w;
}

static void
channel_is_another(void *arg, bool figures_only)
{
	struct channel_unit *u = arg;

	u->changed(u, figures_only, u->arg);
}

static bool
name_fits(void *arg, const char *host, const struct tls_peer *peer)
{
	return cert_peer_fits(peer->subject, peer->thumbprint, ((struct channel_unit *)arg)->leaf, host);
}

struct channel_unit *
channel_unit_new(struct loop *loop, struct modem *modem, const struct channel_conf *conf,
    void (*changed)(struct channel_unit *, bool figures_only, void *arg), void *arg)
{
	struct channel_unit *u = xcalloc(1, sizeof(*u));

	u->conf = conf;
	u->loop = loop;
	u->changed = changed;
	u->arg = arg;
	u->channel = channel_new(loop_clock(loop), modem, conf);
	channel_watch(u->channel, channel_is_another, u);
	channel_names(u->channel, name_fits, u);
	return u;
}

bool
channel_unit_read_leaf(const struct channel_conf *conf, struct cert_item **ret_leaf, struct mistakes *mistakes)
{
	AUTO(secret_free) struct secret *file = NULL;
	char why[300];
	int r;

	*ret_leaf = NULL;
	if (!conf->ocsp.certificate[0])
		return true;
	r = conf_file_read(conf->ocsp.certificate, &file, why, sizeof(why));
	if (r == 0)
		r = cert_item_load(file->data, file->len, CERT_CERTIFICATE, ret_leaf, why, sizeof(why));
	if (r < 0)
		mistakes_add(mistakes, "channel", conf->name, "ocsp.certificate: %s: %s", conf->ocsp.certificate, why);
	return r == 0;
}

void
channel_unit_take_leaf(struct channel_unit *u, struct cert_item *leaf)
{
	cert_item_free(u->leaf);
	u->leaf = leaf;
}

bool
channel_unit_listen(struct channel_unit *u, const struct channel_conf *conf, struct mistakes *mistakes)
{
	struct socket_wish w = wish(conf);
	char why[400];
	int r = listener_new(u->loop, &w.conf, &listener_owner, u, &u->next, why, sizeof(why));

	if (r < 0)
		mistakes_add(mistakes, "channel", conf->name, "%s", why);
	free(w.users);
	free(w.groups);
	return r == 0;
}

void
channel_unit_unlisten(struct channel_unit *u)
{
	listener_free(gift(&u->next));
}

void
channel_unit_leave_socket(struct channel_unit *u, const struct channel_conf *conf)
{
	if (strcmp(u->conf->socket.path, conf->socket.path))
		listener_free(gift(&u->listener));
}

void
channel_unit_set(struct channel_unit *u, struct modem *modem, const struct channel_conf *conf)
{
	u->conf = conf;
	channel_set(u->channel, modem, conf);
}

void
channel_unit_settle_socket(struct channel_unit *u, bool changed)
{
	struct socket_wish w;
	char why[400];

	if (!u->listener && !u->next)
		channel_unit_listen(u, u->conf, NULL);
	if (u->next) {
		listener_free(u->listener);
		u->listener = gift(&u->next);
		return;
	}
	if (!u->listener || !changed)
		return;
	w = wish(u->conf);
	if (listener_change(u->listener, &w.conf, why, sizeof(why)) < 0)
		log_error("channel", u->conf->name, "%s", why);
	free(w.users);
	free(w.groups);
}

/* Ours is read without blocking; how the other end is read is for who gets it. */
static int
socket_pair(int *ret_ours, int *ret_theirs)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*ret_ours = fds[0];
	*ret_theirs = fds[1];
	return 0;
}

int
channel_unit_open(struct channel_unit *u, uid_t uid, const gid_t *gids, size_t n, int *ret_fd)
{
	AUTO_FD int theirs = -1;
	int ours = -1, r;

	if (!u->listener)
		return -ENOTCONN;
	if (!listener_admits(u->listener, uid, gids, n)) {
		refused(uid, u);
		return -EPERM;
	}
	r = socket_pair(&ours, &theirs);
	if (r == 0)
		r = take_client(u, ours, uid);
	if (r == 0)
		*ret_fd = fd_take(&theirs);
	return r;
}

const char *
channel_unit_socket(const struct channel_unit *u)
{
	return u->listener ? listener_path(u->listener) : "";
}

const struct channel_conf *
channel_unit_conf(const struct channel_unit *u)
{
	return u->conf;
}

void
channel_unit_stop(struct channel_unit *u)
{
	listener_free(gift(&u->listener));
	channel_unit_unlisten(u);
	channel_end(u->channel);
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
	listener_free(u->listener);
	channel_unit_unlisten(u);
	channel_free(u->channel);
	cert_item_free(u->leaf);
	free(u);
}
