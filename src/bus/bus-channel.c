/* SPDX-License-Identifier: Apache-2.0 */
/* org.celltls1.Channel: what channel.h says, in the words of the bus. */
#include "bus/bus-priv.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "dialect/dialects.h"

#define ACTION "org.celltls1.control-channel"

/* Cuts the text into its words, in place. */
static void
split(struct words *w)
{
	char *p = w->room, *end;
	size_t n = 0;

	for (; n < BUS_WORDS && *p; p = end) {
		w->v[n++] = p;
		end = p + strcspn(p, " ");
		if (*end)
			*end++ = '\0';
	}
	w->v[n] = NULL;
	w->list = w->v;
}

/* As they are written in the configuration; to be freed. */
static char *
remotes(const struct remotes_conf *remote)
{
	size_t i, size = 1;
	char *text;

	for (i = 0; i < remote->n; i++)
		size += strlen(remote->v[i].host) + strlen(", []:65535");
	text = xcalloc(1, size);
	for (i = 0; i < remote->n; i++) {
		const struct remote_conf *r = &remote->v[i];

		str_add(text, size, r->v6 ? "%s[%s]:%u" : "%s%s:%u", i ? ", " : "", r->host, (unsigned)r->port);
	}
	return text;
}

static void *
channel_facts(struct bus *b, const char *name)
{
	struct channel_facts *f = &b->facts.channel;
	const struct channel_figures *fig;
	const struct tls_peer *peer;
	struct bus_channel of;

	if (!bus_channel_find(b, name, &of))
		return NULL;
	bus_clean_again(b);
	fig = channel_figures(of.channel);
	peer = channel_peer(of.channel);
	*f = (struct channel_facts){
		.bus = b,
		.of = of,
		.name = of.conf->name,
		.modem = f->modem_room,
		.remote = bus_keep(b, remotes(&of.conf->remote)),
		.socket = bus_clean(b, of.socket),
		.state = channel_state_word(of.channel),
		.security = channel_security(of.channel),
		.peer_subject = bus_clean(b, peer->subject),
		.peer_issuer = bus_clean(b, peer->issuer),
		.peer_serial = bus_clean(b, peer->serial),
		.peer_thumbprint = bus_clean(b, peer->thumbprint),
		.cipher = bus_clean(b, channel_cipher(of.channel)),
		.tls_version = bus_clean(b, channel_tls_version(of.channel)),
		.sessions = fig->sessions,
		.waiting = fig->waiting,
		.bytes_sent = fig->bytes_sent,
		.bytes_received = fig->bytes_received,
		.dials = fig->dials,
		.failures = fig->failures,
		.error = bus_clean(b, channel_error(of.channel)),
		.ocsp_status = of.conf->tls.enabled, /* 0: no TLS; 1: no verdict, nobody checks */
	};
	snprintf(f->modem_room, sizeof(f->modem_room), "%s/%s", bus_modem_kind.prefix, of.conf->modem);
	dialect_enforces(channel_enforces(of.channel), f->enforces.room, sizeof(f->enforces.room));
	dialect_weaknesses(channel_weaknesses(of.channel), f->weaknesses.room, sizeof(f->weaknesses.room));
	split(&f->enforces);
	split(&f->weaknesses);
	return f;
}

static const char *
channel_name(struct bus *b, size_t i)
{
	struct bus_channel of;

	return b->owner->channel(b->arg, i, &of) ? of.conf->name : NULL;
}

/* ---- methods ---- */

static void
run_open(struct bus_call *call)
{
	call->bus->owner->open(call->bus->arg, call->name, call->uid, call->gids, call->n_gids, call);
}

static void
run_close(struct bus_call *call)
{
	call->bus->owner->close(call->bus->arg, call->name, call);
}

static void
run_check_ocsp(struct bus_call *call)
{
	bus_refuse(call, BUS_NOT_SUPPORTED, "%s: this version does not check for revocation yet: have the server's operator see to it",
	    call->name);
}

static int
begin(sd_bus_message *m, void *facts, const struct bus_method *method)
{
	struct channel_facts *f = facts;

	return bus_call_begin(f->bus, m, f->name, method);
}

static int
open_socket(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { NULL, run_open };

	(void)error;
	return begin(m, facts, &method);
}

static int
close_all(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { ACTION, run_close };

	(void)error;
	return begin(m, facts, &method);
}

static int
check_ocsp(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { ACTION, run_check_ocsp };

	(void)error;
	return begin(m, facts, &method);
}

#define SHOWN(name, signature, member, flags) SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct channel_facts, member), flags)
#define TOLD SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define ANYBODY SD_BUS_VTABLE_UNPRIVILEGED /* may ask; bus-auth.c decides, without waiting for the bus */

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SHOWN("Name", "s", name, SD_BUS_VTABLE_PROPERTY_CONST),
	SHOWN("Modem", "o", modem, TOLD),
	SHOWN("Remote", "s", remote, TOLD),
	SHOWN("Socket", "s", socket, TOLD),
	SHOWN("State", "s", state, TOLD),
	SHOWN("Security", "s", security, TOLD),
	SHOWN("Enforces", "as", enforces.list, TOLD),
	SHOWN("Weaknesses", "as", weaknesses.list, TOLD),
	SHOWN("PeerSubject", "s", peer_subject, TOLD),
	SHOWN("PeerIssuer", "s", peer_issuer, TOLD),
	SHOWN("PeerSerial", "s", peer_serial, TOLD),
	SHOWN("PeerThumbprint", "s", peer_thumbprint, TOLD),
	SHOWN("Cipher", "s", cipher, TOLD),
	SHOWN("TlsVersion", "s", tls_version, TOLD),
	SHOWN("Sessions", "u", sessions, TOLD),
	SHOWN("Waiting", "u", waiting, TOLD),
	SHOWN("BytesSent", "t", bytes_sent, TOLD),
	SHOWN("BytesReceived", "t", bytes_received, TOLD),
	SHOWN("Dials", "t", dials, TOLD),
	SHOWN("Failures", "t", failures, TOLD),
	SHOWN("LastError", "s", error, TOLD),
	SHOWN("OcspStatus", "u", ocsp_status, TOLD),
	SHOWN("OcspReason", "s", ocsp_reason, TOLD),
	SHOWN("OcspChecked", "t", ocsp_checked, TOLD),
	SHOWN("OcspNext", "t", ocsp_next, TOLD),
	SD_BUS_METHOD_WITH_ARGS("Open", SD_BUS_NO_ARGS, SD_BUS_RESULT("h", socket), open_socket, ANYBODY),
	SD_BUS_METHOD("Close", "", "", close_all, ANYBODY),
	SD_BUS_METHOD_WITH_ARGS("CheckOcsp", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", status), check_ocsp, ANYBODY),
	SD_BUS_VTABLE_END,
};

static const char *const figures[] = { "BytesSent", "BytesReceived", "Dials", "Failures", NULL };

const struct bus_kind bus_channel_kind = {
	.interface = "org.celltls1.Channel",
	.prefix = BUS_ROOT "/channel",
	.vtable = vtable,
	.figures = figures,
	.name = channel_name,
	.facts = channel_facts,
};
