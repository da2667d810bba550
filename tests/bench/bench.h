/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench.h - what the rows of the benchmark are made of
 *
 *   table.c   the table of the figures
 *   server.c  the far end: TLS 1.0, greets, then sends and takes what it is asked
 *   app.c     the near end: the same over a Unix socket; round trips
 *   host*.c   a host that does nothing but keep the dialect's rules: what is possible
 *   rig.c     simulators, daemon, socat
 *   echo.c    a pty that answers with what it gets
 *   recovery.c, growth.c, status.c  rows that need more than a screen
 *
 * Everything ends the program when it fails: a row is a figure or nothing.
 */
#ifndef BENCH_H
#define BENCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#define GREETING 'H' /* the server's first byte, as soon as the handshake is over */
#define ORDER_LEN 1500 /* an order is as long as the packets that the module gathers, and so does not wait */

noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
uint64_t now_ns(void);
void sleep_until_ns(uint64_t ns);
void make_nonblocking(int fd);

/*
 * Bytes per second between the first and the last arrival in a window, so that
 * pieces that come seldom do not spoil the figure.
 */
struct meter {
	volatile bool on;
	volatile uint64_t first_ns, last_ns, bytes;
};
void meter_start(struct meter *m);
void meter_add(struct meter *m, size_t n);
double meter_stop(struct meter *m); /* bytes per second; 0: fewer than two arrivals */

/* table.c: for the main thread only; the texts of one row live until eight others were made */
/* met: -1 is a figure without a goal of its own; ratio 0: none */
void row(const char *name, const char *goal, int met, double ratio, const char *measured, const char *other);
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void further_line(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* behind the rows, as it is */
void markdown(const char *path);
double quantile(double *v, size_t n, double q); /* sorts v */
double median(double *v, size_t n);		/* the same */

/* server.c */
extern unsigned port; /* what server_start() returned */
unsigned server_start(void); /* returns its port; the thread lives as long as the program */
void server_meter(struct meter *m); /* of what sessions that begin from now on bring; NULL: none */

/* app.c */
int app_connect(const char *path); /* waits for the greeting */
int app_connect_only(const char *path);
void app_greeting(int fd);
/* Orders the server to take up and to send down bytes, and does so itself, both at once.  Multiples of ORDER_LEN. */
void app_transfer(int fd, uint64_t up, uint64_t down, struct meter *m);
/* The same without an end: until *stop. */
void app_stream(int fd, bool up, bool down, struct meter *m, const volatile bool *stop);
/* Orders the same and goes on: what is asked for and has room is on its way. */
void app_order(int fd, uint64_t up, uint64_t down);
/* n times one byte there and back, in ns each. */
void app_round_trips(int fd, size_t n, uint64_t *ret_ns);

/* The same in a thread of its own, from the greeting on. */
struct stream {
	int fd;
	bool up, down, stop;
	struct meter at_server, at_app;
	pthread_t thread;
};
void stream_start(struct stream *s, const char *path, bool up, bool down);
void stream_end(struct stream *s);

/* host.c */
enum family { TELIT, CINTERION };
struct host;
struct host *host_new(const char *tty, enum family);
void host_setup(struct host *h);
void host_dial(struct host *h, bool online);
void host_greeting(struct host *h, bool online);
void host_close(struct host *h, bool online);
double host_send(struct host *h, double seconds); /* bytes per second in command mode */
double host_receive(struct host *h, double seconds);
void host_order(struct host *h, uint64_t up, uint64_t down);
void host_free(struct host *h);

/* rig.c */
#define RIG_MODEMS 16
struct rig {
	/* to be set before the rest; zero is what most rows want */
	unsigned boot_ms, register_ms, activate_ms; /* the module's own times; 0: 1, none, none */
	unsigned supervision_s;			    /* 0: not due */
	enum family family;

	char dir[64], tty[96], socket[128], conf[96], log[96]; /* tty and socket: of the first modem */
	char bus[96]; /* the address of a D-Bus of its own */
	unsigned modems;
	pid_t sim[RIG_MODEMS], daemon, dbus;
};
void rig_programs(const char *build);
void rig_sim(struct rig *r, unsigned line_rate); /* one more module */
/* All modules, and a channel on each; tty NULL: the simulators' own. */
void rig_configure(struct rig *r, const char *mode, const char *tty, unsigned baud);
void rig_daemon_start(struct rig *r);
void rig_daemon_ready(struct rig *r); /* waits until all modems are */
void rig_daemon(struct rig *r, const char *mode, const char *tty, unsigned baud); /* the three of them */
void rig_daemon_anew(struct rig *r);		  /* ends in order, starts, is ready */
void rig_daemon_kill(struct rig *r);		  /* kill -9 */
void rig_socat(struct rig *r, const char *tty); /* r->daemon is then socat */
void rig_end(struct rig *r);
void rig_socket(const struct rig *r, unsigned i, char *dst, size_t size);
void rig_module(const struct rig *r, unsigned i, const char *command); /* for its control socket */
long rig_counter(const struct rig *r, unsigned i, const char *name);
uint64_t cpu_ns(pid_t pid);
long status_value(pid_t pid, const char *file, const char *key); /* of /proc/PID/file; -1: none */

/* recovery.c, growth.c, status.c */
void recovery(void);
void growth(void);
void status(void);

/* echo.c: a pty between a host and `tty`, until "CONNECT" and one byte went to the host; then, or at once without tty, an echo. */
void echo_start(const char *tty, char *ret_name, size_t size);

#endif
