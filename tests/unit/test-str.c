/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/str.h"

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
slips_of_the_pen_are_counted(void **state)
{
	(void)state;
	assert_int_equal(str_distance("gw0", "gw0"), 0);
	assert_int_equal(str_distance("gw0", "gw1"), 1);
	assert_int_equal(str_distance("cloud", "clud"), 1);
	assert_int_equal(str_distance("", "abc"), 3);
	assert_int_equal(str_distance("0123456789012345678901234567890a", "0123456789012345678901234567890b"), 0);
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
		cmocka_unit_test(slips_of_the_pen_are_counted),
		cmocka_unit_test(wiping_leaves_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
