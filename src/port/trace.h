/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CELLTLS_PORT_TRACE_H
#define CELLTLS_PORT_TRACE_H
#include <stdbool.h>
#include "at/at.h"
struct trace;
struct trace *trace_open(const char *path, bool payload);
void trace_close(struct trace *);
void trace_bytes(struct trace *, enum at_trace kind, const void *bytes, size_t len);
void trace_note(struct trace *, const char *text);
#endif
