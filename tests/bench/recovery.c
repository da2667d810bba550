/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recovery.c - from the end of a fault to a new client's first byte
 *
 * Each fault has a module, a daemon and a thread of its own, and all run at the
 * same time: they mostly wait.  A session is in mid-transfer, both ways, when
 * the fault strikes; its app leaves when it sees the end.  The new client comes
 * in the moment in which the fault is over, and again when it is sent away.
 * Each trial has a new daemon: one that saw a fault a minute ago tries harder
 * things, and rests longer before them.
 *
 * Beside it stands what the module itself takes, by its options: to boot, to
 * register, to activate the context; and the dial, as host.c does it.
 */
#include "bench.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIALS 9
#define RATE 115200
#define DOWN (ORDER_LEN * 40) /* 5 s of the line: a mute module takes what comes at any rate */
#define BOOT_MS 2000
#define REGISTER_MS 1000
#define ACTIVATE_MS 500
#define GUARD_MS 2000 /* of an escape: a second of silence before and behind it */
#define PATIENCE_NS 120000000000ull

struct trial {
	const struct fault *fault;
	struct rig rig;
	pthread_t thread;
	double ms[TRIALS];
	unsigned sent_away; /* new clients that saw the end before a byte */
};

struct fault {
	const char *name, *mode;
	const char *begins, *ends; /* words for the simulator; NULL: see run() */
	unsigned lasts_ms;
	void (*run)(struct trial *);
	unsigned module_ms; /* but for the dial */
	bool leaves;	    /* the old app: the session may outlive the fault */
	double most_s;	    /* that the worst may take; 0: no goal */
};

/* kill -9, and at once another one. */
static void
kill_daemon(struct trial *t)
{
	rig_daemon_kill(&t->rig);
	rig_daemon_start(&t->rig);
}

/* The fault is over when the tty is there again. */
static void
unplug(struct trial *t)
{
	char command[40];
	struct stat st;

	snprintf(command, sizeof(command), "unplug %u", t->fault->lasts_ms);
	rig_module(&t->rig, 0, command);
	usleep(t->fault->lasts_ms * 500);
	while (stat(t->rig.tty, &st) < 0)
		usleep(500);
}

