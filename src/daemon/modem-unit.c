/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/modem-unit.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/tally.h"
#include "base/xalloc.h"
#include "cert/store.h"
#include "daemon/modem-tty.h"
#include "daemon/time-file.h"

struct modem_unit {
	const struct modem_conf *conf;
	struct loop *loop;
	struct modem_tty *tty;
	struct modem *modem;
	struct store *store;
	struct trace *trace;
	struct tally tally;
	struct modem_files files;
	enum conf_clock clock;
	struct time_file *time_file; /* NULL before the start */
	enum { HELD, RELEASING, RELEASED } hold; /* of the tty */
	struct timer limit; /* of RELEASING */
	void (*changed)(struct modem_unit *, void *arg);
	void *arg;
};

/* ---- the host's memory for the core ---- */

#define CLIENT_KEY "client-key" /* in the record: the key that went with slot client */

static bool
is_recorded(struct modem_unit *u, const char *slot, size_t size, const struct cert_item *item)
{
	const struct store_slot *known = store_slot(u->store, slot);

	return known && known->size == size && !memcmp(known->sha256, item->sha256, sizeof(known->sha256));
}

static bool
slot_recorded(void *arg, size_t want)
{
	struct modem_unit *u = arg;
	const struct modem_want *w = &u->files.wants[want];

	store_module(u->store, modem_module(u->modem)->imei);
	return is_recorded(u, w->slot, w->len, u->files.items[want]) && (!w->key || is_recorded(u, CLIENT_KEY, w->key_len, u->files.key));
}

static bool
slot_same(void *arg, size_t want, const char *text, size_t len)
{
	struct modem_unit *u = arg;

	return cert_item_same(u->files.items[want], text, len);
}

/* NULL: what the slot holds is not known. */
static void
record(struct modem_unit *u, const char *name, size_t size, const struct cert_item *item)
{
	struct store_slot slot = { .size = (uint32_t)size, .written_s = loop_clock(u->loop)->wall_s };
	int r;

	str_copy(slot.slot, sizeof(slot.slot), name);
	if (item)
		memcpy(slot.sha256, item->sha256, sizeof(slot.sha256));
	if (!item)
		r = store_forget(u->store, name);
	else if (is_recorded(u, name, size, item))
		r = 0;
	else
		r = store_remember(u->store, &slot);
	if (r < 0)
		tally_log(&u->tally, loop_clock(u->loop)->now_ms, LOG_WARNING, "modem", u->conf->name,
		    "slot %s: what was written cannot be remembered in state_directory: %s", name, strerror(-r));
}

static void
slot_record(void *arg, size_t want, bool as_wanted)
{
	struct modem_unit *u = arg;
	const struct modem_want *w = &u->files.wants[want];

	store_module(u->store, modem_module(u->modem)->imei);
	record(u, w->slot, w->len, as_wanted ? u->files.items[want] : NULL);
	if (as_wanted ? w->key != NULL : w->signs) /* a certificate that is written drops the key that is there */
		record(u, CLIENT_KEY, w->key_len, as_wanted ? u->files.key : NULL);
}

static int
slot_sign(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	struct modem_unit *u = arg;
	const struct cert_item *key = modem_files_signer(&u->files);
	char why[300];
	int r;

	if (!key)
		return -ENOKEY;
	r = cert_sign_sha1(key, bytes, len, sig, SLOT_SIGNATURE_MAX, ret_len, why, sizeof(why));
	if (r < 0)
		tally_log(&u->tally, loop_clock(u->loop)->now_ms, LOG_ERROR, "modem", u->conf->name, "key_file: %s", why);
	return r;
}

static bool
is_issuer(void *arg, const char *name, size_t len)
{
	return modem_files_have_issuer(&((struct modem_unit *)arg)->files, name, len);
}

static bool
pin_try(void *arg, const char *sim)
{
	struct modem_unit *u = arg;
	int r = store_pin_try(u->store, sim, (const char *)u->files.pin->data);

	if (r < 0 && r != -EKEYREJECTED)
		tally_log(&u->tally, loop_clock(u->loop)->now_ms, LOG_ERROR, "modem", u->conf->name,
		    "the PIN is not tried, since state_directory cannot be written: %s", strerror(-r));
	return r == 0;
}

