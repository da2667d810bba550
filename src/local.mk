# SPDX-License-Identifier: Apache-2.0
# Layers, upper includes lower only: base; conf; at; dialect; cert; modem; channel (the core, no I/O) - loop, port, shell (the world).

# base: shared with the simulator, which shares nothing else with the daemon
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/auto.h \
	src/base/xalloc.c src/base/xalloc.h \
	src/base/str.c src/base/str.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/buf.c src/base/buf.h \
	src/base/log.c src/base/log.h \
	src/base/tally.c src/base/tally.h \
	src/base/clock.c src/base/clock.h

# all of the daemon but main.c, for the tests
noinst_LIBRARIES += libcelltls.a
libcelltls_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(SYSTEMD_CFLAGS) $(CONFIG_CFLAGS) $(EVENT_CFLAGS)
libcelltls_a_SOURCES =
# conf: celltls.conf to structs, every mistake with its line; conf.c is the only user of libconfig
libcelltls_a_SOURCES += \
	src/conf/conf.h src/conf/conf-priv.h \
	src/conf/conf.c src/conf/conf-keys.c src/conf/conf-form.c src/conf/conf-scan.c src/conf/conf-report.c src/conf/conf-hint.c \
	src/conf/conf-load.c src/conf/conf-check.c src/conf/conf-host.c src/conf/conf-slot.c src/conf/conf-unbuilt.c src/conf/conf-diff.c \
	src/conf/secret.c src/conf/secret.h

CELLTLS_LIBS = libcelltls.a libbase.a $(OPENSSL_LIBS) $(SYSTEMD_LIBS) $(CONFIG_LIBS) $(EVENT_LIBS)

sbin_PROGRAMS += celltlsd
celltlsd_CPPFLAGS = $(libcelltls_a_CPPFLAGS)
celltlsd_SOURCES = src/main.c
celltlsd_LDADD = $(CELLTLS_LIBS)

# at: the engine, no I/O
libcelltls_a_SOURCES += \
	src/at/wire.h src/at/at-step.h src/at/at-priv.h \
	src/at/at-cmd.c src/at/at-cmd.h \
	src/at/at-line.c src/at/at-line.h \
	src/at/at.c src/at/at.h \
	src/at/at-payload.c src/at/at-sync.c src/at/at-text.c src/at/at-data.c src/at/at-data-out.c src/at/at-escape.c

# dialect: one file a dialect; secure-cmd is Cinterion's certificate store, as bytes
libcelltls_a_SOURCES += \
	src/at/dialect.h \
	src/dialect/3gpp.c src/dialect/3gpp.h \
	src/dialect/telit.c src/dialect/telit.h \
	src/dialect/cinterion.c src/dialect/cinterion.h \
	src/dialect/secure-cmd.c src/dialect/secure-cmd.h \
	src/dialect/dialects.c src/dialect/dialects.h

# modem: the module's life and its sockets, no I/O
libcelltls_a_SOURCES += \
	src/modem/modem-priv.h \
	src/modem/modem.c src/modem/modem.h \
	src/modem/modem-up.c src/modem/modem-ladder.c src/modem/modem-rate.c \
	src/modem/modem-events.c src/modem/modem-look.c src/modem/modem-turns.c \
	src/modem/modem-time.c src/modem/modem-command.c \
	src/modem/sock.c src/modem/sock.h src/modem/sock-online.c src/modem/sock-command.c src/modem/sock-dial.c \
	src/modem/slots.c

# channel: clients, their turns, their bytes; no I/O
libcelltls_a_SOURCES += \
	src/channel/app.h src/channel/channel-priv.h \
	src/channel/channel.c src/channel/channel.h \
	src/channel/session.c src/channel/session.h

# loop: only user of libevent
libcelltls_a_SOURCES += src/loop/loop.c src/loop/loop.h

# port: the tty as the core's wire (tty.c is the only user of termios), when to look for it, who has it
libcelltls_a_SOURCES += \
	src/port/tty.c src/port/tty.h \
	src/port/pace.c src/port/pace.h \
	src/port/port.c src/port/port.h \
	src/port/devwatch.c src/port/devwatch.h \
	src/port/holder.c src/port/holder.h

# channel, its sockets: the core's app, and where clients come in
libcelltls_a_SOURCES += \
	src/channel/names.c src/channel/names.h \
	src/channel/sockfile.c src/channel/sockfile.h \
	src/channel/reach.c src/channel/reach.h \
	src/channel/listener.c src/channel/listener.h \
	src/channel/client.c src/channel/client.h

# cert: certificates and keys; cert.c and cert-*.c are the daemon's only users of OpenSSL
libcelltls_a_SOURCES += \
	src/cert/cert-priv.h \
	src/cert/cert.c src/cert/cert.h src/cert/cert-heap.c src/cert/cert-key.c src/cert/cert-name.c \
	src/cert/record.c src/cert/record.h \
	src/cert/store.c src/cert/store.h

# bus: status and control on D-Bus; only user of sd-bus
libcelltls_a_SOURCES += \
	src/bus/bus.h src/bus/bus-priv.h \
	src/bus/bus.c src/bus/bus-objects.c src/bus/bus-text.c \
	src/bus/bus-manager.c src/bus/bus-modem.c src/bus/bus-channel.c src/bus/bus-statistics.c \
	src/bus/bus-news.c src/bus/bus-call.c src/bus/bus-auth.c src/bus/bus-owner.c

# daemon: the whole, put together
libcelltls_a_SOURCES += \
	src/port/trace.c src/port/trace.h \
	src/daemon/modem-unit.c src/daemon/modem-unit.h src/daemon/modem-files.c src/daemon/modem-files.h \
	src/daemon/modem-tty.c src/daemon/modem-tty.h \
	src/daemon/time-file.c src/daemon/time-file.h \
	src/daemon/channel-unit.c src/daemon/channel-unit.h \
	src/daemon/daemon.c src/daemon/daemon.h src/daemon/daemon-priv.h \
	src/daemon/notify.c src/daemon/notify.h src/daemon/journal.c src/daemon/journal.h \
	src/daemon/mistakes.c src/daemon/mistakes.h \
	src/daemon/reload.c src/daemon/control.c

# ctl: celltlsctl, all of it but main.c in a library for the tests; of the daemon it shares base only
noinst_LIBRARIES += libctl.a
libctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
libctl_a_SOURCES = \
	src/ctl/ctl.h \
	src/ctl/value.c src/ctl/value.h \
	src/ctl/text.c src/ctl/text.h \
	src/ctl/table.c src/ctl/table.h \
	src/ctl/human.c src/ctl/human.h \
	src/ctl/json.c src/ctl/json.h \
	src/ctl/prometheus.c src/ctl/prometheus.h \
	src/ctl/words.c src/ctl/words.h \
	src/ctl/problem.c src/ctl/problem.h \
	src/ctl/remote.c src/ctl/remote.h \
	src/ctl/status.c src/ctl/show.c src/ctl/monitor.c src/ctl/steer.c src/ctl/connect.c src/ctl/metrics.c
bin_PROGRAMS += celltlsctl
celltlsctl_CPPFLAGS = $(libctl_a_CPPFLAGS)
celltlsctl_SOURCES = src/ctl/main.c
celltlsctl_LDADD = libctl.a libbase.a $(SYSTEMD_LIBS)
