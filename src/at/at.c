/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at.c - jobs and steps, and their time limits
 *
 * What to know first: a step ends only by its own result or by its time limit.
 * What comes after a time limit is at-sync.c.
 */
#include "at/at-priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

static void step_start(struct at *);

void
at_tell(struct at *at, enum at_trace kind, const void *bytes, size_t len)
{
	bool secret = kind == AT_TRACE_OUT_SECRET || kind == AT_TRACE_IN_SECRET;

	if (at->owner->trace && len)
		at->owner->trace(at->arg, kind, secret ? NULL : bytes, len);
}

const struct at_step *
at_step_now(const struct at *at)
{
	return at->job ? at->stack[at->depth] : NULL;
}

const struct at_step *
at_step_heard(const struct at *at)
{
	return at->job ? at_step_now(at) : at->phase >= PHASE_LATE ? at->late : NULL;
}

static bool
secret(const struct at *at)
{
	const struct at_step *s = at_step_now(at);

	return s && s->flags & AT_SECRET;
}

void
at_fail(struct at *at, const char *why)
{
	char text[AT_CMD_MAX + 1];
	const char *equals = strchr(at->cmd.text, '=');
	int shown = (int)at->cmd.len;

	if (secret(at) && equals)
		shown = (int)(equals - at->cmd.text) + 1;
	snprintf(text, sizeof(text), "%.*s%s", shown, at->cmd.text, shown < (int)at->cmd.len ? "..." : "");
	at->problem[0] = '\0';
	str_add(at->problem, sizeof(at->problem), "%.120s%s%s", text, text[0] ? ": " : "", why);
}

/* ---- the wire ---- */

uint64_t
at_drained_ms(const struct at *at)
{
	uint64_t ms = at->wire->ops->drained_ms(at->wire);

	return ms > at->clock->now_ms ? ms : at->clock->now_ms;
}

void
at_wrote(struct at *at, size_t bytes, unsigned commands)
{
	if (at->owner->wrote)
		at->owner->wrote(at->arg, bytes, commands);
}

static void
pump(struct at *at)
{
	size_t n;

	while (at->out.len) {
		n = at->wire->ops->write(at->wire, buf_bytes(&at->out), at->out.len);
		if (!n)
			return;
		buf_drop(&at->out, n);
		at_wrote(at, n, 0);
	}
}

void
at_push(struct at *at, const void *bytes, size_t len)
{
	buf_put(&at->out, bytes, len); /* bounded by AT_CMD_MAX and at_got_prompt() */
	pump(at);
}

void
at_writable(struct at *at)
{
	pump(at);
	if (!at->out.len && at_data_room(at))
		at->owner->data_room(at->arg);
}

/* ---- steps ---- */

/*
 * The job is over: done() may submit, so the next one starts on the next turn.
 */
void
at_job_end(struct at *at, int result)
{
	struct at_job *job = at->job;

	at->job = NULL;
	if (at->phase < PHASE_LATE) {
		at->phase = PHASE_IDLE;
		timer_stop(at->clock, &at->limit);
	}
	timer_stop(at->clock, &at->wait);
	timer_in(at->clock, &at->kick, 0);
	if (result == 0 || at->phase < PHASE_LATE)
		buf_deinit(&at->payload);
	if (job->cancelled)
		result = -ECANCELED;
	job->done(result, job->op);
	free(job);
}

void
at_step_end(struct at *at, int result)
{
	if (secret(at))
		wipe(at->cmd.text, sizeof(at->cmd.text));
	if (result < 0 || at->job->cancelled) {
		at_job_end(at, result);
		return;
	}
	if (at_step_now(at)->flags & AT_FOREIGN && at->mode == MODE_COMMAND) {
		at_job_end(at, 0);
		return;
	}
	at->stack[at->depth]++;
	step_start(at);
}

