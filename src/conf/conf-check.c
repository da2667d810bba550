/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-check.c - whether the values fit one another, and this host
 *
 * Each function is one rule or a few of one kind; they run after all rows were
 * read, whether or not there were mistakes, so that one run tells them all.
 */
#include "conf/conf-priv.h"

#include <string.h>

#include "base/xalloc.h"

static void
check_pdp(struct conf_load *l, const struct modem_conf *m)
{
	if (m->dialect == CONF_DIALECT_EZTCP)
		return;
	if (!*m->pdp.apn)
		conf_missing_at(l, &m->pdp.apn, "is missing (required: access point name of the SIM's operator)");
	if (m->dialect == CONF_DIALECT_TELIT && m->pdp.cid != 1)
		conf_mistake_at(l, &m->pdp.cid, "%u is not allowed (1: the secure sockets of telit use no other context)",
				m->pdp.cid);
	if (*m->pdp.password_file && !*m->pdp.user)
		conf_mistake_at(l, &m->pdp.password_file, "a password without a user (set user too)");
}

/* One connection profile is all that is used of cinterion, and it is by IPv4. */
static void
check_profile(struct conf_load *l, const struct modem_conf *m)
{
	if (m->dialect != CONF_DIALECT_CINTERION)
		return;
	if (m->pdp.cid != 1)
		conf_mistake_at(l, &m->pdp.cid, "%u is not allowed (cinterion has profiles in place of contexts; leave it out)",
				m->pdp.cid);
	if (m->pdp.type != CONF_PDP_IP)
		conf_mistake_at(l, &m->pdp.type, "the connection profile of cinterion is IPv4 (IP)");
	if (m->pdp.auth != CONF_AUTH_AUTO)
		conf_mistake_at(l, &m->pdp.auth, "the connection profile of cinterion has no such setting (auto)");
}

static void
check_sim(struct conf_load *l, const struct modem_conf *m)
{
	if (*m->sim && (m->dialect == CONF_DIALECT_TELIT || m->dialect == CONF_DIALECT_CINTERION))
		conf_mistake_at(l, &m->sim, "the %s dialect has no command that reads the ICCID (leave it empty)",
				conf_dialect_name(m->dialect));
}

static void
check_slot(struct conf_load *l, const struct modem_conf *m, const struct slot_conf *s)
{
	static const char *const allowed[] = {
		[CONF_DIALECT_AUTO] = "ca, cert, key, or a name of the dialect",
		[CONF_DIALECT_TELIT] = "ca, cert, key",
		[CONF_DIALECT_CINTERION] = "client, 1 to 10, ca, cert",
		[CONF_DIALECT_SIM800] = "root, client, ca, cert, key",
		[CONF_DIALECT_EZTCP] = "server, cert, key",
	};
	bool client = strcmp(s->slot, "client") == 0 || strcmp(s->slot, "cert") == 0;

	if (*s->slot && !conf_slot_canonical(m->dialect, s->slot))
		conf_mistake_at(l, &s->slot, "%s has no slot \"%s\" (%s)", conf_dialect_name(m->dialect), s->slot,
				allowed[m->dialect]);
	else if (*s->slot && conf_slots_signed(m->dialect) && conf_slot_is_key(m->dialect, s->slot))
		conf_mistake_at(l, &s->slot, "a key has no entry of its own with %s (key_file of slot \"client\", and upload_key)",
				conf_dialect_name(m->dialect));
	if (conf_slots_signed(m->dialect) && !client) {
		if (*s->key_file)
			conf_mistake_at(l, &s->key_file, "only for slot \"client\": its key signs for all slots (leave it out here)");
		if (s->upload_key)
			conf_mistake_at(l, &s->upload_key, "only for slot \"client\" (leave it out here)");
		return;
	}
	if (*s->key_file && (!client || m->dialect == CONF_DIALECT_TELIT || m->dialect == CONF_DIALECT_EZTCP))
		conf_mistake_at(l, &s->key_file, "only for the slot client of cinterion and sim800 (here: slot = \"key\")");
	if (s->upload_key && !*s->key_file)
		conf_mistake_at(l, &s->upload_key, "no key to upload (set key_file too)");
}

