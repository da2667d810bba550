/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <stdio.h>
#include <unistd.h>

#define SEND_MOST 1000 /* see families[] in dialect/telit.c */

static const char *const setup[] = { "ATE0\r", "AT+CMEE=2\r", "AT#SELINT=2\r", "AT#SKIPESC=1\r", "AT+CGDCONT=1,\"IP\",\"internet\"\r",
	"AT#SGACT=1,1\r", "AT#SSLEN=1,1\r", "AT#SSLCFG=1,1,1500,0,100,1,1,0\r", NULL };

static void
dial(struct host *h, bool online)
{
	char text[80];

	host_ask(h, "AT#SSLSECCFG=1,3,0\r");
	host_ask(h, "AT#SSLSECCFG?\r");
	snprintf(text, sizeof(text), "AT#SSLD=1,443,\"server.example\",0,%d,1170\r", !online);
	host_command(h, text);
	host_final(h, online ? "\r\nCONNECT\r\n" : "\r\nOK\r\n");
}

static void
hang_up(struct host *h, bool online)
{
	if (online) {
		usleep(1200000);
		host_put(h, "+++", 3);
		host_final(h, "\r\nOK\r\n");
	}
	host_ask(h, "AT#SSLH=1\r");
}

static size_t
send_bytes(struct host *h, const void *bytes, size_t len)
{
	char text[40];

	snprintf(text, sizeof(text), "AT#SSLSENDEXT=1,%zu\r", len);
	host_command(h, text);
	host_expect(h, "> ");
	host_put(h, bytes, len);
	host_final(h, "\r\nOK\r\n");
	return len;
}

static size_t
receive(struct host *h)
{
	size_t n;

	host_command(h, "AT#SSLRECV=1,1000,10\r");
	host_expect(h, "#SSLRECV: ");
	n = host_number(h);
	host_take(h, n);
	return n;
}

const struct host_words host_telit = {
	.gap_ns = 20000000,
	.send_most = SEND_MOST,
	.setup = setup,
	.dial = dial,
	.close = hang_up,
	.send = send_bytes,
	.receive = receive,
};
