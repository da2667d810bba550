/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world-host.c - what the daemon hands to its core: the configuration, what files hold, and records
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "simulation/story.h"
#include "simulation/world-priv.h"
#include "simulation/world-store.h"


static bool
slot_recorded(void *arg, size_t want)
{
	struct world *w = arg;

	const struct modem_want *x = &w->wants[want];

	return w->slots[want].bytes && w->slots[want].len == x->len && !memcmp(w->slots[want].bytes, x->bytes, x->len);
}

static bool
slot_same(void *arg, size_t want, const char *text, size_t len)
{
	struct world *w = arg;

	return len == w->wants[want].len && !memcmp(text, w->wants[want].bytes, len);
}

static void
slot_record(void *arg, size_t want, bool as_wanted)
{
	struct world *w = arg;

	if (!as_wanted) {
		w->slot_writes++;
		w->needless_writes += slot_recorded(arg, want);
	}
	free(w->slots[want].bytes);
	w->slots[want].bytes = as_wanted ? xmemdup(w->wants[want].bytes, w->wants[want].len) : NULL;
	w->slots[want].len = w->wants[want].len;
}

static int
slot_sign(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len)
{
	const struct world *w = arg;

	return w->n_wants && w->wants[0].signs ? store_sign(bytes, len, sig, ret_len) : -ENOKEY;
}

/* A simple one; the daemon has cert_name_fits(). */
bool
world_name_fits(void *world, const char *host, const struct tls_peer *peer)
{
	const struct world *w = world;
	const char *cn = NULL, *next = peer->subject;

	while ((next = strstr(next, "/CN=")))
		cn = next += strlen("/CN=");
	return (cn && !strcmp(cn, host)) || (w->leaf && !strcmp(w->leaf, peer->thumbprint));
}

/* Of store_ca(). */
static bool
is_issuer(void *arg, const char *name, size_t len)
{
	static const char start[] = "/C=DE/O=Example, Ltd/CN=root ";

	(void)arg;
	return len == sizeof(start) && !memcmp(name, start, sizeof(start) - 1);
}

/* As the daemon's record in state_directory: written before the try, taken back when the SIM accepts. */
static bool
pin_try(void *arg, const char *sim)
{
	struct world *w = arg;

	(void)sim;
	if (!strcmp(w->pin_record, w->pin))
		return false;
	str_copy(w->pin_record, sizeof(w->pin_record), w->pin);
	w->pins_tried++;
	return true;
}

static void
pin_tried(void *arg, const char *sim, bool accepted)
{
	struct world *w = arg;

	(void)sim;
	if (accepted)
		w->pin_record[0] = '\0';
}

static void
modem_is_changed(void *arg)
{
	struct world *w = arg;
	size_t i;

	if (story_has_secret(modem_error(w->modem), strlen(modem_error(w->modem))))
		world_fail("P6: a secret is in the modem's error");
	for (i = 0; i < w->conf->n_channels; i++)
		channel_modem_changed(w->channel[i]);
}

/* The latest half stays when it is full. */
static void
remember(struct world *w, const void *bytes, size_t len)
{
	size_t half = sizeof(w->said) / 2;

	if (len >= half)
		return;
	if (w->said_len + len >= sizeof(w->said)) {
		memmove(w->said, w->said + w->said_len - half, half);
		w->said_len = half;
	}
	memcpy(w->said + w->said_len, bytes, len);
	w->said_len += len;
	w->said[w->said_len] = '\0';
}

void
world_forget_said(struct world *w)
{
	w->said_len = 0;
	w->said[0] = '\0';
}

unsigned
world_said(const struct world *w, const char *start)
{
	const char *p = w->said;
	unsigned n = 0;

	while (p && *p) {
		n += str_starts(p, start);
		p = strchr(p, '\r');
		p += p != NULL;
	}
	return n;
}

static void
trace(void *arg, enum at_trace kind, const void *bytes, size_t len)
{
	static const char *const marks[] = { ">", "<", "> {payload}", "< {payload}", "> {secret}", "< {secret}" };
	struct world *w = arg;
	char text[200];

	if (kind == AT_TRACE_OUT)
		remember(w, bytes, len);
	if ((kind == AT_TRACE_OUT || kind == AT_TRACE_IN) && story_has_secret(bytes, len))
		world_fail("P6: a secret is in the trace");
	if (kind == AT_TRACE_OUT && len == 3 && !memcmp(bytes, "+++", 3))
		w->escapes++;
	if (w->noisy)
		fprintf(stderr, "%10llu %s %zu %s\n", (unsigned long long)w->clock.now_ms, marks[kind], len,
		    bytes ? str_escape(text, sizeof(text), bytes, len < 60 ? len : 60) : "");
}

static void
note(void *arg, const char *text)
{
	struct world *w = arg;

	story_operation(text);
	if (w->noisy)
		fprintf(stderr, "%10llu %s\n", (unsigned long long)w->clock.now_ms, text);
}

static void
reopen(void *arg)
{
	struct world *w = arg;

	w->reopened++;
	timer_in(&w->clock, &w->reopen, 0);
}

static const struct modem_host host = {
	.slot_recorded = slot_recorded,
	.slot_same = slot_same,
	.slot_record = slot_record,
	.slot_sign = slot_sign,
	.is_issuer = is_issuer,
	.pin_try = pin_try,
	.pin_tried = pin_tried,
	.reopen = reopen,
	.changed = modem_is_changed,
	.trace = trace,
	.note = note,
};

