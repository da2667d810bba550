/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim-pki.h - keys and certificates for tests, made when they are asked for
 */
#ifndef CELLTLS_TESTS_SIM_PKI_H
#define CELLTLS_TESTS_SIM_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

struct pki {
	EVP_PKEY *key;
	X509 *cert;
	uint8_t der[4096];
	size_t len;
};

/*
 * RSA of 1024 bits, signed with SHA-1 by its issuer, NULL: by itself.  `name` is
 * like "/C=DE/CN=x", `serial` in hex; it may sign certificates itself when `ca`.
 */
void pki_make(struct pki *p, const char *name, const char *serial, const struct pki *issuer, int ca);
void pki_deinit(struct pki *p);

#endif
