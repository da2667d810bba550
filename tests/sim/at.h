/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at.h - the arguments of an AT command, as a module reads them
 */
#ifndef SIM_AT_H
#define SIM_AT_H

#include <stdbool.h>
#include <stddef.h>

#define AT_ARGS 16

struct at_args {
	char text[1024];
	const char *v[AT_ARGS]; /* without the quotes; "" when left out */
	bool quoted[AT_ARGS];
	int n;
};

/* False when quotes do not match or there are too many. */
bool at_args_parse(struct at_args *a, const char *text, size_t len);

/*
 * Argument i as a number of min .. max.  Left out, or not there: preset, when
 * that is not negative.  False when it is none of these.
 */
bool at_int(const struct at_args *a, int i, long min, long max, long preset, long *ret);

/* The text of argument i, "" when it is not there. */
const char *at_str(const struct at_args *a, int i);

#endif
