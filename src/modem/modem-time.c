/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-time.c - the module's clock: what the network has set is read, what the host knows is written
 *
 * What to know first: nothing but the module's word says who has set its clock.
 * So what the host has ever set is not taken for the network's until the
 * network has said that it set the clock anew; and before it has said that
 * once, a clock is read only where the host sets none (clock = "module").
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"

#define AGAIN_MS 3600000u	   /* between two readings that nothing asks for */
#define TOLD_GAP_MS 60000u	   /* and of those that a module asks for: it may say #NITZ without end */
#define NEWS_S 60		   /* a reading that is off by no more is not worth a line */
#define TOO_OLD_MS (7u * 86400000u) /* a host's quartz is a minute off by then */

static struct modem *
of(void *op)
{
	return (struct modem *)((char *)op - offsetof(struct modem, op));
}

int64_t
modem_network_time(const struct modem *m)
{
	uint64_t age_ms = m->clock->now_ms - m->time.at_ms;

	return m->time.network_s && age_ms < TOO_OLD_MS ? m->time.network_s + (int64_t)(age_ms / 1000) : 0;
}

int64_t
modem_believed_time(const struct modem *m)
{
	return m->p.clock == CONF_CLOCK_MODULE ? modem_network_time(m) : clock_host_time(m->clock);
}

/* What the host may set the module's clock to. */
static int64_t
time_to_set(const struct modem *m)
{
	return m->p.clock == CONF_CLOCK_HOST ? clock_host_time(m->clock) : 0;
}

void
modem_time_forget(struct modem *m)
{
	modem_time_was_set(m); /* a script that was given up may have come so far */
	m->time.asked_ms = 0;
	m->time.set = false;
}

static void
prepare_to_set(struct modem *m)
{
	m->op.wall_s = time_to_set(m);
	if (m->op.wall_s)
		m->time.set = m->time.setting = true;
}

/* Also when the network set it meanwhile: nobody knows who was last. */
void
modem_time_was_set(struct modem *m)
{
	m->time.by_host |= m->time.setting;
	m->time.setting = false;
}

static void
set_done(int result, void *op)
{
	struct modem *m = of(op);

	modem_time_was_set(m);
	if (result != -ECANCELED)
		modem_changed(m);
}

static void
taken(struct modem *m)
{
	char text[32] = "";
	struct tm tm;
	time_t t = (time_t)m->mod.network_s;
	int64_t known = modem_network_time(m), off = t - known;

	m->time.network_s = t;
	m->time.at_ms = m->clock->now_ms;
	m->figures.times++;
	if (m->p.clock == CONF_CLOCK_MODULE)
		m->mod.clock_set = true;
	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	log_at(m->figures.times == 1 ? LOG_INFO : LOG_DEBUG, "modem", m->p.conf->name, "the network's time is %s UTC", text);
	if (known && (off < -NEWS_S || off > NEWS_S))
		modem_log(m, LOG_INFO, "the network's time has leapt");
}

static void
read_done(int result, void *op)
{
	struct modem *m = of(op);

	m->time.asking = false;
	if (result == -ECANCELED)
		return;
	modem_note(m, "= network time %d", result);
	if (result == -ETIMEDOUT)
		m->time.told = true; /* once more, later */
	if (result < 0 || m->time.by_host) /* the host's, when it was set between the network's word and this reading */
		return;
	if (m->mod.network_s >= CLOCK_OLDEST_S) {
		taken(m);
	} else {
		if (m->p.clock == CONF_CLOCK_MODULE)
			m->mod.clock_set = false;
		log_debug("modem", m->p.conf->name, "the module's clock is not set");
	}
	modem_time_look(m); /* the host's time comes back behind what the network has set */
	modem_changed(m);
}

static void
read_clock(struct modem *m)
{
	m->time.asking = true;
	m->time.told = false;
	m->time.asked_ms = m->clock->now_ms;
	modem_note(m, "@ network time");
	at_submit(m->at, m->dialect->network_time, &m->op, read_done);
}

static bool
read_due(const struct modem *m)
{
	const struct modem_time *t = &m->time;
	uint64_t ago_ms = t->asked_ms ? m->clock->now_ms - t->asked_ms : UINT64_MAX;

	if (!m->dialect->network_time || t->asking || t->setting || t->by_host)
		return false;
	if (t->told)
		return ago_ms >= TOLD_GAP_MS;
	return (m->p.clock == CONF_CLOCK_MODULE || t->network_s) && ago_ms >= AGAIN_MS;
}

void
modem_time_before_tls(struct modem *m)
{
	if (m->time.told && read_due(m))
		read_clock(m);
	prepare_to_set(m);
}

void
modem_time_told(struct modem *m)
{
	m->time.told = true;
	m->time.by_host = false;
	m->time.set = false;
	modem_time_look(m);
}

void
modem_time_look(struct modem *m)
{
	if (m->state != MODEM_READY || m->stopping || m->time.asking || modem_line_owner(m))
		return;
	if (read_due(m)) {
		read_clock(m);
	} else if (!m->time.told && !m->time.set && !m->time.setting && m->dialect->set_clock && time_to_set(m)) {
		prepare_to_set(m);
		at_submit(m->at, m->dialect->set_clock, &m->op, set_done);
	}
}
