/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/modem-files.h"

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
	f->items[f->n_wants] = item;
	f->wants[f->n_wants++] = (struct modem_want){ .slot = name, .from = slot->file, .bytes = item->pem, .len = item->pem_len };
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

static bool
pair_fits(const struct modem_files *f, const struct modem_conf *mc, struct mistakes *mistakes)
{
	size_t cert = want_of(f, CERT_CERTIFICATE), key = want_of(f, CERT_KEY);
	char why[300];

	if (cert == f->n_wants || key == f->n_wants || cert_items_pair(f->items[cert], f->items[key], why, sizeof(why)) == 0)
		return true;
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
	fine = fine && pair_fits(f, mc, mistakes);
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
wants_same(const struct modem_files *a, const struct modem_files *b)
{
	size_t i;

	for (i = 0; i < a->n_wants && i < b->n_wants; i++) {
		const struct modem_want *x = &a->wants[i], *y = &b->wants[i];

		if (strcmp(x->slot, y->slot) || x->len != y->len || memcmp(x->bytes, y->bytes, x->len))
			return false;
	}
	return a->n_wants == b->n_wants;
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

	for (i = 0; i < f->n_wants; i++)
		f->wants[i].from = same->wants[i].from;
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

void
modem_files_deinit(struct modem_files *f)
{
	size_t i;

	for (i = 0; i < f->n_wants; i++)
		cert_item_free(f->items[i]);
	secret_free(f->pin);
	secret_free(f->pdp_password);
	*f = (struct modem_files){ 0 };
}
