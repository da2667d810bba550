/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-command.c - one command of an admin's, between everything else
 *
 * What to know first: nobody knows what it does.  So the driver names what it may
 * not be; the engine declines a prompt and leaves data mode; and a session that is
 * online is suspended for it and has the line back whatever came of it.
 */
#include "modem/modem-priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define ANSWER_MAX 16384

static struct modem_asked *
of_op(const void *op)
{
	return (struct modem_asked *)op; /* a builder, too, takes note */
}

static struct modem *
modem_of(struct modem_asked *a)
{
	return (struct modem *)((char *)a - offsetof(struct modem, asked));
}

/* ---- what it may be ---- */

/* "AT" and more, in printable ASCII, quotes closed, and nothing behind a ";". */
static bool
is_single(const char *text)
{
	bool quoted = false;
	const char *p;

	for (p = text; *p; p++) {
		if (*p < 0x20 || *p > 0x7e || (*p == ';' && !quoted))
			return false;
		if (*p == '"')
			quoted = !quoted;
	}
	return !quoted && toupper((unsigned char)text[0]) == 'A' && toupper((unsigned char)text[1]) == 'T' && text[2];
}

/* In capitals, without blanks; the module takes it so. */
static void
normalise(char *dst, const char *text)
{
	for (; *text; text++)
		if (*text != ' ')
			*dst++ = (char)toupper((unsigned char)*text);
	*dst = '\0';
}

/* One of the letters that V.250 lets stand in a row: "ATE0V1&K3+CSQ". */
static bool
has_basic(const char *bare, const char *word)
{
	const char *p = bare + strlen("AT");

	while (*p && (isalpha((unsigned char)*p) || strchr("&%\\", *p))) {
		if (str_starts(p, word))
			return true;
		p += !isalpha((unsigned char)*p) && p[1] ? 2 : 1;
		p += strspn(p, "0123456789=?,");
	}
	return false;
}

static bool
is_guarded(const struct dialect *d, const char *text)
{
	const char *const *word;
	char bare[AT_CMD_MAX + 1];

	normalise(bare, text);
	for (word = d->guarded; word && *word; word++)
		if (isalpha((unsigned char)**word) ? has_basic(bare, *word) : strstr(bare, *word) != NULL)
			return true;
	return false;
}

/* What its own answer begins with, "+CSQ:", so that a URC of the same name is taken for it: the answer is sure to come. */
static void
answer_prefix(struct modem_asked *a)
{
	char bare[AT_CMD_MAX + 1];
	size_t n;

	normalise(bare, a->text);
	n = strcspn(bare + 2, "=?");
	a->prefix[0] = '\0';
	if (!isalpha((unsigned char)bare[2]))
		str_add(a->prefix, sizeof(a->prefix), "%.*s:", (int)n, bare + 2);
}

/* ---- the end ---- */

static void
tell(void *arg)
{
	struct modem_asked *a = arg;
	modem_command_fn *done = a->done;
	struct buf answer = a->answer;

	a->done = NULL; /* who is told may ask for the next one */
	a->ended = false;
	a->answer = BUF_INIT(ANSWER_MAX + 1);
	buf_put(&answer, "", 1);
	if (done)
		done(a->arg, a->result, a->result ? a->why : (const char *)buf_bytes(&answer));
	buf_deinit(&answer);
}

static void
end(struct modem_asked *a, int result, const char *why)
{
	struct modem *m = modem_of(a);

	timer_stop(m->clock, &a->limit);
	timer_stop(m->clock, &a->turn);
	if (!a->done || a->ended)
		return;
	a->ended = true;
	a->result = result;
	str_copy(a->why, sizeof(a->why), why);
	timer_in(m->clock, &a->tell, 0);
}

/* "+CME ERROR: SIM busy" */
static void
end_refused(struct modem_asked *a)
{
	const struct at_error *e = at_error(modem_of(a)->at);
	char why[120];

	snprintf(why, sizeof(why), "%s%s", e->kind == AT_ERROR_CME ? "+CME ERROR: " : e->kind == AT_ERROR_CMS ? "+CMS ERROR: " : "", e->text);
	end(a, -EREMOTEIO, why);
}

static void
job_done(int result, void *op)
{
	struct modem_asked *a = op;
	struct modem *m = modem_of(a);
	struct sock *lender = a->of;
	bool connected = a->connected;

	a->queued = a->written = a->connected = false;
	a->of = NULL;
	if (connected)
		at_data_verdict(m->at, false);
	if (result == -ECANCELED)
		end(a, result, "the modem is no longer ready");
	else if (connected)
		end(a, -EPROTO, "it went into data mode, which was left again");
	else if (result == -EREMOTEIO)
		end_refused(a);
	else if (result < 0)
		end(a, result, at_problem(m->at));
	else if (a->too_long)
		end(a, -EMSGSIZE, "its answer is longer than 16 KiB");
	else
		end(a, 0, "");
	if (lender)
		sock_take_back(lender);
}

