/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELLTLS_DIALECT_CINTERION_H
#define CELLTLS_DIALECT_CINTERION_H

#include "at/dialect.h"

extern const struct dialect dialect_cinterion;

#endif
