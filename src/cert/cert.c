/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/cert.h"

#include <errno.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "cert/cert-priv.h"

AUTO_DEFINE(BIO *, BIO_free)

#define SOON_S (30 * 86400)
#define SIZE_LIMIT (64 * 1024) /* as much as an import takes; no module holds more */
#define ROUNDS 20000

int
cert_bad(char *why, size_t size, int error, const char *what)
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

static void
block_deinit(struct cert_block *b)
{
	OPENSSL_free(b->name);
	OPENSSL_free(b->header);
	OPENSSL_clear_free(b->data, b->len > 0 ? (size_t)b->len : 0);
	*b = (struct cert_block){ 0 };
}

/* 1: a block; 0: no more; -EBADMSG: one that cannot be read. */
static int
block_next(BIO *bio, struct cert_block *b)
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
	struct cert_block b = { 0 };
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

/* "/O=Example": the type by its short name or its numbers, the value as it is, but no control characters and no UTF-8. */
static void
line_entry(const X509_NAME_ENTRY *e, char *dst, size_t size)
{
	const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(e);
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(e);
	const unsigned char *byte = ASN1_STRING_get0_data(value), *end = byte + ASN1_STRING_length(value);
	int nid = OBJ_obj2nid(type);
	char oid[80];

	OBJ_obj2txt(oid, sizeof(oid), type, 1);
	str_add(dst, size, "/%s=", nid == NID_undef ? oid : OBJ_nid2sn(nid));
	for (; byte < end; byte++)
		str_add(dst, size, *byte < ' ' || *byte > '~' ? "\\x%02X" : "%c", *byte);
}

/* X509_NAME_oneline() of OpenSSL 3.x escapes "/" and "+", older ones and the modules do not. */
static void
name_line(const X509_NAME *name, char *dst, size_t size)
{
	int i;

	for (i = 0; i < X509_NAME_entry_count(name); i++)
		line_entry(X509_NAME_get_entry(name, i), dst, size);
	if (strlen(dst) == size - 1) /* half a name is another's */
		dst[0] = '\0';
}

static void
thumbprint(struct cert_item *item)
{
	uint8_t hash[SHA_DIGEST_LENGTH];
	size_t i;

	SHA1(item->der, item->der_len, hash);
	for (i = 0; i < sizeof(hash); i++)
		str_add(item->sha1, sizeof(item->sha1), "%02x", hash[i]);
}

static void
item_certificate(struct cert_item *item, X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	item->der_len = len > 0 ? (size_t)len : 0;
	item->der = xmemdup(der ? der : (const void *)"", item->der_len);
	OPENSSL_free(der);
	item->is_ca = X509_check_ca(x) > 0;
	item->not_before = seconds(X509_get0_notBefore(x));
	item->not_after = seconds(X509_get0_notAfter(x));
	name_text(X509_get_subject_name(x), item->subject, sizeof(item->subject));
	name_line(X509_get_subject_name(x), item->line, sizeof(item->line));
	thumbprint(item);
}

