/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-store.c - simulated Cinterion modules: ^SBNR, ^SBNW and the certificates behind them
 *
 * ^SBNW takes one frame of bytes and answers with a line of its own; OK behind
 * it says nothing.  Every signature is really checked.
 */
#include "cinterion.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "base/str.h"
#include "far-leaf.h"

/* 3.2 and 3.7 of the notes, and what they assume */
#define FRAME_MIN 6
#define FRAME_MAX 8192	     /* */
#define FRAME_MS 30000	     /* */
#define CHECK_MS 20	     /* what a signature takes; bytes that come meanwhile are too many */
#define CERT_MAX 2048
#define KEY_MAX 4096
#define READ_SIGNATURE 128   /* so many zero bytes */
#define IMEI_SIZE sizeof(CINTERION_IMEI) /* with its NUL */

enum { CMD_WRITE = 1, CMD_READ, CMD_DELETE };
enum { UNIT_INDEX = 1, UNIT_CERT, UNIT_SIGNATURE, UNIT_IMEI, UNIT_KEY, UNITS };

struct unit {
	const uint8_t *data; /* NULL: there is none */
	size_t len;
};

struct frame {
	unsigned command;
	unsigned index;
	struct unit units[UNITS];
	const uint8_t *covered; /* by the signature */
	size_t covered_len;
};

struct store {
	struct cinterion *c;
	struct fifo in;
	bool too_many, whole;
	struct timer timer;
};

static const char *const says_ok = "SECURE CMD END OK", *const says_error = "SECURE CMD ERROR",
		  *const says_length = "SECURE CMD LENGTH ERROR", *const says_corrupted = "SECURE CMD PUBLIC CERTIFICATE IS CORRUPTED",
		  *const says_removed = "SECURE CMD PRIVATE KEY WAS REMOVED", *const says_timeout = "SECURE CMD SERVICE TIMEOUT ERROR";

static const char *
says_too_many(const struct cinterion *c)
{
	return c->traits->wm01 ? "SECURE CMD TO MANY DATA ERROR" : "SECURE CMD TOO MANY DATA ERROR";
}

/* The slots. */

static const char *
slot_name(unsigned index)
{
	static char name[16];

	snprintf(name, sizeof(name), "cert%u", index);
	return name;
}

static const struct flash_item *
slot_get(const struct cinterion *c, unsigned index)
{
	return flash_get(c->m->flash, slot_name(index));
}

static X509 *
read_cert(const uint8_t *der, size_t len)
{
	const uint8_t *at = der;
	X509 *cert = d2i_X509(NULL, &at, (long)len);

	ERR_clear_error();
	if (cert && at == der + len)
		return cert;
	X509_free(cert);
	return NULL;
}

/* ^SBNR. */

/* As output strings have it. */
static const char *
quoted(char *dst, size_t size, const char *text)
{
	*dst = '\0';
	for (; *text; text++)
		str_add(dst, size, *text == '"' ? "\\22" : *text == '\\' ? "\\5C" : "%c", *text);
	return dst;
}

static void
list_slot(struct cinterion *c, unsigned index)
{
	const struct flash_item *it = slot_get(c, index);
	X509 *cert = it ? read_cert(it->bytes, it->len) : NULL;
	const char *gap = cinterion_gap(c);
	char issuer[1100], subject[1100];
	struct far_leaf leaf = { "" };

	if (cert)
		far_leaf_read(&leaf, cert);
	cinterion_info(c,
		       "^SBNR: %u,%ssize: \"%zu\",%sissuer: \"%s\",%sserial number: \"%s\",%ssubject: \"%s\",%ssignature: \"%s\","
		       "%sthumbprint algorithm: \"%s\",%sthumbprint: \"%s\"",
		       index, gap, it ? it->len : 0, gap, quoted(issuer, sizeof(issuer), leaf.issuer), gap, leaf.serial, gap,
		       quoted(subject, sizeof(subject), leaf.subject), gap, leaf.signature, gap, cert ? "sha1" : "", gap,
		       leaf.thumbprint);
	X509_free(cert);
}

static int
sbnr_set(struct cinterion *c, const struct at_args *a)
{
	if (a->n != 1 || !cinterion_word(at_str(a, 0), "is_cert"))
		return CME_PARAMETERS;
	for (unsigned i = 0; i < CINTERION_SLOTS; i++) {
		if (i && c->m->opts.has & SIM_LISTS_APART) /* */
			cinterion_info(c, "%s", "");
		list_slot(c, i);
	}
	return C_OK;
}

