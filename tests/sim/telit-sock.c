/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-sock.c - simulated Telit modules: what TLS and plain sockets share
 *
 * tx gathers what the host sent; its first `due` bytes may go to the peer.  rx
 * holds what the peer sent while nobody is online with it.  Both are bounded,
 * so a slow side holds the other up.
 */
#include "telit.h"

#include <stdio.h>

#include "base/str.h"

#define HANG_MS 60000	 /* a close that hangs says ERROR at last */
#define PACKET_AUTO 1500 /* what a packet size of 0 means */

static void
touch(struct sock *s)
{
	s->active_ms = s->t->m->clock->now_ms;
}

/* To the peer. */

static void
push(struct sock *s)
{
	while (s->due && !s->full && s->conn && !telit_dead(s->t)) {
		size_t n = far_write(s->conn, fifo_bytes(&s->tx), s->due);

		s->full = n < s->due;
		fifo_drop(&s->tx, n);
		s->due -= n;
	}
}

static void
tx_due(void *arg)
{
	sock_flush(arg);
}

void
sock_flush(struct sock *s)
{
	timer_stop(s->t->m->clock, &s->tx_timer);
	s->due = s->tx.len;
	push(s);
}

/* Whole packets go at once, the rest when its first byte is old enough. */
static void
packets_due(struct sock *s)
{
	size_t pkt = s->pkt ? (size_t)s->pkt : PACKET_AUTO;
	size_t whole = s->tx.len - s->tx.len % pkt;
	struct clock *clock = s->t->m->clock;

	if (whole > s->due) {
		s->due = whole;
		timer_stop(clock, &s->tx_timer);
		push(s);
	}
	if (s->tx.len > s->due && s->tx_ds && s->tx_timer.state == TIMER_OFF)
		timer_in(clock, &s->tx_timer, (uint64_t)s->tx_ds * 100);
}

void
sock_gather(struct sock *s, const void *bytes, size_t len)
{
	fifo_put(&s->tx, bytes, len);
	s->sent += len;
	s->t->m->counters.payload_in += len;
	touch(s);
	packets_due(s);
}

size_t
sock_send_online(struct sock *s, const uint8_t *bytes, size_t len)
{
	size_t pkt = s->pkt ? (size_t)s->pkt : PACKET_AUTO, room, n = 0;

	if (s->peer_gone) /* still online after the peer's close: nobody hears it */
		return len;
	if (!s->tx.len && !s->full && len >= pkt && !telit_dead(s->t)) {
		size_t whole = len - len % pkt;

		n = far_write(s->conn, bytes, whole);
		s->full = n < whole;
		s->sent += n;
		s->t->m->counters.payload_in += n;
		touch(s);
	}
	room = s->tx.len < s->t->m->opts.buffer ? s->t->m->opts.buffer - s->tx.len : 0;
	if (room > len - n)
		room = len - n;
	if (room)
		sock_gather(s, bytes + n, room);
	return n + room;
}

/* A send command: the payload is taken when there is room for all of it. */

static int
send_error(const struct sock *s)
{
	return s->ssl ? CME_SSL_DISCONNECTED : CME_SOCK_TX;
}

static bool
send_now(struct sock *s)
{
	if (s->tx.len && s->tx.len + s->sending_len > s->t->m->opts.buffer)
		return false;
	fifo_put(&s->tx, s->sending, s->sending_len);
	s->sent += s->sending_len;
	s->t->m->counters.payload_in += s->sending_len;
	s->sending = NULL;
	sock_flush(s);
	return true;
}

static int
send_done(struct telit *t, bool aborted)
{
	struct sock *s = t->target;

	if (aborted)
		return T_OK;
	if (!s) /* what it was for has ended meanwhile */
		return T_ERROR;
	if (s->state != SOCK_OPEN || s->peer_gone)
		return send_error(s);
	s->sending = fifo_bytes(&t->prompt.data);
	s->sending_len = t->prompt.data.len;
	if (!s->sending_len || send_now(s))
		return T_OK;
	timer_in(t->m->clock, &s->dial_timer, s->gap_ms);
	return T_LATER;
}

int
sock_send_prompt(struct sock *s, bool counted, size_t want, unsigned timeout_ms)
{
	s->t->target = s;
	s->gap_ms = timeout_ms;
	return telit_prompt(s->t, counted, want, send_done);
}

/* From the peer. */

