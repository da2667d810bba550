/* SPDX-License-Identifier: Apache-2.0 */
/* What the bus shows, and what it tells when that changes. */
#include "bus-world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROPERTIES "org.freedesktop.DBus.Properties"

/* ---- the contract ---- */

static char *
file_text(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("no %s", path);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static void
cut(char *from, const char *to)
{
	memmove(from, to, strlen(to) + 1);
}

/* Without comments, without space between tags, and "<x></x>" as "<x/>". */
static void
plain(char *xml)
{
	static const char *const ends[] = { "></property>", "></method>" };
	char *p, *end;
	size_t i;

	while ((p = strstr(xml, "<!--")))
		cut(p, strstr(p, "-->") + 3);
	for (p = xml; (p = strchr(p, '>')); p++) {
		for (end = p + 1; *end == ' ' || *end == '\n' || *end == '\t'; end++)
			;
		cut(p + 1, end);
	}
	for (i = 0; i < 2; i++)
		for (p = xml; (p = strstr(p, ends[i])); p++)
			if (p[-1] != '/') {
				memcpy(p, "/>", 2);
				cut(p + 2, p + strlen(ends[i]));
			}
}

/* The part of one interface; it ends there. */
static char *
interface_in(char *xml, const char *interface)
{
	char tag[100], *from, *to;

	snprintf(tag, sizeof(tag), "<interface name=\"%s\">", interface);
	plain(xml);
	from = strstr(xml, tag);
	if (!from)
		fail_msg("no %s in %s", interface, xml);
	to = strstr(from, "</interface>");
	assert_non_null(to);
	*to = '\0';
	return from;
}

/* cmocka would show the beginnings of both. */
static void
expect_same(const char *shown, const char *documented)
{
	size_t i;

	for (i = 0; shown[i] && shown[i] == documented[i]; i++)
		;
	if (shown[i] != documented[i])
		fail_msg("there is     %.150s\ndocumented is %.150s", shown + (i > 60 ? i - 60 : 0), documented + (i > 60 ? i - 60 : 0));
}

static void
compare(sd_bus *peer, const char *path, const char *interface)
{
	char file[200], *documented, *shown;
	const char *xml;
	struct reply r;

	snprintf(file, sizeof(file), SRCDIR "/dbus/%s.xml", interface);
	documented = file_text(file);
	world_ask(peer, &r, path, "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
	assert_true(sd_bus_message_read(world_answer(&r), "s", &xml) > 0);
	shown = strdup(xml);
	expect_same(interface_in(shown, interface), interface_in(documented, interface));
	free(documented);
	free(shown);
	reply_done(&r);
}

static void
what_is_documented_is_what_is_there(void **state)
{
	sd_bus *peer;

	(void)state;
	world_start(BUS_ADDRESS);
	peer = world_peer();
	compare(peer, "/org/celltls1", "org.celltls1.Manager");
	compare(peer, GW0, "org.celltls1.Modem");
	compare(peer, CLOUD, "org.celltls1.Channel");
}

/* ---- properties ---- */

/* As text, whatever its type. */
static const char *
read_variant(sd_bus_message *m)
{
	static char text[4000];
	const char *type, *s;
	uint64_t t = 0;
	uint32_t u;
	char kind;

	text[0] = '\0';
	assert_true(sd_bus_message_peek_type(m, &kind, &type) > 0);
	assert_true(sd_bus_message_enter_container(m, 'v', type) > 0);
	if (*type == 'a') {
		assert_true(sd_bus_message_enter_container(m, 'a', "s") > 0);
		while (sd_bus_message_read(m, "s", &s) > 0)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", s);
		sd_bus_message_exit_container(m);
	} else if (*type == 't') {
		assert_true(sd_bus_message_read(m, "t", &t) > 0);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)t);
	} else if (*type == 'u' || *type == 'i') {
		assert_true(sd_bus_message_read_basic(m, *type, &u) > 0);
		snprintf(text, sizeof(text), "%d", (int)u);
	} else {
		assert_true(sd_bus_message_read_basic(m, *type, &s) > 0);
		snprintf(text, sizeof(text), "%s", s);
	}
	sd_bus_message_exit_container(m);
	return text;
}

