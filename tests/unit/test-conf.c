/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each row of the keys, and the language: file, line, key, and what is allowed, to the letter.
 */
#include "conf-text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/xalloc.h"

/* --- what is right --- */

static void
defaults_are_those_of_the_manual(void **state)
{
	AUTO(conf_free) struct conf *c = good(MODEM CHANNEL_HEAD CHANNEL_TAIL);
	struct modem_conf *m = conf_modem(c, "gw0");
	struct channel_conf *ch = &c->channels[0];

	(void)state;
	assert_int_equal(c->n_channels, 1);
	assert_string_equal(ch->name, "cloud");
	assert_int_equal(conf_log_level(c), LOG_INFO);
	assert_string_equal(c->state_directory, "/var/lib/celltls");
	assert_string_equal(c->runtime_directory, "/run/celltls");
	assert_string_equal(c->verify_socket, "/run/celltls/verify.sock");
	assert_string_equal(c->verify_host_socket, "");
	assert_int_equal(c->clock, CONF_CLOCK_HOST);
	assert_int_equal(m->baud, 115200);
	assert_int_equal(m->flow_control, CONF_FLOW_RTSCTS);
	assert_false(m->roaming);
	assert_string_equal(m->sim, "");
	assert_int_equal(m->pdp.cid, 1);
	assert_int_equal(m->pdp.auth, CONF_AUTH_AUTO);
	assert_int_equal(m->pdp.type, CONF_PDP_IP);
	assert_int_equal(m->secure_sockets, 0);
	assert_int_equal(m->supervision_s, 60);
	assert_int_equal(m->n_certificates, 0);
	assert_int_equal(m->eztcp.local_port, 1470);
	assert_true(m->eztcp.suppress_escape);
	assert_ptr_equal(ch->modem_conf, m);
	assert_int_equal(ch->remote.n, 1);
	assert_string_equal(ch->remote.v[0].host, "example.com");
	assert_int_equal(ch->remote.v[0].port, 443);
	assert_string_equal(ch->socket.path, "/run/celltls/cloud.sock");
	assert_int_equal(ch->socket.mode, 0660);
	assert_string_equal(ch->socket.group, "celltls");
	assert_int_equal(ch->mode, CONF_MODE_AUTO);
	assert_true(ch->tls.enabled);
	assert_int_equal(ch->tls.engine, CONF_ENGINE_MODULE);
	assert_int_equal(ch->tls.verify, CONF_VERIFY_SERVER);
	assert_int_equal(ch->tls.ca.n, 1);
	assert_string_equal(ch->tls.ca.v[0], "ca");
	assert_string_equal(ch->tls.cert, "cert");
	assert_string_equal(ch->tls.key, "key");
	assert_int_equal(ch->tls.check_name, CONF_CHECK_NAME_TRY);
	assert_true(ch->tls.resume);
	assert_false(ch->ocsp.enabled);
	assert_int_equal(ch->ocsp.policy, CONF_POLICY_SOFT);
	assert_int_equal(ch->ocsp.interval_s, 14400);
	assert_int_equal(ch->ocsp.crl, CONF_CRL_FALLBACK);
	assert_int_equal(ch->ocsp.grace_s, 3600);
	assert_int_equal(ch->max_sessions, 1);
	assert_int_equal(ch->max_waiting, 16);
	assert_int_equal(ch->wait_timeout_s, 60);
	assert_int_equal(ch->dial_timeout_s, 120);
	assert_int_equal(ch->dial_backoff_s, 60);
	assert_int_equal(ch->idle_timeout_s, 0);
	assert_int_equal(ch->max_session_time_s, 0);
	assert_int_equal(ch->linger_s, 30);
}

