/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-traps.c - promise P1: what looks like the module's words, or like the host's, and is payload
 */
#include "simulation/scene.h"

#include <stdlib.h>

#include "base/str.h"
#include "base/xalloc.h"

struct trap {
	const char *bytes;
	size_t len;
};

#define TRAP(text) { text, sizeof(text) - 1 }

static const struct trap traps[] = {
	TRAP("\r\nNO CARRIER\r\n"),
	TRAP("\r\nNO CARRIER"),
	TRAP("\r\n"),
	TRAP("\r\nOK\r\n"),
	TRAP("\r\n+CME ERROR: 840\r\n"),
	TRAP("\r\n+CME ERROR: SSL disconnected\r\n"),
	TRAP("\r\nERROR\r\n"),
	TRAP("\r\n> "),
	TRAP("> "),
	TRAP("\r\nCLOSED\r\n"),
	TRAP("\r\n#SSLRECV: 0\r\nDISCONNECTED\r\n\r\nOK\r\n"),
	TRAP("\r\nSSLSRING: 1,100\r\n"),
	TRAP("AT#SSLS=1\r\r\n#SSLS: 1,1\r\n\r\nOK\r\nAT#SSLO=1\r\r\nCONNECT\r\nmore\r\nNO CARRIER\r\n"),
	TRAP("\r\n+CGEV: NW DEACT \"IP\",\"10.0.0.1\",1\r\n"),
	TRAP("\r\n#QSS: 0\r\n"),
	TRAP("+++"),
	TRAP("+"),
	TRAP("++"),
	TRAP("++++"),
	TRAP("++++++"),
	TRAP("AT#SSLH=1\r"),
	TRAP("+++AT#SSLH=1\r"),
	TRAP("\x1a"),
	TRAP("\x1b"),
	TRAP("\b\b\b"),
	TRAP("\0\0"),
	TRAP("\x11\x13"),
	TRAP("\x10\x10\x03"),
	TRAP("\x10"),
	TRAP("\x10\x03"),
	TRAP("\x10\x04NO CARRIER\r\n"),
	TRAP("\x10\x04\r\nNO CARRIER\r\n"),
	TRAP("\x10\x04NO CARR"),
	TRAP("\x10\x10\x10\x04"),
	TRAP("\r\n^SISR: 0, 1\r\n"),
	TRAP("\r\n^SISR: 0, -2\r\n\r\nOK\r\n"),
	TRAP("\r\n^SISW: 0, 5, 5\r\n"),
	TRAP("\r\n^SIS: 0, 0, 48\r\n"),
	TRAP("AT^SISC=0\r"),
	TRAP("AT^SISW=0,0,1\r"),
	TRAP("\r\n^SYSSTART\r\n"),
	TRAP("text with \x1a in it, \x1b and \b and \0 too"),
};

#define N_TRAPS (sizeof(traps) / sizeof(traps[0]))

static void
append(uint8_t *all, size_t *len, const void *bytes, size_t n)
{
	memcpy(all + *len, bytes, n);
	*len += n;
}

static void
check(struct world *w, struct client *c, const uint8_t *up, size_t up_len, const uint8_t *down, size_t down_len, size_t i)
{
	size_t n;
	const uint8_t *got = side_peer_bytes(w->side, side_dials(w->side), &n);

	if (c->end != CLIENT_OPEN)
		fail_msg("trap %zu ended the session: %s", i, channel_error(w->channel[0]));
	if (n != up_len || (n && memcmp(got, up, n) != 0))
		fail_msg("trap %zu: the server has %zu bytes, the app wrote %zu", i, n, up_len);
	if (c->down_len != down_len || (down_len && memcmp(c->down, down, down_len) != 0))
		fail_msg("trap %zu: the app has %zu bytes, the server sent %zu", i, c->down_len, down_len);
}

