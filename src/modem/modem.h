/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem.h - one module: its life from tty to PDP context and back; no I/O
 *
 * The owner brings the line up and down and hands over a wire, the host's memory
 * (struct modem_host) and the configuration.  Whoever wants a secure socket
 * makes a claim; claims are served in order of arrival when the modem is ready.
 */
#ifndef CELLTLS_MODEM_MODEM_H
#define CELLTLS_MODEM_MODEM_H

#include "at/at.h"
#include "at/dialect.h"
#include "conf/conf.h"

struct modem;
struct sock;

enum modem_state {
	MODEM_ABSENT,	   /* no tty */
	MODEM_WAKING,	   /* the line is open; out of data mode, an answer to AT */
	MODEM_IDENTIFYING,
	MODEM_RATE,	   /* it was heard at another baud rate than the configured one, and is given that */
	MODEM_SETUP,
	MODEM_SIM,
	MODEM_UNLOCKING,
	MODEM_REGISTERING,
	MODEM_ATTACHING,
	MODEM_CONTEXT,
	MODEM_TLS,
	MODEM_SLOTS,
	MODEM_READY,
	MODEM_MENDING,	   /* a rung of the ladder has something to say to the module */
	MODEM_BOOTING,	   /* it was told to start anew, or has done so */
	MODEM_RESTING,	   /* something failed; again after a while */
	MODEM_FAILED,	   /* waiting cannot help */
	MODEM_RELEASED,	   /* the tty is somebody else's for now */
};

/* The ladder for the way back, from the cheapest rung to the dearest. */
enum modem_rung {
	RUNG_RESYNC,	 /* the conversation begins anew */
	RUNG_ESCAPE,	 /* the line was in data mode, or inside a payload */
	RUNG_RATE,	 /* a round of other baud rates */
	RUNG_CONTEXT,	 /* PDP context down and up */
	RUNG_DETACH,	 /* from the packet network, and attach again */
	RUNG_SOFT_RESET, /* the module starts anew */
	RUNG_HARD_RESET,
	RUNG_REOPEN,	 /* the tty closed and opened */
	MODEM_RUNGS,
};

struct modem_figures {
	uint64_t rungs[MODEM_RUNGS]; /* how often each was tried */
	uint64_t ready;		     /* how often the modem became ready */
	uint64_t times;		     /* how often the network's time was learnt */
	uint64_t line_sent, line_received;	 /* bytes on the line, all of them */
	uint64_t payload_sent, payload_received; /* among them those of the sessions; the rest is overhead */
	uint64_t commands;	     /* that were written */
};

/* What a slot must hold, in the form the module takes.  Index into modem_params.wants everywhere. */
struct modem_want {
	const char *slot; /* the dialect's own name; an alias where the dialect is found by asking */
	const char *from; /* where it came from, for messages: its file */
	const void *bytes;
	size_t len;
	const void *der; /* the same, if the module that is found takes DER; NULL: bytes are what it takes */
	size_t der_len;
	const char *sha1; /* of the certificate's DER, lower-case hex; NULL: a key */
	const void *key;  /* written with it; NULL: none */
	size_t key_len;
	bool signs;	  /* its key signs later store commands, and must not be lost */
	const char *key_from;
};

/* What the modem asks of the host; all calls may be answered at once.  arg is modem_params.host_arg. */
struct modem_host {
	/* Is this what the slot was last written with, by the host's record? */
	bool (*slot_recorded)(void *arg, size_t want);
	/* Is what the module gave back the same certificate? */
	bool (*slot_same)(void *arg, size_t want, const char *text, size_t len);
	/* The slot's content from now on: as wanted, or unknown (before a write and after a failed one). */
	void (*slot_record)(void *arg, size_t want, bool as_wanted);

	/* sock_op.sign: with the key of the client's certificate.  May be NULL. */
	int (*slot_sign)(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len);
	/* Whether one of the host's CA certificates has this one-line subject.  May be NULL. */
	bool (*is_issuer)(void *arg, const char *name, size_t len);

	/* false: this PIN was refused before.  true: it is recorded as being tried. */
	bool (*pin_try)(void *arg, const char *sim);
	void (*pin_tried)(void *arg, const char *sim, bool accepted);

	/* Close the tty and open it again; modem_line_down() and modem_line_up() come later, as ever.  May be NULL. */
	void (*reopen)(void *arg);

	/* State, identity, socks or error changed; called at most once a turn. */
	void (*changed)(void *arg);
	void (*trace)(void *arg, enum at_trace kind, const void *bytes, size_t len); /* may be NULL */
	/* An operation of the driver begins or ends, in the words of a transcript; may be NULL. */
	void (*note)(void *arg, const char *text);
};

struct modem_params {
	const struct modem_conf *conf;
	const char *pin, *pdp_password; /* NULL: none */
	const struct modem_want *wants;
	size_t n_wants;
	enum conf_clock clock; /* the one that is believed for dates */
	const struct modem_host *host;
	void *host_arg;
};

