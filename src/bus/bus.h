/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus.h - status and control on D-Bus, as org.celltls1; this folder is the only user of sd-bus
 *
 * The bus translates and authorises; whoever made it decides.  Objects are looked
 * up by name for every question, so they may come, go and be replaced at any
 * time.  Without a bus the daemon works; the bus is found when it comes.
 */
#ifndef CELLTLS_BUS_BUS_H
#define CELLTLS_BUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel/channel.h"
#include "conf/conf.h"
#include "loop/loop.h"
#include "modem/modem.h"

struct bus;

enum bus_which {
	BUS_SYSTEM,  /* polkit decides who may change something; without it root alone */
	BUS_SESSION, /* root and the daemon's own user may */
	BUS_ADDRESS, /* the same */
};

/* The names behind "org.celltls1.Error.". */
enum bus_error {
	BUS_NOT_READY,
	BUS_BUSY,
	BUS_NOT_SUPPORTED,
	BUS_MODULE_ERROR,
	BUS_TIMEOUT,
	BUS_NOT_AUTHORIZED,
	BUS_BAD_CONFIGURATION,
	BUS_INVALID_ARGUMENT,
	BUS_BLOCKED,
	BUS_CANCELLED,
};

/* ---- what there is ---- */

struct bus_modem {
	const struct modem_conf *conf;
	const struct modem *modem;
	int64_t expires_next_s; /* the earliest end of a certificate in its slots, UTC; 0: none known */
};

struct bus_channel {
	const struct channel_conf *conf;
	const struct channel *channel;
	const char *socket; /* the path of its Unix socket; "" none */
};

/* ---- what is asked of it ---- */

/* A method call that waits for its answer.  It is answered exactly once, which frees it, minutes later perhaps. */
struct bus_call;

void bus_answer(struct bus_call *);
void bus_answer_text(struct bus_call *, const char *text);
void bus_answer_fd(struct bus_call *, int fd); /* the caller's end is a duplicate; fd stays the owner's */
void bus_refuse(struct bus_call *, enum bus_error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

struct bus_owner {
	/* The i-th of those in force; false: there are not so many. */
	bool (*modem)(void *arg, size_t i, struct bus_modem *ret);
	bool (*channel)(void *arg, size_t i, struct bus_channel *ret);

	/* Calls by those who may; the name is that of one that there is. */
	void (*reload)(void *arg, struct bus_call *);
	void (*reset)(void *arg, const char *modem, struct bus_call *);
	void (*release)(void *arg, const char *modem, struct bus_call *);
	void (*acquire)(void *arg, const char *modem, struct bus_call *);
	void (*command)(void *arg, const char *modem, const char *text, uint32_t timeout_ms, struct bus_call *);
	void (*close)(void *arg, const char *channel, struct bus_call *);

	/* By anybody; whether that one may connect is for the owner to say. gids holds all groups of the caller. */
	void (*open)(void *arg, const char *channel, uid_t uid, const gid_t *gids, size_t n_gids, struct bus_call *);

	/* Nobody hears the answer to a call of before any more; it must still be given, now or at any time. */
	void (*left)(void *arg, struct bus_call *);
};

/* ---- what it is asked ---- */

struct bus_question;

/*
 * Which process owns a name on the bus; it is not started by that.  done() comes once, on a later turn, a second later at
 * most, and frees the question.  pid 0: nobody has it, or nobody answers.  To be freed before the bus.
 */
struct bus_question *bus_pid_of(struct bus *, const char *name, void (*done)(void *arg, int pid), void *arg);
void bus_question_free(struct bus_question *); /* done() does not come any more; NULL is fine */

/* ---- life ---- */

/* Connects on a later turn, and again whenever the bus is lost.  address only with BUS_ADDRESS; it must stay. */
struct bus *bus_new(struct loop *, enum bus_which, const char *address, const struct bus_owner *, void *arg);
void bus_free(struct bus *); /* calls that are not answered yet may still be, to nobody; NULL is fine */

/* It may be another than it was: told to those who listen, states on the next turn, figures at most once a second. */
void bus_modem_changed(struct bus *, const char *name);
void bus_channel_changed(struct bus *, const char *name, bool figures_only);

/* Objects came or went, or are others of the same name. */
void bus_objects_changed(struct bus *);

#endif
