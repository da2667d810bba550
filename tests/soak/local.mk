# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += tests/soak/soak.sh

# make soak SOAK_MINUTES=600: the real programs, for long
soak: all tests/integration/tls-peer tests/integration/uclient
	BUILD=$(abs_builddir) $(top_srcdir)/tests/soak/soak.sh
.PHONY: soak
