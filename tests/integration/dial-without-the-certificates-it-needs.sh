#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The slot for the authority is empty: the log says so, and to give the modem its certificates.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
MODEM_KEYS='roaming = false;' # and so no certificates
start_peer until:x text:y close
case $dialect in
cinterion) cause='certificates not usable: the module ended it with 66: .*\(check that ca names all certificates.*the module.s slots hold them' ;;
*) cause='certificates not usable: AT#SSLD=1,443,.*wrong or not stored \(give the modem.s certificates' ;;
esac
start_module
channel server server.example.com:443
start_daemon
run_step 'Dial in vain' client server -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the log begins with the cause, and says what to do' said celltlsd \
    "server.example.com:443: $cause"
finish
