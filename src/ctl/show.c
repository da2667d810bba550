/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.c - "modem" and "channel": all about one
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "ctl/human.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/words.h"

#define LABELS 16 /* columns that the names of things have */

/* One thing; nothing where it is not known.  Given away. */
static void
line(const struct screen *s, const char *label, enum colour colour, char *text)
{
	AUTO(free) char *clean = text_clean(text, s->utf8);

	if (*clean) {
		fprintf(s->out, "%s%-*s%s", colour_on(s, BOLD), LABELS, label, colour_off(s, BOLD));
		text_wrap(s, clean, LABELS, LABELS, colour);
	}
	free(text);
}

static void
line_of(const struct screen *s, const char *label, const struct object *o, const char *key)
{
	line(s, label, PLAIN, xstrdup(value_text(o->properties, key)));
}

static void
line_word(const struct screen *s, const char *label, const struct object *o, const char *key, const struct word *words)
{
	const char *word = value_text(o->properties, key);

	line(s, label, word_colour(words, word), xstrdup(word));
}

/* Appends and gives the longer one; both are given away. */
static char *
joined(char *list, const char *between, char *more)
{
	char *all = *list ? xasprintf("%s%s%s", list, between, more) : xstrdup(more);

	free(list);
	free(more);
	return all;
}

static char *
words_of(const struct value *list)
{
	char *all = xstrdup("");
	size_t i;

	for (i = 0; i < list->many.n; i++)
		if (list->many.items[i].value.kind == VALUE_STRING)
			all = joined(all, ", ", xstrdup(list->many.items[i].value.string));
	return all;
}

