/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promises.c - what must hold in every life, at every step (design, section 4)
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dialect/dialects.h"
#include "simulation/life.h"

#define SLACK_MS 1000 /* a step of the life, and answers that are on their way */
#define OK_LINE "\r\nOK\r\n"
#define STATE_MAX_MS 300000 /* the longest limit that a state of the modem has */

static void
differs(const char *what, const uint8_t *got, size_t got_len, size_t at, const uint8_t *said, size_t said_len, size_t said_at)
{
	char a[100], b[100];

	world_fail("%s: %zu bytes of %zu, number %zu is \"%s\", not \"%s\"", what, got_len, said_len, at,
	    str_escape(a, sizeof(a), got + at, got_len - at),
	    str_escape(b, sizeof(b), said_at < said_len ? said + said_at : NULL, said_at < said_len ? said_len - said_at : 0));
}

/* The first byte from `from` on that is not as it was said; got_len: none. */
static size_t
first_wrong(const uint8_t *got, size_t got_len, const uint8_t *said, size_t said_len, size_t from)
{
	size_t n = got_len < said_len ? got_len : said_len;

	if (from >= n)
		return got_len > said_len && from < got_len ? from : got_len;
	if (!memcmp(got + from, said + from, n - from))
		return got_len > said_len ? n : got_len;
	while (got[from] == said[from])
		from++;
	return from;
}

/* P3 under noise: no whole word of anybody else. */
static void
check_words(const uint8_t *bytes, size_t len, size_t *from, int number, int own)
{
	size_t i;

	for (i = *from; i + 14 <= len; i++) {
		const char *p = (const char *)bytes + i;
		int n = (p[2] - '0') * 100 + (p[3] - '0') * 10 + p[4] - '0';

		if (p[0] != '<' || p[13] != '>' || memcmp(p + 2, p + 6, 3) || memcmp(p + 2, p + 10, 3) || (p[1] != 'c' && p[1] != 's'))
			continue;
		if (n != number && n != own) /* own: the echo of a module that has started anew */
			world_fail("P3: \"%.14s\" in the stream of %d", p, number);
	}
	*from = i;
}

static size_t
run_of(const uint8_t *bytes, size_t from, size_t len)
{
	size_t n;

	for (n = 0; from + n < len && bytes[from + n] == '+'; n++)
		;
	return n;
}

/*
 * Where the module did not agree to hide the escape, the server has each as three
 * characters between the app's.  Next to the app's own they cannot be told apart,
 * so runs are compared: the app's length, and so many times three.
 */
static size_t
first_wrong_but_escapes(struct life *l, struct dial *d, const uint8_t *got, size_t n)
{
	const struct client *c = d->owner->c;
	unsigned most = l->w.escapes - d->escapes_before;

	while (d->up_judged < n) {
		size_t more = run_of(got, d->up_judged, n), own = run_of(c->up, d->up_at, c->written);

		if (d->up_judged + more == n)
			break; /* it may go on */
		if (more < own || (more - own) % 3 || d->escapes + (more - own) / 3 > most)
			return d->up_judged;
		d->escapes += (unsigned)(more - own) / 3;
		d->up_judged += more;
		d->up_at += own;
		if (d->up_at >= c->written || got[d->up_judged] != c->up[d->up_at])
			return d->up_judged;
		d->up_judged++;
		d->up_at++;
	}
	return n;
}

static bool
escapes_show(const struct life *l)
{
	return channel_weaknesses(l->w.channel[0]) & WEAK_ESCAPE_VISIBLE;
}

static void
check_up(struct life *l, struct dial *d, const uint8_t *got, size_t n)
{
	struct client *c = d->owner->c;
	size_t wrong;

	if (escapes_show(l) || d->escapes) {
		wrong = first_wrong_but_escapes(l, d, got, n);
	} else {
		wrong = first_wrong(got, n, c->up, c->written, d->up_judged);
		d->up_judged = d->up_at = wrong;
	}
	if (wrong == n)
		return;
	/*
	 * The dialect's exception: filler after a crash in mid-send, once the session is over.  Of a module that
	 * heard no escape when a NO CARRIER was in doubt, "AT" may have to find out before.
	 */
	if (l->kind != CLEAN && !c->in_order && (!c->session || c->session->phase == SESSION_FLUSHING || d->deaf))
		return;
	differs("P1 up", got, n, wrong, c->up, c->written, d->up_at);
}

