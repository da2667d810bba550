/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world-store.h - certificates and the key for a store that takes signed commands; the same bytes in every run
 */
#ifndef SIMULATION_WORLD_STORE_H
#define SIMULATION_WORLD_STORE_H

#include <stddef.h>
#include <stdint.h>

struct store_item {
	const uint8_t *der;
	size_t len;
	char sha1[41]; /* lower-case hex */
};

#define STORE_CAS 4

const struct store_item *store_client(void); /* "/C=DE/O=Example, Ltd/CN=gateway"; its key signs */
const struct store_item *store_ca(unsigned number); /* 1 ... STORE_CAS: "/C=DE/O=Example, Ltd/CN=root 1" */
const struct store_item *store_key(void);    /* of the client, as PKCS#8; no sha1 */

/* As modem_host.slot_sign does it. */
int store_sign(const void *bytes, size_t len, uint8_t *sig, size_t *ret_len);

#endif
