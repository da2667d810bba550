/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/bus-priv.h"

#include <assert.h>
#include <string.h>

#include "base/xalloc.h"

/* Bytes of the character at s, which ends with NUL; 0: it is none that a message may hold. */
static size_t
character(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, n = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0;
	uint32_t c;

	if (n <= 1)
		return n;
	c = *s & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe)
		return 0;
	return n;
}

static bool
is_valid(const char *s)
{
	size_t n;

	for (; *s; s += n)
		if (!(n = character((const unsigned char *)s)))
			return false;
	return true;
}

char *
bus_text(const char *s)
{
	char *copy = xstrdup(s), *p;
	size_t n;

	for (p = copy; *p; p += n) {
		n = character((const unsigned char *)p);
		if (!n) {
			*p = '?';
			n = 1;
		}
	}
	return copy;
}

const char *
bus_clean(struct bus *b, const char *s)
{
	if (!s)
		return "";
	if (is_valid(s))
		return s;
	return bus_keep(b, bus_text(s));
}

const char *
bus_keep(struct bus *b, char *text)
{
	assert(b->n_kept < sizeof(b->kept) / sizeof(b->kept[0]));
	return b->kept[b->n_kept++] = text;
}

void
bus_clean_again(struct bus *b)
{
	while (b->n_kept)
		free(b->kept[--b->n_kept]);
}
