/* SPDX-License-Identifier: Apache-2.0 */
/* How much is written at the level that there is by default: a healthy year fits in a page, and a sick one in a few. */
#include "simulation/scene.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "simulation/story.h"

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static FILE *lines;
static int stderr_was;

static void
log_begin(void)
{
	lines = tmpfile();
	assert_non_null(lines);
	stderr_was = dup(STDERR_FILENO);
	dup2(fileno(lines), STDERR_FILENO);
	story_log_shown = LOG_INFO;
}

/* How many lines there were; all of them on standard output when that is not in the range. */
static void
log_end_in_range(unsigned least, unsigned most)
{
	char line[1200];
	unsigned n = 0;

	story_log_shown = 0;
	fflush(stderr);
	dup2(stderr_was, STDERR_FILENO);
	close(stderr_was);
	rewind(lines);
	while (fgets(line, sizeof(line), lines))
		n++;
	if (n < least || n > most) {
		rewind(lines);
		while (fgets(line, sizeof(line), lines))
			fputs(line, stdout);
	}
	fclose(lines);
	assert_in_range(n, least, most);
}

/* A session an hour; the server ends most, in order, and the app some.  Once a day one lasts until max_session_time. */
static void
an_hour(struct world *w, unsigned number)
{
	struct client *c = world_client(w, 0);

	client_says(c, "a reading of the meter");
	if (number % 24 == 12) {
		world_run(w, HOUR);
		client_leave(c); /* ended already, by max_session_time */
		return;
	}
	world_run(w, 20 * SECOND);
	if (number % 3)
		side_peer_close(w->side);
	else
		client_leave(c);
	world_run(w, HOUR - 20 * SECOND);
}

/* What a network does to a module that stands still. */
static void
a_day(struct world *w, unsigned day)
{
	unsigned hour;

	for (hour = 0; hour < 24; hour++)
		an_hour(w, day * 24 + hour);
	side_urc(w->side, "+CREG: 1,\"00F1\",\"0002\"");
	side_network_time(w->side, 0);
	if (day % 30 == 29)
		side_accident(w->side, SIDE_DROP_CONTEXT); /* networks do so, some each night */
}

static void
a_healthy_year_fits_in_a_page(void **state)
{
	struct world w;
	unsigned day;

	scene_start(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 3600;",
		.channel = "max_session_time = 1800;" });
	log_begin();
	assert_true(world_run_until(&w, world_ready, MINUTE));
	for (day = 0; day < 365; day++)
		a_day(&w, day);
	log_end_in_range(8, 60);
	assert_true(channel_figures(w.channel[0])->dials >= 365 * 24);
	assert_true(channel_figures(w.channel[0])->failures < 15);
	world_stop(&w);
}

/* An app that is there all the time, and a network that takes the context down every night: an operator's habit, and a page too. */
static void
a_year_of_nights_without_a_context_fits_in_a_page(void **state)
{
	struct world w;
	struct client *c;
	unsigned hour;

	scene_up(&w, state, (struct world_conf){ .alone = true, .modem = "supervision = 3600;" });
	c = scene_session(&w);
	log_begin();
	for (hour = 0; hour < 365 * 24; hour++) {
		if (hour % 24 == 3)
			side_accident(w.side, SIDE_DROP_CONTEXT);
		client_says(c, "alive");
		world_run(&w, HOUR);
		if (c->end == CLIENT_OPEN)
			continue;
		client_leave(c);
		c = scene_session(&w);
	}
	log_end_in_range(20, 50);
	assert_true(channel_figures(w.channel[0])->failures >= 365);
	assert_true(world_ready(&w));
	world_stop(&w);
}

/* What ends a session with the modem is the modem's to tell, whatever the number of its channels. */
static void
one_cause_is_one_line(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	client_leave(scene_session(&w));
	world_run(&w, MINUTE);
	scene_session(&w);
	log_begin();
	modem_line_down(w.modem, "the device is gone");
	world_run(&w, MINUTE);
	log_end_in_range(1, 1);
	assert_error(&w, 0, "the device is gone");
	assert_figures(&w, 0, 2, 1);
	log_begin();
	world_line_up(&w);
	world_run(&w, MINUTE);
	client_leave(scene_session(&w));
	log_end_in_range(1, 1); /* ready again */
	world_stop(&w);
}

