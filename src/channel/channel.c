/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel-priv.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "dialect/dialects.h"

/* ---- LastError and figures ---- */

void
channel_tell(struct channel *c, bool figures_only)
{
	if (c->watch)
		c->watch(c->watch_arg, figures_only);
}

void
channel_watch(struct channel *c, void (*changed)(void *arg, bool figures_only), void *arg)
{
	c->watch = changed;
	c->watch_arg = arg;
}

void
channel_remark(struct channel *c, const char *why)
{
	str_copy(c->error, sizeof(c->error), why);
	log_debug("channel", c->conf->name, "%s", why);
	channel_tell(c, false);
}

void
channel_lost(struct channel *c, const char *why)
{
	c->figures.failures++;
	channel_remark(c, why);
}

void
channel_fail(struct channel *c, const char *why)
{
	c->figures.failures++;
	str_copy(c->error, sizeof(c->error), why);
	c->alarmed |= tally_log(&c->tally, c->clock->now_ms, LOG_WARNING, "channel", c->conf->name, "%s", why);
	channel_tell(c, false);
}

void
channel_changed(struct channel *c)
{
	struct session *s;

	c->figures.sessions = c->figures.waiting = 0;
	TAILQ_FOREACH(s, &c->sessions, link) {
		if (s->phase == SESSION_WAITING)
			c->figures.waiting++;
		else
			c->figures.sessions++;
	}
	channel_tell(c, false);
}

void
channel_opened(struct channel *c, const struct sock *sock)
{
	const struct family *family = modem_module(c->modem)->family;

	channel_peer_known(c, sock);
	if (sock_resumed(sock))
		c->figures.resumptions++;
	else
		c->figures.handshakes++;
	c->cipher = sock_suite(sock);
	c->tls_version = family && family->tls_version ? family->tls_version : "";
}

void
channel_peer_known(struct channel *c, const struct sock *sock)
{
	c->peer = *sock_peer(sock);
}

void
channel_names(struct channel *c, bool (*fits)(void *arg, const char *host, const struct tls_peer *), void *arg)
{
	c->name_fits = fits;
	c->name_arg = arg;
}

/* ---- what the module makes of the policy ---- */

static enum tls_verify
wanted_verify(const struct channel_conf *conf)
{
	switch (conf->tls.verify) {
	case CONF_VERIFY_SERVER:
		return TLS_VERIFY_SERVER;
	case CONF_VERIFY_MUTUAL:
		return TLS_VERIFY_MUTUAL;
	case CONF_VERIFY_NONE:
	case CONF_VERIFY_UNSET:
		break;
	}
	return TLS_VERIFY_NONE;
}

/* The i-th slot that the server's chain may lead to, as the configuration has it; NULL: there are no more. */
static const char *
ca_slot(const struct channel *c, size_t i)
{
	const struct conf_strings *ca = &c->conf->tls.ca;

	if (wanted_verify(c->conf) == TLS_VERIFY_NONE)
		return NULL;
	return ca->n ? (i < ca->n ? ca->v[i] : NULL) : i == 0 ? "ca" : NULL;
}

/* Each once: two names of one slot may stand side by side where the dialect was not known. */
static void
add_slot(int ids[DIALECT_SLOTS], unsigned *n, int id)
{
	unsigned i;

	for (i = 0; i < *n && ids[i] != id; i++)
		;
	if (i == *n)
		ids[(*n)++] = id;
}

void
channel_ca_slots(const struct channel *c, int ids[DIALECT_SLOTS], unsigned *ret_n)
{
	const struct dialect *d = modem_dialect(c->modem);
	const struct dialect_slot *slot;
	const char *name;
	size_t i;

	*ret_n = 0;
	for (i = 0; (name = ca_slot(c, i)) && *ret_n < DIALECT_SLOTS; i++) {
		name = conf_slot_canonical(conf_dialect_named(d->name), name);
		for (slot = d->slots; name && slot && slot->name; slot++)
			if (!strcmp(slot->name, name))
				add_slot(ids, ret_n, slot->id);
	}
}

