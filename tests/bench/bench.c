/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench - figures as ratios in one run: against the line, against the best
 * possible host, against socat; doc/performance.md says what each row means
 *
 *   bench [--build DIR] [--markdown FILE] [ROW...]      
 *       rows: online command dial latency unpaced idle recovery growth status
 *             cinterion
 *
 * Nothing here fails because a machine is busy: the exit status tells of rows
 * that could not be measured, not of goals that were missed.
 */
#include "bench.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RAMP_MS 2000
#define ONLINE_S 10
#define COMMAND_S 5
#define ROUNDS 15
#define TRIPS 1000
#define TRANSFER (ORDER_LEN * 20000ull) /* 30 MB */
#define DIALS 9
#define IDLE_S 60
#define SETTLE_S 2

unsigned port;

static const char *
of(enum family family)
{
	return family == CINTERION ? "cinterion, " : "";
}

/* ---- online mode on a paced line ---- */

static void
online_of(enum family family)
{
	static const unsigned rates[] = { 115200, 921600 };
	struct rig r[2] = { { .family = family }, { .family = family } };
	struct stream s[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		rig_sim(&r[i], rates[i]);
		rig_daemon(&r[i], "online", NULL, rates[i]);
		stream_start(&s[i], r[i].socket, true, true);
	}
	usleep(RAMP_MS * 1000);
	for (i = 0; i < 2; i++) {
		meter_start(&s[i].at_server);
		meter_start(&s[i].at_app);
	}
	sleep(ONLINE_S);
	for (i = 0; i < 2; i++) {
		double line = rates[i] / 10.0, up = meter_stop(&s[i].at_server), down = meter_stop(&s[i].at_app);

		row(text("%sonline, %u bit/s, up", of(family), rates[i]), "at least 0.99 of the line", up >= 0.99 * line, up / line,
		    text("%.0f B/s", up), text("line: %.0f B/s", line));
		row(text("%sonline, %u bit/s, down at once", of(family), rates[i]), "at least 0.99 of the line", down >= 0.99 * line, down / line,
		    text("%.0f B/s", down), text("line: %.0f B/s", line));
		stream_end(&s[i]);
		rig_end(&r[i]);
	}
}

static void
online(void)
{
	online_of(TELIT);
}

/* ---- command mode ---- */

struct reference {
	struct host *host;
	bool up;
	double rate;
};

static void *
reference(void *arg)
{
	struct reference *f = arg;

	f->rate = f->up ? host_send(f->host, COMMAND_S) : host_receive(f->host, COMMAND_S);
	return NULL;
}

static void
command_way(struct rig *daemon, struct reference *f, unsigned rate, bool up)
{
	struct stream s;
	pthread_t thread;
	double got;

	stream_start(&s, daemon->socket, up, !up);
	host_dial(f->host, false);
	host_greeting(f->host, false);
	host_order(f->host, up ? UINT32_MAX : 0, up ? 0 : UINT32_MAX);
	f->up = up;
	usleep(1000000);
	meter_start(up ? &s.at_server : &s.at_app);
	if (pthread_create(&thread, NULL, reference, f))
		die("thread");
	pthread_join(thread, NULL);
	got = meter_stop(up ? &s.at_server : &s.at_app);
	row(text("%scommand mode, %u bit/s, %s", of(daemon->family), rate, up ? "up" : "down"), "at least 0.97 of its limit", got >= 0.97 * f->rate,
	    got / f->rate, text("%.0f B/s", got), text("limit: %.0f B/s", f->rate));
	stream_end(&s);
	host_close(f->host, false);
}

static void
command_of(enum family family)
{
	static const unsigned rates[] = { 115200, 921600 };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct rig daemon = { .family = family }, best = { .family = family };
		struct reference f;

		rig_sim(&daemon, rates[i]);
		rig_daemon(&daemon, "command", NULL, rates[i]);
		rig_sim(&best, rates[i]);
		f.host = host_new(best.tty, best.family);
		host_setup(f.host);
		command_way(&daemon, &f, rates[i], true);
		usleep(500000);
		command_way(&daemon, &f, rates[i], false);
		host_free(f.host);
		rig_end(&daemon);
		rig_end(&best);
	}
}

static void
command(void)
{
	command_of(TELIT);
}

static void
cinterion(void)
{
	online_of(CINTERION);
	command_of(CINTERION);
}

/* ---- without a pace, beside socat ---- */

