/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, with what it wants included before it. */
#ifndef CELLTLS_TESTS_UNIT_UNIT_H
#define CELLTLS_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
