/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect.c - "connect": standard input and output are a session of the channel
 *
 * What to know first: standard input and output are other people's too, so they
 * stay blocking.  No more is written to output at once than a pipe that is
 * writable takes (PIPE_BUF), so that neither direction waits for the other.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "ctl/ctl.h"
#include "ctl/problem.h"
#include "ctl/remote.h"

#define ROOM (64 * 1024) /* bytes on their way in each direction, at most */

/* ---- the socket ---- */

static int
open_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	AUTO_FD int fd = -1;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return fd_take(&fd);
}

/* By Open(), which hands a connected socket over: the path may not be visible here (another mount namespace). */
static int
ask_for_socket(struct ctl *c, const struct object *o, int *ret)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL, *reply = NULL;
	int status = remote_message(c, o->path, REMOTE_CHANNEL, "Open", &m), fd;

	if (status == CTL_FINE)
		status = remote_ask(c, m, o->name, &reply);
	if (status != CTL_FINE)
		return status;
	if (sd_bus_message_read(reply, "h", &fd) < 0 || (*ret = dup(fd)) < 0) {
		problem("%s: Open() gave no socket", o->name);
		return CTL_FAILED;
	}
	return CTL_FINE;
}

/* ---- the pipe ---- */

struct pipe_end {
	bool in_open;	/* more may come from standard input */
	bool up_open;	/* the channel takes bytes; false when standard input has ended, or the channel does not listen */
	bool down_open; /* the channel may send more */
	int error;	/* errno of the end of the channel; 0: end-of-file */
	struct buf up, down;
};

static void
read_input(struct pipe_end *p)
{
	char bytes[16 * 1024];
	size_t room = buf_room(&p->up);
	ssize_t n = read(STDIN_FILENO, bytes, room < sizeof(bytes) ? room : sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		problem("standard input: %s", strerror(errno));
	if (n > 0)
		buf_put(&p->up, bytes, (size_t)n);
	else
		p->in_open = false;
}

static void
send_up(struct pipe_end *p, int fd)
{
	ssize_t n = send(fd, buf_bytes(&p->up), p->up.len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		buf_drop(&p->up, (size_t)n);
	else if (n < 0 && errno != EINTR && errno != EAGAIN)
		p->up_open = false; /* what it has sent is still to be read, and how it ended */
}

static void
receive_down(struct pipe_end *p, int fd)
{
	char bytes[16 * 1024];
	size_t room = buf_room(&p->down);
	ssize_t n = recv(fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes), MSG_DONTWAIT);

	if (n > 0) {
		buf_put(&p->down, bytes, (size_t)n);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		p->error = n < 0 ? errno : 0;
		p->down_open = false;
	}
}

/* false: nobody reads standard output any more. */
static bool
write_output(struct pipe_end *p)
{
	size_t len = p->down.len < PIPE_BUF ? p->down.len : PIPE_BUF;
	ssize_t n = write(STDOUT_FILENO, buf_bytes(&p->down), len);

	if (n >= 0)
		buf_drop(&p->down, (size_t)n);
	else if (errno == EAGAIN) /* somebody has made it non-blocking */
		poll(&(struct pollfd){ STDOUT_FILENO, POLLOUT, 0 }, 1, -1);
	else if (errno != EINTR) {
		if (errno != EPIPE)
			problem("standard output: %s", strerror(errno));
		return false;
	}
	return true;
}

/* Input has ended and all of it is sent: the server hears of it. */
static void
half_close(struct pipe_end *p, int fd)
{
	if (!p->in_open && !p->up.len && p->up_open) {
		shutdown(fd, SHUT_WR);
		p->up_open = false;
	}
}

/* A descriptor of which nothing is wanted is left out: poll() would tell of its end again and again. */
static int
wanted(int fd, short events)
{
	return events ? fd : -1;
}

/* Until the channel has ended and all that it sent is written.  false: nobody reads standard output. */
static bool
run_pipe(struct pipe_end *p, int fd)
{
	while (p->down_open || p->down.len) {
		short in = p->in_open && p->up_open && p->down_open && buf_room(&p->up) ? POLLIN : 0;
		short channel = (p->down_open && buf_room(&p->down) ? POLLIN : 0) | (p->up_open && p->up.len ? POLLOUT : 0);
		struct pollfd fds[] = {
			{ wanted(STDIN_FILENO, in), in, 0 },
			{ p->down_open ? wanted(fd, channel) : -1, channel, 0 },
			{ STDOUT_FILENO, p->down.len ? POLLOUT : 0, 0 },
		};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return false;
		if (fds[2].revents & POLLNVAL)
			return false;
		if (!p->down.len && (fds[2].revents & (POLLERR | POLLHUP)))
			return false; /* the reader left while there was nothing to write */
		if (fds[2].revents && p->down.len && !write_output(p))
			return false;
		if (fds[0].revents)
			read_input(p);
		if (fds[1].revents && (channel & POLLIN))
			receive_down(p, fd);
		if (fds[1].revents && p->up_open && p->up.len)
			send_up(p, fd);
		half_close(p, fd);
	}
	return true;
}

/* ---- the command ---- */

/* Its properties as they are now, by a new connection: a session may last longer than a bus. */
static int
look_again(struct ctl *c, const char *name, struct value *all, struct object *ret)
{
	int status;

	remote_close(c);
	*all = value_map();
	status = remote_open(c);
	if (status == CTL_FINE)
		status = remote_objects(c, all);
	return status == CTL_FINE ? remote_find(all, REMOTE_CHANNEL, name, ret) : status;
}

static void
say_end(const struct object *o, const char *how)
{
	const char *error = value_text(o->properties, "LastError");

	problem("%s: %s%s%s", o->name, how, *error ? ": " : "", error);
}

/* That the pipe came to its end with nothing in it says little: what is still to be read was not sent either. */
static bool
is_unsent(struct pipe_end *p)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };

	if (p->in_open && !p->up.len && poll(&in, 1, 0) > 0)
		read_input(p);
	return p->up.len > 0;
}

