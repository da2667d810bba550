/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - what the host remembers of a modem's flash and of its SIM's PIN
 *
 * Small text files in state_directory, 0600, replaced whole or not at all, and
 * on the disk when a call returns.  They hold hashes and no key.  What cannot
 * be read counts as not known: a slot is then written once more, or a PIN is
 * tried once more, which the core does only while the SIM has tries to spare.
 *
 *   <modem>.slots      module 351234567890123
 *                      slot ca 4a5d... 1208 1795262400
 *   <modem>.pin        pin 8937... <salt> <hash>
 */
#ifndef CELLTLS_CERT_STORE_H
#define CELLTLS_CERT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

#define STORE_SLOTS_MAX 32

struct store_slot {
	char slot[16];      /* the dialect's own name */
	uint8_t sha256[32]; /* of what was written, as the caller counts it */
	uint32_t size;      /* bytes as they were written to the module */
	int64_t written_s;  /* seconds since 1970 UTC, 0 not known */
};

struct store;

/* The records of one modem; what is damaged is warned of and left out.  Never NULL. */
struct store *store_open(const char *directory, const char *modem);
void store_close(struct store *s); /* NULL is fine */
AUTO_DEFINE(struct store *, store_close)

/*
 * Says which module is there (its IMEI).  What was written to another one is
 * forgotten: the modem was replaced.  0, or -errno of the writing.
 */
int store_module(struct store *s, const char *imei);

/* NULL: not known; valid until the next change. */
const struct store_slot *store_slot(const struct store *s, const char *slot);

/*
 * What a slot holds now.  Forget before a slot is written, remember when that
 * was seen to succeed: so that a record never claims too much.
 * 0, or -errno: -EINVAL for names that do not fit, others from the file system.
 */
int store_remember(struct store *s, const struct store_slot *slot);
int store_forget(struct store *s, const char *slot); /* NULL: all */

/*
 * Before a PIN is given to the SIM.  0: it is on the disk as refused, in case
 * this process does not live to hear the answer; go on.
 *   -EKEYREJECTED  this PIN was refused by this SIM, or the answer was not heard: do not try
 *   -errno         it could not be written down: do not try
 */
int store_pin_try(struct store *s, const char *iccid, const char *pin);

/*
 * After the answer.  Accepted: what is remembered of this SIM is forgotten.
 * Refused, or no answer: nothing is to be done, it is on the disk already.
 * iccid "" is a SIM that does not tell.  0 or -errno.
 */
int store_pin_accepted(struct store *s, const char *iccid);

/* Whether this SIM is known to have refused this PIN. */
bool store_pin_refused(const struct store *s, const char *iccid, const char *pin);

#endif
