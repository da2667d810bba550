#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A device that vanishes in mid-session resets it, and the log says why; when its link is back, with another number behind it, the channel works.
# runs: mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

times_open() {
	[ "$(grep -c ': .*/modem is open' celltlsd.log)" -eq "$1" ]
}

round() { # N
	# with bytes that are not taken yet: without any, the kernel has no way to show a reset
	spawn_client "app$1" server text:x until:y -flood:0 -sink:-
	run_step "Verify that a session comes up ($1)" wait_for 60 said "app$1" '^received 1 '
	readlink modem >>numbers
	module unplug 1500 >/dev/null
	[ "$1" -ne 2 ] || exec 8<>/dev/ptmx # somebody else takes the number that became free
	run_step 'Verify that the app is told' wait_for 5 said "app$1" '^end (reset|pipe)'
	run_step 'Verify that it is found again' wait_for 10 times_open $(($1 + 1))
}

begin
make_pki
start_peer until:x text:y sleep:100000
start_peer -n good until:x text:y close
channel server server.example.com:443
channel good good.example.com:443 'wait_timeout = 120;'
start_module
start_daemon
for n in 1 2 3; do
	round $n
done
run_step 'Verify that the number was another' test "$(sort -u numbers | wc -l)" -gt 1
run_step 'Verify that the log says why' said celltlsd 'channel server: .*is gone'
CLIENT_LIMIT=100
run_step 'Talk to a server again' client good text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
