# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# lib.sh - what the integration tests and the demo share: a directory of their own, processes of their own, and an end to both.
#
#   begin                        the directory $dir, and its end; first line of each test
#   run_step TEXT COMMAND...     says TEXT, runs COMMAND; the test ends where one fails
#   finish                       stops the daemon and looks at what it left behind; last line of each test
#   not_run WHY                  this cannot be tested here
#
#   start_peer STEP...           a TLS server that follows a script: server.example.com:443 (tests/integration/tls-peer.c)
#   start_nginx                  HTTPS: www.example.com:443; MQTT over TLS: mqtt.example.com:8883
#   start_mosquitto              the broker behind it
#   start_module [ARG...]        the simulated module
#   channel NAME REMOTE [KEYS]   one more channel in the configuration that start_daemon writes
#   start_daemon [ARG...]        celltlsd, until its sockets are there
#   reload [ok|refused]          the daemon reads the configuration again, which write_config may have written anew
#   start_bus                    a bus of our own, whose address is $bus; start_daemon --bus-address "$bus"
#   bus_get OBJECT PROPERTY      what it is, e.g. bus_get modem/gw0 State
#   bus_call OBJECT METHOD [TYPE:VALUE...]   calls it, and leaves what it said, or the error, in $dir/answer; fails with the call
#   client SOCKET STEP...        an app (tests/integration/uclient.c); what it says is in $dir/client.log
#
#   certificates                 what a modem of this family needs to believe our authority: its key in the configuration
#
# Settings come in by FAMILY (telit-ge) and MODE (online); DEVICE, DIALECT, MODEM_KEYS and CHANNEL_KEYS go into the configuration.

set -eE -o pipefail
export LC_ALL=C

FAMILY=${FAMILY:-telit-ge}
MODE=${MODE:-online}
top=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BUILD=${BUILD:-$top/build/dev}
CELLTLSD=${CELLTLSD:-$BUILD/celltlsd}
CELLTLS_SIM=${CELLTLS_SIM:-$BUILD/celltls-sim}
TLS_PEER=${TLS_PEER:-$BUILD/tests/integration/tls-peer}
UCLIENT=${UCLIENT:-$BUILD/tests/integration/uclient}
# A small quarantine, so that what the daemon holds can be measured under ASan too.
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=1:detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

# A module that does not tell its suite is dialled only by a channel that says so.
# $dials and $hangs_up are the commands for it, as patterns.
# shellcheck disable=SC2034
case $FAMILY in
cinterion) dialect=cinterion any_suite=' ciphers = ( "any" );' dials='AT\^SISO=0' hangs_up='AT\^SISC=0' ;;
*) dialect=telit any_suite='' dials='AT#SSLD=1,443,"' hangs_up='AT#SSLH=1' ;;
esac

declare -A pid_of=() port_of=()
resolve=()
channels=()
channel_names=()
doing='its start'
patience=5 # seconds that a process gets to end

# The name is unguessable, so the trap may remove it before it is known whether mkdir came to make it.
begin() {
	dir=${TMPDIR:-/tmp}/celltls-$(od -An -N6 -tx1 /dev/urandom | tr -d ' ')
	trap at_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 141' PIPE
	trap 'exit 143' TERM
	mkdir -m 700 "$dir"
	export TMPDIR=$dir
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus # what is tried here is none of this system's business
	cd "$dir"
}

at_end() {
	local status=$?

	trap '' HUP INT PIPE TERM
	set +eE
	end_processes
	if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
		tell_failure "$status"
	fi
	cd /
	rm -rf "$dir"
	exit "$status"
}

tell_failure() {
	local log

	echo "FAIL in: $doing"
	for log in "$dir"/*.log; do
		[ -s "$log" ] || continue
		echo "--- the last of ${log##*/}"
		tail -n 40 "$log" | cut -c 1-300
	done
}

# Each in a process group of its own, so that its children end with it and a ^C meant for this script goes round it.
spawn() { # NAME COMMAND...
	local name=$1

	shift
	set -m
	"$@" >"$dir/$name.log" 2>&1 </dev/null &
	pid_of[$name]=$!
	set +m
}

# As a command, but a signal to this script ends it at once.
run() {
	set -m
	"$@" </dev/null &
	set +m
	wait $!
}

alive() {
	kill -0 "${pid_of[$1]}" 2>/dev/null
}

gone() {
	! alive "$1"
}

not() { # COMMAND...
	! "$@"
}

