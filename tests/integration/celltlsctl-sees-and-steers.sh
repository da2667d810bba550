#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# celltlsctl shows the daemon as it is and as it changes; reset waits until the modem is ready again, release until the tty is free.
# limit: 180
. "$TOP/tests/integration/lib.sh"

CELLTLSCTL=${CELLTLSCTL:-$BUILD/celltlsctl}

ctl() {
	"$CELLTLSCTL" --bus-address "$bus" "$@" >"$dir/ctl.log" 2>&1
}

# shown PATTERN ARGS...
shown() {
	ctl "${@:2}" && said ctl "$1"
}

# ends_with STATUS PATTERN ARGS...
ends_with() {
	local status=0

	ctl "${@:3}" || status=$?
	[ "$status" -eq "$1" ] || { echo "status $status"; cat "$dir/ctl.log"; return 1; }
	said ctl "$2"
}

begin
make_pki
start_bus
start_peer until:x text:y
start_module
channel server server.example.com:443
run_step 'Verify that a missing daemon is told' ends_with 3 'celltlsd is not on the bus' status
start_daemon --bus-address "$bus"
spawn monitor "$CELLTLSCTL" --bus-address "$bus" monitor
spawn events "$CELLTLSCTL" --bus-address "$bus" monitor --json
run_step 'Wait until the modem is ready' wait_for 60 shown '^gw0 +ready +home' status
run_step 'Use the channel' client server text:x sink:got
run_step 'Verify that its figures are shown' wait_for 10 shown '^server +idle .* 1 B +1 B' status
run_step 'Verify that the session is described' shown '^Last session +TLS 1\.0, TLS_' channel server
run_step 'Verify that the module is described' shown '^Module +Telit' modem gw0
run_step 'Verify that the change was told' wait_for 10 said monitor 'channel server  .*State .*(dialing|open)'
run_step 'Verify that it was told as JSON too' wait_for 10 said events '"Event": "changed".*"State"'
run_step 'Verify that there are figures for Prometheus' shown '^celltls_channel_bytes_total\{channel="server",direction="sent"\} 1$' metrics
run_step 'Verify that they have what the modem counts' said ctl '^celltls_modem_recoveries_total\{modem="gw0",rung="soft_reset"\} 0$'
run_step 'Verify that they have the handshake' said ctl '^celltls_channel_handshakes_total\{channel="server"\} 1$'
if command -v promtool >/dev/null; then
	run_step 'Verify that promtool finds nothing' promtool check metrics <"$dir/ctl.log"
fi
run_step 'Reset the modem' ctl reset gw0
run_step 'Verify that it is ready again' shown '^gw0 +ready' status
run_step 'Verify that the reset was counted' shown '^celltls_modem_recoveries_total\{modem="gw0",rung="(soft|hard)_reset"\} 1$' metrics
run_step 'Release the modem' ctl release gw0
run_step 'Verify that it says how to get it back' shown 'celltlsctl acquire gw0' status
run_step 'Verify that the channel waits' shown 'waits for modem gw0' status
run_step 'Verify that a released modem is not reset' ends_with 6 'Acquire\(\)' reset gw0
run_step 'Acquire it' ctl acquire gw0
run_step 'Wait until it is ready' wait_for 60 shown '^gw0 +ready' status
run_step 'Verify that a command must be allowed' ends_with 1 'allow_command' command gw0 AT+CSQ
run_step 'Reload' ctl reload
echo nonsense >>"$dir/celltls.conf"
run_step 'Verify that mistakes are told with their place' ends_with 1 'celltls\.conf:[0-9]+' reload
run_step 'Stop the daemon' stop celltlsd
run_step 'Verify that it was told' wait_for 10 said monitor 'celltlsd  gone'
start_daemon --bus-address "$bus"
run_step 'Verify that its return was told' wait_for 10 said monitor 'celltlsd  back|celltlsd  there'
run_step 'Verify that the monitor goes on' wait_for 60 said monitor 'modem gw0  State .* -> ready'
finish
