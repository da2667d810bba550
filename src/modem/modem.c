/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem.c - the state table: one way up, one way back
 *
 * What to know first: modem_enter() is the only function that changes the
 * state.  A state runs one script of the driver and goes on to the next; any
 * failure goes through modem_trouble() to MODEM_RESTING and, by a rung of the
 * ladder (modem-ladder.c), starts from the beginning.
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

#define BOOT_QUIET_MS 5000 /* nothing is said to a module that starts anew: what is half up takes a command for noise */

/*
 * The way up.  `script` is a member of struct dialect; 0: the state has something
 * else to do, or nothing.  A state whose script the driver lacks is passed.  A script or a rest that takes longer than limit_s is
 * in `trouble`, and so is one that fails.  Without a limit are: ABSENT and RELEASED,
 * which the owner of the line ends; READY, where the supervision looks; FAILED, which waits
 * for people, and looks for another SIM; RESTING, whose timer is the rest.
 * REGISTERING is left by the network, and where there is none by the ladder now
 * and then (modem-up.c); its limit is that of one script.
 */
static const struct {
	const char *name, *word; /* for the log; the D-Bus property State */
	size_t script;
	enum modem_state next;
	enum trouble trouble;
	unsigned limit_s;
} states[] = {
#define SCRIPT(member) offsetof(struct dialect, member)
	[MODEM_ABSENT] = { "absent", "absent", 0, MODEM_ABSENT, TROUBLE_LINE, 0 },
	[MODEM_WAKING] = { "waking", "opening", 0, MODEM_IDENTIFYING, TROUBLE_LINE, 60 },
	[MODEM_IDENTIFYING] = { "identifying", "identifying", 0, MODEM_SETUP, TROUBLE_MODULE, 60 },
	[MODEM_RATE] = { "rate", "identifying", SCRIPT(set_rate), MODEM_WAKING, TROUBLE_LINE, 30 },
	[MODEM_SETUP] = { "setup", "identifying", SCRIPT(setup), MODEM_SIM, TROUBLE_MODULE, 120 },
	[MODEM_SIM] = { "sim", "sim", SCRIPT(sim), MODEM_REGISTERING, TROUBLE_MODULE, 60 },
	[MODEM_UNLOCKING] = { "unlocking", "sim", SCRIPT(sim_unlock), MODEM_SIM, TROUBLE_LINE, 60 }, /* a reset would ask for the PIN again */
	[MODEM_REGISTERING] = { "registering", "registering", SCRIPT(registration), MODEM_ATTACHING, TROUBLE_NETWORK, 60 },
	[MODEM_ATTACHING] = { "attaching", "attaching", SCRIPT(attach), MODEM_CONTEXT, TROUBLE_NETWORK, 200 },
	[MODEM_CONTEXT] = { "context", "attaching", SCRIPT(context_up), MODEM_TLS, TROUBLE_NETWORK, 200 },
	[MODEM_TLS] = { "tls", "attaching", SCRIPT(tls_up), MODEM_SLOTS, TROUBLE_MODULE, 60 },
	[MODEM_SLOTS] = { "certificates", "attaching", 0, MODEM_READY, TROUBLE_MODULE, 300 },
	[MODEM_READY] = { "ready", "ready", 0, MODEM_READY, TROUBLE_MODULE, 0 },
	[MODEM_MENDING] = { "mending", "opening", 0, MODEM_IDENTIFYING, TROUBLE_MODULE, 90 },
	[MODEM_BOOTING] = { "booting", "opening", 0, MODEM_IDENTIFYING, TROUBLE_LINE, 90 },
	[MODEM_RESTING] = { "resting", "opening", 0, MODEM_WAKING, TROUBLE_LINE, 0 },
	[MODEM_FAILED] = { "failed", "failed", 0, MODEM_FAILED, TROUBLE_MODULE, 0 },
	[MODEM_RELEASED] = { "released", "released", 0, MODEM_RELEASED, TROUBLE_LINE, 0 },
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
	case MODEM_BOOTING:
		return gpp_wake;
	case MODEM_IDENTIFYING:
		return gpp_identify;
	case MODEM_MENDING:
		return ladder_script(m);
	default:
		return offset && m->dialect ? *(const struct at_step *const *)((const char *)m->dialect + offset) : NULL;
	}
}

