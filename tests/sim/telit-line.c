/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-line.c - simulated Telit modules: the command line, and prompts
 *
 * What to know first: one command at a time; a line runs when the bytes that
 * came with its <CR> are through, so that the <LF> of a host that sends one is
 * still echoed with the line.
 */
#include "telit.h"

#include <ctype.h>
#include <stdio.h>

#include "base/str.h"

#define EARLY_MS 20 /* the pause that the module wants after a final code */

static const struct telit_cmd *const tables[] = { telit_set_cmds, telit_net_cmds, telit_ssl_cmds, telit_sec_cmds,
						  telit_plain_cmds };

static unsigned
answer_delay(struct telit *t)
{
	unsigned ms = t->m->opts.latency_ms;

	if (sim_chance(&t->m->random, t->m->faults.late)) {
		t->m->counters.faults++;
		ms += t->m->faults.late_ms;
	}
	return ms;
}

/* Prompts. */

int
telit_prompt(struct telit *t, bool counted, size_t want, int (*done)(struct telit *t, bool aborted))
{
	fifo_clear(&t->prompt.data);
	t->prompt.counted = counted;
	t->prompt.want = want;
	t->prompt.seen = 0;
	t->prompt.done = done;
	t->mode = T_PROMPT;
	if (sim_chance(&t->m->random, t->m->faults.no_prompt))
		t->m->counters.faults++;
	else if (!t->no_answer)
		module_puts(t->m, "\r\n> ");
	return T_LATER;
}

static void
prompt_work(struct telit *t)
{
	int r = t->prompt.done(t, t->prompt_result);

	if (r != T_LATER)
		telit_finish(t, r);
}

static void
prompt_end(struct telit *t, bool aborted)
{
	t->mode = T_BUSY;
	t->sub_spare = t->prompt.counted;
	t->prompt_result = aborted;
	telit_later(t, prompt_work, answer_delay(t));
}

static size_t
prompt_input(struct telit *t, const uint8_t *bytes, size_t len)
{
	struct prompt *p = &t->prompt;
	size_t n = 0;

	if (p->counted) {
		n = p->want - p->data.len < len ? p->want - p->data.len : len;
		fifo_put(&p->data, bytes, n);
		p->seen += n;
		if (t->p.echo)
			module_put(t->m, bytes, n);
		if (p->data.len == p->want)
			prompt_end(t, false);
		return n;
	}
	while (n < len && t->mode == T_PROMPT) {
		uint8_t b = bytes[n++];

		if (b == 0x1A || b == 0x1B) {
			prompt_end(t, b == 0x1B);
			break;
		}
		if (t->p.echo)
			module_put(t->m, &b, 1);
		if (b == '\b') {
			if (p->data.len) {
				p->data.len--;
				p->seen--;
			}
			continue;
		}
		p->seen++;
		if (p->data.len < p->want)
			fifo_put(&p->data, &b, 1);
	}
	return n;
}

/* The command line. */

static const struct telit_cmd *
find_cmd(const struct telit *t, const char *name)
{
	static const struct {
		unsigned flag, feature;
	} optional[] = { { IF_SENDEXT, SIM_SENDEXT }, { IF_SSLI, SIM_SSLI }, { IF_REBOOT, SIM_REBOOT }, { IF_ENHRST, SIM_ENHRST } };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct telit_cmd *c = tables[i]; c->name; c++) {
			if (strcmp(c->name, name) || (c->flags & ONLY_2G && t->traits->line3g) || (c->flags & ONLY_3G && !t->traits->line3g))
				continue;
			for (size_t f = 0; f < sizeof(optional) / sizeof(optional[0]); f++)
				if (c->flags & optional[f].flag && !telit_has(t, optional[f].feature))
					return NULL;
			return c;
		}
	return NULL;
}

static int
check_needs(const struct telit *t, const struct telit_cmd *c)
{
	if (c->flags & NEED_SELINT && !t->traits->line3g && t->p.selint != 2)
		return T_ERROR;
	if (c->flags & NEED_SIM && telit_sim_error(t))
		return telit_sim_error(t);
	if (c->flags & NEED_SSLEN && !t->ssl_enabled)
		return CME_SSL_NOT_ACTIVATED;
	return 0;
}

