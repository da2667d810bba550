#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An app that writes single bytes is not stopped by what the kernel counts for each of them.
# runs: mode
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
mapfile -t bytes < <(yes text:x | head -n 1000)
start_peer recv:1000:got text:done close
start_module
channel server server.example.com:443
start_daemon
CLIENT_LIMIT=60
run_step 'Write 1000 bytes, each by itself, and wait for the answer' client server "${bytes[@]}" until:done sink:rest
run_step 'Verify that the server got all' test "$(tr -d x <got | wc -c)/$(wc -c <got)" = 0/1000
finish
