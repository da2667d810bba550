/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-conn.c - simulated Cinterion modules: what Socket and Transparent share, the far side and the end
 *
 * tx holds what the host sent and the peer has not taken, rx what the host has
 * not read.  Both are bounded, so a slow side holds the other up.
 */
#include "cinterion.h"

#include <stdio.h>

#include "base/str.h"

#define WINDOW 8760	 /* most that is sent and not acknowledged */
#define CONNECT_MS 60000 /* for the peer's answer */

const char *
sis_text(int code)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{ SIS_UNAVAILABLE, "The network is unavailable" },
		{ SIS_ABORTED, "An established connection was aborted (transmission time-out or protocol error)" },
		{ SIS_RESET, "Remote host has reset the connection" },
		{ SIS_TIMEOUT, "Connection timed out" },
		{ SIS_REJECTED, "Remote host has rejected the connection" },
		{ SIS_HOST, "Host not found" },
		{ SIS_CLOSED, "Remote peer has closed the connection" },
		{ SIS_ENTITY, "entity not supported" },
		{ SIS_SYNTAX, "Syntax error in URL" },
		{ SIS_CERT_FORMAT, "Wrong format of certificate data" },
		{ SIS_CERT, "Peer certificate is not confirmed" },
		{ SIS_TLS_MEMORY, "No memory available for TLS" },
		{ SIS_TLS_PROTOCOL, "TLS/SSL protocol error" },
		{ SIS_NO_BEARER_PROFILE, "connection profile not defined" },
		{ SIS_NOT_UP, "network is not up" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "";
}

/* To the peer. */

size_t
conn_room(const struct serv *s)
{
	size_t most = s->c->m->opts.buffer < WINDOW ? s->c->m->opts.buffer : WINDOW;

	return s->tx.len < most ? most - s->tx.len : 0;
}

/* After it had none, or a while after a write. */
static void
tell_room(void *arg)
{
	struct serv *s = arg;

	if (!s->ready_armed || s->state != SERV_UP || s->ready_timer.state != TIMER_OFF || !conn_room(s))
		return;
	s->ready_armed = false;
	if (!s->c->p.no_urcs)
		cinterion_urc(s->c, "^SISW: %d,%s1", s->id, cinterion_gap(s->c));
}

void
conn_want_room(struct serv *s, unsigned in_ms)
{
	s->ready_armed = true;
	timer_in(s->c->m->clock, &s->ready_timer, in_ms);
}

static void
push(struct serv *s)
{
	while (s->tx.len && !s->full && s->conn && !cinterion_dead(s->c)) {
		size_t n = far_write(s->conn, fifo_bytes(&s->tx), s->tx.len);

		s->full = n < s->tx.len;
		fifo_drop(&s->tx, n);
	}
	if (s->send_ended && !s->send_done && !s->tx.len && s->conn && !cinterion_dead(s->c)) {
		s->send_done = true;
		far_finish(s->conn);
		if (!s->c->p.no_urcs)
			cinterion_urc(s->c, "^SISW: %d,%s2", s->id, cinterion_gap(s->c));
	}
}

void
conn_send(struct serv *s, const void *bytes, size_t len)
{
	fifo_put(&s->tx, bytes, len);
	s->sent += len;
	s->c->m->counters.payload_in += len;
	push(s);
}

void
conn_end_sending(struct serv *s)
{
	s->send_ended = true;
	s->state = SERV_CLOSING;
	push(s);
}

/* From the peer. */

void
conn_ring(struct serv *s)
{
	struct cinterion *c = s->c;

	if (!s->ring_armed || !s->rx.len || s->state < SERV_UP || c->p.no_urcs || !cinterion_may_speak(c))
		return;
	if (c->reading && c->target == s) /* */
		return;
	s->ring_armed = false;
	cinterion_urc(c, "^SISR: %d,%s1", s->id, cinterion_gap(c));
}

