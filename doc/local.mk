# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += doc/celltlsd.8
EXTRA_DIST += doc/testing.md
dist_man_MANS += doc/celltls-sim.1
