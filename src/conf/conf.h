/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - the configuration, read and checked
 *
 * conf_load() reads a file once and tells every mistake in it; what it returns
 * is complete: each key has its value or its default, each path is absolute,
 * each channel has its modem.  celltls.conf(5) says what the keys mean; the
 * members here have the same names and stand in the same order.
 *
 * Strings are never NULL, "" is "not set".  Everything is owned by struct conf.
 */
#ifndef CELLTLS_CONF_CONF_H
#define CELLTLS_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/auto.h"

enum conf_clock { CONF_CLOCK_HOST, CONF_CLOCK_MODULE };
enum conf_dialect {
	CONF_DIALECT_AUTO,
	CONF_DIALECT_TELIT,
	CONF_DIALECT_CINTERION,
	CONF_DIALECT_SIM800,
	CONF_DIALECT_EZTCP,
};
enum conf_flow { CONF_FLOW_NONE, CONF_FLOW_RTSCTS };
enum conf_auth { CONF_AUTH_AUTO, CONF_AUTH_NONE, CONF_AUTH_PAP, CONF_AUTH_CHAP };
enum conf_pdp_type { CONF_PDP_IP, CONF_PDP_IPV6, CONF_PDP_IPV4V6 };
enum conf_operation { CONF_OPERATION_ATC, CONF_OPERATION_T2S, CONF_OPERATION_COD };
enum conf_carrier { CONF_CARRIER_NONE, CONF_CARRIER_DSR, CONF_CARRIER_DCD, CONF_CARRIER_CTS };
enum conf_hangup { CONF_HANGUP_NONE, CONF_HANGUP_DTR };
enum conf_line_end { CONF_LINE_END_CRLF, CONF_LINE_END_CR, CONF_LINE_END_LF };
enum conf_direction { CONF_OUTBOUND, CONF_INBOUND };
enum conf_mode { CONF_MODE_AUTO, CONF_MODE_ONLINE, CONF_MODE_COMMAND };
enum conf_engine { CONF_ENGINE_MODULE, CONF_ENGINE_HOST, CONF_ENGINE_AUTO };
enum conf_verify { CONF_VERIFY_UNSET, CONF_VERIFY_NONE, CONF_VERIFY_SERVER, CONF_VERIFY_MUTUAL };
enum conf_check_name { CONF_CHECK_NAME_REQUIRE, CONF_CHECK_NAME_TRY, CONF_CHECK_NAME_OFF };
enum conf_tls_version { CONF_TLS_1_2, CONF_TLS_1_3 };
enum conf_policy { CONF_POLICY_OBSERVE, CONF_POLICY_SOFT, CONF_POLICY_STRICT, CONF_POLICY_HARD };
enum conf_via { CONF_VIA_AUTO, CONF_VIA_MODEM, CONF_VIA_HOST };
enum conf_crl { CONF_CRL_OFF, CONF_CRL_FALLBACK, CONF_CRL_ONLY };
enum conf_nonce { CONF_NONCE_OFF, CONF_NONCE_TRY, CONF_NONCE_REQUIRE };

struct conf_strings {
	char **v;
	size_t n;
};

struct pdp_conf {
	unsigned cid;
	char *apn;
	enum conf_pdp_type type;
	enum conf_auth auth;
	char *user;
	char *password_file; /* for conf_secret_read(), as are all *_file of secrets */
};

struct slot_conf {
	char *slot; /* as written: a name of the dialect or an alias; conf_slot_canonical() */
	char *file;
	char *key_file;
	bool upload_key;
};

struct sms_conf {
	bool enabled;
	char *password_file;
	struct conf_strings authorized;
};

struct console_conf {
	char *address;
	char *password_file;
	enum conf_line_end line_end;
};

struct eztcp_conf {
	enum conf_operation operation;
	bool secured;
	unsigned local_port;
	bool suppress_escape;
	enum conf_carrier carrier_line;
	enum conf_hangup hangup_line;
	struct console_conf console;
};

