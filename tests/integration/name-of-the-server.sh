#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The module does not compare the server's name, so the daemon does, before a byte of the app is sent: the subject's last CN, or
# the other names of a certificate that the channel has in a file, or its pin, or nothing at all where that is what it says.
# runs: mode
# families: cinterion
# limit: 240
. "$TOP/tests/integration/lib.sh"

start_named() { # NAME CERTIFICATE
	start_peer -n "$1" -c "$2" recv:1:"$1.got" text:y close
}

# dials CHANNEL: the server answers
dials() {
	client "$1" text:x sink:answer && [ "$(<answer)" = y ]
}

# refused CHANNEL WORD...: the server gets nothing, and LastError has each of the words
refused() {
	local channel=$1 word

	shift
	client "$channel" -text:secret -sink:answer
	[ ! -s answer ]
	for word; do
		bus_get "channel/$channel" LastError | grep -F -- "$word" || return 1
	done
}

begin
make_pki
pin=sha1:$(openssl x509 -in pki/server-plain-name.pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)
start_named server server-hard-name
start_named other server-wrong-name
start_named plain server-plain-name
# one server, and a name for each of the ways out
for name in leaf strange pin wrong off; do
	resolve+=(--resolve "$name.example.com=127.0.0.1:${port_of[plain]}")
done
resolve+=(--resolve "trap.example.com=127.0.0.1:${port_of[server]}")
start_module
start_bus
channel good server.example.com:443
channel trap trap.example.com:443
channel other other.example.com:443
channel plain plain.example.com:443
from_file="tls = { verify = \"server\"; }; ocsp = { certificate = \"$dir/pki/server-plain-name.pem\"; };"
channel leaf leaf.example.com:443 "$from_file"
channel strange strange.example.com:443 "$from_file"
channel pin pin.example.com:443 "tls = { verify = \"server\"; pin = \"$pin\"; };"
channel wrong wrong.example.com:443 'tls = { verify = "server"; pin = "sha1:0123456789abcdef0123456789abcdef01234567"; };'
channel off off.example.com:443 'tls = { verify = "server"; check_name = "off"; };'
start_daemon --bus-address "$bus"
run_step 'Wait for the modem' wait_for 60 bus_is modem/gw0 State ready

run_step 'Talk to a server whose CN fits' dials good
subject='/O=Example, Inc./OU=http://www.example.net/CN=trap.example.com/CN=server.example.com'
run_step 'Verify that its subject is told, commas, slashes and all' bus_is channel/good PeerSubject "$subject"
run_step 'Verify who issued it' bus_is channel/good PeerIssuer "$(openssl x509 -in pki/ca.pem -noout -subject -nameopt compat | sed 's/^subject=//')"
run_step 'Verify its serial number' \
    bus_is channel/good PeerSerial "$(openssl x509 -in pki/server-hard-name.pem -noout -serial | sed 's/.*=//')"
run_step 'Verify its thumbprint' bus_is channel/good PeerThumbprint \
    "sha1:$(openssl x509 -in pki/server-hard-name.pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)"
run_step 'Verify that the name is enforced' grep -q host:name <(bus_get channel/good Enforces)
run_step 'Verify that another name in the subject does not do' refused trap "$subject"

run_step 'Verify that a server with another name is refused' refused other elsewhere.example.net pin check_name
run_step 'Verify that it got nothing' test ! -s other.got
run_step 'Verify that a name without a host in it is refused' refused plain 'Front End' pin check_name
run_step 'Verify that it got nothing' test ! -s plain.got
run_step 'Verify that the names of its certificate in a file do' dials leaf
run_step 'Verify that they do for no other name' refused strange 'Front End'
run_step 'Verify that the pin lets it through' dials pin
run_step 'Verify that the pin is what is enforced' grep -q host:pin <(bus_get channel/pin Enforces)
run_step 'Verify that a wrong pin does not' refused wrong "${pin#sha1:}"
run_step 'Verify that check_name = "off" does' dials off
run_step 'Verify that this is told as a weakness' grep -q name-unchecked <(bus_get channel/off Weaknesses)
finish
