/* SPDX-License-Identifier: Apache-2.0 */
#include "sock-world.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "channel/session.h"

/* ---- the driver ---- */

static void
sock_cmd(struct at_cmd *c, const char *text, const void *op)
{
	at_cmd_text(c, text);
	at_cmd_int(c, ((const struct sock_op *)op)->sock);
}

static int
up_answer(struct at_line *l, void *op)
{
	struct module *m = ((struct modem_op *)op)->mod;

	(void)l;
	m->context_up = m->tls_enabled = m->ring = true;
	return AT_OK;
}

static const struct at_step setup[] = { { .cmd = "AT+SETUP", .answer = "+SETUP:", .parse = up_answer }, { 0 } };
static const struct at_step look[] = { { .cmd = "AT+LOOK" }, { 0 } };
static const struct at_step soft_reset[] = { { .cmd = "AT+RESET" }, { 0 } };

static void
open_cmd(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;

	sock_cmd(c, "AT+OPEN=", op);
	at_cmd_str(c, o->host);
	at_cmd_int(c, (long)o->n_ca);
	at_cmd_int(c, o->n_ca ? o->ca[o->n_ca - 1] : 0);
}

static void
send_cmd(struct at_cmd *c, const void *op)
{
	sock_cmd(c, "AT+SEND=", op);
	at_cmd_int(c, (long)((const struct sock_op *)op)->tx_len);
}

static void
send_payload(struct at_payload *p, void *op)
{
	p->bytes = ((struct sock_op *)op)->tx;
	p->len = ((struct sock_op *)op)->tx_len;
}

static int
send_grant(struct at_line *l, size_t *ret_n)
{
	*ret_n = (size_t)at_line_int(l);
	return at_line_check(l);
}

static int
send_answer(struct at_line *l, void *op)
{
	((struct sock_op *)op)->tx_done = (size_t)at_line_int(l);
	return at_line_check(l);
}

static void
send_end_cmd(struct at_cmd *c, const void *op)
{
	sock_cmd(c, "AT+EOD=", op);
}

static void
receive_cmd(struct at_cmd *c, const void *op)
{
	sock_cmd(c, "AT+RECV=", op);
	at_cmd_int(c, (long)((const struct sock_op *)op)->rx_max);
}

static int
receive_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long n = at_line_int(l);

	o->rx_end = n == -2;
	o->rx_len = n > 0 ? (size_t)n : 0;
	if (n > 0)
		at_line_payload(l, n);
	return at_line_check(l);
}

static void
receive_sink(void *op, const void *bytes, size_t len)
{
	struct sock_op *o = op;

	o->rx(o->rx_arg, bytes, len);
}

static void
status_cmd(struct at_cmd *c, const void *op)
{
	sock_cmd(c, "AT+STATE=", op);
}

static int
status_answer(struct at_line *l, void *op)
{
	((struct sock_op *)op)->state = (int)at_line_int(l);
	return at_line_check(l);
}

static void
go_cmd(struct at_cmd *c, const void *op)
{
	sock_cmd(c, "AT+GO=", op);
}

static void
close_cmd(struct at_cmd *c, const void *op)
{
	sock_cmd(c, "AT+CLOSE=", op);
}

static int
gone(const struct at_error *e, void *op)
{
	(void)op;
	return strcmp(e->text, "gone") ? -EREMOTEIO : -ENOTCONN;
}

static const struct at_word go_words[] = { { "CONNECT", AT_CONNECT, false }, { "GONE", -ENOTCONN, false }, { 0 } };
static const struct at_step open_script[] = { { .build = open_cmd }, { 0 } };
static const struct at_step send_script[] = {
	{ .build = send_cmd, .answer = "+SEND:", .grant = send_grant, .parse = send_answer, .payload = send_payload, .refused = gone }, { 0 }
};
static const struct at_step send_end_script[] = { { .build = send_end_cmd }, { 0 } };
static const struct at_step receive_script[] = {
	{ .build = receive_cmd, .answer = "+RECV:", .parse = receive_answer, .sink = receive_sink, .refused = gone }, { 0 }
};
static const struct at_step status_script[] = { { .build = status_cmd, .answer = "+STATE:", .parse = status_answer }, { 0 } };
static const struct at_step suspend_script[] = {
	{ .flags = AT_ESCAPE }, { .build = status_cmd, .answer = "+STATE:", .parse = status_answer }, { 0 }
};
static const struct at_step check_script[] = {
	{ .flags = AT_ESCAPE | AT_OPTIONAL }, { .flags = AT_SYNC },
	{ .build = status_cmd, .answer = "+STATE:", .parse = status_answer }, { 0 }
};
static const struct at_step resume_script[] = { { .build = go_cmd, .words = go_words }, { 0 } };
static const struct at_step close_script[] = { { .build = close_cmd }, { 0 } };

