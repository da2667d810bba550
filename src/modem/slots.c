/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots.c - what the module's certificate store holds against what it should hold
 *
 * Writes only what differs (promise P7).  A key is never read back: the host's
 * record says what was written last, the module that something is there.  A slot
 * that could not be filled does not keep the modem from its other channels.
 *
 * Two kinds of store: one that is read, and one that lists thumbprints and takes
 * changes only with a signature (conf_slots_signed()); of that one the record
 * counts only for a key that went with its certificate.
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define AGAIN_FIRST_S 60   /* from a failed write to the next try, */
#define LOST_MOST 1	   /* a reset in mid-write is made good at once, the next one is put off */
#define AGAIN_MOST_S 21600 /* doubled each time up to this: four writes a day wear no flash out */
#define FRAME_SHOWN 16	   /* bytes of a refused frame, in the log */
#define HOLD_MS 30000	   /* so long new clients wait for the sockets to come free, less than most of them bear; */
#define HOLD_AGAIN_S 600   /* then others are served before it is tried again */

static void next_slot(struct modem *);
static void slot_failed(struct modem *, const char *why);

static struct modem *
of(void *op)
{
	return (struct modem *)((char *)op - offsetof(struct modem, slot_op));
}

static const struct modem_want *
want(const struct modem *m)
{
	return &m->p.wants[m->want];
}

static enum conf_dialect
spoken(const struct modem *m)
{
	return conf_dialect_named(m->dialect->name);
}

static bool
is_signed(const struct modem *m)
{
	return conf_slots_signed(spoken(m));
}

const struct dialect_slot *
slots_find(const struct modem *m, const char *name)
{
	const char *own = m->dialect ? conf_slot_canonical(spoken(m), name) : NULL;
	const struct dialect_slot *s;

	for (s = m->dialect ? m->dialect->slots : NULL; s && s->name; s++)
		if (!strcmp(s->name, own ? own : name))
			return s;
	return NULL;
}

static bool
is_stored(const struct modem *m)
{
	return m->mod.stored[m->slot_op.slot - m->dialect->slots];
}

static void
aim(struct modem *m)
{
	bool der = is_signed(m) && want(m)->der;

	m->slot_op.bytes = der ? want(m)->der : want(m)->bytes;
	m->slot_op.len = der ? want(m)->der_len : want(m)->len;
	m->slot_op.key = is_signed(m) ? want(m)->key : NULL;
	m->slot_op.key_len = m->slot_op.key ? want(m)->key_len : 0;
}

/* Not because of what is to be written, but in the writing of it: worth another try. */
static void
slot_spoiled(struct modem *m, const char *why)
{
	m->slots_spoiled = true;
	slot_failed(m, why);
}

bool
slots_due(const struct modem *m)
{
	return m->slots_spoiled && m->clock->now_ms >= m->slots_again_ms;
}

bool
slots_hold(struct modem *m)
{
	uint64_t now = m->clock->now_ms;

	if (!m->slots_hold_ms)
		m->slots_hold_ms = now + HOLD_MS;
	if (now < m->slots_hold_ms) {
		timer_at(m->clock, &m->serve, m->slots_hold_ms);
		return true;
	}
	m->slots_hold_ms = 0;
	m->slots_again_ms = now + HOLD_AGAIN_S * 1000ull;
	return false;
}

void
slots_changed(struct modem *m)
{
	memset(m->slot_errors, 0, sizeof(m->slot_errors));
	m->slots_spoiled = true;
	m->slots_wait_s = 0;
	m->slots_again_ms = 0;
}

void
slots_moved(struct modem *m)
{
	if (m->state == MODEM_SLOTS && m->slot_op.slot && m->want < m->p.n_wants)
		aim(m);
}

static void
put_off(struct modem *m)
{
	m->slots_wait_s = m->slots_wait_s ? m->slots_wait_s * 2 : AGAIN_FIRST_S;
	if (m->slots_wait_s > AGAIN_MOST_S)
		m->slots_wait_s = AGAIN_MOST_S;
	m->slots_again_ms = m->clock->now_ms + m->slots_wait_s * 1000ull;
}

static void
slots_done(struct modem *m)
{
	if (!m->slots_spoiled)
		m->slots_wait_s = 0;
	else if (m->clock->now_ms >= m->slots_again_ms)
		put_off(m);
	modem_enter(m, MODEM_READY);
}

/* A module may die of its writes, each time: that is one write more or less each time that it is back. */
static void
count_lost(struct modem *m)
{
	if (!m->slots_writing)
		return;
	m->slots_writing = false;
	if (++m->slots_lost > LOST_MOST)
		put_off(m);
}

/* What became of a write is known. */
static void
settled(struct modem *m)
{
	m->slots_writing = false;
	m->slots_lost = 0;
}

static void
slot_failed(struct modem *m, const char *why)
{
	snprintf(m->slot_errors[m->want], sizeof(m->slot_errors[0]), "slot %s, %s: %s", want(m)->slot, want(m)->from, why);
	modem_log(m, LOG_ERROR, "%s", m->slot_errors[m->want]);
	m->want++;
	next_slot(m);
}

