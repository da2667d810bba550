/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-net.c - simulated Cinterion modules: SIM, registration, connection profiles and their bearers
 *
 * A bearer comes up with the first service that is opened on its profile, and
 * goes inactTO seconds after the last one that held it.
 */
#include "cinterion.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define LOST_MS 60000  /* what tcpMR retransmissions come to, without a network */
#define INACT_TO_S 20  /* */
#define NO_ADDRESS "0.0.0.0"

bool
cinterion_registered(const struct cinterion *c)
{
	return c->registered == 1 || c->registered == 5;
}

/* Bearers. */

int
bearer_services(const struct bearer *b)
{
	int n = 0;

	for (int i = 0; i < CINTERION_SERVICES; i++)
		n += b->c->serv[i].con_id == b->id && serv_live(&b->c->serv[i]);
	return n;
}

void
bearer_drop(struct bearer *b)
{
	timer_stop(b->c->m->clock, &b->timer);
	if (b->state != BEARER_DOWN)
		module_log(b->c->m, "* bearer %d down", b->id);
	b->state = BEARER_DOWN;
}

static void
bearer_lost(struct bearer *b, int code)
{
	if (b->state == BEARER_DOWN)
		return;
	bearer_drop(b);
	serv_bearer_lost(b, code);
}

static void
all_bearers_lost(struct cinterion *c, int code)
{
	for (int i = 0; i < CINTERION_BEARERS; i++)
		bearer_lost(&c->bearers[i], code);
}

static bool
network_takes(const struct bearer *b)
{
	const struct module_opts *o = &b->c->m->opts;
	char apn[100], user[64];

	cinterion_decode(apn, sizeof(apn), b->apn, b->alphabet);
	cinterion_decode(user, sizeof(user), b->user, b->alphabet);
	if (!cinterion_registered(b->c) || (o->apn && strcmp(o->apn, apn)))
		return false;
	return !o->pdp_user || (!strcmp(o->pdp_user, user) && !strcmp(o->pdp_password ? o->pdp_password : "", b->password));
}

static void
bearer_turn(void *arg)
{
	struct bearer *b = arg;
	struct cinterion *c = b->c;

	if (b->state == BEARER_UP) { /* idle for inactTO */
		bearer_drop(b);
		return;
	}
	if (network_takes(b)) {
		b->state = BEARER_UP;
		module_log(c->m, "* bearer %d up", b->id);
		cinterion_mend(c, DEAD_CONTEXT);
		serv_bearer_up(b);
		bearer_check_idle(b);
	} else {
		bearer_drop(b);
		serv_bearer_failed(b, SIS_NOT_UP);
	}
	if (c->raising == b) {
		c->raising = NULL;
		cinterion_finish(c, b->state == BEARER_UP ? C_OK : CME_NO_NETWORK);
	}
}

void
bearer_raise(struct bearer *b)
{
	timer_stop(b->c->m->clock, &b->timer);
	if (b->state == BEARER_CONNECTING)
		timer_in(b->c->m->clock, &b->timer, b->c->m->opts.activate_ms);
	if (b->state != BEARER_DOWN)
		return;
	b->state = BEARER_CONNECTING;
	timer_in(b->c->m->clock, &b->timer, b->c->m->opts.activate_ms);
}

void
bearer_check_idle(struct bearer *b)
{
	if (b->state == BEARER_UP && !bearer_services(b) && b->timer.state == TIMER_OFF)
		timer_in(b->c->m->clock, &b->timer, (uint64_t)b->inact_to * 1000);
}

/* Registration. */

static void
say_registration(struct cinterion *c)
{
	const char *where = cinterion_registered(c) ? ",\"1D4F\",\"6C21\"" : "";

	if (c->p.creg)
		cinterion_urc(c, "+CREG: %d%s", c->registered, c->p.creg == 2 ? where : "");
	if (c->p.cgreg)
		cinterion_urc(c, "+CGREG: %d%s", c->registered, c->p.cgreg == 2 ? where : "");
}

