/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - celltlsctl: options, the table of commands, exit status
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ctl/ctl.h"
#include "ctl/problem.h"
#include "ctl/remote.h"

static const struct command {
	const char *name, *args;
	int n_args;
	bool json, timeout, no_bus; /* takes --json, --timeout; opens the bus itself */
	int (*run)(struct ctl *, char **args);
	const char *help;
} commands[] = {
	{ "status", "", 0, .json = true, .run = ctl_status, .help = "all modems and channels in one look; also without a command" },
	{ "modem", "MODEM", 1, .json = true, .run = ctl_modem, .help = "all about one modem" },
	{ "channel", "CHANNEL", 1, .json = true, .run = ctl_channel, .help = "all about one channel" },
	{ "monitor", "", 0, .json = true, .no_bus = true, .run = ctl_monitor, .help = "what changes, as it changes; ^C ends it" },
	{ "metrics", "", 0, .no_bus = true, .run = ctl_metrics, .help = "all figures in the text format of Prometheus" },
	{ "connect", "CHANNEL", 1, .run = ctl_connect, .help = "standard input and output are a session of the channel" },
	{ "close", "CHANNEL", 1, .run = ctl_close, .help = "reset all sessions of the channel" },
	{ "reset", "MODEM", 1, .run = ctl_reset, .help = "start the module anew, and wait until it is ready again" },
	{ "release", "MODEM", 1, .run = ctl_release, .help = "give the tty up, for another program" },
	{ "acquire", "MODEM", 1, .run = ctl_acquire, .help = "take the tty again" },
	{ "command", "MODEM TEXT", 2, .timeout = true, .run = ctl_command, .help = "one AT command of those in allow_command" },
	{ "reload", "", 0, .run = ctl_reload, .help = "read the configuration again" },
	{ 0 },
};

static const char *const exits[] = {
	[CTL_FINE] = "done",
	[CTL_FAILED] = "it failed; the message says why",
	[CTL_USAGE] = "celltlsctl was called in a wrong way",
	[CTL_NO_DAEMON] = "there is no bus, or celltlsd is not on it, or it ended meanwhile",
	[CTL_NOT_ALLOWED] = "you are not allowed to",
	[CTL_NO_SUCH] = "there is no such modem or channel",
	[CTL_NOT_NOW] = "not now: not ready, busy or blocked",
	[CTL_TIMEOUT] = "it took too long",
	[CTL_RESET] = "connect: the session did not end in order",
};

static void
print_help(void)
{
	const struct command *c;
	size_t i;

	puts("celltlsctl [OPTION...] [COMMAND]\n"
	     "Shows and steers celltlsd, which exports the TLS sockets of cellular modules.\n");
	for (c = commands; c->name; c++)
		printf("  %-8s%-12s%s\n", c->name, c->args, c->help);
	puts("\n"
	     "  --json              for programs; with status, modem, channel and monitor\n"
	     "  --timeout S         with command: how long the module may take (10 s, at most 300)\n"
	     "  --session-bus       celltlsd is on the session bus\n"
	     "  --bus-address ADDR  celltlsd is on the bus at ADDR\n"
	     "  --version, --help\n"
	     "\n"
	     "Exit status:");
	for (i = 0; i < sizeof(exits) / sizeof(*exits); i++)
		printf("  %zu  %s\n", i, exits[i]);
	puts("\ncelltlsctl(1) says more.");
}

static int
usage_error(void)
{
	fputs("  celltlsctl --help lists commands and options\n", stderr);
	return CTL_USAGE;
}

static const struct command *
find_command(const char *name)
{
	const struct command *c, *nearest = NULL;
	unsigned best = STR_FAR;

	for (c = commands; c->name; c++) {
		if (strcmp(c->name, name) == 0)
			return c;
		if (str_nearer(c->name, name, &best))
			nearest = c;
	}
	if (nearest)
		problem("%s: there is no such command; did you mean %s?", name, nearest->name);
	else
		problem("%s: there is no such command", name);
	return NULL;
}

/* false: it is no number of seconds that the daemon takes. */
static bool
parse_timeout(const char *s, uint32_t *ret_ms)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (errno || end == s || *end || n < 1 || n > 300) {
		problem("--timeout %s: seconds from 1 to 300 are expected", s);
		return false;
	}
	*ret_ms = (uint32_t)n * 1000;
	return true;
}

/* Returns -1 to go on, or the exit status. */
static int
parse_options(int argc, char **argv, struct ctl *c)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "timeout", required_argument, NULL, 't' },
		{ "session-bus", no_argument, NULL, 's' },
		{ "bus-address", required_argument, NULL, 'a' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'j':
			c->json = true;
			break;
		case 't':
			if (!parse_timeout(optarg, &c->timeout_ms))
				return CTL_USAGE;
			break;
		case 's':
			c->session_bus = true;
			break;
		case 'a':
			c->address = optarg;
			break;
		case 'V':
			puts("celltlsctl " PACKAGE_VERSION);
			return CTL_FINE;
		case 'h':
			print_help();
			return CTL_FINE;
		default:
			return usage_error();
		}
	}
	if (c->session_bus && c->address) {
		problem("--session-bus and --bus-address exclude each other");
		return usage_error();
	}
	return -1;
}

static int
run(struct ctl *c, int n_args, char **args)
{
	const struct command *command = n_args ? find_command(args[0]) : commands;
	int status;

	if (!command)
		return usage_error();
	n_args -= n_args > 0;
	if (n_args != command->n_args) {
		problem("usage: celltlsctl %s%s%s", command->name, command->n_args ? " " : "", command->args);
		return usage_error();
	}
	if ((c->json && !command->json) || (c->timeout_ms && !command->timeout)) {
		problem("%s does not take %s", command->name, c->json && !command->json ? "--json" : "--timeout");
		return usage_error();
	}
	status = command->no_bus ? CTL_FINE : remote_open(c);
	if (status == CTL_FINE)
		status = command->run(c, args + 1);
	remote_close(c);
	return status;
}

/* A descriptor that happens to be 1 must not be a socket of ours. */
static void
fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct ctl c = { .address = NULL };
	int status;

	fill_standard_descriptors();
	setlocale(LC_CTYPE, "");
	c.screen = screen_of(stdout);
	status = parse_options(argc, argv, &c);
	if (status < 0)
		status = run(&c, argc - optind, argv + optind);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		if (errno != EPIPE)
			problem("standard output: %s", strerror(errno));
		return status ? status : CTL_FAILED;
	}
	return status;
}
