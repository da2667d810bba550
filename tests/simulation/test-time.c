/* SPDX-License-Identifier: Apache-2.0 */
/* The network's time, the module's clock and the host's: who is believed, and who sets what. */
#include "simulation/scene.h"

#include "at/dialect.h"

#define HOST_S 1790000000 /* 2026-09-21 14:13:20 UTC, as world_start() has it */
#define NETWORK_S 1784115005
#define NITZ "#NITZ: 26/07/15,11:30:05+12,0"
#define VERIFIED .tls = "verify = \"server\"; ca = \"ca\";", .certs = { "-----BEGIN CERTIFICATE-----\nMTIz\n-----END CERTIFICATE-----\n" }

static struct world_conf
believes(const char *clock)
{
	return (struct world_conf){ .clock = clock, VERIFIED, .side.network_time = -1, .side.time_zone = 12 };
}

static void
network_tells(struct world *w)
{
	side_network_time(w->side, NETWORK_S);
	world_run(w, 2000);
}

/* Of a host without IP network, at boot. */
static void
host_knows_nothing(struct world *w)
{
	w->clock.wall_trusted = false;
}

static void
assert_network_time(const struct world *w, int64_t least)
{
	assert_in_range(modem_network_time(w->modem), least, least + 120);
}

static bool
dates_are_checked(const struct world *w)
{
	unsigned enforces = channel_enforces(w->channel[0]), weak = channel_weaknesses(w->channel[0]);

	assert_true(!(enforces & ENFORCES_DATES) != !(weak & WEAK_DATES_UNCHECKED));
	return enforces & ENFORCES_DATES;
}

static void
up_without_host_time(struct world *w, void **state, const char *clock)
{
	struct world_conf wc = believes(clock);

	wc.side.clock_unset = true;
	scene_start(w, state, wc);
	host_knows_nothing(w);
	assert_true(world_run_until(w, world_ready, 60000));
	world_run(w, 1000);
}

static void
the_networks_time_is_learnt_when_the_module_tells_of_it(void **state)
{
	struct world w;

	up_without_host_time(&w, state, "host");
	assert_int_equal(modem_network_time(w.modem), 0);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 0);
	network_tells(&w);
	assert_network_time(&w, NETWORK_S);
	world_run(&w, 300000);
	assert_network_time(&w, NETWORK_S + 300); /* it goes on by itself */
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1);
	world_stop(&w);
}

static void
with_the_modules_clock_dates_are_checked_as_soon_as_it_is_right(void **state)
{
	struct world w;

	up_without_host_time(&w, state, "module");
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1); /* registered: it may be right already */
	assert_int_equal(modem_believed_time(w.modem), 0); /* 2004 is not */
	assert_false(dates_are_checked(&w));
	network_tells(&w);
	world_run(&w, 60000); /* asked only a minute after the last time */
	network_tells(&w);
	assert_true(dates_are_checked(&w));
	assert_in_range(modem_believed_time(w.modem), NETWORK_S, NETWORK_S + 120);
	world_stop(&w);
}

static void
with_the_modules_clock_the_host_never_sets_it(void **state)
{
	struct world w;

	scene_up(&w, state, believes("module"));
	world_run(&w, 7300000);
	assert_int_equal(world_said(&w, "AT+CCLK="), 0);
	world_stop(&w);
}

static void
with_the_modules_clock_it_is_read_again_each_hour(void **state)
{
	struct world w;

	scene_up(&w, state, believes("module"));
	world_run(&w, 1000);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1);
	world_run(&w, 3500000);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1);
	world_forget_said(&w);
	world_run(&w, 200000);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1);
	world_stop(&w);
}

static void
what_the_host_has_set_is_not_the_networks_time(void **state)
{
	struct world w;

	scene_up(&w, state, believes("host"));
	world_run(&w, 7300000);
	assert_int_equal(modem_network_time(w.modem), 0);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 0);
	world_stop(&w);
}

/* Before the host sets its own: told while the modem comes up. */
static void
a_word_on_the_way_up_is_read_before_the_host_sets_the_clock(void **state)
{
	struct world w;

	scene_start(&w, state, believes("host"));
	side_accident(w.side, SIDE_DEREGISTER);
	while (modem_state(w.modem) != MODEM_REGISTERING)
		world_run(&w, 1);
	world_run(&w, 500);
	side_accident(w.side, SIDE_REGISTER);
	side_network_time(w.side, NETWORK_S);
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_network_time(&w, NETWORK_S);
	assert_int_equal(world_said(&w, "AT+CCLK="), 1);
	world_run(&w, 4000000);
	assert_network_time(&w, NETWORK_S + 4000); /* and not the host's, which is there now */
	world_stop(&w);
}

static void
the_hosts_time_comes_back_behind_the_networks(void **state)
{
	struct world w;

	scene_up(&w, state, believes("host"));
	world_forget_said(&w);
	network_tells(&w);
	assert_network_time(&w, NETWORK_S);
	assert_int_equal(world_said(&w, "AT+CCLK="), 1);
	assert_true(dates_are_checked(&w));
	world_stop(&w);
}

