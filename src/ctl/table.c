/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/table.h"

#include "base/xalloc.h"

#define GAP 2	 /* between columns */
#define INDENT 2 /* of what stands beneath a row */

struct piece {
	char *text;
	enum colour colour;
};

struct row {
	struct piece *cells, *notes;
	size_t n_cells, n_notes;
};

struct table {
	const struct screen *screen;
	const struct column *columns;
	size_t n_columns;
	struct row *rows;
	size_t n_rows;
};

struct table *
table_new(const struct screen *screen, const struct column *columns, size_t n)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->screen = screen;
	t->columns = columns;
	t->n_columns = n;
	return t;
}

static void
free_pieces(struct piece *pieces, size_t n)
{
	while (n)
		free(pieces[--n].text);
	free(pieces);
}

void
table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_rows; i++) {
		free_pieces(t->rows[i].cells, t->rows[i].n_cells);
		free_pieces(t->rows[i].notes, t->rows[i].n_notes);
	}
	free(t->rows);
	free(t);
}

void
table_row(struct table *t)
{
	t->rows = xrealloc(t->rows, t->n_rows + 1, sizeof(*t->rows));
	t->rows[t->n_rows++] = (struct row){ .cells = xcalloc(t->n_columns, sizeof(struct piece)) };
}

void
table_cell(struct table *t, enum colour colour, const char *text)
{
	struct row *row = &t->rows[t->n_rows - 1];

	row->cells[row->n_cells++] = (struct piece){ text_clean(*text ? text : "-", t->screen->utf8), colour };
}

void
table_note(struct table *t, enum colour colour, const char *text)
{
	struct row *row = &t->rows[t->n_rows - 1];

	row->notes = xrealloc(row->notes, row->n_notes + 1, sizeof(*row->notes));
	row->notes[row->n_notes++] = (struct piece){ text_clean(text, t->screen->utf8), colour };
}

static unsigned
widest(const struct table *t, size_t column)
{
	unsigned most = text_width(t->columns[column].title), w;
	size_t i;

	for (i = 0; i < t->n_rows; i++) {
		w = text_width(t->rows[i].cells[column].text);
		most = w > most ? w : most;
	}
	return most;
}

/* Of the columns that may be cut the one with the most to give away. */
static size_t
next_to_shrink(const struct table *t, const unsigned *widths)
{
	unsigned most = 0;
	size_t best = t->n_columns, i;

	for (i = 0; i < t->n_columns; i++) {
		unsigned least = t->columns[i].least;

		if (least && widths[i] > least && widths[i] - least > most) {
			most = widths[i] - least;
			best = i;
		}
	}
	return best;
}

static unsigned *
fit(const struct table *t)
{
	unsigned *widths = xcalloc(t->n_columns, sizeof(*widths)), sum = 0;
	size_t i;

	for (i = 0; i < t->n_columns; i++) {
		widths[i] = widest(t, i);
		sum += widths[i] + (i ? GAP : 0);
	}
	for (; t->screen->width && sum > t->screen->width; sum--) {
		i = next_to_shrink(t, widths);
		if (i == t->n_columns)
			break;
		widths[i]--;
	}
	return widths;
}

/* Nothing is padded behind the last column. */
static void
print_cell(const struct table *t, const unsigned *widths, size_t i, const char *text, enum colour colour)
{
	AUTO(free) char *cut = text_cut(text, widths[i], t->screen->utf8);
	int pad = (int)(widths[i] > text_width(cut) ? widths[i] - text_width(cut) : 0);
	bool last = i + 1 == t->n_columns, right = t->columns[i].right;

	fprintf(t->screen->out, "%*s%s%s%s%*s", right ? pad : 0, "", colour_on(t->screen, colour), cut,
	    colour_off(t->screen, colour), last ? 0 : (right ? 0 : pad) + GAP, "");
}

void
table_print(const struct table *t)
{
	AUTO(free) unsigned *widths = fit(t);
	size_t i, j;

	for (j = 0; j < t->n_columns; j++)
		print_cell(t, widths, j, t->columns[j].title, BOLD);
	putc('\n', t->screen->out);
	for (i = 0; i < t->n_rows; i++) {
		const struct row *row = &t->rows[i];

		for (j = 0; j < t->n_columns; j++)
			print_cell(t, widths, j, row->cells[j].text, row->cells[j].colour);
		putc('\n', t->screen->out);
		for (j = 0; j < row->n_notes; j++) {
			fprintf(t->screen->out, "%*s", INDENT, "");
			text_wrap(t->screen, row->notes[j].text, INDENT, INDENT, row->notes[j].colour);
		}
	}
}
