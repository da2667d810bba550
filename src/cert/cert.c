/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/cert.h"

#include <errno.h>
#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

AUTO_DEFINE(BIO *, BIO_free)
AUTO_DEFINE(BN_CTX *, BN_CTX_free)
AUTO_DEFINE(BIGNUM *, BN_clear_free)
AUTO_DEFINE(X509 *, X509_free)
AUTO_DEFINE(EVP_PKEY *, EVP_PKEY_free)
AUTO_DEFINE(PKCS8_PRIV_KEY_INFO *, PKCS8_PRIV_KEY_INFO_free)

#define SOON_S (30 * 86400)
#define SIZE_LIMIT (64 * 1024) /* as much as an import takes; no module holds more */
#define ROUNDS 20000

const char *
cert_kind_name(enum cert_kind kind)
{
	static const char *const names[] = { "ca", "certificate", "key" };

	return names[kind];
}

/* Says what is wrong; OpenSSL's queue is emptied, so that nothing of it shows up elsewhere. */
static int
bad(char *why, size_t size, int error, const char *what)
{
	ERR_clear_error();
	if (size)
		why[0] = '\0';
	str_add(why, size, "%s", what);
	return -error;
}

/* --- PEM blocks and what they are --- */

static bool
is_certificate_label(const char *name)
{
	return strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0 ||
	       strcmp(name, PEM_STRING_X509_TRUSTED) == 0;
}

static bool
is_key_label(const char *name)
{
	size_t len = strlen(name), end = strlen("PRIVATE KEY");

	return len >= end && strcmp(name + len - end, "PRIVATE KEY") == 0;
}

/* One block of a PEM file. */
struct block {
	char *name, *header;
	unsigned char *data;
	long len;
};

static void
block_deinit(struct block *b)
{
	OPENSSL_free(b->name);
	OPENSSL_free(b->header);
	OPENSSL_clear_free(b->data, b->len > 0 ? (size_t)b->len : 0);
	*b = (struct block){ 0 };
}

/* 1: a block; 0: no more; -EBADMSG: one that cannot be read. */
static int
block_next(BIO *bio, struct block *b)
{
	int r;

	block_deinit(b);
	if (PEM_read_bio(bio, &b->name, &b->header, &b->data, &b->len))
		return 1;
	r = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE ? 0 : -EBADMSG;
	ERR_clear_error();
	return r;
}

static bool
is_wanted(const char *name, enum cert_kind kind)
{
	return kind == CERT_KEY ? is_key_label(name) : is_certificate_label(name);
}

static bool
has_pem(const char *bytes, size_t len)
{
	return memmem(bytes, len, "-----BEGIN ", 11) != NULL;
}

/* How many blocks of each sort there are. */
struct census {
	unsigned certs, keys, others;
	char other[40];
};

static int
take_census(const void *bytes, size_t len, struct census *c)
{
	AUTO(BIO_free) BIO *bio = BIO_new_mem_buf(bytes, (int)len);
	struct block b = { 0 };
	int r;

	*c = (struct census){ 0 };
	while ((r = block_next(bio, &b)) > 0) {
		if (is_certificate_label(b.name))
			c->certs++;
		else if (is_key_label(b.name))
			c->keys++;
		else if (c->others++ == 0)
			str_escape(c->other, sizeof(c->other), b.name, strlen(b.name));
	}
	block_deinit(&b);
	return r;
}

/* --- one key --- */

static void
item_key(struct cert_item *item, EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(pkey, &der); /* of an RSA key: PKCS#1 */

	item->bits = (unsigned)EVP_PKEY_get_bits(pkey);
	item->der_len = len > 0 ? (size_t)len : 0;
	item->der = xmemdup(der ? der : (const void *)"", item->der_len);
	OPENSSL_clear_free(der, item->der_len);
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
		return bad(why, size, ENOTSUP,
			   "the private key is not RSA, and the modules know no other; make one with openssl genrsa");
	if (!key_is_whole(pkey))
		return bad(why, size, EBADMSG, "the private key is damaged: its numbers do not fit together");
	item_key(item, pkey);
	ERR_clear_error();
	if (!item->der_len)
		return bad(why, size, EBADMSG, "the private key is damaged");
	return 0;
}

