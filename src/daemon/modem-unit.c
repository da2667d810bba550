/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/modem-unit.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cert/store.h"
#include "daemon/modem-files.h"
#include "daemon/modem-tty.h"
#include "daemon/time-file.h"

struct modem_unit {
	const struct modem_conf *conf;
	struct loop *loop;
	struct modem_tty *tty;
	struct modem *modem;
	struct store *store;
	struct trace *trace;
	struct modem_files files;
	struct time_file *time_file;
	void (*changed)(struct modem_unit *, void *arg);
	void *arg;
};

/* ---- the host's memory for the core ---- */

static bool
slot_recorded(void *arg, size_t want)
{
	struct modem_unit *u = arg;
	const struct store_slot *known;

	store_module(u->store, modem_module(u->modem)->imei);
	known = store_slot(u->store, u->files.wants[want].slot);
	return known && known->size == u->files.wants[want].len && !memcmp(known->sha256, u->files.items[want]->sha256, sizeof(known->sha256));
}

static bool
slot_same(void *arg, size_t want, const char *text, size_t len)
{
	struct modem_unit *u = arg;

	return cert_item_same(u->files.items[want], text, len);
}

static void
slot_record(void *arg, size_t want, bool as_wanted)
{
	struct modem_unit *u = arg;
	struct store_slot slot = { .size = (uint32_t)u->files.wants[want].len, .written_s = loop_clock(u->loop)->wall_s };
	int r;

	store_module(u->store, modem_module(u->modem)->imei);
	str_copy(slot.slot, sizeof(slot.slot), u->files.wants[want].slot);
	memcpy(slot.sha256, u->files.items[want]->sha256, sizeof(slot.sha256));
	if (!as_wanted)
		r = store_forget(u->store, slot.slot);
	else if (slot_recorded(u, want))
		r = 0;
	else
		r = store_remember(u->store, &slot);
	if (r < 0)
		log_warning("modem", u->conf->name, "slot %s: what was written cannot be remembered in state_directory: %s",
		    slot.slot, strerror(-r));
}

static bool
pin_try(void *arg, const char *sim)
{
	struct modem_unit *u = arg;
	int r = store_pin_try(u->store, sim, (const char *)u->files.pin->data);

	if (r < 0 && r != -EKEYREJECTED)
		log_error("modem", u->conf->name, "the PIN is not tried, since state_directory cannot be written: %s", strerror(-r));
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

static void
modem_changed(void *arg)
{
	struct modem_unit *u = arg;

	modem_files_dates(&u->files, u->conf, modem_believed_time(u->modem));
	time_file_update(u->time_file, u->modem);
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
	.pin_try = pin_try,
	.pin_tried = pin_tried,
	.reopen = reopen,
	.changed = modem_changed,
	.trace = traced,
	.note = noted,
};

/* ---- life ---- */

struct modem_unit *
modem_unit_new(struct loop *loop, const struct conf *conf, const struct modem_conf *mc, struct trace *trace,
    void (*changed)(struct modem_unit *, void *arg), void *arg)
{
	struct modem_unit *u = xcalloc(1, sizeof(*u));
	struct modem_files *f = &u->files;
	struct modem_params params = { .conf = mc, .wants = f->wants, .clock = conf->clock, .host = &host, .host_arg = u };

	u->conf = mc;
	u->loop = loop;
	u->trace = trace;
	u->changed = changed;
	u->arg = arg;
	if (!modem_files_load(f, mc, conf->clock == CONF_CLOCK_HOST ? clock_host_time(loop_clock(loop)) : 0)) {
		modem_unit_free(u);
		return NULL;
	}
	u->time_file = time_file_new(conf->runtime_directory, mc->name);
	u->store = store_open(conf->state_directory, mc->name);
	u->tty = modem_tty_new(loop, mc);
	params.n_wants = f->n_wants;
	params.pin = f->pin ? (const char *)f->pin->data : NULL;
	params.pdp_password = f->pdp_password ? (const char *)f->pdp_password->data : NULL;
	u->modem = modem_new(loop_clock(loop), modem_tty_wire(u->tty), &params);
	return u;
}

void
modem_unit_start(struct modem_unit *u)
{
	modem_tty_start(u->tty, u->modem);
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
	modem_free(u->modem);
	modem_tty_free(u->tty);
	store_close(u->store);
	time_file_free(u->time_file);
	modem_files_deinit(&u->files);
	free(u);
}
