#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# celltlsctl connect carries ten megabytes both ways at once, and its exit status is how the session ended.
# runs: mode
# limit: 300
. "$TOP/tests/integration/lib.sh"

bytes=10000000
[ "$MODE" = online ] || bytes=200000
CELLTLSCTL=${CELLTLSCTL:-$BUILD/celltlsctl}

# pipe CHANNEL FILE: its status in $status; input stays open behind the file, as that of a program that goes on
pipe() {
	spawn feeder cp "$2" "$dir/input"
	status=0
	timeout 200 "$CELLTLSCTL" --bus-address "$bus" connect "$1" <"$dir/input" >"$dir/output" 2>"$dir/pipe.log" || status=$?
}

close_when_there() {
	wait_for 60 grep -q partial "$dir/output"
	"$CELLTLSCTL" --bus-address "$bus" close "$1"
}

ended() { # STATUS [PATTERN]
	[ "$status" -eq "$1" ] || { echo "status $status"; cat "$dir/pipe.log"; return 1; }
	[ $# -eq 1 ] || said pipe "$2"
}

begin
make_pki
head -c "$bytes" /dev/urandom >up
head -c "$bytes" /dev/urandom >down
printf 'ask\n' >question
mkfifo input
exec 7<>input
start_bus
start_peer "both:down:$bytes:up.received" close
start_peer -n rude -c server until:ask text:partial sleep:200000
start_module
MODEM_KEYS="baud = 0; $(certificates)"
channel server server.example.com:443
channel rude rude.example.com:443
channel nobody "nobody.example.com:443"
start_daemon --bus-address "$bus"

run_step 'Wait until the daemon is on the bus' wait_for 30 "$CELLTLSCTL" --bus-address "$bus" status
run_step 'Send and receive at the same time' pipe server up
run_step 'Verify that it was an end in order' ended 0
run_step 'Verify that the server got all' same up up.received
run_step 'Verify that all came back' same down output

spawn closer close_when_there rude
run_step 'Ask a server, and have the session closed in the middle' pipe rude question
run_step 'Verify that what had come is there' test "$(<output)" = partial
run_step 'Verify that it is told as no end in order' ended 8 'rude: .*closed by Close\(\)'
run_step 'Dial what is not there' pipe nobody question
run_step 'Verify that the reason is told' ended 8 'nobody\.example\.com'
finish
