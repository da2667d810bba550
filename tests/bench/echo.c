/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct echo {
	int master, sim;
};

/* What one side says to the other; returns whether CONNECT and a byte behind it were among it. */
static bool
relay(int from, int to)
{
	static char seen[16]; /* the last bytes: the echo has one host at a time */
	char bytes[4096], *at;
	ssize_t n = read(from, bytes, sizeof(bytes));
	size_t keep;

	if (n <= 0 || write(to, bytes, (size_t)n) != n)
		return false;
	at = memmem(bytes, (size_t)n, "CONNECT\r\n", 9);
	if (at)
		return at + 9 < bytes + n ? true : (strcpy(seen, "CONNECT\r\n"), false);
	keep = strlen(seen);
	return keep == 9;
}

static void *
echo(void *arg)
{
	struct echo *e = arg;
	char bytes[65536];
	ssize_t n;

	while (e->sim >= 0) {
		struct pollfd p[2] = { { .fd = e->master, .events = POLLIN }, { .fd = e->sim, .events = POLLIN } };

		poll(p, 2, -1);
		if (p[0].revents)
			relay(e->master, e->sim);
		if (p[1].revents && relay(e->sim, e->master)) {
			close(e->sim);
			e->sim = -1;
		}
	}
	for (;;) {
		n = read(e->master, bytes, sizeof(bytes));
		if (n < 0 && errno == EIO) /* nobody has it open yet, or any more */
			usleep(1000);
		else if (n <= 0 || write(e->master, bytes, (size_t)n) != n)
			return NULL;
	}
}

void
echo_start(const char *tty, char *ret_name, size_t size)
{
	struct echo *e = calloc(1, sizeof(*e));
	struct termios tio;
	pthread_t thread;
	int slave;

	e->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (e->master < 0 || grantpt(e->master) || unlockpt(e->master) || ptsname_r(e->master, ret_name, size))
		die("pty: %s", strerror(errno));
	slave = open(ret_name, O_RDWR | O_NOCTTY | O_CLOEXEC); /* stays open, so that the master never hangs up */
	if (slave < 0 || tcgetattr(slave, &tio) < 0)
		die("pty: %s", strerror(errno));
	cfmakeraw(&tio);
	tcsetattr(slave, TCSANOW, &tio);
	e->sim = tty ? open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (tty && e->sim < 0)
		die("%s: %s", tty, strerror(errno));
	if (pthread_create(&thread, NULL, echo, e))
		die("thread");
	pthread_detach(thread);
}
