/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-online.c - simulated Cinterion modules: the Transparent service's data mode and the way out of it
 *
 * What to know first: the bytes of a +++ reach the peer, whether it is an
 * escape or not; and the end of the connection puts the line back into command
 * mode, where bytes that the host had on their way are read as commands.
 */
#include "cinterion.h"

#define GUARD_MS 1000 /* of silence on both sides of +++ */
#define PLUS_MS 1000  /* for its three bytes */
#define DLE 0x10

static void
escape_forget(struct cinterion *c)
{
	timer_stop(c->m->clock, &c->esc.timer);
	c->esc.plus = 0;
}

void
cinterion_online_leave(struct cinterion *c)
{
	escape_forget(c);
	c->esc.dle = false;
	c->online = NULL;
}

/* Behind the word that ends data mode. */
static void
command_mode_begins(struct cinterion *c, struct serv *s)
{
	c->final_ms = module_out_done_ms(c->m);
	c->final_seen = true;
	s->ring_armed = true; /* what is left is announced once */
	conn_pull(s);
	cinterion_flush_urcs(c);
	module_input_resume(c->m);
}

static void
leave(struct cinterion *c)
{
	struct serv *s = c->online;

	cinterion_online_leave(c);
	cinterion_command_mode(c);
	c->m->counters.escapes++;
	module_log(c->m, "* escape");
	c->no_answer = false;
	cinterion_line_out(c, "OK");
	c->infos = 0;
	command_mode_begins(c, s);
	conn_check_end(s);
}

/* without an end of line before the words, unless it is asked for. */
void
cinterion_online_end(struct cinterion *c)
{
	struct serv *s = c->online;

	module_put(c->m, fifo_bytes(&s->rx), s->rx.len);
	c->m->counters.payload_out += s->rx.len;
	fifo_clear(&s->rx);
	cinterion_online_leave(c);
	cinterion_command_mode(c);
	module_log(c->m, "* the end, in data mode");
	module_puts(c->m, c->m->opts.has & SIM_BREAKS_NO_CARRIER ? "\x10\x04\r\nNO CARRIER\r\n" : "\x10\x04NO CARRIER\r\n");
	c->no_answer = false;
	command_mode_begins(c, s);
}

/* To the host. */

/* As much as the line takes now; what there is no room for stays with the peer. */
static void
give(struct cinterion *c, struct serv *s)
{
	size_t room, n;

	while ((room = module_out_room(c->m))) {
		if (!s->rx.len && s->conn) {
			n = far_read(s->conn, fifo_reserve(&s->rx, room), room);
			fifo_commit(&s->rx, n);
			s->received += n;
		}
		n = s->rx.len < room ? s->rx.len : room;
		if (!n)
			return;
		module_put(c->m, fifo_bytes(&s->rx), n); /* as it is */
		c->m->counters.payload_out += n;
		fifo_drop(&s->rx, n);
	}
}

void
cinterion_online_pull(struct cinterion *c)
{
	struct serv *s = c->online;

	if (!s || cinterion_dead(c))
		return;
	give(c, s);
	if (s->rx.len || !s->ended) {
		if (conn_room(s))
			module_input_resume(c->m);
		return;
	}
	if (!s->end_told) {
		conn_check_end(s);
		return;
	}
	s->state = SERV_DOWN; /* it ended in command mode, and now its rest has been read */
	bearer_check_idle(&c->bearers[s->con_id]);
	cinterion_online_end(c);
}

/* From the host. */

static void
escape_run(void *arg)
{
	struct cinterion *c = arg;

	if (c->mode == C_ONLINE && c->esc.plus == 3)
		leave(c);
	else
		c->esc.plus = 0;
}

