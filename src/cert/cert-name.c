/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert-name.c - whether a certificate that a module has seen is the configured host's
 */
#include "cert/cert-priv.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/str.h"

/* "/TYPE=": a name or the digits and dots of an OID. */
static bool
is_next_type(const char *s)
{
	const char *type = s + 1, *end = type;

	while (isalnum((unsigned char)*end) || *end == '.' || *end == '-')
		end++;
	return *s == '/' && end > type && *end == '=';
}

/* The last CN of a name in one line; NULL: there is none, or it does not fit. */
static const char *
last_cn(const char *subject, char *dst, size_t size)
{
	static const char type[] = "/CN=";
	const char *at, *cn = NULL, *end;

	for (at = subject; (at = strstr(at, type)); at++)
		cn = at + strlen(type);
	if (!cn)
		return NULL;
	for (end = cn; *end && !is_next_type(end); end++)
		;
	if (end == cn || (size_t)(end - cn) >= size)
		return NULL;
	memcpy(dst, cn, (size_t)(end - cn));
	dst[end - cn] = '\0';
	return dst;
}

/* The same address, however it is written; *ret_is: whether host is one at all. */
static bool
same_address(const char *cn, const char *host, bool *ret_is)
{
	uint8_t a[16], b[16];

	*ret_is = true;
	if (inet_pton(AF_INET, host, b) == 1)
		return inet_pton(AF_INET, cn, a) == 1 && !memcmp(a, b, 4);
	if (inet_pton(AF_INET6, host, b) == 1)
		return inet_pton(AF_INET6, cn, a) == 1 && !memcmp(a, b, 16);
	*ret_is = false;
	return false;
}

/*
 * As it stands in certificates: without the dot that ends an absolute name.
 * false: empty, or what X509_check_host() would take for a whole domain.
 */
static bool
plain_host(const char *host, char *dst, size_t size)
{
	size_t len = strlen(host);

	if (!str_copy(dst, size, host))
		return false;
	if (len && dst[len - 1] == '.')
		dst[--len] = '\0';
	return len && dst[0] != '.';
}

bool
cert_name_fits(const char *subject, const char *host)
{
	AUTO(X509_free) X509 *x = X509_new();
	char cn[256], name[256];
	bool is_address, fits;

	if (!x || !last_cn(subject, cn, sizeof(cn)) || !plain_host(host, name, sizeof(name)))
		return false;
	fits = same_address(cn, name, &is_address);
	if (is_address) /* no wildcard stands for a part of one */
		return fits;
	/* with a type of its own, not MBSTRING_, the text may be longer than the 64 of X.520 */
	fits = X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)cn, -1,
					  -1, 0) &&
	       X509_check_host(x, name, 0, 0, NULL) == 1;
	ERR_clear_error();
	return fits;
}

bool
cert_leaf_fits(const struct cert_item *leaf, const char *host)
{
	AUTO(X509_free) X509 *x = NULL;
	const unsigned char *p = leaf->der;
	char name[256];
	bool fits, is_address;

	x = d2i_X509(NULL, &p, (long)leaf->der_len);
	if (!x || !plain_host(host, name, sizeof(name)))
		return false;
	same_address("", name, &is_address);
	fits = is_address ? X509_check_ip_asc(x, name, 0) == 1 :
			    X509_check_host(x, name, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
	ERR_clear_error();
	return fits;
}

bool
cert_peer_fits(const char *subject, const char *thumbprint, const struct cert_item *leaf, const char *host)
{
	static const char kind[] = "sha1:";

	if (cert_name_fits(subject, host))
		return true;
	return leaf && str_starts(thumbprint, kind) && strcmp(thumbprint + strlen(kind), leaf->sha1) == 0 && cert_leaf_fits(leaf, host);
}
