/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock-dial.c - from the request to a stream that is open, or to why there is none
 */
#include "modem/modem-priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

const struct dialect_suite *
sock_suite_used(const struct sock *s)
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
	    sock_suite_used(s) ? sock_suite_used(s)->iana : "a suite that is not known", s->suite_used);
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
		sock_closed_for_good(s);
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