static void
the_module_gets_the_hosts_time_when_that_becomes_known(void **state)
{
	struct world w;

	up_without_host_time(&w, state, "host");
	assert_int_equal(world_said(&w, "AT+CCLK="), 0);
	assert_false(dates_are_checked(&w));
	w.clock.wall_trusted = true;
	world_run(&w, 70000); /* at the next look */
	assert_int_equal(world_said(&w, "AT+CCLK="), 1);
	assert_true(dates_are_checked(&w));
	world_stop(&w);
}

/* Synchronised, it says, and shows 1970: a battery is empty. */
static void
a_host_in_1970_is_not_believed(void **state)
{
	struct world w;

	scene_start(&w, state, believes("host"));
	w.clock.wall_s = 100;
	assert_true(world_run_until(&w, world_ready, 60000));
	assert_int_equal(world_said(&w, "AT+CCLK="), 0);
	assert_int_equal(modem_believed_time(w.modem), 0);
	assert_false(dates_are_checked(&w));
	world_stop(&w);
}

static void
jumps_of_the_hosts_clock_do_no_harm(void **state)
{
	static const int64_t times[] = { 0, 4102444800, HOST_S - 86400, 1, HOST_S };
	struct world w;
	struct client *c;
	size_t i;

	scene_up(&w, state, believes("host"));
	c = scene_session(&w);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		w.clock.wall_s = times[i];
		w.clock.wall_trusted = times[i] > 1;
		client_says(c, "x");
		scene_server_says(&w, "y");
		world_run(&w, 130000);
		assert_true(world_ready(&w));
	}
	assert_received(&w, 1, "xxxxx");
	assert_read(c, "yyyyy");
	assert_int_equal(modem_figures(w.modem)->rungs[RUNG_RESYNC], 0);
	world_stop(&w);
}

static void
a_module_that_tells_without_end_is_asked_once_a_minute(void **state)
{
	struct world w;
	unsigned i;

	scene_up(&w, state, believes("module"));
	world_forget_said(&w);
	for (i = 0; i < 1200; i++) {
		side_urc(w.side, NITZ);
		world_run(&w, 100);
	}
	assert_in_range(world_said(&w, "AT+CCLK?"), 1, 3);
	world_stop(&w);
}

static void
a_session_online_is_not_disturbed(void **state)
{
	struct world w;
	struct client *c;

	up_without_host_time(&w, state, "module");
	world_forget_said(&w);
	c = scene_session(&w);
	client_says(c, "hello");
	world_run(&w, 3700000);
	assert_received(&w, 1, "hello");
	assert_int_equal(world_said(&w, "AT+CCLK?"), 0);
	client_shut(c);
	world_run(&w, 120000);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1); /* the line is free */
	world_stop(&w);
}

/* The line is about to be the session's. */
static void
a_word_during_a_dial_is_followed_when_the_session_is_over(void **state)
{
	struct world w;
	struct client *c;

	up_without_host_time(&w, state, "host");
	side_dial_takes(w.side, 5000);
	c = world_client(&w, 0);
	world_run(&w, 2000);
	side_network_time(w.side, NETWORK_S);
	world_run(&w, 20000);
	client_says(c, "hello");
	world_run(&w, 20000);
	assert_received(&w, 1, "hello");
	assert_int_equal(world_said(&w, "AT+CCLK?"), 0);
	client_leave(c);
	world_run(&w, 120000);
	assert_int_equal(world_said(&w, "AT+CCLK?"), 1);
	assert_network_time(&w, NETWORK_S + 40);
	world_stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* the notes of cinterion have no word of the network's time */
		TELIT_FAMILIES(the_networks_time_is_learnt_when_the_module_tells_of_it),
		TELIT_FAMILIES(with_the_modules_clock_dates_are_checked_as_soon_as_it_is_right),
		ON_FAMILIES(with_the_modules_clock_the_host_never_sets_it),
		TELIT_FAMILIES(with_the_modules_clock_it_is_read_again_each_hour),
		ON_FAMILIES(what_the_host_has_set_is_not_the_networks_time),
		TELIT_FAMILIES(a_word_on_the_way_up_is_read_before_the_host_sets_the_clock),
		TELIT_FAMILIES(the_hosts_time_comes_back_behind_the_networks),
		TELIT_FAMILIES(the_module_gets_the_hosts_time_when_that_becomes_known),
		ON_FAMILIES(a_host_in_1970_is_not_believed),
		ON_WAYS(jumps_of_the_hosts_clock_do_no_harm),
		TELIT_FAMILIES(a_module_that_tells_without_end_is_asked_once_a_minute),
		TELIT_ONLINE(a_session_online_is_not_disturbed),
		TELIT_ONLINE(a_word_during_a_dial_is_followed_when_the_session_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
