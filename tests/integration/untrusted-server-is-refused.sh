#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server whose chain does not end at the module's authority, or that has expired, gets not a byte; a good one still works.
# runs: family mode
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -n other -c server-other recv:1:got-other
start_peer -n expired -c server-expired recv:1:got-expired
start_peer until:x text:y close
start_module
for name in other expired server; do
	channel $name $name.example.com:443 'dial_backoff = 1;'
done
start_daemon
for name in other expired; do
	run_step "Dial the server \"$name\"" client $name -text:secret -sink:got
	run_step 'Verify that the app got nothing' test ! -s got
	run_step 'Verify that the server got nothing' test ! -s got-$name
	run_step 'Verify that the log says why' grep -qi 'handshake\|certificate' celltlsd.log
done
run_step 'Dial a good server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
