/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect.h - the one header that a driver includes
 *
 * A driver is tables of steps and pure functions (at-step.h): an operation
 * becomes AT text, AT text becomes results in the operation's struct.  It knows
 * no fd, timer, event loop or bus, allocates nothing and calls nothing upward.
 *
 * Families of one dialect are rows of struct family, chosen once by model and
 * revision; what a firmware may or may not have is probed into struct module.
 */
#ifndef CELLTLS_AT_DIALECT_H
#define CELLTLS_AT_DIALECT_H

#include "at/at-step.h"

enum sim_state { SIM_UNKNOWN, SIM_READY, SIM_PIN, SIM_PUK, SIM_MISSING, SIM_FAILED };
enum registration { REG_UNKNOWN, REG_NONE, REG_SEARCHING, REG_HOME, REG_ROAMING, REG_DENIED };
enum slot_kind { SLOT_CA, SLOT_CERTIFICATE, SLOT_KEY };
enum tls_verify { TLS_VERIFY_NONE, TLS_VERIFY_SERVER, TLS_VERIFY_MUTUAL };

/* What a channel gets, in the words of the D-Bus properties Enforces and Weaknesses (dialect/dialects.c). */
enum {
	ENFORCES_CHAIN = 1 << 0,
	ENFORCES_CHAIN_ANY_ROOT = 1 << 1,
	ENFORCES_NAME = 1 << 2,
	ENFORCES_DATES = 1 << 3,
	ENFORCES_ENCRYPTION = 1 << 4,
	ENFORCES_HOST_NAME = 1 << 5, /* by this host, of what the module reveals */
	ENFORCES_HOST_PIN = 1 << 6,
};
enum {
	WEAK_CLEARTEXT = 1 << 0,
	WEAK_UNVERIFIED = 1 << 1,
	WEAK_TLS10 = 1 << 2,
	WEAK_RC4 = 1 << 3,
	WEAK_NULL = 1 << 4,
	WEAK_MD5 = 1 << 5,
	WEAK_SHA1 = 1 << 6,
	WEAK_NAME_UNCHECKED = 1 << 7,
	WEAK_DATES_UNCHECKED = 1 << 8,
	WEAK_INFLIGHT_COMMANDS = 1 << 9,
	WEAK_ESCAPE_VISIBLE = 1 << 10,
	WEAK_3DES = 1 << 11,
	WEAK_CIPHER_UNKNOWN = 1 << 12,
	WEAK_VERSION_UNKNOWN = 1 << 13,
};
#define WEAK_BY_SUITE (WEAK_RC4 | WEAK_3DES | WEAK_NULL | WEAK_MD5 | WEAK_SHA1) /* what the negotiated suite decides */

/* One place in a module's certificate store. */
struct dialect_slot {
	const char *name; /* as the configuration and D-Bus call it; NULL ends the list */
	enum slot_kind kind;
	int id;		  /* the module's number for it */
};

#define DIALECT_SLOTS 12 /* most of any dialect */

/* A cipher suite of a family. */
struct dialect_suite {
	const char *iana; /* NULL ends the list; the best one first */
	int id;
	unsigned weak; /* WEAK_* */
	bool named;    /* used only by a channel that names it (promise P5) */
};

/* What is the same for all modules of a family; a driver's own facts follow it in the driver's own struct. */
struct family {
	const char *title;
	const char *const *models;    /* fnmatch(3) patterns on the model; NULL-terminated */
	const char *revision;	      /* pattern on the revision; NULL: any */
	const char *unsupported;      /* NULL, or why this version does not serve such a module, and what to do */
	unsigned secure_sockets;      /* TLS sockets at once, of which the driver is sure */
	unsigned most_sockets;	      /* that the configuration may ask for; 0: no more */
	const char *tls_version;      /* NULL: it does not tell */
	const struct dialect_suite *suites;
	size_t slot_max;	      /* bytes of one stored item, in the form that the module takes */
	size_t key_max;		      /* the same of a private key; 0: slot_max */
	size_t send_max, recv_max;    /* payload bytes of one command */
	unsigned weak;		      /* WEAK_* of every TLS socket of this family */
};

/* One module, as far as it has told. */
struct module {
	char manufacturer[40], model[48], revision[48], imei[20];
	const struct family *family;

	/* probed; the line */
	char escape;		/* the character, of which three leave data mode */
	uint32_t guard_ms;	/* the silence around them */
	bool escape_hidden;	/* the peer does not see them */
	bool counted_send;	/* payload of any bytes by count in command mode */
	bool ring;		/* says by URC that data is there */
	bool resumption;	/* can redial with the saved session */
	bool ok_connects;	/* found out: AT_MAY_CONNECT of a resume is data mode */

	/* between two steps of a driver's script, of no meaning elsewhere */
	unsigned scratch_fields;
	bool scratch_same, scratch_open;

