/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-data-out.c - the app's bytes on their way to the line, so that none of them is an escape
 *
 * What to know first: three escape characters leave data mode only alone, with
 * silence before and behind.  So the third is held back until something follows,
 * or until the silence that would have to be before it is surely broken.  Where DLE
 * leaves it (at_rules.etx) each of the app's is doubled, and the line never has half
 * of such a pair: its other half waits in at->out, and nothing passes it.
 */
#include "at/at-priv.h"

#include <string.h>

#define HARMLESS 2 /* so long a beginning of what ends data mode is in every stream */

uint64_t
at_guard(const struct at *at)
{
	return at->rules.guard_ms + at->rules.guard_ms / 5;
}

uint64_t
at_silent_since(const struct at *at)
{
	uint64_t ms = at->wire->ops->drained_ms(at->wire);

	return ms > at->online_ms ? ms : at->online_ms;
}

bool
at_online(const struct at *at)
{
	return at->mode == MODE_DATA;
}

/*
 * A held line end alone, or a DLE or two, does not stop the app: half of all streams end
 * their chunks with one, and a server that sends a line every 20 ms would silence it.
 */
size_t
at_data_room(const struct at *at)
{
	bool busy = at->phase >= PHASE_ESC_BEFORE && at->phase <= PHASE_NO_CARRIER;

	if (at->mode != MODE_DATA || busy || at->suspect || at->escape_open || at->hold.len > HARMLESS || at->out.len)
		return 0;
	return at->wire->ops->room(at->wire);
}

/* Has the line been silent?  It may have stood still, or gone on, where we cannot see it. */
static enum at_silence
silence(const struct at *at)
{
	uint64_t since = at_silent_since(at), now = at->clock->now_ms;

	return now >= since + at_guard(at) ? SILENCE_SURE : now >= since + at->rules.guard_ms / 2 ? SILENCE_MAYBE : SILENCE_NONE;
}

/*
 * Would these, all escape characters, be the end of three that the module may
 * take for the escape: silence before the first, none between, and it is not
 * known yet that something follows?
 */
static bool
may_escape(const struct at *at, size_t len, enum at_silence before)
{
	switch (len) {
	case 1:
		return at->run >= 2 && at->before[1] != SILENCE_NONE && at->before[0] != SILENCE_SURE && before != SILENCE_SURE;
	case 2:
		return at->run >= 1 && at->before[0] != SILENCE_NONE && before != SILENCE_SURE;
	case 3:
		return before != SILENCE_NONE;
	default:
		return false;
	}
}

/* How many of len bytes may go now so that the line never shows three escape characters alone between silences. */
static size_t
without_escape(struct at *at, const uint8_t *bytes, size_t len, enum at_silence before)
{
	size_t n = 0;

	while (n < len && n < 4 && bytes[n] == (uint8_t)at->rules.escape)
		n++;
	if (!at->rules.guard_ms || n < len)
		return len;
	while (n && may_escape(at, n, before))
		n--;
	if (n < len)
		timer_at(at->clock, &at->plus, at_silent_since(at) + at_guard(at));
	return n;
}

static void
note_written(struct at *at, const uint8_t *bytes, size_t len, enum at_silence before)
{
	size_t n = len;

	while (n && len - n < 3 && bytes[n - 1] == (uint8_t)at->rules.escape)
		n--;
	if (n)
		at->run = 0;
	for (; n < len; n++) {
		at->run++;
		at->before[1] = at->before[0];
		at->before[0] = n ? SILENCE_NONE : before;
	}
}

/* How many of the app's bytes are in the first took bytes of the wire, one that went by half among them. */
static size_t
apps(struct at *at, const uint8_t *bytes, size_t took)
{
	static const uint8_t half[] = { AT_DLE };
	size_t n = 0, wire = 0;

	while (wire < took)
		wire += bytes[n++] == AT_DLE ? 2 : 1;
	if (wire > took)
		buf_put(&at->out, half, sizeof(half));
	return n;
}

/* Returns how many of the app's bytes went; *ret_took of the wire. */
static size_t
write_doubled(struct at *at, const uint8_t *bytes, size_t len, size_t *ret_took)
{
	uint8_t out[2048];
	size_t done = 0, took, n, i;

	do {
		for (n = 0, i = done; i < len && n + 2 <= sizeof(out); i++) {
			if (bytes[i] == AT_DLE)
				out[n++] = AT_DLE;
			out[n++] = bytes[i];
		}
		took = at->wire->ops->write(at->wire, out, n);
		done += apps(at, bytes + done, took);
		*ret_took += took;
	} while (took == n && done < len);
	return done;
}

size_t
at_data_write(struct at *at, const void *bytes, size_t len)
{
	size_t room = at_data_room(at), n, took = 0;
	enum at_silence before = SILENCE_NONE;

	if (len > room)
		len = room;
	/* Of no interest before anything else; it costs a system call. */
	if (len && *(const uint8_t *)bytes == (uint8_t)at->rules.escape)
		before = silence(at);
	n = len ? without_escape(at, bytes, len, before) : 0;
	if (n && at->rules.etx)
		n = write_doubled(at, bytes, n, &took);
	else if (n)
		n = took = at->wire->ops->write(at->wire, bytes, n);
	note_written(at, bytes, n, before);
	at_wrote(at, took, 0);
	at_tell(at, AT_TRACE_OUT_PAYLOAD, bytes, n);
	return n;
}

void
at_plus_expired(void *arg)
{
	struct at *at = arg;
	uint64_t due = at_silent_since(at) + at_guard(at);

	if (due > at->clock->now_ms)
		timer_at(at->clock, &at->plus, due);
	else if (at_data_room(at))
		at->owner->data_room(at->arg);
}
