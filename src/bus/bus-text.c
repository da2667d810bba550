/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/bus-priv.h"

#include "base/utf8.h"
#include "base/xalloc.h"

char *
bus_text(const char *s)
{
	char *copy = xstrdup(s);

	utf8_mend(copy);
	return copy;
}

const char *
bus_clean(struct bus *b, const char *s)
{
	if (!s)
		return "";
	if (utf8_valid(s))
		return s;
	if (b->n_cleaned == sizeof(b->cleaned) / sizeof(b->cleaned[0]))
		return "?";
	b->cleaned[b->n_cleaned] = bus_text(s);
	return b->cleaned[b->n_cleaned++];
}

void
bus_clean_again(struct bus *b)
{
	while (b->n_cleaned)
		free(b->cleaned[--b->n_cleaned]);
}
