/* SPDX-License-Identifier: Apache-2.0 */
#include "far-memory.h"

#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

struct far_session {
	char host[256];
	uint16_t port, suite;
};

uint8_t
peer_pattern(uint64_t i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 13 + (i >> 16));
}

static struct peer *
peer_of(struct far_conn *c)
{
	return (struct peer *)c;
}

static void
wake(struct peer *p)
{
	if (!p->module_closed && p->dialled)
		timer_in(p->net->clock, &p->timer, 0);
}

/* False when the module closed at that. */
static bool
show_leaf(struct peer *p)
{
	if (p->events->certificate && p->tls && *p->leaf.subject && !p->resumed)
		p->events->certificate(p->arg, &p->leaf);
	return !p->module_closed;
}

static void
answer_dial(struct peer *p)
{
	struct far_opened how = { .version = p->tls ? 0x0301 : 0, .resumed = p->resumed, .local_port = 40000 };

	if (p->mode == PEER_SILENT)
		return;
	p->dialled = true;
	if (p->net->wants_ca && p->mode != PEER_REFUSE && p->verify && !p->n_ca) {
		p->mode = PEER_REFUSE;
		p->why = FAR_CERT;
	}
	if (p->mode == PEER_REFUSE) {
		if (p->why != FAR_CERT || show_leaf(p))
			p->events->failed(p->arg, p->why);
		return;
	}
	if (!show_leaf(p))
		return;
	if (p->tls && !p->suite)
		p->suite = p->offered[0];
	how.suite = p->tls ? p->suite : 0;
	how.remote_ip = "192.0.2.1";
	how.local_ip = "10.64.13.7";
	how.local_port = (uint16_t)(40000 + p->number);
	p->open = p->read_wanted = true;
	wake(p);
	p->events->opened(p->arg, &how);
}

static size_t
waiting(const struct peer *p)
{
	return p->sending.len + p->flood_left;
}

/* One event a turn: the module may close in any of them. */
static void
run(void *arg)
{
	struct peer *p = arg;

	if (p->module_closed)
		return;
	if (!p->dialled) {
		answer_dial(p);
		return;
	}
	if (!p->open || p->ended)
		return;
	if (p->ending && (p->how == FAR_ABORTED || !waiting(p))) {
		p->ended = true;
		p->events->ended(p->arg, p->how);
		return;
	}
	if (p->write_wanted && p->room) {
		p->write_wanted = false;
		wake(p);
		p->events->writable(p->arg);
		return;
	}
	if (p->read_wanted && waiting(p)) {
		p->read_wanted = false;
		wake(p);
		p->events->readable(p->arg);
	}
}

static void
default_leaf(struct peer *p)
{
	snprintf(p->leaf.subject, sizeof(p->leaf.subject), "/C=DE/O=Test/CN=%s", p->host);
	str_copy(p->leaf.issuer, sizeof(p->leaf.issuer), "/C=DE/O=Test/CN=Test CA");
	str_copy(p->leaf.serial, sizeof(p->leaf.serial), "01F4");
	str_copy(p->leaf.signature, sizeof(p->leaf.signature), "sha1RSA");
	str_copy(p->leaf.thumbprint, sizeof(p->leaf.thumbprint), "0123456789ABCDEF0123456789ABCDEF01234567");
}

static struct far_conn *
memory_open(struct far *far, const struct far_params *params, const struct far_events *events, void *arg)
{
	struct far_memory *net = (struct far_memory *)far;
	struct peer *p = xcalloc(1, sizeof(*p));

	p->conn.far = far;
	p->net = net;
	p->next = net->peers;
	net->peers = p;
	p->number = ++net->n_peers;
	p->events = events;
	p->arg = arg;
	str_copy(p->host, sizeof(p->host), params->host);
	p->port = params->port;
	p->tls = params->tls;
	p->verify = params->verify;
	p->n_ca = params->n_ca;
	for (size_t i = 0; i < params->n_ca; i++)
		p->ca_len += params->ca[i].len;
	p->cert_len = params->cert.len;
	p->key_len = params->key.len;
	p->now_s = params->now_s;
	default_leaf(p);
	for (size_t i = 0; i < params->n_suites && i < 8; i++)
		p->offered[p->n_offered++] = params->suites[i];
	p->resume = params->resume != NULL;
	p->resumed = p->resume && !net->refuse_resumption;
	if (p->resumed)
		p->suite = params->resume->suite;
	p->mode = net->mode;
	p->why = net->why;
	p->delay_ms = net->delay_ms;
	p->room = p->keep = SIZE_MAX;
	if (p->mode == PEER_FLOOD)
		p->flood_left = net->flood;
	timer_init(&p->timer, run, p);
	if (net->on_dial)
		net->on_dial(p, net->arg);
	timer_in(net->clock, &p->timer, p->delay_ms);
	return &p->conn;
}

