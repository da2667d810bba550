#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A channel with TLS gives a server in clear not a byte.
# runs: mode
# families: telit-ge cinterion
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
not_in_clear() {
	[ ! -e got ] || ! grep -q secret got
}
start_peer -p recv:4000:got text:y close
start_module
channel server server.example.com:443 'dial_timeout = 40; tls = { enabled = true; verify = "none"; };'
start_daemon
run_step 'Dial a server in clear, by TLS' client server -text:secret -sink:answer
run_step 'Verify that the app got nothing' test ! -s answer
run_step 'Verify that the server did not get the text' not_in_clear
finish
