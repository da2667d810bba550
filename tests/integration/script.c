/* SPDX-License-Identifier: Apache-2.0 */
/* script.c - the steps of script.h; one pump does every transfer, so that both ways can go at once */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 16384

/* One transfer: what goes out, what comes in, and how far both are. */
struct pump {
	int out_fd; /* -1: from text, or a pattern */
	const char *text;
	bool pattern, echo;
	unsigned long long out_left; /* bytes that still go out; with echo, what has come in and not gone out */
	unsigned long long sent;
	char out[CHUNK];
	size_t out_start, out_len;

	bool in, in_to_end;
	int in_fd; /* -1: nowhere */
	const char *until;
	unsigned long long in_left;
	unsigned long long received;
	EVP_MD_CTX *sum;
	const char *end; /* how the other side ended, or NULL */
};

static size_t pace_bytes;
static long pace_ms;
static long long next_ends_ms; /* when the next transfer ends, done or not; 0: when it is done */

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

static void
time_is_over(int sig)
{
	static const char text[] = "end time-limit\n";

	(void)sig;
	if (write(STDOUT_FILENO, text, sizeof text - 1) < 0)
		_exit(4);
	_exit(3);
}

void
script_limit(unsigned seconds)
{
	signal(SIGALRM, time_is_over);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(seconds);
}

static ssize_t
plain_read(struct stream *s, void *bytes, size_t len)
{
	return recv(s->fd, bytes, len, 0);
}

static ssize_t
plain_write(struct stream *s, const void *bytes, size_t len)
{
	return send(s->fd, bytes, len, MSG_NOSIGNAL);
}

void
stream_plain(struct stream *s, int fd)
{
	*s = (struct stream){ .fd = fd, .read = plain_read, .write = plain_write };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static const char *
end_word(void)
{
	return errno == ECONNRESET ? "reset" : errno == EPIPE ? "pipe" : "error";
}

/* Fills the buffer of what goes out. */
static void
pump_refill(struct pump *p)
{
	size_t want = p->out_left < CHUNK ? (size_t)p->out_left : CHUNK;
	ssize_t n = (ssize_t)want;

	if (p->out_len || !want || p->echo)
		return;
	p->out_start = 0;
	if (p->text)
		memcpy(p->out, p->text + p->sent, want);
	else if (p->pattern)
		for (size_t i = 0; i < want; i++)
			p->out[i] = (char)((p->sent + i) * 7 + ((p->sent + i) >> 8));
	else if ((n = read(p->out_fd, p->out, want)) <= 0)
		die("the file to send became shorter");
	p->out_len = (size_t)n;
}

static void
pump_write(struct stream *s, struct pump *p)
{
	size_t len = pace_bytes && pace_bytes < p->out_len ? pace_bytes : p->out_len;
	ssize_t n = s->write(s, p->out + p->out_start, len);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		p->end = end_word();
		return;
	}
	p->out_start += (size_t)n;
	p->out_len -= (size_t)n;
	p->sent += (size_t)n;
	p->out_left -= (size_t)n;
}

static void
pump_read(struct stream *s, struct pump *p)
{
	char bytes[CHUNK];
	size_t len = sizeof bytes;
	ssize_t n;

	if (p->until)
		len = 1; /* never past the string */
	else if (!p->in_to_end && p->in_left < len)
		len = (size_t)p->in_left;
	if (pace_bytes && pace_bytes < len)
		len = pace_bytes;
	n = s->read(s, bytes, len);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		p->end = n < 0 ? end_word() : s->ended_by_notice ? "close_notify" : "eof";
		return;
	}
	if (p->in_fd >= 0 && write(p->in_fd, bytes, (size_t)n) != n)
		die("cannot write to the file: %s", strerror(errno));
	EVP_DigestUpdate(p->sum, bytes, (size_t)n);
	p->received += (size_t)n;
	if (!p->in_to_end)
		p->in_left -= (size_t)n;
	if (p->until) {
		/* the strings that tests wait for do not begin anew in their middle */
		static size_t matched;

		matched = bytes[0] == p->until[matched] ? matched + 1 : bytes[0] == p->until[0];
		p->in_left = p->until[matched] ? 1 : 0;
		if (!p->in_left)
			matched = 0;
	}
	if (p->echo) {
		memcpy(p->out, bytes, (size_t)n);
		p->out_start = 0;
		p->out_len = (size_t)n;
		p->out_left += (size_t)n;
	}
}

static bool
pump_wants_in(const struct pump *p)
{
	return p->in && !p->end && (p->in_to_end || p->in_left) && !(p->echo && p->out_len);
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Until both ways are done, or the time for it is over; false when the other side ended before. */
static bool
pump_run(struct stream *s, struct pump *p)
{
	p->sum = EVP_MD_CTX_new();
	EVP_DigestInit_ex(p->sum, EVP_sha256(), NULL);
	for (;;) {
		struct pollfd fd = { .fd = s->fd };
		unsigned long long before = p->sent + p->received;

		pump_refill(p);
		if (p->out_len)
			pump_write(s, p);
		if (pump_wants_in(p))
			pump_read(s, p);
		if (p->end || (!p->out_left && !pump_wants_in(p)))
			break;
		if (next_ends_ms && now_ms() >= next_ends_ms) {
			next_ends_ms = 0;
			return true;
		}
		if (pace_bytes && p->sent + p->received != before)
			usleep((useconds_t)pace_ms * 1000);
		if (p->sent + p->received != before)
			continue; /* TLS may hold more than the descriptor shows */
		fd.events = (short)((p->out_len ? POLLOUT : 0) | (pump_wants_in(p) ? POLLIN : 0));
		poll(&fd, 1, next_ends_ms ? 50 : 1000);
	}
	next_ends_ms = 0;
	return !p->out_left && (!p->in || (p->in_to_end ? p->end != NULL : !p->in_left));
}

static void
pump_report(struct pump *p, bool sends, bool receives)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_DigestFinal_ex(p->sum, sum, &len);
	EVP_MD_CTX_free(p->sum);
	if (sends)
		printf("sent %llu\n", p->sent);
	if (receives) {
		printf("received %llu sha256 ", p->received);
		for (unsigned i = 0; i < len; i++)
			printf("%02x", sum[i]);
		putchar('\n');
	}
	if (p->end)
		printf("end %s\n", p->end);
}

