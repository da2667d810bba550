/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit.c - simulated Telit modules: what they say, answers and URCs
 */
#include "telit.h"

#include <stdarg.h>
#include <stdio.h>

bool
telit_has(const struct telit *t, unsigned feature)
{
	const unsigned usual = SIM_SENDEXT | SIM_SSLRING | SIM_REBOOT | SIM_ENHRST;

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
		{ CME_SIM_FAILURE, "SIM failure" },
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
		{ T_CONNECT_OK, "OK", "0" },
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
	bool online = result == T_CONNECT || result == T_CONNECT_OK;
	struct sock *target = t->target;

	if (result == T_OK && t->pos < t->len) { /* the line goes on */
		telit_run_chain(t);
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
		if (!online) /* in data mode a module keeps them to itself */
			stray_urc(t);
	}
	if (t->rate_asked)
		module_set_rate(t->m, (unsigned)t->p.ipr);
	t->rate_asked = false;
	t->final_ms = module_out_done_ms(t->m);
	t->final_seen = true;
	if (online)
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
