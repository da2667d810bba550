/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion.c - Cinterion MC75i, TC63i, TC65i, EES3, BGS3, EGS3, EGS5 ("WM01") and BGS2, AGS2 ("WM02")
 *
 * Source: Gemalto Application Note 62, version 04 [seed], and public AT command sets; what they
 * leave out is assumed, each assumption with its number (A-nn); doc/dialect-cinterion.md.
 *
 * What to know first: a secure channel is a service profile, a table that is filled before each
 * dial and read back, for without secOpt it is silently in clear text.  The OK of ^SISO opens
 * nothing: +CIEV brings the server's certificate, then ^SISW or ^SIS says how it went.  ^SISR
 * and ^SISW are names of answers and of URCs.  Every end wants its ^SISC.
 */
#include "dialect/cinterion.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "conf/conf.h"
#include "dialect/3gpp.h"
#include "dialect/secure-cmd.h"

#define PROFILES 10	   /* service profiles 0 to 9 */
#define BLOCK_MAX 1500	   /* bytes of one ^SISW or ^SISR */
#define ADDRESS_MAX 255
#define ADDRESS_CMD "AT^SISS=9,address,\"\""
#define IDLE_S "20"	   /* the bearer goes so many seconds after the last service (A-20) */
#define SERVICES_AT_ONCE 2 /* with TLS; more are found out (A-15) */
#define SERVICES_MOST 6	   /* Socket services of any kind */
#define ETX "3"		   /* leaves data mode behind a DLE; 1 to 15 or 17 to 255 */
#define ETX_CHAR 3

#define SERVICE_MS 10000 /* ^SISC, ^SISW, ^SISR (A-18) */
#define BEARER_MS 30000	 /* ^SICC */
#define STORE_MS 60000	 /* a store command, from its frame to its result line (A-10) */

/* ---- families: section 1 of the notes ---- */

struct cinterion {
	struct family f;
	bool bearer; /* ^SICC: the bearer by itself */
};

static const struct cinterion *
cinterion(const struct module *m)
{
	return (const struct cinterion *)m->family;
}

