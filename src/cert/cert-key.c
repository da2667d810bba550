/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/cert-priv.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

AUTO_DEFINE(BN_CTX *, BN_CTX_free)
AUTO_DEFINE(BIGNUM *, BN_clear_free)
AUTO_DEFINE(EVP_MD_CTX *, EVP_MD_CTX_free)
AUTO_DEFINE(PKCS8_PRIV_KEY_INFO *, PKCS8_PRIV_KEY_INFO_free)

static void
item_key(struct cert_item *item, EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(pkey, &der); /* of an RSA key: PKCS#1 */

	item->der_len = len > 0 ? (size_t)len : 0;
	item->der = xmemdup(der ? der : (const void *)"", item->der_len);
	OPENSSL_clear_free(der, item->der_len);
}

static void
item_pkcs8(struct cert_item *item, const EVP_PKEY *pkey)
{
	AUTO(PKCS8_PRIV_KEY_INFO_free) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	unsigned char *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;

	item->pkcs8_len = len > 0 ? (size_t)len : 0;
	item->pkcs8 = xmemdup(der ? der : (const void *)"", item->pkcs8_len);
	OPENSSL_clear_free(der, item->pkcs8_len);
}

static BIGNUM *
number(EVP_PKEY *pkey, const char *name)
{
	BIGNUM *n = NULL;

	return EVP_PKEY_get_bn_param(pkey, name, &n) ? n : NULL;
}

/* a x b leaves 1 when divided by p - 1 */
static bool
is_inverse(const BIGNUM *a, const BIGNUM *b, const BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM *rest = BN_CTX_get(ctx), *less = BN_CTX_get(ctx);

	return less && BN_copy(less, p) && BN_sub_word(less, 1) && BN_mod_mul(rest, a, b, less, ctx) && BN_is_one(rest);
}

/*
 * An altered letter in the PEM text gives DER that reads well and a key that
 * signs nothing.  The numbers must fit together; whether p and q are primes is
 * left out, that would take as long as making a key.
 */
static bool
key_is_whole(EVP_PKEY *pkey)
{
	AUTO(BN_CTX_free) BN_CTX *ctx = BN_CTX_secure_new();
	AUTO(BN_clear_free) BIGNUM *p = number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1);
	AUTO(BN_clear_free) BIGNUM *q = number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2);
	AUTO(BN_clear_free) BIGNUM *d = number(pkey, OSSL_PKEY_PARAM_RSA_D);
	AUTO(BN_clear_free) BIGNUM *dp = number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1);
	AUTO(BN_clear_free) BIGNUM *dq = number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2);
	AUTO(BN_clear_free) BIGNUM *qi = number(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
	AUTO(BN_clear_free) BIGNUM *n = number(pkey, OSSL_PKEY_PARAM_RSA_N);
	AUTO(BN_clear_free) BIGNUM *e = number(pkey, OSSL_PKEY_PARAM_RSA_E);
	BIGNUM *product;
	bool whole;

	if (!p || !q || !d || !dp || !dq || !qi || !n || !e || !ctx || BN_is_zero(p) || BN_is_zero(q))
		return false;
	BN_CTX_start(ctx);
	product = BN_CTX_get(ctx);
	whole = product && BN_mul(product, p, q, ctx) && BN_cmp(product, n) == 0 && is_inverse(e, d, p, ctx) &&
		is_inverse(e, d, q, ctx) && is_inverse(e, dp, p, ctx) && is_inverse(e, dq, q, ctx) &&
		BN_mod_mul(product, qi, q, p, ctx) && BN_is_one(product);
	BN_CTX_end(ctx);
	return whole;
}

static int
key_accept(EVP_PKEY *pkey, struct cert_item *item, char *why, size_t size)
{
	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA)
		return cert_bad(why, size, ENOTSUP,
			   "the private key is not RSA, and the modules know no other; make one with openssl genrsa");
	if (!key_is_whole(pkey))
		return cert_bad(why, size, EBADMSG, "the private key is damaged: its numbers do not fit together");
	item_key(item, pkey);
	item_pkcs8(item, pkey);
	ERR_clear_error();
	if (!item->der_len || !item->pkcs8_len)
		return cert_bad(why, size, EBADMSG, "the private key is damaged");
	return 0;
}

int
cert_key_from_der(const unsigned char *der, long len, struct cert_item *item, char *why, size_t size)
{
	AUTO(EVP_PKEY_free) EVP_PKEY *pkey = NULL;
	const unsigned char *p = der;

	pkey = d2i_AutoPrivateKey(NULL, &p, len);
	if (!pkey)
		return cert_bad(why, size, EBADMSG, "the private key is damaged: it is neither PKCS#1 nor PKCS#8");
	if (p != der + len)
		return cert_bad(why, size, EBADMSG, "there is something behind the private key; give the key alone");
	return key_accept(pkey, item, why, size);
}

int
cert_key_from_block(const struct cert_block *b, struct cert_item *item, char *why, size_t size)
{
	if (strcmp(b->name, PEM_STRING_PKCS8) == 0 || strstr(b->header, "ENCRYPTED"))
		return cert_bad(why, size, ENOTSUP,
			   "the private key is encrypted; decrypt it with openssl rsa -in OLD -out NEW");
	return cert_key_from_der(b->data, b->len, item, why, size);
}

EVP_PKEY *
cert_key_of(const struct cert_item *key)
{
	const unsigned char *p = key->der;

	return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)key->der_len);
}

int
cert_sign_sha1(const struct cert_item *key, const void *bytes, size_t len, uint8_t *sig, size_t size, size_t *ret_len, char *why,
	       size_t why_size)
{
	AUTO(EVP_PKEY_free) EVP_PKEY *pkey = cert_key_of(key);
	AUTO(EVP_MD_CTX_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int bits = pkey ? EVP_PKEY_get_bits(pkey) : 0;

	if (bits < 1024 || bits > 4096) {
		cert_bad(why, why_size, 0, "");
		str_add(why, why_size, "the private key has %d bits; the module's store takes signatures of 1024 to 4096", bits);
		return -ERANGE;
	}
	if (size < (size_t)EVP_PKEY_get_size(pkey))
		return cert_bad(why, why_size, ENOBUFS, "the signature is larger than there is room for");
	*ret_len = size;
	/* of an RSA key the padding is PKCS#1 v1.5 where nothing else is asked for */
	if (ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha1(), NULL, pkey) > 0 && EVP_DigestSign(ctx, sig, ret_len, bytes, len) > 0)
		return 0;
	return cert_bad(why, why_size, ENOTSUP,
			"this host's OpenSSL makes no SHA-1 signature, and the module's store takes no other: the crypto policy must "
			"allow it (update-crypto-policies --set DEFAULT:SHA1 where there is that command)");
}
