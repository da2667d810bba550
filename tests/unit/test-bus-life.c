/* SPDX-License-Identifier: Apache-2.0 */
/* The bus comes, goes and is flooded, and the loop turns on for all others. */
#include "bus-world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "bus/bus-priv.h"

#define MODEM "org.celltls1.Modem"
#define CHANNEL "org.celltls1.Channel"
#define PROPERTIES "org.freedesktop.DBus.Properties"

/* Whether the objects are there, for a new client. */
static void
expect_objects(void)
{
	sd_bus *peer = world_peer();
	struct reply r;

	world_ask(peer, &r, CLOUD, PROPERTIES, "GetAll", "s", CHANNEL);
	assert_string_equal(world_error(&r), "");
	reply_done(&r);
	world_leave(peer);
}

/* ---- the bus comes and goes ---- */

static void
a_bus_that_comes_later_is_found(void **state)
{
	(void)state;
	world_stop_daemon();
	w.bus = bus_new(w.loop, BUS_SYSTEM, NULL, NULL, NULL);
	bus_free(w.bus); /* before its first turn */
	w.bus = NULL;
	world_begin(BUS_SYSTEM);
	world_pass(300);
	world_start_daemon();
	world_await_name();
	expect_objects();
}

static void
a_bus_that_was_lost_is_found_again(void **state)
{
	sd_bus *peer;
	struct reply r;
	int i;

	(void)state;
	w.hold = true;
	world_start(BUS_SESSION);
	for (i = 0; i < 3; i++) {
		peer = world_peer();
		world_ask(peer, &r, GW0, MODEM, "Reset", NULL);
		WAIT_FOR(w.n_held == 1);
		world_leave(peer);
		reply_done(&r);
		world_stop_daemon();
		bus_channel_changed(w.bus, "cloud", false);
		bus_objects_changed(w.bus);
		world_pass(100);
		if (i == 1)
			bus_answer(w.held[--w.n_held]); /* to nobody, while there is none */
		world_start_daemon();
		world_await_name();
		expect_objects();
		if (w.n_held)
			bus_refuse(w.held[--w.n_held], BUS_CANCELLED, "to nobody, on another connection");
	}
}

static void
without_a_bus_there_is_no_wake_up(void **state)
{
	(void)state;
	world_stop_daemon();
	world_begin(BUS_SYSTEM);
	world_pass(5500); /* the log has been told */
	assert_int_equal(clock_deadline(loop_clock(w.loop)), CLOCK_NEVER);
	bus_channel_changed(w.bus, "cloud", false);
	bus_objects_changed(w.bus);
	assert_int_equal(clock_deadline(loop_clock(w.loop)), CLOCK_NEVER);
}

static void
a_bus_that_says_nothing_holds_nobody_up(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	uint64_t from;

	(void)state;
	world_stop_daemon();
	strcpy(sun.sun_path, w.address + strlen("unix:path="));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 5), 0);
	world_begin(BUS_SYSTEM);
	for (from = world_ms(); world_ms() < from + 300;) {
		uint64_t turn = world_ms();

		world_pump();
		assert_in_range(world_ms() - turn, 0, 100);
	}
	close(fd);
	unlink(sun.sun_path);
	world_start_daemon();
	world_await_name();
}

/* ---- the name ---- */

/* Lines of the log so far with this word. */
static unsigned
told(const char *word)
{
	char path[100], line[600];
	unsigned n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", w.dir);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, word) != NULL;
	if (f)
		fclose(f);
	return n;
}

