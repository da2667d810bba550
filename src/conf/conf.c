/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.c - rows of conf-keys to structs, with line numbers in errors
 *
 * The only user of libconfig.  Each setting is looked up by its row, and each
 * row that the file leaves out gets its preset by the same road, so a struct is
 * complete when its table has been walked.
 */
#include "conf/conf-priv.h"

#include <errno.h>
#include <libconfig.h>
#include <string.h>

#include "base/xalloc.h"

static void read_group(struct conf_load *l, const struct conf_key *keys, config_setting_t *group, char *base,
		       const char *path, unsigned line);

/* The key being read. */
struct at {
	const struct conf_key *key;
	config_setting_t *setting; /* NULL: take the preset */
	void *field;
	const char *path;
	unsigned line;
};

/* conf_scan() knows the line better than libconfig, see there. */
static unsigned
line_of(config_setting_t *s)
{
	unsigned line = (unsigned)(uintptr_t)config_setting_get_hook(s);

	return line ? line : config_setting_source_line(s);
}

static void
lines_count(config_setting_t *s, size_t *n)
{
	int i;

	for (i = 0; config_setting_is_aggregate(s) && i < config_setting_length(s); i++) {
		++*n;
		lines_count(config_setting_get_elem(s, (unsigned)i), n);
	}
}

/* Settings in the order of the text: each before what is in it. */
static void
lines_give(struct conf_load *l, config_setting_t *s)
{
	int i;

	for (i = 0; config_setting_is_aggregate(s) && i < config_setting_length(s); i++) {
		config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		config_setting_set_hook(e, (void *)(uintptr_t)l->lines[l->next_line++]);
		lines_give(l, e);
	}
}

static void
where_add(struct conf_load *l, const struct at *a)
{
	if (l->n_where == l->room) {
		l->room = l->room ? l->room * 2 : 64;
		l->where = xrealloc(l->where, l->room, sizeof(*l->where));
	}
	l->where[l->n_where++] = (struct conf_where){ a->field, a->line, xstrdup(a->path), false };
}

#define WRONG(l, a, ...) conf_mistake(l, (a)->line, (a)->path, __VA_ARGS__)

static void
unbuilt(struct conf_load *l, const struct at *a, const char *value)
{
	const char *feature = a->setting ? conf_unbuilt(a->path, value) : NULL;

	if (feature)
		WRONG(l, a, "not built yet: %s", feature);
}

static void
read_bool(struct conf_load *l, struct at *a)
{
	bool *v = a->field;

	*v = strcmp(a->key->preset, "true") == 0;
	if (!a->setting)
		return;
	if (config_setting_type(a->setting) != CONFIG_TYPE_BOOL) {
		WRONG(l, a, "not a truth value (true or false, without quotes)");
		return;
	}
	*v = config_setting_get_bool(a->setting);
	unbuilt(l, a, *v ? "true" : "false");
}

static void
read_uint(struct conf_load *l, struct at *a)
{
	const struct conf_key *k = a->key;
	const char *zero = k->flags & CONF_OR_ZERO ? "0, or " : "";
	unsigned *v = a->field;
	long long n;

	*v = (unsigned)strtoul(k->preset, NULL, 10);
	if (!a->setting)
		return;
	if (config_setting_type(a->setting) != CONFIG_TYPE_INT && config_setting_type(a->setting) != CONFIG_TYPE_INT64) {
		WRONG(l, a, "not an integer (%s%u to %u, without quotes)", zero, k->min, k->max);
		return;
	}
	n = config_setting_get_int64(a->setting);
	if ((n < k->min || n > k->max) && !(n == 0 && *zero)) {
		WRONG(l, a, "%lld is out of range (%s%u to %u)", n, zero, k->min, k->max);
		return;
	}
	*v = (unsigned)n;
	if (n)
		unbuilt(l, a, "");
}

