/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scene.h - what the scenarios share: a world that is up, in each of the ways that there are
 *
 * SCENES='*cinterion*' in the environment runs those that match only.
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

/* A row of a cmocka table. */
#define ON_WAY(f, i, text) { #f ": " text, f, NULL, NULL, (void *)&ways[i] }

/* Of modules with one socket, in online and in command mode; of both families only. */
#define TELIT_ONLINE(f) ON_WAY(f, 0, "telit-ge online"), ON_WAY(f, 2, "telit-he online")
#define TELIT_COMMAND(f) ON_WAY(f, 1, "telit-ge command"), ON_WAY(f, 3, "telit-he command")
#define ON_TELIT(f) TELIT_ONLINE(f), TELIT_COMMAND(f)
#define TELIT_FAMILIES(f) ON_WAY(f, 4, "telit-ge"), ON_WAY(f, 5, "telit-he")

/* Of one with a socket for each of several sessions. */
#define CINTERION_COMMAND(f) ON_WAY(f, 6, "cinterion command")
#define CINTERION_ONLINE(f) ON_WAY(f, 7, "cinterion online")
#define ON_CINTERION(f) CINTERION_COMMAND(f), CINTERION_ONLINE(f)

#define ONLINE(f) TELIT_ONLINE(f), CINTERION_ONLINE(f)
#define IN_COMMAND_MODE(f) TELIT_COMMAND(f), CINTERION_COMMAND(f)
#define ON_WAYS(f) ON_TELIT(f), ON_CINTERION(f)
#define ON_FAMILIES(f) TELIT_FAMILIES(f), CINTERION_COMMAND(f)

/* How the driver of this way begins what it says to the module. */
enum scene_word { TO_DIAL, TO_SEND, TO_RECEIVE, TO_RESUME, TO_CLOSE, TO_ASK, TO_START_ANEW, SCENE_WORDS };
const char *scene_word(void **state, enum scene_word);
unsigned scene_said(struct world *w, void **state, enum scene_word); /* how often, since world_forget_said() */

/* How long the module's CA is when this text was given for it. */
size_t scene_ca_len(void **state, const char *text);

bool scene_online(void **state);
bool scene_is_ge(void **state);
bool scene_is_cinterion(void **state);

/* wc as the scenes have it on this way, for world_restart() and world_change(); valid until the next call. */
struct world_conf scene_conf(void **state, struct world_conf wc);

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
