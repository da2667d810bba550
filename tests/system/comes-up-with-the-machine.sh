#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# After the boot: the user made by sysusers, the directories, the service, and a page through the channel.
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

owner_and_mode() {
	[ "$(stat -c '%U:%G %a' "$1")" = "$2" ]
}

locked_up() {
	local status

	status=/proc/$(main_pid)/status
	grep -q '^CapEff:[^0-9]*0*$' "$status" && grep -q '^CapBnd:[^0-9]*0*$' "$status" &&
		grep -q '^NoNewPrivs:[^0-9]*1$' "$status" && grep -q '^Seccomp:[^0-9]*2$' "$status"
}

user_has_no_shell() {
	getent passwd celltls | grep -q nologin$
}

begin
run_step 'Verify that the service is active' systemctl -q is-active celltlsd.service
run_step 'Verify that it is not root' test "$(stat -c %U "/proc/$(main_pid)")" = celltls
run_step 'Verify that its user has no shell' user_has_no_shell
run_step 'Verify that it has no capability, cannot get one, and has a system call filter' locked_up
run_step 'Verify the runtime directory' owner_and_mode /run/celltls 'celltls:celltls 755'
run_step 'Verify the state directory' owner_and_mode /var/lib/celltls 'celltls:celltls 700'
run_step "Verify the channel's socket" owner_and_mode /run/celltls/cloud.sock 'celltls:celltls 660'
run_step 'Verify that the channel works' fetches
run_step 'Verify that it was started once' shows NRestarts 0
