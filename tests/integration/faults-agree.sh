#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The faults of tests/agree.table end with the real programs as they do under the virtual clock (tests/simulation/test-agree.c).
# runs: once
# limit: 400
table=$TOP/tests/agree.table
together=${TOGETHER:-7} # cases at once; most of their time passes in waiting
back_ms=10000 # from the start of a daemon whose forerunner was killed until its modem is ready; the module of the cases takes no time
too_slow=75 # exit status of a case in which that took longer: the machine may have been busy, so twice more it may try

trimmed() { # TEXT
	local text=$1

	text=${text#"${text%%[![:space:]]*}"}
	echo "${text%"${text##*[![:space:]]}"}"
}

# ---- one case: CASE is its row

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

start_daemon_again() {
	local began took

	began=$(now_ms)
	start_daemon
	wait_for 60 said celltlsd 'gw0: .* -> ready'
	took=$(($(now_ms) - began))
	echo "  ready again after $took ms"
	[ "$took" -le "$back_ms" ] || exit "$too_slow"
}

happen() { # WORD
	case $1 in
	-) ;;
	kill)
		stop celltlsd KILL
		mv celltlsd.log killed.log
		start_daemon_again
		;;
	*) module "$1" | grep -q ok ;;
	esac
}

begin_moving() {
	spawn_client app server -both:up:300000:down.got
	wait_for 60 test -s down.got
	wait_for 30 test -s up.got
	sleep 1
	happen "$fault"
}

app_has_ended() {
	case $end in
	open) alive app ;;
	reset) wait_for 120 said app '^end (reset|pipe)' ;; # EPIPE: the app was writing
	over) wait_for 30 said app '^end' ;;
	esac
}

bytes_are_right() {
	case $prefix in
	none) test ! -s down.got ;;
	up) is_prefix up.got up ;;
	both) is_prefix up.got up && is_prefix down.got down ;;
	esac
}

run_case() {
	local name when fault undo end error prefix

	IFS='|' read -r name MODE when fault undo end error prefix <<<"$CASE"
	MODE=$(trimmed "$MODE") when=$(trimmed "$when") fault=$(trimmed "$fault") undo=$(trimmed "$undo")
	end=$(trimmed "$end") error=$(trimmed "$error") prefix=$(trimmed "$prefix")
	. "$TOP/tests/integration/lib.sh"

	begin
	make_pki
	head -c 300000 /dev/urandom >up
	head -c 300000 /dev/urandom >down
	start_peer -- -both:down:300000:up.got
	start_peer -n good -c server echo
	MODEM_KEYS="supervision = 10; certificates = ( { slot = \"ca\"; file = \"$dir/pki/ca.pem\"; } );"
	start_module --line-rate 115200
	channel server server.example.com:443
	channel good good.example.com:443 'wait_timeout = 300;'
	if [ "$when" = dial ]; then
		happen "$fault"
		start_daemon
		spawn_client app server -both:up:300000:down.got
	else
		start_daemon
		run_step "Let bytes go both ways; then: $fault" begin_moving
	fi
	[ "$end" != open ] || sleep 12
	run_step "Verify that the app's end is: $end" app_has_ended
	[ "$error" = - ] || run_step "Verify that the last error is: $error" said celltlsd "(channel server|modem gw0): .*($error)"
	run_step 'Verify that nothing foreign, doubled or missing is in the bytes' bytes_are_right
	happen "$undo"
	[ "$end" != open ] || stop app TERM
	CLIENT_LIMIT=300
	run_step 'Talk to a server again' wait_for 240 client good 'text:still there?' 'until:still there?' close
	finish
}

if [ -n "${CASE:-}" ]; then
	run_case
	exit
fi

# ---- all of them

results=$(mktemp -d "${TMPDIR:-/tmp}/celltls-agree-XXXXXX")
trap 'rm -rf "$results"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 143' HUP INT TERM

n=0
while IFS= read -r row; do
	name=$(trimmed "${row%%|*}")
	while [ "$(jobs -pr | wc -l)" -ge "$together" ]; do
		wait -n || true
	done
	{
		for _ in 1 2 3; do
			status=0
			CASE=$row bash "$0" >"$results/$name.log" 2>&1 || status=$?
			[ "$status" -eq "$too_slow" ] || break
		done
		echo "$status" >"$results/$name.status"
	} &
	n=$((n + 1))
done < <(grep '^[^#].*|' "$table")
wait

failed=0
for log in "$results"/*.log; do
	name=${log##*/}
	name=${name%.log}
	if [ "$(<"$results/$name.status")" = 0 ]; then
		echo "  $name: as in the table"
	else
		failed=$((failed + 1))
		echo "  $name: not as in the table"
		sed 's/^/    /' "$log"
	fi
done
echo "$n cases, $failed failed"
[ "$n" -ge 10 ] && [ "$failed" -eq 0 ]
