/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-openssl.c - the real network: sockets of the host; their TLS is in far-tls.c
 *
 * What to know first: a handshake is driven by readiness; after it, reading and
 * writing happen when the module asks, and epoll is asked only for what came up
 * short.  A closed connection is freed at the end of a turn, since its own
 * events may still be on the stack.
 */
#include "far-openssl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "far-names.h"
#include "far-tls.h"

struct net {
	struct far far;
	int epoll;
	struct far_names names;
	SLIST_HEAD(, conn) closed;
	void (*log)(void *arg, const char *line);
	void *arg;
};

static struct net *
net_of(struct far *far)
{
	return (struct net *)far;
}

void
far_net_log(const struct net *net, const char *line)
{
	if (net->log)
		net->log(net->arg, line);
}

static struct conn *
conn_of(struct far_conn *c)
{
	return (struct conn *)c;
}

/* Readiness. */

static void
ask(struct conn *c)
{
	uint32_t want = 0;
	struct epoll_event ev = { .data.ptr = c };

	if (c->fd < 0)
		return;
	if (c->want_read)
		want |= EPOLLIN | EPOLLRDHUP;
	if (c->want_write || c->read_needs_write)
		want |= EPOLLOUT;
	if (want == c->asked)
		return;
	ev.events = want;
	/* out of epoll altogether when nothing is wanted, else a hang-up would spin */
	epoll_ctl(c->net->epoll, !c->asked ? EPOLL_CTL_ADD : want ? EPOLL_CTL_MOD : EPOLL_CTL_DEL, c->fd, &ev);
	c->asked = want;
}

static void
fail(struct conn *c, enum far_fail why)
{
	c->stage = CONN_OVER;
	c->want_read = c->want_write = c->read_needs_write = false;
	ask(c);
	c->events->failed(c->arg, why);
}

/* False when the module closed at that. */
static bool
show_leaf(struct conn *c)
{
	struct far_leaf leaf;

	if (c->events->certificate && far_tls_leaf(c, &leaf))
		c->events->certificate(c->arg, &leaf);
	return c->stage != CONN_FREED;
}

static void
opened(struct conn *c)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char local[64] = "", remote[64] = "", port[8] = "0";
	struct far_opened how = { .local_ip = local, .remote_ip = remote };

	if (!getpeername(c->fd, (struct sockaddr *)&ss, &len))
		getnameinfo((struct sockaddr *)&ss, len, remote, sizeof(remote), NULL, 0, NI_NUMERICHOST);
	len = sizeof(ss);
	if (!getsockname(c->fd, (struct sockaddr *)&ss, &len))
		getnameinfo((struct sockaddr *)&ss, len, local, sizeof(local), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	how.local_port = (uint16_t)atoi(port);
	if (c->ssl) {
		far_tls_describe(c, &how);
		if (!show_leaf(c))
			return;
	}
	c->stage = CONN_OPEN;
	c->want_read = true;
	c->want_write = false;
	ask(c);
	c->events->opened(c->arg, &how);
}

/* Connecting. */

static void
handshake(struct conn *c)
{
	int r = far_tls_handshake(c);

	if (r < 0) {
		if (!c->bad_cert)
			fail(c, FAR_HANDSHAKE);
		else if (show_leaf(c))
			fail(c, FAR_CERT);
		return;
	}
	if (!r) {
		ask(c);
		c->events->progress(c->arg);
		return;
	}
	opened(c);
	/* data may have come along with the last flight, and then epoll is silent */
	if (c->stage == CONN_OPEN && far_tls_has_pending(c) && c->want_read) {
		c->want_read = false;
		ask(c);
		c->events->readable(c->arg);
	}
}

/* Makes a socket that is certainly ready, so that a failure is told on a later turn. */
static void
fail_later(struct conn *c)
{
	c->stage = CONN_EARLY_FAIL;
	c->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	c->want_write = true;
	ask(c);
}

