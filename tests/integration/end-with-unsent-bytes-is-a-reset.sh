#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that goes while the app still writes: the app reads what the server sent, then ECONNRESET, never an end-of-file.
# runs: family mode
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer text:hello recv:20000:got abort
start_module --line-rate 115200
channel server server.example.com:443
start_daemon
run_step 'Write more than the server reads' client server -flood:5000000 sink:answer
run_step 'Verify that the app read what the server sent' test "$(<answer)" = hello
run_step 'Verify that it was told of the reset' said client '^end reset'
run_step 'Verify that the server got the beginning' test "$(stat -c %s got)" -eq 20000
finish
