/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world-priv.h - shared by world.c and world-host.c only
 */
#ifndef SIMULATION_WORLD_PRIV_H
#define SIMULATION_WORLD_PRIV_H

#include "simulation/world.h"

/* Of wc: makes w->conf, w->wants and w->files, whatever stood there before; they are the caller's to free. */
struct modem_params world_params(struct world *w, const struct world_conf *wc);
bool world_name_fits(void *world, const char *host, const struct tls_peer *peer); /* channel_names() */
void world_free_files(void **files); /* WORLD_FILES of them */

#endif
