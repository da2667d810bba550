#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TLS records above 15,800 bytes: the 3G modules take them; on the 2G modules the session ends, what came is whole, and the log
# says what is wrong.
# With Telit: of no other a limit is known.
# runs: family mode
# families: telit-ge telit-he
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 40000 /dev/urandom >answer
start_peer -r 16384 until:please send:answer close
start_module
channel server server.example.com:443
start_daemon
run_step 'Ask' client server text:please sink:got
run_step 'Verify that nothing foreign got into the answer' is_prefix got answer
case $FAMILY in
telit-he) run_step 'Verify that it is whole' same answer got ;;
telit-ge)
	run_step 'Verify that it was cut short' test "$(stat -c %s got)" -lt 40000
	[ "$MODE" = online ] || run_step 'Verify that the log says why' grep -q 15800 celltlsd.log
	;;
esac
finish
