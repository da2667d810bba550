/* SPDX-License-Identifier: Apache-2.0 */
/* The core's view of a client, over one end of a socket pair; the test is the app on the other. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel/client.h"

struct world {
	struct loop *loop;
	struct app *app;
	int fd; /* the app's end */
	unsigned readables, writables;
	bool close_when_readable;
};

static void
app_close(struct world *w)
{
	if (w->app)
		w->app->ops->close(w->app);
	w->app = NULL;
}

static void
on_readable(void *arg)
{
	struct world *w = arg;

	w->readables++;
	if (w->close_when_readable)
		app_close(w);
}

static void
on_writable(void *arg)
{
	struct world *w = arg;

	w->writables++;
}

static const struct client_owner owner = { on_readable, on_writable };

static int
setup(void **state)
{
	static struct world w;
	int fd[2];

	memset(&w, 0, sizeof(w));
	w.loop = loop_new();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	w.fd = fd[0];
	w.app = client_new(w.loop, fd[1]);
	assert_non_null(w.app);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	app_close(w);
	loop_free(w->loop);
	if (w->fd >= 0)
		close(w->fd);
	return 0;
}

static void
says(struct world *w, const char *text)
{
	assert_int_equal(write(w->fd, text, strlen(text)), strlen(text));
}

static void
peeks(struct world *w, size_t offset, const char *want)
{
	char got[64];
	size_t n = w->app->ops->peek(w->app, offset, got, sizeof(got) - 1);

	got[n] = '\0';
	assert_string_equal(got, want);
}

static void
peeking_takes_nothing(void **state)
{
	struct world *w = *state;

	peeks(w, 0, "");
	says(w, "abcdef");
	peeks(w, 0, "abcdef");
	peeks(w, 6, "");
	peeks(w, 0, "abcdef");
	peeks(w, 4, "ef");
	assert_int_equal(w->app->ops->waiting(w->app), 6);
}

static void
peeks_go_on_where_the_last_one_ended(void **state)
{
	struct world *w = *state;

	says(w, "abc");
	peeks(w, 0, "abc");
	says(w, "def");
	peeks(w, 3, "def");
	(w->app->ops->take)(w->app, 2);
	assert_int_equal(w->app->ops->waiting(w->app), 4);
	says(w, "ghi");
	peeks(w, 4, "ghi");
	(w->app->ops->take)(w->app, 7);
	peeks(w, 0, "");
	says(w, "j");
	peeks(w, 0, "j");
}

/* A long stream in uneven pieces, taken late and unevenly: no byte lost, doubled or moved. */
static void
a_stream_survives_late_takes(void **state)
{
	struct world *w = *state;
	uint8_t piece[3000], got[5000];
	uint32_t in = 0, seen = 0, taken = 0, n = 0, i;

	while (taken < 3000000) {
		size_t len = n * 131 % sizeof(piece), k;
		ssize_t sent;

		for (i = 0; i < len; i++)
			piece[i] = (uint8_t)((in + i) * 11 >> 3);
		sent = send(w->fd, piece, len, MSG_DONTWAIT);
		in += sent > 0 ? (uint32_t)sent : 0;
		if (n % 7 == 3 && seen > taken)
			seen = taken + (seen - taken) / 2; /* look again */
		k = w->app->ops->peek(w->app, seen - taken, got, n * 71 % sizeof(got));
		for (i = 0; i < k; i++)
			assert_int_equal(got[i], (uint8_t)((seen + i) * 11 >> 3));
		seen += (uint32_t)k;
		k = seen - taken > 40000 ? n * 17 % 40000 : 0;
		(w->app->ops->take)(w->app, k);
		taken += (uint32_t)k;
		n++;
	}
	assert_int_equal(w->app->ops->waiting(w->app), in - taken);
}

static void
untaken_bytes_make_a_reset(void **state)
{
	struct world *w = *state;
	char c[8];

	says(w, "abc");
	peeks(w, 0, "abc");
	(w->app->ops->take)(w->app, 2);
	assert_int_equal(w->app->ops->put(w->app, "bye", 3), 3);
	app_close(w);
	assert_int_equal(read(w->fd, c, sizeof(c)), 3); /* what the server sent comes first */
	assert_int_equal(read(w->fd, c, sizeof(c)), -1);
	assert_int_equal(errno, ECONNRESET);
}