/* No mistake: what the slots hold may be right already. */
static void
check_signer(struct conf_load *l, const struct modem_conf *m)
{
	size_t i;

	if (!conf_slots_signed(m->dialect) || !m->n_certificates)
		return;
	for (i = 0; i < m->n_certificates; i++)
		if (*m->certificates[i].key_file || m->certificates[i].upload_key)
			return;
	conf_warning_at(l, &m->certificates, "no slot can be written: each change of the store is signed by the key of slot \"client\" "
					     "(an entry of that slot with file and key_file)");
}

static void
check_slots(struct conf_load *l, const struct modem_conf *m)
{
	size_t i, j;

	for (i = 0; i < m->n_certificates; i++) {
		const struct slot_conf *s = &m->certificates[i];

		check_slot(l, m, s);
		for (j = 0; *s->slot && j < i; j++) {
			const struct slot_conf *other = &m->certificates[j];

			if (!conf_slot_same(m->dialect, s->slot, other->slot))
				continue;
			conf_mistake_at(l, &s->slot, "\"%s\" is the same slot as \"%s\" of certificates[%zu] (each once)", s->slot,
					other->slot, j);
			break;
		}
	}
}

static void
check_modem(struct conf_load *l, const struct modem_conf *m)
{
	const struct modem_conf *other;

	check_pdp(l, m);
	check_profile(l, m);
	check_sim(l, m);
	check_slots(l, m);
	check_signer(l, m);
	for (other = l->conf->modems; other < m; other++) {
		if (*m->name && strcmp(m->name, other->name) == 0)
			conf_mistake_at(l, &m->name, "\"%s\" is another modem's name already (each once)", m->name);
		if (*m->device && strcmp(m->device, other->device) == 0)
			conf_mistake_at(l, &m->device, "%s is the device of modem %s already (each once)", m->device, other->name);
	}
}

static void
check_most_sockets(struct conf_load *l, const struct modem_conf *m)
{
	if (m->dialect == CONF_DIALECT_CINTERION && m->secure_sockets > 6)
		conf_mistake_at(l, &m->secure_sockets, "%u are more than cinterion has (0, or 1 to 6)", m->secure_sockets);
}

/* All channels of a modem together against the modem's sockets. */
static void
check_sockets(struct conf_load *l, const struct modem_conf *m)
{
	unsigned have = conf_secure_sockets(m, m->dialect), need = 0;
	size_t i;

	for (i = 0; i < l->conf->n_channels; i++)
		if (l->conf->channels[i].modem_conf == m)
			need += l->conf->channels[i].max_sessions;
	if (need > have)
		conf_warning_at(l, &m->secure_sockets,
				"the channels of %s may need %u secure sockets and it has %u; clients will wait (max_sessions)",
				m->name, need, have);
}

static void
check_direction(struct conf_load *l, const struct channel_conf *ch)
{
	bool inbound = ch->direction == CONF_INBOUND;

	if (!inbound && !ch->remote.n)
		conf_missing_at(l, &ch->remote, "no remote (required: host:port or [v6]:port, or a list)");
	if (inbound && !ch->listen)
		conf_missing_at(l, &ch->listen, "is missing (required for inbound: a port)");
	if (inbound && !*ch->forward)
		conf_missing_at(l, &ch->forward, "is missing (required for inbound: an absolute path)");
}

static void
check_ca_slot(struct conf_load *l, const struct tls_conf *t, enum conf_dialect d, size_t i)
{
	const char *allowed = d == CONF_DIALECT_CINTERION ? "1 to 10, ca, or a list such as ( \"1\", \"2\" )" : "such as ca";
	size_t j;

	if (!conf_slot_is_ca(d, t->ca.v[i])) {
		conf_mistake_at(l, &t->ca, "%s has no CA slot \"%s\" (%s)", conf_dialect_name(d), t->ca.v[i], allowed);
		return;
	}
	for (j = 0; d != CONF_DIALECT_AUTO && j < i; j++)
		if (conf_slot_same(d, t->ca.v[i], t->ca.v[j])) {
			conf_mistake_at(l, &t->ca, "\"%s\" is the same slot as \"%s\" (each once)", t->ca.v[i], t->ca.v[j]);
			return;
		}
}