static void
values_arrive(void **state)
{
	AUTO(conf_free) struct conf *c = good(
	    "log = { level = \"debug\"; };\nruntime_directory = \"/tmp/r\";\n"
	    "modems = ( { name = \"a\"; device = \"/dev/a\"; baud = 0; flow_control = \"none\"; roaming = true;\n"
	    "  pdp = { apn = \"x\"; type = \"IPV6\"; auth = \"chap\"; user = \"u\"; }; secure_sockets = 3;\n"
	    "  certificates = ( { slot = \"ca\"; file = \"/x\"; }, { slot = \"key\"; file = \"credential:k\"; } ); } );\n"
	    "channels = ( { name = \"b\"; modem = \"a\"; remote = ( \"[2001:db8::1]:8883\", \"192.0.2.1:1\" );\n"
	    "  socket = { mode = \"600\"; allow_users = ( \"root\" ); }; mode = \"command\"; max_sessions = 3;\n"
	    "  tls = { verify = \"mutual\"; ca = [ \"ca\", \"1\" ]; ciphers = ( \"TLS_RSA_WITH_AES_128_CBC_SHA\" );\n"
	    "    check_name = \"off\"; strict = true; accept = ( \"tls1.0\" ); }; } );\n");
	struct channel_conf *ch = &c->channels[0];

	(void)state;
	assert_string_equal(ch->name, "b");
	assert_int_equal(conf_log_level(c), LOG_DEBUG);
	assert_int_equal(c->modems[0].baud, 0);
	assert_int_equal(c->modems[0].flow_control, CONF_FLOW_NONE);
	assert_int_equal(c->modems[0].pdp.type, CONF_PDP_IPV6);
	assert_int_equal(c->modems[0].pdp.auth, CONF_AUTH_CHAP);
	assert_int_equal(c->modems[0].n_certificates, 2);
	assert_string_equal(c->modems[0].certificates[1].file, "credential:k");
	assert_string_equal(ch->remote.v[0].host, "2001:db8::1");
	assert_true(ch->remote.v[0].v6);
	assert_int_equal(ch->remote.v[0].port, 8883);
	assert_string_equal(ch->remote.v[1].host, "192.0.2.1");
	assert_int_equal(ch->socket.mode, 0600);
	assert_string_equal(ch->socket.path, "/tmp/r/b.sock");
	assert_int_equal(ch->mode, CONF_MODE_COMMAND);
	assert_int_equal(ch->tls.verify, CONF_VERIFY_MUTUAL);
	assert_int_equal(ch->tls.ca.n, 2);
	assert_int_equal(ch->tls.check_name, CONF_CHECK_NAME_OFF);
	assert_string_equal(ch->tls.accept.v[0], "tls1.0");
	assert_null(conf_modem(c, "b"));
}

static char *
slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = xcalloc(65536, 1);

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static void
the_examples_are_good(void **state)
{
	AUTO(free) char *full = slurp(SRCDIR "/tests/unit/conf/full.conf"), *installed = slurp(SRCDIR "/conf/celltls.conf");
	AUTO(conf_free) struct conf *c = good(full), *d = good(installed);

	(void)state;
	assert_int_equal(c->n_modems, 1);
	assert_int_equal(c->modems[0].n_certificates, 3);
	assert_int_equal(d->n_channels, 1);
}

/* --- what libconfig would take silently, and what it does not take --- */

static void
syntax_errors_have_their_line(void **state)
{
	(void)state;
	says("log = {\n level = ;\n};\n", "t.conf:2: syntax error (key = value;)\n");
	says("log = { level = \"info; };\n\n", "t.conf:1: this string does not end (\" is missing)\n");
	says("log = {\n level \"info\"; };\n", "t.conf:2: syntax error (key = value;)\n");
	says("\n/* log\n", "t.conf:2: this comment does not end (*/ is missing)\n");
	says("clock = \"host\";\n@include \"/etc/passwd\"\n",
	     "t.conf:2: @include is not allowed (the configuration is one file)\n");
	says_len("clock = \"host\";\n\0", 17, CONF_NO_FILES, "t.conf:2: a NUL byte (the configuration is a text file)\n");
	says("a = ((((((((((((((((((1", "t.conf:1: brackets within brackets, too many of them (at most 16)\n");
}

static void
duplicates_are_named(void **state)
{
	(void)state;
	says("clock = \"host\";\nlog = { level = \"info\"; };\nclock = \"host\";\n",
	     "t.conf:3: clock: given twice (it is in line 1 already)\n");
	says("log = {\n level = \"info\";\n level = \"debug\";\n};\n",
	     "t.conf:3: level: given twice (it is in line 2 already)\n");
}

static void
long_numbers_are_mistakes(void **state)
{
	(void)state;
	modem_says("supervision = 1000000000;",
		   "t.conf:2: the number 1000000000 is too long (at most nine digits)\n"
		   "t.conf:2: modems[0].supervision: 1000000000 is out of range (1 to 86400)\n");
	/* 2^32 + 60: libconfig 1.5 would make 60 of it */
	modem_says("supervision = 0x10000003C;", "t.conf:2: the number 0x10000003C is too long (at most nine digits)\n");
	modem_says("# 10000000000\n/* 10000000000 \"\" \"\" \\x00 */ supervision = 0x00000003C; // \"", "");
}

