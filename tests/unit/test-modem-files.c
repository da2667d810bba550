/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a modem's slots become for a store that takes signed commands. */
#include "unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/daemon.h"
#include "daemon/modem-files.h"

struct place {
	char dir[64];
	struct mistakes mistakes;
	struct conf *conf;
	struct modem_files files;
};

static EVP_PKEY *key, *other, *tiny;

static FILE *
file(const struct place *p, const char *name)
{
	AUTO(free) char *path = xasprintf("%s/%s", p->dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(chmod(path, 0600), 0);
	return f;
}

static void
put_cert(const struct place *p, const char *name, EVP_PKEY *of)
{
	FILE *f = file(p, name);
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 7);
	X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(x), 100, 0, NULL);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "O", MBSTRING_UTF8, (const unsigned char *)"Example, Ltd/Unit", -1, -1, 0);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	X509_set_pubkey(x, of);
	X509_sign(x, of, EVP_sha256());
	PEM_write_X509(f, x);
	X509_free(x);
	fclose(f);
}

static void
put_key(const struct place *p, const char *name, EVP_PKEY *of)
{
	FILE *f = file(p, name);

	PEM_write_PKCS8PrivateKey(f, of, NULL, NULL, 0, NULL, NULL);
	fclose(f);
}

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	log_level = 0;
	strcpy(p->dir, "/tmp/test-modem-files-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	put_cert(p, "root", other);
	put_cert(p, "gw0", key);
	put_key(p, "key", key);
	put_key(p, "other-key", other);
	put_cert(p, "tiny", tiny);
	put_key(p, "tiny-key", tiny);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "root", "gw0", "key", "other-key", "tiny", "tiny-key" };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		AUTO(free) char *path = xasprintf("%s/%s", p->dir, names[i]);

		unlink(path);
	}
	modem_files_deinit(&p->files);
	conf_free(p->conf);
	rmdir(p->dir);
	free(p);
	return 0;
}

/* certificates: as in the file, with @ for the directory. */
static bool
load(struct place *p, const char *dialect, const char *certificates)
{
	char slots[1024] = "";
	AUTO(free) char *text = NULL;
	struct conf_report r = CONF_REPORT_INIT;
	size_t n = 0;

	for (; *certificates; certificates++)
		n += (size_t)snprintf(slots + n, sizeof(slots) - n, *certificates == '@' ? "%s" : "%.1s", *certificates == '@' ? p->dir : certificates);
	text = xasprintf("modems = ( { name = \"gw0\"; device = \"/d\"; dialect = \"%s\"; pdp = { apn = \"x\"; }; certificates = ( %s ); } );",
	    dialect, slots);
	modem_files_deinit(&p->files);
	conf_free(p->conf);
	p->mistakes = (struct mistakes){ 0 };
	if (conf_load_text("t", text, strlen(text), CONF_NO_FILES, &p->conf, &r) < 0)
		fail_msg("%s", r.v[0].text);
	conf_report_deinit(&r);
	return modem_files_load(&p->files, p->conf->modems, 0, &p->mistakes);
}

#define ROOT "{ slot = \"1\"; file = \"@/root\"; }"
#define CLIENT "{ slot = \"client\"; file = \"@/gw0\"; key_file = \"@/key\"; }"
#define UPLOAD "{ slot = \"client\"; file = \"@/gw0\"; key_file = \"@/key\"; upload_key = true; }"

static void
the_client_comes_first_and_all_is_der(void **state)
{
	struct place *p = *state;
	const struct modem_want *w = p->files.wants;

	assert_true(load(p, "cinterion", ROOT ", " CLIENT));
	assert_int_equal(p->files.n_wants, 2);
	assert_string_equal(w[0].slot, "client");
	assert_string_equal(w[1].slot, "1");
	assert_ptr_equal(w[0].bytes, p->files.items[0]->der);
	assert_int_equal(w[0].len, p->files.items[0]->der_len);
	assert_string_equal(w[1].sha1, p->files.items[1]->sha1);
	assert_true(w[0].signs);
	assert_false(w[1].signs);
	assert_non_null(strstr(w[0].key_from, "/key"));
	assert_ptr_equal(modem_files_signer(&p->files), p->files.key);
}

static void
a_key_stays_here_unless_it_is_to_be_uploaded(void **state)
{
	struct place *p = *state;

	assert_true(load(p, "cinterion", CLIENT));
	assert_null(p->files.wants[0].key);
	assert_true(load(p, "cinterion", UPLOAD));
	assert_ptr_equal(p->files.wants[0].key, p->files.key->pkcs8);
	assert_int_equal(p->files.wants[0].key_len, p->files.key->pkcs8_len);
}

