/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a byte queue with a bound
 *
 * Bytes are put at the end and dropped at the front.  Memory is taken when the
 * first byte comes and given back when the last one goes, so that an idle
 * session costs nothing.
 */
#ifndef CELLTLS_BASE_BUF_H
#define CELLTLS_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t head, len; /* bytes head .. head + len of data */
	size_t size;	  /* allocated */
	size_t cap;	  /* most it may ever hold */
	bool secret;	  /* wiped before the memory is given back, and never moved by realloc() */
};

#define BUF_INIT(most) ((struct buf){ .cap = (most) })

static inline size_t
buf_room(const struct buf *b)
{
	return b->cap - b->len;
}

/* All of it or nothing: false, and nothing stored, when it does not fit. */
bool buf_put(struct buf *b, const void *bytes, size_t len);

/* The bytes, in one piece; valid until the next call on b.  NULL when empty. */
const uint8_t *buf_bytes(const struct buf *b);

void buf_drop(struct buf *b, size_t len);
void buf_cut(struct buf *b, size_t len); /* keeps the first len bytes only */

void buf_deinit(struct buf *b); /* may run twice */

#endif
