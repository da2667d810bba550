/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys are made here when the tests run. */
#include "unit.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "cert/cert.h"

static EVP_PKEY *rsa, *other_rsa, *ec;
static char why[512];
static int64_t now_s;

/* Text from a memory BIO, which it frees; the caller frees the text. */
static char *
text_of(BIO *bio)
{
	char *data, *text;
	long len = BIO_get_mem_data(bio, &data);

	text = xcalloc(1, (size_t)len + 1);
	memcpy(text, data, (size_t)len);
	BIO_free(bio);
	return text;
}

static void
extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static X509 *
make(EVP_PKEY *key, const char *cn, bool ca, long from_s, long until_s)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 0xf1f45653);
	X509_time_adj_ex(X509_getm_notBefore(x), 0, from_s, NULL);
	X509_time_adj_ex(X509_getm_notAfter(x), 0, until_s, NULL);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Example, Ltd", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	extend(x, NID_basic_constraints, ca ? "critical,CA:TRUE" : "CA:FALSE");
	X509_sign(x, key, EVP_sha256());
	return x;
}

static char *
cert_pem(EVP_PKEY *key, const char *cn, bool ca, long from_s, long until_s)
{
	X509 *x = make(key, cn, ca, from_s, until_s);
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, x);
	X509_free(x);
	return text_of(bio);
}

static char *
good_pem(void)
{
	return cert_pem(rsa, "gw0", false, -3600, 365 * 86400);
}

static char *
key_pem(EVP_PKEY *key, bool traditional, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *pass = (unsigned char *)"secret";

	if (traditional)
		PEM_write_bio_PrivateKey_traditional(bio, key, cipher, cipher ? pass : NULL, cipher ? 6 : 0, NULL,
						     NULL);
	else
		PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, cipher ? (char *)pass : NULL, cipher ? 6 : 0, NULL,
					      NULL);
	return text_of(bio);
}

static int
load(const char *text, enum cert_kind kind, struct cert_item **ret)
{
	*ret = NULL;
	why[0] = '\0';
	return cert_item_load(text, strlen(text), kind, ret, why, sizeof(why));
}

/* text with each LF as CRLF */
static char *
crlf(const char *text)
{
	char *out = xcalloc(2, strlen(text) + 1), *p = out;

	for (; *text; text++) {
		if (*text == '\n')
			*p++ = '\r';
		*p++ = *text;
	}
	return out;
}

static void
a_certificate_is_read_in_all_its_forms(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *dos = crlf(pem);
	AUTO(free) char *text = xasprintf("Certificate:\n  some: text\n%s\n\nand more\n", dos);
	struct cert_item *plain, *other;

	(void)state;
	assert_int_equal(load(pem, CERT_CERTIFICATE, &plain), 0);
	assert_string_equal(plain->pem, pem);
	assert_int_equal(plain->pem_len, strlen(pem));
	assert_int_equal(load(text, CERT_CERTIFICATE, &other), 0);
	assert_string_equal(other->pem, pem); /* LF alone, one at the end */
	assert_memory_equal(other->sha256, plain->sha256, 32);
	cert_item_free(other);
	assert_int_equal(cert_item_load(plain->der, plain->der_len, CERT_CA, &other, why, sizeof(why)), 0);
	assert_string_equal(other->pem, pem);
	assert_int_equal(other->kind, CERT_CA);
	cert_item_free(other);
	cert_item_free(plain);
}

static void
a_certificate_tells_about_itself(void **state)
{
	AUTO(free) char *pem = cert_pem(rsa, "gw\xc3\xbc\n0", true, -3600, 86400);
	AUTO(cert_item_free) struct cert_item *item = NULL;

	(void)state;
	assert_int_equal(load(pem, CERT_CA, &item), 0);
	assert_string_equal(item->subject, "O=Example\\, Ltd, CN=gw\\C3\\BC\\0A0");
	assert_true(item->is_ca);
	assert_in_range(item->not_before, now_s - 3600, now_s - 3540);
	assert_in_range(item->not_after, now_s + 86400, now_s + 86460);
}

