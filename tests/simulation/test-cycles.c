/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-cycles.c - ten thousand sessions with every kind of end: nothing stays open on the module, and the core does not grow
 */
#include "simulation/scene.h"

#include <malloc.h>
#include <stdio.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#endif
#ifdef UNDER_ASAN
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc does not install the header everywhere */
#endif

#define CYCLES 2500	/* in each of the four ways */
#define KILL_EVERY 100
#define QUIET_LAST 500	/* the last ones without a kill, to see whether the core grows */
#define FIRST_LOOK 30
#define SLACK 2048	/* bytes of the allocator's own; 16 a session would be four times that */

static uint32_t state_of_random;

static uint32_t
pick(uint32_t limit)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 17;
	state_of_random ^= state_of_random << 5;
	return state_of_random % limit;
}

static long
allocated(void)
{
#ifdef UNDER_ASAN
	return (long)__sanitizer_get_current_allocated_bytes();
#else
	return (long)mallinfo2().uordblks;
#endif
}

/* ---- waits ---- */

static struct client *waited_for;
static size_t bytes_due;

static bool
has_ended(struct world *w)
{
	(void)w;
	return waited_for->end != CLIENT_OPEN;
}

static bool
has_read(struct world *w)
{
	return waited_for->down_len >= bytes_due || has_ended(w);
}

static bool
is_dialled(struct world *w)
{
	return side_peer_open(w->side) || has_ended(w);
}

static bool
all_free(struct world *w)
{
	return world_ready(w) && modem_free_sockets(w->modem) == modem_sockets(w->modem);
}

static void
wait(struct world *w, bool (*done)(struct world *), const char *what)
{
	if (!world_run_until(w, done, 200000))
		fail_msg("%s: not in 200 s: %s", what, channel_error(w->channel[0]));
}

static void
echo(struct world *w, size_t len)
{
	static char text[2000];

	memset(text, 'e', sizeof(text));
	client_write(waited_for, text, len);
	bytes_due = len;
	wait(w, has_read, "an echo");
}

/* ---- one cycle ---- */

enum kind {
	SERVER_CLOSES,
	SERVER_ABORTS,
	SERVER_CLOSES_IN_A_FLOOD,
	CLIENT_LEAVES,
	CLIENT_LEAVES_WAITING,
	CLIENT_LEAVES_IN_MID_DIAL,
	CLIENT_LEAVES_WRITING,
	CLIENT_LEAVES_READING,
	CLIENT_SHUTS,
	DIAL_FAILS,
	KINDS,
};

static void
dial(struct world *w)
{
	wait(w, is_dialled, "a dial");
}

static void
cycle(struct world *w, enum kind kind)
{
	struct client *c;

	side_dial_takes(w->side, kind == CLIENT_LEAVES_IN_MID_DIAL ? 500 : 5);
	side_next_peer(w->side, kind == SERVER_CLOSES_IN_A_FLOOD || kind == CLIENT_LEAVES_READING ? SIDE_FLOOD :
	    kind == DIAL_FAILS								? SIDE_REFUSE :
											  SIDE_ECHO, 3000);
	c = waited_for = world_client(w, 0);
	switch (kind) {
	case SERVER_CLOSES:
		dial(w);
		echo(w, 1 + pick(2000));
		side_peer_close(w->side);
		break;
	case SERVER_ABORTS:
		dial(w);
		echo(w, 1 + pick(100));
		side_peer_abort(w->side);
		break;
	case SERVER_CLOSES_IN_A_FLOOD:
		dial(w);
		side_peer_close(w->side);
		break;
	case CLIENT_LEAVES:
		dial(w);
		echo(w, 1 + pick(2000));
		client_leave(c);
		break;
	case CLIENT_LEAVES_WAITING:
		client_leave(c);
		break;
	case CLIENT_LEAVES_IN_MID_DIAL:
		world_run(w, pick(600));
		client_leave(c);
		break;
	case CLIENT_LEAVES_WRITING:
		client_says(c, "last words");
		world_run(w, pick(200));
		client_leave(c);
		break;
	case CLIENT_LEAVES_READING:
		dial(w);
		world_run(w, pick(200));
		client_leave(c);
		break;
	case CLIENT_SHUTS:
		client_says(c, "question");
		client_shut(c);
		bytes_due = strlen("question");
		wait(w, has_read, "an answer");
		side_peer_close(w->side);
		break;
	case DIAL_FAILS:
	case KINDS:
		break;
	}
	wait(w, has_ended, "an end");
	wait(w, all_free, "a free socket");
}

/* ---- the life ---- */

/* The daemon is killed in the middle of whatever it does; the module knows nothing of it. */
static void
kill_and_start(struct world *w, const struct world_conf *wc)
{
	side_dial_takes(w->side, 5);
	side_next_peer(w->side, SIDE_ECHO, 0);
	waited_for = world_client(w, 0);
	client_says(waited_for, "lost");
	world_run(w, pick(1000));
	world_restart(w, wc);
	wait(w, all_free, "a restart");
}

/* What the core has more than after its start, at a quiet moment. */
static long
grown(struct world *w, const struct world_conf *wc)
{
	long before, after;

	world_run(w, 5000);
	before = allocated();
	world_restart(w, wc);
	after = allocated();
	wait(w, all_free, "a restart");
	return before - after;
}

static void
assert_nothing_open(const struct world *w)
{
	int i;

	for (i = 1; i <= side_dials(w->side); i++)
		if (side_dial(w->side, i).open)
			fail_msg("dial %d is still open", i);
	assert_int_equal(modem_free_sockets(w->modem), modem_sockets(w->modem));
}

static void
ten_thousand_sessions_leave_nothing_behind(void **state)
{
	char channel[100];
	struct world_conf wc = { .alone = true, .channel = channel };
	const struct way *way = *state;
	struct world w;
	long first = 0, last;
	int i, kinds[KINDS] = { 0 };
	enum kind kind;

	snprintf(channel, sizeof(channel), "mode = \"%s\"; dial_backoff = 0; linger = 5;", way->mode);
	wc.side = (struct side_conf){ .family = way->family, .line_rate = 115200, .seed = 1 };
	state_of_random = 20130913;
	world_start(&w, &wc);
	wait(&w, all_free, "the start");
	for (i = 1; i <= CYCLES; i++) {
		kind = pick(KINDS);
		kinds[kind]++;
		cycle(&w, kind);
		if (i == FIRST_LOOK)
			first = grown(&w, &wc);
		if (i % KILL_EVERY == 0 && i <= CYCLES - QUIET_LAST)
			kill_and_start(&w, &wc);
	}
	last = grown(&w, &wc);
	if (last > first + SLACK)
		fail_msg("%d sessions have left %ld bytes in the core, %d only %ld", QUIET_LAST, last, FIRST_LOOK, first);
	for (i = 0; i < KINDS; i++)
		assert_in_range(kinds[i], CYCLES / KINDS / 2, CYCLES);
	assert_nothing_open(&w);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { ON_WAYS(ten_thousand_sessions_leave_nothing_behind) };

	return cmocka_run_group_tests_name("cycles", tests, NULL, NULL);
}
