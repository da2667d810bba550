/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus-priv.h - shared by the files of this folder only
 *
 * What an object shows is gathered into a struct of facts, which the vtable
 * points into by offset: sd-bus reads it by itself, and news compares it.
 */
#ifndef CELLTLS_BUS_BUS_PRIV_H
#define CELLTLS_BUS_BUS_PRIV_H

#include <sys/queue.h>
#include <systemd/sd-bus.h>

#include "base/tally.h"
#include "bus/bus.h"

#define BUS_NAME "org.celltls1"
#define BUS_ROOT "/org/celltls1"
#define BUS_DRIVER "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"

#define BUS_WINDOW_MS 10
#define BUS_WINDOW_MESSAGES 48 /* taken from the bus in so long; the rest of it belongs to the line */

#define BUS_PROPERTIES 32 /* most of an interface */
#define BUS_WORDS 24	  /* most of a list of words */

AUTO_DEFINE(sd_bus *, sd_bus_unref)
AUTO_DEFINE(sd_bus_message *, sd_bus_message_unref)

/* Strings are the modem's and the channel's: the facts are good until either of them gets its turn. */
struct modem_facts {
	struct bus *bus;
	struct bus_modem of;
	const char *name, *device, *dialect, *state, *manufacturer, *model, *revision, *imei, *sim, *registration, *operator_name, *address,
	    *error;
	int32_t signal_dbm;
	uint32_t free_sockets;
	uint64_t network_time, expires_next;
};

struct words {
	char room[256];
	char *v[BUS_WORDS + 1]; /* into room; ends with NULL */
	char **list;		/* v */
};

struct channel_facts {
	struct bus *bus;
	struct bus_channel of;
	const char *name, *state, *security, *socket, *cipher, *tls_version, *error, *ocsp_reason;
	const char *peer_subject, *peer_issuer, *peer_serial, *peer_thumbprint;
	const char *remote;
	char *modem; /* modem_room */
	char modem_room[128];
	struct words enforces, weaknesses;
	uint32_t sessions, waiting, ocsp_status;
	uint64_t bytes_sent, bytes_received, dials, failures, ocsp_checked, ocsp_next;
};

/* What there is of one kind. */
struct bus_kind {
	const char *interface;
	const char *prefix; /* of their paths, without the name and the slash before it */
	const sd_bus_vtable *vtable;
	const char *const *figures;			      /* the properties that count; NULL-terminated */
	const char *(*name)(struct bus *, size_t i);	      /* of the i-th; NULL: there are not so many */
	void *(*facts)(struct bus *, const char *name);	      /* good until the next call; NULL: there is none */
};

enum { KIND_MODEM, KIND_CHANNEL, KINDS };
extern const struct bus_kind bus_modem_kind, bus_channel_kind; /* bus-modem.c, bus-channel.c */
extern const sd_bus_vtable bus_manager_vtable[];	       /* bus-manager.c */

/* An object that those who listen know of. */
struct bus_object {
	TAILQ_ENTRY(bus_object) link;
	const struct bus_kind *kind;
	char *name;
	uint64_t told[BUS_PROPERTIES]; /* a hash of what each property was when it was told last, in the vtable's order */
	uint64_t figures_ms;	       /* when figures may be told again */
	bool states_due, figures_due;
	bool stays; /* while it is looked which of them are still there */
};

struct bus {
	struct loop *loop;
	enum bus_which which;
	const char *address;
	const struct bus_owner *owner;
	void *arg;

	sd_bus *sd; /* NULL: none for now */
	struct watch *watch;
	int fd;		       /* that is watched */
	struct timer timeout;  /* of sd-bus */
	struct timer again;    /* the bus is looked for; or it is overdue; or its name, which was refused, is asked for */
	struct timer rest;     /* until the window of time is over: enough was taken from the bus in it */
	uint64_t window_ms;    /* when it began */
	unsigned taken;
	bool in_vain;	       /* nobody wanted the answer to the last one */
	uint64_t backoff_ms;   /* how long again waits next */
	uint64_t since_ms;     /* when this connection became ready */
	bool ready;	       /* greeted: messages come and go */
	bool processing;       /* sd-bus is at work: it is armed, and freed, afterwards */
	bool doomed;	       /* freed while processing */
	struct tally tally;    /* of its lines in the log */
	bool alarmed;	       /* one of them has trouble in it, and none yet its end */
	bool told;	       /* the log knows that there is no bus */
	bool told_name;	       /* the log knows that the name is not ours */

