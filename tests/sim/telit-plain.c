/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-plain.c - simulated Telit modules: plain sockets, #SD and its kin
 *
 * Ids 1 to 6, apart from SSId 1.  A read does not wait, and names its socket.
 */
#include "telit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SRECV_MAX 1500
#define SSEND_MAX 1024
#define SSENDEXT_MAX 1500

int
telit_plain_error(enum far_fail why)
{
	switch (why) {
	case FAR_DNS:
		return CME_SOCK_DNS;
	case FAR_TIMEOUT:
		return CME_SOCK_TIMEOUT;
	default:
		return CME_SOCK_FAILED;
	}
}

static struct sock *
sock_arg(struct telit *t, const struct at_args *a)
{
	long id;

	return at_int(a, 0, 1, TELIT_SOCKETS, -1, &id) ? &t->plain[id - 1] : NULL;
}

static void
store(struct sock *s)
{
	char name[32], text[64];

	snprintf(name, sizeof(name), "scfg%d", s->id);
	snprintf(text, sizeof(text), "%d %d %d %d %d %d %d %d", s->cid, s->pkt, s->max_s, s->conn_ds, s->tx_ds, s->ext[0], s->ext[1],
		 s->ext[2]);
	flash_put_text(s->t->m->flash, name, text);
}

void
telit_plain_init(struct telit *t)
{
	for (int i = 0; i < TELIT_SOCKETS; i++) {
		struct sock *s = &t->plain[i];
		const char *text;
		char name[32];

		s->cid = i < 3 ? 1 : 2;
		s->pkt = 300;
		s->max_s = 90;
		s->conn_ds = 600;
		s->tx_ds = 50;
		memset(s->ext, 0, sizeof(s->ext));
		snprintf(name, sizeof(name), "scfg%d", s->id);
		text = flash_text(t->m->flash, name);
		if (text)
			sscanf(text, "%d %d %d %d %d %d %d %d", &s->cid, &s->pkt, &s->max_s, &s->conn_ds, &s->tx_ds, &s->ext[0],
			       &s->ext[1], &s->ext[2]);
	}
}

static int
scfg_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);
	long cid, pkt, max, conn, tx;

	if (!s || a->n != 6 || !at_int(a, 1, 1, TELIT_CIDS, -1, &cid) || !at_int(a, 2, 0, 1500, -1, &pkt) ||
	    !at_int(a, 3, 0, 65535, -1, &max) || !at_int(a, 4, 10, 1200, -1, &conn) || !at_int(a, 5, 0, 255, -1, &tx))
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_CLOSED)
		return CME_NOT_ALLOWED;
	s->cid = (int)cid;
	s->pkt = (int)pkt;
	s->max_s = (int)max;
	s->conn_ds = (int)conn;
	s->tx_ds = (int)tx;
	store(s);
	return T_OK;
}

static int
scfg_read(struct telit *t)
{
	for (const struct sock *s = t->plain; s < t->plain + TELIT_SOCKETS; s++)
		telit_info(t, "#SCFG: %d,%d,%d,%d,%d,%d", s->id, s->cid, s->pkt, s->max_s, s->conn_ds, s->tx_ds);
	return T_OK;
}

static int
scfgext_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);
	long ring, data, alive;

	if (!s || a->n < 4 || !at_int(a, 1, 0, 2, -1, &ring) || !at_int(a, 2, 0, 1, -1, &data) || !at_int(a, 3, 0, 240, -1, &alive))
		return CME_NOT_SUPPORTED;
	s->ext[0] = (int)ring;
	s->ext[1] = (int)data;
	s->ext[2] = (int)alive;
	store(s);
	return T_OK;
}

static int
scfgext_read(struct telit *t)
{
	for (const struct sock *s = t->plain; s < t->plain + TELIT_SOCKETS; s++)
		telit_info(t, "#SCFGEXT: %d,%d,%d,%d", s->id, s->ext[0], s->ext[1], s->ext[2]);
	return T_OK;
}

static int
sd_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);
	struct far_params p = { 0 };
	long udp, port, closure, local, command;

	if (!s || a->n < 4 || a->n > 7 || !at_int(a, 1, 0, 1, -1, &udp) || !at_int(a, 2, 1, 65535, -1, &port) || !*a->v[3] ||
	    !at_int(a, 4, 0, 255, 0, &closure) || (closure && closure != 255) || !at_int(a, 5, 0, 65535, 0, &local) ||
	    !at_int(a, 6, 0, 1, 0, &command))
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_CLOSED)
		return CME_WRONG_STATE;
	if (!t->context[s->cid])
		return CME_CTX_NOT_OPEN;
	str_copy(s->host, sizeof(s->host), a->v[3]);
	s->port = (unsigned)port;
	s->closure = (int)closure;
	s->mode_online = !command;
	p.udp = udp;
	return sock_dial(s, &p, (unsigned)s->conn_ds * 100);
}

