/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-rate.c - a module that speaks another baud rate than the configured one
 *
 * A round goes through the usual rates, the most usual first; the configured one
 * comes first and again in the middle, for a module that was only mute for a
 * while.  Each is tried as at any other wake, the escape before "AT": the module
 * may be in data mode there.  That takes 3.4 s for the escape and a second for
 * each of SILENT_MAX commands, 64 s for a round of ten.  No module can tell
 * noise of a wrong rate from a command, so nothing but these is ever written at
 * a rate at which it has not answered.
 */
#include "modem/modem-priv.h"

#include <errno.h>

#include "base/log.h"

#define MIDDLE 5   /* of a round: the configured rate again */
#define TRIES 2    /* to make the module speak the configured rate */

static const unsigned usual[] = { 115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600, 4800 };
#define N_USUAL (sizeof(usual) / sizeof(usual[0]))

unsigned
modem_rates(const struct modem *m)
{
	unsigned n = 2, i;

	if (!m->p.conf->baud || !m->wire->ops->rate)
		return 0;
	for (i = 0; i < N_USUAL; i++)
		n += usual[i] != m->p.conf->baud;
	return n;
}

static unsigned
rate_of_round(const struct modem *m, unsigned number)
{
	unsigned i, n = 0;

	if (number == 0 || number == MIDDLE)
		return m->p.conf->baud;
	number -= 1 + (number > MIDDLE);
	for (i = 0; i < N_USUAL; i++)
		if (usual[i] != m->p.conf->baud && n++ == number)
			return usual[i];
	return m->p.conf->baud;
}

/* false: the line has no such rate. */
static bool
host_speaks(struct modem *m, unsigned baud)
{
	if (!m->wire->ops->rate(m->wire, baud))
		return false;
	m->rate.now = baud;
	return true;
}

/* The next of the round that this line has. */
static bool
try_from(struct modem *m, unsigned number)
{
	for (; number < modem_rates(m); number++) {
		if (!host_speaks(m, rate_of_round(m, number)))
			continue;
		m->rate.number = number;
		log_debug("modem", m->p.conf->name, "trying %u bit/s", m->rate.now);
		return true;
	}
	return false;
}

void
modem_rate_first(struct modem *m)
{
	m->rate.searching = try_from(m, 0);
}

bool
modem_rate_next(struct modem *m)
{
	if (!m->rate.searching)
		return false;
	if (try_from(m, m->rate.number + 1))
		return true;
	m->rate.searching = false;
	host_speaks(m, m->p.conf->baud);
	return false;
}

void
modem_rate_heard(struct modem *m)
{
	m->rate.searching = false;
	if (m->rate.now == m->p.conf->baud) { /* it can; should it ever forget that, it is told anew */
		m->rate.tries = 0;
		m->rate.left = false;
	}
}

/* The owner of the line has opened it with the configured rate. */
void
modem_rate_new_line(struct modem *m)
{
	unsigned last = m->rate.now;

	if (!m->ladder.expected) { /* somebody plugged it in: perhaps another module */
		m->rate.tries = 0;
		m->rate.left = false;
	}
	m->rate.searching = false;
	m->rate.now = m->p.conf->baud;
	if (last && last != m->rate.now && m->wire->ops->rate)
		host_speaks(m, last); /* where the module was heard */
}

bool
modem_rate_wrong(const struct modem *m)
{
	return m->rate.now != m->p.conf->baud && !m->rate.left && m->dialect && m->dialect->set_rate;
}

/* The module keeps its own, and so does the host. */
static void
leave(struct modem *m, const char *why)
{
	m->rate.left = true;
	modem_log(m, LOG_WARNING, "the module speaks %u bit/s and does not change to %u (%s): give baud = %u, or set the module's rate",
	    m->rate.now, m->p.conf->baud, why, m->rate.now);
}

void
modem_rate_set(struct modem *m, int result)
{
	unsigned found = m->rate.now;

	m->rate.tries++;
	if (result == -EREMOTEIO) {
		leave(m, at_problem(m->at));
		modem_enter(m, MODEM_SETUP);
	} else if (m->rate.tries > TRIES) {
		leave(m, "it said so, but was not heard there");
		modem_enter(m, MODEM_SETUP);
	} else if (result < 0) {
		modem_fail(m, at_problem(m->at));
	} else if (!host_speaks(m, m->p.conf->baud)) {
		leave(m, "this line has no such rate");
		modem_enter(m, MODEM_SETUP);
	} else {
		modem_log(m, LOG_NOTICE, "the module spoke %u bit/s, it was given %u", found, m->rate.now);
		modem_enter(m, MODEM_WAKING); /* is it heard there? */
	}
}
