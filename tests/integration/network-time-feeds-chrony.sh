#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the network said of the time is in a file that everybody may read, the example gives it to chronyd, and it goes with the daemon.
# runs: once
# limit: 150
. "$TOP/tests/integration/lib.sh"

PATH=$PATH:/usr/sbin
need chronyd chronyc
script=$top/conf/examples/celltls-chrony/celltls-chrony

# The network's time is an hour ahead of the host, which then has a clock that is wrong.
network_s() {
	echo $(($(date +%s) + 3600))
}

network_tells() {
	module "nitz $(network_s)" | grep -q ok
}

near() { # NUMBER NUMBER
	local apart=$(($1 - $2))

	[ "${apart#-}" -le 3 ]
}

chrony_is_up() {
	chronyc -h "$dir/chrony/chronyd.sock" -n tracking
}

# What chronyd has been told lies in its list of samples: it does not touch the clock (-x).
told() {
	chronyc -h "$dir/chrony/chronyd.sock" -n -c manual list | grep -E '^0,.*,-(359|360)[0-9]'
}

refused() { # FILE
	! "$script" "$1"
}

begin
make_pki
start_peer until:x close
start_module
channel server server.example.com:443
start_daemon
run_step 'Verify that the modem gets ready' wait_for 30 said celltlsd '-> ready'
run_step 'Verify that there is no time before the network told one' test ! -e run/gw0.time
run_step 'Let the network tell it' network_tells
run_step 'Verify that it is written' wait_for 20 test -s run/gw0.time
read -r said boot <run/gw0.time
read -r uptime _ </proc/uptime
run_step 'Verify that it is the right one' near "$said" "$(network_s)"
run_step 'Verify that the boot time is now' near "${boot%.*}" "${uptime%.*}"
run_step 'Verify that all may read it' test "$(stat -c %a run/gw0.time)" = 644

mkdir -m 750 chrony
cat >chrony/chrony.conf <<-CONF
	manual
	port 0
	cmdport 0
	bindcmdaddress $dir/chrony/chronyd.sock
	pidfile $dir/chrony/chronyd.pid
CONF
spawn chronyd chronyd -U -x -d -f "$dir/chrony/chrony.conf" -u "$(id -un)"
run_step 'Verify that chronyd runs' wait_for 10 chrony_is_up
run_step 'Feed it' env CHRONYC="chronyc -h $dir/chrony/chronyd.sock" "$script" run/gw0.time
run_step 'Verify that it knows of the hour' told

printf '%s %s\n' 12345 "$boot" >old.time
run_step 'Verify that a time of 1970 is refused' refused old.time
printf '%s %s\n' "\$(reboot)" 1 >odd.time
run_step 'Verify that garbage is refused' refused odd.time
printf '%s %s\n' "$said" $((${boot%.*} + 1000)) >future.time
run_step 'Verify that a reading of the future is refused' refused future.time

finish
run_step 'Verify that the file is gone with the daemon' test ! -e run/gw0.time
