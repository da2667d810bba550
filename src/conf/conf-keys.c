/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-keys.c - every key with its type, preset, range and help
 *
 * These rows parse the file, fill in what it leaves out, say what is allowed
 * when it is wrong, and are the key list of celltls.conf(5) (conf-doc prints
 * it, and a test compares).  A new key is a member in conf.h and a row here.
 */
#include "conf/conf-priv.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ENTRIES 256 /* of one list; a bound, not a wish */

#define AT(member) offsetof(struct HERE, member)
#define BOOL(key, member, def, fl, text) \
	{ .name = key, .type = CONF_BOOL, .offset = AT(member), .preset = def, .flags = fl, .help = text }
#define UINT(key, member, def, lo, hi, fl, text) \
	{ .name = key, .type = CONF_UINT, .offset = AT(member), .preset = def, .min = lo, .max = hi, .flags = fl, \
	  .help = text }
#define WORD(key, member, def, list, fl, text) \
	{ .name = key, .type = CONF_WORD, .offset = AT(member), .preset = def, .words = list, .flags = fl, .help = text }
#define TEXT(key, member, def, kind, most, fl, text) \
	{ .name = key, .type = CONF_TEXT, .offset = AT(member), .preset = def, .form = kind, .max = most, .flags = fl, \
	  .help = text }
#define TEXTS(key, member, def, kind, most, list, fl, text) \
	{ .name = key, .type = CONF_TEXTS, .offset = AT(member), .preset = def, .form = kind, .max = most, \
	  .words = list, .flags = fl, .help = text }
#define GROUP(key, member, table, fl, text) \
	{ .name = key, .type = CONF_GROUP, .offset = AT(member), .sub = table, .flags = fl, .help = text }
#define LIST(key, member, table, of, fl, text) \
	{ .name = key, .type = CONF_LIST, .offset = AT(member), .sub = table, .size = sizeof(struct of), \
	  .max = ENTRIES, .flags = fl, .help = text }
#define REQUIRED CONF_REQUIRED

/* What a reload does with a key that has changed; keys of a group or list do as it does, where they say nothing else. */
#define LIVE CONF_APPLY(CONF_APPLY_LIVE)
#define SLOTS CONF_APPLY(CONF_APPLY_SLOTS)
#define SOCKET CONF_APPLY(CONF_APPLY_SOCKET)
#define RESET CONF_APPLY(CONF_APPLY_RESET)
#define ANEW CONF_APPLY(CONF_APPLY_ANEW)

#define DAY 86400
#define YEAR (365 * DAY)

static const char *const dialects[] = { "auto", "telit", "cinterion", "sim800", "eztcp", NULL };
static const char *const weaknesses[] = {
	"cleartext", "unverified", "ssl3", "tls1.0", "tls1.1", "rc4", "3des", "null", "md5", "sha1",
	"cipher-unknown", "version-unknown", "name-unchecked", "dates-unchecked", "other-roots",
	"inflight-commands", "escape-visible", "escape-unsafe", "end-unsure", NULL,
};

#define HERE pdp_conf
static const struct conf_key pdp_keys[] = {
	UINT("cid", cid, "1", 1, 16, 0, "number of the PDP context on the module"),
	TEXT("apn", apn, NULL, FORM_APN, 100, CONF_SOMETIMES, "access point name of the SIM's operator"),
	WORD("type", type, "IP", WORDS("IP", "IPV6", "IPV4V6"), 0, "kind of the PDP context"),
	WORD("auth", auth, "auto", WORDS("auto", "none", "pap", "chap"), 0,
	     "how the operator wants user and password; auto: as the module likes, none when user is empty"),
	TEXT("user", user, NULL, FORM_PLAIN, 64, 0, "user name for the access point"),
	TEXT("password_file", password_file, NULL, FORM_SECRET, 4095, 0, "secret file with the password that belongs to it"),
	{ 0 }
};
#undef HERE

#define HERE slot_conf
static const struct conf_key slot_keys[] = {
	TEXT("slot", slot, NULL, FORM_PLAIN, 32, REQUIRED,
	     "name of the slot in the module's certificate store: of the dialect's own, or ca, cert or key"),
	TEXT("file", file, NULL, FORM_SOURCE, 4095, REQUIRED,
	     "PEM or DER file with what the slot must hold; for a private key a secret file"),
	TEXT("key_file", key_file, NULL, FORM_SECRET, 4095, 0,
	     "cinterion and sim800, slot client: secret file with the private key of the certificate; of cinterion it signs "
	     "each change of the store"),
	BOOL("upload_key", upload_key, "false", 0,
	     "cinterion: write the key to the module as well, with its certificate; else it stays on the host"),
	{ 0 }
};
#undef HERE

