#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# When the module loses its context in mid-session the app gets a reset, and a later app is served without anybody's help.
# runs: family mode
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer text:hello sleep:100000
start_peer -n good -c server until:x text:y close
start_module
channel server server.example.com:443
channel good good.example.com:443
start_daemon
spawn_client app server until:hello -flood:0 -sink:-
run_step 'Verify that the session is there' wait_for 30 said app '^received 5 '
run_step 'Drop the context' module drop-context
run_step 'Verify that the app is told' wait_for 40 said app '^end reset'
CLIENT_LIMIT=80
run_step 'Talk to a server again' client good text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
