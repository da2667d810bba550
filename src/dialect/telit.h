/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELLTLS_DIALECT_TELIT_H
#define CELLTLS_DIALECT_TELIT_H

#include "at/dialect.h"

extern const struct dialect dialect_telit;

#endif
