/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-up.c - what the scripts of the way up have found out, and what follows from it
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "dialect/dialects.h"

#define REGISTER_POLL_MS 2000
#define SIM_LOOK_POLLS 15	   /* so many of them, and the SIM is looked at again */
#define STRANGE_MAX 4		   /* names of no known module, the same each time */
#define SIM_SETTLE_MS 1000	   /* from the word that the SIM is another to a look at it */
#define SIM_POLL_MS 60000	   /* looks for another SIM while this one, or none, is of no use */
#define UNCOVERED_MS (15 * 60000u) /* without a network, before the module is suspected: longer than a tunnel */

/* Known, and of no use; asked twice, since it may have been noise on the line that looked like its name. */
static void
unsupported(struct modem *m)
{
	char why[256];

	snprintf(why, sizeof(why), "%.40s %.40s: %s", m->mod.manufacturer, m->mod.model, m->mod.family->unsupported);
	if (strcmp(why, m->error) == 0) {
		modem_give_up(m, why);
		return;
	}
	str_copy(m->error, sizeof(m->error), why);
	modem_enter(m, MODEM_IDENTIFYING);
}

void
modem_identified(struct modem *m)
{
	char why[256];

	m->dialect = m->p.conf->dialect == CONF_DIALECT_AUTO ? dialect_of(&m->mod) :
	    dialect_named(conf_dialect_name(m->p.conf->dialect));
	if (m->dialect)
		m->mod.family = dialect_family(m->dialect, &m->mod);
	if (!m->mod.family) {
		snprintf(why, sizeof(why), "\"%s\" \"%s\" \"%s\" is no module that this version has a driver for", m->mod.manufacturer,
		    m->mod.model, m->mod.revision);
		/* So often the same: else it may have been noise on the line. */
		m->strange = strcmp(why, m->error) ? 1 : m->strange + 1;
		if (m->strange >= STRANGE_MAX)
			modem_give_up(m, why);
		else
			modem_fail(m, why);
		return;
	}
	if (m->mod.family->unsupported) {
		unsupported(m);
		return;
	}
	modem_log(m, LOG_INFO, "%s %s, %s", m->mod.model, m->mod.revision, m->mod.family->title);
	modem_set_rules(m);
	if (ladder_awake(m)) /* to be reset, and how is known only now */
		return;
	modem_enter(m, modem_rate_wrong(m) ? MODEM_RATE : MODEM_SETUP);
}

/* ---- the SIM ---- */

/* The PIN is needed: once, and never one that was refused before. */
static void
unlock(struct modem *m)
{
	m->pin_unsure = false; /* it asks: the one that it may have been given was not accepted */
	if (!m->p.pin) {
		modem_give_up(m, "the SIM wants a PIN: give pin_file");
	} else if (!m->dialect->sim_unlock) {
		modem_give_up(m, "the SIM wants a PIN, and no way is known to give it to this module: switch the PIN off, in a telephone");
	} else if (!m->p.host->pin_try(m->p.host_arg, "")) {
		modem_give_up(m, "the SIM refused this PIN before, it is not tried again: correct the PIN in pin_file");
	} else {
		m->pin_unsure = true; /* until it is answered, however the line ends before that */
		m->pin_after = m->figures.commands;
		modem_enter(m, MODEM_UNLOCKING);
	}
}

/* What happens before the command is written cannot make the SIM refuse anything. */
void
modem_pin_given_up(struct modem *m)
{
	if (!m->pin_unsure || m->figures.commands != m->pin_after)
		return;
	m->pin_unsure = false;
	m->p.host->pin_tried(m->p.host_arg, "", true);
}

