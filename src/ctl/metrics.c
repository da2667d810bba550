/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.c - all figures in the text format of Prometheus, families one after the other
 *
 * A collector reads what is printed also when the daemon is not there: then
 * celltls_up is 0, and the exit status says the same.
 */
#include <inttypes.h>
#include <string.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "ctl/prometheus.h"
#include "ctl/remote.h"
#include "ctl/words.h"

struct figures {
	FILE *out;
	struct object *modems, *channels;
	size_t n_modems, n_channels;
	struct value *statistics; /* one a modem */
};

/* ---- families whose samples are a number each ---- */

struct sample {
	const char *key;
	const char *label; /* value of the second label; NULL: there is none */
};

struct family {
	const char *name, *type, *help;
	const char *label; /* name of the second label, or NULL */
	struct sample samples[2];
	bool skip_unknown; /* 0 means not known */
};

static const struct family modem_figures[] = {
	{ "celltls_modem_signal_dbm", "gauge", "Received signal strength.", NULL, { { "SignalDbm", NULL } }, true },
	{ "celltls_modem_free_sockets", "gauge", "Secure sockets of the module that no session has.", NULL, { { "FreeSockets", NULL } }, false },
	{ "celltls_modem_certificate_expiry_timestamp_seconds", "gauge", "When the first certificate in the slots expires.", NULL,
	    { { "ExpiresNext", NULL } }, true },
	{ 0 },
};

static const struct family modem_statistics[] = {
	{ "celltls_modem_line_bytes_total", "counter", "Bytes on the line to the module.", "direction",
	    { { "LineBytesSent", "sent" }, { "LineBytesReceived", "received" } }, false },
	{ "celltls_modem_payload_bytes_total", "counter", "Bytes of sessions among those on the line.", "direction",
	    { { "PayloadBytesSent", "sent" }, { "PayloadBytesReceived", "received" } }, false },
	{ "celltls_modem_overhead_bytes_total", "counter", "Bytes of AT commands and answers among those on the line.", "direction",
	    { { "OverheadBytesSent", "sent" }, { "OverheadBytesReceived", "received" } }, false },
	{ "celltls_modem_commands_total", "counter", "AT commands written.", NULL, { { "Commands", NULL } }, false },
	{ "celltls_modem_ready_total", "counter", "How often the modem became ready.", NULL, { { "Ready", NULL } }, false },
	{ "celltls_modem_network_times_total", "counter", "How often the network told the time.", NULL, { { "NetworkTimes", NULL } }, false },
	{ 0 },
};

static const struct family channel_figures[] = {
	{ "celltls_channel_bytes_total", "counter", "Bytes of sessions.", "direction",
	    { { "BytesSent", "sent" }, { "BytesReceived", "received" } }, false },
	{ "celltls_channel_dials_total", "counter", "Attempts to reach a remote.", NULL, { { "Dials", NULL } }, false },
	{ "celltls_channel_failures_total", "counter", "Dials that failed, clients turned away, sessions that did not end in order.", NULL,
	    { { "Failures", NULL } }, false },
	{ "celltls_channel_sessions", "gauge", "Clients that are joined to a secure socket, or dial.", NULL, { { "Sessions", NULL } }, false },
	{ "celltls_channel_waiting", "gauge", "Clients that wait for their turn.", NULL, { { "Waiting", NULL } }, false },
	{ 0 },
};

static const struct family channel_statistics[] = {
	{ "celltls_channel_handshakes_total", "counter", "Dials that ended with a full TLS handshake.", NULL, { { "Handshakes", NULL } }, false },
	{ "celltls_channel_resumptions_total", "counter", "Dials that resumed a TLS session.", NULL, { { "Resumptions", NULL } }, false },
	{ 0 },
};

static void
print_number(FILE *out, const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	if (v->kind == VALUE_INT)
		fprintf(out, " %" PRId64 "\n", v->i);
	else
		fprintf(out, " %" PRIu64 "\n", value_number(map, key));
}

