/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/value.h"

#include <string.h>

#include "base/xalloc.h"

struct value
value_string(const char *s)
{
	return (struct value){ .kind = VALUE_STRING, .string = xstrdup(s) };
}

struct value
value_uint(uint64_t u)
{
	return (struct value){ .kind = VALUE_UINT, .u = u };
}

struct value
value_list(void)
{
	return (struct value){ .kind = VALUE_LIST };
}

struct value
value_map(void)
{
	return (struct value){ .kind = VALUE_MAP };
}

static bool
has_items(const struct value *v)
{
	return v->kind == VALUE_LIST || v->kind == VALUE_MAP;
}

struct value
value_copy(const struct value *v)
{
	struct value copy = *v;
	size_t i;

	if (v->kind == VALUE_STRING)
		copy.string = xstrdup(v->string);
	if (!has_items(v))
		return copy;
	copy.many.items = xcalloc(v->many.n, sizeof(*copy.many.items));
	for (i = 0; i < v->many.n; i++) {
		copy.many.items[i].key = xstrdup(v->many.items[i].key);
		copy.many.items[i].value = value_copy(&v->many.items[i].value);
	}
	return copy;
}

void
value_deinit(struct value *v)
{
	size_t i;

	if (v->kind == VALUE_STRING)
		free(v->string);
	if (has_items(v)) {
		for (i = 0; i < v->many.n; i++) {
			free(v->many.items[i].key);
			value_deinit(&v->many.items[i].value);
		}
		free(v->many.items);
	}
	*v = value_map();
}

static void
add_item(struct value *v, char *key, struct value item)
{
	v->many.items = xrealloc(v->many.items, v->many.n + 1, sizeof(*v->many.items));
	v->many.items[v->many.n++] = (struct value_item){ .key = key, .value = item };
}

void
value_append(struct value *list, struct value v)
{
	add_item(list, NULL, v);
}

void
value_put(struct value *map, const char *key, struct value v)
{
	struct value *old = (struct value *)value_get(map, key);

	if (old) {
		value_deinit(old);
		*old = v;
	} else {
		add_item(map, xstrdup(key), v);
	}
}

const struct value *
value_get(const struct value *map, const char *key)
{
	size_t i;

	if (map->kind != VALUE_MAP)
		return NULL;
	for (i = 0; i < map->many.n; i++)
		if (strcmp(map->many.items[i].key, key) == 0)
			return &map->many.items[i].value;
	return NULL;
}

const char *
value_text(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return v && v->kind == VALUE_STRING ? v->string : "";
}

uint64_t
value_number(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	if (v && v->kind == VALUE_UINT)
		return v->u;
	return v && v->kind == VALUE_INT && v->i > 0 ? (uint64_t)v->i : 0;
}

int64_t
value_signed(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	if (v && v->kind == VALUE_INT)
		return v->i;
	return v && v->kind == VALUE_UINT && v->u <= INT64_MAX ? (int64_t)v->u : 0;
}

const struct value *
value_many(const struct value *map, const char *key)
{
	static const struct value none = { .kind = VALUE_LIST };
	const struct value *v = value_get(map, key);

	return v && has_items(v) ? v : &none;
}

static bool
same_items(const struct value *a, const struct value *b)
{
	size_t i;

	if (a->many.n != b->many.n)
		return false;
	for (i = 0; i < a->many.n; i++) {
		const struct value_item *x = &a->many.items[i], *y = &b->many.items[i];

		if ((x->key && strcmp(x->key, y->key) != 0) || !value_same(&x->value, &y->value))
			return false;
	}
	return true;
}

bool
value_same(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_STRING:
		return strcmp(a->string, b->string) == 0;
	case VALUE_INT:
		return a->i == b->i;
	case VALUE_UINT:
		return a->u == b->u;
	case VALUE_BOOL:
		return a->b == b->b;
	case VALUE_DOUBLE:
		return a->d == b->d;
	case VALUE_LIST:
	case VALUE_MAP:
		return same_items(a, b);
	}
	return false;
}
