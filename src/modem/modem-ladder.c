/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-ladder.c - the way back: which rung when, and how long to rest before it
 *
 * What to know first: a failure names its kind of trouble.  Each kind has a
 * column of rungs and its place in it, which goes one down with every rung that
 * was taken, and back to the top when the modem was ready for some minutes
 * (STEADY_MS): one that gets ready and fails again at once climbs on.  A rung
 * begins like every way up, in MODEM_WAKING; what it has to say to the module
 * is said when the module listens (MODEM_MENDING), so nothing is sent to one
 * that is mute, and what could not be said was not taken.
 */
#include "modem/modem-priv.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define STEADY_MS (5 * 60000u) /* ready for so long: the troubles before it are over */
#define REST_FIRST_MS 1000u
#define REST_MAX_MS 60000u
#define FALLS_MAX 6	       /* with them the rests have grown to the longest */
#define REOPEN_MS 10000u       /* for the tty to be closed and opened */
#define DIALS_DEAD 8	       /* dials in a row that no server answered: more than one bad remote and its retries */

/* The least time between two uses, in minutes. */
#define SOON 0
#define DIALS_MIN 15	  /* it may be the servers after all */
#define RESET_MIN 10	  /* a boot, a registration, and some minutes to be well in */
#define HARD_MIN 60
#define NET_RESET_MIN 60  /* the network's troubles are seldom the module's: its registrations are counted by the operator */
#define NET_HARD_MIN 360

struct row {
	enum modem_rung rung;
	unsigned minutes;
};

#define ROWS(...) { (const struct row[]){ __VA_ARGS__ }, sizeof((const struct row[]){ __VA_ARGS__ }) / sizeof(struct row) }

static const struct {
	const struct row *rows;
	unsigned n;
} columns[TROUBLES] = {
	/* It does not listen: whatever is to be said to it would not be heard. */
	[TROUBLE_LINE] = ROWS({ RUNG_RESYNC, SOON }, { RUNG_ESCAPE, SOON }, { RUNG_RESYNC, SOON }, { RUNG_RATE, SOON },
	    { RUNG_REOPEN, SOON }, { RUNG_ESCAPE, SOON }),
	[TROUBLE_MODULE] = ROWS({ RUNG_RESYNC, SOON }, { RUNG_RESYNC, SOON }, { RUNG_CONTEXT, SOON }, { RUNG_SOFT_RESET, RESET_MIN },
	    { RUNG_RESYNC, SOON }, { RUNG_HARD_RESET, HARD_MIN }, { RUNG_REOPEN, SOON }),
	[TROUBLE_NETWORK] = ROWS({ RUNG_CONTEXT, SOON }, { RUNG_DETACH, SOON }, { RUNG_CONTEXT, SOON }, { RUNG_DETACH, SOON },
	    { RUNG_SOFT_RESET, NET_RESET_MIN }, { RUNG_CONTEXT, SOON }, { RUNG_DETACH, SOON }, { RUNG_HARD_RESET, NET_HARD_MIN }),
	/* No network in reach: most often there is none, and the module finds it by itself when there is. */
	[TROUBLE_COVERAGE] = ROWS({ RUNG_SOFT_RESET, NET_RESET_MIN }, { RUNG_SOFT_RESET, NET_RESET_MIN }, { RUNG_HARD_RESET, NET_HARD_MIN }),
	[TROUBLE_DIALS] = ROWS({ RUNG_CONTEXT, DIALS_MIN }, { RUNG_DETACH, DIALS_MIN }, { RUNG_SOFT_RESET, NET_RESET_MIN },
	    { RUNG_HARD_RESET, NET_HARD_MIN }),
	[TROUBLE_ASKED] = ROWS({ RUNG_SOFT_RESET, SOON }, { RUNG_HARD_RESET, SOON }),
};

const char *
modem_rung_word(enum modem_rung rung)
{
	static const char *const words[] = {
		[RUNG_RESYNC] = "re-synchronise", [RUNG_ESCAPE] = "escape", [RUNG_RATE] = "baud rate", [RUNG_CONTEXT] = "context",
		[RUNG_DETACH] = "detach", [RUNG_SOFT_RESET] = "soft reset", [RUNG_HARD_RESET] = "hard reset", [RUNG_REOPEN] = "re-open",
	};

	return words[rung];
}

/* What a rung says to the module; NULL: nothing, or this module knows no such thing. */
static const struct at_step *
rung_script(const struct modem *m, enum modem_rung rung)
{
	if (!m->dialect)
		return NULL;
	switch (rung) {
	case RUNG_CONTEXT:
		return m->dialect->context_down;
	case RUNG_DETACH:
		return m->dialect->detach;
	case RUNG_SOFT_RESET:
		return m->dialect->soft_reset;
	case RUNG_HARD_RESET:
		return m->dialect->hard_reset;
	default:
		return NULL;
	}
}