static int
so_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);

	if (!s || a->n != 1)
		return CME_NOT_SUPPORTED;
	return s->state == SOCK_OPEN ? sock_resume(s) : CME_SOCK_RESUME;
}

static int
sh_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);

	if (!s || a->n != 1)
		return CME_NOT_SUPPORTED;
	return sock_hang_up(s);
}

static void
show_state(struct telit *t, const struct sock *s)
{
	if (s->state != SOCK_OPEN)
		telit_info(t, "#SS: %d,0", s->id);
	else
		telit_info(t, "#SS: %d,%d,%s,%u,%s,%u", s->id, s->rx.len ? 3 : 2, s->local_ip, s->local_port, s->remote_ip, s->port);
}

static int
ss(struct telit *t)
{
	for (const struct sock *s = t->plain; s < t->plain + TELIT_SOCKETS; s++)
		show_state(t, s);
	return T_OK;
}

static int
ss_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);

	if (!s || a->n != 1)
		return CME_NOT_SUPPORTED;
	show_state(t, s);
	return T_OK;
}

static void
show_counts(struct telit *t, const struct sock *s)
{
	telit_info(t, "#SI: %d,%llu,%llu,%zu,%zu", s->id, (unsigned long long)s->sent, (unsigned long long)s->received, s->rx.len,
		   s->tx.len);
}

static int
si(struct telit *t)
{
	for (const struct sock *s = t->plain; s < t->plain + TELIT_SOCKETS; s++)
		show_counts(t, s);
	return T_OK;
}

static int
si_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);

	if (!s || a->n != 1)
		return CME_NOT_SUPPORTED;
	show_counts(t, s);
	return T_OK;
}

static int
ssend_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);

	if (!s || a->n != 1)
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_OPEN)
		return CME_WRONG_STATE;
	return sock_send_prompt(s, false, SSEND_MAX, (unsigned)s->conn_ds * 100);
}

static int
ssendext_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);
	long len;

	if (!s || a->n != 2 || !at_int(a, 1, 1, SSENDEXT_MAX, -1, &len))
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_OPEN)
		return CME_WRONG_STATE;
	return sock_send_prompt(s, true, (size_t)len, (unsigned)s->conn_ds * 100);
}

static int
srecv_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);
	char head[40];
	long max;
	size_t n;

	if (!s || a->n != 2 || !at_int(a, 1, 1, SRECV_MAX, -1, &max))
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_OPEN || !s->rx.len)
		return CME_NOT_ALLOWED;
	t->target = s;
	n = s->rx.len < (size_t)max ? s->rx.len : (size_t)max;
	snprintf(head, sizeof(head), "#SRECV: %d,%zu", s->id, n);
	telit_info_bytes(t, head, fifo_bytes(&s->rx), n);
	fifo_drop(&s->rx, n);
	if (s->rx.len) {
		telit_finish(t, T_OK);
		sock_ring(s);
	} else {
		telit_finish(t, T_OK);
	}
	sock_pull(s);
	return T_LATER;
}

static int
slastclosure_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = sock_arg(t, a);

	if (!s || a->n != 1)
		return CME_NOT_SUPPORTED;
	telit_info(t, "#SLASTCLOSURE: %d,%d", s->id, (int)s->cause);
	return T_OK;
}

const struct telit_cmd telit_plain_cmds[] = {
	{ "#SCFG", scfg_set, scfg_read, NULL, "(1-6),(1-5),(0-1500),(0-65535),(10-1200),(0-255)", NEED_SELINT },
	{ "#SCFGEXT", scfgext_set, scfgext_read, NULL, "(1-6),(0-2),(0,1),(0-240)", NEED_SELINT },
	{ "#SD", sd_set, NULL, NULL, "(1-6),(0,1),(1-65535),,(0,255),(0-65535),(0,1)", NEED_SIM | NEED_SELINT },
	{ "#SO", so_set, NULL, NULL, "(1-6)", NEED_SELINT },
	{ "#SH", sh_set, NULL, NULL, "(1-6)", NEED_SELINT },
	{ "#SS", ss_set, NULL, ss, "", NEED_SELINT },
	{ "#SI", si_set, NULL, si, "(1-6)", NEED_SELINT },
	{ "#SSEND", ssend_set, NULL, NULL, "(1-6)", NEED_SELINT },
	{ "#SSENDEXT", ssendext_set, NULL, NULL, "(1-6),(1-1500)", NEED_SELINT },
	{ "#SRECV", srecv_set, NULL, NULL, "(1-6),(1-1500)", NEED_SELINT },
	{ "#SLASTCLOSURE", slastclosure_set, NULL, NULL, "(1-6)", NEED_SELINT },
	{ 0 },
};
