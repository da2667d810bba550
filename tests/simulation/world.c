/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/world-priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "simulation/story.h"

uint32_t world_seed;

void
world_fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "seed %u: ", world_seed);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	story_print(stderr);
	abort();
}

void
world_say(struct world *w, const char *who, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	story_tell(who, "%s", text);
	if (w->noisy)
		fprintf(stderr, "%10llu        %s %s\n", (unsigned long long)w->clock.now_ms, who, text);
}

static void
reopen_now(void *arg)
{
	struct world *w = arg;

	world_line_down(w);
	world_line_up(w);
}

static void
watch_channel(struct world *w, int channel)
{
	channel_names(w->channel[channel], world_name_fits, w);
	watch_begin(w, channel);
}

static void
start_daemon(struct world *w, const struct world_conf *wc)
{
	struct modem_params p = world_params(w, wc);
	size_t i;

	w->modem = modem_new(&w->clock, side_wire(w->side), &p);
	for (i = 0; i < w->conf->n_channels; i++) {
		w->channel[i] = channel_new(&w->clock, w->modem, &w->conf->channels[i]);
		watch_channel(w, (int)i);
	}
	world_line_up(w);
}

static void
end_daemon(struct world *w)
{
	timer_stop(&w->clock, &w->reopen);
	channel_free(w->channel[0]);
	channel_free(w->channel[1]);
	modem_free(w->modem);
	conf_free(w->conf);
	world_free_files(w->files);
	w->channel[0] = w->channel[1] = NULL;
	w->modem = NULL;
	w->conf = NULL;
}

/* What the module does by itself, in its own log. */
static void
module_says(void *arg, const char *what)
{
	struct world *w = arg;

	story_tell("module", "%s", what);
	if (sscanf(what, "service %d dials", &w->dialling) == 1)
		return;
	if (w->on_module)
		w->on_module(w, what);
}

void
world_start(struct world *w, const struct world_conf *wc)
{
	*w = (struct world){ .noisy = getenv("WORLD_NOISY"), .dialling = -1, .cinterion = str_starts(wc->side.family, "cinterion") };
	story_log_shown = w->noisy || getenv("WORLD_LOG") ? LOG_DEBUG : 0;
	clock_init(&w->clock, 1000, wc->side.seed);
	w->clock.wall_s = 1790000000;
	w->wall_at_s = w->clock.now_ms / 1000;
	story_begin(&w->clock.now_ms);
	w->clock.wall_trusted = true;
	timer_init(&w->reopen, reopen_now, w);
	w->side = side_new(&w->clock, &wc->side);
	side_on_event(w->side, module_says, w);
	start_daemon(w, wc);
}

void
world_restart(struct world *w, const struct world_conf *wc)
{
	side_host_mute(w->side, true); /* no last words */
	end_daemon(w);
	side_host_mute(w->side, false);
	start_daemon(w, wc);
}

static bool
is_down(struct world *w)
{
	return modem_stopped(w->modem);
}

static bool
same_wants(const struct modem_want *a, const struct modem_want *b)
{
	return (!a->slot && !b->slot) ||
	       (a->slot && b->slot && !strcmp(a->slot, b->slot) && a->len == b->len && !memcmp(a->bytes, b->bytes, a->len));
}

/* As daemon/reload.c does it. */
void
world_change(struct world *w, const struct world_conf *wc, bool anew)
{
	struct conf *was = w->conf;
	struct modem *old = w->modem;
	struct modem_want wants[WORLD_WANTS];
	void *files[WORLD_FILES];
	struct modem_params p;
	bool other_wants = false;
	size_t i;

	if (anew) {
		for (i = 0; i < was->n_channels; i++)
			channel_reset(w->channel[i], "another configuration");
		modem_stop(old);
		if (!world_run_until(w, is_down, 9000))
			world_fail("the modem did not go down");
	}
	memcpy(wants, w->wants, sizeof(wants));
	memcpy(files, w->files, sizeof(files));
	memset(w->files, 0, sizeof(w->files));
	p = world_params(w, wc);
	for (i = 0; i < WORLD_WANTS; i++)
		other_wants |= !same_wants(&wants[i], &w->wants[i]);
	if (anew)
		w->modem = modem_new(&w->clock, side_wire(w->side), &p);
	else
		modem_set_params(old, &p, other_wants);
	for (i = 0; i < w->conf->n_channels; i++)
		channel_set(w->channel[i], w->modem, &w->conf->channels[i]);
	if (anew) {
		modem_free(old);
		world_line_up(w);
	}
	conf_free(was);
	world_free_files(files);
}

