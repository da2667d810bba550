#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reload() is answered when the new configuration is in force, with all that it took, or with what is wrong with it.
# runs: once
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y sleep:100000
start_module
start_bus
channel server server.example.com:443
start_daemon --bus-address "$bus"
run_step 'Wait for the modem' wait_for 30 bus_is modem/gw0 State ready
channel second server.example.com:443
write_config
run_step 'Reload with one channel more' bus_call '' Reload
run_step 'Verify that it is there' bus_is channel/second State idle
run_step 'Verify that its socket is' test -S run/second.sock
spawn_client app server text:x until:y -sink:-
run_step 'Verify that a session is there' wait_for 30 said app '^received 1 '

sed -i 's/apn = "internet"/apn = 5/; s/mode = "[a-z]*"/mode = "fast"/' celltls.conf
run_step 'Reload with mistakes' not bus_call '' Reload
run_step 'Verify that the answer says which' answered BadConfiguration "$dir/celltls.conf:[0-9]+: .*apn"
run_step 'Verify that it has the other ones too' grep -Eq "^$dir/celltls.conf:[0-9]+: .*mode" answer
for _ in {1..60}; do echo 'no_such_key_of_a_name_that_is_rather_long = 1;'; done >>celltls.conf
run_step 'Reload with many mistakes' not bus_call '' Reload
run_step 'Verify that the answer ends somewhere' test "$(wc -c <answer)" -lt 1100
write_config
cp pki/ca.pem kept.pem
echo rubbish >pki/ca.pem
run_step 'Reload with a certificate that is none' not bus_call '' Reload
run_step 'Verify that the answer names it' answered BadConfiguration "modem gw0: certificates: slot ca: $dir/pki/ca.pem: "
cp kept.pem pki/ca.pem
mkdir run/third.sock
channel third server.example.com:443
write_config
run_step 'Reload with a socket that cannot be' not bus_call '' Reload
run_step 'Verify that the answer names it' answered BadConfiguration "channel third: $dir/run/third.sock"
rmdir run/third.sock
run_step 'Verify that the session goes on' alive app

MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } ); flow_control = \"none\";"
write_config
spawn_call first '' Reload
spawn_call second '' Reload
run_step 'Verify that the modem that starts anew delays the answer' wait_for 20 gone first
run_step 'Verify that the next reload is another one' wait_for 20 gone second
run_step 'Verify that none failed' test "$(cat first.log second.log)" = ''
run_step 'Verify that the third channel is there' test -S run/third.sock
run_step 'Wait for the modem' wait_for 60 bus_is modem/gw0 State ready

spawn_call reset modem/gw0 Reset
wait_for 10 said celltlsd 'the module is to start anew'
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
write_config
run_step 'Reload with the flow control of before, during a reset' bus_call '' Reload
run_step 'Verify that who waits for the reset waits for the new modem' wait_for 60 gone reset
run_step 'Verify that it did not fail' test "$(<reset.log)" = ''
run_step 'Verify that the modem is ready' bus_is modem/gw0 State ready
finish
