/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem.c - the state table: one way up, one way back
 *
 * What to know first: modem_enter() is the only function that changes the
 * state.  A state runs one script of the driver and goes on to the next; any
 * failure goes through modem_fail() to MODEM_RESTING and starts from the beginning.
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "dialect/3gpp.h"
#include "dialect/dialects.h"

#define REST_MAX_S 60	   /* longest rest between two tries */
#define REGISTER_POLL_MS 2000
#define SIM_LOOK_POLLS 15  /* so many of them, and the SIM is looked at again */
#define SIM_POLL_MS 60000  /* looks for a SIM that is missing */
#define REPAIR_QUIET_MS 300 /* silence before settings are made anew */

/* The way up.  `script` is a member of struct dialect; 0: the state has something else to do, or nothing. */
static const struct {
	const char *name, *word; /* for the log; the D-Bus property State */
	size_t script;
	enum modem_state next;
	unsigned limit_s; /* longest stay, 0: as long as it likes */
} states[] = {
#define SCRIPT(member) offsetof(struct dialect, member)
	[MODEM_ABSENT] = { "absent", "absent", 0, MODEM_ABSENT, 0 },
	[MODEM_WAKING] = { "waking", "opening", 0, MODEM_IDENTIFYING, 60 },
	[MODEM_IDENTIFYING] = { "identifying", "identifying", 0, MODEM_SETUP, 60 },
	[MODEM_SETUP] = { "setup", "identifying", SCRIPT(setup), MODEM_SIM, 120 },
	[MODEM_SIM] = { "sim", "sim", SCRIPT(sim), MODEM_REGISTERING, 60 },
	[MODEM_UNLOCKING] = { "unlocking", "sim", SCRIPT(sim_unlock), MODEM_SIM, 60 },
	[MODEM_REGISTERING] = { "registering", "registering", SCRIPT(registration), MODEM_ATTACHING, 300 },
	[MODEM_ATTACHING] = { "attaching", "attaching", SCRIPT(attach), MODEM_CONTEXT, 200 },
	[MODEM_CONTEXT] = { "context", "attaching", SCRIPT(context_up), MODEM_TLS, 200 },
	[MODEM_TLS] = { "tls", "attaching", SCRIPT(tls_up), MODEM_SLOTS, 60 },
	[MODEM_SLOTS] = { "certificates", "attaching", 0, MODEM_READY, 300 },
	[MODEM_READY] = { "ready", "ready", 0, MODEM_READY, 0 },
	[MODEM_RESTING] = { "resting", "opening", 0, MODEM_WAKING, 0 },
	[MODEM_FAILED] = { "failed", "failed", 0, MODEM_FAILED, 0 },
#undef SCRIPT
};

static void script_done(int result, void *op);

/* ---- small things ---- */

static void
news(void *arg)
{
	struct modem *m = arg;

	m->p.host->changed(m->p.host_arg);
}

void
modem_changed(struct modem *m)
{
	timer_in(m->clock, &m->news, 0);
}

void
modem_note(struct modem *m, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!m->p.host->note)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->p.host->note(m->p.host_arg, text);
}

static const struct at_step *
state_script(const struct modem *m)
{
	size_t offset = states[m->state].script;

	switch (m->state) {
	case MODEM_WAKING:
		return gpp_wake;
	case MODEM_IDENTIFYING:
		return gpp_identify;
	default:
		return offset && m->dialect ? *(const struct at_step *const *)((const char *)m->dialect + offset) : NULL;
	}
}

static void
run_state(struct modem *m)
{
	const struct at_step *script = state_script(m);

	if (script) {
		modem_note(m, "@ %s", states[m->state].name);
		at_submit(m->at, script, &m->op, script_done);
	}
}

/* Starting over: the module may have become another, or the same one with nothing set. */
static void
forget_module(struct modem *m)
{
	m->mod = (struct module){ .escape = '+', .guard_ms = 1000 };
	m->kept[0] = '\0';
	modem_time_forget(m);
}

static void
set_rules(struct modem *m)
{
	const struct dialect *d = m->dialect;
	struct at_rules rules = {
		.command_max = d ? d->command_max : 80,
		.gap_ms = d ? d->gap_ms : 20, /* the longest that a dialect names */
		.urcs = d ? d->urcs : NULL,
		.data_end = d ? d->data_end : NULL,
		.rescue = m->rests && m->rests % 2 == 0 ? gpp_rescue_long : d ? d->rescue : gpp_rescue,
		.guard_ms = m->mod.guard_ms,
		.escape = m->mod.escape,
	};

	at_set_rules(m->at, &rules);
}

