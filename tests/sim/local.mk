# SPDX-License-Identifier: Apache-2.0
# The simulator: all of it but main.c in a library, for the tests.
noinst_LIBRARIES += libsim.a
libsim_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(OPENSSL_CFLAGS)
libsim_a_SOURCES = \
	tests/sim/fifo.h \
	tests/sim/far.h \
	tests/sim/at.c tests/sim/at.h \
	tests/sim/card.c tests/sim/card.h \
	tests/sim/rtc.c tests/sim/rtc.h \
	tests/sim/fault.c tests/sim/fault.h \
	tests/sim/flash.c tests/sim/flash.h \
	tests/sim/module.c tests/sim/module.h \
	tests/sim/module-line.c \
	tests/sim/telit.c tests/sim/telit.h \
	tests/sim/telit-line.c \
	tests/sim/telit-power.c \
	tests/sim/telit-set.c \
	tests/sim/telit-net.c \
	tests/sim/telit-sock.c \
	tests/sim/telit-online.c \
	tests/sim/telit-ssl.c \
	tests/sim/telit-sec.c \
	tests/sim/telit-plain.c \
	tests/sim/cinterion.c tests/sim/cinterion.h \
	tests/sim/cinterion-line.c \
	tests/sim/cinterion-power.c \
	tests/sim/cinterion-set.c \
	tests/sim/cinterion-net.c \
	tests/sim/cinterion-serv.c \
	tests/sim/cinterion-conn.c \
	tests/sim/cinterion-sock.c \
	tests/sim/cinterion-online.c \
	tests/sim/cinterion-store.c \
	tests/sim/far-memory.c tests/sim/far-memory.h \
	tests/sim/far-openssl.c tests/sim/far-openssl.h \
	tests/sim/far-leaf.c tests/sim/far-leaf.h \
	tests/sim/far-tls.c tests/sim/far-tls.h \
	tests/sim/far-names.c tests/sim/far-names.h
SIM_LIBS = libsim.a libbase.a $(OPENSSL_LIBS)

bin_PROGRAMS += celltls-sim
celltls_sim_CPPFLAGS = $(libsim_a_CPPFLAGS)
celltls_sim_SOURCES = tests/sim/main.c tests/sim/control.c tests/sim/control.h tests/sim/pty.c tests/sim/pty.h \
	tests/sim/pty-rate.c
celltls_sim_LDADD = $(SIM_LIBS)
