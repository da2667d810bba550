/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-ssl.c - simulated Telit modules: the #SSL commands
 *
 * One TLS socket, SSId 1, over context 1.  A read holds the command line until
 * data, the end or its time limit comes.
 */
#include "telit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define RECV_MAX 1000
#define SEND_MAX 1023
#define SENDEXT_MAX 1500

/* TLS parameters that are the same for all of the family. */
#define TLS_1_0 0x0301

int
telit_ssl_error(enum far_fail why)
{
	switch (why) {
	case FAR_DNS:
	case FAR_REFUSED:
	case FAR_TIMEOUT:
		return CME_SSL_SOCKET;
	case FAR_ITEMS:
		return CME_SSL_ITEMS;
	case FAR_HANDSHAKE:
	case FAR_CERT:
		break;
	}
	return CME_SSL_HANDSHAKE;
}

void
telit_ssl_forget(struct telit *t)
{
	if (t->session)
		t->m->far->ops->session_free(t->session);
	t->session = NULL;
}

static void
session_keep(struct telit *t)
{
	struct far_session *now = t->ssl.conn ? t->m->far->ops->session(t->ssl.conn) : NULL;

	if (!now)
		return;
	telit_ssl_forget(t);
	t->session = now;
	str_copy(t->session_host, sizeof(t->session_host), t->ssl.host);
	t->session_port = t->ssl.port;
}

void
telit_ssl_opened(struct telit *t, const struct far_opened *how)
{
	t->m->counters.handshakes++;
	t->m->counters.resumptions += how->resumed;
	module_log(t->m, "* connected, suite %04x%s", how->suite, how->resumed ? ", resumed" : "");
	if (t->ssl.closure)
		session_keep(t);
	else
		telit_ssl_forget(t);
}

static int
cipher_id(const struct telit *t)
{
	for (int id = 1; id <= t->traits->max_cipher; id++)
		if (t->traits->suites[id] == t->ssl.suite)
			return id;
	return 0;
}

/* #SSLEN, #SSLCFG. */

static int
sslen_set(struct telit *t, const struct at_args *a)
{
	long id, on;

	if (a->n != 2 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 0, 1, -1, &on))
		return CME_NOT_SUPPORTED;
	if (on && t->ssl_enabled)
		return CME_SSL_ACTIVATED;
	if (!on && !t->ssl_enabled)
		return CME_SSL_NOT_ACTIVATED;
	if (!on && t->ssl.state != SOCK_CLOSED)
		return CME_SSL_CONNECTED;
	if (!on)
		telit_ssl_forget(t);
	t->ssl_enabled = on;
	return T_OK;
}

static int
sslen_read(struct telit *t)
{
	telit_info(t, "#SSLEN: 1,%d", t->ssl_enabled);
	return T_OK;
}

static int
sslcfg_set(struct telit *t, const struct at_args *a)
{
	static const struct {
		int min, max;
	} ranges[] = { { 1, 1 }, { 1, 1 }, { 0, 1500 }, { 0, 65535 }, { 10, 5000 }, { 0, 255 }, { 0, 2 }, { 0, 2 }, { 0, 255 }, { 0, 255 } };
	struct sock *s = &t->ssl;
	char text[64];
	long v[10] = { 0 };

	if (a->n < 6 || a->n > (telit_has(t, SIM_SSLRING) ? 10 : 6))
		return CME_NOT_SUPPORTED;
	v[6] = s->ring;
	v[7] = s->no_carrier;
	for (int i = 0; i < a->n; i++)
		if (!at_int(a, i, ranges[i].min, ranges[i].max, i < 6 ? -1 : v[i], &v[i]))
			return CME_NOT_SUPPORTED;
	s->cid = (int)v[1];
	s->pkt = (int)v[2];
	s->max_s = (int)v[3];
	s->def_ds = (int)v[4];
	s->tx_ds = (int)v[5];
	s->ring = (int)v[6];
	s->no_carrier = (int)v[7];
	snprintf(text, sizeof(text), "%d %d %d %d %d %d %d", s->cid, s->pkt, s->max_s, s->def_ds, s->tx_ds, s->ring, s->no_carrier);
	flash_put_text(t->m->flash, "sslcfg", text);
	return T_OK;
}