static int
urc(struct at_line *l, struct dialect_event *ev, enum dialect_event_kind kind)
{
	ev->kind = kind;
	ev->sock = (int)at_line_int(l);
	if (kind == EVENT_SOCK_ENDED) {
		ev->code = (int)at_line_int(l);
		ev->in_order = ev->code == 48;
	}
	ev->text = at_line_rest(l);
	return at_line_check(l);
}

static int
peer_urc(struct at_line *l, struct dialect_event *ev)
{
	return urc(l, ev, EVENT_SOCK_PEER);
}

static int
up_urc(struct at_line *l, struct dialect_event *ev)
{
	return urc(l, ev, EVENT_SOCK_WRITABLE);
}

static int
end_urc(struct at_line *l, struct dialect_event *ev)
{
	return urc(l, ev, EVENT_SOCK_ENDED);
}

static int
data_urc(struct at_line *l, struct dialect_event *ev)
{
	return urc(l, ev, EVENT_SOCK_READABLE);
}

static const struct at_urc urcs[] = {
	{ "+PEER:", peer_urc, 0 }, { "+UP:", up_urc, 0 }, { "+END:", end_urc, 0 },
	{ "+DATA:", data_urc, 0 }, { 0 }
};

static void
plan(const struct module *m, const struct tls_policy *p, struct tls_plan *ret)
{
	(void)m;
	*ret = (struct tls_plan){ .n_suites = 1, .suites = { 7 }, .weak = WEAK_CIPHER_UNKNOWN };
	ret->enforces = p->verify == TLS_VERIFY_NONE ? 0 : ENFORCES_CHAIN;
	ret->enforces |= p->pin ? ENFORCES_HOST_PIN : p->verify != TLS_VERIFY_NONE && p->check_name ? ENFORCES_HOST_NAME : 0;
}

static enum dial_cause
cause(const struct at_error *e)
{
	return e->kind == AT_ERROR_EVENT && e->code == 66 ? DIAL_CERTIFICATE : DIAL_OTHER;
}

static const char *
advice(const struct at_error *e)
{
	return e->code == 66 ? "look at its issuer" : NULL;
}

static bool
no_room(const struct at_error *e)
{
	return e->kind == AT_ERROR_EVENT && e->code == 71;
}

static int
peer(const char *text, bool (*is_issuer)(void *arg, const char *name, size_t len), void *arg, struct tls_peer *ret)
{
	const char *serial = strchr(text, '|'), *print = serial ? strchr(serial + 1, '|') : NULL;

	(void)is_issuer;
	(void)arg;
	if (!print)
		return -EBADMSG;
	snprintf(ret->subject, sizeof(ret->subject), "%.*s", (int)(serial - text), text);
	snprintf(ret->serial, sizeof(ret->serial), "%.*s", (int)(print - serial) - 1, serial + 1);
	str_copy(ret->thumbprint, sizeof(ret->thumbprint), print + 1);
	return 0;
}

static const struct dialect_suite suites[] = { { "TLS_A", 7, 0, false }, { NULL, 0, 0, false } };
static const struct dialect_slot slots[] = { { "1", 0, 11 }, { "2", 0, 12 }, { NULL, 0, 0 } };
static const struct family family = {
	.title = "made up", .models = (const char *const[]){ "Made*", NULL }, .secure_sockets = 2, .most_sockets = 5, .suites = suites,
	.slot_max = 2048, .send_max = 100, .recv_max = 100,
};
static const struct family useless = {
	.title = "newer", .models = (const char *const[]){ "Newer*", NULL }, .unsupported = "too new: use an older one",
};
static const struct dialect made_up = {
	.name = "cinterion",
	.families = (const struct family *const[]){ &family, &useless, NULL },
	.slots = slots, .command_max = 300, .gap_ms = 1, .urcs = urcs, .rescue = (const char *const[]){ NULL },
	.data_end = (const char *const[]){ "\r\nNO CARRIER\r\n", NULL },
	.setup = setup, .look = look, .soft_reset = soft_reset,
	.opens_by_event = true, .drains = true,
	.open = open_script, .send = send_script, .send_end = send_end_script, .receive = receive_script, .status = status_script,
	.suspend = suspend_script, .check = check_script, .resume = resume_script, .close = close_script,
	.plan = plan, .cause = cause, .advice = advice, .no_room = no_room, .peer = peer,
};

