/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum kind { PROBABILITY, NUMBER, SIGNED, FLAG, WORD };

struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *const *words;
};

static const char *const dial_words[] = { "none", "dns", "refused", "timeout", "handshake", "cert", "items", NULL };
static const char *const stuck_words[] = { "none", "refuse", "hang", NULL };
static const char *const dead_words[] = { "none", "never", "context", "attach", "reset", NULL };
static const char *const recv_words[] = { "timeout", "bare", NULL };

#define AT(member) offsetof(struct faults, member)

static const struct row rows[] = {
	{ "lose-in", PROBABILITY, AT(lose_in) },
	{ "lose-out", PROBABILITY, AT(lose_out) },
	{ "double-in", PROBABILITY, AT(double_in) },
	{ "double-out", PROBABILITY, AT(double_out) },
	{ "alter-in", PROBABILITY, AT(alter_in) },
	{ "alter-out", PROBABILITY, AT(alter_out) },
	{ "urc", PROBABILITY, AT(urc) },
	{ "no-answer", PROBABILITY, AT(no_answer) },
	{ "no-final", PROBABILITY, AT(no_final) },
	{ "no-prompt", PROBABILITY, AT(no_prompt) },
	{ "deaf", PROBABILITY, AT(deaf) },
	{ "deaf-ms", NUMBER, AT(deaf_ms) },
	{ "late", PROBABILITY, AT(late) },
	{ "late-ms", NUMBER, AT(late_ms) },
	{ "reset", PROBABILITY, AT(reset) },
	{ "dial-fail", PROBABILITY, AT(dial_fail) },
	{ "dial", WORD, AT(dial), dial_words },
	{ "slow-handshake", NUMBER, AT(slow_handshake_ms) },
	{ "boot-garbage", NUMBER, AT(boot_garbage) },
	{ "chaos", NUMBER, AT(chaos_s) },
	{ "unplug", NUMBER, AT(unplug_s) },
	{ "babble", NUMBER, AT(babble_s) },
	{ "reset-bytes", NUMBER, AT(reset_bytes) },
	{ "clock-jump", SIGNED, AT(clock_jump_s) },
	{ "stuck-open", WORD, AT(stuck_open), stuck_words },
	{ "dead-context", WORD, AT(dead_context), dead_words },
	{ "only-echo", FLAG, AT(only_echo) },
	{ "recv", WORD, AT(recv), recv_words },
	{ "disconnected", FLAG, AT(disconnected) },
	{ "resume-ok", FLAG, AT(resume_ok) },
	{ "resume-stays", FLAG, AT(resume_stays) },
	{ "stuck-echo", FLAG, AT(stuck_echo) },
	{ "no-escape", FLAG, AT(no_escape) },
	{ "full-flash", FLAG, AT(full_flash) },
	{ "refuse-early", FLAG, AT(refuse_early) },
	{ "abort-on-input", FLAG, AT(abort_on_input) },
};

static bool
set_row(struct faults *f, const struct row *r, const char *value)
{
	void *at = (char *)f + r->offset;
	char *end;
	double number = 0;

	if (r->kind == WORD) {
		for (int i = 0; value && r->words[i]; i++)
			if (!strcmp(value, r->words[i])) {
				*(unsigned *)at = (unsigned)i;
				return true;
			}
		return false;
	}
	if (r->kind == FLAG) {
		*(bool *)at = !value || !strcmp(value, "on") || !strcmp(value, "1");
		return !value || *(bool *)at || !strcmp(value, "off") || !strcmp(value, "0");
	}
	if (!value || !*value)
		return false;
	number = strtod(value, &end);
	if (r->kind == SIGNED && !*end && number >= -2e9 && number <= 2e9) {
		*(int *)at = (int)number;
		return true;
	}
	if (*end || !(number >= 0))
		return false;
	if (r->kind == PROBABILITY) {
		*(double *)at = number;
		return number <= 1;
	}
	if (number > 1e9)
		return false;
	*(unsigned *)at = (unsigned)number;
	return true;
}

static bool
parse_one(struct faults *f, char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (!strcmp(word, "none")) {
		*f = (struct faults)FAULTS_NONE;
		return true;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(word, rows[i].name))
			return set_row(f, &rows[i], value);
	return false;
}

bool
faults_parse(struct faults *f, const char *spec, char *err, size_t size)
{
	struct faults next = *f;
	char text[1024], *save = NULL;

	if (!next.late_ms)
		next.late_ms = 1000;
	if (!next.deaf_ms)
		next.deaf_ms = 5000;
	if (!next.dial)
		next.dial = DIAL_HANDSHAKE;
	if (!str_copy(text, sizeof(text), spec)) {
		snprintf(err, size, "specification too long");
		return false;
	}
	for (char *word = strtok_r(text, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
		char shown[64];

		str_copy(shown, sizeof(shown), word);
		if (!parse_one(&next, word)) {
			snprintf(err, size, "%s: not understood", shown);
			return false;
		}
	}
	next.bytes_in = next.reset_bytes || next.lose_in + next.double_in + next.alter_in > 0;
	next.bytes_out = next.reset_bytes || next.lose_out + next.double_out + next.alter_out > 0;
	*f = next;
	return true;
}

uint32_t
sim_random(uint32_t *state, uint32_t limit)
{
	uint32_t x = *state ? *state : 1;

	/* Marsaglia's xorshift32, "Xorshift RNGs", 2003 */
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return limit ? x % limit : 0;
}

bool
sim_chance(uint32_t *state, double probability)
{
	return probability > 0 && sim_random(state, 1u << 30) < probability * (1u << 30);
}
