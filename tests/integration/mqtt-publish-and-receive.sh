#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mosquitto_pub and mosquitto_sub talk to a broker through a channel; what others publish arrives too.
# runs: family mode
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_mosquitto
start_nginx
start_module
channel mqtt mqtt.example.com:8883
start_daemon
head -c 100000 /dev/urandom >payload
run_step 'Publish 100 kB through the module' \
	timeout 40 mosquitto_pub --unix run/mqtt.sock -t large -q 1 -r -f payload
receive() {
	timeout 40 mosquitto_sub --unix run/mqtt.sock -t large -C 1 -N >received
}
run_step 'Receive it through the module' receive
run_step 'Verify that it is the same' same payload received
spawn subscriber stdbuf -oL mosquitto_sub --unix run/mqtt.sock -t news -C 3 -q 1 -d
wait_for 40 said subscriber 'received SUBACK'
for n in 1 2 3; do
	mosquitto_pub --unix mosquitto.sock -t news -q 1 -m "number $n"
done
run_step 'Verify that what others publish arrives' wait_for 30 gone subscriber
run_step 'Verify that it arrived whole and in order' \
	test "$(grep -a '^number' subscriber.log | tr '\n' ' ')" = 'number 1 number 2 number 3 '
finish
