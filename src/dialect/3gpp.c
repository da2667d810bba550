/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/3gpp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

/* No dialect is known yet, and so no URC: those that look like one do not tell who the module is. */
static bool
looks_unsolicited(const char *line)
{
	return strchr("+#^*%", line[0]) || strstr(line, ": ") || !strcmp(line, "RING") || !strcmp(line, "NO CARRIER");
}

/* A bare line is the text itself; the first one counts. */
static int
bare(char *dst, size_t size, struct at_line *l)
{
	if (looks_unsolicited(l->text))
		return AT_NOT_MINE;
	if (!dst[0])
		str_escape(dst, size, l->text, strlen(l->text));
	return AT_OK;
}

static int
manufacturer_line(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;

	return bare(m->manufacturer, sizeof(m->manufacturer), l);
}

static int
model_line(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;

	return bare(m->model, sizeof(m->model), l);
}

static int
revision_line(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;

	return bare(m->revision, sizeof(m->revision), l);
}

int
gpp_imei_line(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;

	return bare(m->imei, sizeof(m->imei), l);
}

const char *const gpp_rescue[] = { "\x1b", "ATV1Q0", NULL };

const char *const gpp_rescue_long[] = { "\x1b", "", "ATV1Q0", NULL };

const struct at_step gpp_wake[] = {
	/* Never "AT" first: the line may be in data mode, and its peer would get it. */
	{ .flags = AT_ESCAPE | AT_OPTIONAL },
	{ .flags = AT_SYNC },
	{ 0 }
};

const struct at_step gpp_identify[] = {
	{ .cmd = "ATE0" },
	{ .cmd = "AT+CGMI", .other = manufacturer_line },
	{ .cmd = "AT+CGMM", .other = model_line },
	{ .cmd = "AT+CGMR", .other = revision_line },
	{ .cmd = "AT+CGSN", .other = gpp_imei_line, .flags = AT_OPTIONAL },
	{ 0 }
};

/* ---- SIM ---- */

static int
cpin_answer(struct at_line *l, void *op)
{
	static const struct {
		const char *word;
		enum sim_state state;
	} words[] = { { "READY", SIM_READY }, { "SIM PIN", SIM_PIN }, { "SIM PUK", SIM_PUK } };
	struct module *m = ((struct modem_op *)op)->mod;
	const char *word = at_line_rest(l);
	size_t i;

	m->sim = SIM_FAILED;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i].word) == 0)
			m->sim = words[i].state;
	return AT_OK;
}

static int
sim_refused(const struct at_error *e, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;

	/* TS 27.007, 9.2: 10 SIM not inserted, 11 SIM PIN required, 12 SIM PUK required, 13 SIM failure */
	if (e->code == 10 || str_matches(e->text, "*not inserted*"))
		m->sim = SIM_MISSING;
	else if (e->code == 11 || str_matches(e->text, "SIM PIN*"))
		m->sim = SIM_PIN;
	else if (e->code == 12 || str_matches(e->text, "SIM PUK*"))
		m->sim = SIM_PUK;
	else
		m->sim = SIM_FAILED;
	return 0;
}

static void
pin_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *m = op;

	if (!m->pin)
		return;
	at_cmd_text(c, "AT+CPIN=");
	at_cmd_str(c, m->pin);
}

const struct at_step gpp_sim[] = {
	{ .cmd = "AT+CPIN?", .answer = "+CPIN:", .parse = cpin_answer, .refused = sim_refused, .timeout_ms = 10000 },
	{ 0 }
};

const struct at_step gpp_sim_unlock[] = {
	{ .build = pin_cmd, .flags = AT_SECRET, .timeout_ms = 20000 },
	{ 0 }
};

/* ---- registration ---- */

static enum registration
registration_of(long stat)
{
	switch (stat) {
	case 1:
		return REG_HOME;
	case 2:
		return REG_SEARCHING;
	case 3:
		return REG_DENIED;
	case 5:
		return REG_ROAMING;
	default:
		return REG_NONE;
	}
}

int
gpp_creg_urc(struct at_line *l, struct dialect_event *ret)
{
	ret->kind = EVENT_REGISTRATION;
	ret->state = registration_of(at_line_int(l));
	return at_line_check(l);
}

