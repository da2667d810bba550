/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at-sync.c - getting back in step
 *
 * What to know first: after a time limit nothing is written until the module
 * cannot take it for something else: an unfinished payload is finished, a late
 * prompt still gets its payload, a late result is thrown away, and then "AT" must
 * be answered by one OK and silence.  Where the given-up step may have begun data
 * mode, not even "AT" is written.
 */
#include "at/at-priv.h"

#include <errno.h>

static const char *
probe_text(const struct at *at)
{
	const char *const *rescue = at->rules.rescue;
	unsigned n = 0;

	while (rescue && rescue[n])
		n++;
	return at->unanswered && n ? rescue[(at->unanswered - 1) % n] : "AT";
}

/* The rest of a payload of which we do not know how much it is; its connection is dropped anyway. */
static void
fill(struct at *at)
{
	static const char crs[] = "\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r";
	size_t n;

	for (n = 0; n < AT_FILL; n += sizeof(crs) - 1)
		at_push(at, crs, sizeof(crs) - 1);
}

static void
probe(struct at *at)
{
	if (at->out.len) { /* the rest of a payload first, else "AT" would be part of it */
		timer_in(at->clock, &at->limit, AT_PROBE_MS);
		at->phase = PHASE_LATE;
		return;
	}
	at->phase = PHASE_PROBE;
	buf_deinit(&at->payload);
	at_cmd_init(&at->cmd, 0);
	at_cmd_text(&at->cmd, probe_text(at));
	at->echo = false;
	at_text_reset(at); /* payload that was announced and did not come will not come now */
	at->echo_due = true;
	if (!at->cmd.len)
		fill(at);
	at_tell(at, AT_TRACE_OUT, at->cmd.text, at->cmd.len);
	at_tell(at, AT_TRACE_OUT, "\r", 1);
	at_push(at, at->cmd.text, at->cmd.len);
	at_push(at, "\r", 1);
	at_wrote(at, 0, 1);
	timer_at(at->clock, &at->limit, at_drained_ms(at) + AT_PROBE_MS);
}

bool
at_connects(int result)
{
	return result == AT_CONNECT || result == AT_MAY_CONNECT;
}

/* May this step have opened data mode without our knowing? */
bool
at_may_be_online(const struct at_step *s)
{
	const struct at_word *w;

	for (w = s && !(s->flags & AT_FOREIGN) ? s->words : NULL; w && w->text; w++)
		if (at_connects(w->result))
			return true;
	return false;
}

/* "AT" would reach the peer.  Whoever comes next begins with an escape, or fails. */
static void
mode_lost(struct at *at)
{
	at_text_reset(at);
	buf_deinit(&at->payload);
	at_data_reset(at);
	at->opaque = false;
	at->mode = MODE_UNKNOWN;
	at->online_ms = at->clock->now_ms; /* if it is: the silence before an escape is counted from here */
	at->phase = PHASE_IDLE;
	timer_stop(at->clock, &at->limit);
	timer_in(at->clock, &at->kick, 0);
}

/*
 * A dial that an earlier life of the host began came true behind the escape,
 * which the module did not hear while it dialled.  What follows is a server's,
 * whatever it looks like.
 */
void
at_lost_to_data(struct at *at)
{
	mode_lost(at);
	if (!at->job)
		return;
	at_fail(at, "a dial of an earlier life came true");
	at_job_end(at, -EAGAIN);
}

/* What a result means while the engine is getting back in step. */
void
at_sync_final(struct at *at, int result)
{
	at_heard(at);
	switch (at->phase) {
	case PHASE_LATE: /* the late result: thrown away; the silence rule of the next command holds */
		if (at_connects(result)) {
			mode_lost(at);
			break;
		}
		at->late = NULL;
		at->payload_due = false;
		timer_in(at->clock, &at->limit, at->rules.gap_ms + 1);
		buf_deinit(&at->payload);
		at->phase = PHASE_LATE;
		break;
	case PHASE_PROBE:
	case PHASE_QUIET:
		at->phase = PHASE_QUIET;
		timer_in(at->clock, &at->limit, AT_QUIET_MS);
		break;
	default:
		break;
	}
}

void
at_sync_limit(struct at *at)
{
	switch (at->phase) {
	case PHASE_PROBE:
		at->owner->silent(at->arg, ++at->unanswered);
		if (at->phase != PHASE_PROBE)
			break; /* the owner has reset us */
		probe(at);
		break;
	case PHASE_LATE:
		if (at_may_be_online(at->late))
			mode_lost(at);
		else
			probe(at);
		break;
	case PHASE_QUIET:
		at->phase = PHASE_IDLE;
		at->opaque = false;
		if (at->job)
			at_step_end(at, AT_OK); /* AT_SYNC */
		else
			timer_in(at->clock, &at->kick, 0);
		break;
	default:
		break;
	}
}
