/* SPDX-License-Identifier: Apache-2.0 */
#include "at.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool
at_args_parse(struct at_args *a, const char *text, size_t len)
{
	char *out = a->text;
	size_t i = 0;

	a->n = 0;
	if (len >= sizeof(a->text) / 2)
		return false;
	for (;;) {
		bool quoted = false;

		if (a->n == AT_ARGS)
			return false;
		a->v[a->n] = out;
		while (i < len && text[i] == ' ')
			i++;
		if (i < len && text[i] == '"') {
			quoted = true;
			for (i++; i < len && text[i] != '"'; i++)
				*out++ = text[i];
			if (i++ >= len)
				return false;
			while (i < len && text[i] == ' ')
				i++;
			if (i < len && text[i] != ',')
				return false;
		} else {
			while (i < len && text[i] != ',') {
				if (text[i] == '"')
					return false;
				*out++ = text[i++];
			}
			while (out > a->v[a->n] && out[-1] == ' ')
				out--;
		}
		*out++ = '\0';
		a->quoted[a->n++] = quoted;
		if (i >= len)
			return true;
		i++; /* the comma */
	}
}

bool
at_int(const struct at_args *a, int i, long min, long max, long preset, long *ret)
{
	const char *s = at_str(a, i);
	char *end;

	if (i < a->n && a->quoted[i])
		return false;
	if (!*s) {
		*ret = preset;
		return preset >= 0;
	}
	if (!isdigit((unsigned char)*s) || strlen(s) > 9)
		return false;
	*ret = strtol(s, &end, 10);
	return !*end && *ret >= min && *ret <= max;
}

const char *
at_str(const struct at_args *a, int i)
{
	return i < a->n ? a->v[i] : "";
}
