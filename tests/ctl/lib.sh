# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Words for the tests of celltlsctl: a private bus, a daemon of canned objects (fake-daemon.c), and what must hold.
set -u
export LC_ALL=C.UTF-8 TZ=UTC TERM=xterm COLUMNS=80
unset NO_COLOR

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
here=$top/tests/ctl
build=$PWD
failures=0
pids=()
work=

at_end() {
	local pid

	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	[ -z "$work" ] || rm -rf "$work"
}
trap at_end EXIT

begin() {
	command -v dbus-daemon >/dev/null || { echo "there is no dbus-daemon here (package dbus-daemon)"; exit 77; }
	work=$(mktemp -d)
	address=unix:path=$work/bus
	cat >"$work/bus.conf" <<-EOF
	<busconfig>
	  <type>custom</type>
	  <listen>$address</listen>
	  <policy context="default">
	    <allow user="*"/> <allow own="*"/> <allow send_destination="*" eavesdrop="false"/> <allow receive_sender="*"/>
	  </policy>
	</busconfig>
	EOF
	start_bus
	mkfifo "$work/lines"
	exec 9<>"$work/lines"
}

start_bus() {
	dbus-daemon --config-file="$work/bus.conf" --nofork --nopidfile 2>"$work/bus.log" &
	bus_pid=$!
	pids+=("$bus_pid")
	wait_for 10 test -S "$work/bus"
}

# wait_for S COMMAND...: until it is true, S seconds at most
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "waited too long for: $*"; return 1; }
		sleep 0.05
	done
}

# start_fake SCENE: a file of scenes/
start_fake() {
	: >"$work/fake.out"
	"$build/tests/ctl/fake-daemon" "$address" "$here/scenes/$1" <"$work/lines" >>"$work/fake.out" 2>"$work/fake.err" &
	fake_pid=$!
	pids+=("$fake_pid")
	wait_for 10 grep -q ready "$work/fake.out" || { cat "$work/fake.err"; exit 1; }
}

# tell LINE: to the fake daemon.  Lines and calls reach it by different ways: it has taken it when this returns.
tell() {
	local before

	before=$(taken)
	printf '%s\n' "$1" >&9
	[ "$1" = die ] || wait_for 10 has_taken_more "$before"
}
taken() {
	grep -c '^taken$' "$work/fake.out"
}
has_taken_more() {
	[ "$(taken)" -gt "$1" ]
}

ctl() {
	timeout 60 "$build/celltlsctl" --bus-address "$address" "$@"
}

# run ARGS...: output in $work/out and $work/err, the exit status in $status
run() {
	status=0
	ctl "$@" >"$work/out" 2>"$work/err" || status=$?
}

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
	for file in out err; do
		[ ! -s "$work/$file" ] || sed "s/^/    $file: /" "$work/$file" | head -n 40
	done
}

# exits STATUS ARGS...
exits() {
	local wanted=$1

	shift
	run "$@"
	[ "$status" -eq "$wanted" ] || fail "celltlsctl $*: exit status $status, not $wanted"
}

# says PATTERN / prints PATTERN: in what went to standard error, or output, of the last run
says() {
	grep -qE -- "$1" "$work/err" || fail "nothing on standard error like: $1"
}
prints() {
	grep -qE -- "$1" "$work/out" || fail "nothing on standard output like: $1"
}

# golden NAME: the last output is golden/NAME; GOLDEN=write writes it
golden() {
	if [ "${GOLDEN:-}" = write ]; then
		cp "$work/out" "$here/golden/$1"
	elif ! diff -u "$here/golden/$1" "$work/out"; then
		fail "the output is not golden/$1"
	fi
}

finish() {
	[ "$failures" -eq 0 ] || exit 1
}
