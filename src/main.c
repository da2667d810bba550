/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - celltlsd: options, the configuration, exit status
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"
#include "bus/bus.h"
#include "cert/cert.h"
#include "conf/conf.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "port/trace.h"

#define CONFIG SYSCONFDIR "/celltls/celltls.conf"

/* sysexits.h's numbers where they fit; celltlsd(8) lists them. */
enum { EXIT_FINE = 0, EXIT_SETUP = 1, EXIT_USAGE = 2, EXIT_CONFIG = 78 };

struct options {
	const char *config, *trace, *bus_address;
	enum bus_which bus;
	bool check, foreground, trace_payload;
};

static const char usage[] =
    "celltlsd [OPTION...]\n"
    "Exports the TLS sockets of cellular modules as local Unix sockets.\n"
    "\n"
    "  --config F       configuration (" CONFIG ")\n"
    "  --check          report every mistake in the configuration, and exit\n"
    "  --foreground     log to standard error for a person, without level prefixes\n"
    "  --session-bus    status and control on the session bus; for tests\n"
    "  --bus-address A  status and control on the bus at this address; for tests\n"
    "  --trace F        write the conversation with the module to F, without payload and secrets\n"
    "  --trace-payload  with --trace: the apps' bytes too; whoever reads F then reads their data\n"
    "  --version, --help\n"
    "\n"
    "celltlsd(8) says more.\n";

/* Returns -1 to go on, or the exit status. */
static int
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "session-bus", no_argument, NULL, 's' },
		{ "bus-address", required_argument, NULL, 'b' },
		{ "trace", required_argument, NULL, 't' },
		{ "trace-payload", no_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'k':
			o->check = true;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 's':
			o->bus = BUS_SESSION;
			break;
		case 'b':
			o->bus_address = optarg;
			break;
		case 't':
			o->trace = optarg;
			break;
		case 'p':
			o->trace_payload = true;
			break;
		case 'V':
			puts("celltlsd " PACKAGE_VERSION);
			return EXIT_FINE;
		case 'h':
			fputs(usage, stdout);
			return EXIT_FINE;
		default:
			fputs("celltlsd --help lists the options\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "celltlsd: %s: no arguments are taken; celltlsd --help lists the options\n", argv[optind]);
		return EXIT_USAGE;
	}
	if (o->bus_address && o->bus == BUS_SESSION) {
		fputs("celltlsd: --session-bus and --bus-address exclude each other\n", stderr);
		return EXIT_USAGE;
	}
	if (o->bus_address)
		o->bus = BUS_ADDRESS;
	if (o->trace_payload && !o->trace) {
		fputs("celltlsd: --trace-payload goes with --trace F\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

/* Keys and PINs pass through this process: none of it may land on a disk. */
static void
no_core_dumps(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
}

int
main(int argc, char **argv)
{
	struct options o = { .config = CONFIG, .bus = BUS_SYSTEM };
	struct conf_report report = CONF_REPORT_INIT;
	struct conf *conf = NULL;
	struct trace *trace = NULL;
	bool journal;
	int r = parse_options(argc, argv, &o);

	if (r >= 0)
		return r;
	no_core_dumps();
	log_prefix = !o.foreground;
	if (!cert_wipes_heap())
		log_warning("daemon", NULL, "OpenSSL was at work before its memory could be watched: traces of keys may stay in memory");
	journal = !o.foreground && journal_begin(JOURNAL_SOCKET);
	r = conf_load(o.config, &conf, &report);
	if (o.check && !journal) /* in ExecStartPre= mistakes shall have their level */
		conf_report_print(&report, r == 0 ? stdout : stderr);
	else
		conf_report_log(&report);
	conf_report_deinit(&report);
	if (r < 0)
		return EXIT_CONFIG;
	if (o.check) {
		log_prefix &= journal;
		r = daemon_check(conf) ? EXIT_FINE : EXIT_CONFIG;
		if (r == EXIT_FINE)
			printf("%s: %zu modems, %zu channels, no errors\n", o.config, conf->n_modems, conf->n_channels);
		conf_free(conf);
		return r;
	}
	if (o.trace && !(trace = trace_open(o.trace, o.trace_payload))) {
		log_error("daemon", NULL, "--trace %s: %s", o.trace, strerror(errno));
		conf_free(conf);
		return EXIT_SETUP;
	}
	r = daemon_run(o.config, conf, trace, o.bus, o.bus_address);
	trace_close(trace);
	return r < 0 ? EXIT_SETUP : EXIT_FINE;
}
