/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - what one end of a connection does, step by step, as words of a command line
 *
 *   text:STRING        sends STRING; \r \n \0 \\ and \xHH are understood
 *   send:FILE          sends the file
 *   flood:BYTES        sends so many bytes of a pattern; 0: until the other end is gone
 *   recv:BYTES:FILE    receives exactly so many bytes into FILE ("-": nowhere)
 *   sink:FILE          receives until the end
 *   both:SEND:BYTES:FILE  sends the file SEND and receives BYTES into FILE, both at once
 *   echo               sends back what it receives, until the end
 *   until:STRING       receives up to and with STRING
 *   pace:BYTES:MS      from here on at most BYTES per MS, each way
 *   for:MS             the next transfer ends after MS, and counts as done however far it came
 *   sleep:MS
 *   shut               no more bytes from here (Unix and plain TCP: a half-close)
 *   close              in order (TLS: with close_notify)
 *   drop               closes without close_notify
 *   abort              a reset (TCP)
 *
 * Each step prints what came of it, one line each:
 *   sent BYTES | received BYTES sha256 HEX | end WORD
 * where WORD is "eof" (TLS: a TCP end without close_notify), "close_notify", "reset", "pipe" or "error".
 * An end before a step is done makes the script fail, but when the step has a "-" before it.
 */
#ifndef CELLTLS_TESTS_SCRIPT_H
#define CELLTLS_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* read and write: bytes done, 0 at the end (read), -1 with errno; EAGAIN when the file descriptor is to be polled. */
struct stream {
	int fd;
	void *tls;
	ssize_t (*read)(struct stream *, void *bytes, size_t len);
	ssize_t (*write)(struct stream *, const void *bytes, size_t len);
	void (*close_notify)(struct stream *);
	bool ended_by_notice; /* read said 0 because of a close_notify */
};

void stream_plain(struct stream *, int fd);

/* Runs all steps; 0, or 1 when one failed.  The descriptor is closed when a step says so, else stays open. */
int script_run(struct stream *, char *const *steps);

/* The exit status and the end of a program whose time is over. */
void script_limit(unsigned seconds);

#endif
