#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# secure_sockets = 5 on a module that has five: five apps talk at once, each with its own server.  On one that has two the rest
# wait, and no failure is counted.
# runs: once
# families: cinterion
# limit: 240
. "$TOP/tests/integration/lib.sh"

MODE='command'
begin
make_pki
for n in 1 2 3 4 5; do
	head -c 20000 /dev/urandom >"up$n"
	head -c 20000 /dev/urandom >"down$n"
	start_peer -n "server$n" -c server "both:down$n:20000:up$n.received" text:. until:bye close
	channel "server$n" "server$n.example.com:443" 'wait_timeout = 200;'
done
MODEM_KEYS="baud = 0; secure_sockets = 5; $(certificates)"
CLIENT_LIMIT=200

# talk HOLD: each transfers, holds its session for so long, and says goodbye
talk() {
	for n in 1 2 3 4 5; do
		spawn_client "app$n" "server$n" "both:up$n:20000:down$n.received" until:. "sleep:$1" text:bye sink:-
	done
}
all_moved() {
	[ "$(cat app[1-5].log | grep -c '^received 20000 ')" -eq 5 ]
}
all_gone() {
	gone app1 && gone app2 && gone app3 && gone app4 && gone app5
}
all_whole() {
	for n in 1 2 3 4 5; do
		same "up$n" "up$n.received" && same "down$n" "down$n.received" && said "app$n" '^end eof' || return 1
	done
}

start_module --tls-sockets 5
start_bus
start_daemon --bus-address "$bus"
talk 3000
run_step 'Verify that all five talk' wait_for 120 all_moved
run_step 'Verify that none had to wait for the end of another' test "$(cat app[1-5].log | grep -c '^end')" -eq 0
run_step 'Verify that all end' wait_for 60 all_gone
run_step 'Verify that each has its own' all_whole
run_step 'Stop the daemon' stop celltlsd
run_step 'Stop the module' stop module

rm -f modem flash
start_module --tls-sockets 2
start_daemon --bus-address "$bus"
talk 100
run_step 'Verify that all end on a module that has two' wait_for 200 all_gone
run_step 'Verify that each has its own' all_whole
for n in 1 2 3 4 5; do
	run_step "Verify that channel $n counts no failure" bus_is "channel/server$n" Failures 0
done
finish
