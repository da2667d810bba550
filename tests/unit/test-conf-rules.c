/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What takes more than one key; to the letter.
 */
#include "conf-text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"

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
		 "t.conf:4: channels[0].tls.check_name: warning: the channel will be blocked: check_name = \"require\": the module does "
		 "not compare the peer's name and does not reveal it\n"
		 "t.conf:4: channels[0].tls.pin: warning: the channel will be blocked: pin: the module does not reveal the peer's "
		 "certificate\n"
		 "t.conf:4: channels[0].tls.alpn: warning: the channel will be blocked: alpn: the module cannot be told; it needs "
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

#define CINTERION_HEAD "modems = ( { name = \"gw0\"; device = \"/d\"; dialect = \"cinterion\"; pdp = { apn = \"x\"; };\n"
#define CLIENT "{ slot = \"client\"; file = \"/c\"; key_file = \"/k\"; }"

static void
cinterion_has_one_profile_and_no_iccid(void **state)
{
	(void)state;
	says("modems = ( { name = \"gw0\"; device = \"/d\"; dialect = \"cinterion\"; pdp = { apn = \"x\"; user = \"u\"; }; } );\n", "");
	says("modems = ( { name = \"gw0\"; device = \"/d\"; dialect = \"cinterion\"; sim = \"8937002000000000000\";\n"
	     "pdp = { apn = \"x\"; cid = 2; type = \"IPV6\"; auth = \"pap\"; }; } );\n",
	     "t.conf:1: modems[0].sim: the cinterion dialect has no command that reads the ICCID (leave it empty)\n"
	     "t.conf:2: modems[0].pdp.cid: 2 is not allowed (cinterion has profiles in place of contexts; leave it out)\n"
	     "t.conf:2: modems[0].pdp.type: the connection profile of cinterion is IPv4 (IP)\n"
	     "t.conf:2: modems[0].pdp.auth: the connection profile of cinterion has no such setting (auto)\n");
}

static void
cinterion_keeps_a_key_with_its_certificate(void **state)
{
	(void)state;
	says(CINTERION_HEAD "certificates = ( { slot = \"client\"; file = \"/c\"; key_file = \"/k\"; upload_key = true; },\n"
			    "{ slot = \"1\"; file = \"/x\"; }, { slot = \"10\"; file = \"/y\"; } ); } );\n",
	     "");
	says(CINTERION_HEAD "certificates = ( { slot = \"cert\"; file = \"/c\"; upload_key = true; },\n{ slot = \"client-key\"; file = "
			    "\"/k\"; },\n{ slot = \"1\"; file = \"/x\"; },\n{ slot = \"ca\"; file = \"/y\"; },\n{ slot = \"0\"; file = "
			    "\"/y\"; } ); } );\n",
	     "t.conf:2: modems[0].certificates[0].upload_key: no key to upload (set key_file too)\n"
	     "t.conf:3: modems[0].certificates[1].slot: a key has no entry of its own with cinterion (key_file of slot \"client\", and "
	     "upload_key)\n"
	     "t.conf:5: modems[0].certificates[3].slot: \"ca\" is the same slot as \"1\" of certificates[2] (each once)\n"
	     "t.conf:6: modems[0].certificates[4].slot: cinterion has no slot \"0\" (client, 1 to 10, ca, cert)\n");
}

static void
cinterion_signs_with_the_key_of_its_client_slot(void **state)
{
	(void)state;
	says(CINTERION_HEAD "certificates = ( " CLIENT ",\n{ slot = \"1\"; file = \"/x\"; key_file = \"/y\"; upload_key = true; } ); } );\n",
	     "t.conf:3: modems[0].certificates[1].key_file: only for slot \"client\": its key signs for all slots (leave it out here)\n"
	     "t.conf:3: modems[0].certificates[1].upload_key: only for slot \"client\" (leave it out here)\n");
	says(CINTERION_HEAD "certificates = ( { slot = \"1\"; file = \"/x\"; } ); } );\n",
	     "t.conf:2: modems[0].certificates: warning: no slot can be written: each change of the store is signed by the key of slot "
	     "\"client\" (an entry of that slot with file and key_file)\n");
}

