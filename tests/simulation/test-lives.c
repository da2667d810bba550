/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-lives.c - lives of sessions with accidents, from seeds
 *
 *   test-lives [FIRST [COUNT]]    replays; WORLD_LOG=1 or WORLD_NOISY=1 shows it
 *
 * A life is one daemon and one module with a few clients, whose words, pauses,
 * modes and accidents come from the seed.  After every step the promises are
 * held against what the server and the apps have (P1, P2, P3), and at the end the
 * modem must be ready again by itself (P4) and nothing be left open on the module.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "simulation/world.h"

static uint32_t state;

static uint32_t
pick(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

/* What may stand in a stream and look like something else. */
static const char *const traps[] = {
	"\r\nNO CARRIER\r\n",
	"\r\nOK\r\n",
	"\r\n+CME ERROR: 840\r\n",
	"\r\n> ",
	"\r\nCLOSED\r\n",
	"+++",
	"AT#SSLH=1\r",
	"\x1a",
	"\x1b",
	"\b\b\b",
	"\x11\x13\x10",
	"\r\nERROR\r\n",
	"\r\nSSLSRING: 1,100\r\n",
	"\r\n#SSLRECV: 5\r\n",
	"\r\nNO CARR",
	"+",
	"++",
	"\r",
};

struct text {
	uint8_t bytes[8192];
	size_t len;
};

/* A piece of speech: random bytes with traps in it. */
static void
speak(struct text *t, size_t most)
{
	size_t want = 1 + pick(most), n;
	const char *trap;

	t->len = 0;
	while (t->len < want) {
		if (pick(4) == 0) {
			trap = traps[pick(sizeof(traps) / sizeof(traps[0]))];
			n = strlen(trap);
			memcpy(t->bytes + t->len, trap, n);
			t->len += n;
		} else {
			for (n = 1 + pick(64); n && t->len < want; n--)
				t->bytes[t->len++] = (uint8_t)pick(256);
		}
	}
}

/* ---- one life ---- */

#define CLIENTS_MAX 3

struct life {
	struct world w; /* first: a callback of the world is given this */
	struct client *client; /* the one that is served */
	struct text said;      /* by the server, all of it in this session */
	uint8_t server[1 << 17];
	size_t server_len;
	bool server_closed, disturbed, accident, blind;
	int dials_before;
	uint64_t failures;
};

/* P1 and P3: prefixes, both ways. */
static void
check_prefixes(struct life *l)
{
	struct client *c = l->client;
	const uint8_t *got;
	size_t n;
	int dial = l->dials_before + 1;

	if (side_dials(l->w.side) < dial)
		return;
	got = side_peer_bytes(l->w.side, dial, &n);
	if (n > c->written || (n && memcmp(got, c->up, n) != 0)) {
		size_t i;

		for (i = 0; i < n && i < c->written && got[i] == c->up[i]; i++)
			;
		world_fail("P1 up: the server has %zu bytes, the app wrote %zu, they differ at %zu", n, c->written, i);
	}
	if (!l->blind && (c->down_len > l->server_len || (c->down_len && memcmp(c->down, l->server, c->down_len) != 0))) {
		size_t i;

		for (i = 0; i < c->down_len && i < l->server_len && c->down[i] == l->server[i]; i++)
			;
		char got_text[200], said_text[200];

		world_fail("P1 down: the app has %zu bytes, the server sent %zu, they differ at %zu: %s, not %s", c->down_len,
		    l->server_len, i, str_escape(got_text, sizeof(got_text), c->down + i, c->down_len - i),
		    str_escape(said_text, sizeof(said_text), l->server + i, l->server_len - i));
	}
}

static bool
dialled(const struct life *l)
{
	return side_dials(l->w.side) > l->dials_before && side_peer_open(l->w.side);
}

static void
server_says(struct life *l)
{
	struct text t;

	if (!dialled(l) || l->server_closed)
		return;
	speak(&t, 2000);
	if (l->server_len + t.len > sizeof(l->server))
		return;
	memcpy(l->server + l->server_len, t.bytes, t.len);
	l->server_len += t.len;
	side_peer_send(l->w.side, t.bytes, t.len);
	world_say(&l->w, "server says %zu", t.len);
}

static bool
session_over(struct world *w)
{
	return w->clients->end != CLIENT_OPEN;
}

static bool
open_or_over(struct world *w)
{
	return dialled((struct life *)w) || w->clients->end != CLIENT_OPEN;
}

static void
disturb(struct life *l)
{
	world_say(&l->w, "accident");
	switch (pick(8)) {
	case 0:
		/* Without a carrier line nothing tells of it: what the module says then looks like the server's. */
		l->blind = true;
		side_accident(l->w.side, SIDE_RESET);
		break;
	case 1:
		side_accident(l->w.side, SIDE_DROP_CONTEXT);
		break;
	case 2:
		side_accident(l->w.side, SIDE_PEER_ABORT);
		break;
	default:
		side_urc(l->w.side, pick(2) ? "+CREG: 1" : "#NITZ: \"26/11/21,12:00:00\"");
		return;
	}
	l->accident = true;
}

/* How the session ends, and whether the app saw it rightly (P2). */
static void
finish(struct life *l)
{
	struct client *c = l->client;
	size_t got = 0;

	switch (pick(3)) {
	case 0: /* the server closes; the app is silent */
		world_run(&l->w, 20000); /* even 9600 bit/s have carried all by then */
		check_prefixes(l);
		if (dialled(l)) {
			world_say(&l->w, "server closes");
			side_peer_close(l->w.side);
			l->server_closed = true;
		}
		break;
	case 1:
		world_say(&l->w, "app leaves");
		client_leave(c);
		break;
	default: /* it closes while the app speaks */
		if (dialled(l)) {
			world_say(&l->w, "server closes");
			side_peer_close(l->w.side);
			l->server_closed = true;
			l->disturbed = true;
		}
		break;
	}
	if (!world_run_until(&l->w, session_over, 200000))
		world_fail("P4: the session does not end");
	check_prefixes(l);
	if (c->how != APP_OPEN || l->accident)
		return;
	side_peer_bytes(l->w.side, l->dials_before + 1, &got);
	if (l->server_closed && c->down_len < l->server_len && channel_figures(l->w.channel[0])->failures == l->failures)
		world_fail("P2: no failure, but only %zu of %zu bytes of the server", c->down_len, l->server_len);
	if (l->server_closed && !l->disturbed && c->end != CLIENT_EOF)
		world_fail("P2: the server closed in order, the app saw a reset: %s", channel_error(l->w.channel[0]));
	if (c->end == CLIENT_EOF && got < c->written && !l->disturbed)
		world_fail("P2: end-of-file, but the server has %zu of %zu bytes", got, c->written);
}

static void
session(struct life *l)
{
	struct text t;
	unsigned steps = 1 + pick(12);

	l->dials_before = side_dials(l->w.side);
	l->failures = channel_figures(l->w.channel[0])->failures;
	l->server_len = 0;
	l->server_closed = l->disturbed = l->accident = l->blind = false;
	side_next_peer(l->w.side, SIDE_COLLECT, 0);
	l->client = world_client(&l->w, 0);
	if (!world_run_until(&l->w, open_or_over, 120000))
		world_fail("P4: no dial within two minutes; modem %s: %s", modem_state_word(l->w.modem), modem_error(l->w.modem));
	while (steps-- && l->client->end == CLIENT_OPEN) {
		switch (pick(8)) {
		case 0:
		case 1:
		case 2:
			speak(&t, pick(4) ? 100 : 4000);
			client_write(l->client, t.bytes, t.len);
			break;
		case 3:
		case 4:
		case 5:
			server_says(l);
			break;
		case 6:
			world_say(&l->w, "app reads");
			client_reads(l->client, pick(2) ? SIZE_MAX : pick(200));
			break;
		case 7:
			if (pick(4) == 0)
				disturb(l);
			break;
		}
		world_run(&l->w, pick(3) ? pick(100) : pick(4000));
		check_prefixes(l);
	}
	client_reads(l->client, SIZE_MAX);
	finish(l);
}

static void
live(uint32_t seed)
{
	static const unsigned rates[] = { 9600, 115200, 921600, 0 };
	static const char *const modes[] = { "mode = \"auto\";", "mode = \"command\";", "mode = \"online\";" };
	struct life *l = xcalloc(1, sizeof(*l));
	struct world_conf wc = { 0 };
	char modem[64];
	unsigned rate, n;

	world_seed = seed;
	state = seed * 2654435761u | 1;
	rate = rates[pick(4)];
	wc.side = (struct side_conf){
		.family = pick(2) ? "telit-ge" : "telit-he",
		.line_rate = rate,
		.latency_ms = pick(3) ? 0 : pick(50),
		.seed = seed,
		.without_sendext = pick(6) == 0,
		.without_ring = pick(6) == 0,
		.carrier = pick(4) == 0,
	};
	wc.channel = modes[pick(3)];
	wc.alone = true;
	snprintf(modem, sizeof(modem), "baud = %u;", rate);
	wc.modem = modem;
	world_start(&l->w, &wc);
	if (!world_run_until(&l->w, world_ready, 120000))
		world_fail("P4: not ready within two minutes: %s", modem_error(l->w.modem));
	for (n = 1 + pick(CLIENTS_MAX); n; n--)
		session(l);
	if (!world_run_until(&l->w, world_ready, 400000))
		world_fail("P4: not ready again: %s", modem_error(l->w.modem));
	world_stop(&l->w);
	free(l);
}

int
main(int argc, char **argv)
{
	unsigned first = argc > 1 ? (unsigned)atoi(argv[1]) : 1, count = argc > 2 ? (unsigned)atoi(argv[2]) : argc > 1 ? 1 : 1000;
	unsigned i;

	for (i = 0; i < count; i++)
		live(first + i);
	printf("%u lives, seeds %u to %u\n", count, first, first + count - 1);
	return 0;
}
