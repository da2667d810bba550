/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-world.c - single lives under the virtual clock
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "simulation/world.h"

static void
comes_up(void **state)
{
	struct world w;
	struct world_conf wc = { .side = { .family = "telit-ge", .line_rate = 115200, .seed = 1 } };

	(void)state;
	world_start(&w, &wc);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

static bool
client_over(struct world *w)
{
	return w->clients->end != CLIENT_OPEN;
}

static void
echoes_online(void **state)
{
	struct world w;
	struct world_conf wc = { .side = { .family = "telit-ge", .line_rate = 115200, .seed = 1 } };
	struct client *c;

	(void)state;
	world_start(&w, &wc);
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = world_client(&w, 0);
	client_write(c, "hello", 5);
	world_run(&w, 20000);
	assert_int_equal(c->down_len, 5);
	assert_memory_equal(c->down, "hello", 5);
	side_peer_close(w.side);
	assert_true(world_run_until(&w, client_over, 20000));
	assert_int_equal(c->end, CLIENT_EOF);
	world_stop(&w);
}

static void
echoes_in_command_mode(void **state)
{
	struct world w;
	struct world_conf wc = { .side = { .family = "telit-he", .line_rate = 115200, .seed = 1 } };
	struct client *c;

	(void)state;
	world_start(&w, &wc);
	side_next_peer(w.side, SIDE_ECHO, 0);
	c = world_client(&w, 1);
	client_write(c, "hello\x1a\x08", 7);
	world_run(&w, 20000);
	assert_int_equal(c->down_len, 7);
	assert_memory_equal(c->down, "hello\x1a\x08", 7);
	side_peer_close(w.side);
	assert_true(world_run_until(&w, client_over, 20000));
	assert_int_equal(c->end, CLIENT_EOF);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_up),
		cmocka_unit_test(echoes_online),
		cmocka_unit_test(echoes_in_command_mode),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
