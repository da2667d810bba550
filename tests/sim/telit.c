/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit.c - simulated Telit modules: the command line and its answers
 *
 * What to know first: one command at a time; a line runs when the bytes that
 * came with its <CR> are through, so that the <LF> of a host that sends one is
 * still echoed with the line.
 */
#include "telit.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

#define EARLY_MS 20 /* the pause that the module wants after a final code */

static const struct telit_traits rows[] = {
	{ "telit-ge", "GE910-QUAD", "13.00.003", false, false, 15800, 3, { 0, 0x0004, 0x0005, 0x0035 } },
	{ "telit-ge", "GL865-QUAD", "16.00.152", false, true, 15800, 3, { 0, 0x0004, 0x0005, 0x0035 } },
	{ "telit-ge", "GC864-QUAD-V2", "10.00.007", false, true, 15800, 3, { 0, 0x0004, 0x0005, 0x0035 } },
	{ "telit-he", "HE910", "12.00.004", true, false, 0, 4, { 0, 0x0004, 0x0005, 0x002F, 0x0002 } },
	{ "telit-he", "UE910", "12.00.004", true, false, 0, 4, { 0, 0x0004, 0x0005, 0x002F, 0x0002 } },
};

static const struct telit_cmd *const tables[] = { telit_set_cmds, telit_net_cmds, telit_ssl_cmds, telit_sec_cmds,
						  telit_plain_cmds };

static void run_chain(struct telit *t);

bool
telit_has(const struct telit *t, unsigned feature)
{
	const unsigned usual = SIM_SENDEXT | SIM_SSLRING;

	return ((usual & ~t->m->opts.lacks) | t->m->opts.has) & feature;
}

/* Answers. */

static void
puts_v(struct telit *t, const char *text)
{
	if (t->p.verbose)
		module_puts(t->m, "\r\n");
	module_puts(t->m, text);
	module_puts(t->m, "\r\n");
}

void
telit_line_out(struct telit *t, const char *text)
{
	puts_v(t, text);
}

/* A URC where none is expected, when the faults ask for it. */
static void
stray_urc(struct telit *t)
{
	static const char *const urcs[] = { "+CREG: 1", "+CGREG: 1", "#QSS: 3", "SRING: 3,12", "SSLSRING: 1,0" };

	if (!sim_chance(&t->m->random, t->m->faults.urc))
		return;
	t->m->counters.faults++;
	t->m->counters.urcs++;
	puts_v(t, urcs[sim_random(&t->m->random, sizeof(urcs) / sizeof(urcs[0]))]);
}

static void
info_head(struct telit *t)
{
	stray_urc(t);
	if (!t->infos++ && t->p.verbose)
		module_puts(t->m, "\r\n");
}

void
telit_info(struct telit *t, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (t->no_answer)
		return;
	info_head(t);
	module_puts(t->m, text);
	module_puts(t->m, "\r\n");
}

void
telit_info_bytes(struct telit *t, const char *head, const void *bytes, size_t len)
{
	if (t->no_answer)
		return;
	info_head(t);
	module_puts(t->m, head);
	module_puts(t->m, "\r\n");
	module_put(t->m, bytes, len);
	module_puts(t->m, "\r\n");
}

