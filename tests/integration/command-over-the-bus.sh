#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Command() sends what allow_command lists, and nothing else; what touches keys, PINs and slots not even then.
# runs: mode
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y sleep:100000
start_module
start_bus
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } ); allow_command = ( \"AT+CSQ\", \"AT+CG*\", \"AT#SSLSECDATA*\", \"AT+NOSUCH\" );"
channel server server.example.com:443
start_daemon --bus-address "$bus"
run_step 'Wait for the modem' wait_for 30 bus_is modem/gw0 State ready
run_step 'Ask for the signal' bus_call modem/gw0 Command string:AT+CSQ uint32:0
run_step 'Verify the answer' grep -q '+CSQ: [0-9]*,[0-9]*' answer
run_step 'Ask by a pattern' bus_call modem/gw0 Command string:AT+CGMM uint32:5000
run_step 'Verify that it is the model' grep -qF "$(bus_get modem/gw0 Model)" answer
run_step 'Ask what is not listed' not bus_call modem/gw0 Command string:AT+CIMI uint32:0
run_step 'Verify what the answer says' answered NotSupported 'allow_command of modem gw0 does not list'
run_step 'Ask for a key' not bus_call modem/gw0 Command string:AT#SSLSECDATA=1,2,2 uint32:0
run_step 'Verify that it is never sent' answered NotSupported 'never sent'
run_step 'Verify that it was not' not grep -q 'SSLSECDATA=1,2,2' trace
run_step 'Ask two things at once' not bus_call modem/gw0 Command 'string:AT+CGMM;+CIMI' uint32:0
run_step 'Verify that this is a mistake' answered InvalidArgument 'single command'
run_step 'Ask what the module does not know' not bus_call modem/gw0 Command string:AT+NOSUCH uint32:0
run_step "Verify that the module's words are the answer" answered ModuleError ERROR
run_step 'Wait for longer than may be' not bus_call modem/gw0 Command string:AT+CSQ uint32:300001
run_step 'Verify that this is a mistake' answered InvalidArgument 'at most 300000'

spawn_client app server text:x until:y -sink:-
run_step 'Verify that a session comes up' wait_for 30 said app '^received 1 '
if [ "$MODE" = online ]; then
	run_step 'Verify that a session that stays online has the line to itself' not bus_call modem/gw0 Command string:AT+CSQ uint32:0
	run_step 'Verify what the answer says' answered Busy 'session'
else
	run_step 'Ask while there is a session' bus_call modem/gw0 Command string:AT+CSQ uint32:0
	run_step 'Verify the answer' grep -q '+CSQ: [0-9]*,[0-9]*' answer
fi
run_step 'Verify that the session goes on' alive app
kill "${pid_of[app]}"
run_step 'Release the modem' bus_call modem/gw0 Release
run_step 'Ask the one that is released' not bus_call modem/gw0 Command string:AT+CSQ uint32:0
run_step 'Verify what the answer says' answered NotReady 'released'
finish