void
modem_enter(struct modem *m, enum modem_state next)
{
	if (next != m->state)
		log_at(next == MODEM_READY || next == MODEM_FAILED ? LOG_NOTICE : LOG_INFO, "modem", m->p.conf->name,
		    "%s -> %s%s%s", states[m->state].name, states[next].name, next == MODEM_READY ? ": " : "",
		    next == MODEM_READY ? m->mod.model : "");
	m->state = next;
	if (states[next].limit_s)
		timer_in(m->clock, &m->timer, states[next].limit_s * 1000u);
	else
		timer_stop(m->clock, &m->timer);
	switch (next) {
	case MODEM_WAKING:
		forget_module(m);
		set_rules(m);
		break;
	case MODEM_TLS: /* the module checks dates by its own clock */
		modem_time_before_tls(m);
		break;
	case MODEM_SLOTS:
		slots_start(m);
		break;
	case MODEM_READY:
		m->rests = 0;
		m->error[0] = '\0';
		timer_in(m->clock, &m->timer, m->p.conf->supervision_s * 1000u);
		modem_serve(m);
		modem_time_look(m);
		break;
	case MODEM_RESTING:
		m->rests++;
		timer_in(m->clock, &m->timer, 1000u * (m->rests > 6 ? REST_MAX_S : 1u << (m->rests - 1)));
		break;
	case MODEM_FAILED:
		if (m->mod.sim == SIM_MISSING)
			timer_in(m->clock, &m->timer, SIM_POLL_MS);
		break;
	default:
		break;
	}
	run_state(m);
	modem_changed(m);
}

static void
end_socks(struct modem *m, const char *why)
{
	int i;

	for (i = 0; i < SOCKS_MAX; i++)
		sock_fail(&m->socks[i], why);
}

void
modem_fail(struct modem *m, const char *why)
{
	str_copy(m->error, sizeof(m->error), why);
	log_warning("modem", m->p.conf->name, "%s", why);
	end_socks(m, m->error); /* a copy: why may be a sock's own */
	at_reset(m->at);
	m->wire->ops->flush(m->wire); /* or it stands before the next escape */
	m->stopped = m->stopping;
	modem_enter(m, MODEM_RESTING);
}

/* Nothing helps but an admin. */
static void
give_up(struct modem *m, const char *why)
{
	str_copy(m->error, sizeof(m->error), why);
	log_error("modem", m->p.conf->name, "%s", why);
	modem_enter(m, MODEM_FAILED);
}

void
modem_repair(struct modem *m)
{
	if (m->state != MODEM_READY)
		return;
	m->kept[0] = '\0'; /* it may be of another dial now */
	log_info("modem", m->p.conf->name, "bytes of an app may have reached the command line: settings are made anew");
	modem_enter(m, MODEM_SETUP);
}

void
modem_context_lost(struct modem *m, const char *why)
{
	if (m->state != MODEM_READY)
		return;
	str_copy(m->error, sizeof(m->error), why);
	log_warning("modem", m->p.conf->name, "%s", why);
	m->kept[0] = '\0';
	m->mod.address[0] = '\0';
	end_socks(m, why);
	modem_enter(m, MODEM_SETUP); /* a module that has started anew without a word has lost its context too */
}

/* ---- the way up ---- */

static void
identified(struct modem *m)
{
	char why[256];

	m->dialect = m->p.conf->dialect == CONF_DIALECT_AUTO ? dialect_of(&m->mod) :
	    dialect_named(conf_dialect_name(m->p.conf->dialect));
	if (m->dialect)
		m->mod.family = dialect_family(m->dialect, &m->mod);
	if (!m->mod.family) {
		snprintf(why, sizeof(why), "\"%s\" \"%s\" \"%s\" is no module that this version has a driver for", m->mod.manufacturer,
		    m->mod.model, m->mod.revision);
		/* Twice the same: else it may have been noise on the line. */
		if (!strcmp(why, m->error))
			give_up(m, why);
		else
			modem_fail(m, why);
		return;
	}
	log_info("modem", m->p.conf->name, "%s %s, %s", m->mod.model, m->mod.revision, m->mod.family->title);
	set_rules(m);
	modem_enter(m, MODEM_SETUP);
}

/* The PIN is needed: once, and never one that was refused before. */
static void
unlock(struct modem *m)
{
	if (!m->p.pin) {
		give_up(m, "the SIM wants a PIN: give pin_file");
	} else if (!m->p.host->pin_try(m->p.host_arg, "")) {
		give_up(m, "the SIM refused this PIN before, it is not tried again: correct the PIN in pin_file");
	} else {
		m->op.pin = m->p.pin;
		modem_enter(m, MODEM_UNLOCKING);
	}
}

