#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Another runtime_directory: sockets and the network's time move there, and the session goes on.  Another clock: the modem
# starts anew, and the log says why.
# runs: once
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y until:x text:y close
start_module
channel server server.example.com:443
start_daemon
run_step 'Verify that the modem gets ready' wait_for 30 said celltlsd '-> ready'
run_step 'Let the network tell the time' module "nitz $(date +%s)"
run_step 'Verify that it is written' wait_for 20 test -s run/gw0.time
spawn_client app server text:x until:y sleep:8000 text:x until:y -sink:-
run_step 'Verify that a session comes up' wait_for 30 said app '^received 1 '

mkdir other
sed -i "s,^runtime_directory.*,runtime_directory = \"$dir/other\";," celltls.conf
run_step 'Reload with another runtime_directory' reload
run_step 'Verify that the log says so' said celltlsd '^daemon: runtime_directory changed$'
run_step 'Verify that nothing is left in the old one' test -z "$(ls -A run)"
run_step 'Verify that the socket is in the new one' test -S other/server.sock
run_step 'Verify that the time is' test -s other/gw0.time
read -r said boot <other/gw0.time
read -r uptime _ </proc/uptime
run_step 'Verify that it is the time of now' test $((said - $(date +%s))) -ge -3 -a $((${uptime%.*} - ${boot%.*})) -le 3

sed -i "s,^runtime_directory.*,runtime_directory = \"$dir/nowhere\";," celltls.conf
run_step 'Reload with one that does not exist' reload refused
run_step 'Verify that this is said' said celltlsd 'nowhere/server.sock: its directory does not exist'
run_step 'Verify that all is where it was' test -S other/server.sock -a -s other/gw0.time
run_step 'Verify that the session lives' alive app
run_step 'Verify that it comes to its end' wait_for 20 gone app
run_step 'Verify that both of its questions were answered' test "$(grep -c '^received 1 ' app.log)" -eq 2

sed -i -e "s,^runtime_directory.*,runtime_directory = \"$dir/other\"; clock = \"module\";," celltls.conf
run_step 'Reload with another clock' reload
run_step 'Verify that the modem starts anew for it' said celltlsd '^modem gw0: starts anew: state_directory or clock changed$'
finish
