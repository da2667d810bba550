#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemctl reload with a mistake: the journal has file and line, systemctl says so, and all goes on.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
before=$(main_pid)
channel second 'max_sessions = "many";'
run_step 'Reload' systemctl reload celltlsd.service
run_step 'Verify that the journal has file and line' wait_for 10 said '/etc/celltls/celltls.conf:[0-9]+.*max_sessions'
run_step 'Verify that systemctl shows it' wait_for 5 status_has 'mistakes'
run_step 'Verify that it is the same process' test "$(main_pid)" -eq "$before"
run_step 'Verify that the channel works' fetches
