/* SPDX-License-Identifier: Apache-2.0 */
/* Method calls: who may, with a polkit of our own, and what becomes of the answer. */
#include "bus-world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODEM "org.celltls1.Modem"
#define CHANNEL "org.celltls1.Channel"
#define NOBODY 65534

/* ---- polkit ---- */

static struct {
	enum { YES, NO, CHALLENGE, ERROR, GARBAGE, SILENT } says;
	unsigned asked, withdrawn;
	char action[100], caller[32];
	uint32_t flags;
	sd_bus_message *kept[80]; /* SILENT: for an answer later */
} polkit;

static int
polkit_answer(sd_bus_message *m, bool yes, bool challenge)
{
	return sd_bus_reply_method_return(m, "(bba{ss})", yes, challenge, 0);
}

static int
on_check(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *kind, *key, *caller, *action, *id;

	(void)arg;
	assert_true(sd_bus_message_read(m, "(sa{sv})s", &kind, 1, &key, "s", &caller, &action) > 0);
	assert_true(sd_bus_message_skip(m, "a{ss}") >= 0);
	assert_true(sd_bus_message_read(m, "us", &polkit.flags, &id) > 0);
	assert_string_equal(kind, "system-bus-name");
	snprintf(polkit.caller, sizeof(polkit.caller), "%s", caller);
	snprintf(polkit.action, sizeof(polkit.action), "%s", action);
	polkit.asked++;
	switch (polkit.says) {
	case YES:
		return polkit_answer(m, true, false);
	case NO:
		return polkit_answer(m, false, false);
	case CHALLENGE:
		return polkit_answer(m, false, true);
	case ERROR:
		return sd_bus_error_set(error, "org.freedesktop.PolicyKit1.Error.Failed", "it is out of order");
	case GARBAGE:
		return sd_bus_reply_method_return(m, "s", "yes");
	case SILENT:
		polkit.kept[polkit.asked - 1] = sd_bus_message_ref(m);
		return 1;
	}
	return 0;
}

static int
on_cancel(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)arg, (void)error;
	polkit.withdrawn++;
	return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable polkit_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("CancelCheckAuthorization", "s", "", on_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static int
on_name(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)m, (void)error;
	*(bool *)arg = true;
	return 0;
}

static sd_bus *
start_polkit(int says)
{
	sd_bus *peer = world_peer();
	bool named = false;

	memset(&polkit, 0, sizeof(polkit));
	polkit.says = says;
	assert_true(sd_bus_add_object_vtable(peer, NULL, "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
	    polkit_vtable, NULL) >= 0);
	assert_true(sd_bus_request_name_async(peer, NULL, "org.freedesktop.PolicyKit1", 0, on_name, &named) >= 0);
	WAIT_FOR(named);
	return peer;
}

/* The i-th question, at last. */
static void
polkit_says_yes(unsigned i)
{
	polkit_answer(polkit.kept[i], true, false);
	polkit.kept[i] = sd_bus_message_unref(polkit.kept[i]);
}

static int
teardown(void **state)
{
	size_t i;

	for (i = 0; i < 80; i++)
		sd_bus_message_unref(polkit.kept[i]);
	memset(&polkit, 0, sizeof(polkit));
	return world_teardown(state);
}

/* One that root's rights do not help. */
static sd_bus *
ordinary(void)
{
	return geteuid() == 0 ? world_peer_as(NOBODY, NOBODY) : world_peer();
}

/* The error's name, "" none. */
static const char *
call(sd_bus *peer, const char *path, const char *interface, const char *member)
{
	static char name[100];
	struct reply r;

	world_ask(peer, &r, path, interface, member, NULL);
	snprintf(name, sizeof(name), "%s", world_error(&r));
	reply_done(&r);
	return name;
}

/* ---- what reaches the owner ---- */

static void
each_method_reaches_its_owner(void **state)
{
	const char *text;
	struct reply r;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SESSION);
	peer = world_peer();
	assert_string_equal(call(peer, "/org/celltls1", "org.celltls1.Manager", "Reload"), "");
	assert_string_equal(w.called, "reload");
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "");
	assert_string_equal(w.called, "reset gw0");
	assert_string_equal(call(peer, GW0, MODEM, "Release"), "");
	assert_string_equal(w.called, "release gw0");
	assert_string_equal(call(peer, GW0, MODEM, "Acquire"), "");
	assert_string_equal(w.called, "acquire gw0");
	assert_string_equal(call(peer, CLOUD, CHANNEL, "Close"), "");
	assert_string_equal(w.called, "close cloud");
	world_ask(peer, &r, GW0, MODEM, "Command", "su", "AT+CSQ", 2500u);
	assert_string_equal(world_error(&r), "");
	assert_true(sd_bus_message_read(r.m, "s", &text) > 0);
	assert_string_equal(text, "+CSQ: 17,?0");
	assert_string_equal(w.called, "command gw0 AT+CSQ 2500");
	reply_done(&r);
	assert_int_equal(w.calls, 6);
	assert_string_equal(call(peer, CLOUD, CHANNEL, "CheckOcsp"), "NotSupported");
}

