#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A configuration with mistakes is not taken: each is in the log with its line, the manager is told, all goes on as it was.
# runs: once
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer until:x text:y sleep:60000
start_module
channel server server.example.com:443
write_config
spawn manager "$UCLIENT" --notify "$dir/notify"
wait_for 5 said manager listening
export NOTIFY_SOCKET=$dir/notify
start_daemon
unset NOTIFY_SOCKET
wait_for 10 said manager '^READY=1'
rm -f notify
spawn manager2 "$UCLIENT" --notify "$dir/notify"
wait_for 5 said manager2 listening
spawn_client app server text:x until:y -sink:-
run_step 'Verify that the session is there' wait_for 30 said app '^received 1 '

cp celltls.conf good.conf
sed -i -e 's/roaming.*//' -e 's/mode = "[a-z]*"/mode = "sideways"/' -e 's/apn = "internet"/apn = "two words"/' celltls.conf
run_step 'Reload a file with two mistakes' reload refused
run_step 'Verify that the first is named' said celltlsd '^daemon: .*/celltls.conf:8: modems\[0\].pdp.apn: '
run_step 'Verify that the second is named' said celltlsd '^daemon: .*/celltls.conf:13: channels\[0\].mode: '
run_step 'Verify that the manager was told of the beginning' wait_for 5 said manager2 '^RELOADING=1'
run_step 'Verify that it was told when that was' said manager2 '^MONOTONIC_USEC=[1-9]'
run_step 'Verify that it was told of the end' wait_for 5 said manager2 '^READY=1'
run_step 'Verify that it was told what came of it' said manager2 '^STATUS=.*mistakes'
run_step 'Verify that the session is still there' alive app

rm celltls.conf
run_step 'Reload a file that is not there' reload refused
run_step 'Verify that this is said' said celltlsd 'celltls.conf: cannot be read: No such file'
cp good.conf celltls.conf
cp pki/ca.pem ca.kept
echo 'no certificate' >pki/ca.pem
run_step 'Reload with a certificate that is none' reload refused
run_step 'Verify that this is said' said celltlsd 'certificates: slot ca: .*/pki/ca.pem: '
cp ca.kept pki/ca.pem
sed "s,^  dialect,  pin_file = \"$dir/pin\"; dialect," good.conf >celltls.conf
run_step 'Reload with a PIN in a file that has vanished' reload refused
run_step 'Verify that this is said' said celltlsd 'celltls.conf:[0-9]+: modems\[0\].pin_file: .*/pin: cannot be read: No such file'
(umask 022 && echo 1234 >pin)
run_step 'Reload with one that everybody can read' reload refused
run_step 'Verify that this is said' said celltlsd '/pin: its mode is 0644, which is too open for a secret'
sed "s,group = ,path = \"$dir/nowhere/s\"; group = ," good.conf >celltls.conf
run_step 'Reload with a socket that cannot be made' reload refused
run_step 'Verify that this is said' said celltlsd 'nowhere/s: its directory does not exist'
run_step 'Verify that the session is still there' alive app
run_step 'Verify that the socket is' test -S run/server.sock
cp good.conf celltls.conf
run_step 'Reload the good one' reload
run_step 'Verify that the session is still there' alive app
finish
