/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel-priv.h - shared by channel.c and session.c only
 */
#ifndef CELLTLS_CHANNEL_CHANNEL_PRIV_H
#define CELLTLS_CHANNEL_CHANNEL_PRIV_H

#include "base/buf.h"
#include "base/tally.h"
#include "channel/channel.h"
#include "channel/session.h"
#include "modem/sock.h"

#define SESSION_DOWN_MAX (64 * 1024) /* bytes held for an app that reads slowly (promise P9) */
#define SESSION_SLACK (64 * 1024)    /* what the line may still bring after it was told to stop */
#define SESSION_WINDOW 4096	     /* online: bytes that stay in the app's socket until later ones went (P2) */
#define SESSION_BATCH 28672	     /* online: so many more, then they are taken, in one piece */
#define SESSION_KEPT 4		     /* online, all sent: so few may stay until the next look; each may be a write of its own */
#define SESSION_FLUSH_MS 60000	     /* an app that reads nothing after the end is let go */

#define CHANNEL_ERROR_MAX 560 /* a remote, a command, what the module said to it, an advice */

enum session_phase {
	SESSION_WAITING,  /* for a socket of the modem */
	SESSION_DIALING,
	SESSION_OPEN,
	SESSION_FLUSHING, /* the socket is gone; the app has not read everything yet */
	SESSION_OVER,	  /* ended; freed on the next turn */
};

struct session {
	TAILQ_ENTRY(session) link;
	struct channel *channel;
	struct app *app;
	struct sock *sock;	/* DIALING, OPEN */
	enum session_phase phase;
	struct modem_claim claim;
	struct timer limit;	/* wait_timeout, dial_timeout, max_session_time, of flushing */
	struct timer idle;	/* idle_timeout */
	struct timer linger;	/* after the app's end */
	uint64_t since_ms, heard_ms, moved_ms; /* waiting or open; last byte down; last byte either way */
	size_t sent;		/* bytes that went to the line and still stand in the app's socket */
	struct buf down;
	size_t remote;		/* which of the channel's remotes is dialled */
	size_t remotes_left;	/* to be tried after it */
	bool flush_in_order;	/* FLUSHING: the end is an end-of-file */
};

struct channel {
	struct clock *clock;
	struct modem *modem;
	const struct channel_conf *conf;
	TAILQ_HEAD(session_list, session) sessions;
	struct session_list over; /* SESSION_OVER */
	struct timer burial;
	struct channel_figures figures;
	struct tls_plan plan;	/* by the driver, once the module is known */
	unsigned told_enforces, told_weak; /* as the log has it */
	char blocked[256];	/* "" or why no session may be */
	bool told_blocked;	/* the log has it */
	size_t remote;		/* the one that worked last */
	unsigned backoff_s;	/* of the next failure */
	uint64_t not_before_ms; /* no dial before */
	struct timer retry;
	char error[CHANNEL_ERROR_MAX];
	struct tally tally;	/* of its lines in the log */
	bool alarmed;		/* the log has a failure in it, and no session since */
	struct tls_peer peer;	/* of the latest dial */
	bool (*name_fits)(void *arg, const char *host, const struct tls_peer *); /* NULL: no name does */
	void *name_arg;
	const char *cipher, *tls_version; /* of the session opened last; "" */
	void (*watch)(void *arg, bool figures_only); /* NULL: nobody */
	void *watch_arg;
};

/* session.c */
struct session *session_new(struct channel *, struct app *);
void session_limits(struct session *); /* starts the timers of the configuration's limits, by when it began to wait or to be open */
void session_end(struct session *, bool in_order); /* closes the app, leaves the channel */

/* channel.c */
void channel_fail(struct channel *, const char *why);	/* counted, and LastError */
void channel_lost(struct channel *, const char *why);	/* the same where the modem's lines in the log tell it: one cause, one line */
void channel_remark(struct channel *, const char *why); /* LastError only: an end by a limit that is meant */
bool channel_may_dial(struct channel *);		/* not blocked, no back-off, max_sessions not reached */
void channel_dialled(struct channel *, struct session *, bool ok);
void channel_changed(struct channel *); /* counts its sessions, and tells */
void channel_tell(struct channel *, bool figures_only); /* whoever watches it */
void channel_opened(struct channel *, const struct sock *); /* figures and words of a session that is open now */
void channel_peer_known(struct channel *, const struct sock *); /* the dial is over, either way */
void channel_ca_slots(const struct channel *, int ids[DIALECT_SLOTS], unsigned *ret_n); /* the module's numbers for them */
void channel_bury(struct channel *, struct session *); /* frees it on the next turn */

#endif
