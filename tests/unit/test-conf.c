/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One test per mistake: its file, line, key, and what is allowed, to the letter.
 */
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
#include "conf/conf.h"
#include "conf/secret.h"

/* A modem and a channel without mistakes; what a test adds goes where it likes. */
#define MODEM_HEAD "modems = ( { name = \"gw0\"; device = \"/dev/ttyUSB0\"; dialect = \"telit\"; pdp = { apn = \"internet\"; }; "
#define MODEM_TAIL "} );\n"
#define MODEM MODEM_HEAD MODEM_TAIL
#define CHANNEL_HEAD "channels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"example.com:443\"; tls = { verify = \"server\"; };\n"
#define CHANNEL_TAIL "} );\n"
#define TLS_HEAD "channels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"example.com:443\"; tls = { verify = \"server\";\n"
#define TLS_TAIL "}; } );\n"

static char *
report_text(const struct conf_report *r)
{
	size_t size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	conf_report_print(r, f);
	fclose(f);
	return text;
}

/* The whole report of a text must be these lines; returns the result. */
static int
says_len(const char *text, size_t len, unsigned flags, const char *expected)
{
	struct conf_report r = CONF_REPORT_INIT;
	AUTO(conf_free) struct conf *c = NULL;
	AUTO(free) char *got = NULL;
	int result = conf_load_text("t.conf", text, len, flags, &c, &r);

	got = report_text(&r);
	assert_string_equal(got, expected);
	assert_int_equal(result, r.errors ? -EINVAL : 0);
	assert_true((c == NULL) == (result < 0));
	conf_report_deinit(&r);
	return result;
}

static void
says(const char *text, const char *expected)
{
	says_len(text, strlen(text), CONF_NO_FILES, expected);
}

static struct conf *
good(const char *text)
{
	struct conf_report r = CONF_REPORT_INIT;
	struct conf *c = NULL;
	AUTO(free) char *got = NULL;

	conf_load_text("t.conf", text, strlen(text), CONF_NO_FILES, &c, &r);
	got = report_text(&r);
	assert_string_equal(got, "");
	assert_non_null(c);
	conf_report_deinit(&r);
	return c;
}

static void
modem_says(const char *keys, const char *expected)
{
	AUTO(free) char *text = xasprintf("%s\n%s\n%s", MODEM_HEAD, keys, MODEM_TAIL);

	says(text, expected);
}

static void
channel_says(const char *keys, const char *expected)
{
	AUTO(free) char *text = xasprintf("%s%s%s\n%s", MODEM, CHANNEL_HEAD, keys, CHANNEL_TAIL);

	says(text, expected);
}

static void
tls_says(const char *keys, const char *expected)
{
	AUTO(free) char *text = xasprintf("%s%s%s\n%s", MODEM, TLS_HEAD, keys, TLS_TAIL);

	says(text, expected);
}

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

/* --- rules of more than one key --- */

static void
names_devices_and_sockets_are_there_once(void **state)
{
	(void)state;
	says("modems = ( { name = \"a\"; device = \"/d\"; pdp = { apn = \"x\"; }; },\n"
	     "{ name = \"a\";\n device = \"/d\"; pdp = { apn = \"x\"; }; } );\n",
	     "t.conf:2: modems[1].name: \"a\" is another modem's name already (each once)\n"
	     "t.conf:3: modems[1].device: /d is the device of modem a already (each once)\n");
	says(MODEM "channels = ( { name = \"a\"; modem = \"gw0\"; remote = \"h:1\"; tls = { verify = \"none\"; }; },\n"
		   "{ name = \"a\"; modem = \"gw0\"; remote = \"h:1\"; tls = { verify = \"none\"; }; } );\n",
	     "t.conf:1: modems[0].secure_sockets: warning: the channels of gw0 may need 2 secure sockets and it has 1; clients will "
	     "wait (max_sessions)\n"
	     "t.conf:3: channels[1].name: \"a\" is another channel's name already (each once)\n"
	     "t.conf:3: channels[1].socket.path: /run/celltls/a.sock is the socket of channel a already (each once)\n");
	channel_says("socket = { path = \"/run/celltls/verify.sock\"; };",
		     "t.conf:3: channels[0].socket.path: /run/celltls/verify.sock is where revocation checks are asked for (another "
		     "path)\n");
}

static void
a_channel_needs_its_modem(void **state)
{
	(void)state;
	says(MODEM "channels = ( { name = \"a\";\n modem = \"gw1\"; remote = \"h:1\"; tls = { verify = \"none\"; }; } );\n",
	     "t.conf:3: channels[0].modem: there is no modem \"gw1\" (a name of modems)\n");
}

