#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Open() hands a connection to those who could connect to the socket, without asking polkit.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
run_step 'Verify that the modem is ready' wait_for 20 modem_is ready
run_step "Verify that a user of the channel's group is handed a connection" tells 'file descriptor' call app /channel/cloud Channel Open
run_step 'Verify that another is not' tells 'org.celltls1.Error.NotAuthorized' call stranger /channel/cloud Channel Open
