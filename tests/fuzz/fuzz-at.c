/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine with the Telit driver's operations against any module, any wire and
 * any owner.  The input is a program (tests/fuzz/at-seeds.c writes some):
 *
 *   00nnnnnn  an operation begins         10nnnnnn  the module says the next n + 1 bytes
 *   01nnnnnn  time passes                 11nnnnnn  the owner or the wire does something
 *
 * Its first byte says what module it is; 16: one that is left by DLE etx and DTR.
 * Four scripts more have the words that this driver does not need.
 *
 * Held: each job is done once; what the session gets stood in this order in what
 * the module said; what goes out in data mode is the app's, or the escape; nothing
 * of the app's goes out while the end of data mode is in doubt, and none of its DLEs
 * is half of an escape; what a receive
 * brings is as long as it says.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "at/at.h"
#include "at/dialect.h"
#include "dialect/3gpp.h"
#include "dialect/dialects.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define JOBS 8
#define SAID_MAX 65536
#define check(x) do { if (!(x)) abort(); } while (0)

struct job {
	struct modem_op modem;
	struct sock_op sock;
	struct slot_op slot;
	void *op;
	bool running;
	bool again;  /* done() submits it once more */
	size_t rx, frame;
};

static struct clock the_clock;
static struct wire the_wire;
static struct at *at;
static const struct dialect *dialect;
static struct module mod;
static struct job jobs[JOBS];
static const struct at_step *scripts[27];

static uint8_t said[SAID_MAX];
static size_t said_len, given;
static size_t room;
static uint64_t left_ms;
static int carrier;
static bool in_data_write, doubt, reset_on_event;
static bool etx, dtr_down, dtr_missing;
static bool half; /* of a pair that begins with DLE is on the line */
static uint8_t payload[2000];

/* ---- the wire ---- */

static size_t
wire_room(struct wire *w)
{
	(void)w;
	return room;
}

/* Every pair is whole, and only the engine makes an escape of one. */
static void
data_left(const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		check(!half || bytes[i] == 0x10 || (bytes[i] == 3 && !in_data_write));
		half = !half && bytes[i] == 0x10;
	}
}

static bool
of_escape(const uint8_t *bytes, size_t len)
{
	return etx ? len <= 3 && (memmem("\x10\x10\x03", 3, bytes, len)) : len <= 3 && !memcmp(bytes, "+++", len);
}

static size_t
wire_write(struct wire *w, const void *bytes, size_t len)
{
	size_t n = len < room ? len : room;

	(void)w;
	check(!(in_data_write && doubt));
	if (at_online(at) && !in_data_write)
		check(of_escape(bytes, len));
	if (at_online(at) && etx)
		data_left(bytes, n);
	else
		half = false;
	if (n)
		left_ms = the_clock.now_ms + n / 8;
	room -= n;
	return n;
}

static size_t
wire_flush(struct wire *w)
{
	(void)w;
	return 0;
}

static uint64_t
wire_drained(struct wire *w)
{
	(void)w;
	return left_ms;
}

static int
wire_carrier(struct wire *w)
{
	(void)w;
	return carrier;
}

static bool
wire_dtr(struct wire *w, bool on)
{
	(void)w;
	if (dtr_missing)
		return false;
	check(dtr_down == on);
	dtr_down = !on;
	return true;
}