/* One command of the + or # kind, from t->pos on. */
static int
run_extended(struct telit *t)
{
	char name[24];
	size_t n = 0, end;
	const struct telit_cmd *c;
	struct at_args args;
	bool quoted = false;
	int r;

	do {
		if (n + 1 == sizeof(name))
			return T_ERROR;
		name[n++] = (char)toupper((unsigned char)t->line[t->pos++]);
	} while (t->pos < t->len && isalnum((unsigned char)t->line[t->pos]));
	name[n] = '\0';
	for (end = t->pos; end < t->len && (quoted || t->line[end] != ';'); end++)
		quoted ^= t->line[end] == '"';

	const char *rest = t->line + t->pos;
	size_t len = end - t->pos;

	t->pos = end < t->len ? end + 1 : end;
	c = find_cmd(t, name);
	if (!c)
		return T_ERROR;
	if (len == 2 && !memcmp(rest, "=?", 2)) {
		if (!c->test)
			return T_ERROR;
		if (*c->test)
			telit_info(t, "%s: %s", c->name, c->test);
		return T_OK;
	}
	r = check_needs(t, c);
	if (!len)
		return !c->act ? T_ERROR : r ? r : c->act(t);
	if (len == 1 && *rest == '?')
		return !c->read ? T_ERROR : r ? r : c->read(t);
	if (*rest != '=' || !c->set)
		return T_ERROR;
	if (r)
		return r;
	if (!at_args_parse(&args, rest + 1, len - 1))
		return CME_NOT_SUPPORTED;
	return c->set(t, &args);
}

static long
read_number(struct telit *t)
{
	long v = 0;

	while (t->pos < t->len && isdigit((unsigned char)t->line[t->pos]) && v < 100000)
		v = v * 10 + (t->line[t->pos++] - '0');
	return v;
}

static int
run_basic(struct telit *t)
{
	char amp = 0, letter;
	long number;

	if (t->line[t->pos] == '&')
		amp = t->line[t->pos++];
	if (t->pos >= t->len || !isalpha((unsigned char)t->line[t->pos]))
		return T_ERROR;
	letter = (char)toupper((unsigned char)t->line[t->pos++]);
	number = read_number(t);
	if (amp || letter != 'S')
		return telit_basic(t, amp, letter, number);
	if (t->pos < t->len && t->line[t->pos] == '?') {
		t->pos++;
		return telit_register(t, (int)number, -1);
	}
	if (t->pos >= t->len || t->line[t->pos] != '=')
		return T_ERROR;
	t->pos++;
	if (t->pos >= t->len || !isdigit((unsigned char)t->line[t->pos]))
		return T_ERROR;
	return telit_register(t, (int)number, read_number(t));
}

void
telit_run_chain(struct telit *t)
{
	while (t->pos < t->len) {
		char c = t->line[t->pos];
		int r;

		if (c == ' ' || c == ';') {
			t->pos++;
			continue;
		}
		r = c == '+' || c == '#' ? run_extended(t) : run_basic(t);
		if (r == T_LATER)
			return;
		if (r != T_OK) {
			t->pos = t->len;
			telit_finish(t, r);
			return;
		}
	}
	telit_finish(t, T_OK);
}

/* A key or PIN has no place in a log. */
static void
log_line(struct telit *t)
{
	char text[3 * TELIT_LINE_MAX];

	str_escape(text, sizeof(text), t->line, t->len);
	if (t->len > 8 && !strncasecmp(t->line, "AT+CPIN=", 8))
		str_copy(text, sizeof(text), "AT+CPIN=...");
	module_log(t->m, "> %s", text);
}