static bool
says_something(enum modem_rung rung)
{
	return rung >= RUNG_CONTEXT && rung <= RUNG_HARD_RESET;
}

static bool
usable(const struct modem *m, const struct row *row)
{
	uint64_t used = m->ladder.used_ms[row->rung];

	if (used && m->clock->now_ms < used + row->minutes * 60000ull)
		return false;
	if (m->pin_unsure && (row->rung == RUNG_SOFT_RESET || row->rung == RUNG_HARD_RESET))
		return false; /* it would want the PIN again, and that may have been refused */
	if (says_something(row->rung))
		return rung_script(m, row->rung);
	if (row->rung == RUNG_RATE)
		return modem_rates(m) > 1;
	return row->rung != RUNG_REOPEN || m->p.host->reopen;
}

/* The row for the next failure of this kind; its index counts on round by round.  -1: none is due. */
static int
next_row(const struct modem *m, enum trouble trouble)
{
	unsigned n = columns[trouble].n, i;

	for (i = 0; i < n; i++)
		if (usable(m, &columns[trouble].rows[(m->ladder.place[trouble] + i) % n]))
			return (int)((m->ladder.place[trouble] + i) % n);
	return -1;
}

bool
ladder_due(const struct modem *m, enum trouble trouble)
{
	return next_row(m, trouble) >= 0;
}

/* The longer the worse it goes; never two modems in step with each other. */
static uint32_t
rest_ms(struct modem *m)
{
	uint32_t ms = m->ladder.falls > FALLS_MAX ? REST_MAX_MS : REST_FIRST_MS << (m->ladder.falls - 1);

	return ms - ms / 5 + clock_random(m->clock, 2 * ms / 5 + 1);
}

static void
back_to_the_top(struct modem *m)
{
	unsigned dials = m->ladder.place[TROUBLE_DIALS];

	memset(m->ladder.place, 0, sizeof(m->ladder.place));
	m->ladder.place[TROUBLE_DIALS] = dials; /* in it the modem is ready all the time: a dial that succeeds ends it */
	m->ladder.falls = m->ladder.losses = 0;
}

void
ladder_ask(struct modem *m, const char *why)
{
	back_to_the_top(m);
	m->ladder.asked = true;
	m->ladder.ready_ms = 0;
	m->ladder.rung = RUNG_ESCAPE; /* whatever it was doing was cut off: a payload, perhaps */
	m->ladder.row = -1;
	str_copy(m->ladder.why, sizeof(m->ladder.why), why);
}

/* It listens.  What it was to be told before does not matter now: it starts anew. */
static void
choose_asked(struct modem *m)
{
	m->ladder.asked = false;
	m->ladder.trouble = TROUBLE_ASKED;
	m->ladder.place[TROUBLE_ASKED] = 0;
	m->ladder.row = next_row(m, TROUBLE_ASKED);
	if (m->ladder.row >= 0)
		m->ladder.rung = columns[TROUBLE_ASKED].rows[m->ladder.row].rung;
	else
		log_warning("modem", m->p.conf->name, m->pin_unsure ? "not reset: it is not known whether the SIM accepted the PIN" :
								      "not reset: this module has no command for it");
}

void
ladder_forget(struct modem *m)
{
	m->ladder.expected = m->ladder.asked = false;
}

void
ladder_new_line(struct modem *m)
{
	if (!m->ladder.expected) {
		back_to_the_top(m);
		m->ladder.asked = false; /* another module, perhaps; and who plugs it in has reset it */
	}
	m->ladder.ready_ms = 0;
	m->ladder.rung = RUNG_ESCAPE; /* what an earlier life left is not known: a payload, perhaps */
	m->ladder.row = -1;
}

static bool
was_steady(const struct modem *m)
{
	return m->ladder.ready_ms && m->clock->now_ms >= m->ladder.ready_ms + STEADY_MS;
}

void
ladder_ready(struct modem *m)
{
	if (!m->ladder.ready_ms) {
		m->ladder.ready_ms = m->clock->now_ms;
		m->figures.ready++;
	}
}

bool
ladder_lost_again(struct modem *m)
{
	if (was_steady(m))
		back_to_the_top(m);
	m->ladder.ready_ms = 0;
	return m->ladder.losses++ > 0;
}

