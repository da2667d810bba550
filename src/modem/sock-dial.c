/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock-dial.c - from the request to a stream that is open, or to why there is none
 *
 * What to know first: where the module opens by event (dialect.opens_by_event) the
 * script of the dial ends early, and the sock waits in the same phase without a job.
 * Its events count from there on and not before: what comes earlier is of an earlier
 * dial, which the script has closed.  Open is checked by what the module revealed of
 * the certificate, then told; only then, and only online, data mode begins.
 */
#include "modem/modem-priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define ASK_FIRST_MS 2000 /* how the dial stands, when no event tells; then twice as long each time, */
#define ASK_MOST_MS 10000
#define RESERVE_MS 1000	  /* what is given up is closed, and its user told, before that one's own limit */
#define ROOM_MS 600000	  /* what a refusal for want of room has shown is believed so long: it may have been for a moment */
#define SEEN_MS 1000	  /* for the event of what status has said already */
#define NAME_SHOWN 110	  /* of a subject: its end, where the name is */

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
	return s->mode == CONF_MODE_ONLINE || (s->modem->dialect->auto_online && modem_sockets(s->modem) == 1);
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
	s->readable = !s->modem->mod.ring || (s->readable && s->modem->dialect->opens_by_event);
	s->blocked = s->drained = false;
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
	s->suite_used = s->op.suite_used >= 0 ? s->op.suite_used : s->plan.weak & WEAK_CIPHER_UNKNOWN ? -1 : s->op.suite;
	s->phase = at_online(s->modem->at) ? SOCK_PHASE_ONLINE :
	    s->op.online && s->modem->dialect->opens_by_event ? SOCK_PHASE_RESUMING : SOCK_PHASE_COMMAND;
	s->moved_ms = s->heard_ms = s->modem->clock->now_ms;
	if (!s->user) {
		sock_begin_close(s);
		return;
	}
	s->user->opened(s->arg, 0);
	if (!s->user)
		return;
	if (s->phase == SOCK_PHASE_RESUMING)
		sock_begin_resume(s);
	else
		sock_go_live(s);
}

static bool
registration_lost(const struct module *mod)
{
	return mod->reg == REG_NONE || mod->reg == REG_SEARCHING || mod->reg == REG_DENIED;
}

/* The module's words tell of one socket; what else is known of the network may tell more. */
static enum dial_cause
dial_cause(const struct sock *s, int result, const struct at_error *e)
{
	const struct modem *m = s->modem;
	enum dial_cause cause = DIAL_OTHER;

	if (result == -EPROTO)
		return DIAL_HANDSHAKE;
	if (result == -EREMOTEIO && m->dialect->cause)
		cause = m->dialect->cause(e);
	else if (result == -ETIMEDOUT) /* before its time it was a command that nobody answered */
		cause = m->clock->now_ms < s->until_ms ? DIAL_CONTEXT : DIAL_TIMEOUT;
	else if (result != -EREMOTEIO)
		return cause;
	return registration_lost(&m->mod) ? DIAL_CONTEXT : cause;
}

/* Refused for want of room, beside others that have theirs: so many are all that there is room for. */
static bool
no_room(struct sock *s, int result, const struct at_error *e)
{
	struct modem *m = s->modem;
	unsigned others = 0, i;

	for (i = 0; i < SOCKS_MAX; i++) /* (one that is being closed may have been refused the same way) */
		others += &m->socks[i] != s && m->socks[i].phase != SOCK_PHASE_FREE && m->socks[i].phase != SOCK_PHASE_CLOSING;
	if (result != -EREMOTEIO || !others || !m->dialect->no_room || !m->dialect->no_room(e))
		return false;
	m->room = others;
	m->room_until_ms = m->clock->now_ms + ROOM_MS;
	log_info("modem", m->p.conf->name, "the module has room for %u secure sockets, not for more", others);
	return true;
}

