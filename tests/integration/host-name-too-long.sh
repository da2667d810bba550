#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A host name that does not fit into the module's command line is refused with the reason; other channels are not harmed.
# runs: once
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y close
start_module
long=$(printf 'a-rather-long-label-%02d.' 1 2 3 4)example.com
channel long "$long:443" 'wait_timeout = 5;'
channel server server.example.com:443
write_config
"$CELLTLSD" --config celltls.conf --check >check.log 2>&1 || true
start_daemon
run_step 'Connect to the channel' client long -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the reason is told' grep -Eqi 'long' celltlsd.log
run_step 'Talk to another server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
