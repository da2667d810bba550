#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dialect = "auto": the daemon asks the module who it is, in a way that each family takes well, and it works from the first dial on.
# runs: family
# limit: 90
. "$TOP/tests/integration/lib.sh"

DIALECT=auto
begin
make_pki
start_peer until:x text:y close
start_module
start_bus
channel server server.example.com:443
start_daemon --bus-address "$bus"
run_step 'Talk to the server' client server text:x sink:got
run_step 'Verify that it was answered' test "$(<got)" = y
run_step 'Verify which dialect was found' bus_is modem/gw0 Dialect "$dialect"
run_step 'Verify that the module was not restarted' test "$(counter resets)" -eq 0
finish
