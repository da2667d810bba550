/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-priv.h - the engine's own; only at*.c include it
 *
 *   at.c       jobs, steps, time limits, getting back in step
 *   at-payload.c  prompts, grants, and the bytes behind them
 *   at-text.c  command mode: bytes to lines, lines to where they belong
 *   at-data.c  data mode: what is payload, what is the module's
 *   at-escape.c  the ways out of it
 */
#ifndef CELLTLS_AT_AT_PRIV_H
#define CELLTLS_AT_AT_PRIV_H

#include "at/at.h"
#include "base/buf.h"

#define AT_LINE_MAX 2048   /* a longer line is cut; no dialect has one */
#define AT_OUT_MAX 8192	   /* one command or one payload */
#define AT_HOLD_MAX 32768  /* bytes held back while the end of data mode is in doubt */
#define AT_HEAD_MAX 8	   /* bytes of a binary payload that tell its length */
#define AT_DEPTH 4	   /* scripts within scripts */

#define AT_TAIL_MS 30	   /* how long the start of a possible "NO CARRIER" is held back; a module writes it in one go */
#define AT_SETTLE_MS 120   /* silence behind the OK of an escape, before it is believed */
#define AT_FLOOD_MS 5000   /* an earlier life's data behind the escape: so long the answer may stand behind them */
#define AT_LATE_MS 30000   /* how long a late result is waited for (AT_PATIENT, open prompts) */
#define AT_SPENT_MS 5000   /* the same where the step's own limit was longer already */
#define AT_EARLY_MS 50	   /* that the module's guard timer may be fast */
#define AT_LEAVE_MS 300	   /* behind an escape without silences, before its OK is believed; DTR is down so long */
#define AT_ESCAPE_MS 1000  /* from the end of the guard time to its OK, and from any byte of data before it */
#define AT_FILL 2048	   /* no module takes a longer block of a session; a longer store command it gives up by itself */
#define AT_DRAIN_MS 20000  /* for what was written to leave; a module that takes nothing hears no escape either */
#define AT_PROBE_MS 1000   /* for the answer to "AT" */
#define AT_QUIET_MS 250	   /* silence behind its OK: nothing late comes any more */

struct at_job {
	TAILQ_ENTRY(at_job) link;
	const struct at_step *script;
	void *op;
	at_done_fn *done;
	bool cancelled;
};

TAILQ_HEAD(at_jobs, at_job);

enum at_phase {
	PHASE_IDLE,	  /* nothing runs */
	PHASE_GAP,	  /* the next command waits for the line's silence */
	PHASE_PROMPT,	  /* command written, the prompt is to come */
	PHASE_PROMPT_GAP, /* it came; the payload waits its time */
	PHASE_RESULT,	  /* all written, answer and final result are to come */
	PHASE_TRAIL,	  /* its end came (AT_DONE, AT_REFUSED); a final result may follow (AT_TRAILED) */
	PHASE_ESC_BEFORE, /* silence before the escape */
	PHASE_ESC_AFTER,  /* escape written, OK is to come */
	PHASE_NO_CARRIER, /* the carrier line says that data mode is over; the rest of the data is on its way */
	PHASE_LATE,	  /* the job is over; its late result is waited for */
	PHASE_PROBE,	  /* "AT" written */
	PHASE_QUIET,	  /* OK came; silence is to follow */
};

enum at_silence { SILENCE_NONE, SILENCE_MAYBE, SILENCE_SURE };

/* Out of data mode, in the order of trying. */
enum at_way { WAY_NONE, WAY_ETX, WAY_DTR, WAY_GUARDED, WAYS };

enum at_mode { MODE_UNKNOWN, MODE_COMMAND, MODE_DATA };

struct at {
	struct clock *clock;
	struct wire *wire;
	const struct at_owner *owner;
	void *arg;
	struct at_rules rules;
	enum at_mode mode;

	/* at.c */
	struct at_jobs jobs; /* waiting */
	struct at_job *job;  /* running */
	const struct at_step *stack[AT_DEPTH]; /* stack[depth] is the step that runs */
	unsigned depth;
	enum at_phase phase;
	struct timer limit;  /* of the phase; in PHASE_LATE and later too */
	struct timer wait;   /* gaps */
	struct timer kick;   /* start the next job on the next turn */
	struct at_cmd cmd;
	struct buf out;	     /* bytes for the wire that it did not take yet */
	struct buf payload;  /* of the running step, copied at its prompt; kept to know its echo */
	bool payload_secret;
	size_t granted;	     /* so much of it may go (grant) */
	bool payload_due;    /* PHASE_LATE: its prompt has not come yet */
	const struct at_step *late; /* PHASE_LATE and later: the step that was given up; NULL: its late result came */
	bool answered;	     /* the answer line of this step came */
	bool strange;	     /* lines came that are nobody's: the answer to the step may be none */
	bool last;	     /* no final result follows it (AT_DONE) */
	bool silent;	     /* this module has echo off: a command was answered without its echo */
	bool finished;	     /* its final result came (AT_LATER) */
	uint64_t final_ms;   /* when the last final result came */
	unsigned unanswered; /* commands in a row */
	struct at_error error;
	bool refused;	     /* AT_REFUSED */
	struct at_error refusal; /* the words of it, whatever follows */
	char problem[256];

