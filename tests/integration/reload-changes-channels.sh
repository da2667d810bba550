#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A channel with another remote: its session is reset, who waits is served by the new one.  Sockets move and change their
# mode, a name changes and its path stays; the clients of others notice nothing.
# runs: mode
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -n one -c server until:x text:1 sleep:60000
start_peer -n two -c server until:x text:2 close
start_module
mine="group = \"$(id -gn)\";"
channel server one.example.com:443
channel named one.example.com:443 "socket = { path = \"$dir/run/fixed.sock\"; $mine };"
channel moved two.example.com:443 "socket = { path = \"$dir/run/here.sock\"; $mine };"
channel_names=(server)
start_daemon
spawn_client app server text:x until:1 -sink:-
run_step 'Verify that the session is there' wait_for 30 said app '^received 1 '
spawn_client waiting server text:x sink:answer
wait_for 5 said celltlsd 'server: client'

channels=()
channel server two.example.com:443 "socket = { mode = \"0600\"; $mine };"
channel renamed two.example.com:443 "socket = { path = \"$dir/run/fixed.sock\"; $mine };"
channel moved two.example.com:443 "socket = { path = \"$dir/run/there.sock\"; $mine };"
write_config
run_step 'Reload' reload
run_step 'Verify that the app was reset' wait_for 5 said app '^end (reset|eof)'
run_step 'Verify that the log says why' said celltlsd '^channel server: the configuration of the channel was changed: remote, socket.mode$'
run_step 'Verify that the one that waited is served by the new remote' wait_for 30 gone waiting
run_step 'Verify what that said' test "$(<answer)" = 2
run_step 'Verify the mode of the socket' test "$(stat -c %a run/server.sock)" = 600
run_step 'Verify that one socket has moved' test -S run/there.sock
run_step 'Verify that it is not where it was' test ! -e run/here.sock
run_step 'Talk by the channel that was renamed' client fixed text:x sink:got
run_step 'Verify that it leads to the new remote' test "$(<got)" = 2
run_step 'Talk by the one that has moved' client there text:x sink:got
run_step 'Verify that the server answered' test "$(<got)" = 2

channels=()
channel renamed two.example.com:443 "socket = { path = \"$dir/run/there.sock\"; $mine };"
channel moved two.example.com:443 "socket = { path = \"$dir/run/fixed.sock\"; $mine };"
write_config
run_step 'Swap two sockets' reload
run_step 'Verify that a channel that is gone has no socket' test ! -e run/server.sock
for name in there fixed; do
	run_step "Talk by $name.sock" client $name text:x sink:got
	run_step 'Verify that the server answered' test "$(<got)" = 2
done
finish
