/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-line.c - simulated Cinterion modules: the command line, and payloads
 *
 * One command in a line; a line runs when the bytes that came with its <CR> are
 * through.  A payload is neither echoed nor looked at.
 */
#include "cinterion.h"

#include <ctype.h>
#include <strings.h>

#include "base/str.h"

#define EARLY_MS 100 /* the pause that the module wants after a final result */

static const struct cinterion_cmd *const tables[] = { cinterion_set_cmds,  cinterion_net_cmds,	  cinterion_serv_cmds,
						      cinterion_sock_cmds, cinterion_online_cmds, cinterion_store_cmds };

unsigned
cinterion_delay(struct cinterion *c)
{
	unsigned ms = c->m->opts.latency_ms;

	if (sim_chance(&c->m->random, c->m->faults.late)) {
		c->m->counters.faults++;
		ms += c->m->faults.late_ms;
	}
	return ms;
}

void
cinterion_payload(struct cinterion *c, size_t (*take)(struct cinterion *, const uint8_t *, size_t))
{
	c->mode = C_PAYLOAD;
	c->payload = take;
}

/* The command line. */

static const struct cinterion_cmd *
find_cmd(const struct cinterion *c, const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct cinterion_cmd *k = tables[i]; k->name; k++)
			if (!strcmp(k->name, name) && (!(k->flags & ONLY_WM01) || c->traits->wm01))
				return k;
	return NULL;
}

/* One of the + or ^ kind; it is the rest of the line. */
static int
run_extended(struct cinterion *c, const char *text, size_t len)
{
	const struct cinterion_cmd *k;
	struct at_args args;
	char name[24];
	size_t n = 0;

	do {
		if (n + 1 == sizeof(name))
			return C_ERROR;
		name[n] = (char)toupper((unsigned char)text[n]);
		n++;
	} while (n < len && isalnum((unsigned char)text[n]));
	name[n] = '\0';
	text += n;
	len -= n;
	k = find_cmd(c, name);
	if (!k)
		return C_ERROR;
	if (!len)
		return k->act ? k->act(c) : C_ERROR;
	if (len == 2 && !memcmp(text, "=?", 2))
		return C_OK;
	if (len == 1 && *text == '?')
		return k->read ? k->read(c) : C_ERROR;
	if (*text != '=' || !k->set)
		return C_ERROR;
	if (!at_args_parse(&args, text + 1, len - 1))
		return CME_PARAMETERS;
	return k->set(c, &args);
}

/* ATE0V1&D2\Q3 */
static int
run_basic(struct cinterion *c, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		char prefix = 0, letter;
		long number = 0;
		int r;

		if (text[i] == '&' || text[i] == '\\')
			prefix = text[i++];
		if (i >= len || !isalpha((unsigned char)text[i]))
			return C_ERROR;
		letter = (char)toupper((unsigned char)text[i++]);
		while (i < len && isdigit((unsigned char)text[i]) && number < 100000)
			number = number * 10 + (text[i++] - '0');
		r = cinterion_basic(c, prefix, letter, number);
		if (r)
			return r;
	}
	return C_OK;
}

/* A PIN or password has no place in a log. */
static void
log_line(struct cinterion *c)
{
	static const char *const secret[] = { "AT+CPIN=", "passwd," };
	char text[4 * CINTERION_LINE_MAX + 8];

	str_escape(text, sizeof(text), c->line, c->len);
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		char *at = strcasestr(text, secret[i]);

		if (at)
			strcpy(at + strlen(secret[i]), "...");
	}
	module_log(c->m, "> %s", text);
}

static int
run_text(struct cinterion *c)
{
	size_t from = 2;

	c->line[c->len] = '\0';
	if (c->overlong || c->len < 2 || strncasecmp(c->line, "AT", 2))
		return C_ERROR;
	while (from < c->len && c->line[from] == ' ')
		from++;
	if (from == c->len)
		return C_OK;
	if (c->line[from] == '+' || c->line[from] == '^')
		return run_extended(c, c->line + from, c->len - from);
	return run_basic(c, c->line + from, c->len - from);
}

