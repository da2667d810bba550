/* SPDX-License-Identifier: Apache-2.0 */
#include "far-leaf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void
put_hex(char *dst, size_t size, const uint8_t *bytes, size_t len)
{
	*dst = '\0';
	for (size_t i = 0; i < len; i++)
		str_add(dst, size, "%02X", bytes[i]);
}

/* The content of the INTEGER as it is encoded: with the 00 that keeps it positive. */
static void
put_serial(char *dst, size_t size, const ASN1_INTEGER *serial)
{
	uint8_t *der = NULL;
	int len = i2d_ASN1_INTEGER(serial, &der);

	*dst = '\0';
	if (len > 2 && der[1] < 0x80)
		put_hex(dst, size, der + 2, (size_t)len - 2);
	OPENSSL_free(der);
}

/* "sha256RSA": the digest as it is usually written, then the key's kind. */
static void
put_signature(char *dst, size_t size, const X509 *cert)
{
	int digest = NID_undef, key = NID_undef;

	OBJ_find_sigid_algs(X509_get_signature_nid(cert), &digest, &key);
	snprintf(dst, size, "%s", digest == NID_undef ? "unknown" : OBJ_nid2sn(digest));
	for (char *p = dst; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	str_add(dst, size, "%s", key == NID_rsaEncryption ? "RSA" : key == NID_X9_62_id_ecPublicKey ? "ECDSA" : "");
}

/* As OpenSSL wrote names in the days of these modules: newer ones put a backslash before "/" and "+". */
static void
put_name(char *dst, size_t size, const X509_NAME *name)
{
	char *from, *to = dst;

	X509_NAME_oneline(name, dst, (int)size);
	for (from = dst; *from; from++)
		if (*from != '\\' || (from[1] != '/' && from[1] != '+'))
			*to++ = *from;
	*to = '\0';
}

void
far_leaf_read(struct far_leaf *leaf, const X509 *cert)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	put_name(leaf->issuer, sizeof(leaf->issuer), X509_get_issuer_name(cert));
	put_name(leaf->subject, sizeof(leaf->subject), X509_get_subject_name(cert));
	put_serial(leaf->serial, sizeof(leaf->serial), X509_get0_serialNumber(cert));
	put_signature(leaf->signature, sizeof(leaf->signature), cert);
	X509_digest(cert, EVP_sha1(), digest, &len);
	put_hex(leaf->thumbprint, sizeof(leaf->thumbprint), digest, len);
}