static void
a_key_becomes_pkcs1(void **state)
{
	AUTO(free) char *old = key_pem(rsa, true, NULL);
	AUTO(free) char *new = key_pem(rsa, false, NULL);
	AUTO(free) char *dos = crlf(new);
	struct cert_item *item, *from_der;
	BIO *pkcs8 = BIO_new(BIO_s_mem());
	char *der;
	long len;

	(void)state;
	assert_int_equal(load(new, CERT_KEY, &item), 0);
	assert_string_equal(item->pem, old);
	assert_true(str_starts(item->pem, "-----BEGIN RSA PRIVATE KEY-----\n"));
	assert_int_equal(cert_item_load(item->der, item->der_len, CERT_KEY, &from_der, why, sizeof(why)), 0);
	assert_string_equal(from_der->pem, old);
	cert_item_free(from_der);
	i2d_PKCS8PrivateKey_bio(pkcs8, rsa, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(pkcs8, &der);
	assert_int_equal(cert_item_load(der, (size_t)len, CERT_KEY, &from_der, why, sizeof(why)), 0);
	assert_string_equal(from_der->pem, old);
	cert_item_free(from_der);
	BIO_free(pkcs8);
	cert_item_free(item);
	assert_int_equal(load(dos, CERT_KEY, &item), 0);
	assert_string_equal(item->pem, old);
	assert_string_equal(item->subject, "");
	cert_item_free(item);
}

static void
other_keys_are_refused_by_name(void **state)
{
	AUTO(free) char *ec_key = key_pem(ec, false, NULL);
	AUTO(free) char *locked = key_pem(rsa, false, EVP_aes_128_cbc());
	AUTO(free) char *old_locked = key_pem(rsa, true, EVP_aes_128_cbc());
	struct cert_item *item;

	(void)state;
	assert_int_equal(load(ec_key, CERT_KEY, &item), -ENOTSUP);
	assert_non_null(strstr(why, "not RSA"));
	assert_int_equal(load(locked, CERT_KEY, &item), -ENOTSUP);
	assert_non_null(strstr(why, "encrypted"));
	assert_int_equal(load(old_locked, CERT_KEY, &item), -ENOTSUP);
	assert_non_null(strstr(why, "encrypted"));
}

static void
several_are_counted_and_one_is_asked_for(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *key = key_pem(rsa, false, NULL);
	AUTO(free) char *three = xasprintf("%s%s%s", pem, pem, pem);
	AUTO(free) char *both = xasprintf("%s%s", key, pem);
	struct cert_item *item;

	(void)state;
	assert_int_equal(load(three, CERT_CA, &item), -E2BIG);
	assert_string_equal(why, "there are 3 certificates in the file; give one");
	/* a key beside the certificate is what many tools write: each is found */
	assert_int_equal(load(both, CERT_CERTIFICATE, &item), 0);
	cert_item_free(item);
	assert_int_equal(load(both, CERT_KEY, &item), 0);
	cert_item_free(item);
}

static void
the_wrong_kind_is_named(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *key = key_pem(rsa, false, NULL);
	struct cert_item *item;

	(void)state;
	assert_int_equal(load(key, CERT_CA, &item), -EINVAL);
	assert_string_equal(why, "there is a private key in the file, and a certificate is wanted");
	assert_int_equal(load(pem, CERT_KEY, &item), -EINVAL);
	assert_string_equal(why, "there is a certificate in the file, and a private key is wanted");
	assert_int_equal(load("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", CERT_KEY, &item),
			 -EINVAL);
	assert_non_null(strstr(why, "\"PUBLIC KEY\""));
	assert_int_equal(load("", CERT_CA, &item), -EINVAL);
	assert_string_equal(why, "the file is empty");
	assert_int_equal(load("hello\n", CERT_CA, &item), -EINVAL);
	assert_non_null(strstr(why, "neither PEM"));
}

static void
what_is_damaged_is_refused(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *key = key_pem(rsa, false, NULL);
	AUTO(cert_item_free) struct cert_item *good = NULL;
	struct cert_item *item;
	size_t len = strlen(pem), i, read = 0;

	(void)state;
	pem[len / 2] = '\0';
	assert_int_equal(load(pem, CERT_CERTIFICATE, &item), -EBADMSG);
	assert_non_null(strstr(why, "cut off"));
	assert_int_equal(load(key, CERT_KEY, &good), 0);
	/* each letter of the key altered in turn: nothing is taken for a key that is none */
	for (i = 30; i < strlen(key) - 30; i += 7) {
		char was = key[i];

		if (was == '\n')
			continue;
		key[i] = was == 'A' ? 'B' : 'A';
		if (load(key, CERT_KEY, &item) == 0) {
			assert_memory_equal(item->sha256, good->sha256, 32);
			read++;
			cert_item_free(item);
		}
		key[i] = was;
	}
	assert_true(read < 20);
	assert_int_equal(cert_item_load(good->der, good->der_len - 1, CERT_KEY, &item, why, sizeof(why)), -EBADMSG);
	assert_int_equal(cert_item_load("\x30\x03garbage", 9, CERT_CA, &item, why, sizeof(why)), -EBADMSG);
}

static void
what_a_module_reads_back_is_compared_by_content(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *dos = crlf(pem);
	AUTO(free) char *padded = xasprintf("\r\n%s\r\n\r\n", dos);
	AUTO(free) char *other = cert_pem(rsa, "gw1", false, -3600, 365 * 86400);
	AUTO(cert_item_free) struct cert_item *item = NULL;

	(void)state;
	assert_int_equal(load(pem, CERT_CERTIFICATE, &item), 0);
	assert_true(cert_item_same(item, padded, strlen(padded)));
	assert_true(cert_item_same(item, item->der, item->der_len));
	assert_false(cert_item_same(item, other, strlen(other)));
	assert_false(cert_item_same(item, "", 0));
	assert_false(cert_item_same(item, pem, strlen(pem) / 2));
}

static void
a_key_fits_its_own_certificate_only(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *key = key_pem(rsa, false, NULL);
	AUTO(free) char *wrong = key_pem(other_rsa, false, NULL);
	AUTO(cert_item_free) struct cert_item *cert = NULL;
	AUTO(cert_item_free) struct cert_item *good = NULL;
	AUTO(cert_item_free) struct cert_item *bad = NULL;

	(void)state;
	assert_int_equal(load(pem, CERT_CERTIFICATE, &cert), 0);
	assert_int_equal(load(key, CERT_KEY, &good), 0);
	assert_int_equal(load(wrong, CERT_KEY, &bad), 0);
	assert_int_equal(cert_items_pair(cert, good, why, sizeof(why)), 0);
	assert_int_equal(cert_items_pair(cert, bad, why, sizeof(why)), -EKEYREJECTED);
	assert_non_null(strstr(why, "CN=gw0"));
}

static void
a_certificate_has_a_thumbprint_and_a_line(void **state)
{
	AUTO(free) char *pem = good_pem();
	AUTO(free) char *utf8 = cert_pem(rsa, "g\303\274/OU=x", false, -3600, 86400);
	AUTO(cert_item_free) struct cert_item *item = NULL;
	AUTO(cert_item_free) struct cert_item *other = NULL;
	uint8_t hash[EVP_MAX_MD_SIZE];
	char hex[41] = "";
	size_t i;

	(void)state;
	assert_int_equal(load(pem, CERT_CERTIFICATE, &item), 0);
	EVP_Digest(item->der, item->der_len, hash, NULL, EVP_sha1(), NULL);
	for (i = 0; i < 20; i++)
		str_add(hex, sizeof(hex), "%02x", hash[i]);
	assert_string_equal(item->sha1, hex);
	assert_string_equal(item->line, "/O=Example, Ltd/CN=gw0");
	assert_null(item->pkcs8);
	assert_int_equal(load(utf8, CERT_CERTIFICATE, &other), 0);
	assert_string_equal(other->line, "/O=Example, Ltd/CN=g\\xC3\\xBC/OU=x");
}

/* Half a name would be another's. */
static void
a_name_that_is_too_long_has_no_line(void **state)
{
	X509 *x = make(rsa, "gw0", false, -3600, 86400);
	char long_text[1100];
	unsigned char *der = NULL;
	AUTO(cert_item_free) struct cert_item *item = NULL;
	int len;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_organizationName, V_ASN1_UTF8STRING, (unsigned char *)long_text,
				   sizeof(long_text), -1, 0);
	X509_sign(x, rsa, EVP_sha256());
	len = i2d_X509(x, &der);
	assert_int_equal(cert_item_load(der, (size_t)len, CERT_CERTIFICATE, &item, why, sizeof(why)), 0);
	assert_string_equal(item->line, "");
	OPENSSL_free(der);
	X509_free(x);
}

