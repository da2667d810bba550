#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TERM in the middle of a session, of a flood, with others waiting: sessions, sockets and context end in this order, and
# every app is told.  A second TERM changes nothing.
# runs: family mode
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -n deaf -c server text:hello sleep:100000
start_module --latency 50 # there is time for a second signal
channel deaf deaf.example.com:443
start_daemon
spawn_client writer deaf until:hello -flood:0 -sink:-
run_step 'Verify that the session is there' wait_for 30 said writer '^received 5 '
spawn_client waiting deaf text:x -sink:-
wait_for 5 grep -c 'deaf: client' celltlsd.log
sleep 1
began=$SECONDS lines=$(wc -l <trace)
kill -TERM "${pid_of[celltlsd]}"
sleep 0.05
run_step 'Tell the daemon to end, twice' stop celltlsd
run_step 'Verify its exit status' test "$stopped" -eq 0
run_step 'Verify that it took less than ten seconds' test $((SECONDS - began)) -le 10
run_step 'Verify that it did not give up' test "$(grep -c 'did not close down' celltlsd.log)" -eq 0
run_step 'Verify that the app was told' wait_for 5 said writer '^end (reset|pipe)'
run_step 'Verify that the one that waited was told' wait_for 5 said waiting '^end (reset|pipe)'
run_step 'Verify that the sockets are gone' test -z "$(find run -type s)"
tail -n "+$lines" trace >end.trace
run_step 'Verify that the socket was closed' grep -qE "^> $hangs_up" end.trace
if [ $dialect = telit ]; then # elsewhere the context goes by itself
	run_step 'Verify that the socket was closed before the context' \
		test "$(grep -nE '^> AT#SSLH=1' end.trace | head -n 1 | cut -d : -f 1)" -lt "$(grep -nE '^> AT#SSLEN=1,0' end.trace | head -n 1 | cut -d : -f 1)"
	run_step 'Verify that the context was last' grep -qE '^= *context_down|#SGACT=1,0|#SSLEN=1,0' end.trace
fi
unset "pid_of[celltlsd]"
finish
