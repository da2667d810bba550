/* SPDX-License-Identifier: Apache-2.0 */
/* The watcher over a directory of its own, in which a device's path comes and goes. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port/devwatch.h"

struct world {
	struct loop *loop;
	struct devwatch *watch;
	char dir[64];
	char device[128];
	unsigned changes;
};

static void
changed(void *arg)
{
	((struct world *)arg)->changes++;
}

static int
setup(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	strcpy(w.dir, "/tmp/test-devwatch-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	assert_int_equal(chdir(w.dir), 0);
	w.loop = loop_new();
	w.watch = devwatch_new(w.loop, changed, &w);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	char command[128];

	devwatch_free(w->watch);
	loop_free(w->loop);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	return chdir("/") || system(command);
}

static int
watch(struct world *w, const char *path)
{
	snprintf(w->device, sizeof(w->device), "%s/%s", w->dir, path);
	return devwatch_on(w->watch, w->device);
}

/* Whether there was news since the last time; the way is then looked at anew, as the owner does. */
static bool
told(struct world *w)
{
	int turns;

	w->changes = 0;
	for (turns = 0; turns < 3; turns++)
		loop_turn(w->loop, false);
	if (w->changes)
		assert_int_equal(devwatch_on(w->watch, w->device), 0);
	return w->changes > 0;
}

static void
put(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void
link_to(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

static void
a_device_that_comes_and_goes_is_told(void **state)
{
	struct world *w = *state;

	assert_int_equal(watch(w, "ttyUSB0"), 0);
	assert_false(told(w));
	put("ttyUSB0");
	assert_true(told(w));
	assert_int_equal(unlink("ttyUSB0"), 0);
	assert_true(told(w));
	put("new");
	assert_false(told(w));
	assert_int_equal(rename("new", "ttyUSB0"), 0);
	assert_true(told(w));
}

static void
its_neighbours_are_not(void **state)
{
	struct world *w = *state;

	assert_int_equal(watch(w, "ttyUSB0"), 0);
	put("ttyUSB1");
	put("ttyUSB00");
	assert_int_equal(mkdir("serial", 0700), 0);
	assert_int_equal(unlink("ttyUSB1"), 0);
	assert_false(told(w));
}

static void
another_mode_is_told(void **state)
{
	struct world *w = *state;

	put("ttyUSB0");
	assert_int_equal(watch(w, "ttyUSB0"), 0);
	assert_int_equal(chmod("ttyUSB0", 0660), 0);
	assert_true(told(w));
}

static void
what_is_done_with_the_device_is_not(void **state)
{
	struct world *w = *state;

	put("ttyUSB0");
	assert_int_equal(watch(w, "ttyUSB0"), 0);
	put("ttyUSB0"); /* opened and closed */
	assert_false(told(w));
}

static void
directories_come_one_by_one(void **state)
{
	struct world *w = *state;

	assert_int_equal(watch(w, "serial/by-id/x"), 0);
	assert_int_equal(mkdir("serial", 0700), 0);
	assert_true(told(w));
	assert_int_equal(mkdir("serial/by-id", 0700), 0);
	assert_true(told(w));
	put("serial/by-id/x");
	assert_true(told(w));
	assert_int_equal(unlink("serial/by-id/x"), 0);
	assert_true(told(w));
	assert_int_equal(rmdir("serial/by-id"), 0);
	assert_true(told(w));
	assert_int_equal(rmdir("serial"), 0);
	assert_true(told(w));
	assert_int_equal(mkdir("serial", 0700), 0);
	assert_true(told(w));
}

static void
directories_that_come_at_once_are_found_by_looking_again(void **state)
{
	struct world *w = *state;

	assert_int_equal(watch(w, "serial/by-id/x"), 0);
	assert_int_equal(mkdir("serial", 0700), 0);
	assert_int_equal(mkdir("serial/by-id", 0700), 0);
	assert_true(told(w));
	put("serial/by-id/x");
	assert_true(told(w));
}

static void
a_link_is_followed_to_the_directory_of_its_target(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir("serial", 0700), 0);
	link_to("../ttyUSB0", "serial/x");
	assert_int_equal(watch(w, "serial/x"), 0);
	put("ttyUSB3");
	assert_false(told(w));
	put("ttyUSB0");
	assert_true(told(w));
	assert_int_equal(unlink("serial/x"), 0);
	link_to("../ttyUSB3", "serial/x");
	assert_true(told(w));
	assert_int_equal(unlink("ttyUSB0"), 0); /* no longer on the way */
	assert_false(told(w));
	assert_int_equal(unlink("ttyUSB3"), 0);
	assert_true(told(w));
}

static void
a_link_with_a_whole_path_begins_at_the_root(void **state)
{
	struct world *w = *state;
	char target[128];

	snprintf(target, sizeof(target), "%s/.//a/../ttyUSB0", w->dir);
	assert_int_equal(mkdir("a", 0700), 0);
	link_to(target, "x");
	assert_int_equal(watch(w, "x"), 0);
	put("ttyUSB0");
	assert_true(told(w));
}

static void
a_link_to_a_directory_is_on_the_way(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir("one", 0700), 0);
	assert_int_equal(mkdir("two", 0700), 0);
	link_to("one", "d");
	assert_int_equal(watch(w, "d/tty"), 0);
	put("two/tty");
	assert_false(told(w));
	link_to("two", "new");
	assert_int_equal(rename("new", "d"), 0);
	assert_true(told(w));
	assert_int_equal(unlink("two/tty"), 0);
	assert_true(told(w));
}

