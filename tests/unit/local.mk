# SPDX-License-Identifier: Apache-2.0

if HAVE_CMOCKA
# conf: each mistake of a configuration, and secret files
check_PROGRAMS += tests/unit/test-conf
TESTS += tests/unit/test-conf
tests_unit_test_conf_SOURCES = tests/unit/test-conf.c
tests_unit_test_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DSRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conf_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
# at: the engine
AT_TESTS = tests/unit/test-at-cmd tests/unit/test-at-line tests/unit/test-at tests/unit/test-at-late tests/unit/test-at-data
check_PROGRAMS += $(AT_TESTS)
TESTS += $(AT_TESTS)
tests_unit_test_at_cmd_SOURCES = tests/unit/test-at-cmd.c
tests_unit_test_at_cmd_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_cmd_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_line_SOURCES = tests/unit/test-at-line.c
tests_unit_test_at_line_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_line_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
AT_WORLD = tests/unit/at-world.c tests/unit/at-world.h
tests_unit_test_at_SOURCES = tests/unit/test-at.c $(AT_WORLD)
tests_unit_test_at_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_late_SOURCES = tests/unit/test-at-late.c $(AT_WORLD)
tests_unit_test_at_late_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_late_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
tests_unit_test_at_data_SOURCES = tests/unit/test-at-data.c $(AT_WORLD)
tests_unit_test_at_data_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_at_data_LDADD = $(CELLTLS_LIBS) $(CMOCKA_LIBS)
endif
EXTRA_DIST += tests/unit/conf/full.conf