static int
sslcfg_read(struct telit *t)
{
	const struct sock *s = &t->ssl;
	char text[64] = "";

	if (telit_has(t, SIM_SSLRING))
		snprintf(text, sizeof(text), ",%d,%d,0,0", s->ring, s->no_carrier);
	telit_info(t, "#SSLCFG: 1,%d,%d,%d,%d,%d%s", s->cid, s->pkt, s->max_s, s->def_ds, s->tx_ds, text);
	return T_OK;
}

void
telit_ssl_init(struct telit *t)
{
	const char *text = flash_text(t->m->flash, "sslcfg");
	struct sock *s = &t->ssl;

	s->cid = 1;
	s->pkt = 300;
	s->max_s = 90;
	s->def_ds = 100;
	s->tx_ds = 50;
	s->ring = s->no_carrier = 0;
	if (text)
		sscanf(text, "%d %d %d %d %d %d %d", &s->cid, &s->pkt, &s->max_s, &s->def_ds, &s->tx_ds, &s->ring, &s->no_carrier);
	t->ssl_enabled = false;
}

/* Dialling and closing. */

static int
dial(struct telit *t, bool resume, long timeout_ds)
{
	struct far_params p = { .tls = true,
				.min_version = TLS_1_0,
				.max_version = TLS_1_0,
				.now_s = telit_clock(t),
				.max_record = telit_has(t, SIM_LONG_RECORDS) ? 0 : t->traits->max_record,
				.max_cert = TELIT_ITEM_MAX };
	uint16_t one[1];
	int r;

	if (!t->context[1])
		return CME_CTX_NOT_OPEN;
	r = telit_sec_items(t, &p);
	if (r)
		return r;
	/* 0: all but NULL, which the 3G line does only when it is asked for */
	p.suites = t->traits->suites + (t->cipher ? t->cipher : 1);
	p.n_suites = t->cipher ? sizeof(one) / sizeof(one[0]) : 3;
	p.resume = resume ? t->session : NULL;
	return sock_dial(&t->ssl, &p, (unsigned)timeout_ds * 100);
}

static int
sslo_set(struct telit *t, const struct at_args *a)
{
	long id;
	int result;

	if (a->n != 1 || !at_int(a, 0, 1, 1, -1, &id))
		return CME_NOT_SUPPORTED;
	if (t->ssl.state != SOCK_OPEN)
		return CME_SSL_NOT_CONNECTED;
	if (t->m->faults.resume_stays)
		return T_OK;
	result = sock_resume(&t->ssl);
	return t->m->faults.resume_ok ? T_CONNECT_OK : result; /* OK: a firmware that is said to exist */
}

static int
ssld_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = &t->ssl;
	long id, port, closure, mode, timeout;

	if (a->n < 5 || a->n > 6 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 1, 65535, -1, &port) || !*a->v[2] ||
	    !at_int(a, 3, 0, 1, -1, &closure) || !at_int(a, 4, 0, 1, -1, &mode) || !at_int(a, 5, 10, 5000, s->def_ds, &timeout))
		return CME_NOT_SUPPORTED;
	if (closure && t->traits->line3g)
		return T_ERROR;
	if (s->state != SOCK_CLOSED)
		return CME_SSL_CONNECTED;
	str_copy(s->host, sizeof(s->host), a->v[2]);
	s->port = (unsigned)port;
	s->closure = (int)closure;
	s->mode_online = mode == 0;
	return dial(t, false, timeout);
}

