/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree: /org/celltls1, and below it whatever the owner has when it is asked.
 * Nothing is kept here, so nothing can be out of date.
 */
#include "bus/bus-priv.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

static const struct bus_kind *const kinds[KINDS] = { &bus_modem_kind, &bus_channel_kind };

const char *
bus_object_name(const struct bus_kind *kind, const char *path)
{
	size_t len = strlen(kind->prefix);

	return str_starts(path, kind->prefix) && path[len] == '/' && path[len + 1] ? path + len + 1 : NULL;
}

/*
 * They are asked for one after the other or several times in a row, as a rule, so
 * the search begins where the last one ended.
 */
bool
bus_modem_find(struct bus *b, const char *name, struct bus_modem *ret)
{
	size_t i, last = b->last[KIND_MODEM];

	for (i = last; i < last + 2 && b->owner->modem(b->arg, i, ret); i++)
		if (!strcmp(ret->conf->name, name))
			goto found;
	for (i = 0; b->owner->modem(b->arg, i, ret); i++)
		if (!strcmp(ret->conf->name, name))
			goto found;
	return false;
found:
	b->last[KIND_MODEM] = i;
	return true;
}

bool
bus_channel_find(struct bus *b, const char *name, struct bus_channel *ret)
{
	size_t i, last = b->last[KIND_CHANNEL];

	for (i = last; i < last + 2 && b->owner->channel(b->arg, i, ret); i++)
		if (!strcmp(ret->conf->name, name))
			goto found;
	for (i = 0; b->owner->channel(b->arg, i, ret); i++)
		if (!strcmp(ret->conf->name, name))
			goto found;
	return false;
found:
	b->last[KIND_CHANNEL] = i;
	return true;
}

static int
find(const struct bus_kind *kind, struct bus *b, const char *path, void **ret_facts)
{
	const char *name = bus_object_name(kind, path);

	*ret_facts = name ? kind->facts(b, name) : NULL;
	return *ret_facts ? 1 : 0;
}

static int
find_modem(sd_bus *sd, const char *path, const char *interface, void *bus, void **ret_facts, sd_bus_error *error)
{
	(void)sd, (void)interface, (void)error;
	return find(&bus_modem_kind, bus, path, ret_facts);
}

static int
find_channel(sd_bus *sd, const char *path, const char *interface, void *bus, void **ret_facts, sd_bus_error *error)
{
	(void)sd, (void)interface, (void)error;
	return find(&bus_channel_kind, bus, path, ret_facts);
}

/* All paths, to be freed one by one. */
static int
enumerate(sd_bus *sd, const char *prefix, void *arg, char ***ret_paths, sd_bus_error *error)
{
	struct bus *b = arg;
	char **paths = xcalloc(1, sizeof(*paths));
	const char *name;
	size_t i, k, n = 0;

	(void)sd, (void)prefix, (void)error;
	for (k = 0; k < KINDS; k++)
		for (i = 0; (name = kinds[k]->name(b, i)); i++) {
			paths = xrealloc(paths, n + 2, sizeof(*paths));
			paths[n++] = xasprintf("%s/%s", kinds[k]->prefix, name);
		}
	paths[n] = NULL;
	*ret_paths = paths;
	return 0;
}

int
bus_objects_register(struct bus *b, sd_bus *sd)
{
	int r = sd_bus_add_object_manager(sd, NULL, BUS_ROOT);

	if (r >= 0)
		r = sd_bus_add_object_vtable(sd, NULL, BUS_ROOT, "org.celltls1.Manager", bus_manager_vtable, b);
	if (r >= 0)
		r = sd_bus_add_fallback_vtable(sd, NULL, bus_modem_kind.prefix, bus_modem_kind.interface, bus_modem_kind.vtable, find_modem, b);
	if (r >= 0)
		r = sd_bus_add_fallback_vtable(sd, NULL, bus_channel_kind.prefix, bus_channel_kind.interface, bus_channel_kind.vtable,
		    find_channel, b);
	if (r >= 0)
		r = sd_bus_add_node_enumerator(sd, NULL, BUS_ROOT, enumerate, b);
	return r;
}
