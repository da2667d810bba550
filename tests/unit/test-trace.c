/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace is a transcript: one line per line end, whatever pieces the bytes came
 * in; secrets are lengths always, payload unless it was asked for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/trace.h"

static char path[] = "test-trace.XXXXXX";
static char got[16384];

static struct trace *
open_one(bool payload)
{
	struct trace *t;

	unlink(path);
	t = trace_open(path, payload);
	assert_non_null(t);
	return t;
}

static const char *
written(struct trace *t)
{
	FILE *f;
	size_t n;

	trace_close(t);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	got[n] = '\0';
	fclose(f);
	return got;
}

static void
put(struct trace *t, enum at_trace kind, const char *text)
{
	trace_bytes(t, kind, text, strlen(text));
}

static void
a_line_of_the_file_is_a_line_of_the_wire(void **state)
{
	struct trace *t = open_one(false);

	(void)state;
	trace_note(t, "@ status");
	put(t, AT_TRACE_OUT, "AT#SSLS=1");
	put(t, AT_TRACE_OUT, "\r");
	put(t, AT_TRACE_IN, "\r\n#SSLS");
	put(t, AT_TRACE_IN, ": 1,2,3\r\n\r\nO");
	put(t, AT_TRACE_IN, "K\r\n");
	put(t, AT_TRACE_OUT, "+++");
	trace_note(t, "= 0");
	assert_string_equal(written(t),
	    "@ status\n"
	    "> AT#SSLS=1\\r\n"
	    "< \\r\\n#SSLS: 1,2,3\\r\\n\n"
	    "< \\r\\nOK\\r\\n\n"
	    "> +++\n"
	    "= 0\n");
}

static void
payload_and_secrets_are_lengths(void **state)
{
	struct trace *t = open_one(false);

	(void)state;
	put(t, AT_TRACE_OUT_SECRET, "AT+CPIN=\"1234\"");
	put(t, AT_TRACE_OUT, "\r");
	put(t, AT_TRACE_IN, "\r\n#SSLRECV: 5\r\n");
	put(t, AT_TRACE_IN_PAYLOAD, "he");
	put(t, AT_TRACE_IN_PAYLOAD, "llo");
	put(t, AT_TRACE_IN, "\r\n\r\nOK\r\n");
	put(t, AT_TRACE_OUT_PAYLOAD, "abc");
	put(t, AT_TRACE_IN_SECRET, "xy");
	trace_bytes(t, AT_TRACE_OUT_SECRET, NULL, 7);
	assert_string_equal(written(t),
	    "> {14 bytes}\\r\n"
	    "< \\r\\n#SSLRECV: 5\\r\\n\n"
	    "< {5 bytes}\\r\\n\n"
	    "< \\r\\nOK\\r\\n\n"
	    "> {3 bytes}\n"
	    "< {2 bytes}\n"
	    "> {7 bytes}\n");
}

static void
payload_in_clear_where_asked_for_but_never_a_secret(void **state)
{
	struct trace *t = open_one(true);

	(void)state;
	put(t, AT_TRACE_OUT_PAYLOAD, "GET / {x}\t\x1a\xff\\\n");
	put(t, AT_TRACE_OUT_SECRET, "key");
	assert_string_equal(written(t), "> GET / \\x7bx}\\x09\\x1a\\xff\\\\\\n\n> {3 bytes}\n");
}

static void
a_line_that_never_ends_is_written_in_pieces(void **state)
{
	struct trace *t = open_one(true);
	char bytes[9000];
	size_t n = 0;
	const char *p;

	(void)state;
	memset(bytes, '\x01', sizeof(bytes));
	trace_bytes(t, AT_TRACE_IN, bytes, sizeof(bytes) / 4);
	for (p = written(t); (p = strstr(p, "\\x01")); p += 4)
		n++;
	assert_int_equal(n, sizeof(bytes) / 4);
}

static void
nobody_else_may_read_it(void **state)
{
	struct trace *t = open_one(false);
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	trace_close(t);
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_null(trace_open(path, false)); /* somebody else's place */
	assert_int_equal(errno, ELOOP);
	unlink(path);
	trace_close(NULL);
	trace_bytes(NULL, AT_TRACE_IN, "x", 1);
	trace_note(NULL, "@ x");
}

static int
make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
drop_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_the_file_is_a_line_of_the_wire),
		cmocka_unit_test(payload_and_secrets_are_lengths),
		cmocka_unit_test(payload_in_clear_where_asked_for_but_never_a_secret),
		cmocka_unit_test(a_line_that_never_ends_is_written_in_pieces),
		cmocka_unit_test(nobody_else_may_read_it),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
