/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cursor over one line of the module: whatever it says, numbers are bounded and strings cut.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "at/at-line.h"

static struct at_line
line(const char *text)
{
	struct at_line l;

	at_line_init(&l, text, strcspn(text, ":") + (strchr(text, ':') != NULL));
	return l;
}

static void
numbers_with_and_without_blanks(void **state)
{
	static const char *const forms[] = { "+X:1,-2,3", "+X: 1,-2,3", "+X:  1 , -2 ,3 " };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct at_line l = line(forms[i]);

		assert_int_equal(at_line_fields(&l), 3);
		assert_int_equal(at_line_int(&l), 1);
		assert_int_equal(at_line_int(&l), -2);
		assert_true(at_line_more(&l));
		assert_int_equal(at_line_int(&l), 3);
		assert_false(at_line_more(&l));
		assert_int_equal(at_line_check(&l), 0);
	}
}

static void
a_number_that_is_none_is_a_mistake(void **state)
{
	static const char *const bad[] = { "+X:", "+X: ", "+X: a", "+X: -", "+X: 1a", "+X: 1 2", "+X: \"1\"", "+X: 1234567890",
		"+X: 99999999999999999999", "+X: --1", "+X: ,1" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct at_line l = line(bad[i]);

		assert_int_equal(at_line_int(&l), -1);
		assert_int_equal(at_line_check(&l), -EBADMSG);
		assert_int_equal(at_line_int(&l), -1); /* and stays one */
	}
}

static void
the_longest_numbers(void **state)
{
	struct at_line l = line("+X: 999999999,-999999999,000000001");

	(void)state;
	assert_int_equal(at_line_int(&l), 999999999);
	assert_int_equal(at_line_int(&l), -999999999);
	assert_int_equal(at_line_int(&l), 1);
	assert_int_equal(at_line_check(&l), 0);
}

static void
presets_where_nothing_stands(void **state)
{
	struct at_line l = line("+X: ,7,");

	(void)state;
	assert_int_equal(at_line_int_or(&l, 42), 42);
	assert_int_equal(at_line_int_or(&l, 42), 7);
	assert_int_equal(at_line_int_or(&l, 42), 42);
	assert_int_equal(at_line_int_or(&l, 42), 42);
	assert_int_equal(at_line_check(&l), 0);
	l = line("+X: x");
	assert_int_equal(at_line_int_or(&l, 42), -1);
	assert_int_equal(at_line_check(&l), -EBADMSG);
}

static void
strings_quoted_bare_and_cut(void **state)
{
	struct at_line l = line("+X: \"a,b\",bare,\"\",,\"0123456789\",x");
	char s[6];

	(void)state;
	assert_int_equal(at_line_fields(&l), 6);
	at_line_str(&l, s, sizeof(s));
	assert_string_equal(s, "a,b");
	at_line_str(&l, s, sizeof(s));
	assert_string_equal(s, "bare");
	at_line_str(&l, s, sizeof(s));
	assert_string_equal(s, "");
	at_line_str(&l, s, sizeof(s));
	assert_string_equal(s, "");
	at_line_str(&l, s, sizeof(s));
	assert_string_equal(s, "01234");
	assert_string_equal(at_line_rest(&l), "x");
	assert_false(at_line_more(&l));
	assert_int_equal(at_line_check(&l), 0);
	at_line_str(&l, s, sizeof(s));
	assert_string_equal(s, "");
	assert_int_equal(at_line_check(&l), 0);
}

static void
a_quote_that_does_not_end_is_a_mistake(void **state)
{
	static const char *const bad[] = { "+X: \"abc", "+X: \"", "+X: \"a\"b,c" };
	char s[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct at_line l = line(bad[i]);

		at_line_str(&l, s, sizeof(s));
		assert_int_equal(at_line_check(&l), -EBADMSG);
		assert_true(*l.at == '\0' || *l.at == 'b'); /* never behind the end */
	}
}

static void
a_string_into_no_room(void **state)
{
	struct at_line l = line("+X: abc,1");
	char one = 'x';

	(void)state;
	at_line_str(&l, &one, 1);
	assert_int_equal(one, '\0');
	assert_int_equal(at_line_int(&l), 1);
	l = line("+X: abc,1");
	at_line_str(&l, NULL, 0);
	assert_int_equal(at_line_int(&l), 1);
}

static void
fields_are_counted_outside_quotes(void **state)
{
	struct at_line l = line("+X:");

	(void)state;
	assert_int_equal(at_line_fields(&l), 0);
	l = line("+X: 1");
	assert_int_equal(at_line_fields(&l), 1);
	l = line("+X: \"a,b,c\",2");
	assert_int_equal(at_line_fields(&l), 2);
}

static void
payload_is_announced(void **state)
{
	struct at_line l = line("+X: 5");

	(void)state;
	at_line_payload(&l, 5);
	assert_int_equal(l.payload, 5);
	at_line_until(&l, "EOF");
	assert_string_equal(l.pattern, "EOF");
	at_line_payload(&l, -1);
	assert_int_equal(at_line_check(&l), -EBADMSG);
	assert_int_equal(l.payload, 5);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_with_and_without_blanks),
		cmocka_unit_test(a_number_that_is_none_is_a_mistake),
		cmocka_unit_test(the_longest_numbers),
		cmocka_unit_test(presets_where_nothing_stands),
		cmocka_unit_test(strings_quoted_bare_and_cut),
		cmocka_unit_test(a_quote_that_does_not_end_is_a_mistake),
		cmocka_unit_test(a_string_into_no_room),
		cmocka_unit_test(fields_are_counted_outside_quotes),
		cmocka_unit_test(payload_is_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