static void
sim_known(struct modem *m)
{
	switch (m->mod.sim) {
	case SIM_READY:
		modem_enter(m, MODEM_REGISTERING);
		break;
	case SIM_PIN:
		unlock(m);
		break;
	case SIM_PUK:
		give_up(m, "the SIM is blocked and wants its PUK: unlock it by hand, in a telephone");
		break;
	case SIM_MISSING:
		give_up(m, "no SIM in the module");
		break;
	case SIM_UNKNOWN:
	case SIM_FAILED:
		modem_fail(m, "the SIM does not work");
		break;
	}
}

static bool
may_use_network(const struct modem *m)
{
	return m->mod.reg == REG_HOME || (m->mod.reg == REG_ROAMING && m->p.conf->roaming);
}

static void
registration_known(struct modem *m)
{
	if (may_use_network(m)) {
		modem_enter(m, MODEM_ATTACHING);
		return;
	}
	if (++m->polls % SIM_LOOK_POLLS == 0) { /* it may have been taken out, or want its PIN again */
		modem_enter(m, MODEM_SIM);
		return;
	}
	str_copy(m->error, sizeof(m->error),
	    m->mod.reg == REG_ROAMING ? "a foreign network, and roaming = false" :
	    m->mod.reg == REG_DENIED  ? "the network denies registration" :
					"not registered on a network yet");
	timer_in(m->clock, &m->timer, REGISTER_POLL_MS);
	modem_changed(m);
}

static void
script_failed(struct modem *m, int result)
{
	char why[300];

	if (m->state == MODEM_UNLOCKING && result == -EREMOTEIO) {
		m->p.host->pin_tried(m->p.host_arg, "", false);
		give_up(m, "the SIM refused the PIN: correct pin_file; it is not tried again");
		return;
	}
	snprintf(why, sizeof(why), "%s: %s", states[m->state].name, at_problem(m->at));
	modem_fail(m, why);
}

static void
script_done(int result, void *op)
{
	struct modem *m = (struct modem *)((char *)op - offsetof(struct modem, op));

	if (result == -ECANCELED)
		return; /* whoever cancelled has entered another state */
	modem_note(m, "= %s %d", states[m->state].name, result);
	if (result < 0) {
		script_failed(m, result);
		return;
	}
	switch (m->state) {
	case MODEM_IDENTIFYING:
		identified(m);
		break;
	case MODEM_SETUP:
		set_rules(m);
		modem_enter(m, states[m->state].next);
		break;
	case MODEM_SIM:
		sim_known(m);
		break;
	case MODEM_UNLOCKING:
		m->p.host->pin_tried(m->p.host_arg, "", true);
		modem_enter(m, MODEM_SIM);
		break;
	case MODEM_REGISTERING:
		registration_known(m);
		break;
	case MODEM_CONTEXT:
		if (!m->mod.context_up)
			modem_fail(m, "the PDP context did not come up");
		else
			modem_enter(m, MODEM_TLS);
		break;
	case MODEM_TLS:
		modem_time_was_set(m);
		modem_enter(m, MODEM_SLOTS);
		break;
	default:
		modem_enter(m, states[m->state].next);
		break;
	}
}

static void
timed(void *arg)
{
	struct modem *m = arg;
	char why[100];

	switch (m->state) {
	case MODEM_READY:
		modem_look(m);
		break;
	case MODEM_RESTING:
		modem_enter(m, MODEM_WAKING);
		break;
	case MODEM_FAILED: /* a SIM may have been put in */
		at_reset(m->at);
		modem_enter(m, MODEM_WAKING);
		break;
	case MODEM_REGISTERING:
		if (at_idle(m->at)) {
			timer_in(m->clock, &m->timer, states[m->state].limit_s * 1000u);
			run_state(m);
			break;
		}
		/* fallthrough */
	default:
		snprintf(why, sizeof(why), "%s took longer than %u s", states[m->state].name, states[m->state].limit_s);
		modem_fail(m, why);
		break;
	}
}

/* ---- for the owner ---- */

static int
auth_number(enum conf_auth auth)
{
	switch (auth) {
	case CONF_AUTH_NONE:
		return 0;
	case CONF_AUTH_PAP:
		return 1;
	case CONF_AUTH_CHAP:
		return 2;
	case CONF_AUTH_AUTO:
		break;
	}
	return -1;
}

