#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# journalctl CELLTLS_MODEM=gw0 and CELLTLS_CHANNEL=cloud find the lines of each.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

finds() { # MATCH PATTERN
	journalctl --sync
	tells "$2" journal -o cat "$1"
}

begin
run_step 'Restart' restart
run_step 'Verify that the channel works' fetches
run_step 'Verify that the modem has lines' finds CELLTLS_MODEM=gw0 gw0
run_step 'Verify that the channel has lines' finds CELLTLS_CHANNEL=cloud cloud
run_step 'Verify that another has none' not finds CELLTLS_MODEM=gw1 .
