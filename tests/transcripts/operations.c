/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operations.c - "@ open host=..." to a job of the driver, and what comes out of it by name
 */
#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dialect/3gpp.h"
#include "dialect/dialects.h"

const char *
errno_name(int result)
{
	static const struct {
		int result;
		const char *name;
	} names[] = {
		{ 0, "0" }, { -EREMOTEIO, "-EREMOTEIO" }, { -ENOTCONN, "-ENOTCONN" }, { -EISCONN, "-EISCONN" }, { -EBADMSG, "-EBADMSG" },
		{ -ETIMEDOUT, "-ETIMEDOUT" }, { -EAGAIN, "-EAGAIN" }, { -EINVAL, "-EINVAL" }, { -EMSGSIZE, "-EMSGSIZE" },
		{ -ECANCELED, "-ECANCELED" }, { -ENOKEY, "-ENOKEY" }, { -EBUSY, "-EBUSY" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].result == result)
			return names[i].name;
	return "?";
}

/* ---- operations; the names of src/modem's notes are known too ---- */

enum op_kind { OP_MODEM, OP_SOCK, OP_SLOT };

static const struct {
	const char *name, *noted;
	enum op_kind kind;
	size_t script;		      /* in struct dialect, or */
	const struct at_step *common; /* of all dialects */
} operations[] = {
#define OF(member) offsetof(struct dialect, member), NULL
	{ "wake", "waking", OP_MODEM, 0, gpp_wake },
	{ "identify", "identifying", OP_MODEM, 0, gpp_identify },
	{ "setup", "setup", OP_MODEM, OF(setup) },
	{ "sim", "sim", OP_MODEM, OF(sim) },
	{ "sim_unlock", "unlocking", OP_MODEM, OF(sim_unlock) },
	{ "registration", "registering", OP_MODEM, OF(registration) },
	{ "attach", "attaching", OP_MODEM, OF(attach) },
	{ "context_up", "context", OP_MODEM, OF(context_up) },
	{ "context_down", "context_down", OP_MODEM, OF(context_down) },
	{ "detach", "detach", OP_MODEM, OF(detach) },
	{ "soft_reset", "soft_reset", OP_MODEM, OF(soft_reset) },
	{ "hard_reset", "hard_reset", OP_MODEM, OF(hard_reset) },
	{ "set_rate", "rate", OP_MODEM, OF(set_rate) },
	{ "look", "look", OP_MODEM, OF(look) },
	{ "network_time", "network time", OP_MODEM, OF(network_time) },
	{ "set_clock", "clock", OP_MODEM, OF(set_clock) },
	{ "tls_up", "tls", OP_MODEM, OF(tls_up) },
	{ "open", "open", OP_SOCK, OF(open) },
	{ "send", "send", OP_SOCK, OF(send) },
	{ "send_end", "end", OP_SOCK, OF(send_end) },
	{ "receive", "receive", OP_SOCK, OF(receive) },
	{ "status", "status", OP_SOCK, OF(status) },
	{ "suspend", "suspend", OP_SOCK, OF(suspend) },
	{ "check", "check", OP_SOCK, OF(check) },
	{ "resume", "resume", OP_SOCK, OF(resume) },
	{ "close", "close", OP_SOCK, OF(close) },
	{ "slot_list", "list", OP_SLOT, OF(slot_list) },
	{ "slot_read", "read", OP_SLOT, OF(slot_read) },
	{ "slot_write", "write", OP_SLOT, OF(slot_write) },
	{ "slot_delete", "delete", OP_SLOT, OF(slot_delete) },
#undef OF
};

static void
set_rules(struct replay *r)
{
	const struct dialect *d = r->dialect;
	struct at_rules rules = {
		.urcs = d->urcs,
		.command_max = d->command_max,
		.gap_ms = d->gap_ms,
		.guard_ms = r->mod.guard_ms,
		.escape = r->mod.escape,
		.data_end = d->data_end,
		.etx = d->etx,
		.dtr = d->dtr,
	};

	at_set_rules(r->at, &rules);
}

/* One replay at a time: done() knows of it only by the operation's struct. */
static struct replay *current;

static void
done(int result, void *op)
{
	(void)op;
	current->running = false;
	current->result = result;
	if (!result)
		set_rules(current); /* setup may have learnt the escape */
}

