/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/reach.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"

#define MAY_SEARCH 1u
#define MAY_WRITE 2u
#define LINKS_MAX 40 /* the kernel's own bound */
#define ACL_ENTRIES_MAX 256

static bool
in_group(const struct who *who, gid_t gid)
{
	size_t i;

	for (i = 0; i < who->n_gids; i++)
		if (who->gids[i] == gid)
			return true;
	return false;
}

/* ---- access control lists ---- */

/* The attribute system.posix_acl_access: little-endian, entries in the order of their tags. */
#define ACL_VERSION 2

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

enum {
	ACL_OWNER = 0x01,
	ACL_USER = 0x02,
	ACL_OWNING_GROUP = 0x04,
	ACL_GROUP = 0x08,
	ACL_MASK = 0x10,
	ACL_OTHER = 0x20,
};

static bool
grants(const struct acl_entry *e, unsigned want)
{
	return (e->perm & want) == want;
}

/* Users by name and all groups have no more than the mask. */
static bool
mask_grants(const struct acl_entry *e, const struct acl_entry *end, unsigned want)
{
	for (; e < end; e++)
		if (e->tag == ACL_MASK)
			return grants(e, want);
	return true;
}

static bool
acl_grants(const struct acl_entry *acl, const struct acl_entry *end, const struct who *who, uid_t owner, gid_t group, unsigned want)
{
	const struct acl_entry *e;
	bool in_one = false;

	for (e = acl; e < end; e++)
		switch (e->tag) {
		case ACL_OWNER:
			if (who->uid == owner)
				return grants(e, want);
			break;
		case ACL_USER:
			if (who->uid == e->id)
				return grants(e, want) && mask_grants(e, end, want);
			break;
		case ACL_OWNING_GROUP:
		case ACL_GROUP:
			if (!in_group(who, e->tag == ACL_GROUP ? e->id : group))
				break;
			if (grants(e, want))
				return mask_grants(e, end, want);
			in_one = true;
			break;
		case ACL_OTHER:
			return !in_one && grants(e, want);
		default:
			break;
		}
	return false;
}

int
reach_acl(const void *acl, size_t len, const struct who *who, uid_t owner, gid_t group, unsigned want)
{
	struct acl_entry entries[ACL_ENTRIES_MAX], *e;
	const uint8_t *p = acl;
	uint32_t version;
	size_t i, n = (len - sizeof(version)) / sizeof(*e);

	if (len < sizeof(version) || (len - sizeof(version)) % sizeof(*e) || n > ACL_ENTRIES_MAX)
		return -1;
	memcpy(&version, p, sizeof(version));
	if (le32toh(version) != ACL_VERSION)
		return -1;
	memcpy(entries, p + sizeof(version), n * sizeof(*e));
	for (i = 0; i < n; i++) {
		e = &entries[i];
		*e = (struct acl_entry){ le16toh(e->tag), le16toh(e->perm), le32toh(e->id) };
	}
	return acl_grants(entries, entries + n, who, owner, group, want);
}

/* ---- one file ---- */

static bool
mode_grants(const struct stat *st, const struct who *who, unsigned want)
{
	unsigned bits = st->st_mode;

	if (who->uid == st->st_uid)
		bits >>= 6;
	else if (in_group(who, st->st_gid))
		bits >>= 3;
	return (bits & want) == want;
}

/* fd is open with O_PATH only. */
static bool
may(int fd, const struct stat *st, const struct who *who, unsigned want)
{
	uint8_t acl[sizeof(uint32_t) + ACL_ENTRIES_MAX * sizeof(struct acl_entry)];
	char self[32];
	ssize_t len;

	if (who->uid == 0)
		return true;
	if (!(st->st_mode & S_IRWXG)) /* the mask of an ACL is empty: the kernel does not look at it */
		return mode_grants(st, who, want);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	len = getxattr(self, "system.posix_acl_access", acl, sizeof(acl));
	if (len >= 0)
		return reach_acl(acl, (size_t)len, who, st->st_uid, st->st_gid, want) > 0;
	return (errno == ENODATA || errno == ENOTSUP) && mode_grants(st, who, want);
}

/* ---- the way to it ---- */

/* In front of what is left of the path stands a link's target; the walk goes on at *fd, or at the root. */
static bool
follow(int link, int *fd, char *rest)
{
	char target[PATH_MAX], joined[PATH_MAX] = "";
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	if ((size_t)n + 1 + strlen(rest) >= sizeof(joined))
		return false;
	str_add(joined, sizeof(joined), "%s/%s", target, rest);
	str_copy(rest, PATH_MAX, joined);
	if (target[0] == '/') {
		close(*fd);
		*fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	return *fd >= 0;
}

/* Takes the first name of the path. */
static bool
next_name(char *rest, char name[NAME_MAX + 1])
{
	size_t slashes = strspn(rest, "/"), len = strcspn(rest + slashes, "/");

	if (!len || len > NAME_MAX)
		return false;
	memcpy(name, rest + slashes, len);
	name[len] = '\0';
	memmove(rest, rest + slashes + len, strlen(rest + slashes + len) + 1);
	return true;
}

/* One name further, by somebody who must be able to search the directory *fd. */
static bool
step(int *fd, char *rest, unsigned *links, const struct who *who)
{
	AUTO_FD int at = -1;
	char name[NAME_MAX + 1];
	struct stat st;

	if (fstat(*fd, &st) < 0 || !S_ISDIR(st.st_mode) || !may(*fd, &st, who, MAY_SEARCH) || !next_name(rest, name))
		return false;
	at = openat(*fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0 || fstat(at, &st) < 0)
		return false;
	if (S_ISLNK(st.st_mode))
		return ++*links <= LINKS_MAX && follow(at, fd, rest);
	close(*fd);
	*fd = fd_take(&at);
	return true;
}

bool
reach_socket(const char *path, const struct who *who, dev_t *ret_dev, ino_t *ret_ino)
{
	AUTO_FD int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char rest[PATH_MAX];
	unsigned links = 0;
	struct stat st;

	if (fd < 0 || path[0] != '/' || !str_copy(rest, sizeof(rest), path))
		return false;
	while (rest[strspn(rest, "/")])
		if (!step(&fd, rest, &links, who))
			return false;
	if (fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode) || !may(fd, &st, who, MAY_WRITE))
		return false;
	*ret_dev = st.st_dev;
	*ret_ino = st.st_ino;
	return true;
}