static void
socket_paths_fit_in_an_address(void **state)
{
	char path[109];
	AUTO(free) char *fits = NULL, *too_long = NULL, *dir = NULL, *by_default = NULL;

	(void)state;
	memset(path, 'x', 108);
	path[0] = '/';
	path[108] = '\0';
	too_long = xasprintf("socket = { path = \"%s\"; };", path);
	channel_says(too_long, "t.conf:3: channels[0].socket.path: the path has 108 bytes (at most 107 for a socket)\n");
	path[107] = '\0';
	fits = xasprintf("socket = { path = \"%s\"; };", path);
	channel_says(fits, "");
	path[99] = '\0';
	dir = xasprintf("runtime_directory = \"%s\";\n%s%s%s", path, MODEM, CHANNEL_HEAD, CHANNEL_TAIL);
	by_default = xasprintf("t.conf:3: channels[0].socket.path: %s/cloud.sock has 110 bytes (at most 107 for a socket)\n", path);
	says(dir, by_default);
}

static void
slots_are_those_of_the_dialect(void **state)
{
	(void)state;
	modem_says("certificates = ( { slot = \"root\"; file = \"/x\"; } );",
		   "t.conf:2: modems[0].certificates[0].slot: telit has no slot \"root\" (ca, cert, key)\n");
	modem_says("certificates = ( { slot = \"ca\"; file = \"/x\"; },\n{ slot = \"ca\"; file = \"/y\"; } );",
		   "t.conf:3: modems[0].certificates[1].slot: \"ca\" is the same slot as \"ca\" of certificates[0] (each once)\n");
	modem_says("certificates = ( { slot = \"cert\"; file = \"/x\"; key_file = \"/y\"; } );",
		   "t.conf:2: modems[0].certificates[0].key_file: only for the slot client of cinterion and sim800 (here: slot = "
		   "\"key\")\n");
	says("modems = ( { name = \"a\"; device = \"/d\"; pdp = { apn = \"x\"; };\n"
	     "certificates = ( { slot = \"ca\"; file = \"/x\"; },\n{ slot = \"root\"; file = \"/y\"; },\n{ slot = \"11\"; file = \"/z\"; } "
	     "); } );\n",
	     "t.conf:3: modems[0].certificates[1].slot: \"root\" is the same slot as \"ca\" of certificates[0] (each once)\n"
	     "t.conf:4: modems[0].certificates[2].slot: auto has no slot \"11\" (ca, cert, key, or a name of the dialect)\n");
	tls_says("ca = \"root\"; cert = \"c\"; key = \"k\";",
		 "t.conf:3: channels[0].tls.ca: telit has no CA slot \"root\" (such as ca)\n"
		 "t.conf:3: channels[0].tls.cert: telit has no slot \"c\" (such as cert)\n"
		 "t.conf:3: channels[0].tls.key: telit has no slot \"k\" (such as key)\n");
	tls_says("ca = ( );", "t.conf:3: channels[0].tls.ca: is empty (required: the slots with the CA certificates, such as ca)\n");
}

static void
what_a_module_cannot_do_is_a_warning(void **state)
{
	(void)state;
	tls_says("engine = \"module\";\ncheck_name = \"require\"; pin = \"sha1:0123456789012345678901234567890123456789\"; alpn = "
		 "( \"h2\" );",
		 "t.conf:3: channels[0].tls.engine: warning: the channel will be blocked: check_name = \"require\": the module does "
		 "not compare the peer's name and does not reveal it\n"
		 "t.conf:3: channels[0].tls.engine: warning: the channel will be blocked: pin: the module does not reveal the peer's "
		 "certificate\n"
		 "t.conf:3: channels[0].tls.engine: warning: the channel will be blocked: alpn: the module cannot be told; it needs "
		 "engine = \"host\"\n");
}

static void
telit_has_no_iccid_and_one_context(void **state)
{
	(void)state;
	modem_says("sim = \"8937002000000000000\";",
		   "t.conf:2: modems[0].sim: the telit dialect has no command that reads the ICCID (leave it empty)\n");
	says("modems = ( { name = \"a\"; device = \"/d\"; dialect = \"telit\"; pdp = { apn = \"x\"; cid = 2; }; } );\n",
	     "t.conf:1: modems[0].pdp.cid: 2 is not allowed (1: the secure sockets of telit use no other context)\n");
}

static void
online_mode_shuts_out_others(void **state)
{
	(void)state;
	channel_says("mode = \"online\";", "");
	/* with one socket they take turns, whatever the mode */
	channel_says("mode = \"online\"; max_sessions = 2;",
		     "t.conf:1: modems[0].secure_sockets: warning: the channels of gw0 may need 2 secure sockets and it has 1; clients "
		     "will wait (max_sessions)\n");
	says("modems = ( { name = \"gw0\"; device = \"/d\"; secure_sockets = 2; pdp = { apn = \"x\"; }; } );\n" CHANNEL_HEAD
	     "mode = \"online\"; max_sessions = 2; } );\n",
	     "t.conf:3: channels[0].mode: \"online\" would shut out the other of 2 sessions (auto, command)\n");
	says("modems = ( { name = \"gw0\"; device = \"/d\"; secure_sockets = 2; pdp = { apn = \"x\"; }; } );\n" CHANNEL_HEAD
	     "mode = \"online\"; },\n{ name = \"b\"; modem = \"gw0\"; remote = \"h:1\"; tls = { verify = \"none\"; }; } );\n",
	     "t.conf:3: channels[0].mode: \"online\" would shut out channel b of the same modem (auto, command)\n");
}

