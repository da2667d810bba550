# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 in the middle of a session: the service is started again, the module brought back to its senses, and the channel works.
in_a_session() {
	as app "$here/uclient" --limit 60 /run/celltls/cloud.sock 'text:GET ' sink:/dev/null >/run/celltls-tests.client 2>&1 &
	wait_for 20 said 'cloud: open'
}
another_process() {
	[ "$(main_pid)" -gt 0 ] && [ "$(main_pid)" -ne "$before" ] && systemctl -q is-active celltlsd.service
}
run_step 'Verify that a session is open' in_a_session
before=$(main_pid)
run_step 'Kill the daemon' kill -KILL "$before"
run_step 'Verify that it is started again' wait_for 10 another_process
run_step 'Verify that this counts as a restart' shows NRestarts 1
run_step 'Verify that the app saw an end' wait_for 5 grep -q '^end' /run/celltls-tests.client
run_step 'Verify that the channel works again' fetches
