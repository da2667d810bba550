/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - one client joined to one secure socket
 *
 * What to know first: the app's bytes stay in its socket until they are handed
 * over (promise P2).  `sent` of them went to the line already; session_end(s,
 * true) takes those, and the kernel shows an end-of-file; else it leaves them
 * where they are, and the kernel shows ECONNRESET.
 */
#include "channel/channel-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "dialect/dialects.h"

static const struct sock_user sock_user;

/* ---- the end ---- */

void
session_end(struct session *s, bool in_order)
{
	struct channel *c = s->channel;
	size_t waiting = s->app->ops->waiting(s->app);

	if (in_order && s->sent)
		s->app->ops->take(s->app, s->sent < waiting ? s->sent : waiting);
	s->app->ops->close(s->app);
	if (s->sock)
		sock_close(s->sock);
	modem_unclaim(c->modem, &s->claim);
	timer_stop(c->clock, &s->limit);
	timer_stop(c->clock, &s->idle);
	timer_stop(c->clock, &s->linger);
	buf_deinit(&s->down);
	s->phase = SESSION_OVER;
	TAILQ_REMOVE(&c->sessions, s, link);
	channel_bury(c, s); /* whoever called us on its behalf may still look at it */
	channel_changed(c);
	modem_serve(c->modem);
}

/* The server's bytes are still to be read by the app, then comes the end. */
static void
end_after_flush(struct session *s, bool in_order)
{
	if (!s->down.len || s->app->ops->end(s->app) == APP_GONE) {
		session_end(s, in_order);
		return;
	}
	s->phase = SESSION_FLUSHING;
	s->flush_in_order = in_order;
	timer_stop(s->channel->clock, &s->idle);
	timer_stop(s->channel->clock, &s->linger);
	timer_in(s->channel->clock, &s->limit, SESSION_FLUSH_MS);
	channel_changed(s->channel);
}

static bool
all_handed_over(const struct session *s)
{
	return s->app->ops->waiting(s->app) <= s->sent;
}

/* The app has read everything.  What it wrote after the server's end was handed to nobody. */
static void
end_flushed(struct session *s)
{
	bool clean = s->flush_in_order && all_handed_over(s);

	if (s->flush_in_order && !clean)
		channel_fail(s->channel, "the server closed before all bytes of the app were handed over");
	session_end(s, clean);
}

/* "mqtt.example.com:8883: handshake failed: AT#SSLD=...: SSL error during handshake (check that ...)" */
static void
dial_failure(struct session *s, enum dial_cause cause, const char *why)
{
	struct channel *c = s->channel;
	const struct remote_conf *remote = &c->conf->remote.v[s->remote];
	const bool v6 = strchr(remote->host, ':');
	char text[CHANNEL_ERROR_MAX];

	channel_peer_known(c, s->sock);
	snprintf(text, sizeof(text), "%s%.60s%s:%u: %s: %s", v6 ? "[" : "", remote->host, v6 ? "]" : "", remote->port,
	    dialect_cause(cause), why);
	c->figures.dial_failures[cause]++;
	if (sock_went_with_modem(s->sock))
		channel_lost(c, text);
	else
		channel_fail(c, text);
}

/* The modem may need longer to leave the dial behind it; this client does not wait for that. */
static void
dial_took_too_long(struct session *s)
{
	struct channel *c = s->channel;

	dial_failure(s, DIAL_TIMEOUT, "no answer within dial_timeout");
	c->remote = (s->remote + 1) % c->conf->remote.n; /* or it would stand before the others for ever */
	channel_dialled(c, s, false);
}

static void
limited(void *arg)
{
	struct session *s = arg;
	struct channel *c = s->channel;

	switch (s->phase) {
	case SESSION_WAITING:
		if (modem_state(c->modem) == MODEM_READY) {
			channel_fail(c, "a client waited for a socket longer than wait_timeout");
		} else {
			char why[300];

			snprintf(why, sizeof(why), "a client waited longer than wait_timeout, the modem is %s: %.200s",
			    modem_state_word(c->modem), modem_error(c->modem));
			channel_fail(c, why);
		}
		break;
	case SESSION_FLUSHING:
		if (s->flush_in_order) /* else it is counted already, and why it ended says more */
			channel_fail(c, "the app did not read what the server had sent before its end");
		break;
	case SESSION_DIALING:
		dial_took_too_long(s);
		break;
	case SESSION_OPEN:
		channel_remark(c, "ended: max_session_time");
		break;
	case SESSION_OVER:
		return;
	}
	session_end(s, false);
}

