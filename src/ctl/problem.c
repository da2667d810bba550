/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define OURS "org.celltls1.Error."
#define BUS "org.freedesktop.DBus.Error."

/* The daemon's own text comes first and knows more; the hint is what this program can add. */
static const struct kind {
	const char *name;
	enum ctl_exit status;
	const char *hint;
} kinds[] = {
	{ OURS "NotReady", CTL_NOT_NOW, "celltlsctl status shows what it waits for" },
	{ OURS "Busy", CTL_NOT_NOW, "it has other work just now; try again in a while" },
	{ OURS "Blocked", CTL_NOT_NOW, "celltlsctl channel NAME shows the reason; a change of the configuration ends it" },
	{ OURS "InUse", CTL_NOT_NOW, "celltlsctl status shows by whom" },
	{ OURS "Timeout", CTL_TIMEOUT, "celltlsctl status shows how far it came" },
	{ OURS "NotAuthorized", CTL_NOT_ALLOWED,
	    "who changes something is root, or let by polkit; who connects is let in by the channel (celltls.conf(5))" },
	{ OURS "BadConfiguration", CTL_FAILED, "the old configuration is still in force; celltlsd --check lists every mistake" },
	{ OURS "InvalidArgument", CTL_USAGE, "celltlsctl(1) says what the command takes" },
	{ OURS "NotSupported", CTL_FAILED, "celltls.conf(5) says what must be configured, celltlsctl modem NAME which module it is" },
	{ OURS "ModuleError", CTL_FAILED, "these are the module's own words; celltlsctl status shows what became of it" },
	{ OURS "Cancelled", CTL_FAILED, "the daemon ended, or the configuration is another, before it was done; try again" },
	{ OURS "NoSuchSlot", CTL_NO_SUCH, "celltls.conf(5) lists the slots of each dialect" },
	{ OURS "TooLarge", CTL_FAILED, "the module takes no more" },
	{ OURS "BadCertificate", CTL_FAILED, "openssl x509 -text -in FILE shows what it is" },
	{ OURS "KeyMismatch", CTL_FAILED, "key and certificate must be of one pair" },
	{ OURS "Managed", CTL_FAILED, "the configuration names this slot; change it there" },
	{ BUS "AccessDenied", CTL_NOT_ALLOWED, "the policy of the bus (org.celltls1.conf) refuses it; try as root" },
	{ BUS "ServiceUnknown", CTL_NO_DAEMON, NULL },
	{ BUS "NameHasNoOwner", CTL_NO_DAEMON, NULL },
	{ BUS "NoReply", CTL_NO_DAEMON, "celltlsd ended, or hangs, before it answered: systemctl status celltlsd" },
	{ BUS "Timeout", CTL_NO_DAEMON, "celltlsd did not answer: systemctl status celltlsd" },
	{ BUS "Disconnected", CTL_NO_DAEMON, "systemctl status dbus shows why" },
	{ "System.Error.ECONNRESET", CTL_NO_DAEMON, "the bus went away; systemctl status dbus shows why" },
	{ "System.Error.ENOTCONN", CTL_NO_DAEMON, "the bus went away; systemctl status dbus shows why" },
	{ BUS "UnknownObject", CTL_NO_SUCH, "it has just gone: a reload may have removed it" },
	{ BUS "UnknownMethod", CTL_FAILED, "celltlsd and celltlsctl are of different versions: compare celltlsd --version" },
	{ BUS "UnknownInterface", CTL_FAILED, "celltlsd and celltlsctl are of different versions: compare celltlsd --version" },
};

static void
put_clean(const char *text)
{
	struct screen screen = screen_of(stderr);
	AUTO(free) char *clean = text_clean(text, screen.utf8);

	fputs(clean, stderr);
}

void
problem(const char *fmt, ...)
{
	AUTO(free) char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	fputs("celltlsctl: ", stderr);
	put_clean(n < 0 ? "out of memory" : text);
	putc('\n', stderr);
}

static void
say_no_daemon(const struct ctl *c)
{
	if (c->session_bus || c->address)
		problem("celltlsd is not on %s%s: it must be started with the same option",
		    c->address ? "the bus at " : "the session bus", c->address ? c->address : "");
	else
		problem("celltlsd is not on the system bus: it does not run, or has no bus; systemctl status celltlsd shows why, "
			"systemctl start celltlsd starts it");
}

/* Lines of the daemon's text stay lines: a configuration has many mistakes. */
static void
say(const char *what, const char *text)
{
	AUTO(free) char *copy = xstrdup(text);
	char *rest = copy, *line;

	problem("%s: %s", what, (line = strsep(&rest, "\n")) ? line : "");
	while ((line = strsep(&rest, "\n"))) {
		fputs("  ", stderr);
		put_clean(line);
		putc('\n', stderr);
	}
}

int
problem_of(const struct ctl *c, const char *what, const sd_bus_error *e)
{
	const char *name = e->name ? e->name : "", *text = e->message && *e->message ? e->message : name;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct kind *k = &kinds[i];

		if (strcmp(k->name, name) != 0)
			continue;
		if (!k->hint) {
			say_no_daemon(c);
			return k->status;
		}
		say(what, text);
		fprintf(stderr, "  %s\n", k->hint);
		return (int)k->status;
	}
	say(what, text);
	if (!str_starts(name, OURS))
		fputs("  an error that celltlsctl does not know; journalctl -u celltlsd may say more\n", stderr);
	return CTL_FAILED;
}
