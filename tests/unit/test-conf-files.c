/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of the host: secret files, named files, users and groups, the file itself.
 */
#include "conf-text.h"

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/secret.h"

struct place {
	char dir[64];
	char file[128];
};

static void
put(const char *path, const char *text, mode_t mode)
{
	FILE *f;

	unlink(path); /* the last one may be closed to its owner */
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/test-conf-XXXXXX");
	if (!mkdtemp(p->dir) || chmod(p->dir, 0755) < 0)
		return -1;
	sprintf(p->file, "%s/file", p->dir);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	rmdir(p->dir);
	free(p);
	return 0;
}

static void
secret_says(const char *spec, int result, const char *why_not)
{
	AUTO(secret_free) struct secret *s = NULL;
	char why[512] = "";

	assert_int_equal(conf_secret_read(spec, &s, why, sizeof(why)), result);
	assert_string_equal(why, why_not);
}

static void
secrets_are_read_and_chomped(void **state)
{
	struct place *p = *state;
	AUTO(secret_free) struct secret *s = NULL;
	AUTO(free) char *spec = xasprintf("file:%s", p->file);
	char why[512];

	put(p->file, "1234\r\n", 0640);
	assert_int_equal(conf_secret_read(spec, &s, why, sizeof(why)), 0);
	assert_int_equal(s->len, 6);
	secret_chomp(s);
	assert_string_equal((char *)s->data, "1234");
}

static void
open_modes_are_refused(void **state)
{
	static const mode_t bad[] = { 0644, 0641, 0660, 0700, 0650, 04640 };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(free) char *why = xasprintf("%s: its mode is %04o, which is too open for a secret (chmod 0640 %s)", p->file, bad[i],
						 p->file);

		put(p->file, "1234", bad[i]);
		secret_says(p->file, -EACCES, why);
	}
	put(p->file, "1234", 0600);
	secret_says(p->file, 0, "");
	put(p->file, "1234", 0400);
	secret_says(p->file, 0, "");
}

static void
sizes_and_kinds_are_bounded(void **state)
{
	struct place *p = *state;
	AUTO(free) char *large = xcalloc(SECRET_SIZE_MAX + 2, 1), *why = NULL, *dir = NULL;

	memset(large, 'x', SECRET_SIZE_MAX + 1);
	put(p->file, large, 0600);
	why = xasprintf("%s: too large (at most 64 KiB)", p->file);
	secret_says(p->file, -EFBIG, why);
	large[SECRET_SIZE_MAX] = '\0';
	put(p->file, large, 0600);
	secret_says(p->file, 0, "");
	dir = xasprintf("%s: not a regular file", p->dir);
	secret_says(p->dir, -EINVAL, dir);
	secret_says("/nonexistent/pin", -ENOENT, "/nonexistent/pin: cannot be read: No such file or directory");
	secret_says("pin", -EINVAL, "pin: an absolute path, file:/path or credential:name is allowed");
}

static void
credentials_are_taken_as_they_are(void **state)
{
	struct place *p = *state;

	put(p->file, "1234", 0444);
	unsetenv("CREDENTIALS_DIRECTORY");
	secret_says("credential:file", -ENXIO,
		    "credential:file: the service manager handed over no credentials (see LoadCredential= in systemd.exec(5))");
	setenv("CREDENTIALS_DIRECTORY", p->dir, 1);
	secret_says("credential:file", 0, "");
	secret_says(p->file, 0, "");
	secret_says("credential:../file", -EINVAL,
		    "credential:../file: an absolute path, file:/path or credential:name is allowed");
	unsetenv("CREDENTIALS_DIRECTORY");
}

/* Runs as an ordinary user, also when the tests run as root. */
static void
as_user(void (*fn)(struct place *p), struct place *p)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(64000) < 0 || setuid(64000) < 0))
			_exit(2);
		fn(p);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CHILD_CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			_exit(1); \
		} \
	} while (0)

