/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c - a transcript against the driver: what it writes, and what comes out
 *
 * Each file runs whole, byte by byte, with an unsolicited line slipped between
 * all lines of the module, and once more from the trace that the first run wrote.
 * doc/writing-a-dialect.md tells the form.
 */
#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "dialect/3gpp.h"
#include "dialect/dialects.h"

#define PATIENCE_MS 600000 /* virtual; longer than any step's limit */

/* ---- the wire and the owner ---- */

static struct replay *
of(struct wire *wire)
{
	return (struct replay *)((char *)wire - offsetof(struct replay, wire));
}

static size_t
wire_room(struct wire *wire)
{
	return buf_room(&of(wire)->out);
}

static size_t
wire_write(struct wire *wire, const void *bytes, size_t len)
{
	struct replay *r = of(wire);
	size_t n = len < buf_room(&r->out) ? len : buf_room(&r->out);

	buf_put(&r->out, bytes, n);
	r->left_ms = r->clock.now_ms;
	return n;
}

static size_t
wire_flush(struct wire *wire)
{
	(void)wire;
	return 0;
}

static uint64_t
wire_drained(struct wire *wire)
{
	return of(wire)->left_ms;
}

static int
wire_carrier(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
wire_reading(struct wire *wire, bool on)
{
	(void)wire;
	(void)on;
}

static const struct wire_ops wire_ops = {
	.room = wire_room,
	.write = wire_write,
	.flush = wire_flush,
	.drained_ms = wire_drained,
	.carrier = wire_carrier,
	.reading = wire_reading, /* no rate: at.c does not ask for one */
};

static void
on_event(void *arg, const struct dialect_event *ev)
{
	static const char *const names[] = { "none", "readable", "closed", "writable", "ended", "peer", "registration", "pdp-lost",
		"sim", "network-time", "rebooted" };
	struct replay *r = arg;

	if (r->way == WAY_SLIPPED && (ev->kind == EVENT_REGISTRATION || ev->kind == EVENT_SOCK_READABLE))
		return; /* slipped in, or not to be told from those */
	str_add(r->events, sizeof(r->events), "%s%s", r->events[0] ? "+" : "", names[ev->kind]);
	r->last[0] = '\0';
	str_add(r->last, sizeof(r->last), "%s/%d/%d/%d/%s", names[ev->kind], ev->sock, ev->code, ev->in_order, ev->text ? ev->text : "");
}

static void
on_data(void *arg, const void *bytes, size_t len)
{
	struct replay *r = arg;

	buf_put(&r->data, bytes, len);
}

static void
on_room(void *arg)
{
	struct replay *r = arg;
	size_t n = at_data_write(r->at, buf_bytes(&r->up), r->up.len);

	if (n)
		buf_drop(&r->up, n);
}

static void
on_suspect(void *arg)
{
	((struct replay *)arg)->suspects++;
}

static void
on_silent(void *arg, unsigned n)
{
	(void)arg;
	(void)n;
}

static void
on_noise(void *arg, const char *line)
{
	struct replay *r = arg;

	str_add(r->noise, sizeof(r->noise), "%s%s", r->noise[0] ? "+" : "", line);
}

static void
on_trace(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	trace_bytes(((struct replay *)arg)->trace, kind, bytes, len);
}

static const struct at_owner owner = {
	.event = on_event,
	.data = on_data,
	.data_room = on_room,
	.suspect = on_suspect,
	.silent = on_silent,
	.noise = on_noise,
	.trace = on_trace,
};

/* ---- telling what went wrong ---- */

static bool
fail(struct replay *r, const char *fmt, const char *a, const char *b)
{
	static const char *const ways[] = { "whole", "byte by byte", "with URCs slipped in", "from its trace" };
	char text[600] = "";

	if (r->failed)
		return false;
	r->failed = true;
	snprintf(text, sizeof(text), fmt, a, b);
	fprintf(stderr, "%s:%u (%s): %s\n  %s\n", r->t->path, r->line->number, ways[r->way], text, r->line->text);
	return false;
}

/* Runs the clock until `until` says so, or nothing more happens in any time that matters. */
static void
wait_for(struct replay *r, bool (*until)(const struct replay *))
{
	uint64_t limit = r->clock.now_ms + PATIENCE_MS;

	clock_run(&r->clock, r->clock.now_ms);
	while (!until(r) && clock_deadline(&r->clock) <= limit)
		clock_run(&r->clock, clock_deadline(&r->clock));
}

static bool
enough_written(const struct replay *r)
{
	return r->out.len >= r->expected;
}

static bool
job_over(const struct replay *r)
{
	return !r->running;
}

/* ---- lines of the file ---- */

/* Bytes that are the traps of every protocol here, and then all others. */
void
filler(uint8_t *dst, size_t len, size_t from)
{
	static const char traps[] = "\r\nOK\r\n\r\n> \r\n+CME ERROR: 840\r\n\r\nERROR\r\n+++\x1a\x1b\x08";
	size_t i;

	for (i = 0; i < len; i++) {
		size_t k = (from + i) % (sizeof(traps) - 1 + 256);

		dst[i] = k < sizeof(traps) - 1 ? (uint8_t)traps[k] : (uint8_t)(k - (sizeof(traps) - 1));
	}
}

static bool
expect(struct replay *r)
{
	const struct tline *l = r->line;
	char got[200], want[200];
	unsigned i;
	bool same;

	for (i = 0; i < l->n_pieces; i++) {
		const struct piece *p = &l->pieces[i];

		r->expected = p->len;
		wait_for(r, enough_written);
		if (r->out.len < p->len) {
			str_escape(got, sizeof(got), buf_bytes(&r->out), r->out.len);
			return fail(r, "the driver writes \"%s\" and no more", got, "");
		}
		if (p->bytes)
			same = memcmp(buf_bytes(&r->out), p->bytes, p->len) == 0;
		else /* an app's bytes are known; a secret is any */
			same = p->len != r->payload_len || memcmp(buf_bytes(&r->out), r->payload, p->len) == 0;
		if (!same) {
			str_escape(got, sizeof(got), buf_bytes(&r->out), p->len);
			str_escape(want, sizeof(want), p->bytes ? (const void *)p->bytes : r->payload, p->len);
			return fail(r, "the driver writes \"%s\" in place of \"%s\"", got, want);
		}
		if (p->len == 3 && p->bytes && memcmp(p->bytes, "+++", 3) == 0)
			r->escaped_ms = r->clock.now_ms;
		buf_drop(&r->out, p->len);
	}
	return true;
}

static void
feed(struct replay *r, const uint8_t *bytes, size_t len)
{
	size_t i;

	if (r->way != WAY_BYTEWISE)
		at_input(r->at, bytes, len);
	for (i = 0; r->way == WAY_BYTEWISE && i < len; i++)
		at_input(r->at, bytes + i, 1);
}

static void
slip(struct replay *r)
{
	const char *news = strcmp(r->dialect->name, "cinterion") ? "\r\nSSLSRING: 1,5\r\n" : "\r\n^SISR: 7, 1\r\n";
	const char *urc = r->slipped++ % 2 ? news : "\r\n+CREG: 1\r\n";

	if (!at_online(r->at) && !r->escaped_ms)
		at_input(r->at, urc, strlen(urc));
}

/* Text of the module; between its lines there is room for others. */
static void
feed_text(struct replay *r, const struct piece *p, bool first)
{
	size_t i, from = 0;

	for (i = 0; r->way == WAY_SLIPPED && i < p->len; i++) {
		if (p->bytes[i] != '\r' || i + 1 == p->len || p->bytes[i + 1] != '\n' || (i ? p->bytes[i - 1] != '\n' : !first))
			continue;
		feed(r, p->bytes + from, i - from);
		slip(r);
		from = i;
	}
	feed(r, p->bytes + from, p->len - from);
}

static bool
say(struct replay *r)
{
	const struct tline *l = r->line;
	unsigned i;

	if (r->escaped_ms) { /* the guard time behind an escape passes by itself */
		clock_run(&r->clock, r->escaped_ms + r->mod.guard_ms);
		r->escaped_ms = 0;
	}
	if (r->out.len) {
		char got[200];

		return fail(r, "the driver writes \"%s\" before that", str_escape(got, sizeof(got), buf_bytes(&r->out), r->out.len), "");
	}
	for (i = 0; i < l->n_pieces; i++) {
		const struct piece *p = &l->pieces[i];
		uint8_t *bytes;

		if (p->bytes) {
			buf_put(&r->said, p->bytes, p->len);
			feed_text(r, p, i == 0 && r->fresh);
		} else {
			bytes = xcalloc(1, p->len + 1);
			filler(bytes, p->len, r->filled);
			r->filled += p->len;
			buf_put(&r->said, bytes, p->len);
			feed(r, bytes, p->len);
			free(bytes);
		}
	}
	r->fresh = true;
	clock_run(&r->clock, r->clock.now_ms);
	return true;
}

static bool
result(struct replay *r)
{
	const struct tline *l = r->line;
	char want[40], got[512];
	unsigned i;

	wait_for(r, job_over);
	if (r->running)
		return fail(r, "the operation is not over", "", "");
	if (r->out.len)
		return fail(r, "the driver writes \"%s\" besides", str_escape(got, sizeof(got), buf_bytes(&r->out), r->out.len), "");
	for (i = 0; i < l->n_words; i++) {
		const char *value = strchr(l->words[i], '=');

		if (value) {
			snprintf(want, sizeof(want), "%.*s", (int)(value - l->words[i]), l->words[i]);
			if (!replay_field(r, want, got, sizeof(got)))
				return fail(r, "no result is called \"%s\"", want, "");
			if (strcmp(got, value + 1) != 0)
				return fail(r, "%s is \"%s\"", want, got);
		} else if (i + 1 == l->n_words || strchr(l->words[i + 1], '=')) { /* "slot 0" of a trace: the last word */
			snprintf(got, sizeof(got), "%d", r->result);
			if (strcmp(got, l->words[i]) != 0 && strcmp(errno_name(r->result), l->words[i]) != 0)
				return fail(r, "the result is %s (%s)", errno_name(r->result), at_problem(r->at));
		}
	}
	r->events[0] = r->noise[0] = '\0';
	buf_deinit(&r->data);
	buf_deinit(&r->said);
	return true;
}

static bool
one_line(struct replay *r)
{
	switch (r->line->kind) {
	case '@':
		trace_note(r->trace, r->line->text);
		r->fresh = true;
		return replay_operation(r) || fail(r, "no operation is called that, or its words are wrong", "", "");
	case '>':
		return expect(r);
	case '<':
		return say(r);
	default:
		if (!result(r))
			return false;
		trace_note(r->trace, r->line->text);
		return true;
	}
}

static bool
replay(const struct transcript *t, enum way way, const char *trace_path)
{
	struct replay r = { .t = t, .way = way, .fresh = true };
	size_t i;

	clock_init(&r.clock, 1000, 1);
	r.wire.ops = &wire_ops;
	r.out = BUF_INIT(1 << 16);
	r.data = r.said = r.up = BUF_INIT(1 << 16);
	r.at = at_new(&r.clock, &r.wire, &owner, &r);
	at_assume_command(r.at);
	if (trace_path)
		r.trace = trace_open(trace_path, false);
	replay_begin(&r);
	for (i = 0; i < t->n && !r.failed; i++) {
		r.line = &t->lines[i];
		one_line(&r);
	}
	at_free(r.at);
	trace_close(r.trace);
	buf_deinit(&r.out);
	buf_deinit(&r.data);
	buf_deinit(&r.said);
	buf_deinit(&r.up);
	return !r.failed;
}

static bool
replay_file(const char *path)
{
	char trace[] = "replay-trace.XXXXXX";
	int fd = mkstemp(trace);
	struct transcript t, again;
	bool ok;

	ok = fd >= 0 && transcript_read(path, &t);
	if (ok)
		ok = replay(&t, WAY_WHOLE, trace) && replay(&t, WAY_BYTEWISE, NULL) && replay(&t, WAY_SLIPPED, NULL);
	if (ok && !t.no_trace) {
		ok = transcript_read(trace, &again) && replay(&again, WAY_TRACE, NULL);
		transcript_free(&again);
	}
	if (ok)
		unlink(trace);
	transcript_free(&t);
	close(fd);
	return ok;
}

int
main(int argc, char **argv)
{
	int i, failed = 0;

	for (i = 1; i < argc; i++)
		failed += !replay_file(argv[i]);
	printf("%d transcripts, %d failed\n", argc - 1, failed);
	return failed || argc < 2;
}
