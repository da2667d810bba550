# SPDX-License-Identifier: Apache-2.0
# A Debian, booted, with celltls installed by "make install": "./check --system", not "make check"; see doc/testing.md.
dist-hook:: dist-system
dist-system:
	$(MKDIR_P) "$(distdir)/tests/system"
	cp -p $(srcdir)/tests/system/* "$(distdir)/tests/system"
.PHONY: dist-system
