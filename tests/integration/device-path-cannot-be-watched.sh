#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where the kernel gives no inotify instance, the device is looked for every few seconds, and one warning names the sysctl.
# limit: 150
# root: yes
. "$TOP/tests/integration/lib.sh"

begin
make_pki
need unshare
unshare -Uc --keep-caps sh -c 'echo 0 >/proc/sys/user/max_inotify_instances' 2>/dev/null || not_run 'no user namespaces here'
start_peer until:x text:y close
channel server server.example.com:443
write_config
spawn celltlsd unshare -Uc --keep-caps sh -c 'echo 0 >/proc/sys/user/max_inotify_instances && exec "$@"' sh \
    "$CELLTLSD" --config "$dir/celltls.conf" --foreground --trace "$dir/trace"
wait_for 10 daemon_is_up
run_step 'Verify that the sysctl is named' wait_for 10 said celltlsd 'raise sysctl fs.inotify.max_user_instances'
sleep 6
start_module
run_step 'Verify that the device is found' wait_for 10 said celltlsd 'modem is open'
run_step 'Verify that the warning came once' test "$(grep -c 'max_user_instances' celltlsd.log)" -eq 1
run_step 'Talk to a server' client server text:x sink:got
run_step 'Verify that it answered' test "$(<got)" = y
finish
