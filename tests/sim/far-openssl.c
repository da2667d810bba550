/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-openssl.c - the real network: sockets of the host, TLS by OpenSSL
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
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

struct rule {
	SLIST_ENTRY(rule) link;
	char name[256], address[64], port[8];
};

struct net {
	struct far far;
	int epoll;
	SLIST_HEAD(, rule) rules;
	SLIST_HEAD(, conn) closed;
	void (*log)(void *arg, const char *line);
	void *arg;
};

enum stage { CONN_EARLY_FAIL, CONN_CONNECTING, CONN_HANDSHAKE, CONN_OPEN, CONN_OVER, CONN_FREED };

struct conn {
	struct far_conn conn;
	struct net *net;
	SLIST_ENTRY(conn) link;
	enum stage stage;
	int fd;
	uint32_t asked;
	enum far_fail why;
	bool tls, want_read, want_write, read_needs_write, ended, aborted;
	bool end_found; /* by a read; told on the next turn */
	enum far_end how;
	uint8_t *pending; /* what OpenSSL must be given again */
	size_t pending_len;
	struct addrinfo *addresses, *next;
	SSL_CTX *ctx;
	SSL *ssl;
	size_t max_record, max_cert;
	bool bad_cert, bad_record;
	const struct far_events *events;
	void *arg;
};

struct far_session {
	SSL_SESSION *session;
};

static struct net *
net_of(struct far *far)
{
	return (struct net *)far;
}

static struct conn *
conn_of(struct far_conn *c)
{
	return (struct conn *)c;
}

static void
note(struct conn *c, const char *what)
{
	char text[256], reason[128] = "";
	unsigned long e = ERR_peek_last_error();

	if (e)
		ERR_error_string_n(e, reason, sizeof(reason));
	snprintf(text, sizeof(text), "far: %s%s%s", what, *reason ? ": " : "", reason);
	if (c->net->log)
		c->net->log(c->net->arg, text);
	ERR_clear_error();
}

/* Suites by number; the names are OpenSSL's. */

static const struct {
	uint16_t number;
	const char *name;
} suites[] = {
	{ 0x0001, "NULL-MD5" },	   { 0x0002, "NULL-SHA" },     { 0x0004, "RC4-MD5" },	 { 0x0005, "RC4-SHA" },
	{ 0x0009, "DES-CBC-SHA" }, { 0x000A, "DES-CBC3-SHA" }, { 0x002F, "AES128-SHA" }, { 0x0035, "AES256-SHA" },
};

const char *
far_openssl_suite_name(uint16_t suite)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].number == suite)
			return suites[i].name;
	return "unknown";
}

bool
far_openssl_can(uint16_t suite)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char list[64];
	bool can;

	snprintf(list, sizeof(list), "%s:@SECLEVEL=0", far_openssl_suite_name(suite));
	can = ctx && SSL_CTX_set_cipher_list(ctx, list) == 1;
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return can;
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

/* TLS. */

static int
verify_cb(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct conn *c = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);

	if (ok && c->max_cert && cert && i2d_X509(cert, NULL) > (int)c->max_cert) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
		ok = 0;
	}
	c->bad_cert |= !ok;
	return ok;
}

/* Sees the header of each record before it is decrypted. */
static void
record_cb(int write_p, int version, int type, const void *bytes, size_t len, SSL *ssl, void *arg)
{
	const uint8_t *head = bytes;
	struct conn *c = arg;

	(void)version;
	(void)ssl;
	if (write_p || type != SSL3_RT_HEADER || len < 5 || !c->max_record)
		return;
	if ((size_t)(head[3] << 8 | head[4]) > c->max_record)
		c->bad_record = true;
}

static X509 *
read_cert(BIO *in, bool der)
{
	return der ? d2i_X509_bio(in, NULL) : PEM_read_bio_X509(in, NULL, NULL, NULL);
}

