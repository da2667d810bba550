#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that aborts: what the app read is a prefix of what was sent, the session ends, and the next one works.
# runs: family mode
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 300000 /dev/urandom >answer
start_peer until:please send:answer abort
start_module
channel server server.example.com:443
start_daemon
for n in first second; do
	run_step "Ask a $n time" client server text:please sink:got
	run_step 'Verify that nothing foreign got into it' is_prefix got answer
	run_step 'Verify that it ended' said client '^end (eof|reset)'
done
finish
