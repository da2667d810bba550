#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Root may steer a modem, another user may not, unless a rule of polkit says so; without polkit it is root alone.
# limit: 60
# shellcheck source=tests/system/lib.sh
. /usr/lib/celltls-tests/lib.sh

may_not() { # USER METHOD
	tells 'org.celltls1.Error.NotAuthorized' call "$1" /modem/gw0 Modem "$2"
}

rule() {
	cat >/etc/polkit-1/rules.d/50-test.rules <<-'RULE'
		polkit.addRule(function(action, subject) {
			if (action.id == "org.celltls1.control-modem" && subject.user == "app")
				return polkit.Result.YES;
		});
	RULE
	systemctl restart polkit.service
}

at_test_end() {
	rm -f /etc/polkit-1/rules.d/50-test.rules
	systemctl unmask --runtime polkit.service
}

begin
run_step 'Verify that the modem is ready' wait_for 20 modem_is ready
run_step 'Verify that a user may not reset' may_not app Reset
run_step 'Verify that he may not release the tty' may_not app Release
run_step 'Verify that he may not reload' tells 'org.celltls1.Error.NotAuthorized' call app '' Manager Reload
run_step 'Allow it to one user' rule
run_step 'Verify that this one may give up the tty' call app /modem/gw0 Modem Release
run_step 'Verify that this is so' modem_is released
run_step 'Verify that another may not' may_not stranger Acquire
run_step 'Take polkit away' systemctl mask --runtime --now polkit.service
run_step 'Verify that now nobody may' may_not app Acquire
run_step 'Verify that root may' call root /modem/gw0 Modem Acquire
run_step 'Verify that the modem comes up' wait_for 20 modem_is ready
