/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-data.c - data mode: what is payload, what is the module's; the escape
 *
 * What to know first: nothing in the stream can be believed by its looks.  A
 * "NO CARRIER" may be the server's, so it and all behind it are held back
 * until the owner has found out; an "OK" behind the escape counts only when the
 * guard time has passed and silence follows.  And the app's bytes must never
 * make an escape of their own: three escape characters alone between silences
 * are pulled apart (V.250 behaviour of S2 and S12).
 */
#include "at/at-priv.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define OK_LINE "\r\nOK\r\n"
#define OK_LEN (sizeof(OK_LINE) - 1)
#define CONNECT "CONNECT"
#define AGAIN_MAX 2	/* escapes repeated because an earlier one can hardly have been heard */
#define LEAVES_POLL_MS 50 /* between two looks at an escape that the module does not let leave */
#define END_LINE_MAX 32 /* longer than anything that ends data mode */

static uint64_t
max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* ---- giving data to the session ---- */

static void
emit(struct at *at, const uint8_t *bytes, size_t len)
{
	if (!len)
		return;
	at_tell(at, AT_TRACE_IN_PAYLOAD, bytes, len);
	if (at->mode != MODE_UNKNOWN)
		at->owner->data(at->arg, bytes, len);
}

static void
emit_held(struct at *at, size_t len)
{
	emit(at, buf_bytes(&at->hold), len);
	buf_drop(&at->hold, len);
}

/* ---- looking for the module's own lines ---- */

/* The first of what ends data mode, in bytes; returns its length and offset. */
static size_t
find_data_end(const struct at *at, const uint8_t *bytes, size_t len, size_t *ret_at)
{
	const char *const *text;
	const uint8_t *hit;
	size_t n, found = 0;

	if (at->mode == MODE_UNKNOWN) /* nobody's data: nothing to be in doubt of */
		return 0;
	for (text = at->rules.data_end; text && *text; text++) {
		n = strlen(*text);
		hit = memmem(bytes, len, *text, n);
		if (hit && (!found || (size_t)(hit - bytes) < *ret_at)) {
			*ret_at = (size_t)(hit - bytes);
			found = n;
		}
	}
	return found;
}

/* How many bytes at the end of bytes may be the beginning of needle, but not all of it. */
static size_t
tail_of(const uint8_t *bytes, size_t len, const char *needle)
{
	size_t n = strlen(needle) - 1;

	for (n = n < len ? n : len; n; n--)
		if (memcmp(bytes + len - n, needle, n) == 0)
			return n;
	return 0;
}

static size_t
tail_of_data_end(const struct at *at, const uint8_t *bytes, size_t len)
{
	const char *const *text;
	size_t most = 0, n;

	for (text = at->rules.data_end; text && *text; text++) {
		n = tail_of(bytes, len, *text);
		most = n > most ? n : most;
	}
	return most;
}

/* Known unsolicited lines and nothing else; a last line may be unfinished. */
static bool
only_urcs(const struct at *at, const uint8_t *bytes, size_t len)
{
	const struct at_urc *u;
	char line[128];
	size_t n;

	while (len) {
		if (len < 2)
			return bytes[0] == '\r';
		if (memcmp(bytes, AT_LINE_END, 2) != 0)
			return false;
		bytes += 2;
		len -= 2;
		for (n = 0; n < len && bytes[n] != '\r'; n++)
			;
		if (n >= sizeof(line))
			return false;
		memcpy(line, bytes, n);
		line[n] = '\0';
		for (u = at->rules.urcs; u && u->text; u++)
			if (strncmp(line, u->text, n < strlen(u->text) ? n : strlen(u->text)) == 0)
				break;
		if (!u || !u->text)
			return false;
		if (n == len)
			return true;
		if (len - n >= 2 && memcmp(bytes + n, AT_LINE_END, 2) != 0)
			return false;
		n += len - n < 2 ? len - n : 2;
		bytes += n;
		len -= n;
	}
	return true;
}

/* ---- input ---- */

/* hold begins with a whole line that may end data mode: nothing more is written until it is known. */
static void
begin_suspicion(struct at *at)
{
	at->suspect = true;
	timer_stop(at->clock, &at->tail);
	if (!at->told) {
		at->told = true;
		at->owner->suspect(at->arg);
	}
}

