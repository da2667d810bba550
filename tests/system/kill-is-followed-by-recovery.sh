#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 while the module is in data mode: the service is started again, brings it back to command mode, and the channel works.
# limit: 45
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

in_a_session() {
	as app "$here/uclient" --limit 60 /run/celltls/online.sock 'text:GET ' sink:/dev/null >/run/celltls-tests.client 2>&1 &
	wait_for 20 said 'online: open .*online$'
}

begin
channel online 'mode = "online";'
run_step 'Restart with a channel that goes online' restart
run_step 'Verify that a session is open' in_a_session
before=$(main_pid)
restarts=$(systemctl show -P NRestarts celltlsd.service)
run_step 'Kill the daemon' kill -KILL "$before"
run_step 'Verify that it is started again' wait_for 10 another_process "$before"
run_step 'Verify that systemd did it' shows NRestarts $((restarts + 1))
run_step 'Verify that the app saw the end' wait_for 5 grep -q '^end' /run/celltls-tests.client
run_step 'Verify that the channel works again' fetches
