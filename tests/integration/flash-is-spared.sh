#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Certificates are written to the module once; a daemon that starts anew finds them there, a changed one is written again.
# With Telit: store-is-signed is this for a store of signed commands.
# runs: family
# families: telit-ge telit-he
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -a ca until:x text:y close
start_module
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; },
    { slot = \"cert\"; file = \"$dir/pki/client.pem\"; }, { slot = \"key\"; file = \"$dir/pki/client.key\"; } );"
channel server server.example.com:443 'tls = { verify = "mutual"; };'
start_daemon
run_step 'Talk to the server' client server text:x sink:got
written=$(counter slot_writes)
run_step 'Verify that three slots were written' test "$written" -eq 3
run_step 'Stop the daemon' stop celltlsd
start_daemon
run_step 'Talk to the server again' client server text:x sink:got
run_step 'Verify that no slot was written again' test "$(counter slot_writes)" -eq "$written"
run_step 'Stop the daemon' stop celltlsd
cat pki/other-ca.pem >pki/ca.pem
start_daemon
run_step 'Dial with another authority' client server -text:x -sink:got
run_step 'Verify that it was written' test "$(counter slot_writes)" -gt "$written"
run_step 'Verify that nothing else was' test "$(counter slot_writes)" -le $((written + 2)) # the old one is deleted first
run_step 'Verify that no key was ever read' test "$(counter key_reads)" -eq 0
finish
