/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.c - what the rows come out as, on the terminal and in Markdown
 */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	char name[80], goal[48], measured[64], other[64], ratio[16];
	int met; /* -1: no goal of its own */
};

static struct row rows[64];
static size_t n_rows;
static char further[8192]; /* tables of their own, behind the rows */

void
row(const char *name, const char *goal, int met, double ratio, const char *measured, const char *other)
{
	struct row *r = &rows[n_rows++];

	snprintf(r->name, sizeof(r->name), "%s", name);
	snprintf(r->goal, sizeof(r->goal), "%s", goal);
	snprintf(r->measured, sizeof(r->measured), "%s", measured);
	snprintf(r->other, sizeof(r->other), "%s", other);
	if (ratio > 0)
		snprintf(r->ratio, sizeof(r->ratio), "%.3f", ratio);
	r->met = met;
	printf("%-46s %-22s %-18s %-22s %-7s %s\n", r->name, r->goal, r->measured, r->other, r->ratio,
	    met < 0 ? "" : met ? "yes" : "NO");
	fflush(stdout);
}

const char *
text(const char *fmt, ...)
{
	static char texts[8][64];
	static unsigned next;
	char *t = texts[next++ % 8];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t, sizeof(texts[0]), fmt, ap);
	va_end(ap);
	return t;
}

void
markdown(const char *path)
{
	FILE *f = fopen(path, "we");
	size_t i;

	if (!f)
		die("%s cannot be written", path);
	fputs("| figure | goal | celltlsd | beside it | ratio | met |\n| --- | --- | --- | --- | --- | --- |\n", f);
	for (i = 0; i < n_rows; i++)
		fprintf(f, "| %s | %s | %s | %s | %s | %s |\n", rows[i].name, rows[i].goal, rows[i].measured, rows[i].other,
		    rows[i].ratio, rows[i].met < 0 ? "" : rows[i].met ? "yes" : "**no**");
	fputs(further, f);
	fclose(f);
}

void
further_line(const char *fmt, ...)
{
	size_t len = strlen(further);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(further + len, sizeof(further) - len, fmt, ap);
	va_end(ap);
	fputs(further + len, stdout);
	fflush(stdout);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
quantile(double *v, size_t n, double q)
{
	qsort(v, n, sizeof(*v), compare);
	return v[(size_t)((double)(n - 1) * q + 0.5)];
}

double
median(double *v, size_t n)
{
	return quantile(v, n, 0.5);
}
