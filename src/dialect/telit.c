/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit.c - Telit GC/GE/GL/GT (10.00, 13.00, 16.00) and HE910/UE910 (12.00)
 *
 * Source: Telit "SSL/TLS User Guide" 1vv0300989 rev 6 [seed]; what it leaves out is
 * from public sources or inferred, marked [pub], [inferred]; doc/dialect-telit.md.
 *
 * What to know first: there is one secure socket, SSId 1, and only PDP context 1
 * carries it.  #SSLEN=1,1 comes before every other SSL setting.  The prompt has
 * no line end behind it, counted payload has no Ctrl-Z.  #SSLRECV blocks the
 * port until data or its time-out.  +++ reaches the peer unless #SKIPESC=1.
 */
#include "dialect/telit.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "dialect/3gpp.h"

#define SSID 1

/* Values for #SSLCFG [inferred: 5.5]; in one place, since the ranges are only remembered. */
#define PACKET_SIZE 1500   /* bytes gathered in online mode before they are sent */
#define MAX_TO 0	   /* s without traffic before the module closes; 0: never */
#define DEF_TO 600	   /* 100 ms; of commands that name no time-out: sends, so long may a server take nothing */
#define TX_TO 1		   /* 100 ms until a part of a packet is sent; 0 would be never */
#define RING_MODE 1	   /* SSLSRING: <SSId>,<bytes> */
#define RECV_TO 10	   /* 100 ms; the shortest that #SSLRECV takes */
#define PACKET_GAP_MAX 300 /* 100 ms; longest wait of #SSLD for the next packet, as in the guide's example */
#define PACKET_GAP_LESS 20 /* 100 ms; and so much shorter than the host's own limit */

#define GUARD_DEFAULT_MS 1000 /* S12 = 50 */
#define GUARD_LEAST 20	      /* of S12 [pub] */

/* ---- families: section 2 of the notes ---- */

struct telit {
	struct family f;
	bool selint;	  /* SSL commands belong to AT#SELINT=2 */
	bool cpumode;	  /* big certificates need a faster CPU */
	bool cert_format; /* #SSLSECCFG has a fourth argument */
	bool fast_dial;	  /* #SSLFASTD, and closureType 1 */
};

static const struct telit *
telit(const struct module *m)
{
	return (const struct telit *)m->family;
}

#define AES_256 "TLS_RSA_WITH_AES_256_CBC_SHA"
#define AES_128 "TLS_RSA_WITH_AES_128_CBC_SHA"
#define RC4_SHA "TLS_RSA_WITH_RC4_128_SHA"
#define RC4_MD5 "TLS_RSA_WITH_RC4_128_MD5"
#define NULL_SHA "TLS_RSA_WITH_NULL_SHA"

#define SUITE_ANY 0 /* the module offers all but NULL, the server picks */

static const struct dialect_suite suites_2g[] = {
	{ AES_256, 3, WEAK_SHA1, false },
	{ RC4_SHA, 2, WEAK_RC4 | WEAK_SHA1, true },
	{ RC4_MD5, 1, WEAK_RC4 | WEAK_MD5, true },
	{ 0 }
};

static const struct dialect_suite suites_3g[] = {
	{ AES_128, 3, WEAK_SHA1, false },
	{ RC4_SHA, 2, WEAK_RC4 | WEAK_SHA1, true },
	{ RC4_MD5, 1, WEAK_RC4 | WEAK_MD5, true },
	{ NULL_SHA, 4, WEAK_NULL | WEAK_SHA1, true },
	{ 0 }
};

#define COMMON \
	.secure_sockets = 1, .tls_version = "1.0", .slot_max = 2047, .send_max = 1000, .recv_max = 1000, \
	.weak = WEAK_TLS10 | WEAK_NAME_UNCHECKED

static const struct telit ge_13 = {
	.f = { .title = "Telit GE910 (13.00)", .models = (const char *const[]){ "GE910*", NULL }, .revision = "13.*",
	    .suites = suites_2g, COMMON },
	.selint = true, .fast_dial = true,
};

static const struct telit gl_16 = {
	.f = { .title = "Telit GL865/GL868/GE910 V3 (16.00)",
	    .models = (const char *const[]){ "GL86*", "GE910*", "GE86*V3*", NULL }, .revision = "16.*",
	    .suites = suites_2g, COMMON },
	.selint = true, .cpumode = true, .fast_dial = true,
};

static const struct telit gx_10 = {
	.f = { .title = "Telit GC/GE/GL/GT (10.00)", .models = (const char *const[]){ "GC*", "GE*", "GL*", "GT*", NULL },
	    .suites = suites_2g, COMMON },
	.selint = true, .cpumode = true, .fast_dial = true,
};

static const struct telit he_12 = {
	.f = { .title = "Telit HE910/UE910/UL865 (12.00)",
	    .models = (const char *const[]){ "HE910*", "UE910*", "UL865*", "UE866*", NULL },
	    .suites = suites_3g, COMMON },
	.cert_format = true,
};

static const struct family *const families[] = { &ge_13.f, &gl_16.f, &gx_10.f, &he_12.f, NULL };

/* ---- errors: section 11; two numberings, one set of texts ---- */

enum telit_error {
	E_GENERIC = 830,
	E_CANNOT_ACTIVATE,
	E_SOCKET,
	E_NOT_CONNECTED,
	E_ALREADY_CONNECTED,
	E_ALREADY_ACTIVATED,
	E_NOT_ACTIVATED,
	E_CERTS,
	E_ENC_DEC,
	E_HANDSHAKE,
	E_DISCONNECTED,
	E_CONTEXT_ACTIVE = 553,
	E_CONTEXT_NOT_OPENED = 556,
	E_NOT_SUPPORTED = 4,
	E_NO_SIM = 10,
	E_NO_NETWORK = 30,
	E_CONTEXT_FAILED = 555,
};

