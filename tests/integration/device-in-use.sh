#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Of two daemons on one modem the second says who has it, waits, and takes over when the first is gone; other programs are named by their lock file.
# limit: 120
. "$TOP/tests/integration/lib.sh"

second_keys() { # another daemon's configuration: other sockets, other memory, the same modem
	sed -e "s,$dir/run,$dir/run2,;s,$dir/state,$dir/state2," celltls.conf
}

begin
make_pki
start_peer until:x text:y sleep:100000
start_module
channel server server.example.com:443
start_daemon
run_step 'Verify that the first has the modem' wait_for 10 said celltlsd 'modem is open'
spawn_client app server text:x until:y -sink:-
run_step 'Verify that its session is there' wait_for 60 said app '^received 1 '
mkdir -p run2 state2
second_keys >second.conf
spawn second "$CELLTLSD" --config "$dir/second.conf" --foreground
if [ -r /proc/locks ]; then
	run_step 'Verify that the second names the first' \
	    wait_for 10 said second "modem: in use by another process: PID ${pid_of[celltlsd]} \((lt-)?celltlsd\)"
else
	run_step 'Verify that the second is refused' wait_for 10 said second 'modem: in use by another process'
fi
sleep 4
run_step 'Verify that it says so once' test "$(grep -c 'in use by' second.log)" -eq 1
run_step 'Verify that the first did not notice' test "$(grep -c 'modem is open' celltlsd.log)" -eq 1
run_step 'Verify that its session lives' alive app
run_step 'End the first' stop celltlsd
run_step 'Verify that the second takes over' wait_for 16 said second 'modem is open'
run_step 'Verify that the modem works for it' wait_for 30 said second 'ready'
run_step 'End the second' stop second
run_step 'Verify that it ended in order' test "$stopped" -eq 0

need flock
spawn holder flock "$(readlink -f modem)" sleep 1000
wait_for 5 test -n "$(pgrep -P "${pid_of[holder]}" 2>/dev/null || echo here)"
sleep 0.3
start_daemon
run_step 'Verify that another program is named' wait_for 10 said celltlsd 'in use by another process: PID [0-9]+ \(flock\)'
finish