static void
taken_bytes_make_an_end_of_file(void **state)
{
	struct world *w = *state;
	char c[8];

	says(w, "abc");
	peeks(w, 0, "abc");
	(w->app->ops->take)(w->app, 3);
	assert_int_equal(w->app->ops->put(w->app, "bye", 3), 3);
	app_close(w);
	assert_int_equal(read(w->fd, c, sizeof(c)), 3);
	assert_int_equal(read(w->fd, c, sizeof(c)), 0);
	assert_int_equal(send(w->fd, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
}

static void
a_shutdown_is_no_close(void **state)
{
	struct world *w = *state;

	assert_int_equal(w->app->ops->end(w->app), APP_OPEN);
	says(w, "abc");
	shutdown(w->fd, SHUT_WR);
	assert_int_equal(w->app->ops->end(w->app), APP_SHUT);
	peeks(w, 0, "abc");
	assert_int_equal(w->app->ops->put(w->app, "x", 1), 1);
	close(w->fd);
	w->fd = -1;
	assert_int_equal(w->app->ops->end(w->app), APP_GONE);
	peeks(w, 0, "abc");
	assert_int_equal(w->app->ops->waiting(w->app), 3);
}

static void
a_put_to_nobody_is_absorbed(void **state)
{
	struct world *w = *state;

	close(w->fd);
	w->fd = -1;
	assert_int_equal(w->app->ops->put(w->app, "x", 1), 0);
	assert_int_equal(w->app->ops->put(w->app, "x", 1), 0);
	assert_int_equal(w->app->ops->end(w->app), APP_GONE);
}

/* The app closes with our bytes unread: the kernel has ECONNRESET for us, its own bytes still come. */
static void
an_app_that_leaves_bytes_unread_is_gone_and_its_bytes_are_there(void **state)
{
	struct world *w = *state;

	client_watch(w->app, &owner, w);
	loop_turn(w->loop, false);
	assert_int_equal(w->app->ops->put(w->app, "unread", 6), 6);
	says(w, "abc");
	close(w->fd);
	w->fd = -1;
	loop_turn(w->loop, true);
	assert_int_equal(w->app->ops->end(w->app), APP_GONE);
	peeks(w, 0, "abc");
	assert_int_equal(w->app->ops->put(w->app, "x", 1), 0);
	(w->app->ops->take)(w->app, 3);
	peeks(w, 0, "");
}

static void
news_come_while_earlier_bytes_are_not_taken(void **state)
{
	struct world *w = *state;

	says(w, "abc");
	client_watch(w->app, &owner, w); /* what is there already is told too */
	loop_turn(w->loop, true);
	assert_int_equal(w->readables, 1);
	peeks(w, 0, "abc");
	loop_turn(w->loop, false);
	loop_turn(w->loop, false);
	assert_int_equal(w->readables, 1); /* they lie there, and nothing spins */
	says(w, "def");
	loop_turn(w->loop, false);
	assert_int_equal(w->readables, 2);
	peeks(w, 3, "def");
	says(w, "ghi");
	says(w, "jkl");
	loop_turn(w->loop, false);
	assert_int_equal(w->readables, 3);
	peeks(w, 6, "ghijkl"); /* one edge for two writes: peek until there is nothing */
	(w->app->ops->take)(w->app, 1);
	says(w, "m");
	loop_turn(w->loop, false);
	assert_int_equal(w->readables, 4);
}

static void
ends_are_told_while_bytes_are_not_taken(void **state)
{
	struct world *w = *state;

	client_watch(w->app, &owner, w);
	says(w, "abc");
	loop_turn(w->loop, true);
	assert_int_equal(w->app->ops->end(w->app), APP_OPEN);
	shutdown(w->fd, SHUT_WR);
	loop_turn(w->loop, false);
	assert_int_equal(w->readables, 2);
	assert_int_equal(w->app->ops->end(w->app), APP_SHUT);
	close(w->fd);
	w->fd = -1;
	loop_turn(w->loop, false);
	assert_int_equal(w->readables, 3);
	assert_int_equal(w->app->ops->end(w->app), APP_GONE);
}

static void
a_slow_app_is_waited_for(void **state)
{
	static char piece[65536];
	struct world *w = *state;
	size_t n, in = 0, out = 0;
	ssize_t got;

	client_watch(w->app, &owner, w);
	while ((n = w->app->ops->put(w->app, piece, sizeof(piece))) == sizeof(piece))
		in += n;
	in += n;
	loop_turn(w->loop, false);
	assert_int_equal(w->writables, 0);
	while ((got = read(w->fd, piece, sizeof(piece))) > 0)
		out += (size_t)got;
	assert_int_equal(out, in);
	loop_turn(w->loop, true);
	assert_int_equal(w->writables, 1);
	assert_int_equal(w->app->ops->put(w->app, "x", 1), 1);
	assert_int_equal(read(w->fd, piece, sizeof(piece)), 1);
	loop_turn(w->loop, false);
	assert_int_equal(w->writables, 1); /* reads of the app are no news */
}

static void
an_owner_may_close_inside_its_callback(void **state)
{
	struct world *w = *state;
	char c;

	client_watch(w->app, &owner, w);
	says(w, "abc");
	w->close_when_readable = true;
	loop_turn(w->loop, true);
	assert_null(w->app);
	assert_int_equal(read(w->fd, &c, 1), -1);
	assert_int_equal(errno, ECONNRESET);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(peeking_takes_nothing),
		WITH_WORLD(peeks_go_on_where_the_last_one_ended),
		WITH_WORLD(a_stream_survives_late_takes),
		WITH_WORLD(untaken_bytes_make_a_reset),
		WITH_WORLD(taken_bytes_make_an_end_of_file),
		WITH_WORLD(a_shutdown_is_no_close),
		WITH_WORLD(a_put_to_nobody_is_absorbed),
		WITH_WORLD(an_app_that_leaves_bytes_unread_is_gone_and_its_bytes_are_there),
		WITH_WORLD(news_come_while_earlier_bytes_are_not_taken),
		WITH_WORLD(ends_are_told_while_bytes_are_not_taken),
		WITH_WORLD(a_slow_app_is_waited_for),
		WITH_WORLD(an_owner_may_close_inside_its_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