struct modem_conf {
	char *name;
	char *device;
	enum conf_dialect dialect;
	unsigned baud; /* 0: the line has no rate of its own */
	enum conf_flow flow_control;
	char *sim;
	char *pin_file;
	bool roaming;
	struct pdp_conf pdp;
	unsigned secure_sockets; /* 0: as many as the driver is sure of */
	unsigned supervision_s;
	struct slot_conf *certificates;
	size_t n_certificates;
	struct conf_strings allow_command;
	bool inhibit_modemmanager;
	struct sms_conf sms;
	struct eztcp_conf eztcp;
};

struct remote_conf {
	char *host; /* a name, or an address without brackets */
	uint16_t port;
	bool v6; /* host is an IPv6 address */
};

struct remotes_conf {
	struct remote_conf *v; /* tried in this order */
	size_t n;
};

struct socket_conf {
	char *path; /* never "": <runtime_directory>/<channel>.sock by default */
	unsigned mode;
	char *owner; /* "": the daemon's user */
	char *group;
	struct conf_strings allow_users;
	struct conf_strings allow_groups;
};

struct tls_conf {
	bool enabled;
	enum conf_engine engine;
	enum conf_verify verify; /* never UNSET when enabled */
	struct conf_strings ca;
	char *cert;
	char *key;
	struct conf_strings ciphers;
	enum conf_check_name check_name;
	char *pin; /* "sha1:" or "sha256:" and lower-case hex */
	bool strict;
	struct conf_strings accept;
	bool resume;
	enum conf_tls_version min_version;
	char *server_name;
	struct conf_strings alpn;
};

struct ocsp_conf {
	bool enabled;
	enum conf_policy policy;
	unsigned interval_s;
	unsigned timeout_s; /* 0: 15 by the host's network, 45 by the modem */
	char *url;
	enum conf_via via;
	char *issuer;
	char *certificate;
	enum conf_crl crl;
	unsigned max_bytes; /* 0: 64 KiB over the modem, 10 MiB over the host */
	char *sni;	    /* "auto", "off" or a name */
	enum conf_nonce nonce;
	unsigned grace_s;
};

struct channel_conf {
	char *name;
	char *modem;
	const struct modem_conf *modem_conf; /* the one that `modem` names; never NULL */
	struct remotes_conf remote;
	struct socket_conf socket;
	enum conf_direction direction;
	unsigned listen; /* port; 0 when outbound */
	char *forward;
	enum conf_mode mode;
	struct tls_conf tls;
	struct ocsp_conf ocsp;
	unsigned max_sessions;
	unsigned max_waiting;
	unsigned wait_timeout_s;
	unsigned dial_timeout_s;
	unsigned dial_backoff_s;
	unsigned idle_timeout_s;     /* 0: none */
	unsigned max_session_time_s; /* 0: none */
	unsigned linger_s;
};

struct conf {
	struct {
		unsigned level; /* enum log_level, less LOG_ERROR; conf_log_level() */
	} log;
	char *state_directory;
	char *runtime_directory;
	char *verify_socket;
	char *verify_host_socket;
	enum conf_clock clock;
	struct modem_conf *modems;
	size_t n_modems;
	struct channel_conf *channels;
	size_t n_channels;
};

/* The mistakes of one file, by line.  A warning leaves the configuration usable. */
struct conf_mistake {
	unsigned line; /* 0: the file as a whole */
	bool warning;
	char *text; /* "file:line: key: message (what is allowed)", no newline */
};

struct conf_report {
	struct conf_mistake *v;
	size_t n;
	size_t errors;
};

#define CONF_REPORT_INIT ((struct conf_report){ 0 })
void conf_report_deinit(struct conf_report *r); /* may run twice */
void conf_report_print(const struct conf_report *r, FILE *to);
void conf_report_log(const struct conf_report *r); /* each by its level, for the journal */

#define CONF_SIZE_MAX (1024 * 1024) /* a larger file is a mistake */

/* For conf_load_text(): looks at no file, user or group that the text names. */
#define CONF_NO_FILES 1u