static bool
use_items(struct conn *c, const struct far_params *p)
{
	const struct far_item *item[3] = { &p->ca, &p->cert, &p->key };
	bool good = true;

	for (int i = 0; i < 3 && good; i++) {
		bool der = item[i]->len && *(const uint8_t *)item[i]->bytes == 0x30;
		X509 *cert = NULL;
		EVP_PKEY *key = NULL;
		BIO *in;

		if (!item[i]->len)
			continue;
		in = BIO_new_mem_buf(item[i]->bytes, (int)item[i]->len);
		if (i < 2)
			cert = read_cert(in, der);
		else
			key = der ? d2i_PrivateKey_bio(in, NULL) : PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
		if (i == 0)
			good = cert && X509_STORE_add_cert(SSL_CTX_get_cert_store(c->ctx), cert) == 1;
		else if (i == 1)
			good = cert && SSL_CTX_use_certificate(c->ctx, cert) == 1;
		else
			good = key && SSL_CTX_use_PrivateKey(c->ctx, key) == 1;
		X509_free(cert);
		EVP_PKEY_free(key);
		BIO_free(in);
	}
	return good;
}

static bool
make_ssl(struct conn *c, const struct far_params *p)
{
	char list[256] = "";

	c->ctx = SSL_CTX_new(TLS_client_method());
	for (size_t i = 0; i < p->n_suites; i++)
		str_add(list, sizeof(list), "%s:", far_openssl_suite_name(p->suites[i]));
	str_add(list, sizeof(list), "@SECLEVEL=0");
	/* no tickets: what these modules resume is a session id */
	SSL_CTX_set_options(c->ctx, SSL_OP_NO_TICKET | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(c->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_set_min_proto_version(c->ctx, p->min_version);
	SSL_CTX_set_max_proto_version(c->ctx, p->max_version);
	if (SSL_CTX_set_cipher_list(c->ctx, list) != 1) {
		note(c, "no such cipher suite in this OpenSSL");
		c->why = FAR_HANDSHAKE;
		return false;
	}
	if (!use_items(c, p)) {
		note(c, "stored certificate or key cannot be used");
		c->why = FAR_ITEMS;
		return false;
	}
	SSL_CTX_set_verify(c->ctx, p->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, p->verify ? verify_cb : NULL);
	X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(c->ctx), (time_t)p->now_s);
	c->ssl = SSL_new(c->ctx);
	SSL_set_app_data(c->ssl, c);
	SSL_set_connect_state(c->ssl);
	if (c->max_record) {
		SSL_set_msg_callback(c->ssl, record_cb);
		SSL_set_msg_callback_arg(c->ssl, c);
	}
	if (p->resume)
		SSL_set_session(c->ssl, p->resume->session);
	return true;
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
		how.suite = (uint16_t)SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(c->ssl));
		how.version = (uint16_t)SSL_version(c->ssl);
		how.resumed = SSL_session_reused(c->ssl);
	}
	c->stage = CONN_OPEN;
	c->want_read = true;
	c->want_write = false;
	ask(c);
	c->events->opened(c->arg, &how);
}

static void
handshake(struct conn *c)
{
	int r, e;

	ERR_clear_error();
	r = SSL_do_handshake(c->ssl);
	if (r == 1) {
		opened(c);
		/* data may have come along with the last flight, and then epoll is silent */
		if (c->stage == CONN_OPEN && SSL_has_pending(c->ssl) && c->want_read) {
			c->want_read = false;
			ask(c);
			c->events->readable(c->arg);
		}
		return;
	}
	e = SSL_get_error(c->ssl, r);
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) {
		c->want_read = e == SSL_ERROR_WANT_READ;
		c->want_write = !c->want_read;
		ask(c);
		c->events->progress(c->arg);
		return;
	}
	note(c, "handshake failed");
	fail(c, c->bad_cert ? FAR_CERT : FAR_HANDSHAKE);
}

