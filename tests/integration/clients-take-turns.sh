#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One TLS socket, several apps: each is served in its turn, and those beyond max_waiting are sent away at once.
# runs: mode
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:go text:done sleep:500 close
start_module
channel server server.example.com:443 'max_waiting = 3;'
start_daemon
come() { # N clients
	[ "$(grep -c '^channel server: client of' celltlsd.log)" -eq "$1" ]
}
wait_for 60 said celltlsd '-> ready' # what the first one sleeps is not for the way up
spawn_client first server sleep:10000 text:go sink:-
wait_for 30 said server '^accepted'
n=1
for name in second third fourth; do
	spawn_client $name server text:go sink:-
	n=$((n + 1))
	wait_for 9 come $n
done
run_step 'Come as one too many' client server -sink:got
run_step 'Verify that nothing was said' test ! -s got
for name in first second third fourth; do
	run_step "Verify that the $name one was served" wait_for 60 said $name '^received 4 '
	run_step 'Verify that it ended in order' wait_for 20 said $name '^end eof'
done
run_step 'Verify that there were four connections' test "$(grep -c ^accepted server.log)" -eq 4
finish