end_processes() {
	local pids pid n

	mapfile -t pids < <(jobs -p)
	for pid in "${pids[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
		kill -CONT -- "-$pid" 2>/dev/null
	done
	for ((n = 0; n < patience * 20; n++)); do
		kill -0 "${pids[@]/#/-}" 2>/dev/null || break
		sleep 0.05
	done
	for pid in "${pids[@]}"; do
		kill -KILL -- "-$pid" 2>/dev/null
	done
	wait 2>/dev/null
}

# stop NAME [SIGNAL]: ends it and leaves its exit status in $stopped; more than ten seconds is a failure.
stop() {
	kill "-${2:-TERM}" "${pid_of[$1]}"
	wait_for 10 gone "$1"
	stopped=0
	wait "${pid_of[$1]}" 2>/dev/null || stopped=$?
	unset "pid_of[$1]"
}

wait_for() { # SECONDS COMMAND...
	local until=$((SECONDS + $1 + 1))

	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$until" ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.05
	done
}

run_step() {
	doing=$1
	printf '  %s\n' "$1"
	shift
	"$@"
}

not_run() {
	echo "NOT RUN: $*"
	exit 77
}

need() {
	local command

	for command; do
		command -v "$command" >/dev/null || not_run "no $command here"
	done
}

# A port that nobody has, below those that the kernel hands out by itself.
free_port() {
	local port

	for _ in {1..50}; do
		port=$((20000 + RANDOM % 12000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
	return 1
}

make_pki() {
	"$top/tests/pki/make-pki.sh" "$dir/pki"
}

# ---- servers

# start_peer [-n NAME] [-c CERTIFICATE] [-a AUTHORITY] [-r RECORD_BYTES] [-p] STEP...
start_peer() {
	local OPTIND=1 o name=server cert=server args=()

	while getopts n:c:a:r:p o; do
		case $o in
		n) name=$OPTARG ;;
		c) cert=$OPTARG ;;
		a) args+=(--ca "$dir/pki/$OPTARG.pem") ;;
		r) args+=(--records "$OPTARG") ;;
		p) args+=(--plain) ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	rm -f "$dir/$name.port"
	spawn "$name" "$TLS_PEER" --cert "$dir/pki/$cert.pem" --key "$dir/pki/server.key" --port-file "$dir/$name.port" \
	    "${args[@]}" "$@"
	wait_for 30 test -s "$dir/$name.port"
	port_of[$name]=$(<"$dir/$name.port")
	resolve+=(--resolve "$name.example.com=127.0.0.1:${port_of[$name]}")
}

# TLS 1.0 is all that the modules of this dialect speak.  Mosquitto refuses it (1.2 is the oldest that it takes), so nginx
# stands in front of it; and OpenSSL 3 takes TLS 1.0 only at security level 0.  The 2G modules also refuse TLS records of more
# than 15,800 bytes, hence the buffers of 8k.  Nothing here is how to set up a server today.
nginx_config() {
	cat <<-CONF
	load_module ${NGINX_MODULES:-/usr/lib/nginx/modules}/ngx_stream_module.so;
	daemon off;
	master_process off;
	pid $dir/nginx.pid;
	error_log stderr notice;
	events { worker_connections 64; }
	http {
	    access_log $dir/nginx-access.log;
	    client_body_temp_path $dir/nginx-body;
	    proxy_temp_path $dir/nginx-proxy;
	    fastcgi_temp_path $dir/nginx-fastcgi;
	    uwsgi_temp_path $dir/nginx-uwsgi;
	    scgi_temp_path $dir/nginx-scgi;
	    server {
	        listen 127.0.0.1:${port_of[https]} ssl;
	        ssl_certificate $dir/pki/server.pem;
	        ssl_certificate_key $dir/pki/server.key;
	        ssl_protocols TLSv1;
	        ssl_ciphers ALL:@SECLEVEL=0;
	        ssl_buffer_size 8k;
	        location / {
	            default_type text/plain;
	            return 200 "Hello from $(uname -n), over \$ssl_protocol with \$ssl_cipher.\nThe TLS ended on the module.\n";
	        }
	        location /files/ { alias $dir/files/; }
	    }
	}
	stream {
	    server {
	        listen 127.0.0.1:${port_of[mqtts]} ssl;
	        ssl_certificate $dir/pki/server.pem;
	        ssl_certificate_key $dir/pki/server.key;
	        ssl_protocols TLSv1;
	        ssl_ciphers ALL:@SECLEVEL=0;
	        proxy_buffer_size 8k;
	        proxy_pass unix:$dir/mosquitto.sock;
	    }
	}
	CONF
}

nginx_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/${port_of[https]}" 4<>"/dev/tcp/127.0.0.1/${port_of[mqtts]}")
}