/* The samples of one object; kind is the name of its label. */
static void
print_samples(FILE *out, const struct family *f, const char *kind, const char *name, const struct value *map)
{
	size_t i;

	for (i = 0; i < 2 && f->samples[i].key; i++) {
		const struct sample *s = &f->samples[i];

		if (!value_get(map, s->key) || (f->skip_unknown && !value_signed(map, s->key)))
			continue;
		prometheus_sample(out, f->name, (const char *const[]){ kind, name, f->label, s->label, NULL });
		print_number(out, map, s->key);
	}
}

static void
print_families(FILE *out, const struct family *f, const char *kind, const struct object *objects, size_t n, const struct value *maps)
{
	size_t i;

	for (; f->name; f++) {
		prometheus_family(out, f->name, f->type, f->help);
		for (i = 0; i < n; i++)
			print_samples(out, f, kind, objects[i].name, maps ? &maps[i] : objects[i].properties);
	}
}

/* ---- words: a sample for each, one of them 1 ---- */

static void
print_words(FILE *out, const char *name, const char *help, const char *kind, const char *label, const struct object *objects, size_t n,
    const char *key, const struct word *words)
{
	const struct word *w;
	size_t i;

	prometheus_family(out, name, "gauge", help);
	for (i = 0; i < n; i++) {
		const char *word = value_text(objects[i].properties, key);
		bool known = !*word;

		for (w = words; w->word; w++) {
			bool now = strcmp(w->word, word) == 0;

			known |= now;
			prometheus_sample(out, name, (const char *const[]){ kind, objects[i].name, label, w->word, NULL });
			fprintf(out, " %d\n", now);
		}
		if (known)
			continue;
		prometheus_sample(out, name, (const char *const[]){ kind, objects[i].name, label, word, NULL }); /* of a newer daemon */
		fputs(" 1\n", out);
	}
}

/* ---- maps of counters: a label for each key ---- */

static void
print_counts(FILE *out, const char *name, const char *kind, const char *object, const char *label, const struct value *counts)
{
	size_t i;

	for (i = 0; i < counts->many.n; i++) {
		const struct value_item *item = &counts->many.items[i];

		if (!item->key || item->value.kind != VALUE_UINT)
			continue;
		prometheus_sample(out, name, (const char *const[]){ kind, object, label, item->key, NULL });
		fprintf(out, " %" PRIu64 "\n", item->value.u);
	}
}

static void
print_recoveries(const struct figures *f)
{
	static const char name[] = "celltls_modem_recoveries_total";
	size_t i;

	prometheus_family(f->out, name, "counter", "Attempts to bring the modem back, by what was done.");
	for (i = 0; i < f->n_modems; i++)
		print_counts(f->out, name, "modem", f->modems[i].name, "rung", value_many(&f->statistics[i], "Recoveries"));
}

/* What the modem of a channel tells of it; an empty map if it does not. */
static struct value
statistics_of(const struct figures *f, const struct object *channel)
{
	size_t i;

	for (i = 0; i < f->n_modems; i++) {
		const struct value *own = value_get(value_many(&f->statistics[i], "Channels"), channel->name);

		if (own)
			return *own;
	}
	return value_map();
}

static void
print_dial_failures(const struct figures *f, const struct value *statistics)
{
	static const char name[] = "celltls_channel_dial_failures_total";
	size_t i;

	prometheus_family(f->out, name, "counter", "Dials that failed, by cause.");
	for (i = 0; i < f->n_channels; i++)
		print_counts(f->out, name, "channel", f->channels[i].name, "cause", value_many(&statistics[i], "DialFailures"));
}

/* ---- what things are: labels, and always 1 ---- */

