#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where nobody listens: the log names the server, the cause, the module's words and what to check.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
resolve+=(--resolve "server.example.com=127.0.0.1:$(free_port)")
case $dialect in
cinterion) cause='refused: the module ended it with 21: .*\(nothing listens on that port: check remote\)' ;;
*) cause='not reached: AT#SSLD=1,443,.*SSL socket error \(.*check remote\)' ;;
esac
start_module
channel server server.example.com:443
start_daemon
run_step 'Dial in vain' client server -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the log begins with the cause, and says what to do' said celltlsd \
    "server.example.com:443: $cause"
finish
