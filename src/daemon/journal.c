/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/journal.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h" /* before <syslog.h>, which gives the levels the same numbers, as macros */

#define SD_JOURNAL_SUPPRESS_LOCATION /* the place in the code would be the same for all lines: this file */
#include <systemd/sd-journal.h>

#define FIELDS 6
#define FIELD_MAX 1100 /* a line of log.c, and the field's name */

struct entry {
	struct iovec fields[FIELDS];
	char text[FIELDS][FIELD_MAX];
	int n;
};

static const struct conf *known;

static void
add(struct entry *e, const char *field, const char *value)
{
	char *text = e->text[e->n];

	snprintf(text, FIELD_MAX, "%s=%s", field, value);
	e->fields[e->n++] = (struct iovec){ .iov_base = text, .iov_len = strlen(text) };
}

static const char *
modem_of(const char *channel)
{
	const struct channel_conf *c = known ? conf_channel(known, channel) : NULL;

	return c ? c->modem : NULL;
}

static bool
write_entry(enum log_level level, const char *tag, const char *name, const char *text)
{
	struct entry e = { .n = 0 };
	char priority[4];
	bool of_channel = name && !strcmp(tag, "channel");
	const char *modem = of_channel ? modem_of(name) : name && !strcmp(tag, "modem") ? name : NULL;

	snprintf(priority, sizeof(priority), "%d", level);
	add(&e, "MESSAGE", text);
	add(&e, "PRIORITY", priority);
	add(&e, "SYSLOG_IDENTIFIER", "celltlsd");
	if (modem)
		add(&e, "CELLTLS_MODEM", modem);
	if (of_channel)
		add(&e, "CELLTLS_CHANNEL", name);
	return sd_journal_sendv(e.fields, e.n) >= 0;
}

/* The service manager names the stream that it gave the service; whoever redirects it has another. */
static bool
stderr_is_the_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char own[48];

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(stream, own);
}

bool
journal_begin(const char *socket)
{
	/* Without its socket sd_journal_sendv() claims success, and the line is nowhere. */
	if (!stderr_is_the_journal() || access(socket, W_OK) < 0)
		return false;
	log_sink = write_entry;
	return true;
}

void
journal_conf(const struct conf *conf)
{
	known = conf;
}
