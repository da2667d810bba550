/* SPDX-License-Identifier: Apache-2.0 */
#include "bus-world.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"

struct world w;

/* ---- modems and channels, as far as the bus asks ---- */

const char *
modem_state_word(const struct modem *m)
{
	return m->state;
}

const struct module *
modem_module(const struct modem *m)
{
	return &m->mod;
}

const struct dialect *
modem_dialect(const struct modem *m)
{
	static const struct dialect telit = { .name = "telit" };

	return *m->mod.model ? &telit : NULL;
}

const char *
modem_error(const struct modem *m)
{
	return m->error;
}

const struct modem_figures *
modem_figures(const struct modem *m)
{
	return &m->figures;
}

int64_t
modem_network_time(const struct modem *m)
{
	return m->network_time;
}

unsigned
modem_free_sockets(const struct modem *m)
{
	(void)m;
	return 1;
}

const char *
channel_state_word(const struct channel *c)
{
	w.asked++;
	return c->state;
}

const char *
channel_security(const struct channel *c)
{
	(void)c;
	return "server";
}

unsigned
channel_enforces(const struct channel *c)
{
	return c->enforces;
}

unsigned
channel_weaknesses(const struct channel *c)
{
	return c->weak;
}

const char *
channel_cipher(const struct channel *c)
{
	return c->cipher;
}

const char *
channel_tls_version(const struct channel *c)
{
	return *c->cipher ? "1.0" : "";
}

const char *
channel_error(const struct channel *c)
{
	return c->error;
}

const struct tls_peer *
channel_peer(const struct channel *c)
{
	return &c->peer;
}

const struct channel_figures *
channel_figures(const struct channel *c)
{
	return &c->figures;
}

/* ---- the owner ---- */

static bool
owner_modem(void *arg, size_t i, struct bus_modem *ret)
{
	(void)arg;
	if (i >= w.n_modems)
		return false;
	*ret = (struct bus_modem){ &w.modem_conf[i], &w.modems[i], 1900000000 };
	return true;
}

static bool
owner_channel(void *arg, size_t i, struct bus_channel *ret)
{
	(void)arg;
	if (i >= w.n_channels)
		return false;
	*ret = (struct bus_channel){ &w.channel_conf[i], &w.channels[i], "/run/celltls/cloud.sock" };
	return true;
}

/* true: it is kept, the test answers it. */
static bool
keeps(struct bus_call *call)
{
	w.calls++;
	if (w.hold)
		w.held[w.n_held++] = call;
	return w.hold;
}

static void
owner_reload(void *arg, struct bus_call *call)
{
	(void)arg;
	snprintf(w.called, sizeof(w.called), "reload");
	if (!keeps(call))
		bus_answer(call);
}

static void
owner_reset(void *arg, const char *modem, struct bus_call *call)
{
	(void)arg;
	snprintf(w.called, sizeof(w.called), "reset %s", modem);
	if (keeps(call))
		return;
	bus_answer(call);
	if (w.ends) {
		bus_free(w.bus);
		w.bus = NULL;
	}
}

static void
owner_release(void *arg, const char *modem, struct bus_call *call)
{
	(void)arg;
	snprintf(w.called, sizeof(w.called), "release %s", modem);
	if (!keeps(call))
		bus_answer(call);
}

static void
owner_acquire(void *arg, const char *modem, struct bus_call *call)
{
	(void)arg;
	snprintf(w.called, sizeof(w.called), "acquire %s", modem);
	if (!keeps(call))
		bus_answer(call);
}

static void
owner_command(void *arg, const char *modem, const char *text, uint32_t timeout_ms, struct bus_call *call)
{
	(void)arg;
	snprintf(w.called, sizeof(w.called), "command %s %s %u", modem, text, timeout_ms);
	if (!keeps(call))
		bus_answer_text(call, "+CSQ: 17,\xff" "0");
}

static void
owner_close(void *arg, const char *channel, struct bus_call *call)
{
	(void)arg;
	snprintf(w.called, sizeof(w.called), "close %s", channel);
	if (!keeps(call))
		bus_answer(call);
}

