/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "ctl/problem.h"

AUTO_DEFINE(sd_bus_slot *, sd_bus_slot_unref)

static void
sd_bus_error_auto(sd_bus_error *e)
{
	sd_bus_error_free(e);
}

static int
connect_to(const struct ctl *c, sd_bus **ret)
{
	sd_bus *bus = NULL;
	int r;

	if (!c->address)
		return c->session_bus ? sd_bus_open_user(ret) : sd_bus_open_system(ret);
	r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_address(bus, c->address);
	if (r >= 0)
		r = sd_bus_set_bus_client(bus, 1);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0)
		bus = sd_bus_unref(bus);
	*ret = bus;
	return r;
}

int
remote_open(struct ctl *c)
{
	const char *name = NULL;
	int r = connect_to(c, &c->bus);

	if (r >= 0)
		r = sd_bus_get_unique_name(c->bus, &name); /* waits for the bus's greeting */
	if (r >= 0)
		return CTL_FINE;
	if (c->address)
		problem("no bus at %s: %s; an address is that of a dbus-daemon, \"unix:path=/run/...\"", c->address, strerror(-r));
	else if (c->session_bus)
		problem("no session bus: %s; DBUS_SESSION_BUS_ADDRESS says where it is", strerror(-r));
	else
		problem("no system bus: %s; systemctl status dbus shows why.  A celltlsd without a bus works, but cannot be asked",
		    strerror(-r));
	remote_close(c);
	return CTL_NO_DAEMON;
}

void
remote_close(struct ctl *c)
{
	c->bus = sd_bus_close_unref(c->bus);
}

/* ---- values ---- */

static int
read_basic(sd_bus_message *m, char type, struct value *ret)
{
	union {
		const char *s;
		uint8_t y;
		int b, h;
		int16_t n;
		uint16_t q;
		int32_t i;
		uint32_t u;
		int64_t x;
		uint64_t t;
		double d;
	} v;
	int r = sd_bus_message_read_basic(m, type, &v);

	if (r < 0)
		return r;
	switch (type) {
	case SD_BUS_TYPE_STRING:
	case SD_BUS_TYPE_OBJECT_PATH:
	case SD_BUS_TYPE_SIGNATURE:
		*ret = value_string(v.s);
		return 0;
	case SD_BUS_TYPE_BOOLEAN:
		*ret = (struct value){ .kind = VALUE_BOOL, .b = v.b };
		return 0;
	case SD_BUS_TYPE_DOUBLE:
		*ret = (struct value){ .kind = VALUE_DOUBLE, .d = v.d };
		return 0;
	case SD_BUS_TYPE_BYTE:
		*ret = value_uint(v.y);
		return 0;
	case SD_BUS_TYPE_UINT16:
		*ret = value_uint(v.q);
		return 0;
	case SD_BUS_TYPE_UINT32:
		*ret = value_uint(v.u);
		return 0;
	case SD_BUS_TYPE_UINT64:
		*ret = value_uint(v.t);
		return 0;
	default:
		*ret = (struct value){ .kind = VALUE_INT,
			.i = type == SD_BUS_TYPE_INT16 ? v.n : type == SD_BUS_TYPE_INT64 ? v.x : type == SD_BUS_TYPE_INT32 ? v.i : v.h };
		return 0;
	}
}