/* The module takes any of the four that the server takes, and does not say which. */
static const struct dialect_suite suites[] = {
	{ "TLS_RSA_WITH_AES_128_CBC_SHA", 4, WEAK_SHA1, true },
	{ "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 3, WEAK_3DES | WEAK_SHA1, true },
	{ "TLS_RSA_WITH_NULL_SHA", 2, WEAK_NULL | WEAK_SHA1, true },
	{ "TLS_RSA_WITH_NULL_MD5", 1, WEAK_NULL | WEAK_MD5, true },
	{ 0 }
};

#define SUITE_ANY 0

#define COMMON \
	.secure_sockets = SERVICES_AT_ONCE, .most_sockets = SERVICES_MOST, .suites = suites, \
	.slot_max = SECURE_CERTIFICATE_MAX, .key_max = SECURE_KEY_MAX, .send_max = BLOCK_MAX, .recv_max = BLOCK_MAX, \
	.weak = WEAK_CIPHER_UNKNOWN | WEAK_VERSION_UNKNOWN | WEAK_DATES_UNCHECKED

static const struct cinterion wm01 = {
	.f = { .title = "Cinterion MC75i/TC6xi/EES3/BGS3/EGSx (WM01)",
	    .models = (const char *const[]){ "MC75i*", "EES3*", "TC63i*", "TC65i*", "BGS3*", "EGS3*", "EGS5*", NULL }, COMMON },
	.bearer = true,
};

static const struct cinterion bgs2_old = {
	.f = { .title = "Cinterion BGS2, release 1", .models = (const char *const[]){ "BGS2*", NULL }, .revision = "REVISION 01.*",
	    .unsupported = "release 1 of this module has no TLS: update its firmware to release 2", COMMON },
};

static const struct cinterion wm02 = {
	.f = { .title = "Cinterion BGS2/AGS2 (WM02)", .models = (const char *const[]){ "BGS2*", "AGS2*", NULL }, COMMON },
};

/* Other values of secOpt, other frames, another way to the network: section 1.3. */
static const struct cinterion newer = {
	.f = { .title = "Cinterion, a newer generation",
	    .models = (const char *const[]){ "EHS*", "PLS*", "ELS*", "EXS*", "TX*", "ENS*", "EMS*", NULL },
	    .unsupported = "its generation sets up TLS and its certificate store in another way than MC75i to BGS2, "
			   "which this version does not speak: use one of those",
	    COMMON },
};

static const struct family *const families[] = { &wm01.f, &bgs2_old.f, &wm02.f, &newer.f, NULL };

/* ---- errors: sections 2 and 6 ---- */

struct cause_row {
	int code;
	const char *text; /* of +CME ERROR: a pattern, since firmwares differ */
	enum dial_cause cause;
	const char *advice;
};

enum { E_NOT_ALLOWED = 3, E_INVALID_INDEX = 21, E_NOT_NOW = 256 };

#define NO_ROOM "the module has no room for one more TLS session: lower secure_sockets"

static const struct cause_row cme[] = {
	{ -1, "operation of service temporar* not allowed", DIAL_OTHER, NO_ROOM },
	{ E_NOT_NOW, "operation temporar* not allowed", DIAL_CONTEXT,
	    "there is no network, or another AT port of the module has the service profile" },
	{ E_NOT_ALLOWED, "operation not allowed", DIAL_OTHER, NULL },
	{ 4, "operation not supported", DIAL_OTHER, "the firmware does not know this: it may be too old for TLS" },
	{ 10, "SIM not inserted", DIAL_CONTEXT, NULL },
	{ E_INVALID_INDEX, "invalid index", DIAL_OTHER, "another AT port of the module has the service profile" },
	{ 30, "no network service", DIAL_CONTEXT, NULL },
	{ 50, "incorrect parameters", DIAL_OTHER, NULL },
	{ 767, "operation failed", DIAL_OTHER, NULL },
};

#define TRUST "check that ca names all certificates of the server's chain above its own, and that the module's slots hold them"
#define CLOCK "check the dates of the server's certificate, and the module's clock"
#define SUITES "the server must take TLS 1.0 or SSL 3.0 with one of the module's four RSA suites"
#define NAME "check the host name in remote, and the network's name server"
#define CONFIG "a mistake in remote, or in the module's pdp settings"

static const struct cause_row sis[] = {
	{ 2, "Invalid socket descriptor", DIAL_OTHER, NULL },
	{ 3, "Bad address specified", DIAL_OTHER, CONFIG },
	{ 4, "Invalid operation", DIAL_OTHER, NULL },
	{ 5, "No free socket descriptors", DIAL_OTHER, NULL },
	{ 6, "The operation would block", DIAL_OTHER, NULL },
	{ 7, "A previous attempt at this operation is still ongoing", DIAL_OTHER, NULL },
	{ 8, "Socket is not bound", DIAL_OTHER, NULL },
	{ 9, "The supplied buffer is too small / large", DIAL_OTHER, NULL },
	{ 10, "Flags not supported", DIAL_OTHER, NULL },
	{ 11, "Operation not supported", DIAL_OTHER, NULL },
	{ 12, "The address is already in use", DIAL_OTHER, NULL },
	{ 13, "The network is unavailable", DIAL_CONTEXT, "check the APN and the coverage" },
	{ 14, "An established connection was aborted (transmission time-out or protocol error)", DIAL_OTHER, NULL },
	{ 15, "Remote host has reset the connection", DIAL_REFUSED, NULL },
	{ 16, "No buffer space available", DIAL_OTHER, "the module needs up to a minute between sessions" },
	{ 17, "The socket is already connected", DIAL_OTHER, NULL },
	{ 18, "For TCP/IP sockets, the socket is not connected", DIAL_OTHER, NULL },
	{ 19, "Socket has been shut down", DIAL_OTHER, NULL },
	{ 20, "Connection timed out", DIAL_TIMEOUT, "the server did not answer: check remote" },
	{ 21, "Remote host has rejected the connection", DIAL_REFUSED, "nothing listens on that port: check remote" },
	{ 22, "Remote host is unreachable", DIAL_UNREACHED, "check remote, and that the APN leads to it" },
	{ 23, "An unexpected error occurred", DIAL_OTHER, NULL },
	{ 24, "Host not found", DIAL_NAME, NAME },
	{ 25, "An error occurred that may be transient; a further attempt may succeed.", DIAL_NAME, NAME },
	{ 26, "An unrecoverable error occurred", DIAL_NAME, NAME },
	{ 46, "Fatal: The service has detected an unknown error", DIAL_OTHER, NULL },
	{ 47, "The remote service has closed the connection", DIAL_HANDSHAKE, NULL },
	{ 48, "Remote peer has closed the connection", DIAL_HANDSHAKE, NULL },
	{ 49, "Fatal: No memory is available for service action", DIAL_OTHER, NO_ROOM },
	{ 50, "Fatal: Service has detected an internal error", DIAL_OTHER, NULL },
	{ 55, "Service is not writeable", DIAL_OTHER, NULL },
	{ 56, "Syntax error in URL", DIAL_OTHER, CONFIG },
	{ 57, "Configuration Error", DIAL_OTHER, CONFIG },
	{ 58, "No more data available", DIAL_OTHER, NULL },
	{ 59, "Peek operation rejected", DIAL_OTHER, NULL },
	{ 60, "Service don't accept further data", DIAL_OTHER, NULL },
	{ 61, "Fatal: Service has no socket connection", DIAL_OTHER, NULL },
	{ 62, "Unknown internal TLS error", DIAL_HANDSHAKE, SUITES },
	{ 63, "Wrong format of certificate data", DIAL_CERTIFICATE, TRUST },
	{ 64, "Certificate validity period is in future", DIAL_CERTIFICATE, CLOCK },
	{ 65, "Certificate validity period expired", DIAL_CERTIFICATE, CLOCK },
	{ 66, "Peer certificate is not confirmed", DIAL_CERTIFICATE, TRUST },
	{ 67, "Wrong signature key format", DIAL_CERTIFICATE, "the module knows RSA keys only" },
	{ 68, "Unsupported signature key type", DIAL_CERTIFICATE, "the module knows RSA keys only" },
	{ 69, "Wrong protocol data format", DIAL_HANDSHAKE, "the server may not speak TLS on this port" },
	{ 70, "Wrong protocol data format", DIAL_HANDSHAKE, "the server may not speak TLS on this port" },
	{ 71, "No memory available for TLS", DIAL_OTHER, NO_ROOM },
	{ 72, "Buffer error in TLS", DIAL_HANDSHAKE, SUITES },
	{ 73, "Wrong input data for RSA operation", DIAL_HANDSHAKE, "the server's key may be longer than the module can use" },
	{ 74, "TLS/SSL protocol error", DIAL_HANDSHAKE, SUITES },
	{ 75, "internal error in TLS", DIAL_HANDSHAKE, SUITES },
	{ 76, "Certificate format error", DIAL_CERTIFICATE, "the module may not know this signature: it knows SHA-1 with RSA" },
	{ 77, "The certificate does not exist", DIAL_CERTIFICATE, TRUST },
	{ 78, "Unknown TLS error code!", DIAL_HANDSHAKE, SUITES },
	{ 80, "connection profile not defined", DIAL_CONTEXT, NULL },
	{ 97, "no network", DIAL_CONTEXT, "check the APN and the coverage" },
	{ 98, "network is not up", DIAL_CONTEXT, "check the APN and the coverage" },
	{ 1000, NULL, DIAL_OTHER, CONFIG },
};

/* Runs of codes that share a cause; their texts are the module's. */
static const struct {
	int from, to;
	struct cause_row row;
} sis_runs[] = {
	{ 89, 119, { -1, NULL, DIAL_CONTEXT, "check the APN, its user and password" } },
	{ 120, 126, { -1, NULL, DIAL_NAME, NAME } },
};

/* Section 3.7, where a line says more than that it was refused. */
static const struct cause_row store_results[] = {
	{ -1, "SECURE CMD ERROR", DIAL_OTHER,
	    "key_file must be the key of the certificate that slot client holds in the module, and that slot is filled first" },
	{ -1, "SECURE CMD LENGTH ERROR", DIAL_OTHER, "the module counts a frame's lengths in another way than is assumed" },
	{ -1, "SECURE CMD PUBLIC CERTIFICATE IS CORRUPTED", DIAL_OTHER, "the file must hold one X.509 certificate of at most 2048 bytes in DER" },
	{ -1, "SECURE CMD PRIVATE KEY WAS REMOVED", DIAL_OTHER,
	    "the certificate is written, and the module no longer has a private key with it" },
	{ -1, "SECURE CMD SERVICE TIMEOUT ERROR", DIAL_OTHER, "bytes were lost on the line: flow_control = \"rtscts\" needs all wires" },
	{ -1, "SECURE CMD TO MANY DATA ERROR", DIAL_OTHER, "the module counts a frame's lengths in another way than is assumed" },
	{ -1, "SECURE CMD TOO MANY DATA ERROR", DIAL_OTHER, "the module counts a frame's lengths in another way than is assumed" },
};

#define N_OF(table) (sizeof(table) / sizeof((table)[0]))

static const struct cause_row *
sis_row(int code)
{
	size_t i;

	for (i = 0; i < N_OF(sis); i++)
		if (sis[i].code == code)
			return &sis[i];
	for (i = 0; i < N_OF(sis_runs); i++)
		if (code >= sis_runs[i].from && code <= sis_runs[i].to)
			return &sis_runs[i].row;
	return NULL;
}

/* By number or by text, whichever the module gave. */
static const struct cause_row *
worded_row(const struct cause_row *rows, size_t n, const struct at_error *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (e->code >= 0 ? rows[i].code == e->code : str_matches(e->text, rows[i].text))
			return &rows[i];
	return NULL;
}

static const struct cause_row *
error_row(const struct at_error *e)
{
	if (e->kind == AT_ERROR_EVENT)
		return sis_row(e->code);
	if (e->kind == AT_ERROR_WORD)
		return worded_row(store_results, N_OF(store_results), e);
	return worded_row(cme, N_OF(cme), e);
}

static bool
is_error(const struct at_error *e, int code)
{
	const struct cause_row *row = error_row(e);

	return e->kind == AT_ERROR_CME && row && row->code == code;
}

static const char *
advice(const struct at_error *e)
{
	const struct cause_row *row = error_row(e);

	return row ? row->advice : NULL;
}

static bool
no_room(const struct at_error *e)
{
	if (e->kind == AT_ERROR_EVENT)
		return e->code == 71 || e->code == 49 || e->code == 16;
	return e->kind == AT_ERROR_CME && str_matches(e->text, "operation of service temporar* not allowed");
}

static enum dial_cause
cause(const struct at_error *e)
{
	const struct cause_row *row = error_row(e);

	return row ? row->cause : DIAL_OTHER;
}

/* ---- unsolicited lines ---- */

/* The number of a service profile.  A negative one would be news for all of them. */
static int
profile_id(struct at_line *l)
{
	long id = at_line_int(l);

	if (id < 0 || id >= PROFILES)
		l->err = -EBADMSG;
	return (int)id;
}

/* "^SISR: <id>,1": data; "^SISR: <id>,2": the end of them, which a read then says too.  More fields: a late answer. */
static int
sisr_urc(struct at_line *l, struct dialect_event *ev)
{
	long what;

	ev->sock = profile_id(l);
	what = at_line_int(l);
	if (at_line_check(l) || what < 1 || what > 2 || at_line_more(l))
		return -EBADMSG;
	ev->kind = EVENT_SOCK_READABLE;
	return 0;
}

/* "^SISW: <id>,1": it takes data; "^SISW: <id>,2": all is sent behind an end of data */
static int
sisw_urc(struct at_line *l, struct dialect_event *ev)
{
	long what;

	ev->sock = profile_id(l);
	what = at_line_int(l);
	if (at_line_check(l) || what < 1 || what > 2 || at_line_more(l))
		return -EBADMSG;
	if (what == 1)
		ev->kind = EVENT_SOCK_WRITABLE;
	return 0;
}

/* 1 to 2000: the service is over; 47 and 48: the server has closed it. */
static bool
is_end(long code)
{
	return code >= 1 && code <= 2000;
}

static bool
is_close(long code)
{
	return code == 47 || code == 48;
}

/* "^SIS: <id>,<cause>[,[<infoId>][,"<text>"]]": cause 0 tells of a service */
static int
sis_urc(struct at_line *l, struct dialect_event *ev)
{
	const struct cause_row *row;
	long what, code;

	ev->sock = profile_id(l);
	what = at_line_int(l);
	code = at_line_int_or(l, 0);
	if (at_line_check(l))
		return -EBADMSG;
	if (what != 0 || !is_end(code))
		return 0;
	row = sis_row((int)code);
	ev->kind = EVENT_SOCK_ENDED;
	ev->code = (int)code;
	ev->in_order = is_close(code);
	ev->text = row && row->text ? row->text : at_line_rest(l);
	return 0;
}

/* "+CIEV: is_cert,<id>,..."; other indicators are not asked for, and may come all the same */
static int
ciev_urc(struct at_line *l, struct dialect_event *ev)
{
	char name[16];

	at_line_str(l, name, sizeof(name));
	if (strcasecmp(name, "is_cert"))
		return 0;
	ev->sock = profile_id(l);
	ev->text = at_line_rest(l);
	ev->kind = EVENT_SOCK_PEER;
	return at_line_check(l);
}

static const struct at_urc urcs[] = {
	{ "^SISR:", sisr_urc, EVENT_NONE, 0 },
	{ "^SISW:", sisw_urc, EVENT_NONE, 0 },
	{ "^SIS:", sis_urc, EVENT_NONE, 0 },
	{ "+CIEV:", ciev_urc, EVENT_NONE, 0 },
	{ "+CREG:", gpp_creg_urc, EVENT_NONE, 0 },
	{ "^SYSSTART", NULL, EVENT_REBOOTED, 0 },
	{ "^SYSSTART ", NULL, EVENT_REBOOTED, 0 }, /* "AIRPLANE MODE" */
	{ "^SHUTDOWN", NULL, EVENT_REBOOTED, 0 },
	{ "^SMSO: MS OFF", NULL, EVENT_REBOOTED, 0 },
	{ "NO CARRIER", NULL, EVENT_NONE, 0 },
	{ "RING", NULL, EVENT_NONE, 0 },
	{ 0 }
};

/* ---- strings from the module: section 2 ---- */

static int
hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* "\22" is a quote and "\5C" a backslash; in the GSM alphabet 11, 00 and 02 are what ASCII has as _, @ and $. */
static void
unescape(char *s)
{
	char *dst = s;

	for (; *s; s++) {
		int c = *s;

		if (c == '\\' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
			c = hex_digit(s[1]) << 4 | hex_digit(s[2]);
			s += 2;
		}
		*dst++ = (char)(c == 0x11 ? '_' : c == 0x00 ? '@' : c == 0x02 ? '$' : c);
	}
	*dst = '\0';
}

static bool
is_hex(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (hex_digit(s[i]) < 0)
			return false;
	return true;
}

/* ---- setting up ---- */

static struct module *
mod(const void *op)
{
	return ((const struct modem_op *)op)->mod;
}

static void
forget_probes(struct at_cmd *c, const void *op)
{
	struct module *m = mod(op);

	m->counted_send = true;
	m->ring = true;
	m->resumption = false;
	m->escape = '+';
	m->guard_ms = 1000;
	m->escape_hidden = true; /* DLE ETX is not for the peer */
	at_cmd_text(c, "AT+CMEE=2");
}

/* RTS/CTS or none: a byte of payload may look like XON. */
static void
flow_cmd(struct at_cmd *c, const void *op)
{
	if (((const struct modem_op *)op)->rtscts)
		at_cmd_text(c, "AT\\Q3");
}

/* Store commands carry it: where +CGSN did not tell. */
static void
imei_cmd(struct at_cmd *c, const void *op)
{
	if (!mod(op)->imei[0])
		at_cmd_text(c, "AT+GSN");
}

static const struct at_step setup[] = {
	{ .cmd = "ATE0" },
	{ .build = forget_probes },
	{ .build = imei_cmd, .other = gpp_imei_line, .flags = AT_OPTIONAL },
	{ .cmd = "AT+CSCS=\"GSM\"", .flags = AT_OPTIONAL }, /* with UCS2 all strings would be hex */
	{ .build = flow_cmd },
	{ .cmd = "AT&D2" },			     /* a drop of DTR leaves data mode */
	{ .cmd = "AT&C2", .flags = AT_OPTIONAL },    /* DCD: a service is up */
	{ .cmd = "AT^SCFG=\"Tcp/WithURCs\",\"on\"", .answer = "^SCFG:", .flags = AT_OPTIONAL },
	{ .cmd = "AT+CREG=1", .flags = AT_OPTIONAL },
	{ 0 }
};

/* TS 27.007; the notes know no reset but switching off, after which nobody switches on. */
static const struct at_step soft_reset[] = { { .cmd = "AT+CFUN=1,1", .timeout_ms = 5000 }, { 0 } };

/* ---- the connection profile: sections 4.1 and 4.2 ---- */

/* A number, in quotes too, or 0 where the line has ended. */
static long
quoted_int(struct at_line *l)
{
	char text[16];
	struct at_line number;
	long value;

	at_line_str(l, text, sizeof(text));
	at_line_init(&number, text, 0);
	value = at_line_int_or(&number, 0);
	if (at_line_check(&number) || at_line_more(&number))
		l->err = -EBADMSG;
	return value;
}

/* "^SISO: <id>,"<srvType>",<srvState>,..."; an unused one ends with its empty type.  One rebrand has its numbers in quotes. */
static int
siso_answer(struct at_line *l, void *op)
{
	char type[20];
	long id = quoted_int(l), state;

	at_line_str(l, type, sizeof(type));
	state = quoted_int(l);
	if (at_line_check(l))
		return -EBADMSG;
	if (id >= 0 && id < PROFILES && state > 2)
		mod(op)->scratch_fields |= 1u << id;
	return AT_OK;
}

static void
siso_read(struct at_cmd *c, const void *op)
{
	mod(op)->scratch_fields = 0;
	at_cmd_text(c, "AT^SISO?");
}

/* One of an earlier life; as many of these steps as there are profiles. */
static void
reclaim_cmd(struct at_cmd *c, const void *op)
{
	struct module *m = mod(op);
	long id;

	for (id = 0; id < PROFILES; id++) {
		if (!(m->scratch_fields & 1u << id))
			continue;
		m->scratch_fields &= ~(1u << id);
		at_cmd_text(c, "AT^SISC=");
		at_cmd_int(c, id);
		return;
	}
}

enum { CON_TYPE = 1, CON_APN = 2, CON_USER = 4, CON_IDLE = 8, CON_ALL = 15 };

static const char *
user_of(const struct modem_op *o)
{
	return o->user ? o->user : "";
}

/* Which part of the profile a tag is, and whether its value is as configured. */
static unsigned
con_part(const struct modem_op *o, const char *tag, const char *value, bool *ret_same)
{
	if (!strcasecmp(tag, "conType")) {
		*ret_same = !strcasecmp(value, "GPRS0");
		return CON_TYPE;
	}
	if (!strcasecmp(tag, "apn")) {
		*ret_same = !strcmp(value, o->apn);
		return CON_APN;
	}
	if (!strcasecmp(tag, "user")) {
		*ret_same = !strcmp(value, user_of(o));
		return CON_USER;
	}
	*ret_same = !strcmp(value, IDLE_S);
	return strcasecmp(tag, "inactTO") ? 0 : CON_IDLE;
}

/* "^SICS: <id>,"<tag>","<value>"" */
static int
sics_answer(struct at_line *l, void *op)
{
	const struct modem_op *o = op;
	char tag[20], value[128];
	long id = at_line_int(l);
	unsigned part;
	bool same;

	at_line_str(l, tag, sizeof(tag));
	at_line_str(l, value, sizeof(value));
	if (at_line_check(l))
		return -EBADMSG;
	if (id != 0)
		return AT_OK;
	unescape(value);
	part = con_part(o, tag, value, &same);
	o->mod->scratch_fields = (o->mod->scratch_fields & ~part) | (same ? part : 0);
	o->mod->context_up = o->mod->scratch_fields == CON_ALL;
	return AT_OK;
}

static void
sics_read(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	o->mod->context_up = o->mod->scratch_same = false;
	o->mod->scratch_fields = (user_of(o)[0] ? 0 : CON_USER) | (o->apn[0] ? 0 : CON_APN); /* what is not set may not be listed */
	at_cmd_text(c, "AT^SICS?");
}

/*
 * A password cannot be read back, so with one the profile is always written; but not where its bearer is up and only
 * goes by itself: it could not be changed, and the network has accepted the password.
 */
static void
password_cmd(struct at_cmd *c, const void *op)
{
	if (user_of(op)[0] && mod(op)->context_up && !cinterion(mod(op))->bearer)
		at_cmd_text(c, "AT^SICI=0");
}

/* "^SICI: <id>,<state>,...": 0 is down; scratch_same: what stands is what is wanted */
static int
password_answer(struct at_line *l, void *op)
{
	long id = at_line_int(l), state = at_line_int(l);

	mod(op)->scratch_same = !at_line_check(l) && id == 0 && state > 0;
	return AT_OK;
}

/* Nothing to write. */
static bool
stands(const struct modem_op *o)
{
	return o->mod->context_up && (!user_of(o)[0] || o->mod->scratch_same);
}

/* A profile whose bearer is up cannot be changed. */
static void
bearer_cmd(struct at_cmd *c, const void *op)
{
	if (cinterion(mod(op))->bearer && !stands(op) && mod(op)->scratch_fields & CON_TYPE)
		at_cmd_text(c, "AT^SICC=0");
}

static void
con_type_cmd(struct at_cmd *c, const void *op)
{
	if (!stands(op))
		at_cmd_text(c, "AT^SICS=0,conType,\"GPRS0\"");
}

/* So that "_", "@" and "$" are what they are in ASCII; where it is refused, reading back shows what became of them. */
static void
con_alphabet_cmd(struct at_cmd *c, const void *op)
{
	if (!stands(op))
		at_cmd_text(c, "AT^SICS=0,alphabet,1");
}

static void
con_apn_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (stands(o) || !o->apn[0])
		return;
	at_cmd_text(c, "AT^SICS=0,apn");
	at_cmd_str(c, o->apn);
}

