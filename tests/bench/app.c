/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHUNK 65536
#define PATIENCE_MS 60000

static uint8_t out_bytes[CHUNK], in_bytes[CHUNK];

int
app_connect_only(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	uint64_t until = now_ns() + 10000000000;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	while (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		if (now_ns() > until)
			die("%s: %s", path, strerror(errno));
		usleep(20000);
	}
	return fd;
}

static void
wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, PATIENCE_MS) <= 0)
		die("nothing moves");
}

void
app_greeting(int fd)
{
	char c;

	wait_for(fd, POLLIN);
	if (read(fd, &c, 1) != 1 || c != GREETING)
		die("no greeting from the server");
}

int
app_connect(const char *path)
{
	int fd = app_connect_only(path);

	app_greeting(fd);
	return fd;
}

void
app_order(int fd, uint64_t up, uint64_t down)
{
	char text[ORDER_LEN] = "";

	snprintf(text, sizeof(text), "%llu %llu", (unsigned long long)up, (unsigned long long)down);
	if (write(fd, text, sizeof(text)) != sizeof(text))
		die("order");
}

static void
move(int fd, uint64_t up, uint64_t down, struct meter *m, const volatile bool *stop)
{
	ssize_t n;

	app_order(fd, up, down);
	down += up > 0; /* the server says when it has all */
	while ((up || down) && !(stop && *stop)) {
		bool idle = true;

		if (up) {
			n = send(fd, out_bytes, up < CHUNK ? up : CHUNK, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				die("send: %s", strerror(errno));
			up -= n > 0 ? (uint64_t)n : 0;
			idle &= n <= 0;
		}
		if (down) {
			n = recv(fd, in_bytes, down < CHUNK ? down : CHUNK, MSG_DONTWAIT);
			if (!n || (n < 0 && errno != EAGAIN))
				die("the session has ended");
			if (n > 0 && m)
				meter_add(m, (size_t)n);
			down -= n > 0 ? (uint64_t)n : 0;
			idle &= n <= 0;
		}
		if (idle && (up || down))
			wait_for(fd, (short)((up ? POLLOUT : 0) | (down ? POLLIN : 0)));
	}
}

void
app_transfer(int fd, uint64_t up, uint64_t down, struct meter *m)
{
	move(fd, up, down, m, NULL);
}

void
app_stream(int fd, bool up, bool down, struct meter *m, const volatile bool *stop)
{
	move(fd, up ? UINT32_MAX : 0, down ? UINT32_MAX : 0, m, stop);
}

void
app_round_trips(int fd, size_t n, uint64_t *ret_ns)
{
	size_t i;
	char c = 'x';

	for (i = 0; i < n; i++) {
		uint64_t t = now_ns();

		if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
			die("round trip: %s", strerror(errno));
		ret_ns[i] = now_ns() - t;
	}
}

static void *
stream(void *arg)
{
	struct stream *s = arg;

	app_stream(s->fd, s->up, s->down, &s->at_app, &s->stop);
	return NULL;
}

void
stream_start(struct stream *s, const char *path, bool up, bool down)
{
	*s = (struct stream){ .up = up, .down = down };
	server_meter(&s->at_server);
	s->fd = app_connect(path);
	server_meter(NULL);
	if (pthread_create(&s->thread, NULL, stream, s))
		die("thread");
}

void
stream_end(struct stream *s)
{
	s->stop = true;
	pthread_join(s->thread, NULL);
	close(s->fd);
}
