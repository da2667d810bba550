#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whatever goes wrong is said, with what to do, and has its exit status.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-$(dirname "$0")/../..}/tests/ctl/lib.sh"
begin

# called in a wrong way
exits 2 stauts
says 'did you mean status\?'
exits 2 frobnicate
says 'no such command'
exits 2 modem
says 'usage: celltlsctl modem MODEM'
exits 2 status extra
exits 2 reset gw0 --json
says 'reset does not take --json'
exits 2 status --timeout 5
exits 2 command gw0 AT --timeout 301
says 'from 1 to 300'
exits 2 --session-bus status
says 'exclude each other'
exits 2 --frobnicate
exits 0 --version
prints '^celltlsctl [0-9]'
exits 0 --help
prints 'Exit status:'

# no bus, no daemon
address=unix:path=$work/nowhere exits 3 status
says 'no bus at unix:path=.*/nowhere'
exits 3 status
says 'celltlsd is not on the bus at'
exits 3 reset gw0
exits 3 connect cloud
(unset DBUS_SYSTEM_BUS_ADDRESS; DBUS_SYSTEM_BUS_ADDRESS=unix:path=$work/nowhere "$build/celltlsctl" status 2>"$work/err"; [ $? -eq 3 ]) ||
	fail 'no system bus'
says 'no system bus: .*systemctl status dbus'
DBUS_SYSTEM_BUS_ADDRESS=$address "$build/celltlsctl" status 2>"$work/err"
[ $? -eq 3 ] || fail 'no daemon on the system bus'
says 'systemctl status celltlsd shows why'

# names
start_fake well
exits 5 modem gw2
says 'no modem "gw2"; did you mean gw[01]\?'
exits 5 channel kloud
says 'did you mean cloud'
exits 5 channel something
says 'there are: cloud, mqtt'
exits 5 reset cloud
says 'cloud is a channel'
exits 5 close gw0
says 'gw0 is a modem'
exits 5 connect "$(printf 'a\033[2J')"
LC_ALL=C grep -q "$(printf '\033')" "$work/err" && fail 'an argument went raw to the terminal'

# what the daemon refuses: its own words come first
refusal() {
	tell "refuse Reset $1 gw0: the daemon says why"
	exits "$2" reset gw0
	says '^celltlsctl: reset gw0: gw0: the daemon says why$'
	says "^  .*$3"
}
refusal NotReady 6 'celltlsctl status'
refusal Busy 6 'try again'
refusal Blocked 6 'celltlsctl channel'
refusal InUse 6 'by whom'
refusal Timeout 7 'how far'
refusal NotAuthorized 4 'root'
refusal BadConfiguration 1 'old configuration'
refusal InvalidArgument 2 'celltlsctl\(1\)'
refusal NotSupported 1 'celltls\.conf'
refusal ModuleError 1 "module's own words"
refusal Cancelled 1 'try again'
refusal NoSuchSlot 5 'slots'
refusal TooLarge 1 'no more'
refusal BadCertificate 1 'openssl'
refusal KeyMismatch 1 'pair'
refusal Managed 1 'configuration'
refusal org.freedesktop.DBus.Error.AccessDenied 4 'policy'
refusal org.freedesktop.DBus.Error.UnknownMethod 1 'versions'
refusal org.freedesktop.DBus.Error.UnknownObject 5 'gone'
refusal com.example.Strange 1 'does not know'
tell 'refuse Reset NotReady \x1b[2Jgw0'
exits 6 reset gw0
LC_ALL=C grep -q "$(printf '\033')" "$work/err" && fail 'an error text went raw to the terminal'
tell 'refuse Reload BadConfiguration celltls.conf:3: no such key\ncelltls.conf:9: no such modem'
exits 1 reload
says '^  celltls.conf:9: no such modem'

# what works, also late
for member in Reset Release Acquire Close Reload; do
	tell "allow $member "
done
exits 0 reset gw0
exits 0 release gw0
exits 0 acquire gw1
exits 0 close mqtt
exits 0 reload
[ ! -s "$work/out" ] || fail 'success is silent'
tell 'allow Command +CSQ: 21,0\n+CREG: 0,1'
exits 0 command gw0 AT+CSQ
prints '^\+CREG: 0,1$'
tell 'late Reset 1500'
exits 0 reset gw0

# who may be asked for a password: a person, and no script
ctl reset gw0 </dev/null
grep -q '^interactive' "$work/fake.out" && fail 'a script would be asked for a password'
if command -v script >/dev/null; then
	script -qec "$build/celltlsctl --bus-address $address reset gw0" /dev/null </dev/null >"$work/out" 2>&1
	grep -qx 'interactive Reset' "$work/fake.out" || fail 'nobody is asked at a terminal'
fi

# a terminal is told what is waited for, and what becomes of it
if command -v script >/dev/null; then
	(sleep 0.5; tell 'set modem gw0 State opening'; tell 'set modem gw0 State ready') &
	script -qec "$build/celltlsctl --bus-address $address reset gw0" /dev/null </dev/null >"$work/out" 2>&1
	wait $!
	prints 'reset gw0: this may take minutes'
	prints '^  opening'
	script -qec "$build/celltlsctl --bus-address $address status" /dev/null </dev/null >"$work/out" 2>&1
	LC_ALL=C grep -q "$(printf '\033\\[32mready')" "$work/out" || fail 'no colour on a terminal'
	NO_COLOR=1 script -qec "$build/celltlsctl --bus-address $address status" /dev/null </dev/null >"$work/out" 2>&1
	LC_ALL=C grep -q "$(printf '\033')" "$work/out" && fail 'colour in spite of NO_COLOR'
fi

# a daemon that ends before it answers
tell 'late Reset 60000'
(sleep 0.5; tell die) &
exits 3 reset gw0
says 'ended, or hangs|systemctl status celltlsd'
wait $!
wait "$fake_pid" 2>/dev/null

# ^C leaves while it waits
start_fake well
tell 'late Reset 60000'
"$build/celltlsctl" --bus-address "$address" reset gw0 2>/dev/null &
tool=$!
sleep 0.5
kill -TERM $tool
wait_for 5 sh -c "! kill -0 $tool 2>/dev/null" || fail 'it does not end at a signal'

# nobody to write to
ctl status --json >/dev/full 2>"$work/err" && fail 'a full disk is no success'
says 'standard output: No space'
finish
