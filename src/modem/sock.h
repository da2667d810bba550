/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.h - one secure socket of a module: a stream, in whatever mode the line is
 *
 * The user is pulled for bytes when the module can take them, and given bytes
 * only while it has space.  A sock belongs to its modem; a user has it from the
 * grant of its claim to closed(), or to sock_close(), after which it hears no more.
 */
#ifndef CELLTLS_MODEM_SOCK_H
#define CELLTLS_MODEM_SOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "at/dialect.h"
#include "conf/conf.h"

struct sock;

struct sock_user {
	/*
	 * 0, or -errno of the dial; then the sock is gone, sock_problem() still says why.  -EBUSY: the module has no
	 * room for one more beside those that are open; the claim is to be made again.
	 */
	void (*opened)(void *arg, int result);

	/* Copies the next bytes that were not told as sent() yet; 0: none now. */
	size_t (*pull)(void *arg, void *bytes, size_t len);
	bool (*ended)(void *arg); /* pull() has brought all that there will be: the app has shut its side down */
	/* The first n of them went to the line (online) or were taken by the module (command). */
	void (*sent)(void *arg, size_t n, bool handed_over);
	/* All that was sent is now known to be handed over. */
	void (*settled)(void *arg);

	size_t (*space)(void *arg); /* bytes that data() may bring now */
	void (*data)(void *arg, const void *bytes, size_t len);

	/* The end: in order (the server closed, all that was sent was handed over), or not: sock_problem(). */
	void (*closed)(void *arg, bool in_order);
};

struct sock_request {
	const char *host;
	unsigned port;
	enum tls_verify verify;
	const struct tls_plan *plan; /* not blocked */
	int ca[DIALECT_SLOTS]; /* the module's numbers of the CA slots */
	unsigned n_ca;
	/* Asked before opened(), where plan->enforces says ENFORCES_HOST_NAME: is this certificate the host's? */
	bool (*name_fits)(void *arg, const char *host, const struct tls_peer *);
	void *name_arg;
	const char *pin; /* likewise for ENFORCES_HOST_PIN: what tls_peer.thumbprint must be */
	enum conf_mode mode;
	bool resume;		     /* keep and use TLS sessions where the module can */
	uint32_t timeout_ms;	     /* of the whole dial */
};

/* Everything in the request is copied. */
void sock_open(struct sock *, const struct sock_request *, const struct sock_user *, void *arg);
void sock_close(struct sock *); /* what was sent is still sent; the sock serves others when it is done */

void sock_more_to_send(struct sock *); /* pull() may have something */
void sock_more_space(struct sock *);   /* space() has grown */

bool sock_is_online(const struct sock *);
const char *sock_problem(const struct sock *); /* of the last failure, with the module's words */
bool sock_went_with_modem(const struct sock *); /* that failure was the modem's, whose log lines tell it */
enum dial_cause sock_dial_cause(const struct sock *); /* after opened() with an error */
const char *sock_suite(const struct sock *);   /* IANA name of the negotiated one, "" not known */
/* ENFORCES_* and WEAK_* of the session as it was negotiated; of all that might have been where the module does not tell. */
void sock_terms(const struct sock *, unsigned *ret_enforces, unsigned *ret_weak);
bool sock_resumed(const struct sock *);
const struct tls_peer *sock_peer(const struct sock *); /* of the latest dial, also of one that failed; empty strings: not revealed */

#endif