/* Of a slot by one of its names: it may be known by the name that it was configured with. */
static const char *
slot_error(const struct channel *c, const char *name)
{
	const char *slot = conf_slot_canonical(c->conf->modem_conf->dialect, name);
	const char *why = slot ? modem_slot_error(c->modem, slot) : NULL;

	if (why)
		return why;
	slot = conf_slot_canonical(conf_dialect_named(modem_dialect(c->modem)->name), name);
	return slot ? modem_slot_error(c->modem, slot) : NULL;
}

/* A slot that verification needs and that does not hold what it must. */
static const char *
slot_problem(const struct channel *c)
{
	const struct tls_conf *tls = &c->conf->tls;
	const char *own[] = { tls->cert, tls->key }, *name, *why = NULL;
	size_t i;

	for (i = 0; !why && (name = ca_slot(c, i)); i++)
		why = slot_error(c, name);
	for (i = 0; !why && tls->verify == CONF_VERIFY_MUTUAL && i < sizeof(own) / sizeof(own[0]); i++)
		why = slot_error(c, own[i]);
	return why;
}

static bool
accepted(const struct conf_strings *accept, const char *word)
{
	size_t i;

	for (i = 0; i < accept->n; i++)
		if (!strcmp(accept->v[i], word))
			return true;
	return false;
}

/* strict = true: every weakness must be one that the admin accepts. */
static void
block_if_strict(struct channel *c)
{
	char words[256], *word, *rest;

	if (!c->conf->tls.strict)
		return;
	dialect_weaknesses(c->plan.weak, words, sizeof(words));
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!accepted(&c->conf->tls.accept, word)) {
			snprintf(c->blocked, sizeof(c->blocked), "strict, and the module's weakness \"%s\" is not in accept", word);
			return;
		}
}

static void
make_plan(struct channel *c)
{
	const struct dialect *d = modem_dialect(c->modem);
	const struct tls_conf *tls = &c->conf->tls;
	struct tls_policy policy = {
		.verify = wanted_verify(c->conf),
		.ciphers = (const char *const *)tls->ciphers.v,
		.n_ciphers = tls->ciphers.n,
		.may_go_online = c->conf->mode == CONF_MODE_ONLINE || (c->conf->mode == CONF_MODE_AUTO && (!d || d->auto_online)),
		.check_name = tls->check_name != CONF_CHECK_NAME_OFF,
		.pin = *tls->pin,
	};
	const char *why;

	c->blocked[0] = '\0';
	c->plan = (struct tls_plan){ 0 };
	if (modem_state(c->modem) != MODEM_READY)
		return;
	d->plan(modem_module(c->modem), &policy, &c->plan);
	why = conf_beyond_module(c->conf, conf_dialect_named(d->name), 0);
	if (!why)
		why = c->plan.blocked[0] ? c->plan.blocked : slot_problem(c);
	if (why)
		str_copy(c->blocked, sizeof(c->blocked), why);
	else
		block_if_strict(c);
}

/* In the log, once, what the module makes of the policy; there it is found when somebody asks later. */
static void
tell_plan(struct channel *c)
{
	char enforces[128], weak[256];

	if (modem_state(c->modem) != MODEM_READY || c->blocked[0] || (c->told_enforces == c->plan.enforces && c->told_weak == c->plan.weak))
		return;
	c->told_enforces = c->plan.enforces;
	c->told_weak = c->plan.weak;
	dialect_enforces(c->plan.enforces, enforces, sizeof(enforces));
	dialect_weaknesses(c->plan.weak, weak, sizeof(weak));
	tally_log(&c->tally, c->clock->now_ms, LOG_INFO, "channel", c->conf->name, "security %s; enforces: %s; weaknesses: %s",
	    channel_security(c), enforces, weak);
}

static void
turn_away_waiting(struct channel *c)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&c->sessions); s; s = next) {
		next = TAILQ_NEXT(s, link);
		if (s->phase == SESSION_WAITING) {
			c->figures.failures++;
			session_end(s, false);
		}
	}
}

