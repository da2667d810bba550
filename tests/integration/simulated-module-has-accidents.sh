#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The simulated module has a rate that the host must meet, and what celltls-sim(1) says of its control socket happens.
# With Telit: in the commands of Telit.
# runs: family
# families: telit-ge telit-he
. "$TOP/tests/integration/lib.sh"

# Says a command to the module at a rate; what comes within a second is in the file "heard".
say() { # RATE COMMAND
	stty -F modem "$1" raw -echo clocal -hupcl
	exec 3<>modem
	printf '%s\r' "$2" >&3
	timeout 1 cat <&3 >heard || true
	exec 3>&-
}

hears() { # WORD
	grep -aq "$1" heard
}

# A busy machine may need longer than that second.
answers() { # RATE COMMAND WORD
	say "$1" "$2"
	hears "$3"
}

begin
start_module --module-rate 19200 --clock-unset --network-time 1800000000 --time-zone 4 --without reboot --sim-pin 1234
say 9600 AT
run_step 'Verify that nothing is understood at another rate' test ! "$(grep -a OK heard)"
say 19200 ''
run_step 'Verify that the right one is' wait_for 20 answers 19200 AT OK
say 19200 AT+IPR=57600
run_step 'Verify that the answer comes at the old rate' hears OK
run_step 'Verify that the new one follows' wait_for 20 answers 57600 AT OK
run_step 'Verify that the firmware cannot reboot' wait_for 20 answers 57600 AT#REBOOT ERROR
say 57600 AT+CPIN=1234
run_step 'Verify that the network has told the time' wait_for 20 answers 57600 AT+CCLK? '"27/01/15,09:0.:..+04"'
run_step 'Tell another' test "$(module nitz 1800086400)" = ok
run_step 'Verify that it was taken' wait_for 20 answers 57600 AT+CCLK? '"27/01/16,09:0.:..+04"'
run_step 'Let the clock jump back' test "$(module fault clock-jump=-86400)" = ok
run_step 'Verify that it did' wait_for 20 answers 57600 AT+CCLK? '"27/01/15,09:0.:..+04"'
run_step 'Swap the SIM' test "$(module swap-sim 4321)" = ok
run_step 'Verify that it asks for its PIN' wait_for 20 answers 57600 AT+CPIN? 'SIM PIN'
run_step 'Swap it again' test "$(module swap-sim)" = ok
run_step 'Verify that this one asks for none' wait_for 20 answers 57600 AT+CPIN? READY
run_step 'Verify that a word that is none is refused' test "$(module fault nonsense)" = 'error: nonsense: not understood'
finish
