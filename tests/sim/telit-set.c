/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-set.c - simulated Telit modules: settings, registers, identity, clock
 *
 * What AT&W stores comes back after a reset; the rest of the profile is then as
 * the factory made it.  The SSL, PDP and socket settings store themselves.
 */
#include "telit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "rtc.h"

#define IMEI "356308041234567"

void
telit_profile_factory(struct telit *t)
{
	t->p = (struct profile){ .echo = 1, .verbose = 1, .k = 3, .c = 1 };
	t->p.s[2] = '+';
	t->p.s[3] = '\r';
	t->p.s[4] = '\n';
	t->p.s[5] = '\b';
	t->p.s[7] = 60;
	t->p.s[12] = 50;
	t->p.s[25] = 5;
	if (t->m->opts.module_rate)
		t->p.ipr = t->m->opts.module_rate == SIM_AUTOBAUD ? 0 : (long)t->m->opts.module_rate;
	else
		t->p.ipr = t->m->opts.line_rate ? (long)t->m->opts.line_rate : t->traits->line3g ? 115200 : 0;
}

void
telit_profile_load(struct telit *t)
{
	const struct flash_item *it = flash_get(t->m->flash, "profile");

	telit_profile_factory(t);
	t->cpumode = 0;
	t->nitz[0] = 7;
	t->nitz[1] = 0;
	if (it && it->len == sizeof(t->p))
		memcpy(&t->p, it->bytes, sizeof(t->p));
	t->rate_asked = false;
	t->m->rate = 0;
	module_set_rate(t->m, (unsigned)t->p.ipr);
	if (t->m->faults.stuck_echo)
		t->p.echo = 1;
}

int
telit_basic(struct telit *t, char amp, char letter, long n)
{
	struct profile *p = &t->p;
	const struct {
		char amp, letter;
		long max;
		int *at;
	} rows[] = {
		{ 0, 'V', 1, &p->verbose }, { 0, 'Q', 1, &p->quiet }, { '&', 'K', 6, &p->k },
		{ '&', 'C', 2, &p->c },	    { '&', 'D', 5, &p->d },
	};

	if (!amp && letter == 'E' && n <= 1) {
		p->echo = t->m->faults.stuck_echo ? 1 : (int)n;
		return T_OK;
	}
	if (!amp && letter == 'I' && n == 4) {
		telit_info(t, "%s", t->model);
		return T_OK;
	}
	if (amp && letter == 'W' && n <= 1) {
		const struct flash_item *it = flash_get(t->m->flash, "profile");

		if (!it || it->len != sizeof(*p) || memcmp(it->bytes, p, sizeof(*p)))
			flash_put(t->m->flash, "profile", p, sizeof(*p));
		return T_OK;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].amp == amp && rows[i].letter == letter && n <= rows[i].max) {
			*rows[i].at = (int)n;
			return T_OK;
		}
	return T_ERROR;
}

int
telit_register(struct telit *t, int number, long value)
{
	static const struct {
		int number, min, max;
	} rows[] = { { 0, 0, 255 }, { 2, 0, 255 }, { 3, 13, 13 }, { 4, 10, 10 }, { 5, 8, 8 }, { 7, 1, 255 }, { 12, 20, 255 }, { 25, 0, 255 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].number != number)
			continue;
		if (value < 0) {
			telit_info(t, "%03d", t->p.s[number]);
			return T_OK;
		}
		if (value < rows[i].min || value > rows[i].max)
			return T_ERROR;
		t->p.s[number] = (int)value;
		return T_OK;
	}
	return T_ERROR;
}

unsigned
telit_guard_ms(const struct telit *t)
{
	return t->p.e2esc ? (unsigned)t->p.e2esc * 1000 : (unsigned)t->p.s[12] * 20;
}

/* Settings of one number are rows. */

static int
set_number(struct telit *t, const struct at_args *a, int *at, long max)
{
	long v;

	(void)t;
	if (a->n != 1 || !at_int(a, 0, 0, max, -1, &v))
		return CME_NOT_SUPPORTED;
	*at = (int)v;
	return T_OK;
}

