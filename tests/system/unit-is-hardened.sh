#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemd-analyze finds little that an attacker in the daemon could do.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
run_step 'Verify that the exposure is 1.5 at most' systemd-analyze security --no-pager --threshold=15 celltlsd.service
