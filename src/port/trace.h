/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h - what goes over the line, in a file that a test can replay
 *
 * The form is that of tests/transcripts (doc/writing-a-dialect.md): "> " bytes to
 * the module, "< " bytes from it, a line per line end; "@ " and "= " where an
 * operation of the driver begins and ends.  Secrets are always {n bytes}, payload
 * is unless the file was opened for it.
 */
#ifndef CELLTLS_PORT_TRACE_H
#define CELLTLS_PORT_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "at/at.h"

struct trace;

/* Appends to the file, mode 0600; NULL with errno when it cannot be written. */
struct trace *trace_open(const char *path, bool payload);
void trace_close(struct trace *); /* what was begun is ended; NULL is fine */

void trace_bytes(struct trace *, enum at_trace kind, const void *bytes, size_t len); /* as at_owner.trace(); NULL is fine */
void trace_note(struct trace *, const char *text); /* "@ open ...", "= 0", "# ..."; NULL is fine */

#endif
