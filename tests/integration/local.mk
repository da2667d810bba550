# SPDX-License-Identifier: Apache-2.0
# The built programs against real servers and real clients: "make integration", not "make check"; see doc/testing.md.

check_PROGRAMS += tests/integration/tls-peer tests/integration/uclient
tests_integration_tls_peer_SOURCES = tests/integration/tls-peer.c tests/integration/script.c tests/integration/script.h
tests_integration_tls_peer_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
tests_integration_tls_peer_LDADD = $(OPENSSL_LIBS)
tests_integration_uclient_SOURCES = tests/integration/uclient.c tests/integration/script.c tests/integration/script.h
tests_integration_uclient_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(SYSTEMD_CFLAGS)
tests_integration_uclient_LDADD = $(OPENSSL_LIBS) $(SYSTEMD_LIBS)
EXTRA_DIST += demo tests/run tests/pki/make-pki.sh tests/integration/lib.sh

# make integration RUN="--jobs 1 fetches-a-page": those tests only
integration: all tests/integration/tls-peer tests/integration/uclient
	$(top_srcdir)/tests/run --build . $(RUN)
.PHONY: integration

# each test is found by its name, so that a new one is one new file; and ./check has the name of a target, which would be run
dist-hook:: dist-integration
dist-integration:
	$(MKDIR_P) "$(distdir)/tests/integration"
	cp -p $(srcdir)/tests/integration/*.sh "$(distdir)/tests/integration"
	cp -p $(srcdir)/check "$(distdir)"
.PHONY: dist-integration