static int
hear_log(void)
{
	char path[100];
	int out = dup(2), fd;

	snprintf(path, sizeof(path), "%s/log", w.dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(fd, 2);
	close(fd);
	log_level = LOG_INFO;
	return out;
}

static void
hear_no_log(int out)
{
	dup2(out, 2);
	close(out);
	log_level = LOG_ERROR - 1;
}

static void
a_name_that_is_taken_is_told_once_and_had_when_free(void **state)
{
	sd_bus *first = world_peer();
	int out = hear_log();

	(void)state;
	assert_true(sd_bus_request_name_async(first, NULL, NAME, 0, NULL, NULL) >= 0);
	world_await_name();
	world_begin(BUS_SYSTEM);
	WAIT_FOR(told("another process has the name") == 1);
	world_pass(300);
	assert_int_equal(told("another process has the name"), 1);
	assert_int_equal(told("on the system bus as"), 0);
	world_leave(first);
	WAIT_FOR(told("on the system bus as") == 1);
	expect_objects();
	hear_no_log(out);
}

static void
a_name_that_is_refused_is_told_once_and_had_when_allowed(void **state)
{
	int out = hear_log();

	(void)state;
	world_stop_daemon();
	world_config(false);
	world_start_daemon();
	world_begin(BUS_SYSTEM);
	WAIT_FOR(told("does not let us have the name") == 1);
	world_pass(1000); /* and is asked for again */
	assert_int_equal(told("does not let us have the name"), 1);
	world_config(true);
	kill(w.daemon, SIGHUP);
	WAIT_FOR(told("on the system bus as") == 1);
	expect_objects();
	hear_no_log(out);
}

/* ---- who owns a name? ---- */

static int pid_told;

static void
on_pid(void *arg, int pid)
{
	(void)arg;
	pid_told = pid;
}

static void
ask_pid(const char *name)
{
	pid_told = -1;
	bus_pid_of(w.bus, name, on_pid, NULL);
	assert_int_equal(pid_told, -1); /* not from inside */
}

static void
the_owner_of_a_name_is_told_by_its_pid(void **state)
{
	sd_bus *peer = world_peer();
	uint64_t from;

	(void)state;
	assert_true(sd_bus_request_name_async(peer, NULL, "org.example.Owner", 0, NULL, NULL) >= 0);
	world_begin(BUS_SYSTEM);
	ask_pid("org.example.Owner"); /* before the bus is there */
	WAIT_FOR(pid_told == getpid());
	ask_pid("org.example.Owner");
	WAIT_FOR(pid_told == getpid());
	ask_pid("org.example.Nobody");
	WAIT_FOR(pid_told == 0);
	kill(w.daemon, SIGSTOP);
	from = world_ms();
	ask_pid("org.example.Owner");
	WAIT_FOR(pid_told == 0);
	assert_in_range(world_ms() - from, 900, 5000);
	kill(w.daemon, SIGCONT);
	bus_question_free(bus_pid_of(w.bus, "org.example.Owner", on_pid, NULL));
	pid_told = -1;
	world_pass(1200);
	assert_int_equal(pid_told, -1);
	ask_pid("org.example.Owner");
	world_stop_daemon();
	WAIT_FOR(pid_told != -1); /* it may have been just in time */
}

/* ---- a flood ---- */

static struct {
	int fd;
	struct watch *watch;
	unsigned turns, asked, most; /* how many answers were given between two of its turns */
	uint64_t ms, longest_ms;
} other;

/* A descriptor that is always ready: what the line would be under full load. */
static void
on_other(unsigned event, void *arg)
{
	uint64_t now = world_ms();

	(void)event, (void)arg;
	if (w.asked - other.asked > other.most)
		other.most = w.asked - other.asked;
	if (other.ms && now - other.ms > other.longest_ms)
		other.longest_ms = now - other.ms;
	other.asked = w.asked;
	other.ms = now;
	other.turns++;
}

static void
watch_other(void)
{
	memset(&other, 0, sizeof(other));
	other.asked = w.asked;
	other.fd = eventfd(1, EFD_CLOEXEC);
	other.watch = watch_new(w.loop, other.fd, LOOP_READ, on_other, NULL);
}

static void
leave_other(void)
{
	watch_free(other.watch);
	close(other.fd);
}

/* The sanitizer keeps what was freed, which would look as if we did. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=2";
}

static long
resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size, resident = 0;

	assert_int_equal(fscanf(f, "%ld %ld", &size, &resident), 2);
	fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A process that asks for everything so many times, as fast as it can, and never reads an answer. */
static pid_t
flooder(unsigned calls)
{
	sd_bus_message *m;
	sd_bus *bus;
	pid_t pid = fork();
	uint64_t cookie; /* one that is not asked for says that no answer is wanted */
	unsigned i;

	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, w.address) < 0 || sd_bus_set_bus_client(bus, true) < 0 || sd_bus_start(bus) < 0)
		_exit(1);
	while (sd_bus_is_ready(bus) == 0)
		if (sd_bus_process(bus, NULL) == 0)
			sd_bus_wait(bus, UINT64_MAX);
	for (i = 0; i < calls; i++) {
		if (sd_bus_message_new_method_call(bus, &m, NAME, CLOUD, PROPERTIES, "GetAll") < 0 || sd_bus_message_append(m, "s", CHANNEL) < 0 ||
		    sd_bus_send(bus, m, &cookie) < 0 || (i % 100 == 0 && sd_bus_flush(bus) < 0))
			break;
		sd_bus_message_unref(m);
	}
	sd_bus_flush(bus);
	pause();
	_exit(0);
}

