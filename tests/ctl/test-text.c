/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of text from outside, how wide it is, and how tables fit the screen. */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "ctl/human.h"
#include "ctl/table.h"
#include "ctl/text.h"

static void
clean_is(const char *from, bool utf8, const char *to)
{
	AUTO(free) char *clean = text_clean(from, utf8);

	assert_string_equal(clean, to);
}

static void
nothing_invisible_reaches_the_terminal(void **state)
{
	(void)state;
	clean_is("plain \\ text", true, "plain \\ text");
	clean_is("\x1b[2J\r\n\x7f", true, "\\x1b[2J\\x0d\\x0a\\x7f");
	clean_is("\xc2\x9b" "31m", true, "\\u009b31m");
	clean_is("\xe2\x80\xae" "abc", true, "\\u202eabc");
	clean_is("\xf3\xa0\x80\x81", true, "\\ue0001");
	clean_is("\xc3\xa4\xe6\xbc\xa2", true, "\xc3\xa4\xe6\xbc\xa2");
	clean_is("\xc3\xa4", false, "\\u00e4");
}

static void
what_is_no_utf8_is_shown_as_bytes(void **state)
{
	(void)state;
	clean_is("a\xff" "b", true, "a\\xffb");
	clean_is("\xc0\xaf", true, "\\xc0\\xaf");		  /* longer than need be */
	clean_is("\xed\xa0\x80", true, "\\xed\\xa0\\x80");	  /* half of a pair */
	clean_is("\xf4\x90\x80\x80", true, "\\xf4\\x90\\x80\\x80"); /* above the last one */
	clean_is("\xe6\xbc", true, "\\xe6\\xbc");		  /* cut off */
}

static void
width_is_that_of_the_screen(void **state)
{
	(void)state;
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xa4"), 1);
	assert_int_equal(text_width("\xe6\xbc\xa2\xe5\xad\x97"), 4);
	assert_int_equal(text_width("b\xcc\x81"), 1); /* an accent of its own */
}

static void
cut_is(const char *from, unsigned width, bool utf8, const char *to)
{
	AUTO(free) char *cut = text_cut(from, width, utf8);

	assert_string_equal(cut, to);
	assert_true(text_width(cut) <= width);
}

static void
what_is_cut_shows_it(void **state)
{
	(void)state;
	cut_is("abcdef", 6, true, "abcdef");
	cut_is("abcdef", 4, true, "abc\xe2\x80\xa6");
	cut_is("abcdef", 4, false, "a...");
	cut_is("abcdef", 2, false, "..");
	cut_is("\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2", 4, true, "\xe6\xbc\xa2\xe2\x80\xa6");
}

struct page {
	char *text;
	size_t len;
	struct screen screen;
};

static void
page_open(struct page *p, unsigned width)
{
	p->screen = (struct screen){ .out = open_memstream(&p->text, &p->len), .width = width, .utf8 = true };
}

static void
page_is(struct page *p, const char *text)
{
	fclose(p->screen.out);
	assert_string_equal(p->text, text);
	free(p->text);
}

static void
long_text_is_wrapped_between_words(void **state)
{
	struct page p;

	(void)state;
	page_open(&p, 20);
	text_wrap(&p.screen, "one two three four five", 4, 10, PLAIN);
	page_is(&p, "one two\n    three four five\n");
	page_open(&p, 14);
	text_wrap(&p.screen, "abcdefghijklmnopqrstuvwxyz", 4, 4, PLAIN);
	page_is(&p, "abcdefghij\n    klmnopqrst\n    uvwxyz\n");
	page_open(&p, 0);
	text_wrap(&p.screen, "one two three", 4, 4, PLAIN);
	page_is(&p, "one two three\n");
	page_open(&p, 40);
	text_wrap(&p.screen, "", 4, 4, PLAIN);
	page_is(&p, "\n");
}

/* Whatever the width and the text, it ends, and nothing is lost. */
static void
wrapping_keeps_every_letter(void **state)
{
	static const char text[] = "a bb  ccc \xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2 ddddddddddddddddddddddd e";
	unsigned width, first;

	(void)state;
	for (width = 0; width < 60; width++)
		for (first = 0; first < 70; first++) {
			struct page p;
			const char *a = text, *b;

			page_open(&p, width);
			text_wrap(&p.screen, text, 3, first, PLAIN);
			fclose(p.screen.out);
			for (b = p.text; *a || *b;) {
				a += strspn(a, " ");
				b += strspn(b, " \n");
				assert_int_equal(*a, *b);
				a += *a != '\0';
				b += *b != '\0';
			}
			free(p.text);
		}
}

static void
a_table_fits_where_it_can(void **state)
{
	static const struct column columns[] = { { "NAME", .least = 4 }, { "N", .right = true }, { "TEXT", .least = 6 } };
	struct page p;
	struct table *t;

	(void)state;
	page_open(&p, 20);
	t = table_new(&p.screen, columns, 3);
	table_row(t);
	table_cell(t, PLAIN, "ab");
	table_cell(t, PLAIN, "1234");
	table_cell(t, PLAIN, "abcdefghijklm");
	table_note(t, PLAIN, "beneath it, in lines");
	table_row(t);
	table_cell(t, RED, "a\nb");
	table_cell(t, PLAIN, "");
	table_cell(t, PLAIN, "x");
	table_print(t);
	table_free(t);
	page_is(&p, "NAME      N  TEXT\n"
		    "ab     1234  abcdef\xe2\x80\xa6\n"
		    "  beneath it, in\n  lines\n"
		    "a\\x0\xe2\x80\xa6     -  x\n");
}

static void
bytes_is(uint64_t bytes, const char *text)
{
	AUTO(free) char *s = human_bytes(bytes);

	assert_string_equal(s, text);
}

static void
bytes_have_three_digits(void **state)
{
	(void)state;
	bytes_is(0, "0 B");
	bytes_is(999, "999 B");
	bytes_is(1000, "1.0 kB");
	bytes_is(99999, "99.9 kB");
	bytes_is(100000, "100 kB");
	bytes_is(999999, "999 kB");
	bytes_is(1000000, "1.0 MB");
	bytes_is(UINT64_MAX, "18.4 EB");
}

static void
away_is(int64_t when, int64_t now, const char *text)
{
	AUTO(free) char *s = human_away(when, now);

	assert_string_equal(s, text);
}

static void
moments_are_told_by_how_far_they_are(void **state)
{
	(void)state;
	away_is(1000, 1000, "now");
	away_is(1001, 1000, "in 1 second");
	away_is(1000, 1119, "1 minute ago");
	away_is(1000 + 3 * 86400 + 5, 1000, "in 3 days");
	away_is(0, INT64_MAX, "106751991167300 days ago");
	away_is(INT64_MAX, INT64_MIN, "in 213503982334601 days");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_invisible_reaches_the_terminal),
		cmocka_unit_test(what_is_no_utf8_is_shown_as_bytes),
		cmocka_unit_test(width_is_that_of_the_screen),
		cmocka_unit_test(what_is_cut_shows_it),
		cmocka_unit_test(long_text_is_wrapped_between_words),
		cmocka_unit_test(wrapping_keeps_every_letter),
		cmocka_unit_test(a_table_fits_where_it_can),
		cmocka_unit_test(bytes_have_three_digits),
		cmocka_unit_test(moments_are_told_by_how_far_they_are),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		puts("there is no locale C.UTF-8 here");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
