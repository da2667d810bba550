/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command may hold: bounded, and nothing from outside that could end a string or a line.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "at/at-cmd.h"

static void
parameters_are_separated_and_quoted(void **state)
{
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 80);
	at_cmd_text(&c, "AT#SSLD=1");
	at_cmd_int(&c, 443);
	at_cmd_str(&c, "host.example");
	at_cmd_int(&c, -1);
	at_cmd_word(&c, "a.b_c-d+1");
	assert_int_equal(c.err, 0);
	assert_string_equal(c.text, "AT#SSLD=1,443,\"host.example\",-1,a.b_c-d+1");
	assert_int_equal(c.len, strlen(c.text));
}

static void
no_comma_behind_the_equals_sign(void **state)
{
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 80);
	at_cmd_text(&c, "AT+CPIN=");
	at_cmd_str(&c, "1234");
	at_cmd_str(&c, "");
	assert_string_equal(c.text, "AT+CPIN=\"1234\",\"\"");
}

/* Every byte value, in a string and in a word. */
static void
bytes_that_could_inject_are_refused(void **state)
{
	int b;

	(void)state;
	for (b = 1; b < 256; b++) {
		char s[] = { 'a', (char)b, 'z', '\0' };
		bool quoted = b >= 0x20 && b < 0x7f && b != '"' && b != '\\';
		bool bare = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || strchr(".+-_", b);
		struct at_cmd c;

		at_cmd_init(&c, 80);
		at_cmd_text(&c, "AT=");
		at_cmd_str(&c, s);
		assert_int_equal(c.err, quoted ? 0 : -EINVAL);
		if (c.err)
			assert_ptr_equal(c.what, s);
		at_cmd_init(&c, 80);
		at_cmd_text(&c, "AT=");
		at_cmd_word(&c, s);
		assert_int_equal(c.err, bare ? 0 : -EINVAL);
	}
}

static void
the_first_mistake_stays(void **state)
{
	static const char bad[] = "a\rb", good[] = "good";
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 10);
	at_cmd_text(&c, "AT=");
	at_cmd_str(&c, bad);
	at_cmd_str(&c, good);
	at_cmd_text(&c, "far more than ten bytes");
	at_cmd_int(&c, 5);
	assert_int_equal(c.err, -EINVAL);
	assert_ptr_equal(c.what, bad);
}

static void
the_command_buffer_is_full_to_the_byte(void **state)
{
	static const char ten[] = "0123456789";
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 15);
	at_cmd_text(&c, "AT=");
	at_cmd_str(&c, ten);
	assert_int_equal(c.err, 0);
	assert_int_equal(c.len, 15);
	at_cmd_text(&c, "x");
	assert_int_equal(c.err, -EMSGSIZE);

	at_cmd_init(&c, 14); /* the closing quote is one too many, and the string is to blame */
	at_cmd_text(&c, "AT=");
	at_cmd_str(&c, ten);
	assert_int_equal(c.err, -EMSGSIZE);
	assert_ptr_equal(c.what, ten);
}

/* What it is about must outlive the call: it goes into the error's text. */
static void
a_number_that_does_not_fit_is_named_safely(void **state)
{
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 5);
	at_cmd_text(&c, "AT=1");
	at_cmd_int(&c, 123456789);
	assert_int_equal(c.err, -EMSGSIZE);
	assert_string_equal(c.what, "a number");
}

static void
a_limit_of_nothing_or_too_much_is_our_own(void **state)
{
	char text[AT_CMD_MAX + 2];
	struct at_cmd c;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[AT_CMD_MAX] = '\0';
	at_cmd_init(&c, 0);
	at_cmd_text(&c, text);
	assert_int_equal(c.err, 0);
	at_cmd_init(&c, AT_CMD_MAX + 1);
	text[AT_CMD_MAX] = 'a';
	text[AT_CMD_MAX + 1] = '\0';
	at_cmd_text(&c, text);
	assert_int_equal(c.err, -EMSGSIZE);
	assert_int_equal(c.len, 0);
}

static void
a_text_made_of_several_is_checked_as_one(void **state)
{
	char host[AT_CMD_MAX + 40];
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 80);
	at_cmd_text(&c, "AT=1,address");
	at_cmd_strf(&c, "a.example", "x://%s:%u", "a.example", 443u);
	assert_int_equal(c.err, 0);
	assert_string_equal(c.text, "AT=1,address,\"x://a.example:443\"");
	at_cmd_init(&c, 80);
	at_cmd_strf(&c, "host", "x://%s", "a\",b");
	assert_int_equal(c.err, -EINVAL);
	assert_string_equal(c.what, "host");
	memset(host, 'a', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	at_cmd_init(&c, AT_CMD_MAX);
	at_cmd_strf(&c, "host", "x://%s", host);
	assert_int_equal(c.err, -EMSGSIZE);
	assert_string_equal(c.what, "host");
}

static void
a_builder_refuses_with_its_own_words(void **state)
{
	struct at_cmd c;

	(void)state;
	at_cmd_init(&c, 80);
	at_cmd_text(&c, "AT=");
	at_cmd_refuse(&c, -ENOKEY, "no key");
	at_cmd_int(&c, 1);
	at_cmd_refuse(&c, -EBADMSG, "later");
	assert_int_equal(c.err, -ENOKEY);
	assert_true(c.refused);
	assert_string_equal(c.what, "no key");
	at_cmd_init(&c, 2);
	at_cmd_text(&c, "AT=");
	at_cmd_refuse(&c, -ENOKEY, "no key");
	assert_int_equal(c.err, -EMSGSIZE);
	assert_false(c.refused);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_separated_and_quoted),
		cmocka_unit_test(no_comma_behind_the_equals_sign),
		cmocka_unit_test(bytes_that_could_inject_are_refused),
		cmocka_unit_test(the_first_mistake_stays),
		cmocka_unit_test(the_command_buffer_is_full_to_the_byte),
		cmocka_unit_test(a_number_that_does_not_fit_is_named_safely),
		cmocka_unit_test(a_limit_of_nothing_or_too_much_is_our_own),
		cmocka_unit_test(a_text_made_of_several_is_checked_as_one),
		cmocka_unit_test(a_builder_refuses_with_its_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
