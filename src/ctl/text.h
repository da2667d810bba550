/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - text from outside on a terminal: nothing but what can be seen, and how wide it is
 *
 * Modules, networks and servers choose many of the words that are shown.  All
 * of them go through text_clean() on their way to the screen.
 */
#ifndef CELLTLS_CTL_TEXT_H
#define CELLTLS_CTL_TEXT_H

#include <stdbool.h>
#include <stdio.h>

enum colour { PLAIN, GREEN, YELLOW, RED, BOLD, DIM };

struct screen {
	FILE *out;
	unsigned width; /* columns; 0: nothing is cut or wrapped */
	bool colour, utf8;
};

/* As the environment and the descriptor say: COLUMNS, NO_COLOR, TERM, the locale, the terminal's size. */
struct screen screen_of(FILE *out);

/*
 * Control characters, what changes the direction of text, invalid UTF-8, and all that the locale has no
 * character for, as \xHH and \uHHHH.  The result is freed by the caller.
 */
char *text_clean(const char *s, bool utf8);

/* Of clean text only. */
unsigned text_width(const char *clean);
char *text_cut(const char *clean, unsigned width, bool utf8); /* with an ellipsis where something is gone */

/* Whole words in lines behind so many blanks; first says how many columns of the first line are used. */
void text_wrap(const struct screen *, const char *clean, unsigned indent, unsigned first, enum colour);

const char *colour_on(const struct screen *, enum colour);
const char *colour_off(const struct screen *, enum colour);

#endif
