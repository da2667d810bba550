/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor.c - "monitor": what changes, as it changes
 *
 * The matches are set before the objects are read, so nothing falls between; what a signal repeats of
 * them is no change and is not told.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "ctl/human.h"
#include "ctl/json.h"
#include "ctl/problem.h"
#include "ctl/remote.h"
#include "ctl/words.h"

struct monitor {
	struct ctl *ctl;
	struct value all;  /* as known now */
	char *owner;	   /* the daemon's unique name; NULL: it is not there */
	bool stale;	   /* all is to be read (again) */
};

/* ---- telling ---- */

static const char *
kind_of(const char *interface)
{
	return strcmp(interface, REMOTE_MODEM) == 0 ? "modem" : strcmp(interface, REMOTE_CHANNEL) == 0 ? "channel" : NULL;
}

static struct value
event(const char *what, const char *kind, const char *name)
{
	struct value out = value_map();

	value_put(&out, "Time", value_uint((uint64_t)time(NULL)));
	value_put(&out, "Event", value_string(what));
	if (kind) {
		value_put(&out, "Object", value_string(kind));
		value_put(&out, "Name", value_string(name));
	}
	return out;
}

static void
tell(struct monitor *m, const char *subject, enum colour colour, const char *text)
{
	const struct screen *s = &m->ctl->screen;
	AUTO(free) char *at = human_time((int64_t)time(NULL));
	AUTO(free) char *clean_subject = text_clean(subject, s->utf8);
	AUTO(free) char *clean = text_clean(text, s->utf8);

	fprintf(s->out, "%s  %s  ", at, clean_subject);
	text_wrap(s, clean, 21, (unsigned)strlen(at) + text_width(clean_subject) + 4, colour);
}

/* Of the daemon itself: "gone", "back". */
static void
tell_daemon(struct monitor *m, const char *what, enum colour colour, const char *text)
{
	if (m->ctl->json) {
		struct value out = event(what, NULL, NULL);

		json_write(m->ctl->screen.out, &out, false);
		value_deinit(&out);
	} else {
		tell(m, "celltlsd", colour, text);
	}
}

static void
tell_object(struct monitor *m, const char *what, const char *kind, const struct value *properties, enum colour colour, const char *text)
{
	const char *name = value_text(properties, "Name");
	AUTO(free) char *subject = xasprintf("%s %s", kind, name);

	if (m->ctl->json) {
		struct value out = event(what, kind, name);

		if (strcmp(what, "removed") != 0)
			value_put(&out, "Properties", value_copy(properties));
		json_write(m->ctl->screen.out, &out, false);
		value_deinit(&out);
	} else {
		tell(m, subject, colour, text);
	}
}

static enum colour
state_colour(const char *kind, const struct value *properties)
{
	return word_colour(kind[0] == 'm' ? modem_states : channel_states, value_text(properties, "State"));
}

static char *
shown(const struct value *v)
{
	char *all, *more;
	size_t i;

	switch (v->kind) {
	case VALUE_STRING:
		return *v->string ? xstrdup(v->string) : xstrdup("\"\"");
	case VALUE_INT:
		return xasprintf("%" PRId64, v->i);
	case VALUE_UINT:
		return xasprintf("%" PRIu64, v->u);
	case VALUE_BOOL:
		return xstrdup(v->b ? "true" : "false");
	case VALUE_DOUBLE:
		return xasprintf("%g", v->d);
	case VALUE_LIST:
	case VALUE_MAP:
		break;
	}
	all = xstrdup("[");
	for (i = 0; i < v->many.n; i++) {
		AUTO(free) char *item = shown(&v->many.items[i].value);

		more = xasprintf("%s%s%s", all, i ? " " : "", item);
		free(all);
		all = more;
	}
	more = xasprintf("%s]", all);
	free(all);
	return more;
}

/* "State idle -> dialing": words with what they were, the rest as it is now. */
static char *
one_change(const char *key, const struct value *old, const struct value *new)
{
	AUTO(free) char *now = shown(new);
	AUTO(free) char *was = old ? shown(old) : NULL;

	if (old && (strcmp(key, "State") == 0 || strcmp(key, "Registration") == 0))
		return xasprintf("%s %s -> %s", key, was, now);
	return xasprintf("%s %s", key, now);
}

/* What has really changed among what a signal holds; all of it is remembered. */
static struct value
take_changes(struct value *known, const struct value *told, char **ret_text)
{
	struct value changed = value_map();
	size_t i;

	*ret_text = xstrdup("");
	for (i = 0; i < told->many.n; i++) {
		const struct value_item *item = &told->many.items[i];
		const struct value *old = item->key ? value_get(known, item->key) : NULL;
		char *longer, *one;

		if (!item->key || (old && value_same(old, &item->value)))
			continue;
		one = one_change(item->key, old, &item->value);
		longer = xasprintf("%s%s%s", *ret_text, **ret_text ? ", " : "", one);
		free(one);
		free(*ret_text);
		*ret_text = longer;
		value_put(&changed, item->key, value_copy(&item->value));
		value_put(known, item->key, value_copy(&item->value));
	}
	return changed;
}

