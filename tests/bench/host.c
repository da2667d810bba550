/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.c - what the dialect, the line and the module leave
 *
 * A program for one purpose: it writes each command in the moment in which the
 * rules allow it, and knows nothing of errors.  What it moves in command mode
 * is the framing limit as this simulator on this machine has it.  The commands
 * themselves are in host-telit.c and host-cinterion.c.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SEND_MAX 1500 /* the largest of all words->send_most */

struct host *
host_new(const char *tty, enum family family)
{
	struct host *h = calloc(1, sizeof(*h));
	struct termios tio;

	h->words = family == CINTERION ? &host_cinterion : &host_telit;

	h->fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (h->fd < 0 || tcgetattr(h->fd, &tio) < 0)
		die("%s: %s", tty, strerror(errno));
	cfmakeraw(&tio);
	tcsetattr(h->fd, TCSANOW, &tio);
	return h;
}

void
host_free(struct host *h)
{
	close(h->fd);
	free(h);
}

void
host_put(struct host *h, const void *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(h->fd, bytes, len);

		if (n <= 0)
			die("tty: %s", strerror(errno));
		bytes = (const char *)bytes + n;
		len -= (size_t)n;
	}
}

void
host_get(struct host *h)
{
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, 30000) <= 0)
		die("the module says nothing more behind \"%.*s\"", (int)(h->len < 80 ? h->len : 80), h->in);
	n = read(h->fd, h->in + h->len, sizeof(h->in) - h->len);
	if (n <= 0)
		die("tty: %s", strerror(errno));
	h->len += (size_t)n;
}

void
host_drop(struct host *h, size_t n)
{
	memmove(h->in, h->in + n, h->len - n);
	h->len -= n;
}

void
host_expect(struct host *h, const char *text)
{
	char *at;

	while (!(at = memmem(h->in, h->len, text, strlen(text))))
		host_get(h);
	host_drop(h, (size_t)(at - h->in) + strlen(text));
}

void
host_final(struct host *h, const char *text)
{
	host_expect(h, text);
	h->final_ns = now_ns();
}

void
host_command(struct host *h, const char *text)
{
	sleep_until_ns(h->final_ns + h->words->gap_ns);
	host_put(h, text, strlen(text));
}

void
host_ask(struct host *h, const char *text)
{
	host_command(h, text);
	host_final(h, "\r\nOK\r\n");
}

void
host_take(struct host *h, size_t n)
{
	static const size_t ok = sizeof("\r\n\r\nOK\r\n") - 1;

	while (h->len < n + ok)
		host_get(h);
	h->final_ns = now_ns();
	host_drop(h, n + ok);
}

size_t
host_number(struct host *h)
{
	char *at;
	size_t n;

	while (!(at = memmem(h->in, h->len, "\r\n", 2)))
		host_get(h);
	n = strtoul(h->in, NULL, 10);
	host_drop(h, (size_t)(at - h->in) + 2);
	return n;
}

void
host_setup(struct host *h)
{
	const char *const *text;

	usleep(50000);
	for (text = h->words->setup; *text; text++)
		host_ask(h, *text);
}

void
host_dial(struct host *h, bool online)
{
	h->words->dial(h, online);
}

void
host_greeting(struct host *h, bool online)
{
	char text[2] = { GREETING };

	if (online)
		host_expect(h, text);
	else
		h->words->receive(h);
}

void
host_close(struct host *h, bool online)
{
	h->words->close(h, online);
}

void
host_order(struct host *h, uint64_t up, uint64_t down)
{
	char text[ORDER_LEN] = "";
	size_t done, n;

	snprintf(text, sizeof(text), "%llu %llu", (unsigned long long)up, (unsigned long long)down);
	for (done = 0; done < ORDER_LEN; done += n) {
		n = ORDER_LEN - done < h->words->send_most ? ORDER_LEN - done : h->words->send_most;
		n = h->words->send(h, text + done, n);
	}
}

double
host_send(struct host *h, double seconds)
{
	static const uint8_t zeros[SEND_MAX];
	size_t most = h->words->send_most;
	uint64_t start, bytes = 0;

	h->words->send(h, zeros, most);
	for (start = h->final_ns; h->final_ns < start + (uint64_t)(seconds * 1e9);)
		bytes += h->words->send(h, zeros, most);
	return (double)bytes * 1e9 / (double)(h->final_ns - start);
}

double
host_receive(struct host *h, double seconds)
{
	uint64_t start, bytes = 0;

	h->words->receive(h);
	for (start = h->final_ns; h->final_ns < start + (uint64_t)(seconds * 1e9);)
		bytes += h->words->receive(h);
	return (double)bytes * 1e9 / (double)(h->final_ns - start);
}
