/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c - how long status takes on the bus while the line is full, and what callers who misbehave cost the line
 *
 * The question is GetManagedObjects(), which is all that there is to know.
 */
#include "bench.h"

#include <poll.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define RATE 921600
#define RAMP_MS 2000
#define WINDOW_S 10
#define PAUSE_US 5000
#define ASKED_MAX (WINDOW_S * 1000)
#define IN_FLIGHT 64	   /* of the one who floods */
#define UNREAD 100000	   /* questions of the one who never reads an answer */

static sd_bus *
connect_to(const struct rig *r)
{
	sd_bus *bus = NULL;

	if (sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, r->bus) < 0 || sd_bus_set_bus_client(bus, 1) < 0 || sd_bus_start(bus) < 0)
		die("%s: no bus", r->bus);
	return bus;
}

static sd_bus_message *
question(sd_bus *bus)
{
	sd_bus_message *m = NULL;

	if (sd_bus_message_new_method_call(bus, &m, "org.celltls1", "/org/celltls1", "org.freedesktop.DBus.ObjectManager",
		"GetManagedObjects") < 0)
		die("no message");
	return m;
}

/* ---- one who asks now and then ---- */

struct asked {
	double ms[ASKED_MAX];
	size_t n;
};

static void
ask(sd_bus *bus, struct asked *a)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = question(bus), *answer = NULL;
	uint64_t start = now_ns();

	if (sd_bus_call(bus, m, 10000000, &error, &answer) < 0)
		die("GetManagedObjects: %s", error.message);
	a->ms[a->n++] = (double)(now_ns() - start) / 1e6;
	sd_bus_message_unref(answer);
	sd_bus_message_unref(m);
}

static void
ask_for_a_while(const struct rig *r, struct asked *a)
{
	sd_bus *bus = connect_to(r);
	uint64_t until = now_ns() + WINDOW_S * 1000000000ull;

	for (a->n = 0; a->n < ASKED_MAX && now_ns() < until; usleep(PAUSE_US))
		ask(bus, a);
	sd_bus_close_unref(bus);
}

/* ---- two who misbehave ---- */

struct pest {
	const struct rig *rig;
	volatile bool stop;
	volatile uint64_t answered;
	pthread_t thread;
};

static int
answered(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)m;
	(void)error;
	((struct pest *)arg)->answered++;
	return 0;
}

static void *
flood(void *arg)
{
	struct pest *p = arg;
	sd_bus *bus = connect_to(p->rig);
	uint64_t sent = 0;

	while (!p->stop) {
		while (sent < p->answered + IN_FLIGHT) {
			sd_bus_message *m = question(bus);

			if (sd_bus_call_async(bus, NULL, m, answered, p, 0) < 0)
				die("the flood ended");
			sd_bus_message_unref(m);
			sent++;
		}
		while (sd_bus_process(bus, NULL) > 0)
			;
		sd_bus_wait(bus, 10000);
	}
	sd_bus_close_unref(bus);
	return NULL;
}

/* The bus holds what is not read, and in the end throws this one out; until then it asks on. */
static void *
never_read(void *arg)
{
	struct pest *p = arg;
	sd_bus *bus = connect_to(p->rig);
	uint64_t cookie;
	size_t i;

	while (sd_bus_is_ready(bus) <= 0 && sd_bus_process(bus, NULL) >= 0)
		sd_bus_wait(bus, 10000);
	for (i = 0; i < UNREAD && !p->stop; i++) {
		sd_bus_message *m = question(bus);

		if (sd_bus_send(bus, m, &cookie) < 0) /* with NULL it would say that it wants no answer */
			i = UNREAD;
		sd_bus_message_unref(m);
	}
	while (!p->stop)
		usleep(10000);
	sd_bus_close_unref(bus);
	return NULL;
}

static void
pest_start(struct pest *p, const struct rig *r, void *(*does)(void *))
{
	*p = (struct pest){ .rig = r };
	if (pthread_create(&p->thread, NULL, does, p))
		die("thread");
}

static void
pest_end(struct pest *p)
{
	p->stop = true;
	pthread_join(p->thread, NULL);
}

/* ---- the rows ---- */

static void
answers_row(const char *when, struct asked *a, bool goal)
{
	double p50 = quantile(a->ms, a->n, 0.5), p99 = quantile(a->ms, a->n, 0.99);

	row(text("status %s: p99 of %zu answers", when, a->n), goal ? "at most 100 ms" : "", goal ? p99 <= 100 : -1, 0, text("%.2f ms", p99),
	    text("p50: %.2f ms", p50));
}

static double
slower_way(struct stream *s)
{
	double up = meter_stop(&s->at_server), down = meter_stop(&s->at_app);

	return up < down ? up : down;
}

static void
full_line(void)
{
	static struct asked a;
	const double line = RATE / 10.0;
	struct rig r = { 0 };
	struct pest flooding, deaf;
	struct stream s;
	double rate;

	rig_sim(&r, RATE);
	rig_daemon(&r, "online", NULL, RATE);
	stream_start(&s, r.socket, true, true);
	usleep(RAMP_MS * 1000);
	ask_for_a_while(&r, &a);
	answers_row("while the line is full", &a, true);
	pest_start(&flooding, &r, flood);
	pest_start(&deaf, &r, never_read);
	meter_start(&s.at_server);
	meter_start(&s.at_app);
	ask_for_a_while(&r, &a);
	rate = slower_way(&s);
	pest_end(&flooding);
	pest_end(&deaf);
	answers_row("beside one who floods", &a, false); /* it is the line that is kept free of the flood */
	row("the line beside one who floods and one who never reads: slower way", "at least 0.99 of the line", rate >= 0.99 * line, rate / line,
	    text("%.0f B/s", rate), text("%.0f answers a second", (double)flooding.answered / WINDOW_S));
	stream_end(&s);
	rig_end(&r);
}

static void
no_pace(void)
{
	static struct asked a;
	struct rig r = { 0 };
	struct stream s;

	rig_sim(&r, 0);
	rig_daemon(&r, "online", NULL, 0);
	stream_start(&s, r.socket, true, true);
	usleep(RAMP_MS * 1000);
	ask_for_a_while(&r, &a);
	answers_row("without a pace, both ways full", &a, true);
	stream_end(&s);
	rig_end(&r);
}

void
status(void)
{
	full_line();
	no_pace();
}
