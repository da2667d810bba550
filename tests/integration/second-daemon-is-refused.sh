#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A second daemon with the same configuration ends at once, says why, and disturbs nothing of the first.
# runs: once
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y until:z text:w sleep:60000
start_module
channel server server.example.com:443
start_daemon
spawn_client app server text:x until:y sleep:4000 text:z until:w -sink:-
run_step 'Verify that the session is there' wait_for 30 said app '^received 1 '
inode=$(stat -c %i run/server.sock)
status=0
timeout 10 "$CELLTLSD" --config celltls.conf --foreground --trace second.trace >second.log 2>&1 || status=$?
cat second.log
run_step 'Verify the exit status of the second' test "$status" -eq 1
run_step 'Verify that it says why' grep -q 'server.sock: another process listens there' second.log
run_step 'Verify that it said nothing to the module' test ! -s second.trace
run_step 'Verify that the socket is the first one' test "$(stat -c %i run/server.sock)" = "$inode"
both_answers() {
	[ "$(grep -c '^received 1 ' app.log)" -eq 2 ]
}
run_step 'Verify that the server was heard to its end' wait_for 20 both_answers
finish
