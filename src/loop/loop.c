/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to know first: libevent's own timers are not used.  Without its timerfd
 * they tick with CLOCK_MONOTONIC_COARSE, 4 ms at HZ=250 and 10 ms at HZ=100,
 * and epoll_wait() is called again and again until the tick has come; with it,
 * every single turn costs a timerfd_settime().  Ours is set only when the next
 * deadline is earlier than what it is set to, or much later.  One that has
 * become a little too early goes off once, in vain, and is then set to the real
 * deadline: that is dearer once, and free for the timers that each chunk of
 * data puts off.
 */
#include "loop/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

#include "base/xalloc.h"

#define TRUST_MS 60000 /* how long an answer of adjtimex() is believed */
#define VAIN_MS 500    /* a timer that is too early by less may go off in vain */
#define ROUNDS 64      /* of due timers after one callback, before descriptors have their turn again */

struct signal_watch {
	struct event ev;
	signal_fn *fn;
	void *arg;
	struct loop *loop;
	SLIST_ENTRY(signal_watch) link;
};

struct loop {
	struct event_base *base;
	struct clock clock;
	int timer_fd;
	struct watch *timer;
	uint64_t armed_ms; /* what the timerfd is set to, CLOCK_NEVER: off */
	uint64_t trust_ms; /* when wall_trusted was asked, 0: never */
	uint64_t turns;
	bool fresh; /* the clock was read in this turn */
	bool quit;
	SLIST_HEAD(, signal_watch) signals;
};

struct watch {
	struct loop *loop;
	struct event read, write;
	unsigned events;
	watch_fn *fn;
	void *arg;
};

static uint64_t
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Where adjtimex() is forbidden (ProtectClock=yes) nobody vouches for the clock; glibc calls clock_adjtime() for it. */
static bool
wall_is_synchronised(void)
{
	struct timex tx = { 0 };
	int state = adjtimex(&tx);

	return state >= 0 && state != TIME_ERROR && !(tx.status & STA_UNSYNC);
}

/* Reads the clocks, once per turn. */
static void
loop_refresh(struct loop *l)
{
	struct clock *c = &l->clock;
	uint64_t now_ms;

	if (l->fresh)
		return;
	l->fresh = true;
	l->turns++;
	now_ms = monotonic_ms();
	if (now_ms > c->now_ms)
		c->now_ms = now_ms;
	c->wall_s = time(NULL);
	if (!l->trust_ms || c->now_ms - l->trust_ms >= TRUST_MS) {
		c->wall_trusted = wall_is_synchronised();
		l->trust_ms = c->now_ms;
	}
}

static bool
loop_is_due(struct loop *l)
{
	return clock_deadline(&l->clock) <= l->clock.now_ms;
}

/*
 * What is due now, and what that puts off to "now"; bounded, so that no pair of
 * timers keeps the descriptors waiting.  Whether there was anything.
 */
static bool
loop_run_due(struct loop *l)
{
	int round;

	for (round = 0; round < ROUNDS && loop_is_due(l); round++)
		clock_run(&l->clock, l->clock.now_ms);
	return round > 0;
}

static void
loop_arm(struct loop *l)
{
	uint64_t deadline = clock_deadline(&l->clock);
	struct itimerspec when = { 0 };

	if (deadline >= l->armed_ms && deadline - l->armed_ms < VAIN_MS)
		return;
	if (deadline != CLOCK_NEVER) { /* else 0 switches it off */
		when.it_value.tv_sec = (time_t)(deadline / 1000);
		when.it_value.tv_nsec = (long)(deadline % 1000) * 1000000 + 1;
	}
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) == 0)
		l->armed_ms = deadline;
}

/* Edge-triggered, so the timerfd need not be read. */
static void
loop_timer_fired(unsigned event, void *arg)
{
	struct loop *l = arg;

	(void)event;
	l->armed_ms = CLOCK_NEVER;
}

static void
watch_fired(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	struct loop *l = w->loop;

	(void)fd;
	loop_refresh(l);
	w->fn(what & EV_READ ? LOOP_READ : LOOP_WRITE, w->arg);
	loop_run_due(l);
}

