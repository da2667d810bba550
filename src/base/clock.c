/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stddef.h>

void
clock_init(struct clock *c, uint64_t now_ms, uint32_t seed)
{
	*c = (struct clock){ .now_ms = now_ms, .random = seed ? seed : 1 };
	TAILQ_INIT(&c->timers);
	TAILQ_INIT(&c->due);
}

uint64_t
clock_deadline(const struct clock *c)
{
	const struct timer *first = TAILQ_FIRST(&c->timers);

	return first ? first->at_ms : CLOCK_NEVER;
}

void
clock_run(struct clock *c, uint64_t now_ms)
{
	struct timer *t;

	if (now_ms > c->now_ms)
		c->now_ms = now_ms;
	while ((t = TAILQ_FIRST(&c->timers)) && t->at_ms <= c->now_ms) {
		TAILQ_REMOVE(&c->timers, t, link);
		TAILQ_INSERT_TAIL(&c->due, t, link);
		t->state = TIMER_DUE;
	}
	while ((t = TAILQ_FIRST(&c->due))) {
		timer_stop(c, t);
		t->fn(t->arg);
	}
}

int64_t
clock_host_time(const struct clock *c)
{
	return c->wall_trusted && c->wall_s >= CLOCK_OLDEST_S ? c->wall_s : 0;
}

uint32_t
clock_random(struct clock *c, uint32_t limit)
{
	/* Marsaglia's xorshift32, "Xorshift RNGs", 2003 */
	c->random ^= c->random << 13;
	c->random ^= c->random >> 17;
	c->random ^= c->random << 5;
	return limit ? c->random % limit : 0;
}

void
timer_init(struct timer *t, void (*fn)(void *arg), void *arg)
{
	*t = (struct timer){ .fn = fn, .arg = arg };
}

void
timer_at(struct clock *c, struct timer *t, uint64_t at_ms)
{
	struct timer *later;

	timer_stop(c, t);
	t->at_ms = at_ms;
	t->state = TIMER_SET;
	TAILQ_FOREACH_REVERSE(later, &c->timers, timer_list, link)
		if (later->at_ms <= at_ms)
			break;
	if (later)
		TAILQ_INSERT_AFTER(&c->timers, later, t, link);
	else
		TAILQ_INSERT_HEAD(&c->timers, t, link);
}

void
timer_in(struct clock *c, struct timer *t, uint64_t in_ms)
{
	timer_at(c, t, c->now_ms + in_ms);
}

void
timer_stop(struct clock *c, struct timer *t)
{
	if (t->state == TIMER_SET)
		TAILQ_REMOVE(&c->timers, t, link);
	else if (t->state == TIMER_DUE)
		TAILQ_REMOVE(&c->due, t, link);
	t->state = TIMER_OFF;
}
