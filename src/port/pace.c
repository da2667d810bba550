/* SPDX-License-Identifier: Apache-2.0 */
#include "port/pace.h"

#define BYTE 10000u /* of p->busy: 10 bits and 1000 ms per second */
#define QUEUE_MS 20
#define QUEUE_MIN 64
#define AHEAD 4096

void
pace_init(struct pace *p, unsigned baud)
{
	*p = (struct pace){ .baud = baud };
}

bool
pace_wants_outq(const struct pace *p)
{
	return p->baud != 0;
}

void
pace_saw(struct pace *p, size_t outq)
{
	if (outq)
		p->tells = true;
}

/* The kernel's queue may hold this much. */
static size_t
queue_most(const struct pace *p)
{
	size_t most = (size_t)((uint64_t)p->baud * QUEUE_MS / BYTE);

	return most < QUEUE_MIN ? QUEUE_MIN : most;
}

/* Bytes, rounded up, that the line has not carried yet if it does nothing but its rate. */
static size_t
ahead(const struct pace *p, uint64_t now_ms)
{
	uint64_t now = now_ms * p->baud;

	return p->busy > now ? (size_t)((p->busy - now + BYTE - 1) / BYTE) : 0;
}

void
pace_wrote(struct pace *p, size_t len, uint64_t now_ms)
{
	uint64_t now = now_ms * p->baud;

	if (p->busy < now)
		p->busy = now;
	p->busy += (uint64_t)len * (p->baud ? BYTE : 0);
	p->wrote_ms = now_ms;
}

void
pace_flushed(struct pace *p, size_t len, uint64_t now_ms)
{
	uint64_t now = now_ms * p->baud, off = (uint64_t)len * BYTE;

	if (p->busy > now)
		p->busy = p->busy - now > off ? p->busy - off : now;
}

/* a - b, not below 0 */
static size_t
excess(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

size_t
pace_room(const struct pace *p, size_t outq, uint64_t now_ms)
{
	size_t by_pace, by_queue;

	if (!p->baud)
		return PACE_NO_BOUND;
	by_pace = excess(AHEAD, ahead(p, now_ms));
	if (!p->tells)
		return by_pace;
	by_queue = excess(queue_most(p), outq);
	return by_queue < by_pace ? by_queue : by_pace;
}

/* The time in which the line carries len bytes, rounded up. */
static uint64_t
carries_ms(const struct pace *p, size_t len)
{
	return ((uint64_t)len * BYTE + p->baud - 1) / p->baud;
}

void
pace_opened(struct pace *p, uint64_t now_ms)
{
	p->earlier_ms = p->baud ? now_ms + carries_ms(p, AHEAD) : 0;
}

uint64_t
pace_when(const struct pace *p, size_t outq, uint64_t now_ms)
{
	size_t over, over_queue;

	if (!p->baud)
		return now_ms;
	over = excess(ahead(p, now_ms), AHEAD / 2);
	if (p->tells) {
		over_queue = excess(outq, queue_most(p) / 2);
		over = over_queue > over ? over_queue : over;
	}
	return now_ms + carries_ms(p, over);
}

uint64_t
pace_drained(const struct pace *p, size_t outq, uint64_t now_ms)
{
	uint64_t by_pace, by_queue;

	if (!p->baud)
		return outq ? now_ms + 1 : p->wrote_ms;
	by_pace = (p->busy + p->baud - 1) / p->baud;
	if (!p->tells && !outq && by_pace < p->earlier_ms)
		by_pace = p->earlier_ms;
	by_queue = outq ? now_ms + carries_ms(p, outq) : 0;
	return by_queue > by_pace ? by_queue : by_pace;
}
