#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "systemctl status" shows what each modem does.
# limit: 60
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
run_step 'Verify that it shows the modem ready' wait_for 20 status_has 'Status: .*gw0.*ready'
run_step 'Stop the module' systemctl stop celltls-module.service
run_step 'Verify that it shows the modem absent' wait_for 10 status_has 'Status: .*gw0.*absent'
run_step 'Start the module' systemctl start celltls-module.service
run_step 'Verify that it shows the modem ready' wait_for 20 status_has 'Status: .*gw0.*ready'