void
conn_pull(struct serv *s)
{
	struct cinterion *c = s->c;
	size_t room, n;

	if (s->state < SERV_UP || cinterion_dead(c))
		return;
	if (c->online == s) {
		cinterion_online_pull(c);
		return;
	}
	while (s->conn && s->rx.len < c->m->opts.buffer) {
		room = c->m->opts.buffer - s->rx.len;
		n = far_read(s->conn, fifo_reserve(&s->rx, room), room);
		if (!n)
			break;
		fifo_commit(&s->rx, n);
		s->received += n;
	}
	conn_ring(s);
}

/* The end. */

void
conn_shut(struct serv *s, bool abort)
{
	struct clock *clock = s->c->m->clock;

	timer_stop(clock, &s->dial_timer);
	timer_stop(clock, &s->start_timer);
	timer_stop(clock, &s->ready_timer);
	if (s->conn)
		far_close(s->conn, abort);
	s->conn = NULL;
	s->full = s->ready_armed = false;
	fifo_clear(&s->tx);
}

/* In order, and nothing is left to read; or a Transparent one, whose rest is read in data mode. */
static void
end_in_order(struct serv *s)
{
	struct cinterion *c = s->c;

	conn_shut(s, false);
	s->end_told = true;
	s->error = SIS_CLOSED;
	s->state = s->rx.len ? SERV_CLOSING : SERV_DOWN;
	bearer_check_idle(&c->bearers[s->con_id]);
	if (c->online == s) { /* its word is NO CARRIER */
		cinterion_online_end(c);
		return;
	}
	if (c->m->faults.disconnected) /* the next read tells */
		return;
	if (s->type == SERV_SOCKET && !c->p.no_urcs)
		cinterion_urc(c, "^SISR: %d,%s2", s->id, cinterion_gap(c)); /* */
	serv_say(s, SIS_CLOSED);
}

void
conn_check_end(struct serv *s)
{
	struct cinterion *c = s->c;

	if (!s->ended || s->end_told || s->state < SERV_UP || cinterion_dead(c))
		return;
	if (s->how != FAR_CLOSED) {
		serv_fail(s, s->how == FAR_ABORTED ? SIS_RESET : SIS_ABORTED);
		return;
	}
	if (s->rx.len && (s->type == SERV_SOCKET || c->online == s)) {
		s->state = SERV_CLOSING;
		return;
	}
	if (c->target != s) /* else the final result of its command comes first */
		end_in_order(s);
}

/* Dialling. */

static void
on_certificate(void *arg, const struct far_leaf *leaf)
{
	struct serv *s = arg;
	struct cinterion *c = s->c;

	snprintf(c->last_cert, sizeof(c->last_cert), "%d,%s,%s,%s,%s,sha1,%s", s->id, leaf->issuer, leaf->serial, leaf->subject,
		 leaf->signature, leaf->thumbprint);
	if (c->p.sind && c->p.cmer[0] && c->p.cmer[3])
		cinterion_urc(c, "+CIEV: is_cert,%s", c->last_cert);
}

static void
on_opened(void *arg, const struct far_opened *how)
{
	struct serv *s = arg;
	struct cinterion *c = s->c;

	timer_stop(c->m->clock, &s->dial_timer);
	s->state = SERV_UP;
	s->local_port = how->local_port;
	str_copy(s->remote_ip, sizeof(s->remote_ip), how->remote_ip ? how->remote_ip : s->host);
	c->m->counters.handshakes += serv_secure(s);
	if (!c->p.no_urcs)
		cinterion_urc(c, "^SISW: %d,%s1", s->id, cinterion_gap(c));
	conn_pull(s);
}

static void
dial_failed(struct serv *s, enum far_fail why)
{
	static const int codes[] = { [FAR_DNS] = SIS_HOST,	       [FAR_REFUSED] = SIS_REJECTED, [FAR_TIMEOUT] = SIS_TIMEOUT,
				     [FAR_HANDSHAKE] = SIS_TLS_PROTOCOL, [FAR_CERT] = SIS_CERT,	       [FAR_ITEMS] = SIS_CERT_FORMAT };

	if (why == FAR_CERT) /* ^SISE will have the second one */
		serv_say(s, SIS_CERT);
	serv_fail(s, why == FAR_CERT ? SIS_ABORTED : codes[why]);
}

static void
on_failed(void *arg, enum far_fail why)
{
	dial_failed(arg, why);
}

