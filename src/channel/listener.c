/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/str.h"
#include "base/tally.h"
#include "base/xalloc.h"
#include "channel/names.h"
#include "channel/reach.h"
#include "channel/sockfile.h"

#define ACCEPT_MAX 16 /* clients per turn */
#define PAUSE_MS 1000 /* without descriptors: let some end first */

struct id_list {
	uint32_t *ids;
	size_t n;
};

struct listener {
	struct loop *loop;
	const struct listener_owner *owner;
	void *arg;
	char *name;
	char *path; /* "": it was handed over and has none, but an abstract name */
	int fd;
	bool handed_over;
	dev_t dev; /* of that file */
	ino_t ino;
	struct id_list users, groups;
	struct watch *watch;
	struct timer pause;
	struct tally tally;
};

/* --- who may come in --- */

static bool
id_in(const struct id_list *l, uint32_t id)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->ids[i] == id)
			return true;
	return false;
}

/* One match in either admits; without lists the mode bits have decided. */
static bool
is_allowed(const struct listener *l, uid_t uid, const gid_t *gids, size_t n)
{
	size_t i;

	if ((!l->users.n && !l->groups.n) || id_in(&l->users, uid))
		return true;
	for (i = 0; i < n; i++)
		if (id_in(&l->groups, gids[i]))
			return true;
	return false;
}

/*
 * All groups of the peer, its first one too; the caller frees.  Kernels before
 * 4.13 have no SO_PEERGROUPS: the first one must do.
 */
static gid_t *
peer_groups(int fd, gid_t first, size_t *ret_n)
{
	socklen_t len = 0;
	gid_t *gids;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) < 0 && errno != ERANGE)
		len = 0;
	gids = xcalloc(len / sizeof(*gids) + 1, sizeof(*gids));
	if (len && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids + 1, &len) < 0)
		len = 0;
	gids[0] = first;
	*ret_n = len / sizeof(*gids) + 1;
	return gids;
}

static bool
peer_may_enter(struct listener *l, int fd, uid_t *ret_uid)
{
	AUTO(free) gid_t *gids = NULL;
	struct ucred cred;
	socklen_t len = sizeof(cred);
	size_t n;

	*ret_uid = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	*ret_uid = cred.uid;
	if (!l->users.n && !l->groups.n)
		return true;
	gids = peer_groups(fd, cred.gid, &n);
	return is_allowed(l, cred.uid, gids, n);
}

/* By the file: the one that was made here, or whatever the name of a socket handed over leads to. */
static bool
may_connect(const struct listener *l, uid_t uid, const gid_t *gids, size_t n)
{
	const struct who who = { .uid = uid, .gids = gids, .n_gids = n };
	dev_t dev;
	ino_t ino;

	return reach_socket(l->path, &who, &dev, &ino) && (l->handed_over || (dev == l->dev && ino == l->ino));
}

bool
listener_admits(const struct listener *l, uid_t uid, const gid_t *gids, size_t n)
{
	return may_connect(l, uid, gids, n) && is_allowed(l, uid, gids, n);
}

const char *
listener_path(const struct listener *l)
{
	return l->path;
}

/* --- clients --- */

static void
listener_resume(void *arg)
{
	struct listener *l = arg;

	watch_want(l->watch, LOOP_READ);
}

/* The client stays in the kernel's queue, and so the socket readable: look away for a while. */
static void
listener_rest(struct listener *l, int error)
{
	tally_log(&l->tally, loop_clock(l->loop)->now_ms, LOG_WARNING, "channel", l->name, "cannot take a client now: %s", strerror(error));
	watch_want(l->watch, 0);
	timer_in(loop_clock(l->loop), &l->pause, PAUSE_MS);
}

static void
listener_admit(struct listener *l, int fd)
{
	uid_t uid;

	if (peer_may_enter(l, fd, &uid)) {
		l->owner->accepted(fd, uid, l->arg);
	} else {
		close(fd);
		l->owner->refused(uid, l->arg);
	}
}

static void
listener_event(unsigned event, void *arg)
{
	struct listener *l = arg;
	int i, fd;

	(void)event;
	for (i = 0; i < ACCEPT_MAX; i++) {
		fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			listener_admit(l, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			listener_rest(l, errno);
			return;
		}
	}
}

/* --- making --- */

static int
failed(int error, char *why, size_t size, const char *key, const char *word, const char *what)
{
	why[0] = '\0';
	str_add(why, size, "%s: \"%s\": %s", key, word, what);
	return -error;
}

static int
resolve_list(const char *const *words, bool (*resolve)(const char *, uint32_t *), struct id_list *list, const char *key,
	     const char *what, char *why, size_t size)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	list->ids = n ? xcalloc(n, sizeof(*list->ids)) : NULL;
	for (; list->n < n; list->n++)
		if (!resolve(words[list->n], &list->ids[list->n]))
			return failed(EINVAL, why, size, key, words[list->n], what);
	return 0;
}

static int
resolve_owner(const char *owner, uid_t *ret_uid, char *why, size_t size)
{
	*ret_uid = geteuid();
	if (!owner || !*owner)
		return 0;
	if (!names_user(owner, ret_uid))
		return failed(EINVAL, why, size, "socket.owner", owner, "there is no such user");
	if (*ret_uid != geteuid() && geteuid() != 0)
		return failed(
		    EPERM, why, size, "socket.owner", owner,
		    "only root can give a socket to another user; leave it out, or use a socket unit with SocketUser=");
	return 0;
}

