/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-signed-store.c - promises P6 and P7 on a store that lists thumbprints and takes signed commands: the core with
 * the daemon's own files against a simulated module that checks each signature
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/modem-files.h"
#include "modem/modem.h"
#include "simulation/module-side.h"

struct rig {
	char dir[64];
	struct clock clock;
	struct side *side;
	struct modem *modem;
	struct conf *conf;
	struct modem_files files;
	bool recorded[DIALECT_SLOTS];
	unsigned begun; /* writes */
	bool dies; /* the module, of each write, before it has told of it */
	uint64_t written;
	int sign_result;
	size_t said_len;
	char said[1 << 19]; /* log and trace */
};

static EVP_PKEY *gate_key, *other_key;
static struct rig *rig; /* of the test that runs, for the log */

/* ---- files ---- */

static void
put(const struct rig *r, const char *name, EVP_PKEY *key, size_t padding)
{
	AUTO(free) char *cert = xasprintf("%s/%s", r->dir, name), *secret = xasprintf("%s/%s.key", r->dir, name), *comment = NULL;
	FILE *f = fopen(cert, "w"), *g = fopen(secret, "w");
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 7);
	X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(x), 1000, 0, NULL);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	if (padding) {
		comment = xcalloc(1, padding + 1);
		memset(comment, 'x', padding);
		X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_organizationName, V_ASN1_UTF8STRING, (unsigned char *)comment, -1, -1, 0);
	}
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha1());
	PEM_write_X509(f, x);
	PEM_write_PKCS8PrivateKey(g, key, NULL, NULL, 0, NULL, NULL);
	X509_free(x);
	fclose(f);
	fclose(g);
	assert_int_equal(chmod(secret, 0600), 0);
}

static const char *const names[] = { "gate", "gate2", "other", "root1", "root2", "big" };

static void
say(const char *bytes, size_t len)
{
	assert_true(rig->said_len + len + 2 < sizeof(rig->said));
	memcpy(rig->said + rig->said_len, bytes, len);
	rig->said_len += len;
	rig->said[rig->said_len++] = '\n';
	rig->said[rig->said_len] = '\0';
	if (getenv("WORLD_LOG"))
		fprintf(stderr, "%.*s\n", (int)len, bytes);
}

static bool
is_said(const struct rig *r, const char *text)
{
	return memmem(r->said, r->said_len, text, strlen(text)) != NULL;
}

/* ---- the host ---- */

static bool
slot_recorded(void *arg, size_t want)
{
	return ((struct rig *)arg)->recorded[want];
}

static bool
slot_same(void *arg, size_t want, const char *text, size_t len)
{
	(void)arg;
	(void)want;
	(void)text;
	(void)len;
	fail_msg("a thumbprint is enough");
	return false;
}

static void
slot_record(void *arg, size_t want, bool as_wanted)
{
	struct rig *r = arg;

	r->begun += !as_wanted;
	r->recorded[want] = as_wanted;
}

static int
slot_sign(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	struct rig *r = arg;
	char why[300];

	if (r->sign_result)
		return r->sign_result;
	return cert_sign_sha1(modem_files_signer(&r->files), bytes, len, sig, SLOT_SIGNATURE_MAX, ret_len, why, sizeof(why));
}

static void
changed(void *arg)
{
	(void)arg;
}

/* As a trace file that is to show payload. */
static void
trace(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	(void)arg;
	if (kind != AT_TRACE_OUT_SECRET && kind != AT_TRACE_IN_SECRET)
		say(bytes, len);
}

static const struct modem_host host = {
	.slot_recorded = slot_recorded,
	.slot_same = slot_same,
	.slot_record = slot_record,
	.slot_sign = slot_sign,
	.changed = changed,
	.trace = trace,
};

static bool
logged(enum log_level level, const char *tag, const char *name, const char *text)
{
	AUTO(free) char *line = xasprintf("%d %s", (int)level, text);

	(void)tag;
	(void)name;
	say(line, strlen(line));
	return true;
}

/* ---- its life ---- */

static void
move_bytes(struct rig *r)
{
	const void *bytes;
	size_t len;

	while ((bytes = side_output(r->side, &len)) && len) {
		AUTO(free) void *copy = xmemdup(bytes, len);

		side_output_drop(r->side, len);
		modem_input(r->modem, copy, len);
	}
	if (side_has_room(r->side))
		modem_writable(r->modem);
}

static void
die_of_a_write(struct rig *r)
{
	uint64_t written = side_counter(r->side, "slot_writes");

	if (r->dies && written != r->written)
		side_accident(r->side, SIDE_RESET);
	r->written = written;
}

