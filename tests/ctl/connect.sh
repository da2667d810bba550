#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# connect is a pipe: every byte both ways at once, half-close, and an exit status that tells how it ended.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-$(dirname "$0")/../..}/tests/ctl/lib.sh"
begin
start_fake well
tell "set channel mqtt Socket $work/mqtt.sock"
tell "set channel cloud Socket /nowhere/cloud.sock"

# nobody reads: what waits for that does not turn round and round
is_at_rest() {
	local before

	before=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
	sleep 1
	[ $(($(awk '{ print $14 + $15 }' "/proc/$1/stat") - before)) -le 5 ] || fail 'it is busy while nobody reads'
}

# by its path, and by Open() where the path is not there: ten megabytes both ways, binary
head -c 10000000 /dev/urandom >"$work/bytes"
for channel in mqtt cloud; do
	ctl connect $channel <"$work/bytes" >"$work/back" 2>"$work/err" || fail "connect $channel: $?"
	cmp "$work/bytes" "$work/back" || fail "$channel: not the bytes that were sent"
done

# a reader that is slow slows the writer, in bounded memory
mkfifo "$work/slow"
"$build/celltlsctl" --bus-address "$address" connect mqtt <"$work/bytes" >"$work/slow" &
tool=$!
pids+=("$tool")
exec 8<"$work/slow"
head -c 1000 <&8 >"$work/back"
sleep 0.5
is_at_rest "$tool"
cat <&8 >>"$work/back"
exec 8<&-
wait "$tool" || fail "with a slow reader: $?"
cmp "$work/bytes" "$work/back" || fail 'a slow reader gets other bytes'

# while nobody reads the output the other direction goes on
tell 'serve push'
"$build/celltlsctl" --bus-address "$address" connect mqtt < <(sleep 1; head -c 1000000 "$work/bytes"; : >"$work/sent") >"$work/slow" &
tool=$!
pids+=("$tool")
exec 8<"$work/slow"
sleep 0.5
head -c 5000 <&8 >"$work/back" # the pipe has some room, but less than there is to write
wait_for 10 test -e "$work/sent" || fail 'input waits for output'
is_at_rest "$tool" # also when the server has closed meanwhile
cat <&8 >>"$work/back"
exec 8<&-
wait "$tool" || fail "after that: $?"
[ "$(stat -c %s "$work/back")" -eq 200000 ] || fail 'not all came'

# a server that closes ends it, whatever standard input does
tell 'serve hello'
ctl connect mqtt < <(sleep 5) >"$work/out" 2>"$work/err" || fail 'an end in order'
prints '^hello$'
ctl connect mqtt </dev/null >"$work/out" || fail 'no input'
prints '^hello$'

# ends that are none in order
tell 'serve deaf'
ctl connect mqtt <"$work/bytes" >"$work/out" 2>"$work/err"
status=$?
[ $status -eq 8 ] || fail "exit status $status where not all of the input was sent"
prints '^hello$'
says 'mqtt: the server closed before all of standard input was sent'
tell 'serve reset'
echo request | ctl connect mqtt >"$work/out" 2>"$work/err"
[ "${PIPESTATUS[1]}" -eq 8 ] || fail 'a reset has its own status'
prints '^partial$'
says 'Connection reset by peer: .*the modem was lost'
tell 'serve fail'
sleep 1 | ctl connect mqtt >"$work/out" 2>"$work/err"
[ "${PIPESTATUS[1]}" -eq 8 ] || fail 'a failed dial has that status too'
says 'did not end in order: .*the modem was lost'
tell 'set channel mqtt State blocked'
exits 6 connect mqtt
says 'blocked by its configuration'
tell 'set channel mqtt State idle'
tell 'refuse Open NotAuthorized cloud: only group celltls may'
exits 4 connect cloud
says 'only group celltls may'

# nobody reads the output: it ends quietly, also while the server is silent
tell 'serve echo'
tell "allow Open "
ctl connect mqtt < <(echo one; sleep 5) 2>"$work/err" | head -n 1 >"$work/out"
prints '^one$'
[ ! -s "$work/err" ] || fail 'a broken pipe is not told'
ctl connect mqtt <&- >"$work/out" 2>"$work/err" || fail 'standard input is closed'

# the daemon vanishes
tell 'serve hold'
(sleep 0.5; tell die) &
ctl connect mqtt < <(sleep 5) >"$work/out" 2>"$work/err"
status=$?
[ $status -eq 3 ] || fail "exit status $status when the daemon is gone"
finish
