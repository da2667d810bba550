/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "simulation/story.h"
#include "simulation/world-store.h"

#define CA "-----BEGIN CERTIFICATE-----\nQUJDREVGRw==\n-----END CERTIFICATE-----\n"
#define CERT "-----BEGIN CERTIFICATE-----\nSElKSw==\n-----END CERTIFICATE-----\n"
#define KEY_BYTES "c2VjcmV0"
#define KEY "-----BEGIN RSA PRIVATE KEY-----\n" KEY_BYTES "\n-----END RSA PRIVATE KEY-----\n"
#define PIN "735190"

#define STEP_MS 50
#define FIRST_GUEST 500 /* and none of the dials' numbers */

/* Marsaglia's xorshift32, "Xorshift RNGs", 2003. */
uint32_t
life_pick(struct life *l, uint32_t limit)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 17;
	l->random ^= l->random << 5;
	return l->random % limit;
}

void
life_run(struct life *l, uint64_t ms)
{
	while (ms) {
		uint64_t step = ms < STEP_MS ? ms : STEP_MS;

		world_run(&l->w, step);
		promises_hold(l);
		ms -= step;
	}
}

static bool
run_until(struct life *l, bool (*done)(const struct life *), uint64_t limit_ms)
{
	uint64_t until = l->w.clock.now_ms + limit_ms;

	while (!done(l) && l->w.clock.now_ms < until)
		life_run(l, STEP_MS);
	return done(l);
}

/* ---- servers ---- */

/* A dial begins: whose is it? */
static void
dial_begins(void *arg, int number)
{
	struct life *l = arg;
	struct dial *d;
	struct client *c;
	int i;

	if (number > DIALS_MAX)
		world_fail("more dials than a life can have");
	l->n_dials = number;
	d = &l->dials[number];
	d->escapes_before = l->w.escapes;
	d->deaf = l->swallows;
	c = world_dialler(&l->w, number);
	for (i = 0; c && i < l->n_guests; i++)
		if (l->guests[i].c == c) {
			d->owner = &l->guests[i];
			c->dial = number;
		}
	world_say(&l->w, "server", "%d at %s is dialled for client %d", number, side_dial(l->w.side, number).host,
	    d->owner ? d->owner->number : -1);
	promises_at_dial(l, number);
}

static bool
server_is_there(const struct life *l, int number)
{
	return side_open(l->w.side, number) && !l->dials[number].ended;
}

int
life_dial(struct life *l)
{
	int i, n = 0, latest = 0;

	for (i = 1; i <= l->n_dials; i++)
		if (server_is_there(l, i)) {
			latest = i;
			n++;
		}
	if (n < 2)
		return latest;
	n = (int)life_pick(l, (uint32_t)n);
	for (i = 1; !server_is_there(l, i) || n--; i++)
		;
	return i;
}

bool
life_dial_lives(const struct life *l, int number)
{
	const struct guest *g = l->dials[number].owner;

	return number == l->n_dials || side_open(l->w.side, number) ||
	       (g && g->c->dial == number && g->c->session && g->c->session->sock);
}

static void
server_says(struct life *l)
{
	int number = life_dial(l);
	struct dial *d = &l->dials[number];
	struct text t;

	if (!number)
		return;
	life_speak(l, &t, life_pick(l, 5) ? 300 : 4000, 's', number);
	if (d->said_len + t.len > SAID_MAX)
		return;
	d->said = xrealloc(d->said, SAID_MAX, 1);
	memcpy(d->said + d->said_len, t.bytes, t.len);
	d->said_len += t.len;
	side_send(l->w.side, number, t.bytes, t.len);
	world_say(&l->w, "server", "%d says %zu bytes", number, t.len);
}

static void
server_ends(struct life *l, bool in_order)
{
	int number = life_dial(l);

	if (!number)
		return;
	world_say(&l->w, "server", "%d %s", number, in_order ? "closes" : "aborts");
	l->dials[number].ended = true;
	l->dials[number].closed = in_order;
	if (in_order)
		side_close(l->w.side, number);
	else
		side_abort(l->w.side, number);
}

/* ---- clients ---- */

