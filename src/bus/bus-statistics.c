/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics() of a modem: its figures and those of its channels, as one dictionary. */
#include "bus/bus-priv.h"

#include <string.h>

#include "base/str.h"

struct figure {
	const char *name;
	uint64_t value;
};

static const char *const causes[DIAL_CAUSES] = {
	[DIAL_OTHER] = "other", [DIAL_NAME] = "name", [DIAL_REFUSED] = "refused", [DIAL_TIMEOUT] = "timeout", [DIAL_UNREACHED] = "unreached",
	[DIAL_HANDSHAKE] = "handshake", [DIAL_CERTIFICATE] = "certificate", [DIAL_CONTEXT] = "context",
};

/* The rungs by words that fit a name: neither spaces nor hyphens. */
static const char *const rungs[MODEM_RUNGS] = {
	[RUNG_RESYNC] = "resynchronise", [RUNG_ESCAPE] = "escape", [RUNG_RATE] = "baud_rate", [RUNG_CONTEXT] = "context",
	[RUNG_DETACH] = "detach", [RUNG_SOFT_RESET] = "soft_reset", [RUNG_HARD_RESET] = "hard_reset", [RUNG_REOPEN] = "reopen",
};

static int
add_figures(sd_bus_message *m, const struct figure *figures, size_t n)
{
	size_t i;
	int r = 0;

	for (i = 0; i < n && r >= 0; i++)
		r = sd_bus_message_append(m, "{sv}", figures[i].name, "t", figures[i].value);
	return r;
}

/* name → { word → count } */
static int
add_counts(sd_bus_message *m, const char *name, const char *const *words, const uint64_t *counts, size_t n)
{
	size_t i;

	sd_bus_message_open_container(m, 'e', "sv");
	sd_bus_message_append(m, "s", name);
	sd_bus_message_open_container(m, 'v', "a{st}");
	sd_bus_message_open_container(m, 'a', "{st}");
	for (i = 0; i < n; i++)
		sd_bus_message_append(m, "{st}", words[i], counts[i]);
	sd_bus_message_close_container(m);
	sd_bus_message_close_container(m);
	return sd_bus_message_close_container(m);
}

static int
add_channel(sd_bus_message *m, const struct bus_channel *of)
{
	const struct channel_figures *f = channel_figures(of->channel);
	const struct figure figures[] = {
		{ "BytesSent", f->bytes_sent }, { "BytesReceived", f->bytes_received }, { "Dials", f->dials }, { "Failures", f->failures },
		{ "Handshakes", f->handshakes }, { "Resumptions", f->resumptions },
	};

	sd_bus_message_open_container(m, 'e', "sa{sv}");
	sd_bus_message_append(m, "s", of->conf->name);
	sd_bus_message_open_container(m, 'a', "{sv}");
	add_figures(m, figures, sizeof(figures) / sizeof(figures[0]));
	add_counts(m, "DialFailures", causes, f->dial_failures, DIAL_CAUSES);
	sd_bus_message_append(m, "{sv}", "Sessions", "u", (uint32_t)f->sessions);
	sd_bus_message_append(m, "{sv}", "Waiting", "u", (uint32_t)f->waiting);
	sd_bus_message_append(m, "{sv}", "State", "s", channel_state_word(of->channel));
	sd_bus_message_close_container(m);
	return sd_bus_message_close_container(m);
}

static int
add_channels(sd_bus_message *m, struct bus *b, const char *modem)
{
	struct bus_channel of;
	size_t i;

	sd_bus_message_open_container(m, 'e', "sv");
	sd_bus_message_append(m, "s", "Channels");
	sd_bus_message_open_container(m, 'v', "a{sa{sv}}");
	sd_bus_message_open_container(m, 'a', "{sa{sv}}");
	for (i = 0; b->owner->channel(b->arg, i, &of); i++)
		if (!strcmp(of.conf->modem, modem))
			add_channel(m, &of);
	sd_bus_message_close_container(m);
	sd_bus_message_close_container(m);
	return sd_bus_message_close_container(m);
}

/* A message remembers that something of it failed, so that only its end is looked at. */
int
bus_statistics(sd_bus_message *call, void *facts, sd_bus_error *error)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL;
	const struct modem_facts *of = facts;
	const struct modem_figures *f = modem_figures(of->of.modem);
	const struct figure figures[] = {
		{ "LineBytesSent", f->line_sent }, { "LineBytesReceived", f->line_received },
		{ "PayloadBytesSent", f->payload_sent }, { "PayloadBytesReceived", f->payload_received },
		{ "OverheadBytesSent", f->line_sent - f->payload_sent }, { "OverheadBytesReceived", f->line_received - f->payload_received },
		{ "Commands", f->commands }, { "Ready", f->ready }, { "NetworkTimes", f->times },
	};
	int r = sd_bus_message_new_method_return(call, &m);

	(void)error;
	if (r < 0)
		return r;
	sd_bus_message_open_container(m, 'a', "{sv}");
	add_figures(m, figures, sizeof(figures) / sizeof(figures[0]));
	add_counts(m, "Recoveries", rungs, f->rungs, MODEM_RUNGS);
	add_channels(m, of->bus, of->name);
	r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_send(m);
}
