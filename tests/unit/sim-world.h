/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim-world.h - a simulated module, a network in memory and a host that is a test,
 * under a clock that stands still unless the test moves it
 */
#ifndef CELLTLS_TESTS_SIM_WORLD_H
#define CELLTLS_TESTS_SIM_WORLD_H

#include <stdio.h>
#include <string.h>

#include "sim/far-memory.h"
#include "sim/module.h"
#include "unit.h"

#define OK "\r\nOK\r\n"

struct world {
	struct clock clock;
	struct far_memory *net;
	struct module *m;
	struct fifo heard;
};

extern const struct module_opts ge, he;

struct world *world_new(const struct module_opts *opts);
struct world *world_up(const struct module_opts *opts);	     /* up to the dial; echo is off */
struct world *world_online(const struct module_opts *opts);  /* and dialled, online */
struct world *world_command(const struct module_opts *opts); /* and dialled, in command mode */
void world_free(struct world *w);

void pass(struct world *w, uint64_t ms);      /* what is due happens when it is due */
void say(struct world *w, const char *text);  /* to the module */
void heard(struct world *w, const char *text); /* from it since the last time: this, all of it */
void not_heard(struct world *w, const char *text); /* this is not in what was heard since then */
void arrived(struct world *w, const char *text); /* likewise at the latest peer */
void ask(struct world *w, const char *command, const char *answer); /* a command, its answer, and the pause behind */
void ask_in(struct world *w, const char *command, uint64_t ms, const char *answer); /* and the time that it may take */
void escape(struct world *w);
void fault(struct world *w, const char *spec);

#endif