static int
certificate_from_der(const unsigned char *der, long len, bool alone, struct cert_item *item, char *why, size_t size)
{
	AUTO(X509_free) X509 *x = NULL;
	const unsigned char *p = der;

	x = d2i_X509(NULL, &p, len);
	if (!x)
		return cert_bad(why, size, EBADMSG, "the certificate is damaged: its DER cannot be read");
	/* a TRUSTED CERTIFICATE has OpenSSL's own trust settings behind it */
	if (alone && p != der + len)
		return cert_bad(why, size, EBADMSG, "there is something behind the certificate; give the certificate alone");
	item_certificate(item, x);
	ERR_clear_error();
	return item->der_len ? 0 : cert_bad(why, size, EBADMSG, "the certificate is damaged");
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

void
cert_item_free(struct cert_item *item)
{
	if (!item)
		return;
	if (item->der)
		OPENSSL_cleanse(item->der, item->der_len);
	if (item->pem)
		OPENSSL_cleanse(item->pem, item->pem_len);
	if (item->pkcs8)
		OPENSSL_cleanse(item->pkcs8, item->pkcs8_len);
	free(item->der);
	free(item->pem);
	free(item->pkcs8);
	free(item);
}

/* --- files --- */

static int
item_from_block(const struct cert_block *b, struct cert_item *item, char *why, size_t size)
{
	if (item->kind == CERT_KEY)
		return cert_key_from_block(b, item, why, size);
	return certificate_from_der(b->data, b->len, strcmp(b->name, PEM_STRING_X509_TRUSTED) != 0, item, why, size);
}

static int
item_from_der(const void *bytes, size_t len, struct cert_item *item, char *why, size_t size)
{
	if (*(const unsigned char *)bytes != (V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED))
		return cert_bad(why, size, EINVAL, "neither PEM (no \"-----BEGIN\" line) nor DER");
	if (item->kind == CERT_KEY)
		return cert_key_from_der(bytes, (long)len, item, why, size);
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
	cert_bad(why, size, 0, "");
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
		return cert_bad(why, size, EINVAL, "the file is empty");
	if (len > SIZE_LIMIT)
		return cert_bad(why, size, EINVAL, "the file is larger than 64 KiB; give one certificate or key");
	return 0;
}

/* The first block of the sort of item->kind. */
static int
item_from_pem(const void *bytes, size_t len, struct cert_item *item, char *why, size_t size)
{
	AUTO(BIO_free) BIO *bio = BIO_new_mem_buf(bytes, (int)len);
	struct cert_block b = { 0 };
	int r = -EBADMSG;

	while (block_next(bio, &b) > 0)
		if (is_wanted(b.name, item->kind)) {
			r = item_from_block(&b, item, why, size);
			break;
		}
	block_deinit(&b);
	return r;
}

static int
damaged_pem(enum cert_kind kind, char *why, size_t size)
{
	return cert_bad(why, size, EBADMSG,
		   kind == CERT_KEY ? "the private key is damaged: its PEM text is cut off or altered"
				    : "the certificate is damaged: its PEM text is cut off or altered");
}

int
cert_item_load(const void *bytes, size_t len, enum cert_kind kind, struct cert_item **ret_item, char *why,
	       size_t why_size)
{
	AUTO(cert_item_free) struct cert_item *item = xcalloc(1, sizeof(*item));
	struct census c;
	int r = check_size(len, why, why_size);

	if (r < 0)
		return r;
	item->kind = kind;
	if (!has_pem(bytes, len)) {
		r = item_from_der(bytes, len, item, why, why_size);
	} else {
		if (take_census(bytes, len, &c) < 0)
			return damaged_pem(kind, why, why_size);
		r = check_census(&c, kind, why, why_size);
		if (r == 0)
			r = item_from_pem(bytes, len, item, why, why_size);
	}
	if (r < 0)
		return r;
	SHA256(item->der, item->der_len, item->sha256);
	item_pem(item);
	*ret_item = gift(&item);
	return 0;
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

int
cert_items_pair(const struct cert_item *cert, const struct cert_item *key, char *why, size_t why_size)
{
	AUTO(X509_free) X509 *x = NULL;
	AUTO(EVP_PKEY_free) EVP_PKEY *pkey = cert_key_of(key);
	const unsigned char *p = cert->der;

	x = d2i_X509(NULL, &p, (long)cert->der_len);
	if (x && pkey && X509_check_private_key(x, pkey) == 1)
		return 0;
	cert_bad(why, why_size, EKEYREJECTED, "");
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

	cert_bad(why, why_size, 0, "");
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

void
cert_slow_hash(const void *secret, size_t len, const uint8_t salt[16], uint8_t ret_hash[32])
{
	PKCS5_PBKDF2_HMAC(secret, (int)len, salt, 16, ROUNDS, EVP_sha256(), 32, ret_hash);
}
