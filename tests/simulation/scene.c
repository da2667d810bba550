/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "simulation/world-store.h"

const struct way ways[] = {
	{ "telit-ge", "online" }, { "telit-ge", "command" }, { "telit-he", "online" }, { "telit-he", "command" },
	{ "telit-ge", "auto" }, { "telit-he", "auto" }, { "cinterion", "command" }, { "cinterion", "online" },
};

static void __attribute__((constructor))
choose(void)
{
	if (getenv("SCENES"))
		cmocka_set_test_filter(getenv("SCENES"));
}

static const struct way *
way(void **state)
{
	return *state;
}

bool
scene_online(void **state)
{
	return strcmp(way(state)->mode, "command") != 0;
}

bool
scene_is_ge(void **state)
{
	return !strcmp(way(state)->family, "telit-ge");
}

bool
scene_is_cinterion(void **state)
{
	return !strcmp(way(state)->family, "cinterion");
}

const char *
scene_word(void **state, enum scene_word word)
{
	static const char *const words[2][SCENE_WORDS] = {
		{ "AT#SSLD=1,", "AT#SSLSENDEXT=1,", "AT#SSLRECV=1,", "AT#SSLO=1", "AT#SSLH=1", "AT#SSLS=1", "AT#REBOOT" },
		{ "AT^SISO=0", "AT^SISW=0,", "AT^SISR=0,", "AT^SIST=0", "AT^SISC=0", "AT^SISI=0", "AT+CFUN=1,1" },
	};

	return words[scene_is_cinterion(state)][word];
}

unsigned
scene_said(struct world *w, void **state, enum scene_word word)
{
	return world_said(w, scene_word(state, word));
}

struct world_conf
scene_conf(void **state, struct world_conf wc)
{
	static char channel[1024];

	snprintf(channel, sizeof(channel), "mode = \"%s\"; %s", way(state)->mode, wc.channel ? wc.channel : "");
	wc.channel = channel;
	wc.side.family = way(state)->family;
	wc.side.seed = 1;
	if (!wc.side.line_rate)
		wc.side.line_rate = 115200;
	return wc;
}

size_t
scene_ca_len(void **state, const char *text)
{
	return scene_is_cinterion(state) ? world_ca(text)->len : strlen(text);
}

void
scene_start(struct world *w, void **state, struct world_conf wc)
{
	wc = scene_conf(state, wc);
	world_start(w, &wc);
}

void
scene_up(struct world *w, void **state, struct world_conf wc)
{
	scene_start(w, state, wc);
	if (!world_run_until(w, world_ready, 60000))
		fail_msg("not ready: %s", modem_error(w->modem));
}

static bool
open_or_over(struct world *w)
{
	return !strcmp(channel_state_word(w->channel[0]), "open") || w->clients->end != CLIENT_OPEN;
}

struct client *
scene_session(struct world *w)
{
	struct client *c = world_client(w, 0);

	world_run_until(w, open_or_over, 60000);
	if (c->end != CLIENT_OPEN || !side_peer_open(w->side))
		fail_msg("no session: %s", channel_error(w->channel[0]));
	world_run(w, 100); /* CONNECT or OK has come */
	return c;
}

void
scene_wait_end(struct world *w, struct client *c, enum client_end end)
{
	unsigned i;

	for (i = 0; i < 1000 && c->end == CLIENT_OPEN; i++)
		world_run(w, 100);
	if (c->end != end)
		fail_msg("the client's end is %s: %s", c->end == CLIENT_OPEN ? "none" : c->end == CLIENT_EOF ? "EOF" : "a reset",
		    channel_error(w->channel[0]));
}

void
scene_server_says(struct world *w, const char *text)
{
	side_peer_send(w->side, text, strlen(text));
}

void
client_says(struct client *c, const char *text)
{
	client_write(c, text, strlen(text));
}

void
assert_received(struct world *w, int dial, const char *text)
{
	size_t n;
	const uint8_t *got = side_peer_bytes(w->side, dial, &n);
	char seen[300];

	if (n != strlen(text) || (n && memcmp(got, text, n) != 0))
		fail_msg("the server has %zu bytes: \"%s\"", n, str_escape(seen, sizeof(seen), (const char *)got, n));
}

void
assert_read(struct client *c, const char *text)
{
	char seen[300];

	if (c->down_len != strlen(text) || (c->down_len && memcmp(c->down, text, c->down_len) != 0))
		fail_msg("the app has %zu bytes: \"%s\"", c->down_len, str_escape(seen, sizeof(seen), (const char *)c->down, c->down_len));
}

void
assert_error(struct world *w, int channel, const char *part)
{
	if (!strstr(channel_error(w->channel[channel]), part))
		fail_msg("LastError is \"%s\", not \"%s\"", channel_error(w->channel[channel]), part);
}

void
assert_figures(struct world *w, int channel, unsigned dials, unsigned failures)
{
	const struct channel_figures *f = channel_figures(w->channel[channel]);

	if (f->dials != dials || f->failures != failures)
		fail_msg("%u dials and %u failures, not %u and %u: %s", (unsigned)f->dials, (unsigned)f->failures, dials, failures,
		    channel_error(w->channel[channel]));
}
