/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accidents.c - what befalls a life: faults of module and line, and what happens to them and to the daemon
 */
#include <string.h>

#include "base/str.h"
#include "simulation/life.h"

#define DAY 86400

/* What was under way may be lost, and look like an end in order. */
static void
cut(struct life *l)
{
	int i;

	for (i = 1; i <= l->n_dials; i++)
		l->dials[i].cut |= life_dial_lives(l, i);
}

/*
 * Online the daemon is not told of a module that starts anew, nor what a mute
 * one would have said, its NO CARRIER say: what comes then looks like the server's.
 */
static void
left_unheard(struct life *l)
{
	int i;

	cut(l);
	for (i = 1; i <= l->n_dials; i++) {
		struct guest *g = l->dials[i].owner;

		/* In command mode too: the line may be on its way between the modes. */
		if (!life_dial_lives(l, i) || !g || g->c->dial != i || g->foreign || !g->c->session || !g->c->session->sock)
			continue;
		g->foreign = true;
		g->foreign_from = g->c->down_len + g->c->session->down.len;
	}
}

/* It may have a say in this, and does not. */
static void
deafen(struct life *l)
{
	int i;

	for (i = 0; i <= l->n_dials; i++)
		l->dials[i].deaf |= i == l->n_dials || life_dial_lives(l, i);
}

void
life_module_event(struct world *w, const char *what)
{
	struct life *l = (struct life *)w;

	if (str_starts(what, "reset") || str_starts(what, "off"))
		left_unheard(l);
}

void
life_strike(struct life *l)
{
	static const char *const faults[] = {
		"urc=0.1", "late=0.03,late-ms=4000", "late=0.05,late-ms=300", "no-answer=0.01", "no-final=0.01", "reset=0.004", "dial-fail=0.4",
		"dial-fail=0.3,dial=timeout", "dial-fail=0.3,dial=dns", "dial-fail=0.5,dial=cert", "dial-fail=0.3,dial=refused",
		"slow-handshake=5000", "disconnected,resume-ok", "stuck-echo", "urc=0.05,no-final=0.005,dial-fail=0.1", "recv=bare",
		"full-flash", "boot-garbage=40,reset=0.002", "late=0.02,late-ms=15000,urc=0.02",
		"no-prompt=0.05", "reset-bytes=20000", "clock-jump=-100000000", "clock-jump=40000",
		"stuck-open=refuse", "stuck-open=hang", "dead-context=context", "dead-context=attach", "dead-context=reset",
		"only-echo", "resume-stays",
	};
	static const char *const of_cinterion[] = {
		"urc=0.1", "late=0.03,late-ms=4000", "late=0.05,late-ms=300", "no-answer=0.01", "no-final=0.01", "reset=0.004", "dial-fail=0.4",
		"dial-fail=0.3,dial=timeout", "dial-fail=0.3,dial=dns", "dial-fail=0.5,dial=cert", "dial-fail=0.3,dial=refused",
		"slow-handshake=5000", "stuck-echo", "urc=0.05,no-final=0.005,dial-fail=0.1", "full-flash", "boot-garbage=40,reset=0.002",
		"late=0.02,late-ms=15000,urc=0.02", "no-prompt=0.05", "reset-bytes=20000", "clock-jump=-100000000", "only-echo",
	};
	static const char *const noises[] = {
		"lose-in=0.001", "lose-out=0.001", "double-in=0.001", "double-out=0.001", "alter-in=0.001", "alter-out=0.001",
		"lose-in=0.0002,lose-out=0.0002,alter-in=0.0002,alter-out=0.0002,double-out=0.0002", "alter-out=0.01", "lose-out=0.01", "deaf=0.005", "babble=20",
	};
	const char *fault = l->kind == NOISY ? noises[life_pick(l, sizeof(noises) / sizeof(noises[0]))] :
			    l->cinterion     ? of_cinterion[life_pick(l, sizeof(of_cinterion) / sizeof(of_cinterion[0]))] :
					       faults[life_pick(l, sizeof(faults) / sizeof(faults[0]))];

	if (l->kind == CLEAN)
		return;
	world_say(&l->w, "module", "has faults: %s", fault);
	side_fault(l->w.side, fault);
	l->swallows = strstr(fault, "no-") != NULL;
	l->stuck |= str_starts(fault, "stuck-open");
}

/* What the module says meanwhile is lost; it may have lost its power with the tty. */
static void
tty_goes(struct life *l)
{
	bool power = life_pick(l, 3) == 0;

	world_say(&l->w, "tty", "is gone%s", power ? ", and so is the module's power" : "");
	world_line_down(&l->w);
	life_run(l, life_pick(l, 20000));
	if (power)
		side_accident(l->w.side, SIDE_RESET);
	life_run(l, life_pick(l, 2000));
	world_say(&l->w, "tty", "is back");
	world_line_up(&l->w);
}

static void
network_goes(struct life *l)
{
	static const enum side_accident ways[] = { SIDE_DEREGISTER, SIDE_DENY, SIDE_ROAM };
	static const char *const words[] = { "is lost", "denies", "is a foreign one" };
	uint32_t way = life_pick(l, 3);

	cut(l);
	world_say(&l->w, "network", "%s", words[way]);
	side_accident(l->w.side, ways[way]);
	life_run(l, life_pick(l, life_pick(l, 4) ? 30000 : 300000));
	cut(l);
	world_say(&l->w, "network", "is there");
	side_accident(l->w.side, SIDE_REGISTER);
}

