/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock-command.c - the line is shared: sends and receives in turn, and the status that ends a stream
 *
 * What to know first: where the module keeps what came before the end
 * (dialect.drains) an end is only noted (s->over); what is there is read, then the
 * status is asked, then the socket is closed.  Nothing is sent any more meanwhile.
 * The engine serves jobs in order, and a sock has one at a time: so several take turns.
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>

#define POLL_MOST_MS 30000
#define BLOCKED_MS 2000	     /* bytes are offered again, when no event tells */
#define DRAIN_MS 60000	     /* an app that does not read what came before the end is let go */
#define POLL_BLIND_MS 50     /* where no URC tells: between two reads, so that sends have their turn */

/* The stream is over, and nothing has said why: what ended it has, in s->problem. */
static void
end_untold(struct sock *s)
{
	if (s->over != OVER_NO)
		return;
	s->over = OVER_UNTOLD;
	timer_stop(s->modem->clock, &s->again); /* from now on it is the time that the app has for reading */
}

static void
end_of_drained(struct sock *s)
{
	bool in_order = s->read_out ? s->over != OVER_RESET : s->over == OVER_IN_ORDER && s->op.state != SOCK_OPEN;

	if (!in_order && s->over == OVER_IN_ORDER)
		sock_set_problem(s, "the module says that the server has closed, and that it has not", NULL);
	sock_let_go(s, in_order);
}

/* dialect.drains: it is over, or no longer open, and the context stands.  What came before is read first. */
static void
drain(struct sock *s)
{
	struct at_error e;

	sock_learn_end(s, &e);
	if (s->drained) {
		end_of_drained(s);
		return;
	}
	if (s->over == OVER_NO)
		sock_set_problem(s, "the module has ended it and did not say why", NULL);
	end_untold(s);
	s->phase = SOCK_PHASE_COMMAND;
	s->readable = true;
	sock_run(s);
}

