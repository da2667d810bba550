#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# After shutdown(SHUT_WR) the app still gets the answer; a server that says nothing more is left after the linger time.
# runs: mode
# families: telit-ge cinterion
# but: cinterion command: half-close-is-passed-on is this; a server that does not read the end that it is sent may close by a reset
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 50000 /dev/urandom >question
head -c 50000 /dev/urandom >answer
start_peer recv:50000:got sleep:1000 send:answer close
start_peer -n quiet -c server until:x sleep:60000
start_module
channel server server.example.com:443
channel quiet quiet.example.com:443 'linger = 3;'
start_daemon
run_step 'Ask, shut, and listen' client server send:question shut sink:received
run_step 'Verify the question' same question got
run_step 'Verify the answer' same answer received
run_step 'Verify that it was an end in order' said client '^end eof'
run_step 'Talk to a server that never ends' client quiet text:x shut sink:-
run_step 'Verify that linger ended it' said client '^end'
finish
