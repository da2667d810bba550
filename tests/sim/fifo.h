/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fifo.h - a byte queue that keeps its memory and can be filled in place
 *
 * The simulated line carries benchmarks, so the far side reads straight into
 * the queue that the host is served from: fifo_reserve(), then fifo_commit().
 */
#ifndef SIM_FIFO_H
#define SIM_FIFO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/xalloc.h"

struct fifo {
	uint8_t *data;
	size_t head, len, size;
};

/* Room for n bytes behind the last one, in one piece. */
static inline uint8_t *
fifo_reserve(struct fifo *f, size_t n)
{
	if (!f->len)
		f->head = 0;
	if (f->head + f->len + n > f->size) {
		if (f->head) {
			memmove(f->data, f->data + f->head, f->len);
			f->head = 0;
		}
		if (f->len + n > f->size) {
			size_t size = f->size ? f->size : 4096;

			while (size < f->len + n)
				size *= 2;
			f->data = xrealloc(f->data, size, 1);
			f->size = size;
		}
	}
	return f->data + f->head + f->len;
}

static inline void
fifo_commit(struct fifo *f, size_t n)
{
	f->len += n;
}

static inline void
fifo_put(struct fifo *f, const void *bytes, size_t n)
{
	if (!n)
		return;
	memcpy(fifo_reserve(f, n), bytes, n);
	f->len += n;
}

/* NULL when nothing was ever put. */
static inline const uint8_t *
fifo_bytes(const struct fifo *f)
{
	return f->data ? f->data + f->head : NULL;
}

static inline void
fifo_drop(struct fifo *f, size_t n)
{
	f->head += n;
	f->len -= n;
}

static inline void
fifo_clear(struct fifo *f)
{
	f->head = f->len = 0;
}

static inline void
fifo_deinit(struct fifo *f)
{
	free(f->data);
	*f = (struct fifo){ 0 };
}

#endif
