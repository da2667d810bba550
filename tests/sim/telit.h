/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit.h - inside the simulated Telit modules
 *
 *   telit.c         answers and URCs
 *   telit-line.c    the command line: echo, parsing, prompts
 *   telit-power.c   the models, power, resets, work that takes a while
 *   telit-set.c     settings, registers, identity, clock
 *   telit-net.c     SIM, registration, PDP context
 *   telit-sock.c    what TLS and plain sockets share: gathering, reading, the end
 *   telit-online.c  data mode and the way out of it
 *   telit-ssl.c     the #SSL commands
 *   telit-sec.c     #SSLSECCFG, #SSLSECDATA
 *   telit-plain.c   #SD and its kin
 */
#ifndef SIM_TELIT_H
#define SIM_TELIT_H

#include "at.h"
#include "card.h"
#include "module.h"

#define TELIT_SOCKETS 6 /* plain ones, ids 1 .. 6 */
#define TELIT_CIDS 5
#define TELIT_ITEM_MAX 2047
#define TELIT_LINE_MAX 80

struct telit_traits {
	const char *family, *model, *revision;
	bool line3g;	     /* the HE910 line; else the 2G one */
	bool cpumode_needed; /* for big certificates */
	size_t max_record;
	int max_cipher;
	uint16_t suites[5]; /* by cipher id; [0] unused */
};

/* What a handler says of its command.  Above 0: that +CME ERROR. */
enum {
	T_OK = 0,
	T_ERROR = -1,	   /* the plain word, whatever +CMEE says */
	T_LATER = -2,	   /* telit_finish() follows */
	T_CONNECT = -3,	   /* CONNECT, and data mode with t->online */
	T_NO_CARRIER = -4, /* the end of the connection is the answer */
	T_SILENT = -5,	   /* it has been answered */
	T_CONNECT_OK = -6, /* the same as T_CONNECT, with the word OK */
};

enum {
	CME_NOT_SUPPORTED = 4,
	CME_NO_NETWORK = 30,
	CME_UNDOCUMENTED = 550,
	CME_WRONG_STATE = 551,
	CME_CTX_ALREADY = 553,
	CME_CTX_FAILED = 555,
	CME_CTX_NOT_OPEN = 556,
	CME_SOCK_SETUP = 557,
	CME_SOCK_DNS = 558,
	CME_SOCK_TIMEOUT = 559,
	CME_SOCK_FAILED = 562,
	CME_SOCK_TX = 563,
	CME_SOCK_RESUME = 566,
	CME_SSL_GENERIC = 830,
	CME_SSL_SOCKET = 832,
	CME_SSL_NOT_CONNECTED = 833,
	CME_SSL_CONNECTED = 834,
	CME_SSL_ACTIVATED = 835,
	CME_SSL_NOT_ACTIVATED = 836,
	CME_SSL_ITEMS = 837,
	CME_SSL_DATA = 838,
	CME_SSL_HANDSHAKE = 839,
	CME_SSL_DISCONNECTED = 840,
};

struct telit;

enum sock_state { SOCK_CLOSED, SOCK_OPENING, SOCK_OPEN };
enum sock_cause { CAUSE_FIN = 1, CAUSE_RST, CAUSE_IDLE, CAUSE_CONTEXT };

struct sock {
	struct telit *t;
	int id; /* 1 .. 6; the TLS socket is 1 too */
	bool ssl;
	enum sock_state state;
	struct far_conn *conn;
	struct fifo tx, rx;
	size_t due; /* of tx: may go to the peer */
	bool full;  /* the peer takes nothing more for now */

	/* settings */
	int cid, pkt, max_s, def_ds, conn_ds, tx_ds; /* ds: 100 ms */
	int ring, no_carrier, ext[3];

	int mode_online; /* how it was dialled */
	int closure;	 /* as dialled */
	bool peer_gone;
	enum far_end how;
	enum sock_cause cause;
	uint16_t suite;
	char host[256], local_ip[48], remote_ip[48];
	unsigned port, local_port;
	uint64_t sent, received, active_ms;
	struct timer tx_timer, idle_timer, dial_timer, start_timer;
	unsigned gap_ms;    /* longest wait for the next packet of the handshake, or for room */
	bool in_handshake;
	struct far_params params;
	const uint8_t *sending; /* a command's payload that waits for room */
	size_t sending_len;
};