/* Its connection profile is by IPv4, and its addresses have no other form. */
static void
check_remotes(struct conf_load *l, const struct channel_conf *ch)
{
	size_t i;

	if (!ch->modem_conf || ch->modem_conf->dialect != CONF_DIALECT_CINTERION)
		return;
	for (i = 0; i < ch->remote.n; i++)
		if (ch->remote.v[i].v6)
			conf_mistake_at(l, &ch->remote, "[%s]: cinterion has no IPv6 (host:port)", ch->remote.v[i].host);
}

static void
check_tls_slots(struct conf_load *l, const struct channel_conf *ch)
{
	enum conf_dialect d = ch->modem_conf ? ch->modem_conf->dialect : CONF_DIALECT_AUTO;
	const struct tls_conf *t = &ch->tls;
	bool mutual = t->verify == CONF_VERIFY_MUTUAL;
	size_t i;

	for (i = 0; i < t->ca.n; i++)
		check_ca_slot(l, t, d, i);
	if (!t->ca.n && t->verify != CONF_VERIFY_NONE)
		conf_missing_at(l, &t->ca, "is empty (required: the slots with the CA certificates, such as ca)");
	if (*t->cert ? !conf_slot_canonical(d, t->cert) : mutual)
		conf_mistake_at(l, &t->cert, "%s has no slot \"%s\" (such as cert)", conf_dialect_name(d), t->cert);
	if (*t->key ? !conf_slot_canonical(d, t->key) : mutual)
		conf_mistake_at(l, &t->key, "%s has no slot \"%s\" (such as key)", conf_dialect_name(d), t->key);
}

static bool
is_filled(const struct modem_conf *m, const char *slot)
{
	size_t i;

	for (i = 0; i < m->n_certificates; i++)
		if (conf_slot_same(m->dialect, m->certificates[i].slot, slot))
			return true;
	return false;
}

/*
 * Of a module that tells names only: what its slots hold otherwise the host does not have, and so cannot take
 * the names apart by it.
 */
static void
check_ca_files(struct conf_load *l, const struct channel_conf *ch)
{
	const struct modem_conf *m = ch->modem_conf;
	size_t i;

	if (!m || m->dialect != CONF_DIALECT_CINTERION || ch->tls.verify == CONF_VERIFY_NONE)
		return;
	for (i = 0; i < ch->tls.ca.n; i++)
		if (conf_slot_is_ca(m->dialect, ch->tls.ca.v[i]) && !is_filled(m, ch->tls.ca.v[i]))
			conf_warning_at(l, &ch->tls.ca, "slot \"%s\" is not among the certificates of %s: what it holds is not looked after",
					ch->tls.ca.v[i], m->name);
}

static void
check_tls(struct conf_load *l, const struct channel_conf *ch)
{
	const void *field;
	const char *reason;
	unsigned i;

	if (!ch->tls.enabled)
		return;
	if (ch->tls.verify == CONF_VERIFY_UNSET)
		conf_missing_at(l, &ch->tls.verify, "is missing (required: none, server, mutual)");
	if (ch->tls.engine == CONF_ENGINE_MODULE) {
		check_tls_slots(l, ch);
		check_ca_files(l, ch);
	}
	for (i = 0; ch->modem_conf && (reason = conf_beyond_field(ch, ch->modem_conf->dialect, i, &field)); i++)
		conf_warning_at(l, field, "the channel will be blocked: %s", reason);
}

static void
check_ocsp(struct conf_load *l, const struct channel_conf *ch)
{
	if (ch->ocsp.via == CONF_VIA_HOST && !*l->conf->verify_host_socket)
		conf_mistake_at(l, &ch->ocsp.via, "\"host\" needs verify_host_socket (or auto, modem)");
}

