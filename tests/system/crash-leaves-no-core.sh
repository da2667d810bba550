#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A crash leaves no core, whatever the core pattern says: keys and PINs pass through the process.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

no_core() {
	grep -Eq '^Max core file size +0 +0 ' "/proc/$(main_pid)/limits"
}

begin
run_step 'Verify that the process may not leave a core' no_core
before=$(main_pid)
run_step 'Let it crash' kill -SEGV "$before"
run_step 'Verify that it is started again' wait_for 10 another_process "$before"
run_step 'Verify that it crashed, without a core' said_by_systemd 'code=killed, status=11/SEGV'
