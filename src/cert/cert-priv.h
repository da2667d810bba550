/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert-priv.h - shared by cert.c, cert-key.c and cert-name.c only
 */
#ifndef CELLTLS_CERT_CERT_PRIV_H
#define CELLTLS_CERT_CERT_PRIV_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "cert/cert.h"

AUTO_DEFINE(EVP_PKEY *, EVP_PKEY_free)
AUTO_DEFINE(X509 *, X509_free)

/* One block of a PEM file. */
struct cert_block {
	char *name, *header;
	unsigned char *data;
	long len;
};

/*
 * cert.c: says what is wrong and returns -error; OpenSSL's queue is emptied, so
 * that nothing of it shows up elsewhere.
 */
int cert_bad(char *why, size_t size, int error, const char *what);

/* cert-key.c: fill in item->der; 0, or as cert_item_load() says */
int cert_key_from_der(const unsigned char *der, long len, struct cert_item *item, char *why, size_t size);
int cert_key_from_block(const struct cert_block *b, struct cert_item *item, char *why, size_t size);

EVP_PKEY *cert_key_of(const struct cert_item *key); /* the caller's; NULL: it cannot be read */

#endif
