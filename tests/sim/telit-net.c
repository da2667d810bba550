/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-net.c - simulated Telit modules: SIM, registration, PDP context
 *
 * What to know first: reading #SGACT gives cid and state, setting it gives the
 * address; and everything here is forgotten at a reset but the definitions.
 */
#include "telit.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

int
telit_sim_error(const struct telit *t)
{
	return card_error(&t->card);
}

static int
qss_status(const struct telit *t)
{
	if (!t->card.in)
		return 0;
	if (telit_sim_error(t))
		return 1;
	return t->registered == 1 || t->registered == 5 ? 3 : 2;
}

static void
say_qss(struct telit *t)
{
	if (t->p.qss)
		telit_urc(t, "#QSS: %d", qss_status(t));
}

static void
say_registration(struct telit *t)
{
	const char *where = t->registered == 1 || t->registered == 5 ? ",\"1D4F\",\"6C21\"" : "";

	if (t->p.creg)
		telit_urc(t, "+CREG: %d%s", t->registered, t->p.creg == 2 ? where : "");
	if (t->p.cgreg)
		telit_urc(t, "+CGREG: %d%s", t->registered, t->p.cgreg == 2 ? where : "");
}

static void
say_cgev(struct telit *t, const char *text)
{
	if (!t->p.cgerep || (t->p.cgerep == 1 && t->mode == T_ONLINE))
		return;
	telit_urc(t, "+CGEV: %s", text);
}

/* The context is gone, and what ran over it. */
static void
context_lost(struct telit *t, int cid, const char *why)
{
	if (!t->context[cid])
		return;
	t->context[cid] = false;
	if (why) {
		char text[100];

		snprintf(text, sizeof(text), "%s \"IP\",\"%s\",%d", why, t->m->opts.address, cid);
		say_cgev(t, text);
	}
	telit_ssl_forget(t);
	if (t->ssl.cid == cid)
		sock_lost(&t->ssl, CAUSE_CONTEXT);
	for (int i = 0; i < TELIT_SOCKETS; i++)
		if (t->plain[i].cid == cid)
			sock_lost(&t->plain[i], CAUSE_CONTEXT);
}

static void
all_contexts_lost(struct telit *t, const char *why)
{
	for (int cid = 1; cid <= TELIT_CIDS; cid++)
		context_lost(t, cid, why);
}

static void
set_registered(struct telit *t, int stat)
{
	bool was = t->registered == 1 || t->registered == 5, is = stat == 1 || stat == 5;

	if (stat == t->registered)
		return;
	t->registered = stat;
	t->attached = is;
	say_registration(t);
	if (was && !is) {
		say_cgev(t, "NW DETACH");
		all_contexts_lost(t, NULL);
	}
	if (is) {
		say_qss(t);
		telit_network_time(t, 0);
	}
}

static void
search_done(void *arg)
{
	struct telit *t = arg;

	if (!telit_sim_error(t))
		set_registered(t, t->denied_as);
}

/* The SIM has become usable. */
static void
sim_ready(struct telit *t)
{
	say_qss(t);
	if (t->m->opts.register_ms) {
		t->registered = 2;
		timer_in(t->m->clock, &t->reg_timer, t->m->opts.register_ms);
	} else {
		set_registered(t, t->denied_as);
	}
}

void
telit_net_reset(struct telit *t)
{
	if (!t->reg_timer.fn)
		timer_init(&t->reg_timer, search_done, t);
	timer_stop(t->m->clock, &t->reg_timer);
	card_power(&t->card);
	t->registered = 0;
	t->attached = false;
	memset(t->context, 0, sizeof(t->context));
}

static void
definition_name(char *dst, size_t size, int cid)
{
	snprintf(dst, size, "cgdcont%d", cid);
}