static bool
is_online(const struct sock *s)
{
	return s->t->mode == T_ONLINE && s->t->online == s;
}

static void
to_host(struct sock *s, size_t n)
{
	s->received += n;
	s->t->m->counters.payload_out += n;
	touch(s);
}

static void
pull_online(struct sock *s)
{
	struct module *m = s->t->m;
	uint8_t spoiled[1024];
	size_t room, n;

	while ((room = module_out_room(m))) {
		if (s->rx.len) {
			n = s->rx.len < room ? s->rx.len : room;
			module_put(m, fifo_bytes(&s->rx), n);
			fifo_drop(&s->rx, n);
			continue;
		}
		if (!s->conn)
			break;
		if (!module_out_clean(m)) {
			n = far_read(s->conn, spoiled, room < sizeof(spoiled) ? room : sizeof(spoiled));
			module_put(m, spoiled, n);
		} else {
			n = far_read(s->conn, module_out_reserve(m, room), room);
			module_out_commit(m, n);
		}
		if (!n)
			break;
		to_host(s, n);
	}
	if (s->peer_gone)
		sock_check_end(s);
}

/* An URC that data is there; with mode 2 the data is in it. */
void
sock_ring(struct sock *s)
{
	const char *word = s->ssl ? "SSLSRING" : "SRING";
	int mode = s->ssl ? (telit_has(s->t, SIM_SSLRING) ? s->ring : 0) : s->ext[0] + 1;
	size_t n = s->rx.len < 1000 ? s->rx.len : 1000;
	char head[48];

	if (!mode || !s->rx.len)
		return;
	if (!s->ssl && mode == 1) {
		telit_urc(s->t, "%s: %d", word, s->id);
		return;
	}
	if (s->ssl ? mode == 1 : mode == 2) {
		telit_urc(s->t, "%s: %d,%zu", word, s->id, s->rx.len);
		return;
	}
	snprintf(head, sizeof(head), "%s: %d,%zu,", word, s->id, n);
	telit_urc_bytes(s->t, head, fifo_bytes(&s->rx), n);
	fifo_drop(&s->rx, n);
	sock_pull(s);
}

void
sock_pull(struct sock *s)
{
	size_t room, n, had = s->rx.len;

	if (s->state != SOCK_OPEN || telit_dead(s->t))
		return;
	if (is_online(s)) {
		pull_online(s);
		return;
	}
	while (s->conn && s->rx.len < s->t->m->opts.buffer) {
		room = s->t->m->opts.buffer - s->rx.len;
		n = far_read(s->conn, fifo_reserve(&s->rx, room), room);
		if (!n)
			break;
		fifo_commit(&s->rx, n);
		to_host(s, n);
	}
	if (s->rx.len == had || (s->ssl && telit_ssl_arrived(s->t)))
		return;
	if (!had)
		sock_ring(s);
}

/* The end. */

void
sock_no_carrier(struct sock *s, char *text, size_t size, enum sock_cause cause)
{
	str_copy(text, size, "NO CARRIER");
	if (s->ssl && s->no_carrier && telit_has(s->t, SIM_SSLRING))
		str_add(text, size, ":SSL,%d", s->id);
	if (s->ssl && s->no_carrier == 2 && telit_has(s->t, SIM_SSLRING))
		str_add(text, size, ",%d", (int)cause);
}

void
conn_close(struct sock *s, enum sock_cause cause)
{
	struct clock *clock = s->t->m->clock;

	timer_stop(clock, &s->tx_timer);
	timer_stop(clock, &s->idle_timer);
	timer_stop(clock, &s->dial_timer);
	timer_stop(clock, &s->start_timer);
	if (s->conn)
		far_close(s->conn, cause == CAUSE_CONTEXT);
	s->conn = NULL;
	if (s->state == SOCK_OPEN)
		s->cause = cause;
	s->state = SOCK_CLOSED;
	s->peer_gone = s->full = s->in_handshake = false;
	s->due = 0;
	s->sending = NULL;
	fifo_clear(&s->tx);
	fifo_clear(&s->rx);
}

