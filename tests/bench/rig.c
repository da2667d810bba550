/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char build_dir[512];
static struct rig *rigs[32];
static pthread_mutex_t rigs_lock = PTHREAD_MUTEX_INITIALIZER, dying = PTHREAD_MUTEX_INITIALIZER;

noreturn void
die(const char *fmt, ...)
{
	va_list ap;
	size_t i;

	pthread_mutex_lock(&dying); /* once is enough */
	fputs("bench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	for (i = 0; i < sizeof(rigs) / sizeof(rigs[0]); i++)
		if (rigs[i])
			rig_end(rigs[i]);
	_exit(1);
}

uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void
sleep_until_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

void
make_nonblocking(int fd)
{
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		die("fcntl: %s", strerror(errno));
}

void
meter_start(struct meter *m)
{
	*m = (struct meter){ .on = true };
}

void
meter_add(struct meter *m, size_t n)
{
	uint64_t now;

	if (!m->on)
		return;
	now = now_ns();
	if (m->first_ns)
		m->bytes += n;
	else
		m->first_ns = now;
	m->last_ns = now;
}

double
meter_stop(struct meter *m)
{
	m->on = false;
	return m->last_ns > m->first_ns ? (double)m->bytes * 1e9 / (double)(m->last_ns - m->first_ns) : 0;
}

void
rig_programs(const char *build)
{
	if (!realpath(build, build_dir))
		die("%s: %s", build, strerror(errno));
}

/* Ends with this program; what it says goes to log. */
static pid_t
start(const char *log, char *const argv[])
{
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	execvp(argv[0], argv);
	_exit(127);
}

static unsigned
lines_with(const char *log, const char *text)
{
	char line[1024];
	unsigned n = 0;
	FILE *f = fopen(log, "re");

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	if (f)
		fclose(f);
	return n;
}

static void
await(pid_t pid, const char *log, const char *text, unsigned n)
{
	uint64_t until = now_ns() + 60000000000;

	while (lines_with(log, text) < n) {
		if (now_ns() > until || waitpid(pid, NULL, WNOHANG) == pid)
			die("no \"%s\" in %s", text, log);
		usleep(10000);
	}
}

static void
rig_dir(struct rig *r)
{
	size_t i;

	if (r->dir[0])
		return;
	strcpy(r->dir, "/tmp/celltls-bench-XXXXXX");
	if (!mkdtemp(r->dir))
		die("mkdtemp: %s", strerror(errno));
	snprintf(r->tty, sizeof(r->tty), "%s/modem0", r->dir);
	snprintf(r->conf, sizeof(r->conf), "%s/celltls.conf", r->dir);
	snprintf(r->log, sizeof(r->log), "%s/log", r->dir);
	rig_socket(r, 0, r->socket, sizeof(r->socket));
	pthread_mutex_lock(&rigs_lock);
	for (i = 0; rigs[i]; i++)
		;
	rigs[i] = r;
	pthread_mutex_unlock(&rigs_lock);
}

void
rig_socket(const struct rig *r, unsigned i, char *dst, size_t size)
{
	snprintf(dst, size, "%s/run/c%u.sock", r->dir, i);
}

void
rig_sim(struct rig *r, unsigned line_rate)
{
	char program[600], log[96], rate[16], resolve[64], link[96], control[96], boot[16], reg[16], activate[16];
	char *argv[] = { program, "--family", r->family == CINTERION ? "cinterion" : "telit-ge", "--boot-ms", boot, "--register-ms", reg,
		"--activate-ms", activate, "--line-rate", rate, "--resolve", resolve, "--link", link, "--control", control,
		r->family == TELIT ? "--with" : NULL, "long-records", NULL };
	unsigned i = r->modems++;

	rig_dir(r);
	snprintf(program, sizeof(program), "%s/celltls-sim", build_dir);
	snprintf(log, sizeof(log), "%s/sim%u.log", r->dir, i);
	snprintf(link, sizeof(link), "%s/modem%u", r->dir, i);
	snprintf(control, sizeof(control), "%s/control%u", r->dir, i);
	snprintf(boot, sizeof(boot), "%u", r->boot_ms ? r->boot_ms : 1);
	snprintf(reg, sizeof(reg), "%u", r->register_ms);
	snprintf(activate, sizeof(activate), "%u", r->activate_ms);
	snprintf(rate, sizeof(rate), "%u", line_rate);
	snprintf(resolve, sizeof(resolve), "server.example=127.0.0.1:%u", port);
	r->sim[i] = start(log, argv);
	await(r->sim[i], log, " on /dev/", 1);
}

void
rig_configure(struct rig *r, const char *mode, const char *tty, unsigned baud)
{
	struct group *group = getgrgid(getegid());
	char path[96];
	unsigned i;
	FILE *f;

	rig_dir(r);
	snprintf(path, sizeof(path), "%s/run", r->dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/state", r->dir);
	mkdir(path, 0755);
	f = fopen(r->conf, "we");
	if (!f || !group)
		die("%s: %s", r->conf, strerror(errno));
	fprintf(f, "state_directory = \"%s/state\";\nruntime_directory = \"%s/run\";\nmodems = (", r->dir, r->dir);
	for (i = 0; i < r->modems; i++) {
		snprintf(path, sizeof(path), "%s/modem%u", r->dir, i);
		fprintf(f, "%s\n{ name = \"gw%u\"; device = \"%s\"; dialect = \"%s\"; baud = %u; supervision = %u;\n"
			   "  pdp = { apn = \"internet\"; }; }",
		    i ? "," : "", i, tty ? tty : path, r->family == CINTERION ? "cinterion" : "telit", baud, r->supervision_s ? r->supervision_s : 3600);
	}
	fprintf(f, ");\nchannels = (");
	for (i = 0; i < r->modems; i++)
		fprintf(f, "%s\n{ name = \"c%u\"; modem = \"gw%u\"; remote = \"server.example:443\"; mode = \"%s\";\n"
			   "  wait_timeout = 120; socket = { group = \"%s\"; }; tls = { verify = \"none\"; resume = false;%s }; }",
		    i ? "," : "", i, i, mode, group->gr_name, r->family == CINTERION ? " ciphers = ( \"any\" );" : "");
	fprintf(f, ");\n");
	fclose(f);
}

static void
end(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGTERM);
	for (int i = 0; i < 1200 && !waitpid(*pid, NULL, WNOHANG); i++) {
		usleep(10000);
		if (i == 1000) /* the daemon takes nine seconds at most */
			kill(*pid, SIGKILL);
	}
	*pid = 0;
}

/* With the system bus's limits: of one caller 128 calls wait at most.  A session bus holds 50000. */
static const char bus_conf[] =
    "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\""
    " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
    "<busconfig><listen>%s</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
    "<allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy></busconfig>\n";

/* A daemon on a gateway has a bus, so its figures are those of one that has. */
static void
rig_bus(struct rig *r)
{
	char option[120], log[96];
	char *argv[] = { "dbus-daemon", option, "--nofork", "--print-address", NULL };
	FILE *f;

	if (r->dbus)
		return;
	snprintf(r->bus, sizeof(r->bus), "unix:path=%s/bus", r->dir);
	snprintf(option, sizeof(option), "--config-file=%s/bus.conf", r->dir);
	f = fopen(option + strlen("--config-file="), "we");
	if (!f)
		die("%s: %s", option, strerror(errno));
	fprintf(f, bus_conf, r->bus);
	fclose(f);
	snprintf(log, sizeof(log), "%s/bus.log", r->dir);
	r->dbus = start(log, argv);
	await(r->dbus, log, "unix:path=", 1);
}

void
rig_daemon_start(struct rig *r)
{
	char program[600];
	char *argv[] = { program, "--config", r->conf, "--foreground", "--bus-address", r->bus, NULL };

	rig_bus(r);

	snprintf(program, sizeof(program), "%s/celltlsd", build_dir);
	r->daemon = start(r->log, argv);
}

void
rig_daemon_ready(struct rig *r)
{
	await(r->daemon, r->log, "-> ready", r->modems);
}

void
rig_daemon(struct rig *r, const char *mode, const char *tty, unsigned baud)
{
	rig_configure(r, mode, tty, baud);
	rig_daemon_start(r);
	rig_daemon_ready(r);
}

void
rig_daemon_anew(struct rig *r)
{
	end(&r->daemon);
	rig_daemon_start(r);
	rig_daemon_ready(r);
}

void
rig_daemon_kill(struct rig *r)
{
	kill(r->daemon, SIGKILL);
	waitpid(r->daemon, NULL, 0);
	r->daemon = 0;
}

/* What the control socket answers, into dst. */
static void
ask_module(const struct rig *r, unsigned i, const char *command, char *dst, size_t size)
{
	char path[96];
	size_t len = 0;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/control%u", r->dir, i);
	fd = app_connect_only(path);
	if (dprintf(fd, "%s\n", command) < 0 || shutdown(fd, SHUT_WR) < 0)
		die("%s: %s", path, strerror(errno));
	while (len < size - 1 && (n = read(fd, dst + len, size - 1 - len)) > 0)
		len += (size_t)n;
	dst[len] = '\0';
	close(fd);
}

void
rig_module(const struct rig *r, unsigned i, const char *command)
{
	char answer[200];

	ask_module(r, i, command, answer, sizeof(answer));
	if (strcmp(answer, "ok\n"))
		die("the simulator, to \"%s\": %s", command, answer);
}

long
rig_counter(const struct rig *r, unsigned i, const char *name)
{
	char answer[4096], key[40];
	const char *at;

	ask_module(r, i, "counters", answer, sizeof(answer));
	snprintf(key, sizeof(key), "%s ", name);
	for (at = answer; at && strncmp(at, key, strlen(key));)
		at = (at = strchr(at, '\n')) ? at + 1 : NULL;
	if (!at)
		die("the simulator counts no %s", name);
	return strtol(at + strlen(key), NULL, 10);
}

void
rig_socat(struct rig *r, const char *tty)
{
	char listen[160], terminal[128];
	char *argv[] = { "socat", listen, terminal, NULL };

	rig_dir(r);
	snprintf(r->socket, sizeof(r->socket), "%s/socat.sock", r->dir);
	snprintf(listen, sizeof(listen), "UNIX-LISTEN:%s", r->socket);
	snprintf(terminal, sizeof(terminal), "%s,raw,echo=0", tty);
	r->daemon = start(r->log, argv);
}

static void
remove_tree(const char *dir)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

void
rig_end(struct rig *r)
{
	size_t i;

	pthread_mutex_lock(&rigs_lock);
	for (i = 0; i < sizeof(rigs) / sizeof(rigs[0]); i++)
		if (rigs[i] == r)
			rigs[i] = NULL;
	pthread_mutex_unlock(&rigs_lock);
	end(&r->daemon);
	end(&r->dbus);
	for (i = 0; i < r->modems; i++)
		end(&r->sim[i]);
	remove_tree(r->dir);
	*r = (struct rig){ 0 };
}

uint64_t
cpu_ns(pid_t pid)
{
	char path[64];
	unsigned long long ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%llu", &ns) != 1)
		die("%s: this kernel does not tell", path);
	fclose(f);
	return ns;
}

long
status_value(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	long v = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			v = strtol(line + strlen(key), NULL, 10);
	if (f)
		fclose(f);
	return v;
}
