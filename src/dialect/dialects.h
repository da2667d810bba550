/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialects.h - the list of drivers, and which one a module needs
 */
#ifndef CELLTLS_DIALECT_DIALECTS_H
#define CELLTLS_DIALECT_DIALECTS_H

#include "at/dialect.h"

/* By the name of the configuration; NULL: there is none. */
const struct dialect *dialect_named(const char *name);

/* By what the module says of itself; NULL: none of ours. */
const struct dialect *dialect_of(const struct module *);

/* The first family whose model and revision fit; NULL: a model that the driver does not know. */
const struct family *dialect_family(const struct dialect *, const struct module *);

/* Space-separated words for the bits ENFORCES_* and WEAK_*. */
void dialect_enforces(unsigned bits, char *dst, size_t size);
void dialect_weaknesses(unsigned bits, char *dst, size_t size);

const char *dialect_cause(enum dial_cause); /* "name not known", "handshake failed" ..., for LastError */

#endif
