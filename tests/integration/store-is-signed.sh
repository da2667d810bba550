#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A certificate store of signed commands: the client's certificate first, then the authorities, once; the key of the first slot
# is the key to all of them, and what is too long for a slot is refused before a byte of it is sent.
# runs: once
# families: cinterion
# limit: 240
. "$TOP/tests/integration/lib.sh"

slots() { # CERTIFICATE KEY AUTHORITY...
	local text n=0 file

	text="{ slot = \"client\"; file = \"$dir/pki/$1.pem\"; key_file = \"$dir/pki/$2.key\"; }"
	for file in "${@:3}"; do
		n=$((n + 1))
		text+=", { slot = \"$n\"; file = \"$dir/pki/$file.pem\"; }"
	done
	MODEM_KEYS="certificates = ( $text );"
}

# writes: how many store commands went to the module
writes() {
	grep -c '^> AT^SBNW=is_cert,1' trace || true
}

answers() { # CHANNEL
	client "$1" text:x sink:got && [ "$(<got)" = y ]
}

begin
make_pki
sed 's/$/\r/' pki/other-ca.pem >pki/dos.pem
start_peer until:x text:y close
start_peer -n other -c server-other until:x text:y close
start_module
start_bus
slots client client junk dos # mail around the one, CR LF in the other
channel server server.example.com:443 'tls = { verify = "server"; ca = ( "1", "2" ); };'
channel other other.example.com:443 'tls = { verify = "server"; ca = ( "1", "2" ); };'
channel strict other.example.com:443 'tls = { verify = "server"; ca = "1"; };'
start_daemon --bus-address "$bus"
run_step 'Talk to the server of one authority' answers server
run_step 'Talk to the server of the other' answers other
run_step 'Verify that a channel believes only the authority that it names' client strict -text:secret -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that three slots were written' test "$(counter slot_writes)" -eq 3
run_step 'Verify that it was warned of the key' said celltlsd 'client.key'
written=$(counter slot_writes)

run_step 'Stop the daemon' stop celltlsd
start_daemon --bus-address "$bus"
run_step 'Talk to the server again' answers server
run_step 'Verify that no slot was written again' test "$(counter slot_writes)" -eq "$written"
run_step 'Verify that no key was ever read' test "$(counter key_reads)" -eq 0

slots client client big dos
write_config
before=$(writes)
run_step 'Give it a certificate that is too long' reload
run_step 'Verify that the log says so' wait_for 30 said celltlsd 'slot 1, .*at most 2048'
run_step 'Verify that the module was sent none of it' test "$(writes)" -eq "$before"

slots server server ca other-ca
write_config
run_step 'Come with another key' reload
run_step 'Verify that the module refuses it, and the log says why' wait_for 60 said celltlsd 'slot client, .*the store is locked by that one'
run_step 'Verify that nothing was written' test "$(counter slot_writes)" -eq "$written"
finish
