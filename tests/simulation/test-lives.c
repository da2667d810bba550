/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-lives.c - lives of a daemon and a module with all that may happen, from seeds
 *
 *   test-lives [FIRST [COUNT]]    replays; WORLD_LOG=1 or WORLD_NOISY=1 shows it
 *
 * In a life clients of two channels come, speak, read slowly, leave; servers
 * speak, close, abort; faults and accidents strike, all as the seed says.
 * After every step the promises are held against what servers and apps have.
 * In the end, when the faults are over, everything must work again by itself
 * (P4), and nothing be left open on the module.
 *
 * There are three kinds of lives.  Clean ones and those with faults in the
 * module's behaviour: every byte counts (P1).  Those with noise on the line: a
 * byte may be wrong, but never another session's (P3), and P4 to P9 hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "channel/channel-priv.h"
#include "simulation/world.h"

#define CA "-----BEGIN CERTIFICATE-----\nQUJDREVGRw==\n-----END CERTIFICATE-----\n"
#define CERT "-----BEGIN CERTIFICATE-----\nSElKSw==\n-----END CERTIFICATE-----\n"
#define KEY "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n"
#define PIN "735190"

#define DIALS_MAX 200
#define CLIENTS_MAX 40
#define SAID_MAX 40000

static uint32_t state;

