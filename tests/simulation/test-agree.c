/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-agree.c - the rows of tests/agree.table under the virtual clock; the real programs run the same ones
 */
#include "simulation/scene.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/xalloc.h"

#define ALL 300000 /* bytes each way, more than any case lets through */
#define BACK_MS 10000 /* the module of this file is as quick as its line */
#define CA "-----BEGIN CERTIFICATE-----\nMTIz\n-----END CERTIFICATE-----\n"

enum { NAME, MODE, WHEN, FAULT, UNDO, END, ERROR, PREFIX, FIELDS };

struct row {
	char text[400];
	char *field[FIELDS];
};

static struct row rows[40];
static struct CMUnitTest tests[40];
static size_t n_rows;

static const struct {
	const char *word;
	enum side_accident accident;
} accidents[] = {
	{ "reset", SIDE_RESET }, { "drop-context", SIDE_DROP_CONTEXT }, { "remove-sim", SIDE_REMOVE_SIM },
	{ "insert-sim", SIDE_INSERT_SIM }, { "abort", SIDE_PEER_ABORT },
};

static struct world_conf
conf_of(const struct row *r)
{
	static char channel[40];

	snprintf(channel, sizeof(channel), "mode = \"%s\";", r->field[MODE]);
	return (struct world_conf){
		.side = { .family = "telit-ge", .line_rate = 115200, .seed = 1 },
		.channel = channel,
		.modem = "supervision = 10;",
		.tls = "verify = \"server\"; ca = \"ca\";",
		.two = "remote = \"two.example:443\"; wait_timeout = 300; tls = { verify = \"server\"; ca = \"ca\"; };",
		.certs = { CA },
	};
}

static void
happen(struct world *w, const struct row *r, const char *what)
{
	struct world_conf wc = conf_of(r);
	unsigned i, ms;

	if (!strcmp(what, "-"))
		return;
	if (!strcmp(what, "kill")) {
		w->clients->end = CLIENT_RESET; /* the kernel's word */
		world_restart(w, &wc);
		if (!world_run_until(w, world_ready, BACK_MS))
			fail_msg("not ready %u ms after a kill", BACK_MS);
		return;
	}
	if (sscanf(what, "unplug %u", &ms) == 1) {
		world_line_down(w);
		world_run(w, ms);
		world_line_up(w);
		return;
	}
	if (str_starts(what, "fault ")) {
		side_fault(w->side, what + 6);
		return;
	}
	for (i = 0; i < sizeof(accidents) / sizeof(accidents[0]); i++) {
		if (!strcmp(what, accidents[i].word)) {
			side_accident(w->side, accidents[i].accident);
			return;
		}
	}
	fail_msg("%s: no such fault here", what);
}

static void
assert_end(struct world *w, const struct row *r, struct client *c)
{
	enum client_end want = !strcmp(r->field[END], "open") ? CLIENT_OPEN : CLIENT_RESET;
	unsigned i;

	for (i = 0; i < 1200 && c->end == CLIENT_OPEN; i++)
		world_run(w, want == CLIENT_OPEN ? 10 : 100);
	if (c->end != want)
		fail_msg("the app's end is %s: %s", c->end == CLIENT_OPEN ? "none" : c->end == CLIENT_EOF ? "EOF" : "a reset",
		    channel_error(w->channel[0]));
}

static void
assert_last_error(const struct world *w, const struct row *r)
{
	regex_t re;

	if (!strcmp(r->field[ERROR], "-"))
		return;
	assert_int_equal(regcomp(&re, r->field[ERROR], REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, channel_error(w->channel[0]), 0, NULL, 0) != 0)
		fail_msg("LastError is \"%s\", not \"%s\"", channel_error(w->channel[0]), r->field[ERROR]);
	regfree(&re);
}