const struct dialect *__wrap_dialect_of(const struct module *);

const struct dialect *
__wrap_dialect_of(const struct module *m)
{
	(void)m;
	return &made_up;
}

/* ---- the module ---- */

void
module_says(struct sock_world *w, const char *fmt, ...)
{
	char text[5000] = "\r\n";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + 2, sizeof(text) - 4, fmt, ap);
	va_end(ap);
	strcat(text, "\r\n");
	modem_input(w->modem, text, strlen(text));
}

static unsigned
in_use(const struct sock_world *w)
{
	unsigned i, n = 0;

	for (i = 0; i < SERVICES; i++)
		n += w->service[i].state == SOCK_DIALLING || w->service[i].state == SOCK_OPEN;
	return n;
}

static void
opens(struct sock_world *w, int id)
{
	bool full = w->room_for && in_use(w) >= w->room_for;

	memset(&w->service[id], 0, sizeof(w->service[id]));
	w->service[id].state = full ? SOCK_DOWN : SOCK_DIALLING;
	if (w->open_is_mute)
		return;
	module_says(w, "OK");
	if (full)
		module_says(w, "+END: %d,71,No memory", id);
}

static void
gives(struct sock_world *w, struct service *v, size_t most)
{
	size_t n = v->rx_len < most ? v->rx_len : most;
	char text[4200];

	if (w->refuse_receive) {
		module_says(w, w->refuse_as_gone ? "+CME ERROR: gone" : "ERROR");
		return;
	}
	if (!n) {
		module_says(w, "+RECV: %d", v->rx_end ? -2 : 0);
	} else {
		snprintf(text, sizeof(text), "\r\n+RECV: %zu\r\n%.*s", n, (int)n, v->rx);
		modem_input(w->modem, text, strlen(text));
		v->rx_len -= n;
		memmove(v->rx, v->rx + n, v->rx_len);
	}
	module_says(w, "OK");
}

static void
takes(struct sock_world *w, int id, size_t n)
{
	struct service *v = &w->service[id];

	n = n < w->grant ? n : w->grant;
	if (w->refuse_send || (v->state != SOCK_OPEN && w->grant)) {
		module_says(w, w->refuse_as_gone ? "+CME ERROR: gone" : "ERROR");
		return;
	}
	w->payload_of = id;
	w->payload_due = n;
	module_says(w, "+SEND: %zu", n);
	if (!n)
		module_says(w, "OK");
}

static void
obeys(struct sock_world *w, const char *line)
{
	int id = strchr(line, '=') ? atoi(strchr(line, '=') + 1) : -1;
	struct service *v = id >= 0 && id < SERVICES ? &w->service[id] : NULL;
	size_t n = v && strrchr(line, ',') ? strtoul(strrchr(line, ',') + 1, NULL, 10) : 0;

	str_add(w->said, sizeof(w->said), "%s\n", line);
	if (str_starts(line, "AT+STATE") && w->state_is_mute)
		return;
	if (!v || str_starts(line, "AT+X")) {
		if (!strcmp(line, "AT+CGMM"))
			module_says(w, "%s", w->model);
		else if (str_starts(line, "AT+CG"))
			module_says(w, "one");
		else if (!strcmp(line, "AT+SETUP"))
			module_says(w, "+SETUP: 1");
		module_says(w, "OK");
	} else if (str_starts(line, "AT+OPEN")) {
		opens(w, id);
	} else if (str_starts(line, "AT+SEND")) {
		takes(w, id, n);
	} else if (str_starts(line, "AT+RECV")) {
		gives(w, v, n);
	} else if (str_starts(line, "AT+GO") && v->state == SOCK_OPEN && !w->refuse_go) {
		w->online = id;
		module_says(w, "CONNECT");
	} else if (str_starts(line, "AT+GO")) {
		module_says(w, "GONE");
	} else {
		if (str_starts(line, "AT+STATE"))
			module_says(w, "+STATE: %d", v->state);
		else if (str_starts(line, "AT+EOD"))
			v->half_closed = true;
		else if (str_starts(line, "AT+CLOSE"))
			v->state = w->refuse_close ? v->state : SOCK_CLOSED;
		module_says(w, w->refuse_close && str_starts(line, "AT+CLOSE") ? "ERROR" : "OK");
	}
}

