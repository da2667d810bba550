#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A name that nobody knows: the log names it, the cause, the module's words and what to check.
# runs: family
# limit: 120
. "$TOP/tests/integration/lib.sh"

begin
make_pki
case $dialect in
cinterion) cause='name not known: the module ended it with 24: .*\(check the host name in remote' ;;
*) cause='not reached: AT#SSLD=1,443,.*SSL socket error \(the name is not known.*check remote\)' ;;
esac
start_module
channel server no-such-name.invalid:443
start_daemon
run_step 'Dial in vain' client server -text:x -sink:got
run_step 'Verify that nothing came' test ! -s got
run_step 'Verify that the log begins with the cause, and says what to do' said celltlsd \
    "no-such-name.invalid:443: $cause"
finish