/* More than a module says in command mode, and not in its words: it was payload after all. */
static void
overflow(struct at *at)
{
	at->suspect = false;
	at->ok_at = SIZE_MAX;
	emit_held(at, at->hold.len);
}

static void
hold_more(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t held = at->hold.len, offset;

	while (len) {
		size_t n = len < buf_room(&at->hold) ? len : buf_room(&at->hold);

		buf_put(&at->hold, bytes, n);
		bytes += n;
		len -= n;
		if (len)
			overflow(at);
	}
	/* Among the new bytes, or ending with them. */
	held = held < at->hold.len && held > END_LINE_MAX ? held - END_LINE_MAX : 0;
	if (at->hold.len && find_data_end(at, buf_bytes(&at->hold) + held, at->hold.len - held, &offset))
		at->end_ms = at->clock->now_ms;
}

/* Everything before what may be the module's goes to the session; the rest stays in hold. */
static void
scan_hold(struct at *at)
{
	const uint8_t *p = buf_bytes(&at->hold);
	size_t len = at->hold.len, at_byte, tail;

	if (at->suspect || !len)
		return;
	if (find_data_end(at, p, len, &at_byte)) {
		emit_held(at, at_byte);
		begin_suspicion(at);
		return;
	}
	tail = tail_of_data_end(at, p, len);
	emit_held(at, len - tail);
	if (tail)
		timer_in(at->clock, &at->tail, AT_TAIL_MS);
}

/*
 * Behind the escape: the last OK that is followed by nothing but URCs may be the
 * module's.  An OK that came before the guard time was over cannot be.
 */
static void
scan_for_ok(struct at *at)
{
	const uint8_t *p = buf_bytes(&at->hold), *hit = NULL, *next;
	size_t len = at->hold.len, tail, end_at;

	at->ok_at = SIZE_MAX;
	/* As long as data comes the OK may stand behind it in the module's queue. */
	if (at->clock->now_ms < at->escaped_ms + (at->mode == MODE_UNKNOWN ? AT_FLOOD_MS : AT_LATE_MS))
		timer_at(at->clock, &at->limit, max_u64(at->escaped_ms + at_guard(at), at->clock->now_ms) + AT_ESCAPE_MS);
	if (!len)
		return;
	for (next = p; (next = memmem(next, len - (size_t)(next - p), OK_LINE, OK_LEN)); next++)
		hit = next;
	/* Data mode that began behind the escape: that was not heard, and an OK is the server's. */
	if (hit && at->connects != strlen(CONNECT) && at->clock->now_ms + AT_EARLY_MS >= at->escaped_ms + at->rules.guard_ms &&
	    only_urcs(at, hit + OK_LEN, len - (size_t)(hit - p) - OK_LEN)) {
		at->ok_at = (size_t)(hit - p);
		/* Not before the real one must have come, should this be the server's. */
		timer_at(at->clock, &at->limit, max_u64(at->clock->now_ms + AT_SETTLE_MS, at->escaped_ms + at_guard(at)));
		len = at->ok_at;
	}
	if (at->suspect)
		return;
	if (find_data_end(at, p, len, &end_at)) {
		if (at->ok_at != SIZE_MAX)
			at->ok_at -= end_at;
		emit_held(at, end_at);
		begin_suspicion(at);
		return;
	}
	if (at->ok_at != SIZE_MAX) {
		at->ok_at = 0;
		emit_held(at, len);
		return;
	}
	tail = tail_of(p, len, OK_LINE);
	tail = max_u64(tail, tail_of_data_end(at, p, len));
	emit_held(at, len - tail);
}

/* A dial of an earlier life may come true: then data mode begins here, and the silence before an escape. */
static void
look_for_connect(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && at->connects < strlen(CONNECT); i++)
		at->connects = bytes[i] == (uint8_t)CONNECT[at->connects] ? at->connects + 1 : bytes[i] == CONNECT[0];
	if (i && at->connects == strlen(CONNECT))
		at->online_ms = at->clock->now_ms;
}

