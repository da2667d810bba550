/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to know first: sd_bus_call() has a limit for the answer, but not for the
 * bus's greeting before it.  So the question is sent off, and the one limit
 * counts for all that happens until its answer.
 */
#include "port/modemmanager.h"

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "base/auto.h"

AUTO_DEFINE(sd_bus *, sd_bus_close_unref)
AUTO_DEFINE(sd_bus_slot *, sd_bus_slot_unref)

struct question {
	bool answered;
	uint32_t pid; /* 0: none */
};

static uint64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int
on_answer(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct question *q = arg;

	(void)error;
	q->answered = true;
	if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "u", &q->pid) < 0)
		q->pid = 0;
	return 0;
}

int
modemmanager_pid(unsigned limit_ms)
{
	AUTO(sd_bus_close_unref) sd_bus *bus = NULL;
	AUTO(sd_bus_slot_unref) sd_bus_slot *slot = NULL;
	uint64_t now = now_us(), end = now + (uint64_t)limit_ms * 1000;
	struct question q = { .answered = false };
	int r;

	if (sd_bus_open_system(&bus) < 0)
		return 0;
	r = sd_bus_call_method_async(bus, &slot, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
	    "GetConnectionUnixProcessID", on_answer, &q, "s", "org.freedesktop.ModemManager1");
	while (r >= 0 && !q.answered && now < end) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, end - now);
		now = now_us();
	}
	return (int)q.pid;
}