/* ---- on the line ---- */

static void
command_cmd(struct at_cmd *c, const void *op)
{
	struct modem_asked *a = of_op(op);

	a->written = true;
	timer_stop(modem_of(a)->clock, &a->limit);
	at_cmd_text(c, a->text);
}

/* Whatever it says, made fit for any reader. */
static int
answer_line(struct at_line *l, void *op)
{
	struct modem_asked *a = op;
	const char *p;
	char text[5];

	if (a->answer.len)
		a->too_long |= !buf_put(&a->answer, "\n", 1);
	for (p = l->text; *p; p++) {
		snprintf(text, sizeof(text), *p >= 0x20 && *p <= 0x7e ? "%c" : "\\x%02x", (unsigned char)*p);
		a->too_long |= a->answer.len >= ANSWER_MAX - sizeof(text) || !buf_put(&a->answer, text, strlen(text));
	}
	return AT_OK;
}

static uint32_t
command_timeout(const void *op)
{
	return of_op(op)->timeout_ms;
}

/* Adds nothing: only to know that it came so far. */
static void
note_data_mode(struct at_cmd *c, const void *op)
{
	(void)c;
	of_op(op)->connected = true;
}

static const struct at_word words[] = { { "CONNECT", AT_CONNECT, false }, { "CONNECT ", AT_CONNECT, false }, { 0 } };

static void
submit(struct modem_asked *a)
{
	struct modem *m = modem_of(a);

	a->steps[0] = (struct at_step){
		.build = command_cmd,
		.answer = a->prefix[0] ? a->prefix : NULL,
		.parse = answer_line,
		.other = answer_line,
		.words = words,
		.timeout = command_timeout,
		.flags = AT_FOREIGN | AT_MAYBE | AT_PATIENT,
	};
	a->steps[1] = (struct at_step){ .build = note_data_mode };
	a->steps[2] = (struct at_step){ .flags = AT_ESCAPE | AT_OPTIONAL };
	a->steps[3] = (struct at_step){ .flags = AT_SYNC };
	a->queued = true;
	modem_note(m, "@ command");
	at_submit(m->at, a->steps, a, job_done);
}

static bool
waits(const struct modem_asked *a)
{
	return a->done && !a->ended && !a->queued;
}

static void
turn(void *arg)
{
	struct modem_asked *a = arg;
	struct modem *m = modem_of(a);
	struct sock *owner = modem_line_owner(m);

	if (!waits(a) || m->state != MODEM_READY)
		return;
	if (owner)
		sock_lend(owner);
	else
		submit(a);
}

void
modem_command_due(struct modem *m)
{
	if (waits(&m->asked))
		timer_in(m->clock, &m->asked.turn, 0);
}

bool
modem_command_lent(struct modem *m, struct sock *s)
{
	if (!waits(&m->asked))
		return false;
	m->asked.of = s;
	submit(&m->asked);
	return true;
}

static void
give_up_waiting(struct modem_asked *a, int result, const char *why)
{
	if (a->queued)
		at_cancel(modem_of(a)->at, a);
	end(a, result, why);
}

static void
limited(void *arg)
{
	give_up_waiting(arg, -ETIMEDOUT, "the line was not free in time");
}

void
modem_command_lost(struct modem *m)
{
	if (!m->asked.written)
		give_up_waiting(&m->asked, -ECANCELED, "the modem is no longer ready");
}

/* ---- for the owner ---- */

void
modem_command_init(struct modem *m)
{
	struct modem_asked *a = &m->asked;

	a->answer = BUF_INIT(ANSWER_MAX + 1);
	timer_init(&a->turn, turn, a);
	timer_init(&a->limit, limited, a);
	timer_init(&a->tell, tell, a);
}

void
modem_command_free(struct modem *m)
{
	struct modem_asked *a = &m->asked;

	end(a, -ECANCELED, "the modem is no longer ready");
	timer_stop(m->clock, &a->tell);
	tell(a);
	buf_deinit(&a->answer);
}

int
modem_command(struct modem *m, const char *text, uint32_t timeout_ms, modem_command_fn *done, void *arg)
{
	struct modem_asked *a = &m->asked;
	const struct sock *owner = modem_line_owner(m);

	if (!is_single(text) || strlen(text) > (m->dialect ? m->dialect->command_max : AT_CMD_MAX))
		return -EINVAL;
	if (m->dialect && is_guarded(m->dialect, text))
		return -EPERM;
	if (m->state != MODEM_READY || m->stopping)
		return -EAGAIN;
	if (a->done || a->queued || (owner && owner->mode == CONF_MODE_ONLINE))
		return -EBUSY;
	str_copy(a->text, sizeof(a->text), text);
	answer_prefix(a);
	a->timeout_ms = timeout_ms;
	a->done = done;
	a->arg = arg;
	a->too_long = false;
	buf_deinit(&a->answer);
	timer_in(m->clock, &a->limit, timeout_ms);
	modem_command_due(m);
	return 0;
}