static void
text(const struct tline *l, const char *key, char *dst, size_t size, const char *preset)
{
	const char *value = tline_value(l, key);

	str_copy(dst, size, value ? value : preset);
}

/* Whether one of the names in "1+client". */
static bool
is_listed(const char *list, const char *name)
{
	size_t n;

	for (; *list; list += n + (list[n] == '+')) {
		n = strcspn(list, "+");
		if (n == strlen(name) && !strncmp(list, name, n))
			return true;
	}
	return false;
}

/* "@ module": what is known of it before the operation. */
static bool
set_module(struct replay *r)
{
	const struct tline *l = r->line;
	struct module *m = &r->mod;
	const char *stored = tline_value(l, "stored");
	size_t i;

	*m = (struct module){ .guard_ms = (uint32_t)tline_number(l, "guard", 1000), .escape = '+' };
	text(l, "model", m->model, sizeof(m->model), "GE910-QUAD");
	text(l, "imei", m->imei, sizeof(m->imei), "004401080551530");
	text(l, "revision", m->revision, sizeof(m->revision), "13.00.003");
	m->counted_send = tline_number(l, "counted", 0);
	m->ring = tline_number(l, "ring", 0);
	m->resumption = tline_number(l, "resumption", 0);
	m->attached = tline_number(l, "attached", 0);
	m->clock_set = tline_number(l, "clock", 0);
	r->dialect = dialect_named(tline_value(l, "dialect") ? tline_value(l, "dialect") : "telit");
	if (!r->dialect)
		return false;
	m->family = dialect_family(r->dialect, m);
	for (i = 0; stored && r->dialect->slots[i].name; i++)
		m->stored[i] = is_listed(stored, r->dialect->slots[i].name);
	set_rules(r);
	return m->family != NULL;
}

static void
sock_rx(void *arg, const void *bytes, size_t len)
{
	struct replay *r = arg;

	buf_put(&r->data, bytes, len);
}

static void
slot_rx(void *arg, const char *line)
{
	struct replay *r = arg;

	str_add(r->lines, sizeof(r->lines), "%s%s", r->n_lines++ ? "|" : "", line);
}

static void
set_modem_op(struct replay *r)
{
	const struct tline *l = r->line;

	text(l, "apn", r->apn, sizeof(r->apn), "ibox.tim.it");
	text(l, "user", r->user, sizeof(r->user), "");
	text(l, "password", r->password, sizeof(r->password), "");
	text(l, "pin", r->pin, sizeof(r->pin), "");
	r->modem = (struct modem_op){
		.mod = &r->mod,
		.pin = r->pin[0] ? r->pin : NULL,
		.cid = (unsigned)tline_number(l, "cid", 1),
		.apn = r->apn,
		.pdp_type = "IP",
		.user = r->user,
		.password = r->password,
		.auth = (int)tline_number(l, "auth", -1),
		.baud = (unsigned)tline_number(l, "baud", 0),
		.rtscts = tline_number(l, "rtscts", 1),
		.wall_s = tline_number(l, "wall", 0),
	};
}

/* "ca=1,2": the module's numbers. */
static unsigned
ca_list(const struct tline *l, int *dst)
{
	const char *p = tline_value(l, "ca");
	unsigned n = 0;

	for (; p && *p; p += strcspn(p, ","), p += *p == ',')
		dst[n++] = (int)strtol(p, NULL, 10);
	return n;
}

static void
set_sock_op(struct replay *r)
{
	const struct tline *l = r->line;

	text(l, "host", r->host, sizeof(r->host), "123.124.125.126");
	r->payload_len = (size_t)tline_number(l, "tx", 0);
	filler(r->payload, r->payload_len, 0);
	r->sock = (struct sock_op){
		.mod = &r->mod,
		.sock = (int)tline_number(l, "id", 0),
		.host = r->host,
		.port = (unsigned)tline_number(l, "port", 443),
		.verify = (enum tls_verify)tline_number(l, "verify", TLS_VERIFY_NONE),
		.suite = (int)tline_number(l, "suite", 3),
		.online = tline_number(l, "online", 0),
		.keep = tline_number(l, "keep", 0),
		.fast = tline_number(l, "fast", 0),
		.timeout_ms = (uint32_t)tline_number(l, "timeout", 75000),
		.cid = 1,
		.tx = r->payload,
		.tx_len = r->payload_len,
		.rx_max = (size_t)tline_number(l, "max", 1000),
		.rx = sock_rx,
		.rx_arg = r,
		.suite_used = -1,
	};
	r->sock.n_ca = ca_list(l, r->sock.ca);
}

