#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that speaks TLS 1.2 and no older: the log says that the handshake failed, and what this module speaks.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
need openssl
port_of[today]=$(free_port)
spawn today openssl s_server -accept "127.0.0.1:${port_of[today]}" -tls1_2 -cert pki/server.pem -key pki/server.key -quiet
listening() {
	(exec 3<>"/dev/tcp/127.0.0.1/${port_of[today]}") 2>/dev/null
}
wait_for 10 listening
resolve+=(--resolve "server.example.com=127.0.0.1:${port_of[today]}")
case $dialect in
cinterion) cause='handshake failed: the module ended it with .*\(the server must take TLS 1.0' ;;
*) cause='handshake failed: AT#SSLD=1,443,.*SSL error during handshake \(check that the server speaks TLS 1.0' ;;
esac
start_module
channel server server.example.com:443
start_daemon
run_step 'Dial in vain' client server -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the log begins with the cause, and says what to do' said celltlsd \
    "server.example.com:443: $cause"
finish