static bool
says_ok(const struct dial *d, size_t at)
{
	return d->said_len - at >= strlen(OK_LINE) && !memcmp(d->said + at, OK_LINE, strlen(OK_LINE));
}

static void
check_down(struct dial *d)
{
	struct guest *g = d->owner;
	size_t n = g->foreign && g->foreign_from < g->c->down_len ? g->foreign_from : g->c->down_len, wrong;

	wrong = first_wrong(g->c->down, n, d->said, d->said_len, g->down_judged);
	if (wrong < n && d->deaf && wrong < d->said_len && says_ok(d, wrong)) {
		/* CONNECT was lost, some firmware says OK there, and the server did at that moment. */
		g->foreign = true;
		g->foreign_from = n = wrong;
		d->cut = true;
	} else if (wrong < n) {
		differs("P1 down", g->c->down, n, wrong, d->said, d->said_len, wrong);
	}
	g->down_judged = n;
}

void
promises_of_dial(struct life *l, int number)
{
	struct dial *d = &l->dials[number];
	struct guest *g = d->owner;
	size_t n;
	const uint8_t *got = side_peer_bytes(l->w.side, number, &n);

	if (!g) {
		if (n && l->kind != NOISY)
			differs("P1 up: nobody's connection", got, n, 0, NULL, 0, 0);
	} else if (l->kind == NOISY) {
		check_words(got, n, &d->up_judged, g->number, -1);
		if (g->c->dial == number)
			check_words(g->c->down, g->c->down_len, &g->down_judged, number, g->foreign ? g->number : -1);
	} else {
		check_up(l, d, got, n);
		if (g->c->dial == number)
			check_down(d);
	}
}

/*
 * The one end that cannot be told: the server's last bytes look like the answer
 * to an escape, come when that is due, and the module's NO CARRIER right behind.
 */
static bool
looks_escaped(const struct dial *d, size_t got)
{
	return d->said_len == got + strlen(OK_LINE) && says_ok(d, got);
}

/* P2: a session has ended, by the daemon. */
static void
check_end(struct life *l, struct guest *g)
{
	struct client *c = g->c;
	struct dial *d = &l->dials[c->dial];

	g->over = true;
	if (g->killed || c->how == APP_GONE)
		return;
	if (!c->in_order) {
		if (!c->explained)
			world_fail("P2: client %d did not end in order, and LastError says nothing of it: \"%s\"", g->number,
			    channel_error(l->w.channel[g->channel]));
		return;
	}
	if (l->kind == NOISY || !c->dial || d->cut)
		return;
	if (!d->ended)
		world_fail("P2: client %d has an end in order, but its server has not ended", g->number);
	if (!d->closed && l->cinterion && l->kind == CLEAN) /* whose word for an abort is not lost there */
		world_fail("P2: client %d has an end in order, and its server has aborted", g->number);
	if (d->closed && c->down_len != d->said_len && !d->deaf && !looks_escaped(d, c->down_len))
		world_fail("P2: client %d has an end in order, and %zu of the server's %zu bytes", g->number, c->down_len, d->said_len);
}

static uint64_t
phase_limit_ms(const struct life *l, const struct guest *g)
{
	const struct channel_conf *conf = &l->w.conf->channels[g->channel];

	switch (g->phase) {
	case SESSION_WAITING:
		return conf->wait_timeout_s * 1000ull;
	case SESSION_DIALING:
		return conf->remote.n * (conf->dial_timeout_s * 1000ull);
	case SESSION_FLUSHING:
		return SESSION_FLUSH_MS;
	case SESSION_OPEN:
		return g->c->how == APP_GONE ? conf->linger_s * 1000ull : UINT64_MAX / 2;
	case SESSION_OVER:
		break;
	}
	return UINT64_MAX / 2;
}

