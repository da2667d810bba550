/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-data.c - data mode: what is payload, what is the module's
 *
 * What to know first: nothing in the stream can be believed by its looks.  A
 * "NO CARRIER" may be the server's, so it and all behind it are held back
 * until the owner has found out; an "OK" behind the escape counts only when the
 * time of its silence has passed and silence follows.
 */
#include "at/at-priv.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

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

void
at_emit_held(struct at *at, size_t len)
{
	emit(at, buf_bytes(&at->hold), len);
	buf_drop(&at->hold, len);
}

/* ---- looking for the module's own lines ---- */

/* One after the other, what may end data mode, NULL behind the last: also the OK of an escape that was given up. */
static const char *
data_end(const struct at *at, size_t i)
{
	const char *const *text = at->rules.data_end;
	size_t n = 0;

	while (text && text[n] && n < i)
		n++;
	if (text && text[n])
		return text[n];
	return n == i && at->escape_open && at->phase != PHASE_ESC_AFTER ? AT_OK_LINE : NULL;
}

/* The first of what ends data mode, in bytes; returns its length and offset. */
static size_t
find_data_end(const struct at *at, const uint8_t *bytes, size_t len, size_t *ret_at)
{
	const char *text;
	const uint8_t *hit;
	size_t n, i, found = 0;

	if (at->mode == MODE_UNKNOWN) /* nobody's data: nothing to be in doubt of */
		return 0;
	for (i = 0; (text = data_end(at, i)); i++) {
		n = strlen(text);
		hit = memmem(bytes, len, text, n);
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
	const char *text;
	size_t most = 0, n, i;

	for (i = 0; (text = data_end(at, i)); i++) {
		n = tail_of(bytes, len, text);
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
	at_emit_held(at, at->hold.len);
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
		at_emit_held(at, at_byte);
		begin_suspicion(at);
		return;
	}
	tail = tail_of_data_end(at, p, len);
	at_emit_held(at, len - tail);
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
		timer_at(at->clock, &at->limit, max_u64(at_escape_due(at), at->clock->now_ms) + AT_ESCAPE_MS);
	if (!len)
		return;
	for (next = p; (next = memmem(next, len - (size_t)(next - p), AT_OK_LINE, AT_OK_LEN)); next++)
		hit = next;
	/* Data mode that began behind the escape: that was not heard, and an OK is the server's. */
	if (hit && at->connects != strlen(AT_CONNECT_WORD) && at_escape_may_answer(at) &&
	    only_urcs(at, hit + AT_OK_LEN, len - (size_t)(hit - p) - AT_OK_LEN)) {
		at->ok_at = (size_t)(hit - p);
		/* Not before the real one must have come, should this be the server's. */
		timer_at(at->clock, &at->limit, max_u64(at->clock->now_ms + AT_SETTLE_MS, at_escape_due(at)));
		len = at->ok_at;
	}
	if (at->suspect)
		return;
	if (find_data_end(at, p, len, &end_at)) {
		if (at->ok_at != SIZE_MAX)
			at->ok_at -= end_at;
		at_emit_held(at, end_at);
		begin_suspicion(at);
		return;
	}
	if (at->ok_at != SIZE_MAX) {
		at->ok_at = 0;
		at_emit_held(at, len);
		return;
	}
	tail = tail_of(p, len, AT_OK_LINE);
	tail = max_u64(tail, tail_of_data_end(at, p, len));
	at_emit_held(at, len - tail);
}

/* A dial of an earlier life may come true: then data mode begins here, and the silence before an escape. */
static void
look_for_connect(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && at->connects < strlen(AT_CONNECT_WORD); i++)
		at->connects = bytes[i] == (uint8_t)AT_CONNECT_WORD[at->connects] ? at->connects + 1 : bytes[i] == AT_CONNECT_WORD[0];
	if (i && at->connects == strlen(AT_CONNECT_WORD))
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
	at_emit_held(at, at->hold.len);
	if (at_data_room(at))
		at->owner->data_room(at->arg);
}

/* ---- command text ---- */

/* The echo of our own escape. */
static bool
is_escape(const struct at *at, const char *line)
{
	if (at->rules.etx && line[0] == AT_DLE && line[1] == at->rules.etx && !line[2])
		return true;
	return strlen(line) == 3 && line[0] == at->rules.escape && line[1] == line[0] && line[2] == line[0];
}

/* Text that came in data mode's last moments, read as command mode; true when an answer was among it. */
bool
at_read_as_text(struct at *at, const uint8_t *bytes, size_t len)
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
	answered = at_read_as_text(at, copy, len);
	free(copy);
	return answered;
}

/* ---- begin and end ---- */

void
at_data_init(struct at *at)
{
	at->hold = BUF_INIT(AT_HOLD_MAX);
	timer_init(&at->tail, tail_expired, at);
	timer_init(&at->plus, at_plus_expired, at);
	timer_init(&at->dtr, at_dtr_raise, at);
}

void
at_data_reset(struct at *at)
{
	buf_deinit(&at->hold);
	at->suspect = at->told = at->unsure = false;
	at->ok_at = SIZE_MAX;
	at->run = at->again = 0;
	at->escape_open = false;
	at_dtr_raise(at);
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
			at_emit_held(at, offset);
			at_tell(at, AT_TRACE_IN, buf_bytes(&at->hold), n);
			buf_drop(&at->hold, n);
			return;
		}
		at_emit_held(at, offset + n);
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
		at_emit_held(at, at->hold.len);
	else if (began)
		drop_end(at);
	return read_held_as_text(at);
}
