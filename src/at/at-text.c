/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-text.c - command mode: bytes to lines, and lines to where they belong
 *
 * What to know first: a line is the running command's answer only if the
 * command named its prefix, or if nothing else knows the line and the command
 * takes bare lines.  Counted payload is never looked into.
 */
#include "at/at-priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void
at_text_reset(struct at *at)
{
	at->line_len = 0;
	at->line_cut = false;
	at->echo_due = false;
	at->echo_left = 0;
	at->counted = 0;
	at->head_len = 0;
	at->pattern = NULL;
	at->urc = NULL;
	at->urc_lines = 0;
	at->pattern_tail.cap = AT_LINE_MAX;
	buf_deinit(&at->pattern_tail);
	wipe(at->line, sizeof(at->line));
}

/* A row's text with ":" or a blank at its end is a prefix, else the whole line. */
static bool
row_matches(const char *line, const char *text)
{
	size_t len = strlen(text);

	return len && strchr(": ", text[len - 1]) ? strncmp(line, text, len) == 0 : strcmp(line, text) == 0;
}

/* ---- unsolicited lines ---- */

/*
 * Where payload is to come it may be some of that, without its count: then neither news nor the final result
 * are believed, unless the count comes yet.
 */
static void
nobodys(struct at *at, const char *line)
{
	const struct at_step *s = at_step_heard(at);

	at->strange = true;
	at->opaque |= s && s->sink && !s->binary; /* that one is no server's */
	at->owner->noise(at->arg, line);
}

static void
urc_line(struct at *at, const struct at_urc *u, const char *line, size_t prefix)
{
	struct dialect_event ev = { .kind = u->event, .sock = -1 };
	struct at_line l;

	at_line_init(&l, line, prefix);
	if (u->parse && u->parse(&l, &ev) < 0) {
		nobodys(at, line);
		return;
	}
	if (ev.kind != EVENT_NONE)
		at->owner->event(at->arg, &ev);
}

bool
at_text_urc(struct at *at, const char *line)
{
	const struct at_urc *u;

	for (u = at->rules.urcs; u && u->text; u++) {
		if (!row_matches(line, u->text))
			continue;
		at->urc = u;
		at->urc_lines = u->lines;
		urc_line(at, u, line, strlen(u->text));
		return true;
	}
	return false;
}

/* ---- the running command's lines ---- */

/* What follows an answer line, by what its parser asked for. */
static void
announce_payload(struct at *at, const struct at_line *l)
{
	at->counted = l->payload;
	at->pattern = l->pattern;
	at->opaque &= at->framed; /* the strange lines before it were others' news */
	at->framed |= at->counted || at->pattern;
}

/* true: the line was taken. */
static bool
answer_line(struct at *at, const struct at_step *s, size_t prefix, int (*parse)(struct at_line *, void *))
{
	struct at_line l;
	int r;

	at_line_init(&l, at->line, prefix);
	r = parse ? parse(&l, at->job->op) : AT_OK;
	if (r == AT_NOT_MINE)
		return false;
	at_heard(at);
	if (r < 0) {
		char text[80];

		at_fail(at, s->flags & AT_SECRET ? "unexpected answer" : str_escape(text, sizeof(text), at->line, at->line_len));
		at_step_abort(at, r);
		return true;
	}
	if (r == AT_REFUSED) {
		at->error = (struct at_error){ .kind = AT_ERROR_WORD, .code = -1 };
		str_escape(at->error.text, sizeof(at->error.text), at->line, at->line_len);
		at_refused(at);
	}
	announce_payload(at, &l);
	at->last = r == AT_DONE || r == AT_REFUSED;
	at->answered |= parse == s->parse && s->answer;
	if (r == AT_PAYLOAD)
		at_got_prompt(at);
	else if (!at->counted && !at->pattern)
		at_answer_over(at);
	return true;
}

/* +CME ERROR: and its kin into at->error. */
static bool
error_line(struct at *at)
{
	static const struct {
		const char *prefix;
		int kind;
	} kinds[] = { { "+CME ERROR:", AT_ERROR_CME }, { "+CMS ERROR:", AT_ERROR_CMS } };
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!str_starts(at->line, kinds[i].prefix))
			continue;
		text = at->line + strlen(kinds[i].prefix);
		text += strspn(text, " ");
		at->error = (struct at_error){ .kind = kinds[i].kind, .code = -1 };
		if (isdigit((unsigned char)text[0]) && strspn(text, "0123456789") == strlen(text) && strlen(text) < 6)
			at->error.code = (int)strtol(text, NULL, 10);
		str_escape(at->error.text, sizeof(at->error.text), text, strlen(text));
		return true;
	}
	if (strcmp(at->line, "ERROR") == 0) {
		at->error = (struct at_error){ .kind = AT_ERROR_PLAIN, .code = -1 };
		strcpy(at->error.text, "ERROR");
		return true;
	}
	return false;
}

