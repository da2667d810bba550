/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Cinterion's driver makes of names, errors and policies; its exchanges are transcripts.
 */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "conf/conf.h"
#include "dialect/cinterion.h"
#include "dialect/dialects.h"

#define SHA1 "6360CE34138D1F80818F25E58B55BF2FA486E7B9"
#define SHA1_LOW "6360ce34138d1f80818f25e58b55bf2fa486e7b9"
#define TAIL ",sha1RSA,sha1," SHA1

/* ---- the server's certificate ---- */

/* The one CA that this host holds; NULL: none */
static bool
is_issuer(void *arg, const char *name, size_t len)
{
	const char *held = arg;

	return held && strlen(held) == len && !memcmp(held, name, len);
}

static struct tls_peer got;

static int
peer(const char *text, const char *held)
{
	memset(&got, 'x', sizeof(got));
	return dialect_cinterion.peer(text, is_issuer, (void *)held, &got);
}

static void
assert_peer(const char *issuer, const char *serial, const char *subject)
{
	assert_string_equal(got.issuer, issuer);
	assert_string_equal(got.serial, serial);
	assert_string_equal(got.subject, subject);
	assert_string_equal(got.thumbprint, "sha1:" SHA1_LOW);
}

static void
a_certificate_is_taken_apart(void **state)
{
	(void)state;
	assert_int_equal(peer("/C=DE/CN=level2CA,00F1F4565330802E0D,/C=DE/CN=level3.example.de" TAIL, NULL), 0);
	assert_peer("/C=DE/CN=level2CA", "00F1F4565330802E0D", "/C=DE/CN=level3.example.de");
	assert_int_equal(peer("/CN=a, 01", NULL), -EBADMSG);
	assert_int_equal(peer("/CN=a,01, /CN=b, sha1RSA, sha1, " SHA1, NULL), 0); /* a blank behind commas */
	assert_peer("/CN=a", "01", "/CN=b");
}

static void
names_hold_commas_and_slashes(void **state)
{
	(void)state;
	assert_int_equal(peer("/C=US/O=VeriSign, Inc./OU=Terms of use at https://www.verisign.com/rpa (c)06,168E,/C=ZA/O=Thawte (Pty) Ltd., Cape/CN=x" TAIL,
	    NULL), 0);
	assert_peer("/C=US/O=VeriSign, Inc./OU=Terms of use at https://www.verisign.com/rpa (c)06", "168E", "/C=ZA/O=Thawte (Pty) Ltd., Cape/CN=x");
	assert_int_equal(peer("/CN=a,01,/1.2.840.113549.1.9.1=no", NULL), -EBADMSG);
	assert_int_equal(peer("/CN=a,01,/emailAddress=a@b.example/CN=host" TAIL, NULL), 0);
	assert_peer("/CN=a", "01", "/emailAddress=a@b.example/CN=host");
}

/* The owner of a certificate chooses text of its subject, and with it what looks like a serial. */
static void
of_several_places_to_cut_the_leftmost_counts(void **state)
{
	(void)state;
	assert_int_equal(peer("/CN=CA,01F0,/O=evil,01,/CN=bank.example" TAIL, NULL), 0);
	assert_peer("/CN=CA", "01F0", "/O=evil,01,/CN=bank.example");
	assert_int_equal(peer("/CN=CA,01F0,/O=evil,01,/CN=bank.example" TAIL, "/CN=other"), 0);
	assert_peer("/CN=CA", "01F0", "/O=evil,01,/CN=bank.example");
}

static void
an_issuer_that_this_host_holds_decides(void **state)
{
	(void)state;
	assert_int_equal(peer("/O=odd,AB,/CN=CA,01F0,/CN=host.example" TAIL, "/O=odd,AB,/CN=CA"), 0);
	assert_peer("/O=odd,AB,/CN=CA", "01F0", "/CN=host.example");
	assert_int_equal(peer("/CN=CA,01F0,/O=evil,01,/CN=bank.example" TAIL, "/CN=CA"), 0);
	assert_peer("/CN=CA", "01F0", "/O=evil,01,/CN=bank.example");
}