static const struct {
	int code, new_code;
	const char *text, *advice;
	enum dial_cause cause;
} errors[] = {
	{ E_GENERIC, 1002, "SSL generic error", NULL, DIAL_OTHER },
	{ E_CANNOT_ACTIVATE, 1007, "SSL cannot activate", "another AT port of the module has TLS enabled", DIAL_OTHER },
	{ E_SOCKET, 1005, "SSL socket error", "the name is not known, or the server refused or did not answer: check remote",
	    DIAL_UNREACHED },
	{ E_NOT_CONNECTED, 1008, "SSL not connected", NULL, DIAL_OTHER },
	{ E_ALREADY_CONNECTED, 1009, "SSL already connected", NULL, DIAL_OTHER },
	{ E_ALREADY_ACTIVATED, 1003, "SSL already activated", NULL, DIAL_OTHER },
	{ E_NOT_ACTIVATED, 1000, "SSL not activated", NULL, DIAL_OTHER },
	{ E_CERTS, 1001, "SSL certs and keys wrong or not stored", "give the modem's certificates the slots that verify needs",
	    DIAL_CERTIFICATE },
	{ E_ENC_DEC, 1010, "SSL error enc/dec data", "the server may send TLS records above 15800 bytes", DIAL_OTHER },
	{ E_HANDSHAKE, 1004, "SSL error during handshake",
	    "check that the server speaks TLS 1.0 with a suite of this module, that ca is the root of its chain, and the dates",
	    DIAL_HANDSHAKE },
	{ E_DISCONNECTED, 1011, "SSL disconnected", NULL, DIAL_OTHER },
	{ E_CONTEXT_ACTIVE, 553, "context already activated", NULL, DIAL_OTHER },
	{ E_CONTEXT_NOT_OPENED, 556, "context not opened", NULL, DIAL_CONTEXT },
	{ E_CONTEXT_FAILED, 555, "activation failed", NULL, DIAL_CONTEXT },
	{ E_NO_SIM, 10, "SIM not inserted", NULL, DIAL_CONTEXT },
	{ E_NO_NETWORK, 30, "no network service", NULL, DIAL_CONTEXT },
	{ E_NOT_SUPPORTED, 4, "operation not supported", NULL, DIAL_OTHER },
};

/* The row of an error, by number or by text; -1: not one of ours. */
static int
error_row(const struct at_error *e)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (e->code >= 0 ? e->code == errors[i].code || e->code == errors[i].new_code :
		    strcasecmp(e->text, errors[i].text) == 0)
			return (int)i;
	return -1;
}

static bool
is_error(const struct at_error *e, enum telit_error code)
{
	int row = error_row(e);

	return row >= 0 && errors[row].code == (int)code;
}

static const char *
advice(const struct at_error *e)
{
	int row = error_row(e);

	return row < 0 ? NULL : errors[row].advice;
}

static enum dial_cause
cause(const struct at_error *e)
{
	int row = error_row(e);

	return row < 0 ? DIAL_OTHER : errors[row].cause;
}

/* ---- unsolicited lines ---- */

static int
sring_urc(struct at_line *l, struct dialect_event *ev)
{
	ev->sock = (int)at_line_int(l) - SSID;
	ev->len = at_line_int_or(l, 0);
	return at_line_check(l);
}

/* "+CGEV: NW DEACT "IP","<addr>",<cid>", "NW DETACH", "ME DETACH" */
static int
cgev_urc(struct at_line *l, struct dialect_event *ev)
{
	const char *what = at_line_rest(l);

	if (str_matches(what, "?? DEACT*") || str_matches(what, "?? DETACH*"))
		ev->kind = EVENT_PDP_LOST;
	return 0;
}

/* "#QSS: <status>" [inferred:recall] */
static int
qss_urc(struct at_line *l, struct dialect_event *ev)
{
	ev->kind = EVENT_SIM;
	ev->state = at_line_int(l) == 0 ? SIM_MISSING : SIM_UNKNOWN;
	return at_line_check(l);
}

static const struct at_urc urcs[] = {
	{ "SSLSRING:", sring_urc, EVENT_SOCK_READABLE, 0 },
	{ "NO CARRIER", NULL, EVENT_SOCK_CLOSED, 0 },
	{ "+CREG:", gpp_creg_urc, EVENT_NONE, 0 },
	{ "+CGREG:", gpp_creg_urc, EVENT_NONE, 0 },
	{ "+CGEV:", cgev_urc, EVENT_NONE, 0 },
	{ "#QSS:", qss_urc, EVENT_NONE, 0 },
	{ "#NITZ:", NULL, EVENT_NETWORK_TIME, 0 },
	{ "SRING:", NULL, EVENT_NONE, 0 },
	{ "RING", NULL, EVENT_NONE, 0 },
	{ 0 }
};

/* ---- setting up: sections 3 and 6 ---- */

static struct module *
mod(const void *op)
{
	return ((const struct modem_op *)op)->mod;
}

static void
selint_cmd(struct at_cmd *c, const void *op)
{
	if (telit(mod(op))->selint)
		at_cmd_text(c, "AT#SELINT=2");
}

/* XON/XOFF (&K4 to &K6) would eat payload; DTR must mean nothing. */
static void
line_cmd(struct at_cmd *c, const void *op)
{
	at_cmd_text(c, ((const struct modem_op *)op)->rtscts ? "AT&K3&C1&D0" : "AT&K0&C1&D0");
}

static void
cpumode_cmd(struct at_cmd *c, const void *op)
{
	if (telit(mod(op))->cpumode)
		at_cmd_text(c, "AT#CPUMODE=2");
}