struct side {
	struct rig rig;
	int fd;
	double rate[ROUNDS], cpu[ROUNDS]; /* bytes/s; s per 100 MB */
};

static void
one_transfer(struct side *s, bool up, int round)
{
	uint64_t cpu = cpu_ns(s->rig.daemon), start = now_ns();

	app_transfer(s->fd, up ? TRANSFER : 0, up ? 0 : TRANSFER, NULL);
	s->rate[round] = TRANSFER * 1e9 / (double)(now_ns() - start);
	s->cpu[round] = (double)(cpu_ns(s->rig.daemon) - cpu) / 1e9 * 1e8 / TRANSFER;
}

static void
unpaced_way(struct side s[2], bool up)
{
	double rates[ROUNDS], cpus[ROUNDS];
	int i, k;

	for (i = 0; i < ROUNDS; i++)
		for (k = 0; k < 2; k++)
			one_transfer(&s[(i + k) % 2], up, i);
	for (i = 0; i < ROUNDS; i++) {
		rates[i] = s[0].rate[i] / s[1].rate[i];
		cpus[i] = s[0].cpu[i] / s[1].cpu[i];
	}
	row(text("no pace, %s", up ? "up" : "down"), "no slower than socat", median(rates, ROUNDS) >= 1, median(rates, ROUNDS),
	    text("%.0f MB/s", median(s[0].rate, ROUNDS) / 1e6), text("socat: %.0f MB/s", median(s[1].rate, ROUNDS) / 1e6));
	row(text("no pace, %s: CPU for 100 MB", up ? "up" : "down"), "no more than socat", median(cpus, ROUNDS) <= 1,
	    median(cpus, ROUNDS), text("%.3f s", median(s[0].cpu, ROUNDS)), text("socat: %.3f s", median(s[1].cpu, ROUNDS)));
}

static void
unpaced(void)
{
	struct side s[2] = { 0 };
	struct host *h;
	long dirty;

	rig_sim(&s[0].rig, 0);
	rig_daemon(&s[0].rig, "online", NULL, 0);
	s[0].fd = app_connect(s[0].rig.socket);
	rig_sim(&s[1].rig, 0);
	h = host_new(s[1].rig.tty, TELIT);
	host_setup(h);
	host_dial(h, true);
	host_greeting(h, true);
	rig_socat(&s[1].rig, s[1].rig.tty);
	s[1].fd = app_connect_only(s[1].rig.socket);
	host_free(h);
	unpaced_way(s, true);
	unpaced_way(s, false);
	dirty = status_value(s[0].rig.daemon, "smaps_rollup", "Private_Dirty:");
	row("private dirty memory, after those", "at most 1536 kB", dirty <= 1536, 0, text("%ld kB", dirty), "");
	rig_end(&s[0].rig);
	rig_end(&s[1].rig);
}

static void
latency(void)
{
	static const double q[] = { 0.5, 0.99 };
	struct rig r[2] = { 0 };
	double v[2][2][ROUNDS], ratio[ROUNDS], us[TRIPS];
	uint64_t ns[TRIPS];
	char name[64];
	int fd[2], i, k, j, t;

	rig_sim(&r[0], 0);
	echo_start(r[0].tty, name, sizeof(name));
	rig_daemon(&r[0], "online", name, 0);
	fd[0] = app_connect(r[0].socket);
	echo_start(NULL, name, sizeof(name));
	rig_socat(&r[1], name);
	fd[1] = app_connect_only(r[1].socket);
	for (i = 0; i < 2; i++)
		app_round_trips(fd[i], 500, ns);
	for (i = 0; i < ROUNDS; i++)
		for (k = 0; k < 2; k++) {
			app_round_trips(fd[(i + k) % 2], TRIPS, ns);
			for (t = 0; t < TRIPS; t++)
				us[t] = (double)ns[t] / 1000;
			for (j = 0; j < 2; j++)
				v[(i + k) % 2][j][i] = quantile(us, TRIPS, q[j]);
		}
	for (j = 0; j < 2; j++) {
		for (i = 0; i < ROUNDS; i++)
			ratio[i] = v[0][j][i] / v[1][j][i];
		row(text("round trip of 1 byte, p%.0f", q[j] * 100), "no more than socat", median(ratio, ROUNDS) <= 1,
		    median(ratio, ROUNDS), text("%.1f us", median(v[0][j], ROUNDS)), text("socat: %.1f us", median(v[1][j], ROUNDS)));
	}
	rig_end(&r[0]);
	rig_end(&r[1]);
}