static int
resolve_group(const char *name, const char *group, gid_t *ret_gid, char *why, size_t size)
{
	*ret_gid = getegid();
	if (!group || !*group)
		return 0;
	if (!names_group(group, ret_gid)) {
		if (strcmp(group, LISTENER_GROUP) != 0)
			return failed(EINVAL, why, size, "socket.group", group, "there is no such group");
		*ret_gid = getegid();
		log_warning("channel", name, "there is no group \"%s\": the socket gets the daemon's own group, %u",
			    group, (unsigned)getegid());
		return 0;
	}
	if (names_own_group(*ret_gid) || geteuid() == 0)
		return 0;
	failed(EPERM, why, size, "socket.group", group, "the daemon is not in this group");
	str_add(why, size, "; add SupplementaryGroups=%s to its unit, or use a socket unit with SocketGroup=", group);
	return -EPERM;
}

/* Whose it is to be. */
static int
resolve_file(const struct listener_conf *conf, uid_t *ret_uid, gid_t *ret_gid, char *why, size_t size)
{
	int r = resolve_owner(conf->owner, ret_uid, why, size);

	return r < 0 ? r : resolve_group(conf->name, conf->group, ret_gid, why, size);
}

static int
listener_make(struct listener *l, const struct listener_conf *conf, char *why, size_t size)
{
	uid_t uid;
	gid_t gid;
	int r;

	r = resolve_file(conf, &uid, &gid, why, size);
	if (r < 0)
		return r;
	r = sockfile_listen(conf->path, uid, gid, conf->mode, &l->dev, &l->ino, why, size);
	if (r < 0)
		return r;
	l->fd = r;
	free(l->path);
	l->path = xstrdup(conf->path);
	return 0;
}

/* The descriptor of this name from the service manager, or -1. */
static int
find_handed_over(const char *name)
{
	char **names = NULL;
	int i, fd = -1, n = sd_listen_fds_with_names(0, &names);

	for (i = 0; i < n; i++) {
		if (fd < 0 && strcmp(names[i], name) == 0)
			fd = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	return fd;
}

static int
listener_adopt(struct listener *l, int fd, char *why, size_t size)
{
	struct sockaddr_un sun = { 0 };
	socklen_t len = sizeof(sun);

	if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0 || getsockname(fd, (struct sockaddr *)&sun, &len) < 0)
		return failed(EINVAL, why, size, "FileDescriptorName", l->name,
			      "the socket handed over is no listening Unix stream socket; the socket unit needs "
			      "ListenStream=/a/path and Accept=no");
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	l->fd = fd;
	l->handed_over = true;
	free(l->path);
	l->path = xasprintf("%.*s", (int)sizeof(sun.sun_path), sun.sun_path); /* it may fill all of it, without a NUL */
	return 0;
}

static int
resolve_lists(const struct listener_conf *conf, struct id_list *users, struct id_list *groups, char *why, size_t size)
{
	int r = resolve_list(conf->allow_users, names_user, users, "socket.allow_users", "there is no such user", why, size);

	return r < 0 ? r :
		       resolve_list(conf->allow_groups, names_group, groups, "socket.allow_groups",
				    "there is no such group", why, size);
}

int
listener_new(struct loop *loop, const struct listener_conf *conf, const struct listener_owner *owner, void *arg,
	     struct listener **ret_listener, char *why, size_t size)
{
	AUTO(listener_free) struct listener *l = xcalloc(1, sizeof(*l));
	int r, fd = find_handed_over(conf->name);

	*l = (struct listener){ .loop = loop, .owner = owner, .arg = arg, .fd = -1 };
	l->name = xstrdup(conf->name);
	l->path = xstrdup("");
	timer_init(&l->pause, listener_resume, l);
	r = resolve_lists(conf, &l->users, &l->groups, why, size);
	if (r < 0)
		return r;
	r = fd >= 0 ? listener_adopt(l, fd, why, size) : listener_make(l, conf, why, size);
	if (r < 0)
		return r;
	l->watch = watch_new(loop, l->fd, LOOP_READ, listener_event, l);
	*ret_listener = gift(&l);
	return 0;
}

int
listener_change(struct listener *l, const struct listener_conf *conf, char *why, size_t size)
{
	struct id_list users = { 0 }, groups = { 0 };
	uid_t uid = 0;
	gid_t gid = 0;
	int r = resolve_lists(conf, &users, &groups, why, size);

	if (r == 0 && !l->handed_over)
		r = resolve_file(conf, &uid, &gid, why, size);
	if (r == 0 && !l->handed_over)
		r = sockfile_change(l->path, l->dev, l->ino, uid, gid, conf->mode, why, size);
	free(r < 0 ? users.ids : l->users.ids);
	free(r < 0 ? groups.ids : l->groups.ids);
	if (r < 0)
		return r;
	l->users = users;
	l->groups = groups;
	return 0;
}

void
listener_free(struct listener *l)
{
	if (!l)
		return;
	timer_stop(loop_clock(l->loop), &l->pause);
	watch_free(l->watch);
	if (l->fd >= 0 && !l->handed_over) {
		sockfile_remove(l->path, l->dev, l->ino);
		close(l->fd);
	}
	free(l->users.ids);
	free(l->groups.ids);
	free(l->name);
	free(l->path);
	free(l);
}
