/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tty.h - opens and sets up a serial line; the only place that knows termios
 */
#ifndef CELLTLS_PORT_TTY_H
#define CELLTLS_PORT_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Opens path for this process alone: raw, 8N1, no XON/XOFF, modem lines
 * ignored, DTR held and not dropped at close.  baud 0 leaves the speed as it
 * is; rates without a Bxxx of their own are fine.  rtscts: the module stops us
 * by its CTS line.
 *
 * A descriptor (non-blocking, closed on exec), or -errno with why[size] saying
 * what to do:
 *   -ENOENT -ENXIO -ENODEV  not there (yet)
 *   -ENOTTY                 no tty
 *   -EBUSY                  another process has it
 *   -EINVAL                 it does not do this rate
 *   -EACCES and others      as open(2) says
 */
int tty_open(const char *path, unsigned baud, bool rtscts, char *why, size_t size);

/* Another rate, from the next byte on.  0, or -errno when the device does not do it; it is then at its old one. */
int tty_rate(int fd, unsigned baud);

/* Lets others open the device again, and closes. */
void tty_close(int fd);

/* Bytes that the kernel has not sent yet; always 0 on ptys and many USB functions. */
size_t tty_outq(int fd);

/* Throws away what was not sent yet; returns how many bytes, as far as the kernel tells. */
size_t tty_flush(int fd);

/* Raises or drops DTR, which tty_open() has raised.  false: the device has no such line, as ptys. */
bool tty_dtr(int fd, bool on);

/* The carrier line: 1, 0, or -1 where the device has none. */
int tty_carrier(int fd);

#endif
