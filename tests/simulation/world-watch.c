/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world-watch.c - nothing that is published of a channel changes without a word to who watches it
 */
#include <string.h>

#include "base/str.h"
#include "simulation/world.h"

static void
look(const struct channel *c, struct shown *ret)
{
	memset(ret, 0, sizeof(*ret)); /* padding too: they are compared as bytes */
	ret->state = channel_state_word(c);
	ret->security = channel_security(c);
	ret->cipher = channel_cipher(c);
	ret->version = channel_tls_version(c);
	ret->enforces = channel_enforces(c);
	ret->weak = channel_weaknesses(c);
	str_copy(ret->error, sizeof(ret->error), channel_error(c));
	ret->figures = *channel_figures(c);
}

static bool
same_but_bytes(const struct shown *a, const struct shown *b)
{
	struct shown c = *b;

	c.figures.bytes_sent = a->figures.bytes_sent;
	c.figures.bytes_received = a->figures.bytes_received;
	return !memcmp(a, &c, sizeof(c));
}

static bool
same_bytes(const struct shown *a, const struct shown *b)
{
	return a->figures.bytes_sent == b->figures.bytes_sent && a->figures.bytes_received == b->figures.bytes_received;
}

static void
changed(void *arg, bool figures_only)
{
	struct watch *watch = arg;

	watch->told_figures = true;
	if (figures_only)
		return;
	watch->told = true;
	watch->n_states++;
}

void
watch_begin(struct world *w, int channel)
{
	struct watch *watch = &w->watch[channel];

	*watch = (struct watch){ .world = w };
	channel_watch(w->channel[channel], changed, watch);
	look(w->channel[channel], &watch->shown);
}

/* The modem tells of its state on the next turn; so long it may be another. */
void
watch_check(struct world *w, int channel)
{
	struct watch *watch = &w->watch[channel];
	struct shown now;
	bool states, bytes;

	look(w->channel[channel], &now);
	states = watch->told || same_but_bytes(&watch->shown, &now);
	bytes = watch->told_figures || same_bytes(&watch->shown, &now);
	if (states && bytes) {
		watch->shown = now;
		watch->told = watch->told_figures = false;
		watch->untold_ms = 0;
	} else if (!watch->untold_ms) {
		watch->untold_ms = w->clock.now_ms;
	} else if (w->clock.now_ms > watch->untold_ms) {
		world_fail("channel %d: %s is published without a word: %s, not %s", channel, states ? "a figure" : "a state", now.state,
		    watch->shown.state);
	}
}