static void
sim_goes(struct life *l)
{
	l->no_sim = !l->no_sim;
	cut(l);
	world_say(&l->w, "SIM", "is %s", l->no_sim ? "taken out" : "put in");
	side_accident(l->w.side, l->no_sim ? SIDE_REMOVE_SIM : SIDE_INSERT_SIM);
}

void
life_daemon_dies(struct life *l)
{
	int i;

	world_say(&l->w, "daemon", "is killed");
	cut(l);
	for (i = 0; i < l->n_guests; i++)
		l->guests[i].killed |= l->guests[i].c->session != NULL;
	world_restart(&l->w, &l->conf);
	world_say(&l->w, "daemon", "starts");
}

static void
clock_jumps(struct life *l)
{
	int64_t by = (int64_t)life_pick(l, 4000 * DAY) - 2000 * DAY;

	if (life_pick(l, 2))
		by = (int64_t)life_pick(l, 600) - 300;
	l->w.clock.wall_s += by;
	l->w.clock.wall_trusted = life_pick(l, 3);
	world_say(&l->w, "clock", "of the host jumps by %lld s, and is %strusted", (long long)by, l->w.clock.wall_trusted ? "" : "not ");
}

static void
server_misbehaves(struct life *l)
{
	int number = life_dial(l);
	size_t room = life_pick(l, 2000);

	if (!number)
		return;
	if (life_pick(l, 2)) {
		world_say(&l->w, "server", "%d takes %zu bytes more", number, room);
		side_takes(l->w.side, number, room);
	} else {
		world_say(&l->w, "server", "%d breaks TLS", number);
		l->dials[number].ended = l->dials[number].cut = true;
		side_break(l->w.side, number);
	}
}

static void
answered(void *arg, int result, const char *text)
{
	struct life *l = arg;

	world_say(&l->w, "admin", "is answered: %d %.60s", result, text);
	l->answered++;
}

/* Among them some that go into data mode, or ask for more. */
static void
admin_asks(struct life *l)
{
	static const char *const commands[] = { "AT+CSQ", "AT+CREG?", "AT+CGMI", "AT+NOSUCH", "AT&V", "AT+CCLK?", "AT#SSEND=2", "AT#SO=2" };
	static const char *const of_cinterion[] = { "AT+CSQ", "AT+CREG?", "AT+CGMI", "AT+NOSUCH", "AT&V", "AT+CCLK?", "AT^SISE=0", "AT^SICI?" };
	const char *text = (l->cinterion ? of_cinterion : commands)[life_pick(l, sizeof(commands) / sizeof(commands[0]))];

	if (modem_command(l->w.modem, text, 100 + life_pick(l, 10000), answered, l) < 0)
		return;
	world_say(&l->w, "admin", "asks %s", text);
	l->asked++;
}

static bool
stopped(struct world *w)
{
	return modem_stopped(w->modem);
}

static void
admin_takes_the_tty(struct life *l)
{
	size_t i;

	if (!l->w.line_up)
		return;
	world_say(&l->w, "admin", "takes the tty");
	for (i = 0; i < l->w.conf->n_channels; i++)
		channel_reset(l->w.channel[i], "released");
	modem_stop(l->w.modem);
	world_run_until(&l->w, stopped, 9000); /* or longer than the owner waits */
	l->w.line_up = false;
	modem_released(l->w.modem);
	life_run(l, life_pick(l, 20000));
	world_say(&l->w, "admin", "gives it back");
	world_line_up(&l->w);
}

static void
admin_resets(struct life *l)
{
	world_say(&l->w, "admin", "resets the module");
	modem_reset(l->w.modem, "asked for");
}

void
life_accident(struct life *l)
{
	switch (life_pick(l, 15)) {
	case 0:
		world_say(&l->w, "module", "loses its power for a moment");
		side_accident(l->w.side, SIDE_RESET);
		break;
	case 1:
		world_say(&l->w, "network", "drops the context");
		cut(l);
		side_accident(l->w.side, SIDE_DROP_CONTEXT);
		break;
	case 2:
		tty_goes(l);
		break;
	case 3:
		l->mute = !l->mute;
		world_say(&l->w, "module", "is %s", l->mute ? "mute" : "well again");
		side_mute(l->w.side, l->mute);
		deafen(l);
		left_unheard(l);
		break;
	case 4:
		sim_goes(l);
		break;
	case 5:
		network_goes(l);
		break;
	case 6:
		life_daemon_dies(l);
		break;
	case 7:
		clock_jumps(l);
		break;
	case 8:
		server_misbehaves(l);
		break;
	case 9:
		side_fault(l->w.side, "none");
		life_strike(l);
		break;
	case 10:
		admin_resets(l);
		break;
	case 11:
		admin_takes_the_tty(l);
		break;
	case 12:
	case 13:
		admin_asks(l);
		break;
	default:
		side_urc(l->w.side, life_pick(l, 2) ? "+CREG: 1" : l->cinterion ? "+CIEV: signal,3" : "#NITZ: \"26/11/21,12:00:00\"");
		break;
	}
}

void
life_troubles_end(struct life *l)
{
	int i;

	world_say(&l->w, "life", "from here all is well");
	side_fault(l->w.side, "none");
	side_mute(l->w.side, false);
	l->swallows = l->mute = false;
	if (l->no_sim)
		side_accident(l->w.side, SIDE_INSERT_SIM);
	for (i = 1; i <= l->n_dials; i++)
		side_takes(l->w.side, i, SIZE_MAX);
	life_run(l, 3000); /* what was under way ends first */
	side_accident(l->w.side, SIDE_REGISTER);
}