uint32_t
ladder_fall(struct modem *m, enum trouble trouble)
{
	if (was_steady(m))
		back_to_the_top(m);
	m->ladder.ready_ms = 0;
	m->ladder.falls++;
	m->ladder.trouble = trouble;
	m->ladder.row = next_row(m, trouble);
	m->ladder.rung = m->ladder.row < 0 ? RUNG_RESYNC : columns[trouble].rows[m->ladder.row].rung;
	str_copy(m->ladder.why, sizeof(m->ladder.why), m->error);
	m->alarmed |= modem_log(m, LOG_WARNING, "%s", m->error);
	return rest_ms(m);
}

/* It is taken now: counted, remembered, and the next one is this column's next. */
static void
take(struct modem *m)
{
	const struct row *row = &columns[m->ladder.trouble].rows[m->ladder.row < 0 ? 0 : m->ladder.row];
	enum modem_rung rung = m->ladder.rung;

	if (m->ladder.row < 0)
		return;
	modem_log(m, row->minutes ? LOG_NOTICE : LOG_INFO, "way back: %s (%s)", modem_rung_word(rung), m->ladder.why);
	m->figures.rungs[rung]++;
	m->ladder.used_ms[rung] = m->clock->now_ms;
	m->ladder.place[m->ladder.trouble] = ((unsigned)m->ladder.row + 1) % columns[m->ladder.trouble].n;
	m->ladder.row = -1;
}

void
ladder_rested(struct modem *m)
{
	if (m->ladder.rung == RUNG_REOPEN && m->ladder.row >= 0) {
		take(m);
		m->ladder.rung = RUNG_ESCAPE;
		m->ladder.expected = true;
		timer_in(m->clock, &m->timer, REOPEN_MS);
		m->p.host->reopen(m->p.host_arg);
		return;
	}
	if (!says_something(m->ladder.rung))
		take(m);
	if (m->ladder.rung == RUNG_RATE)
		modem_rate_first(m);
	modem_enter(m, MODEM_WAKING);
}

bool
ladder_awake(struct modem *m)
{
	m->ladder.expected = false;
	if (m->ladder.asked && m->dialect)
		choose_asked(m);
	if (!says_something(m->ladder.rung) || m->ladder.row < 0)
		return false;
	modem_enter(m, MODEM_MENDING);
	return true;
}

const struct at_step *
ladder_script(const struct modem *m)
{
	return rung_script(m, m->ladder.rung);
}

const char *
ladder_note(const struct modem *m)
{
	switch (m->ladder.rung) {
	case RUNG_CONTEXT:
		return "context_down";
	case RUNG_DETACH:
		return "detach";
	case RUNG_SOFT_RESET:
		return "soft_reset";
	default:
		return "hard_reset";
	}
}

/* Refused: the next dearer one, where the module knows it and it was not used lately. */
static bool
refused(struct modem *m)
{
	unsigned n = columns[m->ladder.trouble].n, i;
	enum modem_rung wanted = m->ladder.rung;

	modem_log(m, LOG_INFO, "%s refused: %s", modem_rung_word(wanted), at_problem(m->at));
	for (i = 0; i < n; i++) {
		const struct row *row = &columns[m->ladder.trouble].rows[i];

		if (row->rung <= wanted || !says_something(row->rung) || !usable(m, row))
			continue;
		m->ladder.rung = row->rung;
		m->ladder.row = (int)i;
		modem_enter(m, MODEM_MENDING);
		return true;
	}
	return false;
}

void
ladder_mended(struct modem *m, int result)
{
	bool reset = m->ladder.rung == RUNG_SOFT_RESET || m->ladder.rung == RUNG_HARD_RESET;

	take(m);
	if (result == -EREMOTEIO && refused(m))
		return;
	if (reset && result != -EREMOTEIO) { /* no answer: it may have been too quick for one */
		m->ladder.expected = true;
		modem_enter(m, MODEM_BOOTING);
	} else {
		modem_enter(m, MODEM_IDENTIFYING);
	}
}

/* ---- dials ---- */

void
modem_dial_over(struct modem *m, enum dial_cause cause, bool ok)
{
	bool unheard = cause == DIAL_NAME || cause == DIAL_TIMEOUT || cause == DIAL_UNREACHED;
	bool heard = ok || cause == DIAL_REFUSED || cause == DIAL_HANDSHAKE || cause == DIAL_CERTIFICATE;

	if (heard) {
		m->ladder.dials = m->ladder.place[TROUBLE_DIALS] = 0;
	} else if (unheard) {
		m->ladder.dials++;
	}
	if (!ok)
		modem_look_soon(m);
}

bool
ladder_dials_dead(struct modem *m)
{
	if (m->ladder.dials < DIALS_DEAD || !ladder_due(m, TROUBLE_DIALS))
		return false;
	m->ladder.dials = 0;
	return true;
}