static void
neighbouring_strings_are_mistakes(void **state)
{
	(void)state;
	says(MODEM CHANNEL_HEAD "socket = { allow_users = ( \"root\"\n\"daemon\" ); };" CHANNEL_TAIL,
	     "t.conf:4: two strings without a comma between them (write \"a\", \"b\")\n");
	says(MODEM CHANNEL_HEAD "socket = { allow_users = ( \"root\", # \"\n\"daemon\" ); };" CHANNEL_TAIL, "");
}

static void
nul_in_a_string_is_a_mistake(void **state)
{
	(void)state;
	modem_says("pin_file = \"/x\\x00y\";", "t.conf:2: \\x00 in a string (any other character is allowed)\n");
	modem_says("pin_file = \"/x\\\\x00y\";", "");
}

/* --- rows --- */

static void
unknown_keys_get_a_suggestion(void **state)
{
	(void)state;
	modem_says("bauds = 9600;", "t.conf:2: modems[0].bauds: unknown key (did you mean baud?)\n");
	says("\nlog = { colour = true; };\n" MODEM, "t.conf:2: log.colour: unknown key (allowed here: level)\n");
	tls_says("verfiy = \"server\";", "t.conf:3: channels[0].tls.verfiy: unknown key (did you mean verify?)\n");
}

static void
wrong_types_are_told(void **state)
{
	(void)state;
	modem_says("baud = \"9600\";", "t.conf:2: modems[0].baud: not an integer (0, or 1200 to 4000000, without quotes)\n");
	modem_says("baud = 9600.0;", "t.conf:2: modems[0].baud: not an integer (0, or 1200 to 4000000, without quotes)\n");
	modem_says("roaming = 1;", "t.conf:2: modems[0].roaming: not a truth value (true or false, without quotes)\n");
	modem_says("flow_control = 1;", "t.conf:2: modems[0].flow_control: not a string (none, rtscts, in quotes)\n");
	modem_says("sim = 1;", "t.conf:2: modems[0].sim: not a string (18 to 22 digits, in quotes)\n");
	modem_says("sms = 1;", "t.conf:2: modems[0].sms: not a group ({ key = value; ... })\n");
	modem_says("certificates = 1;", "t.conf:2: modems[0].certificates: not a list (( { ... }, { ... } ))\n");
	modem_says("certificates = ( 1 );", "t.conf:2: modems[0].certificates[0]: not a group ({ key = value; ... })\n");
	channel_says("socket = { mode = 660; };",
		     "t.conf:3: channels[0].socket.mode: not a string (three or four octal digits up to 0777, such as \"0660\", "
		     "in quotes)\n");
	channel_says("socket = { allow_users = \"root\"; };",
		     "t.conf:3: channels[0].socket.allow_users: not a list (( \"a\", \"b\" ))\n");
	tls_says("ca = 1;", "t.conf:3: channels[0].tls.ca: not a list (a string, or ( \"a\", \"b\" ))\n");
}

static void
entries_of_lists_have_their_own_line(void **state)
{
	(void)state;
	tls_says("accept = (\n \"tls1.0\",\n 5,\n \"\",\n \"tls1.9\"\n);",
		 "t.conf:5: channels[0].tls.accept: not a string (the entries of this list are strings, in quotes)\n"
		 "t.conf:6: channels[0].tls.accept: is empty (the entries of this list are not)\n"
		 "t.conf:7: channels[0].tls.accept: \"tls1.9\" is not allowed (cleartext, unverified, ssl3, tls1.0, tls1.1, rc4, "
		 "3des, null, md5, sha1, cipher-unknown, version-unknown, name-unchecked, dates-unchecked, other-roots, "
		 "inflight-commands, escape-visible, escape-unsafe, end-unsure)\n");
}

static void
ranges_are_told(void **state)
{
	(void)state;
	modem_says("baud = 300;", "t.conf:2: modems[0].baud: 300 is out of range (0, or 1200 to 4000000)\n");
	modem_says("supervision = -1;", "t.conf:2: modems[0].supervision: -1 is out of range (1 to 86400)\n");
	channel_says("max_sessions = 0;", "t.conf:3: channels[0].max_sessions: 0 is out of range (1 to 64)\n");
	channel_says("mode = \"fast\";", "t.conf:3: channels[0].mode: \"fast\" is not allowed (auto, online, command)\n");
	channel_says("socket = { mode = \"1777\"; };",
		     "t.conf:3: channels[0].socket.mode: \"1777\" is not a mode (three or four octal digits up to 0777, such as "
		     "\"0660\")\n");
	channel_says("socket = { mode = \"0668\"; };",
		     "t.conf:3: channels[0].socket.mode: \"0668\" is not a mode (three or four octal digits up to 0777, such as "
		     "\"0660\")\n");
}

