/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-names.h - names that are looked up here before the host's resolver is asked
 */
#ifndef SIM_FAR_NAMES_H
#define SIM_FAR_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

SLIST_HEAD(far_names, far_name);

/* "name=address", "name=address:port", "name=[v6]:port"; false: it is none of these. */
bool far_names_add(struct far_names *names, const char *text);

/* Where there is a rule for *host, *host becomes its address and port its port, if it has one. */
void far_names_find(const struct far_names *names, const char **host, char *port, size_t port_size);

void far_names_deinit(struct far_names *names);

#endif