static void
pin_tried(void *arg, const char *sim, bool accepted)
{
	struct modem_unit *u = arg;

	if (accepted)
		store_pin_accepted(u->store, sim);
}

static void
reopen(void *arg)
{
	modem_tty_reopen(((struct modem_unit *)arg)->tty);
}

/* All is down, or its time is over. */
static void
let_go(struct modem_unit *u)
{
	timer_stop(loop_clock(u->loop), &u->limit);
	modem_tty_stop(u->tty);
	modem_released(u->modem);
	u->hold = RELEASED;
	log_notice("modem", u->conf->name, "released: %s is closed", u->conf->device);
}

static void
limit(void *arg)
{
	struct modem_unit *u = arg;

	log_warning("modem", u->conf->name, "did not close down within %d s: it is left as it is", STOP_MS / 1000);
	let_go(u);
}

static void
modem_changed(void *arg)
{
	struct modem_unit *u = arg;

	if (u->hold == RELEASING && modem_stopped(u->modem))
		let_go(u);
	modem_files_dates(&u->files, u->conf, modem_believed_time(u->modem));
	if (u->time_file)
		time_file_update(u->time_file, u->modem);
	u->changed(u, u->arg);
}

static void
holder_known(void *arg)
{
	struct modem_unit *u = arg;

	u->changed(u, u->arg);
}

/* ---- the conversation, for people ---- */

static void
traced(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	struct modem_unit *u = arg;
	char text[400];

	if (u->trace)
		trace_bytes(u->trace, kind, bytes, len);
	if (log_level < LOG_DEBUG)
		return;
	if (kind == AT_TRACE_OUT || kind == AT_TRACE_IN)
		log_debug("modem", u->conf->name, "%c %s", kind == AT_TRACE_OUT ? '>' : '<',
		    str_escape(text, sizeof(text), bytes, len));
	else
		log_debug("modem", u->conf->name, "%c {%zu bytes}",
		    kind == AT_TRACE_OUT_PAYLOAD || kind == AT_TRACE_OUT_SECRET ? '>' : '<', len);
}

static void
noted(void *arg, const char *text)
{
	struct modem_unit *u = arg;

	if (u->trace)
		trace_note(u->trace, text);
}

static const struct modem_host host = {
	.slot_recorded = slot_recorded,
	.slot_same = slot_same,
	.slot_record = slot_record,
	.slot_sign = slot_sign,
	.is_issuer = is_issuer,
	.pin_try = pin_try,
	.pin_tried = pin_tried,
	.reopen = reopen,
	.changed = modem_changed,
	.trace = traced,
	.note = noted,
};

/* ---- life ---- */

static struct modem_params
params(struct modem_unit *u)
{
	const struct modem_files *f = &u->files;

	return (struct modem_params){
		.conf = u->conf,
		.pin = f->pin ? (const char *)f->pin->data : NULL,
		.pdp_password = f->pdp_password ? (const char *)f->pdp_password->data : NULL,
		.wants = f->wants,
		.n_wants = f->n_wants,
		.clock = u->clock,
		.host = &host,
		.host_arg = u,
	};
}

static void
take_files(struct modem_unit *u, struct modem_files *files)
{
	u->files = *files;
	*files = (struct modem_files){ 0 };
}

struct modem_unit *
modem_unit_new(struct loop *loop, struct bus *bus, const struct conf *conf, const struct modem_conf *mc, struct modem_files *files,
    struct trace *trace, void (*changed)(struct modem_unit *, void *arg), void *arg)
{
	struct modem_unit *u = xcalloc(1, sizeof(*u));
	struct modem_params p;

	u->conf = mc;
	u->loop = loop;
	u->trace = trace;
	u->changed = changed;
	u->arg = arg;
	take_files(u, files);
	u->clock = conf->clock;
	u->tty = modem_tty_new(loop, mc, bus, holder_known, u);
	timer_init(&u->limit, limit, u);
	p = params(u);
	u->modem = modem_new(loop_clock(loop), modem_tty_wire(u->tty), &p);
	return u;
}

