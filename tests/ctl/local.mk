# SPDX-License-Identifier: Apache-2.0
# celltlsctl: its parts

CTL_LIBS = libctl.a libbase.a

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