/* Gives the running step up: whatever it still brings is thrown away. */
static void
give_up(struct at *at, int result, uint32_t late_ms)
{
	if (secret(at))
		wipe(at->cmd.text, sizeof(at->cmd.text));
	at->late = at_step_now(at);
	at->opaque |= at->late->sink != NULL;
	at->phase = PHASE_LATE;
	timer_in(at->clock, &at->limit, late_ms);
	at_job_end(at, result);
}

void
at_step_abort(struct at *at, int result)
{
	give_up(at, result, AT_PROBE_MS);
}

uint32_t
at_step_limit(const struct at *at, const struct at_step *s)
{
	uint32_t ms = s->timeout ? s->timeout(at->job->op) : s->timeout_ms;

	return ms ? ms : AT_TIMEOUT_MS;
}

static uint32_t
prompt_limit(const struct at *at, const struct at_step *s)
{
	uint32_t ms = at_step_limit(at, s);

	return ms < AT_PROMPT_MS ? ms : AT_PROMPT_MS;
}

static void
write_command(struct at *at)
{
	const struct at_step *s = at_step_now(at);

	at->phase = s->payload ? PHASE_PROMPT : PHASE_RESULT;
	buf_deinit(&at->payload);
	at->echo_due = true;
	at->echo = false;
	at->echo_left = 0;
	at->answered = at->last = at->finished = at->strange = at->refused = at->framed = at->opaque = false;
	at->head_len = 0;
	timer_in(at->clock, &at->limit, at->phase == PHASE_PROMPT ? prompt_limit(at, s) : at_step_limit(at, s));
	at_tell(at, secret(at) ? AT_TRACE_OUT_SECRET : AT_TRACE_OUT, at->cmd.text, at->cmd.len);
	at_tell(at, AT_TRACE_OUT, "\r", 1);
	buf_put(&at->out, at->cmd.text, at->cmd.len); /* one write for both */
	at_push(at, "\r", 1);
	at_wrote(at, 0, 1);
	if (s->flags & AT_NO_FINAL)
		at_step_end(at, AT_OK);
	else if (s->payload && s->prompt && !s->prompt[0])
		at_got_prompt(at);
}

/* What is written now would reach a peer. */
static bool
refuse_in_data_mode(struct at *at)
{
	if (at->mode == MODE_COMMAND)
		return false;
	at_fail(at, "the line may be in data mode");
	at_job_end(at, -EAGAIN);
	return true;
}

/* Why the command that was built is not written. */
static void
tell_unsent(struct at *at)
{
	const struct at_cmd *c = &at->cmd;
	const char *why = c->err == -EMSGSIZE ? "longer than the module's command buffer" : "holds bytes that no command may carry";

	if (c->refused)
		snprintf(at->problem, sizeof(at->problem), "%s", c->what);
	else
		snprintf(at->problem, sizeof(at->problem), "%s: %.120s", why, secret(at) ? "a secret" : c->what ? c->what : "");
}

/* Builds the next step that has something to say, and writes it when the line has been silent long enough. */
static void
step_start(struct at *at)
{
	const struct at_step *s = at->stack[at->depth];
	uint64_t at_ms;

	while (!s->cmd && !s->build && !(s->flags & (AT_ESCAPE | AT_SYNC))) {
		if (s->script) {
			at->stack[++at->depth] = s->script; /* depth: scripts are ours, AT_DEPTH is enough for them */
		} else if (at->depth) {
			at->stack[--at->depth]++;
		} else {
			at_job_end(at, 0);
			return;
		}
		s = at->stack[at->depth];
	}
	at_cmd_init(&at->cmd, at->rules.command_max);
	if (s->flags & AT_ESCAPE) {
		at_escape_start(at);
		return;
	}
	if (s->flags & AT_SYNC) {
		if (refuse_in_data_mode(at))
			return;
		at->phase = PHASE_LATE;
		at->late = NULL;
		timer_at(at->clock, &at->limit, at_drained_ms(at));
		return;
	}
	if (s->cmd)
		at_cmd_text(&at->cmd, s->cmd);
	if (s->build)
		s->build(&at->cmd, at->job->op);
	if (at->cmd.err) {
		tell_unsent(at);
		at_job_end(at, at->cmd.err);
		return;
	}
	if (!at->cmd.len) {
		at->stack[at->depth]++;
		step_start(at);
		return;
	}
	if (refuse_in_data_mode(at))
		return;
	at_ms = at->final_ms + at->rules.gap_ms + (at->rules.gap_ms > 0); /* the clock was up to 1 ms behind */
	at->phase = PHASE_GAP;
	if (at_ms > at->clock->now_ms)
		timer_at(at->clock, &at->wait, at_ms);
	else
		write_command(at);
}

