/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static void
a_copy_is_cut_and_always_ends(void **state)
{
	char s[4];

	(void)state;
	assert_true(str_copy(s, sizeof(s), "abc"));
	assert_string_equal(s, "abc");
	assert_false(str_copy(s, sizeof(s), "abcd"));
	assert_string_equal(s, "abc");
	assert_false(str_copy(s, 0, ""));
}

static void
text_is_added_at_the_end_and_cut(void **state)
{
	char s[8] = "";

	(void)state;
	str_add(s, sizeof(s), "%d-", 12);
	str_add(s, sizeof(s), "%s", "abcdefgh");
	assert_string_equal(s, "12-abcd");
	str_add(s, sizeof(s), "x");
	assert_string_equal(s, "12-abcd");
}

static void
bytes_from_outside_become_printable(void **state)
{
	char s[64];

	(void)state;
	assert_string_equal(str_escape(s, sizeof(s), "a\r\n\t\\\x1b\0\xff", 8), "a\\r\\n\\t\\\\\\x1b\\x00\\xff");
	assert_string_equal(str_escape(s, sizeof(s), NULL, 0), "");
}

/* Whatever the room: inside dst, ended, and cut ones say so where "..." fits. */
static void
escaping_never_leaves_its_room(void **state)
{
	char s[40];
	size_t size, len;

	(void)state;
	for (size = 1; size <= 32; size++)
		for (len = 0; len <= 20; len++) {
			memset(s, '#', sizeof(s));
			str_escape(s, size, "ab\r\x01xyz\xf0\n0123456789ABC", len);
			assert_true(strnlen(s, size) < size);
			assert_int_equal(s[size], '#');
		}
	assert_string_equal(str_escape(s, 6, "abcdefgh", 8), "ab...");
	assert_string_equal(str_escape(s, 12, "abcdefgh", 8), "abcdefgh");
}

static void
patterns_ignore_case(void **state)
{
	(void)state;
	assert_true(str_matches("GE865-QUAD", "ge86[45]*"));
	assert_false(str_matches("HE910", "ge*"));
	assert_true(str_starts("+CME ERROR", "+CME"));
	assert_false(str_starts("+C", "+CME"));
}

static void
the_nearest_word_was_meant(void **state)
{
	unsigned best = STR_FAR;

	(void)state;
	assert_false(str_nearer("reload", "clud", &best));
	assert_true(str_nearer("cloudy", "clud", &best));
	assert_true(str_nearer("cloud", "clud", &best));
	assert_int_equal(best, 1);
	assert_false(str_nearer("clyd", "clud", &best));
	best = STR_FAR;
	assert_false(str_nearer("gw", "ab", &best));
	assert_false(str_nearer("", "abc", &best));
	assert_true(str_nearer("0123456789012345678901234567890a", "0123456789012345678901234567890b", &best));
}

static void
what_is_no_utf8_is_mended(void **state)
{
	static const char *const wrong[] = { "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xef\xbf\xbe", "\xe2\x82", "\x80" };
	char s[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x92z\xe2\x82";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(utf8_valid(wrong[i]));
	assert_false(utf8_valid(s));
	utf8_mend(s);
	assert_string_equal(s, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x92z??");
	assert_true(utf8_valid(s));
}

static void
wiping_leaves_zeros(void **state)
{
	char s[] = "1234";

	(void)state;
	wipe(s, 4);
	assert_memory_equal(s, "\0\0\0\0", 4);
	wipe(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_cut_and_always_ends),
		cmocka_unit_test(text_is_added_at_the_end_and_cut),
		cmocka_unit_test(bytes_from_outside_become_printable),
		cmocka_unit_test(escaping_never_leaves_its_room),
		cmocka_unit_test(patterns_ignore_case),
		cmocka_unit_test(the_nearest_word_was_meant),
		cmocka_unit_test(what_is_no_utf8_is_mended),
		cmocka_unit_test(wiping_leaves_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
