#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The context goes down in the middle of a dial: the log says that it was the network, and the next dial works.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -p sleep:100000
start_peer -n good -c server until:x text:y close
start_module
channel server server.example.com:443
channel good good.example.com:443
start_daemon
spawn_client app server -text:x -sink:got
run_step 'Verify that it dials' wait_for 30 grep -q "^> $dials" trace
run_step 'Drop the context' module drop-context
run_step 'Verify that the app is told' wait_for 20 said app '^end'
run_step 'Verify that the log says why' said celltlsd 'server.example.com:443: no network: '
run_step 'Talk to a server' client good text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
