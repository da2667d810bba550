/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-priv.h - what the files of conf/ share among themselves
 *
 * conf-scan looks at the text, conf at what libconfig makes of it, row by row
 * of conf-keys; conf-check then asks whether the values fit one another.
 */
#ifndef CELLTLS_CONF_CONF_PRIV_H
#define CELLTLS_CONF_CONF_PRIV_H

#include "conf/conf.h"

enum conf_type {
	CONF_END,     /* of a table */
	CONF_BOOL,    /* bool */
	CONF_UINT,    /* unsigned, min .. max */
	CONF_WORD,    /* an enum: the place of the word in `words` */
	CONF_OCTAL,   /* unsigned, written as a string of octal digits */
	CONF_TEXT,    /* char *, at most max bytes, of the kind in `form` */
	CONF_TEXTS,   /* struct conf_strings: a list of such texts, or of `words` */
	CONF_REMOTES, /* struct remotes_conf */
	CONF_GROUP,   /* a struct, with the table `sub` */
	CONF_LIST,    /* an array of structs, size `size` each, and the count behind it */
};

/* What a text may hold; conf-form.c has a function and words for each. */
enum conf_form {
	FORM_PLAIN,  /* printable ASCII without quotes and backslash: it may go into an AT command */
	FORM_COMMAND, /* an AT command, or how it begins and "*" */
	FORM_NAME,   /* of a modem or channel */
	FORM_PATH,   /* absolute */
	FORM_SOCKET, /* absolute, and short enough for sockaddr_un */
	FORM_SOURCE, /* file:/path, credential:name or /path */
	FORM_SECRET, /* the same; the rules of secret files hold */
	FORM_APN,
	FORM_ICCID,
	FORM_PHONE,
	FORM_HOST,
	FORM_CIPHER, /* IANA name or "any" */
	FORM_PIN,    /* of a certificate: sha1:… or sha256:… */
	FORM_URL,
	FORM_USER,
	FORM_GROUP,
};

#define CONF_REQUIRED 1u /* must be there, and not empty */
#define CONF_SOMETIMES 2u /* required by a rule of conf-check.c; the manual says "required" */
#define CONF_OR_ZERO 4u	 /* 0 is allowed too, below min */
#define CONF_OR_ONE 8u	 /* a list, or its only element alone */
#define CONF_APPLY(apply) ((unsigned)(apply) << 8)
#define CONF_APPLY_OF(key) ((key)->flags >> 8) /* CONF_APPLY_*; 0: as the group or list that it is in */

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset;
	const char *preset; /* as in the file, without quotes; NULL: "" or empty */
	unsigned min, max;  /* number, bytes of a text, entries of a list */
	const char *const *words;
	enum conf_form form;
	unsigned flags;
	const struct conf_key *sub;
	size_t size;
	const char *help;
};

extern const struct conf_key conf_keys[];

/* Where each value stands, while the file is being checked. */
struct conf_where {
	const void *field;
	unsigned line;
	char *path;
	bool wrong; /* its row was not content with it, and has said so */
};

struct conf_load {
	const char *file;
	unsigned flags;
	struct conf *conf;
	struct conf_report *report;
	struct conf_where *where;
	size_t n_where, room;
	unsigned *lines; /* of each setting, in the order of the text */
	size_t n_lines, next_line;
	bool duplicate; /* conf_scan() has said which */
};

/* key may be NULL. */
void conf_mistake(struct conf_load *l, unsigned line, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* At the line and with the path of a member; it must have been read or preset. */
void conf_mistake_at(struct conf_load *l, const void *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void conf_warning_at(struct conf_load *l, const void *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of what is not there; says nothing when something wrong was there. */
void conf_missing_at(struct conf_load *l, const void *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void conf_report_sort(struct conf_report *r);

/*
 * Looks through the text for what libconfig would take silently, and counts
 * lines.  false when libconfig must not see the text: it would read another
 * file, or stop at the wrong place.
 */
bool conf_scan(struct conf_load *l, const char *text, size_t len);

/* "a, b, c"; and "did you mean ...?" or the list of keys.  The caller frees. */
char *conf_word_list(const char *const *words);
char *conf_key_hint(const struct conf_key *keys, const char *word);

/* NULL when s is of that form, else what is allowed. */
const char *conf_form_check(enum conf_form form, const char *s);
/* What is allowed, for the manual; NULL where there is nothing to say. */
const char *conf_form_words(enum conf_form form);

/* "host:port" or "[v6]:port"; NULL, or what is wrong. */
const char *conf_remote_parse(const char *s, struct remote_conf *ret_remote);

/* Whether using this value of this key is of a feature that does not exist so far; NULL, or its name. */
const char *conf_unbuilt(const char *path, const char *value);

/* All that takes more than one key. */
void conf_check(struct conf_load *l);

/* Of it, the look at the host: files, users, groups. */
void conf_check_host(struct conf_load *l);

/* The same as conf_beyond_module(), and in *ret_field which of the channel's keys asks for it. */
const char *conf_beyond_field(const struct channel_conf *ch, enum conf_dialect dialect, unsigned i, const void **ret_field);

/* Whether two slot names of a modem may be the same place. */
bool conf_slot_same(enum conf_dialect dialect, const char *a, const char *b);

/* Whether it may hold what a server's certificate is checked against. */
bool conf_slot_is_ca(enum conf_dialect dialect, const char *slot);

#endif
