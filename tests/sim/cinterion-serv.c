/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-serv.c - simulated Cinterion modules: service profiles, their opening, closing and states
 *
 * OK to ^SISO says that it was begun; what comes of it is told by URCs.
 * Listeners, UDP and Http are not here: an open of the first two ends with
 * "entity not supported", the third is no srvType.
 */
#include "cinterion.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define HANG_MS 60000 /* a close that hangs says ERROR at last */

static const char *const type_names[] = { [SERV_NONE] = "", [SERV_SOCKET] = "Socket", [SERV_TRANSPARENT] = "Transparent" };

const char *
serv_type_name(enum serv_type type)
{
	return type_names[type];
}

bool
serv_secure(const struct serv *s)
{
	return *s->sec_opt;
}

bool
serv_live(const struct serv *s)
{
	return s->state == SERV_CONNECTING || s->state == SERV_UP || s->state == SERV_CLOSING;
}

int
serv_find(struct cinterion *c, const struct at_args *a, struct serv **ret)
{
	long id;

	if (!cinterion_number(at_str(a, 0), 0, 99999999, &id))
		return CME_PARAMETERS;
	if (id >= CINTERION_SERVICES)
		return CME_INDEX;
	*ret = &c->serv[id];
	return (*ret)->type == SERV_NONE ? CME_NOT_ALLOWED : 0;
}

/* Life. */

static void
serv_factory(struct serv *s, enum serv_type type)
{
	s->type = type;
	s->con_id = -1;
	s->alphabet = 0;
	s->tcp_mr = 30; /* */
	s->tcp_ot = 6000;
	*s->address = *s->sec_opt = '\0';
	memset(s->slots, 0, sizeof(s->slots));
	s->error = 0;
	s->sent = s->received = 0;
	*s->remote_ip = '\0';
	s->local_port = 0;
}

/* Down or not, it is Allocated again. */
static void
serv_close(struct serv *s, bool abort)
{
	bool was = serv_live(s);

	conn_shut(s, abort);
	fifo_clear(&s->rx);
	s->state = SERV_ALLOCATED;
	s->ended = s->end_told = false;
	if (was && s->con_id >= 0)
		bearer_check_idle(&s->c->bearers[s->con_id]);
}

void
serv_forget(struct serv *s)
{
	serv_close(s, true);
	serv_factory(s, SERV_NONE);
}

/* Results. */

void
serv_say(struct serv *s, int code)
{
	const char *gap = cinterion_gap(s->c);

	s->error = code;
	if (s->c->p.no_urcs)
		return;
	if (code == SIS_CLOSED) /* its text is left to ^SISE */
		cinterion_urc(s->c, "^SIS: %d,%s0,%s%d", s->id, gap, gap, code);
	else
		cinterion_urc(s->c, "^SIS: %d,%s0,%s%d,%s\"%s\"", s->id, gap, gap, code, gap, sis_text(code));
}

void
serv_fail(struct serv *s, int code)
{
	struct cinterion *c = s->c;

	if (!serv_live(s))
		return;
	if (s->state == SERV_CONNECTING)
		c->m->counters.dial_failures++;
	module_log(c->m, "* service %d fails: %d", s->id, code);
	conn_shut(s, true);
	s->state = SERV_DOWN;
	s->end_told = true;
	if (c->online == s)
		cinterion_online_end(c);
	serv_say(s, code);
	bearer_check_idle(&c->bearers[s->con_id]);
}

void
serv_bearer_up(struct bearer *b)
{
	for (int i = 0; i < CINTERION_SERVICES; i++)
		if (b->c->serv[i].con_id == b->id && b->c->serv[i].state == SERV_CONNECTING)
			conn_dial(&b->c->serv[i]);
}

void
serv_bearer_failed(struct bearer *b, int code)
{
	for (int i = 0; i < CINTERION_SERVICES; i++)
		if (b->c->serv[i].con_id == b->id && b->c->serv[i].state == SERV_CONNECTING)
			serv_fail(&b->c->serv[i], code);
}

void
serv_bearer_lost(struct bearer *b, int code)
{
	for (int i = 0; i < CINTERION_SERVICES; i++)
		if (b->c->serv[i].con_id == b->id)
			serv_fail(&b->c->serv[i], code);
}

/* ^SISS. */