static void
who_floods_and_never_reads_does_not_hold_up_the_line(void **state)
{
	uint64_t from;
	long memory;
	pid_t pid;

	(void)state;
	world_start(BUS_SYSTEM);
	memory = resident_kb();
	watch_other();
	pid = flooder(20000);
	for (from = world_ms(); w.asked < 15000 && world_ms() < from + 60000;)
		world_pump();
	assert_in_range(w.asked, 1, ((world_ms() - from) / BUS_WINDOW_MS + 2) * BUS_WINDOW_MESSAGES);
	printf("%u answers in %u ms, the other descriptor's longest wait %u ms, %ld kB more\n", w.asked, (unsigned)(world_ms() - from),
	    (unsigned)other.longest_ms, resident_kb() - memory);
	assert_in_range(w.asked, 15000, 20000);
	assert_in_range(other.most, 1, 2);
	assert_in_range(other.longest_ms, 0, 1000);
	assert_true(resident_kb() - memory < 30000);
	leave_other();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	expect_objects();
}

/* The bus keeps any number of those, in the order in which they came. */
static void
questions_without_an_answer_cost_nothing(void **state)
{
	sd_bus_message *m;
	struct reply r;
	sd_bus *peer;
	uint64_t from;
	unsigned i;

	(void)state;
	world_start(BUS_SYSTEM);
	peer = world_peer();
	expect_objects();
	w.asked = 0;
	from = world_ms();
	for (i = 0; i < 5000; i++) {
		assert_true(sd_bus_message_new_method_call(peer, &m, NAME, CLOUD, i % 2 ? PROPERTIES : MODEM,
		    i % 2 ? "GetAll" : "Statistics") >= 0);
		assert_true(sd_bus_message_append(m, "s", CHANNEL) >= 0);
		assert_true(sd_bus_send(peer, m, NULL) >= 0);
		sd_bus_message_unref(m);
	}
	world_ask(peer, &r, CLOUD, PROPERTIES, "GetAll", "s", CHANNEL);
	assert_string_equal(world_error(&r), "");
	reply_done(&r);
	assert_int_equal(w.asked, 1);
	printf("one answer behind 5000 that nobody wants: %u ms\n", (unsigned)(world_ms() - from));
}

/* What changes something is done, whether its caller wants to hear of it or not. */
static void
a_call_without_an_answer_is_served(void **state)
{
	sd_bus_message *m;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SESSION);
	peer = world_peer();
	assert_true(sd_bus_message_new_method_call(peer, &m, NAME, GW0, MODEM, "Reset") >= 0);
	assert_true(sd_bus_send(peer, m, NULL) >= 0);
	sd_bus_message_unref(m);
	WAIT_FOR(w.calls == 1);
}

