/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - the closed lists of words that the properties of org.celltls1 hold
 */
#ifndef CELLTLS_CTL_WORDS_H
#define CELLTLS_CTL_WORDS_H

#include "ctl/text.h"

struct word {
	const char *word;
	enum colour colour; /* how well that is */
};

/* Each ends with a NULL. */
extern const struct word modem_states[], channel_states[], registrations[];

enum colour word_colour(const struct word *list, const char *word); /* PLAIN where it is not in the list */

#endif