#define NUMBER(fn, NAME, member, max) \
	static int fn##_set(struct telit *t, const struct at_args *a) \
	{ \
		return set_number(t, a, &t->member, max); \
	} \
	static int fn##_read(struct telit *t) \
	{ \
		telit_info(t, NAME ": %d", t->member); \
		return T_OK; \
	}

NUMBER(cmee, "+CMEE", p.cmee, 2)
NUMBER(selint, "#SELINT", p.selint, 2)
NUMBER(skipesc, "#SKIPESC", p.skipesc, 1)
NUMBER(e2esc, "#E2ESC", p.e2esc, 10)
NUMBER(cvhu, "+CVHU", p.cvhu, 2)
NUMBER(cpumode, "#CPUMODE", cpumode, 4)

static int
ipr_set(struct telit *t, const struct at_args *a)
{
	static const long rates[] = { 0, 300, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600 };
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, 921600, -1, &v))
		return CME_NOT_SUPPORTED;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (rates[i] == v) {
			t->p.ipr = v;
			t->rate_asked = true;
			return T_OK;
		}
	return CME_NOT_SUPPORTED;
}

static int
ipr_read(struct telit *t)
{
	telit_info(t, "+IPR: %ld", t->p.ipr);
	return T_OK;
}

/* Identity. */

static int
cgmi(struct telit *t)
{
	telit_info(t, "Telit");
	return T_OK;
}

static int
cgmm(struct telit *t)
{
	telit_info(t, "%s", t->model);
	return T_OK;
}

static int
cgmr(struct telit *t)
{
	telit_info(t, "%s", t->revision);
	return T_OK;
}

static int
cgsn(struct telit *t)
{
	telit_info(t, IMEI);
	return T_OK;
}

/* The clock: what the host has, plus an offset. */

int64_t
telit_clock(const struct telit *t)
{
	return t->m->clock->wall_s + t->clock_offset;
}

static int
clock_set(struct telit *t, const struct at_args *a, bool with_dst)
{
	int64_t when;
	int zone;

	if (a->n != 1 || !rtc_parse(at_str(a, 0), with_dst, &when, &zone))
		return CME_NOT_SUPPORTED;
	t->clock_offset = when - t->m->clock->wall_s;
	t->clock_zone = zone;
	return T_OK;
}

static void
clock_text(const struct telit *t, char *text, size_t size)
{
	rtc_text(text, size, telit_clock(t), t->clock_zone);
}

static int
cclk_set(struct telit *t, const struct at_args *a)
{
	return clock_set(t, a, false);
}

static int
cclk_read(struct telit *t)
{
	char text[64];

	clock_text(t, text, sizeof(text));
	telit_info(t, "+CCLK: \"%s\"", text);
	return T_OK;
}

static int
hcclk_set(struct telit *t, const struct at_args *a)
{
	return clock_set(t, a, true);
}

static int
hcclk_read(struct telit *t)
{
	char text[64];

	clock_text(t, text, sizeof(text));
	telit_info(t, "#CCLK: \"%s,0\"", text);
	return T_OK;
}

/*
 * The network tells the time, seconds since 1970 or 0 for what it has now.
 * The bits of #NITZ: 1 date and time, 2 the zone, 4 summer time in the URC.
 */
void
telit_network_time(void *state, int64_t seconds)
{
	struct telit *t = state;
	const struct module_opts *o = &t->m->opts;
	char text[64];

	if (!seconds && o->network_time > 0)
		seconds = o->network_time + (int64_t)((t->m->clock->now_ms - t->m->born_ms) / 1000);
	else if (!seconds && !o->network_time)
		seconds = t->m->clock->wall_s;
	if (seconds <= 0 || t->mode == T_OFF || !t->nitz[0])
		return;
	t->m->counters.network_times++;
	module_log(t->m, "* network time %lld", (long long)seconds);
	if (t->nitz[0] & 1)
		t->clock_offset = seconds - t->m->clock->wall_s;
	if (t->nitz[0] & 2)
		t->clock_zone = o->time_zone;
	if (!t->nitz[1])
		return;
	clock_text(t, text, sizeof(text));
	if (!(t->nitz[0] & 2))
		text[17] = '\0'; /* without the zone */
	telit_urc(t, "#NITZ: %s%s", text, (t->nitz[0] & 6) == 6 ? ",0" : "");
}

