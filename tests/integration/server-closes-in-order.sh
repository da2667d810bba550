#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The app reads everything that the server sent, then end-of-file; at once afterwards the channel can be used again.
# runs: family mode
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 20000 /dev/urandom >answer
start_peer until:please sleep:200 send:answer close
start_module
channel server server.example.com:443
start_daemon
for n in first second; do
	run_step "Ask a $n time" client server text:please "sink:got"
	run_step 'Verify that the app read all' same answer got
	run_step 'Verify that it was an end in order' said client '^end eof'
	run_step 'Verify that the server saw no error' wait_for 10 said server '^done'
done
finish
