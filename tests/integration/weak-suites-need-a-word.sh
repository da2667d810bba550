#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A module that may take a suite without encryption, and does not tell: a channel stays blocked until its configuration says
# that any suite will do, and then it claims no encryption.
# runs: once
# families: cinterion
. "$TOP/tests/integration/lib.sh"

DIALECT=auto # else it is a mistake in the configuration already
begin
make_pki
start_peer until:x text:y close
start_module
start_bus
channel good server.example.com:443
any_suite=
channel blocked server.example.com:443
start_daemon --bus-address "$bus"
run_step 'Wait for the modem' wait_for 60 bus_is modem/gw0 State ready
run_step 'Verify that the channel is blocked' wait_for 10 bus_is channel/blocked State blocked
run_step 'Verify that it is told why' bus_get channel/blocked LastError
bus_get channel/blocked LastError | grep -q 'does not say which suite and TLS version it took\. ciphers = ( "any" ) in the channel'
run_step 'Verify that its clients are sent away' client blocked -text:secret -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that nothing was dialled' bus_is channel/blocked Dials 0
run_step 'Talk by the channel that says any' client good text:x sink:got
run_step 'Verify that it was answered' test "$(<got)" = y
run_step 'Verify that no encryption is claimed' not grep -q encryption <(bus_get channel/good Enforces)
for weakness in null 3des md5 sha1 cipher-unknown version-unknown; do
	run_step "Verify that its weaknesses name $weakness" grep -q "$weakness" <(bus_get channel/good Weaknesses)
done
run_step 'Verify that no suite is claimed' bus_is channel/good Cipher ''
finish