static const struct fault faults[] = {
	{ "reset, online", "online", "reset", NULL, 0, NULL, BOOT_MS + REGISTER_MS + ACTIVATE_MS, false, 0 },
	{ "reset, command mode", "command", "reset", NULL, 0, NULL, BOOT_MS + REGISTER_MS + ACTIVATE_MS, false, 0 },
	{ "PDP context lost, online", "online", "drop-context", NULL, 0, NULL, ACTIVATE_MS, false, 0 },
	{ "PDP context lost, command mode", "command", "drop-context", NULL, 0, NULL, ACTIVATE_MS, false, 0 },
	{ "kill -9 and restart, online", "online", NULL, NULL, 0, kill_daemon, GUARD_MS, false, 10 },
	{ "kill -9 and restart, command mode", "command", NULL, NULL, 0, kill_daemon, 0, false, 10 },
	{ "tty gone for 4 s, online", "online", NULL, NULL, 4000, unplug, ACTIVATE_MS, false, 0 },
	{ "mute for 10 s, online", "online", "mute on", "mute off", 10000, NULL, 0, true, 0 },
	{ "mute for 10 s, command mode", "command", "mute on", "mute off", 10000, NULL, 0, true, 0 },
	{ "SIM out for 2 s, online", "online", "remove-sim", "insert-sim", 2000, NULL, REGISTER_MS + ACTIVATE_MS, false, 0 },
	{ "SIM out for 2 s, command mode", "command", "remove-sim", "insert-sim", 2000, NULL, REGISTER_MS + ACTIVATE_MS, false, 0 },
	{ "remote abort, online", "online", "abort", NULL, 0, NULL, 0, false, 0 },
	{ "remote abort, command mode", "command", "abort", NULL, 0, NULL, 0, false, 0 },
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

/* Takes what has come; whether that was the end. */
static bool
drained(int fd)
{
	char bytes[4096];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		;
	return n == 0 || errno != EAGAIN;
}

static void
leave(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* An app that begins anew until it is greeted, while that of old reads on to its end. */
static void
greeting(struct trial *t, int *old)
{
	uint64_t until = now_ns() + PATIENCE_NS;
	int fd = -1;
	char c;

	while (now_ns() < until) {
		struct pollfd p[2] = { { .events = POLLIN }, { .fd = *old, .events = POLLIN } };

		if (fd < 0)
			fd = app_connect_only(t->rig.socket);
		p[0].fd = fd;
		if (poll(p, 2, 1000) > 0 && p[1].revents && drained(*old))
			leave(old);
		if (!p[0].revents)
			continue;
		if (read(fd, &c, 1) == 1 && c == GREETING) {
			close(fd);
			return;
		}
		leave(&fd);
		t->sent_away++;
		usleep(20000);
	}
	die("%s: no session after %.0f s", t->fault->name, PATIENCE_NS / 1e9);
}

static void
one_trial(struct trial *t, unsigned i)
{
	const struct fault *f = t->fault;
	static const uint8_t zeros[16000];
	int old = -1;
	uint64_t start;

	rig_daemon_anew(&t->rig);
	old = app_connect(t->rig.socket);
	app_order(old, UINT32_MAX, DOWN);
	if (send(old, zeros, sizeof(zeros), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		die("%s: %s", f->name, strerror(errno));
	usleep(300000 + i * 37000);
	drained(old);
	if (f->begins)
		rig_module(&t->rig, 0, f->begins);
	if (f->leaves)
		leave(&old);
	start = now_ns();
	if (f->run)
		f->run(t);
	if (f->ends) {
		for (; old >= 0 && now_ns() < start + f->lasts_ms * 1000000ull; usleep(10000))
			if (drained(old))
				leave(&old);
		sleep_until_ns(start + f->lasts_ms * 1000000ull);
		rig_module(&t->rig, 0, f->ends);
	}
	if (f->lasts_ms)
		start = now_ns();
	greeting(t, &old);
	t->ms[i] = (double)(now_ns() - start) / 1e6;
	leave(&old);
}

static void *
trials(void *arg)
{
	struct trial *t = arg;
	unsigned i;

	rig_daemon_ready(&t->rig);
	for (i = 0; i < TRIALS; i++)
		one_trial(t, i);
	fprintf(stderr, "after %s: measured\n", t->fault->name); /* minutes may pass until the last */
	rig_end(&t->rig);
	return NULL;
}

/* What host.c takes to dial, on a module and a line like theirs. */
static double
dial_ms(bool online)
{
	struct rig r = { 0 };
	double ms[TRIALS];
	struct host *h;
	uint64_t start;
	unsigned i;

	rig_sim(&r, RATE);
	h = host_new(r.tty, r.family);
	host_setup(h);
	for (i = 0; i < TRIALS; i++) {
		start = now_ns();
		host_dial(h, online);
		host_greeting(h, online);
		ms[i] = (double)(now_ns() - start) / 1e6;
		host_close(h, online);
	}
	host_free(h);
	rig_end(&r);
	return median(ms, TRIALS);
}

void
recovery(void)
{
	static struct trial all[FAULTS];
	double dial[2], own, middle, worst;
	size_t i;

	for (i = 0; i < FAULTS; i++) {
		struct trial *t = &all[i];

		t->fault = &faults[i];
		t->rig = (struct rig){
			.boot_ms = BOOT_MS, .register_ms = REGISTER_MS, .activate_ms = ACTIVATE_MS, .supervision_s = 60
		};
		rig_sim(&t->rig, RATE);
		rig_configure(&t->rig, faults[i].mode, NULL, RATE);
		rig_daemon_start(&t->rig);
		if (pthread_create(&t->thread, NULL, trials, t))
			die("thread");
	}
	dial[false] = dial_ms(false);
	dial[true] = dial_ms(true);
	for (i = 0; i < FAULTS; i++) {
		struct trial *t = &all[i];
		const struct fault *f = t->fault;

		pthread_join(t->thread, NULL);
		own = f->module_ms + dial[!strcmp(f->mode, "online")];
		middle = median(t->ms, TRIALS);
		worst = quantile(t->ms, TRIALS, 1);
		row(text("after %s", f->name), f->most_s ? text("at most %.0f s", f->most_s) : "", f->most_s ? worst <= f->most_s * 1000 : -1,
		    0, text("%.1f s, worst %.1f s: %+.1f s, %+.1f s", middle / 1000, worst / 1000, (middle - own) / 1000, (worst - own) / 1000),
		    text("module: %.2f s", own / 1000));
		if (t->sent_away)
			further_line("%s: new clients that were sent away before they were served: %u\n", f->name, t->sent_away);
	}
}