void
telit_net_init(struct telit *t)
{
	const char *auth = flash_text(t->m->flash, "sgactauth");

	for (int cid = 1; cid <= TELIT_CIDS; cid++) {
		char name[32];
		const char *text;

		definition_name(name, sizeof(name), cid);
		text = flash_text(t->m->flash, name);
		t->pdp_type[cid][0] = t->apn[cid][0] = '\0';
		if (text)
			sscanf(text, "%7s %63s", t->pdp_type[cid], t->apn[cid]);
	}
	t->auth = auth ? *auth - '0' : 1;
	if (!telit_sim_error(t))
		sim_ready(t);
}

static void
card_out(struct telit *t)
{
	if (!t->card.in)
		return;
	t->card.in = false;
	timer_stop(t->m->clock, &t->reg_timer);
	set_registered(t, 0);
	if (t->mode != T_OFF)
		say_qss(t);
}

static void
card_in(struct telit *t)
{
	if (t->card.in)
		return;
	t->card.in = true;
	card_power(&t->card);
	if (t->mode == T_OFF)
		return;
	if (telit_sim_error(t))
		say_qss(t);
	else
		sim_ready(t);
}

void
telit_swap_card(void *state, const char *pin)
{
	struct telit *t = state;

	card_out(t);
	card_make(&t->card, pin);
	t->card.in = false;
	card_in(t);
}

void
telit_net_event(struct telit *t, enum sim_event event)
{
	switch (event) {
	case SIM_DROP_CONTEXT:
		all_contexts_lost(t, "NW DEACT");
		break;
	case SIM_REMOVE_CARD:
		card_out(t);
		break;
	case SIM_INSERT_CARD:
		card_in(t);
		break;
	case SIM_DEREGISTER:
		t->denied_as = 2;
		break;
	case SIM_DENY:
		t->denied_as = 3;
		break;
	case SIM_REGISTER:
		t->denied_as = 1;
		break;
	case SIM_ROAM:
		t->denied_as = 5;
		break;
	default:
		break;
	}
	if (!telit_sim_error(t) && t->reg_timer.state == TIMER_OFF && t->mode != T_OFF)
		set_registered(t, t->denied_as);
}

/* SIM. */

static int
cpin_read(struct telit *t)
{
	int error = telit_sim_error(t);

	if (error == CME_NO_SIM || error == CME_SIM_FAILURE)
		return error;
	telit_info(t, "+CPIN: %s", card_status(&t->card));
	return T_OK;
}

static int
cpin_set(struct telit *t, const struct at_args *a)
{
	int r = card_enter(&t->card, a, t->m->opts.sim_puk);

	if (r)
		return r < 0 ? CME_NOT_SUPPORTED : r;
	telit_finish(t, T_OK);
	sim_ready(t);
	return T_LATER;
}

static int
qss_set(struct telit *t, const struct at_args *a)
{
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, 2, -1, &v))
		return CME_NOT_SUPPORTED;
	t->p.qss = (int)v;
	return T_OK;
}

static int
qss_read(struct telit *t)
{
	telit_info(t, "#QSS: %d,%d", t->p.qss, qss_status(t));
	return T_OK;
}

/* Network. */

static int
csq(struct telit *t)
{
	telit_info(t, t->registered ? "+CSQ: 18,0" : "+CSQ: 99,99");
	return T_OK;
}

static int
reg_set(const struct at_args *a, int *n)
{
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, 2, -1, &v))
		return CME_NOT_SUPPORTED;
	*n = (int)v;
	return T_OK;
}

static int
reg_read(struct telit *t, const char *name, int n)
{
	bool in = t->registered == 1 || t->registered == 5;

	telit_info(t, "%s: %d,%d%s", name, n, t->registered, n == 2 && in ? ",\"1D4F\",\"6C21\"" : "");
	return T_OK;
}

static int
creg_set(struct telit *t, const struct at_args *a)
{
	return reg_set(a, &t->p.creg);
}

static int
creg_read(struct telit *t)
{
	return reg_read(t, "+CREG", t->p.creg);
}

static int
cgreg_set(struct telit *t, const struct at_args *a)
{
	return reg_set(a, &t->p.cgreg);
}

static int
cgreg_read(struct telit *t)
{
	return reg_read(t, "+CGREG", t->p.cgreg);
}