/* Whatever is left of it on the module is closed, then the user is told. */
static void
give_up(struct sock *s, int result, enum dial_cause cause)
{
	s->awaiting = false;
	s->dial_result = result;
	s->cause = cause;
	if (result != -EBUSY)
		modem_dial_over(s->modem, cause, false);
	if ((result == -EREMOTEIO && !s->op.connected && !s->modem->dialect->opens_by_event) || result == -EINVAL || result == -EMSGSIZE)
		sock_closed_for_good(s);
	else
		sock_begin_close(s); /* a late success must not live, nor what was lost before the app's first byte */
}

static void
failed(struct sock *s, int result, const struct at_error *e)
{
	if (no_room(s, result, e))
		give_up(s, -EBUSY, DIAL_OTHER);
	else
		give_up(s, result, dial_cause(s, result, e));
}

static void await(struct sock *s);

static void
opened(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result == 0 && suite_allowed(s)) {
		if (s->modem->dialect->opens_by_event)
			await(s);
		else
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
	failed(s, result, at_error(s->modem->at));
}

/* ---- what came of it is told later ---- */

static void
ask_in(struct sock *s, uint32_t ms)
{
	uint64_t at = s->modem->clock->now_ms + ms;

	timer_at(s->modem->clock, &s->poll, at < s->until_ms ? at : s->until_ms);
}

static void
await(struct sock *s)
{
	if (!s->user) {
		sock_begin_close(s);
		return;
	}
	s->awaiting = true;
	s->poll_ms = ASK_FIRST_MS;
	ask_in(s, s->poll_ms);
}

/* The end of a name, printable: what is long in it stands in front. */
static void
show_name(char *dst, size_t size, const char *name)
{
	size_t len = strlen(name), skip = len > NAME_SHOWN ? len - NAME_SHOWN : 0;
	char text[NAME_SHOWN * 4 + 1];

	dst[0] = '\0';
	str_add(dst, size, "%s%s", skip ? "..." : "", str_escape(text, sizeof(text), name + skip, len - skip));
}

/* What this host is to compare; false: s->problem says what does not fit. */
static bool
certificate_fits(struct sock *s)
{
	char name[160], why[360];

	if (!s->modem->dialect->peer)
		return !(s->plan.enforces & (ENFORCES_HOST_NAME | ENFORCES_HOST_PIN));
	if (!s->told) {
		sock_set_problem(s, "the module opened it without telling the server's certificate", "it is asked to at each way up; try again");
		return false;
	}
	show_name(name, sizeof(name), s->peer.subject);
	if (s->plan.enforces & ENFORCES_HOST_PIN && strcmp(s->pin, s->peer.thumbprint) != 0) {
		snprintf(why, sizeof(why), "the server's certificate (%s) is %s, not the configured pin", name, s->peer.thumbprint);
		sock_set_problem(s, why, "when the server has a new one on purpose, configure that as pin");
		return false;
	}
	if (s->plan.enforces & ENFORCES_HOST_NAME && !(s->name_fits && s->name_fits(s->name_arg, s->host, &s->peer))) {
		snprintf(why, sizeof(why), "the server's certificate is of %s, which is not this host", name);
		sock_set_problem(s, why, "its own is trusted with pin = its thumbprint; check_name = \"off\" trusts any name");
		return false;
	}
	return true;
}

/* What is known by now decides, unless a status is still being asked: then when that is answered. */
static void
go_on(struct sock *s)
{
	if (s->busy)
		return;
	if (!s->user || s->dial_result < 0) {
		sock_begin_close(s);
		return;
	}
	if (!s->up)
		return;
	s->awaiting = false;
	timer_stop(s->modem->clock, &s->poll);
	if (certificate_fits(s))
		dialled(s);
	else
		give_up(s, -EACCES, DIAL_CERTIFICATE);
}

static bool
is_issuer(void *arg, const char *name, size_t len)
{
	const struct modem_params *p = arg;

	return p->host->is_issuer && p->host->is_issuer(p->host_arg, name, len);
}

