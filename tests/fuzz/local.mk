# SPDX-License-Identifier: Apache-2.0

if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz-conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz-conf.c
tests_fuzz_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_conf_LDADD = $(CELLTLS_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz-at tests/fuzz/fuzz-line tests/fuzz/at-seeds
tests_fuzz_fuzz_at_SOURCES = tests/fuzz/fuzz-at.c
tests_fuzz_fuzz_at_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_at_LDADD = $(CELLTLS_LIBS)
tests_fuzz_fuzz_line_SOURCES = tests/fuzz/fuzz-line.c
tests_fuzz_fuzz_line_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_line_LDADD = $(CELLTLS_LIBS)

# The transcripts as seeds; to be run with  fuzz-at new/ tests/fuzz/at-corpus/
tests_fuzz_at_seeds_SOURCES = tests/fuzz/at-seeds.c tests/transcripts/transcript.c tests/transcripts/transcript.h
tests_fuzz_at_seeds_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_at_seeds_LDADD = libbase.a
noinst_DATA = tests/fuzz/at-corpus/stamp
CLEANFILES += tests/fuzz/at-corpus/*
tests/fuzz/at-corpus/stamp: tests/fuzz/at-seeds$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz/at-corpus && \
		tests/fuzz/at-seeds tests/fuzz/at-corpus $(srcdir)/tests/transcripts/*/*.at && : > $@
endif
EXTRA_DIST += tests/fuzz/corpus/conf tests/fuzz/corpus/line
