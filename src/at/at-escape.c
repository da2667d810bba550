/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-escape.c - the ways out of data mode
 *
 * What to know first: an escape that is not heard is data.  So a module that has a
 * way which its peer cannot see gets that one, whenever (DLE etx, in the stream, or
 * DTR, beside it), and the three escape characters between silences only where
 * there is nothing else, or nobody's session to spoil.  And no escape leaves late:
 * what has not left in time is taken back.
 */
#include "at/at-priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define AGAIN_MAX 2	/* escapes repeated because an earlier one can hardly have been heard */
#define LEAVES_POLL_MS 50 /* between two looks at an escape that the module does not let leave */

/* ---- the ways ---- */

static bool
usable(const struct at *at, enum at_way way)
{
	switch (way) {
	case WAY_ETX:
		return at->rules.etx;
	case WAY_DTR:
		return at->rules.dtr && at->wire->ops->dtr;
	case WAY_GUARDED:
		return at->rules.guard_ms && (!at->rules.etx || at->mode == MODE_UNKNOWN);
	case WAY_NONE:
	case WAYS:
		break;
	}
	return false;
}

/* false: that was the last. */
static bool
next_way(struct at *at)
{
	while (++at->way < WAYS)
		if (usable(at, at->way))
			return true;
	return false;
}

/* The silence before it.  What an earlier life left on the line, half a pair perhaps, is over by then. */
static uint64_t
silence_before(const struct at *at)
{
	return at->way == WAY_GUARDED || (at->way == WAY_ETX && at->mode == MODE_UNKNOWN) ? at_guard(at) : 0;
}

uint64_t
at_escape_due(const struct at *at)
{
	return at->escaped_ms + (at->way == WAY_GUARDED ? at_guard(at) : AT_LEAVE_MS);
}

bool
at_escape_may_answer(const struct at *at)
{
	/* Without a guard time only the pace says when it left, and a line may be faster than that. */
	if (at->way != WAY_GUARDED)
		return at->way != WAY_ETX || !at->out.len;
	return at->clock->now_ms + AT_EARLY_MS >= at->escaped_ms + at->rules.guard_ms;
}

void
at_dtr_raise(void *arg)
{
	struct at *at = arg;

	timer_stop(at->clock, &at->dtr);
	if (at->dtr_down)
		at->wire->ops->dtr(at->wire, true);
	at->dtr_down = false;
}

/* ---- one try ---- */

static void no_answer(struct at *);

static void
push_etx(struct at *at)
{
	const char text[] = { AT_DLE, at->rules.etx };
	size_t len = at->out.len;

	if (len && buf_bytes(&at->out)[len - 1] == (uint8_t)at->rules.etx)
		return; /* of an earlier try, on its way still */
	at_tell(at, AT_TRACE_OUT, text, sizeof(text));
	at_push(at, text, sizeof(text)); /* behind the other half of an app's DLE, if that waits */
}

static void
push_guarded(struct at *at)
{
	char text[3];

	memset(text, at->rules.escape, sizeof(text));
	buf_deinit(&at->out); /* of an earlier try; six in a row would be data */
	at_tell(at, AT_TRACE_OUT, text, sizeof(text));
	at_push(at, text, sizeof(text));
}

static void
write_escape(struct at *at)
{
	if (at->way == WAY_DTR && !at->wire->ops->dtr(at->wire, false)) {
		no_answer(at); /* no such line here */
		return;
	}
	at->phase = PHASE_ESC_AFTER;
	at->connects %= strlen(AT_CONNECT_WORD); /* a whole one was before it */
	timer_stop(at->clock, &at->tail);
	if (at->way == WAY_DTR) {
		at->dtr_down = true;
		timer_in(at->clock, &at->dtr, AT_LEAVE_MS);
	} else if (at->way == WAY_ETX) {
		push_etx(at);
	} else {
		push_guarded(at);
	}
	at->escaped_ms = at_drained_ms(at);
	at->escape_left = false;
	at->drain_ms = at_escape_due(at) + (at->way == WAY_ETX ? AT_DRAIN_MS : AT_ESCAPE_MS);
	timer_at(at->clock, &at->limit, at->escaped_ms + 1);
}

static void
way_begin(struct at *at)
{
	uint64_t due = at_silent_since(at) + silence_before(at), now = at->clock->now_ms;

	at->ok_at = SIZE_MAX;
	if (at->way == WAY_ETX && at->mode == MODE_DATA) { /* it stands in the stream behind what was written */
		write_escape(at);
		return;
	}
	at->phase = PHASE_ESC_BEFORE;
	at->drain_ms = now + silence_before(at) + AT_DRAIN_MS;
	timer_at(at->clock, &at->limit, due > now ? due : now);
}

void
at_escape_start(struct at *at)
{
	if (at->mode == MODE_COMMAND) { /* nothing to escape from */
		at_step_end(at, AT_OK);
		return;
	}
	at->escape_heard = false;
	at->way = WAY_NONE;
	if (!next_way(at)) {
		no_answer(at);
	} else if (at->mode == MODE_DATA && at->wire->ops->carrier(at->wire) == 0) {
		at->ok_at = SIZE_MAX;
		at->wire->ops->flush(at->wire); /* the peer will not get it any more */
		buf_deinit(&at->out);
		at->phase = PHASE_NO_CARRIER;
		timer_in(at->clock, &at->limit, AT_QUIET_MS);
	} else {
		way_begin(at);
	}
}

