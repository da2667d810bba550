/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h - what the daemon told, as a tree: properties, statistics, whole objects
 *
 * A value owns all that is in it.  Lists and maps keep the order in which they
 * were told.  Looking for what is not there gives "" and 0, since a daemon of
 * another version may tell less, or more.
 */
#ifndef CELLTLS_CTL_VALUE_H
#define CELLTLS_CTL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind { VALUE_STRING, VALUE_INT, VALUE_UINT, VALUE_BOOL, VALUE_DOUBLE, VALUE_LIST, VALUE_MAP };

struct value {
	enum value_kind kind;
	union {
		char *string;
		int64_t i;
		uint64_t u;
		bool b;
		double d;
		struct {
			struct value_item *items;
			size_t n;
		} many;
	};
};

struct value_item {
	char *key; /* NULL in a list */
	struct value value;
};

struct value value_string(const char *s);
struct value value_uint(uint64_t u);
struct value value_list(void);
struct value value_map(void);
struct value value_copy(const struct value *);
void value_deinit(struct value *); /* may run twice */

/* v is given away; a key that is there already gets the new value. */
void value_put(struct value *map, const char *key, struct value v);
void value_append(struct value *list, struct value v);

const struct value *value_get(const struct value *map, const char *key);       /* NULL: it is not there */
const char *value_text(const struct value *map, const char *key);	       /* "" if it is no string */
uint64_t value_number(const struct value *map, const char *key);	       /* 0 if it is none, or below 0 */
int64_t value_signed(const struct value *map, const char *key);		       /* 0 if it is none */
const struct value *value_many(const struct value *map, const char *key);      /* a list or map; an empty one if it is none */
bool value_same(const struct value *, const struct value *);

#endif
