/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault.h - what goes wrong, and how often
 *
 * A specification is a list of name or name=value with commas between;
 * celltls-sim(1) explains each.  Everything is off to begin with: FAULTS_NONE.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_dial { DIAL_FINE, DIAL_DNS, DIAL_REFUSED, DIAL_TIMEOUT, DIAL_HANDSHAKE, DIAL_CERT, DIAL_ITEMS };
enum fault_recv { RECV_TIMEOUT, RECV_BARE };
enum fault_stuck { STUCK_NONE, STUCK_REFUSE, STUCK_HANG };	/* closing */
enum fault_dead { DEAD_NOT, DEAD_NEVER, DEAD_CONTEXT, DEAD_ATTACH, DEAD_RESET }; /* what mends a dead context */

struct faults {
	/* per byte */
	double lose_in, lose_out, double_in, double_out, alter_in, alter_out;
	bool bytes_in, bytes_out; /* any of them is on, or reset_bytes */

	/* per command, or per place in an answer */
	double urc, no_answer, no_final, no_prompt, late, reset, deaf, dial_fail;
	unsigned late_ms, deaf_ms;
	enum fault_dial dial;

	unsigned slow_handshake_ms, boot_garbage, chaos_s, unplug_s, babble_s;
	unsigned reset_bytes; /* from one reset to the next on average, on the line, either way */
	int clock_jump_s;     /* once, when it is set */
	enum fault_recv recv;
	enum fault_stuck stuck_open;
	enum fault_dead dead_context;
	bool disconnected;  /* the end of a connection is told by a read, not by itself */
	bool resume_ok;	    /* resuming a connection answers OK, not CONNECT */
	bool only_echo;	    /* commands are echoed and not heard */
	bool resume_stays;  /* the same, and the module stays in command mode */
	bool stuck_echo, no_escape, full_flash, refuse_early, abort_on_input;
};

#define FAULTS_NONE { .late_ms = 1000, .deaf_ms = 5000, .dial = DIAL_HANDSHAKE }

/* False and a message in err when the specification is not understood; *f is then unchanged. */
bool faults_parse(struct faults *f, const char *spec, char *err, size_t size);

/* The simulator's own random numbers, so that a seed means the same everywhere. */
uint32_t sim_random(uint32_t *state, uint32_t limit);
bool sim_chance(uint32_t *state, double probability);

#endif