/*
 * A failure with none of our bytes unread looks like end-of-file, since Linux has no other word for it.  Then the count
 * of failures has grown, or, when the daemon itself went away, the dial is forgotten.  That another session of the
 * channel has failed meanwhile cannot be told apart.
 */
static int
judge(struct ctl *c, const struct object *before, struct pipe_end *p)
{
	struct value all;
	struct object now;
	int status = look_again(c, before->name, &all, &now);

	if (status == CTL_FINE && p->error) {
		say_end(&now, strerror(p->error));
		status = CTL_RESET;
	} else if (status == CTL_FINE && is_unsent(p)) {
		problem("%s: the server closed before all of standard input was sent", now.name);
		status = CTL_RESET;
	} else if (status == CTL_FINE && (value_number(now.properties, "Failures") != value_number(before->properties, "Failures") ||
	    value_number(now.properties, "Dials") <= value_number(before->properties, "Dials"))) {
		say_end(&now, "did not end in order");
		status = CTL_RESET;
	}
	value_deinit(&all);
	return status;
}

static int
transfer(struct ctl *c, const struct object *o)
{
	struct pipe_end p = { true, true, true, 0, BUF_INIT(ROOM), BUF_INIT(ROOM) };
	AUTO_FD int fd = open_socket(value_text(o->properties, "Socket"));
	int status = CTL_FINE;

	if (fd < 0)
		status = ask_for_socket(c, o, &fd);
	if (status != CTL_FINE)
		return status;
	remote_close(c);
	signal(SIGPIPE, SIG_IGN);
	status = run_pipe(&p, fd) ? judge(c, o, &p) : CTL_FAILED;
	buf_deinit(&p.up);
	buf_deinit(&p.down);
	return status;
}

int
ctl_connect(struct ctl *c, char **args)
{
	struct value all;
	struct object o;
	int status = remote_objects(c, &all);

	if (status == CTL_FINE)
		status = remote_find(&all, REMOTE_CHANNEL, args[0], &o);
	if (status == CTL_FINE && strcmp(value_text(o.properties, "State"), "blocked") == 0) {
		say_end(&o, "blocked by its configuration");
		status = CTL_NOT_NOW;
	}
	if (status == CTL_FINE)
		status = transfer(c, &o);
	value_deinit(&all);
	return status;
}