	/* at-text.c */
	char line[AT_LINE_MAX + 1];
	size_t line_len;
	bool line_cut;
	bool echo_due;	     /* the echo of the command may still come */
	bool echo;	     /* it came */
	size_t echo_left;    /* bytes of the payload whose echo is to come */
	size_t counted;	     /* payload bytes that are still to come */
	bool framed;	     /* the step had its payload, or the beginning of it */
	bool opaque;	     /* lines may be payload whose count is late, lost or wrong: none is news until the engine is in step */
	uint8_t head[AT_HEAD_MAX]; /* the beginning of it */
	size_t head_len;
	const char *pattern; /* payload up to this */
	struct buf pattern_tail;
	const struct at_urc *urc; /* whose further lines are to come */
	unsigned urc_lines;

	/* at-data.c */
	struct buf hold;
	bool suspect;	     /* hold begins with what may be the end of data mode */
	bool told;	     /* the owner was told of it */
	bool unsure;	     /* data mode may not have begun at all; all that comes is held */
	size_t ok_at;	     /* offset in hold of the OK of the escape; SIZE_MAX none */
	struct timer tail;   /* gives back what is held on a mere beginning */
	enum at_way way;     /* the escape that is being tried */
	bool escape_open;    /* DLE etx is on the line, or the half of it, and was not answered: the mode is in doubt */
	bool dtr_down;
	struct timer dtr;    /* raises it */
	struct timer plus;   /* an isolated third escape character may go now */
	uint64_t online_ms;  /* when data mode began */
	uint64_t drain_ms;   /* until then it must be silent before the escape, or the escape have left */
	bool escape_left;
	bool escape_heard;
	size_t connects;     /* mode unknown: so much of "CONNECT" came behind the escape */
	unsigned again;	     /* escapes repeated for that */
	uint64_t escaped_ms; /* when the escape left */
	uint64_t end_ms;     /* when the last line came that may end data mode */
	unsigned run;	     /* escape characters that left last, with nothing else between */
	enum at_silence before[2]; /* before the last of them, and the last but one */
};

#define AT_LINE_END "\r\n"
#define AT_OK_LINE "\r\nOK\r\n"
#define AT_OK_LEN (sizeof(AT_OK_LINE) - 1)
#define AT_CONNECT_WORD "CONNECT"
#define AT_DLE 0x10
#define AT_DECLINE "\x1b" /* ends a prompt without sending anything */

/* at.c */
const struct at_step *at_step_now(const struct at *); /* the step that runs, or NULL */
uint64_t at_drained_ms(const struct at *); /* when all that was written will have left; now, if it has */
void at_push(struct at *, const void *bytes, size_t len); /* to the wire, in order */
void at_wrote(struct at *, size_t bytes, unsigned commands); /* for the owner's figures */
void at_step_end(struct at *, int result); /* enum at_result AT_OK, or -errno: the running step is over */
void at_job_end(struct at *, int result); /* the job of the running step is over */
void at_step_abort(struct at *, int result); /* the same in the middle of its answer, which no longer fits */
uint32_t at_step_limit(const struct at *, const struct at_step *); /* ms */
void at_refused(struct at *); /* at->error are its words; the step goes on to its end, and fails then */
void at_got_final(struct at *, int result, const char *text); /* AT_OK, AT_CONNECT or -errno with at->error set */
void at_answer_over(struct at *); /* an answer line and the payload that it announced are here */
const struct at_step *at_step_heard(const struct at *); /* the step whose lines may come: it runs, or was given up; or NULL */
void at_got_echo(struct at *); /* of the command */
void at_heard(struct at *); /* the module said something that fits */
void at_tell(struct at *, enum at_trace kind, const void *bytes, size_t len);
void at_fail(struct at *, const char *why); /* at->problem: the command, and why */

/* at-payload.c */
void at_got_prompt(struct at *);
bool at_got_grant(struct at *); /* at->line may be one; false: it is not */
void at_payload_copy(struct at *);  /* of the running step */
void at_payload_write(struct at *); /* its time has come */

/* at-sync.c */
bool at_connects(int result);			     /* a word that begins data mode, or may */
bool at_may_be_online(const struct at_step *);	     /* may this step have begun it without our knowing? */
void at_sync_final(struct at *, int result);	     /* a result that is nobody's: what it means meanwhile */
void at_sync_limit(struct at *);		     /* at->limit ran out in one of its phases */
void at_lost_to_data(struct at *);		     /* while "AT" is to be answered: the line is in data mode */

/* at-text.c; returns how many bytes it used: it stops where the mode or the kind of bytes changes */
size_t at_text_input(struct at *, const uint8_t *bytes, size_t len);
void at_text_reset(struct at *);
bool at_text_urc(struct at *, const char *line); /* a line that nobody asked for; false: not known */

/* at-data-out.c */
uint64_t at_guard(const struct at *);	     /* ms: the guard time and a fifth, for the module's own timer and the line */
uint64_t at_silent_since(const struct at *); /* nothing leaves any more; may lie ahead */
void at_plus_expired(void *at);		     /* what was held back as a possible escape may go */

/* at-data.c */
void at_data_init(struct at *);
void at_data_reset(struct at *);
void at_data_begin(struct at *, bool sure);
void at_data_input(struct at *, const uint8_t *bytes, size_t len);
void at_emit_held(struct at *, size_t len); /* so many of what is held are the session's */
bool at_read_as_text(struct at *, const uint8_t *bytes, size_t len); /* came in command mode; true when an answer was among it */

/* at-escape.c */
void at_escape_start(struct at *);
void at_escape_limit(struct at *); /* at->limit ran out in one of its phases */
uint64_t at_escape_due(const struct at *); /* when its OK may be believed */
bool at_escape_may_answer(const struct at *); /* an OK that comes now may be its */
void at_dtr_raise(void *at);

#endif