#define HERE sms_conf
static const struct conf_key sms_keys[] = {
	BOOL("enabled", enabled, "false", 0, "obey commands that come by SMS"),
	TEXT("password_file", password_file, NULL, FORM_SECRET, 4095, 0, "secret file with the password of such commands"),
	TEXTS("authorized", authorized, NULL, FORM_PHONE, 16, NULL, 0, "telephone numbers that may send them"),
	{ 0 }
};
#undef HERE

#define HERE console_conf
static const struct conf_key console_keys[] = {
	TEXT("address", address, NULL, FORM_PLAIN, 253, 0, "address of the module's console, for its settings"),
	TEXT("password_file", password_file, NULL, FORM_SECRET, 4095, 0, "secret file with the console's password"),
	WORD("line_end", line_end, "crlf", WORDS("crlf", "cr", "lf"), 0, "what ends a line of the console"),
	{ 0 }
};
#undef HERE

#define HERE eztcp_conf
static const struct conf_key eztcp_keys[] = {
	WORD("operation", operation, "atc", WORDS("atc", "t2s", "cod"), 0, "how the module is set: AT commands, server, client"),
	BOOL("secured", secured, "false", 0, "the module has its TLS switched on"),
	UINT("local_port", local_port, "1470", 1, 65535, 0, "port on which the module listens"),
	BOOL("suppress_escape", suppress_escape, "true", 0, "send +PSE=0, so that the escape does not reach the peer"),
	WORD("carrier_line", carrier_line, "none", WORDS("none", "dsr", "dcd", "cts"), 0,
	     "line that shows whether the module is connected"),
	WORD("hangup_line", hangup_line, "none", WORDS("none", "dtr"), 0, "line that ends the module's connection"),
	GROUP("console", console, console_keys, 0, "the module's own console"),
	{ 0 }
};
#undef HERE

#define HERE modem_conf
static const struct conf_key modem_keys[] = {
	TEXT("name", name, NULL, FORM_NAME, 64, REQUIRED, "what the modem is called, on D-Bus too"),
	TEXT("device", device, NULL, FORM_PATH, 4095, REQUIRED, "tty that carries the AT commands; it may come and go"),
	WORD("dialect", dialect, "auto", dialects, 0, "AT commands of which maker; auto asks the module and never answers eztcp"),
	UINT("baud", baud, "115200", 1200, 4000000, CONF_OR_ZERO,
	     "bits per second; 0 is a line without a rate of its own (USB), to which writes are not paced"),
	WORD("flow_control", flow_control, "rtscts", WORDS("none", "rtscts"), 0, "flow control of the line"),
	TEXT("sim", sim, NULL, FORM_ICCID, 22, 0, "ICCID; no other SIM is used"),
	TEXT("pin_file", pin_file, NULL, FORM_SECRET, 4095, 0, "secret file with the PIN of the SIM"),
	BOOL("roaming", roaming, "false", LIVE, "use foreign networks too"),
	GROUP("pdp", pdp, pdp_keys, 0, "the PDP context"),
	UINT("secure_sockets", secure_sockets, "0", 1, 16, CONF_OR_ZERO,
	     "TLS sockets at once; 0 is what the driver is sure of (telit 1, cinterion 2 of at most 6, sim800 1, eztcp 1)"),
	UINT("supervision", supervision_s, "60", 1, DAY, LIVE, "seconds between looks at the module"),
	LIST("certificates", certificates, slot_keys, slot_conf, SLOTS, "what the slots must hold; written when they differ"),
	TEXTS("allow_command", allow_command, NULL, FORM_COMMAND, 256, NULL, LIVE,
	      "what the D-Bus method Command() may send: exact, or a prefix that ends in *; never what reads or writes keys, PINs or slots"),
	BOOL("inhibit_modemmanager", inhibit_modemmanager, "false", LIVE, "ask ModemManager to leave the modem alone"),
	GROUP("sms", sms, sms_keys, LIVE, "commands by SMS"),
	GROUP("eztcp", eztcp, eztcp_keys, 0, "the ezTCP dialect's own, in place of pdp, sim, pin_file and sms"),
	{ 0 }
};
#undef HERE

