/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-step.h - the words in which a driver tells the engine a conversation
 *
 * A script is an array of steps that ends with an empty one.  A step is one
 * command and all that belongs to it, in the order of the wire:
 *
 *   cmd or build    the command; a builder that adds nothing skips the step
 *   prompt, payload what the module says before it takes bytes, and the bytes
 *   grant           the answer is the prompt, and names how many of the bytes it takes
 *   binary          bytes in place of a line, that tell their length themselves
 *   answer, parse   the lines that the command names itself ("+CSQ:")
 *   other           any further line that is no URC: bare answers, bodies
 *   words           final results beyond OK, ERROR, +CME ERROR:, +CMS ERROR:
 *   refused         what an error means; may say that it is fine
 *
 * or `script`, another table, whose steps are run in its place.
 */
#ifndef CELLTLS_AT_AT_STEP_H
#define CELLTLS_AT_AT_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "at/at-cmd.h"
#include "at/at-line.h"

/* What parse, other and words may answer; negative errno ends the script. */
enum at_result {
	AT_OK,	     /* go on; for a final word: the step is done */
	AT_NOT_MINE, /* parse: not this command's answer after all, look further (a URC of the same name) */
	AT_DONE,     /* the step is done here, no final result follows it */
	AT_PAYLOAD,  /* now the payload: this line is the prompt */
	AT_CONNECT,  /* words: data mode begins behind this line */
	AT_MAY_CONNECT, /* words: or it does not; at_data_in_doubt() */
	AT_IGNORE,   /* words: not final for this command */
	AT_REFUSED,  /* parse, other: this line is a refusal; the step ends as with AT_DONE, and fails with it (at_error, refused) */
};

enum at_flag {
	AT_OPTIONAL = 1 << 0, /* a refusal is fine, and so is an answer that is missing */
	AT_MAYBE = 1 << 1,    /* OK without the answer line is fine */
	AT_LATER = 1 << 2,    /* the answer line may follow the final result; both are waited for */
	AT_SECRET = 1 << 3,   /* command, payload and answers appear in traces and errors as {n bytes} */
	AT_ESCAPE = 1 << 4,   /* no command: leave data mode by the guarded escape sequence */
	AT_SYNC = 1 << 7,     /* no command: "AT" until it is answered and silence follows; for when anything may be under way */
	AT_PATIENT = 1 << 5,  /* after the time limit wait for the late result before anything is written */
	AT_NO_FINAL = 1 << 6, /* done as soon as it is written: the module answers nothing */
	AT_FOREIGN = 1 << 8,  /* somebody else's command, of which nothing is known: a prompt is declined (-EBADMSG), "AT" is asked
			       * after its time limit whatever it may have begun; the script ends behind it, unless data mode
			       * has begun: then the next steps leave that */
	AT_TRAILED = 1 << 9,  /* a final result follows AT_DONE and AT_REFUSED within AT_TRAIL_MS, or none: both are fine; a bad one counts */
};

struct at_word {
	const char *text; /* a whole line; with a ":" or a blank at its end a prefix */
	int result;	  /* enum at_result, or -errno */
	bool unanswered;  /* final only while the answer line has not come; a URC behind it */
};

/* Bytes for the module behind a prompt. */
struct at_payload {
	const void *bytes; /* must stay until the step is done; the engine copies them */
	size_t len;
	const char *end;   /* written behind them, "\x1a" say; NULL: nothing */
};

/* Why the module refused, in its own words. */
struct at_error {
	enum { AT_ERROR_PLAIN, AT_ERROR_CME, AT_ERROR_CMS, AT_ERROR_WORD, AT_ERROR_EVENT } kind;
	int code;	  /* of +CME/+CMS ERROR in digits, or of an EVENT_SOCK_ENDED; else -1 */
	char text[80];	  /* the words behind "+CME ERROR: ", or the final line */
};

struct at_step {
	const char *cmd;
	void (*build)(struct at_cmd *, const void *op);
	const struct at_step *script;

	const char *prompt; /* NULL: "> " at the start of a line; "" none, payload follows the command at once */
	void (*payload)(struct at_payload *, void *op);