static void
a_command_of_any_length_is_not_kept(void **state)
{
	char *text = calloc(1, 5001);
	struct reply r;

	(void)state;
	memset(text, 'A', 5000);
	world_start(BUS_SESSION);
	world_ask(world_peer(), &r, GW0, MODEM, "Command", "su", text, 0u);
	assert_string_equal(world_error(&r), "InvalidArgument");
	assert_int_equal(w.calls, 0);
	reply_done(&r);
	free(text);
}

static void
open_gives_a_descriptor_to_whom_the_owner_lets(void **state)
{
	char bytes[16] = "", expected[100];
	struct reply r;
	int fd;

	(void)state;
	world_start(BUS_SYSTEM); /* and no polkit */
	world_ask(ordinary(), &r, CLOUD, CHANNEL, "Open", NULL);
	assert_string_equal(world_error(&r), "");
	assert_true(sd_bus_message_read(r.m, "h", &fd) > 0);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 7);
	assert_string_equal(bytes, "through");
	if (geteuid() == 0) {
		snprintf(expected, sizeof(expected), "open cloud uid %d group %d", NOBODY, NOBODY);
		assert_string_equal(w.called, expected);
	} else {
		snprintf(expected, sizeof(expected), "open cloud uid %d group ", (int)geteuid());
		assert_memory_equal(w.called, expected, strlen(expected));
	}
	reply_done(&r);
}

static void
a_descriptor_that_cannot_be_passed_is_an_error(void **state)
{
	struct reply r;

	(void)state;
	w.hold = true;
	world_start(BUS_SESSION);
	world_ask(world_peer(), &r, CLOUD, CHANNEL, "Open", NULL);
	WAIT_FOR(w.n_held == 1);
	bus_answer_fd(w.held[0], -1);
	assert_string_equal(world_error(&r), "Busy");
	reply_done(&r);
}

static void
answers_may_be_late_and_in_any_order(void **state)
{
	struct reply reset, release;
	sd_bus *peer;

	(void)state;
	w.hold = true;
	world_start(BUS_SESSION);
	peer = world_peer();
	world_ask(peer, &reset, GW0, MODEM, "Reset", NULL);
	world_ask(peer, &release, GW0, MODEM, "Release", NULL);
	WAIT_FOR(w.n_held == 2);
	world_pass(50);
	assert_null(reset.m);
	bus_answer(w.held[1]);
	assert_string_equal(world_error(&release), "");
	assert_null(reset.m);
	bus_refuse(w.held[0], BUS_TIMEOUT, "%s", "registering: no network \xff");
	assert_string_equal(world_error(&reset), "Timeout");
	assert_string_equal(sd_bus_message_get_error(reset.m)->message, "registering: no network ?");
	reply_done(&reset);
	reply_done(&release);
}

static void
each_error_has_its_name(void **state)
{
	static const char *const names[] = {
		[BUS_NOT_READY] = "NotReady", [BUS_BUSY] = "Busy", [BUS_NOT_SUPPORTED] = "NotSupported", [BUS_MODULE_ERROR] = "ModuleError",
		[BUS_TIMEOUT] = "Timeout", [BUS_NOT_AUTHORIZED] = "NotAuthorized", [BUS_BAD_CONFIGURATION] = "BadConfiguration",
		[BUS_INVALID_ARGUMENT] = "InvalidArgument", [BUS_BLOCKED] = "Blocked", [BUS_CANCELLED] = "Cancelled",
	};
	struct reply r;
	sd_bus *peer;
	unsigned i;

	(void)state;
	w.hold = true;
	world_start(BUS_SESSION);
	peer = world_peer();
	for (i = 0; i <= BUS_CANCELLED; i++) {
		world_ask(peer, &r, GW0, MODEM, "Reset", NULL);
		WAIT_FOR(w.n_held == i + 1);
		bus_refuse(w.held[i], (enum bus_error)i, "do this");
		assert_string_equal(world_error(&r), names[i]);
		reply_done(&r);
	}
}