static int
srv_type_set(struct serv *s, const char *value)
{
	for (size_t i = SERV_SOCKET; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (cinterion_word(value, type_names[i])) {
			serv_factory(s, (enum serv_type)i);
			return C_OK;
		}
	if (!cinterion_word(value, "none"))
		return CME_PARAMETERS;
	serv_factory(s, SERV_NONE);
	return C_OK;
}

/* "", -1 or a list of 1 .. 10, its commas at command level or inside quotes. */
static int
sec_opt_set(struct serv *s, const struct at_args *a)
{
	bool slots[CINTERION_SLOTS] = { false };
	char text[sizeof(s->sec_opt)] = "", list[sizeof(text)];
	char *rest = list, *word;
	long slot;

	for (int i = 2; i < a->n; i++) {
		if (strlen(text) + strlen(a->v[i]) + 2 > sizeof(text))
			return CME_PARAMETERS;
		str_add(text, sizeof(text), "%s%s", i > 2 ? "," : "", a->v[i]);
	}
	str_copy(list, sizeof(list), text);
	while (*text && strcmp(text, "-1") && (word = strsep(&rest, ","))) {
		if (!cinterion_number(word, 1, CINTERION_SLOTS - 1, &slot))
			return CME_PARAMETERS; /* */
		slots[slot] = true;
	}
	str_copy(s->sec_opt, sizeof(s->sec_opt), text);
	memcpy(s->slots, slots, sizeof(slots));
	return C_OK;
}

static int
siss_set(struct cinterion *c, const struct at_args *a)
{
	const char *tag = at_str(a, 1), *value = at_str(a, 2);
	struct serv *s = NULL;
	int r = serv_find(c, a, &s);
	long v;

	if (!s)
		return r;
	if (a->n < 3 || (a->n > 3 && !cinterion_word(tag, "secOpt")))
		return CME_PARAMETERS;
	if (s->state != SERV_ALLOCATED)
		return CME_NOT_NOW;
	if (cinterion_word(tag, "srvType"))
		return srv_type_set(s, value);
	if (r)
		return r;
	if (cinterion_word(tag, "secOpt"))
		return sec_opt_set(s, a);
	if (cinterion_word(tag, "address"))
		return *value && str_copy(s->address, sizeof(s->address), value) ? C_OK : CME_PARAMETERS;

	const struct {
		const char *tag;
		long min, max;
		int *at;
	} numbers[] = {
		{ "conId", 0, CINTERION_BEARERS - 1, &s->con_id },
		{ "alphabet", 0, 1, &s->alphabet },
		{ "tcpMR", 1, 30, &s->tcp_mr },
		{ "tcpOT", 1, 6000, &s->tcp_ot },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!cinterion_word(tag, numbers[i].tag))
			continue;
		if (!cinterion_number(value, numbers[i].min, numbers[i].max, &v))
			return CME_PARAMETERS;
		*numbers[i].at = (int)v;
		return C_OK;
	}
	return CME_NOT_SUPPORTED;
}

static int
siss_read(struct cinterion *c)
{
	for (int i = 0; i < CINTERION_SERVICES; i++) {
		const struct serv *s = &c->serv[i];
		char con_id[12] = "";

		cinterion_info(c, "^SISS: %d,\"srvType\",\"%s\"", i, type_names[s->type]);
		if (s->type == SERV_NONE)
			continue;
		if (s->con_id >= 0)
			snprintf(con_id, sizeof(con_id), "%d", s->con_id);
		cinterion_info(c, "^SISS: %d,\"conId\",\"%s\"", i, con_id);
		cinterion_info(c, "^SISS: %d,\"alphabet\",\"%d\"", i, s->alphabet);
		cinterion_info(c, "^SISS: %d,\"address\",\"%s\"", i, s->address);
		cinterion_info(c, "^SISS: %d,\"tcpMR\",\"%d\"", i, s->tcp_mr);
		cinterion_info(c, "^SISS: %d,\"tcpOT\",\"%d\"", i, s->tcp_ot);
		cinterion_info(c, "^SISS: %d,\"secOpt\",\"%s\"", i, s->sec_opt);
	}
	return C_OK;
}

/* The address. */

static bool
read_option(struct serv *s, const char *option)
{
	long v;

	if (str_starts(option, "timer=")) {
		if (!cinterion_number(option + 6, 20, 500, &v) || v % 20)
			return false;
		s->gather_ms = (unsigned)v;
		return true;
	}
	if (!str_starts(option, "etx=") || !cinterion_number(option + 4, 1, 255, &v) || v == 16)
		return false;
	s->etx = (int)v;
	return true;
}

/* HOST:PORT and, for Transparent, options behind semicolons or colons (A-04b).  0 or a code of ^SIS. */
static int
read_address(struct serv *s)
{
	char text[sizeof(s->address)];
	char *rest = text, *host, *port, *option;
	long v;

	cinterion_decode(text, sizeof(text), s->address, s->alphabet == 1);
	s->gather_ms = 100;
	s->etx = -1;
	if (str_starts(text, "sockudp://"))
		return SIS_ENTITY;
	if (s->type == SERV_SOCKET && !str_starts(text, "socktcp://"))
		return SIS_SYNTAX;
	if (s->type == SERV_SOCKET)
		rest += strlen("socktcp://");
	host = strsep(&rest, ":");
	port = rest ? strsep(&rest, ":;") : "";
	if (!*host || !cinterion_number(port, 1, 65535, &v) || host[strcspn(host, "/;@ ")])
		return SIS_SYNTAX;
	if (!strcmp(host, "listener"))
		return SIS_ENTITY;
	while ((option = strsep(&rest, ":;")))
		if (s->type == SERV_SOCKET || !read_option(s, option))
			return SIS_SYNTAX;
	str_copy(s->host, sizeof(s->host), host);
	s->port = (unsigned)v;
	return 0;
}