static void
relative_paths_are_mistakes(void **state)
{
	(void)state;
	says("state_directory = \"var\";\n" MODEM, "t.conf:1: state_directory: \"var\" is a relative path (an absolute path)\n");
	says("state_directory = \"\";\n" MODEM, "t.conf:1: state_directory: is empty (an absolute path)\n");
	says("modems = ( { name = \"a\";\n device = \"ttyS0\"; pdp = { apn = \"x\"; }; } );\n",
	     "t.conf:2: modems[0].device: \"ttyS0\" is a relative path (an absolute path)\n");
	channel_says("socket = { path = \"cloud.sock\"; };",
		     "t.conf:3: channels[0].socket.path: \"cloud.sock\" is a relative path (an absolute path of at most 107 bytes)\n");
	modem_says("pin_file = \"pin\";", "t.conf:2: modems[0].pin_file: \"pin\" is not allowed (an absolute path, file:/path or "
					  "credential:name)\n");
	modem_says("pin_file = \"file:pin\";", "t.conf:2: modems[0].pin_file: \"file:pin\" is not allowed (an absolute path, "
					       "file:/path or credential:name)\n");
	modem_says("pin_file = \"credential:../pin\";",
		   "t.conf:2: modems[0].pin_file: \"credential:../pin\" is not allowed (an absolute path, file:/path or "
		   "credential:name)\n");
}

static void
names_are_checked(void **state)
{
	(void)state;
	says("modems = ( { name = \"gw-0\"; device = \"/d\"; pdp = { apn = \"x\"; }; } );\n",
	     "t.conf:1: modems[0].name: \"gw-0\" is not allowed ([A-Za-z_][A-Za-z0-9_]{0,63})\n");
	says("modems = ( { name = \"0gw\"; device = \"/d\"; pdp = { apn = \"x\"; }; } );\n",
	     "t.conf:1: modems[0].name: \"0gw\" is not allowed ([A-Za-z_][A-Za-z0-9_]{0,63})\n");
	says("modems = ( { name = \"\"; device = \"/d\"; pdp = { apn = \"x\"; }; } );\n",
	     "t.conf:1: modems[0].name: is empty ([A-Za-z_][A-Za-z0-9_]{0,63})\n");
}

static void
required_keys_are_asked_for(void **state)
{
	(void)state;
	says("modems = (\n { } );\n",
	     "t.conf:2: modems[0].name: is missing (required: what the modem is called, on D-Bus too)\n"
	     "t.conf:2: modems[0].device: is missing (required: tty that carries the AT commands; it may come and go)\n"
	     "t.conf:2: modems[0].pdp.apn: is missing (required: access point name of the SIM's operator)\n");
	says(MODEM "channels = (\n {\n tls = { }; } );\n",
	     "t.conf:3: channels[0].name: is missing (required: what the channel is called, on D-Bus too)\n"
	     "t.conf:3: channels[0].modem: is missing (required: name of the modem that carries it)\n"
	     "t.conf:3: channels[0].remote: no remote (required: host:port or [v6]:port, or a list)\n"
	     "t.conf:4: channels[0].tls.verify: is missing (required: none, server, mutual)\n");
	modem_says("certificates = ( {\n } );",
		   "t.conf:2: modems[0].certificates[0].slot: is missing (required: name of the slot in the module's certificate "
		   "store: of the dialect's own, or ca, cert or key)\n"
		   "t.conf:2: modems[0].certificates[0].file: is missing (required: PEM or DER file with what the slot must hold; "
		   "for a private key a secret file)\n");
}

static void
all_mistakes_come_in_one_run_by_line(void **state)
{
	(void)state;
	says("clock = \"sun\";\n"
	     "modems = ( { name = \"a\";\n device = \"x\";\n baud = 1; pdp = { apn = \"x\"; }; } );\n"
	     "log = { level = \"loud\"; };\n",
	     "t.conf:1: clock: \"sun\" is not allowed (host, module)\n"
	     "t.conf:3: modems[0].device: \"x\" is a relative path (an absolute path)\n"
	     "t.conf:4: modems[0].baud: 1 is out of range (0, or 1200 to 4000000)\n"
	     "t.conf:5: log.level: \"loud\" is not allowed (error, warning, notice, info, debug)\n");
}

