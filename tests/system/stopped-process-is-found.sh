#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A process that does not turn its loop any more is found by the watchdog, ended without a core, and started again.
# limit: 45
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
drop_in <<-'UNIT'
	[Service]
	WatchdogSec=2
UNIT
run_step 'Restart with a shorter time limit' restart
before=$(main_pid)
run_step 'Verify that the watchdog is fed' sleep 4
run_step 'Verify that it is the same process' test "$(main_pid)" -eq "$before"
run_step 'Stop the process' kill -STOP "$before"
run_step 'Verify that it is started again' wait_for 15 another_process "$before"
run_step 'Verify that it was the watchdog' said_by_systemd 'Watchdog timeout'
run_step 'Verify that no core was made' not said_by_systemd 'code=dumped'
run_step 'Verify that the channel works' fetches
