/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/time-file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cert/record.h"

struct time_file {
	char *path;
	const char *modem;
	uint64_t times; /* readings that the file knows of */
	bool complained;
};

struct time_file *
time_file_new(const char *directory, const char *modem)
{
	struct time_file *f = xcalloc(1, sizeof(*f));

	f->modem = modem;
	f->path = xasprintf("%s/%s.time", directory, modem);
	unlink(f->path); /* of a daemon that was killed: its time may be of another day */
	return f;
}

void
time_file_set(struct time_file *f, const char *directory, const char *modem)
{
	AUTO(free) char *path = xasprintf("%s/%s.time", directory, modem);

	f->modem = modem;
	if (!strcmp(path, f->path))
		return;
	unlink(f->path);
	free(f->path);
	f->path = gift(&path);
	f->times = 0; /* it is written there at the next occasion */
}

void
time_file_free(struct time_file *f)
{
	if (!f)
		return;
	unlink(f->path);
	free(f->path);
	free(f);
}

void
time_file_update(struct time_file *f, const struct modem *m)
{
	int64_t now_s = modem_network_time(m);
	struct timespec boot;
	char text[64] = "";
	int r;

	if (modem_figures(m)->times == f->times || !now_s)
		return;
	f->times = modem_figures(m)->times;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	str_add(text, sizeof(text), "%" PRId64 " %lld.%03ld\n", now_s, (long long)boot.tv_sec, boot.tv_nsec / 1000000);
	r = record_write(f->path, text, 0644);
	if (r < 0 && !f->complained)
		log_warning("modem", f->modem, "%s: the network's time cannot be written there: %s", f->path, strerror(-r));
	f->complained = r < 0;
}
