/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-events.c - what the engine tells, taken to the state or to the sock that it is for
 */
#include "modem/modem-priv.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"

static void
on_event(void *arg, const struct dialect_event *ev)
{
	struct modem *m = arg;
	int i;

	switch (ev->kind) {
	case EVENT_SOCK_READABLE:
	case EVENT_SOCK_WRITABLE:
	case EVENT_SOCK_ENDED:
	case EVENT_SOCK_PEER:
	case EVENT_SOCK_CLOSED:
		for (i = 0; i < SOCKS_MAX; i++)
			if (ev->sock == i || (ev->sock < 0 && ev->kind == EVENT_SOCK_CLOSED))
				sock_event(&m->socks[i], ev);
		break;
	case EVENT_REGISTRATION:
		m->mod.reg = ev->state;
		modem_changed(m);
		modem_leave_foreign_network(m);
		if (m->state == MODEM_REGISTERING && at_idle(m->at))
			timer_in(m->clock, &m->timer, 0);
		break;
	case EVENT_PDP_LOST:
		modem_context_lost(m, "the network has taken the PDP context down");
		break;
	case EVENT_SIM:
		if (ev->state == SIM_MISSING && m->state > MODEM_SIM && m->state <= MODEM_READY)
			modem_fail(m, "the SIM was taken out");
		else if (m->state == MODEM_FAILED)
			modem_sim_changed(m);
		break;
	case EVENT_REBOOTED:
		if (m->state > MODEM_WAKING && m->state <= MODEM_READY)
			modem_fail(m, "the module has started anew");
		break;
	case EVENT_NETWORK_TIME:
		modem_time_told(m);
		break;
	case EVENT_NONE:
		break;
	}
}

static void
on_data(void *arg, const void *bytes, size_t len)
{
	struct modem *m = arg;
	struct sock *s = modem_line_owner(m);

	if (s && !m->asked.written) /* else of what an admin's command has connected to: nobody's */
		sock_data(s, bytes, len);
}

static void
on_room(void *arg)
{
	struct sock *s = modem_line_owner(arg);

	if (s)
		sock_room(s);
}

static void
on_suspect(void *arg)
{
	struct modem *m = arg;
	struct sock *s = modem_line_owner(m);

	if (s && !m->asked.written)
		sock_suspect(s);
}

static void
on_silent(void *arg, unsigned n)
{
	struct modem *m = arg;
	unsigned most = modem_silent_max(m);

	if (most && n >= most)
		modem_trouble(m, TROUBLE_LINE, "the module does not answer");
}

static void
on_noise(void *arg, const char *line)
{
	struct modem *m = arg;
	char text[120];

	log_debug("modem", m->p.conf->name, "not understood: %s", str_escape(text, sizeof(text), line, strlen(line)));
}

static void
on_wrote(void *arg, size_t bytes, unsigned commands)
{
	struct modem *m = arg;

	m->figures.line_sent += bytes;
	m->figures.commands += commands;
}

static void
on_trace(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	struct modem *m = arg;

	if (m->p.host->trace)
		m->p.host->trace(m->p.host_arg, kind, bytes, len);
}

const struct at_owner modem_at_owner = {
	.event = on_event,
	.data = on_data,
	.data_room = on_room,
	.suspect = on_suspect,
	.silent = on_silent,
	.noise = on_noise,
	.wrote = on_wrote,
	.trace = on_trace,
};
