# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# After the boot: the user made by sysusers, the directories, the service, and a page through the channel.
owner_and_mode() {
	[ "$(stat -c '%U:%G %a' "$1")" = "$2" ]
}
locked_up() {
	local status
	status=/proc/$(main_pid)/status
	grep -q '^CapEff:[^0-9]*0000000000000000$' "$status" && grep -q '^CapBnd:[^0-9]*0000000000000000$' "$status" &&
	    grep -q '^NoNewPrivs:[^0-9]*1$' "$status" && grep -q '^Seccomp:[^0-9]*2$' "$status"
}
no_core() {
	grep -q '^Max core file size  *0  *0 ' "/proc/$(main_pid)/limits"
}
run_step 'Verify that the service is active' systemctl is-active celltlsd.service
run_step 'Verify that it was started at boot, once' shows NRestarts 0
run_step 'Verify that it is not root' test "$(stat -c %U "/proc/$(main_pid)")" = celltls
run_step 'Verify that its user has no shell' sh -c 'getent passwd celltls | grep -q nologin$'
run_step 'Verify that it has no capability, and a system call filter' locked_up
run_step 'Verify that it may not leave a core' no_core
run_step 'Verify the runtime directory' owner_and_mode /run/celltls 'celltls:celltls 755'
run_step 'Verify the state directory' owner_and_mode /var/lib/celltls 'celltls:celltls 700'
run_step "Verify the channel's socket" owner_and_mode /run/celltls/cloud.sock 'celltls:celltls 660'
run_step 'Verify that the channel works' fetches
