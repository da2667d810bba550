/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-sock.c - simulated Cinterion modules: ^SISR and ^SISW, the Socket service's data
 *
 * The answer to ^SISW is the word to send: then come as many bytes as it says,
 * whatever they are.
 */
#include "cinterion.h"

#include <stdio.h>

#define ROOM_TOLD_MS 10 /* after a write's OK (A-23 has it within 20) */

static int
socket_find(struct cinterion *c, const struct at_args *a, struct serv **ret)
{
	int r = serv_find(c, a, ret);

	if (r)
		return r;
	return (*ret)->type == SERV_SOCKET ? 0 : CME_NOT_ALLOWED;
}

/* How many bytes ^SISR gives, or what it says instead. */
static long
read_count(const struct serv *s, long asked)
{
	long there = (long)s->rx.len;

	if (!there)
		return s->ended ? -2 : 0;
	return asked && asked < there ? asked : there;
}

static int
sisr_set(struct cinterion *c, const struct at_args *a)
{
	struct serv *s;
	int r = socket_find(c, a, &s);
	char head[48];
	long asked, n;

	if (r)
		return r;
	if (a->n != 2 || !cinterion_number(at_str(a, 1), 0, CINTERION_BLOCK, &asked))
		return CME_PARAMETERS;
	if (s->state < SERV_UP)
		return CME_NOT_NOW;
	if (s->state == SERV_DOWN && !s->rx.len && !s->ended)
		return CME_FAILED;
	n = read_count(s, asked);
	snprintf(head, sizeof(head), "^SISR: %d,%s%ld", s->id, cinterion_gap(c), n);
	if (!asked || n <= 0) {
		cinterion_info(c, "%s", head);
		s->ring_armed |= asked && n == 0;
		return C_OK;
	}
	cinterion_info_bytes(c, head, fifo_bytes(&s->rx), (size_t)n);
	fifo_drop(&s->rx, (size_t)n);
	c->m->counters.payload_out += (uint64_t)n;
	s->ring_armed = n < asked;
	conn_pull(s);
	return C_OK;
}

/* ^SISW. */

static void
write_done(struct cinterion *c)
{
	struct serv *s = c->target;

	if (s->state != SERV_UP) { /* it has ended meanwhile */
		cinterion_finish(c, CME_FAILED);
		return;
	}
	conn_send(s, fifo_bytes(&c->block), c->block.len);
	if (c->eod)
		conn_end_sending(s);
	else
		conn_want_room(s, ROOM_TOLD_MS);
	cinterion_finish(c, C_OK);
}

static size_t
take_block(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	size_t left = c->wanted - c->block.len, n = len < left ? len : left;

	fifo_put(&c->block, bytes, n);
	if (c->block.len == c->wanted) {
		c->mode = C_BUSY;
		cinterion_later(c, write_done, cinterion_delay(c));
	}
	return n;
}

static int
sisw_set(struct cinterion *c, const struct at_args *a)
{
	const char *gap = cinterion_gap(c);
	struct serv *s;
	int r = socket_find(c, a, &s);
	long n, eod = 0;
	size_t room, taken;

	if (r)
		return r;
	if (a->n < 2 || a->n > 3 || !cinterion_number(at_str(a, 1), 0, CINTERION_BLOCK, &n) ||
	    (a->n == 3 && !cinterion_number(at_str(a, 2), 0, 1, &eod)))
		return CME_PARAMETERS;
	if (s->state != SERV_UP)
		return CME_NOT_NOW;
	room = conn_room(s);
	taken = (size_t)n < room ? (size_t)n : room;
	if (taken && sim_chance(&c->m->random, c->m->faults.no_prompt)) {
		c->m->counters.faults++;
		c->infos++;
	} else {
		cinterion_info(c, "^SISW: %d,%s%zu,%s%zu", s->id, gap, taken, gap, s->tx.len + taken);
	}
	c->eod = eod && taken == (size_t)n;
	if (!taken) {
		if (c->eod)
			conn_end_sending(s);
		else if (n)
			conn_want_room(s, 0);
		return C_OK;
	}
	c->target = s;
	c->wanted = taken;
	fifo_clear(&c->block);
	cinterion_payload(c, take_block);
	return C_LATER;
}

const struct cinterion_cmd cinterion_sock_cmds[] = {
	{ "^SISR", sisr_set, NULL },
	{ "^SISW", sisw_set, NULL },
	{ 0 },
};