static void
via_host_needs_its_socket(void **state)
{
	(void)state;
	channel_says("ocsp = { via = \"host\"; };",
		     "t.conf:3: channels[0].ocsp.via: \"host\" needs verify_host_socket (or auto, modem)\n");
}

static void
texts_have_their_form(void **state)
{
	(void)state;
	tls_says("pin = \"md5:00\";", "t.conf:3: channels[0].tls.pin: \"md5:00\" is not allowed (sha1: and 40, or sha256: and 64 "
				      "lower-case hexadecimal digits)\n");
	tls_says("ciphers = ( \"AES128-SHA\" );", "t.conf:3: channels[0].tls.ciphers: \"AES128-SHA\" is not allowed (IANA names such as "
						  "TLS_RSA_WITH_AES_128_CBC_SHA, or any)\n");
	modem_says("sms = { authorized = ( \"112\" ); };",
		   "t.conf:2: modems[0].sms.authorized: \"112\" is not allowed (+ and at most 15 digits)\n");
	says("modems = ( { name = \"a\"; device = \"/d\"; pdp = {\n apn = \"a\\\"b\"; user = \"x\\ny\"; }; } );\n",
	     "t.conf:2: modems[0].pdp.apn: \"a\"b\" is not allowed (letters, digits and . - _)\n"
	     "t.conf:2: modems[0].pdp.user: \"x\\x0ay\" is not allowed (printable ASCII without \" and \\)\n");
	channel_says("ocsp = { url = \"ftp://x\"; };", "t.conf:3: channels[0].ocsp.url: \"ftp://x\" is not allowed (http://host/path)\n");
}

static void
later_features_are_refused(void **state)
{
	(void)state;
	says("modems = ( { name = \"a\"; device = \"/d\"; dialect = \"eztcp\";\neztcp = { secured = true; }; } );\n",
	     "t.conf:1: modems[0].dialect: not built yet: the eztcp dialect (so far: auto, telit)\n"
	     "t.conf:2: modems[0].eztcp: not built yet: the eztcp dialect (so far: leave the group out)\n");
	modem_says("allow_command = ( \"AT+CSQ\" );",
		   "t.conf:2: modems[0].allow_command: not built yet: the D-Bus method Command() (so far: empty)\n");
	modem_says("allow_command = ( ); inhibit_modemmanager = true; sms = { enabled = true; };",
		   "t.conf:2: modems[0].inhibit_modemmanager: not built yet: the talk with ModemManager (so far: false)\n"
		   "t.conf:2: modems[0].sms.enabled: not built yet: commands by SMS (so far: false)\n");
	channel_says("direction = \"inbound\"; listen = 1470; forward = \"/run/app.sock\";",
		     "t.conf:3: channels[0].direction: not built yet: inbound channels (so far: outbound)\n"
		     "t.conf:3: channels[0].listen: not built yet: inbound channels (so far: leave the key out)\n"
		     "t.conf:3: channels[0].forward: not built yet: inbound channels (so far: leave the key out)\n");
	tls_says("engine = \"auto\";", "t.conf:3: channels[0].tls.engine: not built yet: TLS on the host (so far: module)\n");
	tls_says("engine = \"host\";", "t.conf:3: channels[0].tls.engine: not built yet: TLS on the host (so far: module)\n");
	tls_says("enabled = false;", "t.conf:3: channels[0].tls.enabled: not built yet: plain TCP (so far: true)\n");
	channel_says("ocsp = { enabled = true; };",
		     "t.conf:3: channels[0].ocsp.enabled: not built yet: revocation checks (so far: false)\n");
}

/* --- files --- */

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
		cmocka_unit_test(names_devices_and_sockets_are_there_once),
		cmocka_unit_test(a_channel_needs_its_modem),
		cmocka_unit_test(socket_paths_fit_in_an_address),
		cmocka_unit_test(slots_are_those_of_the_dialect),
		cmocka_unit_test(what_a_module_cannot_do_is_a_warning),
		cmocka_unit_test(telit_has_no_iccid_and_one_context),
		cmocka_unit_test(online_mode_shuts_out_others),
		cmocka_unit_test(via_host_needs_its_socket),
		cmocka_unit_test(texts_have_their_form),
		cmocka_unit_test(later_features_are_refused),
		cmocka_unit_test(unknown_accounts_are_mistakes),
		cmocka_unit_test(the_report_is_bounded),
		cmocka_unit_test_setup_teardown(secrets_are_read_and_chomped, setup, teardown),
		cmocka_unit_test_setup_teardown(open_modes_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_and_kinds_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(credentials_are_taken_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(owners_count, setup, teardown),
		cmocka_unit_test_setup_teardown(named_files_are_looked_at, setup, teardown),
		cmocka_unit_test_setup_teardown(the_file_itself_is_told_about, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_file_is_told_about, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
