/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - strings of fixed size, and bytes made fit for people to read
 */
#ifndef CELLTLS_BASE_STR_H
#define CELLTLS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* Copies what fits, always ends with NUL; false when it did not fit. */
bool str_copy(char *dst, size_t size, const char *src);

/* printf() at the end of dst; what does not fit is cut. */
void str_add(char *dst, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

bool str_starts(const char *s, const char *prefix);

/*
 * Writes bytes from outside as printable text: \r \n \t \\ and \xHH, cut with
 * "..." where dst ends.  Returns dst.  Nothing in the result can end a log line.
 */
char *str_escape(char *dst, size_t size, const void *bytes, size_t len);

/* A match by the shell's patterns (fnmatch(3)), case ignored. */
bool str_matches(const char *s, const char *pattern);

/*
 * Whether word, which is none of the candidates, was rather meant to be this one than those looked at before: by the slips of
 * the pen (a letter more, less or another) between them.  *best is STR_FAR at first.  The first 31 bytes of both count.
 */
#define STR_FAR 3 /* so many slips are another word */
bool str_nearer(const char *candidate, const char *word, unsigned *best);

/* Overwrites and cannot be optimised away; for keys, PINs and passwords. */
void wipe(void *p, size_t len);

#endif
