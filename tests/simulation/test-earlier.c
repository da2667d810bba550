/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-earlier.c - what an earlier life of the daemon, killed without a word, has left under way on the module
 */
#include "simulation/scene.h"

#include <stdio.h>

static void
comes_back(struct world *w)
{
	struct client *c;

	assert_true(world_run_until(w, world_ready, 60000));
	side_fault(w->side, "none");
	c = scene_session(w);
	client_says(c, "anew");
	world_run(w, 5000);
	assert_received(w, side_dials(w->side), "anew");
}

/*
 * The module hears no escape while it dials.  When the dial comes true the
 * line is in data mode, and the server may say what looks like an answer.
 */
static void
a_dial_that_comes_true_gets_no_commands(void **state)
{
	struct world_conf wc = { .alone = true };
	uint64_t killed_after;

	for (killed_after = 200; killed_after < 6000; killed_after += 200) {
		struct world w;
		size_t n, i;
		const uint8_t *got;

		scene_up(&w, state, wc);
		side_fault(w.side, "slow-handshake=7000");
		world_client(&w, 0);
		world_run(&w, killed_after);
		world_restart(&w, &wc);
		while (!side_dials(w.side) || !side_peer_open(w.side))
			world_run(&w, 10);
		world_run(&w, 20);
		scene_server_says(&w, "\r\nOK\r\n");
		world_run(&w, 300);
		scene_server_says(&w, "\r\nOK\r\n\r\nERROR\r\n");
		comes_back(&w);
		got = side_peer_bytes(w.side, 1, &n);
		for (i = 0; i < n; i++)
			if (got[i] != '+' && got[i] != '\r')
				fail_msg("killed after %u ms: the server has \"%.*s\"", (unsigned)killed_after, (int)n, (const char *)got);
		world_stop(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* ^SISO is over before the dial is, and the line free: it is closed on the way up */
		TELIT_ONLINE(a_dial_that_comes_true_gets_no_commands),
	};

	return cmocka_run_group_tests_name("earlier", tests, NULL, NULL);
}