/*
 * 0:        *ret_conf is the caller's; the report may hold warnings
 * -EINVAL:  the report says which mistakes
 * -errno:   the file could not be read; the report says so too
 * On failure *ret_conf is NULL.  The report must be initialised and is added to.
 */
int conf_load(const char *path, struct conf **ret_conf, struct conf_report *report);

/* The same of text in memory; `name` stands for the file in messages. */
int conf_load_text(const char *name, const char *text, size_t len, unsigned flags, struct conf **ret_conf,
		   struct conf_report *report);

void conf_free(struct conf *c); /* NULL is fine */
AUTO_DEFINE(struct conf *, conf_free)

struct modem_conf *conf_modem(const struct conf *c, const char *name); /* NULL: none */

struct channel_conf *conf_channel(const struct conf *c, const char *name);

/* What it takes to apply a changed key; a row of conf-keys.c says which of them, celltls.conf(5) what they mean. */
enum conf_apply {
	CONF_APPLY_LIVE = 1,	/* it is looked at when it is needed */
	CONF_APPLY_SLOTS = 2,	/* the module's slots are compared with it */
	CONF_APPLY_SOCKET = 4,	/* the Unix socket becomes another */
	CONF_APPLY_RESET = 8,	/* the channel's sessions end */
	CONF_APPLY_ANEW = 16,	/* the modem goes down in order and starts anew */
};

struct conf_diff {
	unsigned apply;	/* CONF_APPLY_* of all that differs; 0: nothing does */
	char keys[400]; /* "tls.ca, linger"; cut where it is full */
};

/* What differs: of all that is in no modem and no channel; of two modems; of two channels. */
void conf_diff(const struct conf *was, const struct conf *is, struct conf_diff *ret_diff);
void conf_modem_diff(const struct modem_conf *was, const struct modem_conf *is, struct conf_diff *ret_diff);
void conf_channel_diff(const struct channel_conf *was, const struct channel_conf *is, struct conf_diff *ret_diff);

int conf_log_level(const struct conf *c); /* an enum log_level */

/* The words of the configuration for these values. */
const char *conf_dialect_name(enum conf_dialect dialect);
enum conf_dialect conf_dialect_named(const char *name); /* CONF_DIALECT_AUTO: none */

/*
 * The dialect's own name of a slot or alias: "ca" of sim800 is "root".  A name
 * that is its own stays itself; NULL where the dialect has no such slot.  For
 * auto: the name as it is, when any dialect that auto can find has it.
 */
const char *conf_slot_canonical(enum conf_dialect dialect, const char *slot);

/* Whether the slot holds a private key (its file is a secret file). */
bool conf_slot_is_key(enum conf_dialect dialect, const char *slot);

/*
 * Whether the store takes DER, and changes only with a signature by the key of
 * slot client; a key has no slot there and goes with its certificate.
 */
bool conf_slots_signed(enum conf_dialect dialect);

/*
 * What the channel asks for that no module of this dialect can do: the i-th
 * reason, in words for LastError, or NULL.  --check warns of each, and the
 * channel is to be `blocked` while there is one.
 */
const char *conf_beyond_module(const struct channel_conf *ch, enum conf_dialect dialect, unsigned i);

/* Of these reasons, what the driver of cinterion says too. */
#define CONF_NO_MUTUAL_CINTERION \
	"verify = \"mutual\": the module is not known to show a certificate of its own; verify = \"server\" is what it can do"
#define CONF_NEEDS_ANY_CINTERION \
	"two of the module's four cipher suites do not encrypt: it cannot be told to avoid them, and it does not say which suite and TLS " \
	"version it took. ciphers = ( \"any\" ) in the channel's tls accepts that"

/* Whether the owner's list lets this AT command pass; what it may not be whoever lists it the driver knows. */
bool conf_command_allowed(const struct modem_conf *m, const char *text);

/* TLS sockets at once: as configured, or what the driver of the dialect is sure of. */
unsigned conf_secure_sockets(const struct modem_conf *m, enum conf_dialect dialect);

#endif
