/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault.h - what goes wrong, and how often
 *
 * A specification is a list of name or name=value with commas between;
 * celltls-sim(1) explains each.  Everything is off to begin with.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_dial { DIAL_FINE, DIAL_DNS, DIAL_REFUSED, DIAL_TIMEOUT, DIAL_HANDSHAKE, DIAL_CERT };
enum fault_recv { RECV_TIMEOUT, RECV_BARE };

struct faults {
	/* per byte */
	double lose_in, lose_out, double_in, double_out, alter_in, alter_out;
	bool bytes_in, bytes_out; /* any of them is on */

	/* per command, or per place in an answer */
	double urc, no_answer, no_final, late, reset, dial_fail;
	unsigned late_ms;
	enum fault_dial dial;

	unsigned slow_handshake_ms, boot_garbage, chaos_s, unplug_s;
	enum fault_recv recv;
	bool disconnected;  /* the end of a connection is told by a read, not by itself */
	bool resume_ok;	    /* resuming a connection answers OK, not CONNECT */
	bool resume_stays;  /* the same, and the module stays in command mode */
	bool stuck_echo, no_escape, full_flash, refuse_early, abort_on_input;
};

/* False and a message in err when the specification is not understood; *f is then unchanged. */
bool faults_parse(struct faults *f, const char *spec, char *err, size_t size);

/* The simulator's own random numbers, so that a seed means the same everywhere. */
uint32_t sim_random(uint32_t *state, uint32_t limit);
bool sim_chance(uint32_t *state, double probability);

#endif
