/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-hint.c - what would have been right: lists of words, and the nearest key
 */
#include "conf/conf-priv.h"

#include <string.h>

#include "base/xalloc.h"

#define NAME_MAX_ 31 /* the longest key has 20 */
#define FAR 3	     /* so many slips are another word */

/* Levenshtein's distance, one row at a time; b may be of any length and is cut. */
static unsigned
distance(const char *a, const char *b)
{
	size_t la = strnlen(a, NAME_MAX_), lb = strnlen(b, NAME_MAX_), i, j;
	unsigned row[NAME_MAX_ + 1];

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

static char *
longer(char *list, const char *word)
{
	char *all = list ? xasprintf("%s, %s", list, word) : xstrdup(word);

	free(list);
	return all;
}

char *
conf_word_list(const char *const *words)
{
	char *all = NULL;

	for (; *words; words++)
		all = longer(all, *words);
	return all;
}

char *
conf_key_hint(const struct conf_key *keys, const char *word)
{
	AUTO(free) char *all = NULL;
	const char *nearest = NULL;
	unsigned best = FAR, d;

	for (; keys->name; keys++) {
		all = longer(all, keys->name);
		d = distance(keys->name, word);
		if (d < best && d < strlen(word)) {
			best = d;
			nearest = keys->name;
		}
	}
	return nearest ? xasprintf("did you mean %s?", nearest) : xasprintf("allowed here: %s", all);
}
