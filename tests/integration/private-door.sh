#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Only those whom a channel names may connect: by mode bits where it names nobody, by user and group where it does.
# runs: once
# root: yes
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y close
start_module
me=$(id -un) mine=$(id -gn) # all that an ordinary user can be
other=root other_group=daemon
[ "$(id -u)" -ne 0 ] || other=daemon
channel me server.example.com:443 "socket = { group = \"$mine\"; allow_users = ( \"$me\" ); };"
channel group server.example.com:443 "socket = { group = \"$mine\"; allow_users = ( \"$other\" ); allow_groups = ( \"$mine\" ); };"
channel others server.example.com:443 "socket = { group = \"$mine\"; mode = \"0666\"; allow_users = ( \"$other\" ); allow_groups = ( \"$other_group\" ); };"
channel shut server.example.com:443 "socket = { group = \"$mine\"; mode = \"0600\"; };"
start_daemon
for name in me group shut; do
	run_step "Come in by the channel \"$name\"" client $name text:x sink:got
	run_step 'Verify that the server answered' test "$(<got)" = y
done
run_step 'Knock at the channel for others' client others -text:secret -sink:got
run_step 'Verify that it stayed shut' test ! -s got
run_step 'Verify that no fourth connection was made' test "$(grep -c ^accepted server.log)" -eq 3
run_step 'Verify the mode of the private one' test "$(stat -c %a run/shut.sock)" = 600
finish
