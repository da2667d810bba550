# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The channel is open to its group, and to nobody else; root comes in everywhere.
run_step "Verify that a user of the channel's group gets a page" fetches app
run_step 'Verify that another does not' not fetches stranger
run_step 'Verify that it is the file mode that keeps him out' sh -c "
	setpriv --reuid stranger --regid stranger --init-groups $here/uclient /run/celltls/cloud.sock sleep:1 | grep -q 'refused Permission denied'"
run_step 'Verify that root does' fetches root
