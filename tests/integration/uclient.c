/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uclient - an app at a channel's socket
 *
 *   uclient [--limit SECONDS] SOCKET STEP...      connects and follows the steps (script.h)
 *   uclient [--limit SECONDS] --bus ADDRESS CHANNEL STEP...   the same with the socket that Open() gives
 *   uclient [--limit SECONDS] --listen SOCKET     sits on the socket, taking nobody, until it is killed
 *   uclient [--limit SECONDS] --notify SOCKET     prints what a service tells its manager, until READY=1
 *   uclient [--limit SECONDS] --notify-all SOCKET the same without end
 *
 * Exit status: 0 done, 1 a step failed, 2 a mistake in the call, 3 the time was over.
 */
#include "script.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static int
unix_socket(int type, const char *path, int (*join)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path) {
		fprintf(stderr, "uclient: %s: no such socket can be\n", path);
		exit(2);
	}
	strcpy(address.sun_path, path);
	if (join(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		printf("refused %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static int
opened_by_bus(const char *address, const char *channel)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *answer = NULL;
	sd_bus *bus = NULL;
	char path[256];
	int fd = -1, r = sd_bus_new(&bus);

	snprintf(path, sizeof path, "/org/celltls1/channel/%s", channel);
	if (r < 0 || sd_bus_set_address(bus, address) < 0 || sd_bus_set_bus_client(bus, 1) < 0 || sd_bus_negotiate_fds(bus, 1) < 0 ||
	    sd_bus_start(bus) < 0) {
		fprintf(stderr, "uclient: %s: no bus\n", address);
		exit(2);
	}
	r = sd_bus_call_method(bus, "org.celltls1", path, "org.celltls1.Channel", "Open", &error, &answer, "");
	if (r >= 0)
		r = sd_bus_message_read(answer, "h", &fd);
	if (r < 0) {
		printf("refused %s: %s\n", error.name ? error.name : strerror(-r), error.message ? error.message : "");
		exit(1);
	}
	fd = dup(fd); /* the message has that one */
	sd_bus_error_free(&error);
	sd_bus_message_unref(answer);
	sd_bus_flush_close_unref(bus);
	return fd;
}

static int
listen_only(const char *path)
{
	int fd = unix_socket(SOCK_STREAM, path, bind);

	listen(fd, 1);
	puts("listening");
	pause();
	return 0;
}

static int
hear_service(const char *path, bool until_ready)
{
	int fd = unix_socket(SOCK_DGRAM, path, bind);
	char text[4096];
	ssize_t n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("listening");
	while ((n = recv(fd, text, sizeof text - 1, 0)) >= 0) {
		text[n] = '\0';
		puts(text);
		if (until_ready && strstr(text, "READY=1"))
			return 0;
	}
	return 1;
}

int
main(int argc, char **argv)
{
	struct stream s;
	unsigned limit = 120;
	int failed, fd = -1;

	(void)argc;
	argv++;
	if (*argv && !strcmp(*argv, "--limit") && argv[1]) {
		limit = (unsigned)atoi(argv[1]);
		argv += 2;
	}
	script_limit(limit);
	if (*argv && argv[1] && !strcmp(*argv, "--listen"))
		return listen_only(argv[1]);
	if (*argv && argv[1] && !strcmp(*argv, "--notify"))
		return hear_service(argv[1], true);
	if (*argv && argv[1] && !strcmp(*argv, "--notify-all"))
		return hear_service(argv[1], false);
	if (*argv && !strcmp(*argv, "--bus") && argv[1] && argv[2]) {
		fd = opened_by_bus(argv[1], argv[2]);
		argv += 2;
	}
	if (!*argv || **argv == '-') {
		fputs("usage: uclient [--limit SECONDS] SOCKET STEP...\n", stderr);
		return 2;
	}
	stream_plain(&s, fd >= 0 ? fd : unix_socket(SOCK_STREAM, *argv, connect));
	puts("connected");
	failed = script_run(&s, argv + 1);
	if (s.fd >= 0)
		close(s.fd);
	return failed;
}
