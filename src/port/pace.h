/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.h - how far writes may run ahead of the line; arithmetic, no I/O
 *
 * When the far side closes an online session, what is already on its way to
 * the module reaches its command line.  So little is kept on its way:
 *   at most 20 ms of the line's rate (at least 64 bytes) not sent by the kernel,
 *   where TIOCOUTQ tells; and at most 4 KiB ahead of a line that carries `baud`,
 *   8N1, baud/10 bytes per second, which is all that is known where it is always 0.
 * Where TIOCOUTQ was above 0 once, it tells.  baud 0 is a line without a rate
 * of its own: no bound.
 *
 * Times are clock time in ms; outq is what TIOCOUTQ says at that time.
 */
#ifndef CELLTLS_PORT_PACE_H
#define CELLTLS_PORT_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_NO_BOUND SIZE_MAX

struct pace {
	unsigned baud;
	bool tells;        /* TIOCOUTQ was seen above 0 */
	uint64_t busy;     /* when a line of this rate has carried all: ms x baud, one byte is 10000 */
	uint64_t wrote_ms; /* the last write */
	uint64_t earlier_ms; /* when what others wrote has left, in the worst case */
};

void pace_init(struct pace *p, unsigned baud);

/*
 * The line was just opened: who had it before, perhaps this daemon in an earlier life that was
 * killed, may have run as far ahead of it as this one does.
 */
void pace_opened(struct pace *p, uint64_t now_ms);

/* false: outq would not be looked at, do not ask the kernel. */
bool pace_wants_outq(const struct pace *p);

/* What TIOCOUTQ said, whenever it was asked. */
void pace_saw(struct pace *p, size_t outq);

/* len bytes were given to the kernel. */
void pace_wrote(struct pace *p, size_t len, uint64_t now_ms);

/* len bytes were thrown away before they left. */
void pace_flushed(struct pace *p, size_t len, uint64_t now_ms);

/* Bytes that may be written now; PACE_NO_BOUND without a rate. */
size_t pace_room(const struct pace *p, size_t outq, uint64_t now_ms);

/*
 * When there is room for a piece worth a wake-up, half of what may be on its
 * way; above now_ms unless there is already.
 */
uint64_t pace_when(const struct pace *p, size_t outq, uint64_t now_ms);

/*
 * When the last byte has left or will have left.  A queue that the kernel
 * still holds and that has no rate lasts 1 ms longer: ask again then.
 */
uint64_t pace_drained(const struct pace *p, size_t outq, uint64_t now_ms);

#endif
