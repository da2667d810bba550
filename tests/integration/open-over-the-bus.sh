#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Open() gives a connected socket to whoever could connect to the channel's own, and to nobody else; it is a client like others.
# runs: mode
# root: yes
# limit: 150
. "$TOP/tests/integration/lib.sh"

# bus_client CHANNEL STEP...: as client, by way of the bus
bus_client() {
	"$UCLIENT" --limit 60 --bus "$bus" "$@" >"$dir/client.log" 2>&1
}

# The same, as somebody whom nothing lets in.
stranger() {
	setpriv --reuid nobody --regid nogroup --clear-groups "$dir/uclient" --limit 60 --bus "$bus" "$@" >"$dir/client.log" 2>&1
}

# refused_by ERROR PATTERN
refused_by() {
	grep -Eq -- "^refused org\\.celltls1\\.Error\\.$1: .*$2" "$dir/client.log" || { cat "$dir/client.log"; return 1; }
}

begin
make_pki
head -c 30000 /dev/urandom >payload
start_peer -n big -c server until:x send:payload until:y close
start_peer until:x text:y sleep:100000
start_module
start_bus
mine="group = \"$(id -gn)\";"
other=root
[ "$(id -u)" -ne 0 ] || other=daemon
channel big big.example.com:443
channel server server.example.com:443 "max_waiting = 1; socket = { $mine };"
channel others server.example.com:443 "socket = { $mine mode = \"0666\"; allow_users = ( \"$other\" ); };"
channel never server.example.com:443 "tls = { verify = \"server\"; strict = true; };"
start_daemon --bus-address "$bus"
run_step 'Wait for the modem' wait_for 30 bus_is modem/gw0 State ready
run_step 'Fetch by a socket from the bus' bus_client big text:x recv:30000:got text:y sink:rest
run_step 'Verify that all came as it was sent' same got payload
run_step 'Verify that the end was one in order' grep -q '^end eof' client.log
run_step 'Verify that it was counted' bus_is channel/big Dials 1
run_step 'Open a channel for others' not bus_client others text:x
run_step 'Verify that this is refused' refused_by NotAuthorized 'may not connect to .*others.sock'
run_step 'Verify that it was counted' bus_is channel/others Failures 1
run_step 'Open a channel that is blocked' not bus_client never text:x
run_step 'Verify that the reason is told' refused_by Blocked strict

spawn first "$UCLIENT" --limit 90 --bus "$bus" server text:x until:y -sink:-
run_step 'Verify that a session is there' wait_for 30 said first '^received 1 '
spawn_client second server text:x sink:-
run_step 'Verify that the next one waits' wait_for 5 bus_is channel/server Waiting 1
run_step 'Open it once more' not bus_client server text:x
run_step 'Verify that it is told to come again' refused_by Busy 'max_waiting'
chmod 700 run # whoever cannot search it
chmod 711 "$dir"
if [ "$(id -u)" -eq 0 ]; then
	cp "$UCLIENT" uclient
	run_step 'Open it as a stranger' not stranger big text:x
	run_step 'Verify that this is refused' refused_by NotAuthorized 'user [0-9]+ may not connect'
	chmod 755 run
	chmod 666 run/big.sock
	run_step 'Let the stranger connect to the socket' wait_for 1 true
	kill "${pid_of[first]}" "${pid_of[second]}"
	run_step 'Open it as a stranger who may' stranger big text:x recv:30000:/dev/null text:y sink:/dev/null
	chmod 711 run
	chmod 600 run/big.sock
	run_step 'Open it when only the directory lets in' not stranger big text:x
	run_step 'Verify that this is refused' refused_by NotAuthorized 'user [0-9]+ may not connect'
fi
finish