/* The string of a setting; NULL, and said, when it is something else. */
static const char *
string_of(struct conf_load *l, struct at *a, const char *allowed)
{
	const char *s = config_setting_get_string(a->setting);

	if (!s)
		WRONG(l, a, "not a string (%s, in quotes)", allowed);
	return s;
}

/* The place in the list; -1, and said, when it is not there. */
static int
word_of(struct conf_load *l, struct at *a, const char *s)
{
	AUTO(free) char *all = NULL;
	int i;

	for (i = 0; a->key->words[i]; i++)
		if (strcmp(a->key->words[i], s) == 0)
			return i;
	all = conf_word_list(a->key->words);
	WRONG(l, a, "\"%s\" is not allowed (%s)", s, all);
	return -1;
}

static void
read_word(struct conf_load *l, struct at *a)
{
	AUTO(free) char *all = conf_word_list(a->key->words);
	/* Words without a preset have 0 for "not set", and the first word is 1. */
	unsigned *v = a->field, first = !a->key->preset;
	const char *s;
	int i;

	*v = 0;
	for (i = 0; a->key->preset && a->key->words[i]; i++)
		if (strcmp(a->key->preset, a->key->words[i]) == 0)
			*v = (unsigned)i;
	if (!a->setting)
		return;
	s = string_of(l, a, all);
	i = s ? word_of(l, a, s) : -1;
	if (i < 0)
		return;
	*v = (unsigned)i + first;
	unbuilt(l, a, s);
}

static void
read_octal(struct conf_load *l, struct at *a)
{
	static const char allowed[] = "three or four octal digits up to 0777, such as \"0660\"";
	unsigned *v = a->field;
	const char *s;

	*v = (unsigned)strtoul(a->key->preset, NULL, 8);
	s = a->setting ? string_of(l, a, allowed) : NULL;
	if (!s)
		return;
	if (s[strspn(s, "01234567")] || strlen(s) < 3 || strlen(s) > 4 || strtoul(s, NULL, 8) > a->key->max)
		WRONG(l, a, "\"%s\" is not a mode (%s)", s, allowed);
	else
		*v = (unsigned)strtoul(s, NULL, 8);
}

/* What is wrong with a text, by the row; said here. */
static bool
text_fits(struct conf_load *l, struct at *a, const char *s)
{
	const char *allowed = conf_form_check(a->key->form, s);
	bool is_long = strlen(s) > a->key->max;

	if (a->key->words)
		return word_of(l, a, s) >= 0;
	if (allowed && a->key->form == FORM_SOCKET && *s == '/' && strlen(s) > 107)
		WRONG(l, a, "the path has %zu bytes (at most 107 for a socket)", strlen(s));
	else if (allowed && (*s != '/') && (a->key->form == FORM_PATH || a->key->form == FORM_SOCKET))
		WRONG(l, a, "\"%s\" is a relative path (%s)", s, allowed);
	else if (is_long)
		WRONG(l, a, "the text has %zu bytes (at most %u)", strlen(s), a->key->max);
	else if (allowed)
		WRONG(l, a, "\"%s\" is not allowed (%s)", s, allowed);
	return !allowed && !is_long;
}

static void
read_text(struct conf_load *l, struct at *a)
{
	const char *allowed = conf_form_check(a->key->form, "\n"), *s;
	char **v = a->field;

	*v = xstrdup(a->key->preset ? a->key->preset : "");
	s = a->setting ? string_of(l, a, allowed) : NULL;
	if (!s)
		return;
	if (!*s && a->key->flags & CONF_REQUIRED) {
		WRONG(l, a, "is empty (%s)", allowed);
	} else if (!*s || text_fits(l, a, s)) {
		free(*v);
		*v = xstrdup(s);
		if (*s)
			unbuilt(l, a, s);
	}
}

/*
 * The entries of a list or array, or a lone value where the row allows that;
 * -1, and said, when it is neither.
 */
