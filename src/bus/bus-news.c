/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changed since it was told last.  Whoever calls bus_modem_changed() need
 * not know what: each property's hash is compared with that of when it was told.
 * States go out on the next turn, figures of an object at most once a second,
 * and nothing while the bus has not taken what went before.
 */
#include "bus/bus-priv.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"

#define FIGURES_MS 1000
#define STANDARD "org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.Properties"

static const struct bus_kind *const kinds[KINDS] = { &bus_modem_kind, &bus_channel_kind };

/* ---- hashes: FNV-1a ---- */

static uint64_t
hash(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	while (len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t
hash_string(uint64_t h, const char *s)
{
	return s ? hash(h, s, strlen(s) + 1) : hash(h, "", 1);
}

/* Of what sd-bus would put into a message. */
static uint64_t
hash_property(const sd_bus_vtable *row, const void *facts)
{
	const void *at = (const char *)facts + row->x.property.offset;
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	char *const *word;

	switch (row->x.property.signature[0]) {
	case 'i':
	case 'u':
		return hash(h, at, sizeof(uint32_t));
	case 't':
		return hash(h, at, sizeof(uint64_t));
	case 'a':
		for (word = *(char *const *const *)at; *word; word++)
			h = hash_string(h, *word);
		return h;
	}
	return hash_string(h, *(const char *const *)at);
}

/* ---- one object ---- */

static bool
is_figure(const struct bus_kind *kind, const char *property)
{
	const char *const *p;

	for (p = kind->figures; *p && strcmp(*p, property); p++)
		;
	return *p;
}

/* Takes note of what differs, and gives the names of those; the rest stays due. */
static size_t
differing(struct bus_object *o, const void *facts, bool states, bool figures, char **ret_names)
{
	const sd_bus_vtable *row;
	size_t i = 0, n = 0;
	uint64_t h;

	for (row = o->kind->vtable; row->type != _SD_BUS_VTABLE_END; row++) {
		if (row->type != _SD_BUS_VTABLE_PROPERTY || !(row->flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE))
			continue;
		assert(i < BUS_PROPERTIES);
		if (is_figure(o->kind, row->x.property.member) ? figures : states) {
			h = hash_property(row, facts);
			if (h != o->told[i])
				ret_names[n++] = (char *)row->x.property.member;
			o->told[i] = h;
		}
		i++;
	}
	ret_names[n] = NULL;
	return n;
}

static void
object_path(const struct bus_object *o, char *dst, size_t size)
{
	snprintf(dst, size, "%s/%s", o->kind->prefix, o->name);
}

static void
tell_object(struct bus *b, struct bus_object *o)
{
	bool figures = o->figures_due && o->figures_ms <= loop_clock(b->loop)->now_ms;
	void *facts = o->kind->facts(b, o->name);
	char *names[BUS_PROPERTIES + 1], path[128];
	size_t n;

	if (!facts) /* bus_objects_changed() is on its way */
		return;
	n = differing(o, facts, o->states_due, figures, names);
	o->states_due = false;
	if (figures) {
		o->figures_due = false;
		o->figures_ms = loop_clock(b->loop)->now_ms + FIGURES_MS;
	}
	object_path(o, path, sizeof(path));
	if (n)
		sd_bus_emit_properties_changed_strv(b->sd, path, o->kind->interface, names);
}

/* ---- which objects there are ---- */

static struct bus_object *
known(struct bus *b, const struct bus_kind *kind, const char *name)
{
	struct bus_object *o;

	TAILQ_FOREACH(o, &b->objects, link)
		if (o->kind == kind && !strcmp(o->name, name))
			break;
	return o;
}

static void
forget(struct bus *b, struct bus_object *o)
{
	TAILQ_REMOVE(&b->objects, o, link);
	free(o->name);
	free(o);
}

static struct bus_object *
learn(struct bus *b, const struct bus_kind *kind, const char *name)
{
	struct bus_object *o = xcalloc(1, sizeof(*o));
	char *names[BUS_PROPERTIES + 1];
	void *facts;

	o->kind = kind;
	o->name = xstrdup(name);
	TAILQ_INSERT_TAIL(&b->objects, o, link);
	facts = kind->facts(b, o->name);
	if (facts)
		differing(o, facts, true, true, names);
	return o;
}

static void
tell_gone(struct bus *b)
{
	struct bus_object *o, *next;
	char path[128];

	for (o = TAILQ_FIRST(&b->objects); o; o = next) {
		next = TAILQ_NEXT(o, link);
		if (o->stays)
			continue;
		object_path(o, path, sizeof(path));
		sd_bus_emit_interfaces_removed(b->sd, path, STANDARD, o->kind->interface, NULL);
		forget(b, o);
	}
}

/* Those that were there are compared as ever: they may be others of the same name. */
static void
tell_objects(struct bus *b)
{
	struct bus_object *o;
	const char *name;
	char path[128];
	size_t i, k;

	b->objects_due = false;
	TAILQ_FOREACH(o, &b->objects, link)
		o->stays = false;
	for (k = 0; k < KINDS; k++)
		for (i = 0; (name = kinds[k]->name(b, i)); i++)
			if ((o = known(b, kinds[k], name)))
				o->stays = o->states_due = o->figures_due = true;
	tell_gone(b);
	for (k = 0; k < KINDS; k++)
		for (i = 0; (name = kinds[k]->name(b, i)); i++)
			if (!known(b, kinds[k], name)) {
				o = learn(b, kinds[k], name);
				object_path(o, path, sizeof(path));
				sd_bus_emit_object_added(b->sd, path);
			}
}

void
bus_news_begin(struct bus *b)
{
	const char *name;
	size_t i, k;

	for (k = 0; k < KINDS; k++)
		for (i = 0; (name = kinds[k]->name(b, i)); i++)
			learn(b, kinds[k], name);
}

void
bus_news_forget(struct bus *b)
{
	struct bus_object *o;

	while ((o = TAILQ_FIRST(&b->objects)))
		forget(b, o);
	b->objects_due = b->news_wait = false;
}

/* ---- when ---- */

/* The timer of what is due next. */
static void
set_news(struct bus *b)
{
	struct clock *c = loop_clock(b->loop);
	uint64_t at_ms = b->objects_due ? c->now_ms : CLOCK_NEVER;
	struct bus_object *o;

	TAILQ_FOREACH(o, &b->objects, link) {
		if (o->states_due)
			at_ms = c->now_ms;
		else if (o->figures_due && o->figures_ms < at_ms)
			at_ms = o->figures_ms;
	}
	if (at_ms == CLOCK_NEVER)
		timer_stop(c, &b->news);
	else
		timer_at(c, &b->news, at_ms);
}

void
bus_news_tell(void *arg)
{
	struct bus *b = arg;
	struct bus_object *o;

	if (!b->ready)
		return;
	b->news_wait = bus_is_choked(b);
	if (b->news_wait)
		return;
	if (b->objects_due)
		tell_objects(b);
	TAILQ_FOREACH(o, &b->objects, link)
		if (o->states_due || (o->figures_due && o->figures_ms <= loop_clock(b->loop)->now_ms))
			tell_object(b, o);
	set_news(b);
	bus_arm(b);
}

static void
changed(struct bus *b, const struct bus_kind *kind, const char *name, bool figures_only)
{
	struct bus_object *o = b->ready ? known(b, kind, name) : NULL;

	if (!o || (o->figures_due && (figures_only || o->states_due)))
		return;
	o->figures_due = true;
	o->states_due |= !figures_only;
	if (!b->news_wait)
		set_news(b);
}

void
bus_modem_changed(struct bus *b, const char *name)
{
	changed(b, &bus_modem_kind, name, false);
}

void
bus_channel_changed(struct bus *b, const char *name, bool figures_only)
{
	changed(b, &bus_channel_kind, name, figures_only);
}

void
bus_objects_changed(struct bus *b)
{
	if (!b->ready)
		return;
	b->objects_due = true;
	if (!b->news_wait)
		set_news(b);
}
