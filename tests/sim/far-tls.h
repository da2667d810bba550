/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-tls.h - between far-openssl.c, which has the sockets, and far-tls.c
 *
 * far-tls.c calls no event and asks epoll for nothing; it leaves want_read,
 * want_write and read_needs_write as OpenSSL wants them.
 */
#ifndef SIM_FAR_TLS_H
#define SIM_FAR_TLS_H

#include <openssl/ssl.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "far.h"

struct net;

enum stage { CONN_EARLY_FAIL, CONN_CONNECTING, CONN_HANDSHAKE, CONN_OPEN, CONN_OVER, CONN_FREED };

struct conn {
	struct far_conn conn;
	struct net *net;
	SLIST_ENTRY(conn) link;
	enum stage stage;
	int fd;
	uint32_t asked;
	enum far_fail why;
	bool want_read, want_write, read_needs_write, ended, aborted;
	bool finishing, finished; /* asked for; the FIN is on its way */
	bool end_found; /* by a read; told on the next turn */
	enum far_end how;
	uint8_t *pending; /* what OpenSSL must be given again */
	size_t pending_len;
	struct addrinfo *addresses, *next;
	SSL_CTX *ctx;
	SSL *ssl; /* NULL: plain */
	size_t max_record, max_cert;
	bool bad_cert, bad_record;
	X509 *bad_leaf; /* the server's, when its chain is not what was asked for */
	const struct far_events *events;
	void *arg;
};

/* far-openssl.c */
void far_net_log(const struct net *net, const char *line);

/* Before connecting; false, with c->why, when the parameters will not do. */
bool far_tls_make(struct conn *c, const struct far_params *p);
void far_tls_free(struct conn *c); /* fine without TLS */

void far_tls_start(struct conn *c);    /* c->fd is connected */
int far_tls_handshake(struct conn *c); /* 1 done, 0 goes on when ready, -1 failed */
void far_tls_describe(const struct conn *c, struct far_opened *how);
bool far_tls_leaf(const struct conn *c, struct far_leaf *leaf); /* false: there is none to tell */

/* Read once; 0: not now.  They set `how` and return -1 at the end. */
ssize_t far_tls_read(struct conn *c, void *bytes, size_t size, enum far_end *how);
int far_tls_peek(struct conn *c, enum far_end *how);
bool far_tls_has_pending(const struct conn *c);

/*
 * Gives OpenSSL bytes: how many it took, 0 not now, -1 dead.  What it has begun
 * to send must be offered again as it was, whatever the module does meanwhile;
 * so it is kept in c->pending and counts as taken.
 */
ssize_t far_tls_write(struct conn *c, const void *bytes, size_t len);
bool far_tls_flush(struct conn *c); /* true when nothing is left over */

bool far_tls_notify(struct conn *c); /* our close_notify; false: not now */

struct far_session *far_tls_session(const struct conn *c); /* NULL: there is none */
void far_tls_session_free(struct far_session *s);
void far_tls_shutdown(struct conn *c); /* an open connection, in order */

#endif
