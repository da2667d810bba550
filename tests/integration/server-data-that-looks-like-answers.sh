#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server may send what looks like the module's own words; it reaches the app, and nothing else comes of it.
# runs: family mode
# limit: 150
. "$TOP/tests/integration/lib.sh"

begin
make_pki
traps=(
	'\r\nNO CARRIER\r\n'
	'\r\nOK\r\n'
	'\r\nERROR\r\n'
	'+CME ERROR: 840'
	'\r\n+CME ERROR: 840\r\n'
	'> '
	'\r\n> '
	'CLOSED'
	'\r\nDISCONNECTED\r\n'
	'\r\nCONNECT\r\n'
	'\r\nSSLSRING: 1,5\r\n'
	'\r\n#SSLRECV: 5\r\nhello\r\n\r\nOK\r\n'
	'\r\n#SSLS: 1,1\r\n\r\nOK\r\n'
	'AT#SSLH=1\r\r\nOK\r\nAT#SGACT=1,0\r\r\nOK\r\n'
	'+++'
	'\r\nNO CARR'
	'\x1a\x1b\x08\0\x11\x13\x10'
	'\r\n^SISR: 0, 1\r\n'
	'\r\n^SISR: 0, 5\r\nhello\r\n\r\nOK\r\n'
	'\r\n^SIS: 0, 0, 48\r\n'
	'\r\n+CIEV: is_cert,0,/CN=a,01,/CN=b,sha1RSA,sha1,00\r\n'
	'\r\n^SYSSTART\r\n'
	'\x10\x04NO CARRIER\r\n'
	'\x10\x10\x04'
)
# each alone with silence around it, then all in one breath; the server closes only when told to
steps=()
for trap in "${traps[@]}"; do
	steps+=("text:$trap" sleep:1500)
	printf '%b' "$trap" >>expected
done
for trap in "${traps[@]}"; do
	steps+=("text:$trap")
	printf '%b' "$trap" >>expected
done
start_peer "${steps[@]}" until:bye sleep:200 text:bye close # the module's own gathering takes longer
printf bye >>expected
start_module
channel server server.example.com:443
start_daemon
CLIENT_LIMIT=120
run_step 'Receive every trap' client server "recv:$(($(stat -c %s expected) - 3)):got" text:bye sink:rest
cat rest >>got
run_step 'Verify that the app got just what the server sent' same expected got
run_step 'Verify that it was one connection, ended in order' said client '^end eof'
run_step 'Verify that the server was never closed upon' test "$(grep -c ^accepted server.log)" -eq 1
finish