static void
con_user_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (stands(o) || !user_of(o)[0])
		return;
	at_cmd_text(c, "AT^SICS=0,user");
	at_cmd_str(c, o->user);
}

static void
con_password_cmd(struct at_cmd *c, const void *op)
{
	const struct modem_op *o = op;

	if (stands(o) || !user_of(o)[0])
		return;
	at_cmd_text(c, "AT^SICS=0,passwd");
	at_cmd_str(c, o->password ? o->password : "");
}

static void
con_idle_cmd(struct at_cmd *c, const void *op)
{
	if (!stands(op))
		at_cmd_text(c, "AT^SICS=0,inactTO," IDLE_S);
}

static void
sics_read_again(struct at_cmd *c, const void *op)
{
	if (!stands(op))
		sics_read(c, op);
}

static void
con_check(struct at_cmd *c, const void *op)
{
	if (!mod(op)->context_up)
		at_cmd_refuse(c, -EBADMSG, "the module did not keep its connection profile (AT^SICS) as it was written");
}

#define RECLAIM { .build = reclaim_cmd, .flags = AT_OPTIONAL, .timeout_ms = SERVICE_MS }

static const struct at_step context_up[] = {
	{ .build = siso_read, .answer = "^SISO:", .parse = siso_answer, .flags = AT_MAYBE, .timeout_ms = 5000 },
	RECLAIM, RECLAIM, RECLAIM, RECLAIM, RECLAIM, RECLAIM, RECLAIM, RECLAIM, RECLAIM, RECLAIM,
	{ .build = sics_read, .answer = "^SICS:", .parse = sics_answer, .flags = AT_MAYBE, .timeout_ms = 5000 },
	{ .build = password_cmd, .answer = "^SICI:", .parse = password_answer, .flags = AT_OPTIONAL, .timeout_ms = 5000 },
	{ .build = bearer_cmd, .flags = AT_OPTIONAL, .timeout_ms = BEARER_MS },
	{ .build = con_type_cmd },
	{ .build = con_alphabet_cmd, .flags = AT_OPTIONAL },
	{ .build = con_apn_cmd },
	{ .build = con_user_cmd },
	{ .build = con_password_cmd, .flags = AT_SECRET },
	{ .build = con_idle_cmd },
	{ .build = sics_read_again, .answer = "^SICS:", .parse = sics_answer, .flags = AT_MAYBE, .timeout_ms = 5000 },
	{ .build = con_check },
	{ 0 }
};