static void
run_line(struct telit *t)
{
	t->infos = 0;
	t->no_answer = sim_chance(&t->m->random, t->m->faults.no_answer);
	t->no_final = sim_chance(&t->m->random, t->m->faults.no_final);
	t->m->counters.faults += t->no_answer + t->no_final;
	t->m->counters.commands++;
	log_line(t);
	if (sim_chance(&t->m->random, t->m->faults.reset)) {
		t->m->counters.faults++;
		telit_reset(t, false);
		return;
	}
	if (t->m->faults.only_echo) {
		t->pos = t->len;
		telit_finish(t, T_SILENT);
		return;
	}
	if (sim_chance(&t->m->random, t->m->faults.deaf)) {
		t->m->counters.faults++;
		module_deafen(t->m, t->m->faults.deaf_ms);
	}
	t->pos = 2;
	if (t->overlong || t->len < 2 || strncasecmp(t->line, "AT", 2)) {
		t->pos = t->len;
		telit_finish(t, T_ERROR);
		return;
	}
	telit_run_chain(t);
}

/* A byte of the line; at its <CR> the line is ready. */
static void
line_byte(struct telit *t, uint8_t b)
{
	bool echo = t->p.echo || t->m->faults.only_echo;

	if (b == '\n' && !t->len) { /* behind a <CR>, or alone */
		if (echo)
			module_put(t->m, &b, 1);
		return;
	}
	if (!t->len && b == 0x1A && t->sub_spare) { /* one, left over from a counted payload */
		t->sub_spare = false;
		return;
	}
	t->sub_spare = false;
	if (!t->len && t->final_seen && t->m->clock->now_ms < t->final_ms + EARLY_MS) {
		t->m->counters.early_commands++;
		module_log(t->m, "* command %llu ms after the last answer",
			   (unsigned long long)(t->m->clock->now_ms - t->final_ms));
		t->overlong |= t->m->faults.refuse_early;
	}
	t->final_seen = false;
	if (echo)
		module_put(t->m, &b, 1);
	if (b == '\r') {
		if (!t->len && !t->overlong)
			return;
		t->mode = T_BUSY;
		t->ready = t->after_cr = true;
		return;
	}
	if (b == t->p.s[5]) {
		t->len -= t->len > 0;
		return;
	}
	if (t->len < TELIT_LINE_MAX)
		t->line[t->len++] = (char)b;
	else
		t->overlong = true;
}

/* Bytes that come while a command runs: the module does not want them. */
static size_t
busy_input(struct telit *t, const uint8_t *bytes, size_t len)
{
	if (t->after_cr && *bytes == '\n') {
		if (t->p.echo)
			module_put(t->m, bytes, 1);
		t->after_cr = false;
		return 1;
	}
	t->after_cr = false;
	t->m->counters.violations++;
	t->m->counters.busy_bytes += len;
	module_log(t->m, "* %zu bytes while a command runs", len);
	if (t->m->faults.abort_on_input && !t->ready && t->target && t->target->state == SOCK_OPENING) {
		conn_close(t->target, CAUSE_FIN);
		telit_finish(t, T_NO_CARRIER);
	}
	return len;
}

/* An autobauding module is told the rate where a command may begin. */
bool
telit_train(void *state)
{
	struct telit *t = state;

	if (t->mode != T_COMMAND)
		return false;
	t->len = 0;
	t->overlong = false;
	return true;
}

size_t
telit_input(void *state, const uint8_t *bytes, size_t len)
{
	struct telit *t = state;
	size_t done = 0, n = 0;

	while (done < len) {
		switch (t->mode) {
		case T_OFF:
			n = len - done;
			break;
		case T_COMMAND:
			line_byte(t, bytes[done]);
			n = 1;
			break;
		case T_BUSY:
			n = busy_input(t, bytes + done, len - done);
			break;
		case T_PROMPT:
			n = prompt_input(t, bytes + done, len - done);
			break;
		case T_ONLINE:
			n = telit_online_input(t, bytes + done, len - done);
			break;
		}
		if (!n)
			break;
		done += n;
	}
	if (t->ready) {
		t->ready = false;
		telit_later(t, run_line, answer_delay(t));
	}
	return done;
}
