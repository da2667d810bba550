/* SPDX-License-Identifier: Apache-2.0 */
/* A method call, from its arrival to its one answer, with or without a bus that still hears it. */
#include "bus/bus-priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"

#define WAITING 64	 /* calls whose right is being asked for */
#define WAITING_CALLER 4 /* of one of the callers */

static const char *
error_name(enum bus_error error)
{
	static const char *const names[] = {
		[BUS_NOT_READY] = "NotReady", [BUS_BUSY] = "Busy", [BUS_NOT_SUPPORTED] = "NotSupported", [BUS_MODULE_ERROR] = "ModuleError",
		[BUS_TIMEOUT] = "Timeout", [BUS_NOT_AUTHORIZED] = "NotAuthorized", [BUS_BAD_CONFIGURATION] = "BadConfiguration",
		[BUS_INVALID_ARGUMENT] = "InvalidArgument", [BUS_BLOCKED] = "Blocked", [BUS_CANCELLED] = "Cancelled",
	};

	return names[error];
}

/* From the bus: its answer goes to nobody. */
static void
detach(struct bus_call *call)
{
	bus_auth_done(call);
	if (call->bus)
		TAILQ_REMOVE(&call->bus->calls, call, link);
	call->bus = NULL;
	call->leaves = sd_bus_slot_unref(call->leaves);
	call->m = sd_bus_message_unref(call->m);
}

static void
call_free(struct bus_call *call)
{
	detach(call);
	free(call->name);
	free(call->gids);
	free(call);
}

/* Lets go of the call when its answer, if anybody hears it, is under way. */
static void
call_end(struct bus_call *call)
{
	struct bus *b = call->bus;

	call_free(call);
	if (b)
		bus_arm(b);
}

/* ---- answers ---- */

void
bus_answer(struct bus_call *call)
{
	if (call->m)
		sd_bus_reply_method_return(call->m, NULL);
	call_end(call);
}

void
bus_answer_text(struct bus_call *call, const char *text)
{
	AUTO(free) char *valid = bus_text(text);

	if (call->m)
		sd_bus_reply_method_return(call->m, "s", valid);
	call_end(call);
}

void
bus_answer_fd(struct bus_call *call, int fd)
{
	if (call->m && sd_bus_reply_method_return(call->m, "h", fd) < 0) /* no descriptor is left for the duplicate, or it passes none */
		sd_bus_reply_method_errorf(call->m, "org.celltls1.Error.Busy",
		    "the socket cannot be handed over: call again later, or connect to the channel's socket");
	call_end(call);
}

void
bus_refuse(struct bus_call *call, enum bus_error error, const char *fmt, ...)
{
	AUTO(free) char *valid = NULL;
	char name[64], text[2000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	valid = bus_text(text);
	snprintf(name, sizeof(name), "org.celltls1.Error.%s", error_name(error));
	if (call->m)
		sd_bus_reply_method_errorf(call->m, name, "%s", valid);
	call_end(call);
}

/* ---- life ---- */

/* The object went while its caller's right was asked for. */
static bool
is_there(struct bus_call *call)
{
	const char *path = sd_bus_message_get_path(call->m);

	if (bus_object_name(&bus_modem_kind, path))
		return bus_modem_kind.facts(call->bus, call->name);
	if (bus_object_name(&bus_channel_kind, path))
		return bus_channel_kind.facts(call->bus, call->name);
	return true;
}

void
bus_call_allowed(struct bus_call *call)
{
	bus_auth_done(call);
	if (is_there(call)) {
		call->method->run(call);
		return;
	}
	sd_bus_reply_method_errorf(call->m, SD_BUS_ERROR_UNKNOWN_OBJECT, "%s is not there any more", call->name);
	call_end(call);
}

void
bus_call_left(struct bus_call *call)
{
	struct bus *b = call->bus;

	if (call->waits) {
		call_free(call);
		return;
	}
	detach(call);
	b->owner->left(b->arg, call);
}

static unsigned
waiting_of(const struct bus *b, const char *sender)
{
	const struct bus_call *call;
	unsigned n = 0;

	TAILQ_FOREACH(call, &b->calls, link)
		if (call->waits && !strcmp(sd_bus_message_get_sender(call->m), sender))
			n++;
	return n;
}

int
bus_call_begin(struct bus *b, sd_bus_message *m, const char *name, const struct bus_method *method)
{
	const char *sender = sd_bus_message_get_sender(m);
	struct bus_call *call;

	if (!sender)
		return sd_bus_reply_method_errorf(m, "org.celltls1.Error.NotAuthorized", "the bus does not say who calls: use one that does");
	if (b->n_waiting >= WAITING || waiting_of(b, sender) >= WAITING_CALLER)
		return sd_bus_reply_method_errorf(m, "org.celltls1.Error.Busy",
		    "too many calls wait to be allowed: call again when one is answered");
	call = xcalloc(1, sizeof(*call));
	call->bus = b;
	call->m = sd_bus_message_ref(m);
	call->method = method;
	call->name = xstrdup(name);
	TAILQ_INSERT_TAIL(&b->calls, call, link);
	bus_auth_ask(call);
	return 1;
}

void
bus_calls_cancel(struct bus *b)
{
	struct bus_call *call, *next;

	for (call = TAILQ_FIRST(&b->calls); call; call = next) {
		next = TAILQ_NEXT(call, link);
		if (call->waits)
			bus_refuse(call, BUS_CANCELLED, "celltlsd ends: call again when it runs");
	}
}

void
bus_calls_drop(struct bus *b)
{
	struct bus_call *call;

	while ((call = TAILQ_FIRST(&b->calls)))
		bus_call_left(call);
}
