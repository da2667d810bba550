/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-payload.c - prompts, grants, and the bytes behind them
 *
 * What to know first: a module that has asked for bytes takes whatever comes next
 * for them.  So a prompt that comes too late gets the bytes that it was for, from
 * a copy, and nobody's command.
 */
#include "at/at-priv.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

void
at_payload_copy(struct at *at)
{
	const struct at_step *s = at_step_now(at);
	struct at_payload p = { 0 };

	s->payload(&p, at->job->op);
	assert(p.len + (p.end ? strlen(p.end) : 0) <= AT_OUT_MAX);
	buf_deinit(&at->payload);
	buf_put(&at->payload, p.bytes, p.len);
	if (p.end)
		buf_put(&at->payload, p.end, strlen(p.end));
	at->payload_secret = s->flags & AT_SECRET;
}

void
at_payload_write(struct at *at)
{
	const struct at_step *s = at_step_heard(at);

	if (at->job) {
		at_payload_copy(at);
		at->phase = PHASE_RESULT;
		timer_in(at->clock, &at->limit, at_step_limit(at, s));
	}
	if (s && s->grant)
		buf_cut(&at->payload, at->granted);
	at->payload_due = false;
	at->echo_left = at->echo && !(s && s->grant) ? at->payload.len : 0; /* or a payload like the result would hide that */
	at_tell(at, at->payload_secret ? AT_TRACE_OUT_SECRET : AT_TRACE_OUT_PAYLOAD, buf_bytes(&at->payload), at->payload.len);
	at_push(at, buf_bytes(&at->payload), at->payload.len);
}

/* Nobody has bytes for it. */
static void
decline(struct at *at)
{
	at_tell(at, AT_TRACE_OUT, AT_DECLINE, strlen(AT_DECLINE));
	at_push(at, AT_DECLINE, strlen(AT_DECLINE));
	if (!at->job)
		return; /* a late one */
	at_heard(at);
	at_fail(at, "it asks for more than a command, and was told to leave it");
	at_step_abort(at, -EBADMSG);
}

void
at_got_prompt(struct at *at)
{
	const struct at_step *s = at_step_heard(at);

	if (s && s->flags & AT_FOREIGN) {
		decline(at);
		return;
	}
	if (at->phase == PHASE_LATE ? !at->payload_due : at->phase != PHASE_PROMPT)
		return; /* once only */
	at_heard(at);
	if (at->phase != PHASE_LATE)
		at->phase = PHASE_PROMPT_GAP;
	if (at->rules.prompt_gap_ms)
		timer_in(at->clock, &at->wait, at->rules.prompt_gap_ms);
	else
		at_payload_write(at);
}

static void
grant_unfit(struct at *at, const struct at_step *s, int result)
{
	char text[80];

	at_fail(at, s->flags & AT_SECRET ? "unexpected answer" : str_escape(text, sizeof(text), at->line, at->line_len));
	at_step_abort(at, result);
}

/* What the driver says of a grant to the running step: AT_OK, AT_NOT_MINE or -errno. */
static int
ask_driver(struct at *at, const struct at_step *s, size_t n)
{
	struct at_line l;
	int r = AT_OK;

	at_line_init(&l, at->line, strlen(s->answer));
	if (s->parse)
		r = s->parse(&l, at->job->op);
	if (r < 0 || r == AT_NOT_MINE)
		return r;
	at_payload_copy(at);
	return n <= at->payload.len ? AT_OK : -EBADMSG;
}

/* The given-up step's: its bytes go all the same, since the module waits for them. */
static void
late_grant(struct at *at, size_t n)
{
	if (n && n <= at->payload.len)
		at_got_prompt(at);
	else
		at->payload_due = false; /* nothing is waited for; or for more than there is, and nobody knows what for */
}

bool
at_got_grant(struct at *at)
{
	bool late = at->phase == PHASE_LATE && at->payload_due;
	const struct at_step *s = late || at->phase == PHASE_PROMPT ? at_step_heard(at) : NULL;
	struct at_line l;
	size_t n = 0;
	int r;

	if (!s || !s->grant || !str_starts(at->line, s->answer))
		return false;
	at_line_init(&l, at->line, strlen(s->answer));
	r = s->grant(&l, &n);
	if (r == AT_OK && !late)
		r = ask_driver(at, s, n);
	if (r == AT_NOT_MINE || (r < 0 && late))
		return false;
	at_heard(at);
	if (r < 0) {
		grant_unfit(at, s, r);
		return true;
	}
	at->granted = n;
	if (late) {
		late_grant(at, n);
		return true;
	}
	at->answered = true;
	if (n) {
		at_got_prompt(at);
	} else {
		at->phase = PHASE_RESULT;
		timer_in(at->clock, &at->limit, at_step_limit(at, s));
	}
	return true;
}