static void
run_state(struct modem *m)
{
	const struct at_step *script = state_script(m);

	if (!script) {
		if (states[m->state].script) /* the driver has none: this module needs no such thing */
			modem_enter(m, states[m->state].next);
		return;
	}
	if (m->state == MODEM_SETUP || m->state == MODEM_RATE)
		modem_note(m, "@ %s baud=%u rtscts=%d", states[m->state].name, m->op.baud, m->op.rtscts);
	else
		modem_note(m, "@ %s", m->state == MODEM_BOOTING ? "waking" : m->state == MODEM_MENDING ? ladder_note(m) : states[m->state].name);
	at_submit(m->at, script, &m->op, script_done);
}

/* Starting over: the module may have become another, or the same one with nothing set. */
static void
forget_module(struct modem *m)
{
	m->mod = (struct module){ .escape = '+', .guard_ms = 1000 };
	m->kept[0] = '\0';
	m->room = 0;
	modem_time_forget(m);
}

/* The driver, also before the module has said its name, where the configuration says it. */
static const struct dialect *
expected_dialect(const struct modem *m)
{
	return m->dialect ? m->dialect :
	    m->p.conf->dialect == CONF_DIALECT_AUTO ? NULL :
						      dialect_named(conf_dialect_name(m->p.conf->dialect));
}

/* The wake of a line of which nothing is known, or that resists, also ends a counted payload. */
static const char *const *
rescue(const struct modem *m)
{
	if (m->state == MODEM_WAKING && m->ladder.rung == RUNG_ESCAPE)
		return gpp_rescue_long;
	return m->dialect ? m->dialect->rescue : gpp_rescue;
}

unsigned
modem_silent_max(const struct modem *m)
{
	const char *const *words = rescue(m);
	unsigned n = 0;

	if (m->state == MODEM_BOOTING || m->state == MODEM_RESTING || m->state == MODEM_FAILED)
		return 0;
	while (words[n])
		n++;
	return n + 1; /* "AT", and each of them */
}

void
modem_set_rules(struct modem *m)
{
	const struct dialect *d = m->dialect, *expected = expected_dialect(m);
	struct at_rules rules = {
		.command_max = d ? d->command_max : 80,
		.gap_ms = d ? d->gap_ms : 100, /* the longest that a dialect names */
		.urcs = d ? d->urcs : NULL,
		.data_end = d ? d->data_end : NULL,
		.rescue = rescue(m),
		.guard_ms = m->mod.guard_ms,
		.escape = m->mod.escape,
		.etx = expected ? expected->etx : 0,
		.dtr = expected && expected->dtr,
	};

	at_set_rules(m->at, &rules);
}

void
modem_enter(struct modem *m, enum modem_state next)
{
	if (next != m->state)
		log_at(next == MODEM_READY && m->alarmed ? LOG_NOTICE : LOG_DEBUG, "modem", m->p.conf->name, "%s -> %s%s%s", states[m->state].name,
		    states[next].name, next == MODEM_READY ? ": " : "", next == MODEM_READY ? m->mod.model : "");
	if (m->state == MODEM_UNLOCKING)
		modem_pin_given_up(m);
	m->state = next;
	if (next != MODEM_READY)
		modem_command_lost(m);
	if (states[next].limit_s)
		timer_in(m->clock, &m->timer, states[next].limit_s * 1000u);
	else
		timer_stop(m->clock, &m->timer);
	switch (next) {
	case MODEM_WAKING:
		forget_module(m);
		modem_set_rules(m);
		break;
	case MODEM_TLS: /* the module checks dates by its own clock */
		modem_time_before_tls(m);
		break;
	case MODEM_SLOTS:
		slots_start(m);
		break;
	case MODEM_BOOTING:
		forget_module(m);
		at_reset(m->at);
		modem_set_rules(m);
		timer_in(m->clock, &m->timer, BOOT_QUIET_MS); /* then as timed() says */
		modem_changed(m);
		return;
	case MODEM_READY:
		ladder_ready(m);
		m->alarmed = false;
		m->error[0] = '\0';
		timer_in(m->clock, &m->timer, m->p.conf->supervision_s * 1000u);
		modem_serve(m);
		modem_time_look(m);
		break;
	case MODEM_FAILED:
		modem_sim_watch(m);
		break;
	default:
		break;
	}
	run_state(m);
	modem_changed(m);
}

