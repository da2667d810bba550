/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far.h - what a simulated module sees of the network
 *
 * The program has real sockets and OpenSSL behind it (far-openssl.c and
 * far-tls.c), the virtual-clock tests have peers in memory (far-memory.c).
 *
 * open() never calls back from inside.  A connection stays the module's until
 * close(), also after failed() and ended(), and close() may be called from
 * inside any event.  No event comes after close().
 *
 * readable() is said once, and again only after a read() gave less than it was
 * asked for; so a module without room just does not read, and the peer is held
 * up.  writable() likewise follows a write() that took less than it was given.
 * ended() comes when the last byte before the end has been read.
 *
 * certificate(), which may be NULL, comes right before opened(), or before a
 * failed(FAR_CERT), with what the server showed; never for a resumed session.
 *
 * finish() says that nothing more is written: what was taken goes first, then a
 * close_notify and a FIN.  Reading goes on until ended().
 */
#ifndef SIM_FAR_H
#define SIM_FAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum far_fail {
	FAR_DNS,
	FAR_REFUSED,
	FAR_TIMEOUT,
	FAR_HANDSHAKE, /* alert, no common suite or version, garbage */
	FAR_CERT,      /* the peer's chain is not what was asked for */
	FAR_ITEMS,     /* our own CA, certificate or key cannot be used */
};

enum far_end {
	FAR_CLOSED,  /* in order */
	FAR_ABORTED, /* reset */
	FAR_BROKEN,  /* a record that cannot be taken: bad MAC, too long */
};

struct far;
struct far_conn;
struct far_session; /* what a TLS session leaves behind for its resumption */

struct far_item {
	const void *bytes; /* PEM, or DER */
	size_t len;
};

/* The server's own certificate, as texts; empty: the server showed none. */
struct far_leaf {
	char issuer[1024], subject[1024]; /* in one line: "/C=DE/O=demo/CN=level3.example.de" */
	char serial[64];		  /* the INTEGER's octets in upper-case hex */
	char signature[32];		  /* "sha1RSA" */
	char thumbprint[41];		  /* SHA-1 in upper-case hex */
};

#define FAR_CAS 10

struct far_params {
	const char *host;
	uint16_t port;
	bool udp;

	bool tls; /* the rest is for TLS only */
	uint16_t min_version, max_version; /* 0x0300 SSL 3.0, 0x0301 TLS 1.0 ... */
	const uint16_t *suites; /* IANA numbers, the preferred first */
	size_t n_suites;
	int verify; /* 0 nothing, 1 the server's chain, 2 and show our certificate */
	struct far_item ca[FAR_CAS]; /* any of them may be the end of the server's chain */
	size_t n_ca;
	bool partial; /* also one that is no root itself */
	struct far_item cert, key;
	int64_t now_s;	   /* what the module takes for the time, for dates; 0: it does not look at them */
	size_t max_record; /* longest record it bears, 0: any */
	size_t max_cert;   /* longest certificate it can verify, 0: any */
	struct far_session *resume; /* stays the caller's */
};

struct far_opened {
	uint16_t suite, version; /* 0 without TLS */
	bool resumed;
	const char *local_ip, *remote_ip; /* valid during the event */
	uint16_t local_port;
};

struct far_events {
	void (*opened)(void *arg, const struct far_opened *how);
	void (*failed)(void *arg, enum far_fail why);
	void (*progress)(void *arg); /* a packet of the handshake came */
	void (*readable)(void *arg);
	void (*writable)(void *arg);
	void (*ended)(void *arg, enum far_end how);
	void (*certificate)(void *arg, const struct far_leaf *leaf); /* valid during the event */
};

struct far_ops {
	struct far_conn *(*open)(struct far *, const struct far_params *, const struct far_events *, void *arg);
	size_t (*read)(struct far_conn *, void *bytes, size_t size);
	size_t (*write)(struct far_conn *, const void *bytes, size_t len);
	void (*finish)(struct far_conn *);
	struct far_session *(*session)(struct far_conn *); /* the caller's; NULL when there is none */
	void (*session_free)(struct far_session *);
	void (*close)(struct far_conn *, bool abort);
};

struct far {
	const struct far_ops *ops;
};

struct far_conn {
	struct far *far;
};

static inline size_t
far_read(struct far_conn *c, void *bytes, size_t size)
{
	return c->far->ops->read(c, bytes, size);
}

static inline size_t
far_write(struct far_conn *c, const void *bytes, size_t len)
{
	return c->far->ops->write(c, bytes, len);
}

static inline void
far_finish(struct far_conn *c)
{
	c->far->ops->finish(c);
}

static inline void
far_close(struct far_conn *c, bool abort_it)
{
	c->far->ops->close(c, abort_it);
}

#endif