static void
on_progress(void *arg)
{
	(void)arg; /* its time is for the whole dial */
}

static void
on_readable(void *arg)
{
	conn_pull(arg);
}

static void
on_writable(void *arg)
{
	struct serv *s = arg;

	s->full = false;
	push(s);
	tell_room(s);
	if (s->c->online == s && conn_room(s))
		module_input_resume(s->c->m);
}

static void
on_ended(void *arg, enum far_end how)
{
	struct serv *s = arg;

	conn_pull(s);
	s->ended = true;
	s->how = how;
	conn_check_end(s);
}

static const struct far_events events = { on_opened, on_failed,	  on_progress,	  on_readable,
					  on_writable, on_ended, on_certificate };

static void
no_answer(void *arg)
{
	dial_failed(arg, FAR_TIMEOUT);
}

static int
secure_services(const struct cinterion *c)
{
	int n = 0;

	for (int i = 0; i < CINTERION_SERVICES; i++)
		n += serv_secure(&c->serv[i]) && c->serv[i].conn;
	return n;
}

static void
dial_now(void *arg)
{
	static const enum far_fail causes[] = { [DIAL_FINE] = FAR_HANDSHAKE,	  [DIAL_DNS] = FAR_DNS,
						[DIAL_REFUSED] = FAR_REFUSED,	  [DIAL_TIMEOUT] = FAR_TIMEOUT,
						[DIAL_HANDSHAKE] = FAR_HANDSHAKE, [DIAL_CERT] = FAR_CERT,
						[DIAL_ITEMS] = FAR_ITEMS };
	struct serv *s = arg;
	struct module *m = s->c->m;
	size_t n;

	if (s->refusal) {
		serv_fail(s, s->refusal);
		return;
	}
	if (serv_secure(s) && (unsigned)secure_services(s->c) >= m->opts.tls_sockets) {
		serv_fail(s, SIS_TLS_MEMORY); /* */
		return;
	}
	timer_in(m->clock, &s->dial_timer, CONNECT_MS);
	if (sim_chance(&m->random, m->faults.dial_fail)) {
		m->counters.faults++;
		dial_failed(s, causes[m->faults.dial]);
		return;
	}
	if (cinterion_dead(s->c))
		return; /* nobody answers, until the time is over */
	s->params = (struct far_params){ .host = s->host, .port = (uint16_t)s->port, .tls = serv_secure(s) };
	if (s->params.tls) {
		s->params.min_version = 0x0300;
		s->params.max_version = 0x0301;
		s->params.suites = module_suites(m, &n);
		s->params.n_suites = n;
		s->params.now_s = cinterion_clock(s->c);
		cinterion_store_trust(s->c, s, &s->params);
	}
	module_log(m, "* service %d dials", s->id);
	s->conn = m->far->ops->open(m->far, &s->params, &events, s);
}

void
conn_dial(struct serv *s)
{
	timer_in(s->c->m->clock, &s->start_timer, s->c->m->faults.slow_handshake_ms);
}

/* A dead context, or no network: what waited goes on when it is over, also what ended meanwhile is seen. */

bool
cinterion_dead(const struct cinterion *c)
{
	return c->m->faults.dead_context != DEAD_NOT || !cinterion_registered(c);
}

void
cinterion_wake(struct cinterion *c)
{
	for (int i = 0; i < CINTERION_SERVICES && !cinterion_dead(c); i++) {
		struct serv *s = &c->serv[i];

		if (s->state < SERV_UP || !s->conn)
			continue;
		push(s);
		tell_room(s);
		conn_pull(s);
		conn_check_end(s);
	}
}

void
cinterion_faults(void *state)
{
	cinterion_wake(state);
}

void
cinterion_mend(struct cinterion *c, enum fault_dead by)
{
	if (c->m->faults.dead_context == DEAD_NEVER || c->m->faults.dead_context > by)
		return;
	c->m->faults.dead_context = DEAD_NOT;
	cinterion_wake(c);
}

void
conn_make(struct serv *s)
{
	timer_init(&s->dial_timer, no_answer, s);
	timer_init(&s->start_timer, dial_now, s);
	timer_init(&s->ready_timer, tell_room, s);
}
