/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h - certificates and keys of the modules' slots: read, judged, made fit for a module
 *
 * The daemon's only use of OpenSSL; bytes in, bytes and words out, no I/O.
 */
#ifndef CELLTLS_CERT_CERT_H
#define CELLTLS_CERT_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

enum cert_kind { CERT_CA, CERT_CERTIFICATE, CERT_KEY };

/*
 * From now on whatever OpenSSL frees is wiped.  To be called before anything of OpenSSL is; false: it came
 * too late, and nothing has changed.
 */
bool cert_wipes_heap(void);

/*
 * One certificate or key.  der is the certificate, or the key as PKCS#1
 * RSAPrivateKey.  pem is the same with LF alone as line end and exactly one at
 * the end, a key as "BEGIN RSA PRIVATE KEY"; a NUL that does not count in
 * pem_len follows it.  pkcs8 is a key once more, as unencrypted PKCS#8
 * PrivateKeyInfo; of a certificate it is NULL.  All are wiped when freed.
 */
struct cert_item {
	enum cert_kind kind;
	uint8_t *der;
	size_t der_len;
	char *pem;
	size_t pem_len;
	uint8_t *pkcs8;
	size_t pkcs8_len;
	uint8_t sha256[32]; /* of der; of a key too, for the host's record only */

	/* certificates only */
	bool is_ca;                    /* basic constraints say so, or an old self-signed root */
	int64_t not_before, not_after; /* seconds since 1970 UTC */
	char subject[512];             /* "CN=gw0, O=Example": as RFC 2253 escapes it, in the order of the certificate */
	char line[1024];               /* the subject once more, "/O=Example/CN=gw0", as modules tell it; "" where it is longer */
	char sha1[41];                 /* of der, lower-case hex: what modules call the thumbprint */
};

/*
 * Reads a file's bytes: PEM with any text around it and any line ends, or DER.
 * 0, or with why[why_size] saying what is wrong and what to do:
 *   -EINVAL      empty, neither PEM nor DER, or of another kind than `kind`
 *   -EBADMSG     damaged
 *   -E2BIG       more than one certificate or key; one is to be given
 *   -ENOTSUP     an encrypted key, or one that is not RSA
 * CERT_CA and CERT_CERTIFICATE are read alike; what a CA file holds that is no
 * CA certificate, cert_item_odd() tells.  why[] never holds bytes of a key.
 */
int cert_item_load(const void *bytes, size_t len, enum cert_kind kind, struct cert_item **ret_item, char *why,
		   size_t why_size);

void cert_item_free(struct cert_item *item); /* NULL is fine */
AUTO_DEFINE(struct cert_item *, cert_item_free)

/*
 * Whether bytes read back from a module are this certificate: by DER, because
 * in which form a module prints it (LF or CRLF, more line ends) is not known.
 */
bool cert_item_same(const struct cert_item *item, const void *bytes, size_t len);

/* 0, or -EKEYREJECTED with why[]: the key is not the certificate's. */
int cert_items_pair(const struct cert_item *cert, const struct cert_item *key, char *why, size_t why_size);

/*
 * RSASSA-PKCS1-v1_5 with SHA-1, for the commands of a module's store.  0, or with why[]:
 *   -ENOTSUP  this host's crypto policy forbids such signatures
 *   -ERANGE   the key is not of 1024 to 4096 bits
 *   -ENOBUFS  size is less than the key's
 */
int cert_sign_sha1(const struct cert_item *key, const void *bytes, size_t len, uint8_t *sig, size_t size, size_t *ret_len,
		   char *why, size_t why_size);

/*
 * Whether the last CN of a subject in one line ("/O=Example/CN=gw0") is this
 * host's, a name or an address, by the rules of X509_check_host(3).  That form
 * escapes nothing: the CN ends at what looks like the next "/TYPE=".
 */
bool cert_name_fits(const char *subject, const char *host);

/* Whether a certificate's subjectAltName, and that alone, names the host. */
bool cert_leaf_fits(const struct cert_item *leaf, const char *host);

/*
 * Whether what a module tells of the server's certificate is the host's: by the
 * subject, or by the names of the leaf (NULL: none at hand) where the thumbprint
 * ("sha1:" and digits) says that it is this one.
 */
bool cert_peer_fits(const char *subject, const char *thumbprint, const struct cert_item *leaf, const char *host);

/*
 * What an admin should hear about a good certificate at time now_s (0: not
 * known): not valid yet, expired, ends within 30 days, in a CA's place and no
 * CA.  true, with why[], when there is something.
 */
bool cert_item_odd(const struct cert_item *item, int64_t now_s, char *why, size_t why_size);

/* A hash that is slow to try passwords against (PBKDF2, SHA-256). */
void cert_slow_hash(const void *secret, size_t len, const uint8_t salt[16], uint8_t ret_hash[32]);

#endif