struct modem *
modem_new(struct clock *clock, struct wire *wire, const struct modem_params *p)
{
	static const char *const pdp_types[] = { "IP", "IPV6", "IPV4V6" };
	struct modem *m = xcalloc(1, sizeof(*m));
	int i;

	m->p = *p;
	m->clock = clock;
	m->wire = wire;
	m->at = at_new(clock, wire, &modem_at_owner, m);
	m->slot_text = BUF_INIT(8192);
	m->op = (struct modem_op){
		.mod = &m->mod,
		.cid = p->conf->pdp.cid,
		.apn = p->conf->pdp.apn,
		.pdp_type = pdp_types[p->conf->pdp.type],
		.user = p->conf->pdp.user,
		.password = p->pdp_password,
		.auth = auth_number(p->conf->pdp.auth),
		.baud = p->conf->baud,
		.rtscts = p->conf->flow_control == CONF_FLOW_RTSCTS,
	};
	TAILQ_INIT(&m->claims);
	timer_init(&m->timer, timed, m);
	timer_init(&m->news, news, m);
	timer_init(&m->serve, modem_serve_now, m);
	for (i = 0; i < SOCKS_MAX; i++)
		sock_init(&m->socks[i], m, i);
	return m;
}

void
modem_free(struct modem *m)
{
	if (!m)
		return;
	end_socks(m, "the daemon ends");
	at_free(m->at);
	timer_stop(m->clock, &m->timer);
	timer_stop(m->clock, &m->news);
	timer_stop(m->clock, &m->serve);
	buf_deinit(&m->slot_text);
	free(m);
}

void
modem_line_up(struct modem *m)
{
	m->rests = 0;
	at_reset(m->at);
	modem_enter(m, MODEM_WAKING);
}

void
modem_line_down(struct modem *m, const char *why)
{
	str_copy(m->error, sizeof(m->error), why);
	end_socks(m, why);
	at_reset(m->at);
	m->stopped = m->stopping;
	modem_enter(m, MODEM_ABSENT);
}

void
modem_input(struct modem *m, const void *bytes, size_t len)
{
	at_input(m->at, bytes, len);
}

void
modem_writable(struct modem *m)
{
	at_writable(m->at);
}

void
modem_stop(struct modem *m)
{
	int i;

	m->stopping = true;
	if (m->state != MODEM_READY) {
		m->stopped = true;
		modem_changed(m);
		return;
	}
	for (i = 0; i < SOCKS_MAX; i++)
		if (m->socks[i].phase != SOCK_PHASE_FREE && m->socks[i].user)
			sock_close(&m->socks[i]);
	modem_serve(m);
}

bool
modem_stopped(const struct modem *m)
{
	return m->stopped;
}

enum modem_state
modem_state(const struct modem *m)
{
	return m->state;
}

const char *
modem_state_word(const struct modem *m)
{
	return states[m->state].word;
}

const struct module *
modem_module(const struct modem *m)
{
	return &m->mod;
}

const struct dialect *
modem_dialect(const struct modem *m)
{
	return m->dialect;
}

const char *
modem_error(const struct modem *m)
{
	return m->error;
}

const char *
modem_slot_error(const struct modem *m, const char *slot)
{
	size_t i;

	for (i = 0; i < m->p.n_wants; i++)
		if (!strcmp(m->p.wants[i].slot, slot))
			return m->slot_errors[i][0] ? m->slot_errors[i] : NULL;
	return NULL;
}

const struct modem_figures *
modem_figures(const struct modem *m)
{
	return &m->figures;
}

const char *
modem_rung_word(enum modem_rung rung)
{
	static const char *const words[] = {
		[RUNG_RESYNC] = "re-synchronise", [RUNG_ESCAPE] = "escape", [RUNG_CONTEXT] = "context", [RUNG_DETACH] = "detach",
		[RUNG_SOFT_RESET] = "soft reset", [RUNG_HARD_RESET] = "hard reset", [RUNG_REOPEN] = "re-open",
	};

	return words[rung];
}

unsigned
modem_sockets(const struct modem *m)
{
	unsigned most = m->mod.family ? m->mod.family->secure_sockets : 0, set = m->p.conf->secure_sockets;

	return set && set < most ? set : most;
}

unsigned
modem_free_sockets(const struct modem *m)
{
	unsigned i, n = 0;

	for (i = 0; m->state == MODEM_READY && i < modem_sockets(m); i++)
		n += m->socks[i].phase == SOCK_PHASE_FREE;
	return n;
}

bool
modem_has_turn(const struct modem *m)
{
	const struct modem_claim *c;
	unsigned queued = 0;

	TAILQ_FOREACH(c, &m->claims, link)
		queued++;
	return !m->stopping && queued < modem_free_sockets(m);
}
