# SPDX-License-Identifier: Apache-2.0
# The built programs against real servers and real clients: "make integration", not "make check"; see doc/testing.md.

check_PROGRAMS += tls-peer uclient
tls_peer_SOURCES = tests/integration/tls-peer.c tests/integration/script.c tests/integration/script.h
tls_peer_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
tls_peer_LDADD = $(OPENSSL_LIBS)
uclient_SOURCES = tests/integration/uclient.c tests/integration/script.c tests/integration/script.h
uclient_CPPFLAGS = $(tls_peer_CPPFLAGS)
uclient_LDADD = $(OPENSSL_LIBS)

integration: all $(check_PROGRAMS)
	$(top_srcdir)/tests/run --build . $(RUN)
.PHONY: integration