void
channel_modem_changed(struct channel *c)
{
	bool told = c->told_blocked;

	make_plan(c);
	tell_plan(c);
	channel_tell(c, false);
	c->told_blocked = c->blocked[0];
	if (!c->blocked[0])
		return;
	if (!told)
		tally_log(&c->tally, c->clock->now_ms, LOG_ERROR, "channel", c->conf->name, "blocked: %s", c->blocked);
	str_copy(c->error, sizeof(c->error), c->blocked);
	turn_away_waiting(c);
}

/* ---- turns ---- */

static unsigned
in_use(const struct channel *c)
{
	const struct session *s;
	unsigned n = 0;

	TAILQ_FOREACH(s, &c->sessions, link)
		n += s->phase != SESSION_WAITING;
	return n;
}

static void
retry(void *arg)
{
	struct channel *c = arg;

	modem_serve(c->modem);
}

bool
channel_may_dial(struct channel *c)
{
	make_plan(c); /* never dial with what was true of another module, or before it was known */
	if (c->blocked[0] || in_use(c) >= c->conf->max_sessions)
		return false;
	if (c->clock->now_ms < c->not_before_ms) {
		timer_at(c->clock, &c->retry, c->not_before_ms);
		return false;
	}
	return true;
}

void
channel_dialled(struct channel *c, struct session *s, bool ok)
{
	if (ok) {
		c->remote = s->remote;
		c->backoff_s = 0;
		c->not_before_ms = 0;
		return;
	}
	c->backoff_s = c->backoff_s ? c->backoff_s * 2 : 1;
	if (c->backoff_s > c->conf->dial_backoff_s)
		c->backoff_s = c->conf->dial_backoff_s;
	c->not_before_ms = c->clock->now_ms + c->backoff_s * 1000u;
}

/* It would not wait, but go on to its dial on the next turn. */
static bool
is_served_at_once(struct channel *c)
{
	return c->figures.waiting + in_use(c) < c->conf->max_sessions && modem_has_turn(c->modem, c->conf->mode == CONF_MODE_ONLINE) &&
	    channel_may_dial(c);
}

struct session *
channel_client(struct channel *c, struct app *app)
{
	if (c->blocked[0]) {
		channel_fail(c, c->blocked);
		app->ops->close(app);
		return NULL;
	}
	if (c->figures.waiting >= c->conf->max_waiting && !is_served_at_once(c)) {
		channel_fail(c, "a client was turned away: max_waiting clients wait already");
		app->ops->close(app);
		return NULL;
	}
	return session_new(c, app);
}

void
channel_refused(struct channel *c)
{
	channel_fail(c, "a client was turned away: the socket's mode, allow_users or allow_groups do not let its user and groups in");
}

/* ---- life ---- */

static void
bury(void *arg)
{
	struct channel *c = arg;
	struct session *s;

	while ((s = TAILQ_FIRST(&c->over))) {
		TAILQ_REMOVE(&c->over, s, link);
		free(s);
	}
}

void
channel_bury(struct channel *c, struct session *s)
{
	TAILQ_INSERT_TAIL(&c->over, s, link);
	timer_in(c->clock, &c->burial, 0);
}

struct channel *
channel_new(struct clock *clock, struct modem *modem, const struct channel_conf *conf)
{
	struct channel *c = xcalloc(1, sizeof(*c));

	c->clock = clock;
	c->modem = modem;
	c->conf = conf;
	c->alarmed = true; /* until the first session */
	c->cipher = c->tls_version = "";
	TAILQ_INIT(&c->sessions);
	TAILQ_INIT(&c->over);
	timer_init(&c->burial, bury, c);
	timer_init(&c->retry, retry, c);
	return c;
}

void
channel_close(struct channel *c)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&c->sessions))) {
		channel_fail(c, "closed by Close()");
		session_end(s, false);
	}
}

void
channel_end(struct channel *c)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&c->sessions)))
		session_end(s, false);
}

void
channel_reset(struct channel *c, const char *why)
{
	struct session *s, *next;

	for (s = TAILQ_FIRST(&c->sessions); s; s = next) {
		next = TAILQ_NEXT(s, link);
		if (s->phase == SESSION_DIALING || s->phase == SESSION_OPEN) {
			channel_fail(c, why);
			session_end(s, false);
		}
	}
	c->remote = 0;
	c->backoff_s = 0;
	c->not_before_ms = 0;
	c->cipher = c->tls_version = "";
	c->peer = (struct tls_peer){ 0 };
	channel_tell(c, false);
}