/* A rate of 0 is autobaud: before a command trained it URCs come at any rate, and so it is fixed [inferred:recall]. */
static void
ipr_read(struct at_cmd *c, const void *op)
{
	mod(op)->scratch_same = true; /* unless it says otherwise */
	if (((const struct modem_op *)op)->baud)
		at_cmd_text(c, "AT+IPR?");
}

static int
ipr_answer(struct at_line *l, void *op)
{
	mod(op)->scratch_same = at_line_int(l) != 0;
	return at_line_check(l);
}

static void
rate_cmd(struct at_cmd *c, const void *op)
{
	at_cmd_text(c, "AT+IPR=");
	at_cmd_int(c, ((const struct modem_op *)op)->baud);
}

static void
fix_rate_cmd(struct at_cmd *c, const void *op)
{
	if (!mod(op)->scratch_same)
		rate_cmd(c, op);
}

static int
skipesc_answer(struct at_line *l, void *op)
{
	mod(op)->escape_hidden = at_line_int(l) == 1;
	return at_line_check(l);
}

/* Once more: noise may have spoiled the first, and what stands now stands for the module's whole life. */
static void
skipesc_again(struct at_cmd *c, const void *op)
{
	if (!mod(op)->escape_hidden)
		at_cmd_text(c, "AT#SKIPESC=1");
}

static void
skipesc_read_again(struct at_cmd *c, const void *op)
{
	if (!mod(op)->escape_hidden)
		at_cmd_text(c, "AT#SKIPESC?");
}

/* "043": the escape character */
static int
s2_line(struct at_line *l, void *op)
{
	long c = at_line_int(l);

	if (at_line_check(l) || c > 255)
		return AT_NOT_MINE;
	mod(op)->escape = (char)c;
	return AT_OK;
}

/* Another than the usual one may be a misread: nothing would leave data mode any more, so it must be said twice. */
static void
s2_again(struct at_cmd *c, const void *op)
{
	if (mod(op)->escape != '+')
		at_cmd_text(c, "ATS2?");
}

static int
s2_again_line(struct at_line *l, void *op)
{
	char first = mod(op)->escape;
	int r = s2_line(l, op);

	if (r == AT_OK && mod(op)->escape != first)
		mod(op)->escape = '+';
	return r;
}

/* "050": fiftieths of a second.  Less than any module has was spoiled on the line, and the escape would not be heard. */
static int
s12_line(struct at_line *l, void *op)
{
	long guard = at_line_int(l);

	if (at_line_check(l) || strlen(l->text) != 3 || guard < GUARD_LEAST || guard > 255)
		return AT_NOT_MINE;
	mod(op)->guard_ms = (uint32_t)guard * 20;
	return AT_OK;
}

/* Seconds; overrides S12 when not 0. */
static int
e2esc_answer(struct at_line *l, void *op)
{
	long guard = at_line_int(l);

	if (guard > 0 && guard <= 10)
		mod(op)->guard_ms = (uint32_t)guard * 1000;
	return at_line_check(l);
}

static void
forget_probes(struct at_cmd *c, const void *op)
{
	mod(op)->counted_send = false;
	mod(op)->resumption = false;
	mod(op)->escape_hidden = false;
	mod(op)->guard_ms = GUARD_DEFAULT_MS;
	mod(op)->escape = '+';
	at_cmd_text(c, "AT+CMEE=2");
}

static int
no_counted_send(const struct at_error *e, void *op)
{
	(void)e;
	mod(op)->counted_send = false;
	return 0;
}

static void
sendext_cmd(struct at_cmd *c, const void *op)
{
	mod(op)->counted_send = true; /* unless it is refused */
	at_cmd_text(c, "AT#SSLSENDEXT=?");
}

static int
no_resumption(const struct at_error *e, void *op)
{
	(void)e;
	mod(op)->resumption = false;
	return 0;
}

static void
fastd_cmd(struct at_cmd *c, const void *op)
{
	if (!telit(mod(op))->fast_dial)
		return;
	mod(op)->resumption = true;
	at_cmd_text(c, "AT#SSLFASTD=?");
}

static const struct at_step setup[] = {
	{ .cmd = "ATE0" },
	{ .build = forget_probes },
	{ .build = selint_cmd },
	{ .build = line_cmd },
	{ .build = ipr_read, .answer = "+IPR:", .parse = ipr_answer, .flags = AT_OPTIONAL },
	{ .build = fix_rate_cmd, .flags = AT_OPTIONAL },
	{ .cmd = "AT+CVHU=2", .flags = AT_OPTIONAL }, /* else &D0 may close on a DTR drop [pub] */
	{ .cmd = "AT#SKIPESC=1", .flags = AT_OPTIONAL },
	{ .cmd = "AT#SKIPESC?", .answer = "#SKIPESC:", .parse = skipesc_answer, .flags = AT_OPTIONAL },
	{ .build = skipesc_again, .flags = AT_OPTIONAL },
	{ .build = skipesc_read_again, .answer = "#SKIPESC:", .parse = skipesc_answer, .flags = AT_OPTIONAL },
	{ .cmd = "ATS2?", .other = s2_line, .flags = AT_OPTIONAL },
	{ .build = s2_again, .other = s2_again_line, .flags = AT_OPTIONAL },
	{ .cmd = "ATS12?", .other = s12_line, .flags = AT_OPTIONAL },
	{ .cmd = "AT#E2ESC?", .answer = "#E2ESC:", .parse = e2esc_answer, .flags = AT_OPTIONAL },
	{ .build = sendext_cmd, .refused = no_counted_send },
	{ .build = fastd_cmd, .refused = no_resumption },
	{ .build = cpumode_cmd, .flags = AT_OPTIONAL },
	{ .cmd = "AT+CREG=1", .flags = AT_OPTIONAL },
	{ .cmd = "AT+CGREG=1", .flags = AT_OPTIONAL },
	{ .cmd = "AT+CGEREP=1", .flags = AT_OPTIONAL },
	{ .cmd = "AT#QSS=1", .flags = AT_OPTIONAL }, /* a SIM that is taken out or put in is told */
	{ .cmd = "AT#NITZ=7,1", .flags = AT_OPTIONAL }, /* the network sets the clock, and #NITZ: says so [inferred:recall] */
	{ 0 }
};