static const char *
cme_text(int code)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{ CME_NOT_ALLOWED, "operation not allowed" },
		{ CME_NOT_SUPPORTED, "operation not supported" },
		{ CME_NO_SIM, "SIM not inserted" },
		{ CME_SIM_PIN, "SIM PIN required" },
		{ CME_SIM_PUK, "SIM PUK required" },
		{ CME_BAD_PASSWORD, "incorrect password" },
		{ CME_NO_NETWORK, "no network service" },
		{ CME_UNDOCUMENTED, "generic undocumented error" },
		{ CME_WRONG_STATE, "wrong state" },
		{ CME_CTX_ALREADY, "context already activated" },
		{ CME_CTX_FAILED, "activation failed" },
		{ CME_CTX_NOT_OPEN, "context not opened" },
		{ CME_SOCK_SETUP, "cannot set up socket" },
		{ CME_SOCK_DNS, "cannot resolve name" },
		{ CME_SOCK_TIMEOUT, "time-out in opening socket" },
		{ CME_SOCK_FAILED, "connection failed" },
		{ CME_SOCK_TX, "tx error" },
		{ CME_SOCK_RESUME, "cannot resume socket" },
		{ CME_SSL_GENERIC, "SSL generic error" },
		{ CME_SSL_SOCKET, "SSL socket error" },
		{ CME_SSL_NOT_CONNECTED, "SSL not connected" },
		{ CME_SSL_CONNECTED, "SSL already connected" },
		{ CME_SSL_ACTIVATED, "SSL already activated" },
		{ CME_SSL_NOT_ACTIVATED, "SSL not activated" },
		{ CME_SSL_ITEMS, "SSL certs and keys wrong or not stored" },
		{ CME_SSL_DATA, "SSL error enc/dec data" },
		{ CME_SSL_HANDSHAKE, "SSL error during handshake" },
		{ CME_SSL_DISCONNECTED, "SSL disconnected" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "generic undocumented error";
}

static void
put_final(struct telit *t, int result)
{
	static const struct {
		int result;
		const char *word, *digit;
	} words[] = {
		{ T_OK, "OK", "0" }, { T_CONNECT, "CONNECT", "1" }, { T_NO_CARRIER, "NO CARRIER", "3" }, { T_ERROR, "ERROR", "4" },
	};
	char text[100];

	if (t->p.quiet)
		return;
	if (result > 0 && t->p.cmee == 1) {
		snprintf(text, sizeof(text), "+CME ERROR: %d", result);
		puts_v(t, text);
		return;
	}
	if (result > 0 && t->p.cmee == 2) {
		snprintf(text, sizeof(text), "+CME ERROR: %s", cme_text(result));
		puts_v(t, text);
		return;
	}
	if (result > 0)
		result = T_ERROR;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].result == result) {
			if (t->p.verbose) {
				puts_v(t, words[i].word);
			} else {
				module_puts(t->m, words[i].digit);
				module_puts(t->m, "\r");
			}
		}
}

void
telit_flush_urcs(struct telit *t)
{
	if (!t->urcs.len || t->mode != T_COMMAND)
		return;
	module_put(t->m, fifo_bytes(&t->urcs), t->urcs.len);
	fifo_clear(&t->urcs);
}

void
telit_command_mode(struct telit *t)
{
	t->mode = T_COMMAND;
	t->len = 0;
	t->overlong = t->ready = false;
}

void
telit_finish(struct telit *t, int result)
{
	struct sock *target = t->target;

	if (result == T_OK && t->pos < t->len) { /* the line goes on */
		run_chain(t);
		return;
	}
	telit_command_mode(t);
	t->target = NULL;
	if (result > 0 || result == T_ERROR)
		t->m->counters.errors++;
	module_log(t->m, "= %d", result);
	if (result != T_SILENT && !t->no_answer && !t->no_final) {
		stray_urc(t);
		put_final(t, result);
		if (result != T_CONNECT) /* in data mode a module keeps them to itself */
			stray_urc(t);
	}
	t->final_ms = module_out_done_ms(t->m);
	t->final_seen = true;
	if (result == T_CONNECT)
		telit_go_online(t, t->online);
	else if (t->online) /* a dial that came too late, or failed */
		t->online = NULL;
	telit_flush_urcs(t);
	if (target)
		sock_check_end(target); /* it may have ended meanwhile */
}

/* Now, or when the command is answered, or when data mode is left. */
void
telit_urc_bytes(struct telit *t, const char *head, const void *bytes, size_t len)
{
	bool now = t->mode == T_COMMAND && !t->len;

	if (t->mode == T_OFF)
		return;
	t->m->counters.urcs++;
	module_log(t->m, "! %s", head);
	fifo_put(&t->urcs, "\r\n", t->p.verbose ? 2 : 0);
	fifo_put(&t->urcs, head, strlen(head));
	fifo_put(&t->urcs, bytes, len);
	fifo_put(&t->urcs, "\r\n", 2);
	if (now)
		telit_flush_urcs(t);
}