static void
owner_open(void *arg, const char *channel, uid_t uid, const gid_t *gids, size_t n_gids, struct bus_call *call)
{
	int fds[2];

	(void)arg;
	snprintf(w.called, sizeof(w.called), "open %s uid %u group %d", channel, (unsigned)uid, n_gids ? (int)gids[0] : -1);
	if (keeps(call))
		return;
	assert_int_equal(pipe(fds), 0);
	bus_answer_fd(call, fds[0]);
	close(fds[0]);
	assert_int_equal(write(fds[1], "through", 7), 7);
	close(fds[1]);
}

static void
owner_left(void *arg, struct bus_call *call)
{
	(void)arg;
	w.left = call;
}

static const struct bus_owner owner = {
	.modem = owner_modem,
	.channel = owner_channel,
	.reload = owner_reload,
	.reset = owner_reset,
	.release = owner_release,
	.acquire = owner_acquire,
	.command = owner_command,
	.close = owner_close,
	.open = owner_open,
	.left = owner_left,
};

/* ---- the daemon of the bus ---- */

static const char config[] =
    "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\""
    " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
    "<busconfig><listen>%s</listen><auth>EXTERNAL</auth><limit name=\"max_replies_per_connection\">50000</limit>\n"
    "<policy context=\"default\"><allow user=\"*\"/><%s own=\"*\"/><allow send_destination=\"*\" eavesdrop=\"true\"/>"
    "<allow receive_sender=\"*\" eavesdrop=\"true\"/></policy></busconfig>\n";

/* Its socket is there a little before it listens. */
static bool
daemon_answers(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sun.sun_path, w.address + strlen("unix:path="));
	return connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0;
}

void
world_start_daemon(void)
{
	char option[128];
	int tries;

	snprintf(option, sizeof(option), "--config-file=%s/bus.conf", w.dir);
	w.daemon = fork();
	assert_true(w.daemon >= 0);
	if (w.daemon == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stderr)) /* it complains of limits that it may not raise */
			_exit(127);
		execlp("dbus-daemon", "dbus-daemon", option, "--nofork", "--nosyslog", "--nopidfile", NULL);
		_exit(127);
	}
	for (tries = 0; tries < 500 && !daemon_answers(); tries++)
		usleep(20000);
}

void
world_stop_daemon(void)
{
	kill(w.daemon, SIGKILL);
	waitpid(w.daemon, NULL, 0);
	w.daemon = 0;
	unlink(w.address + strlen("unix:path="));
}

void
world_await_name(void)
{
	sd_bus *peer = world_peer();
	struct reply r;
	int there = 0;

	while (!there) {
		world_ask(peer, &r, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", "s", NAME);
		assert_true(sd_bus_message_read(world_answer(&r), "b", &there) > 0);
		reply_done(&r);
	}
	world_leave(peer);
}

void
world_config(bool names)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/bus.conf", w.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, config, w.address, names ? "allow" : "deny");
	fclose(f);
}