/* A module that does not tell which suite it takes needs the admin's word (P5). */
static const char *
word_for(const struct world *w, const char *tls)
{
	return w->cinterion && !strstr(tls, "ciphers") ? "ciphers = ( \"any\" );" : "";
}

static char *
make_two(const struct world *w, const struct world_conf *wc)
{
	const char *text = wc->two ? wc->two :
				     "remote = ( \"two.example:443\", \"three.example:443\" ); mode = \"command\"; tls = { verify = \"none\"; };";
	const char *tls = strstr(text, "tls = {");
	size_t len = tls ? (size_t)(tls - text) + strlen("tls = {") : strlen(text);

	return xasprintf(",\n  { name = \"two\"; modem = \"gw0\"; %.*s %s%s }", (int)len, text, tls ? word_for(w, tls) : "", text + len);
}

static struct conf *
make_conf(const struct world *w, const struct world_conf *wc)
{
	struct conf_report report = CONF_REPORT_INIT;
	const char *tls = wc->tls ? wc->tls : "verify = \"none\";";
	char *two = wc->alone ? xstrdup("") : make_two(w, wc);
	struct conf *conf;
	char *text = xasprintf("clock = \"%s\";\nmodems = ( { name = \"gw0\"; device = \"/dev/ttyX\"; pdp = { apn = \"internet\"; %s }; %s } );\n"
			       "channels = ( { name = \"one\"; modem = \"gw0\"; remote = %s;\n  tls = { %s %s }; %s }%s );\n",
	    wc->clock ? wc->clock : "host", wc->pdp ? wc->pdp : "", wc->modem ? wc->modem : "", wc->remote ? wc->remote : "\"one.example:443\"",
	    tls, word_for(w, tls), wc->channel ? wc->channel : "", two);

	free(two);
	if (conf_load_text("world.conf", text, strlen(text), CONF_NO_FILES, &conf, &report)) {
		conf_report_print(&report, stderr);
		world_fail("the world's configuration is wrong");
	}
	conf_report_deinit(&report);
	free(text);
	return conf;
}

static const void *
keep_file(struct world *w, const void *bytes, size_t len)
{
	size_t i = 0;

	while (w->files[i])
		i++;
	return w->files[i] = xmemdup(bytes, len);
}

static const char *
keep_text(struct world *w, const char *text)
{
	return text ? keep_file(w, text, strlen(text) + 1) : NULL;
}

void
world_free_files(void **files)
{
	size_t i;

	for (i = 0; i < WORLD_FILES; i++)
		free(gift(&files[i]));
}

static struct modem_want *
add_want(struct world *w, const char *slot, const void *bytes, size_t len)
{
	struct modem_want *want = &w->wants[w->n_wants++];

	*want = (struct modem_want){ .slot = slot, .from = "a test", .bytes = keep_file(w, bytes, len), .len = len };
	return want;
}

/* Other text, another certificate. */
const struct store_item *
world_ca(const char *text)
{
	unsigned sum = 0;

	while (*text)
		sum = sum * 31 + (unsigned char)*text++;
	return store_ca(1 + (sum >> 5) % STORE_CAS);
}

/* As daemon/modem-files.c has them: the client first, since its key signs what follows. */
static void
add_signed_wants(struct world *w, const struct world_conf *wc)
{
	const unsigned cas = wc->cas || !wc->certs[0] ? wc->cas : 1;
	static const char *const names[] = { "client", "1", "2", "3", "4" };
	struct modem_want *want;
	unsigned i;

	for (i = 0; cas && i <= cas; i++) {
		const struct store_item *item = !i ? store_client() : wc->cas ? store_ca(i) : world_ca(wc->certs[0]);

		want = add_want(w, names[i], item->der, item->len);
		want->sha1 = item->sha1;
		want->signs = !i;
		if (!i && (wc->key_too || wc->certs[2])) {
			want->key = keep_file(w, store_key()->der, store_key()->len);
			want->key_len = store_key()->len;
		}
	}
}

struct modem_params
world_params(struct world *w, const struct world_conf *wc)
{
	static const char *const names[] = { "ca", "cert", "key" };
	struct modem_params p = { .host = &host, .host_arg = w, .wants = w->wants };
	size_t i;

	p.pin = keep_text(w, wc->pin);
	p.pdp_password = keep_text(w, wc->pdp_password);

	w->conf = make_conf(w, wc);
	w->pin = wc->pin;
	if (wc->pin)
		story_secret(wc->pin);
	w->n_wants = 0;
	memset(w->wants, 0, sizeof(w->wants));
	for (i = 0; i < 3; i++)
		if (wc->certs[i] && !w->cinterion)
			add_want(w, names[i], wc->certs[i], strlen(wc->certs[i]));
	if (w->cinterion)
		add_signed_wants(w, wc);
	p.conf = &w->conf->modems[0];
	p.clock = w->conf->clock;
	p.n_wants = w->n_wants;
	return p;
}

void
world_forget_slots(struct world *w)
{
	size_t i;

	for (i = 0; i < WORLD_WANTS; i++)
		free(gift(&w->slots[i].bytes));
}
