/* SPDX-License-Identifier: Apache-2.0 */
/* The question to the bus, with a bus of our own, with none, and with one that does not answer. */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "port/modemmanager.h"

static char dir[64], address[128];
static pid_t children[2]; /* the bus, and who has a name on it */

static pid_t
child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test-modemmanager-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(address, sizeof(address), "unix:path=%s/bus", dir);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	return 0;
}

static int
teardown(void **state)
{
	char command[128];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (children[i]) {
			kill(children[i], SIGKILL);
			waitpid(children[i], NULL, 0);
			children[i] = 0;
		}
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void
start_bus(void)
{
	char option[160];
	int tries;

	snprintf(option, sizeof(option), "--address=%s", address);
	children[0] = child();
	if (children[0] == 0) {
		execlp("dbus-daemon", "dbus-daemon", "--session", "--nofork", "--nosyslog", "--nopidfile", option, NULL);
		_exit(1);
	}
	for (tries = 0; tries < 100 && access(address + strlen("unix:path="), F_OK) != 0; tries++) {
		if (waitpid(children[0], NULL, WNOHANG) == children[0]) {
			children[0] = 0;
			skip(); /* there is no dbus-daemon here */
		}
		usleep(50000);
	}
}

/* A process that has the name, until it is killed. */
static void
start_owner(void)
{
	sd_bus *bus = NULL;
	int told[2];
	char byte;

	assert_int_equal(pipe(told), 0);
	children[1] = child();
	if (children[1] == 0) {
		if (sd_bus_open_system(&bus) < 0 || sd_bus_request_name(bus, "org.freedesktop.ModemManager1", 0) < 0)
			_exit(1);
		if (write(told[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
}

static long
took_ms(int *ret_pid)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	*ret_pid = modemmanager_pid(300);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

static void
its_pid_is_told(void **state)
{
	(void)state;
	start_bus();
	start_owner();
	assert_int_equal(modemmanager_pid(5000), children[1]);
}

static void
where_it_does_not_run_there_is_none(void **state)
{
	(void)state;
	start_bus();
	assert_int_equal(modemmanager_pid(5000), 0);
}

static void
without_a_bus_there_is_none(void **state)
{
	int pid;

	(void)state;
	assert_in_range(took_ms(&pid), 0, 250);
	assert_int_equal(pid, 0);
}

static void
a_bus_that_says_nothing_is_not_waited_for(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), pid;

	(void)state;
	strcpy(sun.sun_path, address + strlen("unix:path="));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_in_range(took_ms(&pid), 250, 1500);
	assert_int_equal(pid, 0);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_pid_is_told),
		TEST(where_it_does_not_run_there_is_none),
		TEST(without_a_bus_there_is_none),
		TEST(a_bus_that_says_nothing_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