static void
expect(sd_bus *peer, const char *path, const char *property, const char *value)
{
	struct reply r;

	world_ask(peer, &r, path, PROPERTIES, "Get", "ss",
	    !strcmp(path, "/org/celltls1") ? "org.celltls1.Manager" : strstr(path, "/modem/") ? "org.celltls1.Modem" : "org.celltls1.Channel",
	    property);
	assert_string_equal(world_error(&r), "");
	assert_string_equal(read_variant(r.m), value);
	reply_done(&r);
}

static void
each_property_has_its_value(void **state)
{
	sd_bus *peer;

	(void)state;
	w.modems[0].mod = (struct module){
		.manufacturer = "Telit", .model = "GE910-QUAD", .revision = "13.00.006", .imei = "351580051234567", .sim = SIM_READY,
		.reg = REG_ROAMING, .operator_name = "Om\xffnitel", .signal_dbm = -79, .address = "10.0.0.7",
	};
	w.modems[0].network_time = 1800000000;
	w.modems[0].error = "no answer";
	w.channels[0] = (struct channel){
		.state = "open", .error = "peer: \xc3\xa9 \xed\xa0\x80", .cipher = "TLS_RSA_WITH_AES_128_CBC_SHA",
		.figures = { .sessions = 1, .waiting = 2, .bytes_sent = 3, .bytes_received = UINT64_C(5000000000), .dials = 5, .failures = 6 },
		.enforces = ENFORCES_CHAIN | ENFORCES_ENCRYPTION, .weak = WEAK_TLS10 | WEAK_NAME_UNCHECKED,
		.peer = {
			.subject = "/C=DE/O=Example, Inc./CN=\xff.example.com", .issuer = "/C=DE/CN=Example CA", .serial = "0A1B",
			.thumbprint = "sha1:6360ce34138d1f80818f25e58b55bf2fa486e7b9",
		},
	};
	world_start(BUS_ADDRESS);
	peer = world_peer();
	expect(peer, "/org/celltls1", "Version", PACKAGE_VERSION);
	expect(peer, GW0, "Name", "gw0");
	expect(peer, GW0, "Device", "/dev/ttyACM0");
	expect(peer, GW0, "Dialect", "telit");
	expect(peer, GW0, "State", "ready");
	expect(peer, GW0, "Manufacturer", "Telit");
	expect(peer, GW0, "Model", "GE910-QUAD");
	expect(peer, GW0, "Revision", "13.00.006");
	expect(peer, GW0, "Imei", "351580051234567");
	expect(peer, GW0, "Sim", "ready");
	expect(peer, GW0, "Registration", "roaming");
	expect(peer, GW0, "Operator", "Om?nitel");
	expect(peer, GW0, "SignalDbm", "-79");
	expect(peer, GW0, "Address", "10.0.0.7");
	expect(peer, GW0, "FreeSockets", "1");
	expect(peer, GW0, "NetworkTime", "1800000000");
	expect(peer, GW0, "ExpiresNext", "1900000000");
	expect(peer, GW0, "LastError", "no answer");
	expect(peer, CLOUD, "Name", "cloud");
	expect(peer, CLOUD, "Modem", GW0);
	expect(peer, CLOUD, "Remote", "mqtt.example.com:8883, [2001:db8::1]:443");
	expect(peer, CLOUD, "Socket", "/run/celltls/cloud.sock");
	expect(peer, CLOUD, "State", "open");
	expect(peer, CLOUD, "Security", "server");
	expect(peer, CLOUD, "Enforces", "chain encryption ");
	expect(peer, CLOUD, "Weaknesses", "tls1.0 name-unchecked ");
	expect(peer, CLOUD, "PeerSubject", "/C=DE/O=Example, Inc./CN=?.example.com");
	expect(peer, CLOUD, "PeerIssuer", "/C=DE/CN=Example CA");
	expect(peer, CLOUD, "PeerSerial", "0A1B");
	expect(peer, CLOUD, "PeerThumbprint", "sha1:6360ce34138d1f80818f25e58b55bf2fa486e7b9");
	expect(peer, CLOUD, "Cipher", "TLS_RSA_WITH_AES_128_CBC_SHA");
	expect(peer, CLOUD, "TlsVersion", "1.0");
	expect(peer, CLOUD, "Sessions", "1");
	expect(peer, CLOUD, "Waiting", "2");
	expect(peer, CLOUD, "BytesSent", "3");
	expect(peer, CLOUD, "BytesReceived", "5000000000");
	expect(peer, CLOUD, "Dials", "5");
	expect(peer, CLOUD, "Failures", "6");
	expect(peer, CLOUD, "LastError", "peer: \xc3\xa9 ???");
	expect(peer, CLOUD, "OcspStatus", "1");
	expect(peer, CLOUD, "OcspReason", "");
	expect(peer, CLOUD, "OcspChecked", "0");
	expect(peer, CLOUD, "OcspNext", "0");
	w.channel_conf[0].tls.enabled = false;
	expect(peer, CLOUD, "OcspStatus", "0");
}

