/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-load.c - the file into memory, and the finished configuration in use
 */
#include "conf/conf-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"

/* The file in text[CONF_SIZE_MAX]; its length or -errno. */
static ssize_t
read_file(const char *path, char *text)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n, len = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	/* A pipe without a writer would be an empty configuration. */
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while ((n = read(fd, text + len, (size_t)(CONF_SIZE_MAX + 1 - len))) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? n : 0;
		if (len > CONF_SIZE_MAX)
			return -EFBIG;
	}
	return len;
}

int
conf_load(const char *path, struct conf **ret_conf, struct conf_report *report)
{
	AUTO(free) char *text = xcalloc(CONF_SIZE_MAX + 1, 1);
	struct conf_load l = { .file = path, .report = report };
	ssize_t len = read_file(path, text);

	*ret_conf = NULL;
	if (len == -EFBIG)
		conf_mistake(&l, 0, NULL, "too large (at most %d KiB)", CONF_SIZE_MAX / 1024);
	else if (len == -EINVAL)
		conf_mistake(&l, 0, NULL, "not a regular file");
	else if (len < 0)
		conf_mistake(&l, 0, NULL, "cannot be read: %s", strerror((int)-len));
	if (len < 0)
		return (int)len;
	return conf_load_text(path, text, (size_t)len, 0, ret_conf, report);
}

struct modem_conf *
conf_modem(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_modems; i++)
		if (strcmp(c->modems[i].name, name) == 0)
			return &c->modems[i];
	return NULL;
}

struct channel_conf *
conf_channel(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_channels; i++)
		if (strcmp(c->channels[i].name, name) == 0)
			return &c->channels[i];
	return NULL;
}

int
conf_log_level(const struct conf *c)
{
	return LOG_ERROR + (int)c->log.level;
}

static void
free_fields(const struct conf_key *k, char *base)
{
	for (; k->name; k++) {
		char *field = base + k->offset;
		struct conf_strings *texts = (void *)field;
		struct remotes_conf *remotes = (void *)field;
		size_t i;

		switch (k->type) {
		case CONF_TEXT:
			free(*(char **)(void *)field);
			break;
		case CONF_TEXTS:
			for (i = 0; i < texts->n; i++)
				free(texts->v[i]);
			free(texts->v);
			break;
		case CONF_REMOTES:
			for (i = 0; i < remotes->n; i++)
				free(remotes->v[i].host);
			free(remotes->v);
			break;
		case CONF_GROUP:
			free_fields(k->sub, field);
			break;
		case CONF_LIST:
			for (i = 0; i < *(size_t *)(void *)(field + sizeof(char *)); i++)
				free_fields(k->sub, *(char **)(void *)field + i * k->size);
			free(*(char **)(void *)field);
			break;
		default:
			break;
		}
	}
}

void
conf_free(struct conf *c)
{
	if (!c)
		return;
	free_fields(conf_keys, (char *)c);
	free(c);
}
