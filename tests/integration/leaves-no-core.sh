#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys and PINs pass through the daemon: no core of it lands on a disk, and its own user cannot look into it.
# runs: once
. "$TOP/tests/integration/lib.sh"

no_core() {
	grep -Eq '^Max core file size +0 +0 ' "/proc/${pid_of[celltlsd]}/limits"
}

# The files of a process that is not dumpable are root's.  To root all look alike: /proc says nothing else.
is_undumpable() {
	[ "$(id -u)" -eq 0 ] || [ "$(stat -c %u "/proc/${pid_of[celltlsd]}/environ")" -eq 0 ]
}

begin
ulimit -S -c unlimited 2>/dev/null || true
make_pki
start_module
channel server server.example.com:443
start_daemon
run_step 'Verify that the limit of core dumps is zero' no_core
run_step 'Verify that nobody but root can look into it' is_undumpable
finish
