/* SPDX-License-Identifier: Apache-2.0 */
/* Promise P6: what is given back to the heap while a key is read, used and freed holds nothing of it. */
#include "unit.h"

#include <malloc.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cert/cert.h"

#define PIECE 16 /* bytes that are no chance */

static struct {
	char *bytes;
	size_t len;
} secrets[4];
static unsigned n_secrets, freed, leaks;

void __real_free(void *p);
void __wrap_free(void *p);

/* Of all objects of this program, by the linker. */
void
__wrap_free(void *p)
{
	size_t size = p ? malloc_usable_size(p) : 0, i, k;

	freed += n_secrets > 0;
	for (k = 0; k < n_secrets; k++)
		for (i = 0; size >= PIECE && i + PIECE <= secrets[k].len; i += PIECE / 2)
			leaks += memmem(p, size, secrets[k].bytes + i, PIECE) != NULL;
	__real_free(p);
}

/* From skip on: what stands before are the numbers that everybody may know. */
static void
seek(const void *bytes, size_t len, size_t skip)
{
	secrets[n_secrets].bytes = xmemdup((const char *)bytes + skip, len - skip);
	secrets[n_secrets++].len = len - skip;
}

static void
a_key_leaves_nothing_on_the_heap(void **state)
{
	AUTO(cert_item_free) struct cert_item *item = NULL;
	EVP_PKEY *key = EVP_RSA_gen(2048);
	BIO *bio = BIO_new(BIO_s_mem());
	uint8_t sig[512];
	char why[200], *file;
	size_t len;
	long n;

	(void)state;
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	n = BIO_get_mem_data(bio, &file);
	assert_int_equal(cert_item_load(file, (size_t)n, CERT_KEY, &item, why, sizeof(why)), 0);
	seek(item->der, item->der_len, 300);
	seek(item->pkcs8, item->pkcs8_len, 330);
	seek(item->pem, item->pem_len - 32, 450);
	seek(file, (size_t)n - 32, 480);
	cert_item_free(gift(&item));
	assert_int_equal(cert_item_load(file, (size_t)n, CERT_KEY, &item, why, sizeof(why)), 0);
	assert_int_equal(cert_sign_sha1(item, "x", 1, sig, sizeof(sig), &len, why, sizeof(why)), 0);
	cert_item_free(gift(&item));
	assert_in_range(freed, 100, 100000);
	assert_int_equal(leaks, 0);
	for (n_secrets = 0; n_secrets < 4;)
		__real_free(secrets[n_secrets++].bytes);
	n_secrets = 0;
	BIO_free(bio);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_key_leaves_nothing_on_the_heap) };

	if (!cert_wipes_heap())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
