# SPDX-License-Identifier: Apache-2.0
# Transcripts: each driver's operations, to the byte; one program over the whole folder.
check_PROGRAMS += tests/transcripts/replay
tests_transcripts_replay_SOURCES = \
	tests/transcripts/replay.c tests/transcripts/replay.h \
	tests/transcripts/operations.c \
	tests/transcripts/transcript.c tests/transcripts/transcript.h
tests_transcripts_replay_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/transcripts
tests_transcripts_replay_LDADD = $(CELLTLS_LIBS)

TESTS += tests/transcripts/replay.sh
EXTRA_DIST += tests/transcripts/replay.sh tests/transcripts/telit tests/transcripts/cinterion
