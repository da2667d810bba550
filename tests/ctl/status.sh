#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What status, modem and channel show at 80 columns, of gateways well and in trouble, and as JSON.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-$(dirname "$0")/../..}/tests/ctl/lib.sh"
begin

fits() {
	[ "$(wc -L <"$work/out")" -le "$1" ] || fail "wider than $1 columns"
}

# dates are of today
undated() {
	sed -i -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} \((now|[0-9]+ seconds? ago)\)/DATE TIME (now)/; s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/DATE TIME/' "$work/out"
}

valid_json() {
	if command -v jq >/dev/null; then
		jq -e "$1" "$work/out" >"$work/jq" || fail "jq: not so: $1"
	fi
}

for scene in well troubled empty hostile revealing; do
	start_fake $scene
	exits 0 status
	fits 80
	sed -i -E 's/expired [0-9]+ days ago/expired N days ago/' "$work/out"
	golden "status-$scene"
	exits 0 status --json
	valid_json '.Modems and .Channels and .Version == "1.2.3"'
	if [ $scene = well ]; then
		exits 0
		prints '^gw0 '
		COLUMNS='' exits 0 status
		prints 'mqtt\.a-rather-long-name\.of-a-broker\.example\.com:8883'
		COLUMNS=72 exits 0 status
		fits 72
		exits 0 status --json
		valid_json '[.Modems[].Name] == ["gw0", "gw1"] and .Channels[1].BytesReceived == 123456789012 and .Modems[1].SignalDbm == -103'
		valid_json '.Channels[0].Weaknesses == ["tls1.0", "name-unchecked"] and .Channels[0].Modem == "/org/celltls1/modem/gw0"'
		exits 0 modem gw1
		fits 80
		undated
		golden modem-well
		exits 0 modem gw0 --json
		valid_json '.Statistics.Recoveries.detach == 2 and .Imei == "351579050000000"'
		exits 0 channel mqtt
		fits 80
		golden channel-well
		exits 0 channel mqtt --json
		valid_json '.Name == "mqtt" and .Waiting == 3'
	elif [ $scene = revealing ]; then
		exits 0 channel cloud
		fits 80
		golden channel-revealing
		exits 0 channel cloud --json
		valid_json '.PeerSubject == "/C=US/O=Example Trust, Inc./OU=http://www.example.net/CN=cloud.example.com" and .Cipher == ""'
		valid_json '.PeerIssuer == "/C=DE/O=A/B, C & D/CN=Example Ämter CA" and .PeerSerial == "168EB6F9F707599EA8460C62515F6D76"'
		valid_json '.PeerThumbprint == "sha1:c1956dc8a7dfb2a5a56934da09778e3a11023358" and .Enforces == ["chain", "host:name"]'
	elif [ $scene = hostile ]; then
		valid_json '.Modems[0].Operator == "\u001b[2J\u001b]0;owned\u0007evil\nMODEM  STATE"'
		LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')" "$work/out" && fail 'control characters in JSON'
		exits 0 modem gw0
		golden modem-hostile
		for command in status 'modem gw0' 'channel cloud' monitor; do
			read -ra words <<<"$command"
			timeout -s INT 1 "$build/celltlsctl" --bus-address "$address" "${words[@]}" >"$work/out" 2>&1
			LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')" "$work/out" && fail "control characters from: $command"
			LC_ALL=C grep -q "$(printf '\302\233')" "$work/out" && fail "a control sequence of eight bits from: $command"
			LC_ALL=C timeout -s INT 1 "$build/celltlsctl" --bus-address "$address" "${words[@]}" >"$work/out" 2>&1
			LC_ALL=C grep -q "$(printf '[\200-\377]')" "$work/out" && fail "more than ASCII where the locale has no more: $command"
		done
	fi
	tell die
	wait "$fake_pid" 2>/dev/null
done
finish