/* Two months are enough: by then each line comes every four weeks only, and so it goes on. */
static void
a_module_mute_for_long_does_not_flood(void **state)
{
	struct world w;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	log_begin();
	side_mute(w.side, true);
	world_run(&w, 60 * DAY);
	log_end_in_range(10, 50);
	world_stop(&w);
}

/* Two days: told at once, after an hour and after a day, whoever insists how often. */
static void
a_server_that_is_down_with_a_client_that_insists_does_not_flood(void **state)
{
	struct world w;
	struct client *c;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_backoff = 1;" });
	log_begin();
	side_next_peer(w.side, SIDE_REFUSE, 0);
	for (i = 0; i < 2 * DAY / (10 * SECOND); i++) {
		c = world_client(&w, 0);
		world_run(&w, 10 * SECOND);
		client_leave(c);
	}
	log_end_in_range(3, 5);
	assert_true(channel_figures(w.channel[0])->failures > 10000);
	world_stop(&w);
}

static void
a_client_refused_every_second_does_not_flood(void **state)
{
	struct world w;
	unsigned i;

	scene_up(&w, state, (struct world_conf){ .alone = true });
	log_begin();
	for (i = 0; i < 2 * DAY / SECOND; i++) {
		channel_refused(w.channel[0]);
		world_run(&w, SECOND);
	}
	log_end_in_range(3, 5);
	world_stop(&w);
}

/* What is back is told once, and only where its loss was. */
static void
the_end_of_a_trouble_is_told(void **state)
{
	struct world w;
	struct client *c;

	scene_up(&w, state, (struct world_conf){ .alone = true, .channel = "dial_backoff = 1;" });
	client_leave(scene_session(&w));
	world_run(&w, MINUTE);
	log_begin();
	client_leave(scene_session(&w));
	world_run(&w, MINUTE);
	log_end_in_range(0, 0);
	side_next_peer(w.side, SIDE_REFUSE, 0);
	log_begin();
	c = world_client(&w, 0);
	world_run(&w, MINUTE);
	client_leave(c);
	side_next_peer(w.side, SIDE_COLLECT, 0);
	world_run(&w, MINUTE);
	client_leave(scene_session(&w));
	log_end_in_range(2, 2);
	world_stop(&w);
}

/* Nothing fails then, and nothing gets better by itself: no client is needed to hear of it. */
static void
a_network_that_does_not_want_us_is_told(void **state)
{
	static const enum side_accident kinds[] = { SIDE_DENY, SIDE_ROAM };
	struct world w;
	size_t i;

	for (i = 0; i < 2; i++) {
		scene_start(&w, state, (struct world_conf){ .alone = true });
		side_accident(w.side, kinds[i]);
		log_begin();
		world_run(&w, 10 * MINUTE);
		log_end_in_range(2, 2); /* the module, and this */
		assert_string_equal(modem_state_word(w.modem), "registering");
		log_begin();
		side_accident(w.side, SIDE_REGISTER);
		assert_true(world_run_until(&w, world_ready, MINUTE));
		log_end_in_range(3, 3); /* ready, for the first time */
		world_stop(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_WAY(a_healthy_year_fits_in_a_page, 0, "telit-ge online"),
		ON_WAY(a_healthy_year_fits_in_a_page, 3, "telit-he command"),
		ON_WAY(a_year_of_nights_without_a_context_fits_in_a_page, 0, "telit-ge online"),
		ON_WAY(a_year_of_nights_without_a_context_fits_in_a_page, 3, "telit-he command"),
		ON_WAY(one_cause_is_one_line, 0, "telit-ge online"),
		ON_WAY(a_module_mute_for_long_does_not_flood, 4, "telit-ge"),
		ON_WAY(a_server_that_is_down_with_a_client_that_insists_does_not_flood, 4, "telit-ge"),
		ON_WAY(a_client_refused_every_second_does_not_flood, 4, "telit-ge"),
		ON_WAY(the_end_of_a_trouble_is_told, 0, "telit-ge online"),
		ON_WAY(a_network_that_does_not_want_us_is_told, 4, "telit-ge"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