static void
all_objects_are_listed_at_once(void **state)
{
	char found[400] = "";
	const char *path;
	struct reply r;

	(void)state;
	w.modem_conf[1] = w.modem_conf[0];
	w.modem_conf[1].name = "gw1";
	w.modems[1] = w.modems[0];
	w.n_modems = 2;
	world_start(BUS_ADDRESS);
	world_ask(world_peer(), &r, "/org/celltls1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL);
	assert_string_equal(world_error(&r), "");
	assert_true(sd_bus_message_enter_container(r.m, 'a', "{oa{sa{sv}}}") > 0);
	while (sd_bus_message_enter_container(r.m, 'e', "oa{sa{sv}}") > 0) {
		assert_true(sd_bus_message_read(r.m, "o", &path) > 0);
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s ", path);
		sd_bus_message_skip(r.m, "a{sa{sv}}");
		sd_bus_message_exit_container(r.m);
	}
	assert_non_null(strstr(found, GW0 " "));
	assert_non_null(strstr(found, "/org/celltls1/modem/gw1 "));
	assert_non_null(strstr(found, CLOUD " "));
	assert_int_equal(strlen(found), strlen(GW0) * 2 + strlen(CLOUD) + 3);
	reply_done(&r);
}

static void
a_long_list_of_remotes_is_whole(void **state)
{
	static struct remote_conf remotes[10];
	char name[201], all[3000] = "";
	size_t i;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < 10; i++) {
		remotes[i] = (struct remote_conf){ name, 65535, i % 2 };
		snprintf(all + strlen(all), sizeof(all) - strlen(all), i % 2 ? "%s[%s]:65535" : "%s%s:65535", i ? ", " : "", name);
	}
	w.channel_conf[0].remote = (struct remotes_conf){ remotes, 10 };
	world_start(BUS_ADDRESS);
	expect(world_peer(), CLOUD, "Remote", all);
}

static void
what_is_not_there_is_said_so(void **state)
{
	sd_bus *peer;
	struct reply r;

	(void)state;
	world_start(BUS_ADDRESS);
	peer = world_peer();
	world_ask(peer, &r, "/org/celltls1/modem/none", "org.celltls1.Modem", "Reset", NULL);
	assert_string_equal(world_error(&r), "org.freedesktop.DBus.Error.UnknownObject");
	reply_done(&r);
	world_ask(peer, &r, GW0, "org.celltls1.Modem", "Explode", NULL);
	assert_string_equal(world_error(&r), "org.freedesktop.DBus.Error.UnknownMethod");
	reply_done(&r);
	world_ask(peer, &r, GW0, PROPERTIES, "Get", "ss", "org.celltls1.Modem", "Colour");
	assert_string_equal(world_error(&r), "org.freedesktop.DBus.Error.UnknownProperty");
	reply_done(&r);
	world_ask(peer, &r, GW0, "org.celltls1.Modem", "Command", "s", "AT");
	assert_string_equal(world_error(&r), "org.freedesktop.DBus.Error.InvalidArgs");
	reply_done(&r);
}

