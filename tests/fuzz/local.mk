# SPDX-License-Identifier: Apache-2.0

if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz-conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz-conf.c
tests_fuzz_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_conf_LDADD = $(CELLTLS_LIBS)
endif
EXTRA_DIST += tests/fuzz/corpus/conf