/* The words that end the step, its own before the common ones. */
static bool
final_line(struct at *at, const struct at_step *s)
{
	const struct at_word *w;

	for (w = s ? s->words : NULL; w && w->text; w++) {
		if (!row_matches(at->line, w->text) || (w->unanswered && at->answered))
			continue;
		if (w->result == AT_IGNORE)
			return true;
		if (w->result < 0) {
			at->error = (struct at_error){ .kind = AT_ERROR_WORD, .code = -1 };
			str_escape(at->error.text, sizeof(at->error.text), at->line, at->line_len);
		}
		if (w->result == AT_PAYLOAD)
			at_got_prompt(at);
		else
			at_got_final(at, w->result, at->line);
		return true;
	}
	if (strcmp(at->line, "OK") == 0) {
		at_got_final(at, AT_OK, at->line);
		return true;
	}
	if (error_line(at)) {
		at_got_final(at, -EREMOTEIO, at->line);
		return true;
	}
	return false;
}

/* A word of that step which says nothing, also when it is late. */
static bool
is_ignored(const struct at *at, const struct at_step *s)
{
	const struct at_word *w;

	for (w = s ? s->words : NULL; w && w->text; w++)
		if (w->result == AT_IGNORE && row_matches(at->line, w->text))
			return true;
	return false;
}

/* Whatever comes now may hold a secret, were it only as a garbled or late echo. */
static bool
hidden(const struct at *at)
{
	const struct at_step *s = at_step_heard(at);

	return s && s->flags & AT_SECRET;
}

static bool
is_echo(const struct at *at)
{
	return at->echo_due && at->line_len == at->cmd.len && memcmp(at->line, at->cmd.text, at->line_len) == 0;
}

/* One whole line, without its end; never empty. */
static void
route_line(struct at *at)
{
	const struct at_step *s = at_step_now(at);
	bool listening = s && (at->phase == PHASE_RESULT || at->phase == PHASE_PROMPT || at->phase == PHASE_TRAIL);
	bool granting = s && s->grant; /* its answer is no answer but in place of the prompt */

	if (at->urc_lines) {
		at->urc_lines--;
		urc_line(at, at->urc, at->line, 0);
		return;
	}
	if (at_got_grant(at))
		return;
	if (listening && !granting && s->answer && str_starts(at->line, s->answer) &&
	    answer_line(at, s, strlen(s->answer), s->parse))
		return;
	if (final_line(at, listening ? s : at->phase == PHASE_LATE ? at->late : NULL))
		return;
	if (!at->opaque && at_text_urc(at, at->line))
		return;
	if (at->phase > PHASE_LATE && !strcmp(at->line, "CONNECT") && !is_ignored(at, at->late)) {
		at_lost_to_data(at);
		return;
	}
	if (listening && s->other && answer_line(at, s, 0, s->other))
		return;
	nobodys(at, hidden(at) ? "(a line of a secret exchange)" : at->line);
}

/* ---- bytes ---- */

static void
line_end(struct at *at)
{
	while (at->line_len && at->line[at->line_len - 1] == '\r')
		at->line_len--;
	at->line[at->line_len] = '\0';
	if (at->line_cut) {
		at->line_cut = false;
		nobodys(at, "(a line longer than any command gives)");
	} else if (at->line_len) {
		route_line(at);
	}
	at->line_len = 0;
}

/* The prompt that is waited for, without the line end that stands before it; NULL: none. */
static const char *
prompt_due(const struct at *at)
{
	const struct at_step *s = at->phase == PHASE_PROMPT ? at_step_now(at) : at->phase == PHASE_LATE ? at->late : NULL;

	if (at->phase == PHASE_RESULT && at_step_now(at)->flags & AT_FOREIGN)
		s = at_step_now(at);
	if (s && s->flags & AT_FOREIGN)
		return "> ";
	if (!s || !s->payload || s->grant || (at->phase == PHASE_LATE && !at->payload.len) || (s->prompt && !s->prompt[0]))
		return NULL;
	return s->prompt ? s->prompt : "> ";
}

static bool
at_prompt(const struct at *at)
{
	const char *prompt = prompt_due(at);

	return prompt && at->line_len == strlen(prompt) && memcmp(at->line, prompt, at->line_len) == 0;
}

/* So far the line in hand is one of the few that every command may end with. */
static bool
is_common(const struct at *at)
{
	static const char *const words[] = { "\rOK\r", "OK\r", "\rERROR\r", "ERROR\r", "\r> ", "> " };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (at->line_len <= strlen(words[i]) && memcmp(at->line, words[i], at->line_len) == 0)
			return true;
	return false;
}

static void
trace_text(struct at *at, const uint8_t *bytes, size_t len)
{
	at_tell(at, hidden(at) && !is_common(at) ? AT_TRACE_IN_SECRET : AT_TRACE_IN, bytes, len);
}

