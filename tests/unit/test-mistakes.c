/* SPDX-License-Identifier: Apache-2.0 */
/* What an admin who asks for a reload is told of its mistakes. */
#include "unit.h"

#include <string.h>

#include "base/log.h"
#include "daemon/mistakes.h"

static int
quietly(void **state)
{
	(void)state;
	log_level = 0;
	return 0;
}

static void
each_has_a_line_with_what_it_is_of(void **state)
{
	struct mistakes m = { 0 };

	(void)state;
	mistakes_add(&m, "modem", "gw0", "certificates: slot %s: damaged", "ca");
	mistakes_add(&m, "daemon", NULL, "no room");
	mistakes_add(NULL, "daemon", NULL, "for the log alone");
	mistakes_close(&m);
	assert_string_equal(m.text, "modem gw0: certificates: slot ca: damaged\ndaemon: no room");
}

static void
warnings_are_no_mistakes(void **state)
{
	struct conf_mistake v[] = { { 1, true, (char *)"f:1: odd" }, { 2, false, (char *)"f:2: wrong" }, { 3, false, (char *)"f:3: too" } };
	const struct conf_report report = { .v = v, .n = 3, .errors = 2 };
	struct mistakes m = { 0 };

	(void)state;
	mistakes_report(&m, &report);
	mistakes_close(&m);
	assert_string_equal(m.text, "f:2: wrong\nf:3: too");
}

static void
what_has_no_room_is_counted(void **state)
{
	struct mistakes m = { 0 };
	char line[101];
	int i;

	(void)state;
	memset(line, 'x', 100);
	line[100] = '\0';
	for (i = 0; i < 1000; i++)
		mistakes_add(&m, "daemon", NULL, "%s", line);
	mistakes_close(&m);
	assert_true(strlen(m.text) < sizeof(m.text));
	assert_string_equal(strrchr(m.text, '\n'), "\nand 991 more; the log has all of them"); /* 9 lines of 108 bytes fit */
}

static void
one_that_is_longer_than_all_room_is_cut(void **state)
{
	struct conf_mistake v[] = { { 1, false, NULL }, { 2, false, (char *)"f:2: wrong" } };
	const struct conf_report report = { .v = v, .n = 2, .errors = 2 };
	struct mistakes m = { 0 };
	char line[3001];

	(void)state;
	memset(line, 'x', 3000);
	line[3000] = '\0';
	v[0].text = line;
	mistakes_report(&m, &report);
	mistakes_close(&m);
	assert_int_equal(strspn(m.text, "x"), sizeof(m.text) - 41);
	assert_string_equal(strrchr(m.text, '\n'), "\nand 1 more; the log has all of them");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_a_line_with_what_it_is_of),
		cmocka_unit_test(warnings_are_no_mistakes),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(one_that_is_longer_than_all_room_is_cut),
	};

	return cmocka_run_group_tests(tests, quietly, NULL);
}