void
sock_lost(struct sock *s, enum sock_cause cause)
{
	struct telit *t = s->t;
	bool was_online = is_online(s);
	char text[48];

	if (s->state == SOCK_CLOSED)
		return;
	if (s->state == SOCK_OPENING) {
		conn_close(s, cause);
		if (t->mode == T_BUSY && t->target == s)
			telit_finish(t, cause == CAUSE_CONTEXT ? CME_CTX_NOT_OPEN : s->ssl ? CME_SSL_SOCKET : CME_SOCK_FAILED);
		return;
	}
	sock_no_carrier(s, text, sizeof(text), cause);
	module_log(t->m, "! %s (%s %d)", text, s->ssl ? "tls" : "tcp", s->id);
	conn_close(s, cause);
	if (was_online) {
		telit_online_leave(t);
		telit_command_mode(t);
		telit_line_out(t, text);
		telit_flush_urcs(t);
		module_input_resume(t->m);
		return;
	}
	if (t->receiving && s->ssl) {
		t->receiving = false;
		timer_stop(t->m->clock, &t->recv_timer);
		if (!t->no_answer)
			telit_line_out(t, text);
		telit_finish(t, T_SILENT);
		return;
	}
	if (t->mode == T_BUSY && t->target == s) { /* a send that waits for room */
		telit_finish(t, send_error(s));
	}
	telit_urc(t, "%s", text);
}

void
sock_check_end(struct sock *s)
{
	struct telit *t = s->t;

	if (s->state != SOCK_OPEN || !s->peer_gone || s->rx.len || telit_dead(t))
		return;
	if (is_online(s)) {
		if (s->closure != 255)
			sock_lost(s, s->how == FAR_CLOSED ? CAUSE_FIN : CAUSE_RST);
		return;
	}
	if (s->ssl && telit_ssl_ended(t))
		return;
	if ((t->mode == T_BUSY || t->mode == T_PROMPT) && t->target == s && !s->sending)
		return; /* its final code comes first */
	if (s->ssl && (s->how == FAR_BROKEN || t->m->faults.disconnected))
		return; /* the next read tells */
	sock_lost(s, s->how == FAR_CLOSED ? CAUSE_FIN : CAUSE_RST);
}

/* Dialling. */

static void
dial_failed(struct sock *s, int error)
{
	s->t->m->counters.dial_failures++;
	module_log(s->t->m, "* dial failed: %d", error);
	conn_close(s, CAUSE_FIN);
	telit_finish(s->t, error);
}

static void
on_opened(void *arg, const struct far_opened *how)
{
	struct sock *s = arg;
	struct telit *t = s->t;

	timer_stop(t->m->clock, &s->dial_timer);
	s->state = SOCK_OPEN;
	s->suite = how->suite;
	s->local_port = how->local_port;
	str_copy(s->local_ip, sizeof(s->local_ip), t->m->opts.address);
	str_copy(s->remote_ip, sizeof(s->remote_ip), how->remote_ip ? how->remote_ip : s->host);
	s->sent = s->received = 0;
	touch(s);
	if (s->ssl)
		telit_ssl_opened(t, how);
	if (s->mode_online)
		t->online = s;
	telit_finish(t, s->mode_online ? T_CONNECT : T_OK);
}

static void
on_failed(void *arg, enum far_fail why)
{
	struct sock *s = arg;

	dial_failed(s, s->ssl ? telit_ssl_error(why) : telit_plain_error(why));
}

static void
on_progress(void *arg)
{
	struct sock *s = arg;

	s->in_handshake = true;
	if (s->state == SOCK_OPENING)
		timer_in(s->t->m->clock, &s->dial_timer, s->gap_ms);
}

static void
on_readable(void *arg)
{
	sock_pull(arg);
}

static void
on_writable(void *arg)
{
	struct sock *s = arg;
	struct telit *t = s->t;

	s->full = false;
	push(s);
	if (s->sending && send_now(s)) {
		timer_stop(t->m->clock, &s->dial_timer);
		telit_finish(t, T_OK);
	}
	if (s->tx.len < t->m->opts.buffer)
		module_input_resume(t->m);
}

static void
on_ended(void *arg, enum far_end how)
{
	struct sock *s = arg;

	sock_pull(s);
	s->peer_gone = true;
	s->how = how;
	sock_check_end(s);
}

static const struct far_events events = { on_opened, on_failed, on_progress, on_readable, on_writable, on_ended, NULL };

/* No packet of the handshake for too long, or no room for a payload. */
static void
gap_over(void *arg)
{
	struct sock *s = arg;

	if (s->state == SOCK_OPENING) {
		dial_failed(s, !s->ssl ? CME_SOCK_TIMEOUT : s->in_handshake ? CME_SSL_HANDSHAKE : CME_SSL_SOCKET);
	} else if (s->sending) {
		s->sending = NULL;
		telit_finish(s->t, s->ssl ? CME_SSL_SOCKET : CME_SOCK_TX);
	}
}

