# SPDX-License-Identifier: Apache-2.0
# Layers, upper includes lower only: base; conf; at; dialect; cert; modem; channel (the core, no I/O) - loop, port, shell (the world).

# base: shared with the simulator, which shares nothing else with the daemon
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/auto.h \
	src/base/xalloc.c src/base/xalloc.h \
	src/base/str.c src/base/str.h \
	src/base/buf.c src/base/buf.h \
	src/base/log.c src/base/log.h \
	src/base/clock.c src/base/clock.h

# all of the daemon but main.c, for the tests
noinst_LIBRARIES += libcelltls.a
libcelltls_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(SYSTEMD_CFLAGS) $(CONFIG_CFLAGS) $(EVENT_CFLAGS)
libcelltls_a_SOURCES =
CELLTLS_LIBS = libcelltls.a libbase.a $(OPENSSL_LIBS) $(SYSTEMD_LIBS) $(CONFIG_LIBS) $(EVENT_LIBS)

sbin_PROGRAMS += celltlsd
celltlsd_CPPFLAGS = $(libcelltls_a_CPPFLAGS)
celltlsd_SOURCES = src/main.c
celltlsd_LDADD = $(CELLTLS_LIBS)

# loop: only user of libevent
libcelltls_a_SOURCES += src/loop/loop.c src/loop/loop.h

# port: the tty as the core's wire; only user of termios
libcelltls_a_SOURCES += \
	src/port/tty.c src/port/tty.h \
	src/port/pace.c src/port/pace.h \
	src/port/port.c src/port/port.h

# channel, its sockets: the core's app, and where clients come in
libcelltls_a_SOURCES += \
	src/channel/names.c src/channel/names.h \
	src/channel/sockfile.c src/channel/sockfile.h \
	src/channel/listener.c src/channel/listener.h \
	src/channel/client.c src/channel/client.h

# cert: certificates and keys; cert.c is the daemon's only user of OpenSSL
libcelltls_a_SOURCES += \
	src/cert/cert.c src/cert/cert.h \
	src/cert/record.c src/cert/record.h \
	src/cert/store.c src/cert/store.h
