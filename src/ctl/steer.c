/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steer.c - commands that change something: one method each, whose answer may take minutes
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "ctl/problem.h"
#include "ctl/remote.h"

/* The message for a method of the object of that name. */
static int
message_for(struct ctl *c, const char *interface, const char *name, const char *member, sd_bus_message **ret)
{
	struct value all;
	struct object o;
	int status = remote_objects(c, &all);

	if (status == CTL_FINE)
		status = remote_find(&all, interface, name, &o);
	if (status == CTL_FINE)
		status = remote_message(c, o.path, interface, member, ret);
	value_deinit(&all);
	return status;
}

static int
steer(struct ctl *c, const char *interface, const char *name, const char *member, const char *verb)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL;
	AUTO(free) char *what = xasprintf("%s %s", verb, name);
	int status = message_for(c, interface, name, member, &m);

	return status == CTL_FINE ? remote_wait(c, m, what, NULL) : status;
}

int
ctl_reset(struct ctl *c, char **args)
{
	return steer(c, REMOTE_MODEM, args[0], "Reset", "reset");
}

int
ctl_release(struct ctl *c, char **args)
{
	return steer(c, REMOTE_MODEM, args[0], "Release", "release");
}

int
ctl_acquire(struct ctl *c, char **args)
{
	return steer(c, REMOTE_MODEM, args[0], "Acquire", "acquire");
}

int
ctl_close(struct ctl *c, char **args)
{
	return steer(c, REMOTE_CHANNEL, args[0], "Close", "close");
}

int
ctl_reload(struct ctl *c, char **args)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL;
	int status = remote_message(c, REMOTE_ROOT, REMOTE_MANAGER, "Reload", &m);

	(void)args;
	return status == CTL_FINE ? remote_wait(c, m, "reload", NULL) : status;
}

/* The module's lines as lines; to a terminal nothing else of theirs. */
static void
print_answer(const struct screen *s, const char *text)
{
	AUTO(free) char *copy = xstrdup(text);
	char *rest = copy, *line;

	if (!*text)
		return;
	if (!isatty(fileno(s->out))) {
		fprintf(s->out, "%s\n", text);
		return;
	}
	while ((line = strsep(&rest, "\n"))) {
		AUTO(free) char *clean = text_clean(line, s->utf8);

		fprintf(s->out, "%s\n", clean);
	}
}

int
ctl_command(struct ctl *c, char **args)
{
	AUTO(sd_bus_message_unref) sd_bus_message *m = NULL, *reply = NULL;
	const char *text;
	int status = message_for(c, REMOTE_MODEM, args[0], "Command", &m), r;

	if (status != CTL_FINE)
		return status;
	r = sd_bus_message_append(m, "su", args[1], c->timeout_ms);
	if (r < 0) {
		problem("command %s: %s; a command is text in UTF-8", args[0], strerror(-r));
		return CTL_USAGE;
	}
	status = remote_wait(c, m, args[1], &reply);
	if (status == CTL_FINE && sd_bus_message_read(reply, "s", &text) >= 0)
		print_answer(&c->screen, text);
	return status;
}
