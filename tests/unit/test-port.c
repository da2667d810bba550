/* SPDX-License-Identifier: Apache-2.0 */
/* A port on a pty whose master is the module. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/str.h"
#include "port/port.h"
#include "port/tty.h"

struct world {
	struct loop *loop;
	struct port *port;
	struct wire *wire;
	int master;
	char path[64];
	size_t got; /* bytes that input() brought */
	char last[32];
	unsigned writables;
	int lost;
	bool close_on_input;
};

static char why[256];

static void
on_input(const void *bytes, size_t len, void *arg)
{
	struct world *w = arg;

	w->got += len;
	snprintf(w->last, sizeof(w->last), "%.*s", (int)(len < 31 ? len : 31), (const char *)bytes);
	if (w->close_on_input)
		port_close(w->port);
}

static void
on_writable(void *arg)
{
	struct world *w = arg;

	w->writables++;
}

static void
on_lost(int error, void *arg)
{
	struct world *w = arg;

	w->lost = error;
}

static const struct port_owner owner = { .input = on_input, .writable = on_writable, .lost = on_lost };

static void
plug_in(struct world *w)
{
	w->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(w->master >= 0);
	assert_int_equal(grantpt(w->master), 0);
	assert_int_equal(unlockpt(w->master), 0);
	assert_int_equal(ptsname_r(w->master, w->path, sizeof(w->path)), 0);
}

static int
open_port(struct world *w, unsigned baud)
{
	struct port_conf conf = { .path = w->path, .baud = baud, .rtscts = true };

	return port_open(w->port, &conf, why, sizeof(why));
}

static int
setup(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	w.loop = loop_new();
	w.port = port_new(w.loop, &owner, &w);
	w.wire = port_wire(w.port);
	plug_in(&w);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	port_free(w->port);
	loop_free(w->loop);
	if (w->master >= 0)
		close(w->master);
	return 0;
}

static void
bytes_pass_raw_both_ways(void **state)
{
	static const char odd[] = "\x03\x11\x13\x1a\r\n\x7f\xff\0+";
	struct world *w = *state;
	char got[32];

	assert_int_equal(open_port(w, 0), 0);
	assert_int_equal(w->wire->ops->write(w->wire, odd, sizeof(odd)), sizeof(odd));
	assert_int_equal(read(w->master, got, sizeof(got)), sizeof(odd));
	assert_memory_equal(got, odd, sizeof(odd));
	assert_int_equal(write(w->master, odd, sizeof(odd)), sizeof(odd));
	loop_turn(w->loop, true);
	assert_int_equal(w->got, sizeof(odd));
	assert_string_equal(w->last, odd);
}

static void
one_turn_reads_more_than_one_pty_buffer(void **state)
{
	struct world *w = *state;
	char piece[4096];
	size_t in = 0;
	ssize_t n;
	int turns;

	memset(piece, 'x', sizeof(piece));
	assert_int_equal(open_port(w, 0), 0);
	while (in < 16384 && (n = write(w->master, piece, sizeof(piece))) > 0)
		in += (size_t)n;
	usleep(20000);
	for (turns = 0; w->got < in && turns < 10; turns++)
		loop_turn(w->loop, true);
	assert_int_equal(w->got, in);
	assert_true(turns < 10);
}

/* Until nothing more goes in: the kernel moves bytes on to the master for a while. */
static void
fill(struct world *w)
{
	static char piece[65536];
	unsigned before;
	int rounds = 0;

	do {
		before = w->writables;
		while (w->wire->ops->write(w->wire, piece, sizeof(piece)) == sizeof(piece))
			;
		usleep(20000);
		loop_turn(w->loop, false);
	} while (w->writables != before && rounds++ < 50);
	assert_true(rounds < 50);
}

