/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flash.h - the module's non-volatile memory: named items of bytes
 *
 * In memory; flash_load() and flash_save() are for the program that keeps it
 * in a file between two runs.
 */
#ifndef SIM_FLASH_H
#define SIM_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct flash_item {
	TAILQ_ENTRY(flash_item) link;
	char name[32];
	uint8_t *bytes;
	size_t len;
};

struct flash {
	TAILQ_HEAD(, flash_item) items;
	uint64_t writes;
	bool dirty; /* since the last flash_save() */
};

struct flash *flash_new(void);
void flash_free(struct flash *f);

const struct flash_item *flash_get(const struct flash *f, const char *name);
void flash_put(struct flash *f, const char *name, const void *bytes, size_t len); /* always a write */
void flash_delete(struct flash *f, const char *name);				  /* a write when there was something */

/* Settings: not written again when they are as they were. */
void flash_put_text(struct flash *f, const char *name, const char *text);
const char *flash_text(const struct flash *f, const char *name); /* NULL when absent */

/* 0 or -errno; a file that does not exist is an empty memory. */
int flash_load(struct flash *f, const char *path);
int flash_save(struct flash *f, const char *path);

#endif
