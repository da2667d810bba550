#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# On the system bus everybody may look, and nobody but the daemon may have its name.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
run_step 'Verify that the modem is ready' wait_for 20 modem_is ready
run_step 'Verify that the daemon has the name' tells '^Comm=celltlsd' busctl status org.celltls1
run_step 'Verify that a stranger sees the objects' tells '/org/celltls1/channel/cloud' as stranger busctl tree org.celltls1
run_step 'Verify that he reads a property' tells '^s "ready"' as stranger \
    busctl get-property org.celltls1 /org/celltls1/modem/gw0 org.celltls1.Modem State
run_step 'Verify that he reads all of a channel' tells 'server.example.com:443' as stranger \
    busctl introspect org.celltls1 /org/celltls1/channel/cloud
run_step 'Verify that he reads the figures' tells '"Channels"' as stranger \
    busctl call org.celltls1 /org/celltls1/modem/gw0 org.celltls1.Modem Statistics
run_step 'Verify that he cannot take the name' tells 'org.freedesktop.DBus.Error.AccessDenied' as stranger dbus-send --system --print-reply \
    --dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.RequestName string:org.celltls1 uint32:4