/* ---- who may ---- */

static void
on_another_bus_only_root_and_the_own_user_may(void **state)
{
	sd_bus *polkit_peer, *peer;

	(void)state;
	world_start(BUS_SESSION);
	polkit_peer = start_polkit(YES);
	(void)polkit_peer;
	assert_string_equal(call(world_peer(), GW0, MODEM, "Reset"), "");
	if (geteuid() != 0)
		return;
	peer = ordinary();
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "NotAuthorized");
	assert_string_equal(call(peer, CLOUD, CHANNEL, "Close"), "NotAuthorized");
	assert_string_equal(call(peer, GW0, MODEM, "Statistics"), "");
	assert_int_equal(w.calls, 1);
	assert_int_equal(polkit.asked, 0);
}

static void
on_the_system_bus_root_needs_no_polkit(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	world_start(BUS_SYSTEM);
	assert_string_equal(call(world_peer(), GW0, MODEM, "Reset"), "");
}

static void
on_the_system_bus_polkit_decides(void **state)
{
	char name[32];
	const char *unique;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SYSTEM);
	peer = ordinary();
	assert_true(sd_bus_get_unique_name(peer, &unique) >= 0);
	snprintf(name, sizeof(name), "%s", unique);
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "NotAuthorized"); /* it is not there */
	start_polkit(YES);
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "");
	assert_string_equal(polkit.action, "org.celltls1.control-modem");
	assert_string_equal(polkit.caller, name);
	assert_int_equal(polkit.flags, 0);
	assert_string_equal(call(peer, "/org/celltls1", "org.celltls1.Manager", "Reload"), "");
	assert_string_equal(polkit.action, "org.celltls1.control-modem");
	assert_string_equal(call(peer, CLOUD, CHANNEL, "Close"), "");
	assert_string_equal(polkit.action, "org.celltls1.control-channel");
	w.interactive = true;
	assert_string_equal(call(peer, CLOUD, CHANNEL, "Close"), "");
	assert_int_equal(polkit.flags, 1);
	assert_int_equal(w.calls, 4);
	polkit.says = NO;
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "NotAuthorized");
	polkit.says = CHALLENGE;
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "NotAuthorized");
	polkit.says = ERROR;
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "NotAuthorized");
	polkit.says = GARBAGE;
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "NotAuthorized");
	assert_int_equal(w.calls, 4);
}

static void
status_needs_no_right(void **state)
{
	(void)state;
	world_start(BUS_SYSTEM);
	start_polkit(NO);
	assert_string_equal(call(ordinary(), GW0, MODEM, "Statistics"), "");
	assert_int_equal(polkit.asked, 0);
}

