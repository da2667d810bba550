#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ten megabytes each way at once, of every byte value, arrive as they were sent.
# runs: family mode
# limit: 1000
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 10000000 /dev/urandom >up
head -c 10000000 /dev/urandom >down
start_peer both:down:10000000:up.received sleep:200 close
start_module
MODEM_KEYS="baud = 0; certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
channel server server.example.com:443
start_daemon
CLIENT_LIMIT=950
run_step 'Send and receive at the same time' client server both:up:10000000:down.received sink:rest
run_step 'Verify that the server got all' same up up.received
run_step 'Verify that the app got all' same down down.received
run_step 'Verify that nothing came after it' test ! -s rest
run_step 'Verify that it was an end in order' said client '^end eof'
finish