/*
 * While one session has the line to itself, nothing else can run on it.  With one
 * secure socket sessions take turns anyway.
 */
static void
check_online(struct conf_load *l, const struct channel_conf *ch)
{
	const struct channel_conf *other = l->conf->channels, *end = other + l->conf->n_channels;
	static const char allowed[] = "(auto, command)";
	bool several;

	if (ch->mode != CONF_MODE_ONLINE || !ch->modem_conf)
		return;
	several = conf_secure_sockets(ch->modem_conf, ch->modem_conf->dialect) > 1;
	for (; several && other < end; other++)
		if (other != ch && other->modem_conf == ch->modem_conf) {
			conf_mistake_at(l, &ch->mode, "\"online\" would shut out channel %s of the same modem %s", other->name, allowed);
			break;
		}
	if (several && ch->max_sessions > 1)
		conf_mistake_at(l, &ch->mode, "\"online\" would shut out the other of %u sessions %s", ch->max_sessions, allowed);
	if (ch->modem_conf->sms.enabled)
		conf_mistake_at(l, &ch->mode, "\"online\" would shut out commands by SMS %s", allowed);
	if (ch->ocsp.enabled && ch->ocsp.via != CONF_VIA_HOST)
		conf_mistake_at(l, &ch->mode, "\"online\" would shut out revocation checks by the modem %s", allowed);
}

static void
check_socket_path(struct conf_load *l, struct channel_conf *ch)
{
	const struct channel_conf *other;
	struct socket_conf *s = &ch->socket;

	if (!*s->path && *ch->name) {
		free(s->path);
		s->path = xasprintf("%s/%s.sock", l->conf->runtime_directory, ch->name);
		if (conf_form_check(FORM_SOCKET, s->path))
			conf_mistake_at(l, &s->path, "%s has %zu bytes (at most 107 for a socket)", s->path, strlen(s->path));
	}
	for (other = l->conf->channels; other < ch; other++)
		if (*s->path && strcmp(s->path, other->socket.path) == 0)
			conf_mistake_at(l, &s->path, "%s is the socket of channel %s already (each once)", s->path, other->name);
	if (*s->path && (strcmp(s->path, l->conf->verify_socket) == 0 || strcmp(s->path, l->conf->verify_host_socket) == 0))
		conf_mistake_at(l, &s->path, "%s is where revocation checks are asked for (another path)", s->path);
}

static void
check_channel(struct conf_load *l, struct channel_conf *ch)
{
	const struct channel_conf *other;

	if (*ch->modem && !ch->modem_conf)
		conf_mistake_at(l, &ch->modem, "there is no modem \"%s\" (a name of modems)", ch->modem);
	for (other = l->conf->channels; other < ch; other++)
		if (*ch->name && strcmp(ch->name, other->name) == 0)
			conf_mistake_at(l, &ch->name, "\"%s\" is another channel's name already (each once)", ch->name);
	check_direction(l, ch);
	check_remotes(l, ch);
	check_socket_path(l, ch);
	check_tls(l, ch);
	check_ocsp(l, ch);
	check_online(l, ch);
}

void
conf_check(struct conf_load *l)
{
	struct conf *c = l->conf;
	size_t i;

	if (!c->n_modems)
		conf_warning_at(l, &c->modems, "is empty (the daemon will have nothing to do)");
	for (i = 0; i < c->n_channels; i++)
		c->channels[i].modem_conf = *c->channels[i].modem ? conf_modem(c, c->channels[i].modem) : NULL;
	for (i = 0; i < c->n_modems; i++) {
		check_modem(l, &c->modems[i]);
		check_most_sockets(l, &c->modems[i]);
		check_sockets(l, &c->modems[i]);
	}
	for (i = 0; i < c->n_channels; i++)
		check_channel(l, &c->channels[i]);
	if (!(l->flags & CONF_NO_FILES))
		conf_check_host(l);
}