/* 0 is no limit. */
static void
limit_at(struct clock *clock, struct timer *t, uint64_t from_ms, unsigned limit_s)
{
	if (limit_s)
		timer_at(clock, t, from_ms + limit_s * 1000ull);
	else
		timer_stop(clock, t);
}

void
session_limits(struct session *s)
{
	const struct channel_conf *conf = s->channel->conf;
	struct clock *clock = s->channel->clock;

	if (s->phase == SESSION_WAITING) {
		timer_at(clock, &s->limit, s->since_ms + conf->wait_timeout_s * 1000ull);
	} else if (s->phase == SESSION_OPEN) {
		limit_at(clock, &s->limit, s->since_ms, conf->max_session_time_s);
		limit_at(clock, &s->idle, s->moved_ms, conf->idle_timeout_s);
	}
}

static void
idle(void *arg)
{
	struct session *s = arg;
	uint64_t due = s->moved_ms + s->channel->conf->idle_timeout_s * 1000ull;

	if (s->channel->clock->now_ms < due) {
		timer_at(s->channel->clock, &s->idle, due);
		return;
	}
	channel_remark(s->channel, "ended: idle_timeout");
	session_end(s, false);
}

/* ---- from the app to the module ---- */

/* The app may have no more to say: when all that it said is handed over, only the server's words are waited for. */
static void
look_at_end(struct session *s)
{
	struct channel *c = s->channel;
	enum app_end end = s->app->ops->end(s->app);

	if (end == APP_OPEN)
		return;
	if (end == APP_GONE && all_handed_over(s))
		session_end(s, true);
	else if (s->linger.state == TIMER_OFF)
		timer_in(c->clock, &s->linger, c->conf->linger_s * 1000ull);
}

/* APP_GONE: time is up for what is left.  APP_SHUT: the server has been silent so long. */
static void
lingered(void *arg)
{
	struct session *s = arg;
	struct channel *c = s->channel;
	uint64_t due = s->heard_ms + c->conf->linger_s * 1000ull;

	if (s->app->ops->end(s->app) == APP_SHUT && c->clock->now_ms < due) {
		timer_at(c->clock, &s->linger, due);
		return;
	}
	channel_remark(c, "ended: linger");
	session_end(s, false);
}

/*
 * When all that the app wrote has gone online, one byte is enough to make a
 * reset of the end.  Small writes must not be kept: the kernel counts each with
 * its overhead, and some 270 of a byte each would leave the app no room to write.
 */
static size_t
pull(void *arg, void *bytes, size_t len)
{
	struct session *s = arg;

	size_t n = s->app->ops->peek(s->app, s->sent, bytes, len);

	if (!n && s->sent > SESSION_KEPT) {
		s->app->ops->take(s->app, s->sent - 1);
		s->sent = 1;
	}
	return n;
}

static void
sent(void *arg, size_t n, bool handed_over)
{
	struct session *s = arg;

	s->channel->figures.bytes_sent += n;
	s->moved_ms = s->channel->clock->now_ms;
	channel_tell(s->channel, true);
	if (handed_over) {
		s->app->ops->take(s->app, n);
	} else {
		s->sent += n;
		if (s->sent > SESSION_BATCH + SESSION_WINDOW) { /* one window late, and not for every byte */
			s->app->ops->take(s->app, s->sent - SESSION_WINDOW);
			s->sent = SESSION_WINDOW;
		}
	}
	look_at_end(s);
}

static bool
ended(void *arg)
{
	const struct session *s = arg;

	return s->app->ops->end(s->app) == APP_SHUT && all_handed_over(s);
}

static void
settled(void *arg)
{
	struct session *s = arg;

	s->app->ops->take(s->app, s->sent);
	s->sent = 0;
}

