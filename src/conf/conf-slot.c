/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-slot.c - what the configuration must know of the dialects: the names of
 * their certificate slots, how many secure sockets, and what none of their modules can do
 *
 * The drivers know the same and more; this is here so that --check can tell
 * before there is a module to ask.
 */
#include "conf/conf-priv.h"

#include <string.h>

#define KEY 1u	 /* holds a private key */
#define ALIAS 2u /* "ca", "cert" or "key", and not the slot's own name */

static const struct slot_name {
	enum conf_dialect dialect;
	const char *name, *slot;
	unsigned flags;
} slots[] = {
	{ CONF_DIALECT_TELIT, "ca", "ca", 0 },
	{ CONF_DIALECT_TELIT, "cert", "cert", 0 },
	{ CONF_DIALECT_TELIT, "key", "key", KEY },
	{ CONF_DIALECT_CINTERION, "client", "client", 0 },
	{ CONF_DIALECT_CINTERION, "client-key", "client-key", KEY },
	{ CONF_DIALECT_CINTERION, "1", "1", 0 },
	{ CONF_DIALECT_CINTERION, "2", "2", 0 },
	{ CONF_DIALECT_CINTERION, "3", "3", 0 },
	{ CONF_DIALECT_CINTERION, "4", "4", 0 },
	{ CONF_DIALECT_CINTERION, "5", "5", 0 },
	{ CONF_DIALECT_CINTERION, "6", "6", 0 },
	{ CONF_DIALECT_CINTERION, "7", "7", 0 },
	{ CONF_DIALECT_CINTERION, "8", "8", 0 },
	{ CONF_DIALECT_CINTERION, "9", "9", 0 },
	{ CONF_DIALECT_CINTERION, "10", "10", 0 },
	{ CONF_DIALECT_CINTERION, "ca", "1", ALIAS },
	{ CONF_DIALECT_CINTERION, "cert", "client", ALIAS },
	{ CONF_DIALECT_CINTERION, "key", "client-key", ALIAS | KEY },
	{ CONF_DIALECT_SIM800, "root", "root", 0 },
	{ CONF_DIALECT_SIM800, "client", "client", 0 },
	{ CONF_DIALECT_SIM800, "ca", "root", ALIAS },
	{ CONF_DIALECT_SIM800, "cert", "client", ALIAS },
	{ CONF_DIALECT_SIM800, "key", "client", ALIAS | KEY },
	{ CONF_DIALECT_EZTCP, "server", "server", 0 },
	{ CONF_DIALECT_EZTCP, "cert", "server", ALIAS },
	{ CONF_DIALECT_EZTCP, "key", "server", ALIAS | KEY },
};

#define N_SLOTS (sizeof(slots) / sizeof(*slots))

static const char *const dialect_names[] = { "auto", "telit", "cinterion", "sim800", "eztcp" };

const char *
conf_dialect_name(enum conf_dialect dialect)
{
	return dialect_names[dialect];
}

static const struct slot_name *
find(enum conf_dialect dialect, const char *name)
{
	size_t i;

	for (i = 0; i < N_SLOTS; i++)
		if (slots[i].dialect == dialect && strcmp(slots[i].name, name) == 0)
			return &slots[i];
	return NULL;
}

const char *
conf_slot_canonical(enum conf_dialect dialect, const char *slot)
{
	const struct slot_name *s = find(dialect, slot);
	size_t i;

	if (dialect != CONF_DIALECT_AUTO)
		return s ? s->slot : NULL;
	for (i = 0; i < N_SLOTS; i++)
		if (slots[i].dialect != CONF_DIALECT_EZTCP && strcmp(slots[i].name, slot) == 0)
			return slots[i].name;
	return NULL;
}

bool
conf_slot_is_key(enum conf_dialect dialect, const char *slot)
{
	size_t i;

	for (i = 0; i < N_SLOTS; i++)
		if ((dialect == CONF_DIALECT_AUTO || dialect == slots[i].dialect) && strcmp(slots[i].name, slot) == 0 &&
		    slots[i].flags & KEY)
			return true;
	return false;
}

bool
conf_slot_same(enum conf_dialect dialect, const char *a, const char *b)
{
	const struct slot_name *sa = find(dialect, a), *sb = find(dialect, b);
	enum conf_dialect d;

	if (dialect != CONF_DIALECT_AUTO)
		/* A certificate and its key may share a place: sim800's client holds both. */
		return sa && sb && strcmp(sa->slot, sb->slot) == 0 && (sa->flags & KEY) == (sb->flags & KEY);
	for (d = CONF_DIALECT_TELIT; d < CONF_DIALECT_EZTCP; d++)
		if (conf_slot_same(d, a, b))
			return true;
	return strcmp(a, b) == 0;
}

/* What is asked of a module although it can only be had with TLS on the host. */
static bool
wants_min_version(const struct channel_conf *ch)
{
	return ch->tls.min_version != CONF_TLS_1_2;
}

static bool
wants_server_name(const struct channel_conf *ch)
{
	return *ch->tls.server_name;
}