/* A job's first step, or nothing to do. */
static void
kicked(void *arg)
{
	struct at *at = arg;
	struct at_job *job = TAILQ_FIRST(&at->jobs);

	if (at->job || at->phase != PHASE_IDLE || !job)
		return;
	TAILQ_REMOVE(&at->jobs, job, link);
	at->job = job;
	at->depth = 0;
	at->stack[0] = job->script;
	at->error = (struct at_error){ .code = -1 };
	if (job->cancelled)
		at_job_end(at, -ECANCELED);
	else
		step_start(at);
}

static void
waited(void *arg)
{
	struct at *at = arg;

	if (at->phase == PHASE_GAP && at->job->cancelled)
		at_job_end(at, -ECANCELED);
	else if (at->phase == PHASE_GAP)
		write_command(at);
	else if (at->phase == PHASE_PROMPT_GAP || at->phase == PHASE_LATE)
		at_payload_write(at);
}

/* ---- results ---- */

void
at_heard(struct at *at)
{
	at->unanswered = 0;
}

/* An echo that was off and is on again: the module has started anew, and says nothing else about it. */
void
at_got_echo(struct at *at)
{
	bool rebooted = at->silent;

	at->echo = true;
	at->echo_due = false;
	at->silent = false;
	if (at->phase == PHASE_RESULT) /* a payload without a prompt is written by now */
		at->echo_left = at->payload.len;
	if (rebooted)
		at->owner->event(at->arg, &(struct dialect_event){ .kind = EVENT_REBOOTED, .sock = -1 });
}

/* The final result and, where one is due, the answer are there. */
static void
step_complete(struct at *at)
{
	const struct at_step *s = at_step_now(at);

	if (s->answer && !at->answered && !(s->flags & (AT_MAYBE | AT_OPTIONAL))) {
		at_fail(at, "OK, but no answer");
		at_step_end(at, -EBADMSG);
		return;
	}
	at_step_end(at, AT_OK);
}

/* at->error says why; what that means is the driver's to say. */
static void
step_refused(struct at *at, int result, const char *text)
{
	const struct at_step *s = at_step_now(at);

	at_fail(at, at->error.text[0] ? at->error.text : text);
	if (s->refused)
		result = s->refused(&at->error, at->job->op);
	else if (s->flags & AT_OPTIONAL)
		result = AT_OK;
	at_step_end(at, result);
}

/* The step ends with the line that said so (AT_DONE, AT_REFUSED), and what followed it. */
static void
step_done(struct at *at)
{
	if (at->refused) {
		at->error = at->refusal; /* the first of them: an ERROR behind it says less */
		step_refused(at, -EREMOTEIO, "refused");
	} else {
		at_step_end(at, AT_OK);
	}
}

void
at_refused(struct at *at)
{
	if (!at->refused)
		at->refusal = at->error;
	at->refused = true;
}

