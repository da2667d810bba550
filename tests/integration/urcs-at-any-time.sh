#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Unsolicited lines, late answers and an echo that will not go off do no harm to what an app sends and receives.
# runs: family mode
# limit: 180
. "$TOP/tests/integration/lib.sh"

begin
make_pki
head -c 60000 /dev/urandom >up
head -c 60000 /dev/urandom >down
start_peer both:down:60000:up.received sleep:200 close
start_module --seed 7 --fault urc=0.3,stuck-echo
channel server server.example.com:443
start_daemon
for n in first second; do
	run_step "Send and receive a $n time" client server both:up:60000:down.received sink:rest
	run_step 'Verify that the server got all' same up up.received
	run_step 'Verify that the app got all' same down down.received
	run_step 'Verify that nothing came after it' test ! -s rest
done
finish
