/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem-files.h - the certificates, the PIN and the password that a modem's configuration names, read
 */
#ifndef CELLTLS_DAEMON_MODEM_FILES_H
#define CELLTLS_DAEMON_MODEM_FILES_H

#include "cert/cert.h"
#include "conf/conf.h"
#include "conf/secret.h"
#include "daemon/mistakes.h"
#include "modem/modem.h"

struct modem_files {
	struct secret *pin, *pdp_password;     /* NULL: none */
	struct cert_item *items[DIALECT_SLOTS]; /* by want */
	struct cert_item *key; /* of key_file: signs what changes the store; NULL: none */
	struct modem_want wants[DIALECT_SLOTS];
	size_t n_wants;
	int64_t expires_s; /* the earliest end of a certificate, UTC; 0: there is none */
	bool dates_seen; /* they were looked at */
};

/*
 * false, with a mistake for each file that cannot be used; nothing is held then.
 * now_s: for warnings about dates, 0 not known.  The conf must outlive what was loaded.
 */
bool modem_files_load(struct modem_files *, const struct modem_conf *, int64_t now_s, struct mistakes *);
void modem_files_dates(struct modem_files *, const struct modem_conf *, int64_t now_s); /* those warnings, later; once */

/* What it takes to apply what differs by content, whatever the files are called: CONF_APPLY_ANEW, CONF_APPLY_SLOTS, both or 0. */
unsigned modem_files_diff(const struct modem_files *was, const struct modem_files *is);

/* What is held stays where it is, and from now on belongs to the conf of `same`, which differs in nothing and is empty then. */
void modem_files_keep(struct modem_files *, struct modem_files *same);

/* Whose key signs: that of key_file, or the key that stands among the wants; NULL: nobody's. */
const struct cert_item *modem_files_signer(const struct modem_files *);

/* Whether a certificate of the wants has this subject, as modules write it. */
bool modem_files_have_issuer(const struct modem_files *, const char *name, size_t len);

void modem_files_deinit(struct modem_files *); /* wipes the secrets; may be repeated */

#endif