static void
links_in_a_circle_end(void **state)
{
	struct world *w = *state;

	link_to("b", "a");
	link_to("a", "b");
	assert_int_equal(watch(w, "a"), -ELOOP);
}

static void
a_way_that_is_too_long_is_refused(void **state)
{
	struct world *w = *state;
	char path[PATH_MAX] = "";
	int i;

	for (i = 0; i < 60; i++) {
		strcat(path, "d");
		assert_int_equal(mkdir(path, 0700), 0);
		strcat(path, "/");
	}
	assert_int_equal(devwatch_on(w->watch, path), -ELOOP);
}

static void
a_lost_event_means_look_again(void **state)
{
	struct world *w = *state;
	char name[32];
	int i;

	assert_int_equal(watch(w, "ttyUSB0"), 0);
	for (i = 0; i < 20000; i++) { /* more than fs.inotify.max_queued_events, which is 16384 */
		snprintf(name, sizeof(name), "n%d", i & 1);
		put(name);
		unlink(name);
	}
	for (i = 0; !w->changes && i < 2000; i++)
		loop_turn(w->loop, false);
	assert_true(w->changes > 0);
}

static void
what_is_off_is_silent_and_holds_no_descriptor(void **state)
{
	struct world *w = *state;
	int before = dup(0), after;

	close(before);
	assert_int_equal(watch(w, "ttyUSB0"), 0);
	devwatch_off(w->watch);
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
	put("ttyUSB0");
	assert_false(told(w));
	assert_int_equal(devwatch_on(w->watch, w->device), 0);
	assert_int_equal(unlink("ttyUSB0"), 0);
	assert_true(told(w));
}

static void
no_more_descriptors_is_an_error(void **state)
{
	struct world *w = *state;
	struct rlimit old, none = { 0, 0 };

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(watch(w, "ttyUSB0"), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(watch(w, "ttyUSB0"), 0);
	put("ttyUSB0");
	assert_true(told(w));
}

static void
a_thousand_looks_do_not_grow(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 1000; i++) {
		assert_int_equal(mkdir("serial", 0700), 0);
		assert_int_equal(watch(w, "serial/x"), 0);
		assert_int_equal(rmdir("serial"), 0);
		assert_true(told(w));
	}
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(a_device_that_comes_and_goes_is_told),
		WITH_WORLD(its_neighbours_are_not),
		WITH_WORLD(another_mode_is_told),
		WITH_WORLD(what_is_done_with_the_device_is_not),
		WITH_WORLD(directories_come_one_by_one),
		WITH_WORLD(directories_that_come_at_once_are_found_by_looking_again),
		WITH_WORLD(a_link_is_followed_to_the_directory_of_its_target),
		WITH_WORLD(a_link_with_a_whole_path_begins_at_the_root),
		WITH_WORLD(a_link_to_a_directory_is_on_the_way),
		WITH_WORLD(links_in_a_circle_end),
		WITH_WORLD(a_way_that_is_too_long_is_refused),
		WITH_WORLD(a_lost_event_means_look_again),
		WITH_WORLD(what_is_off_is_silent_and_holds_no_descriptor),
		WITH_WORLD(no_more_descriptors_is_an_error),
		WITH_WORLD(a_thousand_looks_do_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
