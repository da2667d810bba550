/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/secure-cmd.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "at/dialect.h"

#define HEAD 6	      /* total length, command, number of units */
#define SIGNED_FROM 2 /* the signature covers all but the total length and its own unit */
#define UNIT 4	      /* length and id of a unit */
#define IMEI_DIGITS 15
#define IMEI_BYTES 16 /* */
#define INDEX_BYTES 1 /* */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

enum unit_id { UNIT_INDEX = 1, UNIT_CERTIFICATE = 2, UNIT_SIGNATURE = 3, UNIT_IMEI = 4, UNIT_KEY = 5 };

/* ---- writing ---- */

/* The first mistake is kept, and nothing is written any more. */
struct writer {
	uint8_t *bytes;
	size_t len, size;
	int err;
};

static void
put(struct writer *w, const void *bytes, size_t len)
{
	if (!w->err && len > w->size - w->len)
		w->err = -EMSGSIZE;
	if (w->err || !len)
		return;
	memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

/* */
static void
put_u16(struct writer *w, size_t value)
{
	put(w, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static uint16_t
u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void
put_unit(struct writer *w, enum unit_id id, const void *bytes, size_t len)
{
	put_u16(w, UNIT + len);
	put_u16(w, id);
	put(w, bytes, len);
}

void
secure_cmd_base64(const uint8_t *bytes, size_t len, char *dst)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, k;

	for (i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;

		group |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= i + 2 < len ? bytes[i + 2] : 0;
		for (k = 0; k < 4; k++)
			*dst++ = i + k > len ? '=' : digits[group >> (18 - 6 * k) & 63];
	}
	*dst = '\0';
}

static int
check(const struct secure_cmd *c)
{
	if (c->index < 0 || c->index > SECURE_INDEX_MAX || (c->key && c->index != 0) || (c->id == SECURE_WRITE && !c->cert_len))
		return -EINVAL;
	if (strlen(c->imei) != IMEI_DIGITS || strspn(c->imei, "0123456789") != IMEI_DIGITS)
		return -EINVAL;
	return c->cert_len > SECURE_CERTIFICATE_MAX || c->key_len > SECURE_KEY_MAX ? -EMSGSIZE : 0;
}

/* */
static void
put_signature(struct writer *w, secure_sign *sign, void *arg)
{
	uint8_t sig[SLOT_SIGNATURE_MAX];
	char text[BASE64_LEN(sizeof(sig)) + 1];
	size_t len = 0;

	if (!w->err)
		w->err = sign(arg, w->bytes + SIGNED_FROM, w->len - SIGNED_FROM, sig, &len);
	if (!w->err && (!len || len > sizeof(sig)))
		w->err = -EINVAL;
	if (w->err)
		return;
	secure_cmd_base64(sig, len, text);
	put_unit(w, UNIT_SIGNATURE, text, strlen(text) + 1);
}

int
secure_cmd_encode(const struct secure_cmd *c, secure_sign *sign, void *arg, uint8_t *dst, size_t size, size_t *ret_len)
{
	struct writer w = { .bytes = dst, .size = size, .err = check(c) };
	uint8_t index = (uint8_t)c->index;
	bool writes = c->id == SECURE_WRITE;

	put_u16(&w, 0); /* the length, when it is known */
	put_u16(&w, c->id);
	put_u16(&w, 3u + writes + (writes && c->key));
	put_unit(&w, UNIT_INDEX, &index, INDEX_BYTES);
	if (writes)
		put_unit(&w, UNIT_CERTIFICATE, c->cert, c->cert_len);
	if (writes && c->key)
		put_unit(&w, UNIT_KEY, c->key, c->key_len);
	put_unit(&w, UNIT_IMEI, c->imei, IMEI_BYTES);
	put_signature(&w, sign, arg);
	if (w.err)
		return w.err;
	dst[0] = (uint8_t)(w.len >> 8);
	dst[1] = (uint8_t)w.len;
	*ret_len = w.len;
	return 0;
}

/* ---- reading: the module's bytes, as hostile as any ---- */

int
secure_cmd_length(const uint8_t *head, size_t len, size_t *ret_len)
{
	if (len && head[0] > SECURE_REPLY_MAX >> 8)
		return -EBADMSG;
	if (len < 2)
		return 0;
	*ret_len = u16(head);
	return *ret_len < HEAD || *ret_len > SECURE_REPLY_MAX ? -EBADMSG : 1;
}

/* 1, 2 or 4 bytes; -1: no index */
static int
index_of(const uint8_t *data, size_t len)
{
	uint32_t value = 0;
	size_t i;

	if (len != 1 && len != 2 && len != 4)
		return -1;
	for (i = 0; i < len; i++)
		value = value << 8 | data[i];
	return value > SECURE_INDEX_MAX ? -1 : (int)value;
}

/* One unit's data into ret; each kind once, and none that READ does not bring. */
static int
take_unit(struct secure_cmd *ret, enum unit_id id, const uint8_t *data, size_t len)
{
	switch (id) {
	case UNIT_INDEX:
		if (ret->index >= 0)
			return -EBADMSG;
		ret->index = index_of(data, len);
		return ret->index < 0 ? -EBADMSG : 0;
	case UNIT_CERTIFICATE:
		if (ret->cert || !len || len > SECURE_CERTIFICATE_MAX)
			return -EBADMSG;
		ret->cert = data;
		ret->cert_len = len;
		return 0;
	default:
		return -EBADMSG;
	}
}

int
secure_cmd_decode(const uint8_t *frame, size_t len, struct secure_cmd *ret)
{
	size_t at = HEAD, total, unit;
	unsigned n, i;

	*ret = (struct secure_cmd){ .id = SECURE_READ, .index = -1 };
	if (secure_cmd_length(frame, len, &total) <= 0 || total != len || u16(frame + 2) != SECURE_READ)
		return -EBADMSG;
	n = u16(frame + 4);
	for (i = 0; i < n; i++, at += unit) {
		unit = len - at >= UNIT ? u16(frame + at) : 0;
		if (unit < UNIT || unit > len - at)
			return -EBADMSG;
		if (i + 1 == n) /* A-14; what it signs, and with which key, is not known */
			return u16(frame + at + 2) == UNIT_SIGNATURE && at + unit == len && ret->index >= 0 && ret->cert ? 0 : -EBADMSG;
		if (take_unit(ret, u16(frame + at + 2), frame + at + UNIT, unit - UNIT))
			return -EBADMSG;
	}
	return -EBADMSG;
}