static void
run(struct rig *r, uint64_t ms)
{
	uint64_t until = r->clock.now_ms + ms, next;

	for (move_bytes(r); (next = clock_deadline(&r->clock)) <= until; move_bytes(r)) {
		die_of_a_write(r);
		clock_run(&r->clock, next);
	}
	clock_run(&r->clock, until);
	move_bytes(r);
}

static bool
ready(struct rig *r)
{
	unsigned i;

	for (i = 0; i < 6000 && modem_state(r->modem) != MODEM_READY; i++)
		run(r, 10);
	run(r, 200);
	return modem_state(r->modem) == MODEM_READY;
}

/* certificates: as in the file, with @ for the directory. */
static void
daemon_begins(struct rig *r, const char *dialect, const char *certificates)
{
	char slots[1024] = "";
	AUTO(free) char *text = NULL;
	struct conf_report report = CONF_REPORT_INIT;
	struct mistakes mistakes = { 0 };
	struct modem_params p = { .host = &host, .host_arg = r };
	size_t n = 0;

	for (; *certificates; certificates++)
		n += (size_t)snprintf(slots + n, sizeof(slots) - n, *certificates == '@' ? "%s/" : "%.1s", *certificates == '@' ? r->dir : certificates);
	text = xasprintf("modems = ( { name = \"gw0\"; device = \"/d\"; dialect = \"%s\"; pdp = { apn = \"internet\"; }; certificates = ( %s ); } );",
	    dialect, slots);
	if (conf_load_text("t", text, strlen(text), CONF_NO_FILES, &r->conf, &report) < 0)
		fail_msg("%s", report.v[0].text);
	conf_report_deinit(&report);
	if (!modem_files_load(&r->files, r->conf->modems, 0, &mistakes))
		fail_msg("%s", mistakes.text);
	p.conf = r->conf->modems;
	p.wants = r->files.wants;
	p.n_wants = r->files.n_wants;
	r->begun = 0;
	r->said_len = 0;
	r->modem = modem_new(&r->clock, side_wire(r->side), &p);
	modem_line_up(r->modem);
}

static void
daemon_starts(struct rig *r, const char *dialect, const char *certificates)
{
	daemon_begins(r, dialect, certificates);
	if (!ready(r))
		fail_msg("not ready: %s", modem_error(r->modem));
}

static void
daemon_ends(struct rig *r)
{
	modem_free(gift(&r->modem));
	modem_files_deinit(&r->files);
	conf_free(gift(&r->conf));
	side_output_drop(r->side, 0);
}

static void
restart(struct rig *r, const char *certificates)
{
	daemon_ends(r);
	daemon_starts(r, "cinterion", certificates);
}

static int
setup(void **state)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	size_t i;

	strcpy(r->dir, "/tmp/test-signed-store-XXXXXX");
	if (!mkdtemp(r->dir))
		return -1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put(r, names[i], strstr(names[i], "gate") ? gate_key : other_key, strcmp(names[i], "big") ? 0 : 1700);
	clock_init(&r->clock, 1000, 1);
	r->clock.wall_s = 1780000000;
	r->side = side_new(&r->clock, &(struct side_conf){ .family = "cinterion" });
	*state = rig = r;
	log_sink = logged;
	log_level = LOG_DEBUG;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;
	size_t i;

	if (r->modem)
		daemon_ends(r);
	side_free(r->side);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		AUTO(free) char *cert = xasprintf("%s/%s", r->dir, names[i]), *key = xasprintf("%s/%s.key", r->dir, names[i]);

		unlink(cert);
		unlink(key);
	}
	rmdir(r->dir);
	log_sink = NULL;
	rig = NULL;
	free(r);
	return 0;
}

#define ROOT(n) "{ slot = \"" n "\"; file = \"@root" n "\"; }"
#define CLIENT "{ slot = \"client\"; file = \"@gate\"; key_file = \"@gate.key\"; }"
#define UPLOAD "{ slot = \"client\"; file = \"@gate\"; key_file = \"@gate.key\"; upload_key = true; }"
#define RENEWED "{ slot = \"client\"; file = \"@gate2\"; key_file = \"@gate2.key\"; }"
#define OTHER "{ slot = \"client\"; file = \"@other\"; key_file = \"@other.key\"; }"

static uint64_t
writes(const struct rig *r)
{
	return side_counter(r->side, "slot_writes");
}

static void
assert_fine(const struct rig *r, const char *slot)
{
	if (modem_slot_error(r->modem, slot))
		fail_msg("%s", modem_slot_error(r->modem, slot));
}

static void
assert_slot_error(const struct rig *r, const char *slot, const char *part)
{
	const char *error = modem_slot_error(r->modem, slot);

	if (!error || !strstr(error, part))
		fail_msg("slot %s: \"%s\" is not in \"%s\"", slot, part, error ? error : "");
}

