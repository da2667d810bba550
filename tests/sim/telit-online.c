/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-online.c - simulated Telit modules: data mode and the way out of it
 *
 * The escape is three S2 bytes with silence of the guard time before the first
 * and after the third, and no longer silence between them.  Where #SKIPESC is
 * 0 they reach the peer like any byte; else they are withheld until it is clear
 * that they are none.
 */
#include "telit.h"

#include <string.h>

static bool
all_escape(const struct telit *t, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != (uint8_t)t->p.s[2])
			return false;
	return true;
}

/* May these bytes be the next of an escape? */
static bool
candidate(const struct telit *t, const uint8_t *bytes, size_t len)
{
	if ((size_t)t->esc_count + len > 3 || !all_escape(t, bytes, len) || t->m->faults.no_escape)
		return false;
	return t->esc_count || t->m->clock->now_ms >= t->online_last_ms + telit_guard_ms(t);
}

/* No escape after all: what was withheld is data. */
static void
escape_cancel(struct telit *t)
{
	uint8_t held[3];

	memset(held, t->p.s[2], sizeof(held));
	timer_stop(t->m->clock, &t->esc_timer);
	if (t->p.skipesc && t->esc_count)
		sock_gather(t->online, held, (size_t)t->esc_count);
	t->esc_count = 0;
}

static void
to_command_mode(struct telit *t)
{
	struct sock *s = t->online;
	char text[48];

	telit_online_leave(t);
	sock_flush(s);
	telit_command_mode(t);
	t->m->counters.escapes++;
	module_log(t->m, "* escape");
	if (s->peer_gone && !s->rx.len) {
		sock_no_carrier(s, text, sizeof(text), CAUSE_FIN);
		conn_close(s, CAUSE_FIN);
		telit_line_out(t, text);
	} else {
		telit_line_out(t, "OK");
	}
	t->final_ms = module_out_done_ms(t->m);
	t->final_seen = true;
	telit_flush_urcs(t);
	sock_pull(s);
	module_input_resume(t->m);
}

static void
escape_run(void *arg)
{
	struct telit *t = arg;

	if (t->mode != T_ONLINE)
		return;
	if (t->esc_count < 3) {
		escape_cancel(t);
		return;
	}
	t->esc_count = 0;
	to_command_mode(t);
}

size_t
telit_online_input(struct telit *t, const uint8_t *bytes, size_t len)
{
	uint64_t now = t->m->clock->now_ms;
	size_t n;

	if (candidate(t, bytes, len)) {
		if (!t->p.skipesc && sock_send_online(t->online, bytes, len) < len)
			module_log(t->m, "* escape bytes did not fit");
		t->esc_count += (int)len;
		t->online_last_ms = now;
		/* a byte in the very millisecond in which the guard ends is still in time, but for the end */
		timer_in(t->m->clock, &t->esc_timer, telit_guard_ms(t) + (t->esc_count < 3));
		return len;
	}
	if (t->esc_count)
		escape_cancel(t);
	n = sock_send_online(t->online, bytes, len);
	if (n)
		t->online_last_ms = now;
	return n;
}

void
telit_go_online(struct telit *t, struct sock *s)
{
	t->mode = T_ONLINE;
	t->online = s;
	t->esc_count = 0;
	t->online_last_ms = module_out_done_ms(t->m); /* the silence counts from CONNECT */
	s->active_ms = t->m->clock->now_ms;
	if (s->max_s)
		timer_in(t->m->clock, &s->idle_timer, (uint64_t)s->max_s * 1000);
	sock_pull(s);
	sock_check_end(s);
}

void
telit_online_leave(struct telit *t)
{
	if (t->online)
		timer_stop(t->m->clock, &t->online->idle_timer);
	timer_stop(t->m->clock, &t->esc_timer);
	t->esc_count = 0;
	t->online = NULL;
}

/* DTR: what counts is that it stays down for S25 times 10 ms. */
static void
dtr_run(void *arg)
{
	struct telit *t = arg;
	int d = t->p.d;

	if (t->dtr || t->mode != T_ONLINE)
		return;
	if (t->p.cvhu != 2 && d == 0)
		d = 5;
	if (d == 1)
		to_command_mode(t);
	else if (d == 2 || d == 5)
		sock_lost(t->online, CAUSE_FIN);
}

void
telit_dtr(struct telit *t, bool raised)
{
	t->dtr = raised;
	if (raised)
		timer_stop(t->m->clock, &t->dtr_timer);
	else
		timer_in(t->m->clock, &t->dtr_timer, (uint64_t)t->p.s[25] * 10);
}

void
telit_online_init(struct telit *t)
{
	timer_init(&t->esc_timer, escape_run, t);
	timer_init(&t->dtr_timer, dtr_run, t);
}
