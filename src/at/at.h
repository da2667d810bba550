/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at.h - one AT conversation, without I/O of its own
 *
 * Jobs run one at a time, in order.  done(result, op) is called exactly once for
 * each accepted job, never from inside at_submit() or at_cancel():
 *
 *   0           every step went as its table says
 *   -ETIMEDOUT  a step took too long; before the next job the engine asks the module
 *               for silence, so that a late answer is lost and not misread
 *   -EREMOTEIO  the module refused; at_error() has its words
 *   -EBADMSG    an answer was not what it must be, or did not come
 *   -EINVAL     a string that could inject; -EMSGSIZE: the command is too long;
 *               nothing was sent; at_problem() names the string
 *   -EAGAIN     an escape was not answered, and data mode may be over (suspect() below);
 *               or the line may be in data mode, and the script begins with no escape
 *   -EBUSY      an escape could not be written: what was written before it does not leave, or not the escape itself
 *   -ECANCELED  at_cancel() or at_reset()
 *   or what a step's parse, words or refused returned.
 *
 * `op` must stay valid until done().  done() may submit and cancel, not at_free().
 *
 * Data mode begins with a step whose word is AT_CONNECT.  From then on what comes
 * in goes to owner->data(), but for what may be the module's own line that ends
 * data mode: that is held back and owner->suspect() is called.  The owner then
 * runs a script that begins with an AT_ESCAPE step and asks how the socket is,
 * and says at_data_verdict().  (Design, section 4, in-band traps.)
 *
 * Where the word was AT_MAY_CONNECT all that comes in is held back, and nothing is
 * taken, until the owner has found out in the same way (at_data_in_doubt()).
 */
#ifndef CELLTLS_AT_AT_H
#define CELLTLS_AT_AT_H

#include "at/at-step.h"
#include "at/wire.h"
#include "base/clock.h"

struct at;

typedef void at_done_fn(int result, void *op);

enum at_trace {
	AT_TRACE_OUT,	     /* bytes to the module, as they are */
	AT_TRACE_IN,
	AT_TRACE_OUT_PAYLOAD, /* an app's bytes or a secret: only the length is for the eye */
	AT_TRACE_IN_PAYLOAD,
	AT_TRACE_OUT_SECRET, /* bytes is NULL: they are shown to nobody */
	AT_TRACE_IN_SECRET,
};

/* The one that the engine reports to.  None of these may free the engine. */
struct at_owner {
	void (*event)(void *arg, const struct dialect_event *ev);

	/* Data mode: bytes for the session.  The engine gives no more than at_data_pause() allows. */
	void (*data)(void *arg, const void *bytes, size_t len);
	void (*data_room)(void *arg); /* at_data_write() may take more */
	void (*suspect)(void *arg);   /* data mode may be over; see above */

	/* So many commands in a row were not answered at all. */
	void (*silent)(void *arg, unsigned n);

	/* A line that nobody asked for or knows. */
	void (*noise)(void *arg, const char *line);

	/* For figures: bytes that the wire took, commands that were written.  May be NULL. */
	void (*wrote)(void *arg, size_t bytes, unsigned commands);

	/* May be NULL. */
	void (*trace)(void *arg, enum at_trace kind, const void *bytes, size_t len);
};

struct at *at_new(struct clock *, struct wire *, const struct at_owner *, void *arg);
void at_free(struct at *); /* jobs that wait end with -ECANCELED before it returns; NULL is fine */

void at_set_rules(struct at *, const struct at_rules *); /* copied; the tables in it are not */

void at_submit(struct at *, const struct at_step *script, void *op, at_done_fn *done);

/*
 * Ends the jobs of op with -ECANCELED on a later turn.  A command on the wire is
 * waited for first: its answer must not meet the next one.
 */
void at_cancel(struct at *, const void *op);

bool at_idle(const struct at *); /* no job runs or waits, nothing is being re-synchronised */

/* The line is known to be in command mode; without this a script must begin with an AT_ESCAPE step. */
void at_assume_command(struct at *);

/* A new life of the line: jobs end with -ECANCELED, nothing is assumed about its mode. */
void at_reset(struct at *);

const struct at_error *at_error(const struct at *); /* of the last job that ended with -EREMOTEIO */
const char *at_problem(const struct at *);	    /* the last failure in one line, with the command; secrets masked */

/* From the wire. */
void at_input(struct at *, const void *bytes, size_t len);
void at_writable(struct at *);

/* Data mode. */
bool at_online(const struct at *);	       /* bytes are the session's */
size_t at_data_room(const struct at *);	       /* bytes that at_data_write() would take now; fewer where some are doubled */
size_t at_data_write(struct at *, const void *bytes, size_t len); /* takes a prefix; owner->data_room() when more is possible */

/* The guarded escape is on its way, or its answer: whatever the session wrote had left, and a silence stood behind it. */
bool at_escaping(const struct at *);

/* Did the last escape find data mode?  false: nothing answered it, or the carrier was gone. */
bool at_escape_heard(const struct at *);

/* When the last line came that may have ended data mode. */
uint64_t at_data_end_ms(const struct at *);

/* The module may be in data mode, or not: its word was AT_MAY_CONNECT, and at_data_verdict() is due. */
bool at_data_in_doubt(const struct at *);

/*
 * After suspect(): open says that the line was the server's, and what was held
 * back is the session's.  Otherwise it was the module's; what came behind it is
 * read as command-mode text, and the return value tells whether any of that was
 * an answer: then app bytes have reached the command line.  Where data mode was
 * in doubt, open says that it had begun; else all that was held is the module's.
 */
bool at_data_verdict(struct at *, bool open);

#endif