static void
newer_modules_quote_the_fields(void **state)
{
	(void)state;
	assert_int_equal(peer("\"/C=DE/O=a, b/CN=CA\",\"0F1\",\"/CN=\\22x\\22,\\5C\",\"sha1RSA\",\"sha1\",\"" SHA1 "\"", NULL), 0);
	assert_peer("/C=DE/O=a, b/CN=CA", "00F1", "/CN=\"x\",\\");
	assert_int_equal(peer("\"/CN=CA\",\"01\",\"/CN=x\",\"a\",\"b\"", NULL), -EBADMSG);
	assert_int_equal(peer("\"/CN=CA\",\"01\",\"/CN=x\",\"a\",\"b\",\"" SHA1 "\",\"c\"", NULL), -EBADMSG);
	assert_int_equal(peer("\"/CN=CA\",\"01\",\"/CN=x,a,b," SHA1, NULL), -EBADMSG);
}

static void
a_thumbprint_of_sha256_is_told_apart(void **state)
{
	(void)state;
	assert_int_equal(peer("/CN=a,01,/CN=b,x,y,6360CE34138D1F80818F25E58B55BF2FA486E7B96360CE34138D1F80818F25E5", NULL), 0);
	assert_string_equal(got.thumbprint, "sha256:6360ce34138d1f80818f25e58b55bf2fa486e7b96360ce34138d1f80818f25e5");
}

static void
what_does_not_fit_reveals_nothing(void **state)
{
	static const char *const texts[] = {
		"", ",", ",,,,,", "\"", TAIL, "/CN=a" TAIL, "/CN=a,01" TAIL, "/CN=a,01,x" TAIL, "/CN=a,1,/CN=b" TAIL, "/CN=a,123,/CN=b" TAIL, "/CN=a,0g,/CN=b" TAIL,
		"/CN=a,,/CN=b" TAIL, "CN=a,01,/CN=b" TAIL, "/CN=a,01,/=b" TAIL, "/CN=a,01,/CN" TAIL, "/CN=a,01,/CN=b,sha1RSA,sha1,6360CE34",
		"/CN=a,01,/CN=b,sha1RSA,sha1," SHA1 "00", "/CN=a,01,/CN=b,sha1 RSA,sha1," SHA1, "/CN=a,01,/CN=b,,sha1," SHA1,
		"/CN=a,01,/CN=b,abcdefghijklmnopqrstuvwxy,sha1," SHA1, "/CN=a,01,/CN=b,sha1RSA,sha1,/360CE34138D1F80818F25E58B55BF2FA486E7B9",
		"/CN=a,010203040506070809101112131415161718192021222324252627282930313233,/CN=b" TAIL,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (peer(texts[i], NULL) != -EBADMSG)
			fail_msg("\"%s\" was taken for a certificate", texts[i]);
		assert_string_equal(got.subject, "");
		assert_string_equal(got.thumbprint, "");
	}
}

static void
a_name_is_never_cut(void **state)
{
	char text[2048] = "/CN=a,01,/CN=";
	size_t room = sizeof(got.subject) - 1 - strlen("/CN=");

	(void)state;
	memset(text + strlen(text), 'b', room);
	strcat(text, TAIL);
	assert_int_equal(peer(text, NULL), 0);
	assert_int_equal(strlen(got.subject), sizeof(got.subject) - 1);
	strcpy(text, "/CN=a,01,/CN=");
	memset(text + strlen(text), 'b', room + 1);
	strcpy(text + strlen("/CN=a,01,/CN=") + room + 1, TAIL);
	assert_int_equal(peer(text, NULL), -EBADMSG);
}

/* ---- errors ---- */

static struct at_error
event(int code)
{
	return (struct at_error){ .kind = AT_ERROR_EVENT, .code = code };
}

static void
a_server_that_is_not_confirmed_is_the_certificates(void **state)
{
	static const int codes[] = { 63, 64, 65, 66, 67, 68, 76, 77 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct at_error e = event(codes[i]);

		assert_int_equal(dialect_cinterion.cause(&e), DIAL_CERTIFICATE);
		assert_non_null(dialect_cinterion.advice(&e));
	}
}

