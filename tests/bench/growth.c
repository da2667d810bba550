/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth.c - one daemon with 1, 2, 4, 8, 16 modems, each with all the sessions that it has: one
 */
#include "bench.h"

#include <stdio.h>
#include <unistd.h>

#define RATE 115200
#define RAMP_S 2
#define WINDOW_S 8
#define REST_S 20
#define STEPS 5

struct step {
	unsigned modems;
	double ready_s;
	long dirty_idle, dirty_busy, wakeups; /* kB; in REST_S */
	double up, down;		      /* of the slowest modem, bytes per second */
	double cpu;			      /* ms per MB, both ways together */
};

static double
lower(double a, double b)
{
	return a < b ? a : b;
}

static void
carry(struct step *s, struct rig *r)
{
	struct stream streams[RIG_MODEMS];
	double up, down, bytes = 0;
	char path[128];
	uint64_t cpu;
	unsigned i;

	for (i = 0; i < s->modems; i++) {
		rig_socket(r, i, path, sizeof(path));
		stream_start(&streams[i], path, true, true);
	}
	sleep(RAMP_S);
	for (i = 0; i < s->modems; i++) {
		meter_start(&streams[i].at_server);
		meter_start(&streams[i].at_app);
	}
	cpu = cpu_ns(r->daemon);
	sleep(WINDOW_S);
	cpu = cpu_ns(r->daemon) - cpu;
	s->up = s->down = RATE;
	for (i = 0; i < s->modems; i++) {
		up = meter_stop(&streams[i].at_server);
		down = meter_stop(&streams[i].at_app);
		s->up = lower(s->up, up);
		s->down = lower(s->down, down);
		bytes += (up + down) * WINDOW_S;
	}
	s->cpu = (double)cpu / 1e6 / (bytes / 1e6);
	s->dirty_busy = status_value(r->daemon, "smaps_rollup", "Private_Dirty:");
	for (i = 0; i < s->modems; i++)
		stream_end(&streams[i]);
}

static void
step(struct step *s)
{
	struct rig r = { 0 };
	uint64_t start;
	unsigned i;

	for (i = 0; i < s->modems; i++)
		rig_sim(&r, RATE);
	start = now_ns();
	rig_daemon(&r, "online", NULL, RATE);
	s->ready_s = (double)(now_ns() - start) / 1e9;
	sleep(2);
	s->wakeups = status_value(r.daemon, "status", "voluntary_ctxt_switches:");
	sleep(REST_S);
	s->wakeups = status_value(r.daemon, "status", "voluntary_ctxt_switches:") - s->wakeups;
	s->dirty_idle = status_value(r.daemon, "smaps_rollup", "Private_Dirty:");
	carry(s, &r);
	rig_end(&r);
}

void
growth(void)
{
	struct step s[STEPS] = { { .modems = 1 }, { .modems = 2 }, { .modems = 4 }, { .modems = 8 }, { .modems = RIG_MODEMS } };
	const struct step *one = &s[0], *all = &s[STEPS - 1];
	double more;
	unsigned i;

	further_line("\n| modems | all ready | at rest, dirty | wake-ups in %d s | busy, dirty | slowest up | slowest down | CPU per MB |\n"
		     "| --- | --- | --- | --- | --- | --- | --- | --- |\n", REST_S);
	for (i = 0; i < STEPS; i++) {
		step(&s[i]);
		further_line("| %u | %.1f s | %ld kB | %ld | %ld kB | %.0f B/s | %.0f B/s | %.1f ms |\n", s[i].modems, s[i].ready_s,
		    s[i].dirty_idle, s[i].wakeups, s[i].dirty_busy, s[i].up, s[i].down, s[i].cpu);
	}
	more = (double)(all->dirty_busy - one->dirty_busy) / (RIG_MODEMS - 1);
	row("16 modems: slowest, up", "at least 0.99 of the line", all->up >= 0.99 * RATE / 10, all->up / one->up,
	    text("%.0f B/s", all->up), text("one alone: %.0f B/s", one->up));
	row("16 modems: slowest, down at once", "at least 0.99 of the line", all->down >= 0.99 * RATE / 10, all->down / one->down,
	    text("%.0f B/s", all->down), text("one alone: %.0f B/s", one->down));
	row("16 modems: CPU per MB", "no more than one", all->cpu <= one->cpu, all->cpu / one->cpu, text("%.1f ms", all->cpu),
	    text("one alone: %.1f ms", one->cpu));
	row("16 modems, busy: private dirty memory", "linear", -1, (double)all->dirty_busy / (double)one->dirty_busy,
	    text("%ld kB: %.0f kB for each more", all->dirty_busy, more), text("one alone: %ld kB", one->dirty_busy));
	row("16 modems at rest: wake-ups in 20 s", "0 beyond supervision", all->wakeups == 0, 0, text("%ld", all->wakeups),
	    text("one alone: %ld", one->wakeups));
}
