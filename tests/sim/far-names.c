/* SPDX-License-Identifier: Apache-2.0 */
#include "far-names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

struct far_name {
	SLIST_ENTRY(far_name) link;
	char name[256], address[64], port[8];
};

bool
far_names_add(struct far_names *names, const char *text)
{
	struct far_name *r = xcalloc(1, sizeof(*r));
	char spec[400], *address, *port = NULL;

	str_copy(spec, sizeof(spec), text);
	address = strchr(spec, '=');
	if (address && address != spec) {
		*address++ = '\0';
		if (*address == '[') {
			port = strchr(++address, ']');
			if (port)
				*port++ = '\0';
		} else if (strchr(address, ':') == strrchr(address, ':')) {
			port = strchr(address, ':');
		}
		if (port && *port == ':')
			*port++ = '\0';
	}
	if (!address || !*address || !str_copy(r->name, sizeof(r->name), spec) ||
	    !str_copy(r->address, sizeof(r->address), address) || !str_copy(r->port, sizeof(r->port), port ? port : "")) {
		free(r);
		return false;
	}
	SLIST_INSERT_HEAD(names, r, link);
	return true;
}

void
far_names_find(const struct far_names *names, const char **host, char *port, size_t port_size)
{
	const struct far_name *r;

	SLIST_FOREACH(r, names, link)
		if (!strcasecmp(r->name, *host)) {
			*host = r->address;
			if (*r->port)
				str_copy(port, port_size, r->port);
			return;
		}
}

void
far_names_deinit(struct far_names *names)
{
	struct far_name *r;

	while ((r = SLIST_FIRST(names))) {
		SLIST_REMOVE_HEAD(names, link);
		free(r);
	}
}
