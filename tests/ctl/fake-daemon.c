/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake-daemon.c - an org.celltls1 of canned objects, for the tests of celltlsctl
 *
 * fake-daemon ADDRESS SCENE: takes the name on the bus at ADDRESS, prints "ready", and goes on with the lines of
 * standard input; "taken" behind each.  Lines of both, where VALUE is the rest of the line, with \n, \\ and \xHH:
 *
 *   add KIND NAME                  an object; KIND is modem or channel
 *   set KIND NAME PROPERTY VALUE   "+N" in a time: N s from now; lists are words
 *   remove KIND NAME
 *   refuse MEMBER ERROR VALUE      method calls are answered by org.celltls1.Error.ERROR (or by a whole name) and VALUE
 *   allow MEMBER VALUE             they succeed; Command() answers VALUE
 *   late MEMBER MS                 ... after so long
 *   serve HOW                      what comes of clients, at Socket and by Open(): echo, push, hello, deaf, reset, fail, hold
 *   die
 *
 * It prints "interactive NAME" of each method call whose caller can be asked for a password.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

#define MOST 20

struct property {
	const char *name, *signature, *preset;
};

static const struct property modem_properties[] = {
	{ "Name", "s", "" }, { "Device", "s", "/dev/ttyUSB0" }, { "Dialect", "s", "telit" }, { "State", "s", "ready" },
	{ "Manufacturer", "s", "Telit" }, { "Model", "s", "HE910" }, { "Revision", "s", "12.00.004" }, { "Imei", "s", "351579050000000" },
	{ "Sim", "s", "ready" }, { "Registration", "s", "home" }, { "Operator", "s", "Testnet" }, { "SignalDbm", "i", "-71" },
	{ "Address", "s", "10.0.0.7" }, { "FreeSockets", "u", "5" }, { "NetworkTime", "t", "0" }, { "ExpiresNext", "t", "0" },
	{ "LastError", "s", "" }, { NULL },
};

static const struct property channel_properties[] = {
	{ "Name", "s", "" }, { "Modem", "o", "/org/celltls1/modem/gw0" }, { "Remote", "s", "api.example.com:443" }, { "Socket", "s", "" },
	{ "State", "s", "idle" }, { "Security", "s", "server" }, { "Enforces", "as", "chain encryption" },
	{ "Weaknesses", "as", "tls1.0 name-unchecked" }, { "PeerSubject", "s", "" }, { "PeerIssuer", "s", "" }, { "PeerSerial", "s", "" },
	{ "PeerThumbprint", "s", "" }, { "Cipher", "s", "TLS_RSA_WITH_AES_128_CBC_SHA" }, { "TlsVersion", "s", "1.0" },
	{ "Sessions", "u", "0" }, { "Waiting", "u", "0" }, { "BytesSent", "t", "1234567" }, { "BytesReceived", "t", "987" },
	{ "Dials", "t", "12" }, { "Failures", "t", "0" }, { "LastError", "s", "" }, { "OcspStatus", "u", "1" }, { "OcspReason", "s", "" },
	{ "OcspChecked", "t", "0" }, { "OcspNext", "t", "0" }, { NULL },
};

struct thing {
	bool modem;
	char path[200];
	char *values[32];
	int listener;
};

struct answer {
	char member[32], error[80], *text;
	unsigned late_ms;
};

static struct thing *things[MOST];
static struct answer answers[MOST];
static size_t n_answers;
static char serve[16] = "echo";
static sd_bus *bus;
static bool started;

static struct {
	sd_bus_message *call;
	uint64_t due_ms;
} pending[MOST];

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "fake-daemon: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* ---- objects ---- */

static const struct property *
properties_of(const struct thing *t)
{
	return t->modem ? modem_properties : channel_properties;
}

static const char *
interface_of(const struct thing *t)
{
	return t->modem ? "org.celltls1.Modem" : "org.celltls1.Channel";
}

static size_t
index_of(const struct thing *t, const char *name)
{
	const struct property *p = properties_of(t);
	size_t i;

	for (i = 0; p[i].name; i++)
		if (strcmp(p[i].name, name) == 0)
			return i;
	must(-EINVAL, name);
	return 0;
}