static void
connect_next(struct conn *c)
{
	while (c->next) {
		struct addrinfo *ai = c->next;

		c->next = ai->ai_next;
		c->fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (c->fd < 0)
			continue;
		if (!connect(c->fd, ai->ai_addr, ai->ai_addrlen) || errno == EINPROGRESS) {
			c->stage = CONN_CONNECTING;
			c->want_read = false;
			c->want_write = true;
			ask(c);
			return;
		}
		c->why = errno == ETIMEDOUT ? FAR_TIMEOUT : FAR_REFUSED;
		close(c->fd);
		c->fd = -1;
	}
	fail_later(c);
}

static void
connected(struct conn *c)
{
	int on = 1;

	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!c->ssl) {
		opened(c);
		return;
	}
	far_tls_start(c);
	c->stage = CONN_HANDSHAKE;
	handshake(c);
}

static void
connect_check(struct conn *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (!error) {
		connected(c);
		return;
	}
	c->why = error == ETIMEDOUT ? FAR_TIMEOUT : FAR_REFUSED;
	epoll_ctl(c->net->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	c->asked = 0;
	close(c->fd);
	c->fd = -1;
	connect_next(c);
}

static struct far_conn *
conn_open(struct far *far, const struct far_params *p, const struct far_events *events, void *arg)
{
	struct addrinfo hints = { .ai_socktype = p->udp ? SOCK_DGRAM : SOCK_STREAM };
	struct conn *c = xcalloc(1, sizeof(*c));
	const char *host = p->host;
	char port[8];

	c->conn.far = far;
	c->net = net_of(far);
	c->fd = -1;
	c->events = events;
	c->arg = arg;
	c->max_record = p->max_record;
	c->max_cert = p->max_cert;
	snprintf(port, sizeof(port), "%u", p->port);
	far_names_find(&c->net->names, &host, port, sizeof(port));
	if (getaddrinfo(host, port, &hints, &c->addresses)) {
		c->why = FAR_DNS;
		fail_later(c);
		return &c->conn;
	}
	c->next = c->addresses;
	if (p->tls && !far_tls_make(c, p)) {
		fail_later(c);
		return &c->conn;
	}
	connect_next(c);
	return &c->conn;
}

/* Data. */

static void
over(struct conn *c, enum far_end how)
{
	c->stage = CONN_OVER;
	c->want_read = c->want_write = c->read_needs_write = false;
	ask(c);
	c->ended = true;
	c->aborted = how != FAR_CLOSED;
}

/* Reads once, or looks only; 0: not now.  Sets `how` and returns -1 at the end. */
static ssize_t
receive(struct conn *c, void *bytes, size_t size, int flags, enum far_end *how)
{
	ssize_t n = recv(c->fd, bytes, size, flags);

	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	*how = n ? FAR_ABORTED : FAR_CLOSED;
	return -1;
}

static size_t
conn_read(struct far_conn *fc, void *bytes, size_t size)
{
	struct conn *c = conn_of(fc);
	size_t done = 0;
	enum far_end how;

	while (c->stage == CONN_OPEN && done < size) {
		char *to = (char *)bytes + done;
		ssize_t n = c->ssl ? far_tls_read(c, to, size - done, &how) : receive(c, to, size - done, 0, &how);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0) {
			c->end_found = c->want_write = true; /* a turn comes at once, or with room */
			c->how = how;
		}
		c->want_read = n == 0;
		ask(c);
		break;
	}
	return done;
}

static size_t
conn_write(struct far_conn *fc, const void *bytes, size_t len)
{
	struct conn *c = conn_of(fc);
	size_t done = 0;

	if (c->stage != CONN_OPEN || c->finishing)
		return len;
	while (done < len) {
		const char *from = (const char *)bytes + done;
		ssize_t n = 0;

		if (!c->ssl) {
			n = send(c->fd, from, len - done, MSG_NOSIGNAL);
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				n = 0;
		} else if (far_tls_flush(c)) {
			n = far_tls_write(c, from, len - done);
		}
		if (n < 0)
			return len; /* dead: reading tells */
		done += (size_t)n;
		if (!n || c->pending) {
			c->want_write = true;
			ask(c);
			return done;
		}
	}
	return done;
}

/* The rest of what was taken, a close_notify, a FIN; goes on when there is room. */
static void
finish(struct conn *c)
{
	c->finished = !c->ssl || far_tls_notify(c);
	c->want_write = !c->finished || c->end_found;
	if (c->finished)
		shutdown(c->fd, SHUT_WR);
	ask(c);
}