static void
remote_says(const char *remote, const char *expected)
{
	AUTO(free) char *text = xasprintf(MODEM "channels = ( { name = \"c\"; modem = \"gw0\"; tls = { verify = \"none\"; };\n"
						"remote = %s; } );\n", remote);
	AUTO(free) char *line = *expected ? xasprintf("t.conf:3: channels[0].remote: %s\n", expected) : xstrdup("");

	says(text, line);
}

#define SYNTAX " (host:port or [v6]:port)"

static void
remotes_are_checked(void **state)
{
	char host[255], label[65];
	AUTO(free) char *longest = NULL, *too_long = NULL, *long_label = NULL, *expected = NULL, *expected_label = NULL;
	size_t i;

	(void)state;
	remote_says("\"example.com\"", "example.com: the port is missing" SYNTAX);
	remote_says("\"example.com:0\"", "example.com:0: the port is not 1 to 65535" SYNTAX);
	remote_says("\"example.com:65536\"", "example.com:65536: the port is not 1 to 65535" SYNTAX);
	remote_says("\"example.com:https\"", "example.com:https: the port is not 1 to 65535" SYNTAX);
	remote_says("\"2001:db8::1:443\"", "2001:db8::1:443: an IPv6 address needs brackets" SYNTAX);
	remote_says("\"[2001:db8::1:443\"", "[2001:db8::1:443: the ] is missing" SYNTAX);
	remote_says("\"[2001:db8::1]\"", "[2001:db8::1]: the port is missing" SYNTAX);
	remote_says("\"[example.com]:1\"", "[example.com]:1: not an IPv6 address between the brackets" SYNTAX);
	remote_says("\"a\\\"b:1\"", "a\"b:1: not a host name or address before the colon" SYNTAX);
	remote_says("\"a\\rb:1\"", "a\\x0db:1: not a host name or address before the colon" SYNTAX);
	remote_says("\"a..b:1\"", "a..b:1: not a host name or address before the colon" SYNTAX);
	remote_says("\":1\"", ":1: not a host name or address before the colon" SYNTAX);
	remote_says("\"300.1.1.1:1\"", "300.1.1.1:1: not a host name or address before the colon" SYNTAX);
	remote_says("( \"ok.example:1\", \"bad\" )", "bad: the port is missing" SYNTAX);
	remote_says("5", "not a list (a string, or ( \"host:port\", \"[v6]:port\" ))");
	remote_says("( )", "no remote (required: host:port or [v6]:port, or a list)");
	for (i = 0; i < sizeof(host) - 1; i++)
		host[i] = i % 50 == 49 ? '.' : 'a';
	host[254] = '\0';
	too_long = xasprintf("\"%s:1\"", host);
	expected = xasprintf("%s:1: the host name is longer than 253 bytes" SYNTAX, host);
	remote_says(too_long, expected);
	longest = xasprintf("\"%s:1\"", host + 1);
	remote_says(longest, "");
	memset(label, 'b', 64);
	label[64] = '\0';
	long_label = xasprintf("\"%s.example:1\"", label);
	expected_label = xasprintf("%s.example:1: not a host name or address before the colon" SYNTAX, label);
	remote_says(long_label, expected_label);
}

static void
the_report_is_bounded(void **state)
{
	struct conf_report r = CONF_REPORT_INIT;
	struct conf *c;
	AUTO(free) char *text = xcalloc(100001, 1);
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i += 10)
		sprintf(text + i, "x%05zu=1;\n", i / 10);
	assert_int_equal(conf_load_text("t.conf", text, 100000, CONF_NO_FILES, &c, &r), -EINVAL);
	assert_true(r.n <= 1001);
	assert_true(strstr(r.v[r.n - 1].text, "too many mistakes") != NULL);
	conf_report_deinit(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(the_examples_are_good),
		cmocka_unit_test(syntax_errors_have_their_line),
		cmocka_unit_test(duplicates_are_named),
		cmocka_unit_test(long_numbers_are_mistakes),
		cmocka_unit_test(neighbouring_strings_are_mistakes),
		cmocka_unit_test(nul_in_a_string_is_a_mistake),
		cmocka_unit_test(unknown_keys_get_a_suggestion),
		cmocka_unit_test(wrong_types_are_told),
		cmocka_unit_test(entries_of_lists_have_their_own_line),
		cmocka_unit_test(ranges_are_told),
		cmocka_unit_test(relative_paths_are_mistakes),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(required_keys_are_asked_for),
		cmocka_unit_test(all_mistakes_come_in_one_run_by_line),
		cmocka_unit_test(remotes_are_checked),
		cmocka_unit_test(the_report_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
