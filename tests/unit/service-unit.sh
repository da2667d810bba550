#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit has no mistakes, its sandbox is as tight as it is said to be, its user and its directory can be made.
set -eu
most=15 # tenths: "systemd-analyze security" says 10 of a service without a sandbox

unit=systemd/celltlsd.service
here=${srcdir:-.}
case $here in /*) ;; *) here=$PWD/$here ;; esac
fail() {
	echo "$*" >&2
	exit 1
}
if ! systemd-analyze security --offline=true --help >/dev/null 2>&1; then
	echo 'there is no systemd-analyze here, or an old one'
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "verify" looks for the program, which is not installed yet
sed "s|=\(-\{0,1\}\)[^ =]*/celltlsd|=\1$PWD/celltlsd|" "$unit" >"$work/celltlsd.service"
[ "$(grep -c "$PWD/celltlsd" "$work/celltlsd.service")" -eq 2 ] || fail 'ExecStart= and ExecStartPre= are not there'
said=$(systemd-analyze verify --man=no --recursive-errors=no "$work/celltlsd.service" 2>&1) || fail "$unit: $said"
[ -z "$said" ] || fail "$unit: $said"
said=$(systemd-analyze security --offline=true --no-pager --threshold="$most" "$work/celltlsd.service") || {
	echo "$said" | grep -v '✓' >&2
	fail "$unit: the exposure is more than $most tenths"
}
echo "$said" | tail -n 1

# owners are given by root only
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$work/root" "$work/root/etc"
	systemd-sysusers --root="$work/root" "$here/systemd/celltls.sysusers"
	grep -q '^celltls:' "$work/root/etc/passwd" || fail 'systemd-sysusers made no user celltls'
	grep -q '^dialout:.*celltls' "$work/root/etc/group" || fail 'the user celltls is not in the group of ttys'
	# by numbers: those of the names are the host's here
	sed 's/^\(d .*\) celltls celltls/\1 4711 4712/' "$here/systemd/celltls.tmpfiles" >"$work/celltls.conf"
	systemd-tmpfiles --create --root="$work/root" "$work/celltls.conf"
	[ "$(stat -c '%a %u %g' "$work/root/run/celltls")" = '755 4711 4712' ] || fail '/run/celltls is not as it must be'
fi
