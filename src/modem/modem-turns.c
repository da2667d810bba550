/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-turns.c - who gets a secure socket, in order of arrival; and the orderly end, or another beginning
 */
#include "modem/modem-priv.h"

#include "base/str.h"

/* A session of mode = "online" is given the line, and so the module, for as long as it lives. */
static bool
has_module_alone(const struct modem *m)
{
	unsigned i;

	for (i = 0; i < SOCKS_MAX; i++)
		if (m->socks[i].phase != SOCK_PHASE_FREE && m->socks[i].mode == CONF_MODE_ONLINE)
			return true;
	return false;
}

static struct sock *
free_sock(struct modem *m)
{
	unsigned i;

	if (has_module_alone(m) || modem_sockets_used(m) >= modem_sockets(m))
		return NULL;
	for (i = 0; i < SOCKS_MAX; i++)
		if (m->socks[i].phase == SOCK_PHASE_FREE)
			return &m->socks[i];
	return NULL;
}

static void
context_is_down(int result, void *op)
{
	struct modem *m = (struct modem *)((char *)op - offsetof(struct modem, op));

	(void)result;
	m->stopped = m->stopping; /* else it was released meanwhile */
	modem_changed(m);
}

/* All sockets are closed: now the context. */
static void
go_down(struct modem *m)
{
	int i;

	for (i = 0; i < SOCKS_MAX; i++)
		if (m->socks[i].phase != SOCK_PHASE_FREE)
			return;
	if (m->going_down)
		return;
	m->going_down = true;
	if (m->dialect->context_down)
		at_submit(m->at, m->dialect->context_down, &m->op, context_is_down);
	else
		context_is_down(0, &m->op);
}

/* The way up ends here; what it has brought up so far goes down again. */
void
modem_turn_back(struct modem *m)
{
	bool context = m->mod.context_up || m->state == MODEM_CONTEXT;

	if (m->state <= MODEM_IDENTIFYING || m->state >= MODEM_READY || !context) {
		m->stopped = true;
		modem_changed(m);
		return;
	}
	timer_stop(m->clock, &m->timer);
	at_cancel(m->at, &m->op);
	at_cancel(m->at, &m->slot_op);
	m->turning_back = true; /* a socket may just be closed; what closes it says when it is */
	go_down(m);
}

void
modem_serve_now(void *arg)
{
	struct modem *m = arg;
	struct modem_claim *c, *next;
	struct sock *s;

	if (m->state != MODEM_READY && !m->turning_back)
		return;
	if (m->stopping) {
		go_down(m);
		return;
	}
	if (slots_due(m) && !modem_sockets_used(m)) {
		modem_enter(m, MODEM_SLOTS);
		return;
	}
	if (slots_due(m) && free_sock(m) && slots_hold(m))
		return;
	for (c = TAILQ_FIRST(&m->claims); c && (s = free_sock(m)); c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->alone && modem_sockets_used(m)) {
			if (c->wants(c))
				break; /* or it would never be its turn */
			continue;
		}
		TAILQ_REMOVE(&m->claims, c, link);
		c->queued = false;
		if (c->grant(c, s))
			continue;
		c->queued = true; /* not now: back to its place */
		if (next)
			TAILQ_INSERT_BEFORE(next, c, link);
		else
			TAILQ_INSERT_TAIL(&m->claims, c, link);
	}
}

void
modem_serve(struct modem *m)
{
	timer_in(m->clock, &m->serve, 0);
}

void
modem_claim(struct modem *m, struct modem_claim *c)
{
	struct modem_claim *before = TAILQ_LAST(&m->claims, modem_claims);

	/* one that comes from another modem keeps its place in the order of arrival */
	while (before && before->since_ms > c->since_ms)
		before = TAILQ_PREV(before, modem_claims, link);
	if (before)
		TAILQ_INSERT_AFTER(&m->claims, before, c, link);
	else
		TAILQ_INSERT_HEAD(&m->claims, c, link);
	c->queued = true;
	modem_serve(m);
}

void
modem_unclaim(struct modem *m, struct modem_claim *c)
{
	if (c->queued)
		TAILQ_REMOVE(&m->claims, c, link);
	c->queued = false;
}

/* ---- another beginning ---- */

void
modem_reset(struct modem *m, const char *why)
{
	if (m->stopping || m->state == MODEM_ABSENT || m->state == MODEM_RELEASED || m->state == MODEM_BOOTING)
		return; /* (booting: it was told just now) */
	log_notice("modem", m->p.conf->name, "the module is to start anew: %s", why);
	str_copy(m->error, sizeof(m->error), why);
	m->uncovered_ms = 0;
	m->strange = 0;
	modem_end_socks(m, why);
	at_reset(m->at);
	m->wire->ops->flush(m->wire);
	ladder_ask(m, why);
	modem_enter(m, MODEM_WAKING);
}

void
modem_released(struct modem *m)
{
	modem_end_socks(m, "the modem is released");
	at_reset(m->at);
	ladder_forget(m);
	m->stopping = m->turning_back = m->going_down = m->stopped = false;
	str_copy(m->error, sizeof(m->error), "the tty is released: take it back with Acquire()");
	modem_enter(m, MODEM_RELEASED);
}

/* ---- for those who ask ---- */

unsigned
modem_sockets(const struct modem *m)
{
	const struct family *f = m->mod.family;
	unsigned most, set = m->p.conf->secure_sockets, n;

	if (!f)
		return 0;
	most = f->most_sockets > f->secure_sockets ? f->most_sockets : f->secure_sockets;
	n = !set ? f->secure_sockets : set < most ? set : most;
	n = n < SOCKS_MAX ? n : SOCKS_MAX;
	return m->room && m->room < n && m->clock->now_ms < m->room_until_ms ? m->room : n;
}

unsigned
modem_sockets_used(const struct modem *m)
{
	unsigned i, n = 0;

	for (i = 0; i < SOCKS_MAX; i++)
		n += m->socks[i].phase != SOCK_PHASE_FREE;
	return n;
}

unsigned
modem_free_sockets(const struct modem *m)
{
	unsigned used = modem_sockets_used(m), n = modem_sockets(m);

	return m->state == MODEM_READY && used < n && !has_module_alone(m) ? n - used : 0;
}

bool
modem_has_turn(const struct modem *m, bool alone)
{
	const struct modem_claim *c;
	unsigned queued = 0;

	TAILQ_FOREACH(c, &m->claims, link) {
		queued++;
		alone |= c->alone;
	}
	if (alone && (queued || modem_sockets_used(m)))
		return false;
	return !m->stopping && queued < modem_free_sockets(m);
}