/* ---- the PDP context: section 4 ---- */

static int
cgatt_answer(struct at_line *l, void *op)
{
	mod(op)->attached = at_line_int(l) == 1;
	return at_line_check(l);
}

static void
cgatt_cmd(struct at_cmd *c, const void *op)
{
	if (!mod(op)->attached)
		at_cmd_text(c, "AT+CGATT=1");
}

static const struct at_step attach[] = {
	{ .cmd = "AT+CGATT?", .answer = "+CGATT:", .parse = cgatt_answer },
	{ .build = cgatt_cmd, .timeout_ms = 140000, .flags = AT_PATIENT },
	{ 0 }
};

/* Saved by the module: written only when it differs. */
static int
cgdcont_answer(struct at_line *l, void *op)
{
	const struct modem_op *o = op;
	char type[16], apn[101];
	long cid = at_line_int(l);

	at_line_str(l, type, sizeof(type));
	at_line_str(l, apn, sizeof(apn));
	if (cid == (long)o->cid)
		o->mod->scratch_same = !at_line_check(l) && !strcmp(type, o->pdp_type) && !strcmp(apn, o->apn);
	return AT_OK;
}

static void
cgdcont_read(struct at_cmd *c, const void *op)
{
	mod(op)->scratch_same = false;
	at_cmd_text(c, "AT+CGDCONT?");
}

static void
cgdcont_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (o->mod->scratch_same)
		return;
	at_cmd_text(c, "AT+CGDCONT=");
	at_cmd_int(c, o->cid);
	at_cmd_str(c, o->pdp_type);
	at_cmd_str(c, o->apn);
}

static void
auth_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (o->auth < 0)
		return;
	at_cmd_text(c, "AT#SGACTAUTH=");
	at_cmd_int(c, o->auth);
}

/* The read form: "#SGACT: <cid>,<0/1>", a line per context. */
static int
sgact_state(struct at_line *l, void *op)
{
	const struct modem_op *o = op;
	long cid = at_line_int(l), up = at_line_int(l);

	if (!at_line_check(l) && cid == (long)o->cid)
		o->mod->context_up = up == 1;
	return at_line_check(l);
}

static void
sgact_read(struct at_cmd *c, const void *op)
{
	mod(op)->context_up = false;
	at_cmd_text(c, "AT#SGACT?");
}

static void
sgact_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (o->mod->context_up || (o->user && o->user[0]))
		return;
	at_cmd_text(c, "AT#SGACT=");
	at_cmd_int(c, o->cid);
	at_cmd_int(c, 1);
}

/* The same with a password, in a step of its own, which traces show as a length. */
static void
sgact_password_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (o->mod->context_up || !o->user || !o->user[0])
		return;
	at_cmd_text(c, "AT#SGACT=");
	at_cmd_int(c, o->cid);
	at_cmd_int(c, 1);
	at_cmd_str(c, o->user);
	at_cmd_str(c, o->password ? o->password : "");
}

/* The set form's answer is the address: same prefix, other shape. */
static int
sgact_address(struct at_line *l, void *op)
{
	at_line_str(l, mod(op)->address, sizeof(mod(op)->address));
	mod(op)->context_up = true;
	return AT_OK;
}

static int
sgact_refused(const struct at_error *e, void *op)
{
	mod(op)->context_up = is_error(e, E_CONTEXT_ACTIVE);
	return mod(op)->context_up ? 0 : -EREMOTEIO;
}

static void
cgpaddr_cmd(struct at_cmd *c, const void *op)
{
	if (mod(op)->address[0])
		return;
	at_cmd_text(c, "AT+CGPADDR=");
	at_cmd_int(c, ((const struct modem_op *)op)->cid);
}

static int
cgpaddr_answer(struct at_line *l, void *op)
{
	at_line_int(l);
	at_line_str(l, mod(op)->address, sizeof(mod(op)->address));
	return AT_OK;
}

static const struct at_step context_up[] = {
	{ .build = cgdcont_read, .answer = "+CGDCONT:", .parse = cgdcont_answer, .flags = AT_MAYBE },
	{ .build = cgdcont_cmd },
	{ .build = auth_cmd, .flags = AT_OPTIONAL },
	{ .build = sgact_read, .answer = "#SGACT:", .parse = sgact_state, .flags = AT_MAYBE },
	{ .build = sgact_cmd, .answer = "#SGACT:", .parse = sgact_address, .refused = sgact_refused,
	    .timeout_ms = 150000, .flags = AT_PATIENT | AT_MAYBE },
	{ .build = sgact_password_cmd, .answer = "#SGACT:", .parse = sgact_address, .refused = sgact_refused,
	    .timeout_ms = 150000, .flags = AT_SECRET | AT_PATIENT | AT_MAYBE },
	{ .build = cgpaddr_cmd, .answer = "+CGPADDR:", .parse = cgpaddr_answer, .flags = AT_OPTIONAL },
	{ 0 }
};

static void
sgact_down(struct at_cmd *c, const void *op)
{
	at_cmd_text(c, "AT#SGACT=");
	at_cmd_int(c, ((const struct modem_op *)op)->cid);
	at_cmd_int(c, 0);
}

static const struct at_step context_down[] = {
	{ .cmd = "AT#SSLEN=1,0", .flags = AT_OPTIONAL },
	{ .build = sgact_down, .timeout_ms = 30000, .flags = AT_OPTIONAL },
	{ 0 }
};

/* ---- the way back: section 4, end ---- */

static const struct at_step detach[] = {
	{ .cmd = "AT+CGATT=0", .timeout_ms = 30000, .flags = AT_PATIENT },
	{ 0 }
};