/* "+CREG: <n>,<stat>[,...]"; with one field it is the URC. */
static int
creg_answer(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;
	enum registration reg;

	if (at_line_fields(l) < 2)
		return AT_NOT_MINE;
	at_line_int(l);
	reg = registration_of(at_line_int(l));
	if (at_line_check(l))
		return -EBADMSG;
	/* +CGREG follows +CREG: either network is enough, the packet one says more. */
	if (reg == REG_HOME || reg == REG_ROAMING || (m->reg != REG_HOME && m->reg != REG_ROAMING))
		m->reg = reg;
	return AT_OK;
}

static int
csq_answer(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;
	long rssi = at_line_int(l);

	/* TS 27.007, 8.5: 0 is -113 dBm or less, 31 is -51 or more, steps of 2 */
	m->signal_dbm = rssi >= 0 && rssi <= 31 ? (int)(-113 + 2 * rssi) : 0;
	return AT_OK;
}

static void
forget_registration(struct at_cmd *c, const void *op)
{
	((const struct modem_op *)op)->mod->reg = REG_UNKNOWN;
	at_cmd_text(c, "AT+CREG?");
}

const struct at_step gpp_registration[] = {
	{ .build = forget_registration, .answer = "+CREG:", .parse = creg_answer },
	{ .cmd = "AT+CGREG?", .answer = "+CGREG:", .parse = creg_answer, .flags = AT_OPTIONAL },
	{ .cmd = "AT+CSQ", .answer = "+CSQ:", .parse = csq_answer, .flags = AT_OPTIONAL },
	{ 0 }
};

/* ---- clock ---- */

static void
cclk_cmd(struct at_cmd *c, const void *op)
{
	time_t now = (time_t)((const struct modem_op *)op)->wall_s;
	struct tm tm;
	char text[32];

	if (!now || !gmtime_r(&now, &tm))
		return;
	strftime(text, sizeof(text), "%y/%m/%d,%H:%M:%S+00", &tm);
	at_cmd_text(c, "AT+CCLK=");
	at_cmd_str(c, text);
	((const struct modem_op *)op)->mod->clock_set = true; /* unless it is refused */
}

static int
cclk_refused(const struct at_error *e, void *op)
{
	(void)e;
	((struct modem_op *)op)->mod->clock_set = false;
	return 0;
}

const struct at_step gpp_set_clock[] = {
	{ .build = cclk_cmd, .refused = cclk_refused },
	{ 0 }
};

/* "yy/MM/dd,hh:mm:ss" by its shape: a digit for each 9.  The zone is two digits behind a sign. */
static bool
has_shape(const char *text, const char *shape)
{
	for (; *shape; text++, shape++)
		if (*shape == '9' ? *text < '0' || *text > '9' : *text != *shape)
			return false;
	return true;
}

static int
two_digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

/*
 * Local time and its distance from UTC in quarters of an hour (TS 27.007, 8.15).
 * 0: no such time.  Years from 70 are those of clocks that begin in 1970 or 1980.
 */
static int64_t
cclk_time(const char *text)
{
	struct tm tm = { 0 };
	int zone, day, hour;
	time_t t;

	if (!has_shape(text, "99/99/99,99:99:99") || (text[17] != '+' && text[17] != '-') || !has_shape(text + 18, "99") || text[20])
		return 0;
	tm.tm_year = 100 + two_digits(text);
	tm.tm_mon = two_digits(text + 3) - 1;
	tm.tm_mday = day = two_digits(text + 6);
	tm.tm_hour = hour = two_digits(text + 9);
	tm.tm_min = two_digits(text + 12);
	tm.tm_sec = two_digits(text + 15);
	zone = text[17] == '-' ? -two_digits(text + 18) : two_digits(text + 18);
	if (tm.tm_year >= 170 || tm.tm_mon < 0 || tm.tm_mon > 11 || day < 1 || hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59 ||
	    zone < -48 || zone > 56)
		return 0;
	t = timegm(&tm);
	return tm.tm_mday == day ? (int64_t)t - zone * 900 : 0; /* 30 February has become March */
}

static int
cclk_answer(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;
	char text[32];

	at_line_str(l, text, sizeof(text));
	m->network_s = at_line_more(l) ? 0 : cclk_time(text);
	return AT_OK;
}

static void
cclk_read(struct at_cmd *c, const void *op)
{
	((const struct modem_op *)op)->mod->network_s = 0;
	at_cmd_text(c, "AT+CCLK?");
}

const struct at_step gpp_network_time[] = {
	{ .build = cclk_read, .answer = "+CCLK:", .parse = cclk_answer },
	{ 0 }
};