static void
bearer_down_cmd(struct at_cmd *c, const void *op)
{
	/* On the way back it may be wanted before the module has said its name. */
	if (!mod(op)->family || cinterion(mod(op))->bearer)
		at_cmd_text(c, "AT^SICC=0");
}

static const struct at_step context_down[] = {
	{ .build = bearer_down_cmd, .flags = AT_OPTIONAL, .timeout_ms = BEARER_MS },
	{ 0 }
};

/* ---- what a TLS session needs beforehand: section 4.7 ---- */

/* "^SIND: is_cert,<mode>[,<the last certificate>]"; that one may be of any dial, so nothing is made of it */
static int
sind_answer(struct at_line *l, void *op)
{
	char name[16];

	at_line_str(l, name, sizeof(name));
	if (!strcasecmp(name, "is_cert"))
		mod(op)->tls_enabled = at_line_int(l) == 1;
	return at_line_check(l);
}

static void
indicate_cmd(struct at_cmd *c, const void *op)
{
	mod(op)->tls_enabled = false;
	at_cmd_text(c, "AT^SIND=is_cert,1");
}

static void
sind_read(struct at_cmd *c, const void *op)
{
	mod(op)->tls_enabled = false;
	at_cmd_text(c, "AT^SIND?");
}

static const struct at_step tls_up[] = {
	{ .script = gpp_set_clock },
	{ .build = indicate_cmd, .answer = "^SIND:", .parse = sind_answer },
	{ .cmd = "AT+CMER=3,0,0,2" },
	{ 0 }
};

static const struct at_step look[] = {
	{ .script = gpp_registration },
	{ .build = sics_read, .answer = "^SICS:", .parse = sics_answer, .flags = AT_MAYBE, .timeout_ms = 5000 },
	{ .build = sind_read, .answer = "^SIND:", .parse = sind_answer, .flags = AT_MAYBE },
	{ 0 }
};

/* ---- a service: sections 4.3 to 4.6 ---- */

static struct sock_op *
sock(const void *op)
{
	return (struct sock_op *)op; /* a builder, too, takes note */
}

static void
of_profile(struct at_cmd *c, const char *cmd, const void *op)
{
	at_cmd_text(c, cmd);
	at_cmd_int(c, sock(op)->sock);
}

static void
sisi_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SISI=", op);
}

/* What is left in a Transparent service at its end is read in data mode, so 5 is open for it. */
static int
state_of(const struct sock_op *o, long srv_state)
{
	static const int states[] = { [2] = SOCK_CLOSED, [3] = SOCK_DIALLING, [4] = SOCK_OPEN, [5] = SOCK_DOWN, [6] = SOCK_DOWN };

	return o->online && srv_state == 5 ? SOCK_OPEN : states[srv_state];
}

/* "^SISI: <id>,<srvState>,<rx>,<tx>,<ack>,<unack>" */
static int
sisi_answer(struct at_line *l, void *op)
{
	long id = at_line_int(l), state = at_line_int(l);

	if (at_line_check(l) || state < 2 || state > 6)
		return -EBADMSG;
	if (id != sock(op)->sock)
		return AT_NOT_MINE;
	sock(op)->state = state_of(op, state);
	return AT_OK;
}

/* Nothing is configured under this number. */
static int
sisi_refused(const struct at_error *e, void *op)
{
	sock(op)->state = SOCK_CLOSED;
	return is_error(e, E_NOT_ALLOWED) || is_error(e, E_INVALID_INDEX) ? 0 : -EREMOTEIO;
}

/* In no state to be closed: it is, or it is another AT port's, or the module is at fault.  scratch_open: that is to be asked. */
static int
close_refused(const struct at_error *e, void *op)
{
	sock(op)->mod->scratch_open = is_error(e, E_NOT_NOW);
	return is_error(e, E_NOT_ALLOWED) || is_error(e, E_INVALID_INDEX) || is_error(e, E_NOT_NOW) ? 0 : -EREMOTEIO;
}

static void
close_cmd(struct at_cmd *c, const void *op)
{
	sock(op)->mod->scratch_open = false;
	of_profile(c, "AT^SISC=", op);
}

static void
close_left_cmd(struct at_cmd *c, const void *op)
{
	sock(op)->mod->scratch_open = false;
	if (sock(op)->state != SOCK_CLOSED)
		close_cmd(c, op);
}

static void
still_open_cmd(struct at_cmd *c, const void *op)
{
	if (sock(op)->mod->scratch_open)
		sisi_cmd(c, op);
}

static void
close_check(struct at_cmd *c, const void *op)
{
	if (sock(op)->mod->scratch_open && sock(op)->state != SOCK_CLOSED)
		at_cmd_refuse(c, -EISCONN, "the module does not close a service profile (AT^SISC): it may be another AT port's");
}

/* Whatever was refused, behind these it is closed. */
#define CLOSE(build_cmd) \
	{ .build = (build_cmd), .refused = close_refused, .timeout_ms = SERVICE_MS }, \
	{ .build = still_open_cmd, .answer = "^SISI:", .parse = sisi_answer, .refused = sisi_refused, .timeout_ms = 5000 }, \
	{ .build = close_check }

static const char *
service_type(const struct sock_op *o)
{
	return o->online ? "Transparent" : "Socket";
}

static void
type_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SISS=", op);
	at_cmd_text(c, ",srvType");
	at_cmd_str(c, service_type(op));
}

static void
con_id_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SISS=", op);
	at_cmd_text(c, ",conId,0");
}

static void
alphabet_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SISS=", op);
	at_cmd_text(c, ",alphabet,1");
}

/* Of a Transparent service always with etx: it is the only escape that the peer does not see. */
static void
address(const struct sock_op *o, char *dst, size_t size)
{
	dst[0] = '\0';
	if (o->online)
		str_add(dst, size, "%s:%u;etx=" ETX, o->host, o->port);
	else
		str_add(dst, size, "socktcp://%s:%u", o->host, o->port);
}

