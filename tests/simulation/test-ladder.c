/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-ladder.c - the way back: which rung is taken for which trouble, and how often
 */
#include "simulation/scene.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "simulation/story.h"

#define MINUTE 60000ull
#define HOUR (60 * MINUTE)

static uint64_t
rung(const struct world *w, enum modem_rung r)
{
	return modem_figures(w->modem)->rungs[r];
}

static uint64_t
all_rungs(const struct world *w)
{
	uint64_t n = 0;
	int r;

	for (r = 0; r < MODEM_RUNGS; r++)
		n += rung(w, (enum modem_rung)r);
	return n;
}

static bool
not_ready(struct world *w)
{
	return !world_ready(w);
}

/* It starts anew once: no more than a second of rest, and its own boot. */
static void
a_single_failure_is_mended_at_once(void **state)
{
	struct world w;
	uint64_t since;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_accident(w.side, SIDE_RESET);
	assert_true(world_run_until(&w, not_ready, 30000));
	since = w.clock.now_ms;
	assert_true(world_run_until(&w, world_ready, 30000));
	assert_in_range(w.clock.now_ms - since, 1, 15000);
	assert_int_equal(all_rungs(&w), 1);
	assert_int_equal(rung(&w, RUNG_RESYNC), 1);
	assert_int_equal(modem_figures(w.modem)->ready, 2);
	world_stop(&w);
}

/* A module that does not listen is told nothing: no reset, no detach. */
static void
a_mute_module_is_never_reset(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	side_mute(w.side, true);
	world_forget_said(&w);
	world_run(&w, 3 * HOUR);
	assert_int_equal(world_said(&w, "AT#REBOOT"), 0);
	assert_int_equal(world_said(&w, "AT#ENHRST"), 0);
	assert_int_equal(world_said(&w, "AT+CGATT=0"), 0);
	assert_int_not_equal(rung(&w, RUNG_RESYNC), 0);
	assert_int_not_equal(rung(&w, RUNG_ESCAPE), 0);
	assert_int_not_equal(rung(&w, RUNG_REOPEN), 0);
	assert_int_equal(rung(&w, RUNG_REOPEN), w.reopened);
	assert_in_range(all_rungs(&w), 100, 200); /* the rest between two tries is bounded, and there is one */
	side_mute(w.side, false);
	assert_true(world_run_until(&w, world_ready, 150000));
	world_stop(&w);
}

/* "AT+CGATT=1" and "AT#SGACT=1,1" are refused for as long as the user is another. */
static void
a_refused_context_goes_down_the_column_and_is_not_reset_again_and_again(void **state)
{
	struct world_conf wc = { .alone = true, .pdp = "user = \"joe\"; auth = \"chap\";", .pdp_password = "wrong",
		.side.pdp_user = "joe", .side.pdp_password = "right" };
	struct world w;

	scene_start(&w, state, wc);
	world_run(&w, 30000);
	assert_int_not_equal(rung(&w, RUNG_CONTEXT), 0);
	assert_int_equal(rung(&w, RUNG_SOFT_RESET), 0);
	world_run(&w, 12 * HOUR);
	assert_false(world_ready(&w));
	assert_int_equal(rung(&w, RUNG_RESYNC), 0);
	assert_int_equal(rung(&w, RUNG_REOPEN), 0);
	assert_int_not_equal(rung(&w, RUNG_DETACH), 0);
	assert_in_range(rung(&w, RUNG_SOFT_RESET), 10, 13); /* one an hour */
	assert_in_range(rung(&w, RUNG_HARD_RESET), 2, 3);   /* in six */
	assert_int_equal(side_counter(w.side, "resets"), rung(&w, RUNG_SOFT_RESET) + rung(&w, RUNG_HARD_RESET));
	world_stop(&w);
}