/* Searching, it keeps its connections for as long as TCP hopes; refused, it has none. */
static void
set_registered(struct cinterion *c, int stat)
{
	if (stat == c->registered)
		return;
	c->registered = stat;
	say_registration(c);
	if (cinterion_registered(c)) {
		timer_stop(c->m->clock, &c->lost_timer);
		cinterion_wake(c);
	} else if (stat == 2) {
		timer_in(c->m->clock, &c->lost_timer, LOST_MS);
	} else {
		all_bearers_lost(c, SIS_UNAVAILABLE);
	}
}

static void
hope_lost(void *arg)
{
	all_bearers_lost(arg, SIS_TIMEOUT);
}

static void
search_done(void *arg)
{
	struct cinterion *c = arg;

	if (!card_error(&c->card))
		set_registered(c, c->network_says);
}

/* The SIM has become usable. */
static void
sim_ready(struct cinterion *c)
{
	if (c->m->opts.register_ms) {
		c->registered = 2;
		timer_in(c->m->clock, &c->reg_timer, c->m->opts.register_ms);
	} else {
		set_registered(c, c->network_says);
	}
}

/* Life. */

static void
bearer_factory(struct bearer *b)
{
	b->defined = false;
	b->con_type[0] = b->apn[0] = b->user[0] = b->password[0] = '\0';
	b->inact_to = INACT_TO_S;
	b->alphabet = 0;
	for (int i = 0; i < 2; i++)
		str_copy(b->dns[i], sizeof(b->dns[i]), NO_ADDRESS);
}

void
cinterion_net_make(struct cinterion *c)
{
	timer_init(&c->reg_timer, search_done, c);
	timer_init(&c->lost_timer, hope_lost, c);
	for (int i = 0; i < CINTERION_BEARERS; i++) {
		struct bearer *b = &c->bearers[i];

		b->c = c;
		b->id = i;
		timer_init(&b->timer, bearer_turn, b);
	}
	c->network_says = 1;
	card_make(&c->card, c->m->opts.sim_pin);
	c->card.in = !c->m->opts.no_sim;
}

void
cinterion_net_reset(struct cinterion *c)
{
	timer_stop(c->m->clock, &c->reg_timer);
	timer_stop(c->m->clock, &c->lost_timer);
	card_power(&c->card);
	c->registered = 0;
	c->raising = NULL;
	for (int i = 0; i < CINTERION_BEARERS; i++) {
		bearer_drop(&c->bearers[i]);
		bearer_factory(&c->bearers[i]);
	}
}

void
cinterion_net_init(struct cinterion *c)
{
	if (!card_error(&c->card))
		sim_ready(c);
}

static void
card_out(struct cinterion *c)
{
	c->card.in = false;
	timer_stop(c->m->clock, &c->reg_timer);
	set_registered(c, 0);
}

static void
card_in(struct cinterion *c)
{
	if (c->card.in)
		return;
	c->card.in = true;
	card_power(&c->card);
	if (c->mode != C_OFF && !card_error(&c->card))
		sim_ready(c);
}

void
cinterion_swap_card(void *state, const char *pin)
{
	struct cinterion *c = state;

	card_out(c);
	card_make(&c->card, pin);
	c->card.in = false;
	card_in(c);
}

void
cinterion_net_event(struct cinterion *c, enum sim_event event)
{
	switch (event) {
	case SIM_DROP_CONTEXT:
		all_bearers_lost(c, SIS_UNAVAILABLE);
		break;
	case SIM_REMOVE_CARD:
		card_out(c);
		break;
	case SIM_INSERT_CARD:
		card_in(c);
		break;
	case SIM_DEREGISTER:
		c->network_says = 2;
		break;
	case SIM_DENY:
		c->network_says = 3;
		break;
	case SIM_REGISTER:
		c->network_says = 1;
		break;
	case SIM_ROAM:
		c->network_says = 5;
		break;
	default:
		break;
	}
	if (!card_error(&c->card) && c->reg_timer.state == TIMER_OFF && c->mode != C_OFF)
		set_registered(c, c->network_says);
}

/* SIM and network. */

