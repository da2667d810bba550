#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ten megabytes each way at once, of every byte value, arrive as they were sent.
# Command mode waits before each piece, five minutes in all: the second family has two megabytes there.
# runs: family mode
# limit: 700
# but: cinterion command: at 100 ms after each answer it would take half an hour; two-sessions-at-once has the megabytes
. "$TOP/tests/integration/lib.sh"

bytes=10000000
[ "$FAMILY $MODE" != 'telit-he command' ] || bytes=2000000
begin
make_pki
head -c "$bytes" /dev/urandom >up
head -c "$bytes" /dev/urandom >down
start_peer "both:down:$bytes:up.received" sleep:200 close
start_module
MODEM_KEYS="baud = 0; $(certificates)"
channel server server.example.com:443
start_daemon
CLIENT_LIMIT=650
run_step 'Send and receive at the same time' client server "both:up:$bytes:down.received" sink:rest
run_step 'Verify that the server got all' same up up.received
run_step 'Verify that the app got all' same down down.received
run_step 'Verify that nothing came after it' test ! -s rest
run_step 'Verify that it was an end in order' said client '^end eof'
finish