static bool
wants_alpn(const struct channel_conf *ch)
{
	return ch->tls.alpn.n;
}

static bool
wants_name(const struct channel_conf *ch)
{
	return ch->tls.check_name == CONF_CHECK_NAME_REQUIRE;
}

static bool
wants_unvouched_name(const struct channel_conf *ch)
{
	return wants_name(ch) && ch->tls.verify == CONF_VERIFY_NONE && !*ch->tls.pin;
}

static bool
wants_pin(const struct channel_conf *ch)
{
	return *ch->tls.pin;
}

static bool
wants_known_suite(const struct channel_conf *ch)
{
	size_t i;

	for (i = 0; i < ch->tls.ciphers.n; i++)
		if (strcmp(ch->tls.ciphers.v[i], "any") == 0)
			return false;
	return true;
}

static bool
wants_own_certificate(const struct channel_conf *ch)
{
	return ch->tls.verify == CONF_VERIFY_MUTUAL;
}

static bool
wants_sha256_pin(const struct channel_conf *ch)
{
	return strncmp(ch->tls.pin, "sha256:", 7) == 0;
}

#define ON(d) (1u << CONF_DIALECT_##d)
#define ALL (ON(AUTO) | ON(TELIT) | ON(CINTERION) | ON(SIM800) | ON(EZTCP))

#define KEY_OF(key) offsetof(struct channel_conf, tls.key)

static const struct {
	bool (*wants)(const struct channel_conf *ch);
	size_t key; /* that asks for it */
	unsigned dialects;
	const char *reason;
} beyond[] = {
	{ wants_name, KEY_OF(check_name), ON(TELIT) | ON(SIM800) | ON(EZTCP),
	  "check_name = \"require\": the module does not compare the peer's name and does not reveal it" },
	{ wants_unvouched_name, KEY_OF(check_name), ON(CINTERION),
	  "check_name = \"require\": with verify = \"none\" nobody vouches for the name, and it is not compared. "
	  "verify = \"server\" is needed, or a pin" },
	{ wants_pin, KEY_OF(pin), ON(TELIT) | ON(SIM800) | ON(EZTCP), "pin: the module does not reveal the peer's certificate" },
	{ wants_sha256_pin, KEY_OF(pin), ON(CINTERION),
	  "pin: the module tells the SHA-1 of the peer's certificate only (sha1: and 40 digits)" },
	{ wants_own_certificate, KEY_OF(verify), ON(CINTERION), CONF_NO_MUTUAL_CINTERION },
	{ wants_known_suite, KEY_OF(ciphers), ON(CINTERION), CONF_NEEDS_ANY_CINTERION },
	{ wants_known_suite, KEY_OF(ciphers), ON(SIM800) | ON(EZTCP),
	  "the module cannot be told, and does not tell, which cipher suite and TLS version it takes. "
	  "ciphers = ( \"any\" ) accepts that" },
	{ wants_min_version, KEY_OF(min_version), ALL, "min_version: the module cannot be told; it needs engine = \"host\"" },
	{ wants_server_name, KEY_OF(server_name), ALL, "server_name: the module cannot be told; it needs engine = \"host\"" },
	{ wants_alpn, KEY_OF(alpn), ALL, "alpn: the module cannot be told; it needs engine = \"host\"" },
};

const char *
conf_beyond_field(const struct channel_conf *ch, enum conf_dialect dialect, unsigned i, const void **ret_field)
{
	size_t row;

	if (!ch->tls.enabled || ch->tls.engine != CONF_ENGINE_MODULE)
		return NULL;
	for (row = 0; row < sizeof(beyond) / sizeof(*beyond); row++)
		if (beyond[row].dialects & 1u << dialect && beyond[row].wants(ch) && i-- == 0) {
			*ret_field = (const char *)ch + beyond[row].key;
			return beyond[row].reason;
		}
	return NULL;
}

const char *
conf_beyond_module(const struct channel_conf *ch, enum conf_dialect dialect, unsigned i)
{
	const void *field;

	return conf_beyond_field(ch, dialect, i, &field);
}

bool
conf_slot_is_ca(enum conf_dialect dialect, const char *slot)
{
	const struct slot_name *s = find(dialect, slot);

	if (!conf_slot_canonical(dialect, slot) || conf_slot_is_key(dialect, slot))
		return false;
	return dialect != CONF_DIALECT_CINTERION || strcmp(s->slot, "client") != 0;
}

enum conf_dialect
conf_dialect_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(dialect_names) / sizeof(*dialect_names); i++)
		if (strcmp(dialect_names[i], name) == 0)
			return (enum conf_dialect)i;
	return CONF_DIALECT_AUTO;
}

bool
conf_slots_signed(enum conf_dialect dialect)
{
	return dialect == CONF_DIALECT_CINTERION;
}

unsigned
conf_secure_sockets(const struct modem_conf *m, enum conf_dialect dialect)
{
	if (m->secure_sockets)
		return m->secure_sockets;
	return dialect == CONF_DIALECT_CINTERION ? 2 : 1;
}