	const char *answer;
	/*
	 * In place of a prompt: this answer line lets *ret_n bytes of the payload go, at most all of them; parse is
	 * called behind it and takes note.  0: nothing is written, and the final result follows.  Such a payload has no
	 * echo, whatever the command has.  It gets no op, since it is asked about a late line too.  AT_OK, AT_NOT_MINE or -errno.
	 */
	int (*grant)(struct at_line *, size_t *ret_n);
	int (*parse)(struct at_line *, void *op);
	int (*other)(struct at_line *, void *op);
	void (*sink)(void *op, const void *bytes, size_t len); /* payload that parse or binary announced */

	/*
	 * Payload that no line announces, once in a step, behind its command and its payload.  Asked in the place of a
	 * line: with one byte, AT_NOT_MINE: a line begins; then with one more each time, until it says AT_OK and how long
	 * all is (*ret_len, with these bytes; at most AT_BINARY_MAX).  AT_OK and 0: one byte more is needed.  Or -errno.
	 */
	int (*binary)(const uint8_t *head, size_t len, size_t *ret_len);

	const struct at_word *words;
	int (*refused)(const struct at_error *, void *op); /* 0: fine; else -errno */

	uint32_t timeout_ms; /* 0: AT_TIMEOUT_MS; of a prompt at most AT_PROMPT_MS */
	uint32_t (*timeout)(const void *op);
	unsigned flags;
};

#define AT_TIMEOUT_MS 3000
#define AT_TRAIL_MS 2000  /* AT_TRAILED */
#define AT_BINARY_MAX 8192
#define AT_PROMPT_MS 15000 /* no prompt is longer in coming; the step's own limit begins anew behind it */

/* News that the module brings of its own accord. */
enum dialect_event_kind {
	EVENT_NONE,	     /* known, of no interest */
	EVENT_SOCK_READABLE, /* sock; len: how many bytes, 0 not told */
	EVENT_SOCK_CLOSED,   /* sock, or -1: the one that is open */
	EVENT_SOCK_WRITABLE, /* sock: it is open (dialect.opens_by_event), or takes bytes again */
	EVENT_SOCK_ENDED,    /* sock: it, or its dial, is over; code, text and in_order say how */
	EVENT_SOCK_PEER,     /* sock: text tells of the server's certificate, for dialect.peer; before it is open */
	EVENT_REGISTRATION,  /* state: enum registration */
	EVENT_PDP_LOST,
	EVENT_SIM,	     /* state: enum sim_state */
	EVENT_NETWORK_TIME,  /* the network has set the module's clock */
	EVENT_REBOOTED,	     /* boot words: all sessions are over, all settings are to be made anew */
};

struct dialect_event {
	enum dialect_event_kind kind;
	int sock;
	long len;
	int state;
	int code;	  /* the module's number for it */
	bool in_order;	  /* the server has closed, and what it sent before can still be read (dialect.drains) */
	const char *text; /* of the line; until the call returns */
};

/* A row of a URC table; the table ends with an empty one. */
struct at_urc {
	const char *text; /* a prefix when it ends with ":", else a whole line */
	int (*parse)(struct at_line *, struct dialect_event *ret); /* NULL: `event` is all there is to say */
	enum dialect_event_kind event;
	unsigned lines; /* so many further lines belong to it and are not answers */
};

/* How one module wants to be spoken to; may change after identification. */
struct at_rules {
	const struct at_urc *urcs;
	size_t command_max;    /* bytes of its command buffer */
	uint32_t gap_ms;       /* silence between a final result and the next command */
	uint32_t prompt_gap_ms; /* between a prompt and the payload */
	uint32_t guard_ms;     /* silence around the escape; 0: data mode has no in-band escape */
	const char *const *rescue; /* written in turn, with a CR, when "AT" was not answered; NULL-terminated; NULL: "AT" again;
				  "": so many CRs that the longest counted payload is full (AT_FILL) */
	char escape;	       /* three of them between silences leave data mode */
	const char *const *data_end; /* bytes that end data mode, "\r\nNO CARRIER\r\n"; NULL-terminated */
	char etx;		     /* DLE and this character leave data mode, unseen by the peer, at any moment; a DLE of the app is
				      * doubled.  Then guard_ms is only for the app's own escape characters.  0: no such thing */
	bool dtr;		     /* so does a drop of DTR, where the wire has that line */
};

#endif
