/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion.c - simulated Cinterion modules: what they say, answers and URCs
 *
 * A URC comes between commands, or between a command and its answer; never
 * inside an answer, a payload or data mode, nor into a line that the host has
 * begun.
 */
#include "cinterion.h"

#include <stdarg.h>
#include <stdio.h>

/* Answers. */

const char *
cinterion_gap(const struct cinterion *c)
{
	return c->m->opts.no_spaces ? "" : " ";
}

static void
puts_v(struct cinterion *c, const char *text)
{
	if (c->p.verbose)
		module_puts(c->m, "\r\n");
	module_puts(c->m, text);
	module_puts(c->m, "\r\n");
}

void
cinterion_line_out(struct cinterion *c, const char *text)
{
	c->infos++;
	if (!c->no_answer)
		puts_v(c, text);
}

/* A URC where none is expected, when the faults ask for it. */
static void
stray_urc(struct cinterion *c)
{
	static const char *const urcs[] = { "+CREG: 1", "+CIEV: battchg,5", "+CIEV: signal,2", "^SIS: 9, 0, 6001",
					    "^SISW: 9, 1" };

	if (!sim_chance(&c->m->random, c->m->faults.urc))
		return;
	c->m->counters.faults++;
	c->m->counters.urcs++;
	puts_v(c, urcs[sim_random(&c->m->random, sizeof(urcs) / sizeof(urcs[0]))]);
}

/* True: the line is to be said. */
static bool
info_head(struct cinterion *c)
{
	bool first = !c->infos++;

	if (c->no_answer)
		return false;
	if (first)
		stray_urc(c);
	if (first && c->p.verbose)
		module_puts(c->m, "\r\n");
	return true;
}

void
cinterion_info(struct cinterion *c, const char *fmt, ...)
{
	char text[3000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!info_head(c))
		return;
	module_puts(c->m, text);
	module_puts(c->m, "\r\n");
}

void
cinterion_info_bytes(struct cinterion *c, const char *head, const void *bytes, size_t len)
{
	if (!info_head(c))
		return;
	module_puts(c->m, head);
	module_puts(c->m, "\r\n");
	module_put(c->m, bytes, len);
	module_puts(c->m, "\r\n");
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
		{ CME_INDEX, "invalid index" },
		{ CME_NO_NETWORK, "no network service" },
		{ CME_PARAMETERS, "incorrect parameters" },
		{ CME_NOT_NOW, "operation temporary not allowed" },
		{ CME_FAILED, "operation failed" },
		{ CME_SERVICE_LIMIT, "operation of service temporary not allowed" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "unknown";
}

static void
put_final(struct cinterion *c, int result)
{
	char text[100];

	if (c->p.quiet)
		return;
	if (result > 0 && c->p.cmee == 2) {
		snprintf(text, sizeof(text), "+CME ERROR: %s", cme_text(result));
		puts_v(c, text);
	} else if (result > 0 && c->p.cmee == 1) {
		snprintf(text, sizeof(text), "+CME ERROR: %d", result == CME_SERVICE_LIMIT ? CME_NOT_NOW : result);
		puts_v(c, text);
	} else if (c->p.verbose) {
		puts_v(c, result == C_OK ? "OK" : "ERROR");
	} else {
		module_puts(c->m, result == C_OK ? "0\r" : "4\r");
	}
}

void
cinterion_command_mode(struct cinterion *c)
{
	c->mode = C_COMMAND;
	c->len = 0;
	c->overlong = c->ready = false;
}

void
cinterion_finish(struct cinterion *c, int result)
{
	struct serv *s = c->target;

	cinterion_command_mode(c);
	c->target = NULL;
	c->reading = false;
	c->m->counters.errors += result > 0 || result == C_ERROR;
	module_log(c->m, "= %d", result);
	if (result != C_SILENT && !c->no_answer && !c->no_final) {
		if (!c->infos)
			stray_urc(c);
		put_final(c, result);
		stray_urc(c);
	}
	if (c->rate_asked)
		module_set_rate(c->m, (unsigned)c->p.ipr);
	c->rate_asked = false;
	c->final_ms = module_out_done_ms(c->m);
	c->final_seen = true;
	if (s)
		conn_check_end(s); /* it may have ended meanwhile, or been read empty now */
	cinterion_flush_urcs(c);
}

/* URCs. */

bool
cinterion_may_speak(const struct cinterion *c)
{
	return (c->mode == C_COMMAND && !c->len) || (c->mode == C_BUSY && !c->infos);
}

void
cinterion_flush_urcs(struct cinterion *c)
{
	if (!cinterion_may_speak(c))
		return;
	if (c->urcs.len)
		module_put(c->m, fifo_bytes(&c->urcs), c->urcs.len);
	fifo_clear(&c->urcs);
	for (int i = 0; i < CINTERION_SERVICES; i++)
		conn_ring(&c->serv[i]);
}

void
cinterion_urc(struct cinterion *c, const char *fmt, ...)
{
	char text[3000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->mode == C_OFF)
		return;
	c->m->counters.urcs++;
	module_log(c->m, "! %s", text);
	fifo_put(&c->urcs, "\r\n", c->p.verbose ? 2 : 0);
	fifo_put(&c->urcs, text, strlen(text));
	fifo_put(&c->urcs, "\r\n", 2);
	if (cinterion_may_speak(c)) {
		module_put(c->m, fifo_bytes(&c->urcs), c->urcs.len);
		fifo_clear(&c->urcs);
	}
}