static void
codes_of_an_end_have_their_cause(void **state)
{
	static const struct {
		int code;
		enum dial_cause cause;
		bool advice;
	} rows[] = { { 13, DIAL_CONTEXT, true }, { 14, DIAL_OTHER, false }, { 15, DIAL_REFUSED, false }, { 20, DIAL_TIMEOUT, true },
		{ 21, DIAL_REFUSED, true }, { 22, DIAL_UNREACHED, true }, { 24, DIAL_NAME, true }, { 48, DIAL_HANDSHAKE, false },
		{ 57, DIAL_OTHER, true }, { 62, DIAL_HANDSHAKE, true }, { 71, DIAL_OTHER, true }, { 74, DIAL_HANDSHAKE, true },
		{ 92, DIAL_CONTEXT, true }, { 97, DIAL_CONTEXT, true }, { 124, DIAL_NAME, true }, { 1000, DIAL_OTHER, true },
		{ 1999, DIAL_OTHER, false }, { 0, DIAL_OTHER, false }, { -1, DIAL_OTHER, false } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct at_error e = event(rows[i].code);

		assert_int_equal(dialect_cinterion.cause(&e), rows[i].cause);
		assert_int_equal(dialect_cinterion.advice(&e) != NULL, rows[i].advice);
	}
}

static void
an_error_is_known_by_number_and_by_text(void **state)
{
	struct at_error number = { .kind = AT_ERROR_CME, .code = 256, .text = "256" };
	struct at_error text = { .kind = AT_ERROR_CME, .code = -1, .text = "operation temporary not allowed" };
	struct at_error other = { .kind = AT_ERROR_CME, .code = -1, .text = "Operation temporarily not allowed" };
	struct at_error service = { .kind = AT_ERROR_CME, .code = -1, .text = "operation of service temporary not allowed" };
	struct at_error plain = { .kind = AT_ERROR_PLAIN, .code = -1, .text = "ERROR" };

	(void)state;
	assert_int_equal(dialect_cinterion.cause(&number), DIAL_CONTEXT);
	assert_int_equal(dialect_cinterion.cause(&text), DIAL_CONTEXT);
	assert_int_equal(dialect_cinterion.cause(&other), DIAL_CONTEXT);
	assert_int_equal(dialect_cinterion.cause(&service), DIAL_OTHER);
	assert_non_null(dialect_cinterion.advice(&service));
	assert_null(dialect_cinterion.advice(&plain));
}

static void
no_room_for_one_more_has_many_words(void **state)
{
	static const int codes[] = { 71, 49, 16 };
	struct at_error e = event(62);
	size_t i;

	(void)state;
	assert_false(dialect_cinterion.no_room(&e));
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		e = event(codes[i]);
		assert_true(dialect_cinterion.no_room(&e));
	}
	e = (struct at_error){ .kind = AT_ERROR_CME, .code = -1, .text = "operation of service temporary not allowed" };
	assert_true(dialect_cinterion.no_room(&e));
	e = (struct at_error){ .kind = AT_ERROR_CME, .code = -1, .text = "operation temporary not allowed" };
	assert_false(dialect_cinterion.no_room(&e));
}

/* ---- policies ---- */

static struct tls_plan
plan(struct tls_policy policy)
{
	struct module m = { .model = "BGS2-W", .revision = "REVISION 02.000" };
	struct tls_plan ret;

	m.family = dialect_family(&dialect_cinterion, &m);
	dialect_cinterion.plan(&m, &policy, &ret);
	return ret;
}

static const char *const any[] = { "any" };

#define ALWAYS \
	(WEAK_CIPHER_UNKNOWN | WEAK_VERSION_UNKNOWN | WEAK_DATES_UNCHECKED | WEAK_NULL | WEAK_3DES | WEAK_MD5 | WEAK_SHA1)

static void
suites_that_do_not_encrypt_need_the_admins_word(void **state)
{
	static const char *const aes[] = { "TLS_RSA_WITH_AES_128_CBC_SHA" };
	struct tls_plan p;

	(void)state;
	p = plan((struct tls_policy){ .verify = TLS_VERIFY_SERVER, .check_name = true });
	assert_string_equal(p.blocked, CONF_NEEDS_ANY_CINTERION);
	p = plan((struct tls_policy){ .verify = TLS_VERIFY_SERVER, .ciphers = aes, .n_ciphers = 1 });
	assert_non_null(strstr(p.blocked, "\"any\""));
	assert_false(p.enforces & ENFORCES_ENCRYPTION);
}

