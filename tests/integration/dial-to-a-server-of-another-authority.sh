#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A chain to another root: the log says that the handshake failed, and to look at ca; the server gets nothing.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -c server-other recv:1:got-other
case $dialect in
cinterion) cause='certificates not usable: the module ended it with 66: .*\(check that ca names all certificates' ;;
*) cause='handshake failed: AT#SSLD=1,443,.*SSL error during handshake \(.*that ca is the root of its chain' ;;
esac
start_module
channel server server.example.com:443
start_daemon
run_step 'Dial in vain' client server -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the log begins with the cause, and says what to do' said celltlsd \
    "server.example.com:443: $cause"
run_step 'Verify that the server got nothing' test ! -s got-other
finish
