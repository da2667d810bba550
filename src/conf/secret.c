/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.c - see secret.h
 *
 * Links are followed: certificate tools keep the current key behind one.  What
 * counts is the file that was opened, so all is asked of the descriptor, and
 * the read goes straight to memory that is wiped.
 */
#include "conf/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

/* The account of the installed service; root may check its configuration for it. */
#define SERVICE "celltls"

static const char *
credentials(void)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	return dir && *dir == '/' ? dir : NULL;
}

/* The path of a file; NULL with *ret_r and why when there is none. */
static char *
resolve(const char *spec, int *ret_r, char *why, size_t size)
{
	const char *dir = credentials();

	*ret_r = -EINVAL;
	if (str_starts(spec, "file:"))
		spec += strlen("file:");
	if (*spec == '/')
		return xstrdup(spec);
	if (!str_starts(spec, "credential:") || strchr(spec, '/')) {
		snprintf(why, size, "%s: an absolute path, file:/path or credential:name is allowed", spec);
		return NULL;
	}
	if (dir)
		return xasprintf("%s/%s", dir, spec + strlen("credential:"));
	*ret_r = -ENXIO;
	snprintf(why, size, "%s: the service manager handed over no credentials (see LoadCredential= in systemd.exec(5))", spec);
	return NULL;
}

/* What systemd laid down there it has guarded already. */
static bool
is_credential(const char *path)
{
	const char *dir = credentials();
	size_t len = dir ? strlen(dir) : 0;

	return len && strncmp(path, dir, len) == 0 && path[len] == '/' && !strstr(path + len, "/../");
}

static bool
owner_fits(uid_t uid)
{
	const struct passwd *service = geteuid() == 0 ? getpwnam(SERVICE) : NULL;

	return uid == 0 || uid == geteuid() || (service && service->pw_uid == uid);
}

static bool
group_fits(gid_t gid)
{
	const struct group *service = geteuid() == 0 ? getgrnam(SERVICE) : NULL;

	return gid == getegid() || (service && service->gr_gid == gid);
}

static int
check_secret(const char *path, const struct stat *st, char *why, size_t size)
{
	if (is_credential(path))
		return 0;
	if (st->st_mode & 07777 & ~0640u)
		snprintf(why, size, "%s: its mode is %04o, which is too open for a secret (chmod 0640 %s)", path,
			 st->st_mode & 07777, path);
	else if (!owner_fits(st->st_uid))
		snprintf(why, size, "%s: a secret belongs to root or the daemon's user, not to uid %u (chown root %s)", path,
			 (unsigned)st->st_uid, path);
	else if (!group_fits(st->st_gid))
		snprintf(why, size, "%s: a secret's group is the daemon's, not gid %u (chgrp " SERVICE " %s)", path,
			 (unsigned)st->st_gid, path);
	else
		return 0;
	return -EACCES;
}

/* Reads up to the limit and one byte more, so that a larger file shows. */
static int
read_all(int fd, struct secret *s)
{
	ssize_t n;

	while ((n = read(fd, s->data + s->len, SECRET_SIZE_MAX + 1 - s->len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		s->len += n > 0 ? (size_t)n : 0;
		if (s->len > SECRET_SIZE_MAX)
			return -EFBIG;
	}
	return 0;
}

/* Room for the largest file at once: growing would leave copies behind. */
static struct secret *
secret_new(void)
{
	return xcalloc(1, sizeof(struct secret) + SECRET_SIZE_MAX + 2);
}

static int
read_source(const char *spec, bool is_secret, struct secret **ret, char *why, size_t size)
{
	AUTO(secret_free) struct secret *s = NULL;
	AUTO(free) char *path = NULL;
	AUTO_FD int fd = -1;
	struct stat st;
	int r;

	*ret = NULL;
	path = resolve(spec, &r, why, size);
	if (!path)
		return r;
	/* O_NONBLOCK: the open of a pipe or a tty must not wait. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		r = -errno;
		snprintf(why, size, "%s: cannot be read: %s", path, strerror(-r));
		return r;
	}
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, size, "%s: not a regular file", path);
		return -EINVAL;
	}
	r = is_secret ? check_secret(path, &st, why, size) : 0;
	if (r < 0)
		return r;
	s = secret_new();
	r = read_all(fd, s);
	if (r == -EFBIG)
		snprintf(why, size, "%s: too large (at most %d KiB)", path, SECRET_SIZE_MAX / 1024);
	else if (r < 0)
		snprintf(why, size, "%s: cannot be read: %s", path, strerror(-r));
	else
		*ret = gift(&s);
	return r;
}

int
conf_secret_read(const char *spec, struct secret **ret_secret, char *why, size_t size)
{
	return read_source(spec, true, ret_secret, why, size);
}

int
conf_file_read(const char *spec, struct secret **ret_content, char *why, size_t size)
{
	return read_source(spec, false, ret_content, why, size);
}

void
secret_chomp(struct secret *s)
{
	if (s->len && s->data[s->len - 1] == '\n')
		s->data[--s->len] = '\0';
	if (s->len && s->data[s->len - 1] == '\r')
		s->data[--s->len] = '\0';
}

void
secret_free(struct secret *s)
{
	if (!s)
		return;
	wipe(s, sizeof(*s) + SECRET_SIZE_MAX + 2);
	free(s);
}
