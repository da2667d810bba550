/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who reaches a socket: the answer is compared with what connect() gives to a child that is that user.  As an
 * ordinary user only its own permissions can be tried.
 */
#include "unit.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"
#include "channel/reach.h"

#define ROUNDS 150

static char dir[64];
static uint32_t seed = 1;

static unsigned
any(unsigned limit)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % limit;
}

static void
at(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", dir, name);
}

static void
listen_at(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char path[128];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at(path, name);
	str_copy(sun.sun_path, sizeof(sun.sun_path), path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, ROUNDS), 0); /* it stays open for the life of the test */
}

static void
link_at(const char *target, const char *name)
{
	char path[128];

	at(path, name);
	assert_int_equal(symlink(target, path), 0);
}

/* a/b/s, and ways to it by links: in the same directory, through another one, by an absolute path, to the socket itself. */
static int
setup(void **state)
{
	static const char *const dirs[] = { "a", "a/b", "c" };
	char path[128];
	size_t i;

	(void)state;
	strcpy(dir, "/tmp/celltls-reach-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		at(path, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	listen_at("a/b/s");
	link_at("a/b", "near");
	link_at("c/on", "far");
	link_at("../a//b/.", "c/on");
	at(path, "a");
	link_at(path, "c/absolute");
	link_at("a/b/s", "itself");
	link_at("round", "round");
	return 0;
}

static int
teardown(void **state)
{
	char command[192];

	(void)state;
	snprintf(command, sizeof(command), "chmod -R u+rwx %s; rm -rf %s", dir, dir);
	return system(command);
}

/* 0, or the errno of a connect() by that user. */
static int
kernel_says(const char *path, const struct who *who)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int status, fd;
	pid_t pid = fork();

	if (!pid) {
		if (geteuid() == 0 && (setgroups(who->n_gids - 1, who->gids + 1) < 0 || setgid(who->gids[0]) < 0 || setuid(who->uid) < 0))
			_exit(255);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		str_copy(sun.sun_path, sizeof(sun.sun_path), path);
		_exit(connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 ? 0 : errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
	return WEXITSTATUS(status);
}

static bool
we_say(const char *path, const struct who *who)
{
	struct stat st;
	dev_t dev;
	ino_t ino;

	if (!reach_socket(path, who, &dev, &ino))
		return false;
	if (stat(path, &st) == 0) { /* an ordinary user may not be able to */
		assert_int_equal(dev, st.st_dev);
		assert_int_equal(ino, st.st_ino);
	}
	return true;
}

static const uid_t uids[] = { 0, 12345, 23456 };
static const gid_t gids[] = { 0, 34567, 45678 };

/* Mostly open, so that some ways are. */
static mode_t
any_mode(void)
{
	return any(4) ? 0777 & ~(1u << any(9)) & ~(1u << any(9)) : any(01000);
}

struct acl_bytes {
	uint32_t version;
	struct {
		uint16_t tag, perm;
		uint32_t id;
	} entry[7];
};

/* false: this file system has no ACLs. */
static bool
give_acl(const char *path)
{
	struct acl_bytes acl = { htole32(2),
		{ { 1, (uint16_t)any(8), ~0u }, { 2, (uint16_t)any(8), 12345 }, { 4, (uint16_t)any(8), ~0u },
		    { 8, (uint16_t)any(8), 34567 }, { 8, (uint16_t)any(8), 45678 }, { 16, (uint16_t)any(8), ~0u },
		    { 32, (uint16_t)any(8), ~0u } } };
	size_t i;

	for (i = 0; i < 7; i++) {
		acl.entry[i].tag = htole16(acl.entry[i].tag);
		acl.entry[i].perm = htole16(any(2) ? 7 : acl.entry[i].perm);
		acl.entry[i].id = htole32(acl.entry[i].id);
	}
	if (setxattr(path, "system.posix_acl_access", &acl, sizeof(acl), 0) == 0)
		return true;
	assert_int_equal(errno, ENOTSUP);
	return false;
}

static void
arrange(bool acls)
{
	static const char *const names[] = { "a", "a/b", "a/b/s", "c" };
	char path[128];
	size_t i;

	for (i = 4; i-- > 0;) { /* from within: a directory may shut us out too */
		at(path, names[i]);
		if (geteuid() == 0)
			assert_int_equal(chown(path, uids[any(3)], gids[any(3)]), 0);
		if (geteuid() == 0) {
			removexattr(path, "system.posix_acl_access");
			assert_int_equal(chmod(path, any_mode()), 0);
			if (acls && any(2))
				give_acl(path);
		} else {
			chmod(path, any_mode());
		}
	}
}

static void
open_all(void)
{
	char command[128];

	snprintf(command, sizeof(command), "chmod -R u+rwx %s", dir);
	assert_int_equal(system(command), 0);
}

static void
compare(bool acls)
{
	static const char *const ways[] = { "a/b/s", "near/s", "far/s", "c/absolute/b/s", "itself", "a/b/../b/s", "round/s", "a/b/s/x", "none" };
	gid_t own[65];
	unsigned i, allowed = 0;

	for (i = 0; i < ROUNDS; i++) {
		gid_t groups[] = { gids[any(3)], gids[any(3)], 56789 };
		struct who who = { .uid = uids[any(3)], .gids = groups, .n_gids = 1 + any(3) };
		char path[128];
		int error;
		bool ours;

		if (geteuid() != 0) {
			own[0] = getegid();
			who = (struct who){ .uid = geteuid(), .gids = own, .n_gids = 1 + (size_t)getgroups(64, own + 1) };
		}
		arrange(acls);
		at(path, ways[any(any(2) ? 5 : 9)]);
		error = kernel_says(path, &who);
		ours = we_say(path, &who);
		if (ours != (error == 0))
			print_error("round %u, uid %u, %s: %s\n", i, (unsigned)who.uid, path, strerror(error));
		assert_int_equal(ours, error == 0);
		allowed += ours;
		if (geteuid() != 0)
			open_all();
	}
	assert_in_range(allowed, ROUNDS / 20, ROUNDS - ROUNDS / 20); /* both happen */
}

static void
the_mode_bits_decide_as_for_connect(void **state)
{
	(void)state;
	compare(false);
}

static void
access_control_lists_decide_as_for_connect(void **state)
{
	char path[128];

	(void)state;
	at(path, "a");
	if (geteuid() != 0 || !give_acl(path))
		skip();
	compare(true);
}

static void
a_damaged_access_control_list_lets_nobody_in(void **state)
{
	static const struct who who = { .uid = 1 };
	struct acl_bytes acl = { htole32(2), { { htole16(32), htole16(7), ~0u } } };

	(void)state;
	assert_int_equal(reach_acl(&acl, 12, &who, 0, 0, 2), 1);
	assert_int_equal(reach_acl(&acl, 11, &who, 0, 0, 2), -1);
	assert_int_equal(reach_acl(&acl, 3, &who, 0, 0, 2), -1);
	assert_int_equal(reach_acl(&acl, 0, &who, 0, 0, 2), -1);
	assert_int_equal(reach_acl(&acl, 4, &who, 0, 0, 2), 0);
	acl.version = htole32(3);
	assert_int_equal(reach_acl(&acl, 12, &who, 0, 0, 2), -1);
}

static void
what_is_no_socket_is_not_reached(void **state)
{
	const struct who who = { .uid = 0 };
	char path[128];
	dev_t dev;
	ino_t ino;

	(void)state;
	at(path, "a/b/s");
	assert_true(reach_socket(path, &who, &dev, &ino));
	assert_false(reach_socket(path + 1, &who, &dev, &ino)); /* relative */
	at(path, "a/b");
	assert_false(reach_socket(path, &who, &dev, &ino));
	assert_false(reach_socket("", &who, &dev, &ino));
	assert_false(reach_socket("/", &who, &dev, &ino));
}

#define WITH_FILES(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(the_mode_bits_decide_as_for_connect),
		WITH_FILES(access_control_lists_decide_as_for_connect),
		cmocka_unit_test(a_damaged_access_control_list_lets_nobody_in),
		WITH_FILES(what_is_no_socket_is_not_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
