/* SPDX-License-Identifier: Apache-2.0 */
/* org.celltls1.Modem: what modem.h says, in the words of the bus. */
#include "bus/bus-priv.h"

#include <stddef.h>
#include <string.h>

#define COMMAND_MOST 4096 /* bytes of a text that is worth asking polkit about */
#define ACTION "org.celltls1.control-modem"

static const char *
sim_word(enum sim_state sim)
{
	static const char *const words[] = {
		[SIM_UNKNOWN] = "", [SIM_READY] = "ready", [SIM_PIN] = "pin", [SIM_PUK] = "puk", [SIM_MISSING] = "missing", [SIM_FAILED] = "failed",
	};

	return words[sim];
}

static const char *
registration_word(enum registration reg)
{
	static const char *const words[] = {
		[REG_UNKNOWN] = "", [REG_NONE] = "none", [REG_SEARCHING] = "searching", [REG_HOME] = "home", [REG_ROAMING] = "roaming",
		[REG_DENIED] = "denied",
	};

	return words[reg];
}

/* The one that the module was found to speak, or has to. */
static const char *
dialect_word(const struct bus_modem *of)
{
	const struct dialect *d = modem_dialect(of->modem);

	return d ? d->name : of->conf->dialect == CONF_DIALECT_AUTO ? "" : conf_dialect_name(of->conf->dialect);
}

static void *
modem_facts(struct bus *b, const char *name)
{
	struct modem_facts *f = &b->facts.modem;
	struct bus_modem of;
	const struct module *mod;

	if (!bus_modem_find(b, name, &of))
		return NULL;
	bus_clean_again(b);
	mod = modem_module(of.modem);
	*f = (struct modem_facts){
		.bus = b,
		.of = of,
		.name = of.conf->name,
		.device = bus_clean(b, of.conf->device),
		.dialect = dialect_word(&of),
		.state = modem_state_word(of.modem),
		.manufacturer = bus_clean(b, mod->manufacturer),
		.model = bus_clean(b, mod->model),
		.revision = bus_clean(b, mod->revision),
		.imei = bus_clean(b, mod->imei),
		.sim = sim_word(mod->sim),
		.registration = registration_word(mod->reg),
		.operator_name = bus_clean(b, mod->operator_name),
		.signal_dbm = mod->signal_dbm,
		.address = bus_clean(b, mod->address),
		.free_sockets = modem_free_sockets(of.modem),
		.network_time = (uint64_t)modem_network_time(of.modem),
		.expires_next = (uint64_t)of.expires_next_s,
		.error = bus_clean(b, modem_error(of.modem)),
	};
	return f;
}

static const char *
modem_name(struct bus *b, size_t i)
{
	struct bus_modem of;

	return b->owner->modem(b->arg, i, &of) ? of.conf->name : NULL;
}

/* ---- methods ---- */

static void
run_reset(struct bus_call *call)
{
	call->bus->owner->reset(call->bus->arg, call->name, call);
}

static void
run_release(struct bus_call *call)
{
	call->bus->owner->release(call->bus->arg, call->name, call);
}

static void
run_acquire(struct bus_call *call)
{
	call->bus->owner->acquire(call->bus->arg, call->name, call);
}

static void
run_command(struct bus_call *call)
{
	const char *text;
	uint32_t timeout_ms;

	if (sd_bus_message_rewind(call->m, true) < 0 || sd_bus_message_read(call->m, "su", &text, &timeout_ms) < 0)
		bus_refuse(call, BUS_INVALID_ARGUMENT, "Command: a text and a time limit in milliseconds are needed");
	else if (strlen(text) > COMMAND_MOST)
		bus_refuse(call, BUS_INVALID_ARGUMENT, "Command: %zu bytes are more than any module takes (at most %d)", strlen(text),
		    COMMAND_MOST);
	else
		call->bus->owner->command(call->bus->arg, call->name, text, timeout_ms, call);
}

static int
begin(sd_bus_message *m, void *facts, const struct bus_method *method)
{
	struct modem_facts *f = facts;

	return bus_call_begin(f->bus, m, f->name, method);
}

static int
reset(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { ACTION, run_reset };

	(void)error;
	return begin(m, facts, &method);
}

static int
release(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { ACTION, run_release };

	(void)error;
	return begin(m, facts, &method);
}

static int
acquire(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { ACTION, run_acquire };

	(void)error;
	return begin(m, facts, &method);
}

static int
command(sd_bus_message *m, void *facts, sd_bus_error *error)
{
	static const struct bus_method method = { ACTION, run_command };

	(void)error;
	return begin(m, facts, &method);
}

#define SHOWN(name, signature, member, flags) SD_BUS_PROPERTY(name, signature, NULL, offsetof(struct modem_facts, member), flags)
#define TOLD SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define ANYBODY SD_BUS_VTABLE_UNPRIVILEGED /* may ask; bus-auth.c decides, without waiting for the bus */

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SHOWN("Name", "s", name, SD_BUS_VTABLE_PROPERTY_CONST),
	SHOWN("Device", "s", device, TOLD),
	SHOWN("Dialect", "s", dialect, TOLD),
	SHOWN("State", "s", state, TOLD),
	SHOWN("Manufacturer", "s", manufacturer, TOLD),
	SHOWN("Model", "s", model, TOLD),
	SHOWN("Revision", "s", revision, TOLD),
	SHOWN("Imei", "s", imei, TOLD),
	SHOWN("Sim", "s", sim, TOLD),
	SHOWN("Registration", "s", registration, TOLD),
	SHOWN("Operator", "s", operator_name, TOLD),
	SHOWN("SignalDbm", "i", signal_dbm, TOLD),
	SHOWN("Address", "s", address, TOLD),
	SHOWN("FreeSockets", "u", free_sockets, TOLD),
	SHOWN("NetworkTime", "t", network_time, 0), /* it goes on by itself */
	SHOWN("ExpiresNext", "t", expires_next, TOLD),
	SHOWN("LastError", "s", error, TOLD),
	SD_BUS_METHOD("Reset", "", "", reset, ANYBODY),
	SD_BUS_METHOD("Release", "", "", release, ANYBODY),
	SD_BUS_METHOD("Acquire", "", "", acquire, ANYBODY),
	SD_BUS_METHOD_WITH_ARGS("Command", SD_BUS_ARGS("s", text, "u", timeout_ms), SD_BUS_RESULT("s", answer), command, ANYBODY),
	SD_BUS_METHOD_WITH_ARGS("Statistics", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", figures), bus_statistics, ANYBODY),
	SD_BUS_VTABLE_END,
};

static const char *const no_figures[] = { NULL };

const struct bus_kind bus_modem_kind = {
	.interface = "org.celltls1.Modem",
	.prefix = BUS_ROOT "/modem",
	.vtable = vtable,
	.figures = no_figures,
	.name = modem_name,
	.facts = modem_facts,
};