/* ^SISO. */

static int
open_now(struct cinterion *c, struct serv *s)
{
	struct bearer *b = &c->bearers[s->con_id];

	s->refusal = b->defined ? read_address(s) : SIS_NO_BEARER_PROFILE;
	s->state = SERV_CONNECTING;
	s->error = 0;
	s->sent = s->received = 0;
	s->ended = s->end_told = s->full = s->send_ended = s->send_done = s->ready_armed = false;
	s->ring_armed = true;
	c->m->counters.dials++;
	if (s->refusal || b->state == BEARER_UP)
		conn_dial(s);
	if (!s->refusal)
		bearer_raise(b);
	return C_OK;
}

static int
siso_set(struct cinterion *c, const struct at_args *a)
{
	struct serv *s;
	int r = serv_find(c, a, &s), open = 0;

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (s->con_id < 0 || !*s->address)
		return CME_NOT_ALLOWED;
	if (s->state != SERV_ALLOCATED || card_error(&c->card) || !cinterion_registered(c))
		return CME_NOT_NOW;
	for (int i = 0; i < CINTERION_SERVICES; i++)
		open += serv_live(&c->serv[i]);
	if (open >= CINTERION_OPEN_MAX)
		return CME_SERVICE_LIMIT;
	return open_now(c, s);
}

static int
siso_read(struct cinterion *c)
{
	for (int i = 0; i < CINTERION_SERVICES; i++) {
		const struct serv *s = &c->serv[i];
		bool known = s->state != SERV_ALLOCATED && *s->remote_ip;

		if (s->type == SERV_NONE)
			cinterion_info(c, "^SISO: %d,\"\"", i);
		else
			cinterion_info(c, "^SISO: %d,\"%s\",%d,%d,%llu,%llu,\"%s:%u\",\"%s:%u\"", i, type_names[s->type], s->state,
				       s->conn ? 2 : 1, (unsigned long long)s->received, (unsigned long long)s->sent,
				       known ? c->m->opts.address : "0.0.0.0", known ? s->local_port : 0,
				       known ? s->remote_ip : "0.0.0.0", known ? s->port : 0);
	}
	return C_OK;
}

/* ^SISC. */

static void
hang_over(struct cinterion *c)
{
	cinterion_finish(c, C_ERROR);
}

static int
sisc_set(struct cinterion *c, const struct at_args *a)
{
	struct serv *s;
	int r = serv_find(c, a, &s);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (s->state == SERV_UP && c->m->faults.stuck_open) {
		c->m->counters.faults++;
		if (c->m->faults.stuck_open == STUCK_REFUSE)
			return CME_NOT_NOW;
		cinterion_later(c, hang_over, HANG_MS);
		return C_LATER;
	}
	serv_close(s, false);
	return C_OK;
}

/* ^SISI and ^SISE. */

static void
sisi_line(struct cinterion *c, const struct serv *s)
{
	unsigned long long unacked = s->tx.len;

	cinterion_info(c, "^SISI: %d,%d,%llu,%llu,%llu,%llu", s->id, s->state, (unsigned long long)s->received,
		       (unsigned long long)s->sent, (unsigned long long)s->sent - unacked, unacked);
}

static int
sisi_set(struct cinterion *c, const struct at_args *a)
{
	struct serv *s;
	int r = serv_find(c, a, &s);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	sisi_line(c, s);
	return C_OK;
}

static int
sisi_read(struct cinterion *c)
{
	for (int i = 0; i < CINTERION_SERVICES; i++)
		if (c->serv[i].type != SERV_NONE)
			sisi_line(c, &c->serv[i]);
	return C_OK;
}

static int
sise_set(struct cinterion *c, const struct at_args *a)
{
	struct serv *s;
	int r = serv_find(c, a, &s);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (s->error)
		cinterion_info(c, "^SISE: %d,%d,\"%s\"", s->id, s->error, sis_text(s->error));
	else
		cinterion_info(c, "^SISE: %d,0", s->id);
	return C_OK;
}

void
serv_init(struct cinterion *c, struct serv *s, int id)
{
	s->c = c;
	s->id = id;
	s->state = SERV_ALLOCATED;
	conn_make(s);
	serv_factory(s, SERV_NONE);
}

void
serv_deinit(struct serv *s)
{
	serv_close(s, true);
	fifo_deinit(&s->tx);
	fifo_deinit(&s->rx);
}

const struct cinterion_cmd cinterion_serv_cmds[] = {
	{ "^SISS", siss_set, siss_read },
	{ "^SISO", siso_set, siso_read },
	{ "^SISC", sisc_set, NULL },
	{ "^SISI", sisi_set, sisi_read },
	{ "^SISE", sise_set, NULL },
	{ 0 },
};
