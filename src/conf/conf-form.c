/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-form.c - what a text of the configuration may hold
 *
 * Most of these end up in an AT command between quotes, in a path or in a log
 * line; what could end the quotes or the line is refused here already.
 */
#include "conf/conf-priv.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/str.h"
#include "base/xalloc.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALNUM DIGITS LOWER UPPER
#define HOST_MAX 253
#define LABEL_MAX 63

static bool
only(const char *s, const char *chars)
{
	return *s && s[strspn(s, chars)] == '\0';
}

static bool
plain(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e || *s == '"' || *s == '\\')
			return false;
	return true;
}

static bool
local(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* "AT*" would be no list, nor "AT *": modules pass over blanks. */
static bool
command(const char *s)
{
	const char *p;

	for (p = s; *p; p++)
		if (*p < 0x20 || *p > 0x7e || *p == ';')
			return false;
	if (strncasecmp(s, "AT", 2) != 0)
		return false;
	s += 2 + strspn(s + 2, " ");
	return *s && strcmp(s, "*") != 0;
}

static bool
name(const char *s)
{
	return !isdigit((unsigned char)*s) && strlen(s) <= 64 && only(s, ALNUM "_");
}

static bool
path(const char *s)
{
	return *s == '/' && local(s);
}

static bool
socket_path(const char *s)
{
	return path(s) && strlen(s) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

static bool
source(const char *s)
{
	if (str_starts(s, "credential:")) {
		s += strlen("credential:");
		return strlen(s) <= 255 && only(s, ALNUM "._-@:") && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
	}
	return path(str_starts(s, "file:") ? s + strlen("file:") : s);
}

static bool
apn(const char *s)
{
	return only(s, ALNUM ".-_");
}

static bool
iccid(const char *s)
{
	size_t len = strlen(s);

	return len >= 18 && len <= 22 && only(s, DIGITS "Ff");
}

static bool
phone(const char *s)
{
	return *s == '+' && strlen(s) <= 16 && only(s + 1, DIGITS);
}

static bool
v4(const char *s)
{
	struct in_addr a;

	return inet_pton(AF_INET, s, &a) == 1;
}

static bool
host(const char *s)
{
	size_t label;

	if (strlen(s) > HOST_MAX)
		return false;
	if (only(s, DIGITS "."))
		return v4(s);
	for (;; s += label + 1) {
		label = strspn(s, ALNUM "-_");
		if (!label || label > LABEL_MAX || *s == '-' || s[label - 1] == '-')
			return false;
		if (s[label] != '.')
			return s[label] == '\0';
	}
}

static bool
cipher(const char *s)
{
	return strcmp(s, "any") == 0 || (str_starts(s, "TLS_") && only(s, UPPER DIGITS "_"));
}

static bool
pin(const char *s)
{
	const char *hex = strchr(s, ':');
	size_t want = str_starts(s, "sha1:") ? 40 : str_starts(s, "sha256:") ? 64 : 0;

	return want && strlen(hex + 1) == want && only(hex + 1, DIGITS "abcdef");
}

static bool
url(const char *s)
{
	return str_starts(s, "http://") && s[7] && only(s, ALNUM "-._~:/?#[]@!$&'()*+,;=%");
}

static bool
account(const char *s)
{
	return *s != '-' && only(s, ALNUM "._-$");
}

static const struct {
	bool (*fits)(const char *s);
	const char *allowed;
} forms[] = {
	[FORM_PLAIN] = { plain, "printable ASCII without \" and \\" },
	[FORM_COMMAND] = { command, "AT and more, printable ASCII without ;" },
	[FORM_NAME] = { name, "[A-Za-z_][A-Za-z0-9_]{0,63}" },
	[FORM_PATH] = { path, "an absolute path" },
	[FORM_SOCKET] = { socket_path, "an absolute path of at most 107 bytes" },
	[FORM_SOURCE] = { source, "an absolute path, file:/path or credential:name" },
	[FORM_SECRET] = { source, "an absolute path, file:/path or credential:name" },
	[FORM_APN] = { apn, "letters, digits and . - _" },
	[FORM_ICCID] = { iccid, "18 to 22 digits" },
	[FORM_PHONE] = { phone, "+ and at most 15 digits" },
	[FORM_HOST] = { host, "a host name of at most 253 bytes or an IPv4 address" },
	[FORM_CIPHER] = { cipher, "IANA names such as TLS_RSA_WITH_AES_128_CBC_SHA, or any" },
	[FORM_PIN] = { pin, "sha1: and 40, or sha256: and 64 lower-case hexadecimal digits" },
	[FORM_URL] = { url, "http://host/path" },
	[FORM_USER] = { account, "a user's name or number" },
	[FORM_GROUP] = { account, "a group's name or number" },
};

const char *
conf_form_check(enum conf_form form, const char *s)
{
	return forms[form].fits(s) ? NULL : forms[form].allowed;
}

const char *
conf_form_words(enum conf_form form)
{
	return form == FORM_PLAIN ? NULL : forms[form].allowed;
}

bool
conf_command_allowed(const struct modem_conf *m, const char *text)
{
	size_t i;

	for (i = 0; i < m->allow_command.n; i++) {
		const char *may = m->allow_command.v[i];
		size_t len = strlen(may);

		if (!strcmp(text, may) || (may[len - 1] == '*' && !strncmp(text, may, len - 1)))
			return true;
	}
	return false;
}

/* 1 .. 65535, digits only; 0 for all else. */
static uint16_t
port(const char *s)
{
	unsigned long v;

	if (!only(s, DIGITS) || strlen(s) > 5)
		return 0;
	v = strtoul(s, NULL, 10);
	return v <= 65535 ? (uint16_t)v : 0;
}

static const char *
remote_split(const char *s, char *text, const char **ret_colon, bool *ret_v6)
{
	char *close;

	*ret_v6 = *s == '[';
	strcpy(text, s + *ret_v6);
	close = *ret_v6 ? strchr(text, ']') : strrchr(text, ':');
	if (!close)
		return *ret_v6 ? "the ] is missing" : "the port is missing";
	*ret_colon = close + *ret_v6;
	if (**ret_colon != ':')
		return "the port is missing";
	if (!*ret_v6 && memchr(text, ':', (size_t)(close - text)))
		return "an IPv6 address needs brackets";
	*close = '\0';
	return NULL;
}

const char *
conf_remote_parse(const char *s, struct remote_conf *ret_remote)
{
	AUTO(free) char *text = xcalloc(strlen(s) + 1, 1);
	struct in6_addr a;
	const char *colon = NULL, *why;
	bool v6;

	why = remote_split(s, text, &colon, &v6);
	if (why)
		return why;
	ret_remote->port = port(colon + 1);
	if (!ret_remote->port)
		return "the port is not 1 to 65535";
	if (v6 && inet_pton(AF_INET6, text, &a) != 1)
		return "not an IPv6 address between the brackets";
	if (!v6 && strlen(text) > HOST_MAX)
		return "the host name is longer than 253 bytes";
	if (!v6 && !host(text))
		return "not a host name or address before the colon";
	ret_remote->v6 = v6;
	ret_remote->host = gift(&text);
	return NULL;
}