static void
tell_changes(struct monitor *m, const char *kind, struct value *known, const struct value *told)
{
	char *text;
	struct value changed = take_changes(known, told, &text);
	AUTO(free) char *subject = xasprintf("%s %s", kind, value_text(known, "Name"));

	if (changed.many.n && m->ctl->json) {
		struct value out = event("changed", kind, value_text(known, "Name"));

		value_put(&out, "Properties", value_copy(&changed));
		json_write(m->ctl->screen.out, &out, false);
		value_deinit(&out);
	} else if (changed.many.n) {
		tell(m, subject, value_get(&changed, "State") ? state_colour(kind, known) : PLAIN, text);
	}
	free(text);
	value_deinit(&changed);
}

/* ---- hearing ---- */

static void
tell_all(struct monitor *m, const char *interface)
{
	size_t n, i;
	AUTO(free) struct object *list = remote_list(&m->all, interface, &n);

	for (i = 0; i < n; i++) {
		const char *state = value_text(list[i].properties, "State"), *error = value_text(list[i].properties, "LastError");
		AUTO(free) char *text = xasprintf("%s%s%s", state, *error ? ", last error: " : "", error);

		tell_object(m, "present", kind_of(interface), list[i].properties, state_colour(kind_of(interface), list[i].properties), text);
	}
}

static struct value *
known_properties(struct monitor *m, const char *path, const char *interface)
{
	const struct value *object = value_get(&m->all, path);

	return object ? (struct value *)value_get(object, interface) : NULL;
}

static bool
is_from_daemon(const struct monitor *m, sd_bus_message *msg)
{
	const char *sender = sd_bus_message_get_sender(msg);

	return m->owner && sender && strcmp(sender, m->owner) == 0;
}

static int
on_properties(sd_bus_message *msg, void *arg, sd_bus_error *error)
{
	struct monitor *m = arg;
	struct value told, *known;
	const char *interface;

	(void)error;
	if (!is_from_daemon(m, msg) || sd_bus_message_read(msg, "s", &interface) < 0 || !kind_of(interface))
		return 0;
	known = known_properties(m, sd_bus_message_get_path(msg), interface);
	if (!known || remote_read(msg, &told) < 0)
		return 0;
	tell_changes(m, kind_of(interface), known, &told);
	value_deinit(&told);
	return 0;
}

static int
on_added(sd_bus_message *msg, void *arg, sd_bus_error *error)
{
	struct monitor *m = arg;
	struct value interfaces;
	const char *path;
	size_t i;

	(void)error;
	if (!is_from_daemon(m, msg) || sd_bus_message_read(msg, "o", &path) < 0 || remote_read(msg, &interfaces) < 0)
		return 0;
	for (i = 0; i < interfaces.many.n; i++) {
		const struct value_item *item = &interfaces.many.items[i];
		const char *kind = item->key ? kind_of(item->key) : NULL;

		if (kind && !known_properties(m, path, item->key))
			tell_object(m, "added", kind, &item->value, state_colour(kind, &item->value), "added");
	}
	value_put(&m->all, path, interfaces);
	return 0;
}

static int
on_removed(sd_bus_message *msg, void *arg, sd_bus_error *error)
{
	static const char *const interfaces[] = { REMOTE_MODEM, REMOTE_CHANNEL };
	struct monitor *m = arg;
	const char *path;
	size_t i;

	(void)error;
	if (!is_from_daemon(m, msg) || sd_bus_message_read(msg, "o", &path) < 0)
		return 0;
	for (i = 0; i < 2; i++) {
		const struct value *known = known_properties(m, path, interfaces[i]);

		if (known)
			tell_object(m, "removed", kind_of(interfaces[i]), known, YELLOW, "removed");
	}
	if (value_get(&m->all, path))
		value_put(&m->all, path, value_map());
	return 0;
}

static void
set_owner(struct monitor *m, const char *owner)
{
	free(m->owner);
	m->owner = xstrdup(owner && *owner ? owner : NULL);
	m->stale = m->owner != NULL;
}