	TAILQ_HEAD(bus_calls, bus_call) calls; /* all that are not answered yet */
	unsigned n_waiting;		       /* among them those whose right is being asked for */
	uint32_t checks;		       /* for polkit: the number of the last question */

	TAILQ_HEAD(bus_questions, bus_question) questions; /* for the bus itself */

	TAILQ_HEAD(bus_objects, bus_object) objects;
	struct timer news;  /* something is to be told */
	bool news_wait;	    /* it was time, but the bus was choked */
	bool objects_due;   /* which objects there are */
	size_t last[KINDS]; /* the i of the one that was looked up last */
	char *kept[16];	    /* texts that were made for the facts */
	size_t n_kept;
	union {
		struct modem_facts modem;
		struct channel_facts channel;
	} facts;
};

/* bus.c */
void bus_arm(struct bus *); /* after every message that is sent outside of sd_bus_process() */
bool bus_is_choked(const struct bus *); /* what was sent last is not taken yet */

/* bus-objects.c */
int bus_objects_register(struct bus *, sd_bus *);
const char *bus_object_name(const struct bus_kind *, const char *path); /* NULL: no path of this kind */
bool bus_modem_find(struct bus *, const char *name, struct bus_modem *ret);
bool bus_channel_find(struct bus *, const char *name, struct bus_channel *ret);

/* bus-text.c: a message holds valid UTF-8 or cannot be made, and texts come from modules and paths */
char *bus_text(const char *s);			      /* a copy to be freed; what is no character becomes "?" */
const char *bus_clean(struct bus *, const char *s);   /* for facts: s itself when it is fine; NULL gives "" */
const char *bus_keep(struct bus *, char *text);	      /* the same for one that was made for them */
void bus_clean_again(struct bus *);		      /* the facts of before are not needed any more */

/* bus-statistics.c */
int bus_statistics(sd_bus_message *call, void *facts, sd_bus_error *);

/* bus-news.c */
void bus_news_begin(struct bus *);  /* everything is known from here on */
void bus_news_forget(struct bus *); /* nobody listens any more */
void bus_news_tell(void *bus);	    /* of the timer; put off while the bus is choked */

/* bus-owner.c */
void bus_questions_send(struct bus *); /* the bus is there */
void bus_questions_drop(struct bus *); /* it is gone */

/* ---- bus-call.c: calls that are answered later ---- */

struct bus_method {
	const char *action; /* of polkit; NULL: anybody may ask, and credentials are wanted with groups */
	void (*run)(struct bus_call *);
};

struct bus_call {
	TAILQ_ENTRY(bus_call) link;
	struct bus *bus;   /* NULL: it is gone, nobody hears the answer */
	sd_bus_message *m; /* NULL as well then */
	const struct bus_method *method;
	char *name; /* of the object; "" the manager */

	sd_bus_slot *leaves;   /* the caller's leaving is listened for */

	/* while its right is being asked for */
	bool waits;
	sd_bus_slot *question; /* to the bus or to polkit */
	uint32_t check;	       /* the number of polkit's; 0: it was not asked */

	uid_t uid;
	gid_t *gids;
	size_t n_gids;
	bool knows_groups;
};

/* For a vtable's methods; what they return.  run() comes when the caller may, from inside here or later. */
int bus_call_begin(struct bus *, sd_bus_message *, const char *name, const struct bus_method *);
void bus_calls_drop(struct bus *); /* the bus is gone: answers go to nobody */
void bus_calls_cancel(struct bus *); /* those that wait for their right are told so */

/* bus-auth.c: asks for the caller's right; then bus_call_allowed(), or bus_refuse(), or bus_call_left() */
void bus_auth_ask(struct bus_call *);
void bus_auth_done(struct bus_call *); /* nothing is asked any more; fine when nothing was */

void bus_call_allowed(struct bus_call *);
void bus_call_left(struct bus_call *); /* nobody waits for its answer any more */

#endif