static void
a_full_line_says_when_there_is_room(void **state)
{
	struct world *w = *state;
	char piece[4096];
	unsigned before;
	int turns;

	assert_int_equal(open_port(w, 0), 0);
	fill(w);
	before = w->writables;
	assert_int_equal(w->wire->ops->room(w->wire), 0);
	while (read(w->master, piece, sizeof(piece)) > 0)
		;
	for (turns = 0; w->writables == before && turns < 5; turns++)
		loop_turn(w->loop, true);
	assert_int_equal(w->writables, before + 1);
	assert_true(w->wire->ops->room(w->wire) > 0);
	assert_int_equal(w->wire->ops->write(w->wire, "x", 1), 1);
	loop_turn(w->loop, false);
	loop_turn(w->loop, false);
	assert_int_equal(w->writables, before + 1); /* and once is enough */
}

static void
a_rate_paces_what_is_written(void **state)
{
	struct world *w = *state;
	static char piece[8192];
	uint64_t now;

	assert_int_equal(open_port(w, 115200), 0);
	now = loop_clock(w->loop)->now_ms;
	assert_int_equal(w->wire->ops->room(w->wire), 4096);
	assert_int_equal(w->wire->ops->write(w->wire, piece, sizeof(piece)), 4096);
	assert_int_equal(w->wire->ops->room(w->wire), 0);
	assert_int_equal(w->wire->ops->drained_ms(w->wire), now + 356);
	while (!w->writables && loop_clock(w->loop)->now_ms < now + 1000)
		loop_turn(w->loop, true);
	assert_true(loop_clock(w->loop)->now_ms >= now + 177);
	assert_in_range(w->wire->ops->room(w->wire), 2000, 4096);
}

static void
reading_can_be_stopped(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_port(w, 0), 0);
	w->wire->ops->reading(w->wire, false);
	assert_int_equal(write(w->master, "abc", 3), 3);
	loop_turn(w->loop, true);
	loop_turn(w->loop, false);
	assert_int_equal(w->got, 0);
	w->wire->ops->reading(w->wire, true);
	loop_turn(w->loop, true);
	assert_int_equal(w->got, 3);
}

static void
a_lost_tty_is_told_after_its_last_bytes(void **state)
{
	struct world *w = *state;
	int turns;

	assert_int_equal(open_port(w, 0), 0);
	assert_int_equal(write(w->master, "last", 4), 4);
	usleep(10000);
	loop_turn(w->loop, true);
	close(w->master);
	for (turns = 0; !w->lost && turns < 5; turns++)
		loop_turn(w->loop, true);
	assert_int_equal(w->lost, EIO);
	assert_string_equal(w->last, "last");
	assert_false(port_is_open(w->port));
	assert_int_equal(w->wire->ops->room(w->wire), 0);
	assert_int_equal(w->wire->ops->write(w->wire, "x", 1), 0);
	assert_int_equal(w->wire->ops->flush(w->wire), 0);
	assert_int_equal(w->wire->ops->carrier(w->wire), -1);
	plug_in(w);
	assert_int_equal(open_port(w, 0), 0);
	assert_int_equal(w->wire->ops->write(w->wire, "x", 1), 1);
}

/* A pty has no such line: whoever wants to drop it must hear that. */
static void
no_dtr_on_a_pty(void **state)
{
	struct world *w = *state;

	assert_false(w->wire->ops->dtr(w->wire, false)); /* closed */
	assert_int_equal(open_port(w, 0), 0);
	assert_false(w->wire->ops->dtr(w->wire, false));
	assert_false(w->wire->ops->dtr(w->wire, true));
	assert_int_equal(w->lost, 0);
}

static void
a_write_that_finds_the_loss_tells_of_it_later(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_port(w, 0), 0);
	close(w->master);
	w->master = -1;
	assert_int_equal(w->wire->ops->write(w->wire, "x", 1), 0);
	assert_int_equal(w->lost, 0);
	loop_turn(w->loop, true);
	assert_int_equal(w->lost, EIO);
}

static void
the_owner_may_close_inside_its_callback(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_port(w, 0), 0);
	w->close_on_input = true;
	assert_int_equal(write(w->master, "abc", 3), 3);
	loop_turn(w->loop, true);
	assert_int_equal(w->got, 3);
	assert_false(port_is_open(w->port));
	assert_int_equal(open_port(w, 0), 0);
}