struct watch *
watch_new(struct loop *l, int fd, unsigned events, watch_fn *fn, void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	short edge = events & LOOP_EDGE ? EV_ET : 0;

	w->loop = l;
	w->fn = fn;
	w->arg = arg;
	event_assign(&w->read, l->base, fd, (short)(EV_READ | EV_PERSIST | edge), watch_fired, w);
	event_assign(&w->write, l->base, fd, (short)(EV_WRITE | EV_PERSIST | edge), watch_fired, w);
	watch_want(w, events & (LOOP_READ | LOOP_WRITE));
	return w;
}

static void
want_one(struct event *ev, bool was, bool is)
{
	if (is && !was)
		event_add(ev, NULL);
	else if (was && !is)
		event_del(ev);
}

void
watch_want(struct watch *w, unsigned events)
{
	want_one(&w->read, w->events & LOOP_READ, events & LOOP_READ);
	want_one(&w->write, w->events & LOOP_WRITE, events & LOOP_WRITE);
	w->events = events;
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	watch_want(w, 0);
	free(w);
}

static void
signal_fired(evutil_socket_t signo, short what, void *arg)
{
	struct signal_watch *s = arg;
	struct loop *l = s->loop;

	(void)what;
	loop_refresh(l);
	s->fn((int)signo, s->arg);
	loop_run_due(l);
}

int
loop_signal(struct loop *l, int signo, signal_fn *fn, void *arg)
{
	struct signal_watch *s = xcalloc(1, sizeof(*s));

	s->fn = fn;
	s->arg = arg;
	s->loop = l;
	event_assign(&s->ev, l->base, signo, EV_SIGNAL | EV_PERSIST, signal_fired, s);
	if (event_add(&s->ev, NULL) < 0) {
		free(s);
		return -EINVAL;
	}
	SLIST_INSERT_HEAD(&l->signals, s, link);
	return 0;
}

static struct event_base *
base_new(void)
{
	struct event_config *cfg = event_config_new();
	struct event_base *base;

	if (!cfg)
		return NULL;
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
	event_config_require_features(cfg, EV_FEATURE_ET | EV_FEATURE_O1);
	base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	return base;
}

static uint32_t
seed(void)
{
	uint32_t s;

	return getrandom(&s, sizeof(s), GRND_NONBLOCK) == sizeof(s) ? s : (uint32_t)monotonic_ms();
}

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	clock_init(&l->clock, monotonic_ms() + 1, seed());
	l->armed_ms = CLOCK_NEVER;
	SLIST_INIT(&l->signals);
	loop_refresh(l);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	l->base = base_new();
	if (l->timer_fd < 0 || !l->base) {
		loop_free(l);
		errno = EMFILE;
		return NULL;
	}
	l->timer = watch_new(l, l->timer_fd, LOOP_READ | LOOP_EDGE, loop_timer_fired, l);
	return l;
}

void
loop_free(struct loop *l)
{
	struct signal_watch *s;

	if (!l)
		return;
	while ((s = SLIST_FIRST(&l->signals))) {
		SLIST_REMOVE_HEAD(&l->signals, link);
		event_del(&s->ev);
		free(s);
	}
	watch_free(l->timer);
	if (l->base)
		event_base_free(l->base);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	free(l);
}

struct clock *
loop_clock(struct loop *l)
{
	return &l->clock;
}

int
loop_turn(struct loop *l, bool wait)
{
	/* Timers may have been set since the last turn, or not all have had theirs. */
	if (loop_run_due(l) || l->quit)
		wait = false;
	loop_arm(l);
	l->fresh = false;
	if (event_base_loop(l->base, EVLOOP_ONCE | (wait ? 0 : EVLOOP_NONBLOCK)) < 0)
		return errno ? -errno : -EIO;
	loop_refresh(l);
	loop_run_due(l);
	return 0;
}

int
loop_run(struct loop *l)
{
	int r = 0;

	while (!l->quit && r == 0)
		r = loop_turn(l, true);
	l->quit = false;
	return r;
}

void
loop_quit(struct loop *l)
{
	l->quit = true;
}

uint64_t
loop_turns(const struct loop *l)
{
	return l->turns;
}
