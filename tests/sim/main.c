/* SPDX-License-Identifier: Apache-2.0 */
/*
 * celltls-sim - a simulated cellular module on a pseudo terminal
 *
 * The loop around module.h: a pty for its line, OpenSSL for its network, the
 * clock of the host for its time.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "control.h"
#include "far-openssl.h"
#include "flash.h"
#include "module.h"
#include "pty.h"

#define LINE_MS 20 /* what a paced line takes from the pty ahead of time */

struct sim {
	struct clock clock;
	struct module_opts opts;
	struct module *module;
	struct far *far;
	struct flash *flash;
	const char *flash_path;
	struct pty pty;
	struct control control;
	struct timer unplug_timer;
	FILE *log;
	bool quit, output_blocked;
};

static void
say_log(void *arg, const char *line)
{
	struct sim *s = arg;
	struct timespec ts;
	struct tm tm;

	if (!s->log)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	fprintf(s->log, "%02d:%02d:%02d.%03ld %s\n", tm.tm_hour, tm.tm_min, tm.tm_sec, ts.tv_nsec / 1000000, line);
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 + 1;
}

/* The tty goes and comes back; the module loses its power with it. */

static void
plug(void *arg)
{
	struct sim *s = arg;

	if (s->pty.master < 0) {
		if (pty_open(&s->pty)) {
			timer_in(&s->clock, &s->unplug_timer, 1000);
			return;
		}
		say_log(s, "* plugged in");
	} else {
		say_log(s, "* unplugged");
		pty_close(&s->pty);
		module_event(s->module, SIM_RESET);
		timer_in(&s->clock, &s->unplug_timer, 3000);
		return;
	}
	if (s->module->faults.unplug_s)
		timer_in(&s->clock, &s->unplug_timer, module_next_in(s->module, s->module->faults.unplug_s));
}

static void
unplug(void *arg, unsigned ms)
{
	struct sim *s = arg;

	if (s->pty.master >= 0)
		plug(s);
	timer_in(&s->clock, &s->unplug_timer, ms);
}

static void
quit(void *arg)
{
	((struct sim *)arg)->quit = true;
}

/* The line. */

static void
pump_output(struct sim *s)
{
	const void *bytes;
	size_t len;
	ssize_t n;

	s->output_blocked = false;
	while ((bytes = module_output(s->module, &len)) && len) {
		if (s->pty.master < 0) { /* nobody there */
			module_output_drop(s->module, len);
			continue;
		}
		n = write(s->pty.master, bytes, len);
		if (n <= 0) {
			s->output_blocked = true;
			return;
		}
		module_output_drop(s->module, (size_t)n);
	}
}

