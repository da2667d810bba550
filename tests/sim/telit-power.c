/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-power.c - simulated Telit modules: the models, power, resets and what comes from outside
 */
#include "telit.h"

#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

static const struct telit_traits rows[] = {
	{ "telit-ge", "GE910-QUAD", "13.00.003", false, false, 15800, 3, { 0, 0x0004, 0x0005, 0x0035 } },
	{ "telit-ge", "GL865-QUAD", "16.00.152", false, true, 15800, 3, { 0, 0x0004, 0x0005, 0x0035 } },
	{ "telit-ge", "GC864-QUAD-V2", "10.00.007", false, true, 15800, 3, { 0, 0x0004, 0x0005, 0x0035 } },
	{ "telit-he", "HE910", "12.00.004", true, false, 0, 4, { 0, 0x0004, 0x0005, 0x002F, 0x0002 } },
	{ "telit-he", "UE910", "12.00.004", true, false, 0, 4, { 0, 0x0004, 0x0005, 0x002F, 0x0002 } },
};

/* Running things a little later. */

static void
work_run(void *arg)
{
	struct telit *t = arg;
	void (*work)(struct telit *) = t->work;

	t->work = NULL;
	if (work)
		work(t);
}

void
telit_later(struct telit *t, void (*work)(struct telit *), unsigned in_ms)
{
	if (!in_ms) {
		work(t);
		return;
	}
	t->work = work;
	timer_in(t->m->clock, &t->work_timer, in_ms);
}

/* Power. */

static void
booted(struct telit *t)
{
	telit_command_mode(t);
	t->final_seen = false;
	telit_profile_load(t);
	telit_ssl_init(t);
	telit_sec_init(t);
	telit_plain_init(t);
	if (t->m->faults.boot_garbage)
		module_garbage(t->m, t->m->faults.boot_garbage);
	telit_net_init(t);
}

void
telit_reset(struct telit *t, bool stay_off)
{
	timer_stop(t->m->clock, &t->work_timer);
	t->work = NULL;
	t->mode = T_OFF;
	module_lose_power(t->m);
	t->m->counters.resets++;
	module_log(t->m, "* %s", stay_off ? "off" : "reset");
	telit_online_leave(t);
	telit_ssl_reset(t);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		conn_close(&t->plain[i], CAUSE_CONTEXT);
	telit_net_reset(t);
	fifo_clear(&t->urcs);
	fifo_clear(&t->prompt.data);
	t->len = 0;
	t->ready = t->overlong = false;
	t->target = NULL;
	telit_mend(t, DEAD_RESET);
	if (!stay_off)
		telit_later(t, booted, t->m->opts.boot_ms);
	module_input_resume(t->m);
}

static void
telit_event(void *state, enum sim_event event)
{
	struct telit *t = state;
	enum far_end how = event == SIM_PEER_CLOSE ? FAR_CLOSED : FAR_ABORTED;

	switch (event) {
	case SIM_RESET:
		telit_reset(t, false);
		break;
	case SIM_POWER:
		if (t->mode == T_OFF && !t->work)
			telit_later(t, booted, t->m->opts.boot_ms);
		break;
	case SIM_PEER_CLOSE:
	case SIM_PEER_ABORT:
		for (int i = -1; i < TELIT_SOCKETS; i++) {
			struct sock *s = i < 0 ? &t->ssl : &t->plain[i];

			if (s->state != SOCK_OPEN || s->peer_gone)
				continue;
			s->peer_gone = true;
			s->how = how;
			sock_check_end(s);
		}
		break;
	case SIM_DTR_DROP:
	case SIM_DTR_RAISE:
		telit_dtr(t, event == SIM_DTR_RAISE);
		break;
	default:
		if (t->mode != T_OFF || event != SIM_DROP_CONTEXT) /* cards and networks come and go all the same */
			telit_net_event(t, event);
	}
}

static void
telit_urc_op(void *state, const char *text)
{
	telit_urc(state, "%s", text);
}

static void
telit_output_room(void *state)
{
	struct telit *t = state;

	if (t->mode == T_ONLINE)
		sock_pull(t->online);
}

static bool
telit_carrier(void *state)
{
	const struct telit *t = state;

	/* it stays up while an online connection is suspended */
	if (t->p.c == 0 || t->mode == T_ONLINE)
		return true;
	for (int i = -1; i < TELIT_SOCKETS; i++) {
		const struct sock *s = i < 0 ? &t->ssl : &t->plain[i];

		if (s->state == SOCK_OPEN && s->mode_online)
			return true;
	}
	return false;
}

static const char *
telit_identity(void *state)
{
	return ((struct telit *)state)->identity;
}

static const uint16_t *
telit_suites(void *state, size_t *ret_n)
{
	const struct telit *t = state;

	*ret_n = (size_t)t->traits->max_cipher;
	return t->traits->suites + 1;
}

static void *
telit_create(struct module *m, const char *family)
{
	const struct telit_traits *row = NULL;
	struct telit *t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !row; i++)
		if (!strcmp(rows[i].family, family) &&
		    (!m->opts.model || str_starts(rows[i].model, m->opts.model) || str_starts(m->opts.model, rows[i].model)))
			row = &rows[i];
	if (!row)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->m = m;
	t->traits = row;
	str_copy(t->model, sizeof(t->model), m->opts.model ? m->opts.model : row->model);
	str_copy(t->revision, sizeof(t->revision), m->opts.firmware ? m->opts.firmware : row->revision);
	snprintf(t->identity, sizeof(t->identity), "Telit %s %s", t->model, t->revision);
	t->dtr = true;
	timer_init(&t->work_timer, work_run, t);
	telit_online_init(t);
	conn_init(t, &t->ssl, 1, true);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		conn_init(t, &t->plain[i], i + 1, false);
	t->denied_as = 1;
	card_make(&t->card, m->opts.sim_pin);
	t->card.in = !m->opts.no_sim;
	if (m->opts.clock_unset)
		t->clock_offset = 1072915200 - m->clock->wall_s; /* 1 January 2004 */
	telit_net_reset(t);
	booted(t);
	return t;
}

static void
telit_destroy(void *state)
{
	struct telit *t = state;

	telit_online_leave(t);
	telit_ssl_reset(t);
	sock_deinit(&t->ssl);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		sock_deinit(&t->plain[i]);
	telit_net_reset(t);
	timer_stop(t->m->clock, &t->work_timer);
	timer_stop(t->m->clock, &t->recv_timer);
	timer_stop(t->m->clock, &t->dtr_timer);
	fifo_deinit(&t->urcs);
	fifo_deinit(&t->prompt.data);
	free(t);
}

static const char *const names[] = { "telit-ge", "telit-he", NULL };

const struct family_ops telit_family = {
	.names = names,
	.create = telit_create,
	.destroy = telit_destroy,
	.input = telit_input,
	.train = telit_train,
	.output_room = telit_output_room,
	.event = telit_event,
	.urc = telit_urc_op,
	.swap_card = telit_swap_card,
	.network_time = telit_network_time,
	.clock_jump = telit_clock_jump,
	.faults = telit_faults,
	.carrier = telit_carrier,
	.identity = telit_identity,
	.suites = telit_suites,
};