static int
on_owner(sd_bus_message *msg, void *arg, sd_bus_error *error)
{
	struct monitor *m = arg;
	const char *name, *old, *new;

	(void)error;
	if (sd_bus_message_read(msg, "sss", &name, &old, &new) < 0 || strcmp(name, REMOTE_NAME) != 0)
		return 0;
	if (*old)
		tell_daemon(m, "gone", RED, "gone; waiting for it");
	set_owner(m, new);
	if (m->owner)
		tell_daemon(m, "back", GREEN, *old ? "back" : "there");
	return 0;
}

/* ---- the command ---- */

static int
listen_to(struct monitor *m)
{
	static const struct {
		const char *sender, *interface, *member;
		sd_bus_message_handler_t handler;
	} matches[] = {
		{ "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", on_owner },
		{ REMOTE_NAME, REMOTE_PROPERTIES, "PropertiesChanged", on_properties },
		{ REMOTE_NAME, REMOTE_OBJECTS, "InterfacesAdded", on_added },
		{ REMOTE_NAME, REMOTE_OBJECTS, "InterfacesRemoved", on_removed },
	};
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof(matches) / sizeof(*matches) && r >= 0; i++) {
		AUTO(free) char *match = xasprintf("type='signal',sender='%s',interface='%s',member='%s'%s", matches[i].sender,
		    matches[i].interface, matches[i].member, i ? "" : ",arg0='" REMOTE_NAME "'");

		r = sd_bus_add_match(m->ctl->bus, NULL, match, matches[i].handler, m);
	}
	if (r < 0) {
		problem("monitor: the bus takes no matches: %s", strerror(-r));
		return CTL_FAILED;
	}
	return CTL_FINE;
}

/* Who has the name; nobody is fine. */
static void
find_owner(struct monitor *m)
{
	AUTO(sd_bus_message_unref) sd_bus_message *reply = NULL;
	const char *owner = NULL;

	if (sd_bus_call_method(m->ctl->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner", NULL,
		&reply, "s", REMOTE_NAME) >= 0)
		sd_bus_message_read(reply, "s", &owner);
	set_owner(m, owner);
	if (!m->owner)
		tell_daemon(m, "gone", YELLOW, "does not run, or has no bus; waiting for it");
}

/* A daemon that goes in the very moment is heard of by its name's owner. */
static int
read_objects(struct monitor *m)
{
	struct value all;
	int status = remote_objects(m->ctl, &all);

	m->stale = false;
	if (status == CTL_NO_DAEMON && sd_bus_is_open(m->ctl->bus) > 0) {
		value_deinit(&all);
		return CTL_FINE;
	}
	value_deinit(&m->all);
	m->all = all;
	tell_all(m, REMOTE_MODEM);
	tell_all(m, REMOTE_CHANNEL);
	return status;
}

static int
timeout_ms(sd_bus *bus)
{
	uint64_t until, now;
	struct timespec ts;

	if (sd_bus_get_timeout(bus, &until) < 0 || until == UINT64_MAX)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	return until > now ? (int)((until - now) / 1000 + 1) : 0;
}

/* That is how it ends, also while a stopped reader keeps it from writing; what was told is written already. */
static void
on_end(int number)
{
	(void)number;
	_exit(CTL_FINE);
}

/* Sleeps until there is something to do.  false: nobody reads any more. */
static bool
sleep_well(struct monitor *m)
{
	sd_bus *bus = m->ctl->bus;
	struct pollfd fds[] = {
		{ sd_bus_get_fd(bus), (short)sd_bus_get_events(bus), 0 },
		{ fileno(m->ctl->screen.out), 0, 0 },
	};

	if (fflush(m->ctl->screen.out) != 0) {
		if (errno == EPIPE)
			on_end(SIGPIPE); /* what nobody will read is no failure */
		return false;
	}
	if (poll(fds, 2, timeout_ms(bus)) < 0)
		return errno == EINTR;
	return !fds[1].revents;
}

static int
watch(struct monitor *m)
{
	int status = CTL_FINE, r;

	while (status == CTL_FINE) {
		r = m->stale ? 0 : sd_bus_process(m->ctl->bus, NULL);
		if (m->stale) {
			status = read_objects(m);
		} else if (r < 0) {
			problem("monitor: the bus went away: %s; systemctl status dbus shows why", strerror(-r));
			status = CTL_NO_DAEMON;
		} else if (r == 0 && !sleep_well(m)) {
			break;
		}
	}
	return status;
}

int
ctl_monitor(struct ctl *c, char **args)
{
	struct monitor m = { .ctl = c, .all = value_map() };
	int status = remote_open(c);

	(void)args;
	if (status != CTL_FINE)
		return status;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, on_end);
	signal(SIGTERM, on_end);
	status = listen_to(&m);
	if (status == CTL_FINE) {
		find_owner(&m);
		status = watch(&m);
	}
	remote_close(c);
	free(m.owner);
	value_deinit(&m.all);
	return status;
}
