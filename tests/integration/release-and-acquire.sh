#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Release() gives the tty up in order, another program uses it, Acquire() takes it back; and names who has it when somebody has.
# runs: mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
need flock
make_pki
start_peer until:x text:y sleep:100000
start_module
start_bus
channel server server.example.com:443
start_daemon --bus-address "$bus"
spawn_client app server text:x until:y -sink:-
run_step 'Verify that a session is there' wait_for 60 said app '^received 1 '
run_step 'Verify that the tty is not free' not flock -n "$(readlink -f modem)" true
lines=$(wc -l <trace)
run_step 'Release the modem' bus_call modem/gw0 Release
run_step 'Verify that it is released' bus_is modem/gw0 State released
run_step 'Verify that the app was reset' wait_for 5 said app '^end (reset|eof)'
run_step 'Verify that LastError says why' bus_is channel/server LastError 'modem gw0 was released by Release()'
context_went_down() {
	tail -n "+$lines" trace | grep -q '^> AT#SSLEN=1,0'
}
run_step 'Verify that the module went down in order' context_went_down
run_step 'Verify that the channel is unavailable' bus_is channel/server State unavailable
is_free() {
	flock -n "$(readlink -f "$dir/modem")" true
}
run_step 'Verify that the tty is free' is_free
run_step 'Release it once more' bus_call modem/gw0 Release
run_step 'Verify that it cannot be reset now' not bus_call modem/gw0 Reset
run_step 'Verify that the answer says what to do' answered NotReady 'Acquire\(\) it first'
run_step 'Reload, with nothing changed' reload
run_step 'Verify that it stays released' bus_is modem/gw0 State released
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } ); flow_control = \"none\";"
write_config
run_step 'Reload with another flow control' reload
run_step 'Verify that the new one is released too' bus_is modem/gw0 State released
sleep 0.5
run_step 'Verify that it left the tty alone' is_free

spawn holder flock -o "$(readlink -f modem)" sleep 1000
wait_for 5 grep -q "FLOCK" /proc/locks || true
sleep 0.5
spawn_client waiting server text:x until:y -sink:-
wait_for 5 said celltlsd 'client of uid'
run_step 'Verify that it cannot be acquired while somebody has it' not bus_call modem/gw0 Acquire
run_step 'Verify that the answer names who has it' answered Busy "in use by another process.*flock"
run_step 'Verify that it is no longer released' bus_is modem/gw0 State absent
run_step 'Let the other end' stop holder
run_step 'Verify that the daemon takes it' wait_for 20 bus_is modem/gw0 State ready
run_step 'Verify that who waited is served' wait_for 30 said waiting '^received 1 '
kill "${pid_of[waiting]}"
run_step 'Release it again' bus_call modem/gw0 Release
run_step 'Take it back' bus_call modem/gw0 Acquire
run_step 'Verify that it gets ready' wait_for 30 bus_is modem/gw0 State ready
run_step 'Acquire what was not released' bus_call modem/gw0 Acquire
releases() {
	grep -c 'is to be released' celltlsd.log
}
before=$(releases)
spawn_call released modem/gw0 Release
wait_for 5 more_than "$before" releases
spawn_call taken modem/gw0 Acquire
run_step 'Verify that one after the other is answered' wait_for 15 gone taken
run_step 'Verify that the release came to its end' wait_for 1 gone released
run_step 'Verify that neither failed' test "$(cat released.log taken.log)" = ''
run_step 'Verify that it gets ready' wait_for 30 bus_is modem/gw0 State ready
finish
