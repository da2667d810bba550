/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/dialects.h"

#include <string.h>

#include "base/str.h"
#include "dialect/cinterion.h"
#include "dialect/telit.h"

static const struct dialect *const dialects[] = { &dialect_telit, &dialect_cinterion };

#define N_DIALECTS (sizeof(dialects) / sizeof(dialects[0]))

static bool
any_matches(const char *s, const char *const *patterns)
{
	for (; *patterns; patterns++)
		if (str_matches(s, *patterns))
			return true;
	return false;
}

const struct dialect *
dialect_named(const char *name)
{
	size_t i;

	for (i = 0; i < N_DIALECTS; i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}

const struct dialect *
dialect_of(const struct module *m)
{
	size_t i;

	for (i = 0; i < N_DIALECTS; i++)
		if (any_matches(m->manufacturer, dialects[i]->manufacturers))
			return dialects[i];
	return NULL;
}

const struct family *
dialect_family(const struct dialect *d, const struct module *m)
{
	const struct family *const *f;

	for (f = d->families; *f; f++)
		if (any_matches(m->model, (*f)->models) && (!(*f)->revision || str_matches(m->revision, (*f)->revision)))
			return *f;
	return NULL;
}

static void
words(unsigned bits, const char *const *names, size_t n, char *dst, size_t size)
{
	size_t i;

	dst[0] = '\0';
	for (i = 0; i < n; i++)
		if (bits & 1u << i)
			str_add(dst, size, "%s%s", dst[0] ? " " : "", names[i]);
}

void
dialect_enforces(unsigned bits, char *dst, size_t size)
{
	static const char *const names[] = { "chain", "chain:any-root", "name", "dates", "encryption", "host:name", "host:pin" };

	words(bits, names, sizeof(names) / sizeof(names[0]), dst, size);
}

void
dialect_weaknesses(unsigned bits, char *dst, size_t size)
{
	static const char *const names[] = { "cleartext", "unverified", "tls1.0", "rc4", "null", "md5", "sha1", "name-unchecked",
		"dates-unchecked", "inflight-commands", "escape-visible", "3des", "cipher-unknown", "version-unknown" };

	words(bits, names, sizeof(names) / sizeof(names[0]), dst, size);
}

const char *
dialect_cause(enum dial_cause cause)
{
	static const char *const names[DIAL_CAUSES] = {
		[DIAL_OTHER] = "dial failed", [DIAL_NAME] = "name not known", [DIAL_REFUSED] = "refused", [DIAL_TIMEOUT] = "timed out",
		[DIAL_UNREACHED] = "not reached", [DIAL_HANDSHAKE] = "handshake failed", [DIAL_CERTIFICATE] = "certificates not usable",
		[DIAL_CONTEXT] = "no network",
	};

	return names[cause];
}
