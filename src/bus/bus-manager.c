/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/bus-priv.h"

static const char version[] = PACKAGE_VERSION;

static void
run_reload(struct bus_call *call)
{
	call->bus->owner->reload(call->bus->arg, call);
}

static int
reload(sd_bus_message *m, void *bus, sd_bus_error *error)
{
	static const struct bus_method method = { "org.celltls1.control-modem", run_reload };

	(void)error;
	return bus_call_begin(bus, m, "", &method);
}

static int
get_version(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *arg, sd_bus_error *error)
{
	(void)sd, (void)path, (void)interface, (void)property, (void)arg, (void)error;
	return sd_bus_message_append_basic(reply, 's', version);
}

const sd_bus_vtable bus_manager_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Reload", "", "", reload, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};
