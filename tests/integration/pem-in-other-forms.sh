#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What people really have in their files works: mail around the PEM, CR LF line ends, a key in the newer form.
# With Telit: store-is-signed has such files too; no other module shows a certificate.
# runs: family
# families: telit-ge telit-he
# limit: 90
. "$TOP/tests/integration/lib.sh"

begin
make_pki
sed 's/$/\r/' pki/client.pem >pki/dos.pem
start_peer -a ca until:x text:y close
start_module
MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/junk.pem\"; },
    { slot = \"cert\"; file = \"$dir/pki/dos.pem\"; }, { slot = \"key\"; file = \"$dir/pki/client-pkcs8.key\"; } );"
channel server server.example.com:443 'tls = { verify = "mutual"; };'
start_daemon
run_step 'Talk to the server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
run_step 'Verify that it knows who asked' said server 'client /.*CN=gateway 0'
finish
