# SPDX-License-Identifier: Apache-2.0

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test-sim-telit
TESTS += tests/unit/test-sim-telit
tests_unit_test_sim_telit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
tests_unit_test_sim_telit_SOURCES = tests/unit/test-sim-telit.c
tests_unit_test_sim_telit_LDADD = libsim.a libbase.a $(CMOCKA_LIBS)
endif
