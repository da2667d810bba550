/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pty.h - the pseudo terminal that stands for the module's tty
 *
 * The host's side is held open here too: hosts may come and go as they like.
 */
#ifndef SIM_PTY_H
#define SIM_PTY_H

struct pty {
	int master, slave;
	char name[64];
	const char *link; /* symbolic link to the host's side, or NULL */
};

int pty_open(struct pty *p); /* 0 or -errno */
void pty_close(struct pty *p); /* and removes the link; may run twice */
unsigned pty_rate(const struct pty *p); /* bit/s that the host has set; 0: unknown, or hung up */

#endif