static void
start_dial(void *arg)
{
	static const enum far_fail causes[] = { [DIAL_FINE] = FAR_HANDSHAKE,	    [DIAL_DNS] = FAR_DNS,
						[DIAL_REFUSED] = FAR_REFUSED,	    [DIAL_TIMEOUT] = FAR_TIMEOUT,
						[DIAL_HANDSHAKE] = FAR_HANDSHAKE, [DIAL_CERT] = FAR_CERT,
						[DIAL_ITEMS] = FAR_ITEMS };
	struct sock *s = arg;
	struct module *m = s->t->m;

	if (sim_chance(&m->random, m->faults.dial_fail)) {
		m->counters.faults++;
		on_failed(s, causes[m->faults.dial]);
		return;
	}
	if (telit_dead(s->t))
		return; /* nobody answers, until the time is over */
	s->conn = m->far->ops->open(m->far, &s->params, &events, s);
}

int
sock_dial(struct sock *s, const struct far_params *p, unsigned gap_ms)
{
	struct telit *t = s->t;

	t->m->counters.dials++;
	t->target = s;
	s->state = SOCK_OPENING;
	s->params = *p;
	s->params.host = s->host;
	s->params.port = (uint16_t)s->port;
	s->in_handshake = s->peer_gone = s->full = false;
	s->gap_ms = gap_ms;
	timer_in(t->m->clock, &s->dial_timer, gap_ms);
	timer_in(t->m->clock, &s->start_timer, t->m->faults.slow_handshake_ms);
	return T_LATER;
}

int
sock_resume(struct sock *s)
{
	s->t->online = s;
	s->mode_online = 1;
	return T_CONNECT;
}

static void
hang_over(struct telit *t)
{
	telit_finish(t, T_ERROR);
}

int
sock_hang_up(struct sock *s)
{
	struct telit *t = s->t;

	if (s->state == SOCK_OPEN && t->m->faults.stuck_open) {
		t->m->counters.faults++;
		if (t->m->faults.stuck_open == STUCK_REFUSE)
			return s->ssl ? CME_SSL_GENERIC : CME_NOT_ALLOWED;
		telit_later(t, hang_over, HANG_MS);
		return T_LATER;
	}
	if (s->state == SOCK_OPEN && !s->peer_gone)
		sock_flush(s);
	conn_close(s, CAUSE_FIN);
	return T_OK;
}

/* A dead context. */

bool
telit_dead(const struct telit *t)
{
	return t->m->faults.dead_context != DEAD_NOT;
}

/* What waited goes on; also what ended meanwhile is seen. */
void
telit_faults(void *state)
{
	struct telit *t = state;

	for (int i = -1; i < TELIT_SOCKETS && !telit_dead(t); i++) {
		struct sock *s = i < 0 ? &t->ssl : &t->plain[i];

		if (s->state != SOCK_OPEN)
			continue;
		push(s);
		sock_pull(s);
		sock_check_end(s);
	}
}

void
telit_mend(struct telit *t, enum fault_dead by)
{
	if (t->m->faults.dead_context == DEAD_NEVER || t->m->faults.dead_context > by)
		return;
	t->m->faults.dead_context = DEAD_NOT;
	telit_faults(t);
}

static void
idle_over(void *arg)
{
	struct sock *s = arg;
	uint64_t end = s->active_ms + (uint64_t)s->max_s * 1000;

	if (!is_online(s) || !s->max_s)
		return;
	if (s->t->m->clock->now_ms < end)
		timer_at(s->t->m->clock, &s->idle_timer, end);
	else
		sock_lost(s, CAUSE_IDLE);
}

void
conn_init(struct telit *t, struct sock *s, int id, bool ssl)
{
	s->t = t;
	s->id = id;
	s->ssl = ssl;
	timer_init(&s->tx_timer, tx_due, s);
	timer_init(&s->idle_timer, idle_over, s);
	timer_init(&s->dial_timer, gap_over, s);
	timer_init(&s->start_timer, start_dial, s);
}

void
sock_deinit(struct sock *s)
{
	conn_close(s, CAUSE_CONTEXT);
	fifo_deinit(&s->tx);
	fifo_deinit(&s->rx);
}
