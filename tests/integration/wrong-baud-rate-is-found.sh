#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A module that was left at another rate is found, and given the configured one; the channel works.
# limit: 200
. "$TOP/tests/integration/lib.sh"

rate_of_the_tty() {
	stty -F modem | grep -q "speed $1 baud"
}

begin
make_pki
start_peer until:x text:y close
channel server server.example.com:443 'wait_timeout = 150;'
start_module --module-rate 9600
MODEM_KEYS="baud = 57600; certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
start_daemon
CLIENT_LIMIT=160
run_step 'Talk to a server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
run_step 'Verify that the log says where the module was found' said celltlsd '9600'
run_step 'Verify that the line has the configured rate' rate_of_the_tty 57600
run_step 'Verify that the log says how it was found' said celltlsd 'way back: baud rate'
finish
