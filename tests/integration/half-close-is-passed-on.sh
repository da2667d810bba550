#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A module that can end its own direction alone does so when the app has: the server sees it, and answers still.
# runs: once
# families: cinterion
# limit: 90
. "$TOP/tests/integration/lib.sh"

MODE='command'
begin
make_pki
head -c 20000 /dev/urandom >question
head -c 20000 /dev/urandom >answer
start_peer sink:got sleep:1000 send:answer close
start_module
channel server server.example.com:443
start_daemon
run_step 'Ask, shut, and listen' client server send:question shut sink:received
run_step 'Verify the question' same question got
run_step 'Verify that the server saw the end of it' said server '^end close_notify'
run_step 'Verify the answer' same answer received
run_step 'Verify that it was an end in order' said client '^end eof'
run_step 'Verify that the module was told once' test "$(grep -c '^> AT^SISW=0,0,1' trace)" -eq 1
finish
