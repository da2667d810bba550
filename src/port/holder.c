/* SPDX-License-Identifier: Apache-2.0 */
#include "port/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"

#define LOCKS_MAX 4096 /* lines of /proc/locks that are looked at */

const struct holder_places holder_places = { .lock_dirs = { "/run/lock", "/var/lock" }, .proc = "/proc" };

/*
 * The first bytes of a file; -1 where it is not there or not for us.  Everybody
 * may write in the directories of lock files: no link and no pipe leads us on.
 */
static ssize_t
read_start(const char *path, void *bytes, size_t size)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);

	return fd < 0 ? -1 : read(fd, bytes, size);
}

int
holder_lock_pid(const void *bytes, size_t len)
{
	const char *text = bytes;
	char number[16] = "", *end;
	int pid = 0;
	long n;

	if (len == sizeof(pid)) { /* a bare int; as digits it would be above any pid */
		memcpy(&pid, bytes, sizeof(pid));
		if (pid > 0 && pid <= 4194304)
			return pid;
	}
	while (len && (*text == ' ' || *text == '\n')) {
		text++;
		len--;
	}
	memcpy(number, text, len < sizeof(number) - 1 ? len : sizeof(number) - 1);
	n = strtol(number, &end, 10);
	return end > number && strchr(" \n", *end) && n > 0 && n <= INT_MAX ? (int)n : 0;
}

bool
holder_lock_name(const char *device, char *name, size_t size)
{
	char *c;

	if (str_starts(device, "/dev/"))
		device += strlen("/dev/");
	if (!str_copy(name, size, "LCK.."))
		return false;
	c = name + strlen(name);
	if (!str_copy(c, size - (size_t)(c - name), device))
		return false;
	for (; *c; c++)
		if (*c == '/')
			*c = '_';
	return true;
}

int
holder_locks_pid(const char *line, dev_t dev, ino_t ino)
{
	unsigned long long inode;
	unsigned maj, min;
	char kind[16];
	int pid;

	/* A line of one who waits has "->" in the place of the kind. */
	if (sscanf(line, "%*u: %15s %*s %*s %d %x:%x:%llu", kind, &pid, &maj, &min, &inode) != 5)
		return 0;
	if (strcmp(kind, "FLOCK") != 0 || pid <= 0)
		return 0;
	return maj == major(dev) && min == minor(dev) && inode == ino ? pid : 0;
}

/* Fills in the name; false when there is no such process. */
static bool
name_holder(const struct holder_places *p, int pid, struct holder *ret)
{
	char path[PATH_MAX], comm[32];
	ssize_t n;

	*ret = (struct holder){ .pid = pid };
	snprintf(path, sizeof(path), "%s/%d/comm", p->proc, pid);
	n = read_start(path, comm, sizeof(comm));
	if (n <= 0)
		return kill(pid, 0) == 0 || errno == EPERM; /* /proc may hide others' processes */
	if (comm[n - 1] == '\n')
		n--;
	str_escape(ret->name, sizeof(ret->name), comm, (size_t)n);
	return true;
}

/* By the lock file of one of the device's names. */
static bool
by_lock_file(const struct holder_places *p, const char *device, struct holder *ret)
{
	char path[PATH_MAX], name[NAME_MAX + 1], content[32];
	ssize_t n;
	size_t i;
	int pid;

	if (!holder_lock_name(device, name, sizeof(name)))
		return false;
	for (i = 0; p->lock_dirs[i]; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", p->lock_dirs[i], name) >= (int)sizeof(path))
			continue;
		n = read_start(path, content, sizeof(content));
		pid = n > 0 ? holder_lock_pid(content, (size_t)n) : 0;
		if (pid && name_holder(p, pid, ret))
			return true;
	}
	return false;
}

static bool
by_kernel_lock(const struct holder_places *p, const struct stat *st, struct holder *ret)
{
	char path[PATH_MAX], line[256];
	int pid = 0, lines = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/locks", p->proc);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!pid && lines++ < LOCKS_MAX && fgets(line, sizeof(line), f))
		pid = holder_locks_pid(line, st->st_dev, st->st_ino);
	fclose(f);
	return pid && name_holder(p, pid, ret);
}

bool
holder_find(const struct holder_places *p, const char *path, struct holder *ret)
{
	char real[PATH_MAX];
	struct stat st;

	/* The kernel knows; a lock file may be left over, with a pid that is another's by now. */
	if (stat(path, &st) == 0 && by_kernel_lock(p, &st, ret))
		return true;
	if (realpath(path, real) && by_lock_file(p, real, ret))
		return true;
	return by_lock_file(p, path, ret);
}