void
modem_unit_start(struct modem_unit *u, const struct conf *conf, bool released)
{
	u->store = store_open(conf->state_directory, u->conf->name);
	u->time_file = time_file_new(conf->runtime_directory, u->conf->name);
	if (released) {
		u->hold = RELEASED;
		modem_released(u->modem);
	} else {
		modem_tty_start(u->tty, u->modem);
	}
}

void
modem_unit_stop(struct modem_unit *u)
{
	if (u->hold == HELD)
		modem_stop(u->modem);
}

bool
modem_unit_stopped(const struct modem_unit *u)
{
	return u->hold == RELEASED || modem_stopped(u->modem);
}

void
modem_unit_release(struct modem_unit *u)
{
	if (u->hold != HELD)
		return;
	log_info("modem", u->conf->name, "is to be released: closing down");
	u->hold = RELEASING;
	timer_in(loop_clock(u->loop), &u->limit, STOP_MS);
	modem_stop(u->modem);
}

int
modem_unit_acquire(struct modem_unit *u)
{
	if (u->hold != RELEASED)
		return 0;
	log_notice("modem", u->conf->name, "acquired again");
	u->hold = HELD;
	return modem_tty_start(u->tty, u->modem);
}

bool
modem_unit_releasing(const struct modem_unit *u)
{
	return u->hold == RELEASING;
}

bool
modem_unit_released(const struct modem_unit *u)
{
	return u->hold == RELEASED;
}

void
modem_unit_diff(const struct modem_unit *u, const struct modem_conf *mc, const struct modem_files *files, struct conf_diff *ret_diff)
{
	unsigned apply = modem_files_diff(&u->files, files);

	conf_modem_diff(u->conf, mc, ret_diff);
	if (apply & CONF_APPLY_ANEW && !(ret_diff->apply & CONF_APPLY_ANEW))
		str_add(ret_diff->keys, sizeof(ret_diff->keys), "%sa file with the PIN or the password", ret_diff->keys[0] ? ", " : "");
	if (apply & CONF_APPLY_SLOTS && !(ret_diff->apply & CONF_APPLY_SLOTS))
		str_add(ret_diff->keys, sizeof(ret_diff->keys), "%sa file of certificates", ret_diff->keys[0] ? ", " : "");
	ret_diff->apply |= apply;
}

void
modem_unit_set(struct modem_unit *u, const struct conf *conf, const struct modem_conf *mc, struct modem_files *files)
{
	struct modem_files was = { 0 };
	struct modem_params p;
	bool other_wants = modem_files_diff(&u->files, files) & CONF_APPLY_SLOTS;

	u->conf = mc;
	modem_tty_set(u->tty, mc);
	time_file_set(u->time_file, conf->runtime_directory, mc->name);
	time_file_update(u->time_file, u->modem);
	if (other_wants) {
		was = u->files;
		take_files(u, files);
	} else { /* a certificate or the PIN may be on its way to the module */
		modem_files_keep(&u->files, files);
	}
	p = params(u);
	modem_set_params(u->modem, &p, other_wants);
	modem_files_deinit(&was);
}

const char *
modem_unit_name(const struct modem_unit *u)
{
	return u->conf->name;
}

const struct modem_conf *
modem_unit_conf(const struct modem_unit *u)
{
	return u->conf;
}

const char *
modem_unit_tty_error(const struct modem_unit *u)
{
	return modem_tty_error(u->tty);
}

bool
modem_unit_tty_asks(const struct modem_unit *u)
{
	return modem_tty_asks(u->tty);
}

int64_t
modem_unit_expires(const struct modem_unit *u)
{
	return u->files.expires_s;
}

struct modem *
modem_unit_modem(struct modem_unit *u)
{
	return u->modem;
}

void
modem_unit_free(struct modem_unit *u)
{
	if (!u)
		return;
	timer_stop(loop_clock(u->loop), &u->limit);
	modem_free(u->modem);
	modem_tty_free(u->tty);
	store_close(u->store);
	time_file_free(u->time_file);
	modem_files_deinit(&u->files);
	free(u);
}
