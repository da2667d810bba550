/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
str_copy(char *dst, size_t size, const char *src)
{
	size_t len = strnlen(src, size);

	if (!size)
		return false;
	memcpy(dst, src, len < size ? len : size - 1);
	dst[len < size ? len : size - 1] = '\0';
	return len < size;
}

void
str_add(char *dst, size_t size, const char *fmt, ...)
{
	size_t len = strnlen(dst, size);
	va_list ap;

	if (len >= size)
		return;
	va_start(ap, fmt);
	vsnprintf(dst + len, size - len, fmt, ap);
	va_end(ap);
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* One byte as text in out[5]; returns its length. */
static int
escape_byte(char out[5], unsigned char c)
{
	switch (c) {
	case '\r':
		return sprintf(out, "\\r");
	case '\n':
		return sprintf(out, "\\n");
	case '\t':
		return sprintf(out, "\\t");
	case '\\':
		return sprintf(out, "\\\\");
	default:
		return sprintf(out, c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x", c);
	}
}

char *
str_escape(char *dst, size_t size, const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	size_t at = 0, i;
	char one[5];

	if (!size)
		return dst;
	for (i = 0; i < len; i++) {
		size_t n = (size_t)escape_byte(one, in[i]);
		size_t reserve = i + 1 < len ? 4 : 1; /* "..." and NUL, or NUL */

		if (at + n + reserve > size) {
			if (at + 4 <= size) {
				memcpy(dst + at, "...", 3);
				at += 3;
			}
			break;
		}
		memcpy(dst + at, one, n);
		at += n;
	}
	dst[at] = '\0';
	return dst;
}

bool
str_matches(const char *s, const char *pattern)
{
	return fnmatch(pattern, s, FNM_CASEFOLD) == 0;
}

/* Levenshtein's distance, one row at a time. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[32];
	size_t la = strnlen(a, 31), lb = strnlen(b, 31), i, j;

	for (j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);
			unsigned insert = (row[j - 1] < row[j] ? row[j - 1] : row[j]) + 1;

			diagonal = row[j];
			row[j] = change < insert ? change : insert;
		}
	}
	return row[lb];
}

bool
str_nearer(const char *candidate, const char *word, unsigned *best)
{
	unsigned slips = distance(candidate, word);

	if (slips >= *best || slips >= strlen(word)) /* all letters are slips */
		return false;
	*best = slips;
	return true;
}

void
wipe(void *p, size_t len)
{
	if (p && len)
		explicit_bzero(p, len);
}