/* A module without a network in reach: nobody's fault.  When there is one it is found, and nothing is kept waiting. */
static void
no_coverage_is_waited_for(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	side_accident(w.side, SIDE_DEREGISTER);
	world_run(&w, 10 * MINUTE);
	assert_int_equal(all_rungs(&w), 0);
	world_run(&w, 13 * HOUR);
	assert_in_range(rung(&w, RUNG_SOFT_RESET), 7, 13);
	assert_in_range(rung(&w, RUNG_HARD_RESET), 1, 3);
	assert_int_equal(all_rungs(&w), rung(&w, RUNG_SOFT_RESET) + rung(&w, RUNG_HARD_RESET));
	side_accident(w.side, SIDE_REGISTER);
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

/* Days without a SIM are none without a network: the new one has its quarter of an hour. */
static void
coverage_is_waited_for_anew_with_another_sim(void **state)
{
	struct world w;

	scene_start(&w, state, (struct world_conf){ .alone = true });
	side_accident(w.side, SIDE_DEREGISTER);
	world_run(&w, 5 * MINUTE);
	side_accident(w.side, SIDE_REMOVE_SIM);
	world_run(&w, 2 * HOUR);
	assert_string_equal(modem_state_word(w.modem), "failed");
	side_accident(w.side, SIDE_INSERT_SIM);
	side_accident(w.side, SIDE_DEREGISTER);
	world_run(&w, 10 * MINUTE);
	assert_string_equal(modem_state_word(w.modem), "registering");
	assert_int_equal(rung(&w, RUNG_SOFT_RESET), 0);
	world_run(&w, 10 * MINUTE);
	assert_int_equal(rung(&w, RUNG_SOFT_RESET), 1);
	world_stop(&w);
}

static void
no_reset_helps_against_a_network_that_denies_or_is_foreign(void **state)
{
	static const enum side_accident kinds[] = { SIDE_DENY, SIDE_ROAM };
	struct world w;
	int i;

	for (i = 0; i < 2; i++) {
		scene_start(&w, state, (struct world_conf){ .alone = true });
		side_accident(w.side, kinds[i]);
		world_run(&w, 7 * HOUR);
		assert_int_equal(all_rungs(&w), 0);
		assert_int_equal(side_counter(w.side, "resets"), 0);
		side_accident(w.side, SIDE_REGISTER);
		assert_true(world_run_until(&w, world_ready, 60000));
		world_stop(&w);
	}
}

/* The train runs along the border. */
static void
a_border_that_is_crossed_again_and_again_costs_no_rung(void **state)
{
	struct world w;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	for (i = 0; i < 20; i++) {
		side_accident(w.side, SIDE_ROAM);
		world_run(&w, 20000);
		assert_false(world_ready(&w));
		side_accident(w.side, SIDE_REGISTER);
		assert_true(world_run_until(&w, world_ready, 60000));
	}
	assert_int_equal(all_rungs(&w), 0);
	world_stop(&w);
}

/* Ready each time, and lost again at once: the first time a new context is enough, then it is the network's column. */
static void
a_context_that_does_not_stay_climbs_on(void **state)
{
	struct world w;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	for (i = 0; i < 8; i++) {
		side_accident(w.side, SIDE_DROP_CONTEXT);
		assert_true(world_run_until(&w, not_ready, 30000));
		assert_true(world_run_until(&w, world_ready, 120000));
		if (i == 0)
			assert_int_equal(all_rungs(&w), 0);
	}
	assert_int_not_equal(rung(&w, RUNG_CONTEXT), 0);
	assert_int_not_equal(rung(&w, RUNG_DETACH), 0);
	assert_int_equal(rung(&w, RUNG_SOFT_RESET), 1);
	world_stop(&w);
}

/* But not one that is lost now and then. */
static void
some_minutes_of_health_end_the_climb(void **state)
{
	struct world w;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	for (i = 0; i < 8; i++) {
		side_accident(w.side, SIDE_DROP_CONTEXT);
		assert_true(world_run_until(&w, not_ready, 30000));
		assert_true(world_run_until(&w, world_ready, 60000));
		world_run(&w, 6 * MINUTE);
	}
	assert_int_equal(all_rungs(&w), 0);
	world_stop(&w);
}

/* Its answers are not what they must be, whatever is asked: but the module listens. */
static void
a_module_that_talks_nonsense_is_reset_in_the_end(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_fault(w.side, "alter-out=0.04");
	world_run(&w, 2 * HOUR);
	assert_in_range(rung(&w, RUNG_SOFT_RESET), 1, 12); /* no more than one in ten minutes */
	assert_in_range(rung(&w, RUNG_HARD_RESET), 1, 2);  /* and one an hour */
	assert_int_not_equal(rung(&w, RUNG_CONTEXT), 0);
	side_fault(w.side, "none");
	assert_true(world_run_until(&w, world_ready, 180000));
	world_stop(&w);
}

/* The status says that all is well, and no dial is ever answered. */
static void
dials_that_nobody_answers_lead_to_another_context(void **state)
{
	struct world_conf wc = { .alone = true, .channel = "dial_backoff = 1; max_waiting = 1000;" };
	struct world w;
	int i;

	scene_up(&w, state, wc);
	side_fault(w.side, "dial-fail=1,dial=dns");
	for (i = 0; i < 180; i++) {
		world_client(&w, 0);
		world_run(&w, 10000);
	}
	assert_in_range(rung(&w, RUNG_CONTEXT), 1, 2); /* in 30 minutes */
	assert_in_range(rung(&w, RUNG_DETACH), 1, 2);
	assert_in_range(rung(&w, RUNG_SOFT_RESET), 0, 1);
	assert_int_equal(rung(&w, RUNG_RESYNC), 0);
	side_fault(w.side, "none");
	assert_true(world_run_until(&w, world_ready, 60000));
	world_stop(&w);
}

/* And that is what helps, or the next rung: the context says it is up, and carries nothing. */
static void
a_dead_context_is_brought_to_life(void **state)
{
	static const struct {
		const char *fault;
		enum modem_rung cure;
	} deaths[] = { { "dead-context=context", RUNG_CONTEXT }, { "dead-context=attach", RUNG_DETACH }, { "dead-context=reset", RUNG_SOFT_RESET } };
	struct world_conf wc = { .alone = true, .channel = "dial_backoff = 1; dial_timeout = 20;" };
	struct world w;
	struct client *c;
	bool through;
	size_t i;
	int n;

	for (i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		scene_up(&w, state, wc);
		side_fault(w.side, deaths[i].fault);
		for (n = 0, through = false; n < 400 && !through; n++) {
			c = world_client(&w, 0);
			world_run(&w, 10000);
			through = side_peer_open(w.side);
			client_leave(c);
			world_run(&w, 1000);
		}
		if (n == 400 || rung(&w, deaths[i].cure) != 1)
			fail_msg("%s: after %d dials, \"%s\" was taken %u times", deaths[i].fault, n, modem_rung_word(deaths[i].cure),
			    (unsigned)rung(&w, deaths[i].cure));
		assert_int_equal(rung(&w, RUNG_HARD_RESET), 0);
		world_stop(&w);
	}
}

/* Older units know only the harder way. */
static void
a_module_that_refuses_a_rung_takes_the_next(void **state)
{
	struct world_conf wc = { .alone = true, .pdp = "user = \"joe\"; auth = \"chap\";", .pdp_password = "wrong",
		.side = { .pdp_user = "joe", .pdp_password = "right", .without_reboot = true } };
	struct world w;

	scene_start(&w, state, wc);
	while (!rung(&w, RUNG_SOFT_RESET))
		world_run(&w, 10);
	world_run(&w, 2000);
	assert_int_equal(rung(&w, RUNG_HARD_RESET), 1);
	assert_int_equal(side_counter(w.side, "resets"), 1);
	world_stop(&w);
	wc.side.without_enhrst = true; /* and if there is none, the others go on */
	scene_start(&w, state, wc);
	world_run(&w, 2 * HOUR);
	assert_int_equal(side_counter(w.side, "resets"), 0);
	assert_int_not_equal(rung(&w, RUNG_DETACH), 0);
	world_stop(&w);
}

/* One server that answers is enough. */
static void
one_dial_that_is_answered_clears_the_others(void **state)
{
	struct world w;
	struct client *c;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_backoff = 1;" });
	for (i = 0; i < 60; i++) {
		side_fault(w.side, i % 5 == 4 ? "none" : "dial-fail=1,dial=dns");
		c = world_client(&w, 0);
		world_run(&w, 15000);
		client_leave(c);
		world_run(&w, 5000);
	}
	assert_int_equal(all_rungs(&w), 0);
	world_stop(&w);
}

/* A year of it is no year of log lines: the first tries are told, and then nothing but what is new. */
static void
a_trouble_that_lasts_is_told_shortly(void **state)
{
	FILE *log = tmpfile();
	int err = dup(STDERR_FILENO), c, lines = 0;
	struct world w;

	assert_non_null(log);
	scene_up(&w, state, (struct world_conf){ .alone = true });
	dup2(fileno(log), STDERR_FILENO);
	story_log_shown = LOG_INFO;
	side_mute(w.side, true);
	world_run(&w, 24 * HOUR);
	story_log_shown = 0;
	dup2(err, STDERR_FILENO);
	close(err);
	rewind(log);
	while ((c = fgetc(log)) != EOF)
		lines += c == '\n';
	fclose(log);
	assert_in_range(lines, 5, 60);
	world_stop(&w);
}

/* ---- never stuck (P4): each state of the table has a limit, and a way out ---- */

static enum modem_state wanted;

static bool
in_state(struct world *w)
{
	return modem_state(w->modem) == wanted;
}

static bool
out_of_state(struct world *w)
{
	return modem_state(w->modem) != wanted;
}

/* To a state that has no other reason than the way up or back. */
static bool
reach(struct world *w, void **state, enum modem_state s)
{
	static const char ca[] = "-----BEGIN CERTIFICATE-----\nQUJDREVGRw==\n-----END CERTIFICATE-----\n";
	struct world_conf wc = { .alone = true, .pin = "1234", .side.sim_pin = "1234", .certs = { ca }, .side.latency_ms = 20 };
	int i;

	/* (a latency: else some states last no time at all) */
	if (s == MODEM_RATE)
		wc.side.module_rate = 9600;
	if (s == MODEM_MENDING || s == MODEM_BOOTING)
		wc = (struct world_conf){ .alone = true, .pdp = "user = \"joe\"; auth = \"chap\";", .pdp_password = "wrong",
			.side.pdp_user = "joe", .side.pdp_password = "right", .side.latency_ms = 20 };
	scene_start(w, state, wc);
	wanted = s;
	for (i = 0; i < 180000 && !in_state(w); i++)
		world_run(w, 5);
	return in_state(w);
}

static void
each_state_has_a_time_limit_and_a_way_out(void **state)
{
	enum modem_state s;
	struct world w;

	for (s = MODEM_WAKING; s <= MODEM_RESTING; s++) {
		if (s == MODEM_READY) /* the supervision looks: a_mute_module_is_never_reset() */
			continue;
		if (!reach(&w, state, s == MODEM_RESTING ? MODEM_WAKING : s))
			fail_msg("state %d is not reached: %s", s, modem_error(w.modem));
		side_mute(w.side, true);
		if (s == MODEM_RESTING) {
			wanted = s;
			assert_true(world_run_until(&w, in_state, 60000));
		}
		if (!world_run_until(&w, out_of_state, 300000))
			fail_msg("state %d is not left", s);
		world_run(&w, 600000);
		side_mute(w.side, false);
		if (s == MODEM_UNLOCKING) { /* its PIN may have been refused: not tried again */
			world_run(&w, 200000);
			assert_string_equal(modem_state_word(w.modem), "failed");
		} else if (s != MODEM_MENDING && s != MODEM_BOOTING && !world_run_until(&w, world_ready, 200000)) {
			fail_msg("from state %d: not ready again: %s", s, modem_error(w.modem));
		}
		world_stop(&w);
	}
}

/* The same of a module that says what nobody asked for, all the time. */
static void
a_babbling_module_costs_time_only(void **state)
{
	struct world w;
	int i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 10;" });
	side_fault(w.side, "alter-out=0.2,lose-out=0.2");
	for (i = 0; i < 6000; i++) {
		side_urc(w.side, "+BABBLE: 1,2,3");
		world_run(&w, 100);
	}
	side_fault(w.side, "none");
	assert_true(world_run_until(&w, world_ready, 200000));
	world_stop(&w);
}

/* Two modems that lost the same network must not come back in step. */
static void
rests_differ_from_modem_to_modem(void **state)
{
	uint64_t first = 0, at[4];
	uint32_t i;
	struct world w;

	for (i = 0; i < 4; i++) {
		scene_start(&w, state, (struct world_conf){ .alone = true });
		w.clock.random ^= (i + 1) * 2654435761u;
		side_mute(w.side, true);
		wanted = MODEM_RESTING;
		assert_true(world_run_until(&w, in_state, 60000));
		first = w.clock.now_ms;
		while (in_state(&w))
			world_run(&w, 1);
		at[i] = w.clock.now_ms - first;
		assert_in_range(at[i], 790, 1210);
		world_stop(&w);
	}
	assert_false(at[0] == at[1] && at[1] == at[2] && at[2] == at[3]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FAMILIES(a_single_failure_is_mended_at_once),
		ON_FAMILIES(a_mute_module_is_never_reset),
		/* cinterion has no context to attach or activate on the way up, and so no rungs for one */
		TELIT_FAMILIES(a_refused_context_goes_down_the_column_and_is_not_reset_again_and_again),
		TELIT_FAMILIES(no_coverage_is_waited_for),
		ON_FAMILIES(coverage_is_waited_for_anew_with_another_sim),
		ON_FAMILIES(no_reset_helps_against_a_network_that_denies_or_is_foreign),
		ON_FAMILIES(a_border_that_is_crossed_again_and_again_costs_no_rung),
		TELIT_FAMILIES(a_context_that_does_not_stay_climbs_on),
		TELIT_FAMILIES(some_minutes_of_health_end_the_climb),
		TELIT_FAMILIES(a_module_that_talks_nonsense_is_reset_in_the_end),
		TELIT_COMMAND(dials_that_nobody_answers_lead_to_another_context),
		TELIT_COMMAND(a_dead_context_is_brought_to_life),
		TELIT_FAMILIES(a_module_that_refuses_a_rung_takes_the_next),
		IN_COMMAND_MODE(one_dial_that_is_answered_clears_the_others),
		ON_FAMILIES(a_trouble_that_lasts_is_told_shortly),
		TELIT_FAMILIES(each_state_has_a_time_limit_and_a_way_out),
		ON_FAMILIES(a_babbling_module_costs_time_only),
		ON_FAMILIES(rests_differ_from_modem_to_modem),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
