/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prometheus.h - the text format of Prometheus (0.0.4), valid whatever the labels hold
 */
#ifndef CELLTLS_CTL_PROMETHEUS_H
#define CELLTLS_CTL_PROMETHEUS_H

#include <stdio.h>

/* Once, before its samples. */
void prometheus_family(FILE *, const char *name, const char *type, const char *help);

/* Name and labels of a sample: names and values in turn, up to a NULL name.  The number follows, behind a blank. */
void prometheus_sample(FILE *, const char *name, const char *const *labels);

#endif
