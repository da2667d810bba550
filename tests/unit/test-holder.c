/* SPDX-License-Identifier: Apache-2.0 */
/* Lock files and a /proc/locks as they are seen in the field, some of them hostile. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "port/holder.h"

static char dir[64];
static struct holder_places places;

static void
put(const char *name, const void *bytes, size_t len)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void
make_dir(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static int
setup(void **state)
{
	static char lock[128], proc[128];

	(void)state;
	strcpy(dir, "/tmp/test-holder-XXXXXX");
	assert_non_null(mkdtemp(dir));
	make_dir("lock");
	make_dir("proc");
	make_dir("proc/123");
	put("proc/123/comm", "mini com\x1b\n", 10);
	snprintf(lock, sizeof(lock), "%s/lock", dir);
	snprintf(proc, sizeof(proc), "%s/proc", dir);
	places = (struct holder_places){ .lock_dirs = { "/no/such/directory", lock }, .proc = proc };
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void
pids_are_read_in_ascii(void **state)
{
	(void)state;
	assert_int_equal(holder_lock_pid("       123\n", 11), 123);
	assert_int_equal(holder_lock_pid("123", 3), 123);
	assert_int_equal(holder_lock_pid("1234", 4), 1234);
	assert_int_equal(holder_lock_pid(" 1234 minicom root\n", 19), 1234);
}

static void
pids_are_read_in_binary(void **state)
{
	int pid = 70000;

	(void)state;
	assert_int_equal(holder_lock_pid(&pid, sizeof(pid)), 70000);
}

static void
what_is_no_pid_is_none(void **state)
{
	static const char *const no[] = { "", "\n", "abc", "-12\n", "0\n", "12abc", "99999999999999999999", "     ", "0000" };
	size_t i;
	int pid = -5;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_int_equal(holder_lock_pid(no[i], strlen(no[i])), 0);
	assert_int_equal(holder_lock_pid(&pid, sizeof(pid)), 0);
	assert_int_equal(holder_lock_pid("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 19), 0);
}

static void
lock_files_are_named_after_the_device(void **state)
{
	char name[32];

	(void)state;
	assert_true(holder_lock_name("/dev/ttyUSB0", name, sizeof(name)));
	assert_string_equal(name, "LCK..ttyUSB0");
	assert_true(holder_lock_name("/dev/pts/5", name, sizeof(name)));
	assert_string_equal(name, "LCK..pts_5");
	assert_false(holder_lock_name("/dev/serial/by-id/usb-Some_very_long_name", name, sizeof(name)));
}

static void
kernel_locks_are_told_apart(void **state)
{
	dev_t dev = makedev(0, 5);

	(void)state;
	assert_int_equal(holder_locks_pid("1: FLOCK  ADVISORY  WRITE 1234 00:05:678 0 EOF\n", dev, 678), 1234);
	assert_int_equal(holder_locks_pid("12: FLOCK  ADVISORY  WRITE 7 fd:0a:99 0 EOF\n", makedev(0xfd, 10), 99), 7);
	assert_int_equal(holder_locks_pid("1: FLOCK  ADVISORY  WRITE 1234 00:05:679 0 EOF\n", dev, 678), 0);
	assert_int_equal(holder_locks_pid("1: FLOCK  ADVISORY  WRITE 1234 00:06:678 0 EOF\n", dev, 678), 0);
	assert_int_equal(holder_locks_pid("1: POSIX  ADVISORY  WRITE 1234 00:05:678 0 EOF\n", dev, 678), 0);
	assert_int_equal(holder_locks_pid("1: -> FLOCK  ADVISORY  WRITE 1234 00:05:678 0 EOF\n", dev, 678), 0);
	assert_int_equal(holder_locks_pid("1: FLOCK  ADVISORY  WRITE 0 00:05:678 0 EOF\n", dev, 678), 0);
	assert_int_equal(holder_locks_pid("1: FLOCK  ADVISORY  WRITE -1 00:05:678 0 EOF\n", dev, 678), 0);
	assert_int_equal(holder_locks_pid("", dev, 678), 0);
	assert_int_equal(holder_locks_pid("nonsense", dev, 678), 0);
}

static void
the_holder_is_found_by_its_lock_file(void **state)
{
	struct holder h;

	(void)state;
	put("lock/LCK..ttyUSB7", "       123\n", 11);
	assert_true(holder_find(&places, "/dev/ttyUSB7", &h));
	assert_int_equal(h.pid, 123);
	assert_string_equal(h.name, "mini com\\x1b");
}

static void
a_lock_file_that_was_left_over_says_nothing(void **state)
{
	struct holder h;

	(void)state;
	put("lock/LCK..ttyUSB7", "2147483647\n", 11);
	assert_false(holder_find(&places, "/dev/ttyUSB7", &h));
}

static void
a_lock_file_leads_nowhere_else(void **state)
{
	char path[128], target[128];
	struct holder h;

	(void)state;
	put("elsewhere", "123\n", 4);
	snprintf(target, sizeof(target), "%s/elsewhere", dir);
	snprintf(path, sizeof(path), "%s/lock/LCK..ttyUSB7", dir);
	assert_int_equal(symlink(target, path), 0);
	assert_false(holder_find(&places, "/dev/ttyUSB7", &h));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0666), 0); /* nobody writes into it: an open could wait for ever */
	assert_false(holder_find(&places, "/dev/ttyUSB7", &h));
}

static void
the_holder_is_found_by_the_kernels_lock(void **state)
{
	char device[128], line[128];
	struct holder h;
	struct stat st;

	(void)state;
	put("device", "", 0);
	snprintf(device, sizeof(device), "%s/device", dir);
	assert_false(holder_find(&places, device, &h));
	assert_int_equal(stat(device, &st), 0);
	snprintf(line, sizeof(line), "1: POSIX  ADVISORY  READ 9 00:01:1 0 EOF\n2: FLOCK  ADVISORY  WRITE 123 %02x:%02x:%lu 0 EOF\n",
	    major(st.st_dev), minor(st.st_dev), (unsigned long)st.st_ino);
	put("proc/locks", line, strlen(line));
	assert_true(holder_find(&places, device, &h));
	assert_int_equal(h.pid, 123);
}

/* The same with what this system's kernel writes. */
static void
a_real_lock_is_found(void **state)
{
	char device[128];
	struct holder h;
	int fd;

	(void)state;
	put("device", "", 0);
	snprintf(device, sizeof(device), "%s/device", dir);
	fd = open(device, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	if (access("/proc/locks", R_OK) == 0) {
		assert_true(holder_find(&holder_places, device, &h));
		assert_int_equal(h.pid, getpid());
		assert_non_null(strstr(h.name, "test-holder"));
	}
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pids_are_read_in_ascii),
		TEST(pids_are_read_in_binary),
		TEST(what_is_no_pid_is_none),
		TEST(lock_files_are_named_after_the_device),
		TEST(kernel_locks_are_told_apart),
		TEST(the_holder_is_found_by_its_lock_file),
		TEST(a_lock_file_that_was_left_over_says_nothing),
		TEST(a_lock_file_leads_nowhere_else),
		TEST(the_holder_is_found_by_the_kernels_lock),
		TEST(a_real_lock_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
