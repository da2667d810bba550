# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# lib.sh - the words of the system tests.  Each test runs in the booted container, as root, and finds the daemon ready with
# tests/system/celltls.conf; what it changes by these words is put back after it.
#
#   run_step TEXT COMMAND...     says TEXT, runs COMMAND; the test ends where one fails
#   wait_for SECONDS COMMAND...  until it succeeds
#   as USER COMMAND...
#   fetches [USER] [CHANNEL]     that user (app) gets a page through that channel (cloud)
#   drop_in [UNIT] <TEXT         more settings for that unit (celltlsd.service)
#   channel NAME [KEYS]          one more channel in the configuration
#   unit NAME <TEXT              one more unit
#   module [OPTION...]           the module starts anew, with these options of celltls-sim
#   ready                        the modem is
#   journal [MATCH...]           what the daemon said in this test
#   main_pid                     of the daemon
#   get OBJECT INTERFACE NAME    a property, without its type; get modem/gw0 Modem State
set -eE -o pipefail
export LC_ALL=C SYSTEMD_PAGER=cat SYSTEMD_COLORS=0

doing='its start'
cursor=
here=/usr/lib/celltls-tests
bus=org.celltls1

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
	touch /run/celltls-tests.changed
}

unit() {
	cat >"/run/systemd/system/$1"
	systemctl daemon-reload
	touch /run/celltls-tests.changed
}

channel() {
	touch /run/celltls-tests.changed
	sed -i '$d' /etc/celltls/celltls.conf
	printf '}, { name = "%s"; modem = "gw0"; remote = "server.example.com:443"; tls = { verify = "server"; }; %s } );\n' \
	    "$1" "${2:-}" >>/etc/celltls/celltls.conf
}

module() {
	touch /run/celltls-tests.changed
	sed -i "s/^MODULE=.*/MODULE=$*/" /etc/celltls-tests.env
	systemctl restart celltls-module.service
}

main_pid() {
	systemctl show -P MainPID celltlsd.service
}

shows() { # PROPERTY VALUE
	[ "$(systemctl show -P "$1" celltlsd.service)" = "$2" ]
}

ready() {
	wait_for 30 modem_is ready
}

journal() {
	journalctl --quiet --no-pager ${cursor:+--after-cursor="$cursor"} "${@:---unit=celltlsd.service}"
}

said() { # PATTERN
	journalctl --sync
	journal -o cat --unit=celltlsd.service | grep -Eq -- "$1"
}

get() {
	busctl get-property "$bus" "/org/celltls1/$1" "$bus.$2" "$3" | sed 's/^[a-z]* //; s/^"\(.*\)"$/\1/'
}

# Until there is more to ask: the way up ends in this line.
modem_is() {
	said "-> $1\$"
}

# As if nothing had happened, before each test.
standing() {
	if [ -e /run/celltls-tests.changed ]; then
		rm -rf /run/systemd/system/*.d/test.conf /run/systemd/system/test-* /run/celltls-tests.changed
		systemctl daemon-reload
		cp "$here/celltls.conf" /etc/celltls/celltls.conf
		if ! grep -q '^MODULE=$' /etc/celltls-tests.env; then
			module
			rm /run/celltls-tests.changed
		fi
		systemctl reset-failed
		systemctl restart celltlsd.service
	fi
	systemctl start celltlsd.service celltls-module.service celltls-server.service
	cursor=$(journalctl --quiet --no-pager -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
}

tell_failure() { # STATUS
	trap '' TERM
	set +eE
	[ "$1" -ne 0 ] || return
	echo "FAIL in: $doing"
	echo '--- systemctl status celltlsd'
	timeout 5 systemctl status --no-pager --lines=0 celltlsd.service
	echo '--- the journal of this test'
	journal _TRANSPORT=stdout + _TRANSPORT=journal + _TRANSPORT=syslog | tail -n 60 | cut -c 1-300
}