/* ---- the dial ---- */

static void
dial(void)
{
	struct rig daemon = { 0 }, best = { 0 };
	double ms[2][DIALS], over;
	struct host *h;
	uint64_t start;
	int i, fd;

	rig_sim(&daemon, 0);
	rig_daemon(&daemon, "online", NULL, 0);
	rig_sim(&best, 0);
	h = host_new(best.tty, best.family);
	host_setup(h);
	usleep(500000);
	for (i = 0; i < DIALS; i++) {
		start = now_ns();
		fd = app_connect_only(daemon.socket);
		app_greeting(fd);
		ms[0][i] = (double)(now_ns() - start) / 1e6;
		close(fd);
		start = now_ns();
		host_dial(h, true);
		host_greeting(h, true);
		ms[1][i] = (double)(now_ns() - start) / 1e6;
		host_close(h, true);
		usleep(1700000); /* the daemon's escape takes longer: it cannot know that the line is silent */
	}
	over = median(ms[0], DIALS) - median(ms[1], DIALS);
	row("dial: from connect() to the server's first byte", "at most 5 ms more", over <= 5, 0,
	    text("%.1f ms: %+.1f ms", median(ms[0], DIALS), over), text("limit: %.1f ms", median(ms[1], DIALS)));
	host_free(h);
	rig_end(&daemon);
	rig_end(&best);
}

/* ---- at rest ---- */

struct rest {
	struct rig rig;
	pthread_t thread; /* so that other rows may run in the meantime */
	long wakeups, commands;
};

static void *
rest(void *arg)
{
	struct rest *t = arg;
	long wakeups, commands;

	sleep(SETTLE_S);
	commands = rig_counter(&t->rig, 0, "commands");
	wakeups = status_value(t->rig.daemon, "status", "voluntary_ctxt_switches:");
	sleep(IDLE_S);
	t->wakeups = status_value(t->rig.daemon, "status", "voluntary_ctxt_switches:") - wakeups;
	t->commands = rig_counter(&t->rig, 0, "commands") - commands;
	return NULL;
}

static void
rest_start(struct rest *t, unsigned supervision_s)
{
	t->rig.supervision_s = supervision_s;
	rig_sim(&t->rig, 0);
	rig_daemon(&t->rig, "online", NULL, 0);
	if (pthread_create(&t->thread, NULL, rest, t))
		die("thread");
}

static void
rests_end(struct rest *alone, struct rest *supervised)
{
	long dirty, rss;

	pthread_join(alone->thread, NULL);
	pthread_join(supervised->thread, NULL);
	dirty = status_value(alone->rig.daemon, "smaps_rollup", "Private_Dirty:");
	rss = status_value(alone->rig.daemon, "smaps_rollup", "Rss:");
	row("at rest: wake-ups in 60 s", "0 beyond supervision", alone->wakeups == 0, 0, text("%ld", alone->wakeups), "");
	row("at rest: wake-ups in 60 s with one look", "", -1, 0, text("%ld", supervised->wakeups),
	    text("its commands: %ld", supervised->commands));
	row("private dirty memory, 1 modem, 1 channel", "at most 1536 kB", dirty <= 1536, 0, text("%ld kB", dirty),
	    text("resident: %ld kB", rss));
	rig_end(&alone->rig);
	rig_end(&supervised->rig);
}

static bool
wanted(char *const *names, const char *name)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = { { "build", 1, NULL, 'b' }, { "markdown", 1, NULL, 'm' }, { 0 } };
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = { { "online", online }, { "command", command }, { "dial", dial }, { "latency", latency }, { "unpaced", unpaced },
		{ "recovery", recovery }, { "growth", growth }, { "status", status }, { "cinterion", cinterion } };
	const char *build = ".", *table = NULL;
	struct rest alone = { 0 }, supervised = { 0 };
	size_t i;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'b')
			build = optarg;
		else if (c == 'm')
			table = optarg;
		else
			return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	rig_programs(build);
	port = server_start();
	if (wanted(argv + optind, "idle")) {
		rest_start(&alone, 0);
		rest_start(&supervised, 60);
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (wanted(argv + optind, parts[i].name))
			parts[i].run();
	if (wanted(argv + optind, "idle"))
		rests_end(&alone, &supervised);
	if (table)
		markdown(table);
	return 0;
}
