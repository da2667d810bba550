/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.h - what went wrong, in words on standard error, and what to do
 */
#ifndef CELLTLS_CTL_PROBLEM_H
#define CELLTLS_CTL_PROBLEM_H

#include <systemd/sd-bus.h>

#include "ctl/ctl.h"

/* "celltlsctl: " and a line; what comes from outside is made fit for a terminal. */
void problem(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The answer to what was asked ("reset gw0") was an error; returns the exit status. */
int problem_of(const struct ctl *, const char *what, const sd_bus_error *);

#endif