static struct guest *
new_guest(struct life *l, int channel)
{
	struct guest *g = &l->guests[l->n_guests];

	g->number = FIRST_GUEST + l->n_guests;
	g->channel = channel;
	g->since_ms = l->w.clock.now_ms;
	world_say(&l->w, "client", "%d comes to channel %s", g->number, l->w.conf->channels[channel].name);
	g->c = world_client(&l->w, channel);
	l->n_guests++;
	return g;
}

static void
guest_acts(struct life *l, struct guest *g)
{
	struct text t;

	switch (life_pick(l, 10)) {
	case 0:
		world_say(&l->w, "client", "%d leaves", g->number);
		client_leave(g->c);
		break;
	case 1:
		if (life_pick(l, 3))
			break;
		world_say(&l->w, "client", "%d shuts", g->number);
		client_shut(g->c);
		break;
	case 2:
	case 3:
		client_reads(g->c, life_pick(l, 2) ? SIZE_MAX : life_pick(l, 200));
		break;
	default:
		life_speak(l, &t, life_pick(l, 4) ? 100 : 4000, 'c', g->number);
		world_say(&l->w, "client", "%d writes %zu bytes", g->number, t.len);
		client_write(g->c, t.bytes, t.len);
		break;
	}
}

static void
step(struct life *l)
{
	struct guest *g = l->n_guests ? &l->guests[life_pick(l, (uint32_t)l->n_guests)] : NULL;
	uint32_t what = life_pick(l, 24);

	if (!g || (what < 2 && l->n_guests < GUESTS_MAX - 4))
		new_guest(l, l->w.channel[1] ? (int)life_pick(l, 2) : 0);
	else if (what < 12 && g->c->end == CLIENT_OPEN && g->c->how != APP_GONE)
		guest_acts(l, g);
	else if (what < 20)
		server_says(l);
	else if (what == 20)
		server_ends(l, life_pick(l, 4));
	else if (what == 21 && l->kind != CLEAN && life_pick(l, 3) == 0)
		life_accident(l);
	life_run(l, life_pick(l, 4) ? life_pick(l, 300) : life_pick(l, 20) ? life_pick(l, 8000) : life_pick(l, 100000));
}

/* ---- the end of a life ---- */

static bool
all_over(const struct life *l)
{
	int i;

	for (i = 0; i < l->n_guests; i++)
		if (l->guests[i].c->end == CLIENT_OPEN)
			return false;
	return true;
}

static bool
at_rest(const struct life *l)
{
	return modem_state(l->w.modem) == MODEM_READY && modem_free_sockets(l->w.modem) == modem_sockets(l->w.modem);
}

/* A slot that noise has spoiled, or that was full, is written again, by and by. */
static bool
slots_are_well(const struct life *l)
{
	size_t i;

	for (i = 0; i < l->w.n_wants; i++)
		if (modem_slot_error(l->w.modem, l->w.wants[i].slot))
			return false;
	return true;
}

static void
guests_leave(struct life *l)
{
	int i;

	for (i = 0; i < l->n_guests; i++) {
		struct client *c = l->guests[i].c;

		if (c->end != CLIENT_OPEN)
			continue;
		client_reads(c, SIZE_MAX);
		if (c->end != CLIENT_OPEN)
			continue;
		if (life_pick(l, 2))
			client_shut(c);
		else
			client_leave(c);
	}
}

static void
no_socket_is_left(struct life *l)
{
	if (side_open_dials(l->w.side))
		world_fail("a socket is left open on the module");
}

/*
 * What no program may put right: a PIN whose answer was lost with the module's
 * power, and what noise has spoiled, a PIN too, or twice in the same way the module's name.
 */
static void
admin_comes(struct life *l)
{
	if (modem_state(l->w.modem) != MODEM_FAILED || (l->kind != NOISY && !l->w.pin_record[0]))
		return;
	world_say(&l->w, "admin", "comes: %s", modem_error(l->w.modem));
	l->w.pin_record[0] = '\0';
	life_daemon_dies(l);
}

