/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-doc.c - prints the key list of celltls.conf(5) from the rows of conf-keys.c
 *
 * Not installed.  "make update-doc" puts the list into the page, and the test
 * tests/unit/conf-doc.sh compares.  The page is kept in the source tree so that
 * a cross build, which cannot run this, has it too.
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf-priv.h"

/* A text of mdoc: no line may begin with a dot or quote, and - is a hyphen. */
static void
text(const char *s)
{
	for (; *s; s++)
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else if (*s == '"')
			fputs("\\(dq", stdout);
		else
			putchar(*s);
}

static void
words(const struct conf_key *k)
{
	size_t i;

	printf("One of ");
	for (i = 0; k->words[i]; i++) {
		printf("%s", i ? ", " : "");
		text(k->words[i]);
	}
	printf(".\n");
}

static void
allowed(const struct conf_key *k)
{
	const char *form = k->type == CONF_TEXT || k->type == CONF_TEXTS ? conf_form_words(k->form) : NULL;

	if (k->words) {
		words(k);
	} else if (k->type == CONF_UINT) {
		printf("%s%u to %u.\n", k->flags & CONF_OR_ZERO ? "0, or " : "", k->min, k->max);
	} else if (form) {
		printf("Allowed: ");
		text(form);
		printf(".\n");
	}
}

static void
preset(const struct conf_key *k)
{
	const char *quote = k->type == CONF_BOOL || k->type == CONF_UINT ? "" : "\\(dq";

	if (k->flags & (CONF_REQUIRED | CONF_SOMETIMES) && !k->preset) {
		printf(" No = ...\n");
		return;
	}
	if (k->type == CONF_TEXTS && !k->preset) {
		printf(" No = \\&( \\&)\n");
		return;
	}
	printf(" No = %s", quote);
	text(k->preset ? k->preset : "");
	printf("%s\n", quote);
}

/* The words that the page explains. */
static const char *
reload(unsigned apply)
{
	switch ((enum conf_apply)apply) {
	case CONF_APPLY_LIVE:
		return "live";
	case CONF_APPLY_SLOTS:
		return "slots";
	case CONF_APPLY_SOCKET:
		return "socket";
	case CONF_APPLY_RESET:
		return "sessions";
	case CONF_APPLY_ANEW:
		return "modem";
	}
	return "?";
}

/* above: what it takes to apply keys that say nothing themselves */
static void
keys(const struct conf_key *k, const char *path, unsigned above)
{
	char full[128];

	for (; k->name; k++) {
		unsigned apply = CONF_APPLY_OF(k) ? CONF_APPLY_OF(k) : above;
		bool group = k->type == CONF_GROUP, list = k->type == CONF_LIST;

		snprintf(full, sizeof(full), "%s%s%s", path, *path ? "." : "", k->name);
		printf(".It Sy %s", full);
		if (group)
			printf(" No = { ... }\n");
		else if (list)
			printf(" No = \\&( { ... }, ... \\&)\n");
		else
			preset(k);
		if (k->flags & CONF_REQUIRED && !k->preset)
			printf("Required.\n");
		if (k->flags & CONF_SOMETIMES)
			printf("Required, but see below.\n");
		printf("%c", k->help[0] >= 'a' && k->help[0] <= 'z' ? k->help[0] - 'a' + 'A' : k->help[0]);
		text(k->help + 1);
		printf(".\n");
		allowed(k);
		if (k->sub)
			keys(k->sub, full, apply);
		else
			printf("Reload: %s.\n", reload(apply));
	}
}

int
main(void)
{
	printf(".Bl -tag -width Ds\n");
	keys(conf_keys, "", 0);
	printf(".El\n");
	return fflush(stdout) != 0;
}