void
telit_urc(struct telit *t, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	telit_urc_bytes(t, text, NULL, 0);
}

/* Running things a little later. */

static void
work_run(void *arg)
{
	struct telit *t = arg;
	void (*work)(struct telit *) = t->work;

	t->work = NULL;
	if (work)
		work(t);
}

void
telit_later(struct telit *t, void (*work)(struct telit *), unsigned in_ms)
{
	if (!in_ms) {
		work(t);
		return;
	}
	t->work = work;
	timer_in(t->m->clock, &t->work_timer, in_ms);
}

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
	if (!t->no_answer)
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
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct telit_cmd *c = tables[i]; c->name; c++) {
			if (strcmp(c->name, name))
				continue;
			if ((c->flags & ONLY_2G && t->traits->line3g) || (c->flags & ONLY_3G && !t->traits->line3g))
				return NULL;
			if ((c->flags & IF_SENDEXT && !telit_has(t, SIM_SENDEXT)) ||
			    (c->flags & IF_SSLI && !telit_has(t, SIM_SSLI)))
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

static void
run_chain(struct telit *t)
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
	t->pos = 2;
	if (t->overlong || t->len < 2 || strncasecmp(t->line, "AT", 2)) {
		t->pos = t->len;
		telit_finish(t, T_ERROR);
		return;
	}
	run_chain(t);
}