#define HERE socket_conf
static const struct conf_key socket_keys[] = {
	TEXT("path", path, NULL, FORM_SOCKET, 4095, 0, "the socket; empty is the channel's name and .sock in runtime_directory"),
	{ .name = "mode", .type = CONF_OCTAL, .offset = AT(mode), .preset = "0660", .max = 0777,
	  .help = "its mode, in octal, as a string" },
	TEXT("owner", owner, NULL, FORM_USER, 64, 0, "its owner; empty is the daemon's user, another one needs root"),
	TEXT("group", group, "celltls", FORM_GROUP, 64, 0, "its group, one that the daemon is in"),
	TEXTS("allow_users", allow_users, NULL, FORM_USER, 64, NULL, 0, "users that may connect"),
	TEXTS("allow_groups", allow_groups, NULL, FORM_GROUP, 64, NULL, 0,
	      "groups whose members may connect; with both lists empty the mode decides"),
	{ 0 }
};
#undef HERE

#define HERE tls_conf
static const struct conf_key tls_keys[] = {
	BOOL("enabled", enabled, "true", 0, "false is plain TCP, a weakness"),
	WORD("engine", engine, "module", WORDS("module", "host", "auto"), 0,
	     "who speaks TLS; auto is the module where it can keep this policy, else the host"),
	WORD("verify", verify, NULL, WORDS("none", "server", "mutual"), CONF_SOMETIMES,
	     "whether the server shows a certificate that is checked, and the client one as well"),
	TEXTS("ca", ca, "ca", FORM_PLAIN, 4095, NULL, CONF_OR_ONE, "slot or slots with the CA certificates"),
	TEXT("cert", cert, "cert", FORM_PLAIN, 4095, 0, "slot with the client certificate, for mutual"),
	TEXT("key", key, "key", FORM_PLAIN, 4095, 0, "slot with its private key"),
	TEXTS("ciphers", ciphers, NULL, FORM_CIPHER, 64, NULL, 0,
	      "IANA names; empty is all of the module's that are not weak; any: whether or not the suite can be known"),
	WORD("check_name", check_name, "try", WORDS("require", "try", "off"), 0,
	     "the host compares the peer's name where the module does not and reveals it"),
	TEXT("pin", pin, NULL, FORM_PIN, 71, 0, "fingerprint of the peer's certificate, compared where it is revealed"),
	BOOL("strict", strict, "false", 0, "no session while the channel has a weakness that is not in accept"),
	TEXTS("accept", accept, NULL, FORM_PLAIN, 32, weaknesses, 0, "weaknesses that strict lets pass"),
	BOOL("resume", resume, "true", 0, "session resumption where the engine has it"),
	WORD("min_version", min_version, "1.2", WORDS("1.2", "1.3"), 0, "engine host: the lowest version of TLS"),
	TEXT("server_name", server_name, NULL, FORM_HOST, 253, 0, "engine host: name asked for and checked; empty is the remote's"),
	TEXTS("alpn", alpn, NULL, FORM_PLAIN, 255, NULL, 0, "engine host: protocols offered, in order"),
	{ 0 }
};
#undef HERE

#define HERE ocsp_conf
static const struct conf_key ocsp_keys[] = {
	BOOL("enabled", enabled, "false", 0, "check whether the server's certificate is revoked"),
	WORD("policy", policy, "soft", WORDS("observe", "soft", "strict", "hard"), 0, "what a missing or bad verdict means"),
	UINT("interval", interval_s, "14400", 60, YEAR, 0, "seconds between checks"),
	UINT("timeout", timeout_s, "0", 1, 3600, CONF_OR_ZERO,
	     "seconds for one check; 0 is 15 by the host's network, 45 by the modem"),
	TEXT("url", url, NULL, FORM_URL, 255, 0, "responder, in place of the certificate's own"),
	WORD("via", via, "auto", WORDS("auto", "modem", "host"), 0, "network of the check; auto is the host if allowed, else the modem"),
	TEXT("issuer", issuer, NULL, FORM_SOURCE, 4095, 0, "PEM file with the issuer, for modules that hide the server's chain"),
	TEXT("certificate", certificate, NULL, FORM_SOURCE, 4095, 0,
	     "PEM file with the server's certificate; empty: a probe handshake finds it; its names count for tls.check_name too"),
	WORD("crl", crl, "fallback", WORDS("off", "fallback", "only"), 0, "certificate revocation lists"),
	UINT("max_bytes", max_bytes, "0", 1024, 64 * 1024 * 1024, CONF_OR_ZERO,
	     "most to fetch; 0 is 64 KiB over the modem, 10 MiB over the host"),
	TEXT("sni", sni, "auto", FORM_HOST, 253, 0, "server name of the probe handshake: auto, off or a name"),
	WORD("nonce", nonce, "off", WORDS("off", "try", "require"), 0, "nonce in the request"),
	UINT("grace", grace_s, "3600", 0, YEAR, 0, "seconds that an open session may live without a verdict, under hard"),
	{ 0 }
};
#undef HERE

