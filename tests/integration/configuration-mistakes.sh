#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# celltlsd --check reports every mistake of a configuration in one run, with file and line; the daemon does not start on it.
# runs: once
. "$TOP/tests/integration/lib.sh"

begin
cat >bad.conf <<-CONF
	modems = ( { name = "gw0"; device = "ttyUSB0"; baud = 110; pdp = { apn = "internet"; }; colour = "red"; } );
	channels = (
	  { name = "one"; modem = "gw1"; remote = "a.example.com"; tls = { verify = "server"; }; },
	  { name = "2"; modem = "gw0"; remote = "a.example.com:443"; tls = { verify = "perhaps"; }; },
	  { name = "three"; modem = "gw0"; remote = "a.example.com:443"; } );
CONF
# refused COMMAND...: it says no, by its exit status, soon
refused() {
	local status=0

	timeout 10 "$@" >refused.log 2>&1 || status=$?
	cat refused.log
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
}
run_step 'Check a bad file' refused "$CELLTLSD" --config bad.conf --check
for word in device baud colour gw1 remote '"2"' perhaps 'channels[2]'; do
	run_step "Verify that it names $word" grep -qF -- "$word" refused.log
done
run_step 'Verify that each line with a mistake is named' \
	test "$(grep -oE 'bad\.conf:[0-9]+' refused.log | sort -u | tr '\n' ' ')" = 'bad.conf:1 bad.conf:3 bad.conf:4 bad.conf:5 '
run_step 'Verify that the daemon does not start on it' refused "$CELLTLSD" --config bad.conf --foreground
run_step 'Start it as its unit does' refused "$CELLTLSD" --config bad.conf
run_step 'Verify that the journal sees an error' grep -q '^<3>daemon: bad\.conf:5: ' refused.log
run_step 'Verify that it sees a warning as one' grep -q '^<4>daemon: bad\.conf:1: .*: warning: ' refused.log
run_step 'Check a file that is not there' refused "$CELLTLSD" --config none.conf --check
run_step 'Verify that it is named' grep -q none.conf refused.log
echo 'modems = ( { name = ' >torn.conf
run_step 'Check a torn file' refused "$CELLTLSD" --config torn.conf --check
run_step 'Verify that the place is named' grep -q 'torn.conf:[12]' refused.log
run_step 'Check a directory' refused "$CELLTLSD" --config / --check
if [ "$(id -u)" -ne 0 ]; then
	cp torn.conf closed.conf
	chmod 000 closed.conf
	run_step 'Check a file that may not be read' refused "$CELLTLSD" --config closed.conf --check
	run_step 'Verify that this is said' grep -qi 'permission' refused.log
fi
run_step 'Give an option that is none' refused "$CELLTLSD" --bogus
make_pki
channel server server.example.com:443
write_config
run_step 'Check a good file' "$CELLTLSD" --config celltls.conf --check
finish