void
modem_end_socks(struct modem *m, const char *why)
{
	int i;

	for (i = 0; i < SOCKS_MAX; i++)
		sock_fail(&m->socks[i], why);
}

void
modem_trouble(struct modem *m, enum trouble trouble, const char *why)
{
	uint32_t rest;

	str_copy(m->error, sizeof(m->error), why);
	modem_end_socks(m, m->error); /* a copy: why may be a sock's own */
	at_reset(m->at);
	m->wire->ops->flush(m->wire); /* or it stands before the next escape */
	m->stopped = m->stopping;
	if (m->state == MODEM_WAKING && modem_rate_next(m)) {
		modem_enter(m, MODEM_WAKING);
		return;
	}
	rest = ladder_fall(m, trouble);
	modem_enter(m, MODEM_RESTING);
	timer_in(m->clock, &m->timer, rest);
}

void
modem_fail(struct modem *m, const char *why)
{
	modem_trouble(m, states[m->state].trouble, why);
}

void
modem_give_up(struct modem *m, const char *why)
{
	str_copy(m->error, sizeof(m->error), why);
	m->uncovered_ms = 0; /* time without a SIM is none without a network */
	m->alarmed |= modem_log(m, LOG_ERROR, "%s", why);
	modem_enter(m, MODEM_FAILED);
}

void
modem_repair(struct modem *m)
{
	if (m->state != MODEM_READY)
		return;
	if (m->stopping) { /* whoever comes next makes all settings anew */
		modem_serve(m);
		return;
	}
	m->kept[0] = '\0'; /* it may be of another dial now */
	modem_log(m, LOG_INFO, "bytes of an app may have reached the command line: settings are made anew");
	modem_enter(m, MODEM_SETUP);
}

void
modem_begin_anew(struct modem *m, const char *why)
{
	if (m->state != MODEM_READY)
		return;
	str_copy(m->error, sizeof(m->error), why);
	m->alarmed |= modem_log(m, LOG_WARNING, "%s", why);
	m->kept[0] = '\0';
	m->mod.address[0] = '\0';
	modem_end_socks(m, why);
	m->stopped = m->stopping;
	modem_enter(m, MODEM_SETUP); /* a module that has started anew without a word has lost its context too */
}

void
modem_context_lost(struct modem *m, const char *why)
{
	if (m->state != MODEM_READY)
		return;
	if (ladder_lost_again(m))
		modem_trouble(m, TROUBLE_NETWORK, why);
	else
		modem_begin_anew(m, why);
}

/* ---- the way up ---- */

static void
script_failed(struct modem *m, int result)
{
	char why[300];

	if (m->state == MODEM_UNLOCKING && result == -EREMOTEIO) {
		m->pin_unsure = false;
		m->p.host->pin_tried(m->p.host_arg, "", false);
		modem_give_up(m, "the SIM refused the PIN: correct pin_file; it is not tried again");
		return;
	}
	snprintf(why, sizeof(why), "%s: %s", states[m->state].name, at_problem(m->at));
	modem_fail(m, why);
}

