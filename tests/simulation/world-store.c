/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/world-store.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

/* A key that is random in each run would make frames, and so lives with noise, that no seed brings back. */
#define PRIME_1 \
	"F1840D620AD0840BF23F91B8BEC3B72CF851D3E549640345A9EF8300ED9D01A5" \
	"E9FF18A418CF7B66BDED0DA5C6DFA429D72F83C30902A4845BDB5D743EE64D7D"
#define PRIME_2 \
	"D20181896A93E245A1C8F93CF895DB62184205A288C5844AC489752DEB7FADE5" \
	"5A3CD53BCC745447E520F1A2788675B165CA5FDD006F793B120D8740DC223693"

#define CLIENT 0
#define KEY (STORE_CAS + 1)
#define ITEMS (STORE_CAS + 2)

static struct {
	EVP_PKEY *key;
	struct store_item items[ITEMS];
	uint8_t bytes[ITEMS][2048];
} store;

static EVP_PKEY *
make_key(void)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };
	BIGNUM *v[NUMBERS] = { NULL }, *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;
	unsigned i;
	bool ok;

	for (i = 0; i < NUMBERS; i++)
		v[i] = BN_new();
	ok = BN_hex2bn(&v[P], PRIME_1) && BN_hex2bn(&v[Q], PRIME_2) && BN_set_word(v[E], RSA_F4) && BN_mul(v[N], v[P], v[Q], ctx) &&
	     BN_sub(p1, v[P], BN_value_one()) && BN_sub(q1, v[Q], BN_value_one()) && BN_mul(phi, p1, q1, ctx) &&
	     BN_mod_inverse(v[D], v[E], phi, ctx) && BN_mod(v[DP], v[D], p1, ctx) && BN_mod(v[DQ], v[D], q1, ctx) &&
	     BN_mod_inverse(v[QINV], v[Q], v[P], ctx);
	for (i = 0; i < NUMBERS; i++)
		ok = ok && OSSL_PARAM_BLD_push_BN(build, names[i], v[i]);
	params = OSSL_PARAM_BLD_to_param(build);
	ok = ok && EVP_PKEY_fromdata_init(make) > 0 && EVP_PKEY_fromdata(make, &key, EVP_PKEY_KEYPAIR, params) > 0;
	assert(ok);
	for (i = 0; i < NUMBERS; i++)
		BN_free(v[i]);
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
	BN_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(make);
	return key;
}

static void
keep(struct store_item *item, uint8_t *bytes, int len)
{
	uint8_t digest[SHA_DIGEST_LENGTH];
	size_t i;

	assert(len > 0 && len <= (int)sizeof(store.bytes[0]));
	item->der = bytes;
	item->len = (size_t)len;
	SHA1(bytes, (size_t)len, digest);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(item->sha1 + 2 * i, 3, "%02x", digest[i]);
}

/* Valid from 2020 to 2050, whatever the clock. */
static void
make_certificate(unsigned number, const char *cn)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	uint8_t *to = store.bytes[number];

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 0xf1f45653 + number);
	ASN1_TIME_set_string(X509_getm_notBefore(x), "200101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x), "20500101000000Z");
	X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const unsigned char *)"DE", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Example, Ltd", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, store.key);
	X509_sign(x, store.key, EVP_sha256());
	assert(i2d_X509(x, NULL) <= (int)sizeof(store.bytes[0]));
	keep(&store.items[number], store.bytes[number], i2d_X509(x, &to));
	X509_free(x);
}

static void
make_once(void)
{
	PKCS8_PRIV_KEY_INFO *plain;
	uint8_t *to = store.bytes[KEY];
	char cn[20];
	unsigned i;

	if (store.key)
		return;
	store.key = make_key();
	make_certificate(CLIENT, "gateway");
	for (i = 1; i <= STORE_CAS; i++) {
		snprintf(cn, sizeof(cn), "root %u", i);
		make_certificate(i, cn);
	}
	plain = EVP_PKEY2PKCS8(store.key);
	keep(&store.items[KEY], store.bytes[KEY], i2d_PKCS8_PRIV_KEY_INFO(plain, &to));
	PKCS8_PRIV_KEY_INFO_free(plain);
}

const struct store_item *
store_client(void)
{
	make_once();
	return &store.items[CLIENT];
}

const struct store_item *
store_ca(unsigned number)
{
	make_once();
	assert(number >= 1 && number <= STORE_CAS);
	return &store.items[number];
}

const struct store_item *
store_key(void)
{
	make_once();
	return &store.items[KEY];
}

int
store_sign(const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 128;
	bool ok;

	make_once();
	ok = EVP_DigestSignInit(ctx, NULL, EVP_sha1(), NULL, store.key) > 0 && EVP_DigestSign(ctx, sig, &n, bytes, len) > 0;
	EVP_MD_CTX_free(ctx);
	*ret_len = n;
	return ok ? 0 : -EKEYREJECTED;
}