void
sock_dial_event(struct sock *s, const struct dialect_event *ev)
{
	const struct dialect *d = s->modem->dialect;
	struct at_error e;

	if (!s->awaiting)
		return;
	switch (ev->kind) {
	case EVENT_SOCK_PEER:
		s->told = d->peer && ev->text && d->peer(ev->text, is_issuer, &s->modem->p, &s->peer) == 0;
		if (!s->told)
			s->peer = (struct tls_peer){ 0 };
		break;
	case EVENT_SOCK_READABLE:
		s->readable = true;
		break;
	case EVENT_SOCK_WRITABLE:
		s->up = true;
		go_on(s);
		break;
	case EVENT_SOCK_ENDED: /* what comes behind it is only a consequence */
		sock_event_error(ev, &e);
		sock_event_problem(s, &e);
		failed(s, -EREMOTEIO, &e);
		break;
	default:
		break;
	}
}

/* The module's word for it may still be on its way, and says more; but it may have been lost. */
static bool
wait_for_word(struct sock *s)
{
	if (s->seen)
		return false;
	s->seen = true;
	ask_in(s, SEEN_MS);
	return true;
}

static void
status_known(int result, void *op)
{
	struct sock *s = sock_of(op);
	struct modem *m = s->modem;
	struct at_error e;

	if (!sock_job_over(s, result))
		return;
	if (!s->awaiting || s->up || !s->user) {
		go_on(s);
	} else if (result < 0) {
		sock_module_problem(s, result);
		failed(s, result, at_error(m->at));
	} else if (!m->mod.context_up) {
		modem_context_lost(m, "the PDP context was lost");
	} else if (s->op.state == SOCK_DISABLED) {
		modem_fail(m, "the module has started anew");
	} else if (s->op.state == SOCK_DIALLING) {
		s->poll_ms = s->poll_ms * 2 < ASK_MOST_MS ? s->poll_ms * 2 : ASK_MOST_MS;
		ask_in(s, s->poll_ms);
	} else if (s->op.state == SOCK_OPEN) {
		s->up = !m->dialect->peer || s->told || !wait_for_word(s);
		go_on(s);
	} else if (!wait_for_word(s)) {
		if (sock_learn_end(s, &e)) {
			sock_event_problem(s, &e);
			failed(s, -EREMOTEIO, &e);
			return;
		}
		sock_set_problem(s, "the module gave it up and did not say why", NULL);
		give_up(s, -ECONNREFUSED, registration_lost(&m->mod) ? DIAL_CONTEXT : DIAL_OTHER);
	}
}

void
sock_dial_poll(struct sock *s)
{
	if (!s->awaiting || s->busy)
		return;
	if (s->modem->clock->now_ms >= s->until_ms) {
		sock_set_problem(s, "the module did not open it in time", NULL);
		failed(s, -ETIMEDOUT, NULL);
		return;
	}
	sock_submit(s, SOCK_PHASE_OPENING, "status", s->modem->dialect->status, status_known);
}

/* ---- for the user ---- */

static uint32_t
reserve_ms(const struct sock *s, uint32_t timeout_ms)
{
	uint32_t part = timeout_ms / 4;

	return !s->modem->dialect->opens_by_event ? 0 : part < RESERVE_MS ? part : RESERVE_MS;
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
	s->awaiting = s->up = s->told = s->seen = s->readable = s->end_sent = false;
	s->over = OVER_NO;
	s->peer = (struct tls_peer){ 0 };
	s->name_fits = r->name_fits;
	s->name_arg = r->name_arg;
	str_copy(s->pin, sizeof(s->pin), r->pin ? r->pin : "");
	s->doubt = DOUBT_NONE;
	s->doubt_at = 0;
	s->escapes = 0;
	s->until_ms = s->modem->clock->now_ms + r->timeout_ms - reserve_ms(s, r->timeout_ms);
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
		.n_ca = r->n_ca < DIALECT_SLOTS ? r->n_ca : DIALECT_SLOTS,
	};
	memcpy(s->op.ca, r->ca, sizeof(s->op.ca));
	dial(s);
	modem_changed(s->modem);
}
