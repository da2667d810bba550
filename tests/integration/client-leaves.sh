#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An app that leaves in mid-dial or in mid-session frees the module for the next; what it had written is handed over first.
# runs: family mode
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 30000 /dev/urandom >letter
start_peer -n slow -c server until:x text:y close
start_peer recv:30000:got -sink:rest
start_module --latency 100
channel slow slow.example.com:443
channel server server.example.com:443 'linger = 60;'
start_daemon
for ms in 0 200 700 1500; do
	run_step "Leave $ms ms after connecting" client slow "sleep:$ms"
done
run_step 'Write a letter and leave' client server send:letter close
run_step 'Verify that the server got all of it' wait_for 60 said server '^received 30000 '
run_step 'Verify that it is the same' same letter got
CLIENT_LIMIT=30 # less than linger: with all handed over there is nothing to wait for
run_step 'Talk to the server afterwards' client slow text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
