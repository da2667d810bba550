# SPDX-License-Identifier: Apache-2.0
# celltlsctl: its parts, and the program against a daemon of canned objects on a private bus

CTL_LIBS = libctl.a libbase.a $(SYSTEMD_LIBS)

if HAVE_CMOCKA
CTL_UNITS = tests/ctl/test-text tests/ctl/test-writers
check_PROGRAMS += $(CTL_UNITS)
TESTS += $(CTL_UNITS)
tests_ctl_test_text_SOURCES = tests/ctl/test-text.c tests/unit/unit.h
tests_ctl_test_text_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit
tests_ctl_test_text_LDADD = $(CTL_LIBS) $(CMOCKA_LIBS)
tests_ctl_test_writers_SOURCES = tests/ctl/test-writers.c tests/unit/unit.h
tests_ctl_test_writers_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/tests/unit
tests_ctl_test_writers_LDADD = $(CTL_LIBS) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/ctl/fake-daemon
tests_ctl_fake_daemon_SOURCES = tests/ctl/fake-daemon.c
tests_ctl_fake_daemon_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_ctl_fake_daemon_LDADD = libbase.a $(SYSTEMD_LIBS)

CTL_BEHAVIOURS = tests/ctl/status.sh tests/ctl/errors.sh tests/ctl/monitor.sh tests/ctl/connect.sh tests/ctl/metrics.sh
TESTS += $(CTL_BEHAVIOURS)
dist_check_SCRIPTS += $(CTL_BEHAVIOURS)
EXTRA_DIST += tests/ctl/lib.sh tests/ctl/scenes tests/ctl/golden
