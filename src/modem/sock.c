/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.c - one secure socket: dial, two ways of moving bytes, the end
 *
 * What to know first: every phase but ONLINE and COMMAND waits for one job, and
 * only that job's done() leaves it.  A user that leaves early is forgotten
 * (user = NULL); the job runs to its end and the sock closes what it opened.
 */
#include "modem/modem-priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define POLL_FIRST_MS 1000   /* after the last byte, where a URC tells of the next */
#define POLL_MOST_MS 30000
#define POLL_BLIND_MS 50     /* where no URC tells: between two reads, so that sends have their turn */
#define EXCURSION_QUIET_MS 1000
#define CLEAN_MS 2	     /* a byte that left so long before the end was still taken for data */
#define ESCAPES_MAX 2	     /* that fail in a row */
#define LOOK_QUIET_MS 5000   /* an online session is looked after when it has been quiet so long, */
#define LOOK_DEAF 5	     /* or has heard nothing for so many times the supervision interval */

static void run(struct sock *);
static void begin_close(struct sock *);
static void forget_ahead(const struct sock *);

static struct sock *
of(void *op)
{
	return (struct sock *)((char *)op - offsetof(struct sock, op));
}

static void
submit(struct sock *s, enum sock_phase phase, const char *what, const struct at_step *script, at_done_fn *done)
{
	if (phase != SOCK_PHASE_COMMAND)
		s->phase = phase;
	s->busy = true;
	forget_ahead(s);
	modem_note(s->modem, "@ %s", what);
	at_submit(s->modem->at, script, &s->op, done);
}

/* The job is over; false: it was cancelled with everything else, sock_fail() has done the rest. */
static bool
job_over(struct sock *s, int result)
{
	s->busy = false;
	if (result == -ECANCELED)
		return false;
	modem_note(s->modem, "= %d", result);
	return true;
}

static void
problem(struct sock *s, const char *why, const char *advice)
{
	snprintf(s->problem, sizeof(s->problem), "%s%s%s%s", why, advice ? " (" : "", advice ? advice : "", advice ? ")" : "");
}

static void
module_problem(struct sock *s, int result)
{
	const struct dialect *d = s->modem->dialect;

	problem(s, at_problem(s->modem->at), result == -EREMOTEIO && d->advice ? d->advice(at_error(s->modem->at)) : NULL);
}

static void
read_on(struct sock *s)
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
	forget_ahead(s);
	timer_stop(s->modem->clock, &s->poll);
	timer_stop(s->modem->clock, &s->quiet);
	read_on(s);
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
	problem(s, why, NULL);
	set_free(s);
	if (user && opening)
		user->opened(arg, -ECONNRESET);
	else if (user)
		user->closed(arg, false);
}

/* ---- dial ---- */

static const char *
suite_name(const struct sock *s)
{
	const struct dialect_suite *suite;

	for (suite = s->modem->mod.family ? s->modem->mod.family->suites : NULL; suite && suite->iana; suite++)
		if (suite->id == s->suite_used)
			return suite->iana;
	return "";
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
	kept_key(s, key, sizeof(key));
	s->op.fast = s->op.keep && !strcmp(key, s->modem->kept);
	snprintf(note, sizeof(note), "open host=%s port=%u verify=%d suite=%d online=%d keep=%d fast=%d timeout=%u", s->host, s->op.port,
	    s->op.verify, s->op.suite, s->op.online, s->op.keep, s->op.fast, s->op.timeout_ms);
	submit(s, SOCK_PHASE_OPENING, note, s->modem->dialect->open, opened);
}

static void
go_live(struct sock *s)
{
	s->looking = s->wrote = false;
	s->phase = at_online(s->modem->at) ? SOCK_PHASE_ONLINE : SOCK_PHASE_COMMAND;
	s->readable = !s->modem->mod.ring;
	s->poll_ms = POLL_FIRST_MS;
	s->escapes = 0;
	run(s);
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
		begin_close(s);
		return;
	}
	s->user->opened(s->arg, 0);
	if (s->user)
		go_live(s);
}