/* Numbers of a frame. */

static unsigned
get16(const struct cinterion *c, const uint8_t *p)
{
	return c->m->opts.has & SIM_LITTLE_ENDIAN ? (unsigned)(p[1] << 8 | p[0]) : (unsigned)(p[0] << 8 | p[1]); /* */
}

static void
put16(const struct cinterion *c, struct fifo *to, size_t v)
{
	uint8_t big[2] = { (uint8_t)(v >> 8), (uint8_t)v }, little[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	fifo_put(to, c->m->opts.has & SIM_LITTLE_ENDIAN ? little : big, 2);
}

/* 1, 2 or 4 bytes. */
static bool
get_index(const struct cinterion *c, const struct unit *u, unsigned *ret)
{
	bool little = c->m->opts.has & SIM_LITTLE_ENDIAN;
	unsigned v = 0;

	if (u->len != 1 && u->len != 2 && u->len != 4)
		return false;
	for (size_t i = 0; i < u->len; i++)
		v = v << 8 | u->data[little ? u->len - 1 - i : i];
	*ret = v;
	return v < CINTERION_SLOTS;
}

/* NULL, or what is wrong with it. */
static const char *
parse(const struct cinterion *c, const uint8_t *bytes, size_t len, struct frame *f)
{
	unsigned params = get16(c, bytes + 4), n = 0, id = 0;
	bool strange = false;
	size_t at = FRAME_MIN;

	memset(f, 0, sizeof(*f));
	f->command = get16(c, bytes + 2);
	f->covered = bytes + 2;
	while (at < len) {
		size_t unit = len - at >= 4 ? get16(c, bytes + at) : 0;

		if (unit < 4 || unit > len - at)
			return says_length;
		if (id == UNIT_SIGNATURE) /* nothing may follow it */
			strange = true;
		id = get16(c, bytes + at + 2);
		if (!id || id >= UNITS || f->units[id].data)
			strange = true;
		else
			f->units[id] = (struct unit){ bytes + at + 4, unit - 4 };
		if (id == UNIT_SIGNATURE)
			f->covered_len = at - 2;
		at += unit;
		n++;
	}
	if (n != params)
		return says_length;
	return strange ? says_error : NULL;
}

/* Who may. */

static EVP_PKEY *
master_key(const struct cinterion *c, const X509 *fresh)
{
	const struct flash_item *it = slot_get(c, 0);
	X509 *cert = it ? read_cert(it->bytes, it->len) : NULL;
	EVP_PKEY *key = cert ? X509_get_pubkey(cert) : fresh ? X509_get_pubkey((X509 *)fresh) : NULL; /* */

	X509_free(cert);
	return key;
}

/* the standard alphabet with padding, without line breaks; its NUL ends the unit. */
static int
decode_signature(const struct unit *u, uint8_t *dst, size_t size)
{
	char again[1024];
	size_t len = u->len - 1;
	int n;

	if (!u->len || u->data[len] || !len || len % 4 || len / 4 * 3 > size || len >= sizeof(again))
		return -1;
	n = EVP_DecodeBlock(dst, u->data, (int)len);
	if (n < 0)
		return -1;
	n -= u->data[len - 1] == '=';
	n -= u->data[len - 2] == '=';
	return EVP_EncodeBlock((uint8_t *)again, dst, n) == (int)len && !memcmp(again, u->data, len) ? n : -1;
}

/* */
static bool
is_signed(const struct frame *f, EVP_PKEY *key)
{
	uint8_t signature[768];
	int len = decode_signature(&f->units[UNIT_SIGNATURE], signature, sizeof(signature));
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA && len > 0 &&
		    EVP_DigestVerifyInit(ctx, NULL, EVP_sha1(), NULL, key) == 1 &&
		    EVP_DigestVerify(ctx, signature, (size_t)len, f->covered, f->covered_len) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

/* The right units, this module, a slot that exists. */
static bool
is_complete(const struct cinterion *c, struct frame *f)
{
	const struct unit *u = f->units;
	bool write = f->command == CMD_WRITE;

	if (f->command < CMD_WRITE || f->command > CMD_DELETE || !u[UNIT_INDEX].data || !u[UNIT_IMEI].data || !u[UNIT_SIGNATURE].data)
		return false;
	if (!get_index(c, &u[UNIT_INDEX], &f->index))
		return false;
	if (write != (u[UNIT_CERT].data != NULL) || (u[UNIT_KEY].data && (!write || f->index)))
		return false;
	return u[UNIT_IMEI].len == IMEI_SIZE && !memcmp(u[UNIT_IMEI].data, CINTERION_IMEI, IMEI_SIZE);
}

/* What they do. */

/* PKCS#8 without a password, or PKCS#1; it has to be the certificate's. */
static bool
key_fits(const struct unit *u, X509 *cert)
{
	const uint8_t *at = u->data;
	EVP_PKEY *key = u->len <= KEY_MAX ? d2i_AutoPrivateKey(NULL, &at, (long)u->len) : NULL;
	bool fits = key && at == u->data + u->len && X509_check_private_key(cert, key) == 1;

	EVP_PKEY_free(key);
	ERR_clear_error();
	return fits;
}

static const char *
write_slot(struct cinterion *c, const struct frame *f)
{
	const struct unit *cert = &f->units[UNIT_CERT], *key = &f->units[UNIT_KEY];
	bool had_key = flash_get(c->m->flash, "key0") != NULL;

	if (c->m->faults.full_flash)
		return says_error;
	c->m->counters.slot_writes++;
	flash_put(c->m->flash, slot_name(f->index), cert->data, cert->len);
	module_log(c->m, "* certificate %u stored, %zu bytes", f->index, cert->len);
	if (key->data)
		flash_put(c->m->flash, "key0", key->data, key->len);
	if (f->index || key->data || !had_key)
		return says_ok;
	flash_delete(c->m->flash, "key0");
	return says_removed;
}

static const char *
do_write(struct cinterion *c, const struct frame *f)
{
	const struct unit *u = &f->units[UNIT_CERT];
	X509 *cert = u->len <= CERT_MAX ? read_cert(u->data, u->len) : NULL;
	EVP_PKEY *key = master_key(c, f->index ? NULL : cert);
	const char *says;

	if (!cert)
		says = says_corrupted;
	else if (!is_signed(f, key) || (f->units[UNIT_KEY].data && !key_fits(&f->units[UNIT_KEY], cert)))
		says = says_error;
	else
		says = write_slot(c, f);
	X509_free(cert);
	EVP_PKEY_free(key);
	return says;
}

static void
put_unit(const struct cinterion *c, struct fifo *to, unsigned id, const void *bytes, size_t len)
{
	put16(c, to, 4 + len);
	put16(c, to, id);
	fifo_put(to, bytes, len);
}

/* its signature is one of nothing. */
static void
send_slot(struct cinterion *c, unsigned index, const struct flash_item *it)
{
	uint8_t zero[READ_SIGNATURE] = { 0 }, text[READ_SIGNATURE * 4 / 3 + 4], number = (uint8_t)index;
	int len = EVP_EncodeBlock(text, zero, sizeof(zero));
	struct fifo out = { 0 };

	put16(c, &out, FRAME_MIN + 4 + 1 + 4 + it->len + 4 + (size_t)len + 1);
	put16(c, &out, CMD_READ);
	put16(c, &out, 3);
	put_unit(c, &out, UNIT_INDEX, &number, 1);
	put_unit(c, &out, UNIT_CERT, it->bytes, it->len);
	put_unit(c, &out, UNIT_SIGNATURE, text, (size_t)len + 1);
	if (!c->no_answer)
		module_put(c->m, fifo_bytes(&out), out.len);
	fifo_deinit(&out);
}

static const char *
do_read(struct cinterion *c, const struct frame *f)
{
	const struct flash_item *it = slot_get(c, f->index);

	if (!it)
		return says_error;
	send_slot(c, f->index, it);
	return says_ok;
}

static const char *
do_delete(struct cinterion *c, const struct frame *f)
{
	if (!slot_get(c, f->index))
		return says_error;
	for (unsigned i = 1; i < CINTERION_SLOTS && !f->index; i++)
		if (slot_get(c, i))
			return says_error; /* */
	c->m->counters.slot_writes++;
	flash_delete(c->m->flash, slot_name(f->index));
	if (!f->index)
		flash_delete(c->m->flash, "key0");
	module_log(c->m, "* certificate %u deleted", f->index);
	return says_ok;
}

static const char *
execute(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	struct frame f;
	const char *wrong = parse(c, bytes, len, &f);
	EVP_PKEY *key;
	bool may;

	if (wrong)
		return wrong;
	if (!is_complete(c, &f))
		return says_error;
	if (f.command == CMD_WRITE)
		return do_write(c, &f);
	key = master_key(c, NULL);
	may = is_signed(&f, key);
	EVP_PKEY_free(key);
	if (!may)
		return says_error;
	return f.command == CMD_READ ? do_read(c, &f) : do_delete(c, &f);
}

/* ^SBNW. */

static void
answer(struct store *s, const char *says)
{
	struct cinterion *c = s->c;

	timer_stop(c->m->clock, &s->timer);
	fifo_clear(&s->in);
	module_log(c->m, "* %s", says);
	c->m->counters.errors += says != says_ok;
	cinterion_line_out(c, says);
	cinterion_finish(c, c->m->opts.has & SIM_SILENT_STORE ? C_SILENT : C_OK); /* */
}

/* The length in its head, once that is there; 0: not yet. */
static size_t
frame_length(const struct store *s)
{
	return s->in.len < 2 ? 0 : get16(s->c, fifo_bytes(&s->in));
}

static void
frame_run(void *arg)
{
	struct store *s = arg;
	size_t len = frame_length(s);

	if (!s->whole)
		answer(s, says_timeout);
	else if (len < FRAME_MIN || len > FRAME_MAX)
		answer(s, says_length);
	else if (s->too_many)
		answer(s, says_too_many(s->c));
	else
		answer(s, execute(s->c, fifo_bytes(&s->in), len));
}

static size_t
take_frame(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	struct store *s = c->store;
	size_t n = 0, all;

	while (n < len && !s->whole) {
		fifo_put(&s->in, bytes + n++, 1);
		all = frame_length(s);
		s->whole = s->in.len >= 2 && (all < FRAME_MIN || all > FRAME_MAX || s->in.len == all);
		if (s->whole)
			timer_in(c->m->clock, &s->timer, CHECK_MS + cinterion_delay(c));
	}
	s->too_many |= n < len;
	return len;
}

static int
sbnw_set(struct cinterion *c, const struct at_args *a)
{
	struct store *s = c->store;

	if (a->n != 2 || !cinterion_word(at_str(a, 0), "is_cert") || strcmp(at_str(a, 1), "1")) /* */
		return CME_PARAMETERS;
	fifo_clear(&s->in);
	s->whole = s->too_many = false;
	cinterion_line_out(c, "CONNECT");
	if (sim_chance(&c->m->random, c->m->faults.no_prompt))
		c->m->counters.faults++;
	else
		cinterion_line_out(c, "SECURE CMD READY: SEND COMMAND ...");
	timer_in(c->m->clock, &s->timer, FRAME_MS);
	cinterion_payload(c, take_frame);
	return C_LATER;
}

/* Whom a service trusts: what its slots hold; an empty one is none (A-15b). */
void
cinterion_store_trust(struct cinterion *c, const struct serv *s, struct far_params *p)
{
	p->verify = strcmp(s->sec_opt, "-1") != 0;
	p->partial = true;
	for (unsigned i = 1; i < CINTERION_SLOTS && p->n_ca < FAR_CAS; i++) {
		const struct flash_item *it = s->slots[i] ? slot_get(c, i) : NULL;

		if (it)
			p->ca[p->n_ca++] = (struct far_item){ it->bytes, it->len };
	}
}

void
cinterion_store_init(struct cinterion *c)
{
	if (c->store)
		return;
	c->store = xcalloc(1, sizeof(*c->store));
	c->store->c = c;
	timer_init(&c->store->timer, frame_run, c->store);
}

void
cinterion_store_reset(struct cinterion *c)
{
	timer_stop(c->m->clock, &c->store->timer);
	fifo_clear(&c->store->in);
}

void
cinterion_store_deinit(struct cinterion *c)
{
	cinterion_store_reset(c);
	fifo_deinit(&c->store->in);
	free(c->store);
}

const struct cinterion_cmd cinterion_store_cmds[] = {
	{ .name = "^SBNR", .set = sbnr_set },
	{ .name = "^SBNW", .set = sbnw_set },
	{ 0 },
};