static void
an_empty_store_is_filled_the_client_first(void **state)
{
	struct rig *r = *state;
	const char *client, *one;

	daemon_starts(r, "cinterion", ROOT("1") ", " ROOT("2") ", " CLIENT);
	assert_int_equal(writes(r), 3);
	assert_fine(r, "client");
	assert_fine(r, "1");
	assert_fine(r, "2");
	client = memmem(r->said, r->said_len, "slot client written", 19);
	one = memmem(r->said, r->said_len, "slot 1 written", 14);
	assert_true(client && one && client < one);
	assert_true(is_said(r, "gate.key is the only key to the module's store"));
}

/* P7, also by a host that remembers nothing. */
static void
nothing_is_written_when_the_thumbprints_are_right(void **state)
{
	struct rig *r = *state;
	int i;

	daemon_starts(r, "cinterion", CLIENT ", " ROOT("1"));
	for (i = 0; i < 3; i++) {
		memset(r->recorded, 0, sizeof(r->recorded));
		restart(r, CLIENT ", " ROOT("1"));
		assert_int_equal(writes(r), 2);
		assert_int_equal(r->begun, 0);
		assert_false(is_said(r, "SBNW"));
		assert_false(is_said(r, "only key"));
	}
}

static void
what_differs_is_written_and_that_alone(void **state)
{
	struct rig *r = *state;

	daemon_starts(r, "cinterion", CLIENT ", { slot = \"1\"; file = \"@root2\"; }");
	restart(r, CLIENT ", " ROOT("1"));
	assert_int_equal(writes(r), 3);
	assert_fine(r, "1");
	/* a new certificate of the same key opens the same lock */
	restart(r, RENEWED ", " ROOT("1"));
	assert_int_equal(writes(r), 4);
	assert_fine(r, "client");
}

/* Only the record says which key went with the certificate. */
static void
an_uploaded_key_is_written_once_by_the_record(void **state)
{
	struct rig *r = *state;

	daemon_starts(r, "cinterion", UPLOAD);
	assert_int_equal(writes(r), 1);
	assert_fine(r, "client");
	restart(r, UPLOAD);
	assert_int_equal(writes(r), 1);
	r->recorded[0] = false;
	restart(r, UPLOAD);
	assert_int_equal(writes(r), 2);
	assert_fine(r, "client");
}

/* P6: no 16 bytes of the key, in any form, are in the log or among what is traced. */
static void
an_uploaded_key_is_seen_nowhere(void **state)
{
	struct rig *r = *state;
	const struct cert_item *key;
	size_t i;

	daemon_starts(r, "cinterion", UPLOAD);
	key = r->files.key;
	for (i = 0; i + 16 <= key->pkcs8_len; i++)
		assert_null(memmem(r->said, r->said_len, key->pkcs8 + i, 16));
	for (i = 32; i + 16 <= key->pem_len - 32; i++)
		assert_null(memmem(r->said, r->said_len, key->pem + i, 16));
}

static void
a_store_that_another_key_locks_is_told(void **state)
{
	struct rig *r = *state;

	daemon_starts(r, "cinterion", CLIENT ", { slot = \"1\"; file = \"@root2\"; }");
	assert_int_equal(writes(r), 2);
	restart(r, OTHER ", " ROOT("1"));
	assert_int_equal(writes(r), 2);
	assert_slot_error(r, "client", "slot client holds another certificate (sha1 ");
	assert_slot_error(r, "client", "SECURE CMD ERROR");
	assert_true(is_said(r, "slot client: the store command that was refused begins with 0"));
	assert_true(is_said(r, "00010004000500010002")); /* WRITE, four units, of which the first is index 0; then the certificate's length */
	assert_slot_error(r, "1", "the store is locked by that one's private key");
	assert_false(is_said(r, "only key"));
}

static void
without_a_key_it_is_said_what_to_configure(void **state)
{
	struct rig *r = *state;

	daemon_starts(r, "cinterion", ROOT("1"));
	assert_int_equal(writes(r), 0);
	assert_slot_error(r, "1", "an entry of slot \"client\" with file and key_file");
	assert_false(is_said(r, "SBNW"));
	/* what is there already needs none */
	restart(r, CLIENT ", " ROOT("1"));
	restart(r, ROOT("1"));
	assert_fine(r, "1");
}

static void
what_is_too_big_is_refused_before_a_byte_is_sent(void **state)
{
	struct rig *r = *state;

	daemon_starts(r, "cinterion", CLIENT ", { slot = \"3\"; file = \"@big\"; }");
	assert_int_equal(writes(r), 1);
	assert_int_equal(r->begun, 1);
	assert_slot_error(r, "3", "the module stores at most 2048");
}

static void
a_host_that_may_not_sign_says_so(void **state)
{
	struct rig *r = *state;

	r->sign_result = -ENOTSUP;
	daemon_starts(r, "cinterion", CLIENT);
	assert_int_equal(writes(r), 0);
	assert_slot_error(r, "client", "crypto policy");
	assert_false(is_said(r, "SBNW"));
}

