/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/words.h"

#include <string.h>

const struct word modem_states[] = {
	{ "absent", RED },
	{ "opening", YELLOW },
	{ "identifying", YELLOW },
	{ "sim", YELLOW },
	{ "registering", YELLOW },
	{ "attaching", YELLOW },
	{ "ready", GREEN },
	{ "released", YELLOW },
	{ "failed", RED },
	{ NULL },
};

const struct word channel_states[] = {
	{ "blocked", RED },
	{ "unavailable", YELLOW },
	{ "open", GREEN },
	{ "dialing", YELLOW },
	{ "closing", PLAIN },
	{ "idle", GREEN },
	{ NULL },
};

const struct word registrations[] = {
	{ "none", YELLOW },
	{ "searching", YELLOW },
	{ "home", GREEN },
	{ "roaming", GREEN },
	{ "denied", RED },
	{ NULL },
};

enum colour
word_colour(const struct word *list, const char *word)
{
	for (; list->word; list++)
		if (strcmp(list->word, word) == 0)
			return list->colour;
	return PLAIN;
}
