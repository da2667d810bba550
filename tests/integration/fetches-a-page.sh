#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# curl fetches a page through a channel: headers, text, and a file of 300 kB, one connection after another.
# runs: family mode
# root: yes
. "$TOP/tests/integration/lib.sh"

begin
need curl
make_pki
mkdir files
head -c 300000 /dev/urandom >files/random
start_nginx
start_module
channel web www.example.com:443
start_daemon
fetch() {
	curl --silent --show-error --fail --max-time 40 --unix-socket run/web.sock -o "$1" "http://www.example.com/$2"
}
run_step 'Verify that curl gets a page' fetch page ''
run_step 'Verify that it is the server that answered, over TLS 1.0' grep -q 'over TLSv1 with AES' page
run_step 'Verify that curl gets a large file' fetch random files/random
run_step 'Verify that the file is whole' same random files/random
run_step 'Verify that nginx saw two requests' test "$(wc -l <nginx-access.log)" -eq 2
finish