static void
address_cmd(struct at_cmd *c, const void *op)
{
	char text[ADDRESS_MAX + 2]; /* one byte more than command_max lets through */

	address(op, text, sizeof(text));
	of_profile(c, "AT^SISS=", op);
	at_cmd_text(c, ",address");
	if (strchr(sock(op)->host, ';')) /* would be an option of the address */
		at_cmd_refuse(c, -EINVAL, "a semicolon in the host name");
	else if (strchr(sock(op)->host, ':')) /* the notes have no such address */
		at_cmd_refuse(c, -EINVAL, "this module has no IPv6, and remote is such an address");
	else if (!strcasecmp(sock(op)->host, "listener"))
		at_cmd_refuse(c, -EINVAL, "listener is no host: this module would wait for a client there, in clear text");
	else
		at_cmd_strf(c, sock(op)->host, "%s", text);
}

/* "-1", or the slots; "" is no TLS, and is never wanted here */
static void
sec_opt_cmd(struct at_cmd *c, const void *op)
{
	const struct sock_op *o = op;
	unsigned i;

	of_profile(c, "AT^SISS=", o);
	at_cmd_text(c, ",secOpt");
	if (o->verify == TLS_VERIFY_NONE)
		at_cmd_int(c, -1);
	else if (!o->n_ca)
		at_cmd_refuse(c, -EINVAL, "no ca slot to verify the server by");
	for (i = 0; o->verify != TLS_VERIFY_NONE && i < o->n_ca; i++)
		at_cmd_int(c, o->ca[i]);
}

enum { HAS_TYPE = 1, HAS_CON_ID = 2, HAS_ADDRESS = 4, HAS_SEC_OPT = 8, HAS_ALL = 15 };

/*
 * The list is written at the level of the command, and may be read back in quotes, with blanks and in another
 * order: what counts is that just these slots are in it.
 */
static bool
is_sec_opt(const struct sock_op *o, const char *text)
{
	unsigned want = 0, has = 0, i;
	struct at_line l;
	char list[64];
	size_t n = 0;
	long slot;

	for (; *text; text++) {
		if (n + 1 == sizeof(list))
			return false;
		if (*text != ' ' && *text != '"')
			list[n++] = *text;
	}
	list[n] = '\0';
	if (o->verify == TLS_VERIFY_NONE)
		return !strcmp(list, "-1");
	for (i = 0; i < o->n_ca; i++)
		want |= 1u << o->ca[i];
	at_line_init(&l, list, 0);
	while (at_line_more(&l)) {
		slot = at_line_int(&l);
		if (slot < 1 || slot > SECURE_INDEX_MAX)
			return false;
		has |= 1u << slot;
	}
	return want && want == has;
}

static bool
is_text(const char *text, const char *want, bool exact)
{
	char got[ADDRESS_MAX + 2];
	struct at_line l;

	at_line_init(&l, text, 0);
	at_line_str(&l, got, sizeof(got));
	unescape(got);
	return !at_line_check(&l) && !at_line_more(&l) && (exact ? !strcmp(got, want) : !strcasecmp(got, want));
}

static unsigned
profile_part(const struct sock_op *o, const char *tag, const char *value, bool *ret_same)
{
	char want[ADDRESS_MAX + 2];

	if (!strcasecmp(tag, "srvType")) {
		*ret_same = is_text(value, service_type(o), false);
		return HAS_TYPE;
	}
	if (!strcasecmp(tag, "conId")) {
		*ret_same = is_text(value, "0", true);
		return HAS_CON_ID;
	}
	if (!strcasecmp(tag, "address")) {
		address(o, want, sizeof(want));
		*ret_same = is_text(value, want, false);
		return HAS_ADDRESS;
	}
	*ret_same = is_sec_opt(o, value);
	return strcasecmp(tag, "secOpt") ? 0 : HAS_SEC_OPT;
}

/* "^SISS: <id>,"<tag>","<value>"", of all profiles */
static int
siss_answer(struct at_line *l, void *op)
{
	struct module *m = sock(op)->mod;
	char tag[20];
	long id = at_line_int(l);
	unsigned part;
	bool same;

	at_line_str(l, tag, sizeof(tag));
	if (at_line_check(l))
		return -EBADMSG;
	if (id != sock(op)->sock)
		return AT_OK;
	part = profile_part(op, tag, at_line_rest(l), &same);
	m->scratch_fields = (m->scratch_fields & ~part) | (same ? part : 0);
	return AT_OK;
}

static void
siss_read(struct at_cmd *c, const void *op)
{
	sock(op)->mod->scratch_fields = 0;
	at_cmd_text(c, "AT^SISS?");
}

/* Only a profile that is as it was written, TLS and what verifies the server in it, is ever opened. */
static void
siso_cmd(struct at_cmd *c, const void *op)
{
	unsigned has = sock(op)->mod->scratch_fields;

	if (!(has & HAS_SEC_OPT))
		at_cmd_refuse(c, -EBADMSG, "the module did not keep secOpt as it was written: TLS would be off, or verify another chain");
	else if (has != HAS_ALL)
		at_cmd_refuse(c, -EBADMSG, "the module did not keep the service profile (AT^SISS) as it was written");
	of_profile(c, "AT^SISO=", op);
}

static uint32_t
dial_timeout(const void *op)
{
	return sock(op)->timeout_ms;
}

static const struct at_step open_steps[] = {
	{ .build = sisi_cmd, .answer = "^SISI:", .parse = sisi_answer, .refused = sisi_refused, .timeout_ms = 5000 },
	CLOSE(close_left_cmd),
	{ .build = type_cmd }, /* first: it empties the profile */
	{ .build = con_id_cmd },
	{ .build = alphabet_cmd, .flags = AT_OPTIONAL },
	{ .build = address_cmd },
	{ .build = sec_opt_cmd },
	{ .build = siss_read, .answer = "^SISS:", .parse = siss_answer, .timeout_ms = 5000 },
	{ .build = siso_cmd, .timeout = dial_timeout, .flags = AT_PATIENT }, /* a byte before its OK may abort it */
	{ 0 }
};

static const struct at_step close_steps[] = { CLOSE(close_cmd), { 0 } };

static void
sici_cmd(struct at_cmd *c, const void *op)
{
	sock(op)->mod->context_up = false;
	at_cmd_text(c, "AT^SICI=0");
}

/* "^SICI: <id>,<state>,<services>,"<ip>"": a service that is up on a bearer that is down is up no longer */
static int
sici_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long id = at_line_int(l), state = at_line_int(l);

	if (at_line_check(l) || id != 0)
		return -EBADMSG;
	o->mod->context_up = true;
	if (state == 0 && o->state == SOCK_OPEN)
		o->state = SOCK_DOWN;
	at_line_int_or(l, 0);
	if (state == 2)
		at_line_str(l, o->mod->address, sizeof(o->mod->address));
	return AT_OK;
}

/* No such connection profile any more. */
static int
sici_refused(const struct at_error *e, void *op)
{
	(void)op;
	return is_error(e, E_NOT_ALLOWED) || is_error(e, E_INVALID_INDEX) ? 0 : -EREMOTEIO;
}

/* Why it is down: the ^SIS that said so may have been lost. */
static void
sise_cmd(struct at_cmd *c, const void *op)
{
	sock(op)->end.code = 0;
	if (sock(op)->state == SOCK_DOWN)
		of_profile(c, "AT^SISE=", op);
}

/* "^SISE: <id>,<infoId>[,"<text>"]"; the last error, where there was more than one (A-24) */
static int
sise_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long id = at_line_int(l), code = at_line_int(l);
	const struct cause_row *row;

	if (at_line_check(l) || id != o->sock)
		return -EBADMSG;
	if (!is_end(code))
		return AT_OK;
	row = sis_row((int)code);
	o->end.code = (int)code;
	o->end.in_order = is_close(code);
	if (row && row->text)
		str_copy(o->end.text, sizeof(o->end.text), row->text);
	else
		at_line_str(l, o->end.text, sizeof(o->end.text));
	return AT_OK;
}

static const struct at_step status[] = {
	{ .build = sisi_cmd, .answer = "^SISI:", .parse = sisi_answer, .refused = sisi_refused, .timeout_ms = 5000 },
	{ .build = sici_cmd, .answer = "^SICI:", .parse = sici_answer, .refused = sici_refused, .timeout_ms = 5000 },
	{ .build = sise_cmd, .answer = "^SISE:", .parse = sise_answer, .flags = AT_OPTIONAL, .timeout_ms = 5000 },
	{ 0 }
};

/* ---- its data: section 5.1 ---- */

