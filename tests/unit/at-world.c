/* SPDX-License-Identifier: Apache-2.0 */
#include "at-world.h"

#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

#define BEGIN_MS 5000 /* a clock never begins at 0 */

static struct world *
of(struct wire *wire)
{
	return (struct world *)((char *)wire - offsetof(struct world, wire));
}

/* ---- the wire ---- */

static size_t
wire_room(struct wire *wire)
{
	return of(wire)->room;
}

static size_t
wire_write(struct wire *wire, const void *bytes, size_t len)
{
	struct world *w = of(wire);
	size_t n = len < w->room ? len : w->room, i;

	assert_true(buf_put(&w->out, bytes, n));
	w->room -= n;
	if (n && w->drained_ms < w->clock.now_ms)
		w->drained_ms = w->clock.now_ms;
	for (i = 0; i < n && w->logged < sizeof(w->log) / sizeof(w->log[0]); i++, w->logged++) {
		w->log[w->logged].ms = w->clock.now_ms;
		w->log[w->logged].byte = ((const char *)bytes)[i];
	}
	return n;
}

static size_t
wire_flush(struct wire *wire)
{
	return of(wire)->flushed;
}

static uint64_t
wire_drained(struct wire *wire)
{
	return of(wire)->drained_ms;
}

static int
wire_carrier(struct wire *wire)
{
	return of(wire)->carrier;
}

static bool
wire_dtr(struct wire *wire, bool on)
{
	struct world *w = of(wire);

	if (!w->has_dtr)
		return false;
	assert_true(w->dtr != on);
	w->dtr = on;
	w->dtr_drops += !on;
	w->dtr_low_ms = on ? w->clock.now_ms - w->dtr_low_ms : w->clock.now_ms;
	return true;
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
	.dtr = wire_dtr,
	.reading = wire_reading, /* no rate: at.c does not ask for one */
};

/* ---- the owner ---- */

static void
on_event(void *arg, const struct dialect_event *ev)
{
	static const char *const names[] = { "none", "readable", "closed", "writable", "ended", "peer", "registration", "pdp-lost",
		"sim", "network-time", "rebooted" };
	struct world *w = arg;

	str_add(w->events, sizeof(w->events), "%s %d %ld %d\n", names[ev->kind], ev->sock, ev->len, ev->state);
	if (w->on_event)
		w->on_event(w);
}

static void
on_data(void *arg, const void *bytes, size_t len)
{
	struct world *w = arg;

	assert_true(len > 0);
	assert_true(buf_put(&w->data, bytes, len));
}

static void
on_room(void *arg)
{
	struct world *w = arg;
	size_t n;

	w->rooms++;
	while (w->app.len) {
		n = at_data_write(w->at, buf_bytes(&w->app), w->app.len);
		if (!n)
			break;
		buf_drop(&w->app, n);
	}
}

static void
on_suspect(void *arg)
{
	((struct world *)arg)->suspects++;
}

static void
on_silent(void *arg, unsigned n)
{
	((struct world *)arg)->silent = n;
}

static void
on_noise(void *arg, const char *line)
{
	struct world *w = arg;

	str_add(w->noise, sizeof(w->noise), "%s\n", line);
}

