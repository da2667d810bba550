#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# monitor tells every change once, outlives the daemon, and ends at ^C and when nobody reads any more.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-$(dirname "$0")/../..}/tests/ctl/lib.sh"
begin

# A job of a script ignores ^C from its start; env takes that back.
start_monitor() {
	env --default-signal=INT "$build/celltlsctl" --bus-address "$address" monitor "$@" >"$work/out" 2>"$work/err" &
	monitor_pid=$!
	pids+=("$monitor_pid")
}
told() {
	wait_for 10 grep -qE -- "$1" "$work/out" || fail "not told: $1"
}

start_monitor
told 'celltlsd  does not run'
start_fake well
told 'celltlsd  there'
told '[0-9] [0-9:]{8}  modem gw0  ready$'
told 'channel mqtt  idle$'
tell 'set channel cloud State dialing'
told 'channel cloud  State open -> dialing$'
tell 'set channel cloud PeerSubject /O=A, B/CN=a.example'
told 'channel cloud  PeerSubject /O=A, B/CN=a.example$'
tell 'set channel cloud Dials 13'
told 'channel cloud  Dials 13$'
tell 'set channel cloud Dials 13'
tell 'set modem gw0 LastError lost\x1b[2J'
told 'modem gw0  LastError lost\\x1b\[2J'
[ "$(grep -c 'Dials 13' "$work/out")" -eq 1 ] || fail 'told twice'
tell 'add channel new'
told 'channel new  added'
tell 'set channel new Sessions 2'
told 'channel new  Sessions 2'
tell 'remove channel new'
told 'channel new  removed'
tell die
told 'celltlsd  gone; waiting'
start_fake empty
told 'celltlsd  there'
tell 'add modem late'
told 'modem late  added'
cpu() {
	awk '{ print $14 + $15 }' "/proc/$monitor_pid/stat"
}
before=$(cpu)
sleep 1
[ $(($(cpu) - before)) -le 5 ] || fail 'it is busy at rest'
kill -INT "$monitor_pid"
wait "$monitor_pid"
status=$?
[ $status -eq 0 ] || fail "exit status $status at ^C"

start_monitor --json
told '"Event": "present"'
tell 'set modem late State ready\x07\\"'
told '"Event": "changed"'
kill -TERM "$monitor_pid"
wait "$monitor_pid"
if command -v jq >/dev/null; then
	jq -es 'map(select(.Event == "changed"))[0] | .Object == "modem" and .Name == "late" and .Properties.State == "ready\u0007\\\""' \
	    "$work/out" >/dev/null || fail 'not the object that was expected'
fi

# quietly, and at once, also while nothing changes
"$build/celltlsctl" --bus-address "$address" monitor 2>"$work/err" > >(head -n 1 >"$work/out") &
monitor_pid=$!
pids+=("$monitor_pid")
wait_for 10 sh -c "! kill -0 $monitor_pid 2>/dev/null" || fail 'it goes on without a reader'
[ ! -s "$work/err" ] || fail 'a broken pipe is not told'
without_reader=$({ { sleep 0.2; ctl monitor 2>"$work/err"; echo $? >&3; } | true; } 3>&1)
[ "$without_reader" -eq 0 ] || fail "exit status $without_reader where nobody reads from the start"

# the bus goes
start_monitor
told 'modem late'
kill "$bus_pid"
wait "$monitor_pid"
status=$?
[ $status -eq 3 ] || fail "exit status $status when the bus goes"
says 'the bus went away'
finish
