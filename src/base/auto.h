/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auto.h - clean-up at the end of a scope, and gifts
 *
 * AUTO(x_free) struct x *x = NULL;  frees x when its scope ends.
 * gift(&x)  gives x away: its value is returned and x becomes NULL.
 */
#ifndef CELLTLS_BASE_AUTO_H
#define CELLTLS_BASE_AUTO_H

#include <unistd.h>

#define AUTO(fn) __attribute__((cleanup(fn##_auto)))
#define AUTO_DEFINE(type, fn) \
	static inline void __attribute__((unused)) fn##_auto(type *v) \
	{ \
		if (*v) \
			fn(*v); \
	}

#define gift(pp) \
	({ \
		__typeof__(*(pp)) v_ = *(pp); \
		*(pp) = NULL; \
		v_; \
	})

/* AUTO_FD int fd = -1;  closed when its scope ends. */
#define AUTO_FD __attribute__((cleanup(fd_close_auto)))

static inline void __attribute__((unused))
fd_close_auto(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Gives the descriptor away and leaves -1. */
static inline int __attribute__((unused))
fd_take(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

#endif
