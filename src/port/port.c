/* SPDX-License-Identifier: Apache-2.0 */
#include "port/port.h"

#include <errno.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "port/pace.h"
#include "port/tty.h"

#define READ_MAX 65536 /* per turn, so that no line keeps the others waiting */
#define READ_MORE 1024 /* a read this long may have left something; a shorter one has not */
#define STALL_MAX 4    /* doublings of the wait for a queue that does not move: 16 x 10 ms */

struct port {
	struct wire wire;
	struct loop *loop;
	const struct port_owner *owner;
	void *arg;
	int fd; /* -1: closed */
	struct watch *watch;
	struct pace pace;
	struct timer room_timer; /* until the pace has room for a piece */
	struct timer lost_timer; /* brings lost() out of the call that found it out */
	int error;               /* what it was lost by */
	bool reading;
	bool full;        /* the kernel took less than all: wait for LOOP_WRITE */
	size_t outq;      /* TIOCOUTQ and what was written since */
	uint64_t outq_ms; /* when it was asked */
	unsigned stalls;
};

/* One for all ports: no callback is inside another. */
static uint8_t read_buffer[READ_MAX];

static struct port *
port_of(struct wire *w)
{
	return (struct port *)((char *)w - offsetof(struct port, wire));
}

static uint64_t
port_now(struct port *p)
{
	return loop_clock(p->loop)->now_ms;
}

/* Asks for what the owner needs; lazily, see port_reading(). */
static void
port_watch(struct port *p)
{
	watch_want(p->watch, (p->reading ? LOOP_READ : 0) | (p->full ? LOOP_WRITE : 0));
}

static void
port_lose(struct port *p, int error)
{
	if (p->error)
		return;
	p->error = error;
	watch_want(p->watch, 0);
	timer_in(loop_clock(p->loop), &p->lost_timer, 0);
}

static void
port_lost(void *arg)
{
	struct port *p = arg;
	int error = p->error;

	port_close(p);
	p->owner->lost(error, p->arg);
}

/* What the kernel has not sent: asked once per turn, counted on in between. */
static size_t
port_outq(struct port *p)
{
	if (!pace_wants_outq(&p->pace))
		return 0;
	if (p->outq_ms != port_now(p)) {
		p->outq = tty_outq(p->fd);
		p->outq_ms = port_now(p);
		pace_saw(&p->pace, p->outq);
	}
	return p->outq;
}

static size_t
port_room(struct port *p)
{
	return pace_room(&p->pace, port_outq(p), port_now(p));
}

/* Waits for room by the pace; longer each time when the queue stands still (the module holds CTS). */
static void
port_await_room(struct port *p)
{
	uint64_t now = port_now(p), when = pace_when(&p->pace, port_outq(p), now);

	if (when <= now)
		when = now + 1;
	timer_at(loop_clock(p->loop), &p->room_timer, now + ((when - now) << p->stalls));
}

static void
port_room_timer(void *arg)
{
	struct port *p = arg;

	if (port_room(p)) {
		p->stalls = 0;
		if (!p->full)
			p->owner->writable(p->arg);
	} else {
		p->stalls += p->stalls < STALL_MAX;
		port_await_room(p);
	}
}

/*
 * A pty gives 4 KiB per read() however much there is, so one turn reads more
 * than once: that saves a wake-up and a send() to the app each time.
 */
static size_t
port_fill(struct port *p)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(p->fd, read_buffer + len, READ_MAX - len);
		if (n > 0)
			len += (size_t)n;
		else if (n == 0)
			port_lose(p, EIO); /* hung up: with VMIN 1 nothing else reads as 0 */
		else if (errno != EAGAIN && errno != EINTR)
			port_lose(p, errno);
	} while (n >= READ_MORE && len < READ_MAX);
	return len;
}

static void
port_readable(struct port *p)
{
	size_t len;

	if (!p->reading) {
		port_watch(p);
		return;
	}
	len = port_fill(p);
	if (len)
		p->owner->input(read_buffer, len, p->arg);
}

static void
port_event(unsigned event, void *arg)
{
	struct port *p = arg;

	if (event == LOOP_READ) {
		port_readable(p);
	} else if (p->full) {
		/* Mostly it is full again at once: stop watching only when it is not. */
		p->full = false;
		p->owner->writable(p->arg);
	} else {
		port_watch(p);
	}
}