static void
cinterion_lists_each_ca_slot_once_and_dials_by_ipv4(void **state)
{
	static const char modem[] = CINTERION_HEAD "certificates = ( " CLIENT ", { slot = \"1\"; file = \"/x\"; } ); } );\n";
	AUTO(free) char *twice = xasprintf("%s" TLS_HEAD "ciphers = ( \"any\" ); ca = ( \"1\", \"ca\" );" TLS_TAIL, modem);
	AUTO(free) char *v6 = xasprintf("%schannels = ( { name = \"cloud\"; modem = \"gw0\";\nremote = ( \"h:1\", \"[2001:db8::1]:1\" );\n"
					"tls = { verify = \"server\"; ciphers = ( \"any\" ); }; } );\n",
	    modem);

	(void)state;
	says(twice, "t.conf:4: channels[0].tls.ca: \"ca\" is the same slot as \"1\" (each once)\n");
	says(v6, "t.conf:4: channels[0].remote: [2001:db8::1]: cinterion has no IPv6 (host:port)\n");
}

static void
cinterion_has_six_sockets_at_most(void **state)
{
	(void)state;
	says(CINTERION_HEAD "secure_sockets = 6; } );\n", "");
	says(CINTERION_HEAD "secure_sockets = 7; } );\n",
	     "t.conf:2: modems[0].secure_sockets: 7 are more than cinterion has (0, or 1 to 6)\n");
}

static void
what_cinterion_cannot_do_is_a_warning(void **state)
{
	static const char modem[] = CINTERION_HEAD "certificates = ( " CLIENT ", { slot = \"1\"; file = \"/x\"; } ); } );\n";
	AUTO(free) char *fine = xasprintf("%s" TLS_HEAD "ca = \"1\"; ciphers = ( \"any\" ); check_name = \"require\"; "
					  "pin = \"sha1:0123456789012345678901234567890123456789\";" TLS_TAIL, modem);
	AUTO(free) char *unknown_suite = xasprintf("%s" TLS_HEAD "ciphers = ( \"TLS_RSA_WITH_NULL_MD5\" );" TLS_TAIL, modem);
	AUTO(free) char *beyond = xasprintf("%schannels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"h:1\";\ntls = { verify = \"mutual\"; "
					    "ciphers = ( \"any\" ); pin = \"sha256:%064d\"; }; } );\n",
	    modem, 0);
	AUTO(free) char *nobody = xasprintf("%schannels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"h:1\";\ntls = { verify = \"none\"; "
					    "ciphers = ( \"any\" ); check_name = \"require\"; }; } );\n",
	    modem);
	AUTO(free) char *pinned = xasprintf("%schannels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"h:1\";\ntls = { verify = \"none\"; "
					    "ciphers = ( \"any\" ); check_name = \"require\"; pin = \"sha1:%040d\"; }; } );\n",
	    modem, 0);
	AUTO(free) char *elsewhere = xasprintf("%s" TLS_HEAD "ciphers = ( \"any\" ); ca = ( \"ca\", \"2\", \"client\" );" TLS_TAIL, modem);

	(void)state;
	says(fine, "");
	says(pinned, "");
	says(unknown_suite, "t.conf:4: channels[0].tls.ciphers: warning: the channel will be blocked: two of the module's four cipher suites do "
			    "not encrypt: it cannot be told to avoid them, and it does not say which suite and TLS version it took. "
			    "ciphers = ( \"any\" ) in the channel's tls accepts that\n");
	says(beyond, "t.conf:4: channels[0].tls.pin: warning: the channel will be blocked: pin: the module tells the SHA-1 of the peer's "
		     "certificate only (sha1: and 40 digits)\n"
		     "t.conf:4: channels[0].tls.verify: warning: the channel will be blocked: verify = \"mutual\": the module is not known to "
		     "show a certificate of its own; verify = \"server\" is what it can do\n");
	says(nobody, "t.conf:4: channels[0].tls.check_name: warning: the channel will be blocked: check_name = \"require\": with verify = "
		     "\"none\" nobody vouches for the name, and it is not compared. verify = \"server\" is needed, or a pin\n");
	says(elsewhere, "t.conf:4: channels[0].tls.ca: cinterion has no CA slot \"client\" (1 to 10, ca, or a list such as ( \"1\", \"2\" ))\n"
			"t.conf:4: channels[0].tls.ca: warning: slot \"2\" is not among the certificates of gw0: what it holds is not looked "
			"after\n");
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
a_command_of_the_list_is_one_and_the_list_is_one(void **state)
{
	static const char *const wrong[] = { "*", "AT", "AT*", "at*", "AT ", "AT  *", "+CSQ", "AT+CSQ;+COPS?" };
	static const char allowed[] = "is not allowed (AT and more, printable ASCII without ;)\n";
	size_t i;

	(void)state;
	modem_says("allow_command = ( \"AT+CSQ\", \"at+cops?\", \"AT+C*\", \"AT+CUSD=1,\\\"*100#\\\"\" );", "");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		AUTO(free) char *text = xasprintf("allow_command = ( \"AT+CSQ\", \"%s\" );", wrong[i]);
		AUTO(free) char *said = xasprintf("t.conf:2: modems[0].allow_command: \"%s\" %s", wrong[i], allowed);

		modem_says(text, said);
	}
}