static void
the_line_is_set_up_raw_and_at_its_rate(void **state)
{
	struct world *w = *state;
	struct termios t;

	assert_int_equal(open_port(w, 115200), 0);
	assert_int_equal(tcgetattr(w->master, &t), 0);
	assert_int_equal(t.c_lflag & (ECHO | ICANON | ISIG), 0);
	assert_int_equal(t.c_iflag & (IXON | IXOFF | ICRNL | ISTRIP), 0);
	assert_int_equal(t.c_oflag & OPOST, 0);
	assert_int_equal(t.c_cflag & HUPCL, 0);
	assert_int_equal(cfgetospeed(&t), B115200);
	assert_int_equal(t.c_cflag & CLOCAL, CLOCAL);
	assert_int_equal(open_port(w, 123456), 0); /* no Bxxx for that */
}

/*
 * What a pty cannot show: it has no DTR and RTS, so that they are held is to be
 * seen on hardware alone; and HUPCL means nothing to it, but it keeps the flag.
 */
static void
closing_leaves_the_line_as_it_is(void **state)
{
	struct world *w = *state;
	struct termios t;

	assert_int_equal(tcgetattr(w->master, &t), 0);
	t.c_cflag |= HUPCL;
	t.c_cflag &= ~(tcflag_t)CLOCAL;
	assert_int_equal(tcsetattr(w->master, TCSANOW, &t), 0);
	assert_int_equal(open_port(w, 57600), 0);
	port_close(w->port);
	assert_int_equal(tcgetattr(w->master, &t), 0);
	assert_int_equal(t.c_cflag & HUPCL, 0);
	assert_int_equal(t.c_cflag & CLOCAL, CLOCAL);
	assert_int_equal(cfgetospeed(&t), B57600);
}

static void
an_open_sets_the_configured_rate_again(void **state)
{
	struct world *w = *state;
	struct termios t;

	assert_int_equal(open_port(w, 115200), 0);
	assert_true(w->wire->ops->rate(w->wire, 9600));
	assert_int_equal(tcgetattr(w->master, &t), 0);
	assert_int_equal(cfgetospeed(&t), B9600);
	assert_int_equal(open_port(w, 115200), 0);
	assert_int_equal(tcgetattr(w->master, &t), 0);
	assert_int_equal(cfgetospeed(&t), B115200);
	assert_int_equal(w->wire->ops->room(w->wire), 4096); /* and the pace is that rate's */
}

static void
two_cannot_have_one_tty(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_port(w, 0), 0);
	assert_int_equal(tty_open(w->path, 0, false, why, sizeof(why)), -EBUSY);
	assert_non_null(strstr(why, "another process"));
	port_close(w->port);
	assert_int_equal(open_port(w, 0), 0);
}

static void
what_is_no_tty_is_refused(void **state)
{
	struct world *w = *state;

	str_copy(w->path, sizeof(w->path), "/dev/null");
	assert_int_equal(open_port(w, 0), -ENOTTY);
	assert_non_null(strstr(why, "not a tty"));
	str_copy(w->path, sizeof(w->path), "/etc/passwd");
	assert_int_equal(open_port(w, 0), -ENOTTY);
	str_copy(w->path, sizeof(w->path), "/dev/no-such-modem");
	assert_int_equal(open_port(w, 0), -ENOENT);
	assert_non_null(strstr(why, "plugged in"));
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(bytes_pass_raw_both_ways),
		WITH_WORLD(one_turn_reads_more_than_one_pty_buffer),
		WITH_WORLD(a_full_line_says_when_there_is_room),
		WITH_WORLD(a_rate_paces_what_is_written),
		WITH_WORLD(reading_can_be_stopped),
		WITH_WORLD(a_lost_tty_is_told_after_its_last_bytes),
		WITH_WORLD(no_dtr_on_a_pty),
		WITH_WORLD(a_write_that_finds_the_loss_tells_of_it_later),
		WITH_WORLD(the_owner_may_close_inside_its_callback),
		WITH_WORLD(the_line_is_set_up_raw_and_at_its_rate),
		WITH_WORLD(closing_leaves_the_line_as_it_is),
		WITH_WORLD(an_open_sets_the_configured_rate_again),
		WITH_WORLD(two_cannot_have_one_tty),
		WITH_WORLD(what_is_no_tty_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