static uint32_t
pick(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

enum kind { CLEAN, FAULTY, NOISY };

/* One connection as the server sees it. */
struct dial {
	struct client *owner; /* whose session it was made for; NULL: nobody's any more */
	uint8_t *said;	      /* by the server */
	size_t said_len;
	bool closed;	      /* by the server */
};

struct life {
	struct world w; /* first: a callback of the world is given this */
	enum kind kind;
	bool server_verify; /* channel "one" asks for it */
	bool unsure;	    /* the module has started anew where nothing tells: what it says then looks like the server's */
	bool troubled;	    /* an accident or a fault was */
	bool no_sim, mute;
	struct dial dials[DIALS_MAX + 1];
	struct client *clients[CLIENTS_MAX];
	int n_clients, n_dials, judged;
};

/* ---- speech ---- */

/* What may stand in a stream and look like something else. */
static const char *const traps[] = {
	"\r\nNO CARRIER\r\n", "\r\nOK\r\n", "\r\n+CME ERROR: 840\r\n", "\r\n> ", "\r\nCLOSED\r\n", "+++", "AT#SSLH=1\r", "\x1a", "\x1b",
	"\b\b\b", "\x11\x13\x10", "\r\nERROR\r\n", "\r\nSSLSRING: 1,100\r\n", "\r\n#SSLRECV: 5\r\n", "\r\nNO CARR", "+", "++", "\r",
	"ATE1\r", "AT&K0\r", "AT+CMEE=0\r", "AT#SSLSECCFG=1,0,0\r",
};

struct text {
	uint8_t bytes[8192];
	size_t len;
};

/*
 * Random bytes with traps in them.  Where noise may alter any byte: words that say
 * three times whose they are, so that no single wrong byte makes them another's.
 */
static void
speak(const struct life *l, struct text *t, size_t most, char side, int number)
{
	size_t want = 1 + pick((uint32_t)most), n;
	const char *trap;

	t->len = 0;
	while (t->len < want) {
		if (l->kind == NOISY) {
			t->len += (size_t)sprintf((char *)t->bytes + t->len, "<%c%03d %03d %03d>", side, number, number, number);
		} else if (pick(4) == 0) {
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

static int
client_number(const struct life *l, const struct client *c)
{
	int i;

	for (i = 0; i < l->n_clients && l->clients[i] != c; i++)
		;
	return 500 + i; /* and none of the dials' */
}

/* ---- the promises ---- */

static void
differs(const char *what, const uint8_t *got, size_t got_len, const uint8_t *said, size_t said_len)
{
	char a[200], b[200];
	size_t i;

	for (i = 0; i < got_len && i < said_len && got[i] == said[i]; i++)
		;
	world_fail("%s: %zu bytes of %zu, they differ at %zu: \"%s\", not \"%s\"", what, got_len, said_len, i,
	    str_escape(a, sizeof(a), (const char *)got + i, got_len - i), str_escape(b, sizeof(b), (const char *)said + i, said_len - i));
}

static bool
is_prefix(const uint8_t *got, size_t got_len, const uint8_t *said, size_t said_len)
{
	return got_len <= said_len && (!got_len || !memcmp(got, said, got_len));
}

/* P3 under noise: no whole word of anybody else. */
static void
check_words(const uint8_t *bytes, size_t len, int number, int own)
{
	size_t i;

	for (i = 0; i + 14 <= len; i++) {
		const char *p = (const char *)bytes + i;
		int n = (p[2] - '0') * 100 + (p[3] - '0') * 10 + p[4] - '0';

		if (p[0] != '<' || p[13] != '>' || memcmp(p + 2, p + 6, 3) || memcmp(p + 2, p + 10, 3) || (p[1] != 'c' && p[1] != 's'))
			continue;
		if (n != number && n != own) /* own: the echo of a module that has started anew */
			world_fail("P3: \"%.14s\" in the stream of %d", p, number);
	}
}

/* P1 and P3: what the server of this dial has, and what its app has. */
static void
check_dial(struct life *l, int number)
{
	struct dial *d = &l->dials[number];
	struct client *c = d->owner;
	size_t n;
	const uint8_t *got = side_peer_bytes(l->w.side, number, &n);

	if (l->kind == NOISY) {
		if (c) {
			check_words(got, n, client_number(l, c), -1);
			check_words(c->down, c->down_len, c->dial, l->unsure ? client_number(l, c) : -1);
		}
		return;
	}
	if (!c) {
		if (n)
			differs("P1 up: nobody's connection", got, n, NULL, 0);
		return;
	}
	/* The dialect's exceptions (design, section 4): an escape that the module did not agree to hide, */
	if (channel_weaknesses(l->w.channel[0]) & WEAK_ESCAPE_VISIBLE)
		return;
	/* and filler after a crash in mid-send, once the session is over. */
	if (!is_prefix(got, n, c->up, c->written) && (c->end == CLIENT_OPEN || !l->troubled))
		differs("P1 up", got, n, c->up, c->written);
	if (c->dial == number && !l->unsure && !is_prefix(c->down, c->down_len, d->said, d->said_len))
		differs("P1 down", c->down, c->down_len, d->said, d->said_len);
}

static void
check(struct life *l)
{
	struct session *s;
	int i;

	for (i = l->n_dials > l->judged + 3 ? l->n_dials - 3 : l->judged + 1; i <= l->n_dials; i++)
		check_dial(l, i);
	for (i = 0; i < 2 && l->w.channel[i]; i++)
		TAILQ_FOREACH(s, &l->w.channel[i]->sessions, link)
			if (s->down.len > SESSION_DOWN_MAX + SESSION_SLACK || s->sent > 2 * SESSION_WINDOW + 16384)
				world_fail("P9: %zu bytes down and %zu up are held for a session", s->down.len, s->sent);
}

static void
run(struct life *l, uint64_t ms)
{
	while (ms) {
		uint64_t step = ms < 50 ? ms : 50;

		world_run(&l->w, step);
		check(l);
		ms -= step;
	}
}

/* A dial begins: whose is it, and is it as that one's channel asked (P5)? */
static void
dial_begins(void *arg, int number)
{
	struct life *l = arg;
	struct side_dial d = side_dial(l->w.side, number);
	int i;

	if (number > DIALS_MAX)
		world_fail("more dials than a life can have");
	l->n_dials = number;
	for (i = 0; i < l->n_clients; i++) {
		struct client *c = l->clients[i];

		if (c->session && c->session->phase == SESSION_DIALING) {
			l->dials[number].owner = c;
			c->dial = number;
		}
	}
	if (d.n_offered != 1 || (d.offered[0] != 0x2f && d.offered[0] != 0x35))
		world_fail("P5: %zu suites are offered, the first is %04x", d.n_offered, d.offered[0]);
	if (l->server_verify && !strcmp(d.host, "one.example") && (d.verify < 1 || d.ca_len != strlen(CA)))
		world_fail("P5: one.example is dialled with verify %u, a CA of %zu bytes", d.verify, d.ca_len);
	world_say(&l->w, "dial %d to %s for client %d", number, d.host, l->dials[number].owner ? client_number(l, l->dials[number].owner) : -1);
}

/* ---- what happens ---- */

static bool
server_is_there(const struct life *l)
{
	return l->n_dials && side_peer_open(l->w.side) && !l->dials[l->n_dials].closed;
}

static void
server_says(struct life *l)
{
	struct dial *d = &l->dials[l->n_dials];
	struct text t;

	if (!server_is_there(l))
		return;
	speak(l, &t, pick(5) ? 300 : 4000, 's', l->n_dials);
	if (d->said_len + t.len > SAID_MAX)
		return;
	d->said = xrealloc(d->said, SAID_MAX, 1);
	memcpy(d->said + d->said_len, t.bytes, t.len);
	d->said_len += t.len;
	side_peer_send(l->w.side, t.bytes, t.len);
	world_say(&l->w, "server says %zu", t.len);
}

static void
server_ends(struct life *l, bool in_order)
{
	if (!server_is_there(l))
		return;
	world_say(&l->w, "server %s", in_order ? "closes" : "aborts");
	l->dials[l->n_dials].closed = true;
	if (in_order)
		side_peer_close(l->w.side);
	else
		side_peer_abort(l->w.side);
}

static void
accident(struct life *l)
{
	l->troubled = true;
	world_say(&l->w, "accident");
	switch (pick(9)) {
	case 0:
		l->unsure = true;
		side_accident(l->w.side, SIDE_RESET);
		break;
	case 1:
		side_accident(l->w.side, SIDE_DROP_CONTEXT);
		break;
	case 2:
		world_line_down(&l->w);
		run(l, pick(20000));
		world_line_up(&l->w);
		break;
	case 3:
		l->mute = !l->mute;
		side_mute(l->w.side, l->mute);
		break;
	case 4:
		l->no_sim = !l->no_sim;
		side_accident(l->w.side, l->no_sim ? SIDE_REMOVE_SIM : SIDE_INSERT_SIM);
		break;
	case 5:
		side_accident(l->w.side, SIDE_DEREGISTER);
		run(l, pick(30000));
		side_accident(l->w.side, SIDE_REGISTER);
		break;
	case 6:
		if (l->n_dials)
			side_peer_takes(l->w.side, pick(2000));
		break;
	default:
		side_urc(l->w.side, pick(2) ? "+CREG: 1" : "#NITZ: \"26/11/21,12:00:00\"");
		break;
	}
}

static struct client *
new_client(struct life *l)
{
	struct client *c = world_client(&l->w, l->w.channel[1] ? (int)pick(2) : 0);

	l->clients[l->n_clients++] = c;
	world_say(&l->w, "client %d", l->n_clients - 1);
	return c;
}

static void
client_acts(struct life *l, struct client *c)
{
	struct text t;

	switch (pick(10)) {
	case 0:
		world_say(&l->w, "client %d leaves", client_number(l, c));
		client_leave(c);
		break;
	case 1:
		if (pick(3))
			break;
		world_say(&l->w, "client %d shuts", client_number(l, c));
		client_shut(c);
		break;
	case 2:
	case 3:
		client_reads(c, pick(2) ? SIZE_MAX : pick(200));
		break;
	default:
		speak(l, &t, pick(4) ? 100 : 4000, 'c', client_number(l, c));
		world_say(&l->w, "client %d writes %zu", client_number(l, c), t.len);
		client_write(c, t.bytes, t.len);
		break;
	}
}

static void
step(struct life *l)
{
	struct client *c = l->n_clients ? l->clients[pick((uint32_t)l->n_clients)] : NULL;
	uint32_t what = pick(24);

	if (!l->n_clients || (what < 2 && l->n_clients < CLIENTS_MAX - 1))
		new_client(l);
	else if (what < 12 && c->end == CLIENT_OPEN && c->how != APP_GONE)
		client_acts(l, c);
	else if (what < 20)
		server_says(l);
	else if (what == 20)
		server_ends(l, pick(4));
	else if (what == 21 && l->kind != CLEAN && pick(3) == 0)
		accident(l);
	run(l, pick(4) ? pick(300) : pick(20) ? pick(8000) : pick(100000));
}

/* A session of one client, undisturbed, to its end in order (P2). */
static void
quiet_session(struct life *l)
{
	struct client *c;
	struct text t;
	unsigned i;
	uint64_t failures;

	c = world_client(&l->w, 0);
	l->clients[l->n_clients++] = c;
	for (i = 0; i < 2400 && (c->session ? c->session->phase != SESSION_OPEN : false); i++)
		run(l, 50);
	if (!c->session || !side_peer_open(l->w.side))
		world_fail("P4: no session when all is well again: %s; the modem: %s", channel_error(l->w.channel[0]), modem_error(l->w.modem));
	failures = channel_figures(l->w.channel[0])->failures;
	speak(l, &t, 2000, 'c', client_number(l, c));
	client_write(c, t.bytes, t.len);
	server_says(l);
	run(l, 20000);
	server_says(l);
	server_ends(l, true);
	for (i = 0; i < 2400 && c->end == CLIENT_OPEN; i++)
		run(l, 50);
	check_dial(l, l->n_dials);
	if (c->end != CLIENT_EOF || channel_figures(l->w.channel[0])->failures != failures)
		world_fail("P2: the server closed in order, the app saw %s: %s", c->end == CLIENT_EOF ? "EOF" : c->end ? "a reset" : "no end",
		    channel_error(l->w.channel[0]));
	if (channel_weaknesses(l->w.channel[0]) & WEAK_ESCAPE_VISIBLE)
		return; /* the server has our escapes too */
	if (side_peer_received(l->w.side, l->n_dials) != c->written || c->down_len != l->dials[l->n_dials].said_len)
		world_fail("P2: end-of-file, but the server has %zu of %zu bytes and the app %zu of %zu",
		    (size_t)side_peer_received(l->w.side, l->n_dials), c->written, c->down_len, l->dials[l->n_dials].said_len);
}

static bool
all_over(const struct life *l)
{
	int i;

	for (i = 0; i < l->n_clients; i++)
		if (l->clients[i]->end == CLIENT_OPEN)
			return false;
	return true;
}

/* The troubles are over: everything ends, and works again. */
static void
end_well(struct life *l)
{
	unsigned i;

	world_say(&l->w, "from here all is well");
	side_fault(l->w.side, "none");
	side_mute(l->w.side, false);
	if (l->no_sim)
		side_accident(l->w.side, SIDE_INSERT_SIM);
	if (l->n_dials)
		side_peer_takes(l->w.side, SIZE_MAX);
	for (i = 0; i < (unsigned)l->n_clients; i++) {
		if (l->clients[i]->end != CLIENT_OPEN)
			continue;
		client_reads(l->clients[i], SIZE_MAX);
		if (pick(2) && l->clients[i]->end == CLIENT_OPEN)
			client_shut(l->clients[i]);
		else if (l->clients[i]->end == CLIENT_OPEN)
			client_leave(l->clients[i]);
	}
	for (i = 0; i < 40000 && !all_over(l); i++)
		run(l, 50);
	if (!all_over(l))
		world_fail("P4: a session does not end; modem %s: %s", modem_state_word(l->w.modem), modem_error(l->w.modem));
	for (i = 0; i < 8000 && (!world_ready(&l->w) || modem_free_sockets(l->w.modem) != 1); i++)
		run(l, 50);
	run(l, 70000); /* the longest back-off, a look of the supervision */
	for (i = 0; i < 8000 && (!world_ready(&l->w) || modem_free_sockets(l->w.modem) != 1); i++)
		run(l, 50);
	/* A slot that noise has spoiled is written again, by and by. */
	for (i = 0; i < 8000 && modem_slot_error(l->w.modem, "ca"); i++)
		run(l, 1000);
	for (i = 0; i < 8000 && !world_ready(&l->w); i++)
		run(l, 50);
	if (!world_ready(&l->w))
		world_fail("P4: not ready again: %s", modem_error(l->w.modem));
	if (l->n_dials && side_peer_open(l->w.side))
		world_fail("a socket is left open on the module");
	l->unsure = l->troubled = false;
	if (l->kind == NOISY)
		l->kind = FAULTY; /* no more noise: every byte counts again */
	l->judged = l->n_dials;
}

/* ---- one life ---- */

static void
strike(struct life *l)
{
	static const char *const faults[] = {
		"urc=0.1", "late=0.03,late-ms=4000", "late=0.05,late-ms=300", "no-answer=0.01", "no-final=0.01", "reset=0.004", "dial-fail=0.4",
		"dial-fail=0.3,dial=timeout", "slow-handshake=5000", "disconnected,resume-ok", "stuck-echo", "urc=0.05,no-final=0.005,dial-fail=0.1",
		"recv=bare",
	};
	static const char *const noises[] = {
		"lose-in=0.001", "lose-out=0.001", "double-in=0.001", "double-out=0.001", "alter-in=0.001", "alter-out=0.001",
		"lose-in=0.0002,lose-out=0.0002,alter-in=0.0002,alter-out=0.0002,double-out=0.0002", "alter-out=0.01", "lose-out=0.01",
	};
	const char *fault = l->kind == NOISY ? noises[pick(sizeof(noises) / sizeof(noises[0]))] :
					       faults[pick(sizeof(faults) / sizeof(faults[0]))];

	if (l->kind == CLEAN)
		return;
	world_say(&l->w, "faults: %s", fault);
	side_fault(l->w.side, fault);
	l->unsure |= str_starts(fault, "reset");
	l->troubled = true;
}

static void
live(uint32_t seed)
{
	static const unsigned rates[] = { 9600, 115200, 921600, 0 };
	static const char *const modes[] = { "mode = \"auto\";", "mode = \"command\";", "mode = \"online\";" };
	struct life *l = xcalloc(1, sizeof(*l));
	struct world_conf wc = { 0 };
	char modem[100], channel[200];
	unsigned rate, n;

	world_seed = seed;
	state = seed * 2654435761u | 1;
	rate = rates[pick(4)];
	l->kind = (enum kind)pick(3);
	l->server_verify = pick(2);
	wc.side = (struct side_conf){
		.family = pick(2) ? "telit-ge" : "telit-he",
		.line_rate = rate,
		.latency_ms = pick(3) ? 0 : pick(50),
		.seed = seed,
		.without_sendext = pick(6) == 0,
		.without_ring = pick(6) == 0,
		.carrier = pick(4) == 0,
		.outq_hidden = pick(2),
		.sim_pin = pick(3) ? NULL : PIN,
	};
	wc.alone = pick(3) == 0;
	snprintf(channel, sizeof(channel), "%s max_waiting = %u; max_sessions = %u; idle_timeout = %u;", modes[pick(wc.alone ? 3 : 2)],
	    1 + pick(5), wc.alone ? 1 : 1 + pick(2), pick(4) ? 0 : 30);
	snprintf(modem, sizeof(modem), "baud = %u; supervision = %u;", rate, pick(2) ? 60 : 15);
	wc.channel = channel;
	wc.modem = modem;
	wc.pin = wc.side.sim_pin;
	wc.tls = l->server_verify ? "verify = \"server\";" : NULL;
	if (l->server_verify) {
		wc.certs[0] = CA;
		wc.certs[1] = pick(2) ? CERT : NULL;
		wc.certs[2] = wc.certs[1] ? KEY : NULL;
	}
	world_start(&l->w, &wc);
	side_on_dial(l->w.side, dial_begins, l);
	if (pick(2) || (wc.pin && l->kind != CLEAN)) { /* a PIN that noise spoils is an admin's business */
		if (!world_run_until(&l->w, world_ready, 120000))
			world_fail("P4: not ready within two minutes: %s", modem_error(l->w.modem));
	}
	strike(l);
	for (n = 5 + pick(60); n; n--)
		step(l);
	end_well(l);
	quiet_session(l);
	run(l, 10000);
	if (side_peer_open(l->w.side))
		world_fail("a socket is left open on the module");
	if (side_counter(l->w.side, "key_reads"))
		world_fail("P7: the key was read");
	if (l->kind == CLEAN && side_counter(l->w.side, "slot_writes") != l->w.n_wants)
		world_fail("P7: %u slot writes", (unsigned)side_counter(l->w.side, "slot_writes"));
	world_stop(&l->w);
	for (n = 0; n <= DIALS_MAX; n++)
		free(l->dials[n].said);
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
