/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-host.c - whether the files, users and groups of the configuration exist
 *
 * Asked as whoever runs the check: runuser -u celltls -- celltlsd --check asks
 * as the daemon.
 */
#include "conf/conf-priv.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "conf/secret.h"

/* A credential is there only while the service manager runs the daemon. */
static void
file_result(struct conf_load *l, const void *field, int r, const char *why)
{
	if (r == -ENXIO)
		conf_warning_at(l, field, "%s", why);
	else if (r < 0)
		conf_mistake_at(l, field, "%s", why);
}

static void
check_file(struct conf_load *l, char *const *spec)
{
	AUTO(secret_free) struct secret *content = NULL;
	char why[1024];

	if (**spec)
		file_result(l, spec, conf_file_read(*spec, &content, why, sizeof(why)), why);
}

static void
check_secret(struct conf_load *l, char *const *spec)
{
	AUTO(secret_free) struct secret *content = NULL;
	char why[1024];

	if (**spec)
		file_result(l, spec, conf_secret_read(*spec, &content, why, sizeof(why)), why);
}

static void
check_pin(struct conf_load *l, char *const *spec)
{
	AUTO(secret_free) struct secret *pin = NULL;
	char why[1024];
	int r;

	if (!**spec)
		return;
	r = conf_secret_read(*spec, &pin, why, sizeof(why));
	file_result(l, spec, r, why);
	if (r < 0)
		return;
	secret_chomp(pin);
	if (pin->len < 4 || pin->len > 8 || strspn((const char *)pin->data, "0123456789") != pin->len)
		conf_mistake_at(l, spec, "%s: not a PIN (4 to 8 digits)", *spec);
}

static void
check_modem_files(struct conf_load *l, const struct modem_conf *m)
{
	size_t i;

	check_pin(l, &m->pin_file);
	check_secret(l, &m->pdp.password_file);
	check_secret(l, &m->sms.password_file);
	check_secret(l, &m->eztcp.console.password_file);
	for (i = 0; i < m->n_certificates; i++) {
		const struct slot_conf *s = &m->certificates[i];

		if (conf_slot_is_key(m->dialect, s->slot))
			check_secret(l, &s->file);
		else
			check_file(l, &s->file);
		check_secret(l, &s->key_file);
	}
}

static bool
number(const char *s, unsigned *ret_id)
{
	if (!*s || strspn(s, "0123456789") != strlen(s) || strlen(s) > 9)
		return false;
	*ret_id = (unsigned)strtoul(s, NULL, 10);
	return true;
}

static bool
user_id(const char *s, uid_t *ret_uid)
{
	const struct passwd *pw = getpwnam(s);

	if (pw)
		*ret_uid = pw->pw_uid;
	return pw || number(s, ret_uid);
}

static bool
group_id(const char *s, gid_t *ret_gid)
{
	const struct group *gr = getgrnam(s);

	if (gr)
		*ret_gid = gr->gr_gid;
	return gr || number(s, ret_gid);
}

static bool
in_group(gid_t gid)
{
	int i, n = getgroups(0, NULL);
	AUTO(free) gid_t *all = xcalloc(n > 0 ? (size_t)n : 1, sizeof(*all));

	n = getgroups(n, all);
	for (i = 0; i < n; i++)
		if (all[i] == gid)
			return true;
	return getegid() == gid;
}

static void
check_owner(struct conf_load *l, const struct socket_conf *s)
{
	bool root = geteuid() == 0;
	uid_t uid = 0;
	gid_t gid = 0;

	if (*s->owner && !user_id(s->owner, &uid))
		conf_mistake_at(l, &s->owner, "there is no user \"%s\" (a name or a number)", s->owner);
	else if (*s->owner && uid != geteuid() && !root)
		conf_mistake_at(l, &s->owner, "only root gives a socket to \"%s\" (the daemon's user, or a socket unit)", s->owner);
	/* The preset is the group that the package makes; without it the listener takes the daemon's own, and warns. */
	if (!*s->group || strcmp(s->group, "celltls") == 0)
		return;
	if (!group_id(s->group, &gid))
		conf_mistake_at(l, &s->group, "there is no group \"%s\" (a name or a number)", s->group);
	else if (!root && !in_group(gid))
		conf_mistake_at(l, &s->group, "the daemon is not in group \"%s\" (add it to SupplementaryGroups= of its unit)",
				s->group);
}

static void
check_socket_users(struct conf_load *l, const struct socket_conf *s)
{
	uid_t uid;
	gid_t gid;
	size_t i;

	check_owner(l, s);
	for (i = 0; i < s->allow_users.n; i++)
		if (!user_id(s->allow_users.v[i], &uid))
			conf_mistake_at(l, &s->allow_users, "there is no user \"%s\" (a name or a number)", s->allow_users.v[i]);
	for (i = 0; i < s->allow_groups.n; i++)
		if (!group_id(s->allow_groups.v[i], &gid))
			conf_mistake_at(l, &s->allow_groups, "there is no group \"%s\" (a name or a number)", s->allow_groups.v[i]);
}

/* By two names; of devices that are not there nobody knows. */
static void
check_same_device(struct conf_load *l, const struct modem_conf *m)
{
	AUTO(free) char *real = realpath(m->device, NULL);
	const struct modem_conf *other;

	for (other = l->conf->modems; real && other < m; other++) {
		AUTO(free) char *its = realpath(other->device, NULL);

		if (its && strcmp(m->device, other->device) && strcmp(real, its) == 0)
			conf_mistake_at(l, &m->device, "%s is %s, as is the device of modem %s (each once)", m->device, real,
					other->name);
	}
}

void
conf_check_host(struct conf_load *l)
{
	struct conf *c = l->conf;
	size_t i;

	for (i = 0; i < c->n_modems; i++) {
		check_modem_files(l, &c->modems[i]);
		check_same_device(l, &c->modems[i]);
	}
	for (i = 0; i < c->n_channels; i++) {
		check_socket_users(l, &c->channels[i].socket);
		if (*c->channels[i].ocsp.issuer)
			check_file(l, &c->channels[i].ocsp.issuer);
		if (*c->channels[i].ocsp.certificate)
			check_file(l, &c->channels[i].ocsp.certificate);
	}
}