/* A signature of so many zero bytes. */
static int
sign_zero(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	const struct replay *r = arg;

	(void)bytes;
	*ret_len = r->sign_len;
	memset(sig, 0, *ret_len);
	return len ? 0 : -EINVAL;
}

/* "@ slot_write slot=ca len=1159", and of a trace "@ write ca 1159". */
static bool
set_slot_op(struct replay *r)
{
	const struct tline *l = r->line;
	const char *name = tline_value(l, "slot");
	const struct dialect_slot *s;

	if (!name)
		name = l->n_words > 1 ? l->words[1] : r->dialect->slots[0].name;
	r->payload_len = (size_t)tline_number(l, "len", l->n_words > 2 ? strtol(l->words[2], NULL, 10) : 0);
	filler(r->payload, r->payload_len, 0);
	r->lines[0] = '\0';
	r->n_lines = 0;
	for (s = r->dialect->slots; s->name && strcmp(s->name, name); s++)
		;
	r->slot = (struct slot_op){
		.mod = &r->mod, .slot = s, .bytes = r->payload, .len = r->payload_len, .rx = slot_rx, .rx_arg = r,
		.key_len = (size_t)tline_number(l, "key", 0),
		.sign = tline_number(l, "sign", 128) ? sign_zero : NULL,
		.sign_arg = r,
	};
	r->sign_len = (size_t)tline_number(l, "sign", 128);
	r->slot.key = r->slot.key_len ? r->payload : NULL;
	return s->name;
}

static bool
begin(struct replay *r, size_t i)
{
	void *const ops[] = { [OP_MODEM] = &r->modem, [OP_SOCK] = &r->sock, [OP_SLOT] = &r->slot };
	const struct at_step *script = operations[i].common;

	if (!script)
		script = *(const struct at_step *const *)((const char *)r->dialect + operations[i].script);
	r->payload_len = 0;
	if (operations[i].kind == OP_MODEM)
		set_modem_op(r);
	else if (operations[i].kind == OP_SOCK)
		set_sock_op(r);
	else if (!set_slot_op(r))
		return false;
	if (!script)
		return false;
	r->running = true;
	r->suspects = 0;
	at_submit(r->at, script, ops[operations[i].kind], done);
	return true;
}

/* What is no script: the app writes, the owner decides, the line begins a new life. */
static bool
other_operation(struct replay *r, const char *name)
{
	r->result = 0;
	if (!strcmp(name, "module"))
		return set_module(r);
	if (!strcmp(name, "up")) {
		r->payload_len = (size_t)tline_number(r->line, "tx", 0);
		filler(r->payload, r->payload_len, 0);
		clock_run(&r->clock, r->clock.now_ms + 50);
		return at_data_write(r->at, r->payload, r->payload_len) == r->payload_len;
	}
	if (!strcmp(name, "verdict")) {
		r->result = at_data_verdict(r->at, tline_number(r->line, "open", 0));
		return true;
	}
	if (!strcmp(name, "reset")) {
		at_reset(r->at);
		return true;
	}
	return !strcmp(name, "urc"); /* the module speaks of its own accord */
}

bool
replay_operation(struct replay *r)
{
	const char *name = r->line->words[0];
	size_t i;

	current = r;
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(name, operations[i].name) || !strcmp(name, operations[i].noted))
			return begin(r, i);
	return other_operation(r, name);
}

void
replay_begin(struct replay *r)
{
	r->mod = (struct module){ .escape = '+', .guard_ms = 1000 };
	str_copy(r->mod.model, sizeof(r->mod.model), "GE910-QUAD");
	str_copy(r->mod.revision, sizeof(r->mod.revision), "13.00.003");
	r->dialect = dialect_named("telit");
	r->mod.family = dialect_family(r->dialect, &r->mod);
	set_rules(r);
}

/* ---- results by name ---- */

static const char *
of_table(const char *const *names, size_t n, unsigned i)
{
	return i < n ? names[i] : "?";
}

static void
number(char *dst, size_t size, long value)
{
	snprintf(dst, size, "%ld", value);
}

