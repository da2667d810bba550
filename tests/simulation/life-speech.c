/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life-speech.c - what apps and servers say
 */
#include <stdio.h>
#include <string.h>

#include "simulation/life.h"

/* What may stand in a stream and look like something else. */
static const char *const traps[] = {
	"\r\nNO CARRIER\r\n", "\r\nOK\r\n", "\r\n+CME ERROR: 840\r\n", "\r\n> ", "\r\nCLOSED\r\n", "+++", "AT#SSLH=1\r", "\x1a", "\x1b",
	"\b\b\b", "\x11\x13\x10", "\r\nERROR\r\n", "\r\nSSLSRING: 1,100\r\n", "\r\n#SSLRECV: 5\r\n", "\r\nNO CARR", "+", "++", "\r",
	"ATE1\r", "AT&K0\r", "AT+CMEE=0\r", "AT#SSLSECCFG=1,0,0\r",
};

static const char *const traps_of_cinterion[] = {
	"\x10\x04NO CARRIER\r\n", "\x10\x03", "\x10", "\x10\x10", "+++", "\r\nOK\r\n", "\r\nERROR\r\n", "\r\n^SISR: 0, 1\r\n", "\r\n^SISR: 1, 2\r\n",
	"\r\n^SISW: 0, 1\r\n", "\r\n^SISW: 1, 5, 5\r\n", "\r\n^SIS: 0, 0, 48\r\n", "\r\n^SIS: 1, 0, 66, \"no\"\r\n", "AT^SISC=0\r", "AT^SISC=1\r",
	"ATE1\r", "\r\nNO CARRIER\r\n", "\r\n^SYSSTART\r\n", "\x10\x04", "\x1a", "\r\nCONNECT\r\n",
	"\r\n+CIEV: is_cert,1,/CN=a,01,/CN=b,sha1RSA,sha1,0123456789ABCDEF0123456789ABCDEF01234567\r\n",
};

static const char *
pick_trap(struct life *l)
{
	if (l->cinterion)
		return traps_of_cinterion[life_pick(l, sizeof(traps_of_cinterion) / sizeof(traps_of_cinterion[0]))];
	return traps[life_pick(l, sizeof(traps) / sizeof(traps[0]))];
}

/*
 * Random bytes with traps in them.  Where noise may alter any byte: words that say
 * three times whose they are, so that no single wrong byte makes them another's.
 */
void
life_speak(struct life *l, struct text *t, size_t most, char side, int number)
{
	size_t want = 1 + life_pick(l, (uint32_t)most), n;
	const char *trap;

	t->len = 0;
	while (t->len < want) {
		if (l->kind == NOISY) {
			t->len += (size_t)sprintf((char *)t->bytes + t->len, "<%c%03d %03d %03d>", side, number, number, number);
		} else if (life_pick(l, 4) == 0) {
			trap = pick_trap(l);
			n = strlen(trap);
			memcpy(t->bytes + t->len, trap, n);
			t->len += n;
		} else {
			for (n = 1 + life_pick(l, 64); n && t->len < want; n--)
				t->bytes[t->len++] = (uint8_t)life_pick(l, 256);
		}
	}
}
