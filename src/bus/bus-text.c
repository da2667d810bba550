/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/bus-priv.h"

#include <assert.h>
#include <string.h>

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