/* The older units know only the second [pub]. */
static const struct at_step soft_reset[] = { { .cmd = "AT#REBOOT", .timeout_ms = 5000 }, { 0 } };
static const struct at_step hard_reset[] = { { .cmd = "AT#ENHRST=1,0", .timeout_ms = 5000 }, { 0 } };

static const struct at_step set_rate[] = { { .build = rate_cmd }, { 0 } };

/* ---- TLS: section 5 ---- */

static int
sslen_answer(struct at_line *l, void *op)
{
	if (at_line_int(l) == SSID)
		mod(op)->tls_enabled = at_line_int(l) == 1;
	return at_line_check(l);
}

static void
sslen_cmd(struct at_cmd *c, const void *op)
{
	if (mod(op)->tls_enabled)
		return;
	mod(op)->tls_enabled = true; /* unless it is refused */
	at_cmd_text(c, "AT#SSLEN=1,1");
}

static int
sslen_refused(const struct at_error *e, void *op)
{
	mod(op)->tls_enabled = is_error(e, E_ALREADY_ACTIVATED);
	return mod(op)->tls_enabled ? 0 : -EREMOTEIO;
}

static int
left_open_answer(struct at_line *l, void *op)
{
	at_line_int(l);
	mod(op)->scratch_open = at_line_int(l) == SOCK_OPEN;
	return at_line_check(l);
}

static void
reclaim_cmd(struct at_cmd *c, const void *op)
{
	if (!mod(op)->scratch_open)
		return;
	at_cmd_text(c, "AT#SSLH=1");
	if (telit(mod(op))->fast_dial)
		at_cmd_int(c, 0); /* explicit, see close_cmd() */
}

/* "#SSLCFG: 1,<cid>,<pktSz>,<maxTo>,<defTo>,<txTo>[,<ring>[,...]]", 6 to 12 fields; saved by the module */
static int
sslcfg_answer(struct at_line *l, void *op)
{
	const struct modem_op *o = op;
	int fields = at_line_fields(l);
	long cid, size, max_to, def_to, tx_to;

	if (at_line_int(l) != SSID)
		return at_line_check(l);
	cid = at_line_int(l);
	size = at_line_int(l);
	max_to = at_line_int(l);
	def_to = at_line_int(l);
	tx_to = at_line_int(l);
	o->mod->ring = fields >= 7;
	o->mod->scratch_same = cid == (long)o->cid && size == PACKET_SIZE && max_to == MAX_TO && def_to == DEF_TO &&
	    tx_to == TX_TO;
	if (o->mod->ring)
		o->mod->scratch_same &= at_line_int(l) == RING_MODE;
	o->mod->scratch_fields = (unsigned)fields;
	if (fields >= 8) /* noCarrierMode */
		o->mod->scratch_same &= at_line_int(l) == 0;
	return at_line_check(l);
}

static void
sslcfg_read(struct at_cmd *c, const void *op)
{
	mod(op)->scratch_same = false;
	at_cmd_text(c, "AT#SSLCFG?");
}

static void
sslcfg_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (o->mod->scratch_same)
		return;
	at_cmd_text(c, "AT#SSLCFG=1");
	at_cmd_int(c, o->cid);
	at_cmd_int(c, PACKET_SIZE);
	at_cmd_int(c, MAX_TO);
	at_cmd_int(c, DEF_TO);
	at_cmd_int(c, TX_TO);
	if (o->mod->ring)
		at_cmd_int(c, RING_MODE);
	if (o->mod->scratch_fields >= 8) /* "NO CARRIER:SSL,1" would pass for the server's bytes */
		at_cmd_int(c, 0);
}

static const struct at_step tls_up[] = {
	{ .script = gpp_set_clock },
	{ .cmd = "AT#SSLEN?", .answer = "#SSLEN:", .parse = sslen_answer },
	{ .build = sslen_cmd, .refused = sslen_refused },
	{ .cmd = "AT#SSLS=1", .answer = "#SSLS:", .parse = left_open_answer },
	{ .build = reclaim_cmd, .flags = AT_OPTIONAL, .timeout_ms = 10000 },
	{ .build = sslcfg_read, .answer = "#SSLCFG:", .parse = sslcfg_answer },
	{ .build = sslcfg_cmd },
	{ 0 }
};

static const struct at_step look[] = {
	{ .script = gpp_registration },
	{ .build = sgact_read, .answer = "#SGACT:", .parse = sgact_state, .flags = AT_MAYBE },
	{ .cmd = "AT#SSLEN?", .answer = "#SSLEN:", .parse = sslen_answer },
	{ 0 }
};

/* ---- the socket ---- */

static bool
in_two_steps(const struct sock_op *o)
{
	return o->online && o->suite == SUITE_ANY; /* the suite must be known before the app's bytes go */
}

static void
seccfg_cmd(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;

	at_cmd_text(c, "AT#SSLSECCFG=1");
	at_cmd_int(c, o->suite);
	at_cmd_int(c, o->verify);
	if (telit(o->mod)->cert_format)
		at_cmd_int(c, 1); /* PEM */
}

/* Read back before every dial: what verifies must not be left to hope. */
static int
seccfg_answer(struct at_line *l, void *op)
{
	const struct sock_op *o = op;

	if (at_line_int(l) != SSID)
		return at_line_check(l);
	return at_line_int(l) == o->suite && at_line_int(l) == (long)o->verify ? AT_OK : -EBADMSG;
}

/* Shorter than the whole: of a server that is silent the module tells, and need not be given up. */
static long
packet_gap(const struct sock_op *o)
{
	long gap = (long)(o->timeout_ms / 100) - PACKET_GAP_LESS;

	return gap < 10 ? 10 : gap > PACKET_GAP_MAX ? PACKET_GAP_MAX : gap;
}

