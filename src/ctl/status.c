/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c - "status": all in one look.  What is well has a line, what is not says why beneath it, and what to do.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "ctl/human.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/table.h"
#include "ctl/words.h"

#define SOON_S (30 * 86400) /* a certificate that ends within this is worth a line */

static bool
is(const struct object *o, const char *key, const char *word)
{
	return strcmp(value_text(o->properties, key), word) == 0;
}

static void
note(struct table *t, enum colour colour, char *text)
{
	table_note(t, colour, text);
	free(text);
}

static void
cell(struct table *t, char *text)
{
	table_cell(t, PLAIN, text);
	free(text);
}

/* ---- modems ---- */

static char *
network_of(const struct object *o)
{
	const char *registration = value_text(o->properties, "Registration"), *operator_ = value_text(o->properties, "Operator");

	return xasprintf("%s%s%s", registration, *registration && *operator_ ? ", " : "", operator_);
}

static char *
signal_of(const struct object *o)
{
	int64_t dbm = value_signed(o->properties, "SignalDbm");

	return dbm ? xasprintf("%" PRId64 " dBm", dbm) : xstrdup("");
}

static void
note_expiry(struct table *t, const struct object *o, int64_t now_s)
{
	int64_t expires = (int64_t)value_number(o->properties, "ExpiresNext");
	AUTO(free) char *away = expires ? human_away(expires, now_s) : NULL;

	if (!expires || expires - now_s > SOON_S)
		return;
	note(t, expires > now_s ? YELLOW : RED, xasprintf("a certificate in its slots %s %s: renew it, and systemctl reload celltlsd",
	    expires > now_s ? "expires" : "expired", away));
}

static void
modem_notes(struct table *t, const struct object *o, int64_t now_s)
{
	const char *error = value_text(o->properties, "LastError");

	if (!is(o, "State", "ready")) {
		if (*error && !is(o, "State", "released"))
			table_note(t, word_colour(modem_states, value_text(o->properties, "State")), error);
		if (is(o, "State", "absent") && !*error)
			note(t, RED, xasprintf("%s is not there: plug the modem in, or set device in celltls.conf",
			    value_text(o->properties, "Device")));
		if (is(o, "State", "released"))
			note(t, YELLOW, xasprintf("its tty was given up; celltlsctl acquire %s takes it again", o->name));
		if (is(o, "State", "failed"))
			note(t, PLAIN, xasprintf("waiting does not help; when that is mended: celltlsctl reset %s", o->name));
	}
	note_expiry(t, o, now_s);
}

static void
print_modems(const struct screen *screen, const struct value *all)
{
	static const struct column columns[] = {
		{ "MODEM", .least = 8 }, { "STATE" }, { "NETWORK", .least = 8 }, { "SIGNAL", .right = true },
		{ "FREE", .right = true }, { "MODEL", .least = 6 }, { "DEVICE", .least = 8 },
	};
	size_t n, i;
	AUTO(free) struct object *modems = remote_list(all, REMOTE_MODEM, &n);
	struct table *t = table_new(screen, columns, sizeof(columns) / sizeof(*columns));

	for (i = 0; i < n; i++) {
		const struct object *o = &modems[i];
		const char *state = value_text(o->properties, "State");

		table_row(t);
		table_cell(t, PLAIN, o->name);
		table_cell(t, word_colour(modem_states, state), state);
		cell(t, network_of(o));
		cell(t, signal_of(o));
		cell(t, is(o, "State", "ready") ? xasprintf("%" PRIu64, value_number(o->properties, "FreeSockets")) : xstrdup(""));
		table_cell(t, PLAIN, value_text(o->properties, "Model"));
		table_cell(t, PLAIN, value_text(o->properties, "Device"));
		modem_notes(t, o, time(NULL));
	}
	if (n)
		table_print(t);
	else
		fputs("No modems are configured; celltls.conf(5) says how.\n", screen->out);
	table_free(t);
}

/* ---- channels ---- */

/* A modem that is not ready has told its reason above, and a channel's last error is then an old one. */
static void
channel_notes(struct table *t, const struct object *o, const struct value *all)
{
	const char *error = value_text(o->properties, "LastError");

	if (is(o, "State", "unavailable"))
		note(t, YELLOW, xasprintf("waits for modem %s", remote_modem_name(all, value_text(o->properties, "Modem"))));
	else if (is(o, "State", "blocked") && *error)
		table_note(t, RED, error);
	else if (is(o, "State", "blocked"))
		note(t, RED, xasprintf("celltlsctl channel %s shows what the module does not enforce", o->name));
	else if (*error)
		note(t, DIM, xasprintf("last error: %s", error));
}

static void
print_channels(const struct screen *screen, const struct value *all)
{
	static const struct column columns[] = {
		{ "CHANNEL", .least = 8 }, { "STATE" }, { "REMOTE", .least = 12 }, { "SECURITY" },
		{ "OPEN", .right = true }, { "WAIT", .right = true }, { "SENT", .right = true }, { "RECEIVED", .right = true },
	};
	size_t n, i;
	AUTO(free) struct object *channels = remote_list(all, REMOTE_CHANNEL, &n);
	struct table *t = table_new(screen, columns, sizeof(columns) / sizeof(*columns));

	for (i = 0; i < n; i++) {
		const struct object *o = &channels[i];
		const char *state = value_text(o->properties, "State");

		table_row(t);
		table_cell(t, PLAIN, o->name);
		table_cell(t, word_colour(channel_states, state), state);
		table_cell(t, PLAIN, value_text(o->properties, "Remote"));
		table_cell(t, is(o, "Security", "none") ? YELLOW : PLAIN, value_text(o->properties, "Security"));
		cell(t, xasprintf("%" PRIu64, value_number(o->properties, "Sessions")));
		cell(t, xasprintf("%" PRIu64, value_number(o->properties, "Waiting")));
		cell(t, human_bytes(value_number(o->properties, "BytesSent")));
		cell(t, human_bytes(value_number(o->properties, "BytesReceived")));
		channel_notes(t, o, all);
	}
	if (n)
		table_print(t);
	else
		fputs("No channels are configured; celltls.conf(5) says how.\n", screen->out);
	table_free(t);
}

/* ---- both ---- */

static struct value
properties_of(const struct value *all, const char *interface)
{
	size_t n, i;
	AUTO(free) struct object *list = remote_list(all, interface, &n);
	struct value out = value_list();

	for (i = 0; i < n; i++)
		value_append(&out, value_copy(list[i].properties));
	return out;
}

static int
print_json(struct ctl *c, const struct value *all)
{
	struct value out = value_map();
	char *version = NULL;
	int status = remote_version(c, &version);

	if (status == CTL_FINE) {
		value_put(&out, "Version", value_string(version));
		value_put(&out, "Modems", properties_of(all, REMOTE_MODEM));
		value_put(&out, "Channels", properties_of(all, REMOTE_CHANNEL));
		json_write(c->screen.out, &out, true);
	}
	free(version);
	value_deinit(&out);
	return status;
}

int
ctl_status(struct ctl *c, char **args)
{
	struct value all;
	int status = remote_objects(c, &all);

	(void)args;
	if (status == CTL_FINE && c->json) {
		status = print_json(c, &all);
	} else if (status == CTL_FINE) {
		print_modems(&c->screen, &all);
		putc('\n', c->screen.out);
		print_channels(&c->screen, &all);
	}
	value_deinit(&all);
	return status;
}