static void
what_the_list_lets_pass(void **state)
{
	struct modem_conf m = { .allow_command = { (char *[]){ "AT+CSQ", "AT+COPS*", "AT#MONI=*" }, 3 } }, none = { 0 };

	(void)state;
	assert_true(conf_command_allowed(&m, "AT+CSQ"));
	assert_true(conf_command_allowed(&m, "AT+COPS"));
	assert_true(conf_command_allowed(&m, "AT+COPS?"));
	assert_true(conf_command_allowed(&m, "AT#MONI=7"));
	assert_false(conf_command_allowed(&m, "AT+CSQ=?"));
	assert_false(conf_command_allowed(&m, "AT+CSQ*"));
	assert_false(conf_command_allowed(&m, "AT+COP"));
	assert_false(conf_command_allowed(&m, "at+csq"));
	assert_false(conf_command_allowed(&m, ""));
	assert_false(conf_command_allowed(&none, "AT+CSQ"));
}

static void
later_features_are_refused(void **state)
{
	(void)state;
	says("modems = ( { name = \"a\"; device = \"/d\"; dialect = \"eztcp\";\neztcp = { secured = true; }; } );\n",
	     "t.conf:1: modems[0].dialect: not built yet: the eztcp dialect (so far: auto, telit, cinterion)\n"
	     "t.conf:2: modems[0].eztcp: not built yet: the eztcp dialect (so far: leave the group out)\n");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_devices_and_sockets_are_there_once),
		cmocka_unit_test(a_channel_needs_its_modem),
		cmocka_unit_test(socket_paths_fit_in_an_address),
		cmocka_unit_test(slots_are_those_of_the_dialect),
		cmocka_unit_test(what_a_module_cannot_do_is_a_warning),
		cmocka_unit_test(telit_has_no_iccid_and_one_context),
		cmocka_unit_test(cinterion_has_one_profile_and_no_iccid),
		cmocka_unit_test(cinterion_keeps_a_key_with_its_certificate),
		cmocka_unit_test(cinterion_signs_with_the_key_of_its_client_slot),
		cmocka_unit_test(cinterion_lists_each_ca_slot_once_and_dials_by_ipv4),
		cmocka_unit_test(cinterion_has_six_sockets_at_most),
		cmocka_unit_test(what_cinterion_cannot_do_is_a_warning),
		cmocka_unit_test(online_mode_shuts_out_others),
		cmocka_unit_test(via_host_needs_its_socket),
		cmocka_unit_test(texts_have_their_form),
		cmocka_unit_test(a_command_of_the_list_is_one_and_the_list_is_one),
		cmocka_unit_test(what_the_list_lets_pass),
		cmocka_unit_test(later_features_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
