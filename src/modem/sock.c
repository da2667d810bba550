/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.c - one secure socket: its life, the dial, the end
 *
 * What to know first: every phase but ONLINE and COMMAND waits for one job, and
 * only that job's done() leaves it.  A user that leaves early is forgotten
 * (user = NULL); the job runs to its end and the sock closes what it opened.
 * How bytes move is in sock-online.c and sock-command.c.
 */
#include "modem/modem-priv.h"

#include <assert.h>
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
	sock_forget_ahead(s);
	timer_stop(s->modem->clock, &s->poll);
	timer_stop(s->modem->clock, &s->quiet);
	sock_read_on(s);
	modem_command_due(s->modem);
	modem_serve(s->modem);
	modem_changed(s->modem);
}

/* Nothing of it is left on the module; a user that waits for its dial hears now that it failed. */
static void
closed_for_good(struct sock *s)
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

/* ---- dial ---- */

/* The negotiated one; NULL: not known. */
static const struct dialect_suite *
suite_used(const struct sock *s)
{
	const struct dialect_suite *suite;

	for (suite = s->modem->mod.family ? s->modem->mod.family->suites : NULL; suite && suite->iana; suite++)
		if (suite->id == s->suite_used)
			return suite;
	return NULL;
}

/* What the module says that it negotiated, each time that it says it, is one of those that the policy allows. */
static bool
suite_allowed(const struct sock *s)
{
	unsigned i;

	for (i = 0; s->op.suite_used >= 0 && i < s->plan.n_allowed; i++)
		if (s->plan.allowed[i] == s->op.suite_used)
			return true;
	return s->op.suite_used < 0;
}

static void
suite_problem(struct sock *s)
{
	char why[120];

	s->suite_used = s->op.suite_used;
	snprintf(why, sizeof(why), "the module negotiated %s (%d), which the channel's ciphers do not allow",
	    suite_used(s) ? suite_used(s)->iana : "a suite that is not known", s->suite_used);
	sock_set_problem(s, why, NULL);
}

static bool
want_online(const struct sock *s)
{
	if (!s->modem->dialect->resume || s->mode == CONF_MODE_COMMAND)
		return s->excursion;
	return s->mode == CONF_MODE_ONLINE || modem_sockets(s->modem) == 1;
}

/* What a kept TLS session was made for: used for nothing else. */
static void
kept_key(const struct sock *s, char *dst, size_t size)
{
	dst[0] = '\0';
	str_add(dst, size, "%s:%u/%d/%d", s->host, s->op.port, s->op.verify, s->op.suite);
}

static void opened(int result, void *op);

static void
dial(struct sock *s)
{
	char key[384], note[400];

	s->op.suite = s->plan.suites[s->suite_at];
	s->op.suite_used = -1;
	s->op.connected = false;
	s->op.timeout_ms = (uint32_t)(s->until_ms - s->modem->clock->now_ms);
	kept_key(s, key, sizeof(key));
	s->op.fast = s->op.keep && !strcmp(key, s->modem->kept);
	snprintf(note, sizeof(note), "open host=%s port=%u verify=%d suite=%d online=%d keep=%d fast=%d timeout=%u", s->host, s->op.port,
	    s->op.verify, s->op.suite, s->op.online, s->op.keep, s->op.fast, s->op.timeout_ms);
	sock_submit(s, SOCK_PHASE_OPENING, note, s->modem->dialect->open, opened);
}

void
sock_go_live(struct sock *s)
{
	if (!suite_allowed(s)) {
		suite_problem(s);
		sock_let_go(s, false);
		return;
	}
	if (at_data_in_doubt(s->modem->at) && !s->modem->mod.ok_connects) {
		sock_begin_probe(s);
		return;
	}
	at_data_verdict(s->modem->at, true);
	s->looking = s->wrote = false;
	s->phase = at_online(s->modem->at) ? SOCK_PHASE_ONLINE : SOCK_PHASE_COMMAND;
	s->readable = !s->modem->mod.ring;
	s->poll_ms = SOCK_POLL_FIRST_MS;
	s->escapes = 0;
	modem_command_due(s->modem);
	sock_run(s);
}

static void
dialled(struct sock *s)
{
	kept_key(s, s->modem->kept, sizeof(s->modem->kept));
	if (!s->op.keep)
		s->modem->kept[0] = '\0';
	modem_dial_over(s->modem, DIAL_OTHER, true);
	s->resumed = s->op.fast;
	s->suite_used = s->op.suite_used >= 0 ? s->op.suite_used : s->op.suite;
	s->phase = at_online(s->modem->at) ? SOCK_PHASE_ONLINE : SOCK_PHASE_COMMAND;
	s->moved_ms = s->heard_ms = s->modem->clock->now_ms;
	if (!s->user) {
		sock_begin_close(s);
		return;
	}
	s->user->opened(s->arg, 0);
	if (s->user)
		sock_go_live(s);
}