static void
fast_cmd(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;

	if (!o->fast)
		return;
	at_cmd_text(c, "AT#SSLFASTD=1");
	at_cmd_int(c, o->online && !in_two_steps(o) ? 0 : 1);
	at_cmd_int(c, packet_gap(o));
}

/* A user has seen it fail on real hardware [pub]: any refusal means a full dial. */
static int
fast_refused(const struct at_error *e, void *op)
{
	(void)e;
	((struct sock_op *)op)->fast = false;
	return 0;
}

static void
dial_cmd(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;

	if (o->fast) /* it worked */
		return;
	at_cmd_text(c, "AT#SSLD=1");
	at_cmd_int(c, o->port);
	at_cmd_str(c, o->host);
	at_cmd_int(c, o->keep ? 1 : 0);
	at_cmd_int(c, o->online && !in_two_steps(o) ? 0 : 1);
	at_cmd_int(c, packet_gap(o));
}

/* Whatever has opened it, nobody has it: it is to be closed, or no dial would ever come through. */
static int
dial_refused(const struct at_error *e, void *op)
{
	(void)op;
	return is_error(e, E_ALREADY_CONNECTED) ? -EISCONN : -EREMOTEIO;
}

static uint32_t
dial_timeout(const void *op)
{
	return ((const struct sock_op *)op)->timeout_ms;
}

static const struct at_word dial_words[] = {
	{ "NO CARRIER", -EREMOTEIO, false },
	{ "CONNECT", AT_CONNECT, false },
	{ "CONNECT ", AT_CONNECT, false },
	{ 0 }
};

/* "#SSLS: <SSId>,<state>[,<cipher>]"; the cipher only while open */
static int
ssls_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long id = at_line_int(l), state = at_line_int(l);

	if (at_line_check(l) || id != SSID || state < SOCK_DISABLED || state > SOCK_OPEN)
		return -EBADMSG;
	o->state = (int)state;
	o->suite_used = (int)at_line_int_or(l, -1);
	return at_line_check(l);
}

static void
ask_suite_cmd(struct at_cmd *c, const void *op)
{
	struct sock_op *o = (struct sock_op *)op;

	o->connected = true; /* or the script had ended */
	o->resumed = o->fast;
	if (o->suite == SUITE_ANY)
		at_cmd_text(c, "AT#SSLS=1");
}

static void
online_cmd(struct at_cmd *c, const void *op)
{
	if (in_two_steps(op))
		at_cmd_text(c, "AT#SSLO=1");
}

/* CONNECT, but two public drivers wait for OK (section 15, 4): what that means is found out. */
static const struct at_word resume_words[] = {
	{ "NO CARRIER", -ENOTCONN, false },
	{ "OK", AT_MAY_CONNECT, false },
	{ "CONNECT", AT_CONNECT, false },
	{ "CONNECT ", AT_CONNECT, false },
	{ 0 }
};

static const struct at_step open_steps[] = {
	{ .build = seccfg_cmd },
	{ .cmd = "AT#SSLSECCFG?", .answer = "#SSLSECCFG:", .parse = seccfg_answer },
	{ .build = fast_cmd, .words = dial_words, .refused = fast_refused, .timeout = dial_timeout, .flags = AT_PATIENT },
	{ .build = dial_cmd, .words = dial_words, .refused = dial_refused, .timeout = dial_timeout, .flags = AT_PATIENT },
	{ .build = ask_suite_cmd, .answer = "#SSLS:", .parse = ssls_answer },
	{ .build = online_cmd, .words = resume_words, .timeout_ms = 5000 },
	{ 0 }
};

/* Bytes that #SSLSEND would act on instead of sending them (5.10). */
static bool
acts_as_control(uint8_t c)
{
	return c == 0x08 || c == 0x1a || c == 0x1b;
}

static size_t
send_limit(const struct module *m, const uint8_t *tx, size_t len)
{
	size_t n = 0;

	if (m->counted_send)
		return len;
	while (n < len && !acts_as_control(tx[n]))
		n++;
	return n;
}

static void
sendext_send(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;

	if (!o->mod->counted_send)
		return;
	at_cmd_text(c, "AT#SSLSENDEXT=1");
	at_cmd_int(c, (long)o->tx_len);
}

static void
text_send(struct at_cmd *c, const void *op)
{
	if (!((const struct sock_op *)op)->mod->counted_send)
		at_cmd_text(c, "AT#SSLSEND=1");
}

static void
counted_payload(struct at_payload *p, void *op)
{
	const struct sock_op *o = op;

	p->bytes = o->tx;
	p->len = o->tx_len;
}

static void
text_payload(struct at_payload *p, void *op)
{
	counted_payload(p, op);
	p->end = "\x1a";
}

static const struct at_word send_words[] = { { "NO CARRIER", -ENOTCONN, false }, { 0 } };

static const struct at_step send_steps[] = {
	{ .build = sendext_send, .payload = counted_payload, .words = send_words, .timeout_ms = DEF_TO * 100 + 5000 },
	{ .build = text_send, .payload = text_payload, .words = send_words, .timeout_ms = DEF_TO * 100 + 5000 },
	{ 0 }
};

static void
recv_cmd(struct at_cmd *c, const void *op)
{
	at_cmd_text(c, "AT#SSLRECV=1");
	at_cmd_int(c, (long)((const struct sock_op *)op)->rx_max);
	at_cmd_int(c, RECV_TO);
}

/* "#SSLRECV: <n>"; should an id stand before it, the last number counts (section 15, 5) */
static int
recv_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long n = at_line_int(l);

	if (at_line_more(l))
		n = at_line_int(l);
	if (at_line_check(l) || n < 0 || (size_t)n > o->rx_max || o->rx_len) /* a second one would be more than there is room for */
		return -EBADMSG;
	o->rx_len = (size_t)n;
	at_line_payload(l, n);
	return AT_OK;
}

