/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate store of the simulated Cinterion modules: signed commands, byte for byte. */
#include <openssl/evp.h>

#include "sim-pki.h"
#include "sim-world.h"

#define IMEI "004401080551530"
#define READY "\r\nCONNECT\r\n\r\nSECURE CMD READY: SEND COMMAND ...\r\n"
#define END_OK "\r\nSECURE CMD END OK\r\n" OK
#define REFUSED "\r\nSECURE CMD ERROR\r\n" OK
#define EMPTY(n) \
	"^SBNR: " #n ", size: \"0\", issuer: \"\", serial number: \"\", subject: \"\", signature: \"\", thumbprint algorithm: \"\", " \
	"thumbprint: \"\"\r\n"

static const struct module_opts bgs2 = { .family = "cinterion" };

static struct pki client, client2, server, other;

/* A secure command in the making. */
struct frame {
	struct fifo units, all;
	unsigned command, params;
	bool little;
};

static void
put16(const struct frame *f, struct fifo *to, size_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	if (f->little) {
		b[0] = (uint8_t)v;
		b[1] = (uint8_t)(v >> 8);
	}
	fifo_put(to, b, 2);
}

static void
unit(struct frame *f, unsigned id, const void *bytes, size_t len)
{
	put16(f, &f->units, 4 + len);
	put16(f, &f->units, id);
	fifo_put(&f->units, bytes, len);
	f->params++;
}

static void
unit_index(struct frame *f, uint8_t index)
{
	unit(f, 1, &index, 1);
}

static void
finish(struct frame *f, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[512], text[700];
	size_t len = sizeof(signature);
	struct fifo covered = { 0 };

	put16(f, &covered, f->command);
	put16(f, &covered, f->params + 1);
	fifo_put(&covered, fifo_bytes(&f->units), f->units.len);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha1(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, signature, &len, fifo_bytes(&covered), covered.len), 1);
	EVP_MD_CTX_free(ctx);
	unit(f, 3, text, (size_t)EVP_EncodeBlock(text, signature, (int)len) + 1);
	put16(f, &f->all, 6 + f->units.len);
	put16(f, &f->all, f->command);
	put16(f, &f->all, f->params);
	fifo_put(&f->all, fifo_bytes(&f->units), f->units.len);
	fifo_deinit(&covered);
	fifo_deinit(&f->units);
}

static struct frame
write_frame(uint8_t index, const struct pki *cert, const void *key, size_t key_len, const struct pki *by)
{
	struct frame f = { .command = 1 };

	unit_index(&f, index);
	unit(&f, 2, cert->der, cert->len);
	if (key)
		unit(&f, 5, key, key_len);
	unit(&f, 4, IMEI, sizeof(IMEI));
	finish(&f, by->key);
	return f;
}

static struct frame
short_frame(unsigned command, uint8_t index, const struct pki *by)
{
	struct frame f = { .command = command };

	unit_index(&f, index);
	unit(&f, 4, IMEI, sizeof(IMEI));
	finish(&f, by->key);
	return f;
}

static void
begin(struct world *w)
{
	say(w, "AT^SBNW=is_cert,1\r");
	heard(w, READY);
	pass(w, 100);
}

static void
give(struct world *w, const void *bytes, size_t len)
{
	assert_int_equal(module_host_bytes(w->m, bytes, len), len);
}

/* The frame is given, answered so, and gone. */
static void
send_frame(struct world *w, struct frame f, const char *answer)
{
	begin(w);
	give(w, fifo_bytes(&f.all), f.all.len);
	fifo_deinit(&f.all);
	pass(w, 50);
	heard(w, answer);
	pass(w, 100);
}

static struct world *
on(const struct module_opts *opts)
{
	struct world *w = world_new(opts);

	ask(w, "ATE0", "ATE0\r" OK);
	pass(w, 100);
	ask(w, "AT+CMEE=1", OK);
	pass(w, 100);
	return w;
}

static struct world *
filled(const struct module_opts *opts)
{
	struct world *w = on(opts);

	send_frame(w, write_frame(0, &client, NULL, 0, &client), END_OK);
	return w;
}

