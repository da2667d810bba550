#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Certificate files that cannot be used are named with the reason, the key is never shown, and the channel lets nobody through.
# runs: once
# root: yes
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
start_peer -a ca recv:1:reached
start_module
mkdir -p pki/dir.pem
cp pki/client.key pki/open.key
chmod 666 pki/open.key
if [ "$(id -u)" -ne 0 ]; then
	cp pki/ca.pem pki/closed.pem
	chmod 000 pki/closed.pem
fi
# try CA CERTIFICATE KEY PATTERN: a daemon with these files says PATTERN, and no byte reaches the server
try() {
	local ca=$1 cert=$2 key=$3 pattern=$4

	MODEM_KEYS="certificates = ( { slot = \"ca\"; file = \"$dir/pki/$ca\"; },
	    { slot = \"cert\"; file = \"$dir/pki/$cert\"; }, { slot = \"key\"; file = \"$dir/pki/$key\"; } );"
	channels=() channel_names=()
	channel server server.example.com:443 'tls = { verify = "mutual"; }; wait_timeout = 3;'
	write_config
	spawn celltlsd "$CELLTLSD" --config "$dir/celltls.conf" --foreground --trace "$dir/trace"
	wait_for 10 daemon_is_up
	if alive celltlsd; then
		client server -text:secret -sink:- || true
		wait_for 20 said celltlsd "$pattern"
		stop celltlsd
	else
		unset 'pid_of[celltlsd]'
	fi
	said celltlsd "$pattern"
	no_key_told
	[ ! -s reached ]
}
run_step 'Name a file that is not there' try none.pem client.pem client.key 'none\.pem'
run_step 'Name a directory' try dir.pem client.pem client.key 'dir\.pem'
run_step 'Name half a certificate' try torn.pem client.pem client.key 'torn\.pem'
run_step 'Name a certificate that is too long for the module' try big.pem client.pem client.key '2047'
run_step 'Name a key that does not fit' try ca.pem client.pem stranger.key 'private key does not belong'
run_step 'Name a certificate where a key belongs' try ca.pem client.pem client.pem 'client\.pem'
run_step 'Name a key that everybody may read' try ca.pem client.pem open.key 'open\.key'
if [ "$(id -u)" -ne 0 ]; then
	run_step 'Name a file that may not be read' try closed.pem client.pem client.key 'closed\.pem'
fi
finish
