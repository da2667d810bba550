#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make-pki.sh DIR: authorities, servers and a client for the tests and the demo, made anew each time so that none expires.
#
#   ca.pem ca.key            the authority that the module is told to trust
#   other-ca.pem             an authority that it is not told of
#   server.pem server.key    www.example.com, mqtt.example.com, server.example.com, and by its CN all of example.com, for
#                            modules that reveal the subject only; the same key in all that follow
#   server-other.pem         the same names, signed by other-ca
#   server-expired.pem       the same names, ran out in 2020
#   server-wrong-name.pem    elsewhere.example.net
#   server-plain-name.pem    its CN is "Front End", its other names server.example.com, leaf.example.com
#   server-hard-name.pem     server.example.com of "Example, Inc.", with an address of a page and "/CN=trap.example.com" in its OU
#   client.pem client.key    "gateway 0"; the key as PKCS#1, which is all that these modules take
#   client-pkcs8.key         the same key as PKCS#8
#   stranger.key             a key that fits no certificate here
#   junk.pem                 ca.pem with mail headers before and a signature behind
#   torn.pem                 ca.pem without its second half
#   big.pem                  a good authority of more than 2047 bytes: too long for a slot
#
# RSA 2048 and SHA-256: the modules know RSA only, and hold at most 2047 bytes per item.
set -eu
umask 077
dir=$1
mkdir -p "$dir"
cd "$dir"

quietly() {
	"$@" 2>pki.log || { cat pki.log >&2; return 1; }
}

cat >ca.conf <<'CONF'
[ca]
default_ca = tests
[tests]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[big]
basicConstraints = critical, CA:true
subjectAltName = ${ENV::BIG_NAMES}
[servers]
basicConstraints = CA:false
subjectAltName = DNS:www.example.com, DNS:mqtt.example.com, DNS:server.example.com
[server]
basicConstraints = CA:false
subjectAltName = DNS:server.example.com, DNS:leaf.example.com
[wrong]
basicConstraints = CA:false
subjectAltName = DNS:elsewhere.example.net
[client]
basicConstraints = CA:false
extendedKeyUsage = clientAuth
CONF
: >index
echo 01 >serial
BIG_NAMES=$(printf 'DNS:a-name-that-only-fills-the-certificate-%02d.example.com,' {1..30})
export BIG_NAMES=${BIG_NAMES%,}

# authority NAME SUBJECT EXTENSIONS
authority() {
	quietly openssl req -config ca.conf -x509 -newkey rsa:2048 -nodes -sha256 -days 90 \
	    -subj "/O=celltls tests/CN=$2" -extensions "$3" -keyout "$1.key" -out "$1.pem"
}

# issue NAME KEY AUTHORITY EXTENSIONS CN [FROM UNTIL]; OWNER: the rest of the subject
issue() {
	quietly openssl req -config ca.conf -new -key "$2" -subj "${OWNER:-/O=celltls tests}/CN=$5" -out request.pem
	quietly openssl ca -config ca.conf -batch -notext -cert "$3.pem" -keyfile "$3.key" -extensions "$4" \
	    -startdate "${6:-$(date -u -d '1 day ago' +%Y%m%d%H%M%SZ)}" \
	    -enddate "${7:-$(date -u -d '90 days' +%Y%m%d%H%M%SZ)}" -in request.pem -out "$1.pem"
}

authority ca 'Test Root' authority
authority other-ca 'Other Root' authority
authority big 'Big Root' big
for key in server client stranger; do
	quietly openssl genrsa -traditional -out "$key.key" 2048
done
issue server server.key ca servers '*.example.com'
issue server-other server.key other-ca servers '*.example.com'
issue server-expired server.key ca servers '*.example.com' 20200101000000Z 20200201000000Z
issue server-wrong-name server.key ca wrong elsewhere.example.net
issue server-plain-name server.key ca server 'Front End'
OWNER='/O=Example, Inc./OU=http:\/\/www.example.net\/CN=trap.example.com' \
	issue server-hard-name server.key ca server server.example.com
issue client client.key ca client 'gateway 0'
quietly openssl pkcs8 -topk8 -nocrypt -in client.key -out client-pkcs8.key
{ printf 'From: root@example.com\nSubject: the new root\n\n'; cat ca.pem; printf -- '-- \nThe certificate team\n'; } >junk.pem
head -c "$(($(wc -c <ca.pem) / 2))" ca.pem >torn.pem

for item in ca other-ca server server-other server-expired server-wrong-name client junk; do
	[ "$(wc -c <"$item.pem")" -le 2047 ] || { echo "$item.pem is longer than a module's slot" >&2; exit 1; }
done
[ "$(wc -c <big.pem)" -gt 2047 ] || { echo "big.pem is too small to be too big" >&2; exit 1; }
rm -f pki.log request.pem index index.* serial serial.* ca.conf 0?.pem other-ca.key big.key