static int
cops_read(struct telit *t)
{
	if (t->registered == 1 || t->registered == 5)
		telit_info(t, "+COPS: 0,0,\"Simulated\"");
	else
		telit_info(t, "+COPS: 0");
	return T_OK;
}

static int
cgerep_set(struct telit *t, const struct at_args *a)
{
	long mode, buffered;

	if (a->n > 2 || !at_int(a, 0, 0, 2, 0, &mode) || !at_int(a, 1, 0, 1, 0, &buffered))
		return CME_NOT_SUPPORTED;
	t->p.cgerep = (int)mode;
	return T_OK;
}

static int
cgerep_read(struct telit *t)
{
	telit_info(t, "+CGEREP: %d,0", t->p.cgerep);
	return T_OK;
}

static void
attach(struct telit *t)
{
	/* the network may have gone meanwhile */
	t->attached = t->registered == 1 || t->registered == 5;
	if (t->attached)
		telit_mend(t, DEAD_ATTACH);
	telit_finish(t, t->attached ? T_OK : CME_NO_NETWORK);
}

static int
cgatt_set(struct telit *t, const struct at_args *a)
{
	long on;

	if (a->n != 1 || !at_int(a, 0, 0, 1, -1, &on))
		return CME_NOT_SUPPORTED;
	if (on && t->registered != 1 && t->registered != 5)
		return CME_NO_NETWORK;
	if (on == t->attached)
		return T_OK;
	if (on) {
		t->m->counters.attaches++;
		telit_later(t, attach, t->m->opts.attach_ms);
		return T_LATER;
	}
	t->m->counters.detaches++;
	t->attached = false;
	say_cgev(t, "ME DETACH");
	all_contexts_lost(t, NULL);
	return T_OK;
}

static int
cgatt_read(struct telit *t)
{
	telit_info(t, "+CGATT: %d", t->attached);
	return T_OK;
}

/* PDP. */

static int
cgdcont_set(struct telit *t, const struct at_args *a)
{
	char name[32], text[80];
	long cid;

	if (a->n > 6 || !at_int(a, 0, 1, TELIT_CIDS, -1, &cid))
		return CME_NOT_SUPPORTED;
	definition_name(name, sizeof(name), (int)cid);
	if (a->n == 1) {
		t->pdp_type[cid][0] = t->apn[cid][0] = '\0';
		flash_delete(t->m->flash, name);
		return T_OK;
	}
	if ((strcmp(a->v[1], "IP") && strcmp(a->v[1], "PPP")) || strlen(at_str(a, 2)) > 63 || strchr(at_str(a, 2), ' '))
		return CME_NOT_SUPPORTED;
	str_copy(t->pdp_type[cid], sizeof(t->pdp_type[cid]), a->v[1]);
	str_copy(t->apn[cid], sizeof(t->apn[cid]), at_str(a, 2));
	snprintf(text, sizeof(text), "%s %s", t->pdp_type[cid], t->apn[cid]);
	flash_put_text(t->m->flash, name, text);
	return T_OK;
}

static int
cgdcont_read(struct telit *t)
{
	for (int cid = 1; cid <= TELIT_CIDS; cid++)
		if (*t->pdp_type[cid])
			telit_info(t, "+CGDCONT: %d,\"%s\",\"%s\",\"\",0,0", cid, t->pdp_type[cid], t->apn[cid]);
	return T_OK;
}

static int
sgactauth_set(struct telit *t, const struct at_args *a)
{
	char text[2];
	long v;

	if (a->n != 1 || !at_int(a, 0, 0, 2, -1, &v))
		return CME_NOT_SUPPORTED;
	t->auth = (int)v;
	snprintf(text, sizeof(text), "%d", t->auth);
	flash_put_text(t->m->flash, "sgactauth", text);
	return T_OK;
}

static int
sgactauth_read(struct telit *t)
{
	telit_info(t, "#SGACTAUTH: %d", t->auth);
	return T_OK;
}

