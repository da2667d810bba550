#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A device that is not there at start is found when it comes, with directories and links that come one after another; and until then the daemon sleeps.
# limit: 150
. "$TOP/tests/integration/lib.sh"

# How often the daemon's thread went to sleep by itself: a wake-up is one more.
sleeps() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/${pid_of[celltlsd]}/status"
}

sleeps_through() { # SECONDS [WAKE_UPS]
	local before

	before=$(sleeps)
	sleep "$1"
	[ $(($(sleeps) - before)) -le "${2:-0}" ]
}

# Whatever is made or removed in a directory on the way wakes the daemon for a moment, so let it be one that few use.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
begin
make_pki
start_peer until:x sleep:200 text:y close
channel server server.example.com:443 'wait_timeout = 100;'
# By a link in a directory that does not exist yet, to a link that does not exist yet, as in /dev/serial/by-id.
DEVICE=$dir/serial/by-id/modem
start_daemon
run_step 'Verify that the daemon says what is missing' wait_for 10 said celltlsd 'serial/by-id/modem: no such device'
# it looks up once more, to say that there is no bus either
run_step 'Wait until it has said so of its bus' wait_for 10 said celltlsd '^bus: .* is not there'
sleep 0.5
run_step 'Verify that nothing wakes it' sleeps_through 8
spawn_client app server text:x -sink:got
sleep 0.5
mkdir -p serial/by-id
sleep 0.3
run_step 'Verify that a directory alone does not keep it awake' sleeps_through 3
ln -s ../../modem serial/by-id/modem
sleep 0.3
start_module
run_step 'Verify that the device is found' wait_for 3 said celltlsd 'by-id/modem is open'
run_step 'Verify that the waiting app is served' wait_for 60 said app '^end eof'
run_step 'Verify what it read' test "$(<got)" = y
# the whole directory goes, as /dev/serial does with its last device, and all is back elsewhere
rm -r serial
module unplug 100000 >unplugged
run_step 'Verify that the loss is told' wait_for 5 said celltlsd 'by-id/modem is gone'
sleep 0.5
# the time for which the last timer of the session was set may still come
run_step 'Verify that it sleeps again' sleeps_through 5 1
stop module
mkdir -p serial/by-id
ln -s ../../modem serial/by-id/modem
start_module
reopened() { [ "$(grep -c 'by-id/modem is open' celltlsd.log)" -eq 2 ]; }
run_step 'Verify that it is found again' wait_for 3 reopened
finish
