/* SPDX-License-Identifier: Apache-2.0 */
/* Which process owns a name?  Asked at once or as soon as there is a bus; a bus that was lost is asked again. */
#include "bus/bus-priv.h"

#include "base/xalloc.h"

#define LIMIT_MS 1000

struct bus_question {
	TAILQ_ENTRY(bus_question) link;
	struct bus *bus;
	char *name;
	sd_bus_slot *slot;
	struct timer limit;
	void (*done)(void *arg, int pid);
	void *arg;
};

static void
finish(struct bus_question *q, int pid)
{
	void (*done)(void *arg, int pid) = q->done;
	void *arg = q->arg;

	bus_question_free(q);
	done(arg, pid);
}

static void
limit(void *arg)
{
	finish(arg, 0);
}

static int
on_pid(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	uint32_t pid = 0;

	(void)error;
	if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &pid) < 0)
		pid = 0;
	finish(arg, (int)pid);
	return 0;
}

static void
send(struct bus_question *q)
{
	sd_bus_call_method_async(q->bus->sd, &q->slot, BUS_DRIVER, "GetConnectionUnixProcessID", on_pid, q, "s", q->name);
}

struct bus_question *
bus_pid_of(struct bus *b, const char *name, void (*done)(void *arg, int pid), void *arg)
{
	struct bus_question *q = xcalloc(1, sizeof(*q));

	q->bus = b;
	q->name = xstrdup(name);
	q->done = done;
	q->arg = arg;
	timer_init(&q->limit, limit, q);
	timer_in(loop_clock(b->loop), &q->limit, LIMIT_MS);
	TAILQ_INSERT_TAIL(&b->questions, q, link);
	if (b->ready) {
		send(q);
		bus_arm(b);
	}
	return q;
}

void
bus_question_free(struct bus_question *q)
{
	if (!q)
		return;
	TAILQ_REMOVE(&q->bus->questions, q, link);
	timer_stop(loop_clock(q->bus->loop), &q->limit);
	sd_bus_slot_unref(q->slot);
	free(q->name);
	free(q);
}

void
bus_questions_send(struct bus *b)
{
	struct bus_question *q;

	TAILQ_FOREACH(q, &b->questions, link)
		send(q);
}

void
bus_questions_drop(struct bus *b)
{
	struct bus_question *q;

	TAILQ_FOREACH(q, &b->questions, link)
		q->slot = sd_bus_slot_unref(q->slot);
}
