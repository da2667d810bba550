/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time-file.h - <runtime_directory>/<modem>.time: what the network said of the time, for whoever sets the host's clock
 *
 * One line, "<seconds since 1970 UTC> <CLOCK_BOOTTIME in seconds at that moment>\n".
 */
#ifndef CELLTLS_DAEMON_TIME_FILE_H
#define CELLTLS_DAEMON_TIME_FILE_H

#include "modem/modem.h"

struct time_file;

struct time_file *time_file_new(const char *directory, const char *modem);
void time_file_free(struct time_file *); /* the file goes too; NULL is fine */

/* Another directory, or the same; the name as it is in another configuration. */
void time_file_set(struct time_file *, const char *directory, const char *modem);

/* Writes it, whole or not at all, when there was a new reading. */
void time_file_update(struct time_file *, const struct modem *);

#endif
