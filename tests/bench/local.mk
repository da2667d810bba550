# SPDX-License-Identifier: Apache-2.0
# "make bench" measures, and is no test: see doc/performance.md.  BENCH="--markdown FILE online command": options and rows.
EXTRA_PROGRAMS = tests/bench/bench
CLEANFILES += $(EXTRA_PROGRAMS)
tests_bench_bench_SOURCES = tests/bench/bench.c tests/bench/bench.h tests/bench/rig.c tests/bench/server.c tests/bench/app.c \
	tests/bench/host.c tests/bench/host.h tests/bench/host-telit.c \
	tests/bench/host-cinterion.c tests/bench/echo.c tests/bench/table.c tests/bench/recovery.c tests/bench/growth.c tests/bench/status.c
tests_bench_bench_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(SYSTEMD_CFLAGS)
tests_bench_bench_CFLAGS = $(AM_CFLAGS) -pthread
tests_bench_bench_LDADD = $(OPENSSL_LIBS) $(SYSTEMD_LIBS) -lpthread

bench: all tests/bench/bench
	tests/bench/bench --build . $(BENCH)
.PHONY: bench
