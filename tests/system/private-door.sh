#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The channel is open to its group, and to nobody else.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

begin
run_step "Verify that a user of the channel's group gets a page" fetches app
run_step 'Verify that another does not' not fetches stranger
run_step 'Verify that it is the file mode that keeps him out' \
    tells 'refused Permission denied' as stranger "$here/uclient" /run/celltls/cloud.sock sleep:1
