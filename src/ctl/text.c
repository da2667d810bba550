/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/text.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.h"
#include "base/xalloc.h"

#define NARROWEST 40 /* columns; below that nothing is readable, so it is as if there were so many */

static unsigned
width_of(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	char *end = NULL;
	unsigned long width = columns ? strtoul(columns, &end, 10) : 0;

	if (!end || *end || width > 1000)
		width = 0;
	if (!width && isatty(fileno(out)))
		width = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	return width && width < NARROWEST ? NARROWEST : (unsigned)width;
}

struct screen
screen_of(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return (struct screen){
		.out = out,
		.width = width_of(out),
		.colour = isatty(fileno(out)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0,
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};
}

/* Marks that turn text around or break lines: what is read would not be what is there. */
static bool
is_misleading(uint32_t c)
{
	return c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000;
}

static bool
is_visible(uint32_t c, bool utf8)
{
	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	return utf8 && c >= 0xa0 && !is_misleading(c) && wcwidth((wchar_t)c) >= 0;
}

char *
text_clean(const char *s, bool utf8)
{
	size_t len = strlen(s), n;
	char *clean = xcalloc(len + 1, 4), *out = clean; /* a byte becomes \xHH at most, four of them \uHHHHHH */
	uint32_t c;

	for (; len; s += n, len -= n) {
		n = utf8_next(s, len, &c);
		if (c && is_visible(c, utf8)) {
			memcpy(out, s, n);
			out += n;
		} else if (c < 0x100 && n == 1) {
			out += sprintf(out, "\\x%02x", (unsigned char)*s);
		} else {
			out += sprintf(out, "\\u%04x", (unsigned)c);
		}
	}
	return clean;
}

/* The bytes of the longest beginning that fits, and how wide that is. */
static size_t
fitting(const char *clean, unsigned width, unsigned *ret_width)
{
	size_t at = 0, len = strlen(clean);
	uint32_t c;

	*ret_width = 0;
	while (at < len) {
		size_t n = utf8_next(clean + at, len - at, &c);
		int w = c < 0x80 ? 1 : wcwidth((wchar_t)c);

		if (w > 0 && (unsigned)w > width - *ret_width)
			break;
		*ret_width += w > 0 ? (unsigned)w : 0;
		at += n;
	}
	return at;
}

unsigned
text_width(const char *clean)
{
	unsigned width;

	fitting(clean, UINT32_MAX, &width);
	return width;
}

char *
text_cut(const char *clean, unsigned width, bool utf8)
{
	unsigned dots = utf8 ? 1 : 3, used;
	size_t n;

	if (text_width(clean) <= width)
		return xstrdup(clean);
	n = fitting(clean, width > dots ? width - dots : 0, &used);
	return xasprintf("%.*s%.*s", (int)n, clean, utf8 ? 3 : (int)(width < dots ? width : dots), utf8 ? "…" : "...");
}

/* The bytes of what goes on a line of that width: whole words, where they fit at all. */
static size_t
line_of(const char *clean, unsigned width)
{
	unsigned used;
	size_t n = fitting(clean, width, &used), cut = n;

	if (!clean[n])
		return n;
	while (cut && clean[cut] != ' ')
		cut--;
	return cut ? cut : n ? n : strlen(clean);
}

void
text_wrap(const struct screen *s, const char *clean, unsigned indent, unsigned first, enum colour colour)
{
	unsigned room = s->width > indent + 10 ? s->width - indent : s->width ? 10 : UINT32_MAX;
	unsigned room_first = s->width && first > indent && first - indent < room - 1 ? room - (first - indent) : room;

	for (;;) {
		size_t n = line_of(clean, room_first);

		fprintf(s->out, "%s%.*s%s\n", colour_on(s, colour), (int)n, clean, colour_off(s, colour));
		clean += n + strspn(clean + n, " ");
		if (!*clean)
			return;
		fprintf(s->out, "%*s", (int)indent, "");
		room_first = room;
	}
}

const char *
colour_on(const struct screen *s, enum colour colour)
{
	static const char *const codes[] = {
		[PLAIN] = "", [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [RED] = "\033[31m", [BOLD] = "\033[1m", [DIM] = "\033[2m",
	};

	return s->colour ? codes[colour] : "";
}

const char *
colour_off(const struct screen *s, enum colour colour)
{
	return s->colour && colour != PLAIN ? "\033[0m" : "";
}
