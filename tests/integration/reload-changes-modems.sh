#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A modem with another access point goes down in order and starts anew, its socket stays and who waits is served; another
# certificate in the same file is written without that; a PIN that was corrected ends the state "failed".
# runs: mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y sleep:60000
start_peer -n good -c server until:x text:y close
start_module --sim-pin 1234
(umask 077 && echo 4321 >pin)
certificates="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
MODEM_KEYS="$certificates pin_file = \"$dir/pin\";"
channel server server.example.com:443
channel good good.example.com:443
start_daemon
run_step 'Verify that the modem gives up with the wrong PIN' wait_for 30 said celltlsd ' -> failed'
run_step 'Reload with nothing changed' reload
run_step 'Verify that it starts anew' said celltlsd '^modem gw0: starts anew: it had failed$'
run_step 'Verify that the same PIN is not tried again' wait_for 30 said celltlsd 'refused this PIN before'
echo 1234 >pin
run_step 'Reload with the right PIN in the file' reload
run_step 'Verify that the log says why it starts anew' said celltlsd '^modem gw0: starts anew: a file with the PIN or the password changed$'
spawn_client app server text:x until:y -sink:-
run_step 'Verify that a session comes up' wait_for 30 said app '^received 1 '

written=$(counter slot_writes)
cp pki/ca.pem ca.kept
cat pki/other-ca.pem >pki/ca.pem
run_step 'Reload with another authority in the file' reload
run_step 'Verify that the log says so' said celltlsd '^modem gw0: a file of certificates changed$'
run_step 'Verify that the session goes on' alive app
run_step 'Verify that nothing is written meanwhile' test "$(counter slot_writes)" -eq "$written"
kill "${pid_of[app]}"
more_writes() {
	[ "$(counter slot_writes)" -gt "$written" ]
}
run_step 'Verify that it is written when the session is over' wait_for 20 more_writes
run_step 'Verify that the modem did not start anew for it' test "$(grep -c 'identifying -> ' celltlsd.log)" -eq 3

cp ca.kept pki/ca.pem
run_step 'Reload with the first one' reload
spawn_client app2 server text:x until:y -sink:-
run_step 'Verify that a session comes up' wait_for 30 said app2 '^received 1 '
spawn_client waiting good text:x sink:answer
wait_for 5 said celltlsd 'good: client'
inode=$(stat -c %i run/server.sock)
lines=$(wc -l <trace)
MODEM_KEYS="$MODEM_KEYS flow_control = \"none\";"
write_config
run_step 'Reload with another flow control' reload
run_step 'Verify that the app was reset' wait_for 5 said app2 '^end (reset|eof)'
run_step 'Verify that the log says why' said celltlsd 'server: modem gw0 starts anew with another configuration'
context_went_down() {
	tail -n "+$lines" trace | grep -q '^> AT#SSLEN=1,0'
}
run_step 'Verify that the context went down' context_went_down
run_step 'Verify that the socket is the same one' test "$(stat -c %i run/server.sock)" = "$inode"
run_step 'Verify that the one that waited is served' wait_for 40 gone waiting
run_step 'Verify what the server said' test "$(<answer)" = y
finish