/* What ^SBNR says of slot n, up to its size. */
static void
has_size(struct world *w, int n, size_t size)
{
	char text[64];

	snprintf(text, sizeof(text), "^SBNR: %d, size: \"%zu\"", n, size);
	say(w, "AT^SBNR=is_cert\r");
	pass(w, 100);
	fifo_put(&w->heard, "", 1);
	assert_non_null(strstr((const char *)fifo_bytes(&w->heard), text));
	fifo_clear(&w->heard);
}

static void
the_frames_have_the_lengths_of_the_notes(void **state)
{
	struct frame f = short_frame(3, 2, &client);
	static const uint8_t head[] = { 0x00, 0xD0, 0, 3, 0, 3, 0, 5, 0, 1, 2, 0, 0x14, 0, 4, '0', '0' };

	(void)state;
	assert_int_equal(f.all.len, 208);
	assert_memory_equal(fifo_bytes(&f.all), head, sizeof(head));
	fifo_deinit(&f.all);
}

static void
client_certificate_first_then_the_others(void **state)
{
	struct world *w = on(&bgs2);

	(void)state;
	send_frame(w, write_frame(1, &server, NULL, 0, &client), REFUSED);
	send_frame(w, write_frame(0, &client, NULL, 0, &client), END_OK);
	send_frame(w, write_frame(1, &server, NULL, 0, &client), END_OK);
	assert_int_equal(module_counters(w->m)->slot_writes, 2);
	has_size(w, 0, client.len);
	has_size(w, 1, server.len);
	has_size(w, 2, 0);
	world_free(w);
}

static void
the_listing_has_every_slot(void **state)
{
	struct world *w = filled(&bgs2);
	char text[4000], thumb[41] = "", digest[20];
	unsigned len = 0;

	(void)state;
	X509_digest(server.cert, EVP_sha1(), (uint8_t *)digest, &len);
	for (unsigned i = 0; i < len; i++)
		snprintf(thumb + 2 * i, 3, "%02X", (uint8_t)digest[i]);
	send_frame(w, write_frame(0, &server, NULL, 0, &client), END_OK);
	snprintf(text, sizeof(text),
		 "\r\n^SBNR: 0, size: \"%zu\", issuer: \"/C=DE/ST=Berlin/L=Berlin/O=orgOne/OU=unitOne/CN=my\\22Server\\22\", serial number: "
		 "\"00F1F4565330802E0B\", subject: \"/C=DE/ST=Berlin/L=Berlin/O=orgOne/OU=unitOne/CN=my\\22Server\\22\", signature: "
		 "\"sha1RSA\", thumbprint algorithm: \"sha1\", thumbprint: \"%s\"\r\n%s" OK,
		 server.len, thumb,
		 EMPTY(1) EMPTY(2) EMPTY(3) EMPTY(4) EMPTY(5) EMPTY(6) EMPTY(7) EMPTY(8) EMPTY(9) EMPTY(10));
	ask(w, "AT^SBNR=is_cert", text);
	pass(w, 100);
	ask(w, "AT^SBNR=\"is_cert\"", text);
	pass(w, 100);
	ask(w, "AT^SBNR=ciphersuites", "\r\n+CME ERROR: 50\r\n");
	pass(w, 100);
	ask(w, "AT^SBNW=is_cert,0", "\r\n+CME ERROR: 50\r\n");
	world_free(w);
}

static void
a_filled_slot_0_is_written_by_the_old_key_only(void **state)
{
	struct world *w = filled(&bgs2);

	(void)state;
	send_frame(w, write_frame(0, &client2, NULL, 0, &client2), REFUSED);
	send_frame(w, write_frame(0, &client2, NULL, 0, &client), END_OK);
	/* and from now on the new one's counts */
	send_frame(w, write_frame(1, &server, NULL, 0, &client), REFUSED);
	send_frame(w, write_frame(1, &server, NULL, 0, &client2), END_OK);
	world_free(w);
	w = on(&bgs2);
	send_frame(w, write_frame(0, &client, NULL, 0, &client2), REFUSED);
	world_free(w);
}