static bool
any_socket_on(const struct telit *t, int cid, bool open)
{
	for (int i = 0; i < TELIT_SOCKETS; i++)
		if (t->plain[i].cid == cid && (!open || t->plain[i].state != SOCK_CLOSED))
			return true;
	return open && t->ssl.cid == cid && t->ssl.state != SOCK_CLOSED;
}

static void
activate(struct telit *t)
{
	int cid = t->act_cid;
	const char *want = t->m->opts.apn;

	if (!t->attached || (want && strcmp(want, t->apn[cid]))) {
		telit_finish(t, CME_CTX_FAILED);
		return;
	}
	t->context[cid] = true;
	telit_mend(t, DEAD_CONTEXT);
	telit_info(t, "#SGACT: %s", t->m->opts.address);
	telit_finish(t, T_OK);
}

static int
sgact_set(struct telit *t, const struct at_args *a)
{
	long cid, on;

	if (a->n < 2 || a->n > 4 || !at_int(a, 0, 1, TELIT_CIDS, -1, &cid) || !at_int(a, 1, 0, 1, -1, &on))
		return CME_NOT_SUPPORTED;
	if (!on) {
		if (any_socket_on(t, (int)cid, true))
			return CME_NOT_ALLOWED;
		t->context[cid] = false;
		telit_ssl_forget(t);
		return T_OK;
	}
	if (t->context[cid])
		return CME_CTX_ALREADY;
	if (!*t->pdp_type[cid] || !any_socket_on(t, (int)cid, false))
		return CME_CTX_FAILED;
	if (t->m->opts.pdp_user &&
	    (t->auth == 0 || strcmp(at_str(a, 2), t->m->opts.pdp_user) ||
	     strcmp(at_str(a, 3), t->m->opts.pdp_password ? t->m->opts.pdp_password : "")))
		return CME_CTX_FAILED;
	t->act_cid = (int)cid;
	telit_later(t, activate, t->m->opts.activate_ms);
	return T_LATER;
}

static int
sgact_read(struct telit *t)
{
	for (int cid = 1; cid <= TELIT_CIDS; cid++)
		if (*t->pdp_type[cid])
			telit_info(t, "#SGACT: %d,%d", cid, t->context[cid]);
	return T_OK;
}

static int
cgpaddr_set(struct telit *t, const struct at_args *a)
{
	long cid;

	if (a->n != 1 || !at_int(a, 0, 1, TELIT_CIDS, -1, &cid))
		return CME_NOT_SUPPORTED;
	if (t->context[cid])
		telit_info(t, "+CGPADDR: %ld,%s", cid, t->m->opts.address);
	else
		telit_info(t, "+CGPADDR: %ld,", cid);
	return T_OK;
}

const struct telit_cmd telit_net_cmds[] = {
	{ "+CPIN", cpin_set, cpin_read, NULL, "" },
	{ "#QSS", qss_set, qss_read, NULL, "(0-2)" },
	{ "+CSQ", NULL, NULL, csq, "(0-31,99),(0-7,99)" },
	{ "+CREG", creg_set, creg_read, NULL, "(0-2)" },
	{ "+CGREG", cgreg_set, cgreg_read, NULL, "(0-2)" },
	{ "+COPS", NULL, cops_read, NULL, NULL, NEED_SIM },
	{ "+CGEREP", cgerep_set, cgerep_read, NULL, "(0-2),(0,1)" },
	{ "+CGATT", cgatt_set, cgatt_read, NULL, "(0,1)", NEED_SIM },
	{ "+CGDCONT", cgdcont_set, cgdcont_read, NULL, "", NEED_SIM },
	{ "#SGACTAUTH", sgactauth_set, sgactauth_read, NULL, "(0-2)" },
	{ "#SGACT", sgact_set, sgact_read, NULL, "(1-5),(0,1)", NEED_SIM | NEED_SELINT },
	{ "+CGPADDR", cgpaddr_set, NULL, NULL, "(1-5)", NEED_SIM },
	{ "#CGPADDR", cgpaddr_set, NULL, NULL, "(1-5)", NEED_SIM },
	{ 0 },
};
