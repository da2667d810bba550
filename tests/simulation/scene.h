/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scene.h - what the scenarios share: a world that is up, in each of the ways that there are
 */
#ifndef SIMULATION_SCENE_H
#define SIMULATION_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "simulation/world.h"

struct way {
	const char *family, *mode;
};

extern const struct way ways[];

/* Rows of a cmocka table: in online and in command mode, of both families; of both families only. */
#define ON_WAY(f, i, text) { #f ": " text, f, NULL, NULL, (void *)&ways[i] }
#define ON_WAYS(f) \
	ON_WAY(f, 0, "telit-ge online"), ON_WAY(f, 1, "telit-ge command"), ON_WAY(f, 2, "telit-he online"), \
	    ON_WAY(f, 3, "telit-he command")
#define ONLINE(f) ON_WAY(f, 0, "telit-ge online"), ON_WAY(f, 2, "telit-he online")
#define IN_COMMAND_MODE(f) ON_WAY(f, 1, "telit-ge command"), ON_WAY(f, 3, "telit-he command")
#define ON_FAMILIES(f) ON_WAY(f, 4, "telit-ge"), ON_WAY(f, 5, "telit-he")

bool scene_online(void **state);
bool scene_is_ge(void **state);

/* Starts the world in this way (what wc leaves open is filled in) and waits until the modem is ready. */
void scene_up(struct world *w, void **state, struct world_conf wc);
void scene_start(struct world *w, void **state, struct world_conf wc); /* without the waiting */

/* A client of channel "one" with an open session. */
struct client *scene_session(struct world *w);

void scene_wait_end(struct world *w, struct client *c, enum client_end end); /* within 100 s */
void scene_server_says(struct world *w, const char *text);
void client_says(struct client *c, const char *text);

void assert_received(struct world *w, int dial, const char *text);
void assert_read(struct client *c, const char *text);
void assert_error(struct world *w, int channel, const char *part); /* LastError holds it */
void assert_figures(struct world *w, int channel, unsigned dials, unsigned failures);

#endif