static size_t
wire_room(struct wire *w)
{
	struct port *p = port_of(w);
	size_t room;

	if (p->fd < 0 || p->error || p->full)
		return 0;
	room = port_room(p);
	if (!room && p->room_timer.state == TIMER_OFF)
		port_await_room(p);
	return room;
}

/* The kernel took n of the len bytes that there was room for. */
static void
port_wrote(struct port *p, size_t n, size_t len)
{
	pace_wrote(&p->pace, n, port_now(p));
	p->outq += n;
	if (n < len && !p->error) {
		p->full = true;
		port_watch(p);
	}
}

static size_t
wire_write(struct wire *w, const void *bytes, size_t len)
{
	struct port *p = port_of(w);
	size_t room = wire_room(w), want = len < room ? len : room;
	ssize_t n;

	if (!want)
		return 0;
	n = write(p->fd, bytes, want);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		port_lose(p, errno);
	port_wrote(p, n > 0 ? (size_t)n : 0, want);
	if (want == room && !p->full && !p->error)
		port_await_room(p);
	return n > 0 ? (size_t)n : 0;
}

static size_t
wire_flush(struct wire *w)
{
	struct port *p = port_of(w);
	size_t len;

	if (p->fd < 0)
		return 0;
	len = tty_flush(p->fd);
	pace_flushed(&p->pace, len, port_now(p));
	p->outq_ms = 0;
	return len;
}

static uint64_t
wire_drained_ms(struct wire *w)
{
	struct port *p = port_of(w);

	if (p->fd < 0)
		return 0;
	return pace_drained(&p->pace, tty_outq(p->fd), port_now(p));
}

static int
wire_carrier(struct wire *w)
{
	struct port *p = port_of(w);

	return p->fd < 0 ? -1 : tty_carrier(p->fd);
}

static bool
wire_dtr(struct wire *w, bool on)
{
	struct port *p = port_of(w);

	return p->fd >= 0 && tty_dtr(p->fd, on);
}

static bool
wire_rate(struct wire *w, unsigned baud)
{
	struct port *p = port_of(w);

	if (p->fd < 0 || tty_rate(p->fd, baud) < 0)
		return false;
	pace_init(&p->pace, baud);
	return true;
}

/*
 * Back-pressure comes and goes with every piece.  So off only says that the
 * next readable event is to be the one that ends the watching; if reading goes
 * on before, no system call was spent.
 */
static void
wire_reading(struct wire *w, bool on)
{
	struct port *p = port_of(w);

	p->reading = on;
	if (on && p->watch && !p->error)
		port_watch(p);
}

static const struct wire_ops port_ops = {
	.room = wire_room,
	.write = wire_write,
	.flush = wire_flush,
	.drained_ms = wire_drained_ms,
	.carrier = wire_carrier,
	.dtr = wire_dtr,
	.rate = wire_rate,
	.reading = wire_reading,
};

struct port *
port_new(struct loop *loop, const struct port_owner *owner, void *arg)
{
	struct port *p = xcalloc(1, sizeof(*p));

	*p = (struct port){ .wire.ops = &port_ops, .loop = loop, .owner = owner, .arg = arg, .fd = -1 };
	timer_init(&p->room_timer, port_room_timer, p);
	timer_init(&p->lost_timer, port_lost, p);
	return p;
}

int
port_open(struct port *p, const struct port_conf *conf, char *why, size_t size)
{
	int fd;

	port_close(p);
	fd = tty_open(conf->path, conf->baud, conf->rtscts, why, size);
	if (fd < 0)
		return fd;
	p->fd = fd;
	p->reading = true;
	pace_init(&p->pace, conf->baud);
	pace_opened(&p->pace, port_now(p));
	p->watch = watch_new(p->loop, fd, LOOP_READ, port_event, p);
	return 0;
}

void
port_close(struct port *p)
{
	if (p->fd < 0)
		return;
	timer_stop(loop_clock(p->loop), &p->room_timer);
	timer_stop(loop_clock(p->loop), &p->lost_timer);
	watch_free(gift(&p->watch));
	tty_close(fd_take(&p->fd));
	p->error = 0;
	p->full = false;
	p->stalls = 0;
	p->outq_ms = 0;
}

bool
port_is_open(const struct port *p)
{
	return p->fd >= 0;
}

struct wire *
port_wire(struct port *p)
{
	return &p->wire;
}

void
port_free(struct port *p)
{
	if (!p)
		return;
	port_close(p);
	free(p);
}