static bool
registration_lost(const struct module *mod)
{
	return mod->reg == REG_NONE || mod->reg == REG_SEARCHING || mod->reg == REG_DENIED;
}

/* The module's words tell of one socket; what else is known of the network may tell more. */
static enum dial_cause
dial_cause(const struct sock *s, int result)
{
	const struct modem *m = s->modem;
	enum dial_cause cause = DIAL_OTHER;

	if (result == -EPROTO)
		return DIAL_HANDSHAKE;
	if (result == -EREMOTEIO && m->dialect->cause)
		cause = m->dialect->cause(at_error(m->at));
	else if (result == -ETIMEDOUT) /* before its time it was a command that nobody answered */
		cause = m->clock->now_ms < s->until_ms ? DIAL_CONTEXT : DIAL_TIMEOUT;
	else if (result != -EREMOTEIO)
		return cause;
	return registration_lost(&m->mod) ? DIAL_CONTEXT : cause;
}

static void
opened(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result == 0 && suite_allowed(s)) {
		dialled(s);
		return;
	}
	s->modem->kept[0] = '\0';
	if (result == 0) {
		result = -EPROTO;
		suite_problem(s);
	} else {
		sock_module_problem(s, result);
	}
	if (result == -EREMOTEIO && !s->op.connected && s->user && s->suite_at + 1 < s->plan.n_suites &&
	    s->modem->clock->now_ms < s->until_ms) {
		s->suite_at++;
		dial(s);
		return;
	}
	s->dial_result = result;
	s->cause = dial_cause(s, result);
	modem_dial_over(s->modem, s->cause, false);
	if ((result == -EREMOTEIO && !s->op.connected) || result == -EINVAL || result == -EMSGSIZE)
		closed_for_good(s);
	else
		sock_begin_close(s); /* a late success must not live, nor what was lost before the app's first byte */
}

void
sock_open(struct sock *s, const struct sock_request *r, const struct sock_user *user, void *arg)
{
	assert(r->plan->n_suites && !r->plan->blocked[0]);
	sock_forget_ahead(s);
	s->user = user;
	s->arg = arg;
	str_copy(s->host, sizeof(s->host), r->host);
	s->plan = *r->plan;
	s->suite_at = 0;
	s->mode = r->mode;
	s->excursion = s->busy = s->sent_last = s->ended = s->looking = s->read_out = s->lost = false;
	s->doubt = DOUBT_NONE;
	s->doubt_at = 0;
	s->escapes = 0;
	s->until_ms = s->modem->clock->now_ms + r->timeout_ms;
	s->problem[0] = '\0';
	s->op = (struct sock_op){
		.mod = &s->modem->mod,
		.sock = s->index,
		.host = s->host,
		.port = r->port,
		.verify = r->verify,
		.online = want_online(s),
		.keep = r->resume && s->modem->mod.resumption,
		.cid = s->modem->op.cid,
	};
	dial(s);
	modem_changed(s->modem);
}

/* ---- the end ---- */

/*
 * The socket is closed, says the module.  In order it was when nothing of the
 * app's can have gone to the command line, and the context still stands.
 */
void
sock_end_of_stream(struct sock *s, const char *lost)
{
	struct modem *m = s->modem;
	bool context = m->mod.context_up, enabled = s->op.state != SOCK_DISABLED;

	s->lost = !context || !enabled;
	if (!context)
		sock_set_problem(s, "the PDP context was lost", NULL);
	else if (!enabled)
		sock_set_problem(s, "the module has lost its TLS settings: it has started anew", NULL);
	else if (lost)
		sock_set_problem(s, lost, NULL);
	tell_closed(s, context && enabled && !lost);
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
		closed_for_good(s);
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
	else if (s->op.state == SOCK_OPEN)
		sock_submit(s, SOCK_PHASE_CLOSING, "close", s->modem->dialect->close, closed);
	else
		closed_for_good(s);
}

/* From whatever mode the line is in.  Does nothing when a job is at work: its done() comes here again. */
void
sock_begin_close(struct sock *s)
{
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
	default:
		return true;
	}
}

bool
sock_is_online(const struct sock *s)
{
	return s->phase == SOCK_PHASE_ONLINE;
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
	const struct dialect_suite *suite = suite_used(s);

	return suite ? suite->iana : "";
}

void
sock_terms(const struct sock *s, unsigned *ret_enforces, unsigned *ret_weak)
{
	const struct dialect_suite *suite = suite_used(s);

	*ret_enforces = s->plan.enforces;
	*ret_weak = s->plan.weak;
	if (!suite)
		return;
	*ret_weak = (*ret_weak & ~WEAK_BY_SUITE) | suite->weak;
	if (!(*ret_weak & WEAK_NULL))
		*ret_enforces |= ENFORCES_ENCRYPTION;
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
}
