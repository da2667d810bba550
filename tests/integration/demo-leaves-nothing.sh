#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo ends in under a minute with nothing left behind, no process and no file; also when it is interrupted at any moment.
# runs: once
# root: yes
# limit: 240
. "$TOP/tests/integration/lib.sh"

begin
need nginx mosquitto curl
export DEMO_BUILD=$BUILD
nothing_left() {
	local pid

	if [ -n "$(find "$dir" -mindepth 1 -maxdepth 1 -name 'celltls-*')" ]; then
		ls -la "$dir"/celltls-*
		return 1
	fi
	# whatever the demo starts has its directory in its arguments, its environment or under its feet
	for pid in /proc/[0-9]*; do
		[ "$pid" != "/proc/$$" ] || continue
		if grep -qs "$dir/celltls-" "$pid/cmdline" "$pid/environ" || [[ $(readlink "$pid/cwd" 2>/dev/null) == "$dir/celltls-"* ]]; then
			tr '\0' ' ' <"$pid/cmdline"
			return 1
		fi
	done
}
start=$SECONDS
run_step 'Run the demo' "$TOP/demo"
run_step 'Verify that it took less than a minute' test $((SECONDS - start)) -lt 60
run_step 'Verify that nothing is left' nothing_left
for signal in TERM INT HUP; do
	for moment in 0.05 0.$((RANDOM % 900 + 100)) 1.$((RANDOM % 1000)) 3.$((RANDOM % 1000)) 6.$((RANDOM % 1000)); do
		spawn demo "$TOP/demo"
		sleep "$moment"
		alive demo || break
		kill "-$signal" "${pid_of[demo]}"
		run_step "Verify that it ends soon after $signal at $moment s" wait_for 15 gone demo
		run_step 'Verify that nothing is left' nothing_left
	done
done
finish
