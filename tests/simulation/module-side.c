/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/module-side.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "port/pace.h"
#include "sim/far-memory.h"
#include "sim/module.h"

struct side {
	struct wire wire;
	struct clock *clock;
	struct module *module;
	struct far_memory *net;
	bool stopped, refused, has_carrier, has_dtr;
	char letters[32];    /* the next peers */
	struct side_leaf leaf; /* and what they show */
	void (*on_dial)(void *arg, int number);
	void *on_dial_arg;
	void (*on_event)(void *arg, const char *what);
	void *on_event_arg;
	bool host_mute;
	struct pace pace;    /* as port.c keeps it */
	bool outq_hidden;
	unsigned rate;	     /* of the host, 0: it has none */
	struct timer wake;
	uint64_t drained_ms; /* of the last byte taken, as expected when it was */
};

static struct side *
of(struct wire *w)
{
	return (struct side *)w;
}

/* TIOCOUTQ, where it tells. */
static size_t
outq(const struct side *s)
{
	return s->outq_hidden ? 0 : module_host_pending(s->module);
}

static size_t
wire_room(struct wire *w)
{
	struct side *s = of(w);
	size_t room = module_host_room(s->module), paced;

	if (s->host_mute)
		return 0;
	pace_saw(&s->pace, outq(s));
	paced = pace_room(&s->pace, outq(s), s->clock->now_ms);
	return paced < room ? paced : room;
}

static size_t
wire_write(struct wire *w, const void *bytes, size_t len)
{
	size_t room = wire_room(w), n = module_host_bytes(of(w)->module, bytes, len < room ? len : room);

	pace_wrote(&of(w)->pace, n, of(w)->clock->now_ms);
	of(w)->refused |= n < len || !wire_room(w);
	if (n)
		of(w)->drained_ms = module_host_drained_ms(of(w)->module);
	if (of(w)->refused)
		timer_at(of(w)->clock, &of(w)->wake, pace_when(&of(w)->pace, outq(of(w)), of(w)->clock->now_ms));
	return n;
}

static size_t
wire_flush(struct wire *w)
{
	size_t n = of(w)->host_mute ? 0 : module_host_flush(of(w)->module);

	pace_flushed(&of(w)->pace, n, of(w)->clock->now_ms);
	return n;
}

static uint64_t
wire_drained_ms(struct wire *w)
{
	struct side *s = of(w);
	uint64_t ms;

	if (!module_host_pending(s->module))
		return s->drained_ms;
	ms = module_host_drained_ms(s->module);
	return ms > s->clock->now_ms ? ms : s->clock->now_ms + 1; /* the module holds the line up */
}

static int
wire_carrier(struct wire *w)
{
	return of(w)->has_carrier ? module_carrier(of(w)->module) : -1;
}

static bool
wire_dtr(struct wire *w, bool on)
{
	if (of(w)->has_dtr)
		module_event(of(w)->module, on ? SIM_DTR_RAISE : SIM_DTR_DROP);
	return of(w)->has_dtr;
}

static bool
wire_rate(struct wire *w, unsigned baud)
{
	struct side *s = of(w);

	if (!s->rate) /* no matter which, or there is none */
		return false;
	s->rate = baud;
	module_host_rate(s->module, baud);
	pace_init(&s->pace, baud);
	return true;
}

static void
wire_reading(struct wire *w, bool on)
{
	of(w)->stopped = !on;
}

static const struct wire_ops wire_ops = {
	.room = wire_room,
	.write = wire_write,
	.flush = wire_flush,
	.drained_ms = wire_drained_ms,
	.carrier = wire_carrier,
	.dtr = wire_dtr,
	.rate = wire_rate,
	.reading = wire_reading,
};

static void
woken(void *arg)
{
	(void)arg; /* the next side_has_room() sees it */
}

static const enum peer_mode modes[] = {
	[SIDE_COLLECT] = PEER_COLLECT,
	[SIDE_ECHO] = PEER_ECHO,
	[SIDE_FLOOD] = PEER_FLOOD,
	[SIDE_REFUSE] = PEER_REFUSE,
	[SIDE_SILENT] = PEER_SILENT,
	[SIDE_UNTRUSTED] = PEER_REFUSE,
};

static enum far_fail
why(enum side_peer mode)
{
	return mode == SIDE_UNTRUSTED ? FAR_CERT : FAR_HANDSHAKE;
}

