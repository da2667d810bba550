/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h - users and groups by name or number
 */
#ifndef CELLTLS_CHANNEL_NAMES_H
#define CELLTLS_CHANNEL_NAMES_H

#include <stdbool.h>
#include <sys/types.h>

/* false: unknown here.  A number needs no entry in the database. */
bool names_user(const char *name, uid_t *ret_uid);
bool names_group(const char *name, gid_t *ret_gid);

/* Whether this process is in the group. */
bool names_own_group(gid_t gid);

#endif