/* A pty gives 4 KiB at a time at most; the module is given all that there is in one piece. */
static void
pump_input(struct sim *s)
{
	size_t room = module_host_room(s->module), len = 0;
	char bytes[65536];

	if (room > sizeof(bytes))
		room = sizeof(bytes);
	while (len < room && s->pty.master >= 0) {
		ssize_t n = read(s->pty.master, bytes + len, room - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	module_host_bytes(s->module, bytes, len);
}

/* Of a host that has hung up the last rate stays. */
static void
look_at_rate(struct sim *s)
{
	unsigned bps = s->opts.module_rate ? pty_rate(&s->pty) : 0;

	if (bps)
		module_host_rate(s->module, bps);
}

static void
loop(struct sim *s, int signals)
{
	while (!s->quit) {
		struct pollfd fds[4 + CONTROL_CLIENTS];
		uint64_t deadline, now = now_ms();
		bool input, control = false;
		int n = 3, timeout = -1;

		s->clock.wall_s = time(NULL);
		look_at_rate(s);
		clock_run(&s->clock, now);
		pump_output(s);
		if (s->flash_path && s->flash->dirty && flash_save(s->flash, s->flash_path))
			say_log(s, "* flash file cannot be written");
		if (s->log)
			fflush(s->log);

		input = module_host_room(s->module) > 0;
		fds[0] = (struct pollfd){ .fd = input || s->output_blocked ? s->pty.master : -1,
					  .events = (short)((input ? POLLIN : 0) | (s->output_blocked ? POLLOUT : 0)) };
		fds[1] = (struct pollfd){ .fd = far_openssl_fd(s->far), .events = POLLIN };
		fds[2] = (struct pollfd){ .fd = signals, .events = POLLIN };
		n += control_poll(&s->control, fds + n);
		deadline = clock_deadline(&s->clock);
		if (deadline != CLOCK_NEVER) {
			now = now_ms();
			timeout = deadline <= now ? 0 : deadline - now > 60000 ? 60000 : (int)(deadline - now);
		}
		if (poll(fds, (nfds_t)n, timeout) < 0 && errno != EINTR)
			return;

		/* what is due by now comes before what arrives now */
		clock_run(&s->clock, now_ms());
		if (fds[1].revents)
			far_openssl_run(s->far);
		if (fds[0].fd >= 0 && fds[0].revents & (POLLIN | POLLHUP)) {
			look_at_rate(s);
			pump_input(s);
		}
		for (int i = 3; i < n; i++)
			control |= fds[i].revents != 0;
		if (control)
			control_run(&s->control);
		if (fds[2].revents)
			s->quit = true;
	}
}

/* Options. */

static void
usage(FILE *out)
{
	fputs("usage: celltls-sim --family telit-ge|telit-he|cinterion [options]\n"
	      "  --model NAME --firmware X.Y.Z    another module of the family\n"
	      "  --link PATH                      symbolic link to the tty\n"
	      "  --line-rate BPS                  pace of the line, 0 for none (default)\n"
	      "  --module-rate BPS                the module's own rate, 0 for autobaud; any host is understood without\n"
	      "  --latency MS                     before each answer\n"
	      "  --seed N --fault SPEC            what goes wrong; see celltls-sim(1)\n"
	      "  --control PATH                   socket for commands to the simulator\n"
	      "  --flash FILE                     keep the module's memory there\n"
	      "  --sim-pin PIN, --sim-puk PUK, --no-sim\n"
	      "  --apn NAME --pdp-user NAME --pdp-password WORD --address IP\n"
	      "  --boot-ms N --register-ms N --attach-ms N --activate-ms N\n"
	      "  --clock-unset                    the module's clock starts in 2004\n"
	      "  --network-time SECONDS|none --time-zone QUARTERS   what the network tells of the time\n"
	      "  --without sendext|sslring|reboot|enhrst, --with ssli|long-records|little-endian|silent-store|\n"
	      "            lists-apart|breaks-no-carrier\n"
	      "  --tls-sockets N                  TLS services at once (cinterion; 2)\n"
	      "  --spaces on|off                  blanks behind commas (cinterion; on)\n"
	      "  --resolve NAME=ADDRESS[:PORT]    a name that the simulated network knows\n"
	      "  --log FILE                       what happens, \"-\" for standard error\n"
	      "  --version --help\n",
	      out);
}

enum {
	OPT_FAMILY = 256, OPT_MODEL, OPT_FIRMWARE, OPT_LINK, OPT_RATE, OPT_MODULE_RATE, OPT_LATENCY, OPT_SEED, OPT_FAULT, OPT_CONTROL, OPT_FLASH,
	OPT_PIN, OPT_PUK, OPT_NO_SIM, OPT_APN, OPT_USER, OPT_PASSWORD, OPT_ADDRESS, OPT_BOOT, OPT_REGISTER, OPT_ATTACH, OPT_ACTIVATE,
	OPT_CLOCK, OPT_NETWORK_TIME, OPT_ZONE, OPT_WITHOUT, OPT_WITH, OPT_TLS_SOCKETS, OPT_SPACES, OPT_RESOLVE, OPT_LOG, OPT_VERSION, OPT_HELP,
};

static const struct option options[] = {
	{ "family", 1, NULL, OPT_FAMILY },	 { "model", 1, NULL, OPT_MODEL },
	{ "firmware", 1, NULL, OPT_FIRMWARE },	 { "link", 1, NULL, OPT_LINK },
	{ "line-rate", 1, NULL, OPT_RATE },	 { "latency", 1, NULL, OPT_LATENCY },
	{ "module-rate", 1, NULL, OPT_MODULE_RATE },
	{ "seed", 1, NULL, OPT_SEED },		 { "fault", 1, NULL, OPT_FAULT },
	{ "control", 1, NULL, OPT_CONTROL },	 { "flash", 1, NULL, OPT_FLASH },
	{ "sim-pin", 1, NULL, OPT_PIN },	 { "sim-puk", 1, NULL, OPT_PUK },
	{ "no-sim", 0, NULL, OPT_NO_SIM },
	{ "apn", 1, NULL, OPT_APN },		 { "pdp-user", 1, NULL, OPT_USER },
	{ "pdp-password", 1, NULL, OPT_PASSWORD }, { "address", 1, NULL, OPT_ADDRESS },
	{ "boot-ms", 1, NULL, OPT_BOOT },	 { "register-ms", 1, NULL, OPT_REGISTER },
	{ "activate-ms", 1, NULL, OPT_ACTIVATE }, { "clock-unset", 0, NULL, OPT_CLOCK },
	{ "attach-ms", 1, NULL, OPT_ATTACH },
	{ "network-time", 1, NULL, OPT_NETWORK_TIME }, { "time-zone", 1, NULL, OPT_ZONE },
	{ "without", 1, NULL, OPT_WITHOUT },	 { "with", 1, NULL, OPT_WITH },
	{ "tls-sockets", 1, NULL, OPT_TLS_SOCKETS }, { "spaces", 1, NULL, OPT_SPACES },
	{ "resolve", 1, NULL, OPT_RESOLVE },	 { "log", 1, NULL, OPT_LOG },
	{ "version", 0, NULL, OPT_VERSION },	 { "help", 0, NULL, OPT_HELP },
	{ 0 },
};

static _Noreturn void
die(const char *what, const char *why)
{
	fprintf(stderr, "celltls-sim: %s: %s\n", what, why);
	exit(2);
}

static unsigned
number(const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (!*text || *end || v > UINT32_MAX)
		die(text, "a number is wanted");
	return (unsigned)v;
}

static int
zone(const char *text)
{
	int quarters = text[0] == '-' ? -(int)number(text + 1) : (int)number(text);

	if (quarters < -47 || quarters > 48)
		die(text, "a number of quarters of an hour is wanted, -47 to 48");
	return quarters;
}

static unsigned
feature(const char *word)
{
	static const struct {
		const char *word;
		unsigned feature;
	} features[] = {
		{ "sendext", SIM_SENDEXT }, { "sslring", SIM_SSLRING }, { "long-records", SIM_LONG_RECORDS },
		{ "ssli", SIM_SSLI },	    { "reboot", SIM_REBOOT },	{ "enhrst", SIM_ENHRST },
		{ "little-endian", SIM_LITTLE_ENDIAN }, { "silent-store", SIM_SILENT_STORE },
		{ "lists-apart", SIM_LISTS_APART }, { "breaks-no-carrier", SIM_BREAKS_NO_CARRIER },
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (!strcmp(word, features[i].word))
			return features[i].feature;
	die(word, "no such feature");
}

static bool
on_or_off(const char *word)
{
	if (strcmp(word, "on") && strcmp(word, "off"))
		die(word, "on or off is wanted");
	return !strcmp(word, "on");
}

static unsigned
tls_sockets(const char *text)
{
	unsigned n = number(text);

	if (n < 1 || n > 6)
		die(text, "a number of TLS services is wanted, 1 to 6");
	return n;
}

static void
open_log(struct sim *s, const char *path)
{
	s->log = strcmp(path, "-") ? fopen(path, "ae") : stderr;
	if (!s->log)
		die(path, strerror(errno));
}

static void
parse_options(struct sim *s, struct faults *faults, const char **control, int argc, char **argv)
{
	struct module_opts *o = &s->opts;
	char err[128];
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case OPT_FAMILY: o->family = optarg; break;
		case OPT_MODEL: o->model = optarg; break;
		case OPT_FIRMWARE: o->firmware = optarg; break;
		case OPT_LINK: s->pty.link = optarg; break;
		case OPT_RATE: o->line_rate = number(optarg); break;
		case OPT_MODULE_RATE:
			o->module_rate = number(optarg);
			if (!o->module_rate)
				o->module_rate = SIM_AUTOBAUD;
			break;
		case OPT_LATENCY: o->latency_ms = number(optarg); break;
		case OPT_SEED: o->seed = number(optarg); break;
		case OPT_FAULT:
			if (!faults_parse(faults, optarg, err, sizeof(err)))
				die("--fault", err);
			break;
		case OPT_CONTROL: *control = optarg; break;
		case OPT_FLASH: s->flash_path = optarg; break;
		case OPT_PIN: o->sim_pin = optarg; break;
		case OPT_PUK: o->sim_puk = optarg; break;
		case OPT_NO_SIM: o->no_sim = true; break;
		case OPT_APN: o->apn = optarg; break;
		case OPT_USER: o->pdp_user = optarg; break;
		case OPT_PASSWORD: o->pdp_password = optarg; break;
		case OPT_ADDRESS: o->address = optarg; break;
		case OPT_BOOT: o->boot_ms = number(optarg); break;
		case OPT_REGISTER: o->register_ms = number(optarg); break;
		case OPT_ATTACH: o->attach_ms = number(optarg); break;
		case OPT_ACTIVATE: o->activate_ms = number(optarg); break;
		case OPT_CLOCK: o->clock_unset = true; break;
		case OPT_NETWORK_TIME: o->network_time = strcmp(optarg, "none") ? (int64_t)number(optarg) : -1; break;
		case OPT_ZONE: o->time_zone = zone(optarg); break;
		case OPT_WITHOUT: o->lacks |= feature(optarg); break;
		case OPT_WITH: o->has |= feature(optarg); break;
		case OPT_TLS_SOCKETS: o->tls_sockets = tls_sockets(optarg); break;
		case OPT_SPACES: o->no_spaces = !on_or_off(optarg); break;
		case OPT_RESOLVE:
			if (!far_openssl_resolve(s->far, optarg))
				die("--resolve", optarg);
			break;
		case OPT_LOG: open_log(s, optarg); break;
		case OPT_VERSION:
			puts("celltls-sim " PACKAGE_VERSION);
			exit(0);
		case OPT_HELP:
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind != argc || !o->family) {
		usage(stderr);
		exit(2);
	}
	if (o->line_rate) {
		o->line_queue = o->line_rate / 10 * LINE_MS / 1000;
		if (o->line_queue < 64)
			o->line_queue = 64;
	}
}

static void
say_what_lacks(const struct sim *s)
{
	size_t n;
	const uint16_t *suites = module_suites(s->module, &n);

	for (size_t i = 0; i < n; i++)
		if (!far_openssl_can(suites[i]))
			printf("celltls-sim: this OpenSSL does not have %s: dials that ask for it alone fail\n",
			       far_openssl_suite_name(suites[i]));
}

int
main(int argc, char **argv)
{
	struct faults faults = FAULTS_NONE;
	struct sim s = { .pty.master = -1 };
	const char *control = NULL;
	char text[2048];
	sigset_t set;
	int r, signals;

	setvbuf(stdout, NULL, _IOLBF, 0);
	s.far = far_openssl_new(say_log, &s);
	parse_options(&s, &faults, &control, argc, argv);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &set, SFD_CLOEXEC);

	clock_init(&s.clock, now_ms(), s.opts.seed);
	s.clock.wall_s = time(NULL);
	s.clock.wall_trusted = true;
	timer_init(&s.unplug_timer, plug, &s);
	s.flash = flash_new();
	r = s.flash_path ? flash_load(s.flash, s.flash_path) : 0;
	if (r)
		die(s.flash_path, strerror(-r));
	s.opts.flash = s.flash;
	s.opts.faults = &faults;
	s.opts.log = say_log;
	s.opts.arg = &s;
	s.module = module_new(&s.clock, &s.opts, s.far);
	if (!s.module)
		die(s.opts.family, "no such family or model");
	s.control.module = s.module;
	s.control.quit = quit;
	s.control.unplug = unplug;
	s.control.arg = &s;
	r = control_open(&s.control, control);
	if (r)
		die(control, strerror(-r));
	r = pty_open(&s.pty);
	if (r)
		die(s.pty.link ? s.pty.link : "pty", strerror(-r));
	if (faults.unplug_s)
		timer_in(&s.clock, &s.unplug_timer, module_next_in(s.module, faults.unplug_s));
	say_what_lacks(&s);
	printf("celltls-sim: %s on %s\n", s.opts.family, s.pty.name);

	loop(&s, signals);

	module_counters_text(s.module, text, sizeof(text));
	fputs(text, stdout);
	pty_close(&s.pty);
	control_close(&s.control);
	if (s.flash_path && s.flash->dirty)
		flash_save(s.flash, s.flash_path);
	module_free(s.module);
	far_openssl_free(s.far);
	flash_free(s.flash);
	close(signals);
	if (s.log && s.log != stderr)
		fclose(s.log);
	return 0;
}