static int
key_from_der(const unsigned char *der, long len, struct cert_item *item, char *why, size_t size)
{
	AUTO(EVP_PKEY_free) EVP_PKEY *pkey = NULL;
	const unsigned char *p = der;

	pkey = d2i_AutoPrivateKey(NULL, &p, len);
	if (!pkey)
		return bad(why, size, EBADMSG, "the private key is damaged: it is neither PKCS#1 nor PKCS#8");
	if (p != der + len)
		return bad(why, size, EBADMSG, "there is something behind the private key; give the key alone");
	return key_accept(pkey, item, why, size);
}

static int
key_from_block(const struct block *b, struct cert_item *item, char *why, size_t size)
{
	if (strcmp(b->name, PEM_STRING_PKCS8) == 0 || strstr(b->header, "ENCRYPTED"))
		return bad(why, size, ENOTSUP,
			   "the private key is encrypted; decrypt it with openssl rsa -in OLD -out NEW");
	return key_from_der(b->data, b->len, item, why, size);
}

/* --- one certificate --- */

static int64_t
seconds(const ASN1_TIME *t)
{
	struct tm tm;

	/* timegm() reaches beyond 2038 where time_t does */
	return ASN1_TIME_to_tm(t, &tm) ? (int64_t)timegm(&tm) : 0;
}

static void
name_text(X509_NAME *name, char *dst, size_t size)
{
	AUTO(BIO_free) BIO *bio = BIO_new(BIO_s_mem());

	/* printable ASCII: control characters and UTF-8 are escaped as RFC 2253 says */
	X509_NAME_print_ex(bio, name, 0,
			   ASN1_STRFLGS_RFC2253 | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | XN_FLAG_DUMP_UNKNOWN_FIELDS);
	BIO_gets(bio, dst, (int)size);
}

static void
serial_text(const ASN1_INTEGER *serial, char *dst, size_t size)
{
	unsigned char der[64], *p = der;
	int len = i2d_ASN1_INTEGER(serial, NULL), i;

	dst[0] = '\0';
	if (len < 3 || len > (int)sizeof(der)) {
		str_add(dst, size, "?"); /* RFC 5280 allows 20 octets */
		return;
	}
	i2d_ASN1_INTEGER(serial, &p);
	for (i = 2; i < len; i++) /* behind tag and length */
		str_add(dst, size, "%02X", der[i]);
}

static void
item_certificate(struct cert_item *item, X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	item->der_len = len > 0 ? (size_t)len : 0;
	item->der = xmemdup(der ? der : (const void *)"", item->der_len);
	OPENSSL_free(der);
	item->bits = X509_get0_pubkey(x) ? (unsigned)EVP_PKEY_get_bits(X509_get0_pubkey(x)) : 0;
	item->is_ca = X509_check_ca(x) > 0;
	item->self_signed = X509_get_extension_flags(x) & EXFLAG_SS;
	item->not_before = seconds(X509_get0_notBefore(x));
	item->not_after = seconds(X509_get0_notAfter(x));
	name_text(X509_get_subject_name(x), item->subject, sizeof(item->subject));
	name_text(X509_get_issuer_name(x), item->issuer, sizeof(item->issuer));
	X509_NAME_oneline(X509_get_subject_name(x), item->subject_line, sizeof(item->subject_line));
	X509_NAME_oneline(X509_get_issuer_name(x), item->issuer_line, sizeof(item->issuer_line));
	serial_text(X509_get0_serialNumber(x), item->serial, sizeof(item->serial));
	SHA1(item->der, item->der_len, item->sha1);
}

