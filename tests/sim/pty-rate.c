/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pty-rate.c - the rate that the host has set, also one that has no Bxxx
 *
 * In a file of its own, for the kernel's termios and glibc's do not go together.
 */
#include <asm/termbits.h>
#include <sys/ioctl.h>

#include "pty.h"

unsigned
pty_rate(const struct pty *p)
{
	struct termios2 t;

	/* asked of the master, it is what the other side has set */
	if (p->master < 0 || ioctl(p->master, TCGETS2, &t))
		return 0;
	return t.c_ospeed;
}
