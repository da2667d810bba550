/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-look.c - supervision of a modem that is ready
 */
#include "modem/modem-priv.h"

#include <errno.h>

void
modem_leave_foreign_network(struct modem *m)
{
	if (m->mod.reg == REG_ROAMING && !m->p.conf->roaming)
		modem_begin_anew(m, "a foreign network, and roaming = false");
}

/* Where the context comes with the first socket nothing else tells of it. */
static bool
is_out_of_reach(const struct modem *m)
{
	enum registration reg = m->mod.reg;

	return !m->dialect->attach && (reg == REG_NONE || reg == REG_SEARCHING || reg == REG_DENIED);
}

/* All is well, and no session would be disturbed. */
static void
while_free(struct modem *m)
{
	if (is_out_of_reach(m))
		modem_begin_anew(m, "the network is lost");
	else if (slots_due(m))
		modem_enter(m, MODEM_SLOTS);
	else if (ladder_dials_dead(m))
		modem_trouble(m, TROUBLE_DIALS, "the context is up, but no dial is answered");
}

static void
look_done(int result, void *op)
{
	struct modem *m = (struct modem *)((char *)op - offsetof(struct modem, op));

	m->looking = false;
	if (result == -ECANCELED || m->state != MODEM_READY)
		return;
	timer_in(m->clock, &m->timer, m->p.conf->supervision_s * 1000u);
	if (result < 0)
		modem_fail(m, at_problem(m->at));
	else if (!m->mod.context_up)
		modem_context_lost(m, "the PDP context is down");
	else if (!m->mod.tls_enabled)
		modem_fail(m, "TLS is no longer enabled: the module has started anew");
	else
		modem_leave_foreign_network(m);
	if (m->state == MODEM_READY && modem_free_sockets(m) == modem_sockets(m))
		while_free(m);
	modem_time_look(m);
	modem_serve(m); /* the module may have room again */
	modem_changed(m);
}

void
modem_look_in(struct modem *m, uint32_t ms)
{
	if (m->state == MODEM_READY && m->timer.at_ms > m->clock->now_ms + ms)
		timer_in(m->clock, &m->timer, ms);
}

void
modem_look_soon(struct modem *m)
{
	modem_look_in(m, 0);
}

struct sock *
modem_line_owner(struct modem *m)
{
	int i;

	for (i = 0; i < SOCKS_MAX; i++)
		if (sock_has_line(&m->socks[i]))
			return &m->socks[i];
	return NULL;
}

void
modem_look(struct modem *m)
{
	struct sock *owner = modem_line_owner(m);

	if (owner || m->looking) {
		timer_in(m->clock, &m->timer, m->p.conf->supervision_s * 1000u);
		if (owner)
			sock_look(owner);
		return;
	}
	m->looking = true;
	modem_note(m, "@ look");
	at_submit(m->at, m->dialect->look, &m->op, look_done);
}
