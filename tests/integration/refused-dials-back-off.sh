#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that is not there: the app is told at once, dials back off, and the channel works when the server is back.
# runs: family mode
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
port=$(free_port)
resolve+=(--resolve "server.example.com=127.0.0.1:$port")
start_module
channel server server.example.com:443 'dial_backoff = 4;'
start_daemon
for n in first second third; do
	run_step "Dial in vain a $n time" client server -text:x -sink:got
	run_step 'Verify that nothing came' test ! -s got
done
run_step 'Verify that it did not dial more than the apps asked for' test "$(counter dials)" -le 3
spawn server "$TLS_PEER" --cert pki/server.pem --key pki/server.key --port "$port" until:x text:y close
wait_for 5 said server listening
run_step 'Dial when the server is back' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