void
at_data_input(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t at_byte, tail;

	if (at->mode == MODE_UNKNOWN)
		look_for_connect(at, bytes, len);
	if (at->phase == PHASE_ESC_AFTER) {
		hold_more(at, bytes, len);
		scan_for_ok(at);
	} else if (at->hold.len || at->suspect) {
		hold_more(at, bytes, len);
		scan_hold(at);
	} else if (find_data_end(at, bytes, len, &at_byte)) {
		emit(at, bytes, at_byte);
		hold_more(at, bytes + at_byte, len - at_byte);
		if (at->hold.len)
			begin_suspicion(at);
	} else {
		tail = tail_of_data_end(at, bytes, len);
		emit(at, bytes, len - tail);
		if (tail) {
			hold_more(at, bytes + len - tail, tail);
			timer_in(at->clock, &at->tail, AT_TAIL_MS);
		}
	}
}

/* A mere beginning that nothing followed was payload. */
static void
tail_expired(void *arg)
{
	struct at *at = arg;

	if (at->suspect || at->phase == PHASE_ESC_AFTER)
		return;
	emit_held(at, at->hold.len);
	if (at_data_room(at))
		at->owner->data_room(at->arg);
}

/* ---- the escape ---- */

static void
takes_nothing(struct at *at)
{
	at_fail(at, "the module takes no more bytes");
	at_step_end(at, -EBUSY);
}

/*
 * No OK: the module was in command mode, or did not listen.  An optional escape
 * goes on, and what the next step hears will tell; else nothing may be written
 * that a peer could get.
 */