static void
on_trace(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	struct world *w = arg;
	char text[512];

	switch (kind) {
	case AT_TRACE_OUT:
	case AT_TRACE_IN:
		str_add(w->trace, sizeof(w->trace), "%s", str_escape(text, sizeof(text), bytes, len));
		break;
	case AT_TRACE_OUT_SECRET:
	case AT_TRACE_IN_SECRET:
		assert_null(bytes);
		/* fallthrough */
	case AT_TRACE_OUT_PAYLOAD:
	case AT_TRACE_IN_PAYLOAD:
		str_add(w->trace, sizeof(w->trace), "{%zu}", len);
		break;
	}
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

static int
number_urc(struct at_line *l, struct dialect_event *ret)
{
	ret->state = (int)at_line_int(l);
	return at_line_check(l);
}

static int
ring_urc(struct at_line *l, struct dialect_event *ret)
{
	ret->sock = (int)at_line_int(l);
	ret->len = at_line_int_or(l, 0);
	return at_line_check(l);
}

static int
long_urc(struct at_line *l, struct dialect_event *ret)
{
	ret->len = (long)strlen(at_line_rest(l));
	return 0;
}

const struct at_urc world_urcs[] = {
	{ "+CREG:", number_urc, EVENT_REGISTRATION, 0 },
	{ "SSLSRING:", ring_urc, EVENT_SOCK_READABLE, 0 },
	{ "NO CARRIER", NULL, EVENT_SOCK_CLOSED, 0 },
	{ "#QSS:", number_urc, EVENT_SIM, 0 },
	{ "+LONG:", long_urc, EVENT_PDP_LOST, 2 },
	{ "^SYSSTART", NULL, EVENT_REBOOTED, 0 },
	{ "#NITZ:", NULL, EVENT_NONE, 0 },
	{ 0 }
};

/* ---- the world ---- */

static int
setup(void **state, bool bytewise)
{
	static const char *const ends[] = { "\r\nNO CARRIER\r\n", NULL };
	struct world *w = xcalloc(1, sizeof(*w));
	unsigned i;

	clock_init(&w->clock, BEGIN_MS, 1);
	w->wire.ops = &wire_ops;
	w->bytewise = bytewise;
	w->room = SIZE_MAX / 2;
	w->carrier = -1;
	w->dtr = true;
	w->out = w->data = BUF_INIT(1 << 20);
	w->app = BUF_INIT(1 << 16);
	for (i = 0; i < WORLD_JOBS; i++)
		w->result[i] = PENDING;
	w->rules = (struct at_rules){
		.urcs = world_urcs, .command_max = 80, .guard_ms = 1000, .escape = '+', .data_end = ends,
	};
	w->at = at_new(&w->clock, &w->wire, &owner, w);
	at_set_rules(w->at, &w->rules);
	at_assume_command(w->at);
	*state = w;
	return 0;
}

int
world_setup(void **state)
{
	return setup(state, false);
}

int
world_setup_bytewise(void **state)
{
	return setup(state, true);
}

/* No job may be forgotten, whatever the test did. */
int
world_teardown(void **state)
{
	struct world *w = *state;
	unsigned i;
	int r = 0;

	at_free(w->at);
	for (i = 0; i < WORLD_JOBS; i++)
		if (w->done[i] > 1 || (w->op[i] && !w->done[i]))
			r = -1;
	buf_deinit(&w->out);
	buf_deinit(&w->data);
	buf_deinit(&w->app);
	free(w);
	return r;
}

static void
done(int result, void *op)
{
	int *job = op;
	/* op[0] is the first of the array, and *job is its index + 1 */
	struct world *w = (struct world *)((char *)(job - (*job - 1)) - offsetof(struct world, op));

	w->result[*job - 1] = result;
	w->done[*job - 1]++;
}

void
submit(struct world *w, unsigned job, const struct at_step *script)
{
	w->op[job] = (int)job + 1;
	at_submit(w->at, script, &w->op[job], done);
	pass(w, 0);
}

void
clock_at(struct world *w, uint64_t ms)
{
	uint64_t until = BEGIN_MS + ms;

	while (clock_deadline(&w->clock) <= until)
		clock_run(&w->clock, clock_deadline(&w->clock));
	clock_run(&w->clock, until);
}

void
pass(struct world *w, uint64_t ms)
{
	clock_at(w, w->clock.now_ms - BEGIN_MS + ms);
}

void
modem_says_bytes(struct world *w, const void *bytes, size_t len)
{
	const char *p = bytes;
	size_t i;

	if (!w->bytewise)
		at_input(w->at, p, len);
	for (i = 0; w->bytewise && i < len; i++)
		at_input(w->at, p + i, 1);
	pass(w, 0);
}

void
modem_says(struct world *w, const char *text)
{
	modem_says_bytes(w, text, strlen(text));
}

static const char *
take_text(struct buf *b)
{
	static char text[1 << 17];
	size_t n = b->len < sizeof(text) ? b->len : sizeof(text) - 1;

	if (n)
		memcpy(text, buf_bytes(b), n);
	text[n] = '\0';
	buf_deinit(b);
	return text;
}

const char *
wire(struct world *w)
{
	return take_text(&w->out);
}

const char *
data(struct world *w)
{
	return take_text(&w->data);
}

static const char *
take_lines(char *from, size_t size)
{
	static char text[1024];

	memcpy(text, from, size);
	from[0] = '\0';
	return text;
}

const char *
events(struct world *w)
{
	return take_lines(w->events, sizeof(w->events));
}

const char *
noise(struct world *w)
{
	return take_lines(w->noise, sizeof(w->noise));
}

void
go_online(struct world *w)
{
	static const struct at_word words[] = { { "CONNECT", AT_CONNECT, false }, { 0 } };
	static const struct at_step dial[] = { { .cmd = "ATD", .words = words }, { 0 } };

	submit(w, WORLD_JOBS - 1, dial);
	modem_says(w, "\r\nCONNECT\r\n");
	assert_done(w, WORLD_JOBS - 1, 0);
	assert_true(at_online(w->at));
	assert_wire(w, "ATD\r");
	w->op[WORLD_JOBS - 1] = 0;
}

size_t
app_writes(struct world *w, const char *text)
{
	assert_true(buf_put(&w->app, text, strlen(text)));
	on_room(w);
	return w->app.len;
}
