/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock-online.c - the line is the socket: bytes both ways, the ways in and out, and the end that may be one
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"

#define EXCURSION_QUIET_MS 1000
#define CLEAN_MS 2	     /* a byte that left so long before the end was still taken for data */
#define DOUBT_MS 1000	     /* from an answer in the stream to the question whose it was: the end comes sooner, if it comes */
#define LOOK_QUIET_MS 5000   /* an online session is looked after when it has been quiet so long, */
#define LOOK_DEAF 5	     /* or has heard nothing for so many times the supervision interval */

#define ON_THE_WAY "the server closed while bytes of the app were on their way"

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

void
sock_forget_ahead(const struct sock *s)
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

void
sock_push(struct sock *s)
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
			s->modem->figures.payload_sent += taken;
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
	sock_push(s);
}

static void begin_suspend(struct sock *);

/*
 * A module without a carrier line that starts anew says nothing, and answers the
 * app's bytes as commands.  A server may say the same, perhaps as its last word:
 * so the module is asked, but once a session, and a little later.
 */
static void
doubt(struct sock *s, const uint8_t *bytes, size_t len)
{
	const char *answer = s->modem->dialect->data_doubt;
	const uint8_t *end = bytes + len;

	if (s->doubt != DOUBT_NONE || !s->wrote || !answer)
		return;
	while (bytes < end && answer[s->doubt_at]) {
		if (!s->doubt_at && !(bytes = memchr(bytes, answer[0], (size_t)(end - bytes))))
			return;
		s->doubt_at = *bytes == (uint8_t)answer[s->doubt_at] ? s->doubt_at + 1 : *bytes == (uint8_t)answer[0];
		bytes++;
	}
	if (answer[s->doubt_at])
		return;
	s->doubt = DOUBT_DUE;
	modem_look_in(s->modem, DOUBT_MS);
}

void
sock_data(struct sock *s, const void *bytes, size_t len)
{
	s->moved_ms = s->heard_ms = s->modem->clock->now_ms;
	s->modem->figures.payload_received += len;
	if (!s->user || s->dial_result < 0)
		return;
	s->user->data(s->arg, bytes, len);
	doubt(s, bytes, len);
	if (s->user && s->phase == SOCK_PHASE_ONLINE && !s->reading_stopped && !s->user->space(s->arg)) {
		s->reading_stopped = true;
		s->modem->wire->ops->reading(s->modem->wire, false);
	}
}

static void resumed(int result, void *op);
static void begin_check(struct sock *);

void
sock_begin_resume(struct sock *s)
{
	sock_submit(s, SOCK_PHASE_RESUMING, "resume", s->modem->dialect->resume, resumed);
}

static void
checked(int result, void *op)
{
	struct sock *s = sock_of(op);
	struct modem *m = s->modem;
	bool clean, theirs;

	if (!sock_job_over(s, result))
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
	if (sock_stands(s) && !theirs) {
		at_data_verdict(m->at, true); /* the server's own text */
		if (s->user)
			sock_begin_resume(s);
		else
			sock_begin_close(s);
		return;
	}
	clean = s->left_ms + CLEAN_MS <= at_data_end_ms(m->at);
	/*
	 * When the module has told of the end once more, behind the escape, the line in doubt was the server's.  A module
	 * that hears an escape by etx was in data mode: then nobody can say whose the line was.
	 */
	if (s->ended)
		at_data_verdict(m->at, true);
	else
		clean &= !at_data_verdict(m->at, false) && !theirs && !(m->dialect->etx && at_escape_heard(m->at));
	m->wire->ops->flush(m->wire);
	sock_end_of_stream(s, clean ? NULL : ON_THE_WAY);
	if (!clean)
		modem_repair(m);
}

void
sock_suspect(struct sock *s)
{
	struct wire *w = s->modem->wire;

	/* Nothing is written until it is known.  What left before data mode began was ours, and is answered. */
	s->left_ms = s->wrote && !at_escaping(s->modem->at) ? w->ops->drained_ms(w) : 0;
	if (s->phase != SOCK_PHASE_ONLINE)
		return;
	sock_read_on(s); /* or the answer could not be heard */
	begin_check(s);
}

/* ---- between the modes ---- */

static void
not_resumed(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result < 0) {
		modem_fail(s->modem, at_problem(s->modem->at));
	} else if (sock_stands(s)) {
		sock_set_problem(s, "the module does not go online, though the socket is open", NULL);
		sock_let_go(s, false);
	} else {
		sock_end_of_stream(s, NULL);
	}
}