void
world_end_in_order(struct world *w)
{
	size_t i;

	for (i = 0; i < w->conf->n_channels; i++)
		channel_end(w->channel[i]);
	modem_stop(w->modem);
}

void
world_line_up(struct world *w)
{
	struct wire *wire = side_wire(w->side);

	if (w->conf->modems[0].baud)
		wire->ops->rate(wire, w->conf->modems[0].baud);
	w->line_up = true;
	modem_line_up(w->modem);
}

/* As when the tty is gone: what the module says meanwhile is lost. */
void
world_line_down(struct world *w)
{
	w->line_up = false;
	modem_line_down(w->modem, "/dev/ttyX is gone");
}

void
world_stop(struct world *w)
{
	struct client *c;

	end_daemon(w);
	side_free(w->side);
	world_forget_slots(w);
	while ((c = w->clients)) {
		w->clients = c->next;
		free(c->up);
		free(c->down);
		free(c);
	}
}

static void
bring(struct world *w, const uint8_t *bytes, size_t len)
{
	size_t step = w->byte_by_byte ? 1 : len, i;

	for (i = 0; w->line_up && i < len; i += step) {
		void *copy = xmemdup(bytes + i, step); /* so that the sanitizer sees what is kept too long */

		modem_input(w->modem, copy, step);
		free(copy);
	}
}

/* Byte by byte, as a slow line brings them: what is another must stand at the end of the words. */
static void
alter(struct world *w, char *bytes, size_t len)
{
	size_t i;

	for (i = 0; w->says && i < len; i++) {
		if (bytes[i] != w->says[w->said_so_far])
			w->said_so_far = 0;
		if (bytes[i] == w->says[w->said_so_far])
			bytes[i] = w->instead[w->said_so_far++];
		if (!w->says[w->said_so_far])
			w->said_so_far = 0;
	}
}

static void
move_bytes(struct world *w)
{
	const void *out;
	size_t n;

	while ((out = side_output(w->side, &n)) && n) {
		void *all = xmemdup(out, n);

		side_output_drop(w->side, n);
		alter(w, all, n);
		bring(w, all, n);
		free(all);
	}
	if (side_has_room(w->side))
		modem_writable(w->modem);
}

static void
end_turn(struct world *w)
{
	size_t i;

	if (w->clock.wall_s) /* 0: not known */
		w->clock.wall_s += (int64_t)(w->clock.now_ms / 1000 - w->wall_at_s);
	w->wall_at_s = w->clock.now_ms / 1000;
	for (i = 0; i < w->conf->n_channels; i++) {
		w->failures[i] = channel_figures(w->channel[i])->failures;
		watch_check(w, (int)i);
	}
}

void
world_run(struct world *w, uint64_t ms)
{
	uint64_t until = w->clock.now_ms + ms, next;
	unsigned turns = 0;

	for (;;) {
		move_bytes(w);
		next = clock_deadline(&w->clock);
		if (next > until) {
			clock_run(&w->clock, until);
			break;
		}
		if (next > w->clock.now_ms)
			turns = 0;
		else if (++turns > 100000)
			world_fail("time stands still at %llu", (unsigned long long)w->clock.now_ms);
		clock_run(&w->clock, next);
		end_turn(w);
	}
	move_bytes(w);
	end_turn(w);
}

bool
world_run_until(struct world *w, bool (*done)(struct world *), uint64_t limit_ms)
{
	uint64_t until = w->clock.now_ms + limit_ms;

	while (!done(w) && w->clock.now_ms < until)
		world_run(w, 10);
	return done(w);
}

bool
world_ready(struct world *w)
{
	return modem_state(w->modem) == MODEM_READY;
}