void
at_answer_over(struct at *at)
{
	if (at->phase != PHASE_RESULT && at->phase != PHASE_PROMPT)
		return; /* given up meanwhile, or its end is waited for */
	if (at->last && at_step_now(at)->flags & AT_TRAILED) {
		at->phase = PHASE_TRAIL;
		timer_in(at->clock, &at->limit, AT_TRAIL_MS);
	} else if (at->last) {
		at->final_ms = at->clock->now_ms;
		step_done(at);
	} else if (at->finished && at->answered) {
		step_complete(at);
	}
}

void
at_got_final(struct at *at, int result, const char *text)
{
	const struct at_step *s = at_step_now(at);

	at->final_ms = at->clock->now_ms;
	at->silent |= at->echo_due && !at->echo;
	at->echo_due = false;
	if (at->phase < PHASE_PROMPT || at->phase > PHASE_TRAIL) {
		at_sync_final(at, result);
		return;
	}
	at_heard(at);
	if (at->phase == PHASE_TRAIL) {
		if (result < 0)
			at_refused(at);
		step_done(at);
		return;
	}
	timer_stop(at->clock, &at->wait);
	if (at->opaque) { /* so may this result */
		at_fail(at, "lines that are no answer, where payload was to come");
		at_step_abort(at, -EBADMSG);
		return;
	} else if (at_connects(result) && at->out.len) { /* not its answer; the rest of the command must not become data */
		at_fail(at, "CONNECT before the command was out");
		at_step_abort(at, -EBADMSG);
		return;
	} else if (result == AT_MAY_CONNECT && at->strange) { /* CONNECT may be lost, and this a server's like them */
		at_fail(at, "OK in place of CONNECT, behind lines that are no answer");
		at_step_abort(at, -EBADMSG);
		return;
	} else if (at_connects(result)) {
		at_data_begin(at, result == AT_CONNECT);
	} else if (result < 0) {
		step_refused(at, result, text);
		return;
	} else if (at->phase == PHASE_PROMPT) {
		at_fail(at, "no prompt");
		at_step_end(at, -EBADMSG);
		return;
	} else if (s->flags & AT_LATER && s->answer && !at->answered) {
		at->finished = true;
		return;
	}
	step_complete(at);
}

/* How long a late result is waited for: not where the step itself had longer, unless it may begin data mode. */
static uint32_t
late_limit(const struct at *at, const struct at_step *s)
{
	if (s->flags & AT_PATIENT || at_may_be_online(s))
		return AT_LATE_MS;
	if (s->payload)
		return at_step_limit(at, s) < AT_LATE_MS ? AT_LATE_MS : AT_SPENT_MS;
	return 1;
}

/* The module did not answer within the step's limit. */
static void
step_timeout(struct at *at)
{
	const struct at_step *s = at_step_now(at);
	unsigned n = ++at->unanswered;

	at_fail(at, at->finished ? "no answer after OK" : "no answer");
	if (at->phase == PHASE_PROMPT) { /* a late prompt takes it, or the next bytes would be taken for it */
		at_payload_copy(at);
		at->payload_due = true;
	}
	give_up(at, -ETIMEDOUT, late_limit(at, s));
	at->owner->silent(at->arg, n);
}

static void
limited(void *arg)
{
	struct at *at = arg;

	switch (at->phase) {
	case PHASE_PROMPT_GAP: /* the module waits for the payload: that first */
		timer_in(at->clock, &at->limit, at->rules.prompt_gap_ms + 1);
		break;
	case PHASE_PROMPT:
	case PHASE_RESULT:
		step_timeout(at);
		break;
	case PHASE_TRAIL: /* none follows */
		at->final_ms = at->clock->now_ms;
		step_done(at);
		break;
	case PHASE_ESC_BEFORE:
	case PHASE_ESC_AFTER:
	case PHASE_NO_CARRIER:
		at_escape_limit(at);
		break;
	case PHASE_LATE:
	case PHASE_PROBE:
	case PHASE_QUIET:
		at_sync_limit(at);
		break;
	case PHASE_IDLE:
	case PHASE_GAP:
		break;
	}
}

/* ---- for the owner ---- */

