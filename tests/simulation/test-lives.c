/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-lives.c - lives of a daemon and a module with all that may happen, from seeds
 *
 *   test-lives [FIRST [COUNT]]    one seed replays a life; WORLD_LOG=1 shows its log, WORLD_NOISY=1 the conversation too
 *
 * In a life clients of two channels come, speak, read slowly, leave; servers
 * speak, close, abort; faults and accidents strike, all as the seed says.
 * After every step the promises are held against what servers and apps have.
 * In the end, when the faults are over, everything must work again by itself
 * (P4), and nothing be left open on the module.  A promise that breaks ends the
 * program by abort(), where a debugger stops, behind the story of that life.
 */
#include <stdio.h>
#include <stdlib.h>

#include "simulation/life.h"
#include "simulation/story.h"

int
main(int argc, char **argv)
{
	unsigned first = argc > 1 ? (unsigned)atoi(argv[1]) : 1, count = argc > 2 ? (unsigned)atoi(argv[2]) : argc > 1 ? 1 : 500;
	unsigned i;

	for (i = 0; i < count; i++) {
		snprintf(story_replay, sizeof(story_replay), "%s %u", argv[0], first + i);
		live(first + i);
	}
	printf("%u lives, seeds %u to %u\n", count, first, first + count - 1);
	return 0;
}