static void
a_plan_says_what_is_enforced_and_what_is_weak(void **state)
{
	struct tls_policy policy = { .verify = TLS_VERIFY_SERVER, .ciphers = any, .n_ciphers = 1, .check_name = true };
	struct tls_plan p = plan(policy);

	(void)state;
	assert_string_equal(p.blocked, "");
	assert_int_equal(p.n_suites, 1);
	assert_int_equal(p.n_allowed, 4);
	assert_int_equal(p.enforces, ENFORCES_CHAIN | ENFORCES_HOST_NAME);
	assert_int_equal(p.weak, ALWAYS);
	policy.pin = true; /* the pin alone decides */
	p = plan(policy);
	assert_int_equal(p.enforces, ENFORCES_CHAIN | ENFORCES_HOST_PIN);
	assert_int_equal(p.weak, ALWAYS);
	policy.pin = policy.check_name = false;
	policy.may_go_online = true;
	p = plan(policy);
	assert_int_equal(p.enforces, ENFORCES_CHAIN);
	assert_int_equal(p.weak, ALWAYS | WEAK_NAME_UNCHECKED | WEAK_INFLIGHT_COMMANDS);
	policy = (struct tls_policy){ .verify = TLS_VERIFY_NONE, .ciphers = any, .n_ciphers = 1, .check_name = true };
	p = plan(policy);
	assert_int_equal(p.enforces, 0);
	assert_int_equal(p.weak, ALWAYS | WEAK_NAME_UNCHECKED | WEAK_UNVERIFIED);
	policy.verify = TLS_VERIFY_MUTUAL;
	assert_non_null(strstr(plan(policy).blocked, "mutual"));
}

/* ---- who it is ---- */

static const struct family *
family(const char *manufacturer, const char *model, const char *revision)
{
	struct module m = { 0 };

	strcpy(m.manufacturer, manufacturer);
	strcpy(m.model, model);
	strcpy(m.revision, revision);
	assert_ptr_equal(dialect_of(&m), &dialect_cinterion);
	return dialect_family(&dialect_cinterion, &m);
}

static void
modules_are_known_by_their_names(void **state)
{
	static const char *const wm01[] = { "MC75i", "EES3", "TC63i", "TC65i", "TC65i-X", "BGS3", "EGS3", "EGS5", "EGS5-X" };
	static const char *const wm02[] = { "BGS2-E", "BGS2-W", "AGS2-W" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wm01) / sizeof(wm01[0]); i++)
		assert_non_null(strstr(family("SIEMENS", wm01[i], "REVISION 03.001")->title, "WM01"));
	for (i = 0; i < sizeof(wm02) / sizeof(wm02[0]); i++)
		assert_non_null(strstr(family("Cinterion Wireless Modules", wm02[i], "REVISION 02.000")->title, "WM02"));
	assert_null(family("Cinterion", "BGS2-W", "REVISION 02.000")->unsupported);
	assert_null(family("Cinterion", "MC55", "REVISION 02.000"));
}

static void
newer_modules_are_recognised_and_refused(void **state)
{
	static const char *const newer[] = { "EHS6", "EHS5-E", "PLS8-E", "PLS62-W", "ELS61-E", "ELS62-W", "EXS82-W", "TX62-W", "ENS22-E", "EMS31-US" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		assert_non_null(family("Gemalto", newer[i], "REVISION 01.000")->unsupported);
	assert_non_null(strstr(family("Cinterion", "BGS2-W", "REVISION 01.301")->unsupported, "release 2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_taken_apart),
		cmocka_unit_test(names_hold_commas_and_slashes),
		cmocka_unit_test(of_several_places_to_cut_the_leftmost_counts),
		cmocka_unit_test(an_issuer_that_this_host_holds_decides),
		cmocka_unit_test(newer_modules_quote_the_fields),
		cmocka_unit_test(a_thumbprint_of_sha256_is_told_apart),
		cmocka_unit_test(what_does_not_fit_reveals_nothing),
		cmocka_unit_test(a_name_is_never_cut),
		cmocka_unit_test(a_server_that_is_not_confirmed_is_the_certificates),
		cmocka_unit_test(codes_of_an_end_have_their_cause),
		cmocka_unit_test(an_error_is_known_by_number_and_by_text),
		cmocka_unit_test(no_room_for_one_more_has_many_words),
		cmocka_unit_test(suites_that_do_not_encrypt_need_the_admins_word),
		cmocka_unit_test(a_plan_says_what_is_enforced_and_what_is_weak),
		cmocka_unit_test(modules_are_known_by_their_names),
		cmocka_unit_test(newer_modules_are_recognised_and_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
