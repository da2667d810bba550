/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this caller?  First the bus is asked who it is; root may.  On the system
 * bus polkit is asked about everybody else; on another one the daemon's own user
 * may too.  Whatever is not a clear yes is a no, and no question is waited for.
 *
 * A caller that leaves while polkit thinks is forgotten, and so is the question;
 * one that leaves later need not be answered, and the owner is told.
 * polkit answers for the caller's name on the bus, which is never given twice.
 */
#include "bus/bus-priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

#define POLKIT "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority"
#define POLKIT_US UINT64_C(10000000)	    /* for an answer without asking a person */
#define POLKIT_PERSON_US UINT64_C(120000000) /* for one with */
#define POLKIT_INTERACTIVE 1u		    /* of CheckAuthorization's flags */

#define GROUPS_MOST 65536 /* NGROUPS_MAX of Linux */

static void
check_id(const struct bus_call *call, char *dst, size_t size)
{
	snprintf(dst, size, "celltls-%u", (unsigned)call->check);
}

void
bus_auth_done(struct bus_call *call)
{
	if (!call->waits)
		return;
	call->waits = false;
	call->bus->n_waiting--;
	call->question = sd_bus_slot_unref(call->question);
}

/* polkit need not ask a person any more. */
static void
withdraw(struct bus_call *call)
{
	char id[32];

	if (!call->check)
		return;
	check_id(call, id, sizeof(id));
	sd_bus_call_method_async(call->bus->sd, NULL, POLKIT, "CancelCheckAuthorization", NULL, NULL, "s", id);
}

/* ---- polkit ---- */

static int
on_polkit(sd_bus_message *m, void *arg, sd_bus_error *ret_error)
{
	struct bus_call *call = arg;
	const char *action = call->method->action;
	const sd_bus_error *e = sd_bus_message_get_error(m);
	int yes = 0, challenge = 0;

	(void)ret_error;
	if (e && (sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) || sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER))) {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "polkit is not there, so only root may: use sudo");
	} else if (e && (sd_bus_error_has_name(e, SD_BUS_ERROR_NO_REPLY) || sd_bus_error_has_name(e, SD_BUS_ERROR_TIMEOUT))) {
		withdraw(call);
		bus_refuse(call, BUS_NOT_AUTHORIZED, "polkit does not answer about %s: try again, or use sudo", action);
	} else if (e) {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "polkit cannot say about %s (%s: %s): use sudo", action, e->name, e->message);
	} else if (sd_bus_message_enter_container(m, 'r', "bba{ss}") < 0 || sd_bus_message_read(m, "bb", &yes, &challenge) < 0) {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "polkit's answer about %s is not understood: use sudo", action);
	} else if (yes) {
		bus_call_allowed(call);
	} else if (challenge) {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "%s needs a password: use sudo, or a terminal with a polkit agent", action);
	} else {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "polkit does not allow %s: use sudo, or have an admin write a rule", action);
	}
	return 0;
}

static int
ask_polkit(struct bus_call *call)
{
	AUTO(sd_bus_message_unref) sd_bus_message *q = NULL;
	struct bus *b = call->bus;
	bool person = sd_bus_message_get_allow_interactive_authorization(call->m) > 0;
	char id[32];
	int r = sd_bus_message_new_method_call(b->sd, &q, POLKIT, "CheckAuthorization");

	if (r < 0)
		return r;
	call->check = ++b->checks ? b->checks : ++b->checks;
	check_id(call, id, sizeof(id));
	r = sd_bus_message_append(q, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s", sd_bus_message_get_sender(call->m),
	    call->method->action, 0, person ? POLKIT_INTERACTIVE : 0u, id);
	if (r < 0)
		return r;
	call->question = sd_bus_slot_unref(call->question);
	return sd_bus_call_async(b->sd, &call->question, q, on_polkit, call, person ? POLKIT_PERSON_US : POLKIT_US);
}

/* ---- who is it? ---- */