static void
opened(int result, void *op)
{
	struct sock *s = of(op);
	if (!job_over(s, result))
		return;
	if (result == 0) {
		dialled(s);
		return;
	}
	s->modem->kept[0] = '\0';
	module_problem(s, result);
	if (result == -EREMOTEIO && !s->op.connected && s->user && s->suite_at + 1 < s->plan.n_suites) {
		s->suite_at++;
		dial(s);
		return;
	}
	modem_dial_over(s->modem, DIAL_UNREACHED, false);
	s->dial_result = result;
	if ((result == -EREMOTEIO && !s->op.connected) || result == -EINVAL || result == -EMSGSIZE)
		closed_for_good(s);
	else
		begin_close(s); /* a late success must not live, nor what was lost before the app's first byte */
}

void
sock_open(struct sock *s, const struct sock_request *r, const struct sock_user *user, void *arg)
{
	assert(r->plan->n_suites && !r->plan->blocked[0]);
	forget_ahead(s);
	s->user = user;
	s->arg = arg;
	str_copy(s->host, sizeof(s->host), r->host);
	s->plan = *r->plan;
	s->suite_at = 0;
	s->mode = r->mode;
	s->excursion = s->busy = s->sent_last = s->ended = s->looking = s->read_out = false;
	s->problem[0] = '\0';
	s->op = (struct sock_op){
		.mod = &s->modem->mod,
		.sock = s->index,
		.host = s->host,
		.port = r->port,
		.verify = r->verify,
		.online = want_online(s),
		.keep = r->resume && s->modem->mod.resumption,
		.timeout_ms = r->timeout_ms,
		.cid = s->modem->op.cid,
	};
	dial(s);
	modem_changed(s->modem);
}

/* ---- online ---- */

/*
 * What was pulled and the line did not take: the next bytes of that sock, so that
 * a line that takes a little each time does not have them looked at again.  One
 * loop, one thread: one sock's for all; forgotten with whatever the sock does next.
 */
static struct {
	const struct sock *of;
	size_t at, len;
	uint8_t bytes[SOCK_CHUNK];
} ahead;

static void
forget_ahead(const struct sock *s)
{
	if (ahead.of == s)
		ahead.of = NULL;
}

/* At most room bytes to write, in *ret_bytes. */
static size_t
pull_online(struct sock *s, size_t room, const uint8_t **ret_bytes)
{
	if (ahead.of != s || ahead.at == ahead.len) {
		ahead.of = s;
		ahead.at = 0;
		ahead.len = s->user->pull(s->arg, ahead.bytes, room < SOCK_CHUNK ? room : SOCK_CHUNK);
	}
	*ret_bytes = ahead.bytes + ahead.at;
	return ahead.len - ahead.at < room ? ahead.len - ahead.at : room;
}

static void
push_online(struct sock *s)
{
	struct at *at = s->modem->at;
	const uint8_t *bytes;
	size_t room, n, taken;

	while (s->user && s->phase == SOCK_PHASE_ONLINE && (room = at_data_room(at))) {
		n = pull_online(s, room, &bytes);
		if (!n)
			return;
		taken = at_data_write(at, bytes, n);
		ahead.at += taken;
		if (taken) {
			s->moved_ms = s->modem->clock->now_ms;
			s->wrote = true;
			s->user->sent(s->arg, taken, false);
			if (s->excursion)
				timer_in(s->modem->clock, &s->quiet, EXCURSION_QUIET_MS);
		}
		if (taken < n)
			return; /* data_room() will come */
	}
}

void
sock_room(struct sock *s)
{
	push_online(s);
}