/* The troubles are over: everything ends, and works again (P4). */
static void
end_well(struct life *l)
{
	life_troubles_end(l);
	admin_comes(l);
	guests_leave(l);
	if (!run_until(l, all_over, 2000000))
		world_fail("P4: a session does not end; modem %s: %s", modem_state_word(l->w.modem), modem_error(l->w.modem));
	if (!run_until(l, at_rest, 400000))
		admin_comes(l);
	life_run(l, 70000); /* the longest back-off, a look of the supervision */
	run_until(l, at_rest, 400000);
	run_until(l, slots_are_well, 8000000);
	if (!run_until(l, at_rest, 400000))
		world_fail("P4: not ready again: %s", modem_error(l->w.modem));
}

static bool
latest_is_open(const struct life *l)
{
	const struct guest *g = &l->guests[l->n_guests - 1];

	return !g->c->session || g->c->session->phase == SESSION_OPEN;
}

static bool
latest_is_over(const struct life *l)
{
	return l->guests[l->n_guests - 1].c->end != CLIENT_OPEN;
}

/* A connection that could not be closed on the way up is found by the next dial, and by one only. */
static void
dial_finds_stuck_socket(struct life *l)
{
	if (!l->stuck || !side_open_dials(l->w.side))
		return;
	new_guest(l, 0);
	run_until(l, latest_is_over, 120000);
	life_run(l, 5000);
}

/*
 * What was read from the module while there was noise may be wrong, its escape
 * character say, until it is read again.  From then on every byte counts.
 */
static void
aftermath(struct life *l)
{
	if (l->kind == NOISY) {
		life_daemon_dies(l);
		if (!run_until(l, at_rest, 400000))
			world_fail("P4: not ready again: %s", modem_error(l->w.modem));
		l->kind = FAULTY;
	}
	dial_finds_stuck_socket(l);
	no_socket_is_left(l);
	l->judged = l->n_dials;
}

/* A session of one client, undisturbed, to its end in order (P2). */
static void
quiet_session(struct life *l)
{
	struct guest *g = new_guest(l, 0);
	uint64_t failures;
	struct text t;

	run_until(l, latest_is_open, 120000);
	if (!g->c->session || !side_peer_open(l->w.side))
		world_fail("P4: no session when all is well again: %s; the modem: %s", channel_error(l->w.channel[0]), modem_error(l->w.modem));
	failures = channel_figures(l->w.channel[0])->failures;
	life_speak(l, &t, 2000, 'c', g->number);
	world_say(&l->w, "client", "%d writes %zu bytes", g->number, t.len);
	client_write(g->c, t.bytes, t.len);
	server_says(l);
	life_run(l, 20000);
	server_says(l);
	server_ends(l, true);
	run_until(l, latest_is_over, 120000);
	life_run(l, STEP_MS);
	promises_of_quiet(l, g);
	if (channel_figures(l->w.channel[0])->failures != failures)
		world_fail("P2: the server closed in order, and that counts as a failure: %s", channel_error(l->w.channel[0]));
}

/* ---- one life ---- */

/* What another family makes of a life whose seed is the same. */
static void
configure_cinterion(struct life *l)
{
	struct world_conf *wc = &l->conf;
	unsigned sockets = life_pick(l, 2) ? 2 : 2 + life_pick(l, 4);
	bool has_fewer = life_pick(l, 4) == 0;

	wc->side.family = "cinterion";
	wc->side.no_spaces = life_pick(l, 4) == 0;
	wc->side.tls_sockets = has_fewer ? 1 + life_pick(l, sockets - 1) : sockets;
	snprintf(l->two_conf, sizeof(l->two_conf), "remote = ( \"two.example:443\", \"three.example:443\" ); mode = \"command\"; "
						   "tls = { verify = \"none\"; }; max_sessions = %u;", 1 + life_pick(l, 4));
	wc->two = l->two_conf;
	wc->alone &= strstr(l->channel_conf, "online") && life_pick(l, 2);
	if (wc->alone && life_pick(l, 2))
		str_add(l->modem_conf, sizeof(l->modem_conf), " dialect = \"cinterion\";");
	if (wc->alone || !strstr(l->channel_conf, "online")) /* which would shut out the others, says the configuration */
		str_add(l->modem_conf, sizeof(l->modem_conf), " secure_sockets = %u;", sockets);
	if (wc->certs[0]) {
		wc->cas = 1 + life_pick(l, STORE_CAS);
		wc->key_too = wc->certs[2];
	}
	memset(wc->certs, 0, sizeof(wc->certs));
}

