/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-set.c - simulated Cinterion modules: settings, identity, indicators, clock
 *
 * All is as the factory made it after each start.
 */
#include "cinterion.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "rtc.h"

void
cinterion_settings_factory(struct cinterion *c)
{
	memset(&c->p, 0, sizeof(c->p));
	c->p.echo = c->p.verbose = c->p.c = 1;
	c->p.d = 2;
	*c->last_cert = '\0';
	if (c->m->opts.module_rate)
		c->p.ipr = c->m->opts.module_rate == SIM_AUTOBAUD ? 0 : (long)c->m->opts.module_rate;
	else
		c->p.ipr = c->m->opts.line_rate;
	c->rate_asked = false;
	c->m->rate = 0;
	module_set_rate(c->m, (unsigned)c->p.ipr);
}

int
cinterion_basic(struct cinterion *c, char prefix, char letter, long n)
{
	const struct {
		char prefix, letter;
		long max;
		int *at;
	} rows[] = {
		{ 0, 'V', 1, &c->p.verbose }, { 0, 'Q', 1, &c->p.quiet }, { '&', 'C', 2, &c->p.c },
		{ '&', 'D', 2, &c->p.d },     { '\\', 'Q', 3, &c->p.q },
	};

	if (!prefix && letter == 'E' && n <= 1) {
		c->p.echo = c->m->faults.stuck_echo ? 1 : (int)n;
		return C_OK;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].prefix == prefix && rows[i].letter == letter && n <= rows[i].max) {
			*rows[i].at = (int)n;
			return C_OK;
		}
	return C_ERROR;
}

bool
cinterion_word(const char *value, const char *word)
{
	return !strcasecmp(value, word);
}

bool
cinterion_number(const char *value, long min, long max, long *ret)
{
	if (!*value || strlen(value) > 9 || value[strspn(value, "0123456789")])
		return false;
	*ret = atol(value);
	return *ret >= min && *ret <= max;
}

/* Characters. */

static char
gsm_character(unsigned code)
{
	static const char other[] = "@[\\]^_`{|}~"; /* where the two differ, above the blank; and $ */

	if (code == 0x00)
		return '@';
	if (code == 0x02)
		return '$';
	if (code == 0x11)
		return '_';
	return code < 0x20 || code > 0x7E || code == '$' || strchr(other, (int)code) ? '?' : (char)code;
}

void
cinterion_decode(char *dst, size_t size, const char *text, bool ascii)
{
	size_t n = 0;

	while (*text && n + 1 < size) {
		unsigned code = (unsigned char)*text++;

		if (code == '\\' && isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1])) {
			sscanf(text, "%2x", &code);
			text += 2;
		}
		dst[n++] = ascii ? (char)code : gsm_character(code);
	}
	dst[n] = '\0';
}

/* Settings of one number are rows. */

static int
set_number(const struct at_args *a, int *at, long max)
{
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, max, -1, &v))
		return CME_PARAMETERS;
	*at = (int)v;
	return C_OK;
}

static int
cmee_set(struct cinterion *c, const struct at_args *a)
{
	return set_number(a, &c->p.cmee, 2);
}

static int
cmee_read(struct cinterion *c)
{
	cinterion_info(c, "+CMEE: %d", c->p.cmee);
	return C_OK;
}

static int
ipr_set(struct cinterion *c, const struct at_args *a)
{
	static const long rates[] = { 0, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800 };
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, 460800, -1, &v))
		return CME_PARAMETERS;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (rates[i] == v) {
			c->p.ipr = v;
			c->rate_asked = true;
			return C_OK;
		}
	return CME_PARAMETERS;
}

static int
ipr_read(struct cinterion *c)
{
	cinterion_info(c, "+IPR: %ld", c->p.ipr);
	return C_OK;
}

static int
cscs_set(struct cinterion *c, const struct at_args *a)
{
	(void)c;
	return a->n == 1 && cinterion_word(at_str(a, 0), "GSM") ? C_OK : CME_PARAMETERS; /* the only one here */
}

static int
cscs_read(struct cinterion *c)
{
	cinterion_info(c, "+CSCS: \"GSM\"");
	return C_OK;
}

/* Identity. */

static int
cgmi(struct cinterion *c)
{
	cinterion_info(c, "%s", c->traits->manufacturer);
	return C_OK;
}

static int
cgmm(struct cinterion *c)
{
	cinterion_info(c, "%s", c->model);
	return C_OK;
}

static int
cgmr(struct cinterion *c)
{
	cinterion_info(c, "%s", c->revision);
	return C_OK;
}

static int
cgsn(struct cinterion *c)
{
	cinterion_info(c, CINTERION_IMEI);
	return C_OK;
}

static int
sqport_read(struct cinterion *c)
{
	cinterion_info(c, "^SQPORT: 1");
	return C_OK;
}

/* Indicators: that of a certificate is the only one here. */