static void
submit(struct modem *m, const char *what, const struct at_step *script, at_done_fn *done)
{
	buf_deinit(&m->slot_text);
	modem_note(m, "@ %s %s %zu", what, want(m)->slot, m->slot_op.len);
	at_submit(m->at, script, &m->slot_op, done);
}

/* false: the job was cancelled or the whole modem failed; nothing more to do here. */
static bool
goes_on(struct modem *m, int result)
{
	if (result == -ECANCELED || m->state != MODEM_SLOTS)
		return false;
	modem_note(m, "= slot %d", result);
	if (result == -ETIMEDOUT || result == -EBADMSG) {
		modem_fail(m, at_problem(m->at));
		return false;
	}
	return true;
}

static void
as_wanted(struct modem *m)
{
	m->p.host->slot_record(m->p.host_arg, m->want, true);
	m->slot_errors[m->want][0] = '\0';
	m->want++;
	next_slot(m);
}

static void
text_line(void *arg, const char *line)
{
	struct modem *m = arg;

	buf_put(&m->slot_text, line, strlen(line));
	buf_put(&m->slot_text, "\n", 1);
}

static bool
read_back_same(struct modem *m)
{
	return m->slot_text.len &&
	    m->p.host->slot_same(m->p.host_arg, m->want, (const char *)buf_bytes(&m->slot_text), m->slot_text.len);
}

/* ---- a store that lists thumbprints and takes signed commands ---- */

/* By what the list says; a module that tells no thumbprint is believed that it took what it was given. */
static bool
looks_right(const struct modem *m)
{
	const struct slot_held *held = &m->mod.held[m->slot_op.slot - m->dialect->slots];

	return is_stored(m) && held->size == m->slot_op.len && (!held->sha1[0] || (want(m)->sha1 && !strcmp(held->sha1, want(m)->sha1)));
}

/* Nothing is to be written.  What no list shows the record has to say. */
static bool
is_right(struct modem *m)
{
	const struct slot_held *held = &m->mod.held[m->slot_op.slot - m->dialect->slots];

	return looks_right(m) && ((held->sha1[0] && !want(m)->key) || m->p.host->slot_recorded(m->p.host_arg, m->want));
}

/* Whose key signs; NULL: nobody's. */
static const struct modem_want *
signer(const struct modem *m)
{
	size_t i;

	for (i = 0; i < m->p.n_wants; i++)
		if (m->p.wants[i].signs)
			return &m->p.wants[i];
	return NULL;
}

/* What the slot that locks the store holds; NULL: it is empty. */
static const struct slot_held *
lock(const struct modem *m)
{
	const struct dialect_slot *client = slots_find(m, "client");

	return client && m->mod.stored[client - m->dialect->slots] ? &m->mod.held[client - m->dialect->slots] : NULL;
}

static int
sign(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	struct modem *m = arg;

	m->slot_sign_error = m->p.host->slot_sign ? m->p.host->slot_sign(m->p.host_arg, bytes, len, sig, ret_len) : -ENOKEY;
	return m->slot_sign_error;
}

/* Why the module refused, as far as one can tell: it has one word for most of it. */
static void
refused(struct modem *m)
{
	const struct slot_held *held = is_signed(m) ? lock(m) : NULL;
	const struct modem_want *by = signer(m);
	char why[300];

	if (m->slot_sign_error == -ENOTSUP) {
		slot_spoiled(m, "no signature: OpenSSL on this host makes none with SHA-1, which the store asks for; the crypto policy must allow it");
	} else if (m->slot_sign_error) {
		snprintf(why, sizeof(why), "no signature: %s", strerror(-m->slot_sign_error));
		slot_spoiled(m, why);
	} else if (held && held->sha1[0] && by && by->sha1 && strcmp(held->sha1, by->sha1)) {
		snprintf(why, sizeof(why),
		    "%.80s; slot client holds another certificate (sha1 %s), and the store is locked by that one's private key: "
		    "slot \"client\" must name that certificate and key_file that key", at_problem(m->at), held->sha1);
		slot_spoiled(m, why);
	} else {
		slot_spoiled(m, at_problem(m->at));
	}
}

/* What can be said before anything is sent; true: nothing is to be. */
static bool
is_locked(struct modem *m)
{
	if (!is_signed(m))
		return false;
	if (!signer(m)) {
		slot_failed(m, "the module changes its store only by signed commands: certificates must have an entry of slot \"client\" with "
			       "file and key_file");
		return true;
	}
	if (!want(m)->signs && !lock(m)) {
		slot_spoiled(m, "slot client is empty, and the module fills no other before that one");
		return true;
	}
	if (want(m)->signs && !lock(m))
		modem_log(m, LOG_WARNING,
		    "slot client is empty and is written: from now on the private key in %s is the only key to the module's store; keep a copy, "
		    "without it no slot can ever be changed again",
		    want(m)->key_from ? want(m)->key_from : "key_file");
	return false;
}

