/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any line under the cursor, any order of its calls: no byte read behind the end, nothing written behind a buffer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "at/at-cmd.h"
#include "at/at-line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
one_call(struct at_line *l, uint8_t what)
{
	char *s = malloc(what % 32 + 1u); /* of its own, so that one byte too many is seen */
	long n;

	switch (what >> 5) {
	case 0:
	case 1:
		n = at_line_int(l);
		if (n > 999999999 || n < -999999999)
			abort();
		break;
	case 2:
		at_line_int_or(l, 7);
		break;
	case 3:
	case 4:
		memset(s, 'x', what % 32 + 1u);
		at_line_str(l, s, what % 32 + 1u);
		if (strlen(s) > what % 32u)
			abort();
		break;
	case 5:
		if (at_line_more(l) && at_line_fields(l) < 1)
			abort();
		break;
	case 6:
		at_line_payload(l, what % 32 - 4);
		break;
	default:
		at_line_rest(l);
		if (at_line_more(l))
			abort();
	}
	free(s);
}

/* What the builder lets through can be a command and nothing else. */
static void
build(const char *text)
{
	struct at_cmd c;

	at_cmd_init(&c, 80);
	at_cmd_text(&c, "AT=");
	at_cmd_str(&c, text);
	at_cmd_word(&c, text);
	at_cmd_int(&c, 5);
	if (c.len > 80 || strlen(c.text) != c.len || strpbrk(c.text, "\r\n\x1a\x1b\\"))
		abort();
	if (!c.err && (strlen(text) * 2 + 8 != c.len))
		abort();
	if (c.err && (!c.what || strlen(c.what) > strlen(text) + 8))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t calls = size ? data[0] % 16u : 0, i;
	struct at_line l;
	char *text;

	if (size < calls + 1)
		return 0;
	text = malloc(size - calls);
	memcpy(text, data + calls + 1, size - calls - 1);
	text[size - calls - 1] = '\0';
	at_line_init(&l, text, 0);
	for (i = 0; i < calls; i++)
		one_call(&l, data[i + 1]);
	if (at_line_check(&l) > 0 || l.at > text + strlen(text))
		abort();
	build(text);
	free(text);
	return 0;
}