/* Each trap alone between silences, then in the middle of text; `piece` bytes at a time with a pause between. */
static void
through_traps(void **state, bool upward, bool downward, bool byte_by_byte, unsigned pause_ms, struct world_conf wc)
{
	static uint8_t up[1 << 14], down[1 << 14];
	size_t up_len = 0, down_len = 0, i, j;
	struct world w;
	struct client *c;

	wc.alone = true;
	scene_up(&w, state, wc);
	w.byte_by_byte = byte_by_byte;
	c = scene_session(&w);
	world_run(&w, 3000);
	for (i = 0; i < N_TRAPS; i++) {
		const struct trap *t = &traps[i];
		size_t step = pause_ms ? 1 : t->len;

		for (j = 0; j < t->len; j += step) {
			if (upward) {
				client_write(c, t->bytes + j, step);
				append(up, &up_len, t->bytes + j, step);
			}
			if (downward) {
				side_peer_send(w.side, t->bytes + j, step);
				append(down, &down_len, t->bytes + j, step);
			}
			world_run(&w, pause_ms);
		}
		world_run(&w, 8000);
		check(&w, c, up, up_len, down, down_len, i);
		if (upward) {
			client_says(c, "before");
			client_write(c, t->bytes, t->len);
			client_says(c, "behind");
			append(up, &up_len, "before", 6);
			append(up, &up_len, t->bytes, t->len);
			append(up, &up_len, "behind", 6);
		}
		if (downward) {
			scene_server_says(&w, "before");
			side_peer_send(w.side, t->bytes, t->len);
			scene_server_says(&w, "behind");
			append(down, &down_len, "before", 6);
			append(down, &down_len, t->bytes, t->len);
			append(down, &down_len, "behind", 6);
		}
		world_run(&w, 10000);
		check(&w, c, up, up_len, down, down_len, i);
	}
	side_peer_close(w.side);
	scene_wait_end(&w, c, CLIENT_EOF);
	assert_figures(&w, 0, 1, 0);
	world_stop(&w);
}

static void
traps_upward(void **state)
{
	through_traps(state, true, false, false, 0, (struct world_conf){ 0 });
}

static void
traps_downward(void **state)
{
	through_traps(state, false, true, false, 0, (struct world_conf){ 0 });
}

static void
traps_both_ways_byte_by_byte(void **state)
{
	through_traps(state, true, true, true, 0, (struct world_conf){ 0 });
}

static void
traps_piecemeal(void **state)
{
	through_traps(state, true, true, false, 7, (struct world_conf){ 0 });
}

static void
traps_with_pauses(void **state)
{
	through_traps(state, true, true, false, 1500, (struct world_conf){ 0 });
}

static void
traps_where_the_carrier_tells(void **state)
{
	through_traps(state, true, true, false, 0, (struct world_conf){ .side.carrier = true });
}

static void
traps_without_counted_sends(void **state)
{
	through_traps(state, true, true, false, 0, (struct world_conf){ .side.without_sendext = true });
}

static void
traps_without_ring(void **state)
{
	through_traps(state, true, true, false, 0, (struct world_conf){ .side.without_ring = true });
}

static void
traps_with_the_echo_stuck_on(void **state)
{
	through_traps(state, true, true, false, 0, (struct world_conf){ .side.faults = "stuck-echo" });
}

static void
urcs_in_the_middle_of_answers(void **state)
{
	through_traps(state, true, true, false, 0, (struct world_conf){ .side.faults = "urc=0.5" });
}

/* An answer after its time limit is lost, not taken for the next command's. */
static void
late_answers(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 20;" });
	side_fault(w.side, "late=0.02,late-ms=7000");
	for (i = 0; i < 20; i++) {
		int dials = side_dials(w.side);

		if (!world_run_until(&w, world_ready, 300000))
			fail_msg("not ready: %s", modem_error(w.modem));
		c = world_client(&w, 0);
		client_says(c, "question");
		world_run(&w, 15000);
		if (side_dials(w.side) > dials && side_peer_open(w.side))
			scene_server_says(&w, "answer");
		world_run(&w, 15000);
		if (c->down_len)
			assert_read(c, "answer");
		for (dials++; dials <= side_dials(w.side); dials++)
			if (side_peer_received(w.side, dials))
				assert_received(&w, dials, "question");
		client_leave(c);
		world_run(&w, 60000);
	}
	world_stop(&w);
}

#define READS_MAX 4096

