/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock-command.c - the line is shared: sends and receives in turn, and the status that ends a stream
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>

#define POLL_MOST_MS 30000
#define POLL_BLIND_MS 50     /* where no URC tells: between two reads, so that sends have their turn */

static void
status_known(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if ((result == -EREMOTEIO || result == -EBADMSG) && !s->asked_again) {
		/* The answer of the command that NO CARRIER came in the middle of: in step again, then once more. */
		s->asked_again = true;
		sock_submit(s, SOCK_PHASE_CHECKING, "check", s->modem->dialect->check, status_known);
	} else if (result < 0) {
		modem_fail(s->modem, at_problem(s->modem->at));
	} else if (!sock_stands(s)) {
		sock_end_of_stream(s, NULL);
	} else if (s->read_out) {
		sock_let_go(s, true); /* the server has closed, the module's half stands until it is told */
	} else if (s->user) {
		sock_go_live(s); /* the word was about another socket */
	} else {
		sock_begin_close(s);
	}
}

/* The module says that the stream has ended; how it stands decides in what way. */
static void
ask_status(struct sock *s)
{
	s->ended = s->asked_again = false;
	sock_submit(s, SOCK_PHASE_CHECKING, "status", s->modem->dialect->status, status_known);
}

/*
 * Refused, or out of step in the middle of a stream, where it is never in step
 * again.  The module need not be at fault: the engine waits for what is late, and
 * then the socket is closed.
 */
static void
command_failed(struct sock *s, int result)
{
	sock_module_problem(s, result);
	sock_let_go(s, false);
}

static void
received(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (!s->user) {
		sock_begin_close(s);
	} else if (result == -ETIMEDOUT || result == -EBADMSG) {
		command_failed(s, result); /* what the answer held is lost, even when the stream has ended meanwhile */
	} else if (result == -ENOTCONN || s->ended || (result == 0 && s->op.rx_end)) {
		s->read_out = result == 0 && s->op.rx_end;
		ask_status(s);
	} else if (result < 0) {
		command_failed(s, result);
	} else {
		/* A full read leaves more behind; where no URC tells, so may any other. */
		s->readable = s->op.rx_len == s->op.rx_max || (s->op.rx_len && !s->modem->mod.ring);
		if (s->op.rx_len)
			s->poll_ms = SOCK_POLL_FIRST_MS;
		sock_run(s);
	}
}

static void
rx(void *arg, const void *bytes, size_t len)
{
	struct sock *s = arg;

	s->modem->figures.payload_received += len;
	if (s->user)
		s->user->data(s->arg, bytes, len);
}

static bool
try_receive(struct sock *s)
{
	size_t space = s->user->space(s->arg), most = s->modem->mod.family->recv_max;
	char note[64];

	if (!s->readable || !space)
		return false;
	s->op.rx_max = space < most ? space : most;
	s->op.rx_len = 0;
	s->op.rx_end = false;
	s->op.rx = rx;
	s->op.rx_arg = s;
	s->sent_last = false;
	snprintf(note, sizeof(note), "receive max=%zu", s->op.rx_max);
	sock_submit(s, SOCK_PHASE_COMMAND, note, s->modem->dialect->receive, received);
	return true;
}

static void
sent(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result < 0 && s->user) {
		command_failed(s, result);
		return;
	}
	if (result == 0)
		s->modem->figures.payload_sent += s->op.tx_len;
	if (s->user)
		s->user->sent(s->arg, s->op.tx_len, true);
	if (s->user)
		sock_run(s);
	else
		sock_begin_close(s);
}

static bool
try_send(struct sock *s)
{
	const struct dialect *d = s->modem->dialect;
	size_t most = s->modem->mod.family->send_max;
	size_t n = s->user->pull(s->arg, s->tx, most < SOCK_TX_MAX ? most : SOCK_TX_MAX);
	char note[64];

	if (!n)
		return false;
	n = d->send_limit ? d->send_limit(&s->modem->mod, s->tx, n) : n;
	if (!n) { /* bytes that only data mode can carry */
		s->excursion = true;
		sock_begin_resume(s);
		return true;
	}
	s->op.tx = s->tx;
	s->op.tx_len = n;
	s->sent_last = true;
	snprintf(note, sizeof(note), "send tx=%zu", n);
	sock_submit(s, SOCK_PHASE_COMMAND, note, d->send, sent);
	return true;
}

void
sock_poll_due(void *arg)
{
	struct sock *s = arg;

	s->readable = true;
	sock_run(s);
}

/* Whatever there is to do in this phase; one command at a time, sends and receives in turn. */
void
sock_run(struct sock *s)
{
	if (s->phase == SOCK_PHASE_ONLINE)
		sock_push(s);
	if (s->phase != SOCK_PHASE_COMMAND || s->busy || !s->user)
		return;
	if (s->ended) {
		ask_status(s);
		return;
	}
	if (s->sent_last ? try_receive(s) || try_send(s) : try_send(s) || try_receive(s))
		return;
	/* A URC is a hint only: ask now and then without one. */
	timer_in(s->modem->clock, &s->poll, s->modem->mod.ring ? s->poll_ms : POLL_BLIND_MS);
	s->poll_ms = s->poll_ms * 2 < POLL_MOST_MS ? s->poll_ms * 2 : POLL_MOST_MS;
}

void
sock_event(struct sock *s, const struct dialect_event *ev)
{
	if (ev->kind == EVENT_SOCK_CLOSED && (s->phase == SOCK_PHASE_CHECKING || s->phase == SOCK_PHASE_SUSPENDING))
		s->ended = true;
	if (s->phase != SOCK_PHASE_COMMAND || !s->user)
		return;
	if (ev->kind == EVENT_SOCK_READABLE) {
		s->readable = true;
		sock_run(s);
	} else if (!s->busy) {
		ask_status(s);
	} else {
		s->ended = true; /* when the job is over */
	}
}