/* Full flash now need not be for ever; a store that stays empty is not filled from behind. */
static void
a_refused_client_holds_up_the_others_and_is_tried_again(void **state)
{
	struct rig *r = *state;

	side_fault(r->side, "full-flash");
	daemon_starts(r, "cinterion", CLIENT ", " ROOT("1"));
	assert_int_equal(writes(r), 0);
	assert_slot_error(r, "client", "SECURE CMD");
	assert_slot_error(r, "1", "slot client is empty");
	side_fault(r->side, "full-flash=off");
	run(r, 200000);
	assert_true(ready(r));
	assert_int_equal(writes(r), 2);
	assert_fine(r, "client");
	assert_fine(r, "1");
}

/* P7: a module that dies of it every time is not written to each time that it is back. */
static void
a_module_that_does_not_outlive_a_write_is_spared(void **state)
{
	struct rig *r = *state;
	unsigned i;

	daemon_starts(r, "cinterion", CLIENT);
	r->dies = true;
	r->recorded[0] = false;
	daemon_ends(r);
	daemon_begins(r, "cinterion", UPLOAD);
	for (i = 0; i < 6; i++) {
		run(r, 1800000);
		r->said_len = 0;
	}
	assert_in_range(r->begun, 3, 10);
	assert_int_equal(modem_state(r->modem), MODEM_READY);
	assert_slot_error(r, "client", "the module did not outlive the last tries");
	r->dies = false;
	run(r, 21600000);
	assert_fine(r, "client");
}

/* A write that came to its end is none that brought the module down, whatever comes behind it. */
static void
writes_that_end_well_are_not_put_off(void **state)
{
	struct rig *r = *state;
	unsigned i;

	daemon_starts(r, "cinterion", UPLOAD);
	for (i = 2; i < 6; i++) {
		r->recorded[0] = false;
		side_accident(r->side, SIDE_RESET);
		run(r, 60000);
		assert_true(ready(r));
		assert_int_equal(writes(r), i);
		assert_fine(r, "client");
	}
}

/* Somebody has changed something: that is worth a try at once. */
static void
a_reload_tries_at_once_what_was_put_off(void **state)
{
	struct rig *r = *state;
	struct modem_params p = { .host = &host, .host_arg = r };

	daemon_starts(r, "cinterion", CLIENT);
	r->dies = true;
	r->recorded[0] = false;
	daemon_ends(r);
	daemon_begins(r, "cinterion", UPLOAD);
	run(r, 1800000);
	assert_slot_error(r, "client", "did not outlive");
	r->dies = false;
	p.conf = r->conf->modems;
	p.wants = r->files.wants;
	p.n_wants = r->files.n_wants;
	modem_set_params(r->modem, &p, true);
	run(r, 10000);
	assert_fine(r, "client");
}

/* Names that go for every dialect, and a key that stands by itself. */
static void
a_module_that_is_found_by_asking_is_filled_too(void **state)
{
	static const char slots[] = "{ slot = \"ca\"; file = \"@root1\"; }, { slot = \"cert\"; file = \"@gate\"; }, "
				    "{ slot = \"key\"; file = \"@gate.key\"; }";
	struct rig *r = *state;

	daemon_starts(r, "auto", slots);
	assert_int_equal(writes(r), 2);
	assert_fine(r, "1");
	assert_fine(r, "ca");
	assert_fine(r, "cert");
	daemon_ends(r);
	daemon_starts(r, "auto", slots);
	assert_int_equal(writes(r), 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_store_is_filled_the_client_first),
		TEST(nothing_is_written_when_the_thumbprints_are_right),
		TEST(what_differs_is_written_and_that_alone),
		TEST(an_uploaded_key_is_written_once_by_the_record),
		TEST(an_uploaded_key_is_seen_nowhere),
		TEST(a_store_that_another_key_locks_is_told),
		TEST(without_a_key_it_is_said_what_to_configure),
		TEST(what_is_too_big_is_refused_before_a_byte_is_sent),
		TEST(a_host_that_may_not_sign_says_so),
		TEST(a_refused_client_holds_up_the_others_and_is_tried_again),
		TEST(a_module_that_does_not_outlive_a_write_is_spared),
		TEST(writes_that_end_well_are_not_put_off),
		TEST(a_reload_tries_at_once_what_was_put_off),
		TEST(a_module_that_is_found_by_asking_is_filled_too),
	};
	int r;

	gate_key = EVP_RSA_gen(1024);
	other_key = EVP_RSA_gen(2048);
	r = cmocka_run_group_tests_name("signed-store", tests, NULL, NULL);
	EVP_PKEY_free(gate_key);
	EVP_PKEY_free(other_key);
	return r;
}