/* P4: nothing waits longer than its limit. */
static void
check_limits(struct life *l, struct guest *g)
{
	static const char *const words[] = { "waits", "is dialled for", "is open", "is flushed", "is over" };
	const struct session *s = g->c->session;
	uint64_t now = l->w.clock.now_ms;

	if (s->phase != g->phase || (s->phase == SESSION_FLUSHING && g->c->down_len != g->read) ||
	    (s->phase == SESSION_OPEN && g->c->how != APP_GONE)) {
		g->phase = s->phase;
		g->read = g->c->down_len;
		g->since_ms = now;
	}
	if (now - g->since_ms > phase_limit_ms(l, g) + SLACK_MS)
		world_fail("P4: client %d %s longer than its limit, %llu ms", g->number, words[g->phase],
		    (unsigned long long)(now - g->since_ms));
}

static void
check_session(const struct session *s)
{
	if (s->down.len > SESSION_DOWN_MAX + SESSION_SLACK || s->sent > 2 * SESSION_WINDOW + 16384)
		world_fail("P9: %zu bytes down and %zu up are held for a session", s->down.len, s->sent);
}

static void
check_modem(struct life *l)
{
	enum modem_state state = modem_state(l->w.modem);
	uint64_t now = l->w.clock.now_ms;

	if (state != l->state) {
		l->state = state;
		l->state_since_ms = now;
	}
	if (state != MODEM_READY && state != MODEM_ABSENT && state != MODEM_FAILED && now - l->state_since_ms > STATE_MAX_MS + SLACK_MS)
		world_fail("P4: the modem is %s for %llu ms", modem_state_word(l->w.modem), (unsigned long long)(now - l->state_since_ms));
	if (l->w.needless_writes && l->kind != NOISY) /* noise may have altered what was read back */
		world_fail("P7: a slot is written that holds just that");
	l->w.needless_writes = 0;
}

void
promises_hold(struct life *l)
{
	int i;

	for (i = l->judged + 1; i <= l->n_dials; i++) {
		struct dial *d = &l->dials[i];

		if (d->settled)
			continue;
		promises_of_dial(l, i);
		d->settled = i < l->n_dials - 3 && !life_dial_lives(l, i) && (!d->owner || d->owner->over || d->owner->c->dial != i);
	}
	for (i = 0; i < l->n_guests; i++) {
		struct guest *g = &l->guests[i];

		if (g->over)
			continue;
		if (g->c->session) {
			check_limits(l, g);
			check_session(g->c->session);
		} else {
			check_end(l, g);
		}
	}
	check_modem(l);
}

void
promises_at_dial(struct life *l, int number)
{
	struct side_dial d = side_dial(l->w.side, number);

	if (!d.tls)
		world_fail("P5: %s is dialled without TLS", d.host);
	if (!l->cinterion && (d.n_offered != 1 || (d.offered[0] != 0x2f && d.offered[0] != 0x35)))
		world_fail("P5: %zu suites are offered, the first is %04x", d.n_offered, d.offered[0]);
	if (l->server_verify && !strcmp(d.host, "one.example") && (d.verify < 1 || d.ca_len != l->w.wants[l->cinterion].len))
		world_fail("P5: one.example is dialled with verify %u, a CA of %zu bytes", d.verify, d.ca_len);
}

void
promises_of_quiet(struct life *l, struct guest *g)
{
	struct client *c = g->c;
	struct dial *d = &l->dials[c->dial];
	size_t n;
	const uint8_t *got = side_peer_bytes(l->w.side, c->dial, &n);

	if (c->end != CLIENT_EOF || !c->in_order)
		world_fail("P2: the server closed in order, the app saw %s: %s", c->end == CLIENT_EOF ? "EOF" : c->end ? "a reset" : "no end",
		    channel_error(l->w.channel[0]));
	/* Behind what is judged is a run that may have been an escape's. */
	if (d->up_at + run_of(c->up, d->up_at, c->written) != c->written || d->up_judged + run_of(got, d->up_judged, n) != n ||
	    (c->down_len != d->said_len && !looks_escaped(d, c->down_len)))
		world_fail("P2: end-of-file, but the server has %zu of %zu bytes and the app %zu of %zu", d->up_at, c->written, c->down_len,
		    d->said_len);
}