static int
entries(struct conf_load *l, struct at *a, const char *what)
{
	config_setting_t *s = a->setting;
	bool lone = a->key->flags & CONF_OR_ONE;
	int n;

	if (!s)
		return 0;
	if (lone && config_setting_type(s) == CONFIG_TYPE_STRING)
		return 1;
	if (!config_setting_is_list(s) && !config_setting_is_array(s)) {
		WRONG(l, a, "not a list (%s%s)", lone ? "a string, or " : "", what);
		return -1;
	}
	n = config_setting_length(s);
	if (n <= (int)a->key->max || a->key->type == CONF_TEXTS)
		return n;
	WRONG(l, a, "%d entries are too many (at most %u)", n, a->key->max);
	return -1;
}

/* The i-th entry, as a key of its own. */
static struct at
entry(const struct at *a, int i)
{
	struct at e = *a;

	if (config_setting_is_aggregate(a->setting))
		e.setting = config_setting_get_elem(a->setting, (unsigned)i);
	e.line = line_of(e.setting);
	return e;
}

static void
read_texts(struct conf_load *l, struct at *a)
{
	static const char what[] = "( \"a\", \"b\" )";
	struct conf_strings *v = a->field;
	int i, n = entries(l, a, what);

	if (!a->setting && a->key->preset) {
		v->v = xcalloc(1, sizeof(*v->v));
		v->v[v->n++] = xstrdup(a->key->preset);
	}
	if (n <= 0)
		return;
	v->v = xcalloc((size_t)n, sizeof(*v->v));
	for (i = 0; i < n; i++) {
		struct at e = entry(a, i);
		const char *s = string_of(l, &e, "the entries of this list are strings");

		if (s && !*s)
			WRONG(l, &e, "is empty (the entries of this list are not)");
		else if (s && text_fits(l, &e, s))
			v->v[v->n++] = xstrdup(s);
	}
	unbuilt(l, a, "");
}

static void
read_remotes(struct conf_load *l, struct at *a)
{
	static const char allowed[] = "host:port or [v6]:port";
	struct remotes_conf *v = a->field;
	int i, n = entries(l, a, "( \"host:port\", \"[v6]:port\" )");

	if (n <= 0)
		return;
	v->v = xcalloc((size_t)n, sizeof(*v->v));
	for (i = 0; i < n; i++) {
		struct at e = entry(a, i);
		const char *s = string_of(l, &e, allowed);
		const char *why = s ? conf_remote_parse(s, &v->v[v->n]) : NULL;

		if (why)
			WRONG(l, &e, "%.300s: %s (%s)", s, why, allowed);
		else if (s)
			v->n++;
	}
}

static void
read_list(struct conf_load *l, struct at *a)
{
	char **v = a->field;
	size_t *count = (size_t *)(void *)(v + 1); /* as conf.h has them */
	int i, n = entries(l, a, "( { ... }, { ... } )");

	if (n <= 0)
		return;
	*v = xcalloc((size_t)n, a->key->size);
	for (i = 0; i < n; i++) {
		AUTO(free) char *path = xasprintf("%s[%d]", a->path, i);
		struct at e = entry(a, i);

		e.path = path;
		if (config_setting_is_group(e.setting))
			read_group(l, a->key->sub, e.setting, *v + *count * a->key->size, path, e.line);
		else
			WRONG(l, &e, "not a group ({ key = value; ... })");
		*count += config_setting_is_group(e.setting);
	}
}

static void
read_subgroup(struct conf_load *l, struct at *a)
{
	if (a->setting && !config_setting_is_group(a->setting)) {
		WRONG(l, a, "not a group ({ key = value; ... })");
		a->setting = NULL;
	}
	unbuilt(l, a, "");
	read_group(l, a->key->sub, a->setting, a->field, a->path, a->line);
}