static void
a_key_is_pkcs8_too(void **state)
{
	AUTO(free) char *pem = key_pem(rsa, true, NULL);
	AUTO(cert_item_free) struct cert_item *item = NULL;
	AUTO(cert_item_free) struct cert_item *again = NULL;
	const unsigned char *p;
	PKCS8_PRIV_KEY_INFO *info;

	(void)state;
	assert_int_equal(load(pem, CERT_KEY, &item), 0);
	p = item->pkcs8;
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)item->pkcs8_len);
	assert_non_null(info);
	assert_ptr_equal(p, item->pkcs8 + item->pkcs8_len);
	PKCS8_PRIV_KEY_INFO_free(info);
	assert_int_equal(cert_item_load(item->pkcs8, item->pkcs8_len, CERT_KEY, &again, why, sizeof(why)), 0);
	assert_memory_equal(again->sha256, item->sha256, 32);
	assert_string_equal(item->sha1, "");
}

static bool
verifies(EVP_PKEY *key, const void *bytes, size_t len, const uint8_t *sig, size_t sig_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha1(), NULL, key) == 1 && EVP_DigestVerify(ctx, sig, sig_len, bytes, len) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static void
a_key_signs_with_sha1(void **state)
{
	AUTO(free) char *pem = key_pem(rsa, false, NULL);
	AUTO(cert_item_free) struct cert_item *key = NULL;
	uint8_t sig[512];
	size_t len = 0;

	(void)state;
	assert_int_equal(load(pem, CERT_KEY, &key), 0);
	assert_int_equal(cert_sign_sha1(key, "command", 7, sig, sizeof(sig), &len, why, sizeof(why)), 0);
	assert_int_equal(len, 256);
	assert_true(verifies(rsa, "command", 7, sig, len));
	assert_false(verifies(rsa, "commanD", 7, sig, len));
	assert_false(verifies(other_rsa, "command", 7, sig, len));
	assert_int_equal(cert_sign_sha1(key, "command", 7, sig, 255, &len, why, sizeof(why)), -ENOBUFS);
}

