/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

int
control_open(struct control *c, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;

	for (int i = 0; i < CONTROL_CLIENTS; i++)
		c->clients[i].fd = -1;
	c->fd = -1;
	if (!path)
		return 0;
	if (!str_copy(sun.sun_path, sizeof(sun.sun_path), path))
		return -ENAMETOOLONG;
	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&sun, sizeof(sun)) || listen(c->fd, 4))
		return -errno;
	c->path = path;
	return 0;
}

static void
client_close(struct control_client *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	k->len = 0;
}

void
control_close(struct control *c)
{
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		client_close(&c->clients[i]);
	if (c->fd >= 0)
		close(c->fd);
	if (c->path)
		unlink(c->path);
	c->fd = -1;
	c->path = NULL;
}

static void
answer(struct control_client *k, const char *text)
{
	if (send(k->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		client_close(k);
}

static bool
event(struct control *c, const char *word)
{
	static const struct {
		const char *word;
		enum sim_event event;
	} events[] = {
		{ "reset", SIM_RESET },		  { "power", SIM_POWER },	{ "drop-context", SIM_DROP_CONTEXT },
		{ "remove-sim", SIM_REMOVE_CARD }, { "insert-sim", SIM_INSERT_CARD }, { "deregister", SIM_DEREGISTER },
		{ "register", SIM_REGISTER },	  { "roam", SIM_ROAM },		{ "denied", SIM_DENY },
		{ "close", SIM_PEER_CLOSE },	  { "abort", SIM_PEER_ABORT },	{ "dtr drop", SIM_DTR_DROP },
		{ "dtr raise", SIM_DTR_RAISE },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(word, events[i].word)) {
			module_event(c->module, events[i].event);
			return true;
		}
	return false;
}

static void
run_line(struct control *c, struct control_client *k, const char *line)
{
	char text[2048] = "error: ", err[128];
	long long seconds = 0;
	unsigned n;

	if (!strcmp(line, "counters")) {
		module_counters_text(c->module, text, sizeof(text));
		answer(k, text);
		return;
	}
	if (!strcmp(line, "quit")) {
		answer(k, "ok\n");
		c->quit(c->arg);
		return;
	}
	if (!strcmp(line, "carrier")) {
		answer(k, module_carrier(c->module) ? "1\n" : "0\n");
		return;
	}
	if (str_starts(line, "fault ")) {
		if (!module_fault(c->module, line + 6, err, sizeof(err))) {
			str_add(text, sizeof(text), "%s\n", err);
			answer(k, text);
			return;
		}
	} else if (!strcmp(line, "mute on") || !strcmp(line, "mute off")) {
		module_mute(c->module, line[6] == 'n');
	} else if (sscanf(line, "garbage %u", &n) == 1 && n <= 65536) {
		module_garbage(c->module, n);
	} else if (sscanf(line, "unplug %u", &n) == 1) {
		c->unplug(c->arg, n);
	} else if (!strcmp(line, "swap-sim") || str_starts(line, "swap-sim ")) {
		module_swap_card(c->module, line[8] ? line + 9 : NULL);
	} else if (!strcmp(line, "nitz") || sscanf(line, "nitz %lld", &seconds) == 1) {
		module_network_time(c->module, line[4] ? seconds : 0);
	} else if (str_starts(line, "urc ")) {
		module_urc(c->module, line + 4);
	} else if (!event(c, line)) {
		answer(k, "error: unknown command\n");
		return;
	}
	answer(k, "ok\n");
}

static void
client_run(struct control *c, struct control_client *k)
{
	ssize_t n = recv(k->fd, k->line + k->len, sizeof(k->line) - 1 - k->len, MSG_DONTWAIT);
	char *end;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_close(k);
		return;
	}
	k->len += (size_t)n;
	while (k->fd >= 0 && (end = memchr(k->line, '\n', k->len))) {
		size_t used = (size_t)(end - k->line) + 1;

		*end = '\0';
		if (end > k->line && end[-1] == '\r')
			end[-1] = '\0';
		run_line(c, k, k->line);
		if (k->fd < 0)
			return;
		k->len -= used;
		memmove(k->line, k->line + used, k->len);
	}
	if (k->len == sizeof(k->line) - 1)
		client_close(k);
}

int
control_poll(const struct control *c, struct pollfd *fds)
{
	int n = 0;

	if (c->fd >= 0)
		fds[n++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd >= 0)
			fds[n++] = (struct pollfd){ .fd = c->clients[i].fd, .events = POLLIN };
	return n;
}

void
control_run(struct control *c)
{
	int fd = c->fd >= 0 ? accept4(c->fd, NULL, NULL, SOCK_CLOEXEC) : -1;

	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *k = &c->clients[i];

		if (k->fd < 0 && fd >= 0) {
			k->fd = fd;
			k->len = 0;
			fd = -1;
		}
		if (k->fd >= 0)
			client_run(c, k);
	}
	if (fd >= 0)
		close(fd);
}