static void
a_polkit_that_never_answers_means_no(void **state)
{
	struct reply r;

	(void)state;
	world_start(BUS_SYSTEM);
	start_polkit(SILENT);
	world_ask(ordinary(), &r, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(polkit.asked == 1);
	world_pass(5000);
	assert_null(r.m);
	assert_string_equal(world_error(&r), "NotAuthorized");
	WAIT_FOR(polkit.withdrawn == 1);
	polkit_says_yes(0);
	world_pass(50);
	assert_int_equal(w.calls, 0);
	reply_done(&r);
}

static void
a_caller_that_left_is_not_served(void **state)
{
	struct reply r;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SYSTEM);
	start_polkit(SILENT);
	peer = ordinary();
	world_ask(peer, &r, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(polkit.asked == 1);
	reply_done(&r);
	world_leave(peer);
	WAIT_FOR(polkit.withdrawn == 1);
	polkit_says_yes(0);
	world_pass(50);
	assert_int_equal(w.calls, 0);
}

/* It is answered all the same, some time. */
static void
the_owner_hears_that_a_caller_left(void **state)
{
	struct reply r[2], other;
	sd_bus *peer;

	(void)state;
	w.hold = true;
	world_start(BUS_SESSION);
	peer = world_peer();
	world_ask(world_peer(), &other, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(w.n_held == 1);
	world_ask(peer, &r[0], GW0, MODEM, "Reset", NULL);
	WAIT_FOR(w.n_held == 2);
	reply_done(&r[0]);
	world_leave(peer);
	WAIT_FOR(w.left);
	assert_ptr_equal(w.left, w.held[1]);
	bus_answer(w.held[1]);
	bus_answer(w.held[0]);
	assert_string_equal(world_error(&other), "");
	reply_done(&other);
	w.left = NULL;
	world_ask(world_peer(), &r[1], GW0, MODEM, "Reset", NULL);
	WAIT_FOR(w.n_held == 3);
	world_stop_daemon(); /* and with it everybody */
	WAIT_FOR(w.left == w.held[2]);
	bus_answer(w.held[2]);
	reply_done(&r[1]);
}

static void
an_object_that_went_meanwhile_is_not_touched(void **state)
{
	struct reply r;

	(void)state;
	world_start(BUS_SYSTEM);
	start_polkit(SILENT);
	world_ask(ordinary(), &r, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(polkit.asked == 1);
	w.n_modems = 0;
	polkit_says_yes(0);
	assert_string_equal(world_error(&r), "org.freedesktop.DBus.Error.UnknownObject");
	assert_int_equal(w.calls, 0);
	reply_done(&r);
}

static void
those_that_wait_for_their_right_are_bounded(void **state)
{
	struct reply waits[65], one_more;
	sd_bus *peer = NULL;
	unsigned i;

	(void)state;
	world_start(BUS_SYSTEM);
	start_polkit(SILENT);
	for (i = 0; i < 64; i++) {
		if (i % 4 == 0)
			peer = ordinary();
		world_ask(peer, &waits[i], GW0, MODEM, "Reset", NULL);
		if (i == 3) {
			world_ask(peer, &one_more, GW0, MODEM, "Reset", NULL);
			assert_string_equal(world_error(&one_more), "Busy"); /* its fifth */
			reply_done(&one_more);
		}
	}
	WAIT_FOR(polkit.asked == 64);
	peer = ordinary();
	world_ask(peer, &waits[64], GW0, MODEM, "Reset", NULL);
	assert_string_equal(world_error(&waits[64]), "Busy");
	polkit_says_yes(0);
	assert_string_equal(world_error(&waits[0]), "");
	world_ask(peer, &one_more, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(polkit.asked == 65);
	for (i = 0; i < 65; i++)
		reply_done(&waits[i]);
	reply_done(&one_more);
}

/* ---- the end ---- */

static void
calls_outlive_the_bus(void **state)
{
	struct reply held, waits;
	sd_bus *peer;

	(void)state;
	world_start(BUS_SYSTEM);
	start_polkit(YES);
	peer = ordinary();
	w.hold = true;
	world_ask(peer, &held, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(w.n_held == 1);
	polkit.says = SILENT;
	world_ask(peer, &waits, GW0, MODEM, "Reset", NULL);
	WAIT_FOR(polkit.asked == 2);
	bus_free(w.bus);
	w.bus = NULL;
	assert_string_equal(world_error(&waits), "Cancelled");
	assert_string_equal(world_error(&held), "org.freedesktop.DBus.Error.NoReply");
	bus_answer(w.held[0]); /* to nobody */
	reply_done(&held);
	reply_done(&waits);
}

static void
the_bus_may_be_freed_from_inside_a_call(void **state)
{
	sd_bus *peer;

	(void)state;
	w.ends = true;
	world_start(BUS_SESSION);
	peer = world_peer();
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "");
	assert_null(w.bus);
	assert_string_equal(call(peer, GW0, MODEM, "Reset"), "org.freedesktop.DBus.Error.ServiceUnknown");
	assert_int_equal(clock_deadline(loop_clock(w.loop)), CLOCK_NEVER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_method_reaches_its_owner),
		TEST(a_command_of_any_length_is_not_kept),
		TEST(open_gives_a_descriptor_to_whom_the_owner_lets),
		TEST(a_descriptor_that_cannot_be_passed_is_an_error),
		TEST(answers_may_be_late_and_in_any_order),
		TEST(each_error_has_its_name),
		TEST(on_another_bus_only_root_and_the_own_user_may),
		TEST(on_the_system_bus_root_needs_no_polkit),
		TEST(on_the_system_bus_polkit_decides),
		TEST(status_needs_no_right),
		TEST(a_polkit_that_never_answers_means_no),
		TEST(a_caller_that_left_is_not_served),
		TEST(the_owner_hears_that_a_caller_left),
		TEST(an_object_that_went_meanwhile_is_not_touched),
		TEST(those_that_wait_for_their_right_are_bounded),
		TEST(calls_outlive_the_bus),
		TEST(the_bus_may_be_freed_from_inside_a_call),
	};

	if (system("dbus-daemon --version >/dev/null 2>&1") != 0) {
		puts("there is no dbus-daemon here");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