static void
configure(struct life *l, uint32_t seed)
{
	static const unsigned rates[] = { 9600, 115200, 921600, 0 };
	static const char *const modes[] = { "mode = \"auto\";", "mode = \"command\";", "mode = \"online\";" };
	struct world_conf *wc = &l->conf;
	unsigned rate = rates[life_pick(l, 4)];

	l->kind = (enum kind)life_pick(l, 3);
	l->cinterion = seed % 3 == 0;
	l->server_verify = life_pick(l, 2);
	wc->side = (struct side_conf){
		.family = life_pick(l, 2) ? "telit-ge" : "telit-he",
		.line_rate = rate,
		.latency_ms = life_pick(l, 3) ? 0 : life_pick(l, 50),
		.seed = seed,
		.without_sendext = life_pick(l, 6) == 0,
		.without_ring = life_pick(l, 6) == 0,
		.carrier = life_pick(l, 4) == 0,
		.outq_hidden = life_pick(l, 2),
		.sim_pin = life_pick(l, 3) ? NULL : PIN,
	};
	wc->alone = life_pick(l, 3) == 0;
	snprintf(l->channel_conf, sizeof(l->channel_conf), "%s max_waiting = %u; max_sessions = %u; idle_timeout = %u;",
	    modes[life_pick(l, wc->alone ? 3 : 2)], 1 + life_pick(l, 5), wc->alone ? 1 : 1 + life_pick(l, 2), life_pick(l, 4) ? 0 : 30);
	snprintf(l->modem_conf, sizeof(l->modem_conf), "baud = %u; supervision = %u;", rate, life_pick(l, 2) ? 60 : 15);
	wc->channel = l->channel_conf;
	wc->modem = l->modem_conf;
	wc->pin = wc->side.sim_pin;
	wc->tls = l->server_verify ? "verify = \"server\";" : NULL;
	if (l->server_verify) {
		wc->certs[0] = CA;
		wc->certs[1] = life_pick(l, 2) ? CERT : NULL;
		wc->certs[2] = wc->certs[1] ? KEY : NULL;
	}
	if (l->cinterion)
		configure_cinterion(l);
}

static void
begin(struct life *l)
{
	static const char *const kinds[] = { "clean", "faulty", "noisy" };

	world_start(&l->w, &l->conf);
	story_secret(KEY_BYTES);
	l->w.on_module = life_module_event;
	side_on_dial(l->w.side, dial_begins, l);
	world_say(&l->w, "life", "%s: %s, %u bit/s, %s%s", kinds[l->kind], l->conf.side.family, l->conf.side.line_rate, l->channel_conf,
	    l->conf.alone ? " alone" : "");
	world_say(&l->w, "life", "%s tls_sockets = %u", l->modem_conf, l->conf.side.tls_sockets);
	if (life_pick(l, 2) || (l->conf.pin && l->kind != CLEAN)) { /* a PIN that noise spoils is an admin's business */
		if (!world_run_until(&l->w, world_ready, 120000))
			world_fail("P4: not ready within two minutes: %s", modem_error(l->w.modem));
	}
}

static void
end(struct life *l)
{
	int i;

	if (l->asked != l->answered)
		world_fail("P4: %u commands of an admin's, %u answers", l->asked, l->answered);
	if (side_counter(l->w.side, "key_reads"))
		world_fail("P7: the key was read");
	if (l->kind == CLEAN && side_counter(l->w.side, "slot_writes") != l->w.n_wants)
		world_fail("P7: %u slot writes", (unsigned)side_counter(l->w.side, "slot_writes"));
	world_stop(&l->w);
	for (i = 0; i <= DIALS_MAX; i++)
		free(l->dials[i].said);
	free(l);
}

void
live(uint32_t seed)
{
	struct life *l = xcalloc(1, sizeof(*l));
	unsigned n;

	world_seed = seed;
	l->random = seed * 2654435761u | 1;
	configure(l, seed);
	begin(l);
	life_strike(l);
	for (n = 5 + life_pick(l, 60); n; n--)
		step(l);
	end_well(l);
	aftermath(l);
	quiet_session(l);
	life_run(l, 10000);
	no_socket_is_left(l);
	end(l);
}