/* Connecting. */

static void connect_next(struct conn *c);

static void
connected(struct conn *c)
{
	int on = 1;

	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!c->ssl) {
		opened(c);
		return;
	}
	SSL_set_fd(c->ssl, c->fd);
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

static struct far_conn *
conn_open(struct far *far, const struct far_params *p, const struct far_events *events, void *arg)
{
	struct addrinfo hints = { .ai_socktype = p->udp ? SOCK_DGRAM : SOCK_STREAM };
	struct conn *c = xcalloc(1, sizeof(*c));
	const char *host = p->host;
	struct rule *r;
	char port[8];

	c->conn.far = far;
	c->net = net_of(far);
	c->fd = -1;
	c->events = events;
	c->arg = arg;
	c->tls = p->tls;
	c->max_record = p->max_record;
	c->max_cert = p->max_cert;
	snprintf(port, sizeof(port), "%u", p->port);
	SLIST_FOREACH(r, &c->net->rules, link)
		if (!strcasecmp(r->name, host)) {
			host = r->address;
			if (*r->port)
				str_copy(port, sizeof(port), r->port);
			break;
		}
	if (getaddrinfo(host, port, &hints, &c->addresses)) {
		c->why = FAR_DNS;
		fail_later(c);
		return &c->conn;
	}
	c->next = c->addresses;
	if (p->tls && !make_ssl(c, p)) {
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

/* Reads once; 0: not now.  Sets `how` and returns -1 at the end. */
static ssize_t
read_some(struct conn *c, void *bytes, size_t size, enum far_end *how)
{
	ssize_t n;
	int e;

	if (!c->ssl) {
		n = read(c->fd, bytes, size);
		if (n > 0)
			return n;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		*how = n ? FAR_ABORTED : FAR_CLOSED;
		return -1;
	}
	ERR_clear_error();
	n = SSL_read(c->ssl, bytes, size > 1 << 30 ? 1 << 30 : (int)size);
	if (c->bad_record) {
		*how = FAR_BROKEN;
		return -1;
	}
	if (n > 0)
		return n;
	e = SSL_get_error(c->ssl, (int)n);
	if (e == SSL_ERROR_WANT_READ)
		return 0;
	if (e == SSL_ERROR_WANT_WRITE) {
		c->read_needs_write = true;
		return 0;
	}
	*how = e == SSL_ERROR_ZERO_RETURN ? FAR_CLOSED : e == SSL_ERROR_SYSCALL ? FAR_ABORTED : FAR_BROKEN;
	if (e == SSL_ERROR_SSL)
		note(c, "bad record");
	return -1;
}

static size_t
conn_read(struct far_conn *fc, void *bytes, size_t size)
{
	struct conn *c = conn_of(fc);
	size_t done = 0;
	enum far_end how;

	while (c->stage == CONN_OPEN && done < size) {
		ssize_t n = read_some(c, (char *)bytes + done, size - done, &how);

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

/*
 * Gives OpenSSL bytes: how many it took, 0 not now, -1 dead.  What it has begun
 * to send must be offered again as it was, whatever the module does meanwhile;
 * so it is kept here and counts as taken.
 */
static ssize_t
tls_write(struct conn *c, const void *bytes, size_t len)
{
	int r;

	if (len > SSL3_RT_MAX_PLAIN_LENGTH)
		len = SSL3_RT_MAX_PLAIN_LENGTH;
	ERR_clear_error();
	r = SSL_write(c->ssl, bytes, (int)len);
	if (r > 0)
		return r;
	if (SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_WRITE)
		return -1;
	if (c->pending)
		return 0;
	c->pending = xmemdup(bytes, len);
	c->pending_len = len;
	return (ssize_t)len;
}

/* True when nothing is left over. */
static bool
flush_pending(struct conn *c)
{
	if (!c->pending)
		return true;
	if (tls_write(c, c->pending, c->pending_len) == 0)
		return false;
	free(c->pending);
	c->pending = NULL;
	return true;
}

static size_t
conn_write(struct far_conn *fc, const void *bytes, size_t len)
{
	struct conn *c = conn_of(fc);
	size_t done = 0;

	if (c->stage != CONN_OPEN)
		return len;
	while (done < len) {
		const char *from = (const char *)bytes + done;
		ssize_t n = 0;

		if (!c->ssl) {
			n = send(c->fd, from, len - done, MSG_NOSIGNAL);
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				n = 0;
		} else if (flush_pending(c)) {
			n = tls_write(c, from, len - done);
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

/* The module is told that it can read; whether that is data or the end shows by looking. */
static void
readable(struct conn *c)
{
	char peek[1];
	enum far_end how = FAR_CLOSED;
	ssize_t n;

	c->read_needs_write = false;
	if (c->ssl) {
		int r, e;

		ERR_clear_error();
		r = SSL_peek(c->ssl, peek, 1);
		n = r;
		if (c->bad_record) {
			how = FAR_BROKEN;
			n = -1;
		} else if (r <= 0) {
			e = SSL_get_error(c->ssl, r);
			if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
				return;
			how = e == SSL_ERROR_ZERO_RETURN ? FAR_CLOSED : e == SSL_ERROR_SYSCALL ? FAR_ABORTED : FAR_BROKEN;
			n = -1;
		}
	} else {
		n = recv(c->fd, peek, 1, MSG_PEEK);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		how = n ? FAR_ABORTED : FAR_CLOSED;
	}
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
	struct far_session *s;

	if (!c->ssl || c->stage < CONN_OPEN || !SSL_get0_session(c->ssl))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->session = SSL_get1_session(c->ssl);
	return s;
}

static void
conn_session_free(struct far_session *s)
{
	SSL_SESSION_free(s->session);
	free(s);
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
		else if (c->ssl && c->stage >= CONN_OPEN && !(c->ended && c->aborted))
			SSL_shutdown(c->ssl);
		if (c->ssl && c->stage >= CONN_OPEN && !abort_it)
			SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* stays resumable */
		close(c->fd);
	}
	ERR_clear_error();
	c->fd = -1;
	c->stage = CONN_FREED;
	SLIST_INSERT_HEAD(&c->net->closed, c, link);
}

static const struct far_ops ops = {
	.open = conn_open,
	.read = conn_read,
	.write = conn_write,
	.session = conn_session,
	.session_free = conn_session_free,
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
		free(c->pending);
		SSL_free(c->ssl);
		SSL_CTX_free(c->ctx);
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
		if (got & EPOLLOUT && c->want_write && flush_pending(c)) {
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
far_openssl_resolve(struct far *far, const char *text)
{
	struct net *net = net_of(far);
	struct rule *r = xcalloc(1, sizeof(*r));
	char spec[400], *address, *port = NULL;

	str_copy(spec, sizeof(spec), text);
	address = strchr(spec, '=');
	if (address && address != spec) {
		*address++ = '\0';
		if (*address == '[') {
			port = strchr(++address, ']');
			if (port)
				*port++ = '\0';
		} else if (strchr(address, ':') == strrchr(address, ':')) {
			port = strchr(address, ':');
		}
		if (port && *port == ':')
			*port++ = '\0';
	}
	if (!address || !*address || !str_copy(r->name, sizeof(r->name), spec) ||
	    !str_copy(r->address, sizeof(r->address), address) || !str_copy(r->port, sizeof(r->port), port ? port : "")) {
		free(r);
		return false;
	}
	SLIST_INSERT_HEAD(&net->rules, r, link);
	return true;
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
	struct rule *r;

	free_closed(net);
	while ((r = SLIST_FIRST(&net->rules))) {
		SLIST_REMOVE_HEAD(&net->rules, link);
		free(r);
	}
	close(net->epoll);
	free(net);
}
