/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "at/dialect.h"
#include "dialect/secure-cmd.h"

#define IMEI "004401080551530"

/* The signer of these tests: notes what it was given, and signs with so many bytes of one value. */
struct signer {
	uint8_t covered[SLOT_FRAME_MAX];
	size_t len, sig_len;
	uint8_t value;
	int result;
};

static int
sign(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	struct signer *s = arg;

	assert_true(len <= sizeof(s->covered));
	memcpy(s->covered, bytes, len);
	s->len = len;
	memset(sig, s->value, s->sig_len);
	*ret_len = s->sig_len;
	return s->result;
}

static uint8_t frame[SLOT_FRAME_MAX];
static size_t frame_len;

static int
encode(struct signer *s, struct secure_cmd c)
{
	if (!c.imei)
		c.imei = IMEI;
	frame_len = 0;
	return secure_cmd_encode(&c, sign, s, frame, sizeof(frame), &frame_len);
}

static void
assert_covered(const struct signer *s, const char *sha1)
{
	uint8_t digest[SHA_DIGEST_LENGTH];
	char hex[2 * SHA_DIGEST_LENGTH + 1];
	size_t i;

	SHA1(s->covered, s->len, digest);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, sha1);
}

static void
what_is_signed_is_all_but_length_and_signature(void **state)
{
	static const uint8_t cert[] = { 0x30, 0x02, 0x05, 0x00 };
	struct signer s = { .sig_len = 128 };

	(void)state;
	assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_DELETE, .index = 2 }), 0);
	assert_covered(&s, "d5ecabbbafe7b08affe2f8471bc243b8c7be73a9");
	assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_DELETE, .index = 0 }), 0);
	assert_covered(&s, "dc9e726dcea49ea0b52d016c8bd33aff1e99d94a");
	assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_READ, .index = 1 }), 0);
	assert_covered(&s, "79476899a62744b1f0cd8b9ed5e8916245a6aece");
	assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_WRITE, .index = 1, .cert = cert, .cert_len = sizeof(cert) }), 0);
	assert_covered(&s, "914812e2d1e6a49bc138b79bc4f240e019610316");
}

static void
a_delete_is_laid_out_to_the_byte(void **state)
{
	static const uint8_t head[] = { 0x00, 0xd0, 0x00, 0x03, 0x00, 0x03, 0x00, 0x05, 0x00, 0x01, 0x02, 0x00, 0x14, 0x00, 0x04,
		'0', '0', '4', '4', '0', '1', '0', '8', '0', '5', '5', '1', '5', '3', '0', 0x00, 0x00, 0xb1, 0x00, 0x03 };
	struct signer s = { .sig_len = 128 };
	char text[173];

	(void)state;
	assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_DELETE, .index = 2 }), 0);
	assert_int_equal(frame_len, 208);
	assert_memory_equal(frame, head, sizeof(head));
	memset(text, 'A', 171);
	text[171] = '='; /* 128 bytes are 42 groups and two */
	text[172] = '\0';
	assert_memory_equal(frame + sizeof(head), text, sizeof(text));
}

static size_t
length_of(enum secure_id id, int index, size_t cert, size_t key, size_t sig)
{
	static const uint8_t zero[SECURE_KEY_MAX];
	struct signer s = { .sig_len = sig };

	assert_int_equal(encode(&s, (struct secure_cmd){ .id = id, .index = index, .cert = cert ? zero : NULL, .cert_len = cert,
	    .key = key ? zero : NULL, .key_len = key }), 0);
	assert_int_equal(frame[0] << 8 | frame[1], frame_len);
	return frame_len;
}

static void
total_lengths_are_those_of_the_manual(void **state)
{
	(void)state;
	assert_int_equal(length_of(SECURE_WRITE, 1, 583, 0, 128), 0x031b);
	assert_int_equal(length_of(SECURE_WRITE, 0, 599, 0, 128), 0x032b);
	assert_int_equal(frame[5], 4);
	assert_int_equal(length_of(SECURE_WRITE, 0, 599, 634, 128), 0x05a9);
	assert_int_equal(frame[5], 5);
	assert_int_equal(length_of(SECURE_READ, 1, 0, 0, 128), 208);
	assert_int_equal(length_of(SECURE_DELETE, 1, 0, 0, 256), 0x017c);
	assert_int_equal(length_of(SECURE_READ, 1, 0, 0, 256), 0x017c);
	assert_int_equal(length_of(SECURE_WRITE, 0, 2048, 4096, 512), 6872);
}

static void
a_key_stands_between_certificate_and_imei(void **state)
{
	static const uint8_t cert[] = { 0x30, 0x00 }, key[] = { 0x30, 0x01, 0x05 };
	static const uint8_t units[] = { 0x00, 0x06, 0x00, 0x02, 0x30, 0x00, 0x00, 0x07, 0x00, 0x05, 0x30, 0x01, 0x05, 0x00, 0x14, 0x00, 0x04 };
	struct signer s = { .sig_len = 128 };

	(void)state;
	assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_WRITE, .index = 0, .cert = cert, .cert_len = sizeof(cert), .key = key,
	    .key_len = sizeof(key) }), 0);
	assert_memory_equal(frame + 11, units, sizeof(units));
}

