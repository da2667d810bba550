#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# soak.sh: the real programs for long (SOAK_MINUTES, 60), while the module lives through all that chaos= of celltls-sim(1) has.
#
# Apps come one after the other and exchange a word with a server; what they read must be what it says, or the beginning of it.  In the end, without faults, one app must be served; the daemon may not
# have grown and not hold more descriptors than after the first minutes.  Prints a line a minute.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/tests/integration/lib.sh"

minutes=${SOAK_MINUTES:-60}
faults='chaos=40,unplug=120,late=0.01,late-ms=2500,no-final=0.002,urc=0.02,deaf=0.0005'
grown_max=512 # KiB
served=0 not_served=0

descriptors() {
	find "/proc/${pid_of[celltlsd]}/fd" -mindepth 1 2>/dev/null | wc -l
}

one_app() {
	if CLIENT_LIMIT=150 client server text:x sink:got; then
		served=$((served + 1))
	else
		not_served=$((not_served + 1))
	fi
	is_prefix got said || { echo 'an app read what no server said:'; od -c got | head -n 20; exit 1; }
	alive celltlsd || { echo 'the daemon has ended'; exit 1; }
}

begin
make_pki
printf 'yes, I hear you' >said
start_peer until:x text:"$(<said)" close
channel server server.example.com:443 'wait_timeout = 120; dial_timeout = 40; dial_backoff = 5;'
start_module --line-rate 115200
start_daemon
run_step 'Talk to a server' client server text:x sink:got
run_step "Let faults happen: $faults" test "$(module fault "$faults")" = ok
for ((minute = 1; minute <= minutes; minute++)); do
	until=$((SECONDS + 60))
	while [ "$SECONDS" -lt "$until" ]; do
		one_app
	done
	now=$(daemon_memory)
	[ "$minute" -gt 3 ] || first=$now
	echo "    minute $minute: $served served, $not_served not; $now KiB, $(descriptors) descriptors; the module had $(counter faults) faults, $(counter resets) resets"
done
run_step 'Let there be no faults' test "$(module fault none)" = ok
CLIENT_LIMIT=300
run_step 'Talk to a server again' client server text:x sink:got
run_step 'Verify that it answered' same got said
run_step "Verify that memory did not grow: $first KiB, then $now KiB" test $((now - first)) -le $grown_max
finish