/* The items of an open container: pairs become a map. */
static int
read_items(sd_bus_message *m, struct value *ret)
{
	struct value item;
	const char *key, *contents;
	char type;
	int r;

	while ((r = sd_bus_message_peek_type(m, &type, &contents)) > 0) {
		struct value key_value = value_map();

		if (type == SD_BUS_TYPE_DICT_ENTRY) {
			ret->kind = VALUE_MAP;
			r = sd_bus_message_enter_container(m, type, contents);
			if (r >= 0)
				r = remote_read(m, &key_value);
			if (r >= 0 && key_value.kind != VALUE_STRING)
				r = -EBADMSG; /* none of org.celltls1 */
		}
		if (r >= 0)
			r = remote_read(m, &item);
		if (r >= 0) {
			key = key_value.kind == VALUE_STRING ? key_value.string : NULL;
			if (key)
				value_put(ret, key, item);
			else
				value_append(ret, item);
		}
		value_deinit(&key_value);
		if (r >= 0 && type == SD_BUS_TYPE_DICT_ENTRY)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	return r;
}

int
remote_read(sd_bus_message *m, struct value *ret)
{
	const char *contents;
	char type;
	int r = sd_bus_message_peek_type(m, &type, &contents);

	*ret = value_list();
	if (r <= 0)
		return r < 0 ? r : -ENODATA;
	if (type != SD_BUS_TYPE_ARRAY && type != SD_BUS_TYPE_VARIANT && type != SD_BUS_TYPE_STRUCT)
		return read_basic(m, type, ret);
	r = sd_bus_message_enter_container(m, type, contents);
	if (r >= 0 && type == SD_BUS_TYPE_VARIANT) {
		r = remote_read(m, ret);
	} else if (r >= 0) {
		if (contents[0] == SD_BUS_TYPE_DICT_ENTRY_BEGIN)
			ret->kind = VALUE_MAP;
		r = read_items(m, ret);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r < 0)
		value_deinit(ret);
	return r;
}

/* ---- calls ---- */

int
remote_message(struct ctl *c, const char *path, const char *interface, const char *member, sd_bus_message **ret)
{
	int r = sd_bus_message_new_method_call(c->bus, ret, REMOTE_NAME, path, interface, member);

	if (r >= 0 && isatty(STDIN_FILENO))
		r = sd_bus_message_set_allow_interactive_authorization(*ret, 1); /* somebody is there to be asked */
	if (r < 0) {
		problem("%s: %s", member, strerror(-r));
		return CTL_FAILED;
	}
	return CTL_FINE;
}

int
remote_ask(struct ctl *c, sd_bus_message *m, const char *what, sd_bus_message **ret)
{
	__attribute__((cleanup(sd_bus_error_auto))) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call(c->bus, m, 0, &error, ret);

	if (r >= 0)
		return CTL_FINE;
	if (!sd_bus_error_is_set(&error))
		sd_bus_error_set_errno(&error, r);
	return problem_of(c, what, &error);
}

struct wait {
	bool answered;
	sd_bus_message *reply;
	char *state;
};

static int
on_answer(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct wait *w = arg;

	(void)error;
	w->answered = true;
	w->reply = sd_bus_message_ref(m);
	return 0;
}

/* Each new state on a line of its own, so that also a log of the terminal reads well. */
static int
on_properties(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct wait *w = arg;
	struct value changed = value_map();
	const char *state;

	(void)error;
	if (w->answered || sd_bus_message_skip(m, "s") < 0 || remote_read(m, &changed) < 0)
		return 0;
	state = value_text(&changed, "State");
	if (*state && (!w->state || strcmp(state, w->state) != 0)) {
		free(w->state);
		w->state = text_clean(state, false);
		fprintf(stderr, "  %s\n", w->state);
	}
	value_deinit(&changed);
	return 0;
}

int
remote_wait(struct ctl *c, sd_bus_message *m, const char *what, sd_bus_message **ret)
{
	AUTO(sd_bus_slot_unref) sd_bus_slot *call = NULL, *match = NULL;
	struct wait w = { .answered = false };
	int r = 0, status = CTL_FINE;

	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "%s: this may take minutes (^C leaves, it goes on)\n", what);
		sd_bus_match_signal(c->bus, &match, REMOTE_NAME, sd_bus_message_get_path(m), REMOTE_PROPERTIES, "PropertiesChanged",
		    on_properties, &w);
	}
	r = sd_bus_call_async(c->bus, &call, m, on_answer, &w, UINT64_MAX);
	while (r >= 0 && !w.answered) {
		r = sd_bus_process(c->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(c->bus, UINT64_MAX);
		if (r == -EINTR)
			r = 0;
	}
	if (!w.answered) {
		__attribute__((cleanup(sd_bus_error_auto))) sd_bus_error lost = SD_BUS_ERROR_NULL;

		sd_bus_error_set_const(&lost, SD_BUS_ERROR_DISCONNECTED, "the bus went away before there was an answer");
		status = problem_of(c, what, &lost);
	} else if (sd_bus_message_is_method_error(w.reply, NULL)) {
		status = problem_of(c, what, sd_bus_message_get_error(w.reply));
	} else if (ret) {
		*ret = sd_bus_message_ref(w.reply);
	}
	sd_bus_message_unref(w.reply);
	free(w.state);
	return status;
}

static int
read_reply(sd_bus_message *reply, const char *what, struct value *ret)
{
	int r = remote_read(reply, ret);

	if (r >= 0)
		return CTL_FINE;
	problem("%s: the answer cannot be read: %s", what, strerror(-r));
	return CTL_FAILED;
}

