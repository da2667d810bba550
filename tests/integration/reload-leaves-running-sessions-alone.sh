#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SIGHUP applies what has changed; sessions of unchanged channels go on, and no byte of them is lost.
# runs: mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 600000 /dev/urandom >up
head -c 600000 /dev/urandom >down
start_peer both:down:600000:up.received sleep:200 close
start_peer -n other -c server until:x sleep:200 text:y close
start_module
MODEM_KEYS="baud = 0; $(certificates)"
channel server server.example.com:443
channel gone other.example.com:443
start_daemon
spawn_client app server pace:15000:100 both:up:600000:down.received sink:rest
run_step 'Verify that the session is there' wait_for 30 said celltlsd 'server: open to'
inode=$(stat -c %i run/server.sock)
commands=$(counter commands)

channels=()
channel server server.example.com:443 'max_waiting = 3; wait_timeout = 90; dial_timeout = 60; idle_timeout = 600;'
channel new other.example.com:443
MODEM_KEYS="$MODEM_KEYS supervision = 30; roaming = true;"
write_config
sed -i 's/level = "debug"/level = "info"/' celltls.conf
run_step 'Reload in the middle of a transfer' reload
run_step 'Verify what the log says of the channel' said celltlsd '^channel server: max_waiting, wait_timeout, dial_timeout, idle_timeout changed$'
run_step 'Verify what the log says of the modem' said celltlsd '^modem gw0: roaming, supervision changed$'
run_step 'Verify what the log says of its own level' said celltlsd '^daemon: log.level changed$'
run_step 'Verify that a new channel is there' test -S run/new.sock
run_step 'Verify that the one that is gone is gone' test ! -e run/gone.sock
run_step 'Verify that the socket is the same one' test "$(stat -c %i run/server.sock)" = "$inode"
for _ in 1 2 3; do
	run_step 'Reload where nothing has changed' reload
done
run_step 'Verify that the app is still there' alive app
[ "$MODE" = command ] || run_step 'Verify that the module was asked nothing' test "$(counter commands)" -eq "$commands"
run_step 'Verify that the transfer ends' wait_for 60 gone app
run_step 'Verify that the server got all' same up up.received
run_step 'Verify that the app got all' same down down.received
run_step 'Verify that it was an end in order' said app '^end eof'
run_step 'Talk by the new channel' client new text:x sink:got
run_step 'Verify that the server answered' test "$(<got)" = y
finish