static int
recv_other(struct at_line *l, void *op)
{
	struct sock_op *o = op;

	if (strcmp(l->text, "DISCONNECTED") == 0)
		o->rx_end = true;
	else if (strcmp(l->text, "TIMEOUT") != 0)
		return AT_NOT_MINE;
	return o->rx_len ? -EBADMSG : AT_OK;
}

static void
recv_sink(void *op, const void *bytes, size_t len)
{
	struct sock_op *o = op;

	o->rx(o->rx_arg, bytes, len);
}

/* Before or behind the answer, both are known (open question 8). */
static const struct at_word recv_words[] = { { "NO CARRIER", -ENOTCONN, true }, { 0 } };

static const struct at_step receive_steps[] = {
	{ .build = recv_cmd, .answer = "#SSLRECV:", .parse = recv_answer, .other = recv_other, .sink = recv_sink,
	    .words = recv_words, .timeout_ms = RECV_TO * 100 + 5000 },
	{ 0 }
};

static void
sock_context_read(struct at_cmd *c, const void *op)
{
	((const struct sock_op *)op)->mod->context_up = false;
	at_cmd_text(c, "AT#SGACT?");
}

static int
sock_context_answer(struct at_line *l, void *op)
{
	const struct sock_op *o = op;
	long cid = at_line_int(l), up = at_line_int(l);

	if (!at_line_check(l) && cid == (long)o->cid)
		o->mod->context_up = up == 1;
	return at_line_check(l);
}

static const struct at_step status[] = {
	{ .cmd = "AT#SSLS=1", .answer = "#SSLS:", .parse = ssls_answer },
	{ .build = sock_context_read, .answer = "#SGACT:", .parse = sock_context_answer, .flags = AT_MAYBE },
	{ 0 }
};

static const struct at_step suspend[] = { { .flags = AT_ESCAPE }, { .script = status }, { 0 } };

static const struct at_step check[] = {
	{ .flags = AT_ESCAPE | AT_OPTIONAL },
	{ .flags = AT_SYNC }, /* +++, and bytes of an app, may stand in the command line */
	{ .script = status },
	{ 0 }
};

static int
resume_refused(const struct at_error *e, void *op)
{
	(void)op;
	return e->kind == AT_ERROR_WORD || is_error(e, E_NOT_CONNECTED) ? -ENOTCONN : -EREMOTEIO;
}

static const struct at_step resume[] = {
	{ .cmd = "AT#SSLO=1", .words = resume_words, .refused = resume_refused, .timeout_ms = 5000 },
	{ 0 }
};

static void
close_cmd(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;

	at_cmd_text(c, "AT#SSLH=1");
	if (telit(o->mod)->fast_dial) /* explicit: its default is not what the guide's examples show */
		at_cmd_int(c, o->keep ? 1 : 0);
}

static int
close_refused(const struct at_error *e, void *op)
{
	(void)op;
	return is_error(e, E_NOT_CONNECTED) ? 0 : -EREMOTEIO;
}

static const struct at_step close_steps[] = {
	{ .build = close_cmd, .refused = close_refused, .timeout_ms = 10000 },
	{ 0 }
};

/* ---- the certificate store: sections 5.4 and 9 ---- */

static const struct dialect_slot slots[] = {
	{ "ca", SLOT_CA, 1 }, { "cert", SLOT_CERTIFICATE, 0 }, { "key", SLOT_KEY, 2 }, { 0 }
};

/* "#SSLSECDATA: 1,<cert>,<ca>,<key>" */
static int
secdata_answer(struct at_line *l, void *op)
{
	struct module *m = ((struct slot_op *)op)->mod;

	at_line_int(l);
	m->stored[1] = at_line_int(l) == 1;
	m->stored[0] = at_line_int(l) == 1;
	m->stored[2] = at_line_int(l) == 1;
	return at_line_check(l);
}

static const struct at_step slot_list[] = {
	{ .cmd = "AT#SSLSECDATA?", .answer = "#SSLSECDATA:", .parse = secdata_answer },
	{ 0 }
};

static void
secdata_cmd(struct at_cmd *c, const struct slot_op *o, int action)
{
	at_cmd_text(c, "AT#SSLSECDATA=1");
	at_cmd_int(c, action);
	at_cmd_int(c, o->slot->id);
}

static void
read_cmd(struct at_cmd *c, const void *op)
{
	secdata_cmd(c, op, 2);
}

static int
read_line(struct at_line *l, void *op)
{
	struct slot_op *o = op;

	if (strcmp(l->text, "No data stored") != 0)
		o->rx(o->rx_arg, l->text);
	return AT_OK;
}

static const struct at_step slot_read[] = {
	{ .build = read_cmd, .answer = "#SSLSECDATA:", .other = read_line, .timeout_ms = 10000 },
	{ 0 }
};

static void
delete_cmd(struct at_cmd *c, const void *op)
{
	const struct slot_op *o = op;

	if (o->mod->stored[o->slot - slots])
		secdata_cmd(c, o, 0);
}

static const struct at_step slot_delete[] = { { .build = delete_cmd, .timeout_ms = 10000 }, { 0 } };

static void
write_cmd(struct at_cmd *c, const struct slot_op *o)
{
	secdata_cmd(c, o, 1);
	at_cmd_int(c, (long)o->len);
}

static void
write_certificate_cmd(struct at_cmd *c, const void *op)
{
	const struct slot_op *o = op;

	if (o->slot->kind != SLOT_KEY)
		write_cmd(c, o);
}

static void
write_key_cmd(struct at_cmd *c, const void *op)
{
	const struct slot_op *o = op;

	if (o->slot->kind == SLOT_KEY)
		write_cmd(c, o);
}

