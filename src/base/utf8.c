/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <string.h>

static bool
is_character(uint32_t c)
{
	return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff) && !(c >= 0xfdd0 && c <= 0xfdef) && (c & 0xfffe) != 0xfffe;
}

size_t
utf8_next(const char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 }; /* what needs so many more bytes */
	const unsigned char *b = (const unsigned char *)s;
	size_t more = b[0] < 0x80 ? 0 : b[0] >> 5 == 6 ? 1 : b[0] >> 4 == 14 ? 2 : b[0] >> 3 == 30 ? 3 : len;
	uint32_t c;
	size_t i;

	*ret = 0;
	if (more >= len)
		return 1;
	c = more ? b[0] & (0x3fu >> more) : b[0];
	for (i = 1; i <= more; i++) {
		if (b[i] >> 6 != 2)
			return 1;
		c = c << 6 | (b[i] & 0x3fu);
	}
	if (c < least[more] || !is_character(c))
		return 1;
	*ret = c;
	return more + 1;
}

/* The first byte that is no part of a character, or NULL. */
static char *
wrong(char *s)
{
	size_t len = strlen(s), n;
	uint32_t c;

	for (; len; s += n, len -= n) {
		n = utf8_next(s, len, &c);
		if (!c)
			return s;
	}
	return NULL;
}

bool
utf8_valid(const char *s)
{
	return !wrong((char *)s);
}

void
utf8_mend(char *s)
{
	while ((s = wrong(s)))
		*s++ = '?';
}