static void
statistics_hold_every_figure(void **state)
{
	const char *key, *type;
	unsigned n = 0;
	struct reply r;
	char kind;

	(void)state;
	w.modems[0].figures = (struct modem_figures){ .line_sent = 100, .payload_sent = 60, .commands = 7 };
	world_start(BUS_ADDRESS);
	world_ask(world_peer(), &r, GW0, "org.celltls1.Modem", "Statistics", NULL);
	assert_string_equal(world_error(&r), "");
	assert_true(sd_bus_message_enter_container(r.m, 'a', "{sv}") > 0);
	for (; sd_bus_message_enter_container(r.m, 'e', "sv") > 0; n++) {
		assert_true(sd_bus_message_read(r.m, "s", &key) > 0);
		assert_true(sd_bus_message_peek_type(r.m, &kind, &type) > 0);
		assert_string_equal(type, !strcmp(key, "Recoveries") ? "a{st}" : !strcmp(key, "Channels") ? "a{sa{sv}}" : "t");
		if (!strcmp(key, "OverheadBytesSent"))
			assert_string_equal(read_variant(r.m), "40");
		else
			sd_bus_message_skip(r.m, "v");
		sd_bus_message_exit_container(r.m);
	}
	assert_int_equal(n, 11);
	reply_done(&r);
}

/* ---- news ---- */

static struct {
	unsigned changes, figures, added, removed;
	char text[400]; /* of the last PropertiesChanged: "State=idle Sessions=1 " */
	char path[100];
} heard;

static int
on_signal(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *s;

	(void)arg, (void)error;
	snprintf(heard.path, sizeof(heard.path), "%s", sd_bus_message_get_path(m));
	if (sd_bus_message_is_signal(m, PROPERTIES, "PropertiesChanged")) {
		heard.changes++;
		heard.text[0] = '\0';
		sd_bus_message_read(m, "s", &s);
		sd_bus_message_enter_container(m, 'a', "{sv}");
		while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
			sd_bus_message_read(m, "s", &s);
			heard.figures += !strcmp(s, "BytesSent");
			snprintf(heard.text + strlen(heard.text), sizeof(heard.text) - strlen(heard.text), "%s=", s);
			snprintf(heard.text + strlen(heard.text), sizeof(heard.text) - strlen(heard.text), "%s ", read_variant(m));
			sd_bus_message_exit_container(m);
		}
	} else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", NULL)) {
		heard.added += !strcmp(sd_bus_message_get_member(m), "InterfacesAdded");
		heard.removed += !strcmp(sd_bus_message_get_member(m), "InterfacesRemoved");
		sd_bus_message_read(m, "o", &s);
		snprintf(heard.path, sizeof(heard.path), "%s", s);
	}
	return 0;
}

static int
on_match(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)m, (void)error;
	*(bool *)arg = true;
	return 0;
}

static void
listen_to_all(void)
{
	bool installed = false;

	memset(&heard, 0, sizeof(heard));
	assert_true(sd_bus_add_match_async(world_peer(), NULL, "type='signal',sender='" NAME "'", on_signal, on_match, &installed) >= 0);
	WAIT_FOR(installed);
	world_pass(50);
}

static void
a_state_is_told_at_once_and_alone(void **state)
{
	uint64_t from;

	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	w.modems[0].state = "registering";
	w.modems[0].mod.reg = REG_SEARCHING;
	from = world_ms();
	bus_modem_changed(w.bus, "gw0");
	bus_modem_changed(w.bus, "gw0");
	WAIT_FOR(heard.changes == 1);
	assert_in_range(world_ms() - from, 0, 900);
	assert_string_equal(heard.path, GW0);
	assert_string_equal(heard.text, "State=registering Registration=searching ");
	bus_modem_changed(w.bus, "gw0"); /* nothing is another */
	world_pass(200);
	assert_int_equal(heard.changes, 1);
}

static void
lists_and_numbers_are_told_as_well(void **state)
{
	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	w.channels[0].weak = WEAK_TLS10 | WEAK_NAME_UNCHECKED;
	w.channels[0].figures.sessions = 1;
	bus_channel_changed(w.bus, "cloud", false);
	WAIT_FOR(heard.changes == 1);
	assert_string_equal(heard.path, CLOUD);
	assert_string_equal(heard.text, "Weaknesses=tls1.0 name-unchecked  Sessions=1 ");
	w.modems[0].mod.signal_dbm = -80;
	bus_modem_changed(w.bus, "gw0");
	WAIT_FOR(heard.changes == 2);
	assert_string_equal(heard.text, "SignalDbm=-80 ");
}

