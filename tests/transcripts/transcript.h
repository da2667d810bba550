/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transcript.h - a file of tests/transcripts as lines and pieces (doc/writing-a-dialect.md)
 */
#ifndef CELLTLS_TESTS_TRANSCRIPT_H
#define CELLTLS_TESTS_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_PIECES 16
#define MAX_WORDS 24

/* A run of a ">" or "<" line: bytes as they stand, or so many of any. */
struct piece {
	uint8_t *bytes; /* NULL: {len bytes} */
	size_t len;
};

struct tline {
	unsigned number; /* in the file, from 1 */
	char kind;	 /* '@', '>', '<', '=' */
	char *text;	 /* the whole line */
	struct piece pieces[MAX_PIECES];
	unsigned n_pieces;
	char *words[MAX_WORDS]; /* of '@' and '=': "open", "host=example.org"; quotes gone */
	unsigned n_words;
};

struct transcript {
	char *path;
	struct tline *lines;
	size_t n;
	bool no_trace; /* a comment says "Trace not replayed": it holds {n bytes} where an answer was, say */
};

/* false, with a message on standard error, when it cannot be read. */
bool transcript_read(const char *path, struct transcript *ret);
void transcript_free(struct transcript *);

/* The value of "key=value"; NULL: not there. */
const char *tline_value(const struct tline *, const char *key);
long tline_number(const struct tline *, const char *key, long preset);

#endif