static void
base64_is_padded_to_fours(void **state)
{
	static const struct {
		size_t len;
		const char *text;
	} rows[] = { { 1, "/w==" }, { 2, "//8=" }, { 3, "////" }, { 4, "/////w==" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct signer s = { .sig_len = rows[i].len, .value = 0xff };

		assert_int_equal(encode(&s, (struct secure_cmd){ .id = SECURE_READ, .index = 1 }), 0);
		assert_string_equal((const char *)frame + 35, rows[i].text);
		assert_int_equal(frame_len, 36 + strlen(rows[i].text));
	}
}

static void
what_no_command_may_carry_is_refused_before_it_is_signed(void **state)
{
	static const uint8_t big[SECURE_KEY_MAX + 1];
	const struct {
		struct secure_cmd c;
		int result;
	} rows[] = {
		{ { .id = SECURE_READ, .index = 11 }, -EINVAL },
		{ { .id = SECURE_READ, .index = -1 }, -EINVAL },
		{ { .id = SECURE_READ, .index = 1, .imei = "00440108055153" }, -EINVAL },
		{ { .id = SECURE_READ, .index = 1, .imei = "00440108055153x" }, -EINVAL },
		{ { .id = SECURE_READ, .index = 1, .imei = "0044010805515300" }, -EINVAL },
		{ { .id = SECURE_READ, .index = 1, .imei = "" }, -EINVAL },
		{ { .id = SECURE_WRITE, .index = 1 }, -EINVAL },
		{ { .id = SECURE_WRITE, .index = 1, .cert = big, .cert_len = 9, .key = big, .key_len = 9 }, -EINVAL },
		{ { .id = SECURE_WRITE, .index = 1, .cert = big, .cert_len = 2049 }, -EMSGSIZE },
		{ { .id = SECURE_WRITE, .index = 0, .cert = big, .cert_len = 9, .key = big, .key_len = 4097 }, -EMSGSIZE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct signer s = { .sig_len = 128 };

		assert_int_equal(encode(&s, rows[i].c), rows[i].result);
		assert_int_equal(s.len, 0);
	}
}

static void
a_signer_that_fails_leaves_no_frame(void **state)
{
	struct signer none = { .result = -ENOKEY }, nothing = { .sig_len = 0 };

	(void)state;
	assert_int_equal(encode(&none, (struct secure_cmd){ .id = SECURE_DELETE, .index = 2 }), -ENOKEY);
	assert_int_equal(encode(&nothing, (struct secure_cmd){ .id = SECURE_DELETE, .index = 2 }), -EINVAL);
	assert_int_equal(frame_len, 0);
}

static void
a_frame_never_passes_the_end_of_its_room(void **state)
{
	struct secure_cmd c = { .id = SECURE_DELETE, .index = 2, .imei = IMEI };
	struct signer s = { .sig_len = 128 };
	uint8_t room[208];
	size_t size, len;

	(void)state;
	for (size = 0; size < sizeof(room); size++) {
		memset(room, 0xee, sizeof(room));
		assert_int_equal(secure_cmd_encode(&c, sign, &s, room, size, &len), -EMSGSIZE);
		assert_int_equal(room[size], 0xee);
	}
	assert_int_equal(secure_cmd_encode(&c, sign, &s, room, size, &len), 0);
}

/* ---- replies ---- */

/* READ's answer as section 3.6 lays it out: index 1, a certificate of so many bytes, 172 characters. */
static size_t
reply(uint8_t *dst, size_t cert)
{
	size_t len = 6 + 5 + 4 + cert + 177;

	memset(dst, 'A', len);
	memcpy(dst, (uint8_t[]){ (uint8_t)(len >> 8), (uint8_t)len, 0, 2, 0, 3, 0, 5, 0, 1, 1, (uint8_t)((cert + 4) >> 8), (uint8_t)(cert + 4), 0, 2 },
	    15);
	memcpy(dst + 15 + cert, (uint8_t[]){ 0, 177, 0, 3 }, 4);
	dst[len - 1] = '\0';
	return len;
}

static void
a_reply_is_taken_apart(void **state)
{
	uint8_t bytes[SECURE_REPLY_MAX];
	struct secure_cmd c;
	size_t len;

	(void)state;
	assert_int_equal(reply(bytes, 583), 0x0307);
	assert_int_equal(secure_cmd_length(bytes, 1, &len), 0);
	assert_int_equal(secure_cmd_length(bytes, 2, &len), 1);
	assert_int_equal(len, 775);
	assert_int_equal(secure_cmd_decode(bytes, len, &c), 0);
	assert_int_equal(c.index, 1);
	assert_int_equal(c.cert_len, 583);
	assert_ptr_equal(c.cert, bytes + 15);
	assert_null(c.key);
}

static void
units_come_in_any_order_with_an_index_of_1_2_or_4_bytes(void **state)
{
	static const uint8_t frames[][24] = {
		{ 0, 22, 0, 2, 0, 3, 0, 5, 0, 2, 0x30, 0, 5, 0, 1, 7, 0, 6, 0, 3, 'A', 0 },
		{ 0, 23, 0, 2, 0, 3, 0, 6, 0, 1, 0, 7, 0, 5, 0, 2, 0x30, 0, 6, 0, 3, 'A', 0 },
	};
	static const uint8_t four[] = { 0, 25, 0, 2, 0, 3, 0, 8, 0, 1, 0, 0, 0, 7, 0, 5, 0, 2, 0x30, 0, 6, 0, 3, 'A', 0 };
	static const uint8_t three[] = { 0, 24, 0, 2, 0, 3, 0, 7, 0, 1, 0, 0, 7, 0, 5, 0, 2, 0x30, 0, 6, 0, 3, 'A', 0 };
	struct secure_cmd c;

	(void)state;
	assert_int_equal(secure_cmd_decode(frames[0], 22, &c), 0);
	assert_int_equal(c.index, 7);
	assert_int_equal(secure_cmd_decode(frames[1], 23, &c), 0);
	assert_int_equal(c.index, 7);
	assert_int_equal(secure_cmd_decode(four, 25, &c), 0);
	assert_int_equal(c.index, 7);
	assert_int_equal(secure_cmd_decode(three, 24, &c), -EBADMSG);
}

static void
a_line_of_text_is_no_reply(void **state)
{
	size_t len;

	(void)state;
	assert_int_equal(secure_cmd_length((const uint8_t *)"\r", 1, &len), -EBADMSG);
	assert_int_equal(secure_cmd_length((const uint8_t *)"S", 1, &len), -EBADMSG);
	assert_int_equal(secure_cmd_length((const uint8_t *)"\x0b", 1, &len), -EBADMSG);
	assert_int_equal(secure_cmd_length((const uint8_t *)"\x0a\xc0", 2, &len), 1);
	assert_int_equal(secure_cmd_length((const uint8_t *)"\x0a\xc1", 2, &len), -EBADMSG);
	assert_int_equal(secure_cmd_length((const uint8_t *)"\x00\x05", 2, &len), -EBADMSG);
}

static void
a_reply_that_does_not_add_up_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {
		{ 1, 0x06 }, { 1, 0x08 }, { 3, 1 }, { 3, 3 }, { 2, 1 }, { 5, 2 }, { 5, 4 }, { 5, 0 }, { 4, 0xff }, /* head */
		{ 7, 0 }, { 7, 3 }, { 7, 4 }, { 7, 6 }, { 6, 0xff }, { 9, 2 }, { 9, 3 }, { 9, 9 }, { 10, 11 },	   /* index */
		{ 11, 0xff }, { 12, 0x4c }, { 12, 0x4a }, { 14, 1 }, { 14, 5 },					   /* certificate */
	};
	uint8_t bytes[SECURE_REPLY_MAX];
	struct secure_cmd c;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		len = reply(bytes, 583);
		bytes[wrong[i].at] = wrong[i].value;
		if (secure_cmd_decode(bytes, len, &c) != -EBADMSG)
			fail_msg("byte %zu of %u was taken", wrong[i].at, wrong[i].value);
	}
	len = reply(bytes, 583);
	bytes[15 + 583 + 3] = 4; /* the last unit is no signature */
	assert_int_equal(secure_cmd_decode(bytes, len, &c), -EBADMSG);
	len = reply(bytes, 583) + 1; /* a byte behind the signature */
	bytes[1]++;
	assert_int_equal(secure_cmd_decode(bytes, len, &c), -EBADMSG);
}

