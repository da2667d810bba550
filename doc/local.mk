# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += doc/celltlsd.8
EXTRA_DIST += doc/performance.md doc/testing.md doc/architecture.md doc/writing-a-dialect.md
dist_man_MANS += doc/celltls-sim.1
dist_man_MANS += doc/celltlsctl.1
dist_man_MANS += doc/org.celltls1.5
