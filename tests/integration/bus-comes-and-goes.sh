#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Without a bus the daemon works; it finds one that comes, loses it, finds it again; and at rest nothing wakes it.
# runs: once
# limit: 150
. "$TOP/tests/integration/lib.sh"

# How often the daemon slept and was woken: each sleep is a voluntary switch.
wakes() {
	awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }' "/proc/${pid_of[celltlsd]}/status"
}

sleeps() { # SECONDS
	local before

	before=$(wakes)
	sleep "$1"
	echo "$(($(wakes) - before)) wake-ups in $1 s"
	[ "$(wakes)" -eq "$before" ]
}

begin
need dbus-monitor
make_pki
start_peer until:x text:y close
start_module
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } ); supervision = 300;"
channel server server.example.com:443
bus=unix:path=$dir/bus.sock
start_daemon --bus-address "$bus"
run_step 'Talk without a bus' client server text:x sink:got
run_step 'Verify that the server answered' test "$(<got)" = y
run_step 'Verify that the log has one line of it' test "$(grep -c '^bus: ' celltlsd.log)" -le 1
start_bus
# at once where the directories on the way may be watched; else it is looked for at least every 30 s
run_step 'Verify that the bus is found' wait_for 35 bus_is modem/gw0 State ready
spawn monitor dbus-monitor --address "$bus" "sender=org.celltls1"
sleep 3
run_step 'Verify that one that listens wakes nobody' sleeps 10
stop monitor
for _ in 1 2; do
	stop dbus
	rm -f bus.sock
	run_step 'Verify that the loss is told' wait_for 5 said celltlsd '^bus: .* is gone'
	run_step 'Talk without the bus' client server text:x sink:got
	run_step 'Verify that the server answered' test "$(<got)" = y
	sleep 1
	start_bus
	run_step 'Verify that the bus is found again' wait_for 35 bus_is channel/server State idle
	run_step 'Verify that calls come through' bus_call '' Reload
done
run_step 'Verify that the dials of all that time are there' bus_is channel/server Dials 3
finish