static void
unreadable(struct place *p)
{
	struct secret *s = NULL;
	char why[512];

	CHILD_CHECK(conf_secret_read(p->file, &s, why, sizeof(why)) == -EACCES);
	CHILD_CHECK(strstr(why, "cannot be read: Permission denied"));
}

static void
wrong_owner(struct place *p)
{
	struct secret *s = NULL;
	char why[512];

	CHILD_CHECK(conf_secret_read(p->file, &s, why, sizeof(why)) == -EACCES);
	CHILD_CHECK(strstr(why, "belongs to root or the daemon's user, not to uid 64001 (chown root "));
}

static void
wrong_group(struct place *p)
{
	struct secret *s = NULL;
	char why[512];

	CHILD_CHECK(conf_secret_read(p->file, &s, why, sizeof(why)) == -EACCES);
	CHILD_CHECK(strstr(why, "group is the daemon's, not gid 64001 (chgrp celltls "));
}

static void
right_owner(struct place *p)
{
	struct secret *s = NULL;
	char why[512];

	CHILD_CHECK(conf_secret_read(p->file, &s, why, sizeof(why)) == 0);
	secret_free(s);
}

static void
owners_count(void **state)
{
	struct place *p = *state;

	put(p->file, "1234", 0000);
	as_user(unreadable, p);
	put(p->file, "1234", 0640);
	if (geteuid() != 0) {
		as_user(right_owner, p); /* only root gives files away; the rest is for it */
		return;
	}
	assert_int_equal(chown(p->file, 64001, 64000), 0);
	as_user(wrong_owner, p);
	assert_int_equal(chown(p->file, 64000, 64001), 0);
	as_user(wrong_group, p);
	assert_int_equal(chown(p->file, 0, 64000), 0);
	as_user(right_owner, p);
}