start_nginx() {
	PATH=$PATH:/usr/sbin need nginx
	port_of[https]=$(free_port)
	port_of[mqtts]=$(free_port)
	nginx_config >"$dir/nginx.conf"
	PATH=$PATH:/usr/sbin spawn nginx nginx -e stderr -p "$dir" -c "$dir/nginx.conf"
	wait_for 30 nginx_answers
	resolve+=(--resolve "www.example.com=127.0.0.1:${port_of[https]}" --resolve "mqtt.example.com=127.0.0.1:${port_of[mqtts]}")
}

start_mosquitto() {
	PATH=$PATH:/usr/sbin need mosquitto mosquitto_pub mosquitto_sub
	cat >"$dir/mosquitto.conf" <<-CONF
	listener 0 $dir/mosquitto.sock
	allow_anonymous true
	persistence false
	user $(id -un)
	CONF
	PATH=$PATH:/usr/sbin spawn mosquitto mosquitto -c "$dir/mosquitto.conf"
	wait_for 30 test -S "$dir/mosquitto.sock"
}

# ---- the bus

# Like the system's it lets everybody in.
bus_config() {
	cat <<-CONF
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
	 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig>
	  <listen>unix:path=$dir/bus.sock</listen>
	  <auth>EXTERNAL</auth>
	  <policy context="default">
	    <allow user="*"/><allow own="*"/>
	    <allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/>
	  </policy>
	</busconfig>
	CONF
}

start_bus() {
	need dbus-daemon dbus-send
	bus=unix:path=$dir/bus.sock
	bus_config >"$dir/bus.conf"
	spawn dbus dbus-daemon --config-file="$dir/bus.conf" --nofork --nopidfile --nosyslog
	wait_for 30 test -S "$dir/bus.sock"
}

interface_of() { # OBJECT
	case $1 in
	modem/*) echo org.celltls1.Modem ;;
	channel/*) echo org.celltls1.Channel ;;
	*) echo org.celltls1.Manager ;;
	esac
}

# One word a line, strings as they are.
send_message() { # OBJECT MEMBER [TYPE:VALUE...]
	local path=/org/celltls1${1:+/$1} member=$2

	shift 2
	dbus-send --bus="$bus" --print-reply=literal --reply-timeout=400000 --dest=org.celltls1 "$path" "$member" "$@"
}

bus_get() {
	send_message "$1" org.freedesktop.DBus.Properties.Get "string:$(interface_of "$1")" "string:$2" |
	    sed -E 's/^ *variant +//; s/^(u?int(16|32|64)|boolean|object path) //'
}

# bus_is OBJECT PROPERTY VALUE
bus_is() {
	[ "$(bus_get "$1" "$2")" = "$3" ]
}

bus_call() {
	local object=$1 method=$2

	shift 2
	send_message "$object" "$(interface_of "$object").$method" "$@" >"$dir/answer" 2>&1
}

# spawn_call NAME OBJECT METHOD...: the same in the background; its answer is in $dir/NAME.log
spawn_call() {
	local name=$1 object=$2 method=$3

	shift 3
	export bus
	export -f send_message
	spawn "$name" bash -c 'send_message "$@"' call "$object" "$(interface_of "$object").$method" "$@"
}

# answered ERROR [PATTERN]: the last bus_call ended with that error, and its text matches
answered() {
	grep -Eq -- "^Error org\.celltls1\.Error\.$1: .*${2:-}" "$dir/answer" || { cat "$dir/answer"; return 1; }
}

# ---- the module and the daemon

start_module() {
	spawn module "$CELLTLS_SIM" --family "$FAMILY" --link "$dir/modem" --control "$dir/module.sock" --flash "$dir/flash" \
	    "${resolve[@]}" "$@"
	wait_for 30 grep -q '^celltls-sim: .* on ' "$dir/module.log"
}

# What the control socket answers to one line, on standard output.
module() {
	rm -f "$dir/module.answer"
	"$UCLIENT" --limit 10 "$dir/module.sock" "text:$*\n" shut "sink:$dir/module.answer" >/dev/null
	cat "$dir/module.answer"
}

# One number out of the counters.
counter() {
	module counters | sed -n "s/^$1[^0-9]*\([0-9][0-9]*\).*/\1/p" | head -n 1
}