static const char *
value_of(const struct thing *t, const char *name)
{
	return t->values[index_of(t, name)];
}


static int
append_words(sd_bus_message *m, const char *words)
{
	AUTO(free) char *copy = xstrdup(words);
	char *rest = NULL, *word;
	int r = sd_bus_message_open_container(m, 'a', "s");

	for (word = strtok_r(copy, " ", &rest); word && r >= 0; word = strtok_r(NULL, " ", &rest))
		r = sd_bus_message_append(m, "s", word);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static void
append_variant(sd_bus_message *m, const struct property *p, const char *value)
{
	int r = sd_bus_message_open_container(m, 'v', p->signature);

	switch (p->signature[0]) {
	case 's':
	case 'o':
		r = sd_bus_message_append(m, p->signature, value);
		break;
	case 'i':
		r = sd_bus_message_append(m, "i", atoi(value));
		break;
	case 'u':
		r = sd_bus_message_append(m, "u", (unsigned)strtoul(value, NULL, 10));
		break;
	case 't':
		r = sd_bus_message_append(m, "t", (uint64_t)strtoull(value, NULL, 10));
		break;
	default:
		r = append_words(m, value);
	}
	must(r, p->name);
	must(sd_bus_message_close_container(m), p->name);
}

/* a{sv}; of all, or of one. */
static void
append_properties(sd_bus_message *m, const struct thing *t, const char *only)
{
	const struct property *p = properties_of(t);
	size_t i;

	must(sd_bus_message_open_container(m, 'a', "{sv}"), "open");
	for (i = 0; p[i].name; i++) {
		if (only && strcmp(p[i].name, only) != 0)
			continue;
		must(sd_bus_message_open_container(m, 'e', "sv"), "open");
		must(sd_bus_message_append(m, "s", p[i].name), "append");
		append_variant(m, &p[i], t->values[i]);
		must(sd_bus_message_close_container(m), "close");
	}
	must(sd_bus_message_close_container(m), "close");
}

/* a{sa{sv}} */
static void
append_interfaces(sd_bus_message *m, const struct thing *t)
{
	must(sd_bus_message_open_container(m, 'a', "{sa{sv}}"), "open");
	must(sd_bus_message_open_container(m, 'e', "sa{sv}"), "open");
	must(sd_bus_message_append(m, "s", interface_of(t)), "append");
	append_properties(m, t, NULL);
	must(sd_bus_message_close_container(m), "close");
	must(sd_bus_message_close_container(m), "close");
}

static void
send_signal(const struct thing *t, const char *path, const char *interface, const char *member, const char *only)
{
	sd_bus_message *m;

	if (!started)
		return;
	must(sd_bus_message_new_signal(bus, &m, path, interface, member), member);
	if (strcmp(member, "PropertiesChanged") == 0) {
		must(sd_bus_message_append(m, "s", interface_of(t)), member);
		append_properties(m, t, only);
		must(sd_bus_message_append(m, "as", 0), member);
	} else if (strcmp(member, "InterfacesAdded") == 0) {
		must(sd_bus_message_append(m, "o", t->path), member);
		append_interfaces(m, t);
	} else {
		must(sd_bus_message_append(m, "oas", t->path, 1, interface_of(t)), member);
	}
	must(sd_bus_send(bus, m, NULL), member);
	sd_bus_message_unref(m);
}

static struct thing **
find(bool modem, const char *name)
{
	size_t i;

	for (i = 0; i < MOST; i++)
		if (things[i] && things[i]->modem == modem && strcmp(value_of(things[i], "Name"), name) == 0)
			return &things[i];
	return NULL;
}

static void
listen_at(struct thing *t, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	str_copy(addr.sun_path, sizeof(addr.sun_path), path);
	t->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(t->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(t->listener, 8) < 0)
		must(-errno, path);
}

static void
set(struct thing *t, const char *name, const char *value)
{
	size_t i = index_of(t, name);

	free(t->values[i]);
	if (*properties_of(t)[i].signature == 't' && *value == '+')
		t->values[i] = xasprintf("%lld", (long long)time(NULL) + atoll(value));
	else
		t->values[i] = xstrdup(value);
	if (strcmp(name, "Socket") == 0 && *value && strncmp(value, "/nowhere", 8) != 0)
		listen_at(t, value);
	send_signal(t, t->path, "org.freedesktop.DBus.Properties", "PropertiesChanged", name);
}

static void
add(bool modem, const char *name)
{
	struct thing *t = xcalloc(1, sizeof(*t));
	const struct property *p;
	size_t i;
	char *path;

	t->modem = modem;
	t->listener = -1;
	must(sd_bus_path_encode(modem ? "/org/celltls1/modem" : "/org/celltls1/channel", name, &path), name);
	str_copy(t->path, sizeof(t->path), path);
	free(path);
	p = properties_of(t);
	for (i = 0; p[i].name; i++)
		t->values[i] = xstrdup(i ? p[i].preset : name);
	for (i = 0; things[i]; i++)
		;
	things[i] = t;
	send_signal(t, "/org/celltls1", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", NULL);
}

static void
drop(struct thing **t)
{
	size_t i;

	send_signal(*t, "/org/celltls1", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", NULL);
	for (i = 0; i < 32; i++)
		free((*t)->values[i]);
	if ((*t)->listener >= 0)
		close((*t)->listener);
	free(*t);
	*t = NULL;
}

/* ---- clients ---- */

static void
copy_back(int fd)
{
	char bytes[65536];
	ssize_t n, at, w;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		for (at = 0; at < n; at += w)
			if ((w = write(fd, bytes + at, (size_t)(n - at))) <= 0)
				return;
}

/* More than a pipe and the client hold, and then all that there is the other way. */
static void
push(int fd)
{
	static char bytes[200000];

	if (write(fd, bytes, sizeof(bytes)) < 0)
		return;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

static void
count(struct thing *t, const char *name)
{
	char more[24];

	snprintf(more, sizeof(more), "%llu", strtoull(value_of(t, name), NULL, 10) + 1);
	set(t, name, more);
}

/* In a process of its own, so that it may wait; fd is closed here. */
static void
take_client(struct thing *t, int fd)
{
	bool fails = strcmp(serve, "reset") == 0 || strcmp(serve, "fail") == 0;
	ssize_t n = 0;

	count(t, "Dials");
	if (fails) {
		count(t, "Failures");
		set(t, "LastError", "api.example.com:443: the modem was lost; look at the antenna");
	}
	if (strcmp(serve, "hold") == 0)
		return;
	if (fork() != 0) {
		close(fd);
		return;
	}
	if (strcmp(serve, "echo") == 0)
		copy_back(fd);
	if (strcmp(serve, "push") == 0)
		push(fd);
	if (strcmp(serve, "hello") == 0)
		n = write(fd, "hello\n", 6);
	if (strcmp(serve, "deaf") == 0) {
		poll(NULL, 0, 500); /* until all that is between is full */
		n = write(fd, "hello\n", 6);
		shutdown(fd, SHUT_WR);
		poll(&(struct pollfd){ fd, 0, 0 }, 1, 10000);
	}
	if (strcmp(serve, "reset") == 0) {
		n = write(fd, "partial", 7);
		poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 10000); /* what is never read makes a reset of the end */
	}
	_exit(n < 0);
}

static int
open_client(struct thing *t, sd_bus_message *call)
{
	int fds[2], r;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ? -errno : 0, "socketpair");
	r = sd_bus_reply_method_return(call, "h", fds[1]);
	close(fds[1]);
	take_client(t, fds[0]);
	return r;
}

/* ---- calls ---- */

static struct answer *
answer_for(const char *member)
{
	size_t i;

	for (i = 0; i < n_answers; i++)
		if (strcmp(answers[i].member, member) == 0)
			return &answers[i];
	str_copy(answers[n_answers].member, sizeof(answers[0].member), member);
	answers[n_answers].text = xstrdup("");
	return &answers[n_answers++];
}

static int
reply_objects(sd_bus_message *call)
{
	sd_bus_message *m;
	size_t i;

	must(sd_bus_message_new_method_return(call, &m), "reply");
	must(sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}"), "open");
	for (i = 0; i < MOST; i++) {
		if (!things[i])
			continue;
		must(sd_bus_message_open_container(m, 'e', "oa{sa{sv}}"), "open");
		must(sd_bus_message_append(m, "o", things[i]->path), "append");
		append_interfaces(m, things[i]);
		must(sd_bus_message_close_container(m), "close");
	}
	must(sd_bus_message_close_container(m), "close");
	must(sd_bus_send(bus, m, NULL), "send");
	sd_bus_message_unref(m);
	return 1;
}

static int
reply_statistics(sd_bus_message *call)
{
	return sd_bus_reply_method_return(call, "a{sv}", 11, "LineBytesSent", "t", UINT64_C(2000), "LineBytesReceived", "t", UINT64_C(3000),
	    "PayloadBytesSent", "t", UINT64_C(1500), "PayloadBytesReceived", "t", UINT64_C(2500), "OverheadBytesSent", "t", UINT64_C(500),
	    "OverheadBytesReceived", "t", UINT64_C(500), "Commands", "t", UINT64_C(42), "Ready", "t", UINT64_C(3), "NetworkTimes", "t",
	    UINT64_C(7), "Recoveries", "a{st}", 3, "context", UINT64_C(0), "detach", UINT64_C(2), "soft_reset", UINT64_C(1), "Channels",
	    "a{sa{sv}}", 1, "cloud", 3, "DialFailures", "a{st}", 2, "refused", UINT64_C(4), "timeout", UINT64_C(0), "Handshakes", "t",
	    UINT64_C(5), "Resumptions", "t", UINT64_C(6));
}

static int
finish(sd_bus_message *call)
{
	const char *member = sd_bus_message_get_member(call);
	const struct answer *a = answer_for(member);
	AUTO(free) char *name = xasprintf("%s%s", strchr(a->error, '.') ? "" : "org.celltls1.Error.", a->error);
	size_t i;

	if (*a->error)
		return sd_bus_reply_method_errorf(call, name, "%s", a->text);
	if (strcmp(member, "Statistics") == 0)
		return reply_statistics(call);
	if (strcmp(member, "Command") == 0)
		return sd_bus_reply_method_return(call, "s", a->text);
	for (i = 0; i < MOST && strcmp(member, "Open") == 0; i++)
		if (things[i] && strcmp(things[i]->path, sd_bus_message_get_path(call)) == 0)
			return open_client(things[i], call);
	return sd_bus_reply_method_return(call, "");
}

static int
on_call(sd_bus_message *call, void *arg, sd_bus_error *error)
{
	const struct answer *a;
	size_t i;

	(void)arg;
	(void)error;
	if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects") && !*answer_for("GetManagedObjects")->error)
		return reply_objects(call);
	if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Properties", "Get"))
		return sd_bus_reply_method_return(call, "v", "s", "1.2.3");
	if (sd_bus_message_is_method_call(call, NULL, NULL) <= 0)
		return 0;
	if (sd_bus_message_get_allow_interactive_authorization(call) > 0) {
		printf("interactive %s\n", sd_bus_message_get_member(call));
		fflush(stdout);
	}
	a = answer_for(sd_bus_message_get_member(call));
	if (!a->late_ms)
		return finish(call);
	for (i = 0; pending[i].call; i++)
		;
	pending[i].call = sd_bus_message_ref(call);
	pending[i].due_ms = now_ms() + a->late_ms;
	return 1;
}

static int
finish_due(void)
{
	int timeout = -1;
	size_t i;

	for (i = 0; i < MOST; i++) {
		if (!pending[i].call)
			continue;
		if (pending[i].due_ms > now_ms()) {
			timeout = (int)(pending[i].due_ms - now_ms());
			continue;
		}
		must(finish(pending[i].call), "late answer");
		pending[i].call = sd_bus_message_unref(pending[i].call);
	}
	return timeout;
}

/* ---- lines ---- */

static void
unescape(char *s)
{
	char *out = s;
	unsigned c;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] == 'x' && sscanf(s + 2, "%2x", &c) == 1) {
			*out++ = (char)c;
			s += 3;
		} else if (s[0] == '\\' && s[1]) {
			*out++ = s[1] == 'n' ? '\n' : s[1];
			s++;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

static void
do_line(char *line)
{
	char word[4][80] = { "", "", "", "" };
	int n = 0, words;
	struct thing **t;

	line[strcspn(line, "\n")] = '\0';
	if (!*line || *line == '#')
		return;
	sscanf(line, "%79s", word[0]);
	words = strcmp(word[0], "set") == 0 ? 4 : strcmp(word[0], "refuse") == 0 ? 3 : 2;
	for (int i = 0, more; i < words; i++, n += more) {
		more = 0;
		sscanf(line + n, "%79s%n", word[i], &more);
	}
	n += line[n] == ' ';
	unescape(line + n);
	t = find(strcmp(word[1], "modem") == 0, word[2][0] ? word[2] : line + n);
	if (strcmp(word[0], "add") == 0)
		add(strcmp(word[1], "modem") == 0, line + n);
	else if (strcmp(word[0], "set") == 0 && t)
		set(*t, word[3], line + n);
	else if (strcmp(word[0], "remove") == 0 && t)
		drop(t);
	else if (strcmp(word[0], "refuse") == 0 || strcmp(word[0], "allow") == 0) {
		struct answer *a = answer_for(word[1]);

		str_copy(a->error, sizeof(a->error), word[0][0] == 'r' ? word[2] : "");
		free(a->text);
		a->text = xstrdup(line + n);
	} else if (strcmp(word[0], "late") == 0)
		answer_for(word[1])->late_ms = (unsigned)atoi(line + n);
	else if (strcmp(word[0], "serve") == 0)
		str_copy(serve, sizeof(serve), word[1]);
	else if (strcmp(word[0], "die") == 0)
		_exit(0);
	else
		must(-EINVAL, line);
}

static void
read_lines(FILE *f)
{
	char line[4096];

	while (fgets(line, sizeof(line), f)) {
		do_line(line);
		if (started) {
			puts("taken");
			fflush(stdout);
		}
	}
}

/* One read is whole lines: the tests write them so. */
static void
read_input(void)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes) - 1);
	FILE *f;

	if (n <= 0)
		_exit(0);
	f = fmemopen(bytes, (size_t)n, "r");
	read_lines(f);
	fclose(f);
}

