/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - a named way to one remote: its clients, their turns, its figures; no I/O
 *
 * The owner hands every client in as a struct app (app.h).  Each becomes a
 * session (session.h), which waits for a secure socket of the modem, dials and
 * joins the two.
 */
#ifndef CELLTLS_CHANNEL_CHANNEL_H
#define CELLTLS_CHANNEL_CHANNEL_H

#include "base/clock.h"
#include "channel/app.h"
#include "conf/conf.h"
#include "modem/modem.h"

struct channel;
struct session;

struct channel *channel_new(struct clock *, struct modem *, const struct channel_conf *);
void channel_free(struct channel *); /* sessions are reset; NULL is fine */

/* changed() hears of every change, from inside whatever caused it, so it only takes note; figures_only: bytes moved. */
void channel_watch(struct channel *, void (*changed)(void *arg, bool figures_only), void *arg);

/*
 * Who compares the name that a module reveals with the configured host (X509_check_host); without one no
 * revealed name fits.  May be asked until channel_free().
 */
void channel_names(struct channel *, bool (*fits)(void *arg, const char *host, const struct tls_peer *), void *arg);

/*
 * A client has come.  The app is the channel's from now on; NULL: it was turned away
 * and is closed already.  The session ends by itself and calls app->ops->close().
 */
struct session *channel_client(struct channel *, struct app *);
void channel_refused(struct channel *); /* the owner turned one away (allow_users, allow_groups) */

void channel_modem_changed(struct channel *); /* the modem's state or identity is another */
void channel_close(struct channel *);	      /* ends all sessions as resets, counted, as Close() of D-Bus */
void channel_end(struct channel *);	      /* the same without a word: the channel, or the daemon, goes away */

/* Ends the sessions that do not wait any more, with why as LastError; the next dial begins with the first remote, at once. */
void channel_reset(struct channel *, const char *why);

/*
 * From now on this modem and this configuration; clients that wait keep their places, limits hold from the same
 * moments.  Where the modem, a remote or the policy is another, channel_reset() comes first.
 */
void channel_set(struct channel *, struct modem *, const struct channel_conf *);

struct channel_figures {
	unsigned sessions, waiting;
	uint64_t bytes_sent, bytes_received, dials, failures;
	uint64_t dial_failures[DIAL_CAUSES]; /* among the failures */
	uint64_t handshakes, resumptions;    /* dials that succeeded: with a full handshake, with a kept TLS session,
					      * which the server may have refused where the module does not tell */
};

const char *channel_state_word(const struct channel *); /* of the D-Bus property State */
const char *channel_security(const struct channel *);	/* none, encrypted, server, mutual; "" not known */

/*
 * While a session is open: of what it has negotiated (of several the least, and the
 * weakest).  Else of every suite that may be dialled.  0 when the modem is not ready
 * or the channel is blocked: then nothing is known, and no session is open.
 */
unsigned channel_enforces(const struct channel *);	/* ENFORCES_* */
unsigned channel_weaknesses(const struct channel *);	/* WEAK_* */
const char *channel_cipher(const struct channel *);	/* IANA name, of the session opened last; "" not known */
const char *channel_tls_version(const struct channel *); /* "1.0" ..., of the same; "" not known */
const char *channel_error(const struct channel *);	/* LastError */
const struct tls_peer *channel_peer(const struct channel *); /* of the latest dial; empty strings: not revealed */
const struct channel_figures *channel_figures(const struct channel *);

#endif
