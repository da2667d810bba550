/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots.c - what the module's certificate store holds against what it should hold
 *
 * Writes only what differs (promise P7).  A key is never read back: the host's
 * record says what was written last, the module that something is there.  A slot
 * that could not be filled does not keep the modem from its other channels.
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define AGAIN_FIRST_S 60   /* from a failed write to the next try, */
#define AGAIN_MOST_S 21600 /* doubled each time up to this: four writes a day wear no flash out */

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

static const struct dialect_slot *
find_slot(const struct dialect *d, const char *name)
{
	const struct dialect_slot *s;

	for (s = d->slots; s && s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static bool
is_stored(const struct modem *m)
{
	return m->mod.stored[m->slot_op.slot - m->dialect->slots];
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
		m->slot_op.bytes = want(m)->bytes;
}

static void
slots_done(struct modem *m)
{
	if (!m->slots_spoiled) {
		m->slots_wait_s = 0;
	} else {
		m->slots_wait_s = m->slots_wait_s ? m->slots_wait_s * 2 : AGAIN_FIRST_S;
		if (m->slots_wait_s > AGAIN_MOST_S)
			m->slots_wait_s = AGAIN_MOST_S;
		m->slots_again_ms = m->clock->now_ms + m->slots_wait_s * 1000ull;
	}
	modem_enter(m, MODEM_READY);
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
	modem_note(m, "@ %s %s %zu", what, want(m)->slot, want(m)->len);
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

static void
verified(int result, void *op)
{
	struct modem *m = of(op);

	if (!goes_on(m, result))
		return;
	if (result < 0)
		slot_spoiled(m, at_problem(m->at));
	else if (m->slot_op.slot->kind == SLOT_KEY ? is_stored(m) : read_back_same(m))
		as_wanted(m);
	else
		slot_spoiled(m, "written, but the module holds something else");
}

static void
written(int result, void *op)
{
	struct modem *m = of(op);

	if (!goes_on(m, result))
		return;
	if (result < 0) {
		slot_spoiled(m, at_problem(m->at));
		return;
	}
	modem_log(m, LOG_NOTICE, "slot %s written, %zu bytes", want(m)->slot, want(m)->len);
	if (m->slot_op.slot->kind == SLOT_KEY)
		submit(m, "list", m->dialect->slot_list, verified);
	else
		submit(m, "read", m->dialect->slot_read, verified);
}

static void
write_slot(struct modem *m)
{
	if (want(m)->len > m->mod.family->slot_max) {
		char why[100];

		snprintf(why, sizeof(why), "%zu bytes, the module stores at most %zu", want(m)->len, m->mod.family->slot_max);
		slot_failed(m, why);
		return;
	}
	m->p.host->slot_record(m->p.host_arg, m->want, false); /* a power cut may leave anything */
	m->kept[0] = '\0';
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

static void
next_slot(struct modem *m)
{
	if (m->want == m->p.n_wants) {
		slots_done(m);
		return;
	}
	m->slot_op = (struct slot_op){
		.mod = &m->mod,
		.slot = find_slot(m->dialect, want(m)->slot),
		.bytes = want(m)->bytes,
		.len = want(m)->len,
		.rx = text_line,
		.rx_arg = m,
	};
	if (!m->slot_op.slot)
		slot_failed(m, "this module has no such slot");
	else if (!is_stored(m))
		write_slot(m);
	else if (m->slot_op.slot->kind != SLOT_KEY)
		submit(m, "read", m->dialect->slot_read, read_back);
	else if (m->p.host->slot_recorded(m->p.host_arg, m->want))
		as_wanted(m);
	else
		write_slot(m);
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
	m->want = 0;
	m->slots_spoiled = false;
	m->slot_op = (struct slot_op){ .mod = &m->mod };
	if (!m->dialect->slot_list) {
		modem_enter(m, MODEM_READY);
		return;
	}
	modem_note(m, "@ list");
	at_submit(m->at, m->dialect->slot_list, &m->slot_op, listed);
}
