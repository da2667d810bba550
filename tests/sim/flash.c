/* SPDX-License-Identifier: Apache-2.0 */
#include "flash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

struct flash *
flash_new(void)
{
	struct flash *f = xcalloc(1, sizeof(*f));

	TAILQ_INIT(&f->items);
	return f;
}

static void
item_free(struct flash *f, struct flash_item *it)
{
	TAILQ_REMOVE(&f->items, it, link);
	free(it->bytes);
	free(it);
}

void
flash_free(struct flash *f)
{
	if (!f)
		return;
	while (TAILQ_FIRST(&f->items))
		item_free(f, TAILQ_FIRST(&f->items));
	free(f);
}

static struct flash_item *
find(const struct flash *f, const char *name)
{
	struct flash_item *it;

	TAILQ_FOREACH(it, &f->items, link)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}

const struct flash_item *
flash_get(const struct flash *f, const char *name)
{
	return find(f, name);
}

static void
store(struct flash *f, const char *name, const void *bytes, size_t len)
{
	struct flash_item *it = find(f, name);

	if (!it) {
		it = xcalloc(1, sizeof(*it));
		str_copy(it->name, sizeof(it->name), name);
		TAILQ_INSERT_TAIL(&f->items, it, link);
	}
	free(it->bytes);
	it->bytes = xcalloc(1, len + 1); /* a NUL behind, for texts */
	memcpy(it->bytes, bytes, len);
	it->len = len;
}

void
flash_put(struct flash *f, const char *name, const void *bytes, size_t len)
{
	store(f, name, bytes, len);
	f->writes++;
	f->dirty = true;
}

void
flash_delete(struct flash *f, const char *name)
{
	struct flash_item *it = find(f, name);

	if (!it)
		return;
	item_free(f, it);
	f->writes++;
	f->dirty = true;
}

void
flash_put_text(struct flash *f, const char *name, const char *text)
{
	const char *old = flash_text(f, name);

	if (!old || strcmp(old, text))
		flash_put(f, name, text, strlen(text));
}

const char *
flash_text(const struct flash *f, const char *name)
{
	const struct flash_item *it = find(f, name);

	return it ? (const char *)it->bytes : NULL;
}

/* A line per item: its name, a space, its bytes in hex. */
int
flash_load(struct flash *f, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[32 + 2 * 16384];

	if (!in)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), in)) {
		char *hex = strchr(line, ' ');
		uint8_t bytes[16384];
		size_t n = 0;
		unsigned byte;

		if (!hex)
			continue;
		*hex++ = '\0';
		while (n < sizeof(bytes) && sscanf(hex + 2 * n, "%2x", &byte) == 1)
			bytes[n++] = (uint8_t)byte;
		store(f, line, bytes, n);
	}
	fclose(in);
	return 0;
}

int
flash_save(struct flash *f, const char *path)
{
	AUTO(free) char *part = xasprintf("%s.new", path);
	const struct flash_item *it;
	FILE *out;
	bool bad;

	umask(077); /* it may hold a private key */
	out = fopen(part, "we");
	if (!out)
		return -errno;
	TAILQ_FOREACH(it, &f->items, link) {
		fprintf(out, "%s ", it->name);
		for (size_t i = 0; i < it->len; i++)
			fprintf(out, "%02x", it->bytes[i]);
		fputc('\n', out);
	}
	bad = ferror(out);
	if (fclose(out) || bad || rename(part, path)) {
		unlink(part);
		return -EIO;
	}
	f->dirty = false;
	return 0;
}