static void
no_answer(struct at *at)
{
	if (!at->suspect)
		emit_held(at, at->hold.len);
	buf_deinit(&at->out); /* an escape that did not leave in time would be data later */
	if (at_silent_since(at) > at->clock->now_ms) { /* not heard: it still stands in front of the module */
		takes_nothing(at);
	} else if (at->mode == MODE_UNKNOWN && at->again < AGAIN_MAX &&
	    (at->connects == strlen(CONNECT) || at->clock->now_ms >= at->escaped_ms + AT_FLOOD_MS)) {
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

void
at_escape_start(struct at *at)
{
	uint64_t due = at_silent_since(at) + at_guard(at);

	if (at->mode == MODE_COMMAND) { /* nothing to escape from */
		at_step_end(at, AT_OK);
		return;
	}
	if (!at->rules.guard_ms) {
		no_answer(at);
		return;
	}
	at->ok_at = SIZE_MAX;
	at->escape_heard = false;
	if (at->mode == MODE_DATA && at->wire->ops->carrier(at->wire) == 0) {
		at->wire->ops->flush(at->wire); /* the peer will not get it any more */
		at->phase = PHASE_NO_CARRIER;
		timer_in(at->clock, &at->limit, AT_QUIET_MS);
		return;
	}
	at->phase = PHASE_ESC_BEFORE;
	at->drain_ms = at->clock->now_ms + at_guard(at) + AT_DRAIN_MS;
	timer_at(at->clock, &at->limit, max_u64(due, at->clock->now_ms));
}

static void
write_escape(struct at *at)
{
	char text[3];

	memset(text, at->rules.escape, sizeof(text));
	at->phase = PHASE_ESC_AFTER;
	at->connects %= strlen(CONNECT); /* a whole one was before it */
	timer_stop(at->clock, &at->tail);
	buf_deinit(&at->out); /* of an earlier try; six in a row would be data */
	at_tell(at, AT_TRACE_OUT, text, sizeof(text));
	at_push(at, text, sizeof(text));
	at->escaped_ms = at_drained_ms(at);
	at->escape_left = false;
	at->drain_ms = at->escaped_ms + at_guard(at) + AT_ESCAPE_MS;
	timer_at(at->clock, &at->limit, at->escaped_ms + 1);
}

/* The module may hold the line up: the silence behind the escape begins when it has left. */
static bool
has_left(struct at *at)
{
	uint64_t now = at->clock->now_ms, left = at->wire->ops->drained_ms(at->wire);

	if (at->escape_left)
		return true;
	if (left > now && now < at->drain_ms) {
		at->escaped_ms = now;
		timer_in(at->clock, &at->limit, LEAVES_POLL_MS);
		return false;
	}
	at->escape_left = true;
	if (left <= now)
		timer_at(at->clock, &at->limit, at->escaped_ms + at_guard(at) + AT_ESCAPE_MS);
	return left > now; /* it has not, and time is up */
}

/* The echo of our own escape. */
static bool
is_escape(const struct at *at, const char *line)
{
	return strlen(line) == 3 && line[0] == at->rules.escape && line[1] == line[0] && line[2] == line[0];
}

/* Text that came in data mode's last moments, read as command mode; true when an answer was among it. */
static bool
read_as_text(struct at *at, const uint8_t *bytes, size_t len)
{
	bool answered = false;
	char line[AT_LINE_MAX + 1];
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		if (bytes[i] != '\r' && bytes[i] != '\n') {
			if (bytes[i] && n < AT_LINE_MAX)
				line[n++] = (char)bytes[i];
			continue;
		}
		line[n] = '\0';
		if (n && !is_escape(at, line) && !at_text_urc(at, line))
			answered = true;
		n = 0;
	}
	line[n] = '\0';
	return answered || (n && !is_escape(at, line));
}

/* The same of what is held.  A copy: an event in it may make the owner reset us. */
static bool
read_held_as_text(struct at *at)
{
	size_t len = at->hold.len;
	uint8_t *copy = len ? xmemdup(buf_bytes(&at->hold), len) : NULL;
	bool answered;

	buf_deinit(&at->hold);
	at_tell(at, AT_TRACE_IN, copy, len);
	answered = read_as_text(at, copy, len);
	free(copy);
	return answered;
}

/*
 * The OK of the escape stood the silence: command mode.  What came before it was
 * payload, unless the line in doubt was the module's and this OK an answer to a
 * stray byte of the app: that is for the verdict.
 */
static void
escaped(struct at *at)
{
	size_t text_at = at->ok_at + OK_LEN, len = at->hold.len - text_at;
	uint8_t *text = xmemdup(buf_bytes(&at->hold) + text_at, len);

	if (!at->suspect)
		emit_held(at, at->ok_at);
	buf_cut(&at->hold, at->suspect ? at->ok_at : 0);
	at->mode = MODE_COMMAND;
	at->final_ms = at->clock->now_ms;
	at->escape_heard = true;
	at_heard(at);
	at_tell(at, AT_TRACE_IN, OK_LINE, OK_LEN);
	at_tell(at, AT_TRACE_IN, text, len);
	read_as_text(at, text, len);
	free(text);
	if (at->phase == PHASE_ESC_AFTER) /* else an event among it made the owner reset us */
		at_step_end(at, AT_OK);
}

bool
at_escaping(const struct at *at)
{
	return at->phase == PHASE_ESC_AFTER;
}

bool
at_escape_heard(const struct at *at)
{
	return at->escape_heard;
}

void
at_escape_limit(struct at *at)
{
	uint64_t due = at_silent_since(at) + at_guard(at);

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

/* ---- begin and end ---- */

void
at_data_init(struct at *at)
{
	at->hold = BUF_INIT(AT_HOLD_MAX);
	timer_init(&at->tail, tail_expired, at);
	timer_init(&at->plus, at_plus_expired, at);
}

void
at_data_reset(struct at *at)
{
	buf_deinit(&at->hold);
	at->suspect = at->told = at->unsure = false;
	at->ok_at = SIZE_MAX;
	at->run = at->again = 0;
	timer_stop(at->clock, &at->tail);
	timer_stop(at->clock, &at->plus);
}

void
at_data_begin(struct at *at, bool sure)
{
	at_data_reset(at);
	at->mode = MODE_DATA;
	at->online_ms = at->clock->now_ms;
	at->suspect = at->told = at->unsure = !sure;
}

bool
at_data_in_doubt(const struct at *at)
{
	return at->unsure;
}

uint64_t
at_data_end_ms(const struct at *at)
{
	return at->end_ms;
}

/* The last line that may end data mode is the module's: what stands before it came from the server. */
static void
drop_end(struct at *at)
{
	size_t n, offset;

	while ((n = find_data_end(at, buf_bytes(&at->hold), at->hold.len, &offset))) {
		size_t next;

		if (!find_data_end(at, buf_bytes(&at->hold) + offset + n, at->hold.len - offset - n, &next)) {
			emit_held(at, offset);
			at_tell(at, AT_TRACE_IN, buf_bytes(&at->hold), n);
			buf_drop(&at->hold, n);
			return;
		}
		emit_held(at, offset + n);
	}
}

bool
at_data_verdict(struct at *at, bool open)
{
	bool began = !at->unsure;

	at->told = at->unsure = false;
	if (!at->suspect)
		return false;
	at->suspect = false;
	at->ok_at = SIZE_MAX; /* an offset in what is given away now */
	if (open)
		emit_held(at, at->hold.len);
	else if (began)
		drop_end(at);
	return read_held_as_text(at);
}