static void
on_dial(struct peer *p, void *arg)
{
	static const char known[] = "cefrsu";
	struct side *s = arg;

	if (s->leaf.subject)
		str_copy(p->leaf.subject, sizeof(p->leaf.subject), s->leaf.subject);
	if (s->leaf.issuer)
		str_copy(p->leaf.issuer, sizeof(p->leaf.issuer), s->leaf.issuer);
	if (s->on_dial)
		s->on_dial(s->on_dial_arg, p->number);
	if (!s->letters[0])
		return;
	p->why = why(strchr(known, s->letters[0]) - known);
	p->mode = modes[strchr(known, s->letters[0]) - known];
	memmove(s->letters, s->letters + 1, sizeof(s->letters) - 1);
}

/* "> command" and "= result" are the conversation, which the daemon's own trace has. */
static void
module_logs(void *arg, const char *line)
{
	struct side *s = arg;

	if (s->on_event && line[0] != '>' && line[0] != '=')
		s->on_event(s->on_event_arg, line[0] == '*' ? line + 2 : line);
}

struct side *
side_new(struct clock *clock, const struct side_conf *conf)
{
	struct side *s = xcalloc(1, sizeof(*s));
	struct faults faults = FAULTS_NONE;
	char err[200];
	struct module_opts opts = {
		.family = conf->family,
		.line_rate = conf->line_rate,
		.module_rate = conf->module_rate,
		.latency_ms = conf->latency_ms,
		.seed = conf->seed,
		.boot_ms = conf->boot_ms,
		.register_ms = conf->register_ms,
		.attach_ms = conf->attach_ms,
		.activate_ms = conf->activate_ms,
		.clock_unset = conf->clock_unset,
		.network_time = conf->network_time,
		.time_zone = conf->time_zone,
		.sim_pin = conf->sim_pin,
		.no_sim = conf->no_sim,
		.tls_sockets = conf->tls_sockets,
		.no_spaces = conf->no_spaces,
		.pdp_user = conf->pdp_user,
		.pdp_password = conf->pdp_password,
		.lacks = (conf->without_sendext ? SIM_SENDEXT : 0) | (conf->without_ring ? SIM_SSLRING : 0) |
			 (conf->without_reboot ? SIM_REBOOT : 0) | (conf->without_enhrst ? SIM_ENHRST : 0),
		.faults = &faults,
		.log = module_logs,
		.arg = s,
	};

	if (conf->faults && !faults_parse(&faults, conf->faults, err, sizeof(err))) {
		fprintf(stderr, "%s\n", err);
		abort();
	}
	s->wire.ops = &wire_ops;
	s->clock = clock;
	s->has_carrier = conf->carrier;
	s->has_dtr = conf->dtr;
	s->outq_hidden = conf->outq_hidden;
	pace_init(&s->pace, conf->line_rate);
	timer_init(&s->wake, woken, s);
	s->net = far_memory_new(clock);
	s->net->on_dial = on_dial;
	s->net->arg = s;
	s->module = module_new(clock, &opts, &s->net->far);
	assert(s->module);
	if (conf->module_rate)
		s->rate = conf->line_rate;
	module_host_rate(s->module, s->rate);
	return s;
}

void
side_free(struct side *s)
{
	timer_stop(s->clock, &s->wake);
	module_free(s->module);
	far_memory_free(s->net);
	free(s);
}

struct wire *
side_wire(struct side *s)
{
	return &s->wire;
}

unsigned
side_rate(const struct side *s)
{
	return s->rate;
}

const void *
side_output(struct side *s, size_t *ret_len)
{
	return s->stopped ? NULL : module_output(s->module, ret_len);
}

void
side_output_drop(struct side *s, size_t len)
{
	module_output_drop(s->module, len);
}

bool
side_has_room(struct side *s)
{
	if (!s->refused || s->wake.state != TIMER_OFF)
		return false;
	if (!wire_room(&s->wire)) {
		timer_at(s->clock, &s->wake, s->clock->now_ms + 1);
		return false;
	}
	s->refused = false;
	return true;
}

void
side_next_peer(struct side *s, enum side_peer mode, size_t flood)
{
	s->net->mode = modes[mode];
	s->net->why = why(mode);
	s->net->flood = flood;
}

void
side_next_peers(struct side *s, const char *letters)
{
	str_copy(s->letters, sizeof(s->letters), letters);
}

void
side_next_leaf(struct side *s, struct side_leaf leaf)
{
	s->leaf = leaf;
}

void
side_on_dial(struct side *s, void (*fn)(void *arg, int number), void *arg)
{
	s->on_dial = fn;
	s->on_dial_arg = arg;
}

void
side_dial_takes(struct side *s, uint64_t ms)
{
	s->net->delay_ms = ms;
}

void
side_refuse_resumption(struct side *s, bool on)
{
	s->net->refuse_resumption = on;
}

static struct peer *
peer(const struct side *s, int number)
{
	struct peer *p;

	for (p = s->net->peers; p && p->number != number; p = p->next)
		;
	return p;
}