/* Calls what has no arguments, and reads what has one. */
static int
read_all(struct ctl *c, const char *path, const char *interface, const char *member, const char *what, struct value *ret)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL, *reply = NULL;
	int status = remote_message(c, path, interface, member, &m);

	*ret = value_map();
	if (status == CTL_FINE)
		status = remote_ask(c, m, what, &reply);
	return status == CTL_FINE ? read_reply(reply, what, ret) : status;
}

int
remote_objects(struct ctl *c, struct value *ret)
{
	return read_all(c, REMOTE_ROOT, REMOTE_OBJECTS, "GetManagedObjects", "status", ret);
}

int
remote_statistics(struct ctl *c, const struct object *modem, struct value *ret)
{
	return read_all(c, modem->path, REMOTE_MODEM, "Statistics", "statistics", ret);
}

int
remote_property(struct ctl *c, const char *path, const char *interface, const char *name, struct value *ret)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL, *reply = NULL;
	int status = remote_message(c, path, REMOTE_PROPERTIES, "Get", &m);

	*ret = value_map();
	if (status == CTL_FINE && sd_bus_message_append(m, "ss", interface, name) < 0)
		status = CTL_FAILED;
	if (status == CTL_FINE)
		status = remote_ask(c, m, name, &reply);
	return status == CTL_FINE ? read_reply(reply, name, ret) : status;
}

int
remote_version(struct ctl *c, char **ret)
{
	struct value v;
	int status = remote_property(c, REMOTE_ROOT, REMOTE_MANAGER, "Version", &v);

	if (status == CTL_FINE)
		*ret = xstrdup(v.kind == VALUE_STRING ? v.string : "");
	value_deinit(&v);
	return status;
}

/* ---- objects ---- */

const char *
remote_modem_name(const struct value *all, const char *path)
{
	const struct value *object = value_get(all, path), *properties = object ? value_get(object, REMOTE_MODEM) : NULL;
	const char *last = strrchr(path, '/');

	return properties ? value_text(properties, "Name") : last ? last + 1 : path;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct object *)a)->name, ((const struct object *)b)->name);
}

struct object *
remote_list(const struct value *all, const char *interface, size_t *ret_n)
{
	struct object *list = NULL;
	size_t n = 0, i;

	for (i = 0; i < all->many.n; i++) {
		const struct value_item *item = &all->many.items[i];
		const struct value *properties = value_get(&item->value, interface);

		if (!properties || !item->key)
			continue;
		list = xrealloc(list, n + 1, sizeof(*list));
		list[n++] = (struct object){ item->key, value_text(properties, "Name"), properties };
	}
	if (n)
		qsort(list, n, sizeof(*list), by_name);
	*ret_n = n;
	return list;
}

static int
look(const struct value *all, const char *interface, const char *name, struct object *ret)
{
	size_t n, i;
	AUTO(free) struct object *list = remote_list(all, interface, &n);

	for (i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0) {
			*ret = list[i];
			return 0;
		}
	return -ENOENT;
}

/* "there are gw0, gw1", and the nearest of them. */
static void
say_which(const struct value *all, const char *interface, const char *kind, const char *name)
{
	size_t n, i;
	AUTO(free) struct object *list = remote_list(all, interface, &n);
	AUTO(free) char *names = xstrdup("");
	const char *nearest = NULL;
	unsigned best = STR_FAR;

	for (i = 0; i < n; i++) {
		char *more = xasprintf("%s%s%s", names, i ? ", " : "", list[i].name);

		free(names);
		names = more;
		if (str_nearer(list[i].name, name, &best))
			nearest = list[i].name;
	}
	if (nearest)
		problem("there is no %s \"%s\"; did you mean %s?", kind, name, nearest);
	else if (n)
		problem("there is no %s \"%s\"; there are: %s", kind, name, names);
	else
		problem("there is no %s \"%s\", and no other: the configuration has none, celltls.conf(5) says how", kind, name);
}

int
remote_find(const struct value *all, const char *interface, const char *name, struct object *ret)
{
	bool modem = strcmp(interface, REMOTE_MODEM) == 0;
	struct object other;

	if (look(all, interface, name, ret) == 0)
		return CTL_FINE;
	if (look(all, modem ? REMOTE_CHANNEL : REMOTE_MODEM, name, &other) == 0)
		problem("%s is a %s, and this command is for a %s", name, modem ? "channel" : "modem", modem ? "modem" : "channel");
	else
		say_which(all, interface, modem ? "modem" : "channel", name);
	return CTL_NO_SUCH;
}