static int
data_refused(const struct at_error *e, void *op)
{
	(void)op;
	return is_error(e, E_NOT_NOW) || is_error(e, E_NOT_ALLOWED) ? -ENOTCONN : -EREMOTEIO;
}

static void
sisw_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SISW=", op);
	at_cmd_int(c, (long)sock(op)->tx_len);
}

/* "^SISW: <id>,<cnf>,<unack>"; with two fields it is the URC */
static int
sisw_grant(struct at_line *l, size_t *ret_n)
{
	long n;

	if (at_line_fields(l) < 3)
		return AT_NOT_MINE;
	at_line_int(l);
	n = at_line_int(l);
	if (at_line_check(l) || n < 0)
		return -EBADMSG;
	*ret_n = (size_t)n;
	return AT_OK;
}

static int
sisw_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long id = at_line_int(l), n = at_line_int(l);

	if (at_line_check(l) || id != o->sock)
		return -EBADMSG;
	o->tx_done = (size_t)n;
	return AT_OK;
}

static void
sisw_payload(struct at_payload *p, void *op)
{
	p->bytes = sock(op)->tx;
	p->len = sock(op)->tx_len;
}

static const struct at_step send_steps[] = {
	{ .build = sisw_cmd, .answer = "^SISW:", .grant = sisw_grant, .parse = sisw_answer, .payload = sisw_payload,
	    .refused = data_refused, .timeout_ms = SERVICE_MS },
	{ 0 }
};

static void
eod_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SISW=", op);
	at_cmd_text(c, ",0,1");
}

static int
eod_answer(struct at_line *l, void *op)
{
	if (at_line_fields(l) < 3 || at_line_int(l) != sock(op)->sock)
		return AT_NOT_MINE;
	at_line_int(l);
	return at_line_check(l);
}

static const struct at_step send_end[] = {
	{ .build = eod_cmd, .answer = "^SISW:", .parse = eod_answer, .refused = data_refused, .timeout_ms = SERVICE_MS },
	{ 0 }
};

/*
 * "^SISR: <id>,1" and "^SISR: <id>,2" are news, and answers that one or two bytes follow.  Behind AT^SISR
 * the first such line may be news that were on their way.  Its bytes are held: those of news are the end
 * of its line, and another line, the answer, follows.  scratch_same: the answer is beyond doubt.
 */
static void
sisr_cmd(struct at_cmd *c, const void *op)
{
	struct sock_op *o = sock(op);

	o->rx_len = 0;
	o->rx_end = false;
	o->rx_unsure = 0;
	o->mod->scratch_same = false;
	of_profile(c, "AT^SISR=", o);
	at_cmd_int(c, (long)o->rx_max);
}

static bool
held_a_line_end(const struct sock_op *o)
{
	return o->rx_len == o->rx_unsure && !memcmp(o->rx_held, "\r\n", o->rx_len);
}

/* "^SISR: <id>,<n>[,...]": n bytes follow; -2: no more ever */
static int
sisr_answer(struct at_line *l, void *op)
{
	struct sock_op *o = op;
	long id = at_line_int(l), n = at_line_int(l);

	if (at_line_check(l) || n < -2 || n == -1 || (n > 0 && (size_t)n > o->rx_max))
		return -EBADMSG;
	if (id != o->sock || o->mod->scratch_same || !held_a_line_end(o))
		return AT_NOT_MINE;
	o->rx_len = 0;
	o->rx_unsure = n == 1 || n == 2 ? (unsigned)n : 0;
	o->rx_end = n == -2;
	o->mod->scratch_same = !o->rx_unsure;
	if (n > 0)
		at_line_payload(l, n);
	return AT_OK;
}

static void
sisr_sink(void *op, const void *bytes, size_t len)
{
	struct sock_op *o = op;

	if (o->rx_unsure && o->rx_len + len <= o->rx_unsure)
		memcpy(o->rx_held + o->rx_len, bytes, len);
	else if (!o->rx_unsure)
		o->rx(o->rx_arg, bytes, len);
	o->rx_len += len;
}

/* OK came and no other answer: what is held is the server's. */
static void
give_held(struct at_cmd *c, const void *op)
{
	struct sock_op *o = sock(op);

	(void)c;
	if (o->rx_unsure)
		o->rx(o->rx_arg, o->rx_held, o->rx_len);
	o->rx_unsure = 0;
}

static const struct at_step receive_steps[] = {
	{ .build = sisr_cmd, .answer = "^SISR:", .parse = sisr_answer, .sink = sisr_sink, .refused = data_refused,
	    .timeout_ms = SERVICE_MS },
	{ .build = give_held },
	{ 0 }
};

/* ---- data mode: section 5.2 ---- */

static void
sist_cmd(struct at_cmd *c, const void *op)
{
	of_profile(c, "AT^SIST=", op);
}

/* Behind the end of the service it says NO CARRIER again, with DLE EOT before it or without. */
static const struct at_word sist_words[] = {
	{ "NO CARRIER", -ENOTCONN, false },
	{ "\x10\x04NO CARRIER", -ENOTCONN, false },
	{ "CONNECT", AT_CONNECT, false },
	{ "CONNECT ", AT_CONNECT, false },
	{ 0 }
};

static int
sist_refused(const struct at_error *e, void *op)
{
	return e->kind == AT_ERROR_WORD ? -ENOTCONN : data_refused(e, op);
}

static const struct at_step suspend[] = { { .flags = AT_ESCAPE }, { .script = status }, { 0 } };

static const struct at_step check[] = {
	{ .flags = AT_ESCAPE | AT_OPTIONAL },
	{ .flags = AT_SYNC },
	{ .script = status },
	{ 0 }
};

static const struct at_step resume[] = {
	{ .build = sist_cmd, .words = sist_words, .refused = sist_refused, .timeout_ms = 5000 },
	{ 0 }
};

/* ---- the server's certificate: section 7 ---- */

/* The last field of what is left of the line, which ends before its comma then; NULL: there is none. */
static const char *
cut_last(const char *from, size_t *len, size_t *ret_len)
{
	const char *comma = memrchr(from, ',', *len), *field;

	if (!comma)
		return NULL;
	field = comma + 1;
	*ret_len = *len - (size_t)(field - from);
	*len = (size_t)(comma - from);
	for (; *ret_len && *field == ' '; field++)
		(*ret_len)--;
	return field;
}

static bool
is_algorithm(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-')
			return false;
	return len >= 1 && len <= 24;
}

