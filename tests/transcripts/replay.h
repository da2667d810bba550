/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.h - shared by replay.c, which knows lines, and operations.c, which knows the driver's operations
 */
#ifndef CELLTLS_TESTS_REPLAY_H
#define CELLTLS_TESTS_REPLAY_H

#include "at/at.h"
#include "at/dialect.h"
#include "base/buf.h"
#include "port/trace.h"
#include "transcript.h"

enum way { WAY_WHOLE, WAY_BYTEWISE, WAY_SLIPPED, WAY_TRACE };

struct replay {
	const struct transcript *t;
	const struct tline *line;
	enum way way;
	bool failed;

	struct clock clock;
	struct wire wire;
	struct at *at;
	struct trace *trace;
	struct buf out, data, said, up; /* written; given to the session; said by the module; the app's, to be written */
	size_t expected, filled;
	uint64_t left_ms, escaped_ms;
	bool fresh;	     /* the next "<" begins a line of the module */
	unsigned slipped, suspects;
	char events[200], noise[400];
	char last[200];      /* event, in full: kind/sock/code/in_order/text */

	const struct dialect *dialect;
	struct module mod;
	struct modem_op modem;
	struct sock_op sock;
	struct slot_op slot;
	char host[300], apn[100], user[64], password[64], pin[16];
	uint8_t payload[4096]; /* of the operation, as the driver must write it */
	size_t payload_len;
	char lines[4096];      /* of a slot that is read */
	unsigned n_lines;
	size_t sign_len;       /* of the signature under a store command */
	bool running;
	int result;
};

void filler(uint8_t *dst, size_t len, size_t from);

void replay_begin(struct replay *);
bool replay_operation(struct replay *); /* begins the one that r->line names */
bool replay_field(const struct replay *, const char *name, char *dst, size_t size);
const char *errno_name(int result);

#endif
