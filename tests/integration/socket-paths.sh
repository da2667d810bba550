#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A path that is too long is a mistake; a file left over is replaced; another's live socket, or a file of another kind, is not.
# runs: once
# root: yes
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_module
# refuses_to_start PATTERN: the daemon ends, and says why
refuses_to_start() {
	write_config
	spawn celltlsd "$CELLTLSD" --config "$dir/celltls.conf" --foreground
	wait_for 10 gone celltlsd
	stopped=0
	wait "${pid_of[celltlsd]}" || stopped=$?
	unset 'pid_of[celltlsd]'
	[ "$stopped" -ne 0 ]
	said celltlsd "$1"
}
second_is_refused() {
	local status=0

	sed 's|device = .*|device = "/dev/null";|' celltls.conf >second.conf
	timeout 10 "$CELLTLSD" --config second.conf --foreground >second.log 2>&1 || status=$?
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
}
at() {
	channels=() channel_names=()
	channel server server.example.com:443 "socket = { path = \"$1\"; group = \"$(id -gn)\"; };"
}
at "$dir/run/$(printf '%0120d' 0).sock"
run_step 'Use a path that is too long' refuses_to_start '000|path'
mkdir -p run
spawn other "$UCLIENT" --listen "$dir/run/server.sock"
wait_for 5 said other listening
at "$dir/run/server.sock"
run_step 'Use a path where another process listens' refuses_to_start 'server\.sock'
run_step 'Verify that its socket is still there' test -S run/server.sock
stop other KILL
run_step 'Verify that the socket was left over' test -S run/server.sock
start_daemon
run_step 'Verify that the daemon replaced it' wait_for 10 client server
old=$(stat -c %i run/server.sock)
run_step 'Verify the mode' test "$(stat -c %a run/server.sock)" = 660
run_step 'Start a second daemon at the same place' second_is_refused
run_step 'Verify that the socket is the same' test "$(stat -c %i run/server.sock)" = "$old"
run_step 'Stop the first' stop celltlsd
run_step 'Verify that it removed its socket' test ! -e run/server.sock
echo precious >run/server.sock
run_step 'Use a path where a file is' refuses_to_start 'server\.sock'
run_step 'Verify that the file is unharmed' grep -q precious run/server.sock
finish
