/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xalloc.h - allocation that cannot fail: out of memory ends the process
 *
 * For small, fixed sizes and for sizes that the caller has bounded.
 */
#ifndef CELLTLS_BASE_XALLOC_H
#define CELLTLS_BASE_XALLOC_H

#include <stdlib.h>

#include "base/auto.h"

void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
void *xmemdup(const void *p, size_t len); /* len 0 gives a unique pointer too */
char *xstrdup(const char *s);		  /* NULL gives NULL */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static inline void __attribute__((unused))
free_auto(void *pp)
{
	free(*(void **)pp);
}

#endif
