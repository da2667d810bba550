#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# celltlsctl shows the state to everybody, steers for those who may, and its exit status tells what was wrong.
# limit: 45
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

ends_with() { # STATUS COMMAND...
	local status=0 expected=$1

	shift
	"$@" >/run/celltls-tests.out 2>&1 || status=$?
	[ "$status" -eq "$expected" ] || { echo "it ended with $status"; cat /run/celltls-tests.out; return 1; }
}

page_through_a_pipe() {
	printf 'GET /page HTTP/1.0\r\n\r\n' | as app celltlsctl connect cloud
}

begin
run_step 'Verify that the modem is ready' wait_for 20 modem_is ready
run_step 'Verify that a stranger sees the state' tells '^gw0 .*ready' as stranger celltlsctl status
run_step 'Verify that a program reads it' tells '"gw0"' as stranger celltlsctl --json status
run_step 'Verify that he may not reset' ends_with 4 as stranger celltlsctl reset gw0
run_step 'Verify that root may' ends_with 0 celltlsctl reset gw0
run_step 'Verify that there is no other modem' ends_with 5 celltlsctl reset gw1
run_step 'Verify that a page comes through a pipe' tells '^over the air' page_through_a_pipe
run_step 'Verify that root may reload' ends_with 0 celltlsctl reload
channel second 'max_sessions = "many";'
run_step 'Verify that mistakes are told' ends_with 1 celltlsctl reload
run_step 'Verify that they are told with file and line' grep -Eq '/etc/celltls/celltls.conf:[0-9]+.*max_sessions' /run/celltls-tests.out
systemctl stop celltlsd.service
run_step 'Verify that it is told that the daemon is not there' ends_with 3 as stranger celltlsctl status