void
sock_data(struct sock *s, const void *bytes, size_t len)
{
	s->moved_ms = s->heard_ms = s->modem->clock->now_ms;
	if (!s->user || s->dial_result < 0)
		return;
	s->user->data(s->arg, bytes, len);
	if (s->user && s->phase == SOCK_PHASE_ONLINE && !s->reading_stopped && !s->user->space(s->arg)) {
		s->reading_stopped = true;
		s->modem->wire->ops->reading(s->modem->wire, false);
	}
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

static void resumed(int result, void *op);
static void begin_suspend(struct sock *);
static void begin_check(struct sock *);
static void let_go(struct sock *, bool in_order);

static void
begin_resume(struct sock *s)
{
	submit(s, SOCK_PHASE_RESUMING, "resume", s->modem->dialect->resume, resumed);
}

/*
 * The socket is closed, says the module.  In order it was when nothing of the
 * app's can have gone to the command line, and the context still stands.
 */
static void
end_of_stream(struct sock *s, bool clean)
{
	struct modem *m = s->modem;
	bool context = m->mod.context_up, enabled = s->op.state != SOCK_DISABLED;

	if (!context)
		problem(s, "the PDP context was lost", NULL);
	else if (!enabled)
		problem(s, "the module has lost its TLS settings: it has started anew", NULL);
	else if (!clean)
		problem(s, "the server closed while bytes of the app were on their way", NULL);
	tell_closed(s, context && enabled && clean);
	if (!context)
		modem_context_lost(m, "the PDP context was lost");
	else if (!enabled)
		modem_fail(m, "the module has started anew");
}

static void
checked(int result, void *op)
{
	struct sock *s = of(op);
	struct modem *m = s->modem;
	bool clean, theirs;

	if (!job_over(s, result))
		return;
	if (result < 0) {
		modem_fail(m, at_problem(m->at));
		return;
	}
	/*
	 * Open, but the module was in command mode: what is open was dialled by bytes
	 * of the app on the command line.  Nobody's session; the repair closes it.
	 */
	theirs = s->op.state == SOCK_OPEN && !at_escape_heard(m->at);
	if (s->op.state == SOCK_OPEN && !theirs) {
		at_data_verdict(m->at, true); /* the server's own text */
		if (s->user)
			begin_resume(s);
		else
			begin_close(s);
		return;
	}
	clean = s->left_ms + CLEAN_MS <= at_data_end_ms(m->at);
	/* When the module has told of the end once more, behind the escape, the line in doubt was the server's. */
	if (s->ended)
		at_data_verdict(m->at, true);
	else
		clean &= !at_data_verdict(m->at, false) && !theirs;
	m->wire->ops->flush(m->wire);
	end_of_stream(s, clean);
	if (!clean)
		modem_repair(m);
}

void
sock_suspect(struct sock *s)
{
	struct wire *w = s->modem->wire;

	/* Nothing is written until it is known.  What left before data mode began was ours, and is answered. */
	s->left_ms = s->wrote ? w->ops->drained_ms(w) : 0;
	if (s->phase != SOCK_PHASE_ONLINE)
		return;
	read_on(s); /* or the answer could not be heard */
	begin_check(s);
}

/* ---- between the modes ---- */

static void
resumed(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if (result == -ENOTCONN) { /* closed meanwhile */
		s->phase = SOCK_PHASE_COMMAND;
		sock_event(s, &(struct dialect_event){ .kind = EVENT_SOCK_CLOSED });
	} else if (result < 0) {
		problem(s, at_problem(s->modem->at), NULL);
		let_go(s, false); /* it may still go online: the engine waits, and what is then to be left is left */
	} else if (!at_online(s->modem->at)) {
		modem_fail(s->modem, "the module answered OK in place of CONNECT: whether it is online is not known");
	} else if (!s->user) {
		begin_close(s);
	} else {
		go_live(s);
	}
}

/* So long without a byte from the module it is asked, whatever goes up; and without any it is not alive. */
static uint64_t
deaf_ms(const struct sock *s)
{
	return LOOK_DEAF * s->modem->p.conf->supervision_s * 1000ull;
}

static void
begin_check(struct sock *s)
{
	s->ended = false;
	submit(s, SOCK_PHASE_CHECKING, "check", s->modem->dialect->check, checked);
}

/* The escape was not answered: once more when the line is quiet again, then what is in command mode may be asked. */
static void
not_suspended(struct sock *s, int result)
{
	struct modem *m = s->modem;

	if (result == -EBUSY && s->user && m->clock->now_ms < s->moved_ms + deaf_ms(s)) {
		/* The server takes nothing for now, and so the module hears nothing: it is asked another time. */
		s->phase = SOCK_PHASE_ONLINE;
		s->escapes = 0;
		if (s->excursion)
			timer_in(m->clock, &s->quiet, EXCURSION_QUIET_MS);
		s->looking = false;
		run(s);
	} else if (result == -EAGAIN || (result == -ETIMEDOUT && at_online(m->at) && ++s->escapes >= ESCAPES_MAX)) {
		begin_check(s);
	} else if (result == -ETIMEDOUT && at_online(m->at)) {
		s->phase = SOCK_PHASE_ONLINE;
		if (s->user && !s->looking)
			timer_in(m->clock, &s->quiet, EXCURSION_QUIET_MS);
		else
			begin_suspend(s);
	} else {
		modem_fail(m, at_problem(m->at));
	}
}

static void
suspended(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if (result < 0) {
		not_suspended(s, result);
		return;
	}
	s->escapes = 0;
	if (s->op.state != SOCK_OPEN) {
		end_of_stream(s, !at_data_verdict(s->modem->at, s->ended) || s->ended);
		return;
	}
	at_data_verdict(s->modem->at, true); /* should a line in it have been in doubt: it was the server's */
	s->phase = SOCK_PHASE_COMMAND;
	if (!s->user) {
		begin_close(s);
	} else if (s->looking) {
		begin_resume(s);
	} else {
		s->excursion = false;
		s->user->settled(s->arg);
		go_live(s);
	}
}

static void
begin_suspend(struct sock *s)
{
	s->left_ms = 0; /* the escape waits for silence */
	s->ended = false;
	read_on(s);
	submit(s, SOCK_PHASE_SUSPENDING, "suspend", s->modem->dialect->suspend, suspended);
}

/*
 * Supervision in online mode: nothing tells of a module that has started anew but
 * its silence.  Asked only when the session is quiet, or when bytes have gone up
 * for long and none came down.
 */
void
sock_look(struct sock *s)
{
	uint64_t now = s->modem->clock->now_ms;

	if (s->phase != SOCK_PHASE_ONLINE || !s->user || s->reading_stopped ||
	    (now < s->moved_ms + LOOK_QUIET_MS && now < s->heard_ms + deaf_ms(s)))
		return; /* (stopped: it is quiet because the app does not read) */
	s->looking = true;
	begin_suspend(s);
}

static void
quiet(void *arg)
{
	struct sock *s = arg;

	if (s->phase == SOCK_PHASE_ONLINE && s->excursion)
		begin_suspend(s);
}

/* ---- command mode ---- */

static void let_go(struct sock *, bool in_order);

static void
status_known(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if ((result == -EREMOTEIO || result == -EBADMSG) && !s->asked_again) {
		/* The answer of the command that NO CARRIER came in the middle of: in step again, then once more. */
		s->asked_again = true;
		submit(s, SOCK_PHASE_CHECKING, "check", s->modem->dialect->check, status_known);
	} else if (result < 0) {
		modem_fail(s->modem, at_problem(s->modem->at));
	} else if (s->op.state != SOCK_OPEN) {
		end_of_stream(s, true);
	} else if (s->read_out) {
		let_go(s, true); /* the server has closed, the module's half stands until it is told */
	} else if (s->user) {
		go_live(s); /* the word was about another socket */
	} else {
		begin_close(s);
	}
}

/* The stream is over; what may be left of it in the module is closed. */
static void
let_go(struct sock *s, bool in_order)
{
	const struct sock_user *user = s->user;

	s->user = NULL;
	begin_close(s);
	if (user)
		user->closed(s->arg, in_order);
}

/* The module says that the stream has ended; how it stands decides in what way. */
static void
ask_status(struct sock *s)
{
	s->ended = s->asked_again = false;
	submit(s, SOCK_PHASE_CHECKING, "status", s->modem->dialect->status, status_known);
}

/*
 * Refused, or out of step in the middle of a stream, where it is never in step
 * again.  The module need not be at fault: the engine waits for what is late, and
 * then the socket is closed.
 */
static void
command_failed(struct sock *s, int result)
{
	module_problem(s, result);
	let_go(s, false);
}

static void
received(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if (!s->user) {
		begin_close(s);
	} else if (result == -ENOTCONN || s->ended || (result == 0 && s->op.rx_end)) {
		s->read_out = result == 0 && s->op.rx_end;
		ask_status(s);
	} else if (result < 0) {
		command_failed(s, result);
	} else {
		/* A full read leaves more behind; where no URC tells, so may any other. */
		s->readable = s->op.rx_len == s->op.rx_max || (s->op.rx_len && !s->modem->mod.ring);
		if (s->op.rx_len)
			s->poll_ms = POLL_FIRST_MS;
		run(s);
	}
}

static void
rx(void *arg, const void *bytes, size_t len)
{
	struct sock *s = arg;

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
	submit(s, SOCK_PHASE_COMMAND, note, s->modem->dialect->receive, received);
	return true;
}

static void
sent(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if (result < 0 && s->user) {
		command_failed(s, result);
		return;
	}
	if (s->user)
		s->user->sent(s->arg, s->op.tx_len, true);
	if (s->user)
		run(s);
	else
		begin_close(s);
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
		begin_resume(s);
		return true;
	}
	s->op.tx = s->tx;
	s->op.tx_len = n;
	s->sent_last = true;
	snprintf(note, sizeof(note), "send tx=%zu", n);
	submit(s, SOCK_PHASE_COMMAND, note, d->send, sent);
	return true;
}

