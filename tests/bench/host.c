/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.c - what the dialect, the line and the module leave
 *
 * A program for one purpose: it writes each command in the moment in which the
 * rules allow it, and knows nothing of errors.  What it moves in command mode
 * is the framing limit as this simulator on this machine has it.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define GAP_NS 20000000ull /* after each final result */
#define SEND_MOST 1000	   /* what one command of the dialect may carry, see families[] in dialect/telit.c */

struct host {
	int fd;
	uint64_t final_ns;
	size_t len;
	char in[65536];
};

struct host *
host_new(const char *tty)
{
	struct host *h = calloc(1, sizeof(*h));
	struct termios tio;

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

static void
put(struct host *h, const void *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(h->fd, bytes, len);

		if (n <= 0)
			die("tty: %s", strerror(errno));
		bytes = (const char *)bytes + n;
		len -= (size_t)n;
	}
}

static void
get(struct host *h)
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

static void
drop(struct host *h, size_t n)
{
	memmove(h->in, h->in + n, h->len - n);
	h->len -= n;
}

/* All up to and with this text. */
static void
expect(struct host *h, const char *text)
{
	char *at;

	while (!(at = memmem(h->in, h->len, text, strlen(text))))
		get(h);
	drop(h, (size_t)(at - h->in) + strlen(text));
}

static void
final(struct host *h, const char *text)
{
	expect(h, text);
	h->final_ns = now_ns();
}

static void
command(struct host *h, const char *text)
{
	sleep_until_ns(h->final_ns + GAP_NS);
	put(h, text, strlen(text));
}

static void
ask(struct host *h, const char *text)
{
	command(h, text);
	final(h, "\r\nOK\r\n");
}

void
host_setup(struct host *h)
{
	static const char *const commands[] = {
		"ATE0\r", "AT+CMEE=2\r", "AT#SELINT=2\r", "AT#SKIPESC=1\r", "AT+CGDCONT=1,\"IP\",\"internet\"\r", "AT#SGACT=1,1\r",
		"AT#SSLEN=1,1\r", "AT#SSLCFG=1,1,1500,0,100,1,1,0\r",
	};
	size_t i;

	usleep(50000);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		ask(h, commands[i]);
}

/* The same commands as the daemon's. */
void
host_dial(struct host *h, bool online)
{
	char text[80];

	ask(h, "AT#SSLSECCFG=1,3,0\r");
	ask(h, "AT#SSLSECCFG?\r");
	snprintf(text, sizeof(text), "AT#SSLD=1,443,\"server.example\",0,%d,1170\r", !online);
	command(h, text);
	final(h, online ? "\r\nCONNECT\r\n" : "\r\nOK\r\n");
}

static size_t
receive(struct host *h)
{
	char *at;
	size_t n;

	command(h, "AT#SSLRECV=1,1000,10\r");
	expect(h, "#SSLRECV: ");
	while (!(at = memmem(h->in, h->len, "\r\n", 2)))
		get(h);
	n = strtoul(h->in, NULL, 10);
	drop(h, (size_t)(at - h->in) + 2);
	while (h->len < n + 8)
		get(h);
	h->final_ns = now_ns();
	drop(h, n + 8);
	return n;
}

static void
send_bytes(struct host *h, const void *bytes, size_t len)
{
	char text[40];

	snprintf(text, sizeof(text), "AT#SSLSENDEXT=1,%zu\r", len);
	command(h, text);
	expect(h, "> ");
	put(h, bytes, len);
	final(h, "\r\nOK\r\n");
}

void
host_greeting(struct host *h, bool online)
{
	char text[2] = { GREETING };

	if (online)
		expect(h, text);
	else
		receive(h);
}

void
host_close(struct host *h, bool online)
{
	if (online) {
		usleep(1200000);
		put(h, "+++", 3);
		final(h, "\r\nOK\r\n");
	}
	ask(h, "AT#SSLH=1\r");
}

void
host_order(struct host *h, uint64_t up, uint64_t down)
{
	char text[ORDER_LEN] = "";

	snprintf(text, sizeof(text), "%llu %llu", (unsigned long long)up, (unsigned long long)down);
	send_bytes(h, text, SEND_MOST);
	send_bytes(h, text + SEND_MOST, ORDER_LEN - SEND_MOST);
}

double
host_send(struct host *h, double seconds)
{
	static const uint8_t zeros[SEND_MOST];
	uint64_t start, bytes = 0;

	send_bytes(h, zeros, sizeof(zeros));
	for (start = h->final_ns; h->final_ns < start + (uint64_t)(seconds * 1e9); bytes += sizeof(zeros))
		send_bytes(h, zeros, sizeof(zeros));
	return (double)bytes * 1e9 / (double)(h->final_ns - start);
}

double
host_receive(struct host *h, double seconds)
{
	uint64_t start, bytes = 0;

	receive(h);
	for (start = h->final_ns; h->final_ns < start + (uint64_t)(seconds * 1e9);)
		bytes += receive(h);
	return (double)bytes * 1e9 / (double)(h->final_ns - start);
}