static int
sslfastd_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = &t->ssl;
	long id, mode, timeout;

	if (a->n < 2 || a->n > 3 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 0, 1, -1, &mode) ||
	    !at_int(a, 2, 10, 5000, s->def_ds, &timeout))
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_CLOSED)
		return CME_SSL_CONNECTED;
	if (!t->session)
		return CME_SSL_GENERIC;
	str_copy(s->host, sizeof(s->host), t->session_host);
	s->port = t->session_port;
	s->closure = 1;
	s->mode_online = mode == 0;
	return dial(t, true, timeout);
}

static int
sslh_set(struct telit *t, const struct at_args *a)
{
	long id, closure;

	if (a->n < 1 || a->n > 2 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 0, 1, 0, &closure))
		return CME_NOT_SUPPORTED;
	if (closure && t->traits->line3g)
		return T_ERROR;
	/* left out, it does not discard what #SSLD asked to keep */
	if (a->n == 2 && closure)
		session_keep(t);
	else if (a->n == 2)
		telit_ssl_forget(t);
	if (t->ssl.state == SOCK_CLOSED)
		return CME_SSL_NOT_CONNECTED;
	return sock_hang_up(&t->ssl);
}

/* Sending. */

static int
sslsend_set(struct telit *t, const struct at_args *a)
{
	long id, timeout;

	if (a->n > 2 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 10, 5000, t->ssl.def_ds, &timeout))
		return CME_NOT_SUPPORTED;
	if (t->ssl.state != SOCK_OPEN)
		return CME_SSL_NOT_CONNECTED;
	return sock_send_prompt(&t->ssl, false, SEND_MAX, (unsigned)timeout * 100);
}

static int
sslsendext_set(struct telit *t, const struct at_args *a)
{
	long id, len, timeout;

	if (a->n < 2 || a->n > 3 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 1, SENDEXT_MAX, -1, &len) ||
	    !at_int(a, 2, 10, 5000, t->ssl.def_ds, &timeout))
		return CME_NOT_SUPPORTED;
	if (t->ssl.state != SOCK_OPEN)
		return CME_SSL_NOT_CONNECTED;
	return sock_send_prompt(&t->ssl, true, (size_t)len, (unsigned)timeout * 100);
}

/* Receiving. */

static void
recv_answer(struct telit *t)
{
	struct sock *s = &t->ssl;
	size_t n = s->rx.len < t->recv_max ? s->rx.len : t->recv_max;
	char head[32];

	t->receiving = false;
	timer_stop(t->m->clock, &t->recv_timer);
	snprintf(head, sizeof(head), "#SSLRECV: %zu", n);
	telit_info_bytes(t, head, fifo_bytes(&s->rx), n);
	fifo_drop(&s->rx, n);
	if (s->rx.len) {
		sock_pull(s);
		telit_finish(t, T_OK);
		sock_ring(s);
	} else {
		telit_finish(t, T_OK);
		sock_pull(s);
	}
}

bool
telit_ssl_arrived(struct telit *t)
{
	if (!t->receiving)
		return false;
	recv_answer(t);
	return true;
}

bool
telit_ssl_ended(struct telit *t)
{
	if (!t->receiving)
		return false;
	if (t->ssl.how == FAR_BROKEN) {
		t->receiving = false;
		timer_stop(t->m->clock, &t->recv_timer);
		conn_close(&t->ssl, CAUSE_RST);
		telit_finish(t, CME_SSL_DATA);
	} else if (t->m->faults.disconnected) {
		t->receiving = false;
		timer_stop(t->m->clock, &t->recv_timer);
		telit_info(t, "#SSLRECV: 0");
		telit_info(t, "DISCONNECTED");
		telit_finish(t, T_OK);
	} else {
		sock_lost(&t->ssl, t->ssl.how == FAR_CLOSED ? CAUSE_FIN : CAUSE_RST);
	}
	return true;
}

static void
recv_over(void *arg)
{
	struct telit *t = arg;

	if (!t->receiving)
		return;
	t->receiving = false;
	telit_info(t, "#SSLRECV: 0");
	if (t->m->faults.recv == RECV_TIMEOUT)
		telit_info(t, "TIMEOUT");
	telit_finish(t, T_OK);
}

