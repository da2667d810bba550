/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - text whose bytes somebody else chose
 *
 * Valid is what D-Bus and systemd take: neither overlong forms nor surrogates
 * nor noncharacters.
 */
#ifndef CELLTLS_BASE_UTF8_H
#define CELLTLS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at s and its bytes; 0 and one byte where that is no UTF-8.  len is at least 1. */
size_t utf8_next(const char *s, size_t len, uint32_t *ret);

bool utf8_valid(const char *s);

/* Each byte that is no part of a character becomes "?". */
void utf8_mend(char *s);

#endif