#define HERE channel_conf
static const struct conf_key channel_keys[] = {
	TEXT("name", name, NULL, FORM_NAME, 64, REQUIRED, "what the channel is called, on D-Bus too"),
	TEXT("modem", modem, NULL, FORM_NAME, 64, REQUIRED, "name of the modem that carries it"),
	{ .name = "remote", .type = CONF_REMOTES, .offset = AT(remote), .max = 16, .flags = CONF_SOMETIMES | CONF_OR_ONE,
	  .help = "host:port or [v6]:port, or a list of these, tried in order, the working one kept" },
	GROUP("socket", socket, socket_keys, SOCKET, "the Unix socket"),
	WORD("direction", direction, "outbound", WORDS("outbound", "inbound"), 0, "who connects: the app, or a peer of the module"),
	UINT("listen", listen, "0", 1, 65535, CONF_OR_ZERO, "inbound: port on which the module listens"),
	TEXT("forward", forward, NULL, FORM_SOCKET, 4095, 0, "inbound: local socket to which peers are joined"),
	WORD("mode", mode, "auto", WORDS("auto", "online", "command"), 0, "how bytes are moved on the line"),
	GROUP("tls", tls, tls_keys, 0, "the TLS policy"),
	GROUP("ocsp", ocsp, ocsp_keys, 0, "revocation checks by the host"),
	UINT("max_sessions", max_sessions, "1", 1, 64, LIVE, "clients that are joined to a secure socket at once"),
	UINT("max_waiting", max_waiting, "16", 0, 1024, LIVE, "clients that may wait; further ones are closed at once"),
	UINT("wait_timeout", wait_timeout_s, "60", 0, DAY, LIVE, "seconds that a client may wait"),
	UINT("dial_timeout", dial_timeout_s, "120", 1, 3600, LIVE, "seconds that one attempt to connect may take"),
	UINT("dial_backoff", dial_backoff_s, "60", 0, DAY, LIVE, "longest wait in seconds after a failed dial; it grows 1, 2, 4, ..."),
	UINT("idle_timeout", idle_timeout_s, "0", 0, YEAR, LIVE, "a session without a byte for so many seconds ends; 0 is never"),
	UINT("max_session_time", max_session_time_s, "0", 0, YEAR, LIVE, "a session ends after so many seconds; 0 is never"),
	UINT("linger", linger_s, "30", 0, DAY, LIVE,
	     "seconds for what is still under way when the app has closed its side"),
	{ 0 }
};
#undef HERE

#define HERE conf
static const struct conf_key log_keys[] = {
	WORD("level", log.level, "info", WORDS("error", "warning", "notice", "info", "debug"), 0,
	     "debug shows AT traffic without payload and secrets"),
	{ 0 }
};

const struct conf_key conf_keys[] = {
	{ .name = "log", .type = CONF_GROUP, .sub = log_keys, .flags = LIVE, .help = "what is written to the journal" },
	TEXT("state_directory", state_directory, "/var/lib/celltls", FORM_PATH, 4095, REQUIRED | ANEW, "where the daemon keeps its records"),
	TEXT("runtime_directory", runtime_directory, "/run/celltls", FORM_PATH, 4095, REQUIRED | SOCKET, "where the channels' sockets and the network's time are"),
	TEXT("verify_socket", verify_socket, "/run/celltls/verify.sock", FORM_SOCKET, 4095, LIVE, "where revocation checks are asked for"),
	TEXT("verify_host_socket", verify_host_socket, NULL, FORM_SOCKET, 4095, LIVE,
	     "the same with the host's network; empty: checks may not use it"),
	WORD("clock", clock, "host", WORDS("host", "module"), ANEW, "which clock is believed for dates; see TIME"),
	LIST("modems", modems, modem_keys, modem_conf, ANEW, "the modems"),
	LIST("channels", channels, channel_keys, channel_conf, RESET, "the channels"),
	{ 0 }
};
#undef HERE
