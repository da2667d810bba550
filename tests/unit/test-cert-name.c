/* SPDX-License-Identifier: Apache-2.0 */
/* Names as a module tells them, in one line without any escape, against the host that is dialled. */
#include "unit.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "cert/cert.h"

static void
the_last_cn_is_compared(void **state)
{
	static const struct {
		const char *subject, *host;
		bool fits;
	} rows[] = {
		{ "/C=DE/ST=Berlin/O=demo/OU=demo/CN=level3.example.de", "level3.example.de", true },
		{ "/CN=level3.example.de", "LEVEL3.Example.DE", true },
		{ "/CN=LEVEL3.example.de", "level3.example.de", true },
		{ "/CN=level3.example.de", "level3.example.de.", true },
		{ "/CN=level3.example.de", "level4.example.de", false },
		{ "/CN=level3.example.de", "example.de", false },
		{ "/CN=example.de", "level3.example.de", false },
		{ "/CN=Example CA/CN=host.example", "host.example", true },
		{ "/CN=host.example/CN=Example CA", "host.example", false },
		/* wildcards: of the leftmost label */
		{ "/CN=*.example.de", "level3.example.de", true },
		{ "/CN=*.example.de", "a.b.example.de", false },
		{ "/CN=*.example.de", "example.de", false },
		{ "/CN=*", "localhost", false },
		{ "/CN=*.de", "example.de", false },
		{ "/CN=a.*.de", "a.example.de", false },
		{ "/CN=*.*.de", "a.example.de", false },
		{ "/CN=**.example.de", "a.example.de", false },
		{ "/CN=*.example.de.", "a.example.de", false },
		{ "/CN=host.example.", "host.example", false },
		/* as OpenSSL has it, a part of that label too, but not of one in punycode */
		{ "/CN=gw*.example.de", "gw7.example.de", true },
		{ "/CN=*.example.de", "xn--bcher-kva.example.de", true },
		{ "/CN=xn--b*.example.de", "xn--bcher-kva.example.de", false },
		{ "/CN=XN--BCHER-KVA.example.de", "xn--bcher-kva.example.de", true },
		/* what stands behind it */
		{ "/CN=host.example/emailAddress=a@b.example", "host.example", true },
		{ "/CN=host.example/1.2.840.113549.1.9.2=x", "host.example", true },
		{ "/CN=host.example/evil.example", "host.example", false },
		{ "/CN=host.example,O=x", "host.example", false },
		{ "/CN=host.example/", "host.example", false },
		{ "/CN=host.example/=x", "host.example", false },
		/* what stands before it */
		{ "/O=Terms at https://ca.example/CNAME=host.example (c)06, Inc/CN=other.example", "host.example", false },
		{ "/O=x,CN=host.example", "host.example", false },
		{ "/O=CN=host.example", "host.example", false },
		{ "/CN=host.example/O=y/CN=other.example", "host.example", false },
		/* as OpenSSL prints bytes that are not ASCII */
		{ "/CN=host.example\\x00.other.example", "host.example", false },
		{ "/CN=\\x00host.example", "host.example", false },
		{ "/CN= host.example", "host.example", false },
		/* nothing to compare */
		{ "", "host.example", false },
		{ "/CN=", "host.example", false },
		{ "/CN=", "", false },
		{ "/CN=.", ".", false },
		{ "/CN=/O=x", "host.example", false },
		{ "/O=host.example", "host.example", false },
		{ "/CN=www.host.example", ".host.example", false },
		/* addresses: whole, however they are written */
		{ "/CN=192.0.2.1", "192.0.2.1", true },
		{ "/CN=192.0.2.10", "192.0.2.1", false },
		{ "/CN=*.0.2.1", "192.0.2.1", false },
		{ "/CN=2001:db8::1", "2001:DB8:0::1", true },
		{ "/CN=2001:db8::2", "2001:db8::1", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cert_name_fits(rows[i].subject, rows[i].host) != rows[i].fits)
			fail_msg("%s against %s", rows[i].subject, rows[i].host);
}

/* More than the 64 that X.520 allows are found in the field. */
static void
a_long_cn_is_compared_whole(void **state)
{
	char subject[1024] = "/CN=", host[512] = "";
	size_t i;

	(void)state;
	for (i = 0; i < 24; i++)
		strcat(host, "label0123.");
	strcat(host, "example");
	strcat(subject, host);
	assert_true(cert_name_fits(subject, host));
	subject[strlen(subject) - 1] = 'f';
	assert_false(cert_name_fits(subject, host));
	for (i = 0; i < 20; i++)
		strcat(subject, "label0123.");
	assert_false(cert_name_fits(subject, subject + 4));
}

static void
extend(X509 *x, const char *names)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static struct cert_item *
leaf(EVP_PKEY *key, const char *cn, const char *names)
{
	X509 *x = X509_new();
	unsigned char *der = NULL;
	struct cert_item *item = NULL;
	char why[200];
	int len;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 1);
	X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(x), 1, 0, NULL);
	X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)cn, -1, -1, 0);
	X509_set_pubkey(x, key);
	if (names)
		extend(x, names);
	X509_sign(x, key, EVP_sha256());
	len = i2d_X509(x, &der);
	assert_int_equal(cert_item_load(der, (size_t)len, CERT_CERTIFICATE, &item, why, sizeof(why)), 0);
	OPENSSL_free(der);
	X509_free(x);
	return item;
}