static int
keep_thumbprint(const char *hex, size_t len, struct tls_peer *ret)
{
	char *p;

	if ((len != 40 && len != 64) || !is_hex(hex, len))
		return -EBADMSG;
	ret->thumbprint[0] = '\0';
	str_add(ret->thumbprint, sizeof(ret->thumbprint), "%s%.*s", len == 40 ? "sha1:" : "sha256:", (int)len, hex);
	for (p = ret->thumbprint; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return 0;
}

/* Upper-case hex, of whole bytes (A-21). */
static int
keep_serial(const char *hex, size_t len, struct tls_peer *ret)
{
	char *p;

	if (!len || len > 64 || !is_hex(hex, len))
		return -EBADMSG;
	ret->serial[0] = '\0';
	str_add(ret->serial, sizeof(ret->serial), "%s%.*s", len % 2 ? "0" : "", (int)len, hex);
	for (p = ret->serial; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return 0;
}

/* A name that was cut would be another name. */
static int
keep_name(const char *name, size_t len, char *dst, size_t size)
{
	if (len >= size)
		return -EBADMSG;
	memcpy(dst, name, len);
	dst[len] = '\0';
	return 0;
}

/* The beginning of a name: "/CN=" */
static bool
is_name(const char *s, size_t len)
{
	size_t i;

	if (len < 3 || s[0] != '/' || !isalpha((unsigned char)s[1]))
		return false;
	for (i = 2; i < len && (isalnum((unsigned char)s[i]) || s[i] == '.'); i++)
		;
	return i < len && s[i] == '=';
}

/* Whether ",<serial>,<subject>" stands at this comma; how long the serial is, and where the subject begins. */
static bool
is_cut(const char *m, size_t len, size_t at, size_t *ret_hex, size_t *ret_subject)
{
	size_t n = 0, subject;

	if (m[at] != ',')
		return false;
	while (at + 1 + n < len && hex_digit(m[at + 1 + n]) >= 0)
		n++;
	subject = at + 1 + n + 1;
	if (n < 2 || n > 64 || n % 2 || subject >= len || m[subject - 1] != ',')
		return false;
	subject += m[subject] == ' ';
	*ret_hex = n;
	*ret_subject = subject;
	return is_name(m + subject, len - subject);
}

/*
 * "<issuer>,<serial>,<subject>", names with any commas in them.  What an issuer is
 * called its authority decides, what a subject is called its owner: so of several
 * places to cut the leftmost is the true one, unless this host knows an issuer.
 */
static int
cut_names(const char *m, size_t len, bool (*is_issuer)(void *, const char *, size_t), void *arg, struct tls_peer *ret)
{
	size_t at, hex = 0, subject = 0, best = 0, n = 0;

	if (!len || m[0] != '/')
		return -EBADMSG;
	for (at = 1; at < len; at++) {
		if (!is_cut(m, len, at, &hex, &subject))
			continue;
		if (!n++)
			best = at;
		if (is_issuer && is_issuer(arg, m, at)) {
			best = at;
			break;
		}
	}
	if (!n || !is_cut(m, len, best, &hex, &subject))
		return -EBADMSG;
	if (keep_name(m, best, ret->issuer, sizeof(ret->issuer)) || keep_serial(m + best + 1, hex, ret))
		return -EBADMSG;
	return keep_name(m + subject, len - subject, ret->subject, sizeof(ret->subject));
}

/* Newer products quote each field. */
static int
quoted_peer(const char *text, struct tls_peer *ret)
{
	char serial[80], algorithm[40], thumbprint[80];
	struct at_line l;

	at_line_init(&l, text, 0);
	at_line_str(&l, ret->issuer, sizeof(ret->issuer));
	at_line_str(&l, serial, sizeof(serial));
	at_line_str(&l, ret->subject, sizeof(ret->subject));
	at_line_str(&l, algorithm, sizeof(algorithm));
	at_line_str(&l, algorithm, sizeof(algorithm));
	at_line_str(&l, thumbprint, sizeof(thumbprint));
	if (at_line_check(&l) || at_line_more(&l) || strlen(ret->issuer) + 1 == sizeof(ret->issuer) ||
	    strlen(ret->subject) + 1 == sizeof(ret->subject) || keep_serial(serial, strlen(serial), ret))
		return -EBADMSG;
	unescape(ret->issuer);
	unescape(ret->subject);
	return keep_thumbprint(thumbprint, strlen(thumbprint), ret);
}

static int
plain_peer(const char *text, bool (*is_issuer)(void *, const char *, size_t), void *arg, struct tls_peer *ret)
{
	size_t len = strlen(text), n = 0;
	const char *field = cut_last(text, &len, &n);
	int i;

	if (!field || keep_thumbprint(field, n, ret))
		return -EBADMSG;
	for (i = 0; i < 2; i++) { /* of the thumbprint, of the signature */
		field = cut_last(text, &len, &n);
		if (!field || !is_algorithm(field, n))
			return -EBADMSG;
	}
	return cut_names(text, len, is_issuer, arg, ret);
}

/* "<issuer>,<serial>,<subject>,<sigAlg>,<thumbAlg>,<thumbprint>": the notes' rule 7.2 */
static int
peer(const char *text, bool (*is_issuer)(void *arg, const char *name, size_t len), void *arg, struct tls_peer *ret)
{
	int r;

	*ret = (struct tls_peer){ 0 };
	r = text[0] == '"' ? quoted_peer(text, ret) : plain_peer(text, is_issuer, arg, ret);
	if (r)
		*ret = (struct tls_peer){ 0 };
	return r;
}

/* ---- the certificate store: section 3 ---- */

#define NEVER_ALONE -1 /* the key goes with the certificate of index 0 */

static const struct dialect_slot slots[] = {
	{ "client", SLOT_CERTIFICATE, 0 }, { "client-key", SLOT_KEY, NEVER_ALONE },
	{ "1", SLOT_CA, 1 }, { "2", SLOT_CA, 2 }, { "3", SLOT_CA, 3 }, { "4", SLOT_CA, 4 }, { "5", SLOT_CA, 5 },
	{ "6", SLOT_CA, 6 }, { "7", SLOT_CA, 7 }, { "8", SLOT_CA, 8 }, { "9", SLOT_CA, 9 }, { "10", SLOT_CA, 10 },
	{ 0 }
};

/* The place of an index in slots[], and so in held[]. */
static size_t
slot_at(long index)
{
	return index ? (size_t)index + 1 : 0;
}

/* One `, key: "value"` at p, and where the next begins; NULL: there is none. */
static const char *
sbnr_pair(const char *p, char *key, size_t key_size, char *value, size_t value_size)
{
	const char *colon = strchr(p, ':'), *quote;

	p += strspn(p, ", ");
	if (!colon || colon < p || (size_t)(colon - p) >= key_size)
		return NULL;
	memcpy(key, p, (size_t)(colon - p));
	key[colon - p] = '\0';
	p = colon + 1 + strspn(colon + 1, " ");
	if (*p++ != '"' || !(quote = strchr(p, '"')))
		return NULL;
	value[0] = '\0';
	str_add(value, value_size, "%.*s", (int)(quote - p), p);
	return quote + 1;
}

#define SIZE_UNKNOWN SIZE_MAX /* and so is whether the slot is empty */

static void
keep_held(struct slot_held *held, const char *key, char *value)
{
	if (!strcasecmp(key, "size")) {
		held->size = *value && !value[strspn(value, "0123456789")] ? strtoul(value, NULL, 10) : SIZE_UNKNOWN;
	} else if (!strcasecmp(key, "thumbprint") && strlen(value) == 40 && is_hex(value, 40)) {
		for (; *value; value++)
			*value = (char)tolower((unsigned char)*value);
		memcpy(held->sha1, value - 40, sizeof(held->sha1));
	}
}

/* "^SBNR: <index>, size: "599", issuer: "/C=DE", ...": by key, since one printed line lacks one */
static int
sbnr_answer(struct at_line *l, void *op)
{
	struct module *m = ((struct slot_op *)op)->mod;
	struct slot_held held = { .size = SIZE_UNKNOWN };
	long index = at_line_int(l);
	const char *p = at_line_rest(l);
	char key[32], value[64];

	if (at_line_check(l) || index < 0 || index > SECURE_INDEX_MAX)
		return -EBADMSG;
	while (*p) {
		p = sbnr_pair(p, key, sizeof(key), value, sizeof(value));
		if (!p)
			return -EBADMSG;
		keep_held(&held, key, value);
	}
	if (held.size == SIZE_UNKNOWN)
		return -EBADMSG;
	m->held[slot_at(index)] = held;
	m->stored[slot_at(index)] = held.size > 0;
	m->scratch_fields |= 1u << index;
	return AT_OK;
}

static void
sbnr_cmd(struct at_cmd *c, const void *op)
{
	struct module *m = ((const struct slot_op *)op)->mod;

	memset(m->held, 0, sizeof(m->held));
	memset(m->stored, 0, sizeof(m->stored));
	m->scratch_fields = 0;
	at_cmd_text(c, "AT^SBNR=is_cert");
}

/* A line that was lost would be an empty slot. */
static void
sbnr_check(struct at_cmd *c, const void *op)
{
	if (((const struct slot_op *)op)->mod->scratch_fields != (1u << (SECURE_INDEX_MAX + 1)) - 1)
		at_cmd_refuse(c, -EBADMSG, "AT^SBNR: not all of the certificate store's slots are listed");
}

static const struct at_step slot_list[] = {
	{ .build = sbnr_cmd, .answer = "^SBNR:", .parse = sbnr_answer, .timeout_ms = 10000 },
	{ .build = sbnr_check },
	{ 0 }
};

static const char *
why_unsigned(int err)
{
	switch (err) {
	case -ENOKEY:
		return "store commands are signed by the key of the certificate in slot client, and there is none: give that slot a key_file";
	case -EMSGSIZE:
		return "longer than the module stores: 2048 bytes of a certificate, 4096 of a key";
	case -EINVAL:
		return "the module has not told its IMEI, or has no such slot: nothing was written";
	default:
		return "the key_file of slot client cannot sign store commands";
	}
}

/* Makes the frame, and asks for the store. */
static void
store_cmd(struct at_cmd *c, const void *op, enum secure_id id)
{
	struct slot_op *o = (struct slot_op *)op;
	struct secure_cmd frame = {
		.id = id, .index = o->slot->id, .imei = o->mod->imei,
		.cert = o->bytes, .cert_len = o->len, .key = o->key, .key_len = o->key_len,
	};
	int r = -ENOKEY;

	o->frame_len = 0;
	if (o->sign)
		r = secure_cmd_encode(&frame, o->sign, o->sign_arg, o->frame, sizeof(o->frame), &o->frame_len);
	if (r)
		at_cmd_refuse(c, r, why_unsigned(r));
	at_cmd_text(c, "AT^SBNW=is_cert,1");
}

static void
frame_payload(struct at_payload *p, void *op)
{
	struct slot_op *o = op;

	p->bytes = o->frame;
	p->len = o->frame_len;
	o->frame_len = 0; /* copied by the engine; what READ brings comes in its place */
}

/* The result, behind "SECURE CMD": only END OK is success, and OK follows them all. */
static int
store_result(struct at_line *l, void *op)
{
	const char *text = at_line_rest(l);

	(void)op;
	if (str_starts(text, "READY"))
		return AT_NOT_MINE;
	return strcmp(text, "END OK") ? AT_REFUSED : AT_DONE;
}

static const struct at_word store_words[] = {
	{ "CONNECT", AT_IGNORE, false },
	{ "SECURE CMD READY:", AT_PAYLOAD, false },
	{ "SECURE CMD READY ", AT_PAYLOAD, false },
	{ "SECURE CMD READY", AT_PAYLOAD, false },
	{ 0 }
};

#define STORE_STEP \
	.payload = frame_payload, .answer = "SECURE CMD", .parse = store_result, \
	.words = store_words, .timeout_ms = STORE_MS

static void
write_cmd(struct at_cmd *c, const void *op)
{
	if (!((const struct slot_op *)op)->key)
		store_cmd(c, op, SECURE_WRITE);
}

static void
write_key_cmd(struct at_cmd *c, const void *op)
{
	if (((const struct slot_op *)op)->key)
		store_cmd(c, op, SECURE_WRITE);
}

static const struct at_step slot_write[] = {
	{ .build = write_cmd, STORE_STEP, .flags = AT_TRAILED },
	{ .build = write_key_cmd, STORE_STEP, .flags = AT_TRAILED | AT_SECRET },
	{ 0 }
};

/* A-08; and an empty slot is not there to be deleted. */
static void
delete_cmd(struct at_cmd *c, const void *op)
{
	const struct slot_op *o = op;
	bool others = false;
	long i;

	for (i = 1; i <= SECURE_INDEX_MAX; i++)
		others |= o->mod->stored[slot_at(i)];
	if (!o->mod->stored[o->slot - slots])
		return;
	if (o->slot->id == 0 && others)
		at_cmd_refuse(c, -EBUSY, "slot client is the last to be deleted: slots 1 to 10 hold certificates");
	store_cmd(c, op, SECURE_DELETE);
}

static const struct at_step slot_delete[] = { { .build = delete_cmd, STORE_STEP, .flags = AT_TRAILED }, { 0 } };

static void
read_cmd(struct at_cmd *c, const void *op)
{
	store_cmd(c, op, SECURE_READ);
}

static int
frame_begins(const uint8_t *head, size_t len, size_t *ret_len)
{
	int r = secure_cmd_length(head, len, ret_len);

	if (r < 0)
		return len == 1 ? AT_NOT_MINE : -EBADMSG;
	return AT_OK;
}

static void
frame_sink(void *op, const void *bytes, size_t len)
{
	struct slot_op *o = op;

	if (len > sizeof(o->frame) - o->frame_len)
		return;
	memcpy(o->frame + o->frame_len, bytes, len);
	o->frame_len += len;
}

#define PEM_LINE 48 /* bytes in 64 characters */

static void
give_pem(const struct slot_op *o, const struct secure_cmd *reply)
{
	char line[PEM_LINE / 3 * 4 + 1];
	size_t at, n;

	o->rx(o->rx_arg, "-----BEGIN CERTIFICATE-----");
	for (at = 0; at < reply->cert_len; at += n) {
		n = reply->cert_len - at < PEM_LINE ? reply->cert_len - at : PEM_LINE;
		secure_cmd_base64(reply->cert + at, n, line);
		o->rx(o->rx_arg, line);
	}
	o->rx(o->rx_arg, "-----END CERTIFICATE-----");
}

/* The frame that came, as lines: the store knows DER, and people PEM. */
static void
read_check(struct at_cmd *c, const void *op)
{
	const struct slot_op *o = op;
	struct secure_cmd reply;

	if (secure_cmd_decode(o->frame, o->frame_len, &reply) || reply.index != o->slot->id)
		at_cmd_refuse(c, -EBADMSG, "AT^SBNW: what the module read from its store is no frame that adds up");
	else
		give_pem(o, &reply);
}

static const struct at_step slot_read[] = {
	{ .build = read_cmd, STORE_STEP, .binary = frame_begins, .sink = frame_sink, .flags = AT_TRAILED },
	{ .build = read_check },
	{ 0 }
};

/* ---- what a policy becomes ---- */

static bool
accepts_any(const struct tls_policy *p)
{
	size_t i;

	for (i = 0; i < p->n_ciphers; i++)
		if (!strcasecmp(p->ciphers[i], "any"))
			return true;
	return false;
}

static void
plan_verification(const struct tls_policy *p, struct tls_plan *plan)
{
	if (p->verify == TLS_VERIFY_NONE)
		plan->weak |= WEAK_UNVERIFIED;
	else
		plan->enforces |= ENFORCES_CHAIN;
	if (p->pin)
		plan->enforces |= ENFORCES_HOST_PIN;
	else if (p->check_name && p->verify != TLS_VERIFY_NONE)
		plan->enforces |= ENFORCES_HOST_NAME;
	else
		plan->weak |= WEAK_NAME_UNCHECKED;
}

static void
plan(const struct module *m, const struct tls_policy *p, struct tls_plan *ret)
{
	const struct dialect_suite *s;

	*ret = (struct tls_plan){ .weak = m->family->weak, .suites = { SUITE_ANY }, .n_suites = 1 };
	for (s = m->family->suites; s->iana; s++) {
		ret->allowed[ret->n_allowed++] = s->id;
		ret->weak |= s->weak;
	}
	plan_verification(p, ret);
	if (p->may_go_online)
		ret->weak |= WEAK_INFLIGHT_COMMANDS;
	if (p->verify == TLS_VERIFY_MUTUAL)
		str_copy(ret->blocked, sizeof(ret->blocked), CONF_NO_MUTUAL_CINTERION);
	else if (!accepts_any(p))
		str_copy(ret->blocked, sizeof(ret->blocked), CONF_NEEDS_ANY_CINTERION);
}

static size_t
send_limit(const struct module *m, const uint8_t *tx, size_t len)
{
	(void)m;
	(void)tx;
	return len;
}

/* ---- what is never sent for an admin ---- */

static const char *const guarded[] = {
	/* the certificate store: the configuration's alone */
	"^SBN", "^SSECU",
	/* PINs; the raw way to the SIM, by which they can be given too */
	"+CPIN", "+CPWD", "+CLCK", "+CSIM", "+CGLA",
	/* the profiles, the sessions' services, and data mode (that of other commands is left again) */
	"^SISS=", "^SISO=", "^SISC", "^SISR", "^SISW", "^SIST", "^SISH", "^SIPS", "^SICS=", "^SICO", "^SICC", "D", "O", "A", "H", "+CGDATA",
	/* what reveals the server's certificate, and tells of data */
	"^SIND=", "+CMER=", "^SCFG=\"TCP/", "^SCFG=TCP/",
	/* what every other command rests on: echo, result codes, the line, its rate, the escape, the alphabet */
	"E", "Q", "V", "S", "Z", "&F", "&C", "&D", "&K", "\\Q", "\\R", "+IPR=", "+ICF=", "+IFC=", "+CMUX", "+CMEE=", "+CSCS=", "^SQPORT=",
	/* Reset() does it in order; and what is off nobody switches on again */
	"^SMSO", "+CFUN=",
	NULL
};

const struct dialect dialect_cinterion = {
	.name = "cinterion",
	.manufacturers = (const char *const[]){ "*Cinterion*", "*Siemens*", "*Gemalto*", NULL },
	.families = families,
	.urcs = urcs,
	.slots = slots,
	.command_max = sizeof(ADDRESS_CMD) - 1 + ADDRESS_MAX,
	.gap_ms = 100,
	/* A module that waits for payload would send whatever fills it to the peer: here not yet, but when the line is as good as new (modem.c). */
	.rescue = (const char *const[]){ "ATV1Q0", NULL },
	.data_end = (const char *const[]){ "\x10\x04NO CARRIER\r\n", "\x10\x04\r\nNO CARRIER\r\n", NULL }, /* A-16 */
	.etx = ETX_CHAR,
	.dtr = true,
	.data_doubt = "\r\n^SYSSTART",
	.guarded = guarded,

	.setup = setup,
	.sim = gpp_sim,
	.sim_unlock = gpp_sim_unlock,
	.registration = gpp_registration,
	.context_up = context_up,
	.context_down = context_down,
	.set_clock = gpp_set_clock,
	.soft_reset = soft_reset,
	.look = look,
	.tls_up = tls_up,

	.opens_by_event = true,
	.drains = true,

	.open = open_steps,
	.send = send_steps,
	.send_end = send_end,
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
	.no_room = no_room,
	.peer = peer,
};
