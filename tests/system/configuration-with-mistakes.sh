#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A start with a mistake fails at once and for good: the journal has file and line, systemctl the exit status.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
channel second 'max_sessions = "many";'
run_step 'Verify that the start fails' not restart
run_step 'Verify that it stays so' shows ActiveState failed
run_step 'Verify that nobody tries again' shows NRestarts 0
run_step 'Verify that systemctl shows the exit status' shows ExecMainStatus 78
run_step 'Verify that the journal has file and line' said '/etc/celltls/celltls.conf:[0-9]+.*max_sessions'
run_step 'Verify that "systemctl status" shows them too' status_has '/etc/celltls/celltls.conf:[0-9]+.*max_sessions'
