# shellcheck shell=bash disable=SC2034,SC2120
# SPDX-License-Identifier: Apache-2.0
# lib.sh - the words of the system tests.  Each test runs on the booted machine, as root, and finds the daemon running with
# tests/system/celltls.conf; what it changes by these words is put back before the next.
#
#   begin                        first line of each test; where there is a function at_test_end, that is run in the end
#   run_step TEXT COMMAND...     says TEXT, runs COMMAND; the test ends where one fails
#   wait_for SECONDS COMMAND...  until it succeeds
#   as USER COMMAND...
#   fetches [USER] [CHANNEL]     that user (app) gets a page through that channel (cloud)
#   drop_in [UNIT] <TEXT         more settings for that unit (celltlsd.service)
#   channel NAME [KEYS]          one more channel in the configuration
#   unit NAME <TEXT              one more unit
#   module [OPTION...]           the module starts anew, with these options of celltls-sim
#   journal [MATCH...]           what the daemon said in this test
#   tells PATTERN COMMAND...     a line of what it prints matches
#   said PATTERN                 a line of that matches
#   main_pid                     of the daemon
#   another_process PID          it runs, and has another one
#   shows PROPERTY VALUE         systemd, of the daemon
#   status_has PATTERN           a line of "systemctl status" matches
#   said_by_systemd PATTERN      a line of the journal
#   restart                      of the daemon
#   call USER OBJECT INTERFACE METHOD   on the bus, as in: call root /modem/gw0 Modem Reset
#   modem_is STATE               on the bus
set -eE -o pipefail
export LC_ALL=C SYSTEMD_PAGER=cat SYSTEMD_COLORS=0

doing='its start'
since=today
changed=/run/celltls-tests.changed
here=/usr/lib/celltls-tests

run_step() {
	doing=$1
	printf '  %s\n' "$1"
	shift
	"$@"
}

wait_for() {
	local until=$((SECONDS + $1 + 1))

	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$until" ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.1
	done
}

not() {
	! "$@"
}

as() {
	local user=$1

	shift
	setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

fetches() {
	local page

	page=$(as "${1:-app}" curl --silent --show-error --fail --max-time 40 --unix-socket "/run/celltls/${2:-cloud}.sock" \
	    http://server.example.com/page) && [ "$page" = 'over the air' ]
}

drop_in() {
	local unit=${1:-celltlsd.service}

	mkdir -p "/run/systemd/system/$unit.d"
	cat >"/run/systemd/system/$unit.d/test.conf"
	systemctl daemon-reload
	touch "$changed"
}

unit() {
	cat >"/run/systemd/system/$1"
	systemctl daemon-reload
	touch "$changed"
}

channel() {
	local keys=${2:-}

	case $keys in
	*'mode = '*) ;;
	*) keys+=' mode = "command";' ;;
	esac
	touch "$changed"
	sed -i '$d' /etc/celltls/celltls.conf
	printf '}, { name = "%s"; modem = "gw0"; remote = "server.example.com:443"; tls = { verify = "server"; }; %s } );\n' \
	    "$1" "$keys" >>/etc/celltls/celltls.conf
}

module() {
	touch "$changed"
	sed -i "s/^MODULE=.*/MODULE=$*/" /etc/celltls-tests.env
	systemctl restart celltls-module.service
}

restart() {
	touch "$changed"
	systemctl restart celltlsd.service
}

another_process() { # PID
	[ "$(main_pid)" -gt 0 ] && [ "$(main_pid)" -ne "$1" ] && systemctl -q is-active celltlsd.service
}

main_pid() {
	systemctl show -P MainPID celltlsd.service
}

shows() { # PROPERTY VALUE
	[ "$(systemctl show -P "$1" celltlsd.service)" = "$2" ]
}

journal() {
	journalctl --quiet --no-pager --since="$since" "${@:---unit=celltlsd.service}"
}

# Reads all of it, or the command could be told that nobody listens; its exit status is not asked.
tells() { # PATTERN COMMAND
	local text pattern=$1

	shift
	text=$("$@" 2>&1) || true
	grep -Eq -- "$pattern" <<<"$text"
}

said() { # PATTERN
	journalctl --sync
	tells "$1" journal -o cat
}

said_by_systemd() { # PATTERN
	journalctl --sync
	tells "$1" journal -o cat _PID=1
}

status_has() { # PATTERN
	journalctl --sync
	tells "$1" systemctl status --no-pager --full celltlsd.service
}

# dbus-send tells the name of an error, busctl does not.
call() { # USER OBJECT INTERFACE METHOD
	as "$1" dbus-send --system --print-reply --reply-timeout=60000 --dest=org.celltls1 "/org/celltls1$2" "org.celltls1.$3.$4"
}

modem_is() { # STATE
	tells "^s \"$1\"" busctl get-property org.celltls1 /org/celltls1/modem/gw0 org.celltls1.Modem State
}

# As if nothing had happened before.
begin() {
	trap 'at_end $?' EXIT
	trap 'exit 143' TERM
	if [ -e "$changed" ]; then
		rm -rf /run/systemd/system/*.d/test.conf /run/systemd/system/test-*
		cp "$here/celltls.conf" /etc/celltls/celltls.conf
		systemctl daemon-reload
		grep -q '^MODULE=$' /etc/celltls-tests.env || module
		systemctl stop 'test-*' celltlsd.service
		systemctl reset-failed
		rm "$changed"
	fi
	since=$(date +'%F %T.%6N')
	systemctl start celltlsd.service celltls-module.service celltls-server.service
}

# What a test started in the background.
end_jobs() {
	local pids

	mapfile -t pids < <(jobs -p)
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	wait
}

at_end() { # STATUS
	trap '' TERM
	set +eE
	[ -z "$(type -t at_test_end)" ] || at_test_end
	end_jobs
	[ "$1" -ne 0 ] || return
	echo "FAIL in: $doing"
	echo '--- systemctl status celltlsd'
	timeout 5 systemctl status --no-pager --lines=0 celltlsd.service
	echo '--- the journal of this test'
	journalctl --quiet --no-pager --since="$since" | tail -n 60 | cut -c 1-300
}
