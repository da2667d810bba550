#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reloads without end, with and without changes, one on top of the other, modem absent or there: nothing grows, nothing is lost.
# runs: once
# limit: 200
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y close
channel server server.example.com:443
channel second server.example.com:443
other_keys="supervision = 30; certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } ); flow_control = \"none\";"
descriptors=$(ulimit -Sn)
ulimit -Sn 64 # one lost in each reload would be missed soon
start_daemon
ulimit -Sn "$descriptors"
spawn_client patient server text:x sink:got
cp celltls.conf one.conf
channels=("${channels[0]}")
MODEM_KEYS=$other_keys write_config
cp celltls.conf two.conf

# turns N: from one configuration to the other and back
turns() {
	local n

	for ((n = 0; n < $1; n++)); do
		cp two.conf celltls.conf
		reload
		cp one.conf celltls.conf
		reload
	done
}
bounded() {
	echo "    $memory KiB before, $(daemon_memory) KiB now"
	[ $(($(daemon_memory) - memory)) -lt 3072 ]
}
run_step 'Reload 20 times' turns 10
memory=$(daemon_memory)
run_step 'Reload 200 times with the modem absent and a client that waits' turns 100
run_step 'Verify that nothing has grown' bounded
start_module
run_step 'Verify that the client was served in the end' wait_for 60 gone patient
run_step 'Verify what the server said' test "$(<got)" = y
run_step 'Reload while the modem comes up, or goes down' turns 5
before=$(taken)
storm() {
	local n

	for ((n = 0; n < 50; n++)); do
		cp "$([ $((n % 2)) = 0 ] && echo two || echo one).conf" celltls.conf
		kill -HUP "${pid_of[celltlsd]}"
		sleep 0.02
	done
	cp one.conf celltls.conf
	reload
}
run_step 'Reload 50 times on top of each other' storm
run_step 'Verify that this did not take 50 reloads with a modem down each' test "$(taken)" -le $((before + 52))
run_step 'Talk to the server' client second text:x sink:got2
run_step 'Verify that it answered' test "$(<got2)" = y
run_step 'Reload, and end in the middle of it' kill -HUP "${pid_of[celltlsd]}"
finish