static void
hears(struct sock_world *w, char c)
{
	struct service *v;
	char line[sizeof(w->line)];
	size_t n = strlen(w->line);

	if (strlen(w->first) + 1 < sizeof(w->first))
		w->first[strlen(w->first)] = c;
	if (w->payload_due) {
		v = &w->service[w->payload_of];
		v->tx[v->tx_len++] = c;
		if (--w->payload_due == 0)
			module_says(w, "OK");
	} else if (w->online >= 0) {
		v = &w->service[w->online];
		v->tx[v->tx_len++] = c;
		if (v->tx_len >= 3 && !memcmp(v->tx + v->tx_len - 3, "+++", 3)) {
			v->tx_len -= 3;
			w->online = -1;
			timer_in(&w->clock, &w->escaped, 1000);
		}
	} else if (c == '\r') {
		memcpy(line, w->line, sizeof(line));
		w->line[0] = '\0';
		if (strstr(line, "AT")) /* what stands before it was an escape */
			obeys(w, strstr(line, "AT"));
	} else if (n + 1 < sizeof(w->line)) {
		w->line[n] = c;
		w->line[n + 1] = '\0';
	}
}

void
server_sends(struct sock_world *w, int service, const char *text)
{
	struct service *v = &w->service[service];

	memcpy(v->rx + v->rx_len, text, strlen(text));
	v->rx_len += strlen(text);
}

unsigned
said(const struct sock_world *w, const char *command)
{
	const char *p = w->said;
	unsigned n = 0;

	while ((p = strstr(p, command))) {
		n++;
		p++;
	}
	return n;
}

const char *
where_said(const struct sock_world *w, const char *command)
{
	const char *p = w->said, *last = NULL;

	while ((p = strstr(p, command)))
		last = p++;
	return last;
}

/* ---- the wire, which is as fast as it can be, and answers on a later turn ---- */

static struct sock_world *
of_wire(struct wire *wire)
{
	return (struct sock_world *)((char *)wire - offsetof(struct sock_world, wire));
}

static char queue[65536]; /* on its way to the module */
static size_t queued;

static size_t
room(struct wire *wire)
{
	(void)wire;
	return sizeof(queue) - queued;
}

static size_t
write_bytes(struct wire *wire, const void *bytes, size_t len)
{
	of_wire(wire)->left_ms = of_wire(wire)->clock.now_ms;
	memcpy(queue + queued, bytes, len);
	queued += len;
	return len;
}

static size_t
flush(struct wire *wire)
{
	(void)wire;
	return 0;
}

static uint64_t
drained_ms(struct wire *wire)
{
	return of_wire(wire)->left_ms;
}

static int
carrier(struct wire *wire)
{
	(void)wire;
	return -1;
}

static bool
rate(struct wire *wire, unsigned baud)
{
	(void)wire;
	(void)baud;
	return false;
}

static void
reading(struct wire *wire, bool on)
{
	(void)wire;
	(void)on;
}

static const struct wire_ops wire_ops = {
	.room = room, .write = write_bytes, .flush = flush, .drained_ms = drained_ms, .carrier = carrier, .rate = rate, .reading = reading,
};

/* ---- the host ---- */

static void
changed(void *arg)
{
	struct sock_world *w = arg;
	int i;

	for (i = 0; i < 2; i++)
		if (w->channel[i])
			channel_modem_changed(w->channel[i]);
}

static void
show(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	struct sock_world *w = arg;
	char text[300];

	if (getenv("WORLD_LOG"))
		fprintf(stderr, "%8llu %c %s\n", (unsigned long long)w->clock.now_ms,
		    kind == AT_TRACE_IN || kind == AT_TRACE_IN_PAYLOAD ? '<' : '>', bytes ? str_escape(text, sizeof(text), bytes, len) : "(a secret)");
}

static const struct modem_host host = { .changed = changed, .trace = show };

static bool
fits(void *arg, const char *name, const struct tls_peer *p)
{
	struct sock_world *w = arg;

	return w->fits && strstr(p->subject, w->fits) && strstr(name, "example");
}

static void
escaped(void *arg)
{
	module_says(arg, "OK");
}

void
run(struct sock_world *w, unsigned ms)
{
	uint64_t until = w->clock.now_ms + ms, next;
	char bytes[sizeof(queue)];
	size_t i, n;

	for (;;) {
		next = clock_deadline(&w->clock);
		if (!queued && next > until)
			break;
		clock_run(&w->clock, queued || next < w->clock.now_ms ? w->clock.now_ms : next);
		n = queued;
		memcpy(bytes, queue, n);
		queued = 0;
		for (i = 0; i < n; i++)
			hears(w, bytes[i]);
	}
	clock_run(&w->clock, until);
}