static void
stored(const struct replay *r, char *dst, size_t size)
{
	const struct dialect_slot *s;

	dst[0] = '\0';
	for (s = r->dialect->slots; s->name; s++)
		if (r->mod.stored[s - r->dialect->slots])
			str_add(dst, size, "%s%s", dst[0] ? "+" : "", s->name);
}

/* "client:599:8ce3...+1:583:": what is held, by size and the first digits of its thumbprint. */
static void
held(const struct replay *r, char *dst, size_t size)
{
	const struct dialect_slot *s;
	const struct slot_held *h;

	dst[0] = '\0';
	for (s = r->dialect->slots; s->name; s++) {
		h = &r->mod.held[s - r->dialect->slots];
		if (h->size)
			str_add(dst, size, "%s%s:%zu:%.8s", dst[0] ? "+" : "", s->name, h->size, h->sha1);
	}
}

/* So many bytes for the session; and they stood so, together, in what the module said. */
static void
given(const struct replay *r, char *dst, size_t size)
{
	const uint8_t *said = buf_bytes(&r->said), *data = buf_bytes(&r->data);

	if (data && (!said || !memmem(said, r->said.len, data, r->data.len)))
		snprintf(dst, size, "%zu, but not the module's", r->data.len);
	else
		number(dst, size, (long)r->data.len);
}

static bool
text_field(const struct replay *r, const char *name, char *dst, size_t size)
{
	static const char *const sims[] = { "unknown", "ready", "pin", "puk", "missing", "failed" };
	static const char *const regs[] = { "unknown", "none", "searching", "home", "roaming", "denied" };
	static const char *const states[] = { "disabled", "closed", "open", "dialling", "down" };
	static const char *const causes[DIAL_CAUSES] = { "other", "name", "refused", "timeout", "unreached", "handshake", "certificate",
		"context" };
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "manufacturer", r->mod.manufacturer }, { "model", r->mod.model }, { "revision", r->mod.revision },
		{ "imei", r->mod.imei }, { "address", r->mod.address }, { "events", r->events }, { "noise", r->noise },
		{ "lines", r->lines }, { "last", r->last }, { "text", at_error(r->at)->text }, { "problem", at_problem(r->at) },
		{ "family", r->mod.family ? r->mod.family->title : "" },
		{ "words", r->sock.end.text },
		{ "sim", of_table(sims, 6, r->mod.sim) }, { "reg", of_table(regs, 6, r->mod.reg) },
		{ "state", of_table(states, 5, (unsigned)r->sock.state) },
		{ "cause", of_table(causes, DIAL_CAUSES, r->dialect->cause(at_error(r->at))) },
		{ "advice", r->dialect->advice(at_error(r->at)) ? "yes" : "no" },
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name))
			continue;
		str_copy(dst, size, fields[i].value);
		return true;
	}
	return false;
}

bool
replay_field(const struct replay *r, const char *name, char *dst, size_t size)
{
	const struct {
		const char *name;
		long value;
	} fields[] = {
		{ "suite", r->sock.suite_used }, { "rx", (long)r->sock.rx_len }, { "end", r->sock.rx_end },
		{ "sent", (long)r->sock.tx_done },
		{ "fast", r->sock.fast }, { "connected", r->sock.connected }, { "resumed", r->sock.resumed },
		{ "online", at_online(r->at) }, { "suspects", r->suspects }, { "code", at_error(r->at)->code },
		{ "ended", r->sock.end.code }, { "in_order", r->sock.end.in_order },
		{ "signal", r->mod.signal_dbm }, { "attached", r->mod.attached }, { "context", r->mod.context_up },
		{ "ring", r->mod.ring }, { "counted", r->mod.counted_send }, { "resumption", r->mod.resumption },
		{ "hidden", r->mod.escape_hidden }, { "guard", r->mod.guard_ms }, { "escape", r->mod.escape },
		{ "tls", r->mod.tls_enabled }, { "clock", r->mod.clock_set }, { "network", (long)r->mod.network_s },
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name))
			continue;
		number(dst, size, fields[i].value);
		return true;
	}
	if (!strcmp(name, "stored"))
		stored(r, dst, size);
	else if (!strcmp(name, "held"))
		held(r, dst, size);
	else if (!strcmp(name, "data"))
		given(r, dst, size);
	else
		return text_field(r, name, dst, size);
	return true;
}