static void
pump_from_file(struct pump *p, const char *path)
{
	off_t size;

	p->out_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->out_fd < 0 || (size = lseek(p->out_fd, 0, SEEK_END)) < 0 || lseek(p->out_fd, 0, SEEK_SET) < 0)
		die("%s: %s", path, strerror(errno));
	p->out_left = (unsigned long long)size;
}

static void
pump_to_file(struct pump *p, const char *path)
{
	p->in = true;
	p->in_fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
	if (p->in_fd < 0 && strcmp(path, "-"))
		die("%s: %s", path, strerror(errno));
}

/* In place; returns the length, for \0 may be in it. */
static size_t
unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		unsigned byte;
		int used;

		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'x' && sscanf(from + 1, "%2x%n", &byte, &used) == 1) {
			*to++ = (char)byte;
			from += used;
		} else {
			*to++ = (char)(*from == 'r' ? '\r' : *from == 'n' ? '\n' : *from == '0' ? '\0' : *from);
			if (!*from)
				die("a lonely \\ at the end of a text");
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

static unsigned long long
number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text ? text : "", &end, 10);

	if (!text || end == text || (*end && *end != ':'))
		die("a number is missing in a step");
	return n;
}

/* What follows the nth colon, or NULL. */
static char *
field(char *step, int nth)
{
	while (step && nth-- > 0)
		if ((step = strchr(step, ':')))
			step++;
	return step;
}

static void
stream_shut(struct stream *s, const char *how)
{
	if (!strcmp(how, "shut")) {
		shutdown(s->fd, SHUT_WR);
		return;
	}
	if (!strcmp(how, "abort"))
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
	else if (!strcmp(how, "close") && s->close_notify)
		s->close_notify(s);
	close(s->fd);
	s->fd = -1;
}

static bool
step_transfer(struct stream *s, char *step)
{
	struct pump p = { .out_fd = -1, .in_fd = -1 };
	bool sends = false, receives = false, done;
	char *arg = field(step, 1), *name;

	if (!strncmp(step, "text:", 5)) {
		sends = true;
		p.out_left = unescape(arg);
		p.text = arg;
	} else if (!strncmp(step, "send:", 5)) {
		sends = true;
		pump_from_file(&p, arg);
	} else if (!strncmp(step, "flood:", 6)) {
		sends = p.pattern = true;
		p.out_left = number(arg);
		if (!p.out_left)
			p.out_left = ~0ULL;
	} else if (!strncmp(step, "recv:", 5)) {
		receives = true;
		p.in_left = number(arg);
		name = field(arg, 1);
		pump_to_file(&p, name ? name : "-");
	} else if (!strncmp(step, "until:", 6)) {
		receives = true;
		unescape(arg);
		p.until = arg;
		p.in_left = 1;
		pump_to_file(&p, "-");
	} else if (!strncmp(step, "sink", 4)) {
		receives = p.in_to_end = true;
		pump_to_file(&p, arg ? arg : "-");
	} else if (!strncmp(step, "both:", 5)) {
		sends = receives = true;
		name = field(arg, 1);
		p.in_left = number(name);
		pump_to_file(&p, field(name, 1) ? field(name, 1) : "-");
		name[-1] = '\0';
		pump_from_file(&p, arg);
	} else if (!strcmp(step, "echo")) {
		sends = receives = p.echo = p.in_to_end = true;
		pump_to_file(&p, "-");
	} else {
		die("unknown step \"%s\"", step);
	}
	done = pump_run(s, &p);
	pump_report(&p, sends, receives);
	if (p.out_fd >= 0)
		close(p.out_fd);
	if (p.in_fd >= 0)
		close(p.in_fd);
	return done;
}

int
script_run(struct stream *s, char *const *steps)
{
	for (; *steps; steps++) {
		bool may_fail = **steps == '-';
		char *step = strdup(*steps + may_fail);
		bool done = true;

		if (!strncmp(step, "sleep:", 6)) {
			unsigned long long ms = number(step + 6);

			nanosleep(&(struct timespec){ (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 }, NULL);
		} else if (!strncmp(step, "for:", 4)) {
			next_ends_ms = now_ms() + (long long)number(step + 4);
		} else if (!strncmp(step, "pace:", 5)) {
			pace_bytes = number(step + 5);
			pace_ms = (long)number(field(step, 2));
		} else if (!strcmp(step, "shut") || !strcmp(step, "close") || !strcmp(step, "drop") || !strcmp(step, "abort")) {
			stream_shut(s, step);
		} else {
			done = step_transfer(s, step);
		}
		free(step);
		if (!done && !may_fail) {
			printf("failed %s\n", *steps);
			return 1;
		}
	}
	puts("done");
	return 0;
}
