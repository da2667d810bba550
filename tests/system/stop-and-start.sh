#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemctl stop ends the daemon in order, and leaves neither a process nor a socket.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

nothing_left() {
	[ -z "$(find /run/celltls -type s)" ] && [ -z "$(find /proc -maxdepth 1 -user celltls)" ]
}

begin
run_step 'Stop' systemctl stop celltlsd.service
run_step 'Verify that it ended in order' shows ExecMainStatus 0
run_step 'Verify that it is inactive' shows ActiveState inactive
run_step 'Verify that nothing is left' nothing_left
run_step 'Start' restart
run_step 'Verify that the channel works' fetches
