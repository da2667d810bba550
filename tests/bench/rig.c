/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static char build_dir[512];
static struct rig *rigs[8];

noreturn void
die(const char *fmt, ...)
{
	va_list ap;
	size_t i;

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

static bool
log_has(const char *log, const char *text)
{
	char bytes[16384];
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	return n > 0 && memmem(bytes, (size_t)n, text, strlen(text));
}

static void
await(pid_t pid, const char *log, const char *text)
{
	uint64_t until = now_ns() + 20000000000;

	while (!log_has(log, text)) {
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
	snprintf(r->tty, sizeof(r->tty), "%s/modem", r->dir);
	snprintf(r->conf, sizeof(r->conf), "%s/celltls.conf", r->dir);
	snprintf(r->log, sizeof(r->log), "%s/log", r->dir);
	snprintf(r->socket, sizeof(r->socket), "%s/run/c.sock", r->dir);
	for (i = 0; rigs[i]; i++)
		;
	rigs[i] = r;
}

void
rig_sim(struct rig *r, unsigned port, unsigned line_rate)
{
	char program[600], log[96], rate[16], resolve[64];
	char *argv[] = { program, "--family", "telit-ge", "--with", "long-records", "--boot-ms", "1", "--line-rate", rate, "--resolve",
		resolve, "--link", r->tty, NULL };

	rig_dir(r);
	snprintf(program, sizeof(program), "%s/celltls-sim", build_dir);
	snprintf(log, sizeof(log), "%s/sim.log", r->dir);
	snprintf(rate, sizeof(rate), "%u", line_rate);
	snprintf(resolve, sizeof(resolve), "server.example=127.0.0.1:%u", port);
	r->sim = start(log, argv);
	await(r->sim, log, " on /dev/");
}

void
rig_daemon(struct rig *r, const char *mode, const char *tty, unsigned baud)
{
	char program[600], path[96];
	char *argv[] = { program, "--config", r->conf, "--foreground", NULL };
	struct group *group = getgrgid(getegid());
	FILE *f;

	rig_dir(r);
	snprintf(program, sizeof(program), "%s/celltlsd", build_dir);
	snprintf(path, sizeof(path), "%s/run", r->dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/state", r->dir);
	mkdir(path, 0755);
	f = fopen(r->conf, "we");
	if (!f || !group)
		die("%s: %s", r->conf, strerror(errno));
	fprintf(f, "state_directory = \"%s/state\";\nruntime_directory = \"%s/run\";\n", r->dir, r->dir);
	fprintf(f, "modems = ( { name = \"gw0\"; device = \"%s\"; dialect = \"telit\"; baud = %u; supervision = 3600;\n"
		   "  pdp = { apn = \"internet\"; }; } );\n", tty ? tty : r->tty, baud);
	fprintf(f, "channels = ( { name = \"c\"; modem = \"gw0\"; remote = \"server.example:443\"; mode = \"%s\";\n"
		   "  socket = { group = \"%s\"; }; tls = { verify = \"none\"; resume = false; }; } );\n", mode, group->gr_name);
	fclose(f);
	r->daemon = start(r->log, argv);
	await(r->daemon, r->log, "-> ready");
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
end(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGTERM);
	for (int i = 0; i < 300 && !waitpid(*pid, NULL, WNOHANG); i++) {
		usleep(10000);
		if (i == 200)
			kill(*pid, SIGKILL);
	}
	*pid = 0;
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

	for (i = 0; i < sizeof(rigs) / sizeof(rigs[0]); i++)
		if (rigs[i] == r)
			rigs[i] = NULL;
	end(&r->daemon);
	end(&r->sim);
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

/* ---- the echo ---- */

struct echo {
	int master, sim;
};

/* What one side says to the other; returns whether CONNECT and a byte behind it were among it. */
static bool
relay(int from, int to)
{
	static char seen[16]; /* the last bytes: the echo has one host at a time */
	char bytes[4096], *at;
	ssize_t n = read(from, bytes, sizeof(bytes));
	size_t keep;

	if (n <= 0 || write(to, bytes, (size_t)n) != n)
		return false;
	at = memmem(bytes, (size_t)n, "CONNECT\r\n", 9);
	if (at)
		return at + 9 < bytes + n ? true : (strcpy(seen, "CONNECT\r\n"), false);
	keep = strlen(seen);
	return keep == 9;
}

static void *
echo(void *arg)
{
	struct echo *e = arg;
	char bytes[65536];
	ssize_t n;

	while (e->sim >= 0) {
		struct pollfd p[2] = { { .fd = e->master, .events = POLLIN }, { .fd = e->sim, .events = POLLIN } };

		poll(p, 2, -1);
		if (p[0].revents)
			relay(e->master, e->sim);
		if (p[1].revents && relay(e->sim, e->master)) {
			close(e->sim);
			e->sim = -1;
		}
	}
	for (;;) {
		n = read(e->master, bytes, sizeof(bytes));
		if (n < 0 && errno == EIO) /* nobody has it open yet, or any more */
			usleep(1000);
		else if (n <= 0 || write(e->master, bytes, (size_t)n) != n)
			return NULL;
	}
}

void
echo_start(const char *tty, char *ret_name, size_t size)
{
	struct echo *e = calloc(1, sizeof(*e));
	struct termios tio;
	pthread_t thread;
	int slave;

	e->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (e->master < 0 || grantpt(e->master) || unlockpt(e->master) || ptsname_r(e->master, ret_name, size))
		die("pty: %s", strerror(errno));
	slave = open(ret_name, O_RDWR | O_NOCTTY | O_CLOEXEC); /* stays open, so that the master never hangs up */
	if (slave < 0 || tcgetattr(slave, &tio) < 0)
		die("pty: %s", strerror(errno));
	cfmakeraw(&tio);
	tcsetattr(slave, TCSANOW, &tio);
	e->sim = tty ? open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (tty && e->sim < 0)
		die("%s: %s", tty, strerror(errno));
	if (pthread_create(&thread, NULL, echo, e))
		die("thread");
	pthread_detach(thread);
}