void
modem_sim_known(struct modem *m)
{
	switch (m->mod.sim) {
	case SIM_READY:
		if (m->pin_unsure) /* so it was accepted */
			m->p.host->pin_tried(m->p.host_arg, "", true);
		m->pin_unsure = false;
		modem_enter(m, MODEM_REGISTERING);
		break;
	case SIM_PIN:
		unlock(m);
		break;
	case SIM_PUK:
		modem_give_up(m, "the SIM is blocked and wants its PUK: unlock it by hand, in a telephone");
		break;
	case SIM_MISSING:
		m->pin_unsure = false; /* the next one may be another */
		modem_give_up(m, "no SIM in the module");
		break;
	case SIM_UNKNOWN:
	case SIM_FAILED:
		modem_fail(m, "the SIM does not work");
		break;
	}
}

void
modem_sim_watch(struct modem *m)
{
	m->sim_seen = m->mod.sim;
	if (m->sim_seen != SIM_UNKNOWN) /* else it was not the SIM */
		timer_in(m->clock, &m->timer, SIM_POLL_MS);
}

void
modem_sim_changed(struct modem *m)
{
	if (m->sim_seen != SIM_UNKNOWN)
		timer_in(m->clock, &m->timer, SIM_SETTLE_MS);
}

/* Nothing is new, or all begins anew: a year without a SIM is no year of log lines. */
static void
sim_looked(int result, void *op)
{
	struct modem *m = (struct modem *)((char *)op - offsetof(struct modem, op));
	enum sim_state before = m->sim_seen;

	if (result == -ECANCELED || m->state != MODEM_FAILED)
		return;
	if (result < 0) {
		at_reset(m->at);
		modem_enter(m, MODEM_WAKING);
		return;
	}
	modem_sim_watch(m);
	if (m->mod.sim == before)
		return;
	if (m->mod.sim == SIM_MISSING) { /* taken out; the next one may be better */
		modem_give_up(m, "no SIM in the module");
		return;
	}
	m->error[0] = '\0';
	modem_enter(m, MODEM_WAKING);
}

void
modem_sim_look(struct modem *m)
{
	modem_note(m, "@ sim");
	at_submit(m->at, m->dialect->sim, &m->op, sim_looked);
}

/* ---- the network ---- */

static const char *
why_not_registered(const struct modem *m)
{
	switch (m->mod.reg) {
	case REG_ROAMING:
		return "a foreign network, and roaming = false";
	case REG_DENIED:
		return "the network denies registration";
	default:
		return "not registered on a network yet";
	}
}

static bool
unwanted(const struct modem *m)
{
	return m->mod.reg == REG_ROAMING || m->mod.reg == REG_DENIED;
}

/*
 * Longer than any outage should be: now and then the module is started anew, by
 * the ladder, which sees to it that this is seldom.  Never where a network is
 * there and does not want us: that is the admin's business, or the operator's.
 */
static bool
uncovered_for_long(struct modem *m)
{
	if (unwanted(m)) {
		m->uncovered_ms = 0;
		return false;
	}
	if (!m->uncovered_ms)
		m->uncovered_ms = m->clock->now_ms;
	return m->clock->now_ms >= m->uncovered_ms + UNCOVERED_MS && ladder_due(m, TROUBLE_COVERAGE);
}

void
modem_registration_known(struct modem *m)
{
	if (m->mod.reg == REG_HOME || (m->mod.reg == REG_ROAMING && m->p.conf->roaming)) {
		m->uncovered_ms = 0;
		modem_enter(m, MODEM_ATTACHING);
	} else if (uncovered_for_long(m)) {
		m->uncovered_ms = 0;
		modem_trouble(m, TROUBLE_COVERAGE, "no network for a quarter of an hour");
	} else if (++m->polls % SIM_LOOK_POLLS == 0) { /* it may have been taken out, or want its PIN again */
		if (unwanted(m)) /* the one wait that no rung of the ladder tells of */
			m->alarmed |= modem_log(m, LOG_WARNING, "%s", why_not_registered(m));
		modem_enter(m, MODEM_SIM);
	} else {
		str_copy(m->error, sizeof(m->error), why_not_registered(m));
		timer_in(m->clock, &m->timer, REGISTER_POLL_MS);
		modem_changed(m);
	}
}