static void
resumed(int result, void *op)
{
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result == -ENOTCONN && s->modem->dialect->opens_by_event) { /* and command mode is another service */
		sock_submit(s, SOCK_PHASE_CHECKING, "status", s->modem->dialect->status, not_resumed);
	} else if (result == -ENOTCONN) { /* closed meanwhile */
		s->phase = SOCK_PHASE_COMMAND;
		sock_event(s, &(struct dialect_event){ .kind = EVENT_SOCK_CLOSED });
	} else if (result < 0) {
		sock_set_problem(s, at_problem(s->modem->at), NULL);
		sock_let_go(s, false); /* it may still go online: the engine waits, and what is then to be left is left */
	} else if (!at_online(s->modem->at)) {
		modem_fail(s->modem, "the module answered OK in place of CONNECT: whether it is online is not known");
	} else if (!s->user) {
		sock_begin_close(s);
	} else {
		sock_go_live(s);
	}
}

/*
 * Only what the escape finds tells whether OK was data mode.  It was: from now on it
 * is believed.  It was not: the stream goes on in command mode where that can carry it.
 */
static void
probed(int result, void *op)
{
	struct sock *s = sock_of(op);
	struct modem *m = s->modem;
	bool online = at_escape_heard(m->at);

	if (!sock_job_over(s, result))
		return;
	if (result < 0) {
		modem_fail(m, at_problem(m->at));
		return;
	}
	at_data_verdict(m->at, online);
	if (!sock_stands(s)) {
		sock_end_of_stream(s, online ? NULL : "the server closed before it was known whether the module was online");
		return;
	}
	m->mod.ok_connects = online;
	log_debug("modem", m->p.conf->name, "OK in place of CONNECT: the module is %s", online ? "online" : "not online");
	if (!s->user) {
		sock_begin_close(s);
	} else if (online) {
		sock_begin_resume(s);
	} else if (s->excursion || !m->mod.counted_send) {
		sock_set_problem(s, "the module does not go online: OK in place of CONNECT", NULL);
		sock_let_go(s, false);
	} else {
		sock_go_live(s);
	}
}

void
sock_begin_probe(struct sock *s)
{
	sock_submit(s, SOCK_PHASE_CHECKING, "check", s->modem->dialect->check, probed);
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
	sock_submit(s, SOCK_PHASE_CHECKING, "check", s->modem->dialect->check, checked);
}

/* It hears no escape.  What finds out whether it is in command mode may reach the server: the session ends before. */
static void
lose(struct sock *s)
{
	const struct sock_user *user = s->user;

	sock_set_problem(s, "the module does not leave data mode: it is mute, or has started anew", NULL);
	s->user = NULL;
	begin_check(s);
	if (user)
		user->closed(s->arg, false);
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
		sock_run(s);
	} else if (result == -EAGAIN) {
		begin_check(s);
	} else if (result == -ETIMEDOUT && at_online(m->at) && ++s->escapes >= SOCK_ESCAPES_MAX) {
		lose(s);
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
	struct sock *s = sock_of(op);

	if (!sock_job_over(s, result))
		return;
	if (result < 0) {
		not_suspended(s, result);
		return;
	}
	s->escapes = 0;
	if (!sock_stands(s)) {
		sock_end_of_stream(s, !at_data_verdict(s->modem->at, s->ended) || s->ended ? NULL : ON_THE_WAY);
		return;
	}
	at_data_verdict(s->modem->at, true); /* should a line in it have been in doubt: it was the server's */
	s->phase = SOCK_PHASE_COMMAND;
	if (!s->user) {
		sock_begin_close(s);
	} else if (s->looking) {
		if (modem_command_lent(s->modem, s))
			s->phase = SOCK_PHASE_LENT;
		else
			sock_begin_resume(s);
	} else {
		s->excursion = false;
		s->user->settled(s->arg);
		sock_go_live(s);
	}
}

static void
begin_suspend(struct sock *s)
{
	s->left_ms = 0; /* the escape waits for silence */
	s->ended = false;
	sock_read_on(s);
	sock_submit(s, SOCK_PHASE_SUSPENDING, "suspend", s->modem->dialect->suspend, suspended);
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
	    (s->doubt != DOUBT_DUE && now < s->moved_ms + LOOK_QUIET_MS && now < s->heard_ms + deaf_ms(s)))
		return; /* (stopped: it is quiet because the app does not read) */
	if (s->doubt == DOUBT_DUE)
		s->doubt = DOUBT_ASKED;
	s->looking = true;
	begin_suspend(s);
}

/* A session that was to be online and nothing else, or whose app does not read, keeps the line; an excursion ends soon. */
void
sock_lend(struct sock *s)
{
	if (s->phase != SOCK_PHASE_ONLINE || !s->user || s->reading_stopped || s->mode != CONF_MODE_AUTO || s->excursion)
		return;
	s->looking = true;
	begin_suspend(s);
}

void
sock_take_back(struct sock *s)
{
	if (s->phase == SOCK_PHASE_LENT)
		sock_begin_resume(s);
}

void
sock_quiet(void *arg)
{
	struct sock *s = arg;

	if (s->phase == SOCK_PHASE_ONLINE && s->excursion)
		begin_suspend(s);
}