static void
a_reply_that_is_cut_short_is_never_read_past_its_end(void **state)
{
	uint8_t bytes[SECURE_REPLY_MAX];
	struct secure_cmd c;
	size_t len = reply(bytes, 583), n;

	(void)state;
	for (n = 0; n < len; n++) {
		uint8_t *cut = test_malloc(n + 1); /* so that a look behind it is seen */

		memcpy(cut, bytes, n);
		if (n >= 2) { /* the length is honest, the units are not */
			cut[0] = (uint8_t)(n >> 8);
			cut[1] = (uint8_t)n;
		}
		assert_int_equal(secure_cmd_decode(cut, n, &c), -EBADMSG);
		test_free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_is_all_but_length_and_signature),
		cmocka_unit_test(a_delete_is_laid_out_to_the_byte),
		cmocka_unit_test(total_lengths_are_those_of_the_manual),
		cmocka_unit_test(a_key_stands_between_certificate_and_imei),
		cmocka_unit_test(base64_is_padded_to_fours),
		cmocka_unit_test(what_no_command_may_carry_is_refused_before_it_is_signed),
		cmocka_unit_test(a_signer_that_fails_leaves_no_frame),
		cmocka_unit_test(a_frame_never_passes_the_end_of_its_room),
		cmocka_unit_test(a_reply_is_taken_apart),
		cmocka_unit_test(units_come_in_any_order_with_an_index_of_1_2_or_4_bytes),
		cmocka_unit_test(a_line_of_text_is_no_reply),
		cmocka_unit_test(a_reply_that_does_not_add_up_is_refused),
		cmocka_unit_test(a_reply_that_is_cut_short_is_never_read_past_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