static int
cmer_set(struct cinterion *c, const struct at_args *a)
{
	static const int most[] = { 3, 0, 0, 2 };
	int values[4] = { 0 };

	if (a->n > 4)
		return CME_PARAMETERS;
	for (int i = 0; i < a->n; i++) {
		long v;

		if (!at_int(a, i, 0, most[i], 0, &v))
			return CME_PARAMETERS;
		values[i] = (int)v;
	}
	memcpy(c->p.cmer, values, sizeof(values));
	return C_OK;
}

static int
cmer_read(struct cinterion *c)
{
	cinterion_info(c, "+CMER: %d,%d,%d,%d", c->p.cmer[0], c->p.cmer[1], c->p.cmer[2], c->p.cmer[3]);
	return C_OK;
}

static int
sind_read(struct cinterion *c)
{
	cinterion_info(c, "^SIND: is_cert,%d%s%s", c->p.sind, *c->last_cert ? "," : "", c->last_cert);
	return C_OK;
}

static int
sind_set(struct cinterion *c, const struct at_args *a)
{
	long mode;

	if (a->n != 2 || !cinterion_word(at_str(a, 0), "is_cert") || !at_int(a, 1, 0, 2, -1, &mode))
		return CME_PARAMETERS;
	if (mode < 2)
		c->p.sind = (int)mode;
	if (mode)
		return sind_read(c);
	cinterion_info(c, "^SIND: is_cert,0");
	return C_OK;
}

static int
scfg_read(struct cinterion *c)
{
	cinterion_info(c, "^SCFG: \"Tcp/WithURCs\",\"%s\"", c->p.no_urcs ? "off" : "on");
	return C_OK;
}

static int
scfg_set(struct cinterion *c, const struct at_args *a)
{
	bool off = cinterion_word(at_str(a, 1), "off");

	if (a->n > 2 || !cinterion_word(at_str(a, 0), "Tcp/WithURCs"))
		return CME_PARAMETERS;
	if (a->n == 2 && !off && !cinterion_word(at_str(a, 1), "on"))
		return CME_PARAMETERS;
	if (a->n == 2)
		c->p.no_urcs = off;
	return scfg_read(c);
}

/* The clock: what the host has, plus an offset. */

int64_t
cinterion_clock(const struct cinterion *c)
{
	return c->m->clock->wall_s + c->clock_offset;
}

void
cinterion_clock_jump(void *state, int seconds)
{
	struct cinterion *c = state;

	c->clock_offset += seconds;
}

static int
cclk_set(struct cinterion *c, const struct at_args *a)
{
	int64_t when;
	int zone;

	if (a->n != 1 || !rtc_parse(at_str(a, 0), false, &when, &zone))
		return CME_PARAMETERS;
	c->clock_offset = when - c->m->clock->wall_s;
	c->clock_zone = zone;
	return C_OK;
}

static int
cclk_read(struct cinterion *c)
{
	char text[64];

	rtc_text(text, sizeof(text), cinterion_clock(c), c->clock_zone);
	cinterion_info(c, "+CCLK: \"%s\"", text);
	return C_OK;
}

/* Power. */

static void
restart_now(struct cinterion *c)
{
	cinterion_reset(c, false);
}

static void
off_now(struct cinterion *c)
{
	cinterion_reset(c, true);
}

static void
shut_down(struct cinterion *c)
{
	c->mode = C_COMMAND; /* for its last words */
	cinterion_urc(c, "^SMSO: MS OFF");
	c->mode = C_OFF;
	cinterion_later(c, off_now, (unsigned)(module_out_done_ms(c->m) - c->m->clock->now_ms) + 50);
}

static int
smso(struct cinterion *c)
{
	return cinterion_power_cycle(c, shut_down);
}

static int
cfun_set(struct cinterion *c, const struct at_args *a)
{
	long fun, rst;

	if (a->n > 2 || !at_int(a, 0, 1, 1, -1, &fun) || !at_int(a, 1, 0, 1, 0, &rst))
		return CME_PARAMETERS;
	if (!rst)
		return C_OK;
	c->m->counters.reboots++;
	return cinterion_power_cycle(c, restart_now);
}

static int
cfun_read(struct cinterion *c)
{
	cinterion_info(c, "+CFUN: 1");
	return C_OK;
}

const struct cinterion_cmd cinterion_set_cmds[] = {
	{ "+CMEE", cmee_set, cmee_read },
	{ "+IPR", ipr_set, ipr_read },
	{ "+CSCS", cscs_set, cscs_read },
	{ "+CGMI", NULL, NULL, cgmi },
	{ "+CGMM", NULL, NULL, cgmm },
	{ "+CGMR", NULL, NULL, cgmr },
	{ "+CGSN", NULL, NULL, cgsn },
	{ "+GSN", NULL, NULL, cgsn },
	{ "^SQPORT", NULL, sqport_read },
	{ "+CMER", cmer_set, cmer_read },
	{ "^SIND", sind_set, sind_read },
	{ "^SCFG", scfg_set, scfg_read },
	{ "+CCLK", cclk_set, cclk_read },
	{ "+CFUN", cfun_set, cfun_read },
	{ "^SMSO", NULL, NULL, smso },
	{ 0 },
};