static int
certificate_from_der(const unsigned char *der, long len, bool alone, struct cert_item *item, char *why, size_t size)
{
	AUTO(X509_free) X509 *x = NULL;
	const unsigned char *p = der;

	x = d2i_X509(NULL, &p, len);
	if (!x)
		return bad(why, size, EBADMSG, "the certificate is damaged: its DER cannot be read");
	/* a TRUSTED CERTIFICATE has OpenSSL's own trust settings behind it */
	if (alone && p != der + len)
		return bad(why, size, EBADMSG, "there is something behind the certificate; give the certificate alone");
	item_certificate(item, x);
	ERR_clear_error();
	return item->der_len ? 0 : bad(why, size, EBADMSG, "the certificate is damaged");
}

/* --- the form for the modules --- */

static void
item_pem(struct cert_item *item)
{
	AUTO(BIO_free) BIO *bio = BIO_new(BIO_s_secmem());
	const char *name = item->kind == CERT_KEY ? PEM_STRING_RSA : PEM_STRING_X509;
	char *text;
	long len;

	PEM_write_bio(bio, name, "", item->der, (long)item->der_len);
	len = BIO_get_mem_data(bio, &text);
	item->pem_len = len > 0 ? (size_t)len : 0;
	item->pem = xcalloc(1, item->pem_len + 1);
	memcpy(item->pem, text, item->pem_len);
}

static struct cert_item *
item_new(enum cert_kind kind)
{
	struct cert_item *item = xcalloc(1, sizeof(*item));

	item->kind = kind;
	return item;
}

static void
item_finish(struct cert_item *item)
{
	SHA256(item->der, item->der_len, item->sha256);
	item_pem(item);
}

void
cert_item_free(struct cert_item *item)
{
	if (!item)
		return;
	if (item->der)
		OPENSSL_cleanse(item->der, item->der_len);
	if (item->pem)
		OPENSSL_cleanse(item->pem, item->pem_len);
	free(item->der);
	free(item->pem);
	free(item);
}

/* --- files --- */

static int
item_from_block(const struct block *b, struct cert_item *item, char *why, size_t size)
{
	if (item->kind == CERT_KEY)
		return key_from_block(b, item, why, size);
	return certificate_from_der(b->data, b->len, strcmp(b->name, PEM_STRING_X509_TRUSTED) != 0, item, why, size);
}

static int
item_from_der(const void *bytes, size_t len, struct cert_item *item, char *why, size_t size)
{
	if (*(const unsigned char *)bytes != (V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED))
		return bad(why, size, EINVAL, "neither PEM (no \"-----BEGIN\" line) nor DER");
	if (item->kind == CERT_KEY)
		return key_from_der(bytes, (long)len, item, why, size);
	return certificate_from_der(bytes, (long)len, true, item, why, size);
}

/* The file holds exactly one of what is wanted, or: what does it hold? */
static int
check_census(const struct census *c, enum cert_kind kind, char *why, size_t size)
{
	unsigned wanted = kind == CERT_KEY ? c->keys : c->certs, unwanted = kind == CERT_KEY ? c->certs : c->keys;
	const char *what = kind == CERT_KEY ? "private key" : "certificate";
	const char *other = kind == CERT_KEY ? "certificate" : "private key";

	if (wanted == 1)
		return 0;
	bad(why, size, 0, "");
	if (wanted > 1)
		str_add(why, size, "there are %u %ss in the file; give one", wanted, what);
	else if (unwanted)
		str_add(why, size, "there is a %s in the file, and a %s is wanted", other, what);
	else if (c->others)
		str_add(why, size, "there is a \"%s\" in the file, and a %s is wanted", c->other, what);
	else
		str_add(why, size, "there is no %s in the file", what);
	return wanted > 1 ? -E2BIG : -EINVAL;
}

static int
check_size(size_t len, char *why, size_t size)
{
	if (!len)
		return bad(why, size, EINVAL, "the file is empty");
	if (len > SIZE_LIMIT)
		return bad(why, size, EINVAL, "the file is larger than 64 KiB; give one certificate or key");
	return 0;
}

