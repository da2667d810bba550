/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h - a socket that steers a running simulator, a command per line
 *
 * Each is answered "ok" or "error: why"; "counters" by its lines and an empty one.
 */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include <poll.h>

#include "module.h"

#define CONTROL_CLIENTS 8

struct control {
	struct module *module;
	void (*quit)(void *arg);
	void (*unplug)(void *arg, unsigned ms);
	void *arg;
	int fd;
	const char *path;
	struct control_client {
		int fd;
		size_t len;
		char line[1200];
	} clients[CONTROL_CLIENTS];
};

int control_open(struct control *c, const char *path); /* 0 or -errno */
void control_close(struct control *c);

/* Fills in what to poll, at most CONTROL_CLIENTS + 1; returns how many. */
int control_poll(const struct control *c, struct pollfd *fds);
void control_run(struct control *c);

#endif