static void
what_is_not_signed_so_is_refused(void **state)
{
	struct world *w = filled(&bgs2);
	struct frame f = short_frame(3, 0, &client);

	(void)state;
	f.all.data[f.all.head + 11 + 4]++; /* the IMEI, after it was signed */
	send_frame(w, f, REFUSED);
	f = (struct frame){ .command = 3 }; /* another module's */
	unit_index(&f, 0);
	unit(&f, 4, "004401080551531", 16);
	finish(&f, client.key);
	send_frame(w, f, REFUSED);
	f = (struct frame){ .command = 3 }; /* without its NUL */
	unit_index(&f, 0);
	unit(&f, 4, IMEI, 15);
	finish(&f, client.key);
	send_frame(w, f, REFUSED);
	send_frame(w, short_frame(3, 11, &client), REFUSED);
	send_frame(w, short_frame(4, 0, &client), REFUSED);
	f = short_frame(3, 0, &client);
	f.all.data[f.all.head + f.all.len - 1] = 'A'; /* its NUL */
	send_frame(w, f, REFUSED);
	has_size(w, 0, client.len);
	world_free(w);
}

static void
units_come_in_any_order_but_for_the_signature(void **state)
{
	struct world *w = filled(&bgs2);
	struct frame f = { .command = 1 };

	(void)state;
	unit(&f, 4, IMEI, sizeof(IMEI));
	unit(&f, 2, server.der, server.len);
	unit(&f, 1, "\0\3", 2); /* and an index of two bytes */
	finish(&f, client.key);
	send_frame(w, f, END_OK);
	has_size(w, 3, server.len);
	world_free(w);
}

static void
wrong_lengths_have_their_own_words(void **state)
{
	static const uint8_t tiny[] = { 0, 5, 0 }, huge[] = { 0x20, 1 };
	struct world *w = filled(&bgs2);
	struct frame f;

	(void)state;
	begin(w);
	give(w, tiny, 3);
	pass(w, 50);
	heard(w, "\r\nSECURE CMD LENGTH ERROR\r\n" OK);
	pass(w, 100);
	begin(w);
	give(w, huge, 2);
	pass(w, 50);
	heard(w, "\r\nSECURE CMD LENGTH ERROR\r\n" OK);
	pass(w, 100);
	f = short_frame(3, 0, &client);
	f.all.data[f.all.head + 5]++; /* params */
	send_frame(w, f, "\r\nSECURE CMD LENGTH ERROR\r\n" OK);
	f = short_frame(3, 0, &client);
	f.all.data[f.all.head + 7]++; /* the first unit */
	send_frame(w, f, "\r\nSECURE CMD LENGTH ERROR\r\n" OK);
	f = short_frame(3, 0, &client);
	f.all.data[f.all.head + 7] = 0; /* it has no length */
	send_frame(w, f, "\r\nSECURE CMD LENGTH ERROR\r\n" OK);
	f = short_frame(3, 0, &client);
	f.all.data[f.all.head + 32]++; /* the last one is longer than the frame */
	send_frame(w, f, "\r\nSECURE CMD LENGTH ERROR\r\n" OK);
	f = short_frame(3, 0, &client);
	fifo_put(&f.all, "\r", 1);
	send_frame(w, f, "\r\nSECURE CMD TOO MANY DATA ERROR\r\n" OK);
	begin(w);
	f = short_frame(3, 0, &client);
	give(w, fifo_bytes(&f.all), f.all.len - 1);
	fifo_deinit(&f.all);
	pass(w, 29800);
	heard(w, "");
	pass(w, 100);
	heard(w, "\r\nSECURE CMD SERVICE TIMEOUT ERROR\r\n" OK);
	pass(w, 100);
	has_size(w, 0, client.len);
	world_free(w);
}

static void
certificates_are_looked_at(void **state)
{
	struct world *w = filled(&bgs2);
	struct pki bad = server;

	(void)state;
	bad.len--;
	send_frame(w, write_frame(1, &bad, NULL, 0, &client), "\r\nSECURE CMD PUBLIC CERTIFICATE IS CORRUPTED\r\n" OK);
	bad.len = 2049;
	send_frame(w, write_frame(1, &bad, NULL, 0, &client), "\r\nSECURE CMD PUBLIC CERTIFICATE IS CORRUPTED\r\n" OK);
	has_size(w, 1, 0);
	world_free(w);
}