void
telit_clock_jump(void *state, int seconds)
{
	struct telit *t = state;

	t->clock_offset += seconds;
}

static int
nitz_set(struct telit *t, const struct at_args *a)
{
	long val, mode;

	if (a->n > 2 || !at_int(a, 0, 0, t->traits->line3g ? 15 : 7, -1, &val) || !at_int(a, 1, 0, 1, 0, &mode))
		return CME_NOT_SUPPORTED;
	t->nitz[0] = (int)val;
	t->nitz[1] = (int)mode;
	return T_OK;
}

static int
nitz_read(struct telit *t)
{
	telit_info(t, "#NITZ: %d,%d", t->nitz[0], t->nitz[1]);
	return T_OK;
}

/* Power. */

static void
reboot_now(struct telit *t)
{
	telit_reset(t, false);
}

static void
off_now(struct telit *t)
{
	telit_reset(t, true);
}

/* The answer first, then the power. */
static int
power_cycle(struct telit *t, void (*then)(struct telit *))
{
	t->pos = t->len;
	telit_finish(t, T_OK);
	t->mode = T_OFF;
	telit_later(t, then, (unsigned)(module_out_done_ms(t->m) - t->m->clock->now_ms) + 50);
	return T_LATER;
}

static int
reboot(struct telit *t)
{
	t->m->counters.reboots++;
	return power_cycle(t, reboot_now);
}

static int
shdn(struct telit *t)
{
	return power_cycle(t, off_now);
}

static int
enhrst_set(struct telit *t, const struct at_args *a)
{
	long mode, delay;

	if (!at_int(a, 0, 0, 2, -1, &mode) || !at_int(a, 1, 0, 0xFFFF, 0, &delay) || a->n > 2)
		return CME_NOT_SUPPORTED;
	if (mode != 1 || delay)
		return T_OK;
	t->m->counters.hard_resets++;
	return power_cycle(t, reboot_now);
}

const struct telit_cmd telit_set_cmds[] = {
	{ "+CMEE", cmee_set, cmee_read, NULL, "(0-2)" },
	{ "#SELINT", selint_set, selint_read, NULL, "(0-2)" },
	{ "#SKIPESC", skipesc_set, skipesc_read, NULL, "(0,1)" },
	{ "#E2ESC", e2esc_set, e2esc_read, NULL, "(0-10)" },
	{ "+CVHU", cvhu_set, cvhu_read, NULL, "(0-2)" },
	{ "#CPUMODE", cpumode_set, cpumode_read, NULL, "(0-4)", ONLY_2G },
	{ "+IPR", ipr_set, ipr_read, NULL, "" },
	{ "+CGMI", NULL, NULL, cgmi, "" },
	{ "+CGMM", NULL, NULL, cgmm, "" },
	{ "+CGMR", NULL, NULL, cgmr, "" },
	{ "+CGSN", NULL, NULL, cgsn, "" },
	{ "+CCLK", cclk_set, cclk_read, NULL, "" },
	{ "#CCLK", hcclk_set, hcclk_read, NULL, "" },
	{ "#NITZ", nitz_set, nitz_read, NULL, "(0-7)(0,1)", ONLY_2G }, /* without a comma, as seen */
	{ "#NITZ", nitz_set, nitz_read, NULL, "(0-15),(0,1)", ONLY_3G },
	{ "#REBOOT", NULL, NULL, reboot, "", IF_REBOOT },
	{ "#SHDN", NULL, NULL, shdn, "" },
	{ "#ENHRST", enhrst_set, NULL, NULL, "(0-2),(0-65535)", IF_ENHRST },
	{ 0 },
};
