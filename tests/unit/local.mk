# SPDX-License-Identifier: Apache-2.0

if HAVE_CMOCKA
# conf: each mistake of a configuration, and secret files
check_PROGRAMS += tests/unit/test-conf
TESTS += tests/unit/test-conf
tests_unit_test_conf_SOURCES = tests/unit/test-conf.c
tests_unit_test_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DSRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conf_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
endif
EXTRA_DIST += tests/unit/conf/full.conf
