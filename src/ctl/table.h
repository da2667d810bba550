/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - rows for people: columns that line up, cut to the screen, and what is to be said of a row beneath it
 */
#ifndef CELLTLS_CTL_TABLE_H
#define CELLTLS_CTL_TABLE_H

#include "ctl/text.h"

struct column {
	const char *title;
	bool right;	/* numbers */
	unsigned least; /* where there is no room it is cut down to so many columns; 0: never cut */
};

struct table;

/* The columns must stay. */
struct table *table_new(const struct screen *, const struct column *, size_t n);
void table_free(struct table *);

/* Cells and notes are for the row begun last; text is cleaned here, and may be from outside. */
void table_row(struct table *);
void table_cell(struct table *, enum colour, const char *text);
void table_note(struct table *, enum colour, const char *text);

void table_print(const struct table *);

#endif