channel() {
	local keys=${3:-${CHANNEL_KEYS:-}} tls=" tls = { verify = \"server\"; };"

	tls=${tls/\{/\{$any_suite}
	case $keys in
	*"tls = "*"ciphers"*) tls='' ;;
	*"tls = "*) tls='' keys=${keys/tls = \{/tls = \{$any_suite} ;;
	esac
	case $keys in
	*"socket = "*) ;;
	*) keys+=" socket = { group = \"$(id -gn)\"; };" ;;
	esac
	channel_names+=("$1")
	channels+=("
  { name = \"$1\"; modem = \"gw0\"; remote = \"$2\"; mode = \"$MODE\";$tls$keys }")
}

# Every write to a store of this dialect is signed, with the key of the certificate in its first slot.
certificates() {
	local signer=

	[ $dialect != cinterion ] ||
	    signer="{ slot = \"client\"; file = \"$dir/pki/client.pem\"; key_file = \"$dir/pki/client.key\"; }, "
	echo "certificates = ( $signer{ slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
}

write_config() {
	local sockets=

	# An online channel has the module for itself, so there it is one secure socket for all of them in turn.
	[ "$dialect $MODE" != 'cinterion online' ] || sockets='secure_sockets = 1;'
	mkdir -p "$dir/run" "$dir/state"
	{
		cat <<-CONF
		log = { level = "debug"; };
		state_directory = "$dir/state";
		runtime_directory = "$dir/run";
		modems = ( {
		  name = "gw0";
		  device = "${DEVICE:-$dir/modem}";
		  dialect = "${DIALECT:-$dialect}";
		  pdp = { apn = "internet"; };
		  ${MODEM_KEYS:-$(certificates)} $sockets
		} );
		channels = (
		CONF
		local IFS=,
		printf '%s );\n' "${channels[*]}"
	} >"$dir/celltls.conf"
}

# Or never will be.
daemon_is_up() {
	local name

	alive celltlsd || return 0
	for name in "${channel_names[@]}"; do
		[ -S "$dir/run/$name.sock" ] || return 1
	done
}

start_daemon() {
	write_config
	spawn celltlsd "$CELLTLSD" --config "$dir/celltls.conf" --foreground --trace "$dir/trace" "$@"
	wait_for 30 daemon_is_up
	alive celltlsd || { echo 'celltlsd ended at once'; return 1; }
}

# How often a configuration was taken, or was refused.
taken() {
	grep -Ec '^daemon: [0-9]+ modems, [0-9]+ channels$' "$dir/celltlsd.log" || true
}

refused() {
	grep -c '^daemon: .*stays in force$' "$dir/celltlsd.log" || true
}

more_than() { # NUMBER COMMAND
	[ "$($2)" -gt "$1" ]
}

reload() {
	local what=taken before

	[ "${1:-ok}" = ok ] || what=refused
	before=$($what)
	kill -HUP "${pid_of[celltlsd]}"
	wait_for 15 more_than "$before" $what
}

# Where programs find the channel.
socket_of() {
	echo "$dir/run/$1.sock"
}

# client CHANNEL STEP...
client() {
	local name=$1

	shift
	"$UCLIENT" --limit "${CLIENT_LIMIT:-90}" "$(socket_of "$name")" "$@" >"$dir/client.log" 2>&1
}

# The same in the background, as NAME; spawn_client NAME CHANNEL STEP...
spawn_client() {
	local name=$1 channel=$2

	shift 2
	spawn "$name" "$UCLIENT" --limit "${CLIENT_LIMIT:-90}" "$(socket_of "$channel")" "$@"
}

# said NAME PATTERN: a line of that process's log matches
said() {
	grep -Eq -- "$2" "$dir/$1.log"
}

same() {
	cmp "$1" "$2"
}

# is_prefix A B: the file A is how B begins
is_prefix() {
	cmp -n "$(stat -c %s "$1")" "$1" "$2"
}

sum() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# Anonymous memory of the daemon in KiB.
daemon_memory() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${pid_of[celltlsd]}/status"
}

# What holds after every test.
finish() {
	if [ -n "${pid_of[celltlsd]:-}" ]; then
		run_step 'Verify that the daemon ends when told to, and in order' daemon_ends
	fi
	run_step 'Verify that nothing tripped a sanitizer' no_sanitizer_report
	run_step 'Verify that no key is in a log or a trace' no_key_told
	echo PASS
}

daemon_ends() {
	stop celltlsd
	[ "$stopped" -eq 0 ]
	[ -z "$(find "$dir/run" -type s)" ]
}

no_sanitizer_report() {
	! grep -E 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$dir"/*.log
}

no_key_told() {
	local key=$dir/pki/client.key secret='PRIVATE KEY'

	[ ! -e "$key" ] || secret+=$'\n'$(sed -n 5p "$key")
	! grep -lF -e "$secret" "$dir"/*.log "$dir/trace" 2>/dev/null
}