static void
print_info(const struct figures *f)
{
	size_t i;

	prometheus_family(f->out, "celltls_modem_info", "gauge", "Which module it is.");
	for (i = 0; i < f->n_modems; i++) {
		const struct object *o = &f->modems[i];

		prometheus_sample(f->out, "celltls_modem_info", (const char *const[]){ "modem", o->name,
		    "dialect", value_text(o->properties, "Dialect"), "manufacturer", value_text(o->properties, "Manufacturer"),
		    "model", value_text(o->properties, "Model"), "revision", value_text(o->properties, "Revision"), NULL });
		fputs(" 1\n", f->out);
	}
	prometheus_family(f->out, "celltls_channel_info", "gauge", "Where the channel leads, and by which modem.");
	for (i = 0; i < f->n_channels; i++) {
		const struct object *o = &f->channels[i];
		const char *modem = strrchr(value_text(o->properties, "Modem"), '/');

		prometheus_sample(f->out, "celltls_channel_info", (const char *const[]){ "channel", o->name, "modem", modem ? modem + 1 : "",
		    "remote", value_text(o->properties, "Remote"), "security", value_text(o->properties, "Security"), NULL });
		fputs(" 1\n", f->out);
	}
}

static void
print_all(const struct figures *f)
{
	struct value *statistics = xcalloc(f->n_channels, sizeof(*statistics)); /* they own nothing */
	size_t i;

	for (i = 0; i < f->n_channels; i++)
		statistics[i] = statistics_of(f, &f->channels[i]);
	print_info(f);
	print_words(f->out, "celltls_modem_state", "The state that is 1 is the modem's.", "modem", "state", f->modems, f->n_modems,
	    "State", modem_states);
	print_words(f->out, "celltls_modem_registration", "The registration that is 1 is the modem's.", "modem", "registration",
	    f->modems, f->n_modems, "Registration", registrations);
	print_families(f->out, modem_figures, "modem", f->modems, f->n_modems, NULL);
	print_families(f->out, modem_statistics, "modem", f->modems, f->n_modems, f->statistics);
	print_recoveries(f);
	print_words(f->out, "celltls_channel_state", "The state that is 1 is the channel's.", "channel", "state", f->channels,
	    f->n_channels, "State", channel_states);
	print_families(f->out, channel_figures, "channel", f->channels, f->n_channels, NULL);
	print_families(f->out, channel_statistics, "channel", f->channels, f->n_channels, statistics);
	print_dial_failures(f, statistics);
	free(statistics);
}

/* ---- the command ---- */

static void
print_up(FILE *out, const char *version)
{
	prometheus_family(out, "celltls_up", "gauge", "Whether celltlsd answers.");
	fprintf(out, "celltls_up %d\n", version != NULL);
	if (!version)
		return;
	prometheus_family(out, "celltls_build_info", "gauge", "Which celltlsd it is.");
	prometheus_sample(out, "celltls_build_info", (const char *const[]){ "version", version, NULL });
	fputs(" 1\n", out);
}

/* All is asked before anything is printed: a half of it would look like a whole. */
static int
collect(struct ctl *c, struct value *all, char **version, struct figures *f)
{
	int status = remote_open(c);
	size_t i;

	if (status == CTL_FINE)
		status = remote_version(c, version);
	if (status == CTL_FINE)
		status = remote_objects(c, all);
	if (status != CTL_FINE)
		return status;
	f->modems = remote_list(all, REMOTE_MODEM, &f->n_modems);
	f->channels = remote_list(all, REMOTE_CHANNEL, &f->n_channels);
	f->statistics = xcalloc(f->n_modems, sizeof(*f->statistics));
	for (i = 0; i < f->n_modems; i++)
		f->statistics[i] = value_map();
	for (i = 0; i < f->n_modems && status == CTL_FINE; i++)
		status = remote_statistics(c, &f->modems[i], &f->statistics[i]);
	return status;
}

int
ctl_metrics(struct ctl *c, char **args)
{
	struct figures f = { .out = c->screen.out };
	struct value all = value_map();
	char *version = NULL;
	int status = collect(c, &all, &version, &f);
	size_t i;

	(void)args;
	if (status == CTL_FINE || status == CTL_NO_DAEMON)
		print_up(f.out, status == CTL_FINE ? version : NULL);
	if (status == CTL_FINE)
		print_all(&f);
	for (i = 0; i < f.n_modems; i++)
		value_deinit(&f.statistics[i]);
	free(f.statistics);
	free(f.modems);
	free(f.channels);
	free(version);
	value_deinit(&all);
	return status;
}