static int
read_groups(struct bus_call *call, sd_bus_message *m)
{
	const void *gids;
	size_t size;
	int r = sd_bus_message_enter_container(m, 'v', "au");

	if (r >= 0)
		r = sd_bus_message_read_array(m, 'u', &gids, &size);
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r < 0)
		return r;
	if (call->knows_groups || size / sizeof(gid_t) > GROUPS_MOST)
		return 0;
	call->gids = xmemdup(gids, size);
	call->n_gids = size / sizeof(gid_t);
	call->knows_groups = true;
	return 0;
}

/* false: nothing that can be used. */
static bool
read_credentials(struct bus_call *call, sd_bus_message *m)
{
	bool knows_user = false;
	const char *key;
	uint32_t uid;
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r < 0)
			break;
		if (!strcmp(key, "UnixUserID")) {
			r = sd_bus_message_read(m, "v", "u", &uid);
			call->uid = uid;
			knows_user = r >= 0;
		} else if (!strcmp(key, "UnixGroupIDs")) {
			r = read_groups(call, m);
		} else {
			r = sd_bus_message_skip(m, "v");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r >= 0 && knows_user;
}

static void
decide(struct bus_call *call)
{
	const struct bus *b = call->bus;

	if (!call->method->action) {
		if (call->knows_groups || call->uid == 0)
			bus_call_allowed(call);
		else
			bus_refuse(call, BUS_NOT_AUTHORIZED, "this bus does not tell the groups of who calls: connect to the channel's socket");
	} else if (call->uid == 0 || (b->which != BUS_SYSTEM && call->uid == geteuid())) {
		bus_call_allowed(call);
	} else if (b->which != BUS_SYSTEM) {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "on this bus only root and the user that celltlsd runs as may: use sudo");
	} else if (ask_polkit(call) < 0) {
		bus_refuse(call, BUS_NOT_AUTHORIZED, "polkit cannot be asked about %s: use sudo", call->method->action);
	}
}

static int
on_credentials(sd_bus_message *m, void *arg, sd_bus_error *ret_error)
{
	struct bus_call *call = arg;

	(void)ret_error;
	if (sd_bus_message_is_method_error(m, NULL) || !read_credentials(call, m))
		bus_refuse(call, BUS_NOT_AUTHORIZED, "the bus does not say who calls: call again");
	else
		decide(call);
	return 0;
}

/* ---- the caller's leaving ---- */

static int
on_leaves(sd_bus_message *m, void *arg, sd_bus_error *ret_error)
{
	struct bus_call *call = arg;

	(void)m, (void)ret_error;
	if (call->waits)
		withdraw(call);
	bus_call_left(call);
	return 0;
}

/* The bus listens for it, or does not: then a caller that has left goes unnoticed, and may not be served. */
static int
on_listens(sd_bus_message *m, void *arg, sd_bus_error *ret_error)
{
	struct bus_call *call = arg;

	(void)ret_error;
	if (sd_bus_message_is_method_error(m, NULL)) {
		withdraw(call);
		bus_refuse(call, BUS_BUSY, "the bus has too much to listen for: call again later");
	}
	return 0;
}

void
bus_auth_ask(struct bus_call *call)
{
	struct bus *b = call->bus;
	const char *sender = sd_bus_message_get_sender(call->m);
	char match[256];
	int r;

	call->waits = true;
	b->n_waiting++;
	snprintf(match, sizeof(match),
	    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',"
	    "member='NameOwnerChanged',arg0='%s',arg2=''", sender);
	r = sd_bus_add_match_async(b->sd, &call->leaves, match, on_leaves, on_listens, call);
	if (r >= 0)
		r = sd_bus_call_method_async(b->sd, &call->question, BUS_DRIVER, "GetConnectionCredentials", on_credentials, call, "s", sender);
	if (r < 0)
		bus_refuse(call, BUS_NOT_AUTHORIZED, "the bus cannot be asked who calls: call again");
}