/* Claims are queued at the modem. */
static void
move_waiting(struct channel *c, struct modem *modem)
{
	struct session *s;

	TAILQ_FOREACH(s, &c->sessions, link)
		if (s->phase == SESSION_WAITING) {
			modem_unclaim(c->modem, &s->claim);
			modem_claim(modem, &s->claim);
		}
}

void
channel_set(struct channel *c, struct modem *modem, const struct channel_conf *conf)
{
	struct session *s;

	if (modem != c->modem)
		move_waiting(c, modem);
	c->modem = modem;
	c->conf = conf;
	TAILQ_FOREACH(s, &c->sessions, link) {
		session_limits(s);
		s->claim.alone = conf->mode == CONF_MODE_ONLINE;
	}
	channel_modem_changed(c);
	modem_serve(modem);
}

void
channel_free(struct channel *c)
{
	if (!c)
		return;
	c->watch = NULL; /* nobody is told of what is no more */
	channel_end(c);
	bury(c);
	timer_stop(c->clock, &c->burial);
	timer_stop(c->clock, &c->retry);
	free(c);
}

/* ---- for status ---- */

static bool
any_in(const struct channel *c, enum session_phase phase)
{
	const struct session *s;

	TAILQ_FOREACH(s, &c->sessions, link)
		if (s->phase == phase)
			return true;
	return false;
}

const char *
channel_state_word(const struct channel *c)
{
	if (c->blocked[0])
		return "blocked";
	if (modem_state(c->modem) != MODEM_READY)
		return "unavailable";
	return any_in(c, SESSION_OPEN) ? "open" : any_in(c, SESSION_DIALING) ? "dialing" : any_in(c, SESSION_FLUSHING) ? "closing" : "idle";
}

const char *
channel_security(const struct channel *c)
{
	if (modem_state(c->modem) != MODEM_READY || c->blocked[0])
		return "";
	switch (wanted_verify(c->conf)) {
	case TLS_VERIFY_SERVER:
		return "server";
	case TLS_VERIFY_MUTUAL:
		return "mutual";
	case TLS_VERIFY_NONE:
		break;
	}
	return channel_enforces(c) & ENFORCES_ENCRYPTION ? "encrypted" : "none";
}

/*
 * Of the sessions that are open, what each of them has negotiated: no more than the
 * least enforces, whatever one of them is weak in.  Else of all that may be dialled.
 */
static void
terms(const struct channel *c, unsigned *ret_enforces, unsigned *ret_weak)
{
	const struct session *s;
	unsigned enforces, weak;

	*ret_enforces = *ret_weak = 0;
	if (modem_state(c->modem) != MODEM_READY || c->blocked[0])
		return;
	if (!any_in(c, SESSION_OPEN)) {
		*ret_enforces = c->plan.enforces;
		*ret_weak = c->plan.weak;
		return;
	}
	*ret_enforces = UINT_MAX;
	TAILQ_FOREACH(s, &c->sessions, link) {
		if (s->phase != SESSION_OPEN)
			continue;
		sock_terms(s->sock, &enforces, &weak);
		*ret_enforces &= enforces;
		*ret_weak |= weak;
	}
}

unsigned
channel_enforces(const struct channel *c)
{
	unsigned enforces, weak;

	terms(c, &enforces, &weak);
	return enforces;
}

unsigned
channel_weaknesses(const struct channel *c)
{
	unsigned enforces, weak;

	terms(c, &enforces, &weak);
	return weak;
}

const char *
channel_cipher(const struct channel *c)
{
	return c->cipher;
}

const char *
channel_tls_version(const struct channel *c)
{
	return c->tls_version;
}

const char *
channel_error(const struct channel *c)
{
	return c->error;
}

const struct tls_peer *
channel_peer(const struct channel *c)
{
	return &c->peer;
}

const struct channel_figures *
channel_figures(const struct channel *c)
{
	return &c->figures;
}
