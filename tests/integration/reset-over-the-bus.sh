#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reset() starts the module anew and is answered when it is ready; who asks meanwhile waits for the same one.  Close() ends
# the sessions of a channel.  A call that waits when the daemon ends is answered.
# runs: mode
# families: telit-ge cinterion
# limit: 150
. "$TOP/tests/integration/lib.sh"

resets() {
	grep -c 'the module is to start anew' celltlsd.log || true
}

reset_is_under_way() {
	[ "$(resets)" -eq "$1" ]
}

begin
make_pki
start_peer until:x text:y sleep:100000
start_module
start_bus
channel server server.example.com:443
start_daemon --bus-address "$bus"
spawn_client app server text:x until:y -sink:-
run_step 'Verify that a session is there' wait_for 60 said app '^received 1 '
failures=$(bus_get channel/server Failures)
run_step 'Close the channel' bus_call channel/server Close
run_step 'Verify that the app was reset' wait_for 5 said app '^end (reset|eof)'
run_step 'Verify that LastError says why' bus_is channel/server LastError 'closed by Close()'
run_step 'Verify that it is counted' bus_is channel/server Failures "$((failures + 1))"
spawn_client app2 server text:x until:y -sink:-
run_step 'Verify that there may be another' wait_for 60 said app2 '^received 1 '

spawn_call first modem/gw0 Reset
wait_for 5 reset_is_under_way 1
spawn_call second modem/gw0 Reset
run_step 'Verify that the app was reset' wait_for 5 said app2 '^end (reset|eof)'
run_step 'Verify that the first is answered' wait_for 60 gone first
run_step 'Verify that the modem is ready' bus_is modem/gw0 State ready
run_step 'Verify that the second is answered' wait_for 2 gone second
run_step 'Verify that neither failed' test "$(cat first.log second.log)" = ''
run_step 'Verify that it was one reset' test "$(resets)" -eq 1
run_step 'Verify that the log has the rung' said celltlsd 'way back: soft reset'
spawn_client app3 server text:x until:y -sink:-
run_step 'Verify that it works again' wait_for 60 said app3 '^received 1 '

spawn_call third modem/gw0 Reset
wait_for 5 reset_is_under_way 2
sleep 0.3
run_step 'End the daemon meanwhile' stop celltlsd
run_step 'Verify that it ended in order' test "$stopped" -eq 0
run_step 'Verify that the call is over' wait_for 5 gone third
run_step 'Verify that it was told why' grep -q '^Error org.celltls1.Error.Cancelled: the daemon ends' third.log

rm modem
start_daemon --bus-address "$bus"
wait_for 10 bus_is modem/gw0 State absent
run_step 'Verify that nothing can be reset without a tty' not bus_call modem/gw0 Reset
run_step 'Verify that the answer says so' answered NotReady 'has no tty'
finish
