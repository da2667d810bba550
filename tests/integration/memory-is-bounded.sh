#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An app that writes a gigabyte to a server that does not read, and a server that floods an app that does not read, are
# slowed down; the daemon's memory does not grow.
# runs: mode
# families: telit-ge cinterion
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -n deaf -c server text:hello sleep:100000
start_peer -n loud -c server text:hello -flood:0
start_peer until:x text:y close
start_module
channel deaf deaf.example.com:443 'linger = 1;'
channel loud loud.example.com:443 'linger = 1;'
channel server server.example.com:443
start_daemon
wait_for 20 client server text:x sink:got
before=$(daemon_memory)
bounded() {
	local now

	now=$(daemon_memory)
	echo "    $before KiB before, $now KiB now"
	[ $((now - before)) -lt 4096 ]
}
spawn_client writer deaf until:hello for:8000 flood:1000000000
wait_for 60 said writer '^sent'
run_step 'Verify that the app was slowed down' test "$(sed -n 's/^sent //p' writer.log | tail -n 1)" -lt 20000000
run_step 'Verify that memory is bounded' bounded
wait_for 10 gone writer
spawn_client reader loud until:hello sleep:8000
wait_for 60 said reader '^received 5 '
sleep 4
run_step 'Verify that memory is bounded' bounded
wait_for 20 gone reader
run_step 'Talk to a server afterwards' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
