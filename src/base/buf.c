/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <assert.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define BUF_FIRST 1024 /* bytes of the first allocation */

/* Makes room for len more bytes behind the last. */
static void
buf_make_room(struct buf *b, size_t len)
{
	size_t size = b->size ? b->size : b->secret ? b->cap : BUF_FIRST;

	if (b->head + b->len + len <= b->size)
		return;
	if (b->len + len <= b->size) {
		memmove(b->data, b->data + b->head, b->len);
		b->head = 0;
		return;
	}
	while (size < b->len + len)
		size *= 2;
	if (b->head) {
		memmove(b->data, b->data + b->head, b->len);
		b->head = 0;
	}
	b->data = xrealloc(b->data, size, 1);
	b->size = size;
}

bool
buf_put(struct buf *b, const void *bytes, size_t len)
{
	if (len > buf_room(b))
		return false;
	if (!len)
		return true;
	buf_make_room(b, len);
	memcpy(b->data + b->head + b->len, bytes, len);
	b->len += len;
	return true;
}

const uint8_t *
buf_bytes(const struct buf *b)
{
	return b->len ? b->data + b->head : NULL;
}

void
buf_drop(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->head += len;
	b->len -= len;
	if (!b->len)
		buf_deinit(b);
}

void
buf_cut(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len = len;
	if (!len)
		buf_deinit(b);
}

void
buf_deinit(struct buf *b)
{
	if (b->secret)
		wipe(b->data, b->size);
	free(b->data);
	b->data = NULL;
	b->head = b->len = b->size = 0;
}