	/* the network */
	enum sim_state sim;
	enum registration reg;
	bool attached;
	bool context_up;
	int signal_dbm;		/* 0 unknown */
	char operator_name[40];
	char address[46];	/* of the PDP context, "" unknown */
	bool clock_set;		/* it shows the time that is believed: dates can be checked */
	int64_t network_s;	/* what the module's clock said when it was last read, UTC; 0: nothing of sense */

	/* TLS */
	bool tls_enabled;
	bool stored[DIALECT_SLOTS]; /* slot by index: something is there */
	struct slot_held {
		size_t size;
		char sha1[41]; /* of the DER, lower-case hex; "": the module does not tell */
	} held[DIALECT_SLOTS];
};

/* ---- operations: what a script is run with ---- */

/* Everything about the module as a whole. */
struct modem_op {
	struct module *mod;
	const char *pin;	/* NULL: none to try */
	unsigned cid;
	const char *apn, *pdp_type, *user, *password;
	int auth;		/* 0 none, 1 PAP, 2 CHAP, -1 the module's default */
	unsigned baud;		/* 0: leave alone */
	bool rtscts;
	int64_t wall_s;		/* for the module's clock; 0: the host does not know */
};

/* One secure socket. */
struct sock_op {
	struct module *mod;
	int sock;

	/* open */
	const char *host;
	unsigned port;
	enum tls_verify verify;
	int suite;		/* id of a dialect_suite */
	int ca[DIALECT_SLOTS];	/* the module's numbers of the slots that the server's chain must lead to */
	unsigned n_ca;
	bool online;		/* the line is to become the socket */
	bool keep;		/* keep the TLS session for a later dial */
	bool fast;		/* dial with the kept session first */
	uint32_t timeout_ms;	/* of the whole dial */
	unsigned cid;

	/* send: bytes stay until the job is done */
	const void *tx;
	size_t tx_len;
	size_t tx_done;		/* so many were taken: all, unless the driver says less; 0: none now, EVENT_SOCK_WRITABLE follows */

	/* receive */
	size_t rx_max;
	void (*rx)(void *arg, const void *bytes, size_t len);
	void *rx_arg;

	/* results */
	bool connected;		/* open: a dial succeeded */
	bool resumed;		/* open: by the kept session */
	size_t rx_len;		/* receive: so many came */
	bool rx_end;		/* receive: the server has closed and all is read */
	unsigned rx_unsure;	/* receive: of a driver whose answer may have been a URC; so many bytes of it */
	uint8_t rx_held[4];
	int state;		/* status: enum sock_state */
	struct {
		int code;	/* status of one that is down: why, as EVENT_SOCK_ENDED has it; 0: not told */
		bool in_order;
		char text[80];
	} end;
	int suite_used;		/* open, status: the negotiated one, -1 not told */
};

/* Why a dial failed, as far as the module tells. */
enum dial_cause {
	DIAL_OTHER,
	DIAL_NAME,	  /* the name is not known */
	DIAL_REFUSED,
	DIAL_TIMEOUT,
	DIAL_UNREACHED,	  /* one of the three above; this module does not say which */
	DIAL_HANDSHAKE,
	DIAL_CERTIFICATE, /* the server's, or what the slots hold */
	DIAL_CONTEXT,	  /* the PDP context, the registration, the module itself */
	DIAL_CAUSES,
};

enum sock_state {
	SOCK_DISABLED,
	SOCK_CLOSED,
	SOCK_OPEN,
	SOCK_DIALLING, /* dialect.opens_by_event */
	SOCK_DOWN,     /* it is over, and the module keeps it until it is closed */
};

/*
 * What a module reveals of the server's certificate.  Names in the one-line form of
 * OpenSSL, "/C=DE/CN=host", in the certificate's order: a value may hold "/" and ",".
 */
struct tls_peer {
	char subject[1024], issuer[1024];
	char serial[80];     /* upper-case hex */
	char thumbprint[80]; /* "sha1:" or "sha256:" and lower-case hex, of the DER */
};

#define SLOT_SIGNATURE_MAX 512 /* 4096 bits */
#define SLOT_FRAME_MAX 7168

/* One slot of the certificate store. */
struct slot_op {
	struct module *mod;
	const struct dialect_slot *slot;
	const void *bytes;	/* write: as the module wants them */
	size_t len;
	const void *key;	/* write: the private key that goes with a certificate; NULL: none */
	size_t key_len;
	void (*rx)(void *arg, const char *line); /* read: the lines that the module holds */
	void *rx_arg;

	/* Signs what a store command covers: RSASSA-PKCS1-v1_5 with SHA-1, at most SLOT_SIGNATURE_MAX bytes.  0 or -errno (-ENOKEY). */
	int (*sign)(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len);
	void *sign_arg;
	uint8_t frame[SLOT_FRAME_MAX]; /* the driver's: one store command; wiped by the caller */
	size_t frame_len;
};

