/* SPDX-License-Identifier: Apache-2.0 */
#include "port/devwatch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/str.h"
#include "base/xalloc.h"

#define EVENTS \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) /* the directory itself */

/* One look-up of the walk.  A directory that is passed twice has one wd and two of these. */
struct lookup {
	int wd;
	char *name;
};

struct lookups {
	struct lookup list[DEVWATCH_MAX];
	size_t n;
};

struct devwatch {
	struct loop *loop;
	void (*changed)(void *arg);
	void *arg;
	int fd; /* -1: off */
	struct watch *watch;
	struct lookups on;
};

/* Where a walk is. */
struct walk {
	char dir[PATH_MAX];  /* without links; "/" or "." at first */
	char rest[PATH_MAX]; /* still to be walked from there */
	unsigned links;
};

static bool
watches(const struct lookups *l, int wd)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->list[i].wd == wd)
			return true;
	return false;
}

static void
forget(struct lookups *l)
{
	while (l->n)
		free(l->list[--l->n].name);
}

/* 0, or -errno: -ENOENT when the directory has gone just now, of which its parent will tell. */
static int
add(struct devwatch *d, const char *dir, const char *name)
{
	int wd;

	if (d->on.n == DEVWATCH_MAX)
		return -ELOOP;
	wd = inotify_add_watch(d->fd, dir, EVENTS);
	if (wd < 0)
		return -errno;
	d->on.list[d->on.n++] = (struct lookup){ .wd = wd, .name = xstrdup(name) };
	return 0;
}

/* Cuts the next name off the rest; false at its end. */
static bool
next_name(struct walk *w, char name[NAME_MAX + 1])
{
	size_t start = strspn(w->rest, "/"), len = strcspn(w->rest + start, "/");

	if (!len || len > NAME_MAX)
		return false;
	memcpy(name, w->rest + start, len);
	name[len] = '\0';
	memmove(w->rest, w->rest + start + len, strlen(w->rest + start + len) + 1);
	return true;
}

static bool
join(char path[PATH_MAX], const char *dir, const char *name)
{
	return (size_t)snprintf(path, PATH_MAX, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name) < PATH_MAX;
}

/* The target comes before what was left, from the root where it says so. */
static int
follow(struct walk *w, const char *target)
{
	char rest[PATH_MAX];

	if (++w->links > DEVWATCH_LINKS)
		return -ELOOP;
	if (!join(rest, target, w->rest))
		return -ENAMETOOLONG;
	if (target[0] == '/')
		str_copy(w->dir, sizeof(w->dir), "/");
	memcpy(w->rest, rest, sizeof(rest));
	return 0;
}

/* One name.  1: go on; 0: the way ends here, for now; -errno. */
static int
walk_on(struct devwatch *d, struct walk *w, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;
	int r;

	if (strcmp(name, ".") == 0)
		return 1;
	if (!join(path, w->dir, name))
		return -ENAMETOOLONG;
	if (strcmp(name, "..") != 0) {
		r = add(d, w->dir, name);
		if (r < 0)
			return r == -ENOENT || r == -ENOTDIR ? 0 : r;
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0 && errno != EINVAL)
			return 0; /* not there, or not for us: its coming, or another mode, will be told */
		if (n >= 0) {
			target[n] = '\0';
			r = follow(w, target);
			return r < 0 ? r : 1;
		}
	}
	memcpy(w->dir, path, sizeof(path));
	return 1;
}

static int
walk(struct devwatch *d, const char *path)
{
	struct walk w = { .links = 0 };
	char name[NAME_MAX + 1];
	int r = 1;

	str_copy(w.dir, sizeof(w.dir), path[0] == '/' ? "/" : ".");
	if (!str_copy(w.rest, sizeof(w.rest), path))
		return -ENAMETOOLONG;
	while (r > 0 && next_name(&w, name))
		r = walk_on(d, &w, name);
	return r < 0 ? r : 0;
}

/* Whether this event can change what the walk finds. */
static bool
matters(const struct devwatch *d, const struct inotify_event *e)
{
	size_t i;

	if (e->mask & IN_Q_OVERFLOW)
		return true; /* some were lost, perhaps ours: look */
	for (i = 0; i < d->on.n; i++)
		if (d->on.list[i].wd == e->wd && ((e->mask & GONE) || (e->len && !strcmp(d->on.list[i].name, e->name))))
			return true;
	return false;
}

static void
on_events(unsigned event, void *arg)
{
	struct devwatch *d = arg;
	char bytes[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *e;
	bool changed = false;
	ssize_t n, at;

	(void)event;
	n = read(d->fd, bytes, sizeof(bytes));
	for (at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
		e = (const void *)(bytes + at);
		changed |= matters(d, e);
	}
	if (changed)
		d->changed(d->arg);
}

struct devwatch *
devwatch_new(struct loop *loop, void (*changed)(void *arg), void *arg)
{
	struct devwatch *d = xcalloc(1, sizeof(*d));

	*d = (struct devwatch){ .loop = loop, .changed = changed, .arg = arg, .fd = -1 };
	return d;
}

static int
start(struct devwatch *d)
{
	if (d->fd >= 0)
		return 0;
	d->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (d->fd < 0)
		return -errno;
	d->watch = watch_new(d->loop, d->fd, LOOP_READ, on_events, d);
	return 0;
}

int
devwatch_on(struct devwatch *d, const char *path)
{
	struct lookups old = d->on;
	size_t i;
	int r;

	r = start(d);
	if (r < 0)
		return r;
	d->on.n = 0;
	r = walk(d, path);
	/* What is watched on both ways has kept its wd, so no event between the two was lost. */
	for (i = 0; i < old.n; i++)
		if (!watches(&d->on, old.list[i].wd))
			inotify_rm_watch(d->fd, old.list[i].wd);
	forget(&old);
	return r;
}

void
devwatch_off(struct devwatch *d)
{
	if (d->fd < 0)
		return;
	watch_free(gift(&d->watch));
	close(fd_take(&d->fd));
	forget(&d->on);
}

void
devwatch_free(struct devwatch *d)
{
	if (!d)
		return;
	devwatch_off(d);
	free(d);
}