static void
script_succeeded(struct modem *m)
{
	switch (m->state) {
	case MODEM_WAKING:
	case MODEM_BOOTING:
		modem_rate_heard(m);
		if (!ladder_awake(m))
			modem_enter(m, MODEM_IDENTIFYING);
		break;
	case MODEM_IDENTIFYING:
		modem_identified(m);
		break;
	case MODEM_SETUP:
		modem_set_rules(m);
		modem_enter(m, states[m->state].next);
		break;
	case MODEM_SIM:
		modem_sim_known(m);
		break;
	case MODEM_UNLOCKING:
		m->pin_unsure = false;
		m->p.host->pin_tried(m->p.host_arg, "", true);
		modem_enter(m, MODEM_SIM);
		break;
	case MODEM_REGISTERING:
		modem_registration_known(m);
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
script_done(int result, void *op)
{
	struct modem *m = (struct modem *)((char *)op - offsetof(struct modem, op));

	if (result == -ECANCELED)
		return; /* whoever cancelled has entered another state */
	modem_note(m, "= %s %d", states[m->state].name, result);
	if (m->state == MODEM_MENDING)
		ladder_mended(m, result);
	else if (m->state == MODEM_RATE)
		modem_rate_set(m, result);
	else if (result < 0)
		script_failed(m, result);
	else
		script_succeeded(m);
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
		ladder_rested(m);
		break;
	case MODEM_FAILED:
		modem_sim_look(m);
		break;
	case MODEM_BOOTING:
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

static void
take_params(struct modem *m, const struct modem_params *p)
{
	static const char *const pdp_types[] = { "IP", "IPV6", "IPV4V6" };

	m->p = *p;
	m->op.cid = p->conf->pdp.cid;
	m->op.pin = p->pin;
	m->op.apn = p->conf->pdp.apn;
	m->op.pdp_type = pdp_types[p->conf->pdp.type];
	m->op.user = p->conf->pdp.user;
	m->op.password = p->pdp_password;
	m->op.auth = auth_number(p->conf->pdp.auth);
	m->op.baud = p->conf->baud;
	m->op.rtscts = p->conf->flow_control == CONF_FLOW_RTSCTS;
}

struct modem *
modem_new(struct clock *clock, struct wire *wire, const struct modem_params *p)
{
	struct modem *m = xcalloc(1, sizeof(*m));
	int i;

	take_params(m, p);
	m->clock = clock;
	m->alarmed = true; /* until it is ready for the first time */
	m->wire = wire;
	m->at = at_new(clock, wire, &modem_at_owner, m);
	m->slot_text = BUF_INIT(8192);
	m->op.mod = &m->mod;
	TAILQ_INIT(&m->claims);
	timer_init(&m->timer, timed, m);
	timer_init(&m->news, news, m);
	timer_init(&m->serve, modem_serve_now, m);
	modem_command_init(m);
	for (i = 0; i < SOCKS_MAX; i++)
		sock_init(&m->socks[i], m, i);
	return m;
}

void
modem_free(struct modem *m)
{
	if (!m)
		return;
	modem_end_socks(m, "the daemon ends");
	at_free(m->at);
	modem_command_free(m);
	timer_stop(m->clock, &m->timer);
	timer_stop(m->clock, &m->news);
	timer_stop(m->clock, &m->serve);
	buf_deinit(&m->slot_text);
	wipe(m->slot_op.frame, sizeof(m->slot_op.frame));
	free(m);
}

void
modem_set_params(struct modem *m, const struct modem_params *p, bool other_wants)
{
	bool other_pace = p->conf->supervision_s != m->p.conf->supervision_s;

	take_params(m, p);
	slots_moved(m); /* what is at work goes on with the new ones, of the same content */
	if (other_wants)
		slots_changed(m);
	if (m->state != MODEM_READY)
		return;
	if (other_pace)
		timer_in(m->clock, &m->timer, p->conf->supervision_s * 1000u);
	modem_leave_foreign_network(m);
	modem_serve(m);
}

void
modem_line_up(struct modem *m)
{
	m->uncovered_ms = 0;
	ladder_new_line(m);
	modem_rate_new_line(m);
	at_reset(m->at);
	modem_enter(m, MODEM_WAKING);
}

void
modem_line_down(struct modem *m, const char *why)
{
	str_copy(m->error, sizeof(m->error), why);
	m->alarmed |= modem_log(m, LOG_WARNING, "%s", why);
	modem_end_socks(m, why);
	at_reset(m->at);
	m->stopped = m->stopping;
	modem_enter(m, MODEM_ABSENT);
}

void
modem_input(struct modem *m, const void *bytes, size_t len)
{
	m->figures.line_received += len;
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
	modem_command_lost(m);
	if (m->state != MODEM_READY) {
		modem_turn_back(m);
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
	const struct dialect_slot *place = slots_find(m, slot);
	size_t i;

	for (i = 0; i < m->p.n_wants; i++)
		if (!strcmp(m->p.wants[i].slot, slot) || (place && slots_find(m, m->p.wants[i].slot) == place))
			return m->slot_errors[i][0] ? m->slot_errors[i] : NULL;
	return NULL;
}

const struct modem_figures *
modem_figures(const struct modem *m)
{
	return &m->figures;
}