static void
write_payload(struct at_payload *p, void *op)
{
	const struct slot_op *o = op;

	p->bytes = o->bytes;
	p->len = o->len;
	p->end = "\x1a";
}

/* The 3G line frames the next write by the format given last. */
static void
pem_cmd(struct at_cmd *c, const void *op)
{
	if (telit(((const struct slot_op *)op)->mod)->cert_format)
		at_cmd_text(c, "AT#SSLSECCFG=1,0,0,1");
}

static const struct at_step slot_write[] = {
	{ .script = slot_delete },
	{ .build = pem_cmd },
	{ .build = write_certificate_cmd, .payload = write_payload, .timeout_ms = 20000 },
	{ .build = write_key_cmd, .payload = write_payload, .timeout_ms = 20000, .flags = AT_SECRET },
	{ 0 }
};

/* ---- what a policy becomes ---- */

static bool
named(const struct tls_policy *p, const char *iana)
{
	size_t i;

	for (i = 0; i < p->n_ciphers; i++)
		if (strcasecmp(p->ciphers[i], iana) == 0)
			return true;
	return false;
}

/* The suites that the channel may use; `all` when the module may offer everything but NULL. */
static void
plan_suites(const struct module *m, const struct tls_policy *p, struct tls_plan *plan)
{
	bool any = named(p, "any"), all = true;
	const struct dialect_suite *s;

	for (s = m->family->suites; s->iana; s++) {
		if (any ? !(s->weak & WEAK_NULL) : p->n_ciphers ? named(p, s->iana) : !s->named) {
			plan->suites[plan->n_suites++] = s->id;
			plan->allowed[plan->n_allowed++] = s->id;
			plan->weak |= s->weak;
		} else if (!(s->weak & WEAK_NULL)) {
			all = false;
		}
	}
	if (all && !(plan->weak & WEAK_NULL)) {
		plan->suites[0] = SUITE_ANY;
		plan->n_suites = 1;
	}
	if (plan->n_suites)
		return;
	str_add(plan->blocked, sizeof(plan->blocked), "none of the channel's ciphers is one of the module's:");
	for (s = m->family->suites; s->iana; s++)
		str_add(plan->blocked, sizeof(plan->blocked), " %s", s->iana);
}

static void
plan(const struct module *m, const struct tls_policy *p, struct tls_plan *ret)
{
	*ret = (struct tls_plan){ .weak = m->family->weak };
	plan_suites(m, p, ret);
	if (p->verify == TLS_VERIFY_NONE) {
		ret->weak |= WEAK_UNVERIFIED;
	} else {
		ret->enforces |= ENFORCES_CHAIN | (m->clock_set ? ENFORCES_DATES : 0);
		ret->weak |= m->clock_set ? 0 : WEAK_DATES_UNCHECKED;
	}
	if (!(ret->weak & WEAK_NULL))
		ret->enforces |= ENFORCES_ENCRYPTION;
	if (p->may_go_online || !m->counted_send)
		ret->weak |= WEAK_INFLIGHT_COMMANDS | (m->escape_hidden ? 0 : WEAK_ESCAPE_VISIBLE);
}

/* ---- what is never sent for an admin ---- */

static const char *const guarded[] = {
	/* keys, certificates, and what verifies them: the configuration's alone, and a key is never read */
	"#SSLSEC",
	/* PINs; the raw way to the SIM, by which they can be given too */
	"+CPIN", "+CPWD", "+CLCK", "+CSIM", "+CGLA",
	/* the sessions' socket, and data mode (that of other commands is left again) */
	"#SSLD", "#SSLFASTD", "#SSLO", "#SSLH", "#SSLSEND", "#SSLRECV", "#SSLEN=", "#SSLCFG=", "D", "O", "A", "H", "+CGDATA",
	/* what every other command rests on: echo, result codes, the line, its rate, the escape, the command set */
	"E", "Q", "V", "S", "Z", "&F", "&C", "&D", "&K", "\\Q", "\\R", "+IPR=", "+ICF=", "+IFC=", "+CMUX", "+CMEE=", "#SELINT=",
	"#SKIPESC=", "#E2ESC=", "+CVHU=", "#PORTCFG=", "#USBCFG=",
	/* Reset() does it in order; and what is off nobody switches on again */
	"#REBOOT", "#ENHRST", "#SHDN", "#FASTSHDN", "#SYSHALT", "+CFUN=",
	NULL
};

const struct dialect dialect_telit = {
	.name = "telit",
	.manufacturers = (const char *const[]){ "*Telit*", NULL },
	.families = families,
	.urcs = urcs,
	.slots = slots,
	.command_max = 80,
	.gap_ms = 20,
	.rescue = gpp_rescue, /* ESC ends the prompts of #SSLSEND and #SSLSECDATA [inferred:recall] */
	.data_end = (const char *const[]){ "\r\nNO CARRIER\r\n", NULL },
	.auto_online = true,
	.data_doubt = "\r\nERROR\r\n",
	.guarded = guarded,

	.setup = setup,
	.sim = gpp_sim,
	.sim_unlock = gpp_sim_unlock,
	.registration = gpp_registration,
	.attach = attach,
	.context_up = context_up,
	.context_down = context_down,
	.network_time = gpp_network_time,
	.set_clock = gpp_set_clock,
	.detach = detach,
	.soft_reset = soft_reset,
	.hard_reset = hard_reset,
	.set_rate = set_rate,
	.look = look,
	.tls_up = tls_up,

	.open = open_steps,
	.send = send_steps,
	.receive = receive_steps,
	.status = status,
	.suspend = suspend,
	.check = check,
	.resume = resume,
	.close = close_steps,

	.slot_list = slot_list,
	.slot_read = slot_read,
	.slot_write = slot_write,
	.slot_delete = slot_delete,

	.send_limit = send_limit,
	.plan = plan,
	.cause = cause,
	.advice = advice,
};
