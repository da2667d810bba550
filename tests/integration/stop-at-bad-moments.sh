#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TERM or INT with the tty absent, on the way up, in the middle of a certificate, of a dial, with a module that is mute: the
# daemon ends within ten seconds, with exit status 0, and the next one finds a module that works.
# runs: once
# limit: 200
. "$TOP/tests/integration/lib.sh"

# ends WHAT [SIGNAL]
ends() {
	local began=$SECONDS

	run_step "Tell the daemon to end: $1" stop celltlsd "${2:-TERM}"
	run_step 'Verify its exit status' test "$stopped" -eq 0
	run_step 'Verify that it took less than ten seconds' test $((SECONDS - began)) -le 10
	run_step 'Verify that its socket is gone' test ! -e run/server.sock
	mv celltlsd.log "before.$1.log"
}
begin
make_pki
start_peer until:x text:y close
channel server server.example.com:443
start_daemon
ends 'tty absent' INT
start_daemon
spawn_client app server text:x -sink:-
wait_for 5 said celltlsd 'server: client'
ends 'tty absent, a client waits'
run_step 'Verify that the client was told' wait_for 5 said app '^end (reset|pipe)'
start_module --latency 100
start_daemon
run_step 'Verify that the module is on its way up' wait_for 30 said celltlsd 'tls -> certificates'
ends 'on the way up, in the certificates'
run_step 'Verify that the context went down' test "$(grep '^> AT' trace | tail -n 2 | grep -cE 'SSLEN=1,0|SGACT=1,0')" -ge 1
run_step 'Set the module to dial slowly' module fault slow-handshake=20000
start_daemon
spawn_client app server text:x -sink:-
run_step 'Verify that it dials' wait_for 60 grep -q '^> AT#SSLD' trace
sleep 1
ends 'in the middle of a dial'
run_step 'Verify that the client was told' wait_for 5 said app '^end (reset|pipe)'
run_step 'Make the module fast again' module fault none
start_daemon
run_step 'Talk to the server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
run_step 'Make the module mute' module mute on
spawn_client app server text:x -sink:-
sleep 1
ends 'the module is mute'
run_step 'Let it speak again' module mute off
start_daemon
run_step 'Talk to the server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
