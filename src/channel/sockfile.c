/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/sockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"

#define NAME "s" /* within the private place */

static int
failed(char *why, size_t size, int error, const char *path, const char *what)
{
	why[0] = '\0';
	str_add(why, size, "%s: %s", path, what);
	if (error != EEXIST && error != EADDRINUSE && error != ENAMETOOLONG)
		str_add(why, size, ": %s", strerror(error));
	return -error;
}

static bool
address(struct sockaddr_un *sun, const char *path)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return str_copy(sun->sun_path, sizeof(sun->sun_path), path);
}

static int
stream_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Whether anybody listens: the kernel refuses connections to a socket that nobody has open. */
static bool
is_live(const struct sockaddr_un *sun)
{
	AUTO_FD int fd = stream_socket();

	return fd < 0 || connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
	       (errno != ECONNREFUSED && errno != ENOENT);
}

/* May what stands at path be replaced? */
static int
check_place(const struct sockaddr_un *sun, char *why, size_t size)
{
	const char *path = sun->sun_path;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : failed(why, size, errno, path, "cannot be looked at");
	if (!S_ISSOCK(st.st_mode))
		return failed(why, size, EEXIST, path,
			      "there is a file that is no socket; move it away, or set another socket.path");
	if (is_live(sun))
		return failed(why, size, EADDRINUSE, path,
			      "another process listens there; stop it, or set another socket.path");
	return 0;
}

/* Makes a 0700 directory beside path: dir[] is its name.  Returns it open. */
static int
make_place(const char *path, char *dir, char *why, size_t size)
{
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(dir, PATH_MAX, "%.*s.celltls-XXXXXX", slash ? (int)(slash - path + 1) : 0, path);
	if (!mkdtemp(dir))
		return failed(why, size, errno, path,
			      errno == ENOENT
				  ? "its directory does not exist; systemd-tmpfiles --create makes /run/celltls"
				  : "its directory cannot be written to");
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		int error = errno;

		rmdir(dir);
		return failed(why, size, error, dir, "cannot be opened");
	}
	return fd;
}

/* Binds in the private place; by way of /proc where the name would be too long for an address. */
static int
bind_there(int fd, int place, const char *dir)
{
	struct sockaddr_un sun;
	char path[PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/" NAME, dir);
	if (!address(&sun, path)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d/" NAME, place);
		address(&sun, path);
	}
	return bind(fd, (struct sockaddr *)&sun, sizeof(sun));
}

/* From a bound name in the private place to a listening one at path. */
static int
put_in_place(int fd, int place, const char *path, uid_t uid, gid_t gid, mode_t mode, struct stat *st, char *why,
	     size_t size)
{
	if ((uid != geteuid() || gid != getegid()) && fchownat(place, NAME, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(why, size, errno, path, "cannot be given to its owner and group");
	if (fchmodat(place, NAME, mode, 0) < 0)
		return failed(why, size, errno, path, "cannot be given its mode");
	if (listen(fd, SOMAXCONN) < 0)
		return failed(why, size, errno, path, "cannot be listened on");
	if (fstatat(place, NAME, st, AT_SYMLINK_NOFOLLOW) < 0 || renameat(place, NAME, AT_FDCWD, path) < 0)
		return failed(why, size, errno, path, "cannot be put in its place");
	return 0;
}

int
sockfile_listen(const char *path, uid_t uid, gid_t gid, mode_t mode, dev_t *ret_dev, ino_t *ret_ino, char *why,
		size_t size)
{
	AUTO_FD int fd = -1;
	AUTO_FD int place = -1;
	struct sockaddr_un sun;
	char dir[PATH_MAX];
	struct stat st;
	int r;

	if (!address(&sun, path))
		return failed(why, size, ENAMETOOLONG, path,
			      "the path of a socket has at most 107 bytes; set a shorter socket.path");
	r = check_place(&sun, why, size);
	if (r < 0)
		return r;
	place = make_place(path, dir, why, size);
	if (place < 0)
		return place;
	fd = stream_socket();
	if (fd < 0 || bind_there(fd, place, dir) < 0)
		r = failed(why, size, errno, path, "cannot be made");
	else
		r = put_in_place(fd, place, path, uid, gid, mode, &st, why, size);
	unlinkat(place, NAME, 0);
	rmdir(dir);
	if (r < 0)
		return r;
	*ret_dev = st.st_dev;
	*ret_ino = st.st_ino;
	return fd_take(&fd);
}

int
sockfile_change(const char *path, dev_t dev, ino_t ino, uid_t uid, gid_t gid, mode_t mode, char *why, size_t size)
{
	char self[32];
	AUTO_FD int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return failed(why, size, errno, path, "cannot be looked at");
	if (st.st_dev != dev || st.st_ino != ino)
		return failed(why, size, EEXIST, path, "is no longer the socket that the daemon made; restart it");
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	/* between two owners nobody's: it is never more open than one of the two settings has it */
	if ((uid != st.st_uid || gid != st.st_gid) &&
	    (chmod(self, 0) < 0 || fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0))
		return failed(why, size, errno, path, "cannot be given to its owner and group");
	if (chmod(self, mode) < 0)
		return failed(why, size, errno, path, "cannot be given its mode");
	return 0;
}

void
sockfile_remove(const char *path, dev_t dev, ino_t ino)
{
	struct stat st;

	if (lstat(path, &st) == 0 && st.st_dev == dev && st.st_ino == ino)
		unlink(path);
}
