/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/modem-files.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"

static bool
read_secret(const struct modem_conf *mc, const char *key, const char *spec, struct secret **ret, struct mistakes *mistakes)
{
	char why[300];

	if (!spec[0])
		return true;
	if (conf_secret_read(spec, ret, why, sizeof(why)) < 0) {
		mistakes_add(mistakes, "modem", mc->name, "%s: %s", key, why);
		return false;
	}
	secret_chomp(*ret);
	return true;
}

static bool
is_client(const char *slot)
{
	return !strcmp(slot, "client") || !strcmp(slot, "cert");
}

/* In the form that the dialect's store takes; of one that is found by asking in both. */
static void
add_want(struct modem_files *f, const struct modem_conf *mc, const struct slot_conf *slot, struct cert_item *item)
{
	struct modem_want w = { .slot = conf_slot_canonical(mc->dialect, slot->slot), .from = slot->file, .bytes = item->pem, .len = item->pem_len };

	if (item->kind != CERT_KEY) {
		w.sha1 = item->sha1;
		w.der = mc->dialect == CONF_DIALECT_AUTO ? item->der : NULL;
		w.der_len = mc->dialect == CONF_DIALECT_AUTO ? item->der_len : 0;
	}
	if (conf_slots_signed(mc->dialect)) {
		w.bytes = item->der;
		w.len = item->der_len;
	}
	f->items[f->n_wants] = item;
	f->wants[f->n_wants++] = w;
}

static bool
load_item(struct modem_files *f, const struct modem_conf *mc, const struct slot_conf *slot, int64_t now_s, struct mistakes *mistakes)
{
	const char *name = conf_slot_canonical(mc->dialect, slot->slot);
	enum cert_kind kind = conf_slot_is_key(mc->dialect, slot->slot) ? CERT_KEY :
	    strcmp(name, "ca")							     ? CERT_CERTIFICATE :
										       CERT_CA;
	AUTO(secret_free) struct secret *file = NULL;
	struct cert_item *item;
	char why[300];
	int r;

	r = kind == CERT_KEY ? conf_secret_read(slot->file, &file, why, sizeof(why)) :
			       conf_file_read(slot->file, &file, why, sizeof(why));
	if (r == 0)
		r = cert_item_load(file->data, file->len, kind, &item, why, sizeof(why));
	if (r < 0) {
		mistakes_add(mistakes, "modem", mc->name, "certificates: slot %s: %s: %s", slot->slot, slot->file, why);
		return false;
	}
	if (cert_item_odd(item, now_s, why, sizeof(why)))
		log_warning("modem", mc->name, "certificates: slot %s: %s: %s", slot->slot, slot->file, why);
	if (kind != CERT_KEY && (!f->expires_s || item->not_after < f->expires_s))
		f->expires_s = item->not_after;
	add_want(f, mc, slot, item);
	return true;
}

/* The want of a kind; n_wants: none. */
static size_t
want_of(const struct modem_files *f, enum cert_kind kind)
{
	size_t i;

	for (i = 0; i < f->n_wants && f->items[i]->kind != kind; i++)
		;
	return i;
}

/* Where a store takes signed commands, slot client is written before all others. */
static void
client_first(struct modem_files *f)
{
	struct modem_want want;
	struct cert_item *item;
	size_t i;

	for (i = 0; i < f->n_wants && !is_client(f->wants[i].slot); i++)
		;
	if (i == f->n_wants)
		return;
	want = f->wants[i];
	item = f->items[i];
	memmove(&f->wants[1], f->wants, i * sizeof(f->wants[0]));
	memmove(&f->items[1], f->items, i * sizeof(f->items[0]));
	f->wants[0] = want;
	f->items[0] = item;
}

static void
signs_with(struct modem_files *f, const char *key_from)
{
	f->wants[0].signs = true;
	f->wants[0].key_from = key_from;
}

/* Whether the key of slot client, which is want 0, is its certificate's and signs. */
static bool
signer_fits(struct modem_files *f, const struct modem_conf *mc, const struct slot_conf *slot, struct mistakes *mistakes)
{
	uint8_t sig[SLOT_SIGNATURE_MAX];
	char why[300];
	size_t len;
	int r;

	if (cert_items_pair(f->items[0], f->key, why, sizeof(why)) < 0) {
		mistakes_add(mistakes, "modem", mc->name, "certificates: slot %s: %s, %s: %s", slot->slot, slot->file, slot->key_file, why);
		return false;
	}
	r = cert_sign_sha1(f->key, "", 0, sig, sizeof(sig), &len, why, sizeof(why));
	if (r == -ERANGE) {
		mistakes_add(mistakes, "modem", mc->name, "certificates: slot %s: %s: %s", slot->slot, slot->key_file, why);
		return false;
	}
	if (r < 0) /* what is in the slots may be right already */
		log_warning("modem", mc->name, "certificates: slot %s: %s: %s", slot->slot, slot->key_file, why);
	return true;
}

static bool
load_key(struct modem_files *f, const struct modem_conf *mc, const struct slot_conf *slot, struct mistakes *mistakes)
{
	AUTO(secret_free) struct secret *file = NULL;
	char why[300];
	int r = conf_secret_read(slot->key_file, &file, why, sizeof(why));

	if (r == 0)
		r = cert_item_load(file->data, file->len, CERT_KEY, &f->key, why, sizeof(why));
	if (r < 0) {
		mistakes_add(mistakes, "modem", mc->name, "certificates: slot %s: %s: %s", slot->slot, slot->key_file, why);
		return false;
	}
	return true;
}

