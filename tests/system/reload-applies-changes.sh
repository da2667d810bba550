#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemctl reload: a new channel is there, and the process is the same.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
before=$(main_pid)
channel second
run_step 'Reload' systemctl reload celltlsd.service
run_step 'Verify that the new channel is there' wait_for 10 test -S /run/celltls/second.sock
run_step 'Verify that it works' fetches app second
run_step 'Verify that it is the same process' test "$(main_pid)" -eq "$before"
