/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-power.c - simulated Cinterion modules: the models, power, resets and what comes from outside
 */
#include "cinterion.h"

#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

static const struct cinterion_traits rows[] = {
	{ "Cinterion", "BGS2-W", "REVISION 02.000", false },
	{ "Cinterion", "BGS2-E", "REVISION 02.000", false },
	{ "Cinterion", "AGS2-W", "REVISION 02.000", false },
	{ "SIEMENS", "MC75i", "REVISION 03.010", true },
	{ "SIEMENS", "TC63i", "REVISION 03.010", true },
	{ "SIEMENS", "TC65i", "REVISION 03.010", true },
	{ "Cinterion", "EES3", "REVISION 03.010", true },
	{ "Cinterion", "BGS3", "REVISION 03.010", true },
	{ "Cinterion", "EGS3", "REVISION 03.010", true },
	{ "Cinterion", "EGS5", "REVISION 03.010", true },
};

/* The best first: the notes do not say in which order it offers them. */
static const uint16_t suites[] = { 0x002F, 0x000A, 0x0002, 0x0001 };

/* Running things a little later. */

static void
work_run(void *arg)
{
	struct cinterion *c = arg;
	void (*work)(struct cinterion *) = c->work;

	c->work = NULL;
	if (work)
		work(c);
}

void
cinterion_later(struct cinterion *c, void (*work)(struct cinterion *), unsigned in_ms)
{
	if (!in_ms) {
		work(c);
		return;
	}
	c->work = work;
	timer_in(c->m->clock, &c->work_timer, in_ms);
}

/* Power. */

static void
start(struct cinterion *c)
{
	cinterion_command_mode(c);
	c->final_seen = false;
	cinterion_settings_factory(c);
	cinterion_store_init(c);
	if (c->m->faults.boot_garbage)
		module_garbage(c->m, c->m->faults.boot_garbage);
}

static void
booted(struct cinterion *c)
{
	start(c);
	cinterion_urc(c, "^SYSSTART");
	cinterion_net_init(c);
}

void
cinterion_reset(struct cinterion *c, bool stay_off)
{
	timer_stop(c->m->clock, &c->work_timer);
	c->work = NULL;
	c->mode = C_OFF;
	module_lose_power(c->m);
	c->m->counters.resets++;
	module_log(c->m, "* %s", stay_off ? "off" : "reset");
	cinterion_online_leave(c);
	cinterion_store_reset(c);
	for (int i = 0; i < CINTERION_SERVICES; i++)
		serv_forget(&c->serv[i]);
	cinterion_net_reset(c);
	fifo_clear(&c->urcs);
	c->len = 0;
	c->ready = c->overlong = c->reading = false;
	c->target = NULL;
	cinterion_mend(c, DEAD_RESET);
	if (!stay_off)
		cinterion_later(c, booted, c->m->opts.boot_ms);
	module_input_resume(c->m);
}

int
cinterion_power_cycle(struct cinterion *c, void (*then)(struct cinterion *))
{
	cinterion_finish(c, C_OK);
	c->mode = C_OFF;
	cinterion_later(c, then, (unsigned)(module_out_done_ms(c->m) - c->m->clock->now_ms) + 50);
	return C_LATER;
}

static void
cinterion_event(void *state, enum sim_event event)
{
	struct cinterion *c = state;

	switch (event) {
	case SIM_RESET:
		cinterion_reset(c, false);
		break;
	case SIM_POWER:
		if (c->mode == C_OFF && !c->work)
			cinterion_later(c, booted, c->m->opts.boot_ms);
		break;
	case SIM_PEER_CLOSE:
	case SIM_PEER_ABORT:
		for (int i = 0; i < CINTERION_SERVICES; i++) {
			struct serv *s = &c->serv[i];

			if (!s->conn || s->ended || s->state < SERV_UP)
				continue;
			s->ended = true;
			s->how = event == SIM_PEER_CLOSE ? FAR_CLOSED : FAR_ABORTED;
			conn_check_end(s);
		}
		break;
	case SIM_DTR_DROP:
	case SIM_DTR_RAISE:
		cinterion_dtr(c, event == SIM_DTR_RAISE);
		break;
	default:
		cinterion_net_event(c, event);
	}
}

static void
cinterion_urc_op(void *state, const char *text)
{
	cinterion_urc(state, "%s", text);
}

static void
cinterion_output_room(void *state)
{
	struct cinterion *c = state;

	if (c->mode == C_ONLINE)
		cinterion_online_pull(c);
}

/* &C0: always; &C1: in data mode; &C2: while a service is Connecting or Up. */
static bool
cinterion_carrier(void *state)
{
	const struct cinterion *c = state;

	if (c->p.c == 0 || c->mode == C_ONLINE)
		return true;
	for (int i = 0; i < CINTERION_SERVICES && c->p.c == 2; i++)
		if (c->serv[i].state == SERV_CONNECTING || c->serv[i].state == SERV_UP)
			return true;
	return false;
}

static const char *
cinterion_identity(void *state)
{
	return ((struct cinterion *)state)->identity;
}

static const uint16_t *
cinterion_suites(void *state, size_t *ret_n)
{
	(void)state;
	*ret_n = sizeof(suites) / sizeof(suites[0]);
	return suites;
}

static void *
cinterion_create(struct module *m, const char *family)
{
	const struct cinterion_traits *row = NULL;
	struct cinterion *c;

	(void)family;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !row; i++)
		if (!m->opts.model || str_starts(rows[i].model, m->opts.model) || str_starts(m->opts.model, rows[i].model))
			row = &rows[i];
	if (!row)
		return NULL;
	c = xcalloc(1, sizeof(*c));
	c->m = m;
	c->traits = row;
	str_copy(c->model, sizeof(c->model), m->opts.model ? m->opts.model : row->model);
	str_copy(c->revision, sizeof(c->revision), m->opts.firmware ? m->opts.firmware : row->revision);
	snprintf(c->identity, sizeof(c->identity), "%s %s %s", row->manufacturer, c->model, c->revision);
	c->dtr = true;
	timer_init(&c->work_timer, work_run, c);
	cinterion_online_init(c);
	for (int i = 0; i < CINTERION_SERVICES; i++)
		serv_init(c, &c->serv[i], i);
	cinterion_net_make(c);
	if (m->opts.clock_unset)
		c->clock_offset = 1072915200 - m->clock->wall_s; /* 1 January 2004 */
	cinterion_net_reset(c);
	start(c); /* it has been on for a while: no ^SYSSTART */
	cinterion_net_init(c);
	return c;
}

static void
cinterion_destroy(void *state)
{
	struct cinterion *c = state;

	cinterion_online_leave(c);
	cinterion_store_deinit(c);
	for (int i = 0; i < CINTERION_SERVICES; i++)
		serv_deinit(&c->serv[i]);
	cinterion_net_reset(c);
	timer_stop(c->m->clock, &c->work_timer);
	fifo_deinit(&c->urcs);
	fifo_deinit(&c->block);
	free(c);
}

static const char *const names[] = { "cinterion", NULL };

const struct family_ops cinterion_family = {
	.names = names,
	.create = cinterion_create,
	.destroy = cinterion_destroy,
	.input = cinterion_input,
	.train = cinterion_train,
	.output_room = cinterion_output_room,
	.event = cinterion_event,
	.urc = cinterion_urc_op,
	.swap_card = cinterion_swap_card,
	.clock_jump = cinterion_clock_jump,
	.faults = cinterion_faults,
	.carrier = cinterion_carrier,
	.identity = cinterion_identity,
	.suites = cinterion_suites,
};
