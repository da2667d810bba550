/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - files with PINs, passwords and private keys
 *
 * A secret file is a regular file that nobody but its owner may write and
 * nobody outside its group may read: no bits beyond 0640, owner root or the
 * daemon's user, group the daemon's.  What systemd hands over below
 * $CREDENTIALS_DIRECTORY is taken as it is.
 */
#ifndef CELLTLS_CONF_SECRET_H
#define CELLTLS_CONF_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

#define SECRET_SIZE_MAX (64 * 1024)

struct secret {
	size_t len;
	uint8_t data[]; /* a NUL follows the last byte */
};

/*
 * Reads "file:/path", "/path" or "credential:name".  On failure -errno, and
 * why[size] says which file and what to do, without the file's content:
 *   -EACCES    may not be read, or its owner, group or mode is refused
 *   -EFBIG     over SECRET_SIZE_MAX
 *   -ENXIO     a credential, and the service manager handed none over
 *   -EINVAL    not of the three forms, or not a regular file
 */
int conf_secret_read(const char *spec, struct secret **ret_secret, char *why, size_t size);

/* The same without the rules of owner and mode: for certificates. */
int conf_file_read(const char *spec, struct secret **ret_content, char *why, size_t size);

/* Cuts one line end off, for PINs and passwords written with an editor. */
void secret_chomp(struct secret *s);

void secret_free(struct secret *s); /* wipes; NULL is fine */
AUTO_DEFINE(struct secret *, secret_free)

#endif