static void
of_a_leaf_the_alternative_names_decide(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	AUTO(cert_item_free) struct cert_item *named = leaf(key, "gateway 7", "DNS:host.example,DNS:*.two.example,IP:192.0.2.1");
	AUTO(cert_item_free) struct cert_item *bare = leaf(key, "host.example", NULL);
	AUTO(cert_item_free) struct cert_item *numbers = leaf(key, "host.example", "IP:2001:db8::1");

	(void)state;
	EVP_PKEY_free(key);
	assert_true(cert_leaf_fits(named, "host.example"));
	assert_true(cert_leaf_fits(named, "HOST.example."));
	assert_true(cert_leaf_fits(named, "x.two.example"));
	assert_true(cert_leaf_fits(named, "192.0.2.1"));
	assert_false(cert_leaf_fits(named, "192.0.2.2"));
	assert_false(cert_leaf_fits(named, "other.example"));
	assert_false(cert_leaf_fits(named, ".example"));
	assert_false(cert_leaf_fits(named, ""));
	assert_false(cert_leaf_fits(bare, "host.example"));
	assert_false(cert_leaf_fits(numbers, "host.example"));
	assert_true(cert_leaf_fits(numbers, "2001:db8:0::1"));
}

/* A leaf counts only where it is the one that the module has seen. */
static void
a_leaf_counts_by_its_thumbprint(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	AUTO(cert_item_free) struct cert_item *named = leaf(key, "gateway 7", "DNS:host.example");
	AUTO(cert_item_free) struct cert_item *other = leaf(key, "gateway 8", "DNS:host.example");
	char thumbprint[80] = "sha1:";

	(void)state;
	EVP_PKEY_free(key);
	strcat(thumbprint, named->sha1);
	assert_true(cert_peer_fits("/CN=gateway 7", thumbprint, named, "host.example"));
	assert_false(cert_peer_fits("/CN=gateway 7", thumbprint, named, "other.example"));
	assert_false(cert_peer_fits("/CN=gateway 7", thumbprint, other, "host.example"));
	assert_false(cert_peer_fits("/CN=gateway 7", thumbprint, NULL, "host.example"));
	assert_false(cert_peer_fits("/CN=gateway 7", thumbprint + 5, named, "host.example"));
	assert_false(cert_peer_fits("/CN=gateway 7", "", named, "host.example"));
	assert_true(cert_peer_fits("/CN=host.example", "", NULL, "host.example"));
	assert_true(cert_peer_fits("/CN=host.example", thumbprint, other, "host.example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_cn_is_compared),
		cmocka_unit_test(a_long_cn_is_compared_whole),
		cmocka_unit_test(of_a_leaf_the_alternative_names_decide),
		cmocka_unit_test(a_leaf_counts_by_its_thumbprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
