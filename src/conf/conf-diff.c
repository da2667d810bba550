/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-diff.c - what differs between two configurations, row by row of conf-keys.c
 */
#include "conf/conf-priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static bool
texts_same(const struct conf_strings *a, const struct conf_strings *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->v[i], b->v[i]))
			return false;
	return a->n == b->n;
}

static bool
remotes_same(const struct remotes_conf *a, const struct remotes_conf *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->v[i].host, b->v[i].host) || a->v[i].port != b->v[i].port)
			return false;
	return a->n == b->n;
}

static bool group_same(const struct conf_key *keys, const char *a, const char *b);

static bool
list_same(const struct conf_key *k, const char *a, const char *b)
{
	const char *va = *(char *const *)(const void *)a, *vb = *(char *const *)(const void *)b;
	size_t na, nb, i;

	memcpy(&na, a + sizeof(char *), sizeof(na)); /* the count is behind the array, as in read_list() */
	memcpy(&nb, b + sizeof(char *), sizeof(nb));
	for (i = 0; i < na && i < nb; i++)
		if (!group_same(k->sub, va + i * k->size, vb + i * k->size))
			return false;
	return na == nb;
}

static bool
value_same(const struct conf_key *k, const void *a, const void *b)
{
	switch (k->type) {
	case CONF_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case CONF_UINT:
	case CONF_WORD:
	case CONF_OCTAL:
		return *(const unsigned *)a == *(const unsigned *)b;
	case CONF_TEXT:
		return !strcmp(*(char *const *)a, *(char *const *)b);
	case CONF_TEXTS:
		return texts_same(a, b);
	case CONF_REMOTES:
		return remotes_same(a, b);
	case CONF_GROUP:
		return group_same(k->sub, a, b);
	case CONF_LIST:
		return list_same(k, a, b);
	case CONF_END:
		break;
	}
	return true;
}

static bool
group_same(const struct conf_key *k, const char *a, const char *b)
{
	for (; k->name; k++)
		if (!value_same(k, a + k->offset, b + k->offset))
			return false;
	return true;
}

/* above: the path of what the keys are in, and what it takes to apply it. */
static void
compare(const struct conf_key *k, const char *a, const char *b, const char *above, unsigned apply, struct conf_diff *d)
{
	char path[128];

	for (; k->name; k++) {
		unsigned takes = CONF_APPLY_OF(k) ? CONF_APPLY_OF(k) : apply;

		snprintf(path, sizeof(path), "%s%s%s", above, *above ? "." : "", k->name);
		if (k->type == CONF_GROUP) {
			compare(k->sub, a + k->offset, b + k->offset, path, takes, d);
		} else if (!value_same(k, a + k->offset, b + k->offset)) {
			d->apply |= takes;
			str_add(d->keys, sizeof(d->keys), "%s%s", d->keys[0] ? ", " : "", path);
		}
	}
}

/* The row of "modems" or "channels". */
static const struct conf_key *
row(const char *name)
{
	const struct conf_key *k;

	for (k = conf_keys; strcmp(k->name, name); k++)
		;
	return k;
}

static void
compare_entries(const char *list, const void *was, const void *is, struct conf_diff *ret_diff)
{
	const struct conf_key *k = row(list);

	*ret_diff = (struct conf_diff){ 0 };
	compare(k->sub, was, is, "", CONF_APPLY_OF(k), ret_diff);
}

void
conf_diff(const struct conf *was, const struct conf *is, struct conf_diff *ret_diff)
{
	struct conf a = *was, b = *is;

	/* all but the lists, whose entries are compared by name */
	a.modems = b.modems = NULL;
	a.channels = b.channels = NULL;
	a.n_modems = b.n_modems = a.n_channels = b.n_channels = 0;
	*ret_diff = (struct conf_diff){ 0 };
	compare(conf_keys, (const char *)&a, (const char *)&b, "", 0, ret_diff);
}

void
conf_modem_diff(const struct modem_conf *was, const struct modem_conf *is, struct conf_diff *ret_diff)
{
	compare_entries("modems", was, is, ret_diff);
}

void
conf_channel_diff(const struct channel_conf *was, const struct channel_conf *is, struct conf_diff *ret_diff)
{
	compare_entries("channels", was, is, ret_diff);
}
