#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An app may write what looks like commands, escapes and editing keys; the server gets it, and the module obeys none of it.
# runs: family mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
make_pki
traps=('+++' '+' '++' '++++' '\x1a' '\x1b' '\x08\x08\x08' '\0\0' '\x11' '\x13' '\x10\x03' '\x7f'
	'\r\nNO CARRIER\r\n' '\r\nOK\r\n' 'AT#SSLH=1\r' 'AT#REBOOT\r' 'abc\x08\x1adef' '+++ATH\r'
	'AT^SISC=0\r' 'AT^SMSO\r' '\x10' '\x10\x04' '\x10\x10\x03')
# each alone between silences longer than any guard time, then all in one breath
steps=()
for trap in "${traps[@]}"; do
	steps+=("text:$trap" sleep:1500)
	printf '%b' "$trap" >>expected
done
for trap in "${traps[@]}"; do
	steps+=("text:$trap")
	printf '%b' "$trap" >>expected
done
size=$(stat -c %s expected)
start_peer "recv:$size:got" sleep:200 text:thanks close # what was written last has surely left the line
start_module
channel server server.example.com:443
start_daemon
CLIENT_LIMIT=120
run_step 'Send every trap' client server "${steps[@]}" sink:answer
run_step 'Verify that the server got just what the app wrote' same expected got
run_step 'Verify that the answer came back' test "$(<answer)" = thanks
run_step 'Verify that it was an end in order' said client '^end eof'
run_step 'Verify that the module was not restarted' test "$(counter resets)" -eq 0
finish