static void
a_key_of_another_size_does_not_sign(void **state)
{
	static const struct {
		unsigned bits;
		int result;
	} rows[] = { { 512, -ERANGE }, { 1024, 0 }, { 4096, 0 }, { 4608, -ERANGE } };
	uint8_t sig[600];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		EVP_PKEY *pkey = EVP_RSA_gen(rows[i].bits);
		AUTO(free) char *pem = key_pem(pkey, false, NULL);
		AUTO(cert_item_free) struct cert_item *key = NULL;

		EVP_PKEY_free(pkey);
		assert_int_equal(load(pem, CERT_KEY, &key), 0);
		assert_int_equal(cert_sign_sha1(key, "x", 1, sig, sizeof(sig), &len, why, sizeof(why)), rows[i].result);
		if (rows[i].result)
			assert_non_null(strstr(why, "1024 to 4096"));
	}
}

static void
dates_and_roles_are_judged(void **state)
{
	static const struct {
		long from_s, until_s;
		bool ca;
		const char *says;
	} rows[] = {
		{ -3600, 365 * 86400, true, NULL },        { 86400, 365 * 86400, true, "is not valid before" },
		{ -7200, -3600, true, "expired on" },      { -3600, 10 * 86400, true, "expires on" },
		{ -3600, 365 * 86400, false, "is no CA" },
	};
	struct cert_item *item;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(free) char *pem = cert_pem(rsa, "x", rows[i].ca, rows[i].from_s, rows[i].until_s);

		assert_int_equal(load(pem, CERT_CA, &item), 0);
		assert_int_equal(cert_item_odd(item, now_s, why, sizeof(why)), rows[i].says != NULL);
		if (rows[i].says)
			assert_non_null(strstr(why, rows[i].says));
		assert_int_equal(cert_item_odd(item, 0, why, sizeof(why)), !rows[i].ca);
		cert_item_free(item);
	}
}

static int
make_keys(void **state)
{
	(void)state;
	now_s = time(NULL);
	rsa = EVP_RSA_gen(2048);
	other_rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	return rsa && other_rsa && ec ? 0 : -1;
}

static int
free_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other_rsa);
	EVP_PKEY_free(ec);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read_in_all_its_forms),
		cmocka_unit_test(a_certificate_tells_about_itself),
		cmocka_unit_test(a_key_becomes_pkcs1),
		cmocka_unit_test(other_keys_are_refused_by_name),
		cmocka_unit_test(several_are_counted_and_one_is_asked_for),
		cmocka_unit_test(the_wrong_kind_is_named),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(what_a_module_reads_back_is_compared_by_content),
		cmocka_unit_test(a_key_fits_its_own_certificate_only),
		cmocka_unit_test(a_certificate_has_a_thumbprint_and_a_line),
		cmocka_unit_test(a_name_that_is_too_long_has_no_line),
		cmocka_unit_test(a_key_is_pkcs8_too),
		cmocka_unit_test(a_key_signs_with_sha1),
		cmocka_unit_test(a_key_of_another_size_does_not_sign),
		cmocka_unit_test(dates_and_roles_are_judged),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