/* The module may hold the line up: the silence behind the escape begins when it has left. */
static bool
has_left(struct at *at)
{
	uint64_t now = at->clock->now_ms, left = at->wire->ops->drained_ms(at->wire);
	bool waits = left > now || (at->way == WAY_ETX && at->out.len);

	if (at->escape_left)
		return true;
	if (waits && now < at->drain_ms) {
		at->escaped_ms = now;
		timer_in(at->clock, &at->limit, LEAVES_POLL_MS);
		return false;
	}
	at->escape_left = true;
	if (!waits)
		timer_at(at->clock, &at->limit, at_escape_due(at) + AT_ESCAPE_MS);
	return waits; /* it has not, and time is up */
}

/* ---- not answered ---- */

static void
takes_nothing(struct at *at)
{
	at_fail(at, "the module takes no more bytes");
	at_step_end(at, -EBUSY);
}

/*
 * What did not leave in time would be data later, or an escape at the wrong moment.  Of DLE etx both
 * go back or none: half of it would make an escape of the app's next byte, or swallow it.  Returns
 * whether all had left.
 */
static bool
take_back(struct at *at)
{
	size_t n = at->out.len;

	if (at->way != WAY_ETX || at->mode == MODE_UNKNOWN) {
		buf_deinit(&at->out);
		return true;
	}
	if (n < 2)
		at->escape_open = true;
	else
		buf_cut(&at->out, n - 2); /* the other half of an app's DLE may stay */
	return !n;
}

/*
 * No OK: the module was in command mode, or did not listen.  An optional escape
 * goes on, and what the next step hears will tell; else nothing may be written
 * that a peer could get.
 */
static void
no_answer(struct at *at)
{
	bool left;

	if (!at->suspect)
		at_emit_held(at, at->hold.len);
	left = take_back(at);
	at_dtr_raise(at);
	if (!left || at_silent_since(at) > at->clock->now_ms) { /* not heard: it still stands in front of the module */
		takes_nothing(at);
	} else if (next_way(at)) {
		way_begin(at);
	} else if (at->mode == MODE_UNKNOWN && at->again < AGAIN_MAX &&
	    (at->connects == strlen(AT_CONNECT_WORD) || at->clock->now_ms >= at->escaped_ms + AT_FLOOD_MS)) {
		/* A dial of an earlier life has come true, or its data go on: what it had written may have spoiled the silence. */
		at->again++;
		at_escape_start(at);
	} else if (at_step_now(at)->flags & AT_OPTIONAL) {
		at->mode = MODE_COMMAND;
		at_step_end(at, AT_OK);
	} else {
		at_fail(at, "the module did not leave data mode");
		at_step_end(at, at->suspect ? -EAGAIN : -ETIMEDOUT);
	}
}

/* ---- answered ---- */

/*
 * The OK of the escape stood the silence: command mode.  What came before it was
 * payload, unless the line in doubt was the module's and this OK an answer to a
 * stray byte of the app: that is for the verdict.
 */
static void
escaped(struct at *at)
{
	size_t text_at = at->ok_at + AT_OK_LEN, len = at->hold.len - text_at;
	uint8_t *text = xmemdup(buf_bytes(&at->hold) + text_at, len);

	if (!at->suspect)
		at_emit_held(at, at->ok_at);
	buf_cut(&at->hold, at->suspect ? at->ok_at : 0);
	at_dtr_raise(at);
	at->mode = MODE_COMMAND;
	at->escape_open = false;
	at->final_ms = at->clock->now_ms;
	at->escape_heard = true;
	at_heard(at);
	at_tell(at, AT_TRACE_IN, AT_OK_LINE, AT_OK_LEN);
	at_tell(at, AT_TRACE_IN, text, len);
	at_read_as_text(at, text, len);
	free(text);
	if (at->phase == PHASE_ESC_AFTER) /* else an event among it made the owner reset us */
		at_step_end(at, AT_OK);
}

void
at_escape_limit(struct at *at)
{
	uint64_t due = at_silent_since(at) + silence_before(at);

	if (at->phase == PHASE_ESC_BEFORE) {
		if (due <= at->clock->now_ms) {
			write_escape(at);
		} else if (at->clock->now_ms < at->drain_ms) {
			timer_at(at->clock, &at->limit, due < at->drain_ms ? due : at->drain_ms);
		} else {
			takes_nothing(at);
		}
	} else if (at->phase == PHASE_NO_CARRIER) {
		at->mode = MODE_COMMAND;
		at_step_end(at, AT_OK);
	} else if (at->ok_at != SIZE_MAX) {
		escaped(at);
	} else if (has_left(at)) {
		no_answer(at);
	}
}

bool
at_escaping(const struct at *at)
{
	return at->phase == PHASE_ESC_AFTER && at->way == WAY_GUARDED;
}

bool
at_escape_heard(const struct at *at)
{
	return at->escape_heard;
}