/* Of a dial that was. */
static struct peer *
known(const struct side *s, int number)
{
	struct peer *p = peer(s, number);

	assert(p);
	return p;
}

int
side_dials(const struct side *s)
{
	return s->net->n_peers;
}

struct side_dial
side_dial(const struct side *s, int number)
{
	const struct peer *p = known(s, number);
	struct side_dial d;
	size_t i;

	d = (struct side_dial){
		.host = p->host,
		.port = p->port,
		.verify = (unsigned)p->verify,
		.tls = p->tls,
		.ca_len = p->ca_len,
		.cert_len = p->cert_len,
		.key_len = p->key_len,
		.now_s = p->now_s,
		.resumed = p->resumed,
		.open = p->open,
		.module_closed = p->module_closed,
		.finished = p->finished,
	};
	for (i = 0; i < p->n_offered; i++)
		d.offered[d.n_offered++] = p->offered[i];
	return d;
}

bool
side_open(const struct side *s, int number)
{
	const struct peer *p = peer(s, number);

	return p && p->open;
}

int
side_open_dials(const struct side *s)
{
	const struct peer *p;
	int n = 0;

	for (p = s->net->peers; p; p = p->next)
		n += p->open;
	return n;
}

void
side_send(struct side *s, int number, const void *bytes, size_t len)
{
	peer_send(known(s, number), bytes, len);
}

void
side_close(struct side *s, int number)
{
	peer_close(known(s, number));
}

void
side_abort(struct side *s, int number)
{
	peer_abort(known(s, number));
}

void
side_break(struct side *s, int number)
{
	peer_break(known(s, number));
}

void
side_takes(struct side *s, int number, size_t room)
{
	peer_takes(known(s, number), room);
}

bool
side_peer_open(const struct side *s)
{
	return side_open(s, side_dials(s));
}

void
side_peer_send(struct side *s, const void *bytes, size_t len)
{
	side_send(s, side_dials(s), bytes, len);
}

void
side_peer_close(struct side *s)
{
	side_close(s, side_dials(s));
}

void
side_peer_abort(struct side *s)
{
	side_abort(s, side_dials(s));
}

void
side_peer_break(struct side *s)
{
	side_break(s, side_dials(s));
}

void
side_peer_takes(struct side *s, size_t room)
{
	side_takes(s, side_dials(s), room);
}

uint64_t
side_peer_received(const struct side *s, int number)
{
	const struct peer *p = peer(s, number);

	return p ? p->received_len : 0;
}

const uint8_t *
side_peer_bytes(const struct side *s, int number, size_t *ret_len)
{
	struct peer *p = peer(s, number);

	*ret_len = p ? p->received.len : 0;
	return p && p->received.data ? p->received.data + p->received.head : NULL;
}

uint64_t
side_peer_sent(const struct side *s, int number)
{
	const struct peer *p = peer(s, number);

	return p ? p->sent_len : 0;
}

void
side_accident(struct side *s, enum side_accident accident)
{
	static const enum sim_event events[] = { SIM_RESET, SIM_DROP_CONTEXT, SIM_REMOVE_CARD, SIM_INSERT_CARD, SIM_PEER_CLOSE,
		SIM_PEER_ABORT, SIM_DEREGISTER, SIM_REGISTER, SIM_ROAM, SIM_DENY, SIM_POWER };

	module_event(s->module, events[accident]);
}

void
side_swap_sim(struct side *s, const char *pin)
{
	module_swap_card(s->module, pin);
}

void
side_network_time(struct side *s, int64_t seconds)
{
	module_network_time(s->module, seconds);
}

void
side_garbage(struct side *s, size_t len)
{
	module_garbage(s->module, len);
}

void
side_mute(struct side *s, bool on)
{
	module_mute(s->module, on);
}

void
side_host_mute(struct side *s, bool on)
{
	s->host_mute = on;
}

void
side_on_event(struct side *s, void (*fn)(void *arg, const char *what), void *arg)
{
	s->on_event = fn;
	s->on_event_arg = arg;
}

void
side_fault(struct side *s, const char *spec)
{
	char err[200];

	if (!module_fault(s->module, spec, err, sizeof(err))) {
		fprintf(stderr, "%s\n", err);
		abort();
	}
}

void
side_urc(struct side *s, const char *text)
{
	module_urc(s->module, text);
}

void
side_type(struct side *s, const char *text)
{
	module_host_bytes(s->module, text, strlen(text));
}

uint64_t
side_counter(const struct side *s, const char *name)
{
	char text[4096], *line, *rest;
	size_t len = strlen(name);

	module_counters_text(s->module, text, sizeof(text));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, name, len) && line[len] == ' ')
			return strtoull(line + len, NULL, 10);
	abort();
}

uint8_t
side_pattern(uint64_t i)
{
	return peer_pattern(i);
}