struct at *
at_new(struct clock *clock, struct wire *wire, const struct at_owner *owner, void *arg)
{
	struct at *at = xcalloc(1, sizeof(*at));

	at->clock = clock;
	at->wire = wire;
	at->owner = owner;
	at->arg = arg;
	TAILQ_INIT(&at->jobs);
	timer_init(&at->limit, limited, at);
	timer_init(&at->wait, waited, at);
	timer_init(&at->kick, kicked, at);
	at->out = BUF_INIT(2 * AT_OUT_MAX);
	at->payload = BUF_INIT(AT_OUT_MAX);
	at->out.secret = at->payload.secret = true;
	at_data_init(at);
	at_reset(at);
	return at;
}

static void
drop_jobs(struct at *at)
{
	struct at_job *job;

	if (at->job)
		at_job_end(at, -ECANCELED);
	while ((job = TAILQ_FIRST(&at->jobs))) {
		TAILQ_REMOVE(&at->jobs, job, link);
		job->done(-ECANCELED, job->op);
		free(job);
	}
}

void
at_free(struct at *at)
{
	if (!at)
		return;
	drop_jobs(at);
	at_reset(at);
	timer_stop(at->clock, &at->kick);
	buf_deinit(&at->out);
	buf_deinit(&at->payload);
	free(at);
}

void
at_set_rules(struct at *at, const struct at_rules *rules)
{
	at->rules = *rules;
}

void
at_assume_command(struct at *at)
{
	at->mode = MODE_COMMAND;
}

void
at_submit(struct at *at, const struct at_step *script, void *op, at_done_fn *done)
{
	struct at_job *job = xcalloc(1, sizeof(*job));

	*job = (struct at_job){ .script = script, .op = op, .done = done };
	TAILQ_INSERT_TAIL(&at->jobs, job, link);
	timer_in(at->clock, &at->kick, 0);
}

void
at_cancel(struct at *at, const void *op)
{
	struct at_job *job;

	if (at->job && at->job->op == op)
		at->job->cancelled = true;
	TAILQ_FOREACH(job, &at->jobs, link)
		if (job->op == op)
			job->cancelled = true;
}

bool
at_idle(const struct at *at)
{
	return !at->job && TAILQ_EMPTY(&at->jobs) && at->phase == PHASE_IDLE;
}

void
at_reset(struct at *at)
{
	struct at_job *job;

	if (at->job)
		at->job->cancelled = true;
	TAILQ_FOREACH(job, &at->jobs, link)
		job->cancelled = true;
	timer_stop(at->clock, &at->limit);
	timer_stop(at->clock, &at->wait);
	buf_deinit(&at->out);
	buf_deinit(&at->payload);
	at_text_reset(at);
	at_data_reset(at);
	at->mode = MODE_UNKNOWN;
	at->online_ms = at->clock->now_ms; /* who wrote before, and when, is not known: the silence begins here */
	at->phase = PHASE_IDLE;
	at->final_ms = 0;
	at->unanswered = 0;
	at->silent = false;
	at->payload_due = false;
	at->late = NULL;
	at->opaque = false;
	if (at->job) {
		TAILQ_INSERT_HEAD(&at->jobs, at->job, link); /* kicked() ends it */
		at->job = NULL;
	}
	timer_in(at->clock, &at->kick, 0);
}

const struct at_error *
at_error(const struct at *at)
{
	return &at->error;
}

const char *
at_problem(const struct at *at)
{
	return at->problem;
}

void
at_input(struct at *at, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t n;

	if (at->phase == PHASE_QUIET || at->phase == PHASE_NO_CARRIER)
		timer_in(at->clock, &at->limit, AT_QUIET_MS);
	while (len) {
		if (at->mode == MODE_COMMAND) {
			n = at_text_input(at, p, len);
		} else {
			at_data_input(at, p, len);
			n = len;
		}
		p += n;
		len -= n;
	}
}
