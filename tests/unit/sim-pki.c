/* SPDX-License-Identifier: Apache-2.0 */
#include "sim-pki.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* The end of the value at p, which may hold slashes: the next "/TYPE=", or that of all. */
static char *
value_end(char *p)
{
	for (; *p; p++)
		if (*p == '/' && p[1 + strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '=')
			break;
	return p;
}

static void
add_name(X509_NAME *to, const char *text)
{
	char copy[256], *part = copy, *value, *end;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	while (*part) {
		value = strchr(part, '=');
		assert_non_null(value);
		*value++ = '\0';
		end = value_end(value);
		assert_true(X509_NAME_add_entry_by_txt(to, part + 1, MBSTRING_UTF8, (const uint8_t *)value, (int)(end - value), -1, 0));
		part = end;
	}
}

void
pki_make(struct pki *p, const char *name, const char *serial, const struct pki *issuer, int ca)
{
	BIGNUM *number = NULL;
	uint8_t *to = p->der;

	memset(p, 0, sizeof(*p));
	p->key = EVP_RSA_gen(1024);
	assert_non_null(p->key);
	p->cert = X509_new();
	X509_set_version(p->cert, X509_VERSION_3);
	BN_hex2bn(&number, serial);
	BN_to_ASN1_INTEGER(number, X509_get_serialNumber(p->cert));
	BN_free(number);
	ASN1_TIME_set(X509_getm_notBefore(p->cert), 1300000000);
	ASN1_TIME_set(X509_getm_notAfter(p->cert), 2100000000);
	add_name(X509_get_subject_name(p->cert), name);
	X509_set_issuer_name(p->cert, X509_get_subject_name(issuer ? issuer->cert : p->cert));
	X509_set_pubkey(p->cert, p->key);
	if (ca) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");

		X509_add_ext(p->cert, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(p->cert, issuer ? issuer->key : p->key, EVP_sha1()) > 0);
	assert_in_range(i2d_X509(p->cert, NULL), 1, sizeof(p->der));
	p->len = (size_t)i2d_X509(p->cert, &to);
}

void
pki_deinit(struct pki *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
}
