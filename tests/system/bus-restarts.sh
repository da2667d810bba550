#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The system bus goes and comes back: the channels go on, and the daemon is found on the bus again.
# limit: 45
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
run_step 'Verify that the modem is ready' wait_for 20 modem_is ready
before=$(main_pid)
touch "$changed"
run_step 'Stop the bus' systemctl stop dbus.socket dbus.service
run_step 'Verify that the channel works without it' fetches
run_step 'Start the bus' systemctl start dbus.socket dbus.service
run_step 'Verify that the daemon is on it again' wait_for 35 modem_is ready
run_step 'Verify that it is the same process' test "$(main_pid)" -eq "$before"
run_step 'Verify that the channel works' fetches