/* The block number `nth` (from 0) of the sort of item->kind. */
static int
item_from_pem(const void *bytes, size_t len, unsigned nth, struct cert_item *item, char *why, size_t size)
{
	AUTO(BIO_free) BIO *bio = BIO_new_mem_buf(bytes, (int)len);
	struct block b = { 0 };
	int r = -EBADMSG;

	while (block_next(bio, &b) > 0)
		if (is_wanted(b.name, item->kind) && nth-- == 0) {
			r = item_from_block(&b, item, why, size);
			break;
		}
	block_deinit(&b);
	return r;
}

static int
damaged_pem(enum cert_kind kind, char *why, size_t size)
{
	return bad(why, size, EBADMSG,
		   kind == CERT_KEY ? "the private key is damaged: its PEM text is cut off or altered"
				    : "the certificate is damaged: its PEM text is cut off or altered");
}

int
cert_item_load(const void *bytes, size_t len, enum cert_kind kind, struct cert_item **ret_item, char *why,
	       size_t why_size)
{
	AUTO(cert_item_free) struct cert_item *item = item_new(kind);
	struct census c;
	int r = check_size(len, why, why_size);

	if (r < 0)
		return r;
	if (!has_pem(bytes, len)) {
		r = item_from_der(bytes, len, item, why, why_size);
	} else {
		if (take_census(bytes, len, &c) < 0)
			return damaged_pem(kind, why, why_size);
		r = check_census(&c, kind, why, why_size);
		if (r == 0)
			r = item_from_pem(bytes, len, 0, item, why, why_size);
	}
	if (r < 0)
		return r;
	item_finish(item);
	*ret_item = gift(&item);
	return 0;
}

int
cert_item_recognise(const void *bytes, size_t len, struct cert_item **ret_item, char *why, size_t why_size)
{
	enum cert_kind kind = CERT_CERTIFICATE;
	struct census c;
	char unused[8];
	int r = check_size(len, why, why_size);

	if (r < 0)
		return r;
	if (!has_pem(bytes, len)) {
		if (cert_item_load(bytes, len, CERT_CERTIFICATE, ret_item, unused, sizeof(unused)) < 0)
			kind = CERT_KEY;
		else
			cert_item_free(*ret_item);
	} else if (take_census(bytes, len, &c) == 0 && c.certs && c.keys) {
		return bad(why, why_size, E2BIG, "there are certificates and keys in the file; give one");
	} else if (c.keys || memmem(bytes, len, "PRIVATE KEY-----", 16)) {
		kind = CERT_KEY;
	}
	*ret_item = NULL;
	r = cert_item_load(bytes, len, kind, ret_item, why, why_size);
	if (r == 0 && kind == CERT_CERTIFICATE && (*ret_item)->is_ca)
		(*ret_item)->kind = CERT_CA;
	return r;
}

int
cert_items_load_chain(const void *bytes, size_t len, struct cert_item *ret_items[], size_t max, char *why,
		      size_t why_size)
{
	struct census c;
	unsigned i;
	int r = check_size(len, why, why_size);

	if (r < 0)
		return r;
	if (!has_pem(bytes, len)) {
		r = cert_item_load(bytes, len, CERT_CERTIFICATE, ret_items, why, why_size);
		return r < 0 ? r : 1;
	}
	if (take_census(bytes, len, &c) < 0)
		return damaged_pem(CERT_CERTIFICATE, why, why_size);
	if (!c.certs || c.certs > max)
		return c.certs ? bad(why, why_size, E2BIG, "there are too many certificates in the file")
			       : check_census(&c, CERT_CERTIFICATE, why, why_size);
	for (i = 0; i < c.certs; i++) {
		ret_items[i] = item_new(CERT_CERTIFICATE);
		r = item_from_pem(bytes, len, i, ret_items[i], why, why_size);
		if (r < 0)
			break;
		item_finish(ret_items[i]);
	}
	if (r == 0)
		return (int)c.certs;
	do
		cert_item_free(gift(&ret_items[i]));
	while (i-- > 0);
	return r;
}

