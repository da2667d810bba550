/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a channel's socket.  As root, what an ordinary user sees is
 * tried in a child that became one; as an ordinary user, in the process itself.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "channel/listener.h"

#define OTHER_UID 12345 /* nobody's */
#define OTHER_GID 23456
#define EXTRA_GID 34567

struct world {
	struct loop *loop;
	char dir[64], path[96];
	struct listener_conf conf;
	struct listener *listener;
	unsigned accepted, refused;
	uid_t uid;
	int fd;
};

static char why[512];

static void
on_accepted(int fd, uid_t uid, void *arg)
{
	struct world *w = arg;

	w->accepted++;
	w->uid = uid;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
}

static void
on_refused(uid_t uid, void *arg)
{
	struct world *w = arg;

	w->refused++;
	w->uid = uid;
}

static const struct listener_owner owner = { on_accepted, on_refused };

static int
setup(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	log_level = LOG_ERROR;
	w.fd = -1;
	w.loop = loop_new();
	snprintf(w.dir, sizeof(w.dir), "/tmp/celltls-listener-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	assert_int_equal(chmod(w.dir, 0777), 0);
	snprintf(w.path, sizeof(w.path), "%s/a.sock", w.dir);
	w.conf = (struct listener_conf){ .name = "cloud", .path = w.path, .mode = 0660, .owner = "", .group = "" };
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	char command[128];

	listener_free(w->listener);
	loop_free(w->loop);
	if (w->fd >= 0)
		close(w->fd);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	return system(command);
}

static int
make(struct world *w)
{
	why[0] = '\0';
	return listener_new(w->loop, &w->conf, &owner, w, &w->listener, why, sizeof(why));
}

static int
dial(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	str_copy(sun.sun_path, sizeof(sun.sun_path), path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -errno;
}

/* A child that is somebody else, as far as it may: connects, and writes first. */
static pid_t
somebody_dials(struct world *w, uid_t uid, gid_t gid, gid_t extra)
{
	pid_t pid = fork();
	char c;
	int fd;

	if (pid)
		return pid;
	if (geteuid() == 0 && (setgroups(1, &extra) < 0 || setgid(gid) < 0 || setuid(uid) < 0))
		_exit(99);
	fd = dial(w->path);
	if (fd < 0)
		_exit(-fd);
	send(fd, "hello", 5, MSG_NOSIGNAL);
	_exit(read(fd, &c, 1) <= 0 ? 0 : 98);
}

static int
exit_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
hang_up(struct world *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

static int
entries(const char *dir)
{
	char command[128], n[16] = "";
	FILE *f;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", dir);
	f = popen(command, "r");
	assert_non_null(fgets(n, sizeof(n), f));
	pclose(f);
	return atoi(n);
}

static void
a_socket_has_its_mode_and_goes_with_its_listener(void **state)
{
	struct world *w = *state;
	struct stat st;
	int fd;

	w->conf.mode = 0640;
	assert_int_equal(make(w), 0);
	assert_int_equal(lstat(w->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_gid, getegid());
	assert_int_equal(entries(w->dir), 1); /* nothing of the private place is left */
	fd = dial(w->path);
	assert_true(fd >= 0);
	loop_turn(w->loop, true);
	assert_int_equal(w->accepted, 1);
	assert_int_equal(w->uid, geteuid());
	close(fd);
	listener_free(gift(&w->listener));
	assert_int_equal(entries(w->dir), 0);
}

static void
a_socket_changes_in_its_place(void **state)
{
	struct world *w = *state;
	const char *nobody[] = { "54321", NULL };
	struct stat before, after;
	int queued, fd;

	assert_int_equal(make(w), 0);
	assert_int_equal(stat(w->path, &before), 0);
	queued = dial(w->path);
	w->conf.mode = 0600;
	w->conf.allow_users = nobody;
	assert_int_equal(listener_change(w->listener, &w->conf, why, sizeof(why)), 0);
	assert_int_equal(stat(w->path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mode & 07777, 0600);
	loop_turn(w->loop, false); /* who comes in now is asked by the new list */
	assert_int_equal(w->accepted, 0);
	assert_int_equal(w->refused, 1);
	close(queued);

	w->conf.allow_users = NULL;
	assert_int_equal(listener_change(w->listener, &w->conf, why, sizeof(why)), 0);
	fd = dial(w->path);
	loop_turn(w->loop, false);
	assert_int_equal(w->accepted, 1);
	close(fd);
}

static void
a_socket_that_cannot_change_stays_as_it_was(void **state)
{
	struct world *w = *state;
	const char *unknown[] = { "no-such-name", NULL };
	struct stat st;
	int fd;

	assert_int_equal(make(w), 0);
	w->conf.mode = 0600;
	w->conf.allow_users = unknown;
	assert_int_equal(listener_change(w->listener, &w->conf, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "socket.allow_users: \"no-such-name\": there is no such user");
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	w->conf.allow_users = NULL;

	/* somebody else's file in its place is not touched */
	assert_int_equal(unlink(w->path), 0);
	fd = open(w->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(listener_change(w->listener, &w->conf, why, sizeof(why)), -EEXIST);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	close(fd);
}

static void
a_stale_socket_is_replaced(void **state)
{
	struct world *w = *state;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	str_copy(sun.sun_path, sizeof(sun.sun_path), w->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	assert_int_equal(make(w), 0);
	fd = dial(w->path);
	assert_true(fd >= 0);
	close(fd);
}

static void
a_live_socket_is_not_replaced(void **state)
{
	struct world *w = *state;
	struct listener *first;
	struct stat before, after;

	assert_int_equal(make(w), 0);
	first = gift(&w->listener);
	assert_int_equal(lstat(w->path, &before), 0);
	assert_int_equal(make(w), -EADDRINUSE);
	assert_non_null(strstr(why, "another process"));
	assert_int_equal(lstat(w->path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(entries(w->dir), 1);
	listener_free(first);
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir(w->path, 0755), 0);
	assert_int_equal(make(w), -EEXIST);
	assert_non_null(strstr(why, "no socket"));
	assert_int_equal(rmdir(w->path), 0);
	fclose(fopen(w->path, "w"));
	assert_int_equal(make(w), -EEXIST);
	assert_int_equal(access(w->path, F_OK), 0);
	unlink(w->path);
	assert_int_equal(symlink("/nowhere", w->path), 0);
	assert_int_equal(make(w), -EEXIST);
}

static void
only_the_own_file_is_removed(void **state)
{
	struct world *w = *state;

	assert_int_equal(make(w), 0);
	assert_int_equal(unlink(w->path), 0);
	fclose(fopen(w->path, "w"));
	listener_free(gift(&w->listener));
	assert_int_equal(access(w->path, F_OK), 0);
}

static void
a_path_is_at_most_107_bytes(void **state)
{
	struct world *w = *state;
	char path[256];
	size_t len = strlen(w->dir);
	int fd;

	memset(path, 'x', sizeof(path));
	memcpy(path, w->dir, len);
	path[len] = '/';
	path[108] = '\0';
	w->conf.path = path;
	assert_int_equal(make(w), -ENAMETOOLONG);
	assert_non_null(strstr(why, "107"));
	path[107] = '\0';
	assert_int_equal(make(w), 0);
	fd = dial(path);
	assert_true(fd >= 0);
	close(fd);
}

/* A short name in a long directory: the private place beside it has a longer name. */
static void
the_private_place_may_be_longer_than_an_address(void **state)
{
	struct world *w = *state;
	char path[256];
	size_t len = strlen(w->dir);
	int fd;

	memset(path, 'd', sizeof(path));
	memcpy(path, w->dir, len);
	path[len] = '/';
	path[103] = '\0';
	assert_int_equal(mkdir(path, 0755), 0);
	strcpy(path + 103, "/s");
	w->conf.path = path;
	assert_int_equal(make(w), 0);
	fd = dial(path);
	assert_true(fd >= 0);
	close(fd);
}

static void
a_missing_directory_is_named(void **state)
{
	struct world *w = *state;

	w->conf.path = "/tmp/celltls-no-such-dir/a.sock";
	assert_int_equal(make(w), -ENOENT);
	assert_non_null(strstr(why, "/tmp/celltls-no-such-dir/a.sock"));
	assert_non_null(strstr(why, "systemd-tmpfiles"));
}

static void
unknown_names_are_mistakes(void **state)
{
	struct world *w = *state;
	const char *const list[] = { "root", "no-such-name", NULL };

	w->conf.owner = "no-such-name";
	assert_int_equal(make(w), -EINVAL);
	assert_string_equal(why, "socket.owner: \"no-such-name\": there is no such user");
	w->conf.owner = "";
	w->conf.group = "no-such-name";
	assert_int_equal(make(w), -EINVAL);
	assert_string_equal(why, "socket.group: \"no-such-name\": there is no such group");
	w->conf.group = "";
	w->conf.allow_users = list;
	assert_int_equal(make(w), -EINVAL);
	assert_string_equal(why, "socket.allow_users: \"no-such-name\": there is no such user");
	w->conf.allow_users = NULL;
	w->conf.allow_groups = list;
	assert_int_equal(make(w), -EINVAL);
	assert_string_equal(why, "socket.allow_groups: \"no-such-name\": there is no such group");
}

static void
a_missing_default_group_is_the_daemons_own(void **state)
{
	struct world *w = *state;
	struct stat st;

	if (getgrnam(LISTENER_GROUP))
		skip();
	w->conf.group = LISTENER_GROUP;
	assert_int_equal(make(w), 0);
	assert_int_equal(lstat(w->path, &st), 0);
	assert_int_equal(st.st_gid, getegid());
}

/* In a child that is no root and in EXTRA_GID where that can be arranged. */
static void
in_ordinary_child(struct world *w, void (*test)(struct world *))
{
	gid_t extra = EXTRA_GID;
	pid_t pid = fork();

	if (!pid) {
		loop_free(w->loop); /* epoll is of the process that made it */
		if (geteuid() == 0 && (setgroups(1, &extra) < 0 || setgid(OTHER_GID) < 0 || setuid(OTHER_UID) < 0))
			_exit(99);
		w->loop = loop_new();
		test(w);
		_exit(0);
	}
	assert_int_equal(exit_of(pid), 0);
}

#define CHILD_ASSERT(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%d: %s: %s\n", __LINE__, #x, why); \
			_exit(1); \
		} \
	} while (0)

static void
ordinary_owner_and_group(struct world *w)
{
	gid_t gids[64];
	char number[16];
	struct stat st;
	int n = getgroups(64, gids);

	w->conf.owner = "0";
	CHILD_ASSERT(make(w) == -EPERM);
	CHILD_ASSERT(strstr(why, "socket.owner") && strstr(why, "only root"));
	w->conf.owner = "";
	w->conf.group = "45678";
	CHILD_ASSERT(make(w) == -EPERM);
	CHILD_ASSERT(strstr(why, "SupplementaryGroups=45678"));
	if (n <= 0)
		return;
	snprintf(number, sizeof(number), "%u", (unsigned)gids[n - 1]);
	w->conf.group = number;
	CHILD_ASSERT(make(w) == 0);
	CHILD_ASSERT(lstat(w->path, &st) == 0 && st.st_gid == gids[n - 1] && st.st_uid == geteuid());
}

static void
an_ordinary_daemon_gives_sockets_only_to_its_own_groups(void **state)
{
	in_ordinary_child(*state, ordinary_owner_and_group);
}

static void
root_gives_sockets_to_others(void **state)
{
	struct world *w = *state;
	struct stat st;

	if (geteuid() != 0)
		skip();
	w->conf.owner = "12345";
	w->conf.group = "23456";
	assert_int_equal(make(w), 0);
	assert_int_equal(lstat(w->path, &st), 0);
	assert_int_equal(st.st_uid, OTHER_UID);
	assert_int_equal(st.st_gid, OTHER_GID);
}

static void
one_match_in_either_list_admits(void **state)
{
	static const struct {
		const char *users, *groups;
		bool admitted;
	} rows[] = {
		{ NULL, NULL, true },    { "12345", NULL, true }, { "1", NULL, false },
		{ NULL, "23456", true }, { NULL, "34567", true }, { NULL, "1", false },
		{ "1", "34567", true },  { "12345", "1", true },  { "1", "2", false },
	};
	struct world *w = *state;
	size_t i;

	if (geteuid() != 0)
		skip();
	w->conf.mode = 0666;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const users[] = { rows[i].users, NULL }, *const groups[] = { rows[i].groups, NULL };
		pid_t pid;

		w->accepted = w->refused = 0;
		w->conf.allow_users = users;
		w->conf.allow_groups = groups;
		assert_int_equal(make(w), 0);
		pid = somebody_dials(w, OTHER_UID, OTHER_GID, EXTRA_GID);
		loop_turn(w->loop, true);
		assert_int_equal(w->accepted, rows[i].admitted);
		assert_int_equal(w->refused, !rows[i].admitted);
		assert_int_equal(w->uid, OTHER_UID);
		hang_up(w);
		assert_int_equal(exit_of(pid), 0);
		listener_free(gift(&w->listener));
	}
}

static void
a_refused_client_of_ones_own_is_counted(void **state)
{
	const char *const nobody[] = { "54321", NULL };
	struct world *w = *state;
	char c;
	int fd;

	w->conf.allow_users = nobody;
	assert_int_equal(make(w), 0);
	fd = dial(w->path);
	assert_int_equal(send(fd, "secret", 6, MSG_NOSIGNAL), 6);
	loop_turn(w->loop, true);
	assert_int_equal(w->refused, 1);
	assert_int_equal(w->accepted, 0);
	assert_int_equal(read(fd, &c, 1), -1);
	close(fd);
}

static void
mode_bits_keep_others_out(void **state)
{
	struct world *w = *state;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	w->conf.group = "23456";
	assert_int_equal(make(w), 0);
	assert_int_equal(exit_of(somebody_dials(w, OTHER_UID, 1, 1)), EACCES);
	pid = somebody_dials(w, OTHER_UID, OTHER_GID, 1);
	loop_turn(w->loop, true);
	assert_int_equal(w->accepted, 1);
	hang_up(w);
	assert_int_equal(exit_of(pid), 0);
}

static void
many_clients_come_in_over_several_turns(void **state)
{
	struct world *w = *state;
	int fds[40], i;

	assert_int_equal(make(w), 0);
	for (i = 0; i < 40; i++)
		fds[i] = dial(w->path);
	loop_turn(w->loop, true);
	assert_int_equal(w->accepted, 16);
	loop_turn(w->loop, true);
	loop_turn(w->loop, true);
	assert_int_equal(w->accepted, 40);
	for (i = 0; i < 40; i++)
		close(fds[i]);
}

static void
without_descriptors_nothing_spins(void **state)
{
	struct world *w = *state;
	struct rlimit old, none;
	int fd, i;

	assert_int_equal(make(w), 0);
	fd = dial(w->path);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	loop_turn(w->loop, true);
	for (i = 0; i < 5; i++)
		loop_turn(w->loop, false);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(w->accepted, 0);
	assert_in_range(clock_deadline(loop_clock(w->loop)) - loop_clock(w->loop)->now_ms, 900, 1000);
	while (!w->accepted)
		loop_turn(w->loop, true);
	close(fd);
}

static int
bound(const char *path, int type)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	str_copy(sun.sun_path, sizeof(sun.sun_path), path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static bool
admits(const struct world *w, uid_t uid, gid_t gid)
{
	return listener_admits(w->listener, uid, &gid, 1);
}

static void
it_is_known_who_could_connect(void **state)
{
	const char *const users[] = { "23456", NULL }, *const groups[] = { "34567", NULL };
	struct world *w = *state;

	w->conf.mode = 0660;
	assert_int_equal(make(w), 0);
	assert_true(admits(w, geteuid(), 1));
	assert_true(admits(w, OTHER_UID, getegid()));
	assert_false(admits(w, OTHER_UID, OTHER_GID));
	listener_free(gift(&w->listener));

	w->conf.mode = 0666;
	w->conf.allow_users = users;
	w->conf.allow_groups = groups;
	assert_int_equal(make(w), 0);
	assert_true(admits(w, OTHER_UID, EXTRA_GID));
	assert_true(admits(w, 23456, OTHER_GID));
	assert_false(admits(w, OTHER_UID, OTHER_GID));
	assert_false(admits(w, 0, OTHER_GID)); /* the lists name everybody who comes in */
	listener_free(gift(&w->listener));

	w->conf.mode = 0600; /* and the mode is asked too */
	assert_int_equal(make(w), 0);
	assert_false(admits(w, OTHER_UID, EXTRA_GID));
}

static void
nobody_could_connect_to_a_socket_that_is_not_there(void **state)
{
	struct world *w = *state;
	int fd;

	w->conf.mode = 0666;
	assert_int_equal(make(w), 0);
	assert_true(admits(w, 0, 0));
	assert_true(admits(w, geteuid(), getegid()));
	assert_int_equal(chmod(w->dir, 0700), 0);
	assert_false(admits(w, OTHER_UID, OTHER_GID));
	assert_int_equal(chmod(w->dir, 0777), 0);
	assert_true(admits(w, OTHER_UID, OTHER_GID));

	assert_int_equal(unlink(w->path), 0);
	assert_false(admits(w, 0, 0));
	fd = bound(w->path, SOCK_STREAM); /* somebody else's in its place */
	assert_int_equal(chmod(w->path, 0666), 0);
	assert_false(admits(w, 0, 0));
	close(fd);
}

/* fd is handed over under conf.name, as the service manager does. */
static void
hand_over(int fd)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "other:cloud", 1);
	if (dup2(2, 3) < 0 || dup2(fd, 4) < 0)
		_exit(97);
}

static void
activated(struct world *w)
{
	struct stat before, after;
	int fd, sock = bound(w->path, SOCK_STREAM);

	CHILD_ASSERT(listen(sock, 5) == 0);
	CHILD_ASSERT(chmod(w->path, 0600) == 0 && lstat(w->path, &before) == 0);
	loop_free(w->loop); /* its descriptors may be in the way */
	w->loop = NULL;
	hand_over(sock);
	close(sock);
	w->loop = loop_new();
	w->conf.path = "/nowhere/at/all";
	CHILD_ASSERT(make(w) == 0);
	fd = dial(w->path);
	loop_turn(w->loop, true);
	CHILD_ASSERT(fd >= 0 && w->accepted == 1);
	CHILD_ASSERT(!strcmp(listener_path(w->listener), w->path));
	CHILD_ASSERT(admits(w, geteuid(), getegid()) && !admits(w, geteuid() + 1, getegid()));
	CHILD_ASSERT(chmod(w->path, 0660) == 0 && admits(w, geteuid() + 1, getegid()));
	CHILD_ASSERT(chmod(w->path, 0600) == 0);
	listener_free(gift(&w->listener));
	CHILD_ASSERT(lstat(w->path, &after) == 0 && before.st_ino == after.st_ino && before.st_mode == after.st_mode);
	CHILD_ASSERT(make(w) == 0); /* after a reload it is still there */
}

static void
a_socket_handed_over_is_used_and_left_alone(void **state)
{
	in_ordinary_child(*state, activated);
}

static void
activated_without_a_file(struct world *w)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	CHILD_ASSERT(bind(sock, (struct sockaddr *)&sun, sizeof(sa_family_t)) == 0); /* the kernel finds a name */
	CHILD_ASSERT(listen(sock, 5) == 0);
	loop_free(w->loop);
	w->loop = NULL;
	hand_over(sock);
	w->loop = loop_new();
	CHILD_ASSERT(make(w) == 0);
	CHILD_ASSERT(!strcmp(listener_path(w->listener), ""));
	CHILD_ASSERT(!admits(w, geteuid(), getegid()) && !admits(w, 0, 0));
}

static void
who_could_connect_to_an_abstract_name_cannot_be_told(void **state)
{
	in_ordinary_child(*state, activated_without_a_file);
}

static void
activated_wrongly(struct world *w)
{
	int sock = bound(w->path, SOCK_DGRAM);

	loop_free(w->loop);
	hand_over(sock);
	w->loop = loop_new();
	CHILD_ASSERT(make(w) == -EINVAL);
	CHILD_ASSERT(strstr(why, "Unix stream socket"));
}

static void
a_wrong_socket_handed_over_is_a_mistake(void **state)
{
	in_ordinary_child(*state, activated_wrongly);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(a_socket_has_its_mode_and_goes_with_its_listener),
		WITH_WORLD(a_socket_changes_in_its_place),
		WITH_WORLD(a_socket_that_cannot_change_stays_as_it_was),
		WITH_WORLD(a_stale_socket_is_replaced),
		WITH_WORLD(a_live_socket_is_not_replaced),
		WITH_WORLD(a_file_that_is_no_socket_is_left_alone),
		WITH_WORLD(only_the_own_file_is_removed),
		WITH_WORLD(a_path_is_at_most_107_bytes),
		WITH_WORLD(the_private_place_may_be_longer_than_an_address),
		WITH_WORLD(a_missing_directory_is_named),
		WITH_WORLD(unknown_names_are_mistakes),
		WITH_WORLD(a_missing_default_group_is_the_daemons_own),
		WITH_WORLD(an_ordinary_daemon_gives_sockets_only_to_its_own_groups),
		WITH_WORLD(root_gives_sockets_to_others),
		WITH_WORLD(one_match_in_either_list_admits),
		WITH_WORLD(a_refused_client_of_ones_own_is_counted),
		WITH_WORLD(mode_bits_keep_others_out),
		WITH_WORLD(many_clients_come_in_over_several_turns),
		WITH_WORLD(without_descriptors_nothing_spins),
		WITH_WORLD(it_is_known_who_could_connect),
		WITH_WORLD(nobody_could_connect_to_a_socket_that_is_not_there),
		WITH_WORLD(who_could_connect_to_an_abstract_name_cannot_be_told),
		WITH_WORLD(a_socket_handed_over_is_used_and_left_alone),
		WITH_WORLD(a_wrong_socket_handed_over_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
