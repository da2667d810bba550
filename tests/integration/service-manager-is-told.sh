#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The status has an entry for each modem and follows what happens, seldom; the watchdog is fed by a turning loop only.
# runs: once
. "$TOP/tests/integration/lib.sh"

manager() { # NAME
	spawn "$1" "$UCLIENT" --limit 100 --notify-all "$dir/$1"
	wait_for 5 said "$1" listening
}

daemon_of() { # NAME: the daemon tells that manager
	spawn celltlsd env NOTIFY_SOCKET="$dir/$1" ${2:+WATCHDOG_USEC=$2} "$CELLTLSD" --config "$dir/celltls.conf" --foreground
}

# How many lines of NAME match.
told() {
	grep -c -- "$2" "$dir/$1.log" || true
}

fed_again() {
	[ "$(told dog WATCHDOG=1)" -gt "$fed" ]
}

not_fed() {
	fed=$(told dog WATCHDOG=1)
	sleep 1.5
	[ "$(told dog WATCHDOG=1)" -eq "$fed" ]
}

ready_again() {
	[ "$(told quiet READY=1)" -eq 2 ]
}

# Nothing is told where nothing happens.
rests() {
	local before

	before=$(wc -l <"$dir/quiet.log")
	sleep 3
	[ "$(wc -l <"$dir/quiet.log")" -eq "$before" ]
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# One with READY=1, which waits for nothing, and then a second between two.
told_seldom() { # SINCE
	[ "$(told quiet '^STATUS=')" -le $((2 + ($(now_ms) - $1) / 1000)) ]
}

never_twice_alike() {
	[ -z "$(grep '^STATUS=' "$dir/quiet.log" | uniq -d)" ]
}

sixteen_modems() {
	local i

	mkdir -p "$dir/run" "$dir/state"
	printf 'state_directory = "%s"; runtime_directory = "%s"; modems = (\n' "$dir/state" "$dir/run"
	for i in {1..16}; do
		printf '{ name = "gw%d"; device = "%s/nowhere/%050d"; dialect = "telit"; pdp = { apn = "a"; }; }%s\n' \
		    "$i" "$dir" "$i" "$([ "$i" -eq 16 ] || echo ,)"
	done
	echo '); channels = ();'
}

# A reason is cut wherever it is long enough: in one of the two that is in the middle of a character.
names_beyond_ascii() {
	local umlauts

	umlauts=$(printf 'ü%.0s' {1..80})
	printf 'state_directory = "%s"; runtime_directory = "%s"; modems = (\n' "$dir/state" "$dir/run"
	printf '{ name = "gw0"; device = "%s"; dialect = "telit"; pdp = { apn = "a"; }; },\n' "$dir/$umlauts"
	printf '{ name = "gw1"; device = "%s"; dialect = "telit"; pdp = { apn = "a"; }; }\n' "$dir/x$umlauts"
	echo '); channels = ();'
}

# As the service manager wants it: it passes over a status that is not.
is_utf8() {
	grep -q "$2" "$dir/$1.log" && iconv -f UTF-8 -t UTF-8 "$dir/$1.log" >/dev/null
}

begin
make_pki
start_peer text:hello until:bye close
channel server server.example.com:443
# the module is looked at every second, and is found as it was
MODEM_KEYS="supervision = 1; certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
write_config

manager quiet
since=$(now_ms)
daemon_of quiet
run_step 'Verify that a modem that is not there has its reason' wait_for 10 said quiet '^STATUS=gw0: absent \(.*no such device'
start_module
run_step 'Verify that the status follows the modem' wait_for 30 said quiet '^STATUS=gw0: ready, home, -[0-9]+ dBm, 0 of 1 channel open$'
run_step 'Verify that states that pass within a second are not told' told_seldom "$since"
spawn_client app server until:hello sleep:4000 text:bye sink:-
run_step 'Verify that it follows a session' wait_for 30 said quiet '^STATUS=gw0: ready, home, .*1 of 1 channel open$'
run_step 'Verify that the session ends' wait_for 30 gone app
sleep 2
run_step 'Verify that nothing is told at rest' rests
run_step 'Verify that nobody feeds a watchdog that there is not' test "$(told quiet WATCHDOG)" -eq 0
kill -HUP "${pid_of[celltlsd]}"
run_step 'Verify that a reload is told' wait_for 10 said quiet '^RELOADING=1'
run_step 'Verify that its end is told' wait_for 10 ready_again
echo '}' >>celltls.conf
kill -HUP "${pid_of[celltlsd]}"
run_step 'Verify that mistakes and the modem are told' wait_for 10 said quiet '^STATUS=.*celltls.conf has mistakes, .*; gw0: ready, '
write_config
stop celltlsd
run_step 'Verify that no status is told twice in a row' never_twice_alike
run_step 'Verify that the end is told' said quiet '^STOPPING=1'

manager dog
daemon_of dog 400000
fed=2
run_step 'Verify that the watchdog is fed' wait_for 10 fed_again
kill -STOP "${pid_of[celltlsd]}"
sleep 0.2
run_step 'Verify that a daemon that hangs does not feed it' not_fed
kill -CONT "${pid_of[celltlsd]}"
run_step 'Verify that it goes on' wait_for 5 fed_again
stop celltlsd

sixteen_modems >celltls.conf
manager many
daemon_of many
run_step 'Verify that sixteen modems fit' wait_for 10 said many '^STATUS=gw1: absent.*; gw2: absent.*; gw16: absent \(.*\)$'
run_step 'Verify that they fit sensibly' test "$(grep '^STATUS=' many.log | awk '{ print length }' | sort -n | tail -n 1)" -lt 2000
stop celltlsd

names_beyond_ascii >celltls.conf
manager umlauts
daemon_of umlauts
run_step 'Verify that other names than ASCII are told' wait_for 10 said umlauts '^STATUS=gw0: absent.*; gw1: absent (.*)$'
run_step 'Verify that no character is cut in two' is_utf8 umlauts 'ü'
finish