static void
conn_finish(struct far_conn *fc)
{
	struct conn *c = conn_of(fc);

	if (c->stage != CONN_OPEN || c->finishing)
		return;
	c->finishing = true;
	finish(c);
}

/* The module is told that it can read; whether that is data or the end shows by looking. */
static void
readable(struct conn *c)
{
	char peek[1];
	enum far_end how = FAR_CLOSED;
	ssize_t n;

	c->read_needs_write = false;
	n = c->ssl ? far_tls_peek(c, &how) : receive(c, peek, 1, MSG_PEEK, &how);
	if (!n)
		return;
	if (n > 0) {
		c->want_read = false;
		ask(c);
		c->events->readable(c->arg);
		return;
	}
	over(c, how);
	c->events->ended(c->arg, how);
}

static struct far_session *
conn_session(struct far_conn *fc)
{
	struct conn *c = conn_of(fc);

	return c->ssl && c->stage >= CONN_OPEN ? far_tls_session(c) : NULL;
}

static void
conn_close(struct far_conn *fc, bool abort_it)
{
	struct linger now = { .l_onoff = 1 };
	struct conn *c = conn_of(fc);

	c->want_read = c->want_write = c->read_needs_write = false;
	ask(c);
	if (c->fd >= 0) {
		if (abort_it)
			setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		else if (c->ssl && c->stage >= CONN_OPEN)
			far_tls_shutdown(c);
		close(c->fd);
	}
	c->fd = -1;
	c->stage = CONN_FREED;
	SLIST_INSERT_HEAD(&c->net->closed, c, link);
}

static const struct far_ops ops = {
	.open = conn_open,
	.read = conn_read,
	.write = conn_write,
	.finish = conn_finish,
	.session = conn_session,
	.session_free = far_tls_session_free,
	.close = conn_close,
};

static void
free_closed(struct net *net)
{
	struct conn *c;

	while ((c = SLIST_FIRST(&net->closed))) {
		SLIST_REMOVE_HEAD(&net->closed, link);
		if (c->addresses)
			freeaddrinfo(c->addresses);
		far_tls_free(c);
		free(c);
	}
}

static void
conn_run(struct conn *c, uint32_t got)
{
	switch (c->stage) {
	case CONN_EARLY_FAIL:
		fail(c, c->why);
		break;
	case CONN_CONNECTING:
		connect_check(c);
		break;
	case CONN_HANDSHAKE:
		handshake(c);
		break;
	case CONN_OPEN:
		if (c->end_found) {
			over(c, c->how);
			c->events->ended(c->arg, c->how);
			break;
		}
		if (c->finishing) {
			if (!c->finished && got & EPOLLOUT)
				finish(c);
		} else if (got & EPOLLOUT && c->want_write && (!c->ssl || far_tls_flush(c))) {
			c->want_write = false;
			ask(c);
			c->events->writable(c->arg);
		}
		if (c->stage == CONN_OPEN && (c->want_read || c->read_needs_write) && got & ~(uint32_t)EPOLLOUT)
			readable(c);
		break;
	case CONN_OVER:
	case CONN_FREED:
		break;
	}
}

void
far_openssl_run(struct far *far)
{
	struct net *net = net_of(far);
	struct epoll_event ev[16];
	int n = epoll_wait(net->epoll, ev, 16, 0);

	for (int i = 0; i < n; i++)
		conn_run(ev[i].data.ptr, ev[i].events);
	free_closed(net);
}

int
far_openssl_fd(const struct far *far)
{
	return ((const struct net *)far)->epoll;
}

bool
far_openssl_resolve(struct far *far, const char *rule)
{
	return far_names_add(&net_of(far)->names, rule);
}

struct far *
far_openssl_new(void (*log)(void *arg, const char *line), void *arg)
{
	struct net *net = xcalloc(1, sizeof(*net));

	net->far.ops = &ops;
	net->epoll = epoll_create1(EPOLL_CLOEXEC);
	net->log = log;
	net->arg = arg;
	return &net->far;
}

void
far_openssl_free(struct far *far)
{
	struct net *net = net_of(far);

	free_closed(net);
	far_names_deinit(&net->names);
	close(net->epoll);
	free(net);
}
