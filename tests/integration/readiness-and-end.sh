#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# READY means that the sockets listen, modem or not; TERM in the middle of a session ends it soon, with a reset for the app.
# runs: mode
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer text:hello sleep:60000
channel server server.example.com:443
write_config
spawn manager "$UCLIENT" --notify "$dir/notify"
wait_for 5 said manager listening
export NOTIFY_SOCKET=$dir/notify
spawn celltlsd "$CELLTLSD" --config "$dir/celltls.conf" --foreground --trace "$dir/trace"
unset NOTIFY_SOCKET
run_step 'Verify that it is ready without a modem' wait_for 10 said manager READY=1
run_step 'Verify that the socket is there' test -S run/server.sock
start_module
spawn_client app server until:hello -flood:0 -sink:-
run_step 'Verify that the session is there' wait_for 30 said app '^received 5 '
run_step 'Tell the daemon to end' stop celltlsd
run_step 'Verify that it did so in order' test "$stopped" -eq 0
run_step 'Verify that the app was told' wait_for 5 said app '^end (reset|pipe)'
run_step 'Verify that the socket is gone' test ! -e run/server.sock
finish
