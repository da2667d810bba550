/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines as entries of the journal; sd_journal_sendv() is the one here. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/journal.h"

int sd_journal_sendv(const struct iovec *fields, int n);

static char sent[4000]; /* the fields of the last entry, each with a newline */
static int entries, answer;
static int stderr_was;

int
sd_journal_sendv(const struct iovec *fields, int n)
{
	int i;

	entries++;
	sent[0] = '\0';
	for (i = 0; i < n; i++) {
		strncat(sent, fields[i].iov_base, fields[i].iov_len);
		strcat(sent, "\n");
	}
	return answer;
}

/* Standard error is a file here, and that is the journal's stream by its numbers. */
static int
setup(void **state)
{
	struct stat st;
	char stream[64];
	FILE *file = tmpfile();

	*state = file;
	entries = answer = 0;
	log_sink = NULL;
	log_prefix = true;
	stderr_was = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	return 0;
}

static int
teardown(void **state)
{
	fflush(stderr);
	dup2(stderr_was, STDERR_FILENO);
	close(stderr_was);
	fclose(*state);
	journal_conf(NULL);
	log_sink = NULL;
	return 0;
}

static const char *
on_stderr(FILE *file)
{
	static char text[4000];
	size_t n;

	fflush(stderr);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	return text;
}

static void
a_line_about_a_modem_names_it_in_a_field(void **state)
{
	assert_true(journal_begin("/"));
	log_notice("modem", "gw0", "ready after %d s", 7);
	assert_string_equal(sent, "MESSAGE=modem gw0: ready after 7 s\nPRIORITY=5\nSYSLOG_IDENTIFIER=celltlsd\nCELLTLS_MODEM=gw0\n");
	assert_string_equal(on_stderr(*state), "");
}

static void
a_line_about_a_channel_names_its_modem_too(void **state)
{
	struct modem_conf modem = { .name = "gw0" };
	struct channel_conf channel = { .name = "cloud", .modem = "gw0" };
	struct conf conf = { .modems = &modem, .n_modems = 1, .channels = &channel, .n_channels = 1 };

	(void)state;
	assert_true(journal_begin("/"));
	journal_conf(&conf);
	log_warning("channel", "cloud", "refused");
	assert_string_equal(sent,
	    "MESSAGE=channel cloud: refused\nPRIORITY=4\nSYSLOG_IDENTIFIER=celltlsd\nCELLTLS_MODEM=gw0\nCELLTLS_CHANNEL=cloud\n");
	log_warning("channel", "new", "not in force yet");
	assert_string_equal(sent, "MESSAGE=channel new: not in force yet\nPRIORITY=4\nSYSLOG_IDENTIFIER=celltlsd\nCELLTLS_CHANNEL=new\n");
}

static void
a_line_about_neither_names_none(void **state)
{
	(void)state;
	assert_true(journal_begin("/"));
	log_info("daemon", NULL, "1 modems");
	assert_string_equal(sent, "MESSAGE=daemon: 1 modems\nPRIORITY=6\nSYSLOG_IDENTIFIER=celltlsd\n");
}

static void
a_long_line_is_cut_as_on_standard_error(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(journal_begin("/"));
	log_info("modem", "gw0", "%s", text);
	assert_in_range(strcspn(sent, "\n"), 1000, 1030);
	assert_non_null(strstr(sent, "\nPRIORITY=6\n"));
}

static void
what_the_journal_does_not_take_goes_to_standard_error(void **state)
{
	assert_true(journal_begin("/"));
	answer = -111; /* refused */
	log_info("modem", "gw0", "hello");
	assert_int_equal(entries, 1);
	assert_string_equal(on_stderr(*state), "<6>modem gw0: hello\n");
}

static void
another_stream_is_not_the_journal(void **state)
{
	setenv("JOURNAL_STREAM", "1:2", 1);
	assert_false(journal_begin("/"));
	unsetenv("JOURNAL_STREAM");
	assert_false(journal_begin("/"));
	log_info("modem", "gw0", "hello");
	assert_int_equal(entries, 0);
	assert_string_equal(on_stderr(*state), "<6>modem gw0: hello\n");
}

static void
without_the_socket_standard_error_stays(void **state)
{
	(void)state;
	assert_false(journal_begin("/nowhere/socket"));
	assert_null(log_sink);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_about_a_modem_names_it_in_a_field, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_about_a_channel_names_its_modem_too, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_about_neither_names_none, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_line_is_cut_as_on_standard_error, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_journal_does_not_take_goes_to_standard_error, setup, teardown),
		cmocka_unit_test_setup_teardown(another_stream_is_not_the_journal, setup, teardown),
		cmocka_unit_test_setup_teardown(without_the_socket_standard_error_stays, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
