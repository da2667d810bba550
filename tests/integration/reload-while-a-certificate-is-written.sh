#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reloads with nothing of importance changed, while the modem writes a certificate and unlocks its SIM: it goes on with what
# it was doing, and what it writes is what the file holds.
# runs: once
# limit: 60
. "$TOP/tests/integration/lib.sh"

# reloads_until PATTERN: one after the other
reloads_until() {
	local n

	for ((n = 0; n < 300; n++)); do
		kill -HUP "${pid_of[celltlsd]}"
		sleep 0.02
		said celltlsd "$1" && return
	done
	return 1
}

begin
make_pki
start_peer until:x text:y close
start_module --sim-pin 1234 --latency 200
(umask 077 && echo 1234 >pin)
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } ); pin_file = \"$dir/pin\";"
channel server server.example.com:443
start_daemon
run_step 'Verify that the SIM wants its PIN' wait_for 30 said celltlsd ' -> unlocking'
run_step 'Reload until it is unlocked' reloads_until 'unlocking -> sim'
run_step 'Verify that the slots are looked at' wait_for 30 said celltlsd ' -> certificates'
run_step 'Reload until they are as they must be' reloads_until 'certificates -> ready'
run_step 'Verify that the slot was written once' test "$(counter slot_writes)" -eq 1
run_step 'Verify that the modem never started anew' test "$(grep -c 'identifying -> ' celltlsd.log)" -eq 1
run_step 'Talk to a server that needs that certificate' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