static void
a_key_of_another_certificate_is_a_mistake(void **state)
{
	struct place *p = *state;

	assert_false(load(p, "cinterion", "{ slot = \"client\"; file = \"@/gw0\"; key_file = \"@/other-key\"; }"));
	assert_non_null(strstr(p->mistakes.text, "/gw0"));
	assert_non_null(strstr(p->mistakes.text, "/other-key: the private key does not belong to the certificate"));
	assert_false(load(p, "cinterion", "{ slot = \"client\"; file = \"@/tiny\"; key_file = \"@/tiny-key\"; }"));
	assert_non_null(strstr(p->mistakes.text, "/tiny-key: the private key has 512 bits"));
	assert_false(load(p, "cinterion", "{ slot = \"client\"; file = \"@/gw0\"; key_file = \"@/none\"; }"));
	assert_non_null(strstr(p->mistakes.text, "/none"));
	assert_null(modem_files_signer(&p->files));
}

/* By --check, so that nobody learns it at the start only. */
static void
a_check_reads_what_the_start_would(void **state)
{
	struct place *p = *state;

	load(p, "cinterion", CLIENT ", " ROOT);
	assert_true(daemon_check(p->conf));
	load(p, "cinterion", "{ slot = \"client\"; file = \"@/gw0\"; key_file = \"@/other-key\"; }");
	assert_false(daemon_check(p->conf));
	load(p, "cinterion", "{ slot = \"client\"; file = \"@/key\"; key_file = \"@/key\"; }");
	assert_false(daemon_check(p->conf));
	load(p, "cinterion", "{ slot = \"client\"; file = \"@/gw0\"; key_file = \"credential:gw0\"; }");
	assert_true(daemon_check(p->conf));
}

/* Which store it will be is not known: it must do for each. */
static void
a_dialect_that_is_asked_for_gets_both_forms(void **state)
{
	struct place *p = *state;
	const struct modem_want *w = p->files.wants;

	assert_true(load(p, "auto", "{ slot = \"ca\"; file = \"@/root\"; }, { slot = \"cert\"; file = \"@/gw0\"; }, "
				    "{ slot = \"key\"; file = \"@/key\"; }"));
	assert_string_equal(w[0].slot, "cert");
	assert_ptr_equal(w[0].bytes, p->files.items[0]->pem);
	assert_ptr_equal(w[0].der, p->files.items[0]->der);
	assert_true(w[0].signs);
	assert_string_equal(w[2].slot, "key");
	assert_null(w[2].der);
	assert_ptr_equal(modem_files_signer(&p->files), p->files.items[2]);
	assert_true(load(p, "telit", "{ slot = \"ca\"; file = \"@/root\"; }, { slot = \"cert\"; file = \"@/gw0\"; }"));
	assert_string_equal(w[0].slot, "ca");
	assert_null(w[0].der);
	assert_null(modem_files_signer(&p->files));
}

static void
what_differs_is_seen_by_content(void **state)
{
	struct place *p = *state;
	struct modem_files was;

	assert_true(load(p, "cinterion", CLIENT));
	was = p->files;
	p->files = (struct modem_files){ 0 };
	assert_true(load(p, "cinterion", CLIENT));
	assert_int_equal(modem_files_diff(&was, &p->files), 0);
	assert_true(load(p, "cinterion", UPLOAD));
	assert_int_equal(modem_files_diff(&was, &p->files), CONF_APPLY_SLOTS);
	assert_true(load(p, "cinterion", "{ slot = \"client\"; file = \"@/gw0\"; }"));
	assert_int_equal(modem_files_diff(&was, &p->files), CONF_APPLY_SLOTS);
	modem_files_deinit(&was);
}

static void
issuers_are_known_by_their_whole_name(void **state)
{
	static const char name[] = "/O=Example, Ltd/Unit/CN=root";
	struct place *p = *state;

	assert_true(load(p, "cinterion", CLIENT ", " ROOT));
	assert_true(modem_files_have_issuer(&p->files, name, strlen(name)));
	assert_false(modem_files_have_issuer(&p->files, name, strlen(name) - 1));
	assert_false(modem_files_have_issuer(&p->files, "/CN=x", 5));
	assert_false(modem_files_have_issuer(&p->files, "", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_client_comes_first_and_all_is_der, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_stays_here_unless_it_is_to_be_uploaded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_of_another_certificate_is_a_mistake, setup, teardown),
		cmocka_unit_test_setup_teardown(a_check_reads_what_the_start_would, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dialect_that_is_asked_for_gets_both_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(what_differs_is_seen_by_content, setup, teardown),
		cmocka_unit_test_setup_teardown(issuers_are_known_by_their_whole_name, setup, teardown),
	};
	int r;

	key = EVP_RSA_gen(2048);
	other = EVP_RSA_gen(2048);
	tiny = EVP_RSA_gen(512);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	EVP_PKEY_free(tiny);
	return r;
}