/* Only the loop turns, so that nothing but the bus takes its time. */
static void
the_line_has_the_rest_of_a_window_to_itself(void **state)
{
	struct reply *replies = calloc(800, sizeof(*replies));
	unsigned i, rests = 0;
	uint64_t from;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SYSTEM);
	peer = world_peer();
	for (i = 0; i < 800; i++)
		world_ask(peer, &replies[i], CLOUD, "org.freedesktop.DBus.Peer", "Ping", NULL);
	for (i = 0; i < 2000; i++)
		sd_bus_process(peer, NULL);
	usleep(200000);
	for (from = world_ms(); world_ms() < from + 300;) {
		bool rested = w.bus->rest.state != TIMER_OFF;
		unsigned taken = w.bus->taken;

		loop_turn(w.loop, false);
		assert_in_range(w.bus->taken, 0, BUS_WINDOW_MESSAGES);
		if (rested && w.bus->rest.state != TIMER_OFF)
			assert_int_equal(w.bus->taken, taken);
		rests += !rested && w.bus->rest.state != TIMER_OFF;
	}
	assert_in_range(rests, 1, 300 / BUS_WINDOW_MS + 1);
	for (i = 0; i < 800; i++) {
		assert_string_equal(world_error(&replies[i]), "");
		reply_done(&replies[i]);
	}
	free(replies);
}

/* Root's sockets hold eight megabytes: too much to fill here. */
static void
shrink_output(void)
{
	int size = 32768;

	assert_int_equal(setsockopt(sd_bus_get_fd(w.bus->sd), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
}

/* The daemon of the bus stands still with our answers untaken: nothing more is read, and so nothing is held. */
static void
nothing_is_read_while_answers_are_not_taken(void **state)
{
	unsigned i, before, standing, n = 800;
	struct reply *replies = calloc(n, sizeof(*replies));
	uint64_t queued, from;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SYSTEM);
	shrink_output();
	peer = world_peer();
	before = w.asked;
	for (i = 0; i < n; i++)
		world_ask(peer, &replies[i], CLOUD, PROPERTIES, "GetAll", "s", CHANNEL);
	for (i = 0; i < 2000; i++)
		sd_bus_process(peer, NULL); /* sent; our own loop stands still meanwhile */
	usleep(200000);
	kill(w.daemon, SIGSTOP);
	for (from = world_ms(); !bus_is_choked(w.bus) && world_ms() < from + 10000;)
		loop_turn(w.loop, false);
	for (from = world_ms(); world_ms() < from + 100;)
		loop_turn(w.loop, false);
	standing = w.asked - before;
	assert_in_range(standing, 1, 100);
	assert_true(sd_bus_get_n_queued_write(w.bus->sd, &queued) >= 0);
	assert_in_range(queued, 1, 2);
	for (i = 0; i < 100; i++) {
		bus_channel_changed(w.bus, "cloud", false);
		w.channels[0].state = i % 2 ? "idle" : "open";
		loop_turn(w.loop, false);
	}
	assert_in_range(w.asked - before - standing, 0, 1); /* no news either */
	kill(w.daemon, SIGCONT);
	for (i = 0; i < n; i++) {
		assert_string_equal(world_error(&replies[i]), "");
		reply_done(&replies[i]);
	}
	free(replies);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bus_that_comes_later_is_found),
		TEST(a_bus_that_was_lost_is_found_again),
		TEST(without_a_bus_there_is_no_wake_up),
		TEST(a_bus_that_says_nothing_holds_nobody_up),
		TEST(a_name_that_is_taken_is_told_once_and_had_when_free),
		TEST(a_name_that_is_refused_is_told_once_and_had_when_allowed),
		TEST(the_owner_of_a_name_is_told_by_its_pid),
		TEST(who_floods_and_never_reads_does_not_hold_up_the_line),
		TEST(the_line_has_the_rest_of_a_window_to_itself),
		TEST(questions_without_an_answer_cost_nothing),
		TEST(a_call_without_an_answer_is_served),
		TEST(nothing_is_read_while_answers_are_not_taken),
	};

	if (system("dbus-daemon --version >/dev/null 2>&1") != 0) {
		puts("there is no dbus-daemon here");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