/* What a channel asks of TLS, and what a module makes of it. */
struct tls_policy {
	enum tls_verify verify;
	const char *const *ciphers; /* IANA names, "any"; none: all that are not weak */
	size_t n_ciphers;
	bool may_go_online;
	bool check_name, pin; /* the host is to compare what the module reveals */
};

struct tls_plan {
	char blocked[256];	/* "" or why the policy cannot be kept, in words for LastError */
	int suites[4];		/* ids to dial with, in this order */
	unsigned n_suites;
	int allowed[4];		/* ids that the module may say it negotiated; any other ends the session */
	unsigned n_allowed;
	unsigned enforces, weak; /* with whichever of them: a bad one counts, a good one only where all are */
};

/*
 * A missing script means: not supported.  Scripts that leave data mode begin
 * with an AT_ESCAPE step.
 */
struct dialect {
	const char *name;
	const char *const *manufacturers; /* fnmatch(3) patterns; NULL-terminated */
	const struct family *const *families; /* NULL-terminated; the first that matches */
	const struct at_urc *urcs;
	const struct dialect_slot *slots;
	size_t command_max;	/* before the family is known */
	uint32_t gap_ms;
	const char *const *data_end; /* at_rules.data_end */
	char etx;		     /* at_rules.etx */
	bool dtr;		     /* at_rules.dtr */
	const char *data_doubt; /* online these bytes may come of a module that has lost the session; NULL: none such */
	const char *const *rescue; /* at_rules.rescue */

	/*
	 * What an admin's command never is, whatever the configuration lists: what reads or writes keys, PINs
	 * and slots, or takes the conversation away.  In capitals, without blanks; looked for anywhere in it, but
	 * a word that begins with a letter only where V.250 has a basic command.  NULL-terminated.
	 */
	const char *const *guarded;

	/* struct modem_op */
	const struct at_step *setup;	    /* line settings and probes; after every reboot and repair */
	const struct at_step *sim;	    /* fills mod->sim */
	const struct at_step *sim_unlock;
	const struct at_step *registration; /* fills mod->reg, signal */
	const struct at_step *attach;	    /* asks for it where the network has not */
	const struct at_step *context_up;
	const struct at_step *context_down;
	const struct at_step *detach;	    /* from the packet network; attach follows */
	const struct at_step *soft_reset;   /* the module starts anew, as it is told to; its boot is waited for elsewhere */
	const struct at_step *hard_reset;   /* the same where the module has a harder way */
	const struct at_step *set_rate;	    /* the module's rate becomes op->baud; the answer still comes at the old one */
	const struct at_step *network_time; /* after EVENT_NETWORK_TIME: fills mod->network_s */
	const struct at_step *set_clock;    /* to op->wall_s, and mod->clock_set; a refusal is fine */
	const struct at_step *look;	    /* supervision: what can have changed in silence */
	const struct at_step *tls_up;	    /* the clock, the TLS engine on, sockets of an earlier life closed, its settings */

	bool auto_online;    /* mode = "auto" goes online where a session has the module to itself */
	bool opens_by_event; /* open only begins it: EVENT_SOCK_WRITABLE or EVENT_SOCK_ENDED follow, or status tells */
	bool drains;	     /* command mode: what came before the server's end can be read after it; then it is to be closed */

	/* struct sock_op */
	const struct at_step *open;	/* -EISCONN: one is open that nobody here knows of; it is closed then */
	const struct at_step *send;
	const struct at_step *send_end; /* command mode: the app has no more to say, and the server is to know; NULL: it cannot */
	const struct at_step *receive;
	const struct at_step *status;	/* state, context */
	const struct at_step *suspend;	/* data mode to command mode; fails where the module does not listen */
	const struct at_step *check;	/* the same in doubt: finds out even when it was not in data mode */
	const struct at_step *resume;
	const struct at_step *close;

	/* struct slot_op */
	const struct at_step *slot_list; /* fills mod->stored */
	const struct at_step *slot_read; /* the content; not for comparing where slot_list tells held[].sha1 */
	const struct at_step *slot_write;
	const struct at_step *slot_delete;

	/* Bytes at the front of tx that one send can carry; 0: none, only data mode can. */
	size_t (*send_limit)(const struct module *, const uint8_t *tx, size_t len);
	void (*plan)(const struct module *, const struct tls_policy *, struct tls_plan *ret);
	enum dial_cause (*cause)(const struct at_error *);
	const char *(*advice)(const struct at_error *); /* what an admin can do about it; NULL: nothing known */
	bool (*no_room)(const struct at_error *); /* the module has not room for one more socket beside those that are open; NULL: never */

	/*
	 * The text of EVENT_SOCK_PEER, taken apart.  is_issuer: whether this host holds a CA certificate whose subject
	 * is that name, where the text allows several readings.  0 or -EBADMSG.  NULL: the module reveals nothing.
	 */
	int (*peer)(const char *text, bool (*is_issuer)(void *arg, const char *name, size_t len), void *arg, struct tls_peer *ret);
};

#endif