/* "detach 2, soft reset 1": those that happened. */
static char *
counts_of(const struct value *map)
{
	char *all = xstrdup(""), *c;
	size_t i;

	for (i = 0; i < map->many.n; i++) {
		const struct value_item *item = &map->many.items[i];

		if (!item->key || item->value.kind != VALUE_UINT || !item->value.u)
			continue;
		all = joined(all, ", ", xasprintf("%s %" PRIu64, item->key, item->value.u));
	}
	for (c = all; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	return all;
}

static char *
moment(uint64_t when_s)
{
	AUTO(free) char *at = human_time((int64_t)when_s);
	AUTO(free) char *away = human_away((int64_t)when_s, time(NULL));

	return when_s ? xasprintf("%s (%s)", at, away) : xstrdup("");
}

static char *
bytes_both(const struct value *map, const char *sent_key, const char *received_key)
{
	AUTO(free) char *sent = human_bytes(value_number(map, sent_key));
	AUTO(free) char *received = human_bytes(value_number(map, received_key));

	return xasprintf("%s sent, %s received", sent, received);
}

/* ---- modem ---- */

static char *
module_of(const struct object *o)
{
	const char *const keys[] = { "Manufacturer", "Model", "Revision" };
	char *all = xstrdup("");
	size_t i;

	for (i = 0; i < 3; i++)
		if (*value_text(o->properties, keys[i]))
			all = joined(all, " ", xstrdup(value_text(o->properties, keys[i])));
	if (*value_text(o->properties, "Dialect"))
		all = joined(all, " ", xasprintf("(%s)", value_text(o->properties, "Dialect")));
	return all;
}

static char *
signal_of(const struct object *o)
{
	int64_t dbm = value_signed(o->properties, "SignalDbm");
	const char *good = dbm >= -85 ? "good" : dbm >= -100 ? "fair" : "weak";

	return dbm ? xasprintf("%" PRId64 " dBm, %s", dbm, good) : xstrdup("");
}

static char *
channels_on(const struct value *all, const struct object *modem)
{
	size_t n, i;
	AUTO(free) struct object *channels = remote_list(all, REMOTE_CHANNEL, &n);
	char *names = xstrdup("");

	for (i = 0; i < n; i++)
		if (strcmp(value_text(channels[i].properties, "Modem"), modem->path) == 0)
			names = joined(names, ", ", xstrdup(channels[i].name));
	return names;
}

static void
print_statistics(const struct screen *s, const struct value *statistics)
{
	line(s, "Line", PLAIN, bytes_both(statistics, "LineBytesSent", "LineBytesReceived"));
	line(s, "  payload", PLAIN, bytes_both(statistics, "PayloadBytesSent", "PayloadBytesReceived"));
	line(s, "  overhead", PLAIN, bytes_both(statistics, "OverheadBytesSent", "OverheadBytesReceived"));
	line(s, "Commands", PLAIN, xasprintf("%" PRIu64, value_number(statistics, "Commands")));
	line(s, "Times ready", PLAIN, xasprintf("%" PRIu64, value_number(statistics, "Ready")));
	line(s, "Recoveries", PLAIN, counts_of(value_many(statistics, "Recoveries")));
}

static void
print_modem(const struct screen *s, const struct value *all, const struct object *o, const struct value *statistics)
{
	line(s, "Modem", BOLD, xstrdup(o->name));
	line_word(s, "State", o, "State", modem_states);
	line(s, "Last error", RED, xstrdup(value_text(o->properties, "LastError")));
	line_of(s, "Device", o, "Device");
	line(s, "Module", PLAIN, module_of(o));
	line_of(s, "IMEI", o, "Imei");
	line_of(s, "SIM", o, "Sim");
	line_word(s, "Registration", o, "Registration", registrations);
	line_of(s, "Operator", o, "Operator");
	line(s, "Signal", PLAIN, signal_of(o));
	line_of(s, "Address", o, "Address");
	line(s, "Free sockets", PLAIN, xasprintf("%" PRIu64, value_number(o->properties, "FreeSockets")));
	line(s, "Network time", PLAIN, moment(value_number(o->properties, "NetworkTime")));
	line(s, "Next expiry", PLAIN, moment(value_number(o->properties, "ExpiresNext")));
	line(s, "Channels", PLAIN, channels_on(all, o));
	if (statistics->many.n)
		print_statistics(s, statistics);
}

/* Its properties, and those of Statistics(). */
static void
print_modem_json(struct ctl *c, const struct object *o, const struct value *statistics)
{
	struct value out = value_copy(o->properties);

	value_put(&out, "Statistics", value_copy(statistics));
	json_write(c->screen.out, &out, true);
	value_deinit(&out);
}

int
ctl_modem(struct ctl *c, char **args)
{
	struct value all, statistics = value_map();
	struct object o;
	int status = remote_objects(c, &all);

	if (status == CTL_FINE)
		status = remote_find(&all, REMOTE_MODEM, args[0], &o);
	if (status == CTL_FINE)
		status = remote_statistics(c, &o, &statistics);
	if (status == CTL_FINE && c->json)
		print_modem_json(c, &o, &statistics);
	else if (status == CTL_FINE)
		print_modem(&c->screen, &all, &o, &statistics);
	value_deinit(&statistics);
	value_deinit(&all);
	return status;
}

/* ---- channel ---- */

static char *
session_of(const struct object *o)
{
	const char *version = value_text(o->properties, "TlsVersion"), *cipher = value_text(o->properties, "Cipher");

	return xasprintf("%s%s%s%s", *version ? "TLS " : "", version, *version && *cipher ? ", " : "", cipher);
}

/* OcspStatus; that there is no verdict, or no TLS, is nothing to tell. */
static char *
revocation_of(const struct object *o)
{
	static const char *const words[] = { "", "", "valid", "the lookup failed", "REVOKED", "no responder is known",
		"the responder does not know the certificate", "the responder did not answer in time", "cannot be checked on this module" };
	uint64_t status = value_number(o->properties, "OcspStatus");
	const char *reason = value_text(o->properties, "OcspReason");

	if (status >= sizeof(words) / sizeof(*words))
		return xasprintf("status %" PRIu64 "%s%s", status, *reason ? ": " : "", reason);
	return xasprintf("%s%s%s", words[status], *words[status] && *reason ? ": " : "", reason);
}

static void
print_channel(const struct screen *s, const struct value *all, const struct object *o)
{
	line(s, "Channel", BOLD, xstrdup(o->name));
	line_word(s, "State", o, "State", channel_states);
	line(s, "Last error", RED, xstrdup(value_text(o->properties, "LastError")));
	line(s, "Modem", PLAIN, xstrdup(remote_modem_name(all, value_text(o->properties, "Modem"))));
	line_of(s, "Remote", o, "Remote");
	line_of(s, "Socket", o, "Socket");
	line_of(s, "Security", o, "Security");
	line(s, "Enforces", PLAIN, words_of(value_many(o->properties, "Enforces")));
	line(s, "Weaknesses", YELLOW, words_of(value_many(o->properties, "Weaknesses")));
	line(s, "Last session", PLAIN, session_of(o));
	line_of(s, "Peer", o, "PeerSubject");
	line_of(s, "  issued by", o, "PeerIssuer");
	line_of(s, "  serial", o, "PeerSerial");
	line_of(s, "  thumbprint", o, "PeerThumbprint");
	line(s, "Revocation", value_number(o->properties, "OcspStatus") == 4 ? RED : PLAIN, revocation_of(o));
	line(s, "  checked", PLAIN, moment(value_number(o->properties, "OcspChecked")));
	line(s, "  next check", PLAIN, moment(value_number(o->properties, "OcspNext")));
	line(s, "Sessions", PLAIN, xasprintf("%" PRIu64 " open, %" PRIu64 " waiting", value_number(o->properties, "Sessions"),
	    value_number(o->properties, "Waiting")));
	line(s, "Payload", PLAIN, bytes_both(o->properties, "BytesSent", "BytesReceived"));
	line(s, "Dials", PLAIN, xasprintf("%" PRIu64, value_number(o->properties, "Dials")));
	line(s, "Failures", value_number(o->properties, "Failures") ? YELLOW : PLAIN,
	    xasprintf("%" PRIu64, value_number(o->properties, "Failures")));
}

int
ctl_channel(struct ctl *c, char **args)
{
	struct value all;
	struct object o;
	int status = remote_objects(c, &all);

	if (status == CTL_FINE)
		status = remote_find(&all, REMOTE_CHANNEL, args[0], &o);
	if (status == CTL_FINE && c->json)
		json_write(c->screen.out, o.properties, true);
	else if (status == CTL_FINE)
		print_channel(&c->screen, &all, &o);
	value_deinit(&all);
	return status;
}
