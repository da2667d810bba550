/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.c - one secure socket: its life and the end
 *
 * What to know first: every phase but ONLINE and COMMAND waits for one job, and
 * only that job's done() leaves it.  A user that leaves early is forgotten
 * (user = NULL); the job runs to its end and the sock closes what it opened.
 * The dial is in sock-dial.c, how bytes move in sock-online.c and sock-command.c.
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct sock *
sock_of(void *op)
{
	return (struct sock *)((char *)op - offsetof(struct sock, op));
}

/* Of two answers that contradict each other the bad one is believed: no socket is open without a context. */
bool
sock_stands(const struct sock *s)
{
	return s->op.state == SOCK_OPEN && s->modem->mod.context_up;
}

void
sock_submit(struct sock *s, enum sock_phase phase, const char *what, const struct at_step *script, at_done_fn *done)
{
	if (phase != SOCK_PHASE_COMMAND)
		s->phase = phase;
	s->busy = true;
	sock_forget_ahead(s);
	modem_note(s->modem, "@ %s", what);
	at_submit(s->modem->at, script, &s->op, done);
}

/* The job is over; false: it was cancelled with everything else, sock_fail() has done the rest. */
bool
sock_job_over(struct sock *s, int result)
{
	s->busy = false;
	if (result == -ECANCELED)
		return false;
	modem_note(s->modem, "= %d", result);
	return true;
}

void
sock_set_problem(struct sock *s, const char *why, const char *advice)
{
	snprintf(s->problem, sizeof(s->problem), "%s%s%s%s", why, advice ? " (" : "", advice ? advice : "", advice ? ")" : "");
}

void
sock_module_problem(struct sock *s, int result)
{
	const struct dialect *d = s->modem->dialect;

	sock_set_problem(s, at_problem(s->modem->at), result == -EREMOTEIO && d->advice ? d->advice(at_error(s->modem->at)) : NULL);
}

void
sock_event_error(const struct dialect_event *ev, struct at_error *ret)
{
	*ret = (struct at_error){ .kind = AT_ERROR_EVENT, .code = ev->code };
	if (ev->text)
		str_escape(ret->text, sizeof(ret->text), ev->text, strlen(ev->text));
}

/* What ended it, by the status that was just asked for; an event that came before says more. */
bool
sock_learn_end(struct sock *s, struct at_error *ret)
{
	const struct dialect_event ev = { .code = s->op.end.code, .text = s->op.end.text };

	if (s->op.state != SOCK_DOWN || !s->op.end.code || s->over >= OVER_IN_ORDER)
		return false;
	s->over = s->op.end.in_order ? OVER_IN_ORDER : OVER_RESET;
	sock_event_error(&ev, ret);
	if (!s->op.end.in_order)
		sock_event_problem(s, ret);
	return true;
}

void
sock_event_problem(struct sock *s, const struct at_error *e)
{
	const struct dialect *d = s->modem->dialect;
	char why[120];

	snprintf(why, sizeof(why), "the module ended it with %d%s%s", e->code, e->text[0] ? ": " : "", e->text);
	sock_set_problem(s, why, d->advice ? d->advice(e) : NULL);
}

void
sock_read_on(struct sock *s)
{
	if (s->reading_stopped)
		s->modem->wire->ops->reading(s->modem->wire, true);
	s->reading_stopped = false;
}

static void
set_free(struct sock *s)
{
	s->dial_result = 0;
	s->phase = SOCK_PHASE_FREE;
	s->user = NULL;
	s->awaiting = false;
	sock_forget_ahead(s);
	timer_stop(s->modem->clock, &s->again);
	timer_stop(s->modem->clock, &s->poll);
	timer_stop(s->modem->clock, &s->quiet);
	sock_read_on(s);
	modem_command_due(s->modem);
	modem_serve(s->modem);
	modem_changed(s->modem);
}

/* Nothing of it is left on the module; a user that waits for its dial hears now that it failed. */
void
sock_closed_for_good(struct sock *s)
{
	const struct sock_user *user = s->user;
	void *arg = s->arg;
	int result = s->dial_result;

	set_free(s);
	if (user && result < 0)
		user->opened(arg, result);
}

static void
tell_closed(struct sock *s, bool in_order)
{
	const struct sock_user *user = s->user;
	void *arg = s->arg;

	set_free(s);
	if (user)
		user->closed(arg, in_order);
}

void
sock_fail(struct sock *s, const char *why)
{
	const struct sock_user *user = s->user;
	void *arg = s->arg;
	bool opening = s->phase == SOCK_PHASE_OPENING || s->dial_result < 0;

	if (s->phase == SOCK_PHASE_FREE)
		return;
	at_cancel(s->modem->at, &s->op);
	if (s->dial_result == 0) { /* else why the dial failed says more */
		s->lost = true;
		s->cause = DIAL_CONTEXT;
		sock_set_problem(s, why, NULL);
	}
	set_free(s);
	if (user && opening)
		user->opened(arg, -ECONNRESET);
	else if (user)
		user->closed(arg, false);
}

/* ---- the end ---- */

/*
 * The socket is closed, says the module, or down.  In order it was when nothing of
 * the app's can have gone to the command line, the context still stands, and the
 * module has not named another reason.
 */