/* Everything in params must stay until modem_free(), or until others are set. */
struct modem *modem_new(struct clock *, struct wire *, const struct modem_params *);
void modem_free(struct modem *); /* socks end; NULL is fine */

/*
 * Others in their place, while the modem goes on: with what CONF_APPLY_ANEW is for unchanged, and other
 * wants only while it is ready: it compares the slots, when none of its sockets is in use.  Else PIN, password
 * and wants are the very same bytes, at the same place: it may be writing them just now.
 */
void modem_set_params(struct modem *, const struct modem_params *, bool other_wants);

/* From the owner of the line, which has opened it with the configured rate. */
void modem_line_up(struct modem *);
void modem_line_down(struct modem *, const char *why);
void modem_input(struct modem *, const void *bytes, size_t len);
void modem_writable(struct modem *);

/*
 * Orderly end: no more claims are served, socks are closed, the context goes down.
 * modem_stopped() turns true when that is done; the owner has the time limit.
 */
void modem_stop(struct modem *);
bool modem_stopped(const struct modem *);

/* ---- what an admin asks for ---- */

/*
 * The module starts anew, as it is told to, whatever state it is in: sessions end, with why as their reason.  A
 * modem that had failed tries again.  One that is mute is told when it listens; one that has no command for it,
 * or of which it is not known whether it accepted the PIN just now, only goes the way up again.  Nothing when
 * there is no tty, and when it is starting anew already.
 */
void modem_reset(struct modem *, const char *why);

/*
 * After modem_stopped(), when the owner has closed the tty: MODEM_RELEASED, until modem_line_up() or
 * modem_line_down().  Claims wait.
 */
void modem_released(struct modem *);

/*
 * One command, as the admin wrote it, when the line is free: a session of mode = "auto" is suspended for it and
 * resumed.  It waits at most timeout_ms for its turn, and then as long for its result.  done() is called exactly
 * once, on a later turn, or at the latest from modem_free():
 * 0 and the lines of the answer without the final one, joined by "\n", in printable ASCII (other bytes as \xHH);
 * -EREMOTEIO and the module's words; -ETIMEDOUT; -EMSGSIZE: a longer answer than fits; -ECANCELED: the modem is no
 * longer ready; -EBADMSG: it asked for more than a command; -EPROTO: it went into data mode, which was left again;
 * with why in words.
 * Returns 0; or without a later done() -EPERM: the driver never sends this (keys, PINs, slots, or what would
 * take the conversation away), -EINVAL: no single command (or longer than the module takes), -EAGAIN: not ready,
 * -EBUSY: another one is under way or a session that may not be interrupted (mode = "online") has the line.
 * Whether the configuration allows it the caller has asked conf_command_allowed().
 */
typedef void modem_command_fn(void *arg, int result, const char *text);
int modem_command(struct modem *, const char *text, uint32_t timeout_ms, modem_command_fn *done, void *arg);

enum modem_state modem_state(const struct modem *);
const char *modem_state_word(const struct modem *); /* of the D-Bus property State */
const struct module *modem_module(const struct modem *);
const struct dialect *modem_dialect(const struct modem *); /* NULL before it is known */
const char *modem_error(const struct modem *); /* "" none; why it is not ready, or was not */
const char *modem_slot_error(const struct modem *, const char *slot); /* NULL: fine; why it does not hold what it must */
const struct modem_figures *modem_figures(const struct modem *);
const char *modem_rung_word(enum modem_rung); /* "re-synchronise", "detach" ..., for the log and for statistics */

/* The network's time now, seconds since 1970 UTC; 0: it has not told, or too long ago. */
int64_t modem_network_time(const struct modem *);

/* What time it is for dates of certificates, by the clock that is believed; 0: it is not known. */
int64_t modem_believed_time(const struct modem *);

unsigned modem_sockets(const struct modem *); /* that there are, by configuration, family, and what the module has refused */
unsigned modem_free_sockets(const struct modem *); /* that a claim could have; none beside a session of mode = "online" */
bool modem_has_turn(const struct modem *, bool alone); /* a claim made now is granted on the next turn */

/* ---- claims ---- */

struct modem_claim {
	TAILQ_ENTRY(modem_claim) link;
	bool queued;
	uint64_t since_ms; /* of the client's arrival, set by who claims */
	bool alone;	   /* it will have the line to itself: waits until no other sock is in use, and nobody is served before it ends */
	bool (*wants)(struct modem_claim *); /* alone: whether it would take a sock now; else those behind it are served meanwhile */
	/* true: the sock was taken (the claim has left the queue).  false: not now, the next in line may have it. */
	bool (*grant)(struct modem_claim *, struct sock *);
};

void modem_claim(struct modem *, struct modem_claim *);
void modem_unclaim(struct modem *, struct modem_claim *); /* fine when not queued */
void modem_serve(struct modem *); /* a claim that said "not now" may have changed its mind; served on the next turn */

#endif
