#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A tty that goes resets the session; when it is back the channel works again.  One that is no tty is waited for.
# runs: mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y sleep:100000
start_peer -n good -c server until:x text:y close
ln -s /dev/null modem
channel server server.example.com:443
channel good good.example.com:443 'wait_timeout = 120;'
start_daemon
run_step 'Verify that the daemon says that /dev/null is no tty' wait_for 20 said celltlsd 'tty'
run_step 'Verify that it stays' alive celltlsd
rm modem
start_module
spawn_client app server text:x until:y -sink:-
run_step 'Verify that a session comes up' wait_for 90 said app '^received 1 '
stop module KILL
rm -f modem module.sock
run_step 'Verify that the app is told' wait_for 30 said app '^end (reset|eof)'
start_module
CLIENT_LIMIT=100
run_step 'Talk to a server again' client good text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