static int
sslrecv_set(struct telit *t, const struct at_args *a)
{
	struct sock *s = &t->ssl;
	long id, max, timeout;

	if (a->n < 2 || a->n > 3 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 1, RECV_MAX, -1, &max) ||
	    !at_int(a, 2, 10, 5000, s->def_ds, &timeout))
		return CME_NOT_SUPPORTED;
	if (s->state != SOCK_OPEN)
		return CME_SSL_NOT_CONNECTED;
	t->target = s;
	t->recv_max = (size_t)max;
	t->receiving = true;
	if (s->rx.len) {
		recv_answer(t);
	} else if (s->peer_gone) {
		telit_ssl_ended(t);
	} else {
		if (!t->recv_timer.fn)
			timer_init(&t->recv_timer, recv_over, t);
		timer_in(t->m->clock, &t->recv_timer, (uint64_t)timeout * 100);
	}
	return T_LATER;
}

/* Looking. */

static int
ssls_set(struct telit *t, const struct at_args *a)
{
	long id;

	if (a->n != 1 || !at_int(a, 0, 1, 1, -1, &id))
		return CME_NOT_SUPPORTED;
	if (t->ssl.state == SOCK_OPEN)
		telit_info(t, "#SSLS: 1,2,%d", cipher_id(t));
	else
		telit_info(t, "#SSLS: 1,%d", t->ssl_enabled);
	return T_OK;
}

static int
ssli(struct telit *t)
{
	const struct sock *s = &t->ssl;

	telit_info(t, "#SSLI: 1,%llu,%llu,%zu,%zu", (unsigned long long)s->sent, (unsigned long long)s->received, s->rx.len, s->tx.len);
	return T_OK;
}

static int
ssli_set(struct telit *t, const struct at_args *a)
{
	long id;

	if (a->n != 1 || !at_int(a, 0, 1, 1, -1, &id))
		return CME_NOT_SUPPORTED;
	return ssli(t);
}

void
telit_ssl_reset(struct telit *t)
{
	if (t->recv_timer.fn)
		timer_stop(t->m->clock, &t->recv_timer);
	t->receiving = false;
	telit_ssl_forget(t);
	conn_close(&t->ssl, CAUSE_CONTEXT);
	t->ssl_enabled = false;
}

const struct telit_cmd telit_ssl_cmds[] = {
	{ "#SSLEN", sslen_set, sslen_read, NULL, "(1),(0,1)", NEED_SELINT },
	{ "#SSLCFG", sslcfg_set, sslcfg_read, NULL, "", NEED_SSLEN | NEED_SELINT },
	{ "#SSLD", ssld_set, NULL, NULL, "", NEED_SSLEN | NEED_SELINT },
	{ "#SSLFASTD", sslfastd_set, NULL, NULL, "", NEED_SSLEN | NEED_SELINT | ONLY_2G },
	{ "#SSLO", sslo_set, NULL, NULL, "(1)", NEED_SSLEN | NEED_SELINT },
	{ "#SSLH", sslh_set, NULL, NULL, "", NEED_SSLEN | NEED_SELINT },
	{ "#SSLSEND", sslsend_set, NULL, NULL, "", NEED_SSLEN | NEED_SELINT },
	{ "#SSLSENDEXT", sslsendext_set, NULL, NULL, "", NEED_SSLEN | NEED_SELINT | IF_SENDEXT },
	{ "#SSLRECV", sslrecv_set, NULL, NULL, "", NEED_SSLEN | NEED_SELINT },
	{ "#SSLS", ssls_set, NULL, NULL, "(1)", NEED_SELINT },
	{ "#SSLI", ssli_set, NULL, ssli, "(1)", NEED_SSLEN | NEED_SELINT | IF_SSLI },
	{ 0 },
};
