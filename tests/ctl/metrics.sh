#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# metrics are valid, complete, and say also that the daemon is not there; the example keeps a file of them.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-$(dirname "$0")/../..}/tests/ctl/lib.sh"
begin

lint() {
	! command -v promtool >/dev/null || promtool check metrics <"$work/out" >"$work/lint" 2>&1 || fail "promtool: $(cat "$work/lint")"
}
script=$top/conf/examples/celltls-metrics/celltls-metrics
mkdir "$work/collector"
collect() {
	CELLTLSCTL="$build/celltlsctl --bus-address $address" "$script" "$work/collector/celltls.prom" 2>"$work/err"
}

exits 3 metrics
prints '^celltls_up 0$'
lint
collect && fail 'without a daemon the example fails'
grep -qx 'celltls_up 0' "$work/collector/celltls.prom" || fail 'but writes that it is down'

# one that hangs
start_fake well
kill -STOP "$fake_pid"
SYSTEMD_BUS_TIMEOUT=1 exits 3 metrics
prints '^celltls_up 0$'
says 'did not answer'
kill -CONT "$fake_pid"
tell die
wait "$fake_pid" 2>/dev/null

for scene in well troubled hostile empty; do
	start_fake $scene
	exits 0 metrics
	lint
	prints '^celltls_up 1$'
	prints '^celltls_build_info\{version="1\.2\.3"\} 1$'
	if [ $scene = well ]; then
		cp "$work/out" "$work/metrics"
		sed -i -E 's/(expiry_timestamp_seconds.*) [0-9]+$/\1 TIME/' "$work/out"
		golden metrics-well
		cp "$work/metrics" "$work/out"
		collect || fail 'the example'
		cmp "$work/out" "$work/collector/celltls.prom" || fail 'the example writes something else'
		[ "$(ls -A "$work/collector")" = celltls.prom ] || fail 'the example leaves something behind'
		[ "$(stat -c %a "$work/collector/celltls.prom")" = 644 ] || fail 'node_exporter cannot read it'
		tell 'refuse Statistics NotReady why'
		exits 6 metrics
		[ ! -s "$work/out" ] || fail 'a half of the metrics'
		collect && fail 'the example fails'
		grep -qx 'celltls_up 1' "$work/collector/celltls.prom" || fail 'and leaves what was there'
	fi
	tell die
	wait "$fake_pid" 2>/dev/null
done
finish