static size_t
memory_read(struct far_conn *c, void *bytes, size_t size)
{
	struct peer *p = peer_of(c);
	uint8_t *to = bytes;
	size_t n = p->sending.len < size ? p->sending.len : size;

	if (p->ended || !p->open)
		return 0;
	if (n) {
		memcpy(to, fifo_bytes(&p->sending), n);
		fifo_drop(&p->sending, n);
	}
	while (n < size && p->flood_left) {
		to[n++] = peer_pattern(p->flood_done++);
		p->flood_left--;
	}
	p->sent_len += n;
	if (n < size)
		p->read_wanted = true;
	if (!waiting(p) && p->ending)
		wake(p);
	return n;
}

static size_t
memory_write(struct far_conn *c, const void *bytes, size_t len)
{
	struct peer *p = peer_of(c);
	size_t n = len < p->room ? len : p->room, kept;

	if (!p->open || p->ended || p->finished)
		return len; /* into the void, as until a reset comes back */
	if (p->room != SIZE_MAX)
		p->room -= n;
	kept = p->received.len < p->keep ? p->keep - p->received.len : 0;
	fifo_put(&p->received, bytes, n < kept ? n : kept);
	p->received_len += n;
	if (p->mode == PEER_ECHO && n)
		peer_send(p, bytes, n);
	if (n < len)
		p->write_wanted = true;
	return n;
}

static void
memory_finish(struct far_conn *c)
{
	struct peer *p = peer_of(c);

	p->finished = true;
	if (p->mode == PEER_ECHO)
		peer_close(p);
}

static struct far_session *
memory_session(struct far_conn *c)
{
	struct peer *p = peer_of(c);
	struct far_session *s = xcalloc(1, sizeof(*s));

	str_copy(s->host, sizeof(s->host), p->host);
	s->port = p->port;
	s->suite = p->suite;
	return s;
}

static void
memory_session_free(struct far_session *s)
{
	free(s);
}

static void
memory_close(struct far_conn *c, bool abort_it)
{
	struct peer *p = peer_of(c);

	timer_stop(p->net->clock, &p->timer);
	p->module_closed = true;
	p->module_aborted = abort_it;
	p->open = false;
}

static const struct far_ops ops = {
	.open = memory_open,
	.read = memory_read,
	.write = memory_write,
	.finish = memory_finish,
	.session = memory_session,
	.session_free = memory_session_free,
	.close = memory_close,
};

struct far_memory *
far_memory_new(struct clock *clock)
{
	struct far_memory *net = xcalloc(1, sizeof(*net));

	net->far.ops = &ops;
	net->clock = clock;
	return net;
}

void
far_memory_free(struct far_memory *net)
{
	struct peer *p, *next;

	for (p = net->peers; p; p = next) {
		next = p->next;
		timer_stop(net->clock, &p->timer);
		fifo_deinit(&p->received);
		fifo_deinit(&p->sending);
		free(p);
	}
	free(net);
}

struct peer *
far_memory_peer(struct far_memory *net)
{
	return net->peers;
}

void
peer_send(struct peer *p, const void *bytes, size_t len)
{
	fifo_put(&p->sending, bytes, len);
	wake(p);
}

void
peer_sends(struct peer *p, const char *text)
{
	peer_send(p, text, strlen(text));
}

static void
end(struct peer *p, enum far_end how)
{
	p->ending = true;
	p->how = how;
	wake(p);
}

void
peer_close(struct peer *p)
{
	end(p, FAR_CLOSED);
}

void
peer_abort(struct peer *p)
{
	end(p, FAR_ABORTED);
}

void
peer_break(struct peer *p)
{
	end(p, FAR_BROKEN);
}

void
peer_takes(struct peer *p, size_t room)
{
	p->room = room;
	wake(p);
}