void
sock_end_of_stream(struct sock *s, const char *lost)
{
	struct modem *m = s->modem;
	bool context = m->mod.context_up, enabled = s->op.state != SOCK_DISABLED, in_order;
	struct at_error e;

	sock_learn_end(s, &e);
	in_order = context && enabled && !lost && s->over != OVER_RESET;

	s->lost = !context || !enabled;
	if (!context)
		sock_set_problem(s, "the PDP context was lost", NULL);
	else if (!enabled)
		sock_set_problem(s, "the module has lost its TLS settings: it has started anew", NULL);
	else if (lost && s->over != OVER_RESET) /* else the module's reason says more */
		sock_set_problem(s, lost, NULL);
	if (context && (s->op.state == SOCK_DOWN || s->op.state == SOCK_DIALLING))
		sock_let_go(s, in_order); /* the module keeps it until then */
	else
		tell_closed(s, in_order);
	if (!context)
		modem_context_lost(m, "the PDP context was lost");
	else if (!enabled)
		modem_fail(m, "the module has started anew");
}

/* The stream is over; what may be left of it in the module is closed. */
void
sock_let_go(struct sock *s, bool in_order)
{
	const struct sock_user *user = s->user;

	s->user = NULL;
	sock_begin_close(s);
	if (user)
		user->closed(s->arg, in_order);
}

static void
closed(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result < 0)
		modem_fail(s->modem, at_problem(s->modem->at));
	else
		sock_closed_for_good(s);
}

static void
close_suspended(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result == -EAGAIN) {
		sock_submit(s, SOCK_PHASE_CLOSING, "check", s->modem->dialect->check, close_suspended);
		return;
	}
	at_data_verdict(s->modem->at, false);
	if (result == -EBUSY && ++s->escapes < SOCK_ESCAPES_MAX) {
		s->modem->wire->ops->flush(s->modem->wire); /* the session is over, and the escape must get through */
		sock_begin_close(s);
	} else if (result == -ETIMEDOUT && at_online(s->modem->at) && ++s->escapes < SOCK_ESCAPES_MAX)
		sock_begin_close(s);
	else if (result < 0)
		modem_fail(s->modem, at_problem(s->modem->at));
	else if (s->op.state != SOCK_CLOSED && s->op.state != SOCK_DISABLED)
		sock_submit(s, SOCK_PHASE_CLOSING, "close", s->modem->dialect->close, closed);
	else
		sock_closed_for_good(s);
}

/* From whatever mode the line is in.  Does nothing when a job is at work: its done() comes here again. */
void
sock_begin_close(struct sock *s)
{
	s->awaiting = false;
	timer_stop(s->modem->clock, &s->again);
	timer_stop(s->modem->clock, &s->poll);
	if (s->busy)
		return;
	if (at_online(s->modem->at))
		sock_submit(s, SOCK_PHASE_CLOSING, "suspend", s->modem->dialect->suspend, close_suspended);
	else
		sock_submit(s, SOCK_PHASE_CLOSING, "close", s->modem->dialect->close, closed);
}

void
sock_close(struct sock *s)
{
	s->user = NULL;
	sock_forget_ahead(s);
	timer_stop(s->modem->clock, &s->again);
	timer_stop(s->modem->clock, &s->poll);
	timer_stop(s->modem->clock, &s->quiet);
	sock_read_on(s);
	if (s->phase != SOCK_PHASE_FREE)
		sock_begin_close(s);
}

/* ---- for the user ---- */

void
sock_more_to_send(struct sock *s)
{
	sock_run(s);
}

void
sock_more_space(struct sock *s)
{
	sock_read_on(s);
	modem_command_due(s->modem);
	if (s->phase == SOCK_PHASE_COMMAND)
		sock_run(s);
}

bool
sock_has_line(const struct sock *s)
{
	switch (s->phase) {
	case SOCK_PHASE_FREE:
	case SOCK_PHASE_COMMAND:
		return false;
	case SOCK_PHASE_OPENING:
		return s->op.online;
	default: /* (where each service has one mode, that of command mode never has it) */
		return s->op.online || !s->modem->dialect->opens_by_event;
	}
}

bool
sock_is_online(const struct sock *s)
{
	return s->phase == SOCK_PHASE_ONLINE || s->phase == SOCK_PHASE_RESUMING;
}

const char *
sock_problem(const struct sock *s)
{
	return s->problem;
}

bool
sock_went_with_modem(const struct sock *s)
{
	return s->lost;
}

enum dial_cause
sock_dial_cause(const struct sock *s)
{
	return s->cause;
}

const char *
sock_suite(const struct sock *s)
{
	const struct dialect_suite *suite = sock_suite_used(s);

	return suite ? suite->iana : "";
}

void
sock_terms(const struct sock *s, unsigned *ret_enforces, unsigned *ret_weak)
{
	const struct dialect_suite *suite = sock_suite_used(s);

	*ret_enforces = s->plan.enforces;
	*ret_weak = s->plan.weak;
	if (!suite)
		return;
	*ret_weak = (*ret_weak & ~WEAK_BY_SUITE) | suite->weak;
	if (!(*ret_weak & WEAK_NULL))
		*ret_enforces |= ENFORCES_ENCRYPTION;
}

const struct tls_peer *
sock_peer(const struct sock *s)
{
	return &s->peer;
}

bool
sock_resumed(const struct sock *s)
{
	return s->resumed;
}

void
sock_init(struct sock *s, struct modem *m, int index)
{
	s->modem = m;
	s->index = index;
	sock_forget_ahead(s); /* at this address there may have been another */
	timer_init(&s->poll, sock_poll_due, s);
	timer_init(&s->quiet, sock_quiet, s);
	timer_init(&s->again, sock_again, s);
}
