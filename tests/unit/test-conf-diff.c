/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two configurations, and what it takes to apply it.
 */
#include "conf-text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "conf/conf-priv.h"

static struct conf *
with(const char *global, const char *modem, const char *channel)
{
	AUTO(free) char *text = xasprintf("%s" MODEM_HEAD "%s" MODEM_TAIL CHANNEL_HEAD "%s" CHANNEL_TAIL, global, modem, channel);

	return good(text);
}

static void
globals_differ(const char *was, const char *is, unsigned apply, const char *keys)
{
	AUTO(conf_free) struct conf *a = with(was, "", ""), *b = with(is, "", "");
	struct conf_diff d;

	conf_diff(a, b, &d);
	assert_string_equal(d.keys, keys);
	assert_int_equal(d.apply, apply);
}

static void
modems_differ(const char *was, const char *is, unsigned apply, const char *keys)
{
	AUTO(conf_free) struct conf *a = with("", was, ""), *b = with("", is, "");
	struct conf_diff d;

	conf_modem_diff(a->modems, b->modems, &d);
	assert_string_equal(d.keys, keys);
	assert_int_equal(d.apply, apply);
	conf_diff(a, b, &d);
	assert_int_equal(d.apply, 0);
}

static void
channels_differ(const char *was, const char *is, unsigned apply, const char *keys)
{
	AUTO(conf_free) struct conf *a = with("", "", was), *b = with("", "", is);
	struct conf_diff d;

	conf_channel_diff(a->channels, b->channels, &d);
	assert_string_equal(d.keys, keys);
	assert_int_equal(d.apply, apply);
}

static void
what_is_the_same_does_not_differ(void **state)
{
	static const char channel[] = "linger = 3; socket = { allow_users = ( \"root\" ); };";
	static const char modem[] = "certificates = ( { slot = \"ca\"; file = \"/ca\"; } ); secure_sockets = 1;";

	(void)state;
	globals_differ("log = { level = \"info\"; };", "", 0, "");
	modems_differ(modem, modem, 0, "");
	modems_differ("supervision = 60;", "", 0, "");
	channels_differ(channel, channel, 0, "");
}

static void
keys_of_neither_modem_nor_channel(void **state)
{
	(void)state;
	globals_differ("", "log = { level = \"debug\"; };", CONF_APPLY_LIVE, "log.level");
	globals_differ("", "state_directory = \"/x\";", CONF_APPLY_ANEW, "state_directory");
	globals_differ("", "runtime_directory = \"/x\";", CONF_APPLY_SOCKET, "runtime_directory");
}

static void
keys_of_modems(void **state)
{
	(void)state;
	modems_differ("", "baud = 9600;", CONF_APPLY_ANEW, "baud");
	modems_differ("", "pin_file = \"/pin\";", CONF_APPLY_ANEW, "pin_file");
	modems_differ("roaming = true;", "supervision = 9;", CONF_APPLY_LIVE, "roaming, supervision");
	modems_differ("certificates = ( { slot = \"ca\"; file = \"/a\"; } );", "certificates = ( { slot = \"ca\"; file = \"/b\"; } );",
		      CONF_APPLY_SLOTS, "certificates");
	modems_differ("certificates = ( { slot = \"ca\"; file = \"/a\"; } );",
		      "flow_control = \"none\"; certificates = ( { slot = \"ca\"; file = \"/a\"; }, { slot = \"cert\"; file = \"/b\"; } );",
		      CONF_APPLY_SLOTS | CONF_APPLY_ANEW, "flow_control, certificates");
}

static void
keys_of_channels(void **state)
{
	(void)state;
	channels_differ("", "mode = \"command\";", CONF_APPLY_RESET, "mode");
	channels_differ("max_waiting = 1;", "linger = 1; wait_timeout = 2;", CONF_APPLY_LIVE, "max_waiting, wait_timeout, linger");
	channels_differ("", "socket = { mode = \"0600\"; allow_users = ( \"a\" ); };", CONF_APPLY_SOCKET,
			"socket.mode, socket.allow_users");
	channels_differ("socket = { allow_users = ( \"a\", \"b\" ); };", "socket = { allow_users = ( \"b\", \"a\" ); };",
			CONF_APPLY_SOCKET, "socket.allow_users");
	channels_differ("socket = { path = \"/a\"; };", "socket = { path = \"/b\"; }; linger = 2;",
			CONF_APPLY_SOCKET | CONF_APPLY_LIVE, "socket.path, linger");
}

static void
remotes_and_policies(void **state)
{
	static const char *const remotes[] = { "\"a:1\"", "\"a:2\"", "\"b:1\"", "( \"a:1\", \"b:1\" )", "( \"b:1\", \"a:1\" )" };
	size_t i, j;

	(void)state;
	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++) {
			static const char form[] = MODEM "channels = ( { name = \"c\"; modem = \"gw0\"; remote = %s; tls = { verify = %s; }; } );";
			AUTO(free) char *a = xasprintf(form, remotes[i], "\"server\""), *b = xasprintf(form, remotes[j], "\"none\"");
			AUTO(conf_free) struct conf *was = good(a), *is = good(b);
			struct conf_diff d;

			conf_channel_diff(was->channels, is->channels, &d);
			assert_string_equal(d.keys, i == j ? "tls.verify" : "remote, tls.verify");
			assert_int_equal(d.apply, CONF_APPLY_RESET);
		}
}

static void
every_key_says_how_it_is_applied(void **state)
{
	const struct conf_key *k;

	(void)state;
	for (k = conf_keys; k->name; k++)
		if (!CONF_APPLY_OF(k))
			fail_msg("%s", k->name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_the_same_does_not_differ),
		cmocka_unit_test(keys_of_neither_modem_nor_channel),
		cmocka_unit_test(keys_of_modems),
		cmocka_unit_test(keys_of_channels),
		cmocka_unit_test(remotes_and_policies),
		cmocka_unit_test(every_key_says_how_it_is_applied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