static int
cpin_read(struct cinterion *c)
{
	int error = card_error(&c->card);

	if (error == CME_NO_SIM || error == CME_SIM_FAILURE)
		return error;
	cinterion_info(c, "+CPIN: %s", card_status(&c->card));
	return C_OK;
}

static int
cpin_set(struct cinterion *c, const struct at_args *a)
{
	int r = card_enter(&c->card, a, c->m->opts.sim_puk);

	if (r)
		return r < 0 ? CME_PARAMETERS : r;
	cinterion_finish(c, C_OK);
	sim_ready(c);
	return C_LATER;
}

static int
csq(struct cinterion *c)
{
	cinterion_info(c, cinterion_registered(c) ? "+CSQ: 18,0" : "+CSQ: 99,99");
	return C_OK;
}

static int
reg_set(const struct at_args *a, int *n)
{
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, 2, -1, &v))
		return CME_PARAMETERS;
	*n = (int)v;
	return C_OK;
}

static int
reg_read(struct cinterion *c, const char *name, int n)
{
	cinterion_info(c, "%s: %d,%d%s", name, n, c->registered, n == 2 && cinterion_registered(c) ? ",\"1D4F\",\"6C21\"" : "");
	return C_OK;
}

static int
creg_set(struct cinterion *c, const struct at_args *a)
{
	return reg_set(a, &c->p.creg);
}

static int
creg_read(struct cinterion *c)
{
	return reg_read(c, "+CREG", c->p.creg);
}

static int
cgreg_set(struct cinterion *c, const struct at_args *a)
{
	return reg_set(a, &c->p.cgreg);
}

static int
cgreg_read(struct cinterion *c)
{
	return reg_read(c, "+CGREG", c->p.cgreg);
}

static int
cops_read(struct cinterion *c)
{
	if (card_error(&c->card))
		return card_error(&c->card);
	if (cinterion_registered(c))
		cinterion_info(c, "+COPS: 0,0,\"Simulated\"");
	else
		cinterion_info(c, "+COPS: 0");
	return C_OK;
}

/* ^SICS. */

static int
bearer_find(struct cinterion *c, const struct at_args *a, struct bearer **ret)
{
	long id;

	if (!at_int(a, 0, 0, 99999999, -1, &id))
		return CME_PARAMETERS;
	if (id >= CINTERION_BEARERS)
		return CME_INDEX;
	*ret = &c->bearers[id];
	return 0;
}

static int
con_type_set(struct bearer *b, const char *value)
{
	bool none = cinterion_word(value, "none");

	if (!none && !cinterion_word(value, "GPRS0"))
		return CME_PARAMETERS;
	bearer_factory(b);
	b->defined = !none;
	str_copy(b->con_type, sizeof(b->con_type), none ? "" : "GPRS0");
	return C_OK;
}

static bool
is_ipv4(const char *text)
{
	unsigned v[4];
	int used = 0;

	if (sscanf(text, "%3u.%3u.%3u.%3u%n", &v[0], &v[1], &v[2], &v[3], &used) != 4 || text[used])
		return false;
	return v[0] < 256 && v[1] < 256 && v[2] < 256 && v[3] < 256;
}

static int
sics_set(struct cinterion *c, const struct at_args *a)
{
	const char *tag = at_str(a, 1), *value = at_str(a, 2);
	struct bearer *b;
	int r = bearer_find(c, a, &b);
	long v;

	if (r)
		return r;
	if (a->n != 3)
		return CME_PARAMETERS;
	if (b->state != BEARER_DOWN || bearer_services(b))
		return CME_NOT_NOW;
	if (cinterion_word(tag, "conType"))
		return con_type_set(b, value);
	if (!b->defined)
		return CME_NOT_ALLOWED;
	if (cinterion_word(tag, "apn"))
		return str_copy(b->apn, sizeof(b->apn), value) ? C_OK : CME_PARAMETERS;
	if (cinterion_word(tag, "user"))
		return str_copy(b->user, sizeof(b->user), value) ? C_OK : CME_PARAMETERS;
	if (cinterion_word(tag, "passwd"))
		return str_copy(b->password, sizeof(b->password), value) ? C_OK : CME_PARAMETERS;
	if (cinterion_word(tag, "dns1") || cinterion_word(tag, "dns2")) {
		if (!is_ipv4(value))
			return CME_PARAMETERS;
		str_copy(b->dns[tag[3] - '1'], sizeof(b->dns[0]), value);
		return C_OK;
	}
	if (cinterion_word(tag, "inactTO") || cinterion_word(tag, "alphabet")) {
		bool to = cinterion_word(tag, "inactTO");

		if (!cinterion_number(value, 0, to ? 65535 : 1, &v))
			return CME_PARAMETERS;
		*(to ? &b->inact_to : &b->alphabet) = (int)v;
		return C_OK;
	}
	return CME_NOT_SUPPORTED;
}