static void
assert_prefix(struct world *w, const struct row *r, const struct client *c)
{
	const uint8_t *got;
	size_t n;

	if (!strcmp(r->field[PREFIX], "none")) {
		assert_int_equal(c->down_len, 0);
		return;
	}
	got = side_peer_bytes(w->side, 1, &n);
	assert_true(n > 0 && n <= c->written);
	assert_memory_equal(got, c->up, n);
	if (!strcmp(r->field[PREFIX], "both"))
		assert_memory_equal(c->down, c->up, c->down_len);
}

/* An app that comes back until it is served; a blocked channel closes it at once. */
static void
assert_served_again(struct world *w)
{
	struct client *c = NULL;
	unsigned i;

	side_next_peer(w->side, SIDE_ECHO, 0);
	for (i = 0; i < 3000 && (!c || c->down_len < 12); i++) {
		if (!c || (c->end != CLIENT_OPEN && !(i % 10))) {
			c = world_client(w, 1);
			client_says(c, "still there?");
		}
		world_run(w, 100);
	}
	assert_read(c, "still there?");
	client_leave(c);
	world_run(w, 20000);
	assert_true(world_ready(w));
}

/* Bytes go both ways, or the app comes when the fault is there. */
static struct client *
begin(struct world *w, const struct row *r, const uint8_t *up)
{
	struct world_conf wc = conf_of(r);
	struct client *c;

	world_start(w, &wc);
	if (!strcmp(r->field[WHEN], "dial"))
		happen(w, r, r->field[FAULT]);
	else if (!world_run_until(w, world_ready, 60000))
		fail_msg("not ready: %s", modem_error(w->modem));
	c = world_client(w, 0);
	client_write(c, up, ALL);
	if (strcmp(r->field[WHEN], "moving"))
		return c;
	world_run(w, 5000);
	assert_true(side_peer_open(w->side));
	side_peer_send(w->side, up, ALL); /* the same back */
	world_run(w, 5000);
	assert_true(c->down_len > 0 && c->taken > 0);
	happen(w, r, r->field[FAULT]);
	return c;
}

static void
the_case_ends_as_the_table_says(void **state)
{
	const struct row *r = *state;
	uint8_t *up = xcalloc(1, ALL);
	struct world w;
	struct client *c;
	size_t i;

	for (i = 0; i < ALL; i++)
		up[i] = (uint8_t)(i * 7 + i / 251);
	c = begin(&w, r, up);
	assert_end(&w, r, c);
	assert_last_error(&w, r);
	assert_prefix(&w, r, c);
	happen(&w, r, r->field[UNDO]);
	if (c->end == CLIENT_OPEN)
		client_leave(c);
	assert_served_again(&w);
	world_stop(&w);
	free(up);
}

/* "a | b | ...", blanks around each gone; false: no row. */
static bool
read_row(struct row *r)
{
	char *at = r->text, *end;
	size_t i;

	if (r->text[0] == '#' || !strchr(r->text, '|'))
		return false;
	for (i = 0; i < FIELDS; i++) {
		if (!at) {
			fprintf(stderr, "a row with %zu fields: %s\n", i, r->text);
			exit(1);
		}
		r->field[i] = strsep(&at, "|");
		r->field[i] += strspn(r->field[i], " \t");
		for (end = r->field[i] + strlen(r->field[i]); end > r->field[i] && strchr(" \t\n", end[-1]); end--)
			;
		*end = '\0';
	}
	return true;
}

int
main(void)
{
	FILE *f = fopen(SRCDIR "/tests/agree.table", "r");

	while (f && n_rows < sizeof(rows) / sizeof(rows[0]) && fgets(rows[n_rows].text, sizeof(rows[0].text), f))
		if (read_row(&rows[n_rows])) {
			tests[n_rows] = (struct CMUnitTest){ rows[n_rows].field[NAME], the_case_ends_as_the_table_says, NULL, NULL,
				&rows[n_rows] };
			n_rows++;
		}
	if (!f || n_rows < 10) {
		fprintf(stderr, "tests/agree.table has %zu rows\n", n_rows);
		return 1;
	}
	fclose(f);
	return _cmocka_run_group_tests("agree", tests, n_rows, NULL, NULL);
}