static void
read_key(struct conf_load *l, struct at *a)
{
	static void (*const readers[])(struct conf_load *, struct at *) = {
		[CONF_BOOL] = read_bool,   [CONF_UINT] = read_uint,	  [CONF_WORD] = read_word,
		[CONF_OCTAL] = read_octal, [CONF_TEXT] = read_text,	  [CONF_TEXTS] = read_texts,
		[CONF_LIST] = read_list,   [CONF_REMOTES] = read_remotes, [CONF_GROUP] = read_subgroup,
	};

	size_t errors = l->report->errors, here = l->n_where;

	if (a->key->type != CONF_GROUP)
		where_add(l, a);
	if (!a->setting && a->key->flags & CONF_REQUIRED && !a->key->preset)
		WRONG(l, a, "is missing (required: %s)", a->key->help);
	readers[a->key->type](l, a);
	if (a->key->type != CONF_GROUP)
		l->where[here].wrong = l->report->errors > errors;
}

static void
unknown_key(struct conf_load *l, const struct conf_key *keys, config_setting_t *s, const char *path)
{
	const char *name = config_setting_name(s);
	AUTO(free) char *full = xasprintf("%s%s%s", path, *path ? "." : "", name), *hint = conf_key_hint(keys, name);

	conf_mistake(l, line_of(s), full, "unknown key (%s)", hint);
}

static bool
known(const struct conf_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return true;
	return false;
}

static void
read_group(struct conf_load *l, const struct conf_key *keys, config_setting_t *group, char *base, const char *path,
	   unsigned line)
{
	const struct conf_key *k;
	int i;

	for (i = 0; group && i < config_setting_length(group); i++) {
		config_setting_t *s = config_setting_get_elem(group, (unsigned)i);

		if (!known(keys, config_setting_name(s)))
			unknown_key(l, keys, s, path);
	}
	for (k = keys; k->name; k++) {
		config_setting_t *s = group ? config_setting_get_member(group, k->name) : NULL;
		AUTO(free) char *full = xasprintf("%s%s%s", path, *path ? "." : "", k->name);
		struct at a = { k, s, base + k->offset, full, s ? line_of(s) : line };

		read_key(l, &a);
	}
}

/* What the file says, once libconfig has taken it. */
static void
read_settings(struct conf_load *l, config_setting_t *root)
{
	size_t n = 0;

	lines_count(root, &n);
	if (n == l->n_lines)
		lines_give(l, root);
	read_group(l, conf_keys, root, (char *)l->conf, "", 0);
	conf_check(l);
}

static void
read_text_of_file(struct conf_load *l, const char *text, size_t len)
{
	config_t config;

	if (!conf_scan(l, text, len))
		return;
	config_init(&config);
	if (config_read_string(&config, text))
		read_settings(l, config_root_setting(&config));
	else if (l->duplicate && strstr(config_error_text(&config), "duplicate"))
		; /* conf_scan() has named it */
	else
		conf_mistake(l, (unsigned)config_error_line(&config), NULL, "%s (key = value;)",
			     config_error_text(&config) ? config_error_text(&config) : "syntax error");
	config_destroy(&config);
}

int
conf_load_text(const char *file, const char *text, size_t len, unsigned flags, struct conf **ret_conf,
	       struct conf_report *report)
{
	AUTO(conf_free) struct conf *c = xcalloc(1, sizeof(*c));
	AUTO(free) char *copy = xcalloc(len + 1, 1); /* libconfig wants a NUL */
	struct conf_load l = { .file = file, .flags = flags, .conf = c, .report = report };
	size_t errors = report->errors;

	*ret_conf = NULL;
	memcpy(copy, text, len);
	read_text_of_file(&l, copy, len);
	conf_report_sort(report);
	while (l.n_where)
		free(l.where[--l.n_where].path);
	free(l.where);
	free(l.lines);
	if (report->errors > errors)
		return -EINVAL;
	*ret_conf = gift(&c);
	return 0;
}