static void
a_private_key_goes_with_slot_0(void **state)
{
	struct world *w = on(&bgs2);
	uint8_t *pkcs8 = NULL, *pkcs1 = NULL;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(client.key);
	int pkcs8_len = i2d_PKCS8_PRIV_KEY_INFO(info, &pkcs8), pkcs1_len = i2d_PrivateKey(client.key, &pkcs1);

	(void)state;
	assert_in_range(pkcs8_len, 1, 4096);
	send_frame(w, write_frame(0, &client, pkcs8, (size_t)pkcs8_len, &client), END_OK);
	send_frame(w, write_frame(0, &client, pkcs1, (size_t)pkcs1_len, &client), END_OK);
	send_frame(w, write_frame(1, &server, pkcs8, (size_t)pkcs8_len, &client), REFUSED);
	send_frame(w, write_frame(0, &client2, pkcs8, (size_t)pkcs8_len, &client), REFUSED); /* another's */
	send_frame(w, write_frame(0, &client, NULL, 0, &client), "\r\nSECURE CMD PRIVATE KEY WAS REMOVED\r\n" OK);
	send_frame(w, write_frame(0, &client, NULL, 0, &client), END_OK);
	OPENSSL_free(pkcs8);
	OPENSSL_free(pkcs1);
	PKCS8_PRIV_KEY_INFO_free(info);
	world_free(w);
}

static void
reading_back_and_deleting(void **state)
{
	struct world *w = filled(&bgs2);
	struct frame f, zero = { .command = 2 };
	char signature[173];

	(void)state;
	send_frame(w, short_frame(2, 1, &client), REFUSED);
	send_frame(w, short_frame(3, 1, &client), REFUSED);
	send_frame(w, write_frame(1, &server, NULL, 0, &client), END_OK);

	memset(signature, 'A', 172);
	memcpy(signature + 170, "A=", 3);
	unit_index(&zero, 1);
	unit(&zero, 2, server.der, server.len);
	unit(&zero, 3, signature, 173);
	f = short_frame(2, 1, &client);
	begin(w);
	give(w, fifo_bytes(&f.all), f.all.len);
	fifo_deinit(&f.all);
	pass(w, 50);
	put16(&zero, &zero.all, 6 + zero.units.len);
	put16(&zero, &zero.all, 2);
	put16(&zero, &zero.all, 3);
	fifo_put(&zero.all, fifo_bytes(&zero.units), zero.units.len);
	fifo_put(&zero.all, END_OK, strlen(END_OK));
	assert_int_equal(w->heard.len, zero.all.len);
	assert_memory_equal(fifo_bytes(&w->heard), fifo_bytes(&zero.all), zero.all.len);
	fifo_clear(&w->heard);
	pass(w, 100);
	fifo_deinit(&zero.all);
	fifo_deinit(&zero.units);

	send_frame(w, short_frame(3, 0, &client), REFUSED); /* while another is filled */
	send_frame(w, short_frame(3, 1, &client), END_OK);
	send_frame(w, short_frame(3, 0, &client), END_OK);
	has_size(w, 0, 0);
	send_frame(w, write_frame(0, &client2, NULL, 0, &client2), END_OK); /* anybody's again */
	world_free(w);
}

static void
the_store_outlives_a_reset_and_a_frame_does_not(void **state)
{
	struct world *w = filled(&bgs2);

	(void)state;
	begin(w);
	give(w, "\0", 1);
	module_event(w->m, SIM_RESET);
	pass(w, 40000);
	heard(w, "\r\n^SYSSTART\r\n");
	ask(w, "ATE0", "ATE0\r" OK);
	pass(w, 100);
	has_size(w, 0, client.len);
	world_free(w);
}