/* key_file, of slot client; what it is for conf-check.c has asked. */
static bool
load_signer(struct modem_files *f, const struct modem_conf *mc, struct mistakes *mistakes)
{
	const struct slot_conf *slot = NULL;
	size_t i;

	for (i = 0; i < mc->n_certificates; i++)
		if (mc->certificates[i].key_file[0])
			slot = &mc->certificates[i];
	if (!slot)
		return true;
	if (!load_key(f, mc, slot, mistakes) || !signer_fits(f, mc, slot, mistakes))
		return false;
	signs_with(f, slot->key_file);
	if (slot->upload_key) {
		f->wants[0].key = f->key->pkcs8;
		f->wants[0].key_len = f->key->pkcs8_len;
	}
	return true;
}

static bool
pair_fits(struct modem_files *f, const struct modem_conf *mc, struct mistakes *mistakes)
{
	size_t cert = want_of(f, CERT_CERTIFICATE), key = want_of(f, CERT_KEY);
	char why[300];

	if (cert == f->n_wants || key == f->n_wants || !is_client(f->wants[cert].slot))
		return true;
	if (cert_items_pair(f->items[cert], f->items[key], why, sizeof(why)) == 0) {
		if (mc->dialect == CONF_DIALECT_AUTO) /* the module may be one that asks for it */
			signs_with(f, f->wants[key].from);
		return true;
	}
	mistakes_add(mistakes, "modem", mc->name, "certificates: %s, %s: %s", f->wants[cert].from, f->wants[key].from, why);
	return false;
}

bool
modem_files_load(struct modem_files *f, const struct modem_conf *mc, int64_t now_s, struct mistakes *mistakes)
{
	bool fine = true;
	size_t i;

	*f = (struct modem_files){ .dates_seen = now_s != 0 };
	for (i = 0; i < mc->n_certificates && i < DIALECT_SLOTS; i++)
		fine &= load_item(f, mc, &mc->certificates[i], now_s, mistakes);
	if (mc->dialect != CONF_DIALECT_TELIT)
		client_first(f);
	fine = fine && pair_fits(f, mc, mistakes) && load_signer(f, mc, mistakes);
	fine &= read_secret(mc, "pin_file", mc->pin_file, &f->pin, mistakes);
	fine &= read_secret(mc, "pdp.password_file", mc->pdp.password_file, &f->pdp_password, mistakes);
	if (!fine) /* all mistakes were told in one run */
		modem_files_deinit(f);
	return fine;
}

static bool
secrets_same(const struct secret *a, const struct secret *b)
{
	return a == b || (a && b && a->len == b->len && !memcmp(a->data, b->data, a->len));
}

static bool
keys_same(const struct cert_item *a, const struct cert_item *b)
{
	return a == b || (a && b && !memcmp(a->sha256, b->sha256, sizeof(a->sha256)));
}

static bool
wants_same(const struct modem_files *a, const struct modem_files *b)
{
	size_t i;

	for (i = 0; i < a->n_wants && i < b->n_wants; i++) {
		const struct modem_want *x = &a->wants[i], *y = &b->wants[i];

		if (strcmp(x->slot, y->slot) || x->len != y->len || memcmp(x->bytes, y->bytes, x->len) || !x->key != !y->key)
			return false;
	}
	return a->n_wants == b->n_wants && keys_same(a->key, b->key);
}

unsigned
modem_files_diff(const struct modem_files *was, const struct modem_files *is)
{
	unsigned apply = 0;

	if (!secrets_same(was->pin, is->pin) || !secrets_same(was->pdp_password, is->pdp_password))
		apply |= CONF_APPLY_ANEW;
	if (!wants_same(was, is))
		apply |= CONF_APPLY_SLOTS;
	return apply;
}

void
modem_files_keep(struct modem_files *f, struct modem_files *same)
{
	size_t i;

	for (i = 0; i < f->n_wants; i++) {
		f->wants[i].from = same->wants[i].from;
		f->wants[i].key_from = same->wants[i].key_from;
	}
	modem_files_deinit(same);
}

void
modem_files_dates(struct modem_files *f, const struct modem_conf *mc, int64_t now_s)
{
	char why[300], told[300];
	size_t i;

	if (!now_s || f->dates_seen)
		return;
	f->dates_seen = true;
	for (i = 0; i < f->n_wants; i++) {
		cert_item_odd(f->items[i], 0, told, sizeof(told));
		if (cert_item_odd(f->items[i], now_s, why, sizeof(why)) && strcmp(why, told))
			log_warning("modem", mc->name, "certificates: slot %s: %s: %s", f->wants[i].slot, f->wants[i].from, why);
	}
}

const struct cert_item *
modem_files_signer(const struct modem_files *f)
{
	size_t key = want_of(f, CERT_KEY);

	if (f->key || !f->n_wants || !f->wants[0].signs)
		return f->key;
	return f->items[key];
}

bool
modem_files_have_issuer(const struct modem_files *f, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < f->n_wants; i++)
		if (f->items[i]->kind != CERT_KEY && len && strlen(f->items[i]->line) == len && !memcmp(f->items[i]->line, name, len))
			return true;
	return false;
}

void
modem_files_deinit(struct modem_files *f)
{
	size_t i;

	for (i = 0; i < f->n_wants; i++)
		cert_item_free(f->items[i]);
	cert_item_free(f->key);
	secret_free(f->pin);
	secret_free(f->pdp_password);
	*f = (struct modem_files){ 0 };
}