enum telit_mode {
	T_OFF,	   /* no power, or booting */
	T_COMMAND, /* reading a command line */
	T_BUSY,	   /* a command runs */
	T_PROMPT,  /* reading a payload */
	T_ONLINE,
};

struct prompt {
	bool counted; /* else up to Ctrl-Z, with BS and ESC */
	size_t want;  /* counted: exactly; else kept at most */
	size_t seen;  /* bytes that came, those deleted or dropped not less */
	struct fifo data;
	int (*done)(struct telit *t, bool aborted);
};

struct reg_state {
	int stat, urc;
};

struct telit {
	struct module *m;
	const struct telit_traits *traits;
	char model[32], revision[32], identity[80];

	/* the command line */
	enum telit_mode mode;
	char line[TELIT_LINE_MAX + 2];
	size_t len;
	bool overlong, ready, after_cr, sub_spare;
	size_t pos; /* where in the line the chain of commands stands */
	int infos;  /* lines that the running command has printed */
	bool no_answer, no_final;
	bool rate_asked; /* AT+IPR's rate begins behind the answer */
	uint64_t final_ms;
	bool final_seen;
	struct timer work_timer;
	void (*work)(struct telit *);
	struct prompt prompt;
	int prompt_result;
	struct sock *target; /* of the running command */
	struct fifo urcs;    /* held back while a command runs */

	/* settings; those of the profile come first, see telit-set.c */
	struct profile {
		int echo, verbose, quiet, cmee, selint, k, c, d, cvhu, skipesc, e2esc, creg, cgreg, cgerep, qss;
		long ipr;
		int s[39];
	} p;
	int cpumode, nitz[2];
	int64_t clock_offset; /* RTC minus host */
	int clock_zone;
	bool dtr;

	/* SIM and network */
	struct card card;
	int registered; /* as +CREG says */
	int denied_as;	/* what the network would answer: 1, 5, 3, 2 */
	bool attached, context[TELIT_CIDS + 1];
	int auth;
	struct timer reg_timer;
	char apn[TELIT_CIDS + 1][64];
	char pdp_type[TELIT_CIDS + 1][8];
	int act_cid;

	/* sockets */
	struct sock ssl, plain[TELIT_SOCKETS];
	struct sock *online;
	bool ssl_enabled;
	int cipher, verify, cert_format;
	bool format_given;
	int sec_type;
	struct far_session *session; /* for #SSLFASTD */
	char session_host[256];
	unsigned session_port;
	struct timer recv_timer;
	size_t recv_max;
	bool receiving;

	/* the escape */
	int esc_count;
	uint64_t esc_last_ms, online_last_ms;
	struct timer esc_timer, dtr_timer;
};

struct telit_cmd {
	const char *name;
	int (*set)(struct telit *t, const struct at_args *a);
	int (*read)(struct telit *t);
	int (*act)(struct telit *t);
	const char *test; /* "" answers OK alone */
	unsigned flags;
};

enum {
	NEED_SIM = 1 << 0,
	NEED_SSLEN = 1 << 1,	/* sets and reads, not tests */
	NEED_SELINT = 1 << 2,
	ONLY_2G = 1 << 3,
	ONLY_3G = 1 << 4,
	IF_SENDEXT = 1 << 5,
	IF_SSLI = 1 << 6,
	IF_REBOOT = 1 << 7,
	IF_ENHRST = 1 << 8,
};

extern const struct telit_cmd telit_set_cmds[], telit_net_cmds[], telit_ssl_cmds[], telit_sec_cmds[], telit_plain_cmds[];