static void
turn(void)
{
	struct pollfd fds[MOST + 2] = { { sd_bus_get_fd(bus), (short)sd_bus_get_events(bus), 0 }, { STDIN_FILENO, POLLIN, 0 } };
	int timeout = finish_due(), r;
	size_t i;

	while ((r = sd_bus_process(bus, NULL)) > 0)
		timeout = finish_due();
	must(r, "bus");
	fds[0].events = (short)sd_bus_get_events(bus);
	for (i = 0; i < MOST; i++)
		fds[i + 2] = (struct pollfd){ things[i] ? things[i]->listener : -1, POLLIN, 0 };
	if (poll(fds, MOST + 2, timeout) < 0)
		return;
	for (i = 0; i < MOST; i++)
		if (fds[i + 2].revents)
			take_client(things[i], accept(things[i]->listener, NULL, NULL));
	if (fds[1].revents)
		read_input();
}

int
main(int argc, char **argv)
{
	FILE *scene = argc == 3 ? fopen(argv[2], "r") : NULL;

	must(scene ? 0 : -EINVAL, "fake-daemon ADDRESS SCENE");
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	must(sd_bus_new(&bus), "bus");
	must(sd_bus_set_address(bus, argv[1]), argv[1]);
	must(sd_bus_set_bus_client(bus, 1), "bus");
	must(sd_bus_start(bus), argv[1]);
	must(sd_bus_add_fallback(bus, NULL, "/org/celltls1", on_call, NULL), "objects");
	read_lines(scene);
	fclose(scene);
	must(sd_bus_request_name(bus, "org.celltls1", 0), "org.celltls1");
	started = true;
	puts("ready");
	fflush(stdout);
	for (;;)
		turn();
}