/* Text up to and including the end of one line, a prompt, or all there is. */
static size_t
text_bytes(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		uint8_t c = bytes[i];

		if (c == '\n') {
			trace_text(at, bytes, i + 1);
			line_end(at);
			return i + 1;
		}
		if (c == '\r' && is_echo(at)) {
			trace_text(at, bytes, i + 1);
			at->line_len = 0;
			at_got_echo(at);
			return i + 1;
		}
		if (c == '\0') /* what a UART gives for a break */
			continue;
		if (at->line_len == AT_LINE_MAX)
			at->line_cut = true;
		else
			at->line[at->line_len++] = (char)c;
		if (at_prompt(at)) {
			trace_text(at, bytes, i + 1);
			at->line_len = 0;
			at_got_prompt(at);
			return i + 1;
		}
	}
	trace_text(at, bytes, len);
	return len;
}

static void
give_payload(struct at *at, const uint8_t *bytes, size_t len)
{
	const struct at_step *s = at_step_now(at);

	at_tell(at, hidden(at) ? AT_TRACE_IN_SECRET : AT_TRACE_IN_PAYLOAD, bytes, len);
	if (s && s->sink && at->phase == PHASE_RESULT && !at->job->cancelled)
		s->sink(at->job->op, bytes, len);
	if (!at->counted && !at->pattern)
		at_answer_over(at);
}

static size_t
counted_bytes(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t n = len < at->counted ? len : at->counted;

	at->counted -= n;
	give_payload(at, bytes, n);
	return n;
}

/* Payload up to a pattern, one byte at a time: patterns are for files, not for the data path. */
static size_t
pattern_bytes(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t want = strlen(at->pattern), i;
	struct buf *tail = &at->pattern_tail;

	for (i = 0; i < len; i++) {
		buf_put(tail, bytes + i, 1);
		if (tail->len >= want && memcmp(buf_bytes(tail) + tail->len - want, at->pattern, want) == 0) {
			at->pattern = NULL;
			give_payload(at, buf_bytes(tail), tail->len - want);
			buf_deinit(tail);
			return i + 1;
		}
		if (tail->len == tail->cap) {
			give_payload(at, buf_bytes(tail), tail->len - want + 1);
			buf_drop(tail, tail->len - want + 1);
		}
	}
	return len;
}

/* The step whose binary payload may begin here, or goes on in its head. */
static const struct at_step *
binary_due(const struct at *at)
{
	const struct at_step *s = at->phase == PHASE_RESULT ? at_step_now(at) : at->phase == PHASE_LATE ? at->late : NULL;

	return s && s->binary && !at->framed && !at->line_len && !at->line_cut ? s : NULL;
}

/* A head that fits nothing. */
static void
binary_unfit(struct at *at, int result)
{
	at->framed = true;
	if (!at->job)
		return; /* a late one: the engine is getting back in step anyway */
	at_fail(at, "unexpected bytes in place of an answer");
	at_step_abort(at, result);
}

/* Bytes in the place of a line, up to where it is known how many they are; 0: it is a line. */
static size_t
binary_bytes(struct at *at, const uint8_t *bytes, size_t len)
{
	const struct at_step *s;
	size_t i = 0, all = 0;
	int r = AT_OK;

	while (!all && i < len && (s = binary_due(at))) {
		at->head[at->head_len++] = bytes[i++];
		r = s->binary(at->head, at->head_len, &all);
		if (r == AT_NOT_MINE && at->head_len == 1) {
			at->head_len = 0;
			return 0;
		}
		if (r != AT_OK || (!all && at->head_len == AT_HEAD_MAX) || (all && all < at->head_len) || all > AT_BINARY_MAX) {
			binary_unfit(at, r < 0 ? r : -EBADMSG);
			return i;
		}
	}
	if (all) {
		at->framed = true;
		at->counted = all - at->head_len;
		give_payload(at, at->head, at->head_len);
	}
	return i;
}

/* The echo of the payload, as long as it is one. */
static size_t
echo_bytes(struct at *at, const uint8_t *bytes, size_t len)
{
	const uint8_t *sent = buf_bytes(&at->payload) + (at->payload.len - at->echo_left);
	size_t i;

	for (i = 0; i < len && i < at->echo_left && bytes[i] == sent[i]; i++)
		;
	at_tell(at, at->payload_secret ? AT_TRACE_IN_SECRET : AT_TRACE_IN_PAYLOAD, bytes, i);
	at->echo_left = i < len ? 0 : at->echo_left - i;
	return i;
}

size_t
at_text_input(struct at *at, const uint8_t *bytes, size_t len)
{
	size_t n;

	if (at->counted)
		return counted_bytes(at, bytes, len);
	if (at->pattern)
		return pattern_bytes(at, bytes, len);
	if (at->echo_left && (n = echo_bytes(at, bytes, len)))
		return n;
	if ((n = binary_bytes(at, bytes, len)))
		return n;
	return text_bytes(at, bytes, len);
}