static void
run_line(struct cinterion *c)
{
	int r;

	c->no_answer = sim_chance(&c->m->random, c->m->faults.no_answer);
	c->no_final = sim_chance(&c->m->random, c->m->faults.no_final);
	c->m->counters.faults += c->no_answer + c->no_final;
	c->m->counters.commands++;
	log_line(c);
	if (sim_chance(&c->m->random, c->m->faults.reset)) {
		c->m->counters.faults++;
		cinterion_reset(c, false);
		return;
	}
	if (c->m->faults.only_echo) {
		cinterion_finish(c, C_SILENT);
		return;
	}
	if (sim_chance(&c->m->random, c->m->faults.deaf)) {
		c->m->counters.faults++;
		module_deafen(c->m, c->m->faults.deaf_ms);
	}
	r = run_text(c);
	if (r != C_LATER)
		cinterion_finish(c, r);
}

/* A byte of the line; at its <CR> the line is ready. */
static void
line_byte(struct cinterion *c, uint8_t b)
{
	bool echo = c->p.echo || c->m->faults.only_echo;

	if (b == '\n' && !c->len) { /* behind a <CR>, or alone */
		if (echo)
			module_put(c->m, &b, 1);
		return;
	}
	if (!c->len && c->final_seen && c->m->clock->now_ms < c->final_ms + EARLY_MS) {
		c->m->counters.early_commands++;
		module_log(c->m, "* command %llu ms after the last answer",
			   (unsigned long long)(c->m->clock->now_ms - c->final_ms));
		c->overlong |= c->m->faults.refuse_early;
	}
	c->final_seen = false;
	if (echo)
		module_put(c->m, &b, 1);
	if (b == '\r') {
		if (!c->len && !c->overlong)
			return;
		c->mode = C_BUSY;
		c->infos = 0;
		c->ready = c->after_cr = true;
		return;
	}
	if (b == '\b') {
		c->len -= c->len > 0;
		if (!c->len)
			cinterion_flush_urcs(c);
		return;
	}
	if (c->len < CINTERION_LINE_MAX)
		c->line[c->len++] = (char)b;
	else
		c->overlong = true;
}

/* Bytes that come while a command runs: the module does not want them. */
static size_t
busy_input(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	if (c->after_cr && *bytes == '\n') {
		if (c->p.echo)
			module_put(c->m, bytes, 1);
		c->after_cr = false;
		return 1;
	}
	c->after_cr = false;
	c->m->counters.violations++;
	c->m->counters.busy_bytes += len;
	module_log(c->m, "* %zu bytes while a command runs", len);
	return len;
}

/* Any character ends an ^SISO that still waits for its bearer, with the firmware that is so. */
static void
abort_opening(struct cinterion *c)
{
	if (!c->m->faults.abort_on_input)
		return;
	for (int i = 0; i < CINTERION_BEARERS; i++)
		if (c->bearers[i].state == BEARER_CONNECTING && !c->ready) {
			module_log(c->m, "* a character ends the bearer's coming up");
			c->m->counters.faults++;
			bearer_drop(&c->bearers[i]);
			serv_bearer_failed(&c->bearers[i], SIS_ABORTED);
		}
}

/* An autobauding module is told the rate where a command may begin. */
bool
cinterion_train(void *state)
{
	struct cinterion *c = state;

	if (c->mode != C_COMMAND)
		return false;
	c->len = 0;
	c->overlong = false;
	return true;
}

/* A-22 counts from the line's <CR>. */
static void
note_reading(struct cinterion *c)
{
	c->reading = c->len > 8 && !strncasecmp(c->line, "AT^SISR=", 8) && isdigit((unsigned char)c->line[8]);
	if (c->reading)
		c->target = &c->serv[c->line[8] - '0'];
}

size_t
cinterion_input(void *state, const uint8_t *bytes, size_t len)
{
	struct cinterion *c = state;
	size_t done = 0, n = 0;

	while (done < len) {
		switch (c->mode) {
		case C_OFF:
			n = len - done;
			break;
		case C_COMMAND:
			abort_opening(c);
			line_byte(c, bytes[done]);
			n = 1;
			break;
		case C_BUSY:
			n = busy_input(c, bytes + done, len - done);
			break;
		case C_PAYLOAD:
			n = c->payload(c, bytes + done, len - done);
			break;
		case C_ONLINE:
			n = cinterion_online_input(c, bytes + done, len - done);
			break;
		}
		if (!n)
			break;
		done += n;
	}
	if (c->ready) {
		c->ready = false;
		note_reading(c);
		cinterion_later(c, run_line, cinterion_delay(c));
	}
	return done;
}