static void
poll_due(void *arg)
{
	struct sock *s = arg;

	s->readable = true;
	run(s);
}

/* Whatever there is to do in this phase; one command at a time, sends and receives in turn. */
static void
run(struct sock *s)
{
	if (s->phase == SOCK_PHASE_ONLINE)
		push_online(s);
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
		run(s);
	} else if (!s->busy) {
		ask_status(s);
	} else {
		s->ended = true; /* when the job is over */
	}
}

/* ---- the end ---- */

static void
closed(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if (result < 0)
		modem_fail(s->modem, at_problem(s->modem->at));
	else
		closed_for_good(s);
}

static void
close_suspended(int result, void *op)
{
	struct sock *s = of(op);

	if (!job_over(s, result))
		return;
	if (result == -EAGAIN) {
		submit(s, SOCK_PHASE_CLOSING, "check", s->modem->dialect->check, close_suspended);
		return;
	}
	at_data_verdict(s->modem->at, false);
	if (result == -EBUSY && ++s->escapes < ESCAPES_MAX) {
		s->modem->wire->ops->flush(s->modem->wire); /* the session is over, and the escape must get through */
		begin_close(s);
	} else if (result == -ETIMEDOUT && at_online(s->modem->at) && ++s->escapes < ESCAPES_MAX)
		begin_close(s);
	else if (result < 0)
		modem_fail(s->modem, at_problem(s->modem->at));
	else if (s->op.state == SOCK_OPEN)
		submit(s, SOCK_PHASE_CLOSING, "close", s->modem->dialect->close, closed);
	else
		closed_for_good(s);
}

/* From whatever mode the line is in.  Does nothing when a job is at work: its done() comes here again. */
static void
begin_close(struct sock *s)
{
	if (s->busy)
		return;
	if (at_online(s->modem->at))
		submit(s, SOCK_PHASE_CLOSING, "suspend", s->modem->dialect->suspend, close_suspended);
	else
		submit(s, SOCK_PHASE_CLOSING, "close", s->modem->dialect->close, closed);
}

void
sock_close(struct sock *s)
{
	s->user = NULL;
	forget_ahead(s);
	timer_stop(s->modem->clock, &s->poll);
	timer_stop(s->modem->clock, &s->quiet);
	read_on(s);
	if (s->phase != SOCK_PHASE_FREE)
		begin_close(s);
}

/* ---- for the user ---- */

void
sock_more_to_send(struct sock *s)
{
	run(s);
}

void
sock_more_space(struct sock *s)
{
	read_on(s);
	if (s->phase == SOCK_PHASE_COMMAND)
		run(s);
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

const char *
sock_suite(const struct sock *s)
{
	return suite_name(s);
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
	forget_ahead(s); /* at this address there may have been another */
	timer_init(&s->poll, poll_due, s);
	timer_init(&s->quiet, quiet, s);
}