static void
other_firmwares(void **state)
{
	struct module_opts opts = bgs2;
	struct frame f = { .command = 1, .little = true };
	struct world *w;

	(void)state;
	opts.has = SIM_LITTLE_ENDIAN | SIM_SILENT_STORE | SIM_LISTS_APART;
	opts.no_spaces = true;
	opts.model = "MC75i";
	w = on(&opts);
	unit_index(&f, 0);
	unit(&f, 2, client.der, client.len);
	unit(&f, 4, IMEI, sizeof(IMEI));
	finish(&f, client.key);
	send_frame(w, f, "\r\nSECURE CMD END OK\r\n");
	f = write_frame(0, &client, NULL, 0, &client); /* its length the other way round is another */
	begin(w);
	give(w, fifo_bytes(&f.all), f.all.len);
	fifo_deinit(&f.all);
	pass(w, 50);
	not_heard(w, "END OK");
	pass(w, 30100);
	not_heard(w, "\r\nOK\r\n");
	say(w, "AT^SBNR=is_cert\r");
	pass(w, 50);
	fifo_put(&w->heard, "", 1);
	assert_non_null(strstr((const char *)fifo_bytes(&w->heard), "\r\n\r\n^SBNR: 1,size: \"0\",issuer"));
	world_free(w);
}

static void
a_service_trusts_its_slots(void **state)
{
	struct world *w = filled(&bgs2);

	(void)state;
	send_frame(w, write_frame(1, &server, NULL, 0, &client), END_OK);
	send_frame(w, write_frame(4, &other, NULL, 0, &client), END_OK);
	w->net->wants_ca = true;
	for (int i = 0; i < 3; i++) {
		static const char *const lists[] = { "1,2,4", "-1", "2,3" };
		static const size_t n[] = { 2, 0, 0 };
		char text[64];

		snprintf(text, sizeof(text), "AT^SISS=1,secOpt,%s", lists[i]);
		ask(w, "AT^SICS=0,conType,\"GPRS0\"", OK);
		pass(w, 100);
		ask(w, "AT^SISS=1,srvType,\"Socket\"", OK);
		pass(w, 100);
		ask(w, "AT^SISS=1,conId,0", OK);
		pass(w, 100);
		ask(w, "AT^SISS=1,address,\"socktcp://a.example:443\"", OK);
		pass(w, 100);
		ask(w, text, OK);
		pass(w, 100);
		say(w, "AT^SISO=1\r");
		pass(w, 3000);
		assert_int_equal(far_memory_peer(w->net)->number, i + 1);
		assert_int_equal(far_memory_peer(w->net)->n_ca, n[i]);
		assert_int_equal(far_memory_peer(w->net)->verify, i != 1);
		assert_int_equal(far_memory_peer(w->net)->open, i != 2); /* A-15b: empty slots are nobody */
		fifo_clear(&w->heard);
		ask(w, "AT^SISC=1", OK);
		pass(w, 30000); /* and the bearer is down again */
		fifo_clear(&w->heard);
	}
	world_free(w);
}

static int
make_all(void **state)
{
	(void)state;
	pki_make(&client, "/C=DE/ST=Berlin/L=Berlin/O=departmentX/OU=DE/CN=firstname surname", "4F2182FE", NULL, 0);
	pki_make(&client2, "/CN=second", "02", NULL, 0);
	pki_make(&server, "/C=DE/ST=Berlin/L=Berlin/O=orgOne/OU=unitOne/CN=my\"Server\"", "F1F4565330802E0B", NULL, 1);
	pki_make(&other, "/CN=other", "03", NULL, 1);
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	pki_deinit(&client);
	pki_deinit(&client2);
	pki_deinit(&server);
	pki_deinit(&other);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_frames_have_the_lengths_of_the_notes),
		cmocka_unit_test(client_certificate_first_then_the_others),
		cmocka_unit_test(the_listing_has_every_slot),
		cmocka_unit_test(a_filled_slot_0_is_written_by_the_old_key_only),
		cmocka_unit_test(what_is_not_signed_so_is_refused),
		cmocka_unit_test(units_come_in_any_order_but_for_the_signature),
		cmocka_unit_test(wrong_lengths_have_their_own_words),
		cmocka_unit_test(certificates_are_looked_at),
		cmocka_unit_test(a_private_key_goes_with_slot_0),
		cmocka_unit_test(reading_back_and_deleting),
		cmocka_unit_test(the_store_outlives_a_reset_and_a_frame_does_not),
		cmocka_unit_test(other_firmwares),
		cmocka_unit_test(a_service_trusts_its_slots),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
