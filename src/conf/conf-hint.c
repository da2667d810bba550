/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-hint.c - what would have been right: lists of words, and the nearest key
 */
#include "conf/conf-priv.h"

#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

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
	unsigned best = STR_FAR;

	for (; keys->name; keys++) {
		all = longer(all, keys->name);
		if (str_nearer(keys->name, word, &best))
			nearest = keys->name;
	}
	return nearest ? xasprintf("did you mean %s?", nearest) : xasprintf("allowed here: %s", all);
}