/* --- judgements --- */

bool
cert_item_same(const struct cert_item *item, const void *bytes, size_t len)
{
	AUTO(cert_item_free) struct cert_item *other = NULL;
	char unused[8];

	if (item->kind == CERT_KEY || cert_item_load(bytes, len, item->kind, &other, unused, sizeof(unused)) < 0)
		return false;
	return other->der_len == item->der_len && memcmp(other->der, item->der, item->der_len) == 0;
}

static EVP_PKEY *
key_of(const struct cert_item *key)
{
	const unsigned char *p = key->der;

	return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)key->der_len);
}

int
cert_items_pair(const struct cert_item *cert, const struct cert_item *key, char *why, size_t why_size)
{
	AUTO(X509_free) X509 *x = NULL;
	AUTO(EVP_PKEY_free) EVP_PKEY *pkey = key_of(key);
	const unsigned char *p = cert->der;

	x = d2i_X509(NULL, &p, (long)cert->der_len);
	if (x && pkey && X509_check_private_key(x, pkey) == 1)
		return 0;
	bad(why, why_size, EKEYREJECTED, "");
	str_add(why, why_size, "the private key does not belong to the certificate %s", cert->subject);
	return -EKEYREJECTED;
}

static void
date_text(int64_t s, char *dst, size_t size)
{
	time_t t = (time_t)s;
	struct tm tm;

	dst[0] = '\0';
	if (gmtime_r(&t, &tm))
		strftime(dst, size, "%Y-%m-%d", &tm);
}

bool
cert_item_odd(const struct cert_item *item, int64_t now_s, char *why, size_t why_size)
{
	char day[32];

	bad(why, why_size, 0, "");
	if (item->kind == CERT_KEY)
		return false;
	if (now_s && now_s < item->not_before) {
		date_text(item->not_before, day, sizeof(day));
		str_add(why, why_size, "%s is not valid before %s", item->subject, day);
	} else if (now_s && now_s > item->not_after) {
		date_text(item->not_after, day, sizeof(day));
		str_add(why, why_size, "%s expired on %s", item->subject, day);
	} else if (now_s && item->not_after - now_s < SOON_S) {
		date_text(item->not_after, day, sizeof(day));
		str_add(why, why_size, "%s expires on %s", item->subject, day);
	} else if (item->kind == CERT_CA && !item->is_ca) {
		str_add(why, why_size, "%s is no CA certificate", item->subject);
	} else {
		return false;
	}
	return true;
}

int
cert_key_pkcs8(const struct cert_item *key, uint8_t **ret_der, size_t *ret_len)
{
	AUTO(EVP_PKEY_free) EVP_PKEY *pkey = key->kind == CERT_KEY ? key_of(key) : NULL;
	AUTO(PKCS8_PRIV_KEY_INFO_free) PKCS8_PRIV_KEY_INFO *p8 = NULL;
	unsigned char *der = NULL;
	int len;

	p8 = pkey ? EVP_PKEY2PKCS8(pkey) : NULL;
	len = p8 ? i2d_PKCS8_PRIV_KEY_INFO(p8, &der) : -1;
	ERR_clear_error();
	if (len <= 0)
		return -EINVAL;
	*ret_der = xmemdup(der, (size_t)len);
	*ret_len = (size_t)len;
	OPENSSL_clear_free(der, (size_t)len);
	return 0;
}

void
cert_slow_hash(const void *secret, size_t len, const uint8_t salt[16], uint8_t ret_hash[32])
{
	PKCS5_PBKDF2_HMAC(secret, (int)len, salt, 16, ROUNDS, EVP_sha256(), 32, ret_hash);
}
