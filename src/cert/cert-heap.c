/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert-heap.c - OpenSSL's memory, wiped when it is freed
 *
 * OpenSSL wipes a key's numbers, and not all the ways that a key has come: the decoders free their copy of
 * its DER as it is, and PEM its lines.
 */
#include "cert/cert.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static void *
heap_take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void
heap_give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p)
		wipe(p, malloc_usable_size(p));
	free(p);
}

/* Never in place: realloc() may move, and leaves the old bytes where they were. */
static void *
heap_change(void *p, size_t size, const char *file, int line)
{
	void *changed = size ? heap_take(size, file, line) : NULL;
	size_t had = p ? malloc_usable_size(p) : 0;

	if (size && !changed)
		return NULL;
	if (changed && p)
		memcpy(changed, p, had < size ? had : size);
	heap_give(p, file, line);
	return changed;
}

bool
cert_wipes_heap(void)
{
	return CRYPTO_set_mem_functions(heap_take, heap_change, heap_give) == 1;
}
