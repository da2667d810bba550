/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-seeds - transcripts as programs for fuzz-at: at-seeds FOLDER TRANSCRIPT...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transcripts/transcript.h"

/* In the order of fuzz-at's table. */
static const char *const names[] = { "wake", "identify", "setup", "sim", "sim_unlock", "registration", "attach", "context_up", "look",
	"tls_up", "open", "send", "receive", "status", "suspend", "check", "resume", "close", "slot_list", "slot_read", "slot_write",
	"slot_delete" };

static void
say(FILE *f, const uint8_t *bytes, size_t len)
{
	size_t n;

	for (; len; len -= n, bytes += n) {
		n = len < 64 ? len : 64;
		fputc(0x80 | (int)(n - 1), f);
		fwrite(bytes, 1, n, f);
	}
}

static void
one_line(FILE *f, const struct tline *l)
{
	static const uint8_t filler[2048];
	unsigned i;

	switch (l->kind) {
	case '@':
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (!strcmp(l->words[0], names[i]))
				fputc((int)i | (i == 10 && tline_number(l, "suite", 3) == 0 ? 32 : 0), f);
		if (!strcmp(l->words[0], "verdict"))
			fputc(tline_number(l, "open", 0) ? 0xc5 : 0xc6, f);
		if (!strcmp(l->words[0], "up"))
			fputc(0xc3, f);
		break;
	case '>':
		/* 28 ms: the gap between commands; 7,168 ms: the guard times around an escape */
		fputc(l->n_pieces && l->pieces[0].bytes && l->pieces[0].bytes[0] == '+' ? 0x40 | 5 << 3 | 3 : 0x40 | 1 << 3 | 7, f);
		break;
	case '<':
		for (i = 0; i < l->n_pieces; i++)
			say(f, l->pieces[i].bytes ? l->pieces[i].bytes : filler, l->pieces[i].len < 2048 ? l->pieces[i].len : 2048);
		break;
	default:
		break;
	}
}

static int
one_file(const char *folder, const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct transcript t;
	char out[1000];
	size_t i;
	FILE *f;

	snprintf(out, sizeof(out), "%s/%.*s", folder, (int)strcspn(base, "."), base);
	if (!transcript_read(path, &t))
		return 1;
	f = fopen(out, "w");
	if (!f) {
		perror(out);
		return 1;
	}
	fputc((strstr(base, "3g") || strstr(base, "text") ? 8 : 0) | (strstr(base, "counted") ? 2 : 0) | (strstr(base, "fast") ? 4 : 0), f);
	for (i = 0; i < t.n; i++)
		one_line(f, &t.lines[i]);
	transcript_free(&t);
	return fclose(f) != 0;
}

int
main(int argc, char **argv)
{
	int i, failed = argc < 3;

	for (i = 2; i < argc; i++)
		failed |= one_file(argv[1], argv[i]);
	return failed;
}