static void
wire_reading(struct wire *w, bool on)
{
	(void)w;
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
reset(void)
{
	at_reset(at);
	check(!dtr_down);
	doubt = half = false;
}

static void
on_event(void *arg, const struct dialect_event *ev)
{
	(void)arg;
	check(ev->kind != EVENT_NONE && ev->kind <= EVENT_REBOOTED);
	if (reset_on_event)
		reset();
}

static void
on_data(void *arg, const void *bytes, size_t len)
{
	const uint8_t *hit;

	(void)arg;
	check(len > 0);
	hit = memmem(said + given, said_len - given, bytes, len);
	check(hit);
	given = (size_t)(hit - said) + len;
}

static void
app_writes(size_t len)
{
	size_t n;

	in_data_write = true;
	n = at_data_write(at, payload, len);
	in_data_write = false;
	check(n <= len);
}

static void
on_room(void *arg)
{
	(void)arg;
	app_writes(3);
}

static void
on_suspect(void *arg)
{
	(void)arg;
	check(!doubt);
	doubt = true;
}

static void
on_silent(void *arg, unsigned n)
{
	(void)arg;
	if (n > 5)
		reset();
}

static void
on_noise(void *arg, const char *line)
{
	(void)arg;
	check(strlen(line) <= 2048);
}

static volatile uint8_t sum; /* of all that is traced */

static void
on_trace(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	size_t i;

	(void)arg;
	(void)kind;
	for (i = 0; bytes && i < len; i++)
		sum ^= ((const uint8_t *)bytes)[i]; /* they can be read */
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

/* ---- operations ---- */

static void
rx(void *arg, const void *bytes, size_t len)
{
	struct job *j = arg;

	(void)bytes;
	j->rx += len;
	check(j->running && j->rx <= j->sock.rx_max);
}

static void
slot_line(void *arg, const char *line)
{
	check(((struct job *)arg)->running && line);
}

static void
done(int result, void *op)
{
	struct job *j = jobs;

	while (j->op != op)
		j++;
	check(j->running); /* once, and only when accepted */
	j->running = false;
	if (result == 0 && op == &j->sock)
		check(j->rx == j->sock.rx_len);
}

static void
submit(uint8_t which)
{
	struct job *j = jobs;
	size_t i = (which & 31u) % (sizeof(scripts) / sizeof(scripts[0])); /* 32: another suite */

	while (j < jobs + JOBS && j->running)
		j++;
	if (j == jobs + JOBS)
		return;
	*j = (struct job){
		.running = true,
		.modem = { .mod = &mod, .cid = 1, .apn = "internet", .pdp_type = "IP", .pin = "1234", .user = "u", .wall_s = 1800000000,
		    .auth = 1 },
		.sock = { .mod = &mod, .host = "host.example", .port = 443, .suite = which & 32 ? 0 : 3, .online = true,
		    .timeout_ms = 20000, .cid = 1, .keep = true, .fast = mod.resumption, .tx = payload, .tx_len = 1 + which * 7u,
		    .rx_max = 100, .rx = rx, .rx_arg = j },
		.slot = { .mod = &mod, .slot = &dialect->slots[which % 3], .bytes = payload, .len = 300, .rx = slot_line, .rx_arg = j },
	};
	j->op = i < 10 ? (void *)&j->modem : i < 18 ? (void *)&j->sock : (void *)&j->slot;
	at_submit(at, scripts[i], j->op, done);
}

/* An admin's: nobody knows what it does (modem/modem-command.c). */
static int
foreign_line(struct at_line *l, void *op)
{
	(void)op;
	check(strlen(l->text) <= 2048);
	return AT_OK;
}

static const struct at_word foreign_words[] = { { "CONNECT", AT_CONNECT, false }, { "CONNECT ", AT_CONNECT, false }, { 0 } };

static const struct at_step foreign[] = {
	{ .cmd = "AT+X?", .answer = "+X:", .parse = foreign_line, .other = foreign_line, .words = foreign_words, .timeout_ms = 10000,
	    .flags = AT_FOREIGN | AT_MAYBE | AT_PATIENT },
	{ .flags = AT_ESCAPE | AT_OPTIONAL },
	{ .flags = AT_SYNC },
	{ 0 },
};

/* Words that no operation of that driver needs. */
static int
granted(struct at_line *l, size_t *ret_n)
{
	long n = at_line_int(l);

	if (n < 0)
		return n < -5 ? -EBADMSG : AT_NOT_MINE;
	*ret_n = (size_t)n;
	return at_line_check(l);
}

static int
framed(const uint8_t *head, size_t len, size_t *ret_len)
{
	check(len && len <= 8);
	if (head[0] >= '\r')
		return AT_NOT_MINE;
	*ret_len = len < 2 ? 0 : (size_t)(head[0] << 8 | head[1]) * (1 + head[0] % 3u);
	return AT_OK;
}

static void
frame_bytes(void *op, const void *bytes, size_t len)
{
	struct job *j = jobs;

	while (j->op != op)
		j++;
	on_trace(NULL, AT_TRACE_IN_PAYLOAD, bytes, len);
	j->frame += len;
	check(j->running && j->frame <= AT_BINARY_MAX);
}

static int
result_line(struct at_line *l, void *op)
{
	(void)op;
	return l->text[0] == 'E' ? AT_DONE : l->text[0] == 'R' ? AT_REFUSED : AT_OK;
}

static void
some_payload(struct at_payload *p, void *op)
{
	(void)op;
	*p = (struct at_payload){ .bytes = payload, .len = 50 };
}

static const struct at_word frame_words[] = { { "CONNECT", AT_IGNORE, false }, { "READY:", AT_PAYLOAD, false }, { 0 } };

static const struct at_step grants[] = {
	{ .cmd = "AT^W", .answer = "^W:", .grant = granted, .parse = foreign_line, .payload = some_payload }, { .cmd = "AT+X" }, { 0 },
};

static const struct at_step frames[] = {
	{ .cmd = "AT^B", .words = frame_words, .payload = some_payload, .other = result_line, .binary = framed, .sink = frame_bytes,
	    .flags = AT_TRAILED },
	{ .cmd = "AT+X" },
	{ 0 },
};

static const struct at_step frame_at_once[] = {
	{ .cmd = "AT^F", .other = result_line, .binary = framed, .sink = frame_bytes, .flags = AT_TRAILED | AT_OPTIONAL }, { .cmd = "AT+X" },
	{ 0 },
};

static const struct at_step refusals[] = { { .cmd = "AT^R", .other = result_line }, { .cmd = "AT+X" }, { 0 } };

/* ---- the program ---- */

static void
pass(uint64_t ms)
{
	uint64_t until = the_clock.now_ms + ms;
	unsigned turns = 0;

	while (clock_deadline(&the_clock) <= until && ++turns < 500)
		clock_run(&the_clock, clock_deadline(&the_clock));
	clock_run(&the_clock, until);
}

static void
something(uint8_t which)
{
	switch (which & 15) {
	case 0:
	case 1:
	case 2:
	case 3:
		app_writes(which & 3 ? which & 3u : which);
		break;
	case 4:
		if (jobs[which >> 4 & 3].op)
			at_cancel(at, jobs[which >> 4 & 3].op);
		break;
	case 5:
	case 6:
		doubt = false;
		at_data_verdict(at, which & 1);
		break;
	case 7:
		if (which & 32)
			reset();
		at_assume_command(at);
		doubt = false;
		break;
	case 8:
		room = which & 48u;
		break;
	case 9:
		room = 100000;
		at_writable(at);
		break;
	case 10:
		carrier = (which >> 4 & 3) - 1;
		if (carrier > 1)
			carrier = 1;
		break;
	case 11:
		reset_on_event = which & 16;
		dtr_missing = which & 32 && !dtr_down;
		break;
	case 12:
		memcpy(payload, &"\x10\x03\x10\x10\x03"[which >> 4 & 3], 2);
		break;
	default:
		memset(payload, which & 1 ? '+' : which & 2 ? '\r' : 'a', 1 + (which >> 4 & 3u));
	}
}

static void
begin(void)
{
	static const char *const dle_ends[] = { "\x10\x04NO CARRIER\r\n", "\x10\x04\r\nNO CARRIER\r\n", NULL };
	const struct at_step *all[] = {
		gpp_wake, gpp_identify, dialect->setup, dialect->sim, dialect->sim_unlock, dialect->registration, dialect->attach,
		dialect->context_up, dialect->look, dialect->tls_up, dialect->open, dialect->send, dialect->receive, dialect->status,
		dialect->suspend, dialect->check, dialect->resume, dialect->close, dialect->slot_list, dialect->slot_read,
		dialect->slot_write, dialect->slot_delete, foreign, grants, frames, frame_at_once, refusals,
	};
	struct at_rules rules = {
		.urcs = dialect->urcs, .command_max = dialect->command_max, .gap_ms = dialect->gap_ms, .guard_ms = 1000,
		.escape = '+', .data_end = etx ? dle_ends : dialect->data_end, .etx = etx ? 3 : 0, .dtr = etx,
	};

	memcpy(scripts, all, sizeof(all));
	memset(jobs, 0, sizeof(jobs));
	memset(payload, 'a', sizeof(payload));
	said_len = given = 0;
	room = 100000;
	left_ms = 0;
	carrier = -1;
	doubt = reset_on_event = dtr_down = dtr_missing = half = false;
	clock_init(&the_clock, 1000, 1);
	the_wire.ops = &wire_ops;
	at = at_new(&the_clock, &the_wire, &owner, NULL);
	at_set_rules(at, &rules);
	at_assume_command(at);
}

static size_t
say(const uint8_t *bytes, size_t len, bool bytewise)
{
	size_t i;

	if (said_len + len > SAID_MAX)
		return len;
	for (i = 0; i < len; i += bytewise ? 1 : len) {
		size_t n = bytewise ? 1 : len;

		memcpy(said + said_len, bytes + i, n);
		said_len += n;
		at_input(at, bytes + i, n);
	}
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool bytewise = size && data[0] & 1;
	size_t i, n;

	dialect = dialect_named("telit");
	etx = size && data[0] & 16;
	mod = (struct module){ .escape = '+', .guard_ms = 1000, .counted_send = size && data[0] & 2, .resumption = size && data[0] & 4 };
	strcpy(mod.model, size && data[0] & 8 ? "HE910-G" : "GE910-QUAD");
	strcpy(mod.revision, size && data[0] & 8 ? "12.00.004" : "13.00.003");
	mod.family = dialect_family(dialect, &mod);
	begin();
	for (i = 1; i < size; i++) {
		switch (data[i] >> 6) {
		case 0:
			submit(data[i] & 63);
			break;
		case 1:
			pass((uint64_t)(data[i] & 7) << (data[i] >> 3 & 7) * 2);
			break;
		case 2:
			n = (data[i] & 63) + 1u;
			n = n < size - i - 1 ? n : size - i - 1;
			i += say(data + i + 1, n, bytewise);
			break;
		default:
			something(data[i] & 63);
		}
		clock_run(&the_clock, the_clock.now_ms);
	}
	at_free(at);
	check(!dtr_down);
	for (i = 0; i < JOBS; i++)
		check(!jobs[i].running);
	return 0;
}
