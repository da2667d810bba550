/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - values as JSON (RFC 8259), valid whatever bytes they hold
 */
#ifndef CELLTLS_CTL_JSON_H
#define CELLTLS_CTL_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "ctl/value.h"

/* In lines, for programs that people look over the shoulder of; or all in one, for streams.  Ends with a newline. */
void json_write(FILE *, const struct value *, bool in_lines);

#endif