/* telit.c */
void telit_info(struct telit *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void telit_info_bytes(struct telit *t, const char *head, const void *bytes, size_t len); /* head, line end, bytes, line end */
void telit_finish(struct telit *t, int result);
void telit_urc(struct telit *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void telit_urc_bytes(struct telit *t, const char *head, const void *bytes, size_t len);
void telit_flush_urcs(struct telit *t);
void telit_line_out(struct telit *t, const char *text); /* <CR><LF>text<CR><LF>, at once */
void telit_command_mode(struct telit *t);
bool telit_has(const struct telit *t, unsigned feature);

/* telit-line.c */
size_t telit_input(void *state, const uint8_t *bytes, size_t len);
bool telit_train(void *state);
void telit_run_chain(struct telit *t); /* the rest of the line, from t->pos on */
int telit_prompt(struct telit *t, bool counted, size_t want, int (*done)(struct telit *t, bool aborted));

/* telit-power.c */
void telit_reset(struct telit *t, bool stay_off);
void telit_later(struct telit *t, void (*work)(struct telit *), unsigned in_ms);

/* telit-set.c */
void telit_profile_factory(struct telit *t);
void telit_profile_load(struct telit *t);
int telit_basic(struct telit *t, char amp, char letter, long number); /* ATE0, AT&K3 */
int telit_register(struct telit *t, int number, long value);	      /* ATS12=50; value -1 reads */
int64_t telit_clock(const struct telit *t);
void telit_network_time(void *state, int64_t seconds);
void telit_clock_jump(void *state, int seconds);
unsigned telit_guard_ms(const struct telit *t);

/* telit-net.c */
void telit_net_init(struct telit *t);
void telit_net_reset(struct telit *t);
void telit_net_event(struct telit *t, enum sim_event event);
void telit_swap_card(void *state, const char *pin);
int telit_sim_error(const struct telit *t); /* 0, or why the SIM cannot be used */

/* telit-sock.c */
void conn_init(struct telit *t, struct sock *s, int id, bool ssl);
void sock_deinit(struct sock *s);
int sock_dial(struct sock *s, const struct far_params *p, unsigned gap_ms); /* T_LATER */
void conn_close(struct sock *s, enum sock_cause cause);	   /* from our side; keeps nothing */
void sock_pull(struct sock *s);	 /* takes what the peer sent and there is room for */
void sock_check_end(struct sock *s);
void sock_lost(struct sock *s, enum sock_cause cause); /* closed from outside, and says so */
size_t sock_send_online(struct sock *s, const uint8_t *bytes, size_t len);
void sock_flush(struct sock *s);
void sock_gather(struct sock *s, const void *bytes, size_t len); /* online data, room or not */
void sock_no_carrier(struct sock *s, char *text, size_t size, enum sock_cause cause);
void sock_ring(struct sock *s);
int sock_send_prompt(struct sock *s, bool counted, size_t want, unsigned timeout_ms);
int sock_resume(struct sock *s); /* T_CONNECT */
int sock_hang_up(struct sock *s); /* the host asks for it; as a handler says it */
bool telit_dead(const struct telit *t); /* no byte moves over the context */
void telit_mend(struct telit *t, enum fault_dead by); /* of a dead context, when that is what mends it */
void telit_faults(void *state);

/* telit-ssl.c */
void telit_ssl_init(struct telit *t);
void telit_ssl_reset(struct telit *t);
void telit_ssl_opened(struct telit *t, const struct far_opened *how);
int telit_ssl_error(enum far_fail why);
void telit_ssl_forget(struct telit *t); /* the session that #SSLFASTD would resume */
bool telit_ssl_arrived(struct telit *t); /* true: a running #SSLRECV took it */
bool telit_ssl_ended(struct telit *t);	 /* true: it was the answer to a running #SSLRECV */

/* telit-sec.c */
void telit_sec_init(struct telit *t);
int telit_sec_items(struct telit *t, struct far_params *p); /* 0, or why the stored items will not do */

/* telit-plain.c */
void telit_plain_init(struct telit *t);
int telit_plain_error(enum far_fail why);

/* telit-online.c */
void telit_go_online(struct telit *t, struct sock *s);
size_t telit_online_input(struct telit *t, const uint8_t *bytes, size_t len);
void telit_online_init(struct telit *t);
void telit_online_leave(struct telit *t);
void telit_dtr(struct telit *t, bool raised);

#endif