static void
a_certificate_that_is_revealed_is_told(void **state)
{
	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	w.channels[0].peer = (struct tls_peer){ .subject = "/CN=a, b/c", .issuer = "/CN=d", .serial = "01", .thumbprint = "sha1:ab" };
	bus_channel_changed(w.bus, "cloud", false);
	WAIT_FOR(heard.changes == 1);
	assert_string_equal(heard.text, "PeerSubject=/CN=a, b/c PeerIssuer=/CN=d PeerSerial=01 PeerThumbprint=sha1:ab ");
	w.channels[0].peer = (struct tls_peer){ .subject = "" };
	bus_channel_changed(w.bus, "cloud", false);
	WAIT_FOR(heard.changes == 2);
	assert_string_equal(heard.text, "PeerSubject= PeerIssuer= PeerSerial= PeerThumbprint= ");
}

static void
figures_are_told_once_a_second(void **state)
{
	uint64_t from, sent;

	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	for (from = world_ms(); world_ms() < from + 2500; world_pass(5)) {
		w.channels[0].figures.bytes_sent++;
		bus_channel_changed(w.bus, "cloud", true);
	}
	assert_in_range(heard.figures, 2, (world_ms() - from) / 1000 + 1);
	sent = w.channels[0].figures.bytes_sent;
	WAIT_FOR(strtoull(strstr(heard.text, "BytesSent=") + 10, NULL, 10) == sent); /* the last one is told too */
}

static void
a_state_does_not_wait_for_the_figures(void **state)
{
	uint64_t from;

	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	w.channels[0].figures.bytes_sent = 1;
	bus_channel_changed(w.bus, "cloud", true);
	WAIT_FOR(heard.figures == 1);
	w.channels[0].figures.bytes_sent = 2;
	w.channels[0].state = "open";
	from = world_ms();
	bus_channel_changed(w.bus, "cloud", false);
	WAIT_FOR(heard.changes == 2);
	assert_in_range(world_ms() - from, 0, 900);
	assert_string_equal(heard.text, "State=open ");
	WAIT_FOR(heard.changes == 3);
	assert_string_equal(heard.text, "BytesSent=2 ");
	assert_in_range(world_ms() - from, 500, 5000);
}

static void
at_rest_there_is_no_wake_up(void **state)
{
	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	w.channels[0].figures.bytes_sent = 1;
	bus_channel_changed(w.bus, "cloud", false);
	world_pass(1300);
	assert_int_equal(clock_deadline(loop_clock(w.loop)), CLOCK_NEVER);
	assert_int_equal(heard.changes, 1);
}

static void
objects_come_and_go(void **state)
{
	(void)state;
	world_start(BUS_ADDRESS);
	listen_to_all();
	w.channel_conf[1] = w.channel_conf[0];
	w.channel_conf[1].name = "second";
	w.channels[1] = w.channels[0];
	w.n_channels = 2;
	bus_objects_changed(w.bus);
	WAIT_FOR(heard.added == 1);
	assert_string_equal(heard.path, "/org/celltls1/channel/second");
	w.channel_conf[0] = w.channel_conf[1];
	w.n_channels = 1;
	bus_objects_changed(w.bus);
	WAIT_FOR(heard.removed == 1);
	assert_string_equal(heard.path, CLOUD);
	w.channels[0].state = "blocked";
	bus_objects_changed(w.bus); /* another of the same name */
	WAIT_FOR(heard.changes == 1);
	assert_string_equal(heard.text, "State=blocked ");
	world_pass(50);
	assert_int_equal(heard.added + heard.removed, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_documented_is_what_is_there),
		TEST(each_property_has_its_value),
		TEST(a_long_list_of_remotes_is_whole),
		TEST(all_objects_are_listed_at_once),
		TEST(what_is_not_there_is_said_so),
		TEST(statistics_hold_every_figure),
		TEST(a_state_is_told_at_once_and_alone),
		TEST(lists_and_numbers_are_told_as_well),
		TEST(a_certificate_that_is_revealed_is_told),
		TEST(figures_are_told_once_a_second),
		TEST(a_state_does_not_wait_for_the_figures),
		TEST(at_rest_there_is_no_wake_up),
		TEST(objects_come_and_go),
	};

	if (system("dbus-daemon --version >/dev/null 2>&1") != 0) {
		puts("there is no dbus-daemon here");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