void
session_readable(struct session *s)
{
	switch (s->phase) {
	case SESSION_OPEN:
		sock_more_to_send(s->sock);
		if (s->phase == SESSION_OPEN)
			look_at_end(s);
		break;
	case SESSION_WAITING:
		if (s->app->ops->end(s->app) == APP_GONE && !s->app->ops->waiting(s->app))
			session_end(s, true); /* left before its turn came, with nothing to hand over */
		break;
	case SESSION_FLUSHING:
		if (s->app->ops->end(s->app) == APP_GONE)
			session_end(s, false);
		break;
	case SESSION_DIALING: /* looked at when the dial is over */
	case SESSION_OVER:
		break;
	}
}

/* ---- from the module to the app ---- */

static size_t
space(void *arg)
{
	const struct session *s = arg;

	return s->down.len < SESSION_DOWN_MAX ? SESSION_DOWN_MAX - s->down.len : 0;
}

static void
data(void *arg, const void *bytes, size_t len)
{
	struct session *s = arg;
	size_t n = s->down.len ? 0 : s->app->ops->put(s->app, bytes, len);

	s->channel->figures.bytes_received += len;
	s->heard_ms = s->moved_ms = s->channel->clock->now_ms;
	channel_tell(s->channel, true);
	if (s->app->ops->end(s->app) == APP_GONE)
		return; /* nobody reads any more */
	if (!buf_put(&s->down, (const uint8_t *)bytes + n, len - n)) {
		channel_fail(s->channel, "the line brought more than could be held for an app that does not read");
		session_end(s, false);
	}
}

void
session_writable(struct session *s)
{
	bool was_full = !space(s);
	size_t n;

	while (s->down.len) {
		n = s->app->ops->put(s->app, buf_bytes(&s->down), s->down.len);
		if (!n)
			break;
		buf_drop(&s->down, n);
		s->moved_ms = s->channel->clock->now_ms;
	}
	if (s->phase == SESSION_FLUSHING) {
		if (!s->down.len)
			end_flushed(s);
		else
			timer_in(s->channel->clock, &s->limit, SESSION_FLUSH_MS);
	} else if (s->phase == SESSION_OPEN && (was_full || !s->down.len)) {
		sock_more_space(s->sock);
	}
}

/* ---- the dial ---- */

static void
dial(struct session *s)
{
	struct channel *c = s->channel;
	const struct remote_conf *remote = &c->conf->remote.v[s->remote];
	struct sock_request r = {
		.host = remote->host,
		.port = remote->port,
		.verify = c->conf->tls.verify == CONF_VERIFY_MUTUAL ? TLS_VERIFY_MUTUAL :
		    c->conf->tls.verify == CONF_VERIFY_SERVER	    ? TLS_VERIFY_SERVER :
								      TLS_VERIFY_NONE,
		.plan = &c->plan,
		.name_fits = c->name_fits,
		.name_arg = c->name_arg,
		.pin = *c->conf->tls.pin ? c->conf->tls.pin : NULL,
		.mode = c->conf->mode,
		.resume = c->conf->tls.resume,
		.timeout_ms = c->conf->dial_timeout_s * 1000u,
	};

	channel_ca_slots(c, r.ca, &r.n_ca);
	c->figures.dials++;
	channel_tell(c, false);
	timer_in(c->clock, &s->limit, r.timeout_ms);
	sock_open(s->sock, &r, &sock_user, s);
}

static struct session *
of_claim(struct modem_claim *claim)
{
	return (struct session *)((char *)claim - offsetof(struct session, claim));
}

static bool
wants(struct modem_claim *claim)
{
	return channel_may_dial(of_claim(claim)->channel);
}

static bool
grant(struct modem_claim *claim, struct sock *sock)
{
	struct session *s = of_claim(claim);
	struct channel *c = s->channel;

	if (!channel_may_dial(c))
		return false;
	timer_stop(c->clock, &s->limit);
	s->phase = SESSION_DIALING;
	s->sock = sock;
	s->remote = c->remote < c->conf->remote.n ? c->remote : 0;
	s->remotes_left = c->conf->remote.n - 1;
	channel_changed(c);
	dial(s);
	return true;
}