/* A byte of the line; at its <CR> the line is ready. */
static void
line_byte(struct telit *t, uint8_t b)
{
	if (b == '\n' && !t->len) { /* behind a <CR>, or alone */
		if (t->p.echo)
			module_put(t->m, &b, 1);
		return;
	}
	if (!t->len && b == 0x1A) /* left over from a counted payload */
		return;
	if (!t->len && t->final_seen && t->m->clock->now_ms < t->final_ms + EARLY_MS) {
		t->m->counters.early_commands++;
		module_log(t->m, "* command %llu ms after the last answer",
			   (unsigned long long)(t->m->clock->now_ms - t->final_ms));
		t->overlong |= t->m->faults.refuse_early;
	}
	t->final_seen = false;
	if (t->p.echo)
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

static size_t
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

/* Power. */

static void
booted(struct telit *t)
{
	telit_command_mode(t);
	t->final_seen = false;
	telit_profile_load(t);
	telit_ssl_init(t);
	telit_sec_init(t);
	telit_plain_init(t);
	if (t->m->faults.boot_garbage)
		module_garbage(t->m, t->m->faults.boot_garbage);
	telit_net_init(t);
}

void
telit_reset(struct telit *t, bool stay_off)
{
	timer_stop(t->m->clock, &t->work_timer);
	t->work = NULL;
	t->mode = T_OFF;
	t->m->counters.resets++;
	module_log(t->m, "* %s", stay_off ? "off" : "reset");
	telit_online_leave(t);
	telit_ssl_reset(t);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		conn_close(&t->plain[i], CAUSE_CONTEXT);
	telit_net_reset(t);
	fifo_clear(&t->urcs);
	fifo_clear(&t->prompt.data);
	t->len = 0;
	t->ready = t->overlong = false;
	t->target = NULL;
	if (!stay_off)
		telit_later(t, booted, t->m->opts.boot_ms);
	module_input_resume(t->m);
}

static void
telit_event(void *state, enum sim_event event)
{
	struct telit *t = state;
	enum far_end how = event == SIM_PEER_CLOSE ? FAR_CLOSED : FAR_ABORTED;

	switch (event) {
	case SIM_RESET:
		telit_reset(t, false);
		break;
	case SIM_POWER:
		if (t->mode == T_OFF && !t->work)
			telit_later(t, booted, t->m->opts.boot_ms);
		break;
	case SIM_PEER_CLOSE:
	case SIM_PEER_ABORT:
		for (int i = -1; i < TELIT_SOCKETS; i++) {
			struct sock *s = i < 0 ? &t->ssl : &t->plain[i];

			if (s->state != SOCK_OPEN || s->peer_gone)
				continue;
			s->peer_gone = true;
			s->how = how;
			sock_check_end(s);
		}
		break;
	case SIM_DTR_DROP:
	case SIM_DTR_RAISE:
		telit_dtr(t, event == SIM_DTR_RAISE);
		break;
	default:
		if (t->mode != T_OFF || event == SIM_REMOVE_CARD || event == SIM_INSERT_CARD)
			telit_net_event(t, event);
	}
}

static void
telit_urc_op(void *state, const char *text)
{
	telit_urc(state, "%s", text);
}

static void
telit_output_room(void *state)
{
	struct telit *t = state;

	if (t->mode == T_ONLINE)
		sock_pull(t->online);
}

static bool
telit_carrier(void *state)
{
	const struct telit *t = state;

	/* it stays up while an online connection is suspended */
	if (t->p.c == 0 || t->mode == T_ONLINE)
		return true;
	for (int i = -1; i < TELIT_SOCKETS; i++) {
		const struct sock *s = i < 0 ? &t->ssl : &t->plain[i];

		if (s->state == SOCK_OPEN && s->mode_online)
			return true;
	}
	return false;
}

static const char *
telit_identity(void *state)
{
	return ((struct telit *)state)->identity;
}

static const uint16_t *
telit_suites(void *state, size_t *ret_n)
{
	const struct telit *t = state;

	*ret_n = (size_t)t->traits->max_cipher;
	return t->traits->suites + 1;
}

static void *
telit_create(struct module *m, const char *family)
{
	const struct telit_traits *row = NULL;
	struct telit *t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !row; i++)
		if (!strcmp(rows[i].family, family) &&
		    (!m->opts.model || str_starts(rows[i].model, m->opts.model) || str_starts(m->opts.model, rows[i].model)))
			row = &rows[i];
	if (!row)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->m = m;
	t->traits = row;
	str_copy(t->model, sizeof(t->model), m->opts.model ? m->opts.model : row->model);
	str_copy(t->revision, sizeof(t->revision), m->opts.firmware ? m->opts.firmware : row->revision);
	snprintf(t->identity, sizeof(t->identity), "Telit %s %s", t->model, t->revision);
	t->dtr = true;
	timer_init(&t->work_timer, work_run, t);
	telit_online_init(t);
	conn_init(t, &t->ssl, 1, true);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		conn_init(t, &t->plain[i], i + 1, false);
	t->sim = !m->opts.no_sim;
	t->denied_as = 1;
	t->pin_tries = 3;
	t->puk_tries = 10;
	str_copy(t->pin, sizeof(t->pin), m->opts.sim_pin ? m->opts.sim_pin : "");
	if (m->opts.clock_unset)
		t->clock_offset = 1072915200 - m->clock->wall_s; /* 1 January 2004 */
	telit_net_reset(t);
	booted(t);
	return t;
}

static void
telit_destroy(void *state)
{
	struct telit *t = state;

	telit_online_leave(t);
	telit_ssl_reset(t);
	sock_deinit(&t->ssl);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		sock_deinit(&t->plain[i]);
	telit_net_reset(t);
	timer_stop(t->m->clock, &t->work_timer);
	timer_stop(t->m->clock, &t->recv_timer);
	timer_stop(t->m->clock, &t->dtr_timer);
	fifo_deinit(&t->urcs);
	fifo_deinit(&t->prompt.data);
	free(t);
}

static const char *const names[] = { "telit-ge", "telit-he", NULL };

const struct family_ops telit_family = {
	.names = names,
	.create = telit_create,
	.destroy = telit_destroy,
	.input = telit_input,
	.output_room = telit_output_room,
	.event = telit_event,
	.urc = telit_urc_op,
	.carrier = telit_carrier,
	.identity = telit_identity,
	.suites = telit_suites,
};
