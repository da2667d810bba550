# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# stages.sh - what ./check and .ci/run share: stages with a budget of seconds, totals, and an end that leaves nothing running.
#
#   stages_begin                     $work, a directory that goes at the end
#   stage NAME BUDGET COMMAND...     runs it; over the budget counts as failed
#   cannot_run NAME WHY              named at the end, counted as neither
#   stages_end [BUDGET]              the table, what did not run, and last the line "N passed, N failed"

passed=0 failed=0 not_run=() table=

stages_begin() {
	began=$SECONDS
	work=$(mktemp -d)
	trap stages_interrupted EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

stages_interrupted() {
	local pids pid

	trap '' HUP INT TERM
	mapfile -t pids < <(jobs -p)
	for pid in "${pids[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	rm -rf "$work"
}

# In a process group of its own, so that a signal to the script ends it at once, with all its children.
run() {
	set -m
	"$@" </dev/null &
	set +m
	wait $!
}

stage() {
	local name=$1 budget=$2 start=$SECONDS status=0 took word=ok

	shift 2
	printf '\n== %s (budget %d s)\n' "$name" "$budget"
	run "$@" || status=$?
	took=$((SECONDS - start))
	if [ "$status" -ne 0 ]; then
		word="failed ($status)"
	elif [ "$took" -gt "$budget" ]; then
		word='over budget'
		failed=$((failed + 1))
	fi
	printf '== %s: %s after %d s\n' "$name" "$word" "$took"
	table+=$(printf '%-30s %4d s of %4d s  %s' "$name" "$took" "$budget" "$word")$'\n'
	return "$status"
}

# A stage that is one test.
stage_counts() {
	if stage "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

cannot_run() {
	printf '\n== %s: not run: %s\n' "$1" "$2"
	not_run+=("$1: $2")
	table+=$(printf '%-30s %18s %s' "$1" '' 'not run')$'\n'
}

stages_end() {
	local took=$((SECONDS - began))

	printf '\n%s%-30s %4d s' "$table" 'in all' "$took"
	if [ -z "${1:-}" ]; then
		echo
	elif [ "$took" -le "$1" ]; then
		printf ' of %4d s  ok\n' "$1"
	else
		printf ' of %4d s  over budget\n' "$1"
		failed=$((failed + 1))
	fi
	if [ ${#not_run[@]} -gt 0 ]; then
		printf '\nNot run:\n'
		printf '  %s\n' "${not_run[@]}"
	fi
	printf '\n%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" -eq 0 ]
}
