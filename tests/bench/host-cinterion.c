/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host-cinterion.c - Socket and Transparent services of BGS2 and its like
 *
 * A grant below what was asked for, and a read below it, are followed by an
 * URC when there is more: this host waits for it and asks nothing in between.
 */
#include "host.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 1500 /* of AT^SISW and AT^SISR */

static const char *const setup[] = { "ATE0\r", "AT+CMEE=2\r", "AT+CMER=2,0,0,2\r", "AT^SCFG=\"Tcp/WithURCs\",\"on\"\r",
	"AT^SIND=\"is_cert\",1\r", "AT^SICS=0,conType,\"GPRS0\"\r", "AT^SICS=0,apn,\"internet\"\r", NULL };

static void
dial(struct host *h, bool online)
{
	host_ask(h, online ? "AT^SISS=0,srvType,\"Transparent\"\r" : "AT^SISS=0,srvType,\"Socket\"\r");
	host_ask(h, "AT^SISS=0,conId,0\r");
	host_ask(h, online ? "AT^SISS=0,address,\"server.example:443;etx=3\"\r" : "AT^SISS=0,address,\"socktcp://server.example:443\"\r");
	host_ask(h, "AT^SISS=0,secOpt,-1\r");
	host_ask(h, "AT^SISS?\r");
	host_ask(h, "AT^SISO=0\r");
	host_expect(h, "^SISW: 0, 1\r\n");
	if (!online)
		return;
	host_command(h, "AT^SIST=0\r");
	host_final(h, "\r\nCONNECT\r\n");
}

static void
hang_up(struct host *h, bool online)
{
	if (online) {
		host_put(h, "\x10\x03", 2);
		host_final(h, "\r\nOK\r\n");
	}
	host_ask(h, "AT^SISC=0\r");
	h->more = false;
}

/* How many bytes the answer grants; the URC that there is room has one number less, and may come before it. */
static size_t
granted(struct host *h)
{
	char *end;

	for (;;) {
		host_expect(h, "^SISW: 0, ");
		while (!(end = memchr(h->in, '\n', h->len)))
			host_get(h);
		if (memchr(h->in, ',', (size_t)(end - h->in)))
			return host_number(h);
	}
}

static size_t
send_bytes(struct host *h, const void *bytes, size_t len)
{
	char text[40];
	size_t n;

	for (;;) {
		snprintf(text, sizeof(text), "AT^SISW=0,%zu\r", len);
		host_command(h, text);
		n = granted(h);
		host_put(h, bytes, n);
		host_final(h, "\r\nOK\r\n");
		if (n)
			return n;
		host_expect(h, "^SISW: 0, 1\r\n");
	}
}

static size_t
receive(struct host *h)
{
	size_t n;

	if (!h->more)
		host_expect(h, "^SISR: 0, 1\r\n");
	host_command(h, "AT^SISR=0,1500\r");
	host_expect(h, "^SISR: 0, ");
	n = host_number(h);
	host_take(h, n);
	h->more = n == BLOCK;
	return n;
}

const struct host_words host_cinterion = {
	.gap_ns = 100000000,
	.send_most = BLOCK,
	.setup = setup,
	.dial = dial,
	.close = hang_up,
	.send = send_bytes,
	.receive = receive,
};