static bool
drains(const struct sock *s)
{
	return s->modem->dialect->drains && !s->op.online && s->modem->mod.context_up && s->op.state != SOCK_DISABLED;
}

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
	} else if (s->user && drains(s) && (s->over || !sock_stands(s))) {
		drain(s);
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

/* A look without a cause: an end may have come whose word was lost. */
static void
looked(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (!s->user)
		sock_begin_close(s);
	else if (result == 0 && sock_stands(s))
		sock_run(s);
	else
		ask_status(s);
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

/* Refused, where what the server sent may still be read: why, the module may say yet. */
static bool
begins_end(struct sock *s, int result)
{
	if ((result != -EREMOTEIO && result != -ENOTCONN) || !s->modem->dialect->drains)
		return false;
	if (s->over == OVER_NO)
		sock_module_problem(s, result);
	end_untold(s);
	return true;
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
	} else if (begins_end(s, result) || result == -ENOTCONN || s->ended ||
	    (result == 0 && (s->op.rx_end || (s->over && !s->op.rx_len)))) {
		s->read_out = result == 0 && s->op.rx_end;
		s->drained = true;
		ask_status(s);
	} else if (result < 0) {
		command_failed(s, result);
	} else {
		if (s->over) /* the app reads: its time begins anew */
			timer_stop(s->modem->clock, &s->again);
		/* A full read leaves more behind; where no URC tells, so may any other. */
		s->readable = s->over || s->op.rx_len == s->op.rx_max || (s->op.rx_len && !s->modem->mod.ring);
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
	s->op.rx_unsure = 0;
	s->op.rx_end = false;
	s->op.rx = rx;
	s->op.rx_arg = s;
	s->sent_last = false;
	snprintf(note, sizeof(note), "receive max=%zu", s->op.rx_max);
	sock_submit(s, SOCK_PHASE_COMMAND, note, s->modem->dialect->receive, received);
	return true;
}

static void
taken(struct sock *s, size_t n)
{
	s->modem->figures.payload_sent += n;
	if (n && s->user)
		s->user->sent(s->arg, n, true);
	if (n || !s->user)
		return;
	s->blocked = true;
	timer_in(s->modem->clock, &s->again, BLOCKED_MS);
}

static void
sent(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (s->user && begins_end(s, result)) {
		s->readable = true;
	} else if (result < 0 && s->user) {
		command_failed(s, result);
		return;
	} else if (result == 0) {
		taken(s, s->op.tx_done < s->op.tx_len ? s->op.tx_done : s->op.tx_len);
	}
	if (s->user)
		sock_run(s);
	else
		sock_begin_close(s);
}

/* Refused or not: the app's half is over, the server's goes on. */
static void
end_sent(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (!s->user)
		sock_begin_close(s);
	else if (result == -ETIMEDOUT || result == -EBADMSG)
		command_failed(s, result);
	else
		sock_run(s);
}

/* All is handed over, and the app has no more to say. */
static bool
try_send_end(struct sock *s)
{
	const struct dialect *d = s->modem->dialect;

	if (!d->send_end || s->end_sent || !s->user->ended || !s->user->ended(s->arg))
		return false;
	s->end_sent = s->sent_last = true;
	sock_submit(s, SOCK_PHASE_COMMAND, "send_end", d->send_end, end_sent);
	return true;
}

static bool
try_send(struct sock *s)
{
	const struct dialect *d = s->modem->dialect;
	size_t most = s->modem->mod.family->send_max;
	size_t n;
	char note[64];

	if (s->blocked || s->over)
		return false;
	n = s->user->pull(s->arg, s->tx, most < SOCK_TX_MAX ? most : SOCK_TX_MAX);
	if (!n)
		return try_send_end(s);
	n = d->send_limit ? d->send_limit(&s->modem->mod, s->tx, n) : n;
	if (!n) { /* bytes that only data mode can carry */
		s->excursion = true;
		sock_begin_resume(s);
		return true;
	}
	s->op.tx = s->tx;
	s->op.tx_len = s->op.tx_done = n;
	s->sent_last = true;
	snprintf(note, sizeof(note), "send tx=%zu", n);
	sock_submit(s, SOCK_PHASE_COMMAND, note, d->send, sent);
	return true;
}

void
sock_poll_due(void *arg)
{
	struct sock *s = arg;
	const struct dialect *d = s->modem->dialect;

	if (s->phase == SOCK_PHASE_OPENING) {
		sock_dial_poll(s);
		return;
	}
	s->readable = true;
	/* (after a half-close a socket that is open may be shown as one that is not) */
	if (s->phase == SOCK_PHASE_COMMAND && d->drains && s->poll_ms == POLL_MOST_MS && !s->busy && s->user && !s->over && !s->end_sent)
		sock_submit(s, SOCK_PHASE_COMMAND, "status", d->status, looked);
	else
		sock_run(s);
}

void
sock_again(void *arg)
{
	struct sock *s = arg;

	s->blocked = false;
	if (s->phase == SOCK_PHASE_COMMAND && s->user && s->over && !s->busy && !s->user->space(s->arg)) {
		sock_set_problem(s, "the app did not read what the server had sent before its end", NULL);
		sock_let_go(s, false);
	} else {
		sock_run(s);
	}
}

/* A URC is a hint only: ask now and then without one.  What is sent meanwhile puts that off no further. */
static void
poll_later(struct sock *s)
{
	uint64_t at = s->modem->clock->now_ms + (s->modem->mod.ring ? s->poll_ms : POLL_BLIND_MS);

	if (s->poll.state != TIMER_OFF && s->poll.at_ms <= at)
		return;
	timer_at(s->modem->clock, &s->poll, at);
	s->poll_ms = s->poll_ms * 2 < POLL_MOST_MS ? s->poll_ms * 2 : POLL_MOST_MS;
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
	if (s->over) { /* the app is to read first */
		if (s->again.state == TIMER_OFF)
			timer_in(s->modem->clock, &s->again, DRAIN_MS);
		return;
	}
	poll_later(s);
}

/* What comes first counts; from a socket that is neither open nor on its way in or out of data mode nothing does. */
static void
hear_end(struct sock *s, const struct dialect_event *ev)
{
	struct at_error e;

	/* Behind the OK of an escape: so the module had not left data mode by itself when the line in doubt came. */
	if (s->phase == SOCK_PHASE_CHECKING || s->phase == SOCK_PHASE_SUSPENDING)
		s->ended |= at_escape_heard(s->modem->at);
	if (!s->user || s->over >= OVER_IN_ORDER || s->phase == SOCK_PHASE_CLOSING || s->phase == SOCK_PHASE_ONLINE)
		return;
	s->over = ev->in_order ? OVER_IN_ORDER : OVER_RESET;
	sock_event_error(ev, &e);
	if (!ev->in_order)
		sock_event_problem(s, &e);
	if (s->phase != SOCK_PHASE_COMMAND)
		return;
	timer_stop(s->modem->clock, &s->again);
	timer_stop(s->modem->clock, &s->poll);
	s->readable = true;
	sock_run(s);
}

void
sock_event(struct sock *s, const struct dialect_event *ev)
{
	if (s->phase == SOCK_PHASE_OPENING) {
		sock_dial_event(s, ev);
		return;
	}
	if (ev->kind == EVENT_SOCK_ENDED) {
		hear_end(s, ev);
		return;
	}
	if (ev->kind == EVENT_SOCK_CLOSED && (s->phase == SOCK_PHASE_CHECKING || s->phase == SOCK_PHASE_SUSPENDING))
		s->ended = true;
	if (s->phase != SOCK_PHASE_COMMAND || !s->user)
		return;
	if (ev->kind == EVENT_SOCK_READABLE) {
		s->readable = true;
		sock_run(s);
	} else if (ev->kind == EVENT_SOCK_WRITABLE) {
		s->blocked = false;
		sock_run(s);
	} else if (ev->kind != EVENT_SOCK_CLOSED) {
		return;
	} else if (!s->busy) {
		ask_status(s);
	} else {
		s->ended = true; /* when the job is over */
	}
}