/* ---- writing ---- */

static void
verified(int result, void *op)
{
	struct modem *m = of(op);
	bool right;

	if (!goes_on(m, result))
		return;
	settled(m);
	right = is_signed(m) ? looks_right(m) : m->slot_op.slot->kind == SLOT_KEY ? is_stored(m) : read_back_same(m);
	if (result < 0)
		slot_spoiled(m, at_problem(m->at));
	else if (right)
		as_wanted(m);
	else
		slot_spoiled(m, "written, but the module holds something else");
}

/* Which of the assumptions about frames is wrong its lengths show; a key is never so near to the beginning. */
static void
log_frame(const struct modem *m)
{
	char text[2 * FRAME_SHOWN + 1] = "";
	size_t i;

	for (i = 0; i < FRAME_SHOWN; i++)
		str_add(text, sizeof(text), "%02x", m->slot_op.frame[i]);
	log_info("modem", m->p.conf->name, "slot %s: the store command that was refused begins with %s", want(m)->slot, text);
}

static void
written(int result, void *op)
{
	struct modem *m = of(op);

	if (result == -EREMOTEIO && is_signed(m) && !m->slot_sign_error)
		log_frame(m);
	wipe(m->slot_op.frame, sizeof(m->slot_op.frame));
	if (!goes_on(m, result))
		return;
	if (result < 0) {
		settled(m);
		refused(m);
		return;
	}
	modem_log(m, LOG_NOTICE, "slot %s written, %zu bytes%s", want(m)->slot, m->slot_op.len, m->slot_op.key ? " and its private key" : "");
	if (m->slot_op.slot->kind == SLOT_KEY || is_signed(m))
		submit(m, "list", m->dialect->slot_list, verified);
	else
		submit(m, "read", m->dialect->slot_read, verified);
}

static bool
is_too_big(struct modem *m, const char *what, size_t len, size_t most)
{
	char why[100];

	if (len <= most)
		return false;
	snprintf(why, sizeof(why), "%s%zu bytes, the module stores at most %zu", what, len, most);
	slot_failed(m, why);
	return true;
}

static void
write_slot(struct modem *m)
{
	const struct family *f = m->mod.family;

	if (is_too_big(m, "", m->slot_op.len, f->slot_max) ||
	    is_too_big(m, "its private key: ", m->slot_op.key_len, f->key_max ? f->key_max : f->slot_max) || is_locked(m))
		return;
	if (m->slots_lost > LOST_MOST && m->clock->now_ms < m->slots_again_ms) {
		slot_spoiled(m, "the module did not outlive the last tries to write it; for the sake of its flash the next one is later");
		return;
	}
	m->p.host->slot_record(m->p.host_arg, m->want, false); /* a power cut may leave anything */
	m->kept[0] = '\0';
	m->slot_sign_error = 0;
	m->slots_writing = true;
	submit(m, "write", m->dialect->slot_write, written);
}

static void
read_back(int result, void *op)
{
	struct modem *m = of(op);

	if (!goes_on(m, result))
		return;
	if (result == 0 && read_back_same(m))
		as_wanted(m);
	else
		write_slot(m);
}

/* A key that such a store has no slot for: it signs, or goes with its certificate. */
static bool
has_no_place(const struct modem *m)
{
	return is_signed(m) && conf_slot_is_key(spoken(m), want(m)->slot);
}

static void
compare_slot(struct modem *m)
{
	if (!is_stored(m))
		write_slot(m);
	else if (!is_signed(m) && m->slot_op.slot->kind != SLOT_KEY)
		submit(m, "read", m->dialect->slot_read, read_back);
	else if (is_signed(m) ? is_right(m) : m->p.host->slot_recorded(m->p.host_arg, m->want))
		as_wanted(m);
	else
		write_slot(m);
}

static void
next_slot(struct modem *m)
{
	while (m->want < m->p.n_wants && has_no_place(m))
		m->want++;
	if (m->want == m->p.n_wants) {
		slots_done(m);
		return;
	}
	m->slot_op = (struct slot_op){
		.mod = &m->mod,
		.slot = slots_find(m, want(m)->slot),
		.rx = text_line,
		.rx_arg = m,
		.sign = sign,
		.sign_arg = m,
	};
	aim(m);
	if (m->slot_op.slot)
		compare_slot(m);
	else
		slot_failed(m, "this module has no such slot");
}

static void
listed(int result, void *op)
{
	struct modem *m = of(op);

	if (!goes_on(m, result))
		return;
	if (result < 0)
		modem_fail(m, at_problem(m->at));
	else
		next_slot(m);
}

void
slots_start(struct modem *m)
{
	count_lost(m);
	m->want = 0;
	m->slots_hold_ms = 0;
	m->slots_spoiled = false;
	m->slot_op = (struct slot_op){ .mod = &m->mod };
	if (!m->dialect->slot_list) {
		modem_enter(m, MODEM_READY);
		return;
	}
	modem_note(m, "@ list");
	at_submit(m->at, m->dialect->slot_list, &m->slot_op, listed);
}