static int
sics_read(struct cinterion *c)
{
	for (int i = 0; i < CINTERION_BEARERS; i++) {
		const struct bearer *b = &c->bearers[i];

		cinterion_info(c, "^SICS: %d,\"conType\",\"%s\"", i, b->con_type);
		if (!b->defined)
			continue;
		cinterion_info(c, "^SICS: %d,\"inactTO\",\"%d\"", i, b->inact_to);
		cinterion_info(c, "^SICS: %d,\"user\",\"%s\"", i, b->user);
		cinterion_info(c, "^SICS: %d,\"passwd\",\"%s\"", i, *b->password ? "*****" : "");
		cinterion_info(c, "^SICS: %d,\"apn\",\"%s\"", i, b->apn);
		cinterion_info(c, "^SICS: %d,\"dns1\",\"%s\"", i, b->dns[0]);
		cinterion_info(c, "^SICS: %d,\"dns2\",\"%s\"", i, b->dns[1]);
		cinterion_info(c, "^SICS: %d,\"alphabet\",\"%d\"", i, b->alphabet);
	}
	return C_OK;
}

static void
sici_line(struct cinterion *c, const struct bearer *b)
{
	cinterion_info(c, "^SICI: %d,%d,%d,\"%s\"", b->id, b->state, bearer_services(b),
		       b->state == BEARER_UP ? c->m->opts.address : NO_ADDRESS);
}

static int
sici_read(struct cinterion *c)
{
	for (int i = 0; i < CINTERION_BEARERS; i++)
		if (c->bearers[i].defined)
			sici_line(c, &c->bearers[i]);
	return C_OK;
}

static int
sici_set(struct cinterion *c, const struct at_args *a)
{
	struct bearer *b;
	int r = bearer_find(c, a, &b);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (!b->defined)
		return CME_NOT_ALLOWED;
	sici_line(c, b);
	return C_OK;
}

static int
sico_set(struct cinterion *c, const struct at_args *a)
{
	struct bearer *b;
	int r = bearer_find(c, a, &b);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (!b->defined)
		return CME_NOT_ALLOWED;
	if (!cinterion_registered(c) || b->state != BEARER_DOWN)
		return CME_NOT_NOW;
	c->raising = b;
	bearer_raise(b);
	return C_LATER;
}

static int
sicc_set(struct cinterion *c, const struct at_args *a)
{
	struct bearer *b;
	int r = bearer_find(c, a, &b);

	if (r)
		return r;
	if (a->n != 1)
		return CME_PARAMETERS;
	if (!b->defined)
		return CME_NOT_ALLOWED;
	if (bearer_services(b))
		return CME_NOT_NOW;
	bearer_drop(b);
	return C_OK;
}

const struct cinterion_cmd cinterion_net_cmds[] = {
	{ "+CPIN", cpin_set, cpin_read },
	{ "+CSQ", NULL, NULL, csq },
	{ "+CREG", creg_set, creg_read },
	{ "+CGREG", cgreg_set, cgreg_read },
	{ "+COPS", NULL, cops_read },
	{ "^SICS", sics_set, sics_read },
	{ "^SICI", sici_set, sici_read },
	{ "^SICO", sico_set, NULL, NULL, ONLY_WM01 },
	{ "^SICC", sicc_set, NULL, NULL, ONLY_WM01 },
	{ 0 },
};