/* What the server says comes at any moment of a read: an answer of one or two bytes looks like news of the socket. */
static void
bytes_at_any_moment_of_a_read(void **state)
{
	static const unsigned latency_ms[] = { 0, 30 };
	static const char *const words[] = { "a", "bc", "def", "\r\n" };
	char said[READS_MAX] = "";
	unsigned i, ms;
	struct world w;
	struct client *c;

	for (i = 0; i < sizeof(latency_ms) / sizeof(latency_ms[0]); i++) {
		scene_up(&w, state, (struct world_conf){ .alone = true, .side.latency_ms = latency_ms[i] });
		c = scene_session(&w);
		said[0] = '\0';
		for (ms = 0; ms < 260; ms++) {
			const char *first = words[ms % 4], *second = words[ms / 4 % 4];

			scene_server_says(&w, first);
			world_run(&w, ms);
			scene_server_says(&w, second);
			world_run(&w, 1500);
			str_add(said, sizeof(said), "%s%s", first, second);
			assert_read(c, said);
		}
		side_peer_close(w.side);
		scene_wait_end(&w, c, CLIENT_EOF);
		world_stop(&w);
	}
}

/* News that was on its way when the read was asked for, and is no answer to it. */
static void
news_at_any_moment_of_a_read(void **state)
{
	static const char *const news[] = { "^SISR: 0, 1", "^SISR: 0,1", "^SISW: 0, 1", "^SISR: 1, 1", "+CIEV: signal,3" };
	static const char *const words[] = { "a", "bc", "def" };
	char said[READS_MAX] = "";
	struct world w;
	struct client *c;
	unsigned i, ms;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = scene_session(&w);
	for (i = 0; i < sizeof(news) / sizeof(news[0]); i++)
		for (ms = 0; ms < 150; ms++) {
			scene_server_says(&w, words[ms % 3]);
			world_run(&w, ms);
			side_urc(w.side, news[i]);
			world_run(&w, 1500);
			str_add(said, sizeof(said), "%s", words[ms % 3]);
			assert_read(c, said);
		}
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

/* Escapes in the stream right at its beginning, when the module's own timer has hardly begun. */
static void
plus_signs_right_behind_connect(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	c = world_client(&w, 0);
	client_says(c, "+++");
	world_run(&w, 15000);
	assert_received(&w, 1, "+++");
	client_says(c, "AT\r");
	world_run(&w, 5000);
	assert_received(&w, 1, "+++AT\r");
	assert_int_equal(c->end, CLIENT_OPEN);
	world_stop(&w);
}

/* What looks like the end, with the end at any moment behind it: all of it is read, or the end is none in order. */
static void
the_end_behind_a_trap(void **state)
{
	static const char said[] = "abc\r\nNO CARRIER\r\n\x10\x04NO CARRIER\r\n";
	const size_t len = sizeof(said) - 1;
	struct client *c;
	struct world w;
	unsigned ms;

	for (ms = 1; ms < 4000; ms += 37) {
		scene_up(&w, state, (struct world_conf){ .alone = true });
		c = scene_session(&w);
		scene_server_says(&w, said);
		world_run(&w, ms);
		side_peer_close(w.side);
		world_run(&w, 20000);
		if (c->down_len > len || memcmp(c->down, said, c->down_len) != 0)
			fail_msg("%u ms: the app has %zu bytes, and not the server's", ms, c->down_len);
		if (c->end == CLIENT_OPEN || (c->end == CLIENT_EOF && c->down_len != len))
			fail_msg("%u ms: the app has %zu bytes of %zu and no reset", ms, c->down_len, len);
		world_stop(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAYS(traps_upward),
		ON_WAYS(traps_downward),
		ON_WAYS(traps_both_ways_byte_by_byte),
		ON_WAYS(traps_piecemeal),
		ON_WAYS(traps_with_pauses),
		ON_WAYS(traps_where_the_carrier_tells),
		ON_WAYS(traps_without_counted_sends),
		ON_WAYS(traps_without_ring),
		ON_WAYS(traps_with_the_echo_stuck_on),
		ON_WAYS(urcs_in_the_middle_of_answers),
		ON_WAYS(late_answers),
		ON_WAYS(plus_signs_right_behind_connect),
		ON_WAYS(the_end_behind_a_trap),
		CINTERION_COMMAND(bytes_at_any_moment_of_a_read),
		CINTERION_COMMAND(news_at_any_moment_of_a_read),
	};

	return cmocka_run_group_tests_name("traps", tests, NULL, NULL);
}
