/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/names.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"

/* UINT32_MAX is the kernel's "nobody in particular", no id. */
static bool
number(const char *s, uint32_t *ret)
{
	uint64_t n = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
		if (n >= UINT32_MAX)
			return false;
	}
	*ret = (uint32_t)n;
	return true;
}

bool
names_user(const char *name, uid_t *ret_uid)
{
	struct passwd *p = getpwnam(name);

	if (!p)
		return number(name, ret_uid);
	*ret_uid = p->pw_uid;
	return true;
}

bool
names_group(const char *name, gid_t *ret_gid)
{
	struct group *g = getgrnam(name);

	if (!g)
		return number(name, ret_gid);
	*ret_gid = g->gr_gid;
	return true;
}

bool
names_own_group(gid_t gid)
{
	int i, n = getgroups(0, NULL);
	gid_t *gids;

	if (gid == getegid())
		return true;
	if (n <= 0)
		return false;
	gids = xcalloc((size_t)n, sizeof(*gids));
	n = getgroups(n, gids);
	for (i = 0; i < n && gids[i] != gid; i++)
		;
	free(gids);
	return i < n;
}