/* The next remote, on whichever socket is free when its turn comes. */
static void
try_next_remote(struct session *s)
{
	s->remotes_left--;
	s->remote = (s->remote + 1) % s->channel->conf->remote.n;
	dial(s);
}

static void
dial_failed(struct session *s, int result)
{
	struct channel *c = s->channel;

	dial_failure(s, sock_dial_cause(s->sock), sock_problem(s->sock));
	if (result != -ECONNRESET && s->remotes_left && c->plan.n_suites && !c->blocked[0] && s->app->ops->end(s->app) != APP_GONE) {
		try_next_remote(s);
		return;
	}
	/* One that takes the modem down with its silence must not stand before the others for ever. */
	if (result == -ECONNRESET)
		c->remote = (s->remote + 1) % c->conf->remote.n;
	s->sock = NULL;
	channel_dialled(c, s, false);
	session_end(s, false);
}

/* The module has no room for it after all: it waits on, in its place, for as long as it may by when it came. */
static void
wait_on(struct session *s)
{
	s->sock = NULL;
	s->phase = SESSION_WAITING;
	if (s->app->ops->end(s->app) == APP_GONE && !s->app->ops->waiting(s->app)) {
		session_end(s, true);
		return;
	}
	session_limits(s);
	channel_changed(s->channel);
	modem_claim(s->channel->modem, &s->claim);
}

static void
opened(void *arg, int result)
{
	struct session *s = arg;
	struct channel *c = s->channel;

	if (result == -EBUSY) {
		wait_on(s);
		return;
	}
	if (result < 0) {
		dial_failed(s, result);
		return;
	}
	channel_dialled(c, s, true);
	timer_stop(c->clock, &s->limit);
	s->phase = SESSION_OPEN;
	s->since_ms = s->heard_ms = s->moved_ms = c->clock->now_ms;
	log_at(c->alarmed ? LOG_NOTICE : LOG_DEBUG, "channel", c->conf->name, "open to %s:%u%s%s%s%s", c->conf->remote.v[s->remote].host,
	    c->conf->remote.v[s->remote].port, *sock_suite(s->sock) ? ", " : "", sock_suite(s->sock),
	    sock_resumed(s->sock) ? ", resumed" : "", sock_is_online(s->sock) ? ", online" : ", command mode");
	c->alarmed = false;
	session_limits(s);
	channel_opened(c, s->sock);
	channel_changed(c);
	look_at_end(s);
}

static void
closed(void *arg, bool in_order)
{
	struct session *s = arg;
	struct channel *c = s->channel;
	bool clean = in_order && all_handed_over(s);

	if (!in_order && sock_went_with_modem(s->sock))
		channel_lost(c, sock_problem(s->sock));
	else if (!in_order)
		channel_fail(c, sock_problem(s->sock));
	else if (!clean)
		channel_fail(c, "the server closed before all bytes of the app were handed over");
	else
		log_debug("channel", c->conf->name, "the server closed in order");
	s->sock = NULL;
	end_after_flush(s, clean);
}

static const struct sock_user sock_user = {
	.opened = opened,
	.pull = pull,
	.ended = ended,
	.sent = sent,
	.settled = settled,
	.space = space,
	.data = data,
	.closed = closed,
};

struct session *
session_new(struct channel *c, struct app *app)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->channel = c;
	s->app = app;
	s->phase = SESSION_WAITING;
	s->claim.grant = grant;
	s->claim.wants = wants;
	s->claim.alone = c->conf->mode == CONF_MODE_ONLINE;
	s->down = BUF_INIT(SESSION_DOWN_MAX + SESSION_SLACK);
	timer_init(&s->limit, limited, s);
	timer_init(&s->idle, idle, s);
	timer_init(&s->linger, lingered, s);
	s->since_ms = s->claim.since_ms = c->clock->now_ms;
	session_limits(s);
	TAILQ_INSERT_TAIL(&c->sessions, s, link);
	channel_changed(c);
	modem_claim(c->modem, &s->claim);
	return s;
}
