#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Anybody on the bus sees the modem and its channels: what they are, and what they do, while it changes.
# runs: mode
# limit: 120
. "$TOP/tests/integration/lib.sh"

# seen PATTERN...: the monitor told of each, in this order
seen() {
	tr '\n' ' ' <"$dir/monitor.log" | grep -Eq -- "$(printf '%s.*' "$@")"
}

changes() { # PROPERTY VALUE
	seen "interface=org.freedesktop.DBus.Properties; member=PropertiesChanged" "string \"$1\" +variant +[a-z0-9]+ \"?$2\"?"
}

begin
need dbus-monitor
make_pki
start_peer -c server until:x text:hello until:y close
start_module
start_bus
channel server server.example.com:443
spawn monitor dbus-monitor --address "$bus" "sender=org.celltls1"
wait_for 10 test -s monitor.log
start_daemon --bus-address "$bus"
run_step 'Wait for the modem' wait_for 30 bus_is modem/gw0 State ready
run_step 'Verify its device' bus_is modem/gw0 Device "$dir/modem"
run_step 'Verify its SIM' bus_is modem/gw0 Sim ready
run_step 'Verify that it is registered' bus_is modem/gw0 Registration home
ends=$(date -d "$(openssl x509 -noout -enddate -in pki/ca.pem | cut -d = -f 2)" +%s)
run_step 'Verify when its certificate ends' bus_is modem/gw0 ExpiresNext "$ends"
run_step 'Verify that the channel is idle' bus_is channel/server State idle
run_step 'Verify whose it is' bus_is channel/server Modem /org/celltls1/modem/gw0
run_step 'Verify where its socket is' bus_is channel/server Socket "$dir/run/server.sock"
run_step 'Verify what it enforces' bus_is channel/server Security server
run_step 'Verify that the way up was told' changes State ready

spawn_client app server text:x until:hello sleep:2500 text:y -sink:-
run_step 'Verify that the session is seen' wait_for 30 bus_is channel/server State open
run_step 'Verify that it is told' wait_for 5 changes State open
run_step 'Verify that there is one' bus_is channel/server Sessions 1
run_step 'Verify that its bytes are seen' wait_for 5 bus_is channel/server BytesReceived 5
run_step 'Verify that they are told' wait_for 5 changes BytesReceived 5
run_step 'Verify that the session ends' wait_for 30 gone app
run_step 'Verify that the channel is idle again' wait_for 10 bus_is channel/server State idle
run_step 'Verify that this is told, after the session' wait_for 5 seen 'string "State" +variant +string "open"' 'string "State" +variant +string "idle"'
run_step 'Ask for the statistics' bus_call modem/gw0 Statistics
run_step 'Verify that the bytes of the line are in them' grep -q LineBytesSent answer

told=$(grep -c '^signal' monitor.log)
sleep 3
run_step 'Verify that at rest nothing is told' test "$(grep -c '^signal' monitor.log)" -eq "$told"
finish
