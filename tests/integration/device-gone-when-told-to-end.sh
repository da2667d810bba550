#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SIGTERM while the device is not there, or right after it vanished in mid-session: the daemon ends at once, and complains of no modem.
# runs: mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

ends_at_once() {
	local start=$EPOCHREALTIME took

	stop celltlsd
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	echo "took $took ms"
	[ "$stopped" -eq 0 ]
	[ "$took" -lt 3000 ]
	! said celltlsd 'did not close down'
}

begin
make_pki
start_peer until:x text:y sleep:100000
channel server server.example.com:443
start_daemon
run_step 'Verify that it waits for its device' wait_for 10 said celltlsd 'no such device'
run_step 'Verify that it ends without one' ends_at_once
for n in 1 2 3; do
	start_module
	start_daemon
	# to an app that does not read, so that nothing is read from the tty either
	spawn_client "app$n" server text:x until:y -flood:0 sleep:100000
	run_step "Verify that a session is there ($n)" wait_for 60 said "app$n" '^received 1 '
	if [ "$n" -lt 3 ]; then
		sleep "0.$((n * 3))"
		module unplug 100000 >unplugged
		[ "$n" -eq 1 ] || sleep 1
	else
		kill -KILL "${pid_of[module]}"
	fi
	run_step "Verify that it ends right after the loss ($n)" ends_at_once
	stop module KILL || true
done
finish