void
sock_world_start(struct sock_world *w, const char *modem, const char *one, const char *two)
{
	struct conf_report report = CONF_REPORT_INIT;
	char *text = xasprintf("modems = ( { name = \"gw0\"; device = \"/dev/ttyX\"; pdp = { apn = \"internet\"; }; %s } );\n"
			       "channels = ( { name = \"one\"; modem = \"gw0\"; remote = \"one.example:443\"; %s },\n"
			       "{ name = \"two\"; modem = \"gw0\"; remote = \"two.example:443\"; %s } );\n",
	    modem, one, two);

	if (conf_load_text("world.conf", text, strlen(text), CONF_NO_FILES, &w->conf, &report)) {
		conf_report_print(&report, stderr);
		fail_msg("configuration");
	}
	conf_report_deinit(&report);
	free(text);
	if (w->named)
		w->conf->modems[0].dialect = CONF_DIALECT_CINTERION;
	queued = 0;
	w->wire.ops = &wire_ops;
	w->payload_of = w->online = -1;
	w->grant = 4096;
	w->model = w->model ? w->model : "Made up";
	clock_init(&w->clock, 1000, 1);
	timer_init(&w->escaped, escaped, w);
	w->params = (struct modem_params){ .conf = &w->conf->modems[0], .host = &host, .host_arg = w };
	w->modem = modem_new(&w->clock, &w->wire, &w->params);
	w->channel[0] = channel_new(&w->clock, w->modem, &w->conf->channels[0]);
	w->channel[1] = channel_new(&w->clock, w->modem, &w->conf->channels[1]);
	channel_names(w->channel[0], fits, w);
	channel_names(w->channel[1], fits, w);
	modem_line_up(w->modem);
	run(w, 20000);
}

void
sock_world_stop(struct sock_world *w)
{
	channel_free(w->channel[0]);
	channel_free(w->channel[1]);
	modem_free(w->modem);
	conf_free(w->conf);
}

void
comes_up(struct sock_world *w, int service)
{
	w->service[service].state = SOCK_OPEN;
	module_says(w, "+PEER: %d," CERTIFICATE, service);
	module_says(w, "+UP: %d", service);
	run(w, 100);
}

/* ---- apps ---- */

static struct app_side *
side(struct app *a)
{
	return (struct app_side *)a;
}

static size_t
app_peek(struct app *a, size_t offset, void *bytes, size_t len)
{
	struct app_side *c = side(a);
	size_t at = c->taken + offset, n = at < c->up_len ? c->up_len - at : 0;

	n = n < len ? n : len;
	memcpy(bytes, c->up + at, n);
	return n;
}

static void
app_take(struct app *a, size_t len)
{
	side(a)->taken += len;
}

static size_t
app_waiting(struct app *a)
{
	return side(a)->up_len - side(a)->taken;
}

static enum app_end
app_end(struct app *a)
{
	return side(a)->how;
}

static size_t
app_put(struct app *a, const void *bytes, size_t len)
{
	struct app_side *c = side(a);
	size_t n = len < c->room ? len : c->room;

	memcpy(c->down + c->down_len, bytes, n);
	c->down_len += n;
	c->room -= n;
	return n;
}

static void
app_close(struct app *a)
{
	side(a)->closed = true;
	side(a)->session = NULL;
}

static const struct app_ops app_ops = {
	.peek = app_peek, .take = app_take, .waiting = app_waiting, .end = app_end, .put = app_put, .close = app_close,
};

struct app_side *
arrives(struct sock_world *w, int channel)
{
	struct app_side *c = &w->apps[w->n_apps++];

	c->app.ops = &app_ops;
	c->room = sizeof(c->down) - 1;
	c->session = channel_client(w->channel[channel], &c->app);
	return c;
}

struct app_side *
client(struct sock_world *w, int channel)
{
	struct app_side *c = arrives(w, channel);

	run(w, 100);
	return c;
}

void
says(struct app_side *c, const char *text)
{
	memcpy(c->up + c->up_len, text, strlen(text));
	c->up_len += strlen(text);
	if (c->session)
		session_readable(c->session);
}

void
shuts(struct app_side *c)
{
	c->how = APP_SHUT;
	if (c->session)
		session_readable(c->session);
}

void
leaves(struct app_side *c)
{
	c->how = APP_GONE;
	if (c->session)
		session_readable(c->session);
}

void
reads_on(struct app_side *c)
{
	c->room = sizeof(c->down) - 1 - c->down_len;
	if (c->session)
		session_writable(c->session);
}

const char *
error(const struct sock_world *w, int channel)
{
	return channel_error(w->channel[channel]);
}

bool
is_eof(const struct app_side *c)
{
	return c->closed && c->taken == c->up_len;
}
