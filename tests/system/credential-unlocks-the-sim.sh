#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A PIN that only the service manager can read, handed over by LoadCredential=, unlocks the SIM.
# limit: 60
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
module --sim-pin 4711
( umask 077; echo 4711 >/etc/celltls/pin )
sed -i 's|^	pdp = |	pin_file = "credential:gw0.pin"; &|' /etc/celltls/celltls.conf
drop_in <<-'UNIT'
	[Service]
	LoadCredential=gw0.pin:/etc/celltls/pin
UNIT
run_step 'Restart' restart
run_step 'Verify that the daemon could not read the file by itself' not as celltls cat /etc/celltls/pin
run_step 'Verify that the channel works' fetches
run_step 'Verify that the PIN is nowhere in the journal' not said 4711