/* Looks for +++ between silences; `now` is when the bytes came. */
static void
watch_escape(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	uint64_t now = c->m->clock->now_ms;
	bool silent = now >= c->esc.last_ms + GUARD_MS, plus = true;

	c->esc.last_ms = now;
	for (size_t i = 0; i < len; i++)
		plus &= bytes[i] == '+';
	if (!plus || (!c->esc.plus && !silent) || (size_t)c->esc.plus + len > 3 || c->m->faults.no_escape ||
	    (c->esc.plus && now > c->esc.first_ms + PLUS_MS)) {
		escape_forget(c);
		return;
	}
	if (!c->esc.plus)
		c->esc.first_ms = now;
	c->esc.plus += (int)len;
	if (c->esc.plus == 3)
		timer_in(c->m->clock, &c->esc.timer, GUARD_MS);
}

/*
 * What is escaped with DLE, as far as there is room: a DLE that should have been doubled is payload with
 * what follows.  Returns how many bytes it took; *ret_left: the last of them was etx.
 */
static size_t
take_escaped(struct cinterion *c, struct serv *s, const uint8_t *bytes, size_t len, bool *ret_left)
{
	uint8_t out[1024];
	size_t room = conn_room(s), filled = 0, n = 0;

	if (room > sizeof(out))
		room = sizeof(out);
	*ret_left = false;
	while (n < len && filled + 2 <= room && !*ret_left) {
		uint8_t b = bytes[n++];

		if (!c->esc.dle && b == DLE) {
			c->esc.dle = true;
			continue;
		}
		*ret_left = c->esc.dle && b == s->etx;
		if (c->esc.dle && b != DLE && !*ret_left) {
			c->m->counters.violations++;
			out[filled++] = DLE;
		}
		if (!*ret_left)
			out[filled++] = b;
		c->esc.dle = false;
	}
	conn_send(s, out, filled); /* all at once, for each is a TLS record */
	return n;
}

size_t
cinterion_online_input(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	struct serv *s = c->online;
	size_t room = conn_room(s), n;
	bool left;

	if (s->state != SERV_UP) { /* nobody to send it to */
		watch_escape(c, bytes, len);
		return len;
	}
	if (!room)
		return 0;
	if (s->etx < 0) {
		n = len < room ? len : room;
		watch_escape(c, bytes, n);
		conn_send(s, bytes, n);
		return n;
	}
	n = take_escaped(c, s, bytes, len, &left);
	if (left)
		leave(c);
	else if (n)
		watch_escape(c, bytes, n);
	return n;
}

/* DTR, ON to OFF.  It also ends a payload that nobody completes. */
void
cinterion_dtr(struct cinterion *c, bool raised)
{
	bool drop = c->dtr && !raised && c->p.d;

	c->dtr = raised;
	if (drop && c->mode == C_ONLINE) {
		leave(c);
	} else if (drop && c->mode == C_PAYLOAD) {
		cinterion_store_reset(c);
		cinterion_finish(c, C_ERROR);
	}
}

/* AT^SIST. */

static int
sist_set(struct cinterion *c, const struct at_args *a)
{
	struct serv *s;
	int r = serv_find(c, a, &s);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (s->type != SERV_TRANSPARENT)
		return CME_NOT_ALLOWED;
	if (s->state == SERV_DOWN) {
		cinterion_line_out(c, "NO CARRIER");
		return C_SILENT;
	}
	if (s->state < SERV_UP)
		return CME_NOT_NOW;
	if (!c->no_final)
		cinterion_line_out(c, "CONNECT");
	module_log(c->m, "* data mode");
	c->len = 0;
	c->mode = C_ONLINE;
	c->online = s;
	c->final_seen = false;
	escape_forget(c);
	c->esc.dle = false;
	c->esc.last_ms = module_out_done_ms(c->m); /* the silence counts from CONNECT */
	cinterion_online_pull(c);
	return C_LATER;
}

void
cinterion_online_init(struct cinterion *c)
{
	timer_init(&c->esc.timer, escape_run, c);
}

const struct cinterion_cmd cinterion_online_cmds[] = {
	{ .name = "^SIST", .set = sist_set },
	{ 0 },
};
