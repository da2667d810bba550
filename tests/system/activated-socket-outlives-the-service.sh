#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The socket of a socket unit is the same after restart and stop of the service, and whoever connects then starts it.
# limit: 60
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

inode() {
	stat -c %i /run/celltls/cloud.sock
}

same_socket() {
	[ -S /run/celltls/cloud.sock ] && [ "$(inode)" = "$socket" ]
}

begin
unit test-cloud.socket <<-'UNIT'
	[Socket]
	ListenStream=/run/celltls/cloud.sock
	FileDescriptorName=cloud
	SocketUser=celltls
	SocketGroup=celltls
	SocketMode=0660
	Service=celltlsd.service
UNIT
systemctl stop celltlsd.service
run_step 'Start the socket unit' systemctl start test-cloud.socket
socket=$(inode)
run_step 'Verify that it did not start the service' shows ActiveState inactive
run_step 'Verify that whoever connects starts the service, and gets a page' fetches
run_step 'Verify that the service runs' systemctl -q is-active celltlsd.service
run_step 'Restart the service' systemctl restart celltlsd.service
run_step 'Verify that the socket is the same' same_socket
run_step 'Stop the service' systemctl stop celltlsd.service
run_step 'Verify that the socket is the same' same_socket
run_step 'Verify that a stranger is kept out' not fetches stranger
run_step 'Verify that the channel works again' fetches
run_step 'Verify that the socket is the same' same_socket
