/* SPDX-License-Identifier: Apache-2.0 */
/* Values, and what is written of them for programs: JSON and Prometheus. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "ctl/json.h"
#include "ctl/prometheus.h"
#include "ctl/value.h"

static void
json_is(struct value v, bool in_lines, const char *expected)
{
	AUTO(free) char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	json_write(f, &v, in_lines);
	fclose(f);
	assert_string_equal(text, expected);
	value_deinit(&v);
}

static void
strings_are_valid_json_whatever_they_hold(void **state)
{
	(void)state;
	json_is(value_string(""), false, "\"\"\n");
	json_is(value_string("a\"b\\c/d"), false, "\"a\\\"b\\\\c/d\"\n");
	json_is(value_string("\n\t\x01\x1f\x7f\xc2\x9b"), false, "\"\\n\\u0009\\u0001\\u001f\\u007f\\u009b\"\n");
	json_is(value_string("\xc3\xa4\xf0\x9f\x98\x80"), false, "\"\xc3\xa4\xf0\x9f\x98\x80\"\n");
	json_is(value_string("a\xff\xe6\xbc"), false, "\"a\\ufffd\\ufffd\\ufffd\"\n");
}

static void
numbers_are_exact(void **state)
{
	(void)state;
	json_is(value_uint(UINT64_MAX), false, "18446744073709551615\n");
	json_is((struct value){ .kind = VALUE_INT, .i = INT64_MIN }, false, "-9223372036854775808\n");
	json_is((struct value){ .kind = VALUE_BOOL, .b = true }, false, "true\n");
	json_is((struct value){ .kind = VALUE_DOUBLE, .d = 0.5 }, false, "0.5\n");
	json_is((struct value){ .kind = VALUE_DOUBLE, .d = NAN }, false, "null\n");
}

static struct value
a_tree(void)
{
	struct value map = value_map(), list = value_list();

	value_append(&list, value_uint(1));
	value_append(&list, value_string("x"));
	value_put(&map, "A", list);
	value_put(&map, "B\"", value_map());
	value_put(&map, "C", value_list());
	return map;
}

static void
trees_are_written_in_lines_or_in_one(void **state)
{
	(void)state;
	json_is(a_tree(), false, "{\"A\": [1, \"x\"], \"B\\\"\": {}, \"C\": []}\n");
	json_is(a_tree(), true, "{\n  \"A\": [\n    1,\n    \"x\"\n  ],\n  \"B\\\"\": {},\n  \"C\": []\n}\n");
}

static void
what_is_not_there_is_nothing(void **state)
{
	struct value map = a_tree();

	(void)state;
	assert_null(value_get(&map, "Z"));
	assert_string_equal(value_text(&map, "Z"), "");
	assert_string_equal(value_text(&map, "A"), "");
	assert_int_equal(value_number(&map, "A"), 0);
	assert_int_equal(value_many(&map, "Z")->many.n, 0);
	assert_int_equal(value_many(&map, "A")->many.n, 2);
	value_deinit(&map);
	value_deinit(&map);
}

static void
signs_are_kept_and_told_apart(void **state)
{
	struct value map = value_map();

	(void)state;
	value_put(&map, "I", (struct value){ .kind = VALUE_INT, .i = -71 });
	value_put(&map, "U", value_uint(UINT64_MAX));
	assert_int_equal(value_signed(&map, "I"), -71);
	assert_int_equal(value_number(&map, "I"), 0);
	assert_int_equal(value_signed(&map, "U"), 0);
	value_deinit(&map);
}

static void
a_copy_is_the_same_until_one_is_changed(void **state)
{
	struct value map = a_tree(), copy = value_copy(&map);

	(void)state;
	assert_true(value_same(&map, &copy));
	value_put(&copy, "A", value_uint(1));
	assert_false(value_same(&map, &copy));
	assert_int_equal(copy.many.n, 3);
	value_deinit(&map);
	value_deinit(&copy);
}

static void
labels_are_valid_whatever_they_hold(void **state)
{
	AUTO(free) char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	prometheus_family(f, "x_total", "counter", "Help.");
	prometheus_sample(f, "x_total", (const char *const[]){ "a", "q\"b\\n\nl\xff", "b", "\xc3\xa4", NULL });
	fclose(f);
	assert_string_equal(text, "# HELP x_total Help.\n# TYPE x_total counter\n"
				  "x_total{a=\"q\\\"b\\\\n\\nl\xef\xbf\xbd\",b=\"\xc3\xa4\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_valid_json_whatever_they_hold),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(trees_are_written_in_lines_or_in_one),
		cmocka_unit_test(what_is_not_there_is_nothing),
		cmocka_unit_test(signs_are_kept_and_told_apart),
		cmocka_unit_test(a_copy_is_the_same_until_one_is_changed),
		cmocka_unit_test(labels_are_valid_whatever_they_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
