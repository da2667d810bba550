#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that wants a client certificate gets the one that the configuration names; its key is never seen again.
# With Telit: no other module is known to show a certificate.
# runs: family mode
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
run_step 'Verify that it answered' test "$(<got)" = y
run_step 'Verify that it knows who asked' said server 'client /.*CN=gateway 0'
run_step 'Verify that the key was not read back' test "$(counter key_reads)" -eq 0
finish
