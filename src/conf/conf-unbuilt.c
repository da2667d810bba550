/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-unbuilt.c - keys and values whose feature does not exist so far
 *
 * They are read and checked like all others, and using one is a mistake, so that
 * nobody believes in what does not happen.  Who builds a feature deletes its rows.
 */
#include "conf/conf-priv.h"

#include <string.h>

static const struct {
	const char *path;  /* without the [n] of lists */
	const char *value; /* NULL: any but empty and 0 */
	const char *feature;
} unbuilt[] = {
	{ "modems.dialect", "sim800", "the sim800 dialect (so far: auto, telit, cinterion)" },
	{ "modems.dialect", "eztcp", "the eztcp dialect (so far: auto, telit, cinterion)" },
	{ "modems.eztcp", NULL, "the eztcp dialect (so far: leave the group out)" },
	{ "modems.inhibit_modemmanager", "true", "the talk with ModemManager (so far: false)" },
	{ "modems.sms.enabled", "true", "commands by SMS (so far: false)" },
	{ "channels.direction", "inbound", "inbound channels (so far: outbound)" },
	{ "channels.listen", NULL, "inbound channels (so far: leave the key out)" },
	{ "channels.forward", NULL, "inbound channels (so far: leave the key out)" },
	{ "channels.tls.enabled", "false", "plain TCP (so far: true)" },
	{ "channels.tls.engine", "host", "TLS on the host (so far: module)" },
	{ "channels.tls.engine", "auto", "TLS on the host (so far: module)" },
	{ "channels.ocsp.enabled", "true", "revocation checks (so far: false)" },
};

/* a is b when "[0]" and the like in a are passed over. */
static bool
same_path(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (*a == '[')
			a += strcspn(a, "]") + 1;
		if (*a != *b)
			return false;
	}
	return *a == *b;
}

const char *
conf_unbuilt(const char *path, const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(unbuilt) / sizeof(*unbuilt); i++)
		if (same_path(path, unbuilt[i].path) && (!unbuilt[i].value || strcmp(value, unbuilt[i].value) == 0))
			return unbuilt[i].feature;
	return NULL;
}
