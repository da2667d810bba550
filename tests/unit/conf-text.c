/* SPDX-License-Identifier: Apache-2.0 */
#include "conf-text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"

char *
report_text(const struct conf_report *r)
{
	size_t size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	conf_report_print(r, f);
	fclose(f);
	return text;
}

int
says_len(const char *text, size_t len, unsigned flags, const char *expected)
{
	struct conf_report r = CONF_REPORT_INIT;
	AUTO(conf_free) struct conf *c = NULL;
	AUTO(free) char *got = NULL;
	int result = conf_load_text("t.conf", text, len, flags, &c, &r);

	got = report_text(&r);
	assert_string_equal(got, expected);
	assert_int_equal(result, r.errors ? -EINVAL : 0);
	assert_true((c == NULL) == (result < 0));
	conf_report_deinit(&r);
	return result;
}

void
says(const char *text, const char *expected)
{
	says_len(text, strlen(text), CONF_NO_FILES, expected);
}

struct conf *
good(const char *text)
{
	struct conf_report r = CONF_REPORT_INIT;
	struct conf *c = NULL;
	AUTO(free) char *got = NULL;

	conf_load_text("t.conf", text, strlen(text), CONF_NO_FILES, &c, &r);
	got = report_text(&r);
	assert_string_equal(got, "");
	assert_non_null(c);
	conf_report_deinit(&r);
	return c;
}

void
modem_says(const char *keys, const char *expected)
{
	AUTO(free) char *text = xasprintf("%s\n%s\n%s", MODEM_HEAD, keys, MODEM_TAIL);

	says(text, expected);
}

void
channel_says(const char *keys, const char *expected)
{
	AUTO(free) char *text = xasprintf("%s%s%s\n%s", MODEM, CHANNEL_HEAD, keys, CHANNEL_TAIL);

	says(text, expected);
}

void
tls_says(const char *keys, const char *expected)
{
	AUTO(free) char *text = xasprintf("%s%s%s\n%s", MODEM, TLS_HEAD, keys, TLS_TAIL);

	says(text, expected);
}
