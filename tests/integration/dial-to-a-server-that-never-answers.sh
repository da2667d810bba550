#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that takes the connection and says nothing: the app waits no longer than dial_timeout.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -p sleep:100000
start_module
channel server server.example.com:443 'dial_timeout = 10;'
start_daemon
run_step 'Verify that the modem is ready' wait_for 60 said celltlsd '-> ready'
begun=$SECONDS
run_step 'Dial in vain' client server -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the log begins with the cause, and says what to do' said celltlsd \
    'server.example.com:443: (not reached|handshake failed|timed out): '
run_step 'Verify that it waited for dial_timeout, not for what is preset' test $((SECONDS - begun)) -le 60
finish