int
world_setup(void **state)
{
	static struct remote_conf remotes[] = { { "mqtt.example.com", 8883, false }, { "2001:db8::1", 443, true } };

	(void)state;
	memset(&w, 0, sizeof(w));
	log_level = LOG_ERROR - 1;
	signal(SIGPIPE, SIG_IGN);
	strcpy(w.dir, "/tmp/test-bus-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	chmod(w.dir, 0755);
	snprintf(w.address, sizeof(w.address), "unix:path=%s/bus", w.dir);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", w.address, 1);
	setenv("DBUS_SESSION_BUS_ADDRESS", w.address, 1);
	world_config(true);
	world_start_daemon();
	w.loop = loop_new();
	w.n_modems = w.n_channels = 1;
	w.modem_conf[0] = (struct modem_conf){ .name = "gw0", .device = "/dev/ttyACM0" };
	w.modems[0] = (struct modem){ .state = "ready", .error = "" };
	w.channel_conf[0] = (struct channel_conf){ .name = "cloud", .modem = "gw0", .modem_conf = w.modem_conf, .remote = { remotes, 2 } };
	w.channel_conf[0].tls.enabled = true;
	w.channels[0] = (struct channel){ .state = "idle", .error = "", .cipher = "" };
	return 0;
}

int
world_teardown(void **state)
{
	char command[128];
	size_t i;

	(void)state;
	bus_free(w.bus);
	for (i = 0; i < w.n_peers; i++)
		sd_bus_close_unref(w.peers[i]);
	loop_free(w.loop);
	if (w.daemon)
		world_stop_daemon();
	snprintf(command, sizeof(command), "rm -rf %s", w.dir);
	return system(command);
}

/* ---- going on ---- */

uint64_t
world_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
world_pump(void)
{
	uint64_t turns = loop_turns(w.loop);
	bool busy;
	size_t i;

	assert_int_equal(loop_turn(w.loop, false), 0);
	busy = loop_turns(w.loop) > turns + 1;
	for (i = 0; i < w.n_peers; i++)
		busy |= sd_bus_process(w.peers[i], NULL) > 0;
	if (!busy)
		usleep(100);
}

void
world_pass(unsigned ms)
{
	uint64_t end = world_ms() + ms;

	while (world_ms() < end)
		world_pump();
}

sd_bus *
world_peer(void)
{
	sd_bus *peer;
	size_t i = w.n_peers;

	assert_true(sd_bus_new(&peer) >= 0);
	sd_bus_set_address(peer, w.address);
	sd_bus_set_bus_client(peer, true);
	sd_bus_negotiate_fds(peer, true);
	assert_true(sd_bus_start(peer) >= 0);
	w.peers[w.n_peers++] = peer;
	WAIT_FOR(sd_bus_is_ready(w.peers[i]) > 0);
	return peer;
}

/* The kernel notes who connects when they do. */
sd_bus *
world_peer_as(uid_t uid, gid_t gid)
{
	sd_bus *peer;
	size_t i = w.n_peers;

	assert_true(sd_bus_new(&peer) >= 0);
	sd_bus_set_address(peer, w.address);
	sd_bus_set_bus_client(peer, true);
	sd_bus_negotiate_fds(peer, true);
	assert_int_equal(setgroups(1, &gid), 0);
	assert_int_equal(setegid(gid), 0);
	assert_int_equal(seteuid(uid), 0);
	assert_true(sd_bus_start(peer) >= 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	assert_int_equal(setgroups(0, NULL), 0);
	w.peers[w.n_peers++] = peer;
	WAIT_FOR(sd_bus_is_ready(w.peers[i]) > 0);
	return peer;
}

void
world_leave(sd_bus *peer)
{
	size_t i;

	for (i = 0; w.peers[i] != peer; i++)
		;
	w.peers[i] = w.peers[--w.n_peers];
	sd_bus_close_unref(peer);
}

void
world_begin(enum bus_which which)
{
	w.bus = bus_new(w.loop, which, w.address, &owner, NULL);
}

void
world_start(enum bus_which which)
{
	world_begin(which);
	world_await_name();
}

/* ---- calls ---- */

static int
on_reply(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct reply *r = arg;

	(void)error;
	r->m = sd_bus_message_ref(m);
	return 0;
}

void
world_ask(sd_bus *peer, struct reply *r, const char *path, const char *interface, const char *member, const char *types, ...)
{
	sd_bus_message *m;
	va_list ap;

	memset(r, 0, sizeof(*r));
	assert_true(sd_bus_message_new_method_call(peer, &m,
	    !strcmp(interface, "org.freedesktop.DBus") ? "org.freedesktop.DBus" : NAME, path, interface, member) >= 0);
	va_start(ap, types);
	if (types)
		assert_true(sd_bus_message_appendv(m, types, ap) >= 0);
	va_end(ap);
	sd_bus_message_set_allow_interactive_authorization(m, w.interactive);
	assert_true(sd_bus_call_async(peer, &r->slot, m, on_reply, r, 60000000) >= 0);
	sd_bus_message_unref(m);
}

sd_bus_message *
world_answer(struct reply *r)
{
	WAIT_FOR(r->m);
	return r->m;
}

const char *
world_error(struct reply *r)
{
	const sd_bus_error *e = sd_bus_message_get_error(world_answer(r));

	if (!e)
		return "";
	return !strncmp(e->name, "org.celltls1.Error.", 19) ? e->name + 19 : e->name;
}

void
reply_done(struct reply *r)
{
	sd_bus_slot_unref(r->slot);
	sd_bus_message_unref(r->m);
	memset(r, 0, sizeof(*r));
}
