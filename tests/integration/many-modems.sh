#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sixteen modems in one daemon: all carry a session at once, and the troubles of some do not reach the others.
# runs: once
# limit: 150
. "$TOP/tests/integration/lib.sh"

modems=16 # and one whose PIN is wrong
bytes=16000 # that each app sends and gets back, twice, at 4000 a second

# In place of lib.sh's, which knows one modem.
write_config() {
	local i comma='' sections=''

	mkdir -p "$dir/run" "$dir/state"
	echo 9999 >"$dir/pin"
	chmod 600 "$dir/pin"
	{
		printf 'state_directory = "%s";\nruntime_directory = "%s";\nmodems = (\n' "$dir/state" "$dir/run"
		for ((i = 0; i <= modems; i++)); do
			printf '%s{ name = "gw%d"; device = "%s"; dialect = "telit"; baud = 0; pdp = { apn = "internet"; };%s }\n' \
			    "$comma" "$i" "$dir/modem$i" "$([ "$i" -lt "$modems" ] || echo " pin_file = \"$dir/pin\";")"
			sections+="$comma{ name = \"c$i\"; modem = \"gw$i\"; remote = \"server.example.com:443\"; mode = \"online\";"
			sections+=" socket = { group = \"$(id -gn)\"; }; tls = { verify = \"none\"; }; }"$'\n'
			channel_names+=("c$i")
			comma=,
		done
		printf ');\nchannels = (\n%s);\n' "$sections"
	} >"$dir/celltls.conf"
}

start_modules() {
	local i

	for ((i = 0; i <= modems; i++)); do
		spawn "module$i" "$CELLTLS_SIM" --family telit-ge --link "$dir/modem$i" --control "$dir/module$i.sock" --boot-ms 500 \
		    --sim-pin "$([ "$i" -lt "$modems" ] || echo 1234)" "${resolve[@]}"
	done
	wait_for 30 logs_with '^celltls-sim: .* on ' $((modems + 1)) "$dir"/module{0..16}.log
}

# logs_with PATTERN N FILE...: so many of the files have such a line
logs_with() {
	local pattern=$1 n=$2

	shift 2
	[ "$(grep -lE -- "$pattern" "$@" | wc -l)" -ge "$n" ]
}

# lines_with PATTERN N FILE: so many lines of it match
lines_with() {
	[ "$(grep -cE -- "$1" "$3")" -ge "$2" ]
}

# passes N FILE...: each of the apps has all back for the Nth time
passes() {
	local n=$1 file

	shift
	for file; do
		lines_with "^received $bytes " "$n" "$file" || return 1
	done
}

# each_has_its_own FROM TO: those apps got back what they sent
each_has_its_own() {
	local i

	for ((i = $1; i <= $2; i++)); do
		same blob "first$i" && same blob "second$i" || return 1
	done
}

no_end() {
	! logs_with '^end' 1 "$@"
}

stayed_ready() {
	! grep -E 'gw(5|6|7|8|9|1[0-5]): ready ->' "$dir/celltlsd.log"
}

tell_module() {
	"$UCLIENT" --limit 10 "$dir/module$1.sock" "text:$2\n" shut "sink:-" >/dev/null
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

begin
make_pki
start_peer echo
start_modules
head -c "$bytes" /dev/urandom >blob
start_daemon
run_step 'Verify that sixteen modems are ready' wait_for 60 lines_with '-> ready' "$modems" "$dir/celltlsd.log"
run_step 'Verify that the PIN of the last one is refused' wait_for 30 said celltlsd 'gw16: .*PIN'
for ((i = 0; i < modems; i++)); do
	spawn_client "app$i" "c$i" pace:1000:250 "both:blob:$bytes:first$i" "both:blob:$bytes:second$i" sleep:60000
done
run_step 'Verify that all have a session at once' wait_for 60 lines_with '^accepted' "$modems" "$dir/server.log"
begun=$(now_ms)
run_step 'Verify that all move their bytes' wait_for 60 passes 1 "$dir"/app{0..15}.log
before=$(($(now_ms) - begun))
begun=$(now_ms)
run_step 'One goes mute' tell_module 0 'mute on'
run_step 'One starts anew' tell_module 1 reset
run_step 'One is unplugged' tell_module 2 'unplug 3000'
run_step 'One babbles' tell_module 3 'garbage 60000'
run_step 'One loses its context' tell_module 4 drop-context
run_step 'Verify that the others go on' wait_for 60 passes 2 "$dir"/app{5..15}.log
during=$(($(now_ms) - begun))
run_step 'Verify that each got its own bytes' each_has_its_own 5 15
run_step "Verify that they were not slower: $during ms, $before ms before" test "$during" -le $((before * 3 + 5000))
run_step 'Verify that the unplugged one and that without a context are found out' wait_for 30 logs_with '^end ' 2 "$dir"/app{2,4}.log
run_step 'Verify that no other session ended' no_end "$dir"/app{5..15}.log
run_step 'Verify that none of the others left its state' stayed_ready
finish # eleven sessions run, one module is mute
