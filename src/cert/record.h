/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - a small text file that is replaced whole or not at all
 */
#ifndef CELLTLS_CERT_RECORD_H
#define CELLTLS_CERT_RECORD_H

#include <stddef.h>

/*
 * Reads at most size - 1 bytes and ends them with NUL.  How many, or -errno:
 * -ENOENT, -EFBIG, -EINVAL where it is no regular file, others.
 */
int record_read(const char *path, char *text, size_t size);

/* Writes and waits until it is on the disk.  0, or -errno: path is as it was, or new and perhaps not on the disk. */
int record_write(const char *path, const char *text, unsigned mode);

#endif
