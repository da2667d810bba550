#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A module with two secure sockets: two apps at once, a megabyte each way each, and nothing of one reaches the other; a third
# waits for its turn and is served.  A message takes 100 ms at least here, so this takes minutes.
# runs: once
# families: cinterion
# limit: 900
. "$TOP/tests/integration/lib.sh"

MODE='command'
bytes=1000000
begin
make_pki
for n in 1 2; do
	head -c "$bytes" /dev/urandom >"up$n"
	head -c "$bytes" /dev/urandom >"down$n"
	start_peer -n "server$n" -c server "both:down$n:$bytes:up$n.received" sleep:200 close
done
start_peer -n third -c server until:x sleep:200 text:y close
start_module
MODEM_KEYS="baud = 0; $(certificates)"
for name in server1 server2; do
	channel $name "$name.example.com:443"
done
channel third third.example.com:443 'wait_timeout = 900;'
start_daemon
CLIENT_LIMIT=850
for n in 1 2; do
	spawn_client "app$n" "server$n" "both:up$n:$bytes:down$n.received" "sink:rest$n"
done
opened() {
	[ "$(grep -c 'open to server[12].example.com' celltlsd.log)" -eq 2 ]
}
run_step 'Verify that two are open at once' wait_for 60 opened
run_step 'Verify that neither has ended' test "$(cat app1.log app2.log | grep -c '^end')" -eq 0
spawn_client app3 third text:x sink:got
run_step 'Verify that the third waits' wait_for 10 said celltlsd 'third: client of'
for n in 1 2; do
	run_step "Verify that session $n ends" wait_for 850 gone "app$n"
	run_step 'Verify that the server got all' same "up$n" "up$n.received"
	run_step 'Verify that the app got all' same "down$n" "down$n.received"
	run_step 'Verify that nothing came after it' test ! -s "rest$n"
	run_step 'Verify that it was an end in order' said "app$n" '^end eof'
done
run_step 'Verify that the third was served' wait_for 30 gone app3
run_step 'Verify that it was answered' test "$(<got)" = y
first_end=$(grep -nE 'channel server[12]: .*(closed|end)' celltlsd.log | head -n 1 | cut -d : -f 1)
run_step 'Verify that it was dialled when another had ended' \
    test "$(grep -n 'open to third.example.com' celltlsd.log | cut -d : -f 1)" -gt "$first_end"
finish
