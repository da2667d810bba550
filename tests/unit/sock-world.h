/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock-world.h - channels and a modem over a module that was made up for it: its
 * sockets open by event, several at once, and keep what came before their end
 *
 * The driver is handed out in place of the real ones: programs of this world are
 * linked with --wrap=dialect_of.  The module does only what a test makes it do.
 */
#ifndef CELLTLS_TESTS_SOCK_WORLD_H
#define CELLTLS_TESTS_SOCK_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "unit.h"

#define SERVICES 6
#define CERTIFICATE "/C=DE/CN=one.example|0A1B|sha1:6360ce34138d1f80818f25e58b55bf2fa486e7b9"

/* A socket as the module has it. */
struct service {
	int state;		/* enum sock_state */
	char tx[4096], rx[4096]; /* that the server has got; that it has sent and nobody has read */
	size_t tx_len, rx_len;
	bool rx_end, half_closed;
	const char *host;
};

struct app_side {
	struct app app;
	struct session *session; /* NULL: over */
	char up[4096], down[4096];
	size_t up_len, taken, down_len, room;
	enum app_end how;
	bool closed;
};

struct sock_world {
	struct clock clock;
	struct wire wire;
	uint64_t left_ms; /* the last byte that was written to it */
	struct conf *conf;
	struct modem_params params;
	struct modem *modem;
	struct channel *channel[2];
	struct app_side apps[8];
	unsigned n_apps;
	struct service service[SERVICES];
	char line[512], said[16384]; /* the command that is being written; all of them, one a line */
	size_t payload_due;
	int payload_of, online; /* -1: none */
	bool state_is_mute;	/* no answer to the question for it */
	size_t grant;		/* bytes that one send takes */
	bool open_is_mute;	/* until the test says OK */
	bool refuse_send, refuse_receive, refuse_close, refuse_go;
	bool refuse_as_gone;	/* sends and receives: by the word for a socket that is not connected */
	struct timer escaped; /* the module leaves data mode */
	unsigned room_for;	/* services at once, 0: any; the next one ends with 71 */
	const char *model;
	bool named;		/* the configuration names the dialect, and so the real one */
	char first[16];		/* what a module hears first */
	const char *fits;	/* the subject that fits every host; NULL: none does */
};

void sock_world_start(struct sock_world *, const char *modem, const char *one, const char *two); /* their configuration */
void sock_world_stop(struct sock_world *);
void run(struct sock_world *, unsigned ms);
void module_says(struct sock_world *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void server_sends(struct sock_world *, int service, const char *text);
unsigned said(const struct sock_world *, const char *command); /* how often the module was told that */
const char *where_said(const struct sock_world *, const char *command); /* the last of them, NULL: never */

struct app_side *arrives(struct sock_world *, int channel);
struct app_side *client(struct sock_world *, int channel); /* arrives, and is served if it may be */
void says(struct app_side *, const char *text);
void shuts(struct app_side *);
void leaves(struct app_side *);
void reads_on(struct app_side *);
const char *error(const struct sock_world *, int channel);
bool is_eof(const struct app_side *); /* closed, and nothing that it wrote was left */

/* The dial of this service gets through. */
void comes_up(struct sock_world *, int service);

#endif