/* Of a file named by the configuration, with the name put in for %s. */
static void
file_says(const char *keys, const char *file, const char *expected)
{
	AUTO(free) char *with = xasprintf(keys, file);
	AUTO(free) char *text = xasprintf("%s\n%s\n%s", MODEM_HEAD, with, MODEM_TAIL);
	AUTO(free) char *line = *expected ? xasprintf(expected, file, file) : xstrdup("");

	says_len(text, strlen(text), 0, line);
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
named_files_are_looked_at(void **state)
{
	struct place *p = *state;

	file_says("certificates = ( { slot = \"ca\"; file = \"%s\"; } );", p->file,
		  "t.conf:2: modems[0].certificates[0].file: %s: cannot be read: No such file or directory\n");
	put(p->file, "12a4\n", 0644);
	file_says("certificates = ( { slot = \"ca\"; file = \"%s\"; } );", p->file, "");
	file_says("certificates = ( { slot = \"key\"; file = \"%s\"; } );", p->file,
		  "t.conf:2: modems[0].certificates[0].file: %s: its mode is 0644, which is too open for a secret (chmod 0640 %s)\n");
	file_says("pin_file = \"%s\";", p->file,
		  "t.conf:2: modems[0].pin_file: %s: its mode is 0644, which is too open for a secret (chmod 0640 %s)\n");
	put(p->file, "12a4\n", 0600);
	file_says("pin_file = \"%s\";", p->file, "t.conf:2: modems[0].pin_file: %s: not a PIN (4 to 8 digits)\n");
	put(p->file, "1234\n", 0600);
	file_says("pin_file = \"%s\";", p->file, "");
	file_says("pin_file = \"credential:pin\"; #%s", "",
		  "t.conf:2: modems[0].pin_file: warning: credential:pin: the service manager handed over no credentials (see "
		  "LoadCredential= in systemd.exec(5))\n");
}

static void
unknown_accounts_are_mistakes(void **state)
{
	static const char text[] = MODEM CHANNEL_HEAD "socket = { owner = \"no_such_user\"; group = \"no_such_group\";\n"
						      "allow_users = ( \"root\", \"no_such_user\" ); allow_groups = ( \"no_such_group\" ); };"
						      CHANNEL_TAIL;

	(void)state;
	says_len(text, strlen(text), 0,
		 "t.conf:3: channels[0].socket.owner: there is no user \"no_such_user\" (a name or a number)\n"
		 "t.conf:3: channels[0].socket.group: there is no group \"no_such_group\" (a name or a number)\n"
		 "t.conf:4: channels[0].socket.allow_users: there is no user \"no_such_user\" (a name or a number)\n"
		 "t.conf:4: channels[0].socket.allow_groups: there is no group \"no_such_group\" (a name or a number)\n");
}

static void
one_device_by_two_names_is_a_mistake(void **state)
{
	struct place *p = *state;
	AUTO(free) char *text = xasprintf(
	    "modems = ( { name = \"a\"; device = \"/dev/null\"; pdp = { apn = \"x\"; }; },\n"
	    "{ name = \"b\"; device = \"%s\"; pdp = { apn = \"x\"; }; } );\n", p->file);
	AUTO(free) char *line = xasprintf("t.conf:2: modems[1].device: %s is /dev/null, as is the device of modem a (each once)\n", p->file);

	says_len(text, strlen(text), 0, "");
	assert_int_equal(symlink("/dev/null", p->file), 0);
	says_len(text, strlen(text), 0, line);
	says_len(text, strlen(text), CONF_NO_FILES, "");
}

static void
load_says(const char *path, int result, const char *expected)
{
	struct conf_report r = CONF_REPORT_INIT;
	AUTO(conf_free) struct conf *c = NULL;
	AUTO(free) char *got = NULL;

	assert_int_equal(conf_load(path, &c, &r), result);
	got = report_text(&r);
	assert_string_equal(got, expected);
	conf_report_deinit(&r);
}

static void
the_file_itself_is_told_about(void **state)
{
	struct place *p = *state;
	AUTO(free) char *large = xcalloc(CONF_SIZE_MAX + 2, 1), *why = NULL, *dir = NULL, *wrong = NULL;

	load_says("/nonexistent/celltls.conf", -ENOENT, "/nonexistent/celltls.conf: cannot be read: No such file or directory\n");
	dir = xasprintf("%s: cannot be read: Is a directory\n", p->dir);
	load_says(p->dir, -EISDIR, dir);
	load_says("/dev/null", -EINVAL, "/dev/null: not a regular file\n");
	memset(large, ' ', CONF_SIZE_MAX + 1);
	put(p->file, large, 0644);
	why = xasprintf("%s: too large (at most 1024 KiB)\n", p->file);
	load_says(p->file, -EFBIG, why);
	put(p->file, MODEM "\nclock = 5;\n", 0644);
	wrong = xasprintf("%s:3: clock: not a string (host, module, in quotes)\n", p->file);
	load_says(p->file, -EINVAL, wrong);
}

static void
unreadable_conf(struct place *p)
{
	struct conf_report r = CONF_REPORT_INIT;
	struct conf *c;

	CHILD_CHECK(conf_load(p->file, &c, &r) == -EACCES);
	CHILD_CHECK(strstr(r.v[0].text, "cannot be read: Permission denied"));
	conf_report_deinit(&r);
}

static void
an_unreadable_file_is_told_about(void **state)
{
	struct place *p = *state;

	put(p->file, "", 0000);
	as_user(unreadable_conf, p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_accounts_are_mistakes),
		cmocka_unit_test_setup_teardown(secrets_are_read_and_chomped, setup, teardown),
		cmocka_unit_test_setup_teardown(open_modes_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_and_kinds_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(credentials_are_taken_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(owners_count, setup, teardown),
		cmocka_unit_test_setup_teardown(named_files_are_looked_at, setup, teardown),
		cmocka_unit_test_setup_teardown(one_device_by_two_names_is_a_mistake, setup, teardown),
		cmocka_unit_test_setup_teardown(the_file_itself_is_told_about, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_file_is_told_about, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
